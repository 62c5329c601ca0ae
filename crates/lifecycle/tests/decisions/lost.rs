//! A lost authenticator, reported by its owner.

use std::time::Duration;

use lifecycle::notice::{Message, Told};
use lifecycle::{AuthenticatorState, What, lost};

use super::support::{World, base, code};

fn report(
    world: &mut World,
    who: &str,
    id: &lifecycle::id::AuthenticatorId,
) -> Result<(), lifecycle::Refusal> {
    let caller = world.caller(who);
    world.decide(|_, policy, env| lost::report(&caller, id, policy, env))
}

#[test]
fn what_is_reported_lost_signs_in_no_more_and_every_other_session_ends() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "password", "totp", "codes"]);
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    world.pass(Duration::from_mins(31));
    let here = world.sign_in("ann", &["password", "totp"]).expect("it is a login");
    let notices = world.notices.len();
    // Not as fresh a session as the bind door would ask for.
    world.pass(Duration::from_mins(31));
    let passkey = world.active("ann", "passkey").expect("it is bound");
    report(&mut world, "ann", &passkey).expect("it is hers");
    let facts: Vec<What> = world.facts.iter().rev().take(2).map(|fact| fact.what).collect();
    assert_eq!(facts, [What::SessionEnded, What::AuthenticatorLost]);
    assert_eq!(world.states("ann", "passkey"), [AuthenticatorState::Disabled]);
    assert_eq!(world.sessions.iter().map(|s| s.id.clone()).collect::<Vec<_>>(), [here.id]);
    assert!(world.sign_in("ann", &["passkey"]).is_err(), "it is worth nothing");
    let told = |n: &lifecycle::notice::Notice| match &n.message {
        Message::Changed { what, .. } => matches!(&what[..], [Told::Lost { name, .. }] if name == "passkey"),
        _ => false,
    };
    let told: Vec<&str> =
        world.notices[notices..].iter().filter(|n| told(n)).map(|n| n.channel.as_str()).collect();
    assert_eq!(told, ["own-mail", "mobile"]);
    assert_eq!(code(&report(&mut world, "ann", &passkey)), "not-recognised", "only once");
}

#[test]
fn even_the_last_factor_is_reported_lost_and_an_invitation_opens_nothing_then() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    let passkey = world.active("ann", "passkey").expect("it is bound");
    report(&mut world, "ann", &passkey).expect("who lost it has not a minute to lose");
    let ann = world.account("ann");
    assert!(ann.has_authenticator(), "the enrol door stays shut");
    world.recover("ann", "assisted").expect("the way back is a recover door");
}

#[test]
fn what_was_lost_is_removed_even_if_nothing_else_signs_in_but_never_the_last_of_all() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    let passkey = world.active("ann", "passkey").expect("it is bound");
    let door = world.open_bind("ann").expect("the session is fresh");
    assert_eq!(code(&world.remove(&door, &passkey)), "last-factor", "it still signs in");
    report(&mut world, "ann", &passkey).expect("it is hers");
    assert_eq!(code(&world.remove(&door, &passkey)), "ok");
    let codes = world.active("ann", "codes").expect("they are kept");
    assert_eq!(code(&world.remove(&door, &codes)), "last-factor");
    world.bound(&codes).state = AuthenticatorState::Disabled;
    assert_eq!(code(&world.remove(&door, &codes)), "last-factor");
    assert!(world.account("ann").has_authenticator(), "the enrol door stays shut");
}

#[test]
fn nobody_reports_what_is_not_theirs() {
    let mut world = World::new(base());
    for name in ["ann", "bob"] {
        world.enrolled(name, "staff", &["passkey", "codes"]);
        world.sign_in(name, &["passkey"]).expect("it is a login");
    }
    let bobs = world.active("bob", "passkey").expect("it is bound");
    assert_eq!(code(&report(&mut world, "ann", &bobs)), "not-recognised");
    assert!(world.recorded(What::AuthenticatorLost, Some("not-recognised")));
    world.pass(Duration::from_hours(2));
    let own = world.active("ann", "passkey").expect("it is bound");
    assert_eq!(code(&report(&mut world, "ann", &own)), "not-authorized", "her session is over");
}

/// A guest signs in with a password alone, and holds a passkey that would be stronger.
#[test]
fn a_weak_session_gains_nothing_by_reporting_the_stronger_factor_lost() {
    let mut world = World::new(base());
    world.enrolled("gus", "guests", &["password", "passkey", "codes"]);
    world.sign_in("gus", &["password"]).expect("it is a login");
    let passkey = world.active("gus", "passkey").expect("it is bound");
    let door = world.open_bind("gus").expect("the door asks for AAL1");
    assert_eq!(code(&world.stage(&door, "codes")), "too-weak");
    report(&mut world, "gus", &passkey).expect("it is his");
    assert_eq!(code(&world.stage(&door, "codes")), "too-weak");
}
