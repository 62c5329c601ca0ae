//! Text messages and calls as a factor, where nothing better is offered.

use super::{Context, door_path, names};
use crate::diagnostic::{Diagnostic, Diagnostics, Level};
use crate::factor::Aal;
use crate::model::{AuthenticatorIx, Model, Risk};
use crate::rules::Rule;
use crate::takeover::LoginAlternative;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for judged in context.judged() {
        let population = judged.population;
        let high = population.risk == Risk::High;
        let alone = |way: &&LoginAlternative| {
            let instead =
                |other: &LoginAlternative| restricted(model, other).is_none() && aal(other) >= aal(way);
            restricted(model, way).is_some() && (high || !judged.reading.login.iter().any(instead))
        };
        let Some((way, factor)) =
            judged.reading.login.iter().find(alone).and_then(|way| Some((way, restricted(model, way)?)))
        else {
            continue;
        };
        let factor = &model[factor];
        let message = if high {
            format!("members of `{}` sign in with `{}`, and their risk is high", population.name, factor.name)
        } else {
            format!(
                "members of `{}` have no other way to sign in at this level than `{}`",
                population.name, factor.name
            )
        };
        let level = if high { Level::Error } else { Rule::RestrictedFactor.level() };
        let mut found = Diagnostic::new(
            Rule::RestrictedFactor,
            door_path(population, "login"),
            population.login.require_span,
            message,
        )
        .level(level)
        .label(format!(
            "{} {} the telephone network",
            names(model, &way.evidence),
            if way.evidence.len() == 1 { "needs" } else { "need" }
        ))
        .other(factor.span, "restricted: a number is moved to another SIM by talking to a shop")
        .note("SP 800-63B-4 3.2.9: offer an alternative that is not restricted, and plan for the end of this one");
        if high {
            found = found.other(population.span, "high risk");
        }
        out.push(
            found.help("add an alternative without it, such as `or passkey`; where risk is high, drop it"),
        );
    }
}

fn restricted(model: &Model, way: &LoginAlternative) -> Option<AuthenticatorIx> {
    way.evidence.iter().copied().find(|factor| model[*factor].kind.properties().restricted)
}

fn aal(way: &LoginAlternative) -> Option<Aal> {
    way.assurance.map(|assurance| assurance.aal)
}
