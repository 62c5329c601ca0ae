//! Applications where much is at stake, and which phishing opens: a phished session, or a door that a phisher passes.

use super::{Context, names};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;
use crate::takeover::{self, CapabilityKind, LoginAlternative, Takeover};

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for ((number, app), reading) in (0..).zip(&model.apps).zip(&context.analysis.apps) {
        if !app.high_sensitivity {
            continue;
        }
        for access in &reading.populations {
            let population = &model[access.population];
            let login = &context.analysis.populations[usize::from(access.population.0)].login;
            let phishable = |way: &&LoginAlternative| {
                way.assurance
                    .is_some_and(|reached| takeover::app_accepts(app, reached) && !reached.phishing_resistant)
            };
            let by_login = login.iter().find(phishable);
            let attack =
                access.takeover.iter().filter(|way| is_phishing(way)).min_by_key(|way| (way.effort, way.new));
            let found = |message, label| {
                Diagnostic::new(
                    Rule::AppWeakerThanSensitivity,
                    format!("app.{}", app.name),
                    app.span,
                    message,
                )
                .label(label)
            };
            let found = match (by_login, attack) {
                (Some(way), _) => found(
                    format!("a phished session of `{}` opens `{}`", population.name, app.name),
                    "high sensitivity, and any session of its level will do".to_owned(),
                )
                .other(
                    population.login.require_span,
                    format!("{} can be phished", names(model, &way.evidence)),
                )
                .help("demand `phishing_resistant = true`"),
                (None, Some(way)) => {
                    let doors: Vec<String> =
                        way.doors.iter().map(|door| format!("`{}`", door.written(population))).collect();
                    found(
                        format!(
                            "phishing opens `{}` in the name of a member of `{}`",
                            app.name, population.name
                        ),
                        format!(
                            "high sensitivity, and phishing leads here by way of {}",
                            doors.join(", then ")
                        ),
                    )
                    .help("let no door bind what this application accepts for evidence that can be phished")
                }
                (None, None) => continue,
            };
            out.push(match attack {
                Some(way) => found.steps(takeover::steps_into_app(model, number, access.population, way)),
                None => found,
            });
        }
    }
}

/// By lures and leaks alone, of whomever: nothing is stolen, and nobody is talked into anything.
fn is_phishing(way: &Takeover) -> bool {
    let of = |kind| way.capabilities.iter().any(|capability| capability.kind == kind);
    of(CapabilityKind::Phish)
        && way
            .capabilities
            .iter()
            .all(|capability| matches!(capability.kind, CapabilityKind::Phish | CapabilityKind::Leak))
}
