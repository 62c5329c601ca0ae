//! The takeover reading: what must an attacker hold to take an account, by whatever doors its policy opens?
//!
//! Owns the answers: minimal sets of capabilities, their effort, and the verdicts. The parts: `capability` (the
//! vocabulary), `ways` (what passes which evidence), `graph` (the policy as rules), `family`, `plain` and `solve` (all
//! minimal sets, exactly), `listing` (the sets as a person reads them), `bound` and `attempts` (how far lists reach
//! where there are too many), `path` (an attack told step by step), `trail` (the same for a drawing), `profile` (what
//! members may hold), `entry` (applications that ask for more), `lived` (the policy as one account lives it), `fallen`
//! and `aftermath` (the same once something is given to the attacker), `alike` (that nothing changed). Does not own
//! what is a mistake (`rules`) nor how it is printed.

mod aftermath;
mod alike;
mod alternatives;
mod attempts;
mod bitsets;
mod bound;
mod capability;
mod entry;
mod fallen;
mod family;
mod graph;
mod layout;
mod listing;
mod lived;
mod path;
mod plain;
mod profile;
mod quick;
mod solve;
mod trail;
mod verdict;
mod ways;

use std::collections::BTreeMap;
use std::fmt;

pub(crate) use aftermath::Aftermath;
pub(crate) use alike::alike;
pub(crate) use alternatives::app_accepts;
pub use capability::{Capability, CapabilityKind, Person};
pub use entry::{Entry, Goal};
pub use fallen::{Falling, Whom};
pub use layout::DoorName;
pub(crate) use lived::lived;
pub(crate) use path::Ground;
pub use path::{steps, steps_into_app};
pub use trail::{Link, Point, trail};
pub(crate) use verdict::too_easy;
pub use verdict::{NewWays, Verdict, least_effort, whole_up_to};
pub(crate) use ways::{thing, thing_of_channel};

use crate::assurance::Assurance;
use crate::conformance::{self, Conformance};
use crate::lockout::{self, Loss};
use crate::model::{AuthenticatorIx, ChannelIx, Model, PopulationIx};
use attempts::{Attempts, Repeated};
use bound::ONE_DEED;
use listing::{Asked, Solution, Task};
use lived::Circumstances;

/// Everything that the readings say about a policy.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// In the order of [`Model::populations`].
    pub populations: Vec<PopulationReading>,
    /// In the order of [`Model::apps`].
    pub apps: Vec<AppReading>,
    /// Something could not be computed within the limits; what is missing is unknown, not harmless.
    pub truncated: bool,
}

/// What the readings say about one population.
#[derive(Clone, Debug)]
pub struct PopulationReading {
    pub login: Vec<LoginAlternative>,
    /// Sorted by what they hold, the last one holding everything. Empty when truncated.
    pub profiles: Vec<ProfileReading>,
    pub truncated: bool,
}

impl PopulationReading {
    /// The effort up to which every list is whole; `None`: they are whole, or nothing is proved.
    pub fn up_to(&self) -> Option<u32> {
        self.profiles.iter().filter_map(|profile| profile.up_to).min()
    }

    /// The profile of a member who holds everything that the chain names; `None` when truncated.
    pub fn everything(&self) -> Option<&ProfileReading> {
        self.profiles.last()
    }
}

/// One way to sign in and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginAlternative {
    pub evidence: Vec<AuthenticatorIx>,
    /// `None`: it opens the door, but authenticates nobody.
    pub assurance: Option<Assurance>,
}

/// What the readings say about members who hold just these authenticators.
#[derive(Clone, Debug)]
pub struct ProfileReading {
    /// Sorted by name. Recovery codes are not listed in a profile of a policy: they are held throughout.
    pub holds: Vec<AuthenticatorIx>,
    /// The ways through login alone, every other door shut.
    pub login: Vec<Takeover>,
    /// The ways through the whole chain.
    pub any: Vec<Takeover>,
    /// The ways to take the account before its owner arrives.
    pub enrolment: Vec<Takeover>,
    /// The worst of all comparisons: of the account, and of each entry.
    pub verdict: Verdict,
    /// The whole chain against login, as far as any session goes.
    pub account: Verdict,
    /// Enrolment, then every door besides login, in the order of the chain.
    pub doors: Vec<DoorReading>,
    /// Applications that accept only some of the logins that these members have.
    pub entries: Vec<Entry>,
    /// The minimal sets of losses that shut the owner out.
    pub lockout: Vec<Vec<Loss>>,
    /// All lists of ways are whole up to this effort, and say nothing of dearer ways; `None`: they are whole. Verdicts are
    /// proved all the same.
    pub up_to: Option<u32>,
    circumstances: Circumstances,
}

impl ProfileReading {
    /// Everything that was taken as held: what the profile lists, and recovery codes.
    pub fn circumstances(&self) -> &[AuthenticatorIx] {
        &self.circumstances.holds
    }

    /// What the verdict speaks of: the account, unless an application is let down where the account is not.
    pub fn decisive(&self) -> Comparison<'_> {
        match self.decisive_entry() {
            Some(entry) => Comparison { goal: entry.goal(), login: &entry.login, any: &entry.any },
            None => Comparison { goal: Goal::Account, login: &self.login, any: &self.any },
        }
    }

    /// Is something weaker by ways alone that are too dear to be listed?
    fn is_weaker_untold(&self) -> bool {
        is_untold(self.account, &self.any)
            || self.doors.iter().any(|door| is_untold(door.verdict, &door.takeovers))
            || self.entries.iter().any(|entry| {
                is_untold(entry.verdict, &entry.any)
                    || entry.doors.iter().any(|(_, ways, verdict)| is_untold(*verdict, ways))
            })
    }

    /// The applications of which the verdict speaks; `None`: it speaks of the account.
    pub fn decisive_entry(&self) -> Option<&Entry> {
        let entry = self.entries.iter().find(|entry| entry.verdict == self.verdict);
        entry.filter(|_| self.account < self.verdict)
    }

    /// The reading of one door.
    pub fn door(&self, name: DoorName) -> Option<&DoorReading> {
        self.doors.iter().find(|door| door.name == name)
    }
}

/// The ways to one goal: by login alone, and by the whole chain.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// What is reached.
    pub goal: Goal,
    /// The ways through login alone.
    pub login: &'a [Takeover],
    /// The ways through the whole chain.
    pub any: &'a [Takeover],
}

/// What the readings say about one door, with all doors but this one and login shut.
#[derive(Clone, Debug)]
pub struct DoorReading {
    pub name: DoorName,
    pub takeovers: Vec<Takeover>,
    pub verdict: Verdict,
    /// For `recover` doors.
    pub conformance: Option<Conformance>,
}

/// A minimal way to take an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// Sorted as they are written.
    pub capabilities: Vec<Capability>,
    pub effort: u32,
    /// The doors of the account that are opened, in order.
    pub doors: Vec<DoorName>,
    /// These capabilities would not open login by themselves.
    pub new: bool,
}

impl Takeover {
    /// How many people besides the member must be attacked.
    pub fn other_people(&self) -> usize {
        let mut people: Vec<&Person> =
            self.capabilities.iter().map(|c| &c.person).filter(|p| **p != Person::Member).collect();
        people.sort_by_key(ToString::to_string);
        people.dedup();
        people.len()
    }
}

/// Who reaches an application, and by which takeovers an attacker does.
#[derive(Clone, Debug)]
pub struct AppReading {
    /// One for each population in `for`, in that order.
    pub populations: Vec<AppAccess>,
}

/// One population before one application.
#[derive(Clone, Debug)]
pub struct AppAccess {
    pub population: PopulationIx,
    /// Some way to sign in is worth what the application demands.
    pub reachable: bool,
    /// The ways through the whole chain to a session that the application accepts, for members who hold
    /// everything. Empty when truncated.
    pub takeover: Vec<Takeover>,
    pub truncated: bool,
    /// As in [`ProfileReading::up_to`].
    pub up_to: Option<u32>,
}

/// The number of minimal sets passed the limit. Nothing was proved, so there is no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncated;

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the ways to take the account are too many to list, so nothing is proved about them; \
             split the population or shorten its expressions",
        )
    }
}

impl std::error::Error for Truncated {}

/// Reads the whole policy.
pub fn analyse(model: &Model) -> Analysis {
    let all = populations(model);
    let mut attempts = Attempts::new(model, &all);
    analysis(model, all.iter().map(|population| attempts.read(*population)).collect())
}

/// Reads it as if the ways were too many to list: all verdicts, and of the ways those that the verdicts need
/// ([`ProfileReading::up_to`]).
pub fn analyse_in_part(model: &Model) -> Analysis {
    let all = populations(model);
    let mut attempts = Attempts::new(model, &all);
    analysis(model, all.iter().map(|population| attempts.in_part(*population)).collect())
}

fn populations(model: &Model) -> Vec<PopulationIx> {
    (0..).zip(&model.populations).map(|(index, _)| PopulationIx(index)).collect()
}

/// `chains`: of every population.
fn analysis(model: &Model, mut chains: Vec<Result<Chain, Truncated>>) -> Analysis {
    let mut apps = vec![];
    for (index, app) in (0..).zip(&model.apps) {
        let access = |population: &PopulationIx| {
            let mut chain = chains[usize::from(population.0)].as_mut().ok();
            let takeover = chain.as_mut().and_then(|chain| chain.entered.remove(&index));
            AppAccess {
                population: *population,
                reachable: alternatives::reaches(model, app, *population),
                truncated: takeover.is_none(),
                takeover: takeover.unwrap_or_default(),
                up_to: chain.and_then(|chain| chain.profiles.first()?.up_to),
            }
        };
        apps.push(AppReading { populations: app.populations.iter().map(access).collect() });
    }
    let alternatives = alternatives::Alternatives::new(model);
    let reading = |(population, chain): (PopulationIx, Result<Chain, Truncated>)| PopulationReading {
        login: login(alternatives.of(population).unwrap_or_default()),
        truncated: chain.is_err(),
        profiles: chain.map(|chain| chain.profiles).unwrap_or_default(),
    };
    let populations: Vec<PopulationReading> =
        populations(model).into_iter().zip(chains).map(reading).collect();
    let truncated = populations.iter().any(|population| population.truncated);
    Analysis { populations, apps, truncated }
}

/// What one attempt finds about one population.
struct Chain {
    profiles: Vec<ProfileReading>,
    /// The ways into each application, an index into [`Model::apps`].
    entered: BTreeMap<u16, Vec<Takeover>>,
}

/// Reads one real account: what it holds, recovery codes included, and the channels that reach its owner, each at
/// an address of its own.
pub fn of_account(
    model: &Model,
    population: PopulationIx,
    holds: &[AuthenticatorIx],
    channels: &[ChannelIx],
) -> Result<ProfileReading, Truncated> {
    let addresses = channels.iter().map(|channel| vec![*channel]).collect();
    OneByOne::new(model, population, addresses)?.read(holds)
}

/// The chain of real accounts that are reached in the same way, solved once and then read account by account.
pub(crate) struct OneByOne<'m> {
    chain: Repeated<'m>,
    population: PopulationIx,
    addresses: Vec<Vec<ChannelIx>>,
}

impl<'m> OneByOne<'m> {
    /// `model`: the policy as these accounts live it.
    pub(crate) fn new(
        model: &'m Model,
        population: PopulationIx,
        addresses: Vec<Vec<ChannelIx>>,
    ) -> Result<OneByOne<'m>, Truncated> {
        let channels = Some(addresses.concat());
        let task = Task { populations: vec![population], channels, ..Task::default() };
        Ok(OneByOne { chain: Repeated::new(model, task, &[ONE_DEED])?, population, addresses })
    }

    /// The reading of an account that holds just this.
    pub(crate) fn read(&mut self, holds: &[AuthenticatorIx]) -> Result<ProfileReading, Truncated> {
        let circumstances = Circumstances { holds: holds.to_vec(), addresses: Some(self.addresses.clone()) };
        let population = self.population;
        self.chain.ask(|solution| profile_reading(solution, population, holds, circumstances.clone()))
    }

    /// How an account that holds just this stands.
    pub(crate) fn standing(&mut self, holds: &[AuthenticatorIx]) -> Result<Standing, Truncated> {
        let population = self.population;
        self.chain.ask(|solution| {
            let account = Asked { goal: Goal::Account.fact(population), population, holds };
            let login = solution.by_login(account)?;
            let chain = layout::chain(&solution.model[population]);
            let (any, verdict) = solution.compared(account, &chain, &login)?;
            let entries = entry::entries(solution, population, holds)?;
            let above = solution.is_up_to().filter(|_| any.is_empty() && verdict != Verdict::Contained);
            Ok(Standing {
                above,
                verdict: entries.iter().map(|entry| entry.verdict).fold(verdict, Verdict::max),
                weakest: any.into_iter().min_by_key(|way| way.effort),
            })
        })
    }
}

/// How an account stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// There is a way in, and every one costs more than this, so that none is listed.
    pub above: Option<u32>,
    /// As in [`ProfileReading::verdict`].
    pub verdict: Verdict,
    /// The first of the weakest ways through the whole chain; `None`: there is no way in.
    pub weakest: Option<Takeover>,
}

/// One population of a changed policy, solved once and then read profile by profile.
pub(crate) struct Again<'m> {
    solution: Solution<'m>,
    population: PopulationIx,
}

impl<'m> Again<'m> {
    /// Many changes are tried, so each may use up a small share of the limits only.
    const SHARE: usize = 50;

    /// What it costs to find out that a share is not enough, in the steps of [`Again::price`].
    pub(crate) const MOST_PRICE: usize = 4_000;

    /// `before`: the reading of the population as it is. Its lists are as whole as they were then.
    pub(crate) fn of(
        model: &'m Model,
        population: PopulationIx,
        before: &PopulationReading,
    ) -> Result<Again<'m>, Truncated> {
        let task = Task { populations: vec![population], ..Task::default() };
        let solution = match before.up_to() {
            None => Solution::of(model, &task, Again::SHARE)?,
            Some(_) => Solution::bounded(model, &task, ONE_DEED, Again::SHARE)?,
        };
        Ok(Again { solution, population })
    }

    /// What solving it cost, in steps of about two microseconds.
    pub(crate) fn price(&self) -> usize {
        self.solution.price()
    }

    /// The reading of the same members as before.
    pub(crate) fn read(&mut self, before: &ProfileReading) -> Result<ProfileReading, Truncated> {
        profile_reading(&mut self.solution, self.population, &before.holds, before.circumstances.clone())
    }
}

fn chain_reading(solution: &mut Solution<'_>, population: PopulationIx) -> Result<Chain, Truncated> {
    solution.refresh();
    let model = solution.model;
    let codes = profile::recovery_codes(model);
    let mut profiles = vec![];
    for holds in profile::profiles(model, population, solution.alternatives(population)?)? {
        let with_codes = [holds.as_slice(), &codes].concat();
        let circumstances = Circumstances { holds: with_codes, addresses: None };
        let reading = profile_reading(solution, population, &holds, circumstances)?;
        // A finding must have a way to tell.
        if reading.is_weaker_untold() {
            return Err(Truncated);
        }
        profiles.push(reading);
    }
    let everything = [profile::everything(model, population), codes].concat();
    let mut entered = BTreeMap::new();
    for (index, _) in (0..).zip(&model.apps).filter(|(_, app)| app.populations.contains(&population)) {
        entered.insert(index, app_takeovers(solution, index, population, &everything)?);
    }
    Ok(Chain { profiles, entered })
}

fn login(alternatives: &[alternatives::Alternative]) -> Vec<LoginAlternative> {
    (alternatives.iter())
        .map(|a| LoginAlternative { evidence: a.authenticators.clone(), assurance: a.assurance })
        .collect()
}

fn profile_reading(
    solution: &mut Solution<'_>,
    population: PopulationIx,
    listed: &[AuthenticatorIx],
    circumstances: Circumstances,
) -> Result<ProfileReading, Truncated> {
    let model = solution.model;
    let holds = circumstances.holds.as_slice();
    let channels = circumstances.channels();
    let account = Asked { goal: Goal::Account.fact(population), population, holds };
    let login = solution.by_login(account)?;
    let mut doors = vec![];
    for (name, _) in layout::doors(&model[population]) {
        // Enrolment is open only while the account has no authenticator.
        let asked = if name == DoorName::Enrol { Asked { holds: &[], ..account } } else { account };
        let (takeovers, verdict) = solution.compared(asked, &[name], &login)?;
        let conformance = match name {
            DoorName::Recover(index) => Some(conformance::of(model, population, usize::from(index), holds)?),
            _ => None,
        };
        doors.push(DoorReading { name, takeovers, verdict, conformance });
    }
    let (any, verdict) = solution.compared(account, &layout::chain(&model[population]), &login)?;
    let enrolment = doors.iter().find(|door| door.name == DoorName::Enrol).map(|door| door.takeovers.clone());
    let entries = entry::entries(solution, population, holds)?;
    // Real accounts hold what they hold. Of a policy, saved codes count as held only where some door hands them out.
    let may_hold = |name: &&AuthenticatorIx| {
        circumstances.addresses.is_some() || listed.contains(name) || model[population].may_hold(**name)
    };
    let to_lose: Vec<AuthenticatorIx> = holds.iter().filter(may_hold).copied().collect();
    let mut listed = listed.to_vec();
    listed.sort_by_key(|authenticator| model[*authenticator].name.as_str());
    Ok(ProfileReading {
        holds: listed,
        verdict: entries.iter().map(|entry| entry.verdict).fold(verdict, Verdict::max),
        account: verdict,
        login: login.takeovers,
        any,
        enrolment: enrolment.unwrap_or_default(),
        doors,
        entries,
        lockout: lockout::of(model, population, &to_lose, channels.as_deref())?,
        up_to: solution.is_up_to(),
        circumstances,
    })
}

/// The ways through the whole chain to a session that the application accepts.
fn app_takeovers(
    solution: &mut Solution<'_>,
    app: u16,
    population: PopulationIx,
    holds: &[AuthenticatorIx],
) -> Result<Vec<Takeover>, Truncated> {
    let asked = Asked { goal: Goal::App(app).fact(population), population, holds };
    let login = solution.by_login(asked)?;
    let chain = layout::chain(&solution.model[population]);
    let (ways, verdict) = solution.compared(asked, &chain, &login)?;
    // An empty list would read as if there were no way in.
    if is_untold(verdict, &ways) { Err(Truncated) } else { Ok(ways) }
}

/// Is it weaker by ways alone that are too dear to be listed? Then nobody can come in by login at all.
fn is_untold(verdict: Verdict, ways: &[Takeover]) -> bool {
    verdict == Verdict::Weaker && !ways.iter().any(|way| way.new)
}
