//! Where the ways are too many to list: what is proved all the same, and that every format says what it leaves out.

use std::sync::LazyLock;

use policy::blast::{self, Kind, Scene};
use policy::diff::{self, Judged};
use policy::model::{Date, PopulationIx};
use policy::profile::{Chains, Profile};
use policy::render::{self, graph, human, json, report, takeover};
use policy::takeover::{DoorName, NewWays, Verdict};
use policy::{Checked, Ranking, Source, check};
use serde_json::Value;

const TODAY: Date = Date { year: 2026, month: 11, day: 28 };

/// Two populations that recover each other by three people.
const RING: &str = r#"
version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }
[authenticator]
passkey      = { kind = "passkey", on = "phone" }
security-key = { kind = "security-key", on = "key-ring" }
[channel]
own-mail = { kind = "email", protected = "mfa" }
mobile   = { kind = "sms", on = "phone" }
[approver]
helpdesk = { population = "agents" }
managers = { population = "staff" }
[app.payroll]
for = ["staff"]
[population.staff]
proofing = "ial1"
login    = { require = "passkey or security-key" }
offboard = { within = "60s" }
[population.staff.recover.desk]
require = "issued(own-mail) and proofing(video) and approval(helpdesk, 3)"
binds   = ["passkey", "security-key"]
wait    = "24h"
notify  = ["own-mail", "mobile"]
[population.agents]
proofing = "ial1"
login    = { require = "passkey or security-key" }
offboard = { within = "60s" }
[population.agents.recover.manager]
require = "issued(own-mail) and proofing(video) and approval(managers, 3)"
binds   = ["passkey", "security-key"]
wait    = "24h"
notify  = ["own-mail", "mobile"]
"#;

const STAFF: PopulationIx = PopulationIx(0);
const DESK: DoorName = DoorName::Recover(0);

fn checked(text: &str) -> (Source, Checked) {
    let source = Source::single("ring.toml", text);
    let checked = check(&source, TODAY);
    (source, checked)
}

static WHOLE: LazyLock<(Source, Checked)> = LazyLock::new(|| checked(RING));

/// By the design's efforts: a stolen and unlocked key is 16, and three people who are deceived, a phished code, a deepfake and an
/// unnoticed day are 2 + 4 + 3 * 4 + 4 at least.
#[test]
fn verdicts_are_proved_and_nobody_is_refused_a_policy() {
    let (_, checked) = &*WHOLE;
    let reading = &checked.analysis.as_ref().expect("it is read").populations[usize::from(STAFF.0)];
    assert!(!reading.truncated);
    assert_eq!(reading.up_to(), Some(16));
    for profile in &reading.profiles {
        let door = profile.door(DESK).expect("it has that door");
        assert_eq!((profile.verdict, door.verdict), (Verdict::NotWeaker, Verdict::NotWeaker));
        assert_eq!(NewWays::of(door, profile.up_to), NewWays::Above(16));
        assert!(profile.any.iter().all(|way| way.effort <= 16));
    }
    let found: Vec<&str> = checked.diagnostics.iter().map(|found| found.rule.name()).collect();
    assert_eq!(found, ["partly-listed", "partly-listed"]);
    assert!(checked.clone().enforce().is_ok());
}

/// Three deceived agents and a phished code are 14: less than a stolen key's 16, and more than a synchronized passkey's 8.
#[test]
fn what_is_weaker_is_found_among_more_ways_than_are_listed() {
    let weaker = RING.replace(
        "and proofing(video) and approval(helpdesk, 3)\"\nbinds   = [\"passkey\", \"security-key\"]\nwait    = \"24h\"",
        "and approval(helpdesk, 3)\"\nbinds   = [\"passkey\", \"security-key\"]",
    );
    let (_, checked) = checked(&weaker);
    let reading = &checked.analysis.as_ref().expect("it is read").populations[usize::from(STAFF.0)];
    assert!(reading.up_to().is_some(), "this is about a ring that is not wholly listed");
    let found = checked.diagnostics.iter().find(|found| found.rule.name() == "recovery-weaker-than-login");
    let found = found.expect("it is found");
    assert_eq!(found.at, "population.staff.recover.desk");
    assert!(found.label.contains("effort 14"), "{}", found.label);
    assert!(checked.enforce().is_err());
}

#[test]
fn people_are_told_what_is_left_out() {
    let (source, checked) = &*WHOLE;
    let subject = report::Subject { policy: "p", source, checked, today: TODAY, version: "0" };
    for printed in [
        human::render(source, checked, false),
        takeover::accounts(checked),
        takeover::app(checked, 0),
        report::html(&subject),
    ] {
        assert!(printed.contains("effort 16") && printed.contains("left out"), "{printed}");
        assert!(!printed.contains("unproved"), "{printed}");
    }
    let page = report::html(&subject);
    assert!(page.contains("above 16"), "the door's own ways cost more: {page}");
    let svg = graph::svg(checked, graph::Form::File);
    assert!(svg.contains("effort above 16") && !svg.contains("no new way in"), "{svg}");
}

/// What `takeover --member` prints of one of the staff who holds a key.
fn member(text: &str) -> String {
    let (_, checked) = checked(text);
    let (model, analysis) = (checked.model.as_ref().expect("read"), checked.analysis.as_ref().expect("read"));
    let addresses = [vec!["own-mail"], vec!["mobile"]];
    let ranking = Ranking::of(model, analysis);
    let profile = Profile::of_names(model, &ranking, &["staff".to_owned()], ["security-key"], addresses);
    let profile = profile.expect("staff are ruled");
    let reading = profile.read(model).expect("its verdict is proved");
    json::member(model, "mia", &profile, &reading)
}

/// Somebody who cannot sign in any more has a chain all the same, and a plan must not fail for them.
#[test]
fn whoever_cannot_sign_in_is_judged_however_dear_the_way_back_is() {
    let text = RING
        .replace("3)", "4)")
        .replace("[channel]", "totp = { kind = \"totp\", on = \"phone\" }\n[channel]");
    let (_, checked) = checked(&text);
    let (model, analysis) = (checked.model.as_ref().expect("read"), checked.analysis.as_ref().expect("read"));
    let ranking = Ranking::of(model, analysis);
    let addresses = [vec!["own-mail"], vec!["mobile"]];
    let profile = Profile::of_names(model, &ranking, &["staff".to_owned()], ["totp"], addresses);
    let profile = profile.expect("staff are ruled");
    let reading = profile.read(model).expect("its verdict is proved");
    assert_eq!((reading.verdict, reading.any.len()), (Verdict::Weaker, 0));
    let standing = Chains::new(model).standing(&profile).expect("its verdict is proved");
    assert_eq!((standing.verdict, standing.weakest, standing.above), (Verdict::Weaker, None, reading.up_to));
    let told = takeover::member(model, "bob", &profile, &reading);
    assert!(told.contains("every way in takes more than effort") && !told.contains("no way in"), "{told}");
}

#[test]
fn programs_are_told_what_is_left_out() {
    let (source, checked) = &*WHOLE;
    let printed: Value = serde_json::from_str(&json::render("p", source, checked)).expect("it is JSON");
    let staff = &printed["populations"]["staff"];
    assert_eq!(staff["listed_up_to"], 16);
    assert_eq!(printed["apps"]["payroll"]["staff"]["listed_up_to"], 16);
    assert_eq!(staff["profiles"][0]["verdict"], "not-weaker");
    let printed: Value = serde_json::from_str(&member(&RING.replace("3)", "4)"))).expect("it is JSON");
    assert_eq!((&printed["listed_up_to"], &printed["verdict"]), (&16.into(), &"not-weaker".into()));
    let subject = report::Subject { policy: "p", source, checked, today: TODAY, version: "0" };
    let printed: Value = serde_json::from_str(&report::json(&subject)).expect("it is JSON");
    assert_eq!(
        (&printed["truncated"], &printed["populations"][0]["listed_up_to"]),
        (&false.into(), &16.into())
    );
}

#[test]
fn a_comparison_is_no_proof_where_what_it_leaves_out_may_have_changed() {
    let (_, whole) = &*WHOLE;
    let names = render::diff::Names { before: "a", after: "b" };
    let compared = |text: &str| {
        let (_, changed) = checked(text);
        let of = |checked| Judged::of(checked).expect("it can be read");
        let diff = diff::between(of(whole), of(&changed), TODAY).expect("it is compared");
        let printed = render::diff::human(&diff, names, false);
        (diff.weakens(), diff.weakens_nothing(), diff.up_to, printed)
    };
    // What follows from the same rules is the same, listed or not.
    assert_eq!(compared(RING), (false, true, None, "b means the same as a\n".to_owned()));
    let another = format!("{RING}[population.guests]\nlogin = {{ require = \"passkey\" }}\n");
    let (weakens, weakens_nothing, up_to, _) = compared(&another);
    assert_eq!((weakens, weakens_nothing, up_to), (false, true, None));
    let fewer = RING.replace("and approval(helpdesk, 3)", "and approval(helpdesk, 2)");
    let (weakens, weakens_nothing, up_to, printed) = compared(&fewer);
    assert_eq!((weakens, weakens_nothing, up_to), (false, false, Some(16)));
    assert!(printed.contains("not proved") && printed.contains("more than effort 16"), "{printed}");
    // Whoever is new to an application is compared with those who had it.
    let opened = RING.replace("for = [\"staff\"]", "for = [\"staff\", \"agents\"]");
    let (_, weakens_nothing, up_to, _) = compared(&opened);
    assert_eq!((weakens_nothing, up_to), (false, Some(16)));
    // A way that is listed is found.
    let cheaper = RING.replace("and proofing(video) and approval(helpdesk, 3)", "and approval(helpdesk)");
    let (weakens, weakens_nothing, ..) = compared(&cheaper);
    assert_eq!((weakens, weakens_nothing), (true, false));
}

/// Ways of three deeds cost 24 at most. Agents who recover each other besides are too many for one account alone.
#[test]
fn what_falls_is_told_for_all_ways_of_three_deeds() {
    let (_, checked) = checked(&RING.replace("3)", "4)"));
    let (model, analysis) = (checked.model.as_ref().expect("read"), checked.analysis.as_ref().expect("read"));
    let scene = Scene::new(model, Kind::allowed(analysis)).expect("it is read");
    let falls = [blast::parse(model, "steal(key-ring)").expect("it can fall")];
    let blast = scene.fall(&falls).expect("it is read");
    assert_eq!(blast.up_to, Some(24));
    let subject = render::blast::Subject { model, analysis, scene: &scene };
    let told = render::blast::fall(subject, &falls, &blast, false);
    assert!(told.contains("more than effort 24"), "{told}");
    // Whoever has the key has only to unlock it.
    assert!(told.contains("unlock(member,key-ring)"), "{told}");
}
