//! Applications where much is at stake, and which a phished session opens.

use super::{Context, names};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;
use crate::takeover::{self, CapabilityKind, LoginAlternative, Takeover};

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for ((number, app), reading) in (0..).zip(&model.apps).zip(&context.analysis.apps) {
        if !app.high_sensitivity || app.phishing_resistant {
            continue;
        }
        for access in &reading.populations {
            let login = &context.analysis.populations[usize::from(access.population.0)].login;
            let phishable = |way: &&LoginAlternative| {
                way.assurance.is_some_and(|reached| reached.aal >= app.aal && !reached.phishing_resistant)
            };
            let Some(way) = login.iter().find(phishable) else { continue };
            let population = &model[access.population];
            let message = format!("a phished session of `{}` opens `{}`", population.name, app.name);
            let mut found = Diagnostic::new(
                Rule::AppWeakerThanSensitivity,
                format!("app.{}", app.name),
                app.span,
                message,
            )
            .label("high sensitivity, and any session of its level will do")
            .other(population.login.require_span, format!("{} can be phished", names(model, &way.evidence)));
            if let Some(attack) =
                access.takeover.iter().filter(|way| is_phishing(way)).min_by_key(|way| way.effort)
            {
                found = found.steps(takeover::steps_into_app(model, number, access.population, attack));
            }
            out.push(found.help("demand `phishing_resistant = true`"));
        }
    }
}

fn is_phishing(way: &Takeover) -> bool {
    way.capabilities.iter().any(|capability| capability.kind == CapabilityKind::Phish)
}
