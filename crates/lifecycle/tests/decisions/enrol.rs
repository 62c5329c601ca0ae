//! First enrolment: a ticket is worth one door, once, in time, and nothing for who is enrolled.

use std::time::Duration;

use lifecycle::case::{CaseState, Outcome, Settled};
use lifecycle::enrol::{self, Authority};
use lifecycle::notice::Message;
use lifecycle::{What, approve, bind, directory};
use policy::model::Proofing;

use super::support::{World, base, code};

/// A help desk and a manager who are signed in, and Ann who is invited.
fn invited() -> (World, String) {
    let mut world = World::new(base());
    world.enrolled("hal", "helpdesk", &["passkey"]);
    world.enrolled("max", "staff", &["passkey", "codes"]);
    for name in ["hal", "max"] {
        world.sign_in(name, &["passkey"]).expect("it is a login");
    }
    world.add("ann", "staff", Some("max"));
    let token = world.invite("ann");
    (world, token)
}

#[test]
fn an_invitation_and_two_approvals_lead_to_a_first_login() {
    let (mut world, token) = invited();
    let case = world.redeem(&token).expect("the ticket is good");
    assert_eq!(world.approve(&case, "max"), Ok(Settled::More));
    assert!(matches!(world.approve(&case, "hal"), Ok(Settled::Open(_))));
    world.stage(&case, "passkey").expect("the door binds it");
    assert!(world.sign_in("ann", &["passkey"]).is_err(), "nothing counts before the door is finished");
    assert_eq!(code(&world.finish(&case, true)), "codes-not-kept");
    world.stage(&case, "codes").expect("the door binds them");
    assert_eq!(code(&world.finish(&case, false)), "codes-not-kept");
    world.finish(&case, true).expect("everything is there");
    assert_eq!(world.account("ann").enrolled_at, Some(world.now));
    assert!(world.account("ann").confirmed("own-mail").is_some(), "the ticket came back from there");
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    assert_eq!(code(&world.finish(&case, true)), "case-not-open");
}

#[test]
fn a_ticket_opens_the_door_once() {
    let (mut world, token) = invited();
    let answers: Vec<&str> = (0..32).map(|_| code(&world.redeem(&token))).collect();
    assert_eq!(answers.iter().filter(|a| **a == "ok").count(), 1);
    assert_eq!(answers.iter().filter(|a| **a == "not-recognised").count(), 31);
}

#[test]
fn a_ticket_is_worth_nothing_once_something_has_happened() {
    type Happening = (&'static str, fn(&mut World));
    let happenings: [Happening; 6] = [
        ("it expired", |world| world.pass(Duration::from_hours(72))),
        ("it was revoked", |world| {
            let ann = world.account("ann");
            let revoked = world.decide(|_, _, env| enrol::revoke_tickets(&ann, Authority::Terminal, env));
            revoked.expect("it can be revoked");
        }),
        ("another was sent", |world| drop(world.invite("ann"))),
        ("the address was corrected", |world| {
            let ann = world.account("ann");
            let set = world.decide(|_, policy, env| {
                directory::set_address(
                    &ann,
                    "own-mail",
                    "ann@other.example",
                    Authority::Terminal,
                    policy,
                    env,
                )
            });
            set.expect("she has not enrolled");
        }),
        ("she enrolled", |world| world.enrol("ann", &["passkey", "codes"])),
        ("she left", |world| {
            let ann = world.account("ann");
            let left = world
                .decide(|_, _, env| lifecycle::offboard::offboard(&ann, Authority::Terminal, "left", env));
            left.expect("she was there");
        }),
    ];
    for (what, happens) in happenings {
        let (mut world, token) = invited();
        happens(&mut world);
        assert_eq!(code(&world.redeem(&token)), "not-recognised", "{what}");
        assert!(world.recorded(What::TicketRedeemed, Some("not-recognised")), "{what}");
    }
    let (mut world, _) = invited();
    assert_eq!(code(&world.redeem("made up")), "not-recognised");
}

#[test]
fn nobody_who_is_enrolled_or_gone_is_invited() {
    let (mut world, _) = invited();
    let max = world.account("max");
    let answer = world.decide(|_, policy, env| enrol::invite(&max, Authority::Terminal, policy, env));
    assert_eq!(code(&answer), "already-enrolled");
    let answer = world.decide(|_, policy, env| enrol::bootstrap(&max, policy, env));
    assert_eq!(code(&answer), "already-enrolled");
    // A disabled authenticator is one, too: what was guessed at is rebound by a door, not by an invitation.
    let id = world.active("max", "passkey").expect("he has one");
    world.bound(&id).state = lifecycle::AuthenticatorState::Disabled;
    let max = world.account("max");
    let answer = world.decide(|_, policy, env| enrol::invite(&max, Authority::Terminal, policy, env));
    assert_eq!(code(&answer), "already-enrolled");
}

#[test]
fn the_link_goes_to_the_member_only() {
    let (world, token) = invited();
    let notice = world.notices.last().expect("an invitation was sent");
    assert_eq!(
        Some(notice.address.as_str()),
        world.account("ann").address("own-mail").map(|a| a.address.as_str())
    );
    assert!(matches!(&notice.message, Message::Invitation { ticket, .. } if ticket.expose() == token));
    // 256 bits in base 64: 43 characters. 63B-4 4.1.2.2 asks for 112 bits.
    assert_eq!(token.len(), 43);
}

#[test]
fn a_redeemed_ticket_alone_binds_nothing() {
    let (mut world, token) = invited();
    let case = world.redeem(&token).expect("the ticket is good");
    assert_eq!(code(&world.stage(&case, "passkey")), "case-not-open");
    assert_eq!(code(&world.finish(&case, true)), "case-not-open");
    assert_eq!(code(&world.proceed(&case)), "case-not-open");
}

#[test]
fn a_second_invitation_ends_what_the_first_began() {
    let (mut world, token) = invited();
    let stranger = world.redeem(&token).expect("whoever reads the mail first");
    world.approve(&stranger, "max").expect("he is deceived");
    let token = world.invite("ann");
    let case = world.redeem(&token).expect("the ticket is good");
    assert_eq!(world.case(&stranger).state, CaseState::Closed(Outcome::Overtaken));
    assert_eq!(code(&world.approve(&stranger, "hal")), "case-not-open");
    assert_eq!(world.case(&case).evidence.len(), 1, "the other case's approval is not this one's");
}

#[test]
fn an_address_that_was_corrected_takes_its_invitation_away_even_when_it_was_redeemed() {
    let (mut world, token) = invited();
    let stranger = world.redeem(&token).expect("the mail went to a stranger");
    world.approve(&stranger, "max").expect("he is deceived");
    world.pass(Duration::from_secs(1));
    let ann = world.account("ann");
    let set = world.decide(|_, policy, env| {
        directory::set_address(&ann, "own-mail", "ann@right.example", Authority::Terminal, policy, env)
    });
    set.expect("she has not enrolled");
    assert_eq!(world.approve(&stranger, "hal"), Ok(Settled::More));
    assert_eq!(code(&world.stage(&stranger, "passkey")), "case-not-open");
}

#[test]
fn enrolment_without_a_login_is_not_finished() {
    let (mut world, token) = invited();
    let case = world.redeem(&token).expect("the ticket is good");
    world.proof(&case, "hal", Proofing::InPerson).expect("he saw her papers");
    world.stage(&case, "codes").expect("the door binds them");
    world.stage(&case, "password").expect("the door binds it");
    assert_eq!(code(&world.finish(&case, true)), "login-not-possible");
    world.stage(&case, "totp").expect("the door binds it");
    world.finish(&case, true).expect("password and code are a login");
    world.pass(Duration::from_mins(1));
    world.sign_in("ann", &["password", "totp"]).expect("it is a login");
}

#[test]
fn what_is_bound_twice_in_one_enrolment_counts_as_it_was_last() {
    let (mut world, token) = invited();
    let case = world.redeem(&token).expect("the ticket is good");
    world.proof(&case, "hal", Proofing::InPerson).expect("he saw her papers");
    for factor in ["password", "totp", "codes"] {
        world.stage(&case, factor).expect("the door binds it");
        world.stage(&case, factor).expect("she changes her mind");
        assert_eq!(world.states("ann", factor).len(), 1, "{factor}");
    }
}

#[test]
fn two_enrolments_beside_each_other_do_not_both_finish() {
    let (mut world, token) = invited();
    let first = world.redeem(&token).expect("the ticket is good");
    world.proof(&first, "hal", Proofing::InPerson).expect("he saw her papers");
    world.stage(&first, "passkey").expect("the door binds it");
    world.stage(&first, "codes").expect("the door binds them");
    let before = world.cases.clone();
    world.enrol("ann", &["passkey", "codes"]);
    // Even if the first had not been closed.
    let first = before.into_iter().find(|c| c.id == first).expect("it was there");
    let ann = world.account("ann");
    let answer = world.decide(|_, policy, env| lifecycle::finish::finish(&first, &ann, policy, true, env));
    assert_eq!(code(&answer), "already-enrolled");
}

#[test]
fn only_an_agent_or_administrator_in_a_strong_session_invites() {
    let (mut world, _) = invited();
    world.sign_in("max", &["passkey"]).expect("it is a login");
    let ann = world.account("ann");
    let (mut weak, none) = (world.caller("hal"), world.caller("max"));
    weak.session.aal = policy::Aal::One;
    for (caller, expected) in [(&none, "not-authorized"), (&weak, "too-weak")] {
        let authority = Authority::Person(caller);
        let answer = world.decide(|_, policy, env| enrol::invite(&ann, authority, policy, env));
        assert_eq!(code(&answer), expected);
        assert!(world.recorded(What::TicketIssued, Some(expected)));
        let answer = world.decide(|_, _, env| enrol::revoke_tickets(&ann, authority, env));
        assert_eq!(code(&answer), expected);
    }
}

#[test]
fn an_enrolment_that_nobody_finishes_is_over_after_three_days() {
    let (mut world, token) = invited();
    let case = world.redeem(&token).expect("the ticket is good");
    world.pass(Duration::from_hours(72));
    let (case, ann) = (world.case(&case), world.account("ann"));
    world.sign_in("hal", &["passkey"]).expect("it is a login");
    let hal = world.caller("hal");
    let answer = world.decide(|_, policy, env| {
        let at = approve::At { case: &case, account: &ann, caller: &hal, policy };
        approve::approve(at, &case.check_code.clone().unwrap_or_default(), "", env)
    });
    assert_eq!(code(&answer), "case-not-open");
}

#[test]
fn what_was_staged_is_taken_back_by_the_case_that_staged_it_and_no_other() {
    let mut world = World::new(base());
    world.add("ann", "staff", None);
    let account = world.account("ann");
    let ticket = world.decide(|_, policy, env| enrol::bootstrap(&account, policy, env));
    let case = world.redeem(ticket.expect("a ticket is printed").expose()).expect("the ticket is good");
    let passkey = world.stage(&case, "passkey").expect("the door binds it");
    let codes = world.stage(&case, "codes").expect("the door binds it");
    let take_back = |world: &mut World, id: &lifecycle::id::AuthenticatorId| {
        let (held, account) = (world.case(&case), world.account("ann"));
        world.decide(|_, policy, env| {
            bind::take_back(bind::At { case: &held, account: &account, session: None, policy }, id, env)
        })
    };
    take_back(&mut world, &passkey).expect("it is not in force");
    assert!(world.recorded(What::AuthenticatorTakenBack, None));
    assert_eq!(world.states("ann", "passkey"), []);
    assert_eq!(code(&take_back(&mut world, &passkey)), "not-recognised", "only once");
    assert_eq!(code(&world.finish(&case, true)), "login-not-possible");
    world.stage(&case, "passkey").expect("another is bound in its place");
    world.finish(&case, true).expect("a login is possible");
    assert_eq!(code(&take_back(&mut world, &codes)), "case-not-open", "what is in force is not staged");
}

#[test]
fn nothing_in_force_is_taken_back_through_an_open_door() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    let door = world.open_bind("ann").expect("her session is fresh");
    let (case, ann) = (world.case(&door), world.caller("ann"));
    let own = world.active("ann", "passkey").expect("it is bound");
    let answer = world.decide(|_, policy, env| {
        let at = bind::At { case: &case, account: &ann.account, session: Some(&ann.session), policy };
        bind::take_back(at, &own, env)
    });
    assert_eq!(code(&answer), "not-at-this-door");
}
