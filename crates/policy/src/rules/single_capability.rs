//! Accounts at AAL2 or more that one remote deed takes.

use std::collections::BTreeMap;

use super::{Context, Judged, door_path, holding};
use crate::diagnostic::{Diagnostic, Diagnostics, Level};
use crate::factor::Aal;
use crate::model::{Attacker, Risk};
use crate::rules::Rule;
use crate::takeover::{DoorName, Goal, ProfileReading, Takeover};

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        // One finding for each door, however many profiles and deeds lead through it.
        let mut doors: BTreeMap<DoorName, Vec<(&ProfileReading, &Takeover)>> = BTreeMap::new();
        for profile in judged.reading.profiles.iter().filter(|profile| is_worth_two_factors(&judged, profile))
        {
            for way in profile.any.iter().filter(|way| is_one_easy_deed(way, &context.model.attacker)) {
                let door = way.doors.iter().copied().find(|door| *door != DoorName::Login);
                doors.entry(door.unwrap_or(DoorName::Login)).or_default().push((profile, way));
            }
        }
        for (door, ways) in doors {
            out.push(finding(context, &judged, door, &ways));
        }
    }
}

fn finding(
    context: &Context<'_>,
    judged: &Judged<'_>,
    door: DoorName,
    ways: &[(&ProfileReading, &Takeover)],
) -> Diagnostic {
    let population = judged.population;
    let mut deeds: Vec<String> = ways.iter().map(|(_, way)| super::capabilities(way)).collect();
    deeds.sort_unstable();
    deeds.dedup();
    let level = if population.risk == Risk::High { Level::Error } else { Rule::SingleCapability.level() };
    let written = door.written(population);
    let message =
        format!("one deed is enough to take an account of `{}` through `{written}`", population.name);
    let mut found = Diagnostic::new(
        Rule::SingleCapability,
        door_path(population, &written),
        judged.require_span(door),
        message,
    )
    .level(level)
    .label(format!("{} alone", deeds.join(", or ")));
    if let Some((profile, way)) = ways.iter().min_by_key(|(_, way)| way.effort) {
        found = found.steps(context.steps(judged, profile, Goal::Account, way));
    }
    let mut profiles: Vec<&ProfileReading> = Vec::new();
    for (profile, _) in ways {
        if !profiles.iter().any(|known| known.holds == profile.holds) {
            profiles.push(profile);
        }
    }
    if profiles.len() < judged.reading.profiles.len() {
        found = found.note(format!("this concerns members who hold {}", holding(context.model, &profiles)));
    }
    found.help("two factors are worth two deeds: drop the alternative that one deed defeats, or add to it")
}

/// Does a member who holds these reach AAL2?
fn is_worth_two_factors(judged: &Judged<'_>, profile: &ProfileReading) -> bool {
    let held = |evidence: &[_]| evidence.iter().all(|name| profile.holds.contains(name));
    judged
        .reading
        .login
        .iter()
        .any(|way| held(&way.evidence) && way.assurance.is_some_and(|assurance| assurance.aal >= Aal::Two))
}

/// A single capability below rank 4: done from afar.
fn is_one_easy_deed(way: &Takeover, attacker: &Attacker) -> bool {
    match way.capabilities.as_slice() {
        [] => true,
        [only] => only.kind.rank(attacker).is_some_and(|rank| rank < 4),
        _ => false,
    }
}
