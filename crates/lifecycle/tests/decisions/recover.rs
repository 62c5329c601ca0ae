//! Recovery: evidence in any order, a wait in which the owner can stop it, and everything replaced at once.

use std::time::Duration;

use lifecycle::case::{CaseState, Outcome, Settled, Step};
use lifecycle::enrol::Authority;
use lifecycle::notice::{Message, Told};
use lifecycle::{Actor, AuthenticatorState, CaseId, Refusal, What, approve, bind, recover};
use policy::model::Proofing;

use super::promised::lacking;
use super::support::{World, base, changed, code};

pub(super) const DAY: Duration = Duration::from_hours(24);

/// Ann holds everything and is signed in; two agents are at the help desk.
pub(super) fn staff() -> World {
    staff_under(base())
}

pub(super) fn staff_under(policy: policy::Policy) -> World {
    let mut world = World::new(policy);
    for name in ["hal", "hope", "hugh"] {
        world.enrolled(name, "helpdesk", &["passkey"]);
    }
    world.enrolled("ann", "staff", &["passkey", "password", "totp", "codes"]);
    world.confirm("ann", "own-mail");
    world.pass(Duration::from_mins(5));
    world
}

fn on_duty(world: &mut World) {
    for name in ["hal", "hope", "hugh"] {
        world.sign_in(name, &["passkey"]).expect("it is a login");
    }
}

/// A case at the assisted door with all its evidence: it waits.
pub(super) fn waiting(world: &mut World) -> CaseId {
    on_duty(world);
    let case = world.recover("ann", "assisted").expect("the door is there");
    world.proof(&case, "hal", Proofing::Video).expect("he saw her");
    world.approve(&case, "hope").expect("she agrees");
    assert!(matches!(world.approve(&case, "hugh"), Ok(Settled::Waiting(_))));
    case
}

/// A case at the self-service door with all its evidence: it is open.
pub(super) fn open(world: &mut World) -> CaseId {
    let case = world.recover("ann", "self-service").expect("the door is there");
    let sent = world.send_code(&case, "own-mail").expect("there is an address");
    world.type_code(&case, "own-mail", &sent).expect("it is right");
    world.show_authenticator(&case, "ann", "codes").expect("it is right");
    let proved = world.show_authenticator(&case, "ann", "password").expect("it is right");
    assert!(matches!(proved.settled, Settled::Open(_)));
    case
}

#[test]
fn the_door_waits_and_tells_everybody_how_to_stop_it() {
    let mut world = staff();
    let case = waiting(&mut world);
    let until = world.now.plus(DAY);
    assert_eq!(world.next_step(&case), Step::Wait(until));
    let told: Vec<&str> = world
        .notices
        .iter()
        .filter(|n| matches!(&n.message, Message::DoorWaiting { until: u, .. } if *u == until))
        .filter(|n| n.stop.is_some() && n.case.as_ref() == Some(&case))
        .map(|n| n.channel.as_str())
        .collect();
    assert_eq!(told, ["own-mail", "mobile"]);
    // The last piece was an agent's, so it was not the holder who completed it.
    let completed = world.facts.iter().find(|fact| fact.what == What::DoorWaiting).expect("it is recorded");
    assert_eq!(completed.actor, Actor::Person(world.account("hugh").id));
    for minutes in [0, 24 * 60 - 1] {
        let at = world.now;
        world.pass(Duration::from_mins(minutes));
        assert_eq!(world.proceed(&case), Err(Refusal::Waits(until)), "{minutes} minutes later");
        assert_eq!(code(&world.stage(&case, "passkey")), "case-not-open", "{minutes} minutes later");
        assert_eq!(code(&world.finish(&case, true)), "case-not-open", "{minutes} minutes later");
        world.now = at;
    }
    world.pass(DAY);
    assert_eq!(world.next_step(&case), Step::Proceed);
    assert_eq!(code(&world.stage(&case, "passkey")), "case-not-open", "the holder goes on first");
    world.proceed(&case).expect("the wait is over");
    assert_eq!(world.next_step(&case), Step::Bind(world.now.plus(Duration::from_mins(10))));
    world.stage(&case, "passkey").expect("the door binds it");
}

#[test]
fn no_moment_is_promised_for_evidence_that_counts_no_more() {
    let mut world = staff_under(changed(&[(
        "binds   = [\"passkey\", \"totp\"]\nnotify",
        "binds   = [\"passkey\", \"totp\"]\nwait    = \"24h\"\nnotify",
    )]));
    let case = world.recover("ann", "self-service").expect("the door is there");
    let sent = world.send_code(&case, "own-mail").expect("there is an address");
    world.type_code(&case, "own-mail", &sent).expect("it is right");
    world.show_authenticator(&case, "ann", "codes").expect("it is right");
    world.show_authenticator(&case, "ann", "password").expect("it is right");
    let until = world.now.plus(DAY);
    assert_eq!(world.proceed(&case), Err(Refusal::Waits(until)));
    // Ann notices, and reports her password lost in the session that she has.
    let password = world.active("ann", "password").expect("she has one");
    world.bound(&password).state = AuthenticatorState::Disabled;
    assert_eq!(code(&world.proceed(&case)), "case-not-open");
    world.pass(DAY);
    assert_eq!(code(&world.proceed(&case)), "case-not-open");
}

#[test]
fn a_stopped_or_denied_case_stays_over() {
    for denied in [false, true] {
        let mut world = staff();
        let id = waiting(&mut world);
        let (case, account) = (world.case(&id), world.account("ann"));
        let hal = world.caller("hal");
        world
            .decide(|_, policy, env| {
                let at = approve::At { case: &case, account: &account, caller: &hal, policy };
                if denied {
                    approve::deny(at, "", env)
                } else {
                    approve::stop(&case, &Actor::NoticeLink, env)
                }
            })
            .expect("it is open");
        let outcome = if denied { Outcome::Denied } else { Outcome::Stopped };
        assert_eq!(world.case(&id).state, CaseState::Closed(outcome));
        world.pass(DAY);
        assert_eq!(code(&world.proceed(&id)), "case-not-open");
        assert_eq!(code(&world.stage(&id, "passkey")), "case-not-open");
        let case = world.case(&id);
        let again = world.decide(|_, _, env| approve::stop(&case, &Actor::NoticeLink, env));
        assert_eq!(code(&again), "case-not-open");
    }
}

#[test]
fn the_owner_stops_a_case_while_it_is_open_and_nobody_else_does() {
    let mut world = staff();
    let id = open(&mut world);
    world.enrolled("bob", "staff", &["passkey", "codes"]);
    let case = world.case(&id);
    for (who, expected) in [("bob", "not-authorized"), ("ann", "ok")] {
        let actor = Actor::Person(world.account(who).id);
        let answer = world.decide(|_, _, env| approve::stop(&case, &actor, env));
        assert_eq!(code(&answer), expected);
    }
    assert_eq!(code(&world.stage(&id, "passkey")), "case-not-open");
}

#[test]
fn nothing_that_is_staged_counts_and_nothing_old_is_lost_before_the_end() {
    let mut world = staff();
    let old = world.sign_in("ann", &["passkey"]).expect("it is a login");
    let case = open(&mut world);
    let mut former = world.kit("ann").key.take().expect("she has a key");
    world.stage(&case, "passkey").expect("the door binds it");
    assert!(world.sign_in("ann", &["passkey"]).is_err(), "the new key is only staged");
    assert!(world.sessions.iter().any(|s| s.id == old.id));
    let login = world.begin("ann");
    world.passkey(&login, &mut former).expect("the old key still is her login");
    world.finish(&case, false).expect("a login is possible");
    assert!(world.sessions.is_empty(), "every session ends");
    world.sign_in("ann", &["passkey"]).expect("the new key is her login");
    let login = world.begin("ann");
    assert_eq!(code(&world.passkey(&login, &mut former)), "not-recognised");
}

#[test]
fn what_the_door_replaces_is_revoked_and_the_rest_stays() {
    let mut world = staff();
    let case = open(&mut world);
    world.stage(&case, "passkey").expect("the door binds it");
    let notices = world.notices.len();
    world.finish(&case, false).expect("a login is possible");
    // `binds` of the door: passkey and totp.
    assert_eq!(world.states("ann", "passkey"), [AuthenticatorState::Active]);
    assert_eq!(world.states("ann", "totp"), []);
    assert_eq!(world.states("ann", "password"), [AuthenticatorState::Active]);
    assert_eq!(world.states("ann", "codes"), [AuthenticatorState::Active]);
    let told: Vec<&str> = world.notices[notices..].iter().map(|n| n.channel.as_str()).collect();
    assert_eq!(told, ["own-mail", "mobile"]);
    let Some(Message::Changed { what, .. }) = world.notices.last().map(|n| &n.message) else {
        panic!("they are told of a change")
    };
    let words: Vec<String> = what.iter().map(Told::to_string).collect();
    assert_eq!(words, ["passkey (passkey) removed", "totp (totp) removed", "passkey added"]);
    assert!(world.recorded(What::FactorsReplaced, None));
    assert_eq!(code(&world.finish(&case, false)), "case-not-open");
}

#[test]
fn other_cases_of_the_account_are_overtaken() {
    let mut world = staff();
    let attacker = waiting(&mut world);
    let case = open(&mut world);
    world.stage(&case, "passkey").expect("the door binds it");
    world.finish(&case, false).expect("a login is possible");
    world.pass(DAY);
    assert_eq!(world.next_step(&attacker), Step::Closed(Outcome::Overtaken));
    assert_eq!(code(&world.proceed(&attacker)), "case-not-open");
}

#[test]
fn a_door_that_leaves_no_login_is_not_finished() {
    let mut world = staff();
    let case = open(&mut world);
    assert_eq!(code(&world.finish(&case, false)), "login-not-possible");
    // Half of `password and totp` is new, and the password was kept.
    world.stage(&case, "totp").expect("the door binds it");
    world.finish(&case, false).expect("password and code are a login");
}

#[test]
fn a_recovery_code_and_a_sent_code_are_good_once() {
    let mut world = staff();
    let first = world.recover("ann", "self-service").expect("the door is there");
    let second = world.recover("ann", "self-service").expect("the door is there");
    let saved = world.kit("ann").codes.pop().expect("she kept them");
    let sent = world.send_code(&first, "own-mail").expect("there is an address");
    let mut saved_answers = Vec::new();
    let mut sent_answers = Vec::new();
    for _ in 0..16 {
        for case in [&first, &second] {
            world.pass(Duration::from_hours(1));
            saved_answers.push(code(&world.recovery_code(case, &saved.to_uppercase().replace('-', " "))));
            world.now = lifecycle::Time(world.now.0 - 3_600_000_000);
            sent_answers.push(code(&world.type_code(case, "own-mail", &sent)));
        }
    }
    let right = |answers: &[&str]| answers.iter().filter(|a| **a == "ok").count();
    assert_eq!((right(&saved_answers), right(&sent_answers)), (1, 1));
}

#[test]
fn a_code_belongs_to_one_case_one_channel_and_its_time() {
    let mut world = staff();
    let case = world.recover("ann", "self-service").expect("the door is there");
    let other = world.recover("ann", "self-service").expect("the door is there");
    let sent = world.send_code(&case, "own-mail").expect("there is an address");
    world.send_code(&other, "own-mail").expect("there is an address");
    assert_eq!(code(&world.type_code(&other, "own-mail", &sent)), "not-recognised");
    world.send_code(&case, "own-mail").expect("it can be sent again");
    assert_eq!(code(&world.type_code(&case, "own-mail", &sent)), "not-recognised", "a new one replaced it");
    assert_eq!(code(&world.send_code(&case, "mobile")), "not-at-this-door");
}

#[test]
fn a_mailed_code_is_good_for_an_hour() {
    // 63B-4 4.2.1.2 allows 24 hours.
    for (minutes, expected) in [(59, "ok"), (60, "not-recognised")] {
        let mut world = staff();
        let case = world.recover("ann", "self-service").expect("the door is there");
        let sent = world.send_code(&case, "own-mail").expect("there is an address");
        world.pass(Duration::from_mins(minutes));
        assert_eq!(code(&world.type_code(&case, "own-mail", &sent)), expected, "{minutes} minutes later");
    }
}

#[test]
fn a_code_is_sent_to_confirmed_addresses_only() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "password", "codes"]);
    let case = world.recover("ann", "self-service").expect("the door is there");
    assert_eq!(code(&world.send_code(&case, "own-mail")), "no-address");
}

#[test]
fn codes_that_were_replaced_while_a_case_waits_take_its_evidence_away() {
    let mut world = staff_under(changed(&[(
        "require = \"proofing(video) and approval(helpdesk, 2)\"",
        "require = \"codes and proofing(video) and approval(helpdesk, 2)\"",
    )]));
    on_duty(&mut world);
    let thief = world.recover("ann", "assisted").expect("the door is there");
    world.show_authenticator(&thief, "ann", "codes").expect("the thief has her codes");
    world.proof(&thief, "hal", Proofing::Video).expect("he is deceived");
    world.approve(&thief, "hope").expect("she is deceived");
    assert!(matches!(world.approve(&thief, "hugh"), Ok(Settled::Waiting(_))));
    // The owner, warned, does not stop the case but replaces what was stolen.
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    let door = world.open_bind("ann").expect("her session is fresh");
    assert_eq!(world.next_step(&thief), Step::Wait(world.now.plus(DAY)));
    world.stage(&door, "codes").expect("she makes new codes");
    // No moment is promised any more: the codes would have to be shown again, and the rest counts.
    for time in [Duration::ZERO, DAY] {
        world.pass(time);
        assert_eq!(lacking(&world, &thief), [vec!["codes"]]);
        assert_eq!(code(&world.proceed(&thief)), "case-not-open");
    }
}

#[test]
fn an_address_that_was_changed_takes_its_codes_and_its_evidence_away() {
    for typed_before in [true, false] {
        let mut world = staff();
        let thief = world.recover("ann", "self-service").expect("the door is there");
        let sent = world.send_code(&thief, "own-mail").expect("there is an address");
        if typed_before {
            world.type_code(&thief, "own-mail", &sent).expect("the thief reads her mail");
        }
        world.pass(Duration::from_mins(1));
        world.move_to("ann", "own-mail", "ann@safe.example");
        if !typed_before {
            assert_eq!(code(&world.type_code(&thief, "own-mail", &sent)), "not-recognised");
        }
        world.show_authenticator(&thief, "ann", "codes").expect("the thief has her codes");
        let last = world.show_authenticator(&thief, "ann", "password").expect("and her password");
        assert_eq!(last.settled, Settled::More, "typed before: {typed_before}");
    }
}

#[test]
fn a_policy_that_asks_for_more_meanwhile_is_what_is_enforced() {
    for (from, to, expected) in [
        (
            "require = \"proofing(video) and approval(helpdesk, 2)\"",
            "require = \"proofing(in-person) and approval(helpdesk, 2)\"",
            "case-not-open",
        ),
        ("wait    = \"24h\"", "wait    = \"48h\"", "waits"),
        // By then the case has lapsed: it is told at once that it does not go on.
        ("wait    = \"24h\"", "wait    = \"72h\"", "case-not-open"),
        ("[population.staff.recover.assisted]", "[population.staff.recover.with-help]", "case-not-open"),
    ] {
        let mut world = staff();
        let case = waiting(&mut world);
        world.policy = changed(&[(from, to)]);
        world.pass(DAY);
        assert_eq!(code(&world.proceed(&case)), expected, "{to}");
        world.policy = base();
        world.proceed(&case).expect("the wait is over");
        world.policy = changed(&[(from, to)]);
        assert_eq!(code(&world.stage(&case, "passkey")), "case-not-open", "{to}");
        assert_eq!(code(&world.finish(&case, true)), "case-not-open", "{to}");
    }
}

#[test]
fn what_the_door_no_longer_binds_does_not_become_active() {
    let mut world = staff();
    let case = open(&mut world);
    world.stage(&case, "passkey").expect("the door binds it");
    world.stage(&case, "totp").expect("the door binds it");
    let (staged, kept) = ("binds   = [\"passkey\", \"totp\"]", "binds   = [\"passkey\"]");
    world.policy = changed(&[(staged, kept)]);
    let former = world.active("ann", "totp");
    world.finish(&case, true).expect("a login is possible");
    assert_eq!(world.active("ann", "totp"), former, "the old one stays, the new one does not count");
    assert_eq!(world.states("ann", "totp"), [AuthenticatorState::Active]);
}

#[test]
fn a_case_of_another_population_opens_nothing() {
    let mut world = staff();
    let case = waiting(&mut world);
    let id = world.account("ann").id;
    world.accounts.iter_mut().find(|a| a.id == id).expect("she exists").groups = vec!["admins".to_owned()];
    assert_eq!(lacking(&world, &case), [Vec::<&str>::new()], "all was shown, at a door that is not hers");
    world.pass(DAY);
    assert_eq!(code(&world.proceed(&case)), "case-not-open");
    on_duty(&mut world);
    let case = world.recover("ann", "assisted").expect("the door is there");
    let id = world.account("ann").id;
    world.accounts.iter_mut().find(|a| a.id == id).expect("she exists").groups = vec!["staff".to_owned()];
    assert_eq!(code(&world.approve(&case, "hope")), "case-not-open");
    assert_eq!(code(&world.proof(&case, "hope", Proofing::InPerson)), "case-not-open");
}

#[test]
fn the_holder_may_come_back_until_the_case_expires_and_not_after() {
    let mut world = staff();
    let case = waiting(&mut world);
    world.pass(DAY);
    world.proceed(&case).expect("the wait is over");
    world.pass(Duration::from_mins(10));
    assert_eq!(code(&world.stage(&case, "passkey")), "case-not-open");
    world.proceed(&case).expect("she comes back");
    world.stage(&case, "passkey").expect("it is open again");
    world.pass(Duration::from_hours(48));
    assert_eq!(world.next_step(&case), Step::Closed(Outcome::Expired));
    assert_eq!(code(&world.proceed(&case)), "case-not-open");
    assert_eq!(code(&world.finish(&case, true)), "case-not-open");
}

#[test]
fn who_never_enrolled_has_nothing_to_recover() {
    let mut world = staff();
    on_duty(&mut world);
    world.add("new", "staff", None);
    let case = world.recover("new", "assisted").expect("it looks like any other");
    assert_eq!(world.case(&case).account, None);
    let (new, hal) = (world.account("new"), world.caller("hal"));
    let authority = Authority::Person(&hal);
    let answer =
        world.decide(|_, policy, env| recover::open_for(&new, authority, policy, "assisted", "", env));
    assert_eq!(code(&answer), "no-door");
    assert_eq!(
        recover::doors(Some(&new), &world.policy, "helpdesk"),
        recover::doors(None, &world.policy, "helpdesk")
    );
}

#[test]
fn an_unknown_name_sees_the_same_doors_and_none_opens() {
    let mut world = staff();
    assert_eq!(recover::doors(None, &world.policy, "staff"), ["self-service", "assisted"]);
    let case = world.recover("nobody", "self-service").expect("it looks like any other");
    assert_eq!(code(&world.send_code(&case, "own-mail")), "not-recognised");
    assert_eq!(code(&world.recovery_code(&case, "aaaa")), "not-recognised");
    assert_eq!(code(&world.recover("nobody", "no-such-door")), "not-at-this-door");
    assert_eq!(code(&world.recover("ann", "no-such-door")), "not-at-this-door");
}

#[test]
fn an_agents_case_is_joined_once_and_approved_only_then() {
    let mut world = staff();
    on_duty(&mut world);
    let (ann, hal) = (world.account("ann"), world.caller("hal"));
    let opened = world.decide(|_, policy, env| {
        recover::open_for(&ann, Authority::Person(&hal), policy, "assisted", "lost her phone", env)
    });
    let case = opened.expect("he is an agent");
    assert_eq!(code(&world.approve_with(&case.id, "hope", "")), "check-code", "nobody holds it yet");
    let joined: Vec<&str> = (0..32)
        .map(|_| {
            let is_held = world.held.contains(&case.id);
            let case = world.case(&case.id);
            code(&world.decide(|_, _, env| recover::join(Some((&case, &ann)), is_held, env)))
        })
        .collect();
    assert_eq!(joined.iter().filter(|a| **a == "ok").count(), 1);
    assert_eq!(code(&world.approve(&case.id, "hal")), "same-person", "the requester does not approve");
    assert!(world.approve(&case.id, "hope").is_ok());
}

#[test]
fn agents_open_no_case_for_themselves_and_members_for_nobody() {
    let mut world = staff();
    on_duty(&mut world);
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    for (whose, who, expected) in
        [("hal", "hal", "same-person"), ("hal", "ann", "not-authorized"), ("hal", "hope", "ok")]
    {
        let (account, caller) = (world.account(whose), world.caller(who));
        let answer = world.decide(|_, policy, env| {
            recover::open_for(&account, Authority::Person(&caller), policy, "assisted", "", env)
        });
        assert_eq!(code(&answer), expected, "{who} for {whose}");
    }
}

#[test]
fn a_stolen_address_change_in_an_open_door_is_told_at_the_old_one() {
    let policy = changed(&[(
        "binds   = [\"passkey\", \"totp\"]\nnotify",
        "binds   = [\"passkey\", \"totp\", \"own-mail\"]\nnotify",
    )]);
    let mut world = staff_under(policy);
    let case = open(&mut world);
    world.pass(Duration::from_secs(1));
    let (ceremony, typed) =
        world.new_address(&case, "own-mail", "new@example.net").expect("the door binds it");
    world.confirm_address(&case, &ceremony, &typed).expect("it is read there");
    let old = "ann@own-mail.example.com";
    assert!(world.notices.iter().rev().take(2).any(|n| n.address == old));
    // The code that this case showed at the old address counts on: it was shown at the new one just now.
    world.stage(&case, "passkey").expect("the door is still open");
    world.finish(&case, false).expect("a login is possible");
}

#[test]
fn a_wait_of_which_nobody_would_hear_does_not_begin() {
    let mut world = staff();
    on_duty(&mut world);
    let account = world.account("ann").id;
    let ann = world.accounts.iter_mut().find(|a| a.id == account).expect("the account exists");
    let addresses = std::mem::take(&mut ann.addresses);
    let case = world.recover("ann", "assisted").expect("the door is there");
    world.proof(&case, "hal", Proofing::Video).expect("he saw her");
    world.approve(&case, "hope").expect("she agrees");
    assert_eq!(world.approve(&case, "hugh"), Ok(Settled::More), "his yes counts, and nothing begins");
    assert!(world.recorded(What::DoorWaiting, Some("no-address")));
    assert_eq!(world.next_step(&case), Step::Unheard);
    for days in [0, 1] {
        world.pass(DAY * days);
        assert_eq!(code(&world.proceed(&case)), "case-not-open");
        assert_eq!(code(&world.stage(&case, "passkey")), "case-not-open");
    }
    // With one address that the notice names it is a wait like any other.
    let mut world = staff();
    let ann = world.accounts.iter_mut().find(|a| a.id == account).expect("the account exists");
    ann.addresses = addresses.into_iter().filter(|a| a.channel == "mobile").collect();
    waiting(&mut world);
}

/// A door that binds the mailbox, and does not tell it.
fn with_mailboxes() -> World {
    let door = "require = \"password and codes and issued(own-mail)\"\nbinds   = [\"passkey\", \"totp\"";
    let notify = "notify  = [\"own-mail\", \"mobile\"]\n\n[population.staff.recover.assisted]";
    let policy =
        changed(&[(door, &format!("{door}, \"own-mail\"")), (notify, &notify.replace("\"own-mail\", ", ""))]);
    staff_under(policy)
}

fn mailbox(world: &World) -> Option<String> {
    world.account("ann").address("own-mail").map(|address| address.address.clone())
}

#[test]
fn a_new_address_counts_once_the_recovery_is_finished_and_the_one_before_hears_of_it() {
    let mut world = with_mailboxes();
    let before = mailbox(&world).expect("she has one");
    let case = open(&mut world);
    for new in ["ann@one.example", "ann@two.example"] {
        let (ceremony, typed) = world.new_address(&case, "own-mail", new).expect("the door binds it");
        world.confirm_address(&case, &ceremony, &typed).expect("she reads it there");
        assert_eq!(mailbox(&world).as_ref(), Some(&before), "it is staged");
        let ann = world.account("ann");
        assert!(bind::staged_addresses(&world.case(&case)).iter().all(|new| new.in_force(&ann).is_none()));
    }
    assert!(world.recorded(What::AddressConfirmed, None) && !world.recorded(What::AddressBound, None));
    world.stage(&case, "passkey").expect("the door binds it");
    let notices = world.notices.len();
    world.finish(&case, true).expect("there is a new passkey");
    assert_eq!(mailbox(&world).as_deref(), Some("ann@two.example"), "the last one");
    let (done, ann) = (world.case(&case), world.account("ann"));
    let in_force = |account| -> Vec<String> {
        let new = bind::staged_addresses(&done);
        new.iter().filter_map(|new| new.in_force(account)).map(|new| new.address.clone()).collect()
    };
    assert_eq!(in_force(&ann), ["ann@two.example"]);
    let mut later = ann.clone();
    later.addresses.iter_mut().for_each(|new| new.address = "ann@three.example".to_owned());
    assert_eq!(in_force(&later), [""; 0]);
    assert!(world.recorded(What::AddressBound, None));
    let told = world.notices[notices..].iter().filter(|notice| match &notice.message {
        Message::Changed { what, .. } => {
            what.contains(&Told::AddressChanged { channel: "own-mail".to_owned() })
        }
        _ => false,
    });
    let told: Vec<&str> = told.map(|notice| notice.address.as_str()).collect();
    assert!(told.contains(&before.as_str()), "{told:?}: nobody else may know that it was not she");
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn a_recovery_that_is_stopped_leaves_the_addresses_as_they_were() {
    let mut world = with_mailboxes();
    let before = mailbox(&world);
    let case = open(&mut world);
    let (ceremony, typed) =
        world.new_address(&case, "own-mail", "ann@one.example").expect("the door binds it");
    world.confirm_address(&case, &ceremony, &typed).expect("the thief reads it there");
    let held = world.case(&case);
    world.decide(|_, _, env| approve::stop(&held, &Actor::NoticeLink, env)).expect("she stops it");
    assert_eq!(code(&world.finish(&case, true)), "case-not-open");
    assert_eq!(mailbox(&world), before);
}
