//! Do the ways in follow from the same rules under two policies? Then they are the same ways, whether or not they can be listed.
//!
//! Owns that comparison. Rules speak of names by their place in the policy, so whatever is moved counts as different: this
//! proves that nothing changed, never that something did.

use super::Goal;
use super::alternatives::Alternatives;
use super::graph::{Graph, Question};
use super::layout::Layout;
use crate::model::{Model, PopulationIx};

/// The ways to this goal are the same, for whoever is reached by whichever channels.
pub(crate) fn alike(before: &Model, after: &Model, population: PopulationIx, goal: Goal) -> bool {
    let rules = |model: &Model| -> Option<(Layout, Graph)> {
        let (layout, alternatives) = (Layout::of(model, &[]).ok()?, Alternatives::new(model));
        let question = Question {
            model,
            layout: &layout,
            alternatives: &alternatives,
            channels: None,
            fallen: &[],
            login_alone: false,
        };
        let graph = question.graph(&[goal.fact(population)], 1).ok()?;
        Some((layout, graph))
    };
    let is_there = |model: &Model| {
        usize::from(population.0) < model.populations.len()
            && !matches!(goal, Goal::App(app) if usize::from(app) >= model.apps.len())
    };
    let named = is_there(before)
        && is_there(after)
        && before[population].name == after[population].name
        && same_things(before, after);
    named && rules(before).zip(rules(after)).is_some_and(|(before, after)| before == after)
}

/// The rules do not tell what is sent where, which matters as soon as two channels of a member lead to one address.
fn same_things(before: &Model, after: &Model) -> bool {
    let authenticators = |model: &Model| -> Vec<_> {
        let all = model.authenticators.iter();
        all.map(|it| (it.name.clone(), it.kind, it.on.clone(), it.attested, it.user_verification)).collect()
    };
    let channels = |model: &Model| -> Vec<_> {
        let all = model.channels.iter();
        all.map(|it| (it.name.clone(), it.kind, it.protected, it.behind_login, it.on.clone())).collect()
    };
    authenticators(before) == authenticators(after) && channels(before) == channels(after)
}
