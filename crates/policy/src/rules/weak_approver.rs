//! Approvers whose own accounts are easier to take than those that they can reset.

use super::{Context, capabilities, door_path, story};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::factor::Aal;
use crate::model::{App, Approver, ApproverIx, Model, Span, Term};
use crate::rules::Rule;
use crate::takeover::{self, Takeover};

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    let approvers = Approvers::of(context);
    for judged in context.judged() {
        let Some(login) = judged.reading.everything().map(|all| weakest(&all.login)) else { continue };
        let population = judged.population;
        let bind = population.bind.iter().map(|door| ("bind".to_owned(), door));
        let recover = population.recover.iter().map(|r| (format!("recover.{}", r.name), &r.door));
        for (name, door) in bind.chain(recover) {
            let mut roles: Vec<ApproverIx> = (door.require.terms())
                .filter_map(|term| if let Term::Approval(role, _) = term { Some(*role) } else { None })
                .filter(|role| model[*role].population != judged.index)
                .collect();
            roles.sort_unstable();
            roles.dedup();
            for role in roles {
                let Some(way) = approvers.weakest(role) else { continue };
                if login.is_some_and(|login| login.effort <= way.effort) {
                    continue;
                }
                let approver = &model[role];
                let own = &model[approver.population];
                let message = format!(
                    "people of the role `{}` are easier to take than members of `{}`, whom they can reset",
                    approver.name, population.name
                );
                let mut found = Diagnostic::new(
                    Rule::WeakApprover,
                    door_path(population, &name),
                    door.require_span,
                    message,
                )
                .label(format!("`{}` has a say here", approver.name))
                .other(
                    own.login.require_span,
                    format!("the approver's login takes effort {}: {}", way.effort, capabilities(way)),
                );
                if let Some(login) = login {
                    let label = format!("login takes effort {}: {}", login.effort, capabilities(login));
                    found = found.other(population.login.require_span, label);
                }
                // The way was read as into an account of their own population, whose member they are.
                let whom = format!("({}#1", approver.name);
                let deeds: Vec<String> =
                    way.capabilities.iter().map(|deed| deed.to_string().replace("(member", &whom)).collect();
                let needed =
                    door.require.terms().filter(|term| matches!(term, Term::Approval(r, _) if *r == role));
                let people = needed.map(|term| if let Term::Approval(_, n) = term { *n } else { 1 }).max();
                let whose = match people {
                    Some(people) if people > 1 => format!("{people} of `{}`", approver.name),
                    _ => format!("one `{}`", approver.name),
                };
                found = found.steps(vec![
                    format!("take the account of {whose}: {}", deeds.join(", ")),
                    format!(
                        "approve at `{name}` of a member in their name, beside whatever else it asks for"
                    ),
                    story::after(model, door),
                ]);
                out.push(found.help(format!(
                    "give `{}` a login at least as strong, raise `aal` of `approver.{}`, or ask somebody else",
                    own.name, approver.name
                )));
            }
        }
    }
}

/// The least that takes a session in which somebody of each role may approve.
struct Approvers<'a, 'm> {
    context: &'a Context<'m>,
    /// One reading for each role, made only if some session of theirs is not good enough to approve in.
    strict: Vec<Vec<Takeover>>,
}

impl<'a, 'm> Approvers<'a, 'm> {
    fn of(context: &'a Context<'m>) -> Self {
        let model = context.model;
        let picky = |role: &Approver| {
            let reading = &context.analysis.populations[usize::from(role.population.0)];
            reading.login.iter().any(|way| way.assurance.is_none_or(|reached| reached.aal < role.aal))
        };
        let strict = if model.approvers.iter().any(picky) { sessions(model) } else { Vec::new() };
        Approvers { context, strict }
    }

    fn weakest(&self, role: ApproverIx) -> Option<&Takeover> {
        if let Some(ways) = self.strict.get(usize::from(role.0)) {
            return weakest_by_login(ways);
        }
        let population = self.context.model[role].population;
        weakest(&self.context.analysis.populations[usize::from(population.0)].everything()?.login)
    }
}

/// The ways to a session of the level that each role needs, read as if it opened an application.
fn sessions(model: &Model) -> Vec<Vec<Takeover>> {
    let door = |aal: Aal, population, span: Span| App {
        name: String::new(),
        populations: vec![population],
        aal,
        phishing_resistant: false,
        max_age: None,
        high_sensitivity: false,
        span,
    };
    let apps = model.approvers.iter().map(|role| door(role.aal, role.population, role.span)).collect();
    let analysis = takeover::analyse(&Model { apps, ..model.clone() });
    let ways = analysis.apps.into_iter().map(|app| app.populations.into_iter().flat_map(|p| p.takeover));
    ways.map(Iterator::collect).collect()
}

fn weakest(ways: &[Takeover]) -> Option<&Takeover> {
    ways.iter().min_by_key(|way| way.effort)
}

/// Ways round the approvers' own login are findings of their own.
fn weakest_by_login(ways: &[Takeover]) -> Option<&Takeover> {
    ways.iter().filter(|way| !way.new).min_by_key(|way| way.effort)
}
