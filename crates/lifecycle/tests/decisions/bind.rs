//! Binding while signed in: by a session as fresh and as strong as the door and the account demand.

use std::time::Duration;

use lifecycle::case::{Case, DoorName};
use lifecycle::notice::Message;
use lifecycle::{AuthenticatorState, Caller, What, bind, finish};
use policy::Aal;

use super::support::{World, base, changed, code};

/// Ann holds everything and has just signed in.
fn staff() -> World {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "password", "totp", "codes"]);
    world.confirm("ann", "own-mail");
    world.pass(Duration::from_mins(5));
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    world
}

/// A guest, who signs in with a password alone.
fn guest(names: &[&str]) -> World {
    let mut world = World::new(base());
    world.enrolled("gus", "guests", names);
    world.sign_in("gus", &["password"]).expect("it is a login");
    world
}

#[test]
fn the_door_asks_for_a_session_as_fresh_and_as_strong_as_it_says() {
    for (minutes, aal, expected) in [
        (0, Aal::Two, "ok"),
        (10, Aal::Two, "ok"),
        (11, Aal::Two, "stale"),
        (0, Aal::One, "too-weak"),
        (11, Aal::One, "too-weak"),
        (60, Aal::Two, "not-authorized"),
    ] {
        let mut world = staff();
        world.sessions.iter_mut().for_each(|s| s.aal = aal);
        world.pass(Duration::from_mins(minutes));
        assert_eq!(code(&world.open_bind("ann")), expected, "{minutes} minutes, {aal}");
        assert!(world.recorded(What::CaseOpened, Some(expected)) || expected == "ok");
    }
}

#[test]
fn an_open_door_is_good_for_ten_minutes_and_does_not_open_again() {
    let mut world = staff();
    let door = world.open_bind("ann").expect("her session is fresh");
    world.pass(Duration::from_mins(9));
    world.stage(&door, "passkey").expect("it is open");
    world.pass(Duration::from_mins(1));
    assert_eq!(code(&world.stage(&door, "passkey")), "case-not-open");
    assert_eq!(code(&world.proceed(&door)), "case-not-open");
    assert_eq!(code(&world.finish(&door, true)), "case-not-open");
}

#[test]
fn the_open_door_is_of_no_use_without_the_session_or_with_a_weaker_one() {
    type Change = fn(&mut World);
    let changes: [(&str, Change); 3] = [
        ("it was ended", |world| world.sessions.clear()),
        ("another is weaker", |world| world.sessions.iter_mut().for_each(|s| s.aal = Aal::One)),
        ("it is idle", |world| world.sessions.iter_mut().for_each(|s| s.idle_expires_at = world.now)),
    ];
    for (what, change) in changes {
        let mut world = staff();
        let door = world.open_bind("ann").expect("her session is fresh");
        let passkey = world.active("ann", "passkey").expect("it is bound");
        change(&mut world);
        assert_eq!(code(&world.stage(&door, "passkey")), "case-not-open", "{what}");
        assert_eq!(code(&world.new_address(&door, "own-mail", "a@b.example")), "case-not-open", "{what}");
        assert_eq!(code(&world.remove(&door, &passkey)), "case-not-open", "{what}");
    }
}

#[test]
fn a_door_of_one_account_binds_nothing_to_another() {
    let mut world = staff();
    world.enrolled("bob", "staff", &["passkey", "codes"]);
    let door = world.open_bind("ann").expect("her session is fresh");
    world.sign_in("bob", &["passkey"]).expect("it is a login");
    let (case, bob) = (world.case(&door), world.caller("bob"));
    let at =
        bind::At { case: &case, account: &bob.account, session: Some(&bob.session), policy: &world.policy };
    let mut random = |_: &mut [u8]| {};
    let env = lifecycle::Env { now: world.now, random: &mut random, code_key: &[7; 32] };
    assert_eq!(bind::may_bind(at, "passkey", &env).err(), Some(lifecycle::Refusal::CaseNotOpen));
    let ann = world.account("ann");
    let at = bind::At { account: &ann, ..at };
    assert_eq!(bind::may_bind(at, "passkey", &env).err(), Some(lifecycle::Refusal::CaseNotOpen));
}

#[test]
fn what_is_bound_here_counts_at_once_and_everybody_is_told() {
    let mut world = staff();
    let door = world.open_bind("ann").expect("her session is fresh");
    let notices = world.notices.len();
    world.stage(&door, "passkey").expect("it is open");
    assert_eq!(world.states("ann", "passkey"), [AuthenticatorState::Active, AuthenticatorState::Active]);
    let told: Vec<&str> = world.notices[notices..].iter().map(|n| n.channel.as_str()).collect();
    assert_eq!(told, ["own-mail", "mobile"]);
    world.sign_in("ann", &["passkey"]).expect("the new key is a login");
}

#[test]
fn there_is_one_password_one_app_and_one_set_of_codes() {
    for factor in ["password", "totp", "codes"] {
        let mut world = staff();
        let door = world.open_bind("ann").expect("her session is fresh");
        let old = world.active("ann", factor).expect("it is bound");
        let new = world.stage(&door, factor).expect("it is open");
        assert_eq!(world.active("ann", factor), Some(new), "{factor}");
        assert_eq!(world.states("ann", factor), [AuthenticatorState::Active], "{factor}");
        let replaced = world.facts.last().and_then(|f| f.with.get("replaced"));
        assert_eq!(replaced.map(String::as_str), Some(old.as_str()), "{factor}");
    }
}

#[test]
fn what_was_disabled_is_bound_anew_by_the_door() {
    let mut world = staff();
    let old = world.active("ann", "totp").expect("it is bound");
    world.bound(&old).state = AuthenticatorState::Disabled;
    let door = world.open_bind("ann").expect("her session is fresh");
    world.stage(&door, "totp").expect("it is open");
    assert_eq!(world.states("ann", "totp"), [AuthenticatorState::Active]);
    world.pass(Duration::from_mins(1));
    world.sign_in("ann", &["password", "totp"]).expect("it is a login again");
}

#[test]
fn the_same_passkey_is_not_bound_twice() {
    let mut world = staff();
    let door = world.open_bind("ann").expect("her session is fresh");
    let (case, caller) = (world.case(&door), world.caller("ann"));
    let bound = caller.account.active("passkey").next().expect("it is bound").data.clone();
    let lifecycle::factor::FactorData::Passkey(stored) = bound else { panic!("it is a passkey") };
    let ceremony = lifecycle::id::ChallengeId("a".to_owned());
    let answer = world.decide(|_, policy, env| {
        let at = at(&case, &caller, policy);
        bind::passkey(at, "passkey", "again", *stored, &ceremony, env)
    });
    assert_eq!(code(&answer), "not-acceptable");
}

fn at<'a>(case: &'a Case, caller: &'a Caller, policy: &'a policy::Policy) -> bind::At<'a> {
    bind::At { case, account: &caller.account, session: Some(&caller.session), policy }
}

#[test]
fn nobody_binds_what_reaches_a_higher_level_than_their_session() {
    let mut world = guest(&["password", "codes"]);
    let door = world.open_bind("gus").expect("any session will do");
    assert_eq!(code(&world.stage(&door, "passkey")), "raises-assurance");
    assert!(world.recorded(What::AuthenticatorBound, Some("raises-assurance")));
    assert_eq!(code(&world.stage(&door, "password")), "ok", "what reaches no higher may be bound");
}

#[test]
fn saved_codes_and_addresses_ask_for_the_session_that_the_account_is_worth() {
    // Who only has a password can do no better; who has a passkey too is worth more than a stolen password.
    for (holds, expected) in
        [(&["password", "codes"][..], "ok"), (&["password", "passkey", "codes"], "too-weak")]
    {
        let mut world = guest(holds);
        let door = world.open_bind("gus").expect("any session will do");
        assert_eq!(code(&world.stage(&door, "codes")), expected, "{holds:?}");
        assert_eq!(code(&world.new_address(&door, "own-mail", "g@x.example")), expected, "{holds:?}");
    }
}

#[test]
fn what_opens_another_door_than_login_asks_for_the_session_that_the_account_is_worth() {
    // A time-based code signs no guest in, so binding one raises no login; but a recovery may ask for it.
    let binds = r#"binds   = ["password", "passkey", "codes", "own-mail"]"#;
    let with_totp = r#"binds   = ["password", "passkey", "codes", "totp", "own-mail"]"#;
    for (holds, expected) in
        [(&["password", "codes"][..], "ok"), (&["password", "passkey", "codes"], "too-weak")]
    {
        let mut world = World::new(changed(&[(binds, with_totp)]));
        world.enrolled("gus", "guests", holds);
        world.sign_in("gus", &["password"]).expect("it is a login");
        let door = world.open_bind("gus").expect("any session will do");
        assert_eq!(code(&world.stage(&door, "totp")), expected, "{holds:?}");
    }
}

#[test]
fn a_weak_session_removes_nothing_from_an_account_that_is_worth_more() {
    for (holds, expected) in
        [(&["password", "codes"][..], "ok"), (&["password", "passkey", "codes"], "too-weak")]
    {
        let mut world = guest(holds);
        let door = world.open_bind("gus").expect("any session will do");
        let codes = world.active("gus", "codes").expect("they are bound");
        assert_eq!(code(&world.remove(&door, &codes)), expected, "{holds:?}");
    }
    let mut world = guest(&["password", "passkey", "codes"]);
    let door = world.open_bind("gus").expect("any session will do");
    let passkey = world.active("gus", "passkey").expect("it is bound");
    assert_eq!(code(&world.remove(&door, &passkey)), "too-weak");
    world.sign_in("gus", &["passkey"]).expect("it is a login");
    let door = world.open_bind("gus").expect("any session will do");
    assert_eq!(code(&world.remove(&door, &passkey)), "ok", "its own session may");
}

#[test]
fn the_last_factor_of_a_login_stays() {
    let mut world = staff();
    let door = world.open_bind("ann").expect("her session is fresh");
    let [passkey, password, totp, codes] =
        ["passkey", "password", "totp", "codes"].map(|f| world.active("ann", f).expect("it is bound"));
    assert_eq!(code(&world.remove(&door, &codes)), "ok");
    assert_eq!(code(&world.remove(&door, &passkey)), "ok");
    assert_eq!(code(&world.remove(&door, &password)), "last-factor");
    assert_eq!(code(&world.remove(&door, &totp)), "last-factor");
    assert!(world.recorded(What::AuthenticatorRemoved, Some("last-factor")));
    assert_eq!(code(&world.remove(&door, &passkey)), "not-recognised", "it is gone");
}

#[test]
fn what_is_disabled_keeps_no_login_possible() {
    let mut world = staff();
    let totp = world.active("ann", "totp").expect("it is bound");
    world.bound(&totp).state = AuthenticatorState::Disabled;
    let door = world.open_bind("ann").expect("her session is fresh");
    let passkey = world.active("ann", "passkey").expect("it is bound");
    assert_eq!(code(&world.remove(&door, &passkey)), "last-factor");
}

#[test]
fn a_change_is_finished_once_and_another_door_not_at_all() {
    let mut world = staff();
    let finish = |world: &mut World, id| {
        let (case, account) = world.with_owner(id);
        let account = account.expect("somebody is named");
        code(&world.decide(|_, _, env| finish::change(&case, &account, env)))
    };
    let recovery = world.recover("ann", "self-service").expect("the door is there");
    assert_eq!(finish(&mut world, &recovery), "case-not-open");
    let change = world.open_bind("ann").expect("her session is fresh");
    assert_eq!(finish(&mut world, &change), "ok");
    assert!(world.recorded(What::ChangeFinished, None));
    assert_eq!(finish(&mut world, &change), "case-not-open");
}

#[test]
fn authenticators_are_removed_at_the_bind_door_only() {
    let mut world = staff();
    let case = world.recover("ann", "self-service").expect("the door is there");
    let sent = world.send_code(&case, "own-mail").expect("there is an address");
    world.type_code(&case, "own-mail", &sent).expect("it is right");
    world.show_authenticator(&case, "ann", "codes").expect("it is right");
    world.show_authenticator(&case, "ann", "password").expect("it is right");
    let passkey = world.active("ann", "passkey").expect("it is bound");
    assert_eq!(code(&world.remove(&case, &passkey)), "not-at-this-door");
}

#[test]
fn what_the_door_does_not_bind_is_refused() {
    let mut world = staff();
    let case = world.recover("ann", "self-service").expect("the door is there");
    assert_eq!(world.case(&case).door, DoorName::Recover("self-service".to_owned()));
    let sent = world.send_code(&case, "own-mail").expect("there is an address");
    world.type_code(&case, "own-mail", &sent).expect("it is right");
    world.show_authenticator(&case, "ann", "codes").expect("it is right");
    world.show_authenticator(&case, "ann", "password").expect("it is right");
    for factor in ["password", "codes"] {
        assert_eq!(code(&world.stage(&case, factor)), "not-at-this-door", "{factor}");
    }
    assert_eq!(code(&world.new_address(&case, "own-mail", "a@b.example")), "not-at-this-door");
}

#[test]
fn a_new_address_is_confirmed_by_the_code_that_went_there_and_the_old_one_is_told() {
    let mut world = staff();
    let door = world.open_bind("ann").expect("her session is fresh");
    let (ceremony, typed) = world.new_address(&door, "own-mail", "ann@new.example").expect("it is open");
    assert_eq!(world.notices.last().map(|n| n.address.as_str()), Some("ann@new.example"));
    assert_eq!(
        world.account("ann").address("own-mail").map(|a| a.address.as_str()),
        Some("ann@own-mail.example.com")
    );
    let notices = world.notices.len();
    world.confirm_address(&door, &ceremony, &typed).expect("she reads it there");
    let address = world.account("ann").confirmed("own-mail").cloned().expect("it is confirmed");
    assert_eq!(address.address, "ann@new.example");
    let told: Vec<(&str, bool)> = world.notices[notices..]
        .iter()
        .map(|n| (n.address.as_str(), matches!(n.message, Message::Changed { .. })))
        .collect();
    assert_eq!(told[0], ("ann@own-mail.example.com", true));
}

#[test]
fn a_mistyped_code_changes_nothing_and_the_right_one_is_still_good() {
    let mut world = staff();
    let door = world.open_bind("ann").expect("her session is fresh");
    let (ceremony, typed) = world.new_address(&door, "own-mail", "ann@new.example").expect("it is open");
    for _ in 0..3 {
        assert_eq!(code(&world.confirm_address(&door, &ceremony, "00000000")), "not-recognised");
        assert!(world.recorded(What::AddressBound, Some("not-recognised")));
    }
    let address = |world: &World| world.account("ann").address("own-mail").map(|a| a.address.clone());
    assert_eq!(address(&world).as_deref(), Some("ann@own-mail.example.com"));
    // After the third the next one waits, and is not even looked at before.
    assert_eq!(code(&world.confirm_address(&door, &ceremony, &typed)), "throttled");
    world.pass(Duration::from_secs(15));
    assert_eq!(code(&world.confirm_address(&door, &ceremony, &typed)), "ok");
    assert_eq!(address(&world).as_deref(), Some("ann@new.example"));
    assert_eq!(code(&world.confirm_address(&door, &ceremony, &typed)), "disabled", "it is used up");
}

#[test]
fn a_code_that_was_wrong_too_often_is_worth_nothing() {
    let mut world = staff();
    let door = world.open_bind("ann").expect("her session is fresh");
    let (ceremony, typed) = world.new_address(&door, "own-mail", "ann@new.example").expect("it is open");
    // Nine, more than fit into the minutes of this door.
    for (_, _, state) in world.challenges.iter_mut().filter(|(id, ..)| *id == ceremony) {
        let mut sent: bind::SentAddress = serde_json::from_slice(state).expect("it was stored so");
        sent.failures = 9;
        *state = serde_json::to_vec(&sent).expect("it can be stored");
    }
    assert_eq!(code(&world.confirm_address(&door, &ceremony, "00000000")), "disabled");
    assert_eq!(code(&world.confirm_address(&door, &ceremony, &typed)), "disabled");
}

#[test]
fn an_app_is_bound_by_a_right_code_whose_step_is_then_spent() {
    let mut world = staff();
    let door = world.open_bind("ann").expect("her session is fresh");
    let (case, caller) = (world.case(&door), world.caller("ann"));
    let seed = lifecycle::factor::totp::Stored::from_seed(b"12345678901234567890");
    let pending = bind::PendingTotp { name: "totp".to_owned(), seed: seed.clone() };
    let ceremony = lifecycle::id::ChallengeId("a".to_owned());
    world.challenges.push((ceremony.clone(), door.clone(), Vec::new()));
    let right = super::support::totp_code(&seed, world.now);
    for (typed, expected) in [("000000", "not-recognised"), (right.as_str(), "ok")] {
        let answer = world
            .decide(|_, policy, env| bind::totp(at(&case, &caller, policy), &pending, typed, &ceremony, env));
        assert_eq!(code(&answer), expected);
    }
    let login = world.begin("ann");
    world.show_authenticator(&login, "ann", "password").expect("it is right");
    assert_eq!(code(&world.totp(&login, &right)), "not-recognised", "the step proved possession already");
}

#[test]
fn a_key_that_would_have_to_prove_its_model_is_not_bound_on_its_word() {
    let mut world = World::new(changed(&[
        (
            "[authenticator.codes]",
            "[authenticator.fob]\nkind = \"security-key\"\nattestation = \"required\"\n[authenticator.codes]",
        ),
        ("binds   = [\"password\", \"passkey\", \"codes\"]", "binds   = [\"password\", \"fob\", \"codes\"]"),
    ]));
    world.add("gus", "guests", None);
    let account = world.account("gus");
    let ticket = world.decide(|_, policy, env| lifecycle::enrol::bootstrap(&account, policy, env));
    let case = world.redeem(ticket.expect("a ticket is printed").expose()).expect("the ticket is good");
    assert_eq!(code(&world.stage(&case, "fob")), "not-served");
}

#[test]
fn a_synced_passkey_is_no_security_key() {
    let mut world = World::new(changed(&[
        ("[authenticator.codes]", "[authenticator.fob]\nkind = \"security-key\"\n[authenticator.codes]"),
        ("binds   = [\"password\", \"passkey\", \"codes\"]", "binds   = [\"password\", \"fob\", \"codes\"]"),
    ]));
    let id = world.add("gus", "guests", None);
    let account = world.accounts.iter().find(|a| a.id == id).expect("he was added").clone();
    for (synced, expected) in [(true, "not-acceptable"), (false, "ok")] {
        let kind = policy::FactorKind::SecurityKey;
        let begun =
            lifecycle::factor::passkey::begin_binding(&world.webauthn, &account, kind).expect("it begins");
        let mut key = super::support::SoftKey::new(9);
        key.synced = synced;
        let answer = key.register(&begun.options);
        let finished =
            lifecycle::factor::passkey::finish_binding(&world.webauthn, &begun.state, &answer, kind);
        assert_eq!(code(&finished), expected, "synced: {synced}");
    }
    world.pass(Duration::ZERO);
}

#[test]
fn a_label_is_one_short_line_of_the_owners_own() {
    let mut world = staff();
    world.enrolled("bob", "staff", &["passkey", "codes"]);
    let (ann, bobs) = (world.caller("ann"), world.active("bob", "passkey").expect("it is bound"));
    let own = world.active("ann", "passkey").expect("it is bound");
    let long = "x".repeat(100);
    for (id, label, expected) in [
        (&bobs, "mine now", "not-recognised"),
        (&own, " \n ", "not-acceptable"),
        (&own, long.as_str(), "ok"),
        (&own, " blue\r\nkey ", "ok"),
    ] {
        assert_eq!(code(&world.decide(|_, _, _| bind::rename(&ann, id, label))), expected, "{label:?}");
    }
    assert_eq!(world.bound(&own).label, "bluekey");
}
