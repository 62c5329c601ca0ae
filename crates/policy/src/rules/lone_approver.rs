//! One person who can reset a high-risk member.

use super::{Context, MOST_WAYS, door_path, story};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Door, Risk, Term};
use crate::rules::Rule;
use crate::runtime::alternatives_within;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for population in context.model.populations.iter().filter(|population| population.risk == Risk::High) {
        for recover in &population.recover {
            let Some(way) = lone_way(&recover.door) else { continue };
            let who = match way.iter().find(|term| matches!(term, Term::Approval(..))) {
                Some(Term::Approval(role, _)) => format!("one `{}`", context.model[*role].name),
                _ => "the one agent who records the proofing".to_owned(),
            };
            let mut steps = story::obtaining(context.model, &way);
            if way.len() > 1 {
                steps.push("have the same person do all of it: nothing asks for a second one".to_owned());
            }
            steps.push(format!("open `recover.{}` of the member: nobody else is asked", recover.name));
            steps.push(story::after(context.model, &recover.door));
            let at = door_path(population, &format!("recover.{}", recover.name));
            let message =
                format!("{who} alone can reset a member of `{}`, whose risk is high", population.name);
            out.push(
                Diagnostic::new(Rule::LoneApprover, at, recover.door.require_span, message)
                    .label("one person is enough")
                    .other(population.span, "high risk")
                    .steps(steps)
                    .help("ask for two people, such as `approval(ROLE, 2)`, or for something that the member holds"),
            );
        }
    }
}

/// A way to open the door with the word of fewer than two people, and nothing that the member holds.
///
/// Whoever records the proofing may be the same person who approves, so proofing counts as nobody.
fn lone_way(door: &Door) -> Option<Vec<Term>> {
    let ways = alternatives_within(&door.require, MOST_WAYS)?;
    ways.into_iter().find(|way| {
        let by_word_alone = way.iter().all(|term| matches!(term, Term::Approval(..) | Term::Proofing(_)));
        let people = |term: &Term| if let Term::Approval(_, people) = term { *people } else { 0 };
        by_word_alone && way.iter().map(people).sum::<u16>() < 2
    })
}
