//! `postern import`: what is written where, exit codes, and files that are not taken.

use crate::place::{Outcome, Place, exists};

const REALM: &str = include_str!("../../../policy/tests/import/fixtures/stock-realm.json");
const HOME: &str = include_str!("../../../policy/tests/import/fixtures/home.yml");

/// Nothing to mend: one app, guarded by nothing but a password, and no way round it.
const PLAIN: &str = "authentication_backend:\n  password_reset: {disable: true}\naccess_control:\n  rules:\n  \
                     - {domain: a.example.com, policy: one_factor}\nsession: {remember_me: -1}\n";

#[track_caller]
fn import(product: &str, file: &str) -> (Place, Outcome) {
    let place = Place::sqlite();
    place.write("given", file);
    let outcome = place.run(&["import", product, "given"]);
    (place, outcome)
}

#[test]
fn an_imported_policy_is_written_and_checked() {
    for (product, file, finding) in [
        ("keycloak", REALM, "`recover.reset-credentials` is weaker than the login"),
        ("authelia", HOME, "`recover.elevated-session` is weaker than the login"),
    ] {
        let (place, outcome) = import(product, file);
        assert_eq!(outcome.code, Some(1), "{}", outcome.err);
        assert!(outcome.err.contains(finding), "{}", outcome.err);
        assert!(!outcome.out.contains("P0101"), "the standard output is the policy alone");
        // What was printed is a policy, with the same findings.
        place.write("policy.toml", &outcome.out);
        let checked = place.run(&["check", "policy.toml"]);
        assert_eq!(checked.code, Some(1), "{}", checked.err);
        assert!(outcome.err.ends_with(&checked.out.replace("policy.toml", "(imported)")), "{}", outcome.err);
    }
}

#[test]
fn what_has_no_error_exits_with_0() {
    let (_, outcome) = import("authelia", PLAIN);
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    assert!(outcome.out.contains("[app.a-example-com]"), "{}", outcome.out);
}

#[test]
fn what_was_not_understood_is_printed() {
    let (_, outcome) = import("authelia", &format!("{HOME}super_guard: on\n"));
    assert!(outcome.err.contains("note: `super_guard` is no setting that is known here"), "{}", outcome.err);
}

#[test]
fn a_file_is_never_replaced_unasked() {
    let place = Place::sqlite();
    place.write("given", HOME);
    place.write("policy.toml", "mine");
    let run = |more: &[&str]| {
        place.run(&[&["import", "authelia", "given", "--output", "policy.toml"], more].concat())
    };
    run(&[]).cannot_run(&["policy.toml", "there already", "--force"]);
    let read = || std::fs::read_to_string(place.path("policy.toml")).expect("it is there");
    assert_eq!(read(), "mine");
    let outcome = run(&["--force"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (Some(1), ""), "{}", outcome.err);
    assert!(read().contains("[population.two-factor]"), "{}", read());
    assert!(outcome.err.contains("--> policy.toml:"), "findings name the file: {}", outcome.err);
    let outcome = place.run(&["import", "authelia", "given", "--output", "new.toml"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.err);
    assert!(exists(&place.path("new.toml")));
}

#[test]
fn what_cannot_be_imported_is_refused_in_one_line() {
    let place = Place::sqlite();
    place.write("compose.yml", "services:\n  web: {image: nginx}\n");
    place.write("other.json", "{\"strategy\": \"auth0\"}");
    std::fs::write(place.path("zip"), b"PK\x03\x04\0\0").expect("the folder is writable");
    place.write("bomb.yml", &bomb());
    place.write("deep.yml", &"- ".repeat(100_000));
    std::fs::write(place.path("huge"), vec![b'#'; policy::import::MOST_BYTES + 1])
        .expect("the disk has room");
    for (product, file, words) in [
        ("keycloak", "missing.json", ["missing.json", "No such file"]),
        ("keycloak", ".", ["`.`", "directory"]),
        ("keycloak", "other.json", ["other.json", "no realm export"]),
        ("keycloak", "zip", ["zip", "not text"]),
        ("keycloak", "huge", ["huge", "larger than 16 MiB"]),
        ("authelia", "compose.yml", ["compose.yml", "no configuration of Authelia"]),
        ("authelia", "bomb.yml", ["bomb.yml", "aliases"]),
        ("authelia", "deep.yml", ["deep.yml", "nested"]),
        ("authelia", "huge", ["huge", "larger than 16 MiB"]),
    ] {
        place.run(&["import", product, file]).cannot_run(&words);
    }
}

fn bomb() -> String {
    let level = |n: usize| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "));
    (1..12).fold("a0: &a0 [lol, lol, lol]\n".to_owned(), |text, n| text + &level(n))
}
