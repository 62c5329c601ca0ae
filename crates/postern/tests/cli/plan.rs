//! `postern plan` and `postern apply`: what a policy would do to the members of a real database, and how it comes into
//! force in a running server.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::people;
use crate::place::{COMPANY as COMPANY_FILE, Outcome, Place, exists};

const COMPANY: &str = include_str!("../../../../examples/company.toml");

fn on_both(body: impl Fn(&Place)) {
    body(&Place::sqlite());
    body(&Place::postgres());
}

/// The company with some of its text replaced; the first of each alone.
fn company(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(COMPANY.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the company's policy has no `{from}`");
        text.replacen(from, to, 1)
    })
}

/// Staff sign in with passkeys alone; without the door that counts on their password.
fn passkeys() -> String {
    let text = company(&[("passkey or (password and totp)", "passkey")]);
    let (before, rest) =
        text.split_once("[population.staff.recover.what-you-kept]").expect("it has that door");
    let (_, after) = rest.split_once("[population.staff.recover.assisted]").expect("and that one after it");
    format!("{before}[population.staff.recover.assisted]{after}")
}

/// Half as long to notice a recovery, for staff.
fn hasty() -> String {
    company(&[("wait    = \"24h\"", "wait    = \"12h\"")])
}

/// Sam and Lea are staff with password, app and codes; Mia has not enrolled.
fn with_people(place: &Place) {
    let app = place.app();
    people::enrol(&app, ["sam", "lea"].map(str::to_owned).into_iter());
    app.committer().shut_down();
    place.run(&["member", "add", "mia", "--group", "staff"]).done();
}

fn plan(place: &Place, policy: &str, more: &[&str]) -> Outcome {
    place.write("new.toml", policy);
    place.run(&[&["plan", "new.toml", "--config", "postern-server.toml"], more].concat())
}

/// What the log records, event by event.
fn log(place: &Place) -> Vec<Value> {
    let lines = place.run(&["audit", "export"]).done();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is JSON Lines"));
    // Checkpoints stand between the events.
    lines.filter_map(|line| line.get("body").cloned()).collect()
}

#[test]
fn a_plan_says_who_must_add_what_and_changes_nothing() {
    on_both(|place| {
        with_people(place);
        let before = place.run(&["audit", "export"]).done();
        let outcome = plan(place, &passkeys(), &["--members"]);
        let said = &outcome.out;
        assert_eq!(outcome.code, Some(1), "two cannot sign in any more: {said}{}", outcome.err);
        for line in [
            "! who holds `password` and `totp`: must recover, signed in before",
            "population  members  not enrolled  sign in  must add  locked out  easier  harder",
            "staff             3             1        0         2           0       0       3",
            "! 2 sign in today and could not any more before they have added something",
            "! 2 must add `passkey`",
            "members: of 3 would be locked out 0, easier to take over 0, and 2 must add something",
        ] {
            assert!(said.lines().any(|other| other.trim() == line), "it says `{line}`:\n{said}");
        }
        let named: Vec<&str> = said.lines().rev().take_while(|line| !line.is_empty()).collect();
        assert_eq!(named.len(), 3, "{said}");
        assert!(named[2].starts_with("lea ") && named[2].contains("must add passkey"), "{said}");
        // Her manager vouches for her, who is phished no longer.
        assert!(named[1].starts_with("mia ") && named[1].contains("harder to take over"), "{said}");
        assert_eq!(place.run(&["audit", "export"]).done(), before);
    });
}

#[test]
fn whoever_is_left_without_a_door_is_counted_and_is_an_error() {
    on_both(|place| {
        with_people(place);
        let nobody = company(&[("groups   = [\"staff\"]", "groups   = [\"employees\"]")]);
        let outcome = plan(place, &nobody, &["--format", "json", "--members"]);
        assert_eq!(outcome.code, Some(1), "{}", outcome.err);
        let plan: Value = serde_json::from_str(&outcome.out).expect("it is JSON");
        let gone = &plan["populations"][0];
        assert_eq!((&gone["name"], &gone["locked_out"]), (&Value::Null, &json!(3)), "{plan:#}");
        assert_eq!(gone["from"], json!([{ "population": "staff", "members": 3 }]));
        let names: Vec<&Value> =
            plan["affected"].as_array().expect("a list").iter().map(|member| &member["name"]).collect();
        assert_eq!(names, ["lea", "mia", "sam"]);
        assert_eq!(plan["affected"][0]["after"], "locked-out");
    });
}

/// The same, and everything but a passkey has another name: what Sam and Lea hold, the policy does not know.
fn renamed() -> String {
    let kinds = ["password", "totp", "recovery-codes"].map(|kind| format!("kind = \"{kind}\""));
    let mut text = passkeys();
    for (number, kind) in kinds.iter().enumerate() {
        text = text.replace(kind, &format!("kind = {number}"));
    }
    for (old, new) in [("password", "secret"), ("totp", "app"), ("codes", "sheet")] {
        text = text.replace(old, new);
    }
    kinds
        .iter()
        .enumerate()
        .fold(text, |text, (number, kind)| text.replace(&format!("kind = {number}"), kind))
}

#[test]
fn whoever_holds_only_what_the_new_policy_does_not_know_is_not_new_to_it() {
    let place = Place::sqlite();
    with_people(&place);
    let (before, rest) = renamed()
        .split_once("[population.staff.recover.assisted]")
        .map(|(before, rest)| (before.to_owned(), rest.to_owned()))
        .expect("it has that door");
    let (_, after) = rest.split_once("[population.staff.offboard]").expect("and that one after it");
    let shut = format!("{before}[population.staff.offboard]{after}");
    for (policy, locked_out, standing) in [(renamed(), 0, "must-recover"), (shut, 2, "locked-out")] {
        let outcome = plan(&place, &policy, &["--format", "json", "--members"]);
        let plan: Value = serde_json::from_str(&outcome.out).expect("it is JSON");
        let found = ["not_enrolled", "lose_sign_in", "locked_out"].map(|name| &plan["populations"][0][name]);
        assert_eq!(found, [&json!(1), &json!(2), &json!(locked_out)], "{plan:#}");
        assert_eq!((&plan["harmful"], outcome.code != Some(0)), (&json!(true), true), "{}", outcome.err);
        assert_eq!(plan["affected"][0]["after"], standing, "{plan:#}");
    }
}

#[test]
fn an_easier_enrolment_makes_accounts_easier_that_wait_for_their_owner() {
    let place = Place::sqlite();
    with_people(&place);
    let vouched = "invite(own-mail) and (proofing(in-person) or (approval(manager) and approval(helpdesk)))";
    let outcome =
        plan(&place, &company(&[(vouched, "invite(own-mail)")]), &["--format", "json", "--members"]);
    let plan: Value = serde_json::from_str(&outcome.out).expect("it is JSON");
    let staff = &plan["populations"][0];
    assert_eq!((&staff["not_enrolled"], &staff["easier"]), (&json!(1), &json!(1)), "{plan:#}");
    assert_eq!(
        (&plan["affected"][0]["name"], &plan["affected"][0]["safety"]),
        (&json!("mia"), &json!("easier"))
    );
}

#[test]
fn a_plan_is_made_for_a_database_of_this_version_alone() {
    let place = Place::sqlite();
    plan(&place, COMPANY, &[]).cannot_run(&["data/postern.sqlite", "there is no such file"]);
    assert!(!exists(&place.path("data")), "who only looks makes nothing");
    with_people(&place);
    let file = place.path("data/postern.sqlite");
    let named = plan(&place, COMPANY, &["--db", &file.display().to_string()]);
    assert!(named.done().contains("means the same"));
    let database = rusqlite::Connection::open(&file).expect("it is a database");
    database.execute_batch("INSERT INTO schema_version (version) VALUES (99)").expect("the SQL runs");
    plan(&place, COMPANY, &[]).cannot_run(&["version 99"]);
}

#[test]
fn apply_refuses_errors_weakening_and_silence() {
    let place = Place::sqlite();
    with_people(&place);
    let before = place.run(&["audit", "export"]).done();
    for (policy, arguments, words) in [
        (
            company(&[("issued(own-mail) and approval(helpdesk)", "issued(own-mail)")]),
            &["--yes"][..],
            "it has errors",
        ),
        (hasty(), &["--yes"], "--accept-weaker"),
        (hasty(), &["--yes", "--accept-weaker", "  "], "--accept-weaker"),
        (passkeys(), &["--yes"], "--accept-weaker"),
        (passkeys(), &["--accept-weaker", "keys were sent"], "nobody confirmed it"),
        (
            company(&[("domain  = \"example.com\"", "domain  = \"example.org\"")]),
            &["--yes", "--accept-weaker", "we moved"],
            "organization.domain",
        ),
    ] {
        place.write("new.toml", &policy);
        let outcome = place.run(&[&["apply", "new.toml"], arguments].concat());
        assert_eq!(outcome.code, Some(1), "{words}: {}{}", outcome.out, outcome.err);
        assert!(outcome.err.contains("not applied") && outcome.err.contains(words), "{}", outcome.err);
    }
    assert_eq!(place.run(&["audit", "export"]).done(), before);
}

#[test]
fn apply_does_not_shut_the_console_nor_open_it_to_others_in_silence() {
    let place = Place::sqlite();
    with_people(&place);
    let renamed = COMPANY.replace("population.admins", "population.root").replace("\"admins\"", "\"root\"");
    let more = company(&[("[\"domain-admins\"]", "[\"domain-admins\", \"trainees\"]")]);
    for (policy, arguments, words) in [
        (&renamed, &["--yes", "--accept-weaker", "another name"][..], "looking up `admins` of `[console]`"),
        (&more, &["--yes"], "--accept-weaker"),
    ] {
        place.write("new.toml", policy);
        let outcome = place.run(&[&["apply", "new.toml"], arguments].concat());
        assert_eq!(outcome.code, Some(1), "{words}: {}{}", outcome.out, outcome.err);
        assert!(outcome.err.contains("not applied") && outcome.err.contains(words), "{}", outcome.err);
    }
    assert!(place.run(&["apply", "new.toml"]).out.contains("- group `trainees` may use the console now"));
}

#[test]
fn a_policy_in_force_that_cannot_be_read_any_more_is_replaced_with_a_reason() {
    let place = Place::sqlite();
    with_people(&place);
    let app = place.app();
    let before = app.policy().digest().to_owned();
    // As an earlier version of the language may have read it.
    let unreadable =
        policy::Source::single("postern.toml", "version = 1\nsubject = \"of another language\"\n");
    let mut conn = server::store::driver::Conn::open(&app.config().database()).expect("the database opens");
    conn.write(|tx| server::store::policies::install(tx, Some(&before), &unreadable, app.now()))
        .expect("it is put there behind everybody's back");
    app.committer().shut_down();
    drop(conn);

    place.write("new.toml", &hasty());
    let refused = place.run(&["apply", "new.toml", "--yes"]);
    assert_eq!(refused.code, Some(1), "{}{}", refused.out, refused.err);
    assert!(refused.out.contains("cannot be read, so nothing can be compared"), "{}", refused.out);
    assert!(refused.err.contains("--accept-weaker"), "{}", refused.err);
    let moved = company(&[("domain  = \"example.com\"", "domain  = \"example.org\"")]);
    place.write("moved.toml", &moved);
    let refused = place.run(&["apply", "moved.toml", "--yes", "--accept-weaker", "the language moved on"]);
    assert!(refused.err.contains("organization.domain"), "the log knows its domain: {}", refused.err);

    place.run(&["apply", "new.toml", "--yes", "--accept-weaker", "the language moved on"]).done();
    let log = log(&place);
    let fact = log.iter().rfind(|event| event["what"] == "policy-applied").expect("it was recorded");
    let with = &fact["with"];
    assert_eq!(
        (&with["instead-of"], &with["reason"]),
        (&json!(unreadable.digest()), &json!("the language moved on"))
    );
    assert_eq!(with["members"], Value::Null, "what is not known is not claimed");
    assert!(place.run(&["audit", "verify"]).done().starts_with("all "));
    place.serve().stop();
}

#[test]
fn a_configured_file_that_cannot_run_stops_nobody_where_another_policy_is_in_force() {
    let place = Place::sqlite();
    with_people(&place);
    place.write("broken.toml", "version = 1\n");
    place.configure(&format!("policy = \"{COMPANY_FILE}\""), "policy = \"broken.toml\"");
    let said = place.serve().stop();
    assert!(said.contains("it goes on with the policy in force"), "{said}");
}

#[test]
fn a_running_server_takes_the_policy_over_and_the_log_says_so() {
    on_both(|place| {
        with_people(place);
        let serving = place.serve();
        place.write("new.toml", &hasty());
        let applied = place.run(&["apply", "new.toml", "--yes", "--accept-weaker", "pilot until May"]).done();
        assert!(applied.contains("In force: sha256:"), "{applied}");
        let digest = digest_of(&place.path("new.toml"));

        // It says that it serves again, under the other policy. Looking takes a process, and time enough.
        let restarted =
            |event: &Value| event["what"] == "server-started" && event["policy"] == digest.as_str();
        let is_over = (0..200).any(|_| log(place).iter().any(restarted));
        assert!(is_over, "the server takes it over");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
        let page = runtime.block_on(Browser::new(place.port).get("/sign-in")).expect("it answers");
        assert_eq!(page.status, 200);
        serving.stop();

        let log = log(place);
        let fact = log.iter().rfind(|event| event["what"] == "policy-applied").expect("it was recorded");
        let with = &fact["with"];
        assert_eq!((&fact["actor"], &with["digest"]), (&json!("terminal"), &json!(digest)));
        assert_eq!(with["instead-of"], digest_of(std::path::Path::new(COMPANY_FILE)));
        assert_eq!((&with["reason"], &with["weakens"]), (&json!("pilot until May"), &json!("1")));
        assert_eq!((&with["members"], &with["locked-out"]), (&json!("3"), &json!("0")));
        assert!(with["user"].as_str().is_some_and(|user| !user.is_empty()), "{fact}");
        assert!(place.run(&["audit", "verify"]).done().starts_with("all "));
        // The configured file is another one by now; what is in force stays in force.
        let said = place.serve().stop();
        assert!(said.contains("the configured file is not the policy in force"), "{said}");
        assert!(said.contains(&digest), "{said}");
        assert!(plan(place, &hasty(), &[]).done().contains("means the same"));
    });
}

/// As `sha256sum` prints it.
fn digest_of(path: &std::path::Path) -> String {
    use sha2::{Digest, Sha256};
    let bytes = std::fs::read(path).expect("it was written");
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}
