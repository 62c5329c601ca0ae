//! The ways in once something has fallen: into an account, or into an application.
//!
//! Owns asking the solved chain. Does not own what is compared with what (`blast`).

use super::fallen::Falling;
use super::layout;
use super::listing::{Asked, Solution};
use super::path::{Account, steps_towards};
use super::{Goal, Takeover, Truncated};
use crate::model::{ApproverIx, AuthenticatorIx, ChannelIx, Model, PopulationIx};

/// One population's chain after a fall, for members who are reached by the same channels.
pub(crate) struct Aftermath<'a> {
    solution: Solution<'a>,
    population: PopulationIx,
    channels: Option<&'a [ChannelIx]>,
    fallen: &'a [Falling],
}

impl<'a> Aftermath<'a> {
    /// `channels`: those that reach the members; `None`: all that the policy names.
    pub(crate) fn of(
        model: &'a Model,
        population: PopulationIx,
        channels: Option<&'a [ChannelIx]>,
        fallen: &'a [Falling],
    ) -> Result<Aftermath<'a>, Truncated> {
        let solution = Solution::of(model, &[population], channels, fallen, 1)?;
        Ok(Aftermath { solution, population, channels, fallen })
    }

    /// The minimal sets of what must still be done, for a member who holds these authenticators.
    pub(crate) fn ways(&mut self, goal: Goal, holds: &[AuthenticatorIx]) -> Result<Vec<Takeover>, Truncated> {
        self.solution.refresh();
        let asked = Asked { goal: goal.fact(self.population), population: self.population, holds };
        let by_login = self.solution.ways(asked, &[])?;
        let chain = layout::chain(&self.solution.model[self.population]);
        self.solution.list(asked, &chain, by_login)
    }

    /// One of these ways, step by step.
    pub(crate) fn steps(&self, goal: Goal, holds: &[AuthenticatorIx], way: &Takeover) -> Vec<String> {
        let Aftermath { population, channels, fallen, .. } = *self;
        let account = Account { population, holds, channels, fallen };
        steps_towards(self.solution.model, account, goal.fact(population), way)
    }

    /// Does somebody of the role who has not fallen approve whatever the attacker asks for? `None`: this chain asks
    /// nobody of the role.
    pub(crate) fn approves(&self, role: ApproverIx) -> Option<bool> {
        self.solution.approves(role)
    }
}
