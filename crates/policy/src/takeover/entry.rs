//! Applications that ask for more than the weakest login gives: the ways into them, compared with the logins that they accept.
//!
//! A member who signs in now by a password and now by a passkey is not let down by a door as cheap as the password; an
//! application that accepts the passkey alone is. So the comparison of section 5 of the design is made once more for
//! each such demand. Owns which demands those are. Does not own the comparison (`verdict`).

use super::graph::Fact;
use super::layout::{self, DoorName, Who};
use super::listing::{Asked, Solution};
use super::{Takeover, Truncated, Verdict, app_accepts};
use crate::model::{AuthenticatorIx, Model, PopulationIx};

/// What an attacker is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The account: any session of its owner.
    Account,
    /// A session that the application, an index into [`Model::apps`], accepts.
    App(u16),
}

impl Goal {
    pub(super) fn fact(self, population: PopulationIx) -> Fact {
        match self {
            Goal::Account => Fact::SignedIn(Who::Member(population)),
            Goal::App(app) => Fact::Enters(app, population),
        }
    }
}

/// The ways into applications that accept some of a member's logins and not others.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Indices into [`Model::apps`]: those that demand the same. Never empty.
    pub apps: Vec<u16>,
    /// The ways through login alone, every other door shut.
    pub login: Vec<Takeover>,
    /// The ways through the whole chain.
    pub any: Vec<Takeover>,
    /// The whole chain against login.
    pub verdict: Verdict,
    /// The ways through each door besides login and enrolment, the others shut, with its verdict.
    pub doors: Vec<(DoorName, Vec<Takeover>, Verdict)>,
}

impl Entry {
    /// Every one of these applications is entered alike, so the first stands for all.
    pub fn goal(&self) -> Goal {
        Goal::App(self.apps.first().copied().unwrap_or_default())
    }
}

/// The entries of a member who holds just this. Where an application accepts every login that the member has, whoever
/// comes in to the account comes in to the application, and the account's own reading says it all; where it accepts
/// none, there is no login to compare with.
pub(super) fn entries(
    solution: &mut Solution<'_>,
    population: PopulationIx,
    holds: &[AuthenticatorIx],
) -> Result<Vec<Entry>, Truncated> {
    let model = solution.model;
    demands(solution, population, holds)?
        .into_iter()
        .map(|apps| {
            let first = apps.first().copied().unwrap_or_default();
            let asked = Asked { goal: Goal::App(first).fact(population), population, holds };
            let login = solution.by_login(asked)?;
            let chain = layout::chain(&model[population]);
            let mut doors = vec![];
            for name in &chain {
                let (ways, verdict) = solution.compared(asked, &[*name], &login)?;
                doors.push((*name, ways, verdict));
            }
            let (any, verdict) = solution.compared(asked, &chain, &login)?;
            Ok(Entry { apps, verdict, login: login.takeovers, any, doors })
        })
        .collect()
}

/// The population's applications that accept some logins of the member and not others, those of one demand together.
fn demands(
    solution: &Solution<'_>,
    population: PopulationIx,
    holds: &[AuthenticatorIx],
) -> Result<Vec<Vec<u16>>, Truncated> {
    let model: &Model = solution.model;
    let held = |evidence: &[AuthenticatorIx]| evidence.iter().all(|name| holds.contains(name));
    let alternatives = solution.alternatives(population)?;
    let own: Vec<_> = alternatives.iter().filter(|way| held(&way.authenticators)).collect();
    let mut demands: Vec<Vec<u16>> = vec![];
    for (index, app) in (0..).zip(&model.apps).filter(|(_, app)| app.populations.contains(&population)) {
        let accepted =
            own.iter().filter(|way| way.assurance.is_some_and(|reached| app_accepts(app, reached)));
        if !(1..own.len()).contains(&accepted.count()) {
            continue;
        }
        let same = |other: &u16| {
            let other = &model.apps[usize::from(*other)];
            (other.aal, other.phishing_resistant) == (app.aal, app.phishing_resistant)
        };
        match demands.iter_mut().find(|apps| apps.iter().any(same)) {
            Some(apps) => apps.push(index),
            None => demands.push(vec![index]),
        }
    }
    Ok(demands)
}
