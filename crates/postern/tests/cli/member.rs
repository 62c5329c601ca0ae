//! Members from the server's own terminal: nobody's account is opened by another way than its doors.

use crate::people;
use crate::place::Place;

/// The events of the log as `what` and the code of the refusal.
fn log(place: &Place) -> Vec<(String, Option<String>)> {
    let export = place.run(&["audit", "export"]).done();
    let lines =
        export.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON lines"));
    let events = lines.filter(|line| line.get("body").is_some());
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    events
        .map(|line| (text(&line["body"]["what"]).expect("a fact"), text(&line["body"]["refused"])))
        .collect()
}

fn fact(what: &str, refused: Option<&str>) -> (String, Option<String>) {
    (what.to_owned(), refused.map(str::to_owned))
}

const NORA: [&str; 7] =
    ["member", "add", "nora", "--group", "staff", "--address", "own-mail=nora@example.net"];

#[test]
fn a_member_is_added_listed_invited_and_off_boarded() {
    let place = Place::sqlite();
    place.run(&["member", "add", "mia", "--group", "staff"]).done();
    place.run(&[&NORA[..], &["--manager", "mia", "--display-name", "Nora North"]].concat()).done();
    let listed = place.run(&["member", "list"]).done();
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines, [["mia", "not", "enrolled", "staff"], ["nora", "not", "enrolled", "staff"]]);
    assert_eq!(place.run(&["member", "list", "or"]).done().lines().count(), 1);

    let invited = place.run(&["member", "invite", "NORA "]).done();
    assert!(!invited.contains("http"), "the link goes to the member, and to nobody else: {invited}");
    place.run(&["member", "offboard", "nora", "--reason", "left"]).done();
    assert!(place.run(&["member", "list", "nora"]).done().contains("off-boarded"));
    assert_eq!(
        log(&place),
        [
            fact("policy-applied", None),
            fact("member-added", None),
            fact("member-added", None),
            fact("ticket-issued", None),
            fact("member-offboarded", None)
        ]
    );
}

#[test]
fn what_is_refused_says_why_and_is_recorded() {
    let place = Place::sqlite();
    place.run(&NORA).done();
    place.run(&["member", "add", "lea", "--group", "staff"]).done();
    place.run(&["member", "offboard", "lea", "--reason", "left"]).done();
    for (arguments, code, what) in [
        (&NORA[..], "name-taken", "member-added"),
        (&["member", "add", "a b", "--group", "staff"], "not-acceptable", "member-added"),
        (
            &["member", "add", "x", "--group", "staff", "--manager", "nobody"],
            "not-acceptable",
            "member-added",
        ),
        (&["member", "add", "x", "--group", "staff", "--address", "fax=1"], "not-acceptable", "member-added"),
        (
            &["member", "add", "x", "--group", "staff", "--address", "own-mail=x"],
            "not-acceptable",
            "member-added",
        ),
        (&["member", "invite", "nobody"], "not-acceptable", "member-changed"),
        (&["member", "invite", "lea"], "offboarded", "ticket-issued"),
        (&["member", "offboard", "lea", "--reason", "again"], "offboarded", "member-offboarded"),
        (&["member", "recover", "nora", "--door", "assisted", "--reason", "lost"], "no-door", "case-opened"),
    ] {
        let outcome = place.run(arguments);
        assert_eq!(outcome.code, Some(1), "{arguments:?}: {}{}", outcome.out, outcome.err);
        assert_eq!(outcome.out, "", "{arguments:?}");
        assert!(outcome.err.starts_with(&format!("refused ({code}): ")), "{arguments:?}: {}", outcome.err);
        assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
        assert_eq!(log(&place).last(), Some(&fact(what, Some(code))), "{arguments:?}");
    }
}

#[test]
fn what_is_mistyped_is_a_usage_error() {
    let place = Place::sqlite();
    for arguments in [
        &["member"][..],
        &["member", "add", "x"],
        &["member", "add", "x", "--group", "staff", "--address", "own-mail"],
        &["member", "offboard", "x"],
        &["member", "open", "x"],
        &["audit", "prove", "first"],
        &["audit", "verify", "--export", "log.jsonl"],
    ] {
        let outcome = place.run(arguments);
        assert_eq!((outcome.code, outcome.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(outcome.err.contains("Usage") || outcome.err.contains("--help"), "{}", outcome.err);
    }
}

#[test]
fn recovery_from_the_terminal_opens_a_case_like_anybody_elses() {
    let place = Place::sqlite();
    let app = place.app();
    people::enrol(&app, ["sam".to_owned()].into_iter());
    app.committer().shut_down();
    let recover = |door| place.run(&["member", "recover", "sam", "--door", door, "--reason", "lost phone"]);
    let said = recover("assisted").done();
    let reference = said.split("reference").nth(1).and_then(|rest| rest.split_whitespace().next());
    assert_eq!(reference.expect("a reference is printed").len(), 9, "eight characters and a dash: {said}");
    assert!(said.contains(&format!("http://localhost:{}/recover/join", place.port)), "{said}");
    assert!(recover("back-door").err.starts_with("refused (not-at-this-door)"));
    let events = log(&place);
    assert_eq!(events[2..], [fact("case-opened", None), fact("case-opened", Some("not-at-this-door"))]);
}

#[test]
fn the_first_administrator_gets_a_ticket_until_one_is_enrolled() {
    let place = Place::sqlite();
    let first =
        || place.run(&["member", "first-administrator", "ada", "--address", "own-mail=ada@example.net"]);
    let link = |said: String| {
        let link = said.split_whitespace().find(|word| word.starts_with("http")).expect("a link is printed");
        link.to_owned()
    };
    let (one, other) = (link(first().done()), link(first().done()));
    assert!(one.starts_with(&format!("http://localhost:{}/enrol/", place.port)), "{one}");
    assert_ne!(one, other, "a new ticket takes the place of the old one");
    place.run(&["member", "add", "sam", "--group", "staff"]).done();
    let refused = place.run(&["member", "first-administrator", "sam"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.starts_with("refused (not-authorized)"), "{}", refused.err);

    let app = place.app();
    enrol_as_administrator(&app);
    app.committer().shut_down();
    let refused = first();
    assert_eq!(refused.code, Some(1), "somebody is enrolled: their doors are the only ones");
    assert!(!refused.out.contains("http"), "{}", refused.out);
    assert_eq!(log(&place).last(), Some(&fact("ticket-issued", Some("not-authorized"))));
}

/// Finishes the enrolment of `ada`, as far as the database is concerned.
fn enrol_as_administrator(app: &server::app::App) {
    use lifecycle::{Actor, Change, Decision, Fact, Facts, What};
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let peer = server::app::Peer::terminal();
    let enrolled = app.decide(None, &peer, |view, env| {
        let account = view.named("ada")?.expect("she was added").id;
        let fact = Fact::about(What::EnrolmentFinished, Actor::Terminal, Some(&account));
        let changes = vec![Change::SetEnrolled { account, at: env.now }];
        Ok(Decision { reply: (), changes, facts: Facts::one(fact) })
    });
    runtime.block_on(enrolled).expect("she can be enrolled");
}
