//! A whole directory, member by member: what everybody holds, counted by kind of member.
//!
//! Owns the census: millions of members are read as a stream, and what is kept of each is the number of their kind.
//! A kind is what somebody holds by the names in the directory, so that one census serves several policies. Does not
//! own what follows from it (`policy::profile` reads each kind once) nor the SQL (`store::census`).

mod batch;
mod kinds;
mod mailboxes;
mod roster;

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, sync_channel};

use lifecycle::Account;
use lifecycle::account::AuthenticatorState;
use lifecycle::directory::login_name;
use policy::blast::Kind;
use policy::profile::{Chains, Profile};
use policy::takeover::{Standing, Truncated};
use policy::{Model, Policy, Ranking};

use crate::fault::Fault;
use crate::store::accounts;
use crate::store::census;
use crate::store::driver::Tx;
use batch::{Batch, Sender, Table};
use kinds::{Kinds, Names, Piece};
use mailboxes::Mailboxes;
use roster::Roster;

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
    let names = active.map(|authenticator| authenticator.name.as_str());
    // A code goes to confirmed addresses only, and a notice to another may reach nobody.
    let confirmed = account.addresses.iter().filter(|address| address.confirmed_at.is_some());
    let addresses = by_address(confirmed.map(|address| (address.channel.as_str(), address.address.as_str())));
    Profile::of_names(policy.model(), policy.ranking(), &account.groups, names, addresses)
}

/// One member by login name, as somebody typed it: the name, and what they hold. Nothing sealed is opened, so that
/// whoever may read the database can ask. `None`: nobody present has that name.
pub fn member(tx: &mut Tx<'_>, typed: &str) -> Result<Option<(String, Holding)>, Fault> {
    let Some((id, name, groups)) = census::named(tx, &login_name(typed))? else { return Ok(None) };
    let mut groups = accounts::strings(&groups)?;
    groups.sort_unstable();
    let mut authenticators = census::authenticators_of(tx, &id)?;
    authenticators.sort_unstable();
    authenticators.dedup();
    let reached = census::addresses_of(tx, &id)?;
    let reached = reached.iter().map(|(channel, address)| (channel.as_str(), address.as_str()));
    let owned = |channels: Vec<&str>| {
        let mut channels: Vec<String> = channels.into_iter().map(str::to_owned).collect();
        channels.sort_unstable();
        channels
    };
    let mut addresses: Vec<Vec<String>> = by_address(reached).map(owned).collect();
    addresses.sort_unstable();
    Ok(Some((name, Holding { groups, authenticators, addresses })))
}

/// A few members whose names begin like the one that nobody has.
pub fn alike(tx: &mut Tx<'_>, typed: &str) -> Result<Vec<String>, Fault> {
    let beginning: String = login_name(typed).chars().take(2).collect();
    if beginning.is_empty() { Ok(vec![]) } else { census::beginning(tx, &beginning, 3) }
}

/// The channels that lead to each address.
fn by_address<'a>(reached: impl Iterator<Item = (&'a str, &'a str)>) -> impl Iterator<Item = Vec<&'a str>> {
    let mut addresses: HashMap<&str, Vec<&str>> = HashMap::new();
    for (channel, address) in reached {
        addresses.entry(address).or_default().push(channel);
    }
    addresses.into_values()
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

/// Batches that may wait to be counted.
const WAITING: usize = 16;

/// Everybody who was met so far, by a kind that may not be finished.
#[derive(Debug, Default)]
struct Count {
    kinds: Kinds,
    roster: Roster,
    kind_of: Vec<u32>,
}

impl Count {
    /// Counts until no batch comes any more. Accounts come first.
    fn of(batches: &Receiver<Batch>) -> Count {
        let mut count = Count::default();
        let mut mailboxes = None;
        for batch in batches {
            match batch.table {
                Table::Accounts => batch.rows().for_each(|[id, groups]| count.account(id, groups)),
                Table::Authenticators => batch.rows().for_each(|[account, name]| {
                    count.piece(account, |names, _| Piece::Authenticator(names.number(name)));
                }),
                Table::Addresses => {
                    let mailboxes = mailboxes.get_or_insert_with(|| Mailboxes::of(count.roster.len()));
                    batch.rows().for_each(|[account, channel, address]| {
                        count.piece(account, |names, member| {
                            let channel = names.number(channel);
                            Piece::Channel { channel, same_as: mailboxes.first_at(member, address, channel) }
                        });
                    });
                }
            }
        }
        count
    }

    fn account(&mut self, id: &str, groups: &str) {
        self.roster.add(id);
        self.kind_of.push(self.kinds.of_groups(groups));
    }

    /// One more piece of somebody who is present.
    fn piece(&mut self, account: &str, piece: impl FnOnce(&mut Names, usize) -> Piece) {
        if let Some(member) = self.roster.near(account) {
            self.kind_of[member] = self.kinds.with(self.kind_of[member], |names| piece(names, member));
        }
    }
}

/// Everybody who is present, by kind.
#[derive(Debug)]
pub struct Census {
    holdings: Vec<Holding>,
    /// How many members there are of each, in the same order.
    counts: Vec<u64>,
    roster: Roster,
    /// The kind of each member, by the number of the roster: an index into `holdings`.
    kind_of: Vec<u32>,
}

impl Census {
    /// Reads the directory. `progress` is told every now and then; without it, nothing is counted beforehand.
    ///
    /// # Panics
    /// If counting does, which it never should.
    pub fn take(tx: &mut Tx<'_>, progress: Option<&mut dyn FnMut(Progress)>) -> Result<Census, Fault> {
        let mut meter = Meter::new(tx, progress)?;
        // One thread reads and another counts: each takes about as long as the other.
        let counted: Result<Count, Fault> = std::thread::scope(|scope| {
            let (sender, batches) = sync_channel(WAITING);
            let counting = scope.spawn(move || Count::of(&batches));
            let mut rows = Sender::new(sender);
            let mut row = |table, cells: &[&str]| {
                meter.row();
                rows.row(table, cells);
                Ok(())
            };
            census::accounts(tx, |id, groups| row(Table::Accounts, &[id, groups]))?;
            census::authenticators(tx, |account, name| row(Table::Authenticators, &[account, name]))?;
            census::addresses(tx, |account, channel, address| {
                row(Table::Addresses, &[account, channel, address])
            })?;
            drop(rows);
            Ok(counting.join().expect("counting members ends well"))
        });
        let Count { kinds, roster, kind_of } = counted?;
        Census::settle(&kinds, roster, kind_of)
    }

    /// Turns the numbers given on the way into those of finished holdings, equal ones made one.
    fn settle(kinds: &Kinds, roster: Roster, mut kind_of: Vec<u32>) -> Result<Census, Fault> {
        let mut used: Vec<u64> = vec![0; kinds.len()];
        for kind in &kind_of {
            used[*kind as usize] += 1;
        }
        let mut finished: HashMap<Holding, u32> = HashMap::new();
        let mut settled = vec![0; kinds.len()];
        for (kind, _) in (0..).zip(&used).filter(|(_, used)| **used > 0) {
            let holding = kinds.holding(kind, accounts::strings)?;
            let next = small(finished.len());
            settled[kind as usize] = *finished.entry(holding).or_insert(next);
        }
        let mut counts = vec![0; finished.len()];
        for kind in &mut kind_of {
            *kind = settled[*kind as usize];
            counts[*kind as usize] += 1;
        }
        let mut holdings = vec![Holding::default(); finished.len()];
        for (holding, kind) in finished {
            holdings[kind as usize] = holding;
        }
        Ok(Census { holdings, counts, roster, kind_of })
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

    /// The ids of so many members of each kind, in the order of the kinds: the first as ids sort.
    pub fn some_of_each(&self, most: usize) -> Vec<Vec<String>> {
        let mut some: Vec<Vec<&str>> = vec![vec![]; self.holdings.len()];
        let first = |some: &mut Vec<&str>| {
            some.sort_unstable();
            some.truncate(most);
        };
        for (id, kind) in self.roster.ids().zip(&self.kind_of) {
            let some = &mut some[*kind as usize];
            some.push(id);
            if some.len() > 2 * most {
                first(some);
            }
        }
        some.iter_mut().for_each(first);
        some.into_iter().map(|some| some.into_iter().map(str::to_owned).collect()).collect()
    }

    /// Everybody whom a population of the policy matches, by profile, in the order in which profiles are read fastest.
    pub fn profiles(&self, model: &Model, ranking: &Ranking) -> Vec<(Profile, u64)> {
        let mut profiles: HashMap<Profile, u64> = HashMap::new();
        for (_, holding, count) in self.kinds() {
            if let Some(profile) = holding.profile(model, ranking) {
                *profiles.entry(profile).or_default() += count;
            }
        }
        let mut profiles: Vec<(Profile, u64)> = profiles.into_iter().collect();
        profiles.sort_unstable();
        profiles
    }

    /// Those who have an account to lose under a policy: who matches no population has no door, and who holds nothing
    /// has nothing yet.
    pub fn members_of(&self, model: &Model, ranking: &Ranking) -> Vec<Kind> {
        let profiles = self.profiles(model, ranking);
        let holders = profiles.iter().filter(|(profile, _)| !profile.is_empty());
        holders.map(|(profile, count)| Kind::counted(profile, *count)).collect()
    }

    /// Shows the login name of everybody with the number of their kind, by name; who came after the census is
    /// passed over.
    pub fn names(
        &self,
        tx: &mut Tx<'_>,
        mut visit: impl FnMut(&str, usize) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        census::names(tx, |id, name| match self.roster.number(id) {
            Some(member) => visit(name, self.kind_of[member] as usize),
            None => Ok(()),
        })
    }
}

/// How the accounts of each profile stand, found on as many threads as there are processors. `told` hears how many of all are read.
///
/// # Panics
/// If reading a profile does, which it never should.
pub fn standings(
    model: &Model,
    profiles: &[(Profile, u64)],
    told: &(dyn Fn(u64, u64) + Sync),
) -> Vec<Result<Standing, Truncated>> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (done, all) = (AtomicU64::new(0), profiles.len() as u64);
    // Neighbours share a solved chain, so each thread takes neighbours.
    let share = profiles.len().div_ceil(threads).max(1);
    let part = |part: &[(Profile, u64)]| {
        let mut chains = Chains::new(model);
        let read = |(profile, _): &(Profile, u64)| {
            let standing = chains.standing(profile);
            told(done.fetch_add(1, Relaxed) + 1, all);
            standing
        };
        part.iter().map(read).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = profiles.chunks(share).map(|chunk| scope.spawn(|| part(chunk))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("reading a profile ends well")).collect()
    })
}

/// The number of members, kinds and names is far below this wherever there is memory for them.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
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
