//! What the analysis says of the policy that runs and of real accounts, remembered as long as the policy stays.
//!
//! A reading depends on the policy and on an account's profile: on nothing else. Making one takes milliseconds, and most
//! accounts of a population are alike. Owns no judgement (`policy::takeover`) and no
//! picture (`chain`).

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lifecycle::{Account, Time};
use policy::diagnostic::Diagnostic;
use policy::model::{Date, PopulationIx};
use policy::profile::Profile;
use policy::takeover::{self, PopulationReading, ProfileReading, least_effort};
use policy::{Analysis, Model};

use crate::app::{App, Clock, Running};
use crate::assess::{Census, profile_of};
use crate::fault::Fault;
use crate::http::Error;
use crate::page::console::Verdict;
use crate::start::today;
use crate::store::log;

/// So many kinds of account are remembered: far more than any population has.
const MOST: usize = 4096;

/// What was found out so far about the policy that it stands beside.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    checked: Option<(Date, Arc<Checked>)>,
    accounts: HashMap<Profile, Option<Arc<ProfileReading>>>,
    present: Option<(u64, Time, Present)>,
}

fn memory(running: &Running) -> MutexGuard<'_, Known> {
    // Whoever panicked with it in hand left it whole: every change to it is one assignment.
    running.memory.0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The reading of one account as it is. `None`: it has nothing to sign in with, or nothing could be proved.
pub(super) fn of(account: &Account, running: &Running) -> Option<Arc<ProfileReading>> {
    let profile = profile_of(account, &running.policy)?;
    if !account.is_present() || profile.is_empty() {
        return None;
    }
    if let Some(known) = memory(running).accounts.get(&profile) {
        return known.clone();
    }
    let reading = profile.read(running.policy.model()).ok().map(Arc::new);
    let mut memory = memory(running);
    if memory.accounts.len() >= MOST {
        memory.accounts.clear();
    }
    memory.accounts.insert(profile, reading.clone());
    reading
}

/// The verdict on one account.
pub(super) fn verdict_on(account: &Account, running: &Running) -> Verdict {
    of(account, running).map_or(Verdict::None, |reading| verdict(reading.verdict))
}

/// The verdict as pages show it.
pub(super) fn verdict(verdict: takeover::Verdict) -> Verdict {
    match verdict {
        takeover::Verdict::Contained => Verdict::Contained,
        takeover::Verdict::NotWeaker => Verdict::NotWeaker,
        takeover::Verdict::Weaker => Verdict::Weaker,
    }
}

/// What the check says today of the policy that runs.
#[derive(Debug)]
pub(super) struct Checked {
    model: Model,
    pub(super) analysis: Analysis,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// The profile that a population's chain is weakest for: by verdict, then by effort.
    pub(super) fn weakest(&self, population: PopulationIx) -> Option<&ProfileReading> {
        weakest(self.analysis.populations.get(usize::from(population.0))?)
    }

    /// The verdict on each population: the worst over what its members may hold.
    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        let of = |reading| weakest(reading).map_or(Verdict::None, |profile| verdict(profile.verdict));
        self.analysis.populations.iter().map(of).collect()
    }

    /// The worst verdict of all.
    pub(super) fn worst(&self) -> Verdict {
        let profiles = self.analysis.populations.iter().filter_map(weakest);
        profiles.map(|profile| profile.verdict).max().map_or(Verdict::None, verdict)
    }

    /// How many dated exceptions it makes.
    pub(super) fn exceptions(&self) -> usize {
        self.model.exceptions.len()
    }
}

fn weakest(reading: &PopulationReading) -> Option<&ProfileReading> {
    let effort = |profile: &ProfileReading| least_effort(&profile.any).unwrap_or(u32::MAX);
    reading.profiles.iter().max_by_key(|profile| (profile.verdict, Reverse(effort(profile))))
}

/// Checks the running policy as of today: an exception may have expired since it was put into force.
pub(super) async fn checked(app: &App) -> Result<Arc<Checked>, Error> {
    let day = today(&Clock::Fixed(Arc::new(app.now().0.into())));
    if let Some((known, checked)) = &memory(app.running()).checked
        && *known == day
    {
        return Ok(Arc::clone(checked));
    }
    let source = app.running().source.clone();
    let failed = || Fault::broken("checking the running policy once more");
    let checked = tokio::task::spawn_blocking(move || policy::check(&source, day)).await;
    let checked = checked.map_err(|error| failed().because(error))?;
    let (Some(model), Some(analysis)) = (checked.model, checked.analysis) else {
        return Err(failed().because("it cannot be read any more").into());
    };
    let checked = Arc::new(Checked { model, analysis, diagnostics: checked.diagnostics });
    memory(app.running()).checked = Some((day, Arc::clone(&checked)));
    Ok(checked)
}

/// Everybody who is there: each profile, how many members have it, and the ids of a few of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Present {
    pub(super) members: Arc<Vec<(Profile, u64, Vec<String>)>>,
}

/// How many members of each profile are remembered by id.
const SOME: usize = 8;
/// Above so many members a census is good for a minute: reading a million takes seconds.
const MANY: u64 = 50_000;

/// Takes a census, unless nothing was decided since the last one.
pub(super) async fn present(app: &App) -> Result<Present, Fault> {
    app.read(move |view| {
        let size = log::head(view.tx)?.size;
        let known = memory(view.running).present.clone();
        if let Some((then, at, present)) = known {
            let count: u64 = present.members.iter().map(|(_, count, _)| count).sum();
            let is_fresh = count > MANY && view.now.0 - at.0 < 60_000_000;
            if then == size || is_fresh {
                return Ok(present);
            }
        }
        let census = Census::take(view.tx, None)?;
        let policy = &view.running.policy;
        let mut members: HashMap<Profile, (u64, Vec<String>)> = HashMap::new();
        for ((_, holding, count), some) in census.kinds().zip(census.some_of_each(SOME)) {
            if let Some(profile) = holding.profile(policy.model(), policy.ranking()) {
                let (all, known) = members.entry(profile).or_default();
                *all += count;
                known.extend(some);
                known.truncate(SOME);
            }
        }
        let mut members: Vec<(Profile, u64, Vec<String>)> =
            members.into_iter().map(|(profile, (count, some))| (profile, count, some)).collect();
        members.sort_unstable();
        let present = Present { members: Arc::new(members) };
        memory(view.running).present = Some((size, view.now, present.clone()));
        Ok(present)
    })
    .await
}
