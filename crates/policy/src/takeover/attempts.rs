//! How chains are read: wholly if that is within the limits, and otherwise as far as the verdicts need.
//!
//! Owns the order of the attempts, for a whole policy and for one chain that is asked again and again. Does not own the
//! limits (`listing`) nor what a chain's reading says.

use super::bound::ONE_DEED;
use super::listing::{Solution, Task};
use super::{Chain, Truncated, chain_reading};
use crate::model::{Model, PopulationIx};

/// At the chains of a policy.
pub(super) struct Attempts<'m> {
    model: &'m Model,
    all: &'m [PopulationIx],
    /// Everything at once shares the work on approvers. If that is too much, one by one may not be.
    together: Option<Result<Solution<'m>, Truncated>>,
    bounded: Option<Result<Solution<'m>, Truncated>>,
}

impl<'m> Attempts<'m> {
    /// `all`: the populations of the model. Nothing is solved before it is needed.
    pub(super) fn new(model: &'m Model, all: &'m [PopulationIx]) -> Self {
        Attempts { model, all, together: None, bounded: None }
    }

    /// The reading of a population, as whole as it can be.
    pub(super) fn read(&mut self, population: PopulationIx) -> Result<Chain, Truncated> {
        self.wholly(population).or_else(|Truncated| self.in_part(population))
    }

    fn wholly(&mut self, population: PopulationIx) -> Result<Chain, Truncated> {
        let together = self.together.get_or_insert_with(|| Solution::of(self.model, &chains(self.all), 1));
        if let Ok(together) = together {
            return chain_reading(together, population);
        }
        let mut alone = Solution::of(self.model, &chains(&[population]), self.all.len())?;
        chain_reading(&mut alone, population)
    }

    /// The reading of a population, as far as the verdicts need.
    pub(super) fn in_part(&mut self, population: PopulationIx) -> Result<Chain, Truncated> {
        let bounded =
            self.bounded.get_or_insert_with(|| Solution::bounded(self.model, &chains(self.all), ONE_DEED, 1));
        if let Ok(bounded) = bounded {
            return chain_reading(bounded, population);
        }
        let share = self.all.len();
        let mut alone = Solution::bounded(self.model, &chains(&[population]), ONE_DEED, share)?;
        chain_reading(&mut alone, population)
    }
}

fn chains(populations: &[PopulationIx]) -> Task {
    Task { populations: populations.to_vec(), ..Task::default() }
}

/// One chain, solved once and asked again and again.
pub(super) struct Repeated<'m> {
    pub(super) solution: Solution<'m>,
    model: &'m Model,
    task: Task,
    /// The efforts up to which it may be solved if the whole turns out to be too much, the next one last.
    bounds: Vec<u32>,
}

impl<'m> Repeated<'m> {
    /// `bounds`: falling efforts, up to each of which at least the ways are listed if more are too many.
    pub(super) fn new(model: &'m Model, task: Task, bounds: &[u32]) -> Result<Self, Truncated> {
        let mut bounds: Vec<u32> = bounds.iter().rev().copied().collect();
        let solution = Solution::of(model, &task, 1).or_else(|Truncated| next(model, &task, &mut bounds))?;
        Ok(Repeated { solution, model, task, bounds })
    }

    /// Each question may use up as much as if it were the only one. If that is not enough for one of them, dearer ways are
    /// listed for none from there on.
    pub(super) fn ask<T>(
        &mut self,
        question: impl Fn(&mut Solution<'m>) -> Result<T, Truncated>,
    ) -> Result<T, Truncated> {
        loop {
            self.solution.refresh();
            match question(&mut self.solution) {
                Err(Truncated) => self.solution = next(self.model, &self.task, &mut self.bounds)?,
                answer => return answer,
            }
        }
    }
}

/// The solution up to the first of the bounds that is within the limits.
fn next<'m>(model: &'m Model, task: &Task, bounds: &mut Vec<u32>) -> Result<Solution<'m>, Truncated> {
    loop {
        let solution = Solution::bounded(model, task, bounds.pop().ok_or(Truncated)?, 1);
        if solution.is_ok() {
            return solution;
        }
    }
}
