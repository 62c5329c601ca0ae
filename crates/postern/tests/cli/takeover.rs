//! `postern takeover --member`: one real account, as the database has it.

use crate::database::TestDatabase;
use crate::place::{COMPANY, Place};

/// Gives a member what enrolment would have bound, and confirms their addresses.
pub(crate) fn bind(place: &Place, name: &str, authenticators: &[(&str, &str)]) {
    let database = place.path("data/postern.sqlite");
    let database = rusqlite::Connection::open(database).expect("the commands made it");
    for (number, (authenticator, kind)) in (0_i64..).zip(authenticators) {
        let sql = "INSERT INTO authenticator (id, account, name, kind, label, state, bound_at, bound_by, failures, \
                   last_step, sealed) SELECT name || ?2, id, ?3, ?4, '', 'active', 0, 'enrol', 0, 0, x'' \
                   FROM account WHERE name = ?1";
        let added = database.execute(sql, rusqlite::params![name, number, authenticator, kind]);
        assert_eq!(added.expect("the table takes it"), 1, "{name} is there");
    }
    let confirm =
        "UPDATE address SET confirmed_at = 1 WHERE account = (SELECT id FROM account WHERE name = ?1)";
    database.execute(confirm, [name]).expect("the table takes it");
}

fn company() -> Place {
    let place = Place::sqlite();
    place.run(&["member", "add", "alice", "--group", "staff", "--address", "own-mail=a@example.org"]).done();
    place.run(&["member", "add", "alina", "--group", "staff"]).done();
    place.run(&["member", "add", "guest", "--group", "visitors"]).done();
    bind(&place, "alice", &[("passkey", "passkey"), ("codes", "recovery-codes")]);
    place
}

#[test]
fn a_member_is_told_by_what_they_hold_and_where_they_are_reached() {
    let place = company();
    for address in [["--db", "data/postern.sqlite"], ["--config", "postern-server.toml"]] {
        let told = place.run(&[&["takeover", COMPANY, "--member", " Alice"][..], &address].concat());
        let told = told.done();
        assert!(told.starts_with("alice, of staff: "), "{told}");
        for words in ["holds passkey, codes", "reached by own-mail\n", "effort ", "    1. ", "locked out by"]
        {
            assert!(told.contains(words), "`{words}` in:\n{told}");
        }
    }
    let json = place.run(&[
        "takeover",
        COMPANY,
        "--member",
        "alice",
        "--db",
        "data/postern.sqlite",
        "--format",
        "json",
    ]);
    let json: serde_json::Value = serde_json::from_str(&json.done()).expect("one object");
    assert_eq!(json["member"], "alice");
    assert_eq!(json["addresses"], serde_json::json!([["own-mail"]]));
    assert_eq!(json["holds"], serde_json::json!(["codes", "passkey"]));
    assert!(json["takeover"]["any"].as_array().is_some_and(|ways| !ways.is_empty()), "{json}");
}

#[test]
fn who_cannot_be_told_is_one_clear_line() {
    let place = company();
    let asked =
        |member: &str| place.run(&["takeover", COMPANY, "--member", member, "--db", "data/postern.sqlite"]);
    asked("alicia").cannot_run(&["no member is named `alicia`", "there are alice, alina"]);
    asked("zoe").cannot_run(&["no member is named `zoe`", "postern member list"]);
    asked("alina").cannot_run(&["`alina`, of staff, holds nothing yet"]);
    asked("guest").cannot_run(&["`guest` has no door", "(visitors)"]);
    place.run(&["takeover", COMPANY, "--member", "alice"]).cannot_run(&["no database is named", "--db URL"]);
    place
        .run(&["takeover", COMPANY, "--member", "alice", "--db", "data/none.sqlite"])
        .cannot_run(&["none.sqlite", "there is no such file"]);
    place.run(&["takeover", COMPANY, "--member", "alice", "--db", COMPANY]).cannot_run(&["company.toml"]);
}

#[test]
fn the_database_may_be_postgresql() {
    let database = TestDatabase::postgres().migrated();
    let place = Place::sqlite();
    let server::store::driver::Database::Postgres(url) = &database.database else {
        panic!("it was asked for")
    };
    place
        .run(&["takeover", COMPANY, "--member", "alice", "--db", url])
        .cannot_run(&["no member is named `alice`"]);
}

#[test]
fn a_directory_is_judged_member_by_member() {
    let place = company();
    place.run(&["member", "add", "bob", "--group", "staff", "--address", "own-mail=b@example.org"]).done();
    bind(&place, "bob", &[("totp", "totp")]);
    let judged = place.run(&["assess", COMPANY, "--db", "data/postern.sqlite", "--format", "json"]);
    assert_eq!(
        judged.code,
        Some(1),
        "Bob's account is weaker: he cannot sign in, and is recovered all the same"
    );
    let judged: serde_json::Value = serde_json::from_str(&judged.out).expect("one object");
    assert_eq!((&judged["members"], &judged["without_population"]), (&4.into(), &1.into()));
    let staff = &judged["populations"][0];
    assert_eq!((&staff["population"], &staff["members"]), (&"staff".into(), &3.into()));
    assert_eq!(staff["cannot_sign_in"], 1, "an app without a password signs nobody in");
    assert_eq!(staff["hold_nothing"], 1);
    assert_eq!((&staff["weaker"], &staff["not-weaker"]), (&1.into(), &1.into()));
    let told = place.run(&["assess", COMPANY, "--config", "postern-server.toml"]).out;
    assert!(told.contains("staff, by weakest way in"), "{told}");
    place.run(&["assess", COMPANY]).cannot_run(&["no database is named"]);
    // A configuration or another file in the place of a database is not a damaged one.
    for other in ["postern-server.toml", COMPANY] {
        let refused = place.run(&["assess", COMPANY, "--db", other]);
        assert!(!refused.err.contains("restore a backup"), "{}", refused.err);
        refused.cannot_run(&[other, "it is no Postern database", "`--config`"]);
    }
}

#[test]
fn what_falls_is_told_with_the_members_whom_it_takes() {
    let place = company();
    let blast = |arguments: &[&str]| place.run(&[&["blast", COMPANY][..], arguments].concat());
    let told = blast(&["--falls", "sync-account", "--db", "data/postern.sqlite"]).done();
    assert!(told.contains("staff: 1 of 1 member fall"), "{told}");
    assert!(told.contains("1. take the account that syncs the passkeys of the member"), "{told}");
    let json = blast(&["--falls", "own-mail", "--falls", "codes", "--format", "json"]).done();
    let json: serde_json::Value = serde_json::from_str(&json).expect("one object");
    assert_eq!(json["falls"], serde_json::json!(["channel.own-mail", "authenticator.codes"]));
    assert!(blast(&[]).done().starts_with("what falls"));
    blast(&["--falls", "mailbx(own-mail)"]).cannot_run(&["did you mean `mailbox`?"]);
}
