//! Doors, alone or together, that are easier to come in by than the login.

use super::{Context, Judged, capabilities, door_path, holding};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Population, Risk};
use crate::rules::Rule;
use crate::takeover::{DoorName, ProfileReading, Takeover, Verdict, least_effort};

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        if judged.reading.truncated {
            unproved(judged.population, out);
            continue;
        }
        let before = |name: &DoorName| *name != DoorName::Enrol;
        let names: Vec<DoorName> = judged.doors().filter(before).collect();
        let mut alone = false;
        for name in names {
            let weaker = |profile: &&ProfileReading| {
                profile.door(name).is_some_and(|door| door.verdict == Verdict::Weaker)
            };
            let profiles: Vec<&ProfileReading> = judged.reading.profiles.iter().filter(weaker).collect();
            let ways = |profile: &'_ ProfileReading| profile.door(name).map(|door| door.takeovers.clone());
            if let Some(found) = finding(context, &judged, Some(name), &profiles, &ways) {
                out.push(found);
                alone = true;
            }
        }
        // Doors that are each strong enough may be weaker together: one binds what the next one asks for.
        if !alone {
            let weaker = |profile: &&ProfileReading| profile.verdict == Verdict::Weaker;
            let profiles: Vec<&ProfileReading> = judged.reading.profiles.iter().filter(weaker).collect();
            let ways = |profile: &ProfileReading| Some(profile.any.clone());
            if let Some(found) = finding(context, &judged, None, &profiles, &ways) {
                out.push(found);
            }
        }
    }
}

fn unproved(population: &Population, out: &mut Diagnostics) {
    let at = format!("population.{}", population.name);
    let message = format!("the ways to take an account of `{}` are too many to list", population.name);
    out.push(
        Diagnostic::new(Rule::RecoveryWeakerThanLogin, at, population.span, message)
            .label("nothing is proved about this population")
            .help("split the population, or shorten the expressions on its doors"),
    );
}

fn finding(
    context: &Context<'_>,
    judged: &Judged<'_>,
    door: Option<DoorName>,
    profiles: &[&ProfileReading],
    ways: &impl Fn(&ProfileReading) -> Option<Vec<Takeover>>,
) -> Option<Diagnostic> {
    // The profile that is let down most: the greatest step down from its login.
    let weakest = |profile: &&ProfileReading| {
        let way = ways(profile)?.into_iter().filter(|way| way.new).min_by_key(|way| way.effort)?;
        let login = least_effort(&profile.login).unwrap_or(u32::MAX);
        Some((login - way.effort.min(login), way))
    };
    let (profile, (_, way)) = profiles
        .iter()
        .filter_map(|profile| Some((*profile, weakest(profile)?)))
        .max_by_key(|(_, (down, _))| *down)?;
    let population = judged.population;
    let login = population.login.require_span;
    let (name, at, span) = match door {
        Some(name) => {
            let written = name.written(population);
            (format!("`{written}`"), door_path(population, &written), judged.require_span(name))
        }
        None => ("the chain of doors".to_owned(), format!("population.{}", population.name), population.span),
    };
    let stronger = population.risk == Risk::High && Some(way.effort) == least_effort(&profile.login);
    let message = if stronger {
        format!("{name} is no stronger than the login of `{}`, whose risk is high", population.name)
    } else {
        format!("{name} is weaker than the login of `{}`", population.name)
    };
    let mut found = Diagnostic::new(Rule::RecoveryWeakerThanLogin, at, span, message)
        .label(format!("effort {}: {}", way.effort, capabilities(&way)))
        .steps(context.steps(judged, profile, &way));
    found = match profile.login.iter().min_by_key(|way| way.effort) {
        Some(way) => found.other(login, format!("login takes effort {}: {}", way.effort, capabilities(way))),
        None => found.other(login, "login itself cannot be taken at all"),
    };
    if profiles.len() < judged.reading.profiles.len() {
        found = found.note(format!("this concerns members who hold {}", holding(context.model, profiles)));
    }
    if population.risk == Risk::High {
        found = found
            .note("risk is high, so every other door must cost more than login, or take two more people");
    }
    Some(found.help(
        "ask for evidence that takes another deed to get: `approval(ROLE, 2)`, `proofing(in-person)`, \
         or a `wait` with `notify` on channels that these deeds do not open",
    ))
}
