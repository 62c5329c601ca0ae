//! Populations that let each other in, with nobody outside who would notice.

use super::{Context, MOST_WAYS, door_path, story};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{ApproverIx, Door, Model, PopulationIx, Term};
use crate::rules::Rule;
use crate::runtime::alternatives_within;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for judged in context.judged() {
        let population = judged.population;
        for recover in &population.recover {
            let Some(way) = own_way(model, judged.index, &recover.door) else { continue };
            let Some(role) = way.iter().find_map(role_of) else { continue };
            let name = format!("recover.{}", recover.name);
            let role = &model[role];
            let message = format!(
                "members of `{0}` can reset each other: `{name}` asks nobody outside `{0}`",
                population.name
            );
            let people: u16 =
                way.iter().map(|term| if let Term::Approval(_, n) = term { *n } else { 0 }).sum();
            let accounts = if people == 1 { "one account".to_owned() } else { format!("{people} accounts") };
            let steps = vec![
                format!("take {accounts} of `{}`, or belong to it and mean harm", population.name),
                format!("say yes as `{}` to `{name}` of another member", role.name),
                story::after(model, &recover.door),
                format!(
                    "go on to the next member: nobody outside `{}` is asked or would notice",
                    population.name
                ),
            ];
            out.push(
                Diagnostic::new(
                    Rule::SelfApproval,
                    door_path(population, &name),
                    recover.door.require_span,
                    message,
                )
                .label(format!("`{}` is a role of theirs", role.name))
                .other(role.span, format!("people of `{}`", population.name))
                .steps(steps)
                .note("who takes one account of such a group, or belongs to it and means harm, stays among friends")
                .help(
                    "ask one person of another population too, such as `and approval(ROLE)`, or for something that \
                     the member holds",
                ),
            );
        }
    }
}

/// A way to open the door that takes the word of this population's people and nothing of the member's own.
///
/// Proofing counts as nobody, as it does for `lone-approver`: whoever records it may be one of them.
fn own_way(model: &Model, population: PopulationIx, door: &Door) -> Option<Vec<Term>> {
    let ways = alternatives_within(&door.require, MOST_WAYS)?;
    ways.into_iter().find(|way| {
        let own = |term: &Term| match term {
            Term::Approval(role, _) => model[*role].population == population,
            Term::Proofing(_) => true,
            _ => false,
        };
        way.iter().all(own) && way.iter().any(|term| role_of(term).is_some())
    })
}

fn role_of(term: &Term) -> Option<ApproverIx> {
    if let Term::Approval(role, _) = term { Some(*role) } else { None }
}
