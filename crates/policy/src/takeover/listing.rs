//! The solved policy, and its families listed as a person reads them.
//!
//! Owns the restriction of a family to open doors and held authenticators, and the list of its sets: symmetric
//! sets once, sorted as they are written. Does not own how families come about (`solve`).

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::alternatives::{Alternative, Alternatives};
use super::fallen::Falling;
use super::family::{Families, Family, Variable};
use super::graph::{Fact, Graph, Question};
use super::layout::{DoorName, Layout, Who};
use super::path::Chaining;
use super::solve::solve;
use super::{Takeover, Truncated};
use crate::model::{ApproverIx, AuthenticatorIx, ChannelIx, Model, PopulationIx};

/// Steps of the algebra that solving, and then listing, may take: about a second each.
const MOST_STEPS: usize = 3_000_000;
/// Takeovers that one analysis lists: hundreds of megabytes, and more than anybody reads.
const MOST_LISTED: usize = 400_000;

/// The families of every goal of a policy.
pub(super) struct Solution<'m> {
    pub(super) model: &'m Model,
    alternatives: Alternatives,
    layout: Layout,
    graph: Graph,
    families: Families,
    /// The family of each goal, by the number of its fact.
    solved: BTreeMap<u32, Family>,
    listed: usize,
    price: usize,
}

/// A question to a solution: what is to be reached, in whose account.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) goal: Fact,
    pub(super) population: PopulationIx,
    pub(super) holds: &'a [AuthenticatorIx],
}

/// One set, ordered as it is written: by the places of its capabilities.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Set {
    places: Vec<u32>,
    /// Ascending.
    variables: Vec<Variable>,
}

impl<'m> Solution<'m> {
    /// Solves the chains of these populations together. `share` of the limits may be used up: a whole, or less.
    pub(super) fn of(
        model: &'m Model,
        populations: &[PopulationIx],
        channels: Option<&[ChannelIx]>,
        fallen: &[Falling],
        share: usize,
    ) -> Result<Solution<'m>, Truncated> {
        let layout = Layout::of(model, fallen)?;
        let alternatives = Alternatives::new(model);
        let question = Question { model, layout: &layout, alternatives: &alternatives, channels, fallen };
        let mut goals: Vec<Fact> = populations.iter().map(|p| Fact::SignedIn(Who::Member(*p))).collect();
        for (index, app) in (0..).zip(&model.apps) {
            let populations = app.populations.iter().filter(|p| populations.contains(p));
            goals.extend(populations.map(|population| Fact::Enters(index, *population)));
        }
        let graph = question.graph(&goals, share)?;
        let most_steps = MOST_STEPS / share;
        let mut families = Families::within(most_steps);
        let mut wanted: Vec<u32> = goals.iter().filter_map(|goal| graph.known(*goal)).collect();
        if !fallen.is_empty() {
            wanted.extend(graph.known_where(|fact| matches!(fact, Fact::Agrees(_))));
        }
        let solved = solve(&graph.problem(), &wanted, &mut families)?;
        let solved = wanted.into_iter().zip(solved).collect();
        let price = graph.rules.len() / 4 + families.spent(most_steps) / 20;
        families.allow(most_steps);
        let listed = MOST_LISTED / share;
        Ok(Solution { model, alternatives, layout, graph, families, solved, listed, price })
    }

    /// What solving it cost, in steps of about two microseconds: a rule takes a fourth of that, a step of the algebra less.
    pub(super) fn price(&self) -> usize {
        self.price
    }

    /// Does somebody of the role, who has not fallen, approve without anything being done? `None`: nobody asks them.
    pub(super) fn approves(&self, role: ApproverIx) -> Option<bool> {
        let somebody = self.layout.role(role)?;
        let free = |person: u16| {
            let agrees = self.solved.get(&self.graph.known(Fact::Agrees(person))?)?;
            Some(*agrees == Family::FREE)
        };
        (somebody.first..somebody.first + somebody.people)
            .filter(|person| !self.layout.has_fallen(*person))
            .find_map(free)
    }

    /// From here on the same limits once more as after solving.
    pub(super) fn refresh(&mut self) {
        self.families.allow(MOST_STEPS);
        self.listed = MOST_LISTED;
    }

    pub(super) fn alternatives(&self, population: PopulationIx) -> Result<&[Alternative], Truncated> {
        self.alternatives.of(population)
    }

    /// The ways through these doors and login.
    pub(super) fn ways(&mut self, asked: Asked<'_>, doors: &[DoorName]) -> Result<Family, Truncated> {
        let goal = self.graph.known(asked.goal).and_then(|goal| self.solved.get(&goal));
        let Some(goal) = goal else { return Ok(Family::IMPOSSIBLE) };
        let layout = &self.layout;
        let granted = |variable| layout.is_granted(variable, doors, asked.holds);
        self.families.given(*goal, layout.first_power(), &granted)
    }

    /// The minimal takeovers through these doors and login. New are those that contain no set of `login`.
    pub(super) fn list(
        &mut self,
        asked: Asked<'_>,
        doors: &[DoorName],
        login: Family,
    ) -> Result<Vec<Takeover>, Truncated> {
        let ways = self.ways(asked, doors)?;
        let without_doors = self.ways(asked, &[])?;
        let mut by_door = vec![];
        for door in doors {
            by_door.push((*door, self.ways(asked, &[*door])?));
        }
        let sets = self.sets(ways)?;
        self.listed = self.listed.checked_sub(sets.len()).ok_or(Truncated)?;
        // Asked for only where no door alone is enough, which is rare.
        let chaining = LazyCell::new(|| Chaining::towards(&self.graph, asked.goal));
        let circumstances = self.layout.circumstances(doors, asked.holds);
        let opened = |set: &[Variable], alone: bool| {
            if alone {
                return vec![DoorName::Login];
            }
            if let Some((door, _)) =
                by_door.iter().find(|(_, ways)| self.families.contains_part_of(*ways, set))
            {
                return vec![*door, DoorName::Login];
            }
            // No door by itself is enough, so their order has to be found.
            let rules = chaining.derivation(&[circumstances.as_slice(), set].concat());
            self.doors(asked.population, &rules)
        };
        let written = |Set { places, variables: set }| {
            let alone = self.families.contains_part_of(without_doors, &set);
            // Without an authenticator, before enrolment, there is no login of its own to compare with.
            let known =
                if login == without_doors { alone } else { self.families.contains_part_of(login, &set) };
            Takeover {
                capabilities: places.iter().map(|place| self.layout.capability_at(*place)).collect(),
                effort: set.iter().map(|variable| self.layout.effort(*variable)).sum(),
                doors: opened(&set, alone),
                new: !known,
            }
        };
        Ok(sets.into_iter().map(written).collect())
    }

    /// The sets of a family that keep to the lowest numbers, sorted as they are written.
    fn sets(&self, family: Family) -> Result<Vec<Set>, Truncated> {
        let mut sets = vec![];
        let lowest = |path: &[Variable]| self.layout.lowest_numbers(path);
        let mut steps = MOST_STEPS;
        self.families.visit(family, &mut steps, &lowest, &mut |set| {
            let mut places: Vec<u32> = set.iter().map(|variable| self.layout.place(*variable)).collect();
            places.sort_unstable();
            sets.push(Set { places, variables: set.to_vec() });
            if sets.len() > self.listed { Err(Truncated) } else { Ok(()) }
        })?;
        sets.sort_unstable();
        Ok(sets)
    }

    /// The doors of the account that a derivation opens, in its order; login comes last.
    fn doors(&self, population: PopulationIx, rules: &[u32]) -> Vec<DoorName> {
        let opened = rules.iter().filter_map(|rule| match self.graph.concluded(*rule) {
            Fact::Opens(Who::Member(whose), name) if whose == population => Some(name),
            _ => None,
        });
        opened.chain([DoorName::Login]).collect()
    }
}
