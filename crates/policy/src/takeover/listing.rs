//! The solved policy, and its families listed as a person reads them.
//!
//! Owns the restriction of a family to open doors and held authenticators, and the list of its sets: symmetric
//! sets once, sorted as they are written. Does not own how families come about (`solve`).

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::alternatives::{Alternative, Alternatives};
use super::bound::Beyond;
use super::fallen::Falling;
use super::family::{Bound, Families, Family, Variable};
use super::graph::{Fact, Graph, Question};
use super::layout::{DoorName, Layout, Who};
use super::path::Chaining;
use super::solve::solve;
use super::{Takeover, Truncated, Verdict};
use crate::model::{ApproverIx, AuthenticatorIx, ChannelIx, Model, PopulationIx};

/// What solving, and then listing, may use up.
#[derive(Clone, Copy)]
struct Limits {
    /// Steps of the algebra.
    solving: usize,
    /// Steps through the diagrams while the ways of a population are listed, a listed way being worth [`A_WAY`] of them.
    listing: usize,
}

impl Limits {
    /// About a third of a second each. Whoever asks for more ways than that reads them no more.
    const WHOLE: Limits = Limits { solving: 1_000_000, listing: 1_000_000 };
    /// This is the last attempt, so it may take longer.
    const BOUNDED: Limits = Limits { solving: 3_000_000, listing: 3_000_000 };

    /// However many share them, something can be listed for each.
    const LEAST_LISTING: usize = 20_000;

    /// For one of so many attempts, in which so many populations are listed.
    fn shared_by(self, attempts: usize, populations: usize) -> Limits {
        let listing = (self.listing / attempts / populations.max(1)).max(Limits::LEAST_LISTING);
        Limits { solving: self.solving / attempts, listing }
    }
}

/// To write a way down takes so many times as long as a step.
const A_WAY: usize = 8;

/// The families of every goal of a policy.
pub(super) struct Solution<'m> {
    pub(super) model: &'m Model,
    alternatives: Alternatives<'m>,
    layout: Layout,
    graph: Graph,
    families: Families,
    /// The family of each goal, by the number of its fact.
    solved: BTreeMap<u32, Family>,
    limits: Limits,
    /// Steps that are left for listing.
    left: usize,
    price: usize,
    /// `None`: all ways are listed.
    beyond: Option<Beyond<'m>>,
}

/// What is to be solved.
#[derive(Clone, Default)]
pub(super) struct Task {
    /// Their chains are solved together.
    pub(super) populations: Vec<PopulationIx>,
    /// The channels that the members really have; `None`: all that the policy names.
    pub(super) channels: Option<Vec<ChannelIx>>,
    /// What the attacker has from the beginning.
    pub(super) fallen: Vec<Falling>,
    /// The members' own doors stay shut, but for login.
    pub(super) login_alone: bool,
}

/// The ways through login alone, with which others are compared.
pub(super) struct ByLogin<'a> {
    asked: Asked<'a>,
    family: Family,
    pub(super) takeovers: Vec<Takeover>,
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
    /// Solves it wholly. `share`: for how many such attempts the limits must be enough.
    pub(super) fn of(model: &'m Model, task: &Task, share: usize) -> Result<Solution<'m>, Truncated> {
        Solution::up_to(model, task, None, share)
    }

    /// Solves it as far as the verdicts need, and at least up to that effort: dearer ways are not listed.
    pub(super) fn bounded(
        model: &'m Model,
        task: &Task,
        up_to: u32,
        share: usize,
    ) -> Result<Solution<'m>, Truncated> {
        let beyond = Beyond::of(model, task, up_to, share)?;
        Solution::up_to(model, task, Some(beyond), share)
    }

    fn up_to(
        model: &'m Model,
        task: &Task,
        beyond: Option<Beyond<'m>>,
        share: usize,
    ) -> Result<Solution<'m>, Truncated> {
        let Task { populations, fallen, login_alone, .. } = task;
        let layout = Layout::of(model, fallen)?;
        let alternatives = Alternatives::new(model);
        let question = Question {
            model,
            layout: &layout,
            alternatives: &alternatives,
            channels: task.channels.as_deref(),
            fallen,
            login_alone: *login_alone,
        };
        let mut goals: Vec<Fact> = populations.iter().map(|p| Fact::SignedIn(Who::Member(*p))).collect();
        for (index, app) in (0..).zip(&model.apps) {
            let populations = app.populations.iter().filter(|p| populations.contains(p));
            goals.extend(populations.map(|population| Fact::Enters(index, *population)));
        }
        let graph = question.graph(&goals, share)?;
        let limits = if beyond.is_some() { Limits::BOUNDED } else { Limits::WHOLE };
        let limits = limits.shared_by(share, populations.len());
        let most = beyond.as_ref().map_or(u32::MAX, |beyond| beyond.up_to);
        let mut families = Families::bounded(limits.solving, Bound { efforts: layout.efforts(), most });
        let mut wanted: Vec<u32> = goals.iter().filter_map(|goal| graph.known(*goal)).collect();
        if !fallen.is_empty() {
            wanted.extend(graph.known_where(|fact| matches!(fact, Fact::Agrees(_))));
        }
        if *login_alone {
            wanted.extend(graph.known_where(|fact| matches!(fact, Fact::SignsIn(Who::Member(_), _))));
        }
        let solved = solve(&graph.problem(), &wanted, &mut families)?;
        let solved = wanted.into_iter().zip(solved).collect();
        let price = graph.rules.len() / 4
            + families.spent(limits.solving) / 20
            + beyond.as_ref().map_or(0, Beyond::price);
        families.allow(limits.solving);
        let left = limits.listing;
        Ok(Solution { model, alternatives, layout, graph, families, solved, limits, left, price, beyond })
    }

    /// Ways that cost more are not listed; `None`: all are.
    pub(super) fn is_up_to(&self) -> Option<u32> {
        self.beyond.as_ref().map(|beyond| beyond.up_to)
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

    /// From here on the same limits once more as after solving: for another population, or another account.
    pub(super) fn refresh(&mut self) {
        self.families.allow(self.limits.solving);
        self.left = self.limits.listing;
        if let Some(beyond) = &mut self.beyond {
            beyond.refresh();
        }
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

    /// What the cheapest way through these doors and login costs.
    pub(super) fn least_effort(
        &mut self,
        asked: Asked<'_>,
        doors: &[DoorName],
    ) -> Result<Option<u32>, Truncated> {
        let ways = self.ways(asked, doors)?;
        Ok(self.families.least_effort(ways))
    }

    /// Every set through these doors and login, symmetric ones too.
    pub(super) fn every_set(
        &mut self,
        asked: Asked<'_>,
        doors: &[DoorName],
    ) -> Result<Vec<Vec<Variable>>, Truncated> {
        let ways = self.ways(asked, doors)?;
        let mut sets = vec![];
        self.families.visit(ways, &mut self.left, &|_| true, &mut |set| {
            sets.push(set.to_vec());
            Ok(())
        })?;
        Ok(sets)
    }

    /// The ways through login alone.
    pub(super) fn by_login<'a>(&mut self, asked: Asked<'a>) -> Result<ByLogin<'a>, Truncated> {
        let family = self.ways(asked, &[])?;
        let takeovers = self.list(asked, &[], family)?;
        Ok(ByLogin { asked, family, takeovers })
    }

    /// The ways through these doors and login, and how they compare with login alone.
    pub(super) fn compared(
        &mut self,
        asked: Asked<'_>,
        doors: &[DoorName],
        login: &ByLogin<'_>,
    ) -> Result<(Vec<Takeover>, Verdict), Truncated> {
        let ways = self.list(asked, doors, login.family)?;
        let verdict = Verdict::of(&login.takeovers, &ways, self.model[asked.population].risk);
        let Some(beyond) = self.beyond.as_mut().filter(|_| verdict == Verdict::Contained) else {
            return Ok((ways, verdict));
        };
        match beyond.leads_round((&self.graph, &self.layout), asked, doors, login.asked)? {
            false => Ok((ways, Verdict::Contained)),
            // Nobody can come in by login, so whoever comes in round it comes in too easily, whatever it costs.
            true if login.takeovers.is_empty() => Ok((ways, Verdict::Weaker)),
            // It costs more than was listed, and so more than login.
            true => Ok((ways, Verdict::NotWeaker)),
        }
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
    fn sets(&mut self, family: Family) -> Result<Vec<Set>, Truncated> {
        let Solution { families, layout, left, .. } = self;
        let mut sets = vec![];
        let most = *left / A_WAY;
        families.visit(family, left, &|path| layout.lowest_numbers(path), &mut |set| {
            let mut places: Vec<u32> = set.iter().map(|variable| layout.place(*variable)).collect();
            places.sort_unstable();
            sets.push(Set { places, variables: set.to_vec() });
            if sets.len() > most { Err(Truncated) } else { Ok(()) }
        })?;
        *left = left.checked_sub(A_WAY * sets.len()).ok_or(Truncated)?;
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
