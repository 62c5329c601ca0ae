//! What is proved without every way being listed.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        let Some(effort) = judged.reading.up_to() else { continue };
        let population = judged.population;
        let message =
            format!("there are too many ways to take an account of `{}` to list them all", population.name);
        out.push(
            Diagnostic::new(
                Rule::PartlyListed,
                format!("population.{}", population.name),
                population.span,
                message,
            )
            .label(format!("ways that take more than effort {effort} are left out"))
            .note("every verdict is proved: no login costs more than that, so what is left out decides none")
            .help("to see the others, ask fewer people at once, or people of one population only"),
        );
    }
}
