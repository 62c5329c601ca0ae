//! What a case that is complete says of its future holds, or is not said.

use std::time::Duration;

use lifecycle::CaseId;
use lifecycle::case::{Need, Outcome, Standing, Step};
use policy::model::Term;

use super::recover::{DAY, open, staff, staff_under, waiting};
use super::support::{World, base, changed, code};

#[test]
fn no_moment_is_promised_at_which_the_door_would_stay_shut() {
    let mut world = staff();
    let case = waiting(&mut world);
    let met = world.now;
    for (from, to, expected) in [
        ("wait    = \"24h\"", "wait    = \"71h\"", Some(Duration::from_hours(71))),
        // A shorter wait than the owner was told of is not taken.
        ("wait    = \"24h\"", "wait    = \"12h\"", Some(DAY)),
        // The case lapses after three days, whatever it waits for.
        ("wait    = \"24h\"", "wait    = \"72h\"", None),
        ("wait    = \"24h\"", "wait    = \"96h\"", None),
    ] {
        world.policy = changed(&[(from, to)]);
        match expected {
            Some(wait) => {
                assert_eq!(world.next_step(&case), Step::Wait(met.plus(wait)), "{to}");
                world.now = met.plus(wait);
                assert_eq!(world.next_step(&case), Step::Proceed, "{to}");
                world.now = met;
            }
            None => assert_eq!(lacking(&world, &case), [Vec::<&str>::new()], "{to}: nothing but time"),
        }
    }
    let asked = ("proofing(video) and approval(helpdesk, 2)", "proofing(video) and approval(helpdesk, 3)");
    world.policy = changed(&[asked]);
    assert_eq!(lacking(&world, &case), [vec!["approval"]]);
    world.policy = changed(&[("[population.staff.recover.assisted]", "[population.staff.recover.other]")]);
    assert_eq!(lacking(&world, &case), [[""; 0]; 0], "there is no such door");
    world.policy = base();
    world.now = met.plus(DAY);
    world.proceed(&case).expect("nothing was taken from it");
}

#[test]
fn an_open_door_says_so_when_what_opened_it_counts_no_more() {
    let mut world = staff();
    let thief = open(&mut world);
    assert!(matches!(world.next_step(&thief), Step::Bind(_)));
    world.pass(Duration::from_secs(1));
    world.move_to("ann", "own-mail", "ann@safe.example");
    assert_eq!(lacking(&world, &thief), [vec!["code by mail"]]);
    assert_eq!(code(&world.stage(&thief, "passkey")), "case-not-open");
}

#[test]
fn a_change_that_had_to_wait_is_over_when_its_minutes_are() {
    let at_once = "[population.staff.bind]\nrequire = \"session(aal2, 10m)\"";
    let mut world = staff_under(changed(&[(at_once, &format!("{at_once}\nwait = \"24h\""))]));
    world.sign_in("ann", &["passkey"]).expect("it is a login");
    let door = world.open_bind("ann").expect("her session is fresh");
    assert_eq!(world.next_step(&door), Step::Wait(world.now.plus(DAY)));
    world.pass(DAY);
    assert_eq!(world.next_step(&door), Step::Proceed);
    world.proceed(&door).expect("the wait is over");
    world.pass(Duration::from_mins(10));
    assert_eq!(world.next_step(&door), Step::Closed(Outcome::Expired));
    assert_eq!(code(&world.proceed(&door)), "case-not-open");
}

/// What each path of a case lacks that was complete and is not any more.
pub(super) fn lacking(world: &World, case: &CaseId) -> Vec<Vec<&'static str>> {
    let Step::Short(paths) = world.next_step(case) else { panic!("{:?}", world.next_step(case)) };
    let name = |need: &Need| match need.term {
        Term::Authenticator(_) => "codes",
        Term::Issued(_) => "code by mail",
        Term::Approval(..) => "approval",
        Term::Proofing(_) => "proofing",
        other => panic!("no door here asks for {other:?}"),
    };
    let open = |path: Vec<Need>| path.iter().filter(|n| n.standing != Standing::Proved).map(name).collect();
    paths.into_iter().map(open).collect()
}
