//! Applications whose demands no login of their users can meet.

use super::{Context, MOST_WAYS, authenticators, names};
use crate::assurance::{self, Assurance};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;
use crate::runtime::alternatives_within;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for (app, reading) in model.apps.iter().zip(&context.analysis.apps) {
        let demanded = Assurance { aal: app.aal, phishing_resistant: app.phishing_resistant };
        // Who may show more than a login asks for reaches more: the reading of the application knows.
        let is_open = |population| {
            reading.populations.iter().any(|access| access.population == population && access.reachable)
        };
        let short = app.populations.iter().filter(|population| !is_open(**population));
        for population in short.map(|population| &model[*population]) {
            let ways = alternatives_within(&population.login.require, MOST_WAYS).unwrap_or_default();
            let reached = |way: &Vec<_>| {
                let names_ = authenticators(way);
                Some((assurance::of_names(model, &names_)?, names(model, &names_)))
            };
            let reached: Vec<(Assurance, String)> = ways.iter().filter_map(reached).collect();
            if reached.iter().any(|(assurance, _)| assurance.covers(demanded)) {
                continue;
            }
            let best = reached.iter().max_by_key(|(assurance, _)| *assurance);
            let message = format!(
                "no member of `{}` can reach `{}`, which demands {}",
                population.name,
                app.name,
                words(demanded)
            );
            let mut found =
                Diagnostic::new(Rule::AppUnreachable, format!("app.{}", app.name), app.span, message)
                    .label(format!("demands {}", words(demanded)))
                    .help(format!(
                        "allow a login that reaches {}, or take `{}` out of `for`",
                        words(demanded),
                        population.name
                    ));
            if let Some((assurance, names)) = best {
                let label = format!("the best of these, {names}, reaches {}", words(*assurance));
                found = found.other(population.login.require_span, label);
            }
            out.push(found);
        }
    }
}

fn words(assurance: Assurance) -> String {
    let resistant = if assurance.phishing_resistant { ", phishing-resistant" } else { "" };
    format!("{}{resistant}", assurance.aal)
}
