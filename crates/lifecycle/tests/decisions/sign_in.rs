//! Signing in: what completes a login, what it is worth, and what never does.

use std::time::Duration;

use lifecycle::case::{Standing, Step};
use lifecycle::factor::passkey;
use lifecycle::{AuthenticatorState, What};
use policy::Aal;

use super::support::{World, base, changed, code, totp_code};

fn staff() -> World {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "password", "totp", "codes"]);
    world
}

#[test]
fn each_login_of_the_policy_gives_a_session_of_what_was_used() {
    for (shown, phishing_resistant) in [(&["passkey"][..], true), (&["password", "totp"], false)] {
        let mut world = staff();
        let session = world.sign_in("ann", shown).expect("it is a login");
        assert_eq!(session.aal, Aal::Two, "{shown:?}");
        assert_eq!(session.phishing_resistant, phishing_resistant, "{shown:?}");
        assert_eq!(session.used, shown, "{shown:?}");
        assert!(world.recorded(What::SignedIn, None));
    }
}

#[test]
fn half_a_login_gives_no_session() {
    let mut world = staff();
    let case = world.begin("ann");
    let proved = world.show_authenticator(&case, "ann", "password").expect("the password is right");
    assert!(proved.session.is_none());
    assert!(!world.is_signed_in("ann"));
    let Step::Prove(paths) = world.next_step(&case) else { panic!("more is needed") };
    let standings: Vec<Vec<Standing>> =
        paths.iter().map(|p| p.iter().map(|need| need.standing).collect()).collect();
    assert_eq!(standings, [vec![Standing::Proved, Standing::Yours], vec![Standing::Yours]]);
}

#[test]
fn a_finished_login_gives_no_second_session() {
    let mut world = staff();
    let case = world.begin("ann");
    world.show_authenticator(&case, "ann", "passkey").expect("the passkey is right");
    let again = world.show_authenticator(&case, "ann", "passkey");
    assert_eq!(code(&again), "case-not-open");
    assert_eq!(world.sessions.len(), 1);
}

#[test]
fn a_one_time_code_is_not_looked_at_before_the_password() {
    let mut world = staff();
    let case = world.begin("ann");
    assert_eq!(code(&world.show_authenticator(&case, "ann", "totp")), "not-yet");
    let before = world.account("ann");
    assert_eq!(code(&world.totp(&case, "000000")), "not-yet");
    let totp = |account: &lifecycle::Account| account.active("totp").next().expect("it is bound").failures;
    assert_eq!(totp(&world.account("ann")), totp(&before), "nobody who knows a name uses up attempts");
}

#[test]
fn a_one_time_code_is_good_for_one_step_and_once() {
    let mut world = staff();
    world.pass(Duration::from_hours(1));
    let seed = world.kit("ann").totp.clone().expect("she has an app");
    let used = totp_code(&seed, world.now);
    for (typed, drift, expected) in [
        (used.clone(), 0, "ok"),
        // The same code in another login, and in its neighbouring steps.
        (used.clone(), 0, "not-recognised"),
        (used.clone(), 30, "not-recognised"),
        // Spaces are how people read it.
        (totp_code(&seed, world.now.plus(Duration::from_mins(5))), 300, "ok"),
    ] {
        let at = world.now;
        world.pass(Duration::from_secs(drift));
        let case = world.begin("ann");
        let password = world.kit("ann").password.clone().expect("she has a password");
        world.password(&case, &password).expect("the password is right");
        let spaced = format!("{} {}", &typed[..3], &typed[3..]);
        assert_eq!(code(&world.totp(&case, &spaced)), expected, "{drift} s later");
        world.now = at;
    }
}

#[test]
fn an_unknown_name_gets_a_case_like_any_other_that_nothing_opens() {
    let mut world = staff();
    let (known, unknown) = (world.begin("ann"), world.begin("nobody"));
    let paths = |step: Step| match step {
        Step::Prove(paths) => paths.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(paths(world.next_step(&unknown)), paths(world.next_step(&known)));
    assert_eq!(code(&world.password(&unknown, "decoy")), "not-recognised");
    assert_eq!(code(&world.totp(&unknown, "123456")), "not-recognised");
    assert_eq!(code(&world.recovery_code(&unknown, "abcd")), "not-recognised");
    assert_eq!(code(&world.send_code(&unknown, "own-mail")), "not-recognised");
    assert!(world.facts.iter().rev().take(4).all(|f| f.account.is_none()));
}

#[test]
fn a_kind_that_the_server_does_not_run_is_offered_to_nobody() {
    let mut world = World::new(changed(&[
        (
            "[authenticator.codes]",
            "[authenticator.app]\nkind = \"push\"\non = \"phone\"\n[authenticator.codes]",
        ),
        (
            "require = \"passkey or (password and totp)\"",
            "require = \"passkey or app or (password and totp)\"",
        ),
    ]));
    let case = world.begin("nobody");
    let app = world.policy.model().authenticator("app").expect("the policy has it");
    let Step::Prove(paths) = world.next_step(&case) else { panic!("it is open") };
    assert!(!paths.iter().flatten().any(|need| need.term == policy::model::Term::Authenticator(app)));
}

#[test]
fn a_passkey_signs_in_before_a_name_is_typed() {
    let mut world = staff();
    world.enrolled("bob", "staff", &["passkey", "codes"]);
    let case = world.begin("");
    let proved = world.passkey_first(&case, "bob").expect("the passkey says who it is");
    assert_eq!(proved.session.expect("it is a login").0.account, world.account("bob").id);
    assert!(!world.is_signed_in("ann"));
}

#[test]
fn a_passkey_of_one_account_opens_no_case_of_another() {
    let mut world = staff();
    world.enrolled("bob", "staff", &["passkey", "codes"]);
    let case = world.begin("ann");
    let mut key = world.kit("bob").key.take().expect("he has a key");
    assert_eq!(code(&world.passkey(&case, &mut key)), "not-recognised");
    world.kit("bob").key = Some(key);
    assert_eq!(code(&world.passkey_first(&case, "bob")), "not-recognised");
    assert!(world.sessions.is_empty());
}

#[test]
fn evidence_of_one_account_is_not_taken_for_another() {
    let mut world = staff();
    world.enrolled("bob", "staff", &["passkey", "password", "totp", "codes"]);
    let id = world.begin("ann");
    let case = world.case(&id);
    let bob = world.account("bob");
    let seed = world.kit("bob").totp.clone().expect("he has an app");
    world.pass(Duration::from_mins(2));
    let typed = totp_code(&seed, world.now);
    let answer =
        world.decide(|_, policy, env| lifecycle::prove::totp(&case, Some(&bob), policy, &typed, env));
    assert_eq!(code(&answer), "not-recognised");
}

#[test]
fn a_cloned_key_is_noticed_by_its_counter_and_a_synced_one_counts_nothing() {
    let mut world = staff();
    for _ in 0..3 {
        world.sign_in("ann", &["passkey"]).expect("a key that never counts is no clone");
    }
    world.kit("ann").key.as_mut().expect("she has a key").counter = 40;
    world.sign_in("ann", &["passkey"]).expect("it may begin to count");
    world.kit("ann").key.as_mut().expect("she has a key").counter = 20;
    assert_eq!(code(&world.sign_in("ann", &["passkey"])), "not-recognised");
}

#[test]
fn a_clone_is_noticed_even_when_both_ceremonies_began_before_either_ended() {
    let mut world = staff();
    world.kit("ann").key.as_mut().expect("she has a key").counter = 40;
    let mut key = world.kit("ann").key.take().expect("she has a key");
    let begun: Vec<_> = (0..2)
        .map(|_| {
            let (id, account) = (world.begin("ann"), world.account("ann"));
            let ceremony = passkey::begin(&world.webauthn, &account).expect("it begins");
            // The clone counts from where the key was copied.
            key.counter = 40;
            let answer = key.assert(&ceremony.options);
            (world.case(&id), passkey::verify(&world.webauthn, &ceremony.state, &answer, &account))
        })
        .collect();
    let answers: Vec<&str> = begun
        .into_iter()
        .map(|(case, verified)| {
            assert!(verified.is_ok(), "by itself each of them is right");
            let account = world.account("ann");
            let answer = world.decide(|_, policy, env| {
                lifecycle::prove::passkey(&case, Some(&account), policy, verified, env)
            });
            code(&answer)
        })
        .collect();
    assert_eq!(answers, ["ok", "not-recognised"]);
    let failures = world.account("ann").active("passkey").next().map(|a| a.failures);
    assert_eq!(failures, Some(1), "a signature that is right and a counter that is not are counted");
}

#[test]
fn a_key_that_did_not_verify_its_user_signs_nobody_in() {
    let mut world = staff();
    world.kit("ann").key.as_mut().expect("she has a key").verifies_user = false;
    assert_eq!(code(&world.sign_in("ann", &["passkey"])), "not-recognised");
}

#[test]
fn what_is_disabled_or_staged_proves_nothing() {
    let mut world = staff();
    let other = world.begin("ann");
    for state in [AuthenticatorState::Disabled, AuthenticatorState::Staged(other)] {
        for factor in ["passkey", "password", "totp"] {
            let id = world.active("ann", factor).expect("it is bound");
            let disabled = state == AuthenticatorState::Disabled;
            world.bound(&id).state = state.clone();
            let shown: &[&str] = if factor == "passkey" { &["passkey"] } else { &["password", "totp"] };
            let answer = world.sign_in("ann", shown);
            assert!(answer.is_err(), "{factor} {state:?}");
            assert!(!disabled || code(&answer) != "ok");
            world.bound(&id).state = AuthenticatorState::Active;
            world.pass(Duration::from_mins(2));
        }
    }
    assert!(!world.is_signed_in("ann"));
}

#[test]
fn a_password_that_was_replaced_meanwhile_completes_nothing() {
    let mut world = staff();
    // A thief has shown the old password and waits for a code.
    let thief = world.begin("ann");
    world.show_authenticator(&thief, "ann", "password").expect("the old password is right");
    world.sign_in("ann", &["passkey"]).expect("the owner signs in");
    let door = world.open_bind("ann").expect("her session is fresh");
    world.stage(&door, "password").expect("she replaces the password");
    let answer = world.show_authenticator(&thief, "ann", "totp");
    assert_eq!(code(&answer), "not-yet", "the password counts no longer, so it comes first again");
    assert_eq!(world.sessions.len(), 1);
}

#[test]
fn a_comparison_with_a_hash_that_is_gone_is_neither_right_nor_a_failure() {
    let mut world = staff();
    let id = world.begin("ann");
    let case = world.case(&id);
    let account = world.account("ann");
    let compared = lifecycle::factor::password::Compared::new("$test$another", true);
    let answer = world
        .decide(|_, policy, env| lifecycle::prove::password(&case, Some(&account), policy, &compared, env));
    assert_eq!(code(&answer), "not-recognised");
    assert_eq!(world.account("ann").active("password").next().map(|a| a.failures), Some(0));
}

#[test]
fn a_login_begun_under_another_population_ends() {
    let mut world = staff();
    let case = world.begin("ann");
    let id = world.account("ann").id;
    let account = world.accounts.iter_mut().find(|a| a.id == id).expect("she exists");
    account.groups = vec!["admins".to_owned()];
    assert_eq!(code(&world.show_authenticator(&case, "ann", "passkey")), "case-not-open");
}

#[test]
fn a_login_is_over_after_ten_minutes() {
    let mut world = staff();
    let case = world.begin("ann");
    world.pass(Duration::from_mins(10));
    assert_eq!(code(&world.show_authenticator(&case, "ann", "passkey")), "case-not-open");
}

#[test]
fn a_better_key_than_declared_gives_no_more_than_the_policy_counted_on() {
    // The policy counts a key that asks for no PIN as one factor; that it did ask this time is not in the analysis.
    let mut world = World::new(changed(&[
        (
            "[authenticator.codes]",
            "[authenticator.fob]\nkind = \"security-key\"\nuser_verification = \"none\"\n[authenticator.codes]",
        ),
        ("binds   = [\"password\", \"passkey\", \"codes\"]", "binds   = [\"password\", \"fob\", \"codes\"]"),
        ("require = \"password or passkey\"", "require = \"password or fob\""),
    ]));
    world.enrolled("gus", "guests", &["fob", "codes"]);
    assert_eq!(world.sign_in("gus", &["fob"]).map(|s| s.aal), Ok(Aal::One));
}
