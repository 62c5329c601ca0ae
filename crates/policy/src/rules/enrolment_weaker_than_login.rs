//! Invitations that are easier to take than the account they lead to.

use super::{Context, capabilities, door_path};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;
use crate::takeover::{DoorName, Goal, ProfileReading, Verdict, least_effort};

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        let weaker = |profile: &&ProfileReading| {
            profile.door(DoorName::Enrol).is_some_and(|door| door.verdict == Verdict::Weaker)
        };
        let profiles = judged.reading.profiles.iter().filter(weaker);
        // The strongest login is what the invitation must live up to.
        let Some(profile) = profiles.max_by_key(|profile| least_effort(&profile.login)) else { continue };
        let Some(way) = profile.enrolment.iter().min_by_key(|way| way.effort) else { continue };
        let population = judged.population;
        let message = format!("an invitation to `{}` is easier to take than an account", population.name);
        let mut found = Diagnostic::new(
            Rule::EnrolmentWeakerThanLogin,
            door_path(population, "enrol"),
            judged.require_span(DoorName::Enrol),
            message,
        )
        .label(format!("effort {}: {}", way.effort, capabilities(way)))
        .steps(context.steps(&judged, profile, Goal::Account, way));
        if let Some(login) = profile.login.iter().min_by_key(|way| way.effort) {
            let label = format!("login takes effort {}: {}", login.effort, capabilities(login));
            found = found.other(population.login.require_span, label);
        }
        out.push(
            found
                .note("whoever takes the invitation binds a factor of their own, and is the member from then on")
                .help("ask for more than the invitation: `approval(ROLE)`, a second role, or `proofing(METHOD)`"),
        );
    }
}
