//! What could not be computed within the limits, so that nothing is said about it.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;

const ADVICE: &str = "split the population, or shorten the expressions on its doors";

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged().filter(|judged| judged.reading.truncated) {
        let population = judged.population;
        let message = format!("the ways to take an account of `{}` are too many to list", population.name);
        out.push(
            Diagnostic::new(
                Rule::Unproved,
                format!("population.{}", population.name),
                population.span,
                message,
            )
            .label("nothing is proved about this population")
            .help(ADVICE),
        );
    }
}
