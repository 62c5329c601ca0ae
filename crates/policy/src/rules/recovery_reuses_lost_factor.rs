//! Recovery that asks for the very factor that was lost.

use super::{Context, door_path};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::factor::FactorType;
use crate::model::{AuthenticatorIx, Bindable, Door, Model, Population, Requirement, Term};
use crate::resolve::needs;
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for population in &model.populations {
        for recover in &population.recover {
            let door = &recover.door;
            let lost = bound(door).find(|factor| {
                !serves_recovery(model, *factor)
                    && asks(&door.require, *factor)
                    && !replaceable(population, *factor)
            });
            let Some(lost) = lost else { continue };
            let factor = &model[lost];
            let name = format!("recover.{}", recover.name);
            let message = format!("`{name}` replaces `{}`, and asks for it", factor.name);
            out.push(
                Diagnostic::new(
                    Rule::RecoveryReusesLostFactor,
                    door_path(population, &name),
                    door.require_span,
                    message,
                )
                .label(format!("whoever lost `{}` cannot open this door", factor.name))
                .other(factor.span, "the factor that was lost")
                .note(format!("no other door gives `{}` back without it", factor.name))
                .help(format!(
                    "ask for something else here, or take `{}` out of `binds` and let another door replace it",
                    factor.name
                )),
            );
        }
    }
}

fn bound(door: &Door) -> impl Iterator<Item = AuthenticatorIx> {
    door.binds.iter().filter_map(|bound| match bound {
        Bindable::Authenticator(name) => Some(*name),
        Bindable::Channel(_) => None,
    })
}

fn asks(requirement: &Requirement, factor: AuthenticatorIx) -> bool {
    needs(requirement, &|term| *term == Term::Authenticator(factor))
}

/// 63B-4 4.2.1.1: using up a saved code is the occasion to issue new ones, so such a door may do both.
fn serves_recovery(model: &Model, factor: AuthenticatorIx) -> bool {
    model[factor].kind.properties().factor == FactorType::RecoveryOnly
}

/// Does some door give the factor back to somebody who has lost it?
fn replaceable(population: &Population, factor: AuthenticatorIx) -> bool {
    let gives = |door: &Door| bound(door).any(|other| other == factor) && !asks(&door.require, factor);
    let signed_in = population.bind.as_ref().is_some_and(gives) && !asks(&population.login.require, factor);
    signed_in || population.recover.iter().any(|recover| gives(&recover.door))
}
