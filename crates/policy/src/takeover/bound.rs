//! Where the ways are too many to list all: how far a list must reach for its verdict to be proved all the same.
//!
//! A way costs no less than any part of it, so the ways up to some effort are found exactly without the dearer ones. What
//! costs more than the cheapest login decides nothing between `weaker` and `not-weaker`; and whether there is a new way at
//! all is found out by looking for one, not by listing. Owns the effort up to which is listed, and that search. Does not
//! own dropping what costs more (`family`) nor the comparison (`verdict`).

use std::collections::BTreeSet;

use super::Truncated;
use super::family::Variable;
use super::graph::{Fact, Graph};
use super::layout::{DoorName, Layout, Who};
use super::listing::{Asked, Solution, Task};
use super::path::Chaining;
use crate::model::Model;

/// The most that a single deed costs: whatever one deed does is always listed.
pub(super) const ONE_DEED: u32 = 8;

/// Sets of deeds, one of which every login needs; more of them are not tried.
const MOST_OBSTACLES: usize = 512;

/// How far the lists of a solution reach, and what lies beyond.
pub(super) struct Beyond<'m> {
    /// Login alone, every other door of the member shut: small, and solved without a bound.
    login: Box<Solution<'m>>,
    /// Ways that cost more are not listed.
    pub(super) up_to: u32,
}

impl<'m> Beyond<'m> {
    /// As far as the verdicts on these populations need it, and at least up to that effort.
    pub(super) fn of(
        model: &'m Model,
        task: &Task,
        mut up_to: u32,
        share: usize,
    ) -> Result<Beyond<'m>, Truncated> {
        let mut login = Solution::of(model, &Task { login_alone: true, ..task.clone() }, share)?;
        for population in &task.populations {
            // Whatever a member holds and wherever it is accepted, the cheapest login costs no more than one alternative.
            let alternatives = login.alternatives(*population)?.to_vec();
            for (index, alternative) in (0..).zip(&alternatives) {
                let goal = Fact::SignsIn(Who::Member(*population), index);
                let asked = Asked { goal, population: *population, holds: &alternative.authenticators };
                up_to = up_to.max(login.least_effort(asked, &[])?.unwrap_or_default());
            }
        }
        Ok(Beyond { login: Box::new(login), up_to })
    }

    /// From here on the same limits once more, as in [`Solution::refresh`].
    pub(super) fn refresh(&mut self) {
        self.login.refresh();
    }

    /// What solving login alone cost, as in [`Solution::price`].
    pub(super) fn price(&self) -> usize {
        self.login.price()
    }

    /// Is there a way through these doors and login, however dear, that contains no way of `known` through login alone?
    ///
    /// There is exactly if the goal follows from everything but some deeds without which no login succeeds.
    pub(super) fn leads_round(
        &mut self,
        (graph, layout): (&Graph, &Layout),
        asked: Asked<'_>,
        doors: &[DoorName],
        known: Asked<'_>,
    ) -> Result<bool, Truncated> {
        let logins = self.login.every_set(known, &[])?;
        let circumstances = layout.circumstances(doors, asked.holds);
        let chaining = Chaining::towards(graph, asked.goal);
        let follows = |missing: BTreeSet<Variable>| {
            let deeds = graph.deeds(layout.first_power()).filter(|deed| !missing.contains(deed));
            let given: Vec<Variable> = circumstances.iter().copied().chain(deeds).collect();
            !chaining.derivation(&given).is_empty()
        };
        Ok(obstacles(&logins)?.into_iter().any(follows))
    }
}

/// The minimal sets that have something in common with each of these.
fn obstacles(sets: &[Vec<Variable>]) -> Result<Vec<BTreeSet<Variable>>, Truncated> {
    let mut found = vec![BTreeSet::new()];
    for set in sets {
        let (meeting, missing): (Vec<BTreeSet<Variable>>, Vec<_>) =
            found.into_iter().partition(|obstacle| set.iter().any(|deed| obstacle.contains(deed)));
        let longer = missing.iter().flat_map(|obstacle| {
            set.iter().map(|deed| obstacle.iter().copied().chain([*deed]).collect::<BTreeSet<Variable>>())
        });
        let needed = |longer: &BTreeSet<Variable>| !meeting.iter().any(|known| known.is_subset(longer));
        let longer: Vec<_> = longer.filter(needed).collect();
        found = [meeting, longer].concat();
        if found.len() > MOST_OBSTACLES {
            return Err(Truncated);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn obstacles_are_the_minimal_sets_that_meet_every_set(
            sets in proptest::collection::vec(proptest::collection::btree_set(0..8_u16, 0..4), 0..5)
        ) {
            let meets = |all: u16| sets.iter().all(|set| set.iter().any(|deed| all >> deed & 1 == 1));
            let minimal = |all: &u16| {
                meets(*all) && (0..8).all(|deed| all >> deed & 1 == 0 || !meets(all & !(1 << deed)))
            };
            let expected: BTreeSet<u16> = (0..1 << 8).filter(minimal).collect();
            let sets: Vec<Vec<Variable>> = sets.iter().map(|set| set.iter().copied().collect()).collect();
            let bits = |set: &BTreeSet<Variable>| set.iter().fold(0, |bits, deed| bits | 1 << deed);
            let found: Vec<u16> = obstacles(&sets).expect("few").iter().map(bits).collect();
            prop_assert_eq!(found.len(), expected.len(), "each once");
            prop_assert_eq!(found.into_iter().collect::<BTreeSet<u16>>(), expected);
        }
    }
}
