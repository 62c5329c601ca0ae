//! Doors, alone or together, that are easier to come in by than the login: into the account, or into an application
//! that accepts only the better ones of a member's logins.

use std::collections::BTreeSet;

use super::{Context, Judged, capabilities, door_path, holding};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Risk;
use crate::rules::Rule;
use crate::takeover::{self, DoorName, Entry, Goal, ProfileReading, Takeover, Verdict, least_effort};

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        let names: Vec<DoorName> = judged.doors().filter(|name| *name != DoorName::Enrol).collect();
        for target in targets(&judged) {
            let at_doors = names.iter().filter_map(|name| finding(context, &judged, target, By::Door(*name)));
            let together = finding(context, &judged, target, By::Chain { beneath: &names });
            for diagnostic in at_doors.chain(together) {
                out.push(diagnostic);
            }
        }
    }
}

/// By what a way leads round login.
#[derive(Clone, Copy)]
enum By<'a> {
    Door(DoorName),
    /// Doors that are each strong enough may be weaker together, and weak ones weaker still: one binds what the next one asks for.
    /// What each of these lets in by itself is not told again.
    Chain {
        beneath: &'a [DoorName],
    },
}

/// What a way round login may lead to: the account, or one application, an index into the model's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Account,
    App(u16),
}

/// The account first, then every application that some profile does not enter by every login.
fn targets(judged: &Judged<'_>) -> BTreeSet<Target> {
    let entries = judged.reading.profiles.iter().flat_map(|profile| &profile.entries);
    let apps = entries.flat_map(|entry| entry.apps.iter().map(|app| Target::App(*app)));
    apps.chain([Target::Account]).collect()
}

/// What one profile says of one target, by one door or by all.
struct Seen<'a> {
    profile: &'a ProfileReading,
    goal: Goal,
    login: &'a [Takeover],
    ways: &'a [Takeover],
    verdict: Verdict,
}

impl<'a> Seen<'a> {
    fn of(profile: &'a ProfileReading, target: Target, door: Option<DoorName>) -> Option<Seen<'a>> {
        let seen = |goal, login, ways, verdict| Seen { profile, goal, login, ways, verdict };
        match target {
            Target::Account => {
                let (ways, verdict) = match door {
                    None => (&profile.any, profile.account),
                    Some(name) => profile.door(name).map(|door| (&door.takeovers, door.verdict))?,
                };
                Some(seen(Goal::Account, &profile.login, ways, verdict))
            }
            Target::App(app) => {
                let entry: &Entry = profile.entries.iter().find(|entry| entry.apps.contains(&app))?;
                let (ways, verdict) = match door {
                    None => (&entry.any, entry.verdict),
                    Some(name) => {
                        let (_, ways, verdict) = entry.doors.iter().find(|(door, ..)| *door == name)?;
                        (ways, *verdict)
                    }
                };
                Some(seen(Goal::App(app), &entry.login, ways, verdict))
            }
        }
    }

    /// The way that lets down most, and by how much.
    fn weakest(&self, risk: Risk) -> Option<(u32, &'a Takeover)> {
        let way = takeover::too_easy(self.login, self.ways, risk).min_by_key(|way| way.effort)?;
        let login = least_effort(self.login).unwrap_or(u32::MAX);
        Some((login - way.effort.min(login), way))
    }
}

fn finding(context: &Context<'_>, judged: &Judged<'_>, target: Target, by: By<'_>) -> Option<Diagnostic> {
    let risk = judged.population.risk;
    let (door, beneath) = match by {
        By::Door(name) => (Some(name), &[][..]),
        By::Chain { beneath } => (None, beneath),
    };
    // What some door lets in by itself for as little is that door's finding.
    let is_told = |seen: &Seen<'_>| {
        let doors = beneath.iter().filter_map(|name| Seen::of(seen.profile, target, Some(*name)));
        let told = doors.filter_map(|door| door.weakest(risk)).map(|(_, way)| way.effort).min();
        told.is_some_and(|told| seen.weakest(risk).is_none_or(|(_, way)| told <= way.effort))
    };
    let all = judged.reading.profiles.iter().filter_map(|profile| Seen::of(profile, target, door));
    let weaker: Vec<Seen<'_>> =
        all.filter(|seen| seen.verdict == Verdict::Weaker && !is_told(seen)).collect();
    // The profile that is let down most: the greatest step down from its login.
    let (seen, (_, way)) = weaker
        .iter()
        .filter_map(|seen| Some((seen, seen.weakest(risk)?)))
        .max_by_key(|(_, (down, _))| *down)?;
    let population = judged.population;
    let (name, mut at, span) = match door {
        Some(name) => {
            let written = name.written(population);
            (format!("`{written}`"), door_path(population, &written), judged.require_span(name))
        }
        None => ("the chain of doors".to_owned(), format!("population.{}", population.name), population.span),
    };
    let least = least_effort(seen.login);
    let equal = risk == Risk::High && Some(way.effort) == least;
    let than = if equal { "no stronger than" } else { "weaker than" };
    let high = if equal { ", whose risk is high" } else { "" };
    let (message, login_label) = match target {
        Target::Account => {
            (format!("{name} is {than} the login of `{}`{high}", population.name), "login takes")
        }
        Target::App(app) => {
            let app = &context.model.apps[usize::from(app)].name;
            at = format!("{at}.app.{app}");
            let message = format!(
                "{name} leads into `{app}` and is {than} the logins of `{}` that do{high}",
                population.name
            );
            (message, "a login that it accepts takes")
        }
    };
    let mut found = Diagnostic::new(Rule::RecoveryWeakerThanLogin, at, span, message)
        .label(format!("effort {}: {}", way.effort, capabilities(way)))
        .steps(context.steps(judged, seen.profile, seen.goal, way));
    let login = population.login.require_span;
    found = match seen.login.iter().min_by_key(|way| way.effort) {
        Some(way) => {
            found.other(login, format!("{login_label} effort {}: {}", way.effort, capabilities(way)))
        }
        None => found.other(login, "login itself cannot be taken at all"),
    };
    if weaker.len() < judged.reading.profiles.len() {
        let profiles: Vec<&ProfileReading> = weaker.iter().map(|seen| seen.profile).collect();
        found = found.note(format!("this concerns members who hold {}", holding(context.model, &profiles)));
    }
    if risk == Risk::High {
        found = found
            .note("risk is high, so every other door must cost more than login, or take two more people");
    }
    let advice = match (target, door) {
        (Target::App(_), Some(DoorName::Bind)) => {
            "ask here for what the application accepts, beside the session: `session(aalN) and AUTHENTICATOR`"
        }
        _ => {
            "ask for evidence that takes another deed to get: `approval(ROLE, 2)`, `proofing(in-person)`, \
             or a `wait` with `notify` on channels that these deeds do not open"
        }
    };
    Some(found.help(advice))
}
