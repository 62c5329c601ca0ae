//! What keeps a server from starting: one clear line that says what to do, and exit code 2.

use std::net::TcpListener;

use crate::place::{COMPANY, Outcome, Place, exists, free_port};

/// 32 bytes in base64, and no key of any database.
const ANOTHER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

/// A place where a server has been before.
fn used() -> Place {
    let place = Place::sqlite();
    place.run(&["audit", "key"]).done();
    place
}

fn serve(place: &Place) -> Outcome {
    place.run(&["serve"])
}

#[test]
fn a_server_starts_and_stops_when_told() {
    let place = Place::sqlite();
    let said = place.serve().stop();
    assert!(said.contains("a new master key was made: back it up"), "{said}");
    assert!(said.contains("postern member first-administrator"), "{said}");
    let mode = |name: &str| {
        use std::os::unix::fs::PermissionsExt;
        let found = std::fs::metadata(place.path(name)).expect("the server made it");
        found.permissions().mode() & 0o777
    };
    assert_eq!((mode("data"), mode("data/master.key"), mode("data/postern.sqlite")), (0o700, 0o600, 0o600));
}

#[test]
fn a_port_in_use_is_named() {
    let place = used();
    let _other = TcpListener::bind(("127.0.0.1", place.port)).expect("the port is free");
    let address = format!("listening on 127.0.0.1:{}", place.port);
    serve(&place).cannot_run(&[&address, "in use", "set `listen` to another one"]);
}

#[test]
fn a_metrics_port_in_use_is_named_before_anything_is_served() {
    let place = used();
    let port = free_port();
    let _other = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    place.configure("\n[console]", &format!("metrics = \"127.0.0.1:{port}\"\n\n[console]"));
    let outcome = serve(&place);
    assert_eq!(outcome.code, Some(2));
    let last = outcome.err.lines().last().unwrap_or_default();
    assert!(last.starts_with(&format!("error: listening on 127.0.0.1:{port}: ")), "{}", outcome.err);
    assert!(!outcome.err.contains("serving"), "{}", outcome.err);
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    // Modes mean nothing to root, so the folder lies below a file.
    let place = Place::sqlite();
    place.write("occupied", "");
    place.configure("data = \"data\"", "data = \"occupied/data\"");
    serve(&place).cannot_run(&["making the data folder", "occupied/data", "set `data` to a folder"]);
}

#[test]
fn a_data_folder_that_is_a_file_is_named() {
    let place = Place::sqlite();
    place.write("data", "");
    serve(&place).cannot_run(&["making the data folder", "set `data` to a folder"]);
}

#[test]
fn a_wrong_master_key_is_told_from_damage() {
    let place = used();
    place.write_secret("data/master.key", ANOTHER_KEY, 0o600);
    serve(&place).cannot_run(&["the master key is not the one", "restore the right master key"]);
}

#[test]
fn a_wrong_master_key_of_the_environment_is_told_too() {
    let place = used();
    let mut command = place.command(&["serve"]);
    command.env("POSTERN_MASTER_KEY", ANOTHER_KEY.trim());
    Outcome::of(&mut command).cannot_run(&["the master key is not the one"]);
    let mut command = place.command(&["serve"]);
    command.env("POSTERN_MASTER_KEY", "secret words");
    let outcome = Outcome::of(&mut command);
    assert!(!outcome.err.contains("secret words"), "a key, even a bad one, is never printed");
    outcome.cannot_run(&["POSTERN_MASTER_KEY", "not 32 bytes in base64"]);
}

#[test]
fn a_master_key_that_is_gone_is_not_replaced() {
    let place = used();
    std::fs::remove_file(place.path("data/master.key")).expect("the server made it");
    serve(&place).cannot_run(&["data/master.key", "does not exist", "restore it from its backup"]);
    assert!(!exists(&place.path("data/master.key")), "a new key would open nothing");
}

#[test]
fn a_master_key_that_others_may_read_is_refused() {
    let place = used();
    let key = std::fs::read_to_string(place.path("data/master.key")).expect("the server made it");
    for mode in [0o640, 0o604, 0o620] {
        place.write_secret("data/master.key", &key, mode);
        serve(&place).cannot_run(&["data/master.key", "others than its owner", "chmod 600"]);
    }
}

#[test]
fn a_damaged_master_key_is_named_and_not_shown() {
    let place = used();
    place.write_secret("data/master.key", "half a secret", 0o600);
    let outcome = serve(&place);
    assert!(!outcome.err.contains("half a secret"), "a key, even a bad one, is never printed");
    outcome.cannot_run(&["data/master.key", "not 32 bytes in base64", "restore it from its backup"]);
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let place = used();
    let database = rusqlite::Connection::open(place.path("data/postern.sqlite")).expect("it is a database");
    database.execute("INSERT INTO schema_version (version) VALUES (999)", []).expect("the SQL runs");
    serve(&place).cannot_run(&["schema version 999", "run the newer postern"]);
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let place = used();
    place.write("data/postern.sqlite", &"no database at all\n".repeat(1000));
    serve(&place).cannot_run(&["data/postern.sqlite", "not a database"]);
}

#[test]
fn a_postgres_that_is_not_there_is_named_without_its_password() {
    let place = Place::sqlite();
    let url = format!("postgres://postern:geheim@127.0.0.1:{}/postern", free_port());
    place.configure("\n[console]", &format!("database = \"{url}\"\n\n[console]"));
    let outcome = serve(&place);
    assert!(!outcome.err.contains("geheim"), "{}", outcome.err);
    outcome.cannot_run(&["connecting to PostgreSQL", "refused", "check that the PostgreSQL server runs"]);
}

#[test]
fn a_database_url_that_is_none_is_named_without_its_password() {
    let place = Place::sqlite();
    for url in
        ["postgres://postern:geheim@127.0.0.1:port/postern", "mysql://postern:geheim@localhost/postern"]
    {
        place.configure("\n[console]", &format!("database = \"{url}\"\n\n[console]"));
        let outcome = serve(&place);
        assert!(!outcome.err.contains("geheim"), "{}", outcome.err);
        outcome.cannot_run(&["reading the database URL", "write it as postgres://"]);
        place.configure(&format!("database = \"{url}\"\n"), "");
    }
}

#[test]
fn a_postgres_server_starts_and_stops_when_told() {
    let place = Place::postgres();
    assert!(place.serve().stop().contains("a new master key was made"));
    assert!(!place.serve().stop().contains("a new master key was made"));
}

#[test]
fn a_policy_with_errors_prints_what_check_prints_and_nothing_is_touched() {
    let place = Place::sqlite();
    let leak = COMPANY.replace("company.toml", "leaks");
    for file in std::fs::read_dir(&leak).expect("the examples are there") {
        let policy = file.expect("the folder can be read").path().display().to_string();
        let checked = place.run(&["check", &policy]);
        assert_eq!(checked.code, Some(1), "{policy} has errors");
        let name = format!("policy = \"{policy}\"");
        place.configure(&format!("policy = \"{COMPANY}\""), &name);
        for command in [&["serve"][..], &["member", "list"], &["keys", "rotate"]] {
            let refused = place.run(command);
            assert_eq!(refused.code, Some(1), "{policy}: {command:?}");
            assert_eq!(refused.out, "");
            assert!(
                refused.err.contains(checked.out.trim_end()),
                "{}\nis not in\n{}",
                checked.out,
                refused.err
            );
        }
        assert!(!exists(&place.path("data")), "the policy comes first");
        place.configure(&name, &format!("policy = \"{COMPANY}\""));
    }
}

#[test]
fn a_policy_that_is_not_there_is_named() {
    let place = Place::sqlite();
    place.configure(COMPANY, "nowhere.toml");
    serve(&place).cannot_run(&["reading the policy", "nowhere.toml", "give the path of a policy file"]);
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let place = Place::sqlite();
    place.run(&["serve", "--config", "nowhere.toml"]).cannot_run(&["nowhere.toml", "`--config`"]);
}

#[test]
fn a_malformed_configuration_is_named_with_its_line() {
    let place = Place::sqlite();
    for (from, to, words) in [
        ("[console]", "[console", "line"),
        ("listen = \"127.0.0.1:", "listen = \"nowhere:", "listen"),
        ("listen = \"127.0.0.1:", "listen = \"127.0.0.1:9", "listen"),
        ("[console]", "[konsole]", "konsole"),
        ("agents = ", "agent = ", "agent"),
        ("data = \"data\"", "data = 7", "data"),
        ("policy = ", "# ", "policy"),
    ] {
        let whole = std::fs::read_to_string(place.path("postern-server.toml")).expect("it was written here");
        place.configure(from, to);
        serve(&place).cannot_run(&["postern-server.toml", words, "docs/reference/configuration.md"]);
        place.write("postern-server.toml", &whole);
    }
}

#[test]
fn an_origin_that_browsers_would_not_trust_is_refused() {
    let place = Place::sqlite();
    let good = format!("http://localhost:{}", place.port);
    for origin in
        ["http://login.example.com", "login.example.com", "https://example.com/login", "ftp://example.com"]
    {
        place.configure(&good, origin);
        serve(&place).cannot_run(&[origin, "https://login.example.com"]);
        place.configure(origin, &good);
    }
}

#[test]
fn a_console_population_that_the_policy_lacks_is_named() {
    let place = Place::sqlite();
    place.configure("[\"admins\"]", "[\"admin\"]");
    serve(&place).cannot_run(&["`admin`", "no such population", "admins"]);
}
