//! Names that are defined and never needed.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{
    ApproverIx, AuthenticatorIx, Bindable, ChannelIx, Door, Model, Population, Requirement, Span, Term,
};
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    let used = Used::of(model);
    for (index, factor) in (0..).map(AuthenticatorIx).zip(&model.authenticators) {
        let asked = used.terms.contains(&Term::Authenticator(index));
        let bound = used.bound.contains(&Bindable::Authenticator(index));
        let found = match (asked, bound) {
            (true, _) => continue,
            (false, true) => {
                note("authenticator", &factor.name, factor.span, "can be bound, and opens nothing")
            }
            (false, false) => {
                note("authenticator", &factor.name, factor.span, "is defined, and no door names it")
            }
        };
        out.push(found);
    }
    for (index, channel) in (0..).map(ChannelIx).zip(&model.channels) {
        let asked = used.terms.contains(&Term::Issued(index)) || used.terms.contains(&Term::Invite(index));
        if !asked && !used.notified.contains(&index) {
            out.push(note(
                "channel",
                &channel.name,
                channel.span,
                "is defined, and nothing is ever sent to it",
            ));
        }
    }
    for (index, role) in (0..).map(ApproverIx).zip(&model.approvers) {
        let asked = |term: &Term| matches!(term, Term::Approval(asked, _) if *asked == index);
        if !used.terms.iter().any(asked) {
            out.push(note(
                "approver",
                &role.name,
                role.span,
                "is defined, and nobody ever asks for its word",
            ));
        }
    }
}

fn note(table: &str, name: &str, span: Span, what: &str) -> Diagnostic {
    let at = format!("{table}.{name}");
    Diagnostic::new(Rule::Unused, at, span, format!("`{name}` {what}"))
        .label("unused")
        .help(format!("name it at a door, or remove `[{table}.{name}]`"))
}

/// What the doors of all populations name.
#[derive(Default)]
struct Used {
    terms: Vec<Term>,
    bound: Vec<Bindable>,
    notified: Vec<ChannelIx>,
}

impl Used {
    fn of(model: &Model) -> Used {
        let mut used = Used::default();
        for population in &model.populations {
            used.requirement(&population.login.require);
            doors(population).for_each(|door| used.door(door));
        }
        used
    }

    fn door(&mut self, door: &Door) {
        self.requirement(&door.require);
        self.bound.extend(&door.binds);
        self.notified.extend(&door.notify);
    }

    fn requirement(&mut self, requirement: &Requirement) {
        self.terms.extend(requirement.terms());
    }
}

fn doors(population: &Population) -> impl Iterator<Item = &Door> {
    let enrol = population.enrol.iter().map(|enrol| &enrol.door);
    enrol.chain(&population.bind).chain(population.recover.iter().map(|recover| &recover.door))
}
