//! The solved policy, and its families listed as a person reads them.
//!
//! Owns the restriction of a family to open doors and held authenticators, and the list of its sets: symmetric
//! sets once, sorted as they are written. Does not own how families come about (`solve`).

use std::collections::HashSet;

use super::family::{Families, Family, Variable};
use super::graph::{Alternative, Alternatives, Fact, Graph, Question};
use super::layout::{DoorName, Layout, Who};
use super::path::Chaining;
use super::solve::solve;
use super::{Takeover, Truncated};
use crate::model::{AuthenticatorIx, ChannelIx, Model, PopulationIx};

/// Steps of the algebra that one analysis may take: seconds of work, and hundreds of megabytes, at most.
const MOST_STEPS: usize = 4_000_000;
/// Sets in one list: more than anybody reads.
const MOST_SETS: usize = 50_000;

/// The families of every goal of a policy.
pub(super) struct Solution<'m> {
    pub(super) model: &'m Model,
    alternatives: Alternatives,
    layout: Layout,
    graph: Graph,
    families: Families,
    solved: Vec<Family>,
}

impl<'m> Solution<'m> {
    pub(super) fn of(
        model: &'m Model,
        populations: &[PopulationIx],
        channels: Option<&[ChannelIx]>,
    ) -> Result<Solution<'m>, Truncated> {
        let layout = Layout::of(model)?;
        let alternatives = Alternatives::new(model);
        let question = Question { model, layout: &layout, alternatives: &alternatives, channels };
        let mut goals: Vec<Fact> = populations.iter().map(|p| Fact::SignedIn(Who::Member(*p))).collect();
        for (index, app) in (0..).zip(&model.apps) {
            let populations = app.populations.iter().filter(|p| populations.contains(p));
            goals.extend(populations.map(|population| Fact::Enters(index, *population)));
        }
        let graph = question.graph(&goals)?;
        let mut families = Families::within(MOST_STEPS);
        let solved = solve(&graph, &mut families)?;
        Ok(Solution { model, alternatives, layout, graph, families, solved })
    }

    pub(super) fn alternatives(&self, population: PopulationIx) -> Result<&[Alternative], Truncated> {
        self.alternatives.of(population)
    }

    /// The ways to a session of the member by these doors, when the member holds these authenticators.
    pub(super) fn ways(
        &mut self,
        population: PopulationIx,
        open: &dyn Fn(DoorName) -> bool,
        holds: &[AuthenticatorIx],
    ) -> Result<Family, Truncated> {
        self.restricted(Fact::SignedIn(Who::Member(population)), open, holds)
    }

    fn restricted(
        &mut self,
        goal: Fact,
        open: &dyn Fn(DoorName) -> bool,
        holds: &[AuthenticatorIx],
    ) -> Result<Family, Truncated> {
        let Some(goal) = self.graph.known(goal) else { return Ok(Family::IMPOSSIBLE) };
        let layout = &self.layout;
        let granted = |variable| layout.is_granted(variable, open, holds);
        self.families.given(self.solved[goal as usize], layout.first_power(), &granted)
    }

    /// The sets of a family, each with the doors that it opens; `login` tells which are new.
    pub(super) fn list(
        &mut self,
        population: PopulationIx,
        ways: Family,
        login: Family,
        open: &[DoorName],
        holds: &[AuthenticatorIx],
    ) -> Result<Vec<Takeover>, Truncated> {
        self.listed(Fact::SignedIn(Who::Member(population)), population, ways, login, open, holds)
    }

    /// The ways to a session that the application accepts, through the whole chain.
    pub(super) fn list_app(
        &mut self,
        app: u16,
        population: PopulationIx,
        holds: &[AuthenticatorIx],
    ) -> Result<Vec<Takeover>, Truncated> {
        let goal = Fact::Enters(app, population);
        let login = self.restricted(goal, &|_| false, holds)?;
        let ways = self.restricted(goal, &|door| door != DoorName::Enrol, holds)?;
        let open: Vec<DoorName> = super::layout::doors(&self.model[population])
            .map(|(name, _)| name)
            .filter(|name| *name != DoorName::Enrol)
            .collect();
        self.listed(goal, population, ways, login, &open, holds)
    }

    fn listed(
        &mut self,
        goal: Fact,
        population: PopulationIx,
        ways: Family,
        login: Family,
        open: &[DoorName],
        holds: &[AuthenticatorIx],
    ) -> Result<Vec<Takeover>, Truncated> {
        let new = self.families.avoid(ways, login)?;
        let new: HashSet<Vec<Variable>> = self.sets(new)?.into_iter().collect();
        let mut sets = self.sets(ways)?;
        for set in &mut sets {
            set.sort_by_key(|variable| self.layout.place(*variable));
        }
        sets.sort_by_cached_key(|set| set.iter().map(|v| self.layout.place(*v)).collect::<Vec<_>>());
        let chaining = Chaining::towards(&self.graph, goal);
        let circumstances = self.layout.circumstances(open, holds);
        Ok((sets.into_iter())
            .map(|set| {
                let mut ascending = set.clone();
                ascending.sort_unstable();
                let rules = chaining.derivation(&[circumstances.as_slice(), &ascending].concat());
                Takeover {
                    effort: set.iter().map(|variable| self.layout.effort(*variable)).sum(),
                    doors: self.doors(population, &rules),
                    new: new.contains(&ascending),
                    capabilities: set.iter().map(|variable| self.layout.capability(*variable)).collect(),
                }
            })
            .collect())
    }

    /// The sets of a family that keep to the lowest numbers.
    fn sets(&mut self, family: Family) -> Result<Vec<Vec<Variable>>, Truncated> {
        let mut sets = vec![];
        let layout = &self.layout;
        self.families.visit(family, &|path| layout.lowest_numbers(path), &mut |set| {
            sets.push(set.to_vec());
            if sets.len() > MOST_SETS { Err(Truncated) } else { Ok(()) }
        })?;
        Ok(sets)
    }

    /// The doors of the account that a derivation opens, in its order; login comes last.
    fn doors(&self, population: PopulationIx, rules: &[u32]) -> Vec<DoorName> {
        let mut doors: Vec<DoorName> = (rules.iter())
            .filter_map(|rule| match self.graph.facts[self.graph.rules[*rule as usize].head as usize] {
                Fact::Opens(Who::Member(whose), name) if whose == population => Some(name),
                _ => None,
            })
            .collect();
        doors.push(DoorName::Login);
        doors
    }
}
