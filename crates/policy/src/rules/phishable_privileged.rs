//! A high-risk login that gives way to phishing.

use super::{Context, MOST_WAYS, authenticators, door_path, names};
use crate::assurance;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Risk;
use crate::rules::Rule;
use crate::runtime::alternatives_within;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for population in model.populations.iter().filter(|population| population.risk == Risk::High) {
        let ways = alternatives_within(&population.login.require, MOST_WAYS).unwrap_or_default();
        let resists = |way: &Vec<_>| {
            assurance::of_names(model, &authenticators(way)).is_some_and(|reached| reached.phishing_resistant)
        };
        let phishable: Vec<String> =
            ways.iter().filter(|way| !resists(way)).map(|way| names(model, &authenticators(way))).collect();
        if phishable.is_empty() {
            continue;
        }
        let message = format!("members of `{}` can be phished, and their risk is high", population.name);
        out.push(
            Diagnostic::new(
                Rule::PhishablePrivileged,
                door_path(population, "login"),
                population.login.require_span,
                message,
            )
            .label(format!("phishable with {}", phishable.join("; with ")))
            .other(population.span, "high risk")
            .help("allow only passkeys, security keys or client certificates here (SP 800-63B-4 3.2.5)"),
        );
    }
}
