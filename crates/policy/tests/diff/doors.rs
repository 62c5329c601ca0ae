//! What newly goes round a wait, a notice or the age of a session, under whatever name.

use policy::diff::{Aspect, Effect, Value};

use crate::{BASE, compared, edited, says, told};

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
