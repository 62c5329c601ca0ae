//! Off-boarding: one act, and nothing is left that opens.

use std::time::Duration;

use lifecycle::case::{CaseState, Outcome, Step};
use lifecycle::enrol::Authority;
use lifecycle::{What, offboard, recover};
use policy::model::Proofing;

use super::support::{World, base, code};

/// Ann, in the middle of everything at once; Ada, who may off-board her.
fn busy() -> World {
    let mut world = World::new(base());
    world.enrolled("hal", "helpdesk", &["passkey"]);
    world.enrolled("ada", "admins", &["passkey"]);
    world.enrolled("ann", "staff", &["passkey", "password", "totp", "codes"]);
    world.confirm("ann", "own-mail");
    for name in ["hal", "ada", "ann"] {
        world.sign_in(name, &["passkey"]).expect("it is a login");
    }
    world
}

fn leave(world: &mut World, whose: &str, who: &str) -> &'static str {
    let (account, caller) = (world.account(whose), world.caller(who));
    let answer =
        world.decide(|_, _, env| offboard::offboard(&account, Authority::Person(&caller), "left", env));
    code(&answer)
}

#[test]
fn only_an_administrator_off_boards_and_never_themselves() {
    let mut world = busy();
    assert_eq!(leave(&mut world, "ann", "ann"), "not-authorized");
    assert_eq!(leave(&mut world, "ann", "hal"), "not-authorized");
    assert_eq!(leave(&mut world, "ada", "ada"), "same-person");
    world.sessions.iter_mut().for_each(|s| s.aal = policy::Aal::One);
    assert_eq!(leave(&mut world, "ann", "ada"), "too-weak");
    assert!(world.recorded(What::MemberOffboarded, Some("too-weak")));
    world.sessions.iter_mut().for_each(|s| s.aal = policy::Aal::Two);
    assert_eq!(leave(&mut world, "ann", "ada"), "ok");
    assert_eq!(leave(&mut world, "ann", "ada"), "offboarded");
}

#[test]
fn nothing_that_was_open_opens_and_nothing_new_begins() {
    let mut world = busy();
    let login = world.begin("ann");
    let recovery = world.recover("ann", "assisted").expect("the door is there");
    let door = world.open_bind("ann").expect("her session is fresh");
    let own = world.recover("ann", "self-service").expect("the door is there");
    let sent = world.send_code(&own, "own-mail").expect("there is an address");
    assert_eq!(leave(&mut world, "ann", "ada"), "ok");
    assert!(!world.is_signed_in("ann"));
    assert!(world.account("ann").authenticators.is_empty());
    for case in [&login, &recovery, &door, &own] {
        assert_eq!(world.case(case).state, CaseState::Closed(Outcome::Overtaken));
        assert_eq!(world.next_step(case), Step::Closed(Outcome::Overtaken));
    }
    world.pass(Duration::from_mins(1));
    assert_eq!(code(&world.recovery_code(&own, "aaaa")), "case-not-open");
    assert!(world.show_authenticator(&login, "ann", "passkey").is_err());
    assert_eq!(code(&world.type_code(&own, "own-mail", &sent)), "case-not-open");
    assert_eq!(code(&world.proof(&recovery, "hal", Proofing::Video)), "case-not-open");
    assert_eq!(code(&world.proceed(&recovery)), "case-not-open");
    assert_eq!(code(&world.stage(&door, "passkey")), "case-not-open");
    let begun = world.begin("ann");
    assert_eq!(world.case(&begun).account, None, "her name is as unknown as any");
    let begun = world.recover("ann", "assisted").expect("it looks like any other");
    assert_eq!(world.case(&begun).account, None);
    let (ann, hal) = (world.account("ann"), world.caller("hal"));
    let answer = world.decide(|_, policy, env| {
        recover::open_for(&ann, Authority::Person(&hal), policy, "assisted", "", env)
    });
    assert_eq!(code(&answer), "offboarded");
    let answer =
        world.decide(|_, policy, env| lifecycle::enrol::invite(&ann, Authority::Terminal, policy, env));
    assert_eq!(code(&answer), "offboarded");
}

#[test]
fn an_invitation_dies_with_the_account() {
    let mut world = busy();
    world.add("new", "staff", None);
    let token = world.invite("new");
    let redeemed = world.invite("new");
    assert_eq!(leave(&mut world, "new", "ada"), "ok");
    assert!(world.tickets.iter().filter(|(_, t)| t.used_at.is_none()).all(|(_, t)| t.revoked_at.is_some()));
    for token in [token, redeemed] {
        assert_eq!(code(&world.redeem(&token)), "not-recognised");
    }
}

#[test]
fn what_somebody_agreed_to_opens_nothing_once_they_left() {
    // An agent who leaves while the door waits, and one whose word it was that this is Ann.
    for who in ["hal", "hope"] {
        let mut world = busy();
        for name in ["hope", "hugh"] {
            world.enrolled(name, "helpdesk", &["passkey"]);
            world.sign_in(name, &["passkey"]).expect("it is a login");
        }
        let case = world.recover("ann", "assisted").expect("the door is there");
        for name in ["hal", "hugh"] {
            world.approve(&case, name).expect("two are asked for");
        }
        world.proof(&case, "hope", Proofing::Video).expect("she saw her");
        assert!(matches!(world.case(&case).state, CaseState::Waiting(_)));
        assert_eq!(leave(&mut world, who, "ada"), "ok");
        world.pass(Duration::from_hours(24));
        assert_eq!(code(&world.proceed(&case)), "case-not-open", "{who}");
    }
}
