//! The ways in once something has fallen: into an account, or into an application.
//!
//! Owns asking the solved chain. Does not own what is compared with what (`blast`).

use super::attempts::Repeated;
use super::bound::ONE_DEED;
use super::fallen::Falling;
use super::layout;
use super::listing::{Asked, Task};
use super::path::{Account, steps_towards};
use super::{Goal, Takeover, Truncated};
use crate::model::{ApproverIx, AuthenticatorIx, ChannelIx, Model, PopulationIx};

/// One population's chain after a fall, for members who are reached by the same channels.
pub(crate) struct Aftermath<'a> {
    model: &'a Model,
    chain: Repeated<'a>,
    population: PopulationIx,
    channels: Option<&'a [ChannelIx]>,
    fallen: &'a [Falling],
}

impl<'a> Aftermath<'a> {
    /// Where the ways are too many to list, those of three deeds are, whatever they cost.
    const UP_TO: u32 = 3 * ONE_DEED;

    /// `channels`: those that reach the members; `None`: all that the policy names.
    pub(crate) fn of(
        model: &'a Model,
        population: PopulationIx,
        channels: Option<&'a [ChannelIx]>,
        fallen: &'a [Falling],
    ) -> Result<Aftermath<'a>, Truncated> {
        let task = Task {
            populations: vec![population],
            channels: channels.map(<[_]>::to_vec),
            fallen: fallen.to_vec(),
            login_alone: false,
        };
        let chain = Repeated::new(model, task, &[Aftermath::UP_TO, ONE_DEED])?;
        Ok(Aftermath { model, chain, population, channels, fallen })
    }

    /// The minimal sets of what must still be done, for a member who holds these authenticators; and the effort up to
    /// which they are listed (`None`: all are).
    pub(crate) fn ways(
        &mut self,
        goal: Goal,
        holds: &[AuthenticatorIx],
    ) -> Result<(Vec<Takeover>, Option<u32>), Truncated> {
        let asked = Asked { goal: goal.fact(self.population), population: self.population, holds };
        let doors = layout::chain(&self.model[self.population]);
        self.chain.ask(|chain| {
            let by_login = chain.ways(asked, &[])?;
            Ok((chain.list(asked, &doors, by_login)?, chain.is_up_to()))
        })
    }

    /// One of these ways, step by step.
    pub(crate) fn steps(&self, goal: Goal, holds: &[AuthenticatorIx], way: &Takeover) -> Vec<String> {
        let Aftermath { population, channels, fallen, .. } = *self;
        let account = Account { population, holds, channels, fallen };
        steps_towards(self.model, account, goal.fact(population), way)
    }

    /// Does somebody of the role who has not fallen approve whatever the attacker asks for? `None`: this chain asks
    /// nobody of the role.
    pub(crate) fn approves(&self, role: ApproverIx) -> Option<bool> {
        self.chain.solution.approves(role)
    }
}
