//! Failures: counted per authenticator and per address, slowed down, and in the end switched off (63B-4 3.2.2).

use std::time::Duration;

use lifecycle::notice::{Message, Told};
use lifecycle::throttle::{LIMIT, delay, fail};
use lifecycle::{AuthenticatorState, Refusal, Time, What};

use super::support::{World, base, code};

#[test]
fn the_wait_grows_up_to_an_hour_and_the_tenth_failure_disables() {
    // 63B-4 3.2.2: at most 100 consecutive failures; waits from 30 s up to an hour are its own example.
    let seconds = [
        None,
        None,
        None,
        Some(15),
        Some(30),
        Some(60),
        Some(120),
        Some(240),
        Some(480),
        Some(960),
        Some(1920),
    ];
    for (failures, expected) in (0..).zip(seconds) {
        assert_eq!(delay(failures).map(|d| d.as_secs()), expected, "after {failures}");
    }
    assert!((0..=1000).all(|n| delay(n) <= delay(n + 1)));
    assert_eq!(delay(u32::MAX), Some(Duration::from_hours(1)));
    assert_eq!((0..20).find(|n| fail(*n, Time(0)).disable), Some(LIMIT - 1));
    assert_eq!(LIMIT, 10);
}

/// Ann, with everything that can be guessed at.
fn staff() -> World {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["password", "totp", "codes"]);
    world.confirm("ann", "own-mail");
    world
}

/// One wrong guess at a factor, in a case of its own; the right answer if `right`.
fn guess(world: &mut World, factor: &str, right: bool) -> &'static str {
    let answer = match (factor, right) {
        ("totp", _) => {
            let case = world.begin("ann");
            world.show_authenticator(&case, "ann", "password").expect("the password is right");
            if right { world.show_authenticator(&case, "ann", "totp") } else { world.totp(&case, "abcdef") }
        }
        ("codes", _) => {
            let case = world.recover("ann", "self-service").expect("the door is there");
            if right {
                world.show_authenticator(&case, "ann", "codes")
            } else {
                world.recovery_code(&case, "aaaa-aaaa-aaaa-aaaa")
            }
        }
        ("own-mail", _) => {
            let case = world.recover("ann", "self-service").expect("the door is there");
            match world.send_code(&case, "own-mail") {
                Ok(sent) => world.type_code(&case, "own-mail", if right { &sent } else { "00000000" }),
                Err(refusal) => Err(refusal),
            }
        }
        (_, right) => {
            let case = world.begin("ann");
            let typed = world.kit("ann").password.clone().expect("she has a password");
            world.password(&case, if right { &typed } else { "wrong" })
        }
    };
    code(&answer)
}

fn failures(world: &World, factor: &str) -> u32 {
    let account = world.account("ann");
    match account.address(factor) {
        Some(address) => address.failures,
        None => account.authenticators.iter().find(|a| a.name == factor).expect("it is bound").failures,
    }
}

const GUESSABLE: [&str; 4] = ["password", "totp", "codes", "own-mail"];

#[test]
fn ten_failures_in_a_row_switch_it_off_and_the_right_answer_comes_too_late() {
    for factor in GUESSABLE {
        let mut world = staff();
        for n in 1..=LIMIT {
            assert_eq!(guess(&mut world, factor, false), "not-recognised", "{factor}, failure {n}");
            assert_eq!(failures(&world, factor), n, "{factor}");
            world.pass(Duration::from_hours(1));
        }
        assert_eq!(guess(&mut world, factor, true), "disabled", "{factor}");
        world.pass(Duration::from_hours(24 * 365));
        assert_eq!(guess(&mut world, factor, true), "disabled", "{factor} a year later");
        let is_address = factor == "own-mail";
        if !is_address {
            assert_eq!(world.states("ann", factor), [AuthenticatorState::Disabled]);
        }
        let what = if is_address { What::AddressDisabled } else { What::AuthenticatorDisabled };
        assert_eq!(world.facts.iter().filter(|fact| fact.what == what).count(), 1, "{factor}");
        let told = world.notices.iter().filter(|notice| match &notice.message {
            Message::Changed { what, .. } => match what.as_slice() {
                [Told::SwitchedOff { name, .. }] => name == factor,
                [Told::AddressSwitchedOff { channel }] => channel == factor,
                _ => false,
            },
            _ => false,
        });
        let told: Vec<&str> = told.map(|notice| notice.channel.as_str()).collect();
        assert_eq!(told, ["own-mail", "mobile"], "{factor}: the owner hears of it, once");
    }
}

#[test]
fn while_it_is_locked_nothing_is_looked_at_and_nothing_is_counted() {
    for factor in GUESSABLE {
        let mut world = staff();
        for _ in 0..5 {
            world.pass(Duration::from_hours(1));
            assert_eq!(guess(&mut world, factor, false), "not-recognised", "{factor}");
        }
        for right in [false, true] {
            assert_eq!(guess(&mut world, factor, right), "throttled", "{factor}");
        }
        assert_eq!(failures(&world, factor), 5, "{factor}");
        world.pass(Duration::from_mins(10));
        assert_eq!(guess(&mut world, factor, true), "ok", "{factor}");
        assert_eq!(failures(&world, factor), 0, "{factor}: success forgives");
    }
}

#[test]
fn thirty_two_guesses_at_once_are_three() {
    let mut world = staff();
    let answers: Vec<&str> = (0..32).map(|_| guess(&mut world, "password", false)).collect();
    assert_eq!(answers.iter().filter(|a| **a == "not-recognised").count(), 3);
    assert_eq!(answers.iter().filter(|a| **a == "throttled").count(), 29);
}

#[test]
fn a_new_code_or_a_new_case_forgives_no_failure() {
    let mut world = staff();
    let case = world.recover("ann", "self-service").expect("the door is there");
    world.send_code(&case, "own-mail").expect("there is an address");
    assert_eq!(code(&world.type_code(&case, "own-mail", "00000000")), "not-recognised");
    world.send_code(&case, "own-mail").expect("it can be sent again");
    assert_eq!(failures(&world, "own-mail"), 1);
    let other = world.recover("ann", "self-service").expect("the door is there");
    world.send_code(&other, "own-mail").expect("it can be sent in another case");
    assert_eq!(failures(&world, "own-mail"), 1);
    world.type_code(&other, "own-mail", "00000000").expect_err("it is wrong");
    assert_eq!(failures(&world, "own-mail"), 2);
}

#[test]
fn a_locked_address_is_sent_nothing() {
    let mut world = staff();
    for _ in 0..3 {
        guess(&mut world, "own-mail", false);
    }
    let sent = world.notices.len();
    let case = world.recover("ann", "self-service").expect("the door is there");
    assert!(matches!(world.send_code(&case, "own-mail"), Err(Refusal::Throttled(_))));
    assert_eq!(world.notices.len(), sent);
}

#[test]
fn where_no_code_is_under_way_nobody_uses_up_attempts() {
    let mut world = staff();
    let case = world.recover("ann", "self-service").expect("the door is there");
    assert_eq!(code(&world.type_code(&case, "own-mail", "00000000")), "not-recognised");
    let login = world.begin("ann");
    assert_eq!(code(&world.type_code(&login, "own-mail", "00000000")), "not-at-this-door");
    assert_eq!(failures(&world, "own-mail"), 0);
}

#[test]
fn assertions_that_do_not_verify_switch_no_passkey_off() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    for _ in 0..=LIMIT {
        // Anybody who knows the name is told the credential's id, and can claim it with a key of their own.
        let mut forgery = world.kit("ann").key.as_ref().expect("she has a key").forgery();
        let case = world.begin("ann");
        assert_eq!(code(&world.passkey(&case, &mut forgery)), "not-recognised");
        assert!(world.facts.last().is_some_and(|f| f.with.contains_key("authenticator")));
    }
    assert_eq!(code(&world.sign_in("ann", &["passkey"])), "ok");
}

#[test]
fn failures_at_one_factor_leave_the_others_alone() {
    let mut world = staff();
    for _ in 0..3 {
        guess(&mut world, "totp", false);
    }
    assert_eq!(GUESSABLE.map(|f| failures(&world, f)), [0, 3, 0, 0]);
}
