//! One door for newcomers, who have nothing to lose, and for members, who have.

use super::{Context, MOST_WAYS, door_path};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Door, Term};
use crate::rules::Rule;
use crate::runtime::alternatives_within;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for population in &context.model.populations {
        for recover in &population.recover {
            let (name, door) = (format!("recover.{}", recover.name), &recover.door);
            let enrol = population.enrol.as_ref().map(|enrol| &enrol.door);
            let ticket = door.require.terms().any(|term| matches!(term, Term::Invite(_)));
            let (message, label) = if ticket {
                (
                    format!("`{name}` opens with an enrolment ticket"),
                    "a ticket for newcomers resets a member here",
                )
            } else if enrol.is_some_and(|enrol| are_one(enrol, door)) {
                (
                    format!("`enrol` and `{name}` are one door under two names"),
                    "what enrols a newcomer resets a member here",
                )
            } else {
                continue;
            };
            let at = door_path(population, &name);
            let mut found = Diagnostic::new(Rule::SameDoorTwice, at, door.require_span, message).label(label);
            if let Some(enrol) = enrol {
                found = found.other(enrol.require_span, "the first enrolment");
            }
            out.push(found.help(
                "ask at recovery for something that only a member has: `codes`, `issued(CHANNEL)`, a factor that is \
                 still held; or add `wait` with `notify`, which a newcomer does not need",
            ));
        }
    }
}

/// The same evidence, ticket or code, opens both, and the owner of the account has no time to object.
fn are_one(enrol: &Door, recover: &Door) -> bool {
    if recover.time_to_object().is_some() {
        return false;
    }
    let ways = |door: &Door| {
        let mut ways = alternatives_within(&door.require, MOST_WAYS)?;
        for term in ways.iter_mut().flatten() {
            if let Term::Invite(channel) = *term {
                *term = Term::Issued(channel);
            }
        }
        for way in &mut ways {
            way.sort_unstable();
        }
        ways.sort_unstable();
        Some(ways)
    };
    ways(enrol).is_some_and(|enrol| Some(enrol) == ways(recover))
}
