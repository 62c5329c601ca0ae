//! Bind doors through which a weak session becomes a strong account: at once, or by what a recovery then trusts.

use std::cmp::Reverse;

use super::{Context, Judged, MOST_WAYS, authenticators, door_path, names};
use crate::assurance;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::factor::Aal;
use crate::model::{AuthenticatorIx, Bindable, Door, Model, Recover, Term};
use crate::rules::Rule;
use crate::runtime::alternatives_within;
use crate::syntax::suggest;
use crate::takeover::LoginAlternative;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        let Some(door) = &judged.population.bind else { continue };
        let login = &judged.reading.login;
        let sessions = sessions(context.model, door, login);
        let raises = sessions.iter().flat_map(|session| {
            let at_once =
                strongest_bound(door, login).map(|(factor, strong)| Raise { factor, strong, by: None });
            let all = at_once.into_iter().chain(by_recovery(&judged, door, session));
            all.filter(|raise| aal(raise.strong) > session.aal).map(move |raise| (session, raise))
        });
        // The first of several that reach the same, from the weakest session.
        if let Some((session, raise)) = raises.min_by_key(|(_, raise)| Reverse(aal(raise.strong))) {
            out.push(finding(context.model, &judged, door, session, &raise));
        }
    }
}

/// A better login than the session that opened the bind door.
struct Raise<'a> {
    /// What is bound for it.
    factor: AuthenticatorIx,
    strong: &'a LoginAlternative,
    /// The recovery that binds it, and what the bind door gave for that; `None`: the bind door does.
    by: Option<(&'a Recover, Vec<Bindable>)>,
}

fn finding(
    model: &Model,
    judged: &Judged<'_>,
    door: &Door,
    weakest: &Shown,
    raise: &Raise<'_>,
) -> Diagnostic {
    let (reached, population) = (aal(raise.strong), judged.population);
    let (factor, with) = (&model[raise.factor].name, names(model, &raise.strong.evidence));
    let mut steps =
        vec![format!("take a session at {}: sign in with {}", weakest.aal, names(model, &weakest.shown))];
    let (message, too_weak) = match &raise.by {
        None => {
            steps.push(format!("open bind: binds {factor} of the attacker"));
            (
                format!("a session at {} can bind `{factor}`, which reaches {reached}", weakest.aal),
                factor.clone(),
            )
        }
        Some((recover, given)) => {
            let given: Vec<&str> = given.iter().map(|bound| name(model, *bound)).collect();
            steps.push(format!("open bind: binds {} of the attacker", given.join(" and ")));
            steps.push(format!("open recover.{}: binds {factor} of the attacker", recover.name));
            let message = format!(
                "a session at {} can bind {}, which `recover.{}` takes for a login that reaches {reached}",
                weakest.aal,
                suggest::list(&given),
                recover.name
            );
            (message, given.join("` and `"))
        }
    };
    steps.push(format!("sign in with {with}, at {reached}"));
    let path = door_path(population, "bind");
    let mut found = Diagnostic::new(Rule::BindRaisesAssurance, path, door.require_span, message)
        .label(format!("a session at {} opens this door", weakest.aal))
        .other(population.login.require_span, format!("{with}: {reached}"));
    if let Some((recover, _)) = raise.by {
        found = found.other(recover.door.require_span, "trusts what was bound".to_owned());
    }
    found
        .steps(steps)
        .note(
            "SP 800-63B-4 4.1.2.1: a binding takes an authentication at the level at which the new authenticator \
             will be used, or at the highest that the account has",
        )
        .help(format!(
            "ask for `session(aal{})`, or leave `{too_weak}` to the other doors",
            u8::from(reached)
        ))
}

fn name(model: &Model, bound: Bindable) -> &str {
    match bound {
        Bindable::Authenticator(name) => &model[name].name,
        Bindable::Channel(name) => &model[name].name,
    }
}

/// What somebody has shown who stands at the open door.
struct Shown {
    aal: Aal,
    shown: Vec<AuthenticatorIx>,
}

/// All of them, the weakest first.
fn sessions(model: &Model, door: &Door, login: &[LoginAlternative]) -> Vec<Shown> {
    let ways = alternatives_within(&door.require, MOST_WAYS).unwrap_or_default();
    let shown = ways.iter().flat_map(|way| {
        let asked = way.iter().filter_map(|term| match term {
            Term::Session { aal, .. } => Some(*aal),
            _ => None,
        });
        let asked = asked.max().unwrap_or(Aal::One);
        // What the door asks for beside the session counts as shown in the same breath.
        let beside = authenticators(way);
        login.iter().filter(move |signed_in| aal(signed_in) >= asked).map(move |signed_in| {
            let mut shown: Vec<AuthenticatorIx> = [signed_in.evidence.as_slice(), &beside].concat();
            shown.sort_unstable();
            shown.dedup();
            let reached = assurance::of_names(model, &shown).map_or(Aal::One, |shown| shown.aal);
            Shown { aal: reached, shown }
        })
    });
    let mut shown: Vec<Shown> = shown.collect();
    shown.sort_by_key(|session| session.aal);
    shown
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
    all.min_by_key(|(_, way)| Reverse(aal(way)))
}

/// The recoveries that open to nothing but what the session showed and what the bind door gives, some of that among it.
fn by_recovery<'a>(judged: &Judged<'a>, bind: &Door, weakest: &Shown) -> Vec<Raise<'a>> {
    let given = |way: &[Term]| -> Option<Vec<Bindable>> {
        let mut given = vec![];
        for term in way {
            let bound = match term {
                Term::Authenticator(name) if weakest.shown.contains(name) => continue,
                Term::Authenticator(name) => Bindable::Authenticator(*name),
                Term::Issued(channel) => Bindable::Channel(*channel),
                _ => return None,
            };
            if !bind.binds.contains(&bound) {
                return None;
            }
            given.push(bound);
        }
        (!given.is_empty()).then_some(given)
    };
    let raise = |recover: &'a Recover| {
        let ways = alternatives_within(&recover.door.require, MOST_WAYS)?;
        let by = ways.iter().find_map(|way| given(way))?;
        let (factor, strong) = strongest_bound(&recover.door, &judged.reading.login)?;
        Some(Raise { factor, strong, by: Some((recover, by)) })
    };
    judged.population.recover.iter().filter_map(raise).collect()
}

fn aal(way: &LoginAlternative) -> Aal {
    way.assurance.map_or(Aal::One, |assurance| assurance.aal)
}
