//! Sessions: two limits, and who may end which (63B-4 section 5).

use std::time::Duration;

use lifecycle::enrol::Authority;
use lifecycle::{What, session};
use policy::model::SessionLimits;

use super::support::{World, base, code};

const LIMITS: SessionLimits = SessionLimits { idle: Duration::from_hours(1), max: Duration::from_hours(12) };

fn minutes(n: u64) -> Duration {
    Duration::from_mins(n)
}

#[test]
fn a_session_ends_when_it_is_idle_for_the_limit() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    let session = world.sign_in("ann", &["passkey"]).expect("it is a login");
    let started = world.now;
    assert!(session.is_live(started.plus(minutes(59))));
    assert!(!session.is_live(started.plus(minutes(60))));
    let seen = session.seen(LIMITS, started.plus(minutes(59)));
    assert!(seen.is_live(started.plus(minutes(118))));
    assert!(!seen.is_live(started.plus(minutes(119))));
}

#[test]
fn no_activity_moves_the_overall_limit() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    let mut session = world.sign_in("ann", &["passkey"]).expect("it is a login");
    let started = world.now;
    for n in (30..720).step_by(30) {
        assert!(session.is_live(started.plus(minutes(n))), "after {n} minutes");
        session = session.seen(LIMITS, started.plus(minutes(n)));
    }
    assert!(session.is_live(started.plus(minutes(719))));
    assert!(!session.is_live(started.plus(minutes(720))));
    assert_eq!(session.authenticated_at, started, "being seen is no authentication");
}

#[test]
fn stricter_limits_hold_for_sessions_that_began_before_them_and_milder_ones_do_not() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    let session = world.sign_in("ann", &["passkey"]).expect("it is a login");
    let started = world.now;
    let under = |idle: u64, max: u64| SessionLimits { idle: minutes(idle), max: minutes(max) };
    let session = session.seen(LIMITS, started.plus(minutes(50)));
    let brief = session.clone().under(under(60, 100));
    assert!(brief.is_live(started.plus(minutes(99))) && !brief.is_live(started.plus(minutes(100))));
    let restless = session.clone().under(under(5, 720));
    assert!(restless.is_live(started.plus(minutes(54))) && !restless.is_live(started.plus(minutes(55))));
    let milder = session.under(under(600, 6000));
    assert!(milder.is_live(started.plus(minutes(109))) && !milder.is_live(started.plus(minutes(110))));
    assert_eq!(milder.expires_at, started.plus(LIMITS.max));
}

#[test]
fn people_end_their_own_sessions_and_no_others() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    world.enrolled("bob", "staff", &["passkey", "codes"]);
    let lost = world.sign_in("ann", &["passkey"]).expect("it is a login");
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    let bobs = world.sign_in("bob", &["passkey"]).expect("it is a login");
    let ann = world.caller("ann");
    let answer = world.decide(|_, _, env| session::end(&ann, &bobs, env));
    assert_eq!(code(&answer), "not-authorized");
    assert!(world.recorded(What::SessionEnded, Some("not-authorized")));
    world.decide(|_, _, env| session::end(&ann, &lost, env)).expect("it is hers");
    assert_eq!(world.sessions.len(), 2);
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    let ann = world.caller("ann");
    world.decide(|_, _, env| session::end_others(&ann, env));
    let left: Vec<_> = world.sessions.iter().map(|s| s.id.clone()).collect();
    assert_eq!(left, [bobs.id, ann.session.id]);
}

#[test]
fn agents_end_sessions_of_others_and_the_member_hears_of_it() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    world.enrolled("bob", "staff", &["passkey", "codes"]);
    world.enrolled("hal", "helpdesk", &["passkey"]);
    for name in ["ann", "ann", "ann", "bob", "hal"] {
        world.sign_in(name, &["passkey"]).expect("it is a login");
    }
    let (ann, bob, hal) = (world.account("ann"), world.caller("bob"), world.caller("hal"));
    let one = world.caller("ann").session;
    let end = |world: &mut World, which: Option<&lifecycle::Session>, by: &lifecycle::Caller| {
        world.decide(|_, policy, env| {
            session::end_of(&ann, which, Authority::Person(by), policy, "stolen", env)
        })
    };
    assert_eq!(code(&end(&mut world, None, &bob)), "not-authorized");
    assert_eq!(code(&end(&mut world, Some(&bob.session), &hal)), "not-recognised", "it is not hers");
    assert_eq!(world.sessions.len(), 5);
    let notices = world.notices.len();
    end(&mut world, Some(&one), &hal).expect("he is an agent");
    assert_eq!(world.sessions.len(), 4);
    end(&mut world, None, &hal).expect("he is an agent");
    assert!(!world.is_signed_in("ann") && world.is_signed_in("bob"));
    let told: Vec<&str> = world.notices[notices..].iter().map(|n| n.channel.as_str()).collect();
    assert_eq!(told, ["own-mail", "mobile", "own-mail", "mobile"]);
    let mut weak = hal.clone();
    weak.session.aal = policy::Aal::One;
    assert_eq!(code(&end(&mut world, None, &weak)), "too-weak");
}

#[test]
fn a_session_that_has_ended_acts_for_nobody() {
    let mut world = World::new(base());
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    world.enrolled("hal", "helpdesk", &["passkey"]);
    world.enrolled("ada", "admins", &["passkey"]);
    for name in ["ann", "hal", "ada"] {
        world.sign_in(name, &["passkey"]).expect("it is a login");
    }
    let case = world.recover("ann", "assisted").expect("the door is there");
    world.pass(Duration::from_hours(2));
    let (ann, ada) = (world.account("ann"), world.caller("ada"));
    let authority = lifecycle::enrol::Authority::Person(&ada);
    let answers = [
        code(&world.approve(&case, "hal")),
        code(&world.proof(&case, "hal", policy::model::Proofing::Video)),
        code(&world.open_bind("ann")),
        code(&world.decide(|_, _, env| lifecycle::offboard::offboard(&ann, authority, "left", env))),
        code(&world.decide(|_, policy, env| {
            lifecycle::recover::open_for(&ann, authority, policy, "assisted", "lost phone", env)
        })),
    ];
    assert_eq!(answers, ["not-authorized"; 5]);
}
