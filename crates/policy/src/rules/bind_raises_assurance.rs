//! Bind doors through which a weak session becomes a strong account.

use super::{Context, MOST_WAYS, authenticators, door_path, names};
use crate::assurance;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::factor::Aal;
use crate::model::{AuthenticatorIx, Bindable, Door, Model, Term};
use crate::rules::Rule;
use crate::runtime::alternatives_within;
use crate::takeover::LoginAlternative;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for judged in context.judged() {
        let Some(door) = &judged.population.bind else { continue };
        let Some(weakest) = weakest_session(model, door, &judged.reading.login) else { continue };
        let Some((factor, strong)) = strongest_bound(door, &judged.reading.login) else { continue };
        let reached = aal(strong);
        if reached <= weakest.aal {
            continue;
        }
        let population = judged.population;
        let factor = &model[factor].name;
        let with = names(model, &strong.evidence);
        let message = format!("a session at {} can bind `{factor}`, which reaches {reached}", weakest.aal);
        out.push(
            Diagnostic::new(
                Rule::BindRaisesAssurance,
                door_path(population, "bind"),
                door.require_span,
                message,
            )
            .label(format!("a session at {} opens this door", weakest.aal))
            .other(population.login.require_span, format!("{with}: {reached}"))
            .steps(vec![
                format!("take a session at {}: sign in with {}", weakest.aal, weakest.with),
                format!("open bind: binds {factor} of the attacker"),
                format!("sign in with {with}, at {reached}"),
            ])
            .note(
                "SP 800-63B-4 4.1.2.1: a binding takes an authentication at the level at which the new authenticator \
                 will be used, or at the highest that the account has",
            )
            .help(format!(
                "ask for `session(aal{})`, or leave `{factor}` to the other doors",
                u8::from(reached)
            )),
        );
    }
}

/// The least that somebody has shown who stands at the open door.
struct Weakest {
    aal: Aal,
    with: String,
}

fn weakest_session(model: &Model, door: &Door, login: &[LoginAlternative]) -> Option<Weakest> {
    let ways = alternatives_within(&door.require, MOST_WAYS)?;
    let shown = ways.iter().flat_map(|way| {
        let asked = way.iter().filter_map(|term| match term {
            Term::Session { aal, .. } => Some(*aal),
            _ => None,
        });
        let asked = asked.max().unwrap_or(Aal::One);
        // What the door asks for beside the session counts as shown in the same breath.
        let beside = authenticators(way);
        login.iter().filter(move |signed_in| aal(signed_in) >= asked).map(move |signed_in| {
            let mut all: Vec<AuthenticatorIx> = [signed_in.evidence.as_slice(), &beside].concat();
            all.sort_unstable();
            all.dedup();
            let reached = assurance::of_names(model, &all).map_or(Aal::One, |shown| shown.aal);
            Weakest { aal: reached, with: names(model, &all) }
        })
    });
    shown.min_by_key(|weakest| weakest.aal)
}

/// Of what the door binds, the one by which a login reaches most.
fn strongest_bound<'a>(
    door: &Door,
    login: &'a [LoginAlternative],
) -> Option<(AuthenticatorIx, &'a LoginAlternative)> {
    let bound = door.binds.iter().filter_map(|bound| match bound {
        Bindable::Authenticator(name) => Some(*name),
        Bindable::Channel(_) => None,
    });
    let all = bound.flat_map(|name| {
        login.iter().filter(move |way| way.evidence.contains(&name)).map(move |way| (name, way))
    });
    // The first of several that reach the same, in the order of the file.
    all.min_by_key(|(_, way)| std::cmp::Reverse(aal(way)))
}

fn aal(way: &LoginAlternative) -> Aal {
    way.assurance.map_or(Aal::One, |assurance| assurance.aal)
}
