//! What one account really holds, and the readings of all accounts that hold the same.
//!
//! A reading depends on the policy and on the profile: on nothing else. A million accounts have a few hundred
//! profiles, so each profile is read once and looked up ever after. Owns the profile and the memory. Does not own
//! what is read (`takeover`) nor where accounts are kept (that is `server`).

use std::collections::HashMap;
use std::sync::Arc;

use crate::enforced::Ranking;
use crate::model::{AuthenticatorIx, ChannelIx, Model, PopulationIx};
use crate::takeover::{OneByOne, ProfileReading, Standing, Truncated, lived};

/// What decides the readings of an account. Equal profiles are equal in every respect that the policy knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Profile {
    population: PopulationIx,
    /// The channels that reach the owner, those of one address together; sorted within and among themselves.
    addresses: Vec<Vec<ChannelIx>>,
    /// Sorted, each once.
    holds: Vec<AuthenticatorIx>,
}

impl Profile {
    /// A member of this population who holds these authenticators, recovery codes included, and is reached at
    /// these addresses: for each, the channels that lead to it. Order and repetition mean nothing.
    pub fn new(
        population: PopulationIx,
        holds: impl IntoIterator<Item = AuthenticatorIx>,
        addresses: impl IntoIterator<Item = Vec<ChannelIx>>,
    ) -> Profile {
        let sorted = |mut channels: Vec<ChannelIx>| {
            channels.sort_unstable();
            channels.dedup();
            channels
        };
        let mut addresses: Vec<Vec<ChannelIx>> =
            addresses.into_iter().map(sorted).filter(|channels| !channels.is_empty()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let mut holds: Vec<AuthenticatorIx> = holds.into_iter().collect();
        holds.sort_unstable();
        holds.dedup();
        Profile { population, addresses, holds }
    }

    /// The same from the names that a directory keeps. Names that the policy does not have open nothing and reach
    /// nobody, so they are left out. `None`: no population matches the groups, and so there is no door.
    pub fn of_names<'a>(
        model: &Model,
        ranking: &Ranking,
        groups: &[String],
        authenticators: impl IntoIterator<Item = &'a str>,
        addresses: impl IntoIterator<Item = Vec<&'a str>>,
    ) -> Option<Profile> {
        let population = ranking.population_of(model, groups)?;
        let holds = authenticators.into_iter().filter_map(|name| model.authenticator(name));
        let known = |names: Vec<&str>| names.into_iter().filter_map(|name| model.channel(name)).collect();
        Some(Profile::new(population, holds, addresses.into_iter().map(known)))
    }

    /// Whose chain rules the account.
    pub fn population(&self) -> PopulationIx {
        self.population
    }

    /// The authenticators that are held, sorted, recovery codes included.
    pub fn holds(&self) -> &[AuthenticatorIx] {
        &self.holds
    }

    /// The channels that reach the owner, those of one address together.
    pub fn addresses(&self) -> &[Vec<ChannelIx>] {
        &self.addresses
    }

    /// Nothing to sign in with: there is no account to take yet, and no owner to lock out.
    pub fn is_empty(&self) -> bool {
        self.holds.is_empty()
    }

    /// Reads this profile alone. For many, ask a [`Memo`] or [`Chains`].
    pub fn read(&self, model: &Model) -> Result<ProfileReading, Truncated> {
        Chains::new(model).ask(self, |chain| chain.read(&self.holds))
    }

    fn is_shared(&self) -> bool {
        self.addresses.iter().any(|channels| channels.len() > 1)
    }
}

/// A reading, or the honest answer that there is none.
pub type Read = Result<Arc<ProfileReading>, Truncated>;

/// Reads each profile of a policy once.
pub struct Memo<'m> {
    chains: Chains<'m>,
    known: HashMap<Profile, Read>,
}

impl<'m> Memo<'m> {
    /// Nothing is known yet.
    pub fn new(model: &'m Model) -> Memo<'m> {
        Memo { chains: Chains::new(model), known: HashMap::new() }
    }

    /// The reading of a profile, made now if it was not before.
    pub fn reading(&mut self, profile: &Profile) -> Read {
        if let Some(known) = self.known.get(profile) {
            return known.clone();
        }
        let reading = self.chains.ask(profile, |chain| chain.read(&profile.holds)).map(Arc::new);
        self.known.insert(profile.clone(), reading.clone());
        reading
    }

    /// How many profiles are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Is none known?
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

/// The chain that was solved last. Profiles that come in their order need each chain solved once only.
pub struct Chains<'m> {
    model: &'m Model,
    solved: Option<Solved<'m>>,
}

/// A population's chain for members who are reached in just this way.
struct Solved<'m> {
    population: PopulationIx,
    addresses: Vec<Vec<ChannelIx>>,
    chain: Result<OneByOne<'m>, Truncated>,
}

impl<'m> Chains<'m> {
    /// Nothing is solved yet.
    pub fn new(model: &'m Model) -> Chains<'m> {
        Chains { model, solved: None }
    }

    /// How the accounts of a profile stand: a small part of their reading, for a fraction of its time and memory.
    pub fn standing(&mut self, profile: &Profile) -> Result<Standing, Truncated> {
        self.ask(profile, |chain| chain.standing(&profile.holds))
    }

    fn ask<T>(
        &mut self,
        profile: &Profile,
        question: impl FnOnce(&mut OneByOne<'_>) -> Result<T, Truncated>,
    ) -> Result<T, Truncated> {
        let Profile { population, addresses, .. } = profile;
        if profile.is_shared() {
            // Two channels of one mailbox make another policy of it.
            let lived = lived(self.model, addresses);
            return question(&mut OneByOne::new(&lived, *population, addresses.clone())?);
        }
        let is_it = |solved: &Solved<'_>| solved.population == *population && solved.addresses == *addresses;
        let solved = self.solved.take().filter(is_it).unwrap_or_else(|| {
            let chain = OneByOne::new(self.model, *population, addresses.clone());
            Solved { population: *population, addresses: addresses.clone(), chain }
        });
        let chain = &mut self.solved.insert(solved).chain;
        question(chain.as_mut().map_err(|truncated| *truncated)?)
    }
}
