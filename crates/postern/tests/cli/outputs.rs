//! What the command writes for other programs and for other people: pictures, reports, completions, manual pages.

use crate::place::{Outcome, Place};

const LEAK: &str = include_str!("../../../../examples/leaks/mailbox-counts-twice.toml");
const COMPANY: &str = include_str!("../../../../examples/company.toml");

fn run(policy: &str, arguments: &[&str]) -> Outcome {
    let place = Place::sqlite();
    std::fs::write(place.path("policy.toml"), policy).expect("the folder is writable");
    place.run(arguments)
}

#[test]
fn every_output_has_the_exit_code_of_the_check() {
    for arguments in [
        &["check", "policy.toml", "--format", "sarif"][..],
        &["check", "policy.toml", "--format", "github"],
        &["graph", "policy.toml"],
        &["graph", "policy.toml", "--format", "dot"],
        &["report", "policy.toml"],
        &["report", "policy.toml", "--format", "json"],
        &["report", "policy.toml", "--format", "oscal"],
    ] {
        for (policy, code) in [(COMPANY, 0), (LEAK, 1)] {
            let outcome = run(policy, arguments);
            assert_eq!(outcome.code, Some(code), "{arguments:?}: {}", outcome.err);
            assert!(!outcome.out.is_empty(), "{arguments:?}");
        }
    }
}

/// Sixteen times one of two things: 65,536 ways in, each of them minimal, are more than can be listed.
fn crowd() -> String {
    let pairs: Vec<String> = (0..16).map(|i| format!("(t{i} or k{i})")).collect();
    let kinds = (0..16).map(|i| {
        format!("[authenticator.t{i}]\nkind = 'totp'\non = 'p{i}'\n[authenticator.k{i}]\nkind = 'hotp'\n")
    });
    let kinds: String = kinds.collect();
    format!(
        "version = 1\n[organization]\nname = 'Example Ltd'\ndomain = 'example.com'\nsupport = 'it@example.com'\n\
         [attacker]\nignore = ['phish']\n[population.staff]\ngroups = ['staff']\n\
         [population.staff.login]\nrequire = '{}'\n{kinds}",
        pairs.join(" and ")
    )
}

#[test]
fn what_was_not_proved_is_no_verdict_of_any_command() {
    let place = Place::sqlite();
    place.write("policy.toml", &crowd());
    for arguments in [
        &["check", "policy.toml"][..],
        &["graph", "policy.toml"],
        &["report", "policy.toml", "--format", "oscal"],
    ] {
        let outcome = place.run(arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {}", outcome.err);
    }
    place.configure("policy = ", "policy = \"policy.toml\" # ");
    let outcome = place.run(&["serve"]);
    assert_eq!(outcome.code, Some(1), "nobody serves it: {}", outcome.err);
    assert!(outcome.err.contains("nothing is proved"), "{}", outcome.err);
}

#[test]
fn what_cannot_be_read_is_neither_drawn_nor_reported_on() {
    for arguments in [&["graph", "policy.toml"][..], &["report", "policy.toml", "--format", "oscal"]] {
        let outcome = run("version =", arguments);
        assert_eq!((outcome.code, outcome.out.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(outcome.err.contains("P0001"), "{}", outcome.err);
    }
}

#[test]
fn an_unknown_population_is_named() {
    let outcome = run(COMPANY, &["graph", "policy.toml", "--population", "staf"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.err.contains("`staf`") && outcome.err.contains("`staff`"), "{}", outcome.err);
}

#[test]
fn every_shell_is_told_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let outcome = run("", &["completions", shell]);
        assert_eq!(outcome.code, Some(0), "{shell}: {}", outcome.err);
        for command in ["check", "graph", "report", "takeover"] {
            assert!(outcome.out.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let place = Place::sqlite();
    let outcome = place.run(&["man", "pages"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    for page in ["postern.1", "postern-check.1", "postern-audit-verify.1"] {
        let text = std::fs::read_to_string(place.path("pages").join(page)).unwrap_or_default();
        assert!(text.contains(".TH"), "{page}");
    }
}

#[test]
fn manual_pages_that_cannot_be_written_say_where() {
    let place = Place::sqlite();
    std::fs::write(place.path("file"), "in the way").expect("the folder is writable");
    let outcome = place.run(&["man", "file"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.err.contains("cannot be written to file"), "{}", outcome.err);
}
