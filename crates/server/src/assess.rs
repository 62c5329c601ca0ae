//! A whole directory, member by member: what everybody holds, counted by kind of member.
//!
//! Owns the census: millions of members are read as a stream, and what is kept of each is the number of their kind.
//! A kind is what somebody holds by the names in the directory, so that one census serves several policies. Does not
//! own what follows from it (`policy::profile` reads each kind once) nor the SQL (`store::census`).

mod kinds;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use lifecycle::Account;
use lifecycle::account::AuthenticatorState;
use policy::profile::Profile;
use policy::{Model, Policy, Ranking};

use crate::fault::Fault;
use crate::store::accounts;
use crate::store::census;
use crate::store::driver::Tx;
use kinds::{Kinds, Piece};

/// What a member holds, by the names that the directory keeps. Everything is sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holding {
    /// The groups of the directory.
    pub groups: Vec<String>,
    /// The policy names of the authenticators that work, recovery codes included.
    pub authenticators: Vec<String>,
    /// The channels that reach the member, those of one address together.
    pub addresses: Vec<Vec<String>>,
}

impl Holding {
    /// What this is under a policy; `None`: no population matches, and so there is no door.
    pub fn profile(&self, model: &Model, ranking: &Ranking) -> Option<Profile> {
        let authenticators = self.authenticators.iter().map(String::as_str);
        let addresses = self.addresses.iter().map(|names| names.iter().map(String::as_str).collect());
        Profile::of_names(model, ranking, &self.groups, authenticators, addresses)
    }
}

/// The profile of one account that was loaded; `None`: no population matches, and so there is no door.
pub fn profile_of(account: &Account, policy: &Policy) -> Option<Profile> {
    let active = account.authenticators.iter().filter(|a| a.state == AuthenticatorState::Active);
    // A code goes to confirmed addresses only, and a notice to another may reach nobody.
    let mut addresses: HashMap<&str, Vec<&str>> = HashMap::new();
    for address in account.addresses.iter().filter(|address| address.confirmed_at.is_some()) {
        addresses.entry(&address.address).or_default().push(&address.channel);
    }
    let names = active.map(|authenticator| authenticator.name.as_str());
    Profile::of_names(policy.model(), policy.ranking(), &account.groups, names, addresses.into_values())
}

/// How far the reading has come: rows read, and how many there are in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Rows read so far.
    pub done: u64,
    /// Rows in all.
    pub all: u64,
}

/// Rows between two words about the progress.
const STRIDE: u64 = 1 << 14;

/// Everybody who is present, by kind.
#[derive(Debug)]
pub struct Census {
    holdings: Vec<Holding>,
    /// How many members there are of each, in the same order.
    counts: Vec<u64>,
    /// The kind of each account, by its id: an index into `holdings`.
    kind_of: HashMap<Box<str>, u32>,
}

impl Census {
    /// Reads the directory. `progress` is told every now and then; without it, nothing is counted beforehand.
    pub fn take(tx: &mut Tx<'_>, progress: Option<&mut dyn FnMut(Progress)>) -> Result<Census, Fault> {
        let mut meter = Meter::new(tx, progress)?;
        let mut kinds = Kinds::default();
        let mut kind_of: HashMap<Box<str>, u32> = HashMap::new();
        census::accounts(tx, |id, groups| {
            meter.row();
            kind_of.insert(id.into(), kinds.of_groups(groups));
            Ok(())
        })?;
        census::authenticators(tx, |account, name| {
            meter.row();
            if let Some(kind) = kind_of.get_mut(account) {
                *kind = kinds.with(*kind, |names| Piece::Authenticator(names.number(name)));
            }
            Ok(())
        })?;
        // Where a channel leads to an address that another one leads to as well, both are remembered.
        let (hasher, mut seen) = (RandomState::new(), HashMap::new());
        census::addresses(tx, |account, channel, address| {
            meter.row();
            if let Some(kind) = kind_of.get_mut(account) {
                *kind = kinds.with(*kind, |names| {
                    let channel = names.number(channel);
                    let same = *seen.entry(hasher.hash_one((account, address))).or_insert(channel);
                    Piece::Channel { channel, same_as: same }
                });
            }
            Ok(())
        })?;
        drop(seen);
        Census::settle(&kinds, kind_of)
    }

    /// Turns the numbers given on the way into those of finished holdings, equal ones made one.
    fn settle(kinds: &Kinds, mut kind_of: HashMap<Box<str>, u32>) -> Result<Census, Fault> {
        let mut used: Vec<u64> = vec![0; kinds.len()];
        for kind in kind_of.values() {
            used[*kind as usize] += 1;
        }
        let mut finished: HashMap<Holding, u32> = HashMap::new();
        let mut settled = vec![0; kinds.len()];
        for (kind, _) in (0..).zip(&used).filter(|(_, used)| **used > 0) {
            let holding = kinds.holding(kind, accounts::strings)?;
            let next = u32::try_from(finished.len()).unwrap_or(u32::MAX);
            settled[kind as usize] = *finished.entry(holding).or_insert(next);
        }
        let mut counts = vec![0; finished.len()];
        for kind in kind_of.values_mut() {
            *kind = settled[*kind as usize];
            counts[*kind as usize] += 1;
        }
        let mut holdings = vec![Holding::default(); finished.len()];
        for (holding, kind) in finished {
            holdings[kind as usize] = holding;
        }
        Ok(Census { holdings, counts, kind_of })
    }

    /// How many members are present.
    pub fn members(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Every kind of member with its number: what they hold, and how many they are.
    pub fn kinds(&self) -> impl Iterator<Item = (usize, &Holding, u64)> {
        self.holdings
            .iter()
            .zip(&self.counts)
            .enumerate()
            .map(|(kind, (holding, count))| (kind, holding, *count))
    }

    /// Shows the login name of everybody with the number of their kind, by name; who came after the census is
    /// passed over.
    pub fn names(
        &self,
        tx: &mut Tx<'_>,
        mut visit: impl FnMut(&str, usize) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        census::names(tx, |id, name| match self.kind_of.get(id) {
            Some(kind) => visit(name, *kind as usize),
            None => Ok(()),
        })
    }
}

/// Counts rows and tells of every [`STRIDE`]th.
struct Meter<'a> {
    at: Progress,
    told: Option<&'a mut dyn FnMut(Progress)>,
}

impl<'a> Meter<'a> {
    fn new(tx: &mut Tx<'_>, told: Option<&'a mut dyn FnMut(Progress)>) -> Result<Meter<'a>, Fault> {
        let all = if told.is_some() { census::rows(tx)? } else { 0 };
        Ok(Meter { at: Progress { done: 0, all }, told })
    }

    fn row(&mut self) {
        self.at.done += 1;
        if self.at.done.is_multiple_of(STRIDE)
            && let Some(told) = &mut self.told
        {
            told(self.at);
        }
    }
}
