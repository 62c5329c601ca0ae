//! What a change of policy does: laws that hold between any two policies, and changes as a person reads them.

mod common;

use common::Dice;
use policy::diff::{self, Aspect, Change, Diff, Effect, Holding, Judged, Subject, Value};
use policy::model::{Date, Model, Requirement, Term};
use policy::render::diff::{Names, human, json};
use policy::takeover::{self, Takeover};
use policy::{Checked, Source, check};
use proptest::prelude::*;

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// `None`: too many ways to list.
fn between(before: &Model, after: &Model) -> Option<Diff> {
    let (old, new) = (takeover::analyse(before), takeover::analyse(after));
    let before = Judged { model: before, analysis: &old, digest: "old" };
    diff::between(before, Judged { model: after, analysis: &new, digest: "new" }, TODAY).ok()
}

/// The changes of the way back, in an order of its own.
fn mirrored(diff: &Diff) -> Vec<String> {
    let turned = |change: &Change| {
        let Change { subject, aspect, effect, before, after } = change.clone();
        let subject = match subject {
            Subject::Groups { names, from, to } => Subject::Groups { names, from: to, to: from },
            other => other,
        };
        Change { subject, aspect, effect: effect.reversed(), before: after, after: before }
    };
    sorted(diff.changes.iter().map(turned))
}

fn sorted(changes: impl Iterator<Item = Change>) -> Vec<String> {
    let mut all: Vec<String> = changes.map(|change| format!("{change:?}")).collect();
    all.sort();
    all
}

fn is_way(change: &Change) -> bool {
    matches!(change.aspect, Aspect::WayIn(_) | Aspect::WayToEnrol | Aspect::WayIntoApp { .. })
}

/// The requirements of every door, of logins only if so asked.
fn requirements(model: &mut Model, logins: bool) -> Vec<&mut Requirement> {
    let mut all = vec![];
    for population in &mut model.populations {
        if logins {
            all.push(&mut population.login.require);
        }
        all.extend(population.enrol.iter_mut().map(|enrol| &mut enrol.door.require));
        all.extend(population.bind.iter_mut().map(|door| &mut door.require));
        all.extend(population.recover.iter_mut().map(|recover| &mut recover.door.require));
    }
    all
}

/// One more term at some door, joined to what it required; terms come from that door or from a login.
fn changed(model: &Model, dice: &mut Dice, logins: bool, join: fn(Vec<Requirement>) -> Requirement) -> Model {
    let mut changed = model.clone();
    let login = changed.populations[0].login.require.clone();
    let mut doors = requirements(&mut changed, logins);
    let index = usize::from(dice.below(doors.len()));
    let terms: Vec<Term> = login.terms().chain(doors[index].terms()).copied().collect();
    let term = Requirement::Term(dice.one_of(&terms));
    let required = doors[index].clone();
    *doors[index] = join(vec![required, term]);
    changed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_policy_does_not_differ_from_itself(mut dice in common::dice()) {
        let model = common::random_model(&mut dice);
        if let Some(diff) = between(&model, &model.clone()) {
            prop_assert!(diff.is_empty(), "{:#?}", diff.changes);
        }
    }

    #[test]
    fn the_way_back_is_the_mirror_image(mut dice in common::dice(), mut other in common::dice()) {
        let before = common::random_model(&mut dice);
        let mut after = common::random_model(&mut other);
        common::ignore_more(&mut after, &mut other);
        if let (Some(there), Some(back)) = (between(&before, &after), between(&after, &before)) {
            prop_assert_eq!(sorted(there.changes.iter().cloned()), mirrored(&back));
        }
    }

    #[test]
    fn another_alternative_at_a_door_strengthens_nothing(mut dice in common::dice()) {
        let before = common::random_model(&mut dice);
        let after = changed(&before, &mut dice, true, Requirement::Any);
        if let Some(diff) = between(&before, &after) {
            let stronger = diff.changes.iter().find(|change| change.effect == Effect::Strengthens);
            prop_assert!(stronger.is_none(), "{stronger:#?}");
        }
    }

    /// Not so at a login: whoever must show more there has a better session, and with it reaches what was out of reach
    /// for everybody before.
    #[test]
    fn another_requirement_at_a_door_makes_no_takeover_easier(mut dice in common::dice()) {
        let before = common::random_model(&mut dice);
        let after = changed(&before, &mut dice, false, Requirement::All);
        if let Some(diff) = between(&before, &after) {
            let easier = diff.changes.iter().find(|change| is_way(change) && change.effect == Effect::Weakens);
            prop_assert!(easier.is_none(), "{easier:#?}");
        }
    }

    /// Where nobody else is concerned, a way is new exactly if no old set of words is a part of it.
    #[test]
    fn new_ways_in_are_those_that_contain_no_old_one(mut dice in common::dice(), mut other in common::dice()) {
        let (before, mut after) = (common::random_model(&mut dice), common::random_model(&mut other));
        after.attacker = before.attacker.clone();
        let ways = |model: &Model| -> Option<Vec<Vec<String>>> {
            let analysis = takeover::analyse(model);
            let everything = analysis.populations[0].everything()?;
            let written = |way: &Takeover| way.capabilities.iter().map(ToString::to_string).collect();
            Some(everything.any.iter().map(written).collect())
        };
        let (Some(old), Some(new), Some(diff)) = (ways(&before), ways(&after), between(&before, &after)) else {
            return Ok(());
        };
        let concerns_others = |ways: &[Vec<String>]| ways.iter().flatten().any(|deed| deed.contains('#'));
        prop_assume!(!concerns_others(&old) && !concerns_others(&new));
        let mut expected: Vec<Vec<String>> = new
            .into_iter()
            .filter(|way| !old.iter().any(|earlier| earlier.iter().all(|deed| way.contains(deed))))
            .collect();
        let mut found: Vec<Vec<String>> = diff
            .changes
            .iter()
            .filter(|change| change.effect == Effect::Weakens)
            .filter(|change| change.subject == Subject::Population(before.populations[0].name.clone()))
            .filter_map(|change| match (&change.aspect, &change.after) {
                (Aspect::WayIn(holdings), Some(Value::Way(way))) if holdings.contains(&Holding::Everything) => {
                    Some(way.capabilities.clone())
                }
                _ => None,
            })
            .collect();
        expected.sort();
        found.sort();
        prop_assert_eq!(found, expected);
    }
}

const BASE: &str = r#"version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }

[authenticator.passkey]
kind = "passkey"
on   = "phone"

[authenticator.password]
kind = "password"

[authenticator.totp]
kind = "totp"
on   = "phone"

[authenticator.codes]
kind = "recovery-codes"
on   = "paper"

[channel.own-mail]
kind      = "email"
protected = "mfa"

[channel.mobile]
kind = "sms"
on   = "phone"

[approver.helpdesk]
population = "helpdesk"
aal        = 2

[population.staff]
groups = ["staff", "interns"]

[population.staff.login]
require = "passkey"

[population.staff.recover.assisted]
require = "proofing(in-person) and approval(helpdesk, 2)"
binds   = ["passkey"]
wait    = "24h"
notify  = ["own-mail", "mobile"]

[population.staff.offboard]
within = "60s"

[population.helpdesk]
groups = ["helpdesk"]

[population.helpdesk.login]
require = "passkey"

[population.helpdesk.offboard]
within = "60s"

[app.payroll]
for = ["staff"]
aal = 2
phishing_resistant = true
"#;

fn judge(text: &str) -> Checked {
    let checked = check(&Source::single("postern.toml", text), TODAY);
    assert!(checked.model.is_some(), "{:#?}", checked.diagnostics);
    checked
}

/// The base with some of its text replaced.
fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(BASE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the policy has no `{from}`");
        text.replacen(from, to, 1)
    })
}

fn compared(before: &str, after: &str) -> Diff {
    let (before, after) = (judge(before), judge(after));
    let judged = |checked| Judged::of(checked).expect("it was read");
    diff::between(judged(&before), judged(&after), TODAY).expect("the policies are small")
}

fn told(edits: &[(&str, &str)]) -> String {
    human(&compared(BASE, &edited(edits)), Names { before: "old.toml", after: "new.toml" }, false)
}

#[track_caller]
fn says(edits: &[(&str, &str)], lines: &[&str]) {
    let told = told(edits);
    for line in lines {
        assert!(told.lines().any(|other| other.trim() == *line), "it says `{line}`:\n{told}");
    }
}

#[test]
fn comments_order_and_layout_are_no_change() {
    let same = BASE.replace("[population.staff.offboard]\nwithin = \"60s\"\n", "")
        + "\n# A comment.\n[population.staff.offboard]\nwithin = \"1m\"\n";
    let diff = compared(BASE, &same);
    assert!(diff.is_empty(), "{:#?}", diff.changes);
    assert_ne!(diff.before, diff.after);
    let told = human(&diff, Names { before: "old.toml", after: "new.toml" }, false);
    assert_eq!(told, "new.toml means the same as old.toml\n");
}

#[test]
fn a_second_way_to_sign_in_is_told_from_its_worst_to_its_least_consequence() {
    let told = told(&[("require = \"passkey\"", "require = \"passkey or (password and totp)\"")]);
    assert_eq!(
        told,
        "\
old.toml -> new.toml

staff
  - every way to sign in is at least phishable, was phishing-resistant
  - new way in, effort 2: phish(member) by login
  - weakest way in: effort 2: phish(member) by login, was effort 8: sync-account(member) by login
  ~ new way to sign in, `password` and `totp`: AAL2
  ~ login requires passkey or (password and totp), was passkey
  + who holds `password` and `totp`: signs in, was must recover
  + no longer locks out: absent(helpdesk) and lose(sync-account)

weaker: of 7 changes 3 weaken, 2 ease, 2 are neither
signs: - weakens, ! may shut somebody out, ~ neither, + strengthens or eases
"
    );
}

#[test]
fn a_shorter_wait_a_lost_notice_and_a_longer_session_weaken() {
    says(
        &[
            ("wait    = \"24h\"", "wait    = \"12h\""),
            ("notify  = [\"own-mail\", \"mobile\"]", "notify  = [\"own-mail\"]"),
            (
                "[population.staff.recover",
                "session = { idle = \"8h\", max = \"30d\" }\n\n[population.staff.recover",
            ),
        ],
        &[
            "- session idle of login: 8h, was 1h",
            "- session max of login: 30d, was 12h",
            "- wait of recover.assisted: 12h, was 24h",
            "- recover.assisted no longer tells mobile",
            // Whoever reads the only mailbox that is told needs to hide from nobody.
            "- new way in, effort 20: deceive(helpdesk#1) and deceive(helpdesk#2) and forge(member) and \
             mailbox(member,own-mail) by recover.assisted",
            "- new: the 12 ways into accounts of staff, told there",
        ],
    );
}

#[test]
fn an_attack_that_is_not_counted_any_more_weakens_and_hides_nothing() {
    says(
        &[
            ("require = \"passkey\"", "require = \"passkey or (password and totp)\""),
            ("[app.payroll]", "[attacker]\nignore = [\"phish\"]\n\n[app.payroll]"),
        ],
        &[
            "- new way in, effort 2: phish(member) by login",
            "assumed attacker (both policies are judged by the stronger one)",
            "- phish: not counted, was lured",
        ],
    );
}

#[test]
fn a_group_that_moves_to_another_chain_is_compared_with_the_one_it_had() {
    says(
        &[
            ("[\"staff\", \"interns\"]", "[\"staff\"]"),
            (
                "[app.payroll]",
                "[population.interns]\ngroups = [\"interns\"]\n[population.interns.login]\nrequire = \"totp\"\n[app.payroll]",
            ),
        ],
        &[
            "group `interns` of `staff`, now of `interns`",
            "- every way to sign in is at least AAL1, was AAL2",
            "- new way in, effort 2: phish(member) by login",
            "- within of offboard: none, was 1m",
            "~ no door recover.assisted any more: required proofing(in-person) and approval(helpdesk, 2)",
            "~ new population, of groups interns",
            "! who holds only `passkey`: is locked out, was signs in",
        ],
    );
}

#[test]
fn exceptions_weaken_when_they_are_added_or_extended_and_excuse_nothing_past_their_day() {
    let exception = |day: &str| {
        format!(
            "[[exception]]\nrule = \"silent-change\"\nat = \"population.staff.recover.assisted\"\n\
             reason = \"pilot\"\nowner = \"ciso@example.com\"\nexpires = {day}\n\n[app.payroll]"
        )
    };
    let with = |day: &str| edited(&[("[app.payroll]", &exception(day))]);
    let told = |before: &str, after: &str| {
        let changes = compared(before, after).changes;
        changes.iter().map(|c| (c.effect, c.before.clone(), c.after.clone())).collect::<Vec<_>>()
    };
    let words = |text: &str| Some(Value::Words(text.to_owned()));
    let (short, long, past) = (with("2026-12-01"), with("2027-01-01"), with("2026-11-19"));
    assert_eq!(told(BASE, &short), [(Effect::Weakens, None, words("until 2026-12-01"))]);
    let extended = [(Effect::Weakens, words("until 2026-12-01"), words("until 2027-01-01"))];
    assert_eq!(told(&short, &long), extended);
    let shortened = [(Effect::Strengthens, words("until 2027-01-01"), words("until 2026-12-01"))];
    assert_eq!(told(&long, &short), shortened);
    assert_eq!(told(BASE, &past), [(Effect::Changes, None, words("expired on 2026-11-19"))]);
    let renewed = [(Effect::Weakens, words("expired on 2026-11-19"), words("until 2026-12-01"))];
    assert_eq!(told(&past, &short), renewed);
}

#[test]
fn the_object_for_programs_holds_every_change() {
    let diff =
        compared(BASE, &edited(&[("require = \"passkey\"", "require = \"passkey or (password and totp)\"")]));
    let text = json(&diff, Names { before: "old.toml", after: "new.toml" });
    let object: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(object["weakens"], true);
    let changes = object["changes"].as_array().expect("a list");
    assert_eq!(changes.len(), diff.changes.len());
    let way =
        changes.iter().find(|change| change["aspect"]["name"] == "way-in").expect("there is a new way in");
    assert_eq!(way["subject"]["population"], "staff");
    assert_eq!(way["after"]["capabilities"], serde_json::json!(["phish(member)"]));
    assert_eq!(way["after"]["effort"], 2);
    assert!(way["before"].is_null());
}

#[test]
fn whoever_lacks_what_a_login_asks_for_now_is_named_by_what_they_hold() {
    says(
        &[("require = \"passkey\"", "require = \"passkey and password\"")],
        &[
            "! who holds only `passkey`: must recover, was signs in",
            "! now locks out: absent(helpdesk) and forget(password)",
            "+ weakest way in: effort 9: leak(member) and sync-account(member) by login, was effort 8: \
             sync-account(member) by login",
        ],
    );
}

#[test]
fn what_apps_and_populations_come_and_go_is_told() {
    says(
        &[
            (
                "[app.payroll]\nfor = [\"staff\"]\naal = 2\nphishing_resistant = true",
                "[app.payroll]\nfor = [\"helpdesk\"]\naal = 1\nmax_age = \"15m\"\n[app.wiki]\nfor = [\"staff\"]\naal = 1",
            ),
            ("protected = \"mfa\"", "protected = \"password\""),
        ],
        &[
            "- the session it demands is AAL1, was AAL2",
            "- the session it demands is phishable, was phishing-resistant",
            "+ max_age of session: 15m, was none",
            "! no longer for staff",
            "+ now for helpdesk: helpdesk reaches it",
            "~ new app, for staff",
            "~ protected: password, was mfa",
        ],
    );
}

const QUICK: &str = "[population.staff.recover.quick]\n\
    require = \"proofing(in-person) and approval(helpdesk, 2)\"\nbinds = [\"passkey\"]\nwait = \"1m\"\n\n\
    [population.staff.offboard]";

#[test]
fn a_wait_that_another_door_goes_round_weakens_and_so_does_one_under_another_name() {
    let added = [("[population.staff.offboard]", QUICK)];
    let lines = [
        "- wait of recover.quick: 1m, was 24h",
        "- recover.quick no longer tells mobile",
        "- recover.quick no longer tells own-mail",
    ];
    says(&added, &lines);
    says(
        &[("recover.assisted]", "recover.helped]"), ("wait    = \"24h\"", "wait    = \"1m\"")],
        &["- wait of recover.helped: 1m, was 24h"],
    );
    // A door beside it that takes its time takes nothing from anybody, whatever it is called.
    let patient = QUICK.replace("\"1m\"", "\"48h\"\nnotify = [\"own-mail\", \"mobile\"]");
    let told = told(&[("[population.staff.offboard]", &patient)]);
    assert!(told.contains("new door recover.quick") && !told.contains("\n  - "), "{told}");
}

#[test]
fn a_wait_does_not_end_by_calling_what_is_bound_otherwise() {
    // Everything that the recovery names is called otherwise in the same step.
    let renamed = |wait: &str| {
        edited(&[("wait    = \"24h\"", wait), ("recover.assisted]", "recover.helped]")])
            .replace("authenticator.passkey]", "authenticator.key]")
            .replace("require = \"passkey\"", "require = \"key\"")
            .replace("[\"passkey\"]", "[\"key\"]")
    };
    let limit = Aspect::Limit { of: "recover.helped".into(), name: "wait" };
    let effects = |before: &str, after: &str| -> Vec<Effect> {
        let changes = compared(before, after).changes;
        changes.iter().filter(|change| change.aspect == limit).map(|change| change.effect).collect()
    };
    assert_eq!(effects(BASE, &renamed("wait    = \"12h\"")), [Effect::Weakens]);
    assert_eq!(effects(BASE, &renamed("wait    = \"24h\"")), []);
    // What is added beside the old name, with a recovery of its own, is no less a way round the wait.
    let twin = QUICK.replace("[\"passkey\"]", "[\"key\"]")
        + "\nwithin = \"60s\"\n\n[authenticator.key]\nkind = \"passkey\"\non   = \"phone\"\n";
    says(
        &[
            ("require = \"passkey\"", "require = \"passkey or key\""),
            ("[population.staff.offboard]\nwithin = \"60s\"\n", &twin),
        ],
        &["- wait of recover.quick: 1m, was 24h"],
    );
}

#[test]
fn the_same_evidence_for_more_than_before_keeps_its_wait_though_another_recovery_had_none() {
    let hard = "[population.staff.recover.hard]\nrequire = \"proofing(in-person) and approval(helpdesk, 3)\"\n\
                binds = [\"passkey\"]\nnotify = [\"own-mail\", \"mobile\"]\n\n[population.staff.offboard]";
    let before = edited(&[("[population.staff.offboard]", hard)]);
    let after = before.replacen("[population.staff.offboard]", QUICK, 1);
    let changes = compared(&before, &after).changes;
    let limit = Aspect::Limit { of: "recover.quick".into(), name: "wait" };
    let found = changes.iter().find(|change| change.aspect == limit).expect("the wait is told");
    assert_eq!((found.effect, &found.before), (Effect::Weakens, &Some(Value::Words("24h".into()))));
}

#[test]
fn an_older_session_that_opens_a_door_weakens() {
    let bind = |age: &str| {
        let door =
            format!("[population.staff.bind]\nrequire = \"session(aal2{age})\"\nbinds = [\"passkey\"]\n\n");
        edited(&[("[population.staff.offboard]", &(door + "[population.staff.offboard]"))])
    };
    for (before, after, effect) in
        [(", 5m", "", Effect::Weakens), (", 5m", ", 1h", Effect::Weakens), ("", ", 5m", Effect::Strengthens)]
    {
        let changes = compared(&bind(before), &bind(after)).changes;
        let limit = Aspect::Limit { of: "bind".into(), name: "session age" };
        let effects: Vec<Effect> =
            changes.iter().filter(|change| change.aspect == limit).map(|change| change.effect).collect();
        assert_eq!(effects, [effect], "{before} {after}");
    }
}

#[test]
fn other_people_who_approve_weaken() {
    let others = "- group `interns` may approve now";
    says(&[("groups = [\"helpdesk\"]", "groups = [\"helpdesk\", \"interns\"]")], &[others]);
    says(
        &[("population = \"helpdesk\"", "population = \"staff\"")],
        &[others, "- group `staff` may approve now", "+ group `helpdesk` may no longer approve"],
    );
    let alone = ("approval(helpdesk, 2)", "approval(helpdesk)");
    let managed = ("population = \"helpdesk\"", "of = \"member\"\npopulation = \"helpdesk\"");
    let diff = compared(&edited(&[alone, managed]), &edited(&[alone]));
    let is_dropped = |change: &Change| change.aspect == Aspect::Property("of");
    let effects: Vec<Effect> =
        diff.changes.iter().filter(|change| is_dropped(change)).map(|change| change.effect).collect();
    assert_eq!(effects, [Effect::Weakens]);
}

#[test]
fn an_app_that_demands_less_than_every_earlier_one_weakens_whatever_its_name() {
    let payroll = "[app.payroll]\nfor = [\"staff\"]\naal = 2\nphishing_resistant = true";
    says(
        &[(payroll, "[app.wages]\nfor = [\"staff\"]\naal = 1\nphishing_resistant = true")],
        &["- the session it demands is AAL1, was AAL2"],
    );
    let same = told(&[("[app.payroll]", "[app.wages]")]);
    assert!(!same.contains("demands"), "{same}");
}

#[test]
fn what_was_not_proved_of_one_policy_is_not_said_of_two() {
    let (old, mut new) = (judge(BASE), judge(BASE));
    if let Some(analysis) = &mut new.analysis {
        analysis.truncated = true;
    }
    let judged = |checked| Judged::of(checked).expect("it was read");
    for (before, after) in [(&old, &new), (&new, &old)] {
        assert!(diff::between(judged(before), judged(after), TODAY).is_err());
    }
}
