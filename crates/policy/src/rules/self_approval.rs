//! Populations that let each other in, with nobody outside who would notice.

use super::{Context, MOST_WAYS, door_path};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{ApproverIx, Door, Model, PopulationIx, Term};
use crate::rules::Rule;
use crate::runtime::alternatives_within;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for judged in context.judged() {
        let population = judged.population;
        for recover in &population.recover {
            let Some(role) = own_word(model, judged.index, &recover.door) else { continue };
            let name = format!("recover.{}", recover.name);
            let role = &model[role];
            let message = format!(
                "members of `{0}` can reset each other: `{name}` asks nobody outside `{0}`",
                population.name
            );
            out.push(
                Diagnostic::new(
                    Rule::SelfApproval,
                    door_path(population, &name),
                    recover.door.require_span,
                    message,
                )
                .label(format!("`{}` is a role of theirs", role.name))
                .other(role.span, format!("people of `{}`", population.name))
                .note("who takes one account of such a group, or belongs to it and means harm, stays among friends")
                .help(
                    "ask one person of another population too, such as `and approval(ROLE)`, or for something that \
                     the member holds",
                ),
            );
        }
    }
}

/// A role of a way to open the door that takes the word of this population's people and nothing of the member's own.
///
/// Proofing counts as nobody, as it does for `lone-approver`: whoever records it may be one of them.
fn own_word(model: &Model, population: PopulationIx, door: &Door) -> Option<ApproverIx> {
    let ways = alternatives_within(&door.require, MOST_WAYS)?;
    ways.iter().find_map(|way| {
        let own = |term: &Term| match term {
            Term::Approval(role, _) => model[*role].population == population,
            Term::Proofing(_) => true,
            _ => false,
        };
        let role = |term: &Term| if let Term::Approval(role, _) = term { Some(*role) } else { None };
        if way.iter().all(own) { way.iter().find_map(role) } else { None }
    })
}
