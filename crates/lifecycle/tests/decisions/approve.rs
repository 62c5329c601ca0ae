//! Approvals and proofing: somebody else, who holds the role, once, in a strong session, for the case they mean.

use lifecycle::case::Settled;
use lifecycle::{CaseId, What, approve, directory};
use policy::Aal;
use policy::model::Proofing;

use super::support::{World, base, changed, code};

/// A case of Ann's at the assisted door, and everybody who might want to approve it.
fn assisted() -> (World, CaseId) {
    let mut world = World::new(base());
    for name in ["hal", "hope", "hugh"] {
        world.enrolled(name, "helpdesk", &["passkey"]);
    }
    world.enrolled("ada", "admins", &["passkey"]);
    for name in ["ann", "max"] {
        world.enrolled(name, "staff", &["passkey", "codes"]);
    }
    for name in ["hal", "hope", "hugh", "ada", "ann", "max"] {
        world.sign_in(name, &["passkey"]).expect("it is a login");
    }
    let case = world.recover("ann", "assisted").expect("the door is there");
    (world, case)
}

#[test]
fn each_of_these_is_refused() {
    type Change = fn(&mut World, &CaseId);
    let cases: [(&str, &str, &str, Change); 7] = [
        ("the member", "ann", "same-person", |_, _| {}),
        ("somebody of another role", "ada", "not-authorized", |_, _| {}),
        ("a colleague", "max", "not-authorized", |_, _| {}),
        ("an agent in a weak session", "hal", "too-weak", |world, _| {
            world.sessions.iter_mut().for_each(|s| s.aal = Aal::One);
        }),
        ("an agent who has agreed", "hal", "same-person", |world, case| {
            world.approve(case, "hal").expect("the first time");
        }),
        ("an agent for whom no approval is left", "hal", "not-authorized", |world, case| {
            for name in ["hope", "hugh"] {
                world.approve(case, name).expect("two are asked for");
            }
        }),
        ("an agent who comes too late", "hal", "case-not-open", |world, case| {
            world.cases.iter_mut().find(|c| c.id == *case).expect("it is there").expires_at = world.now;
        }),
    ];
    for (who, name, expected, change) in cases {
        let (mut world, case) = assisted();
        change(&mut world, &case);
        let before = world.case(&case).evidence.len();
        assert_eq!(code(&world.approve(&case, name)), expected, "{who}");
        assert!(world.recorded(What::ApprovalGiven, Some(expected)), "{who}");
        assert_eq!(world.case(&case).evidence.len(), before, "{who}");
    }
}

#[test]
fn the_member_proves_nothing_by_being_an_agent() {
    let (mut world, _) = assisted();
    let case = world.recover("hal", "assisted").expect("the door is there");
    assert_eq!(code(&world.proof(&case, "hal", Proofing::InPerson)), "same-person");
    assert_eq!(code(&world.proof(&case, "hope", Proofing::InPerson)), "ok");
    assert_eq!(code(&world.approve(&case, "hope")), "not-authorized", "an administrator is asked for");
}

#[test]
fn the_check_code_ties_the_approval_to_the_members_own_page() {
    let (mut world, case) = assisted();
    let shown = world.case(&case).check_code.expect("a browser holds it");
    let stranger = world.recover("ann", "assisted").expect("anybody who knows her name");
    let strange = world.case(&stranger).check_code.expect("a browser holds it");
    assert_ne!(shown, strange);
    for typed in ["", "000000", strange.as_str(), &shown[..5]] {
        assert_eq!(code(&world.approve_with(&case, "hal", typed)), "check-code", "`{typed}`");
    }
    assert_eq!(code(&world.approve_with(&stranger, "hal", &shown)), "check-code");
    assert_eq!(code(&world.approve_with(&case, "hal", &shown.replace(' ', ""))), "ok");
}

#[test]
fn thirty_two_approvals_by_one_person_are_one() {
    let (mut world, case) = assisted();
    world.proof(&case, "hope", Proofing::Video).expect("she saw her");
    let answers: Vec<&str> = (0..32).map(|_| code(&world.approve(&case, "hal"))).collect();
    assert_eq!(answers.iter().filter(|a| **a == "ok").count(), 1);
    assert_eq!(world.approve(&case, "hal").err(), Some(lifecycle::Refusal::SamePerson));
    assert!(matches!(world.approve(&case, "hope"), Ok(Settled::Waiting(_))));
}

#[test]
fn proofing_is_recorded_by_an_agent_as_the_door_asks_and_with_what_was_seen() {
    let (mut world, case) = assisted();
    assert_eq!(code(&world.proof(&case, "max", Proofing::Video)), "not-authorized");
    assert_eq!(code(&world.proof(&case, "hal", Proofing::Document)), "not-at-this-door");
    let (value, account, hal) = (world.case(&case), world.account("ann"), world.caller("hal"));
    let shown = value.check_code.clone().expect("a browser holds it");
    for (typed, record, expected) in [
        (shown.as_str(), "  ", "not-acceptable"),
        ("111111", "a card", "check-code"),
        (&shown, "a card", "ok"),
    ] {
        let answer = world.decide(|_, policy, env| {
            let at = approve::At { case: &value, account: &account, caller: &hal, policy };
            approve::proof_identity(at, Proofing::Video, typed, record, env)
        });
        assert_eq!(code(&answer), expected);
    }
}

#[test]
fn a_manager_approves_for_their_own_people_only_and_as_the_manager() {
    let mut world = World::new(changed(&[(
        "require = \"proofing(video) and approval(helpdesk, 2)\"",
        "require = \"approval(helpdesk) and approval(manager) and proofing(video)\"",
    )]));
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    for name in ["max", "moe"] {
        world.enrolled(name, "staff", &["passkey", "codes"]);
    }
    world.enrolled("hal", "helpdesk", &["passkey"]);
    for name in ["max", "moe", "hal"] {
        world.sign_in(name, &["passkey"]).expect("it is a login");
    }
    let (ann, max) = (world.account("ann"), world.account("max"));
    let changed = world.decide(|_, policy, env| {
        let groups = vec!["staff".to_owned()];
        directory::change(
            &ann,
            "Ann",
            groups,
            Some(max.id.clone()),
            lifecycle::enrol::Authority::Terminal,
            policy,
            env,
        )
    });
    changed.expect("the terminal may");
    // Max is at the help desk too: he must not use up the manager's approval as an agent.
    world.accounts.iter_mut().find(|a| a.id == max.id).expect("he exists").groups.push("helpdesk".to_owned());
    let case = world.recover("ann", "assisted").expect("the door is there");
    assert_eq!(code(&world.approve(&case, "moe")), "not-authorized");
    assert_eq!(world.approve(&case, "max"), Ok(Settled::More));
    assert_eq!(world.facts.last().and_then(|f| f.with.get("role")).map(String::as_str), Some("manager"));
    assert_eq!(world.approve(&case, "hal"), Ok(Settled::More));
    assert!(matches!(world.proof(&case, "hal", Proofing::Video), Ok(Settled::Waiting(_))));
}

#[test]
fn those_who_could_agree_may_deny_and_others_may_not() {
    for (who, expected) in
        [("max", "not-authorized"), ("ann", "not-authorized"), ("hal", "ok"), ("ada", "ok")]
    {
        let (mut world, case) = assisted();
        let (case, account, caller) = (world.case(&case), world.account("ann"), world.caller(who));
        let answer = world.decide(|_, policy, env| {
            let at = approve::At { case: &case, account: &account, caller: &caller, policy };
            approve::deny(at, "not her voice", env)
        });
        assert_eq!(code(&answer), expected, "{who}");
    }
}

#[test]
fn a_weak_session_denies_no_more_than_it_approves() {
    // Hal holds the role that is asked for; Ada works on cases as an administrator.
    for who in ["hal", "ada"] {
        let (mut world, case) = assisted();
        world.sessions.iter_mut().for_each(|s| s.aal = Aal::One);
        let (case, account, caller) = (world.case(&case), world.account("ann"), world.caller(who));
        let answer = world.decide(|_, policy, env| {
            let at = approve::At { case: &case, account: &account, caller: &caller, policy };
            approve::deny(at, "not her voice", env)
        });
        assert_eq!(code(&answer), "too-weak", "{who}");
        assert!(world.recorded(What::CaseDenied, Some("too-weak")), "{who}");
    }
}

#[test]
fn whoever_left_approves_nothing() {
    let (mut world, case) = assisted();
    let hal = world.caller("hal");
    let (account, left) = (world.account("ann"), world.account("hal"));
    world
        .decide(|_, _, env| {
            lifecycle::offboard::offboard(&left, lifecycle::enrol::Authority::Terminal, "left", env)
        })
        .expect("he was there");
    // Even with what the rim knew of him a moment ago.
    let hal = lifecycle::Caller { account: world.account("hal"), ..hal };
    let case = world.case(&case);
    let shown = case.check_code.clone().expect("a browser holds it");
    let answer = world.decide(|_, policy, env| {
        let at = approve::At { case: &case, account: &account, caller: &hal, policy };
        approve::approve(at, &shown, "", env)
    });
    assert_eq!(code(&answer), "not-authorized");
}
