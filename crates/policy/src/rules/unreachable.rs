//! Doors that nobody can open.

use super::{Context, Judged, MOST_WAYS, door_path, names};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::factor::Aal;
use crate::model::{Model, PopulationIx, Requirement, Span, Term};
use crate::rules::Rule;
use crate::runtime::alternatives_within;
use crate::takeover::Analysis;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        let population = judged.population;
        let enrol = population.enrol.iter().map(|enrol| ("enrol".to_owned(), &enrol.door));
        let bind = population.bind.iter().map(|door| ("bind".to_owned(), door));
        let recover = population.recover.iter().map(|r| (format!("recover.{}", r.name), &r.door));
        let doors = enrol.chain(bind).chain(recover);
        let login = ("login".to_owned(), &population.login.require, population.login.require_span);
        let all = doors.map(|(name, door)| (name, &door.require, door.require_span)).chain([login]);
        for (name, require, span) in all {
            if let Some(obstacle) = obstacle(context, &judged, require) {
                let message = format!("nobody can open `{name}` of `{}`", population.name);
                let mut found =
                    Diagnostic::new(Rule::Unreachable, door_path(population, &name), span, message)
                        .label(obstacle.why);
                if let Some((span, text)) = obstacle.counterpart {
                    found = found.other(span, text);
                }
                out.push(found.help("mend what it asks for, or remove the door"));
            }
        }
    }
}

/// Why no way to open a door is a way for anybody.
struct Obstacle {
    why: String,
    counterpart: Option<(Span, String)>,
}

fn obstacle(context: &Context<'_>, judged: &Judged<'_>, require: &Requirement) -> Option<Obstacle> {
    let ways = alternatives_within(require, MOST_WAYS)?;
    let mut first = None;
    for way in ways {
        let blocked = way.iter().find_map(|term| blocked(context, judged, term))?;
        first.get_or_insert(blocked);
    }
    first
}

/// Why nobody can show this piece of evidence.
fn blocked(context: &Context<'_>, judged: &Judged<'_>, term: &Term) -> Option<Obstacle> {
    let (model, analysis) = (context.model, context.analysis);
    match term {
        Term::Authenticator(factor) => {
            let population = judged.population;
            (!population.may_hold(*factor)).then(|| Obstacle {
                why: format!("no door of `{}` binds {}", population.name, names(model, &[*factor])),
                counterpart: Some((model[*factor].span, "never bound".to_owned())),
            })
        }
        Term::Approval(role, _) => {
            let role = &model[*role];
            lacks(model, analysis, role.population, role.aal).map(|login| Obstacle {
                why: format!(
                    "`{}` approves in a session at {}, which none of them reaches",
                    role.name, role.aal
                ),
                counterpart: Some((login, format!("no way to sign in reaches {}", role.aal))),
            })
        }
        Term::Session { aal, .. } => lacks(model, analysis, judged.index, *aal).map(|login| Obstacle {
            why: format!("asks for a session at {aal}"),
            counterpart: Some((login, format!("no way to sign in reaches {aal}"))),
        }),
        Term::Issued(_) | Term::Invite(_) | Term::Proofing(_) => None,
    }
}

/// Where the login of the population stands, if no way to sign in reaches the level.
fn lacks(model: &Model, analysis: &Analysis, population: PopulationIx, aal: Aal) -> Option<Span> {
    let login = &analysis.populations[usize::from(population.0)].login;
    let reached = login.iter().any(|way| way.assurance.is_some_and(|reached| reached.aal >= aal));
    // Too many ways to list are no proof that there is none.
    (!reached && !login.is_empty()).then(|| model[population].login.require_span)
}
