//! An account and what is bound to it.
//!
//! Owns the state of one person: who they are, how to reach them, what they can show. Does not own sessions or
//! cases, which have lives of their own.

use policy::factor::FactorKind;
use policy::model::{AuthenticatorIx, Door, PopulationIx};
use policy::{Model, Policy};

use crate::case::DoorName;
use crate::factor::FactorData;
use crate::id::{AccountId, AuthenticatorId, CaseId, Time};

/// One person known to the organization.
#[derive(Clone, Debug)]
pub struct Account {
    /// Opaque and never reused.
    pub id: AccountId,
    /// What they type to sign in, lower case.
    pub name: String,
    /// How people call them.
    pub display_name: String,
    /// Decides which populations they belong to.
    pub groups: Vec<String>,
    /// Who approves for `of = "member"` roles.
    pub manager: Option<AccountId>,
    /// When they were added to the directory.
    pub created_at: Time,
    /// When they first completed the enrol door.
    pub enrolled_at: Option<Time>,
    /// When they left; nothing opens after.
    pub offboarded_at: Option<Time>,
    /// How to reach them.
    pub addresses: Vec<Address>,
    /// Everything bound, staged, disabled; revoked ones are not loaded.
    pub authenticators: Vec<Authenticator>,
}

/// One address on one of the policy's channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The channel's name in the policy.
    pub channel: String,
    /// Mail address or phone number.
    pub address: String,
    /// Usable for codes only once confirmed (63B-4 4.2.1.2).
    pub confirmed_at: Option<Time>,
    /// When it was last set.
    pub changed_at: Time,
    /// Consecutive wrong codes; a resent code does not reset them (63B-4 3.1.3.2).
    pub failures: u32,
    /// No code is looked at before this moment.
    pub locked_until: Option<Time>,
}

/// What an authenticator may do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthenticatorState {
    /// Bound inside a case that is not finished: proves nothing yet.
    Staged(CaseId),
    /// In use.
    Active,
    /// Too many failures (63B-4 3.2.2), or reported lost: must be rebound by a door.
    Disabled,
}

/// One bound authenticator.
#[derive(Clone, Debug)]
pub struct Authenticator {
    /// Opaque.
    pub id: AuthenticatorId,
    /// The authenticator's name in the policy.
    pub name: String,
    /// Its kind.
    pub kind: FactorKind,
    /// The owner's own name for it.
    pub label: String,
    /// What it may do now.
    pub state: AuthenticatorState,
    /// When it was bound.
    pub bound_at: Time,
    /// The door that bound it.
    pub bound_by: String,
    /// Last success.
    pub last_used_at: Option<Time>,
    /// Consecutive failures.
    pub failures: u32,
    /// No attempt is looked at before this moment.
    pub locked_until: Option<Time>,
    /// The last accepted TOTP step or signature counter; only ever grows.
    pub last_step: i64,
    /// What its kind stores.
    pub data: FactorData,
}

impl Account {
    /// The population whose chain rules this account: the strictest that matches. None: no door at all.
    pub fn population(&self, policy: &Policy) -> Option<PopulationIx> {
        policy.population_of(&self.groups)
    }

    /// Not off-boarded.
    pub fn is_present(&self) -> bool {
        self.offboarded_at.is_none()
    }

    /// Belongs to the population by its groups, whatever rules their own account.
    pub fn belongs_to(&self, model: &Model, population: PopulationIx) -> bool {
        self.is_present() && model[population].groups.iter().any(|g| self.groups.contains(g))
    }

    /// Active authenticators of a policy name.
    pub fn active<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Authenticator> {
        self.authenticators.iter().filter(move |a| a.name == name && a.state == AuthenticatorState::Active)
    }

    /// Has anything bound and not revoked, recovery codes apart: an invitation is useless then.
    pub fn has_authenticator(&self) -> bool {
        self.authenticators.iter().any(|a| !matches!(a.state, AuthenticatorState::Staged(_)))
    }

    /// The policy names that it holds actively.
    pub fn holds(&self, model: &Model) -> Vec<AuthenticatorIx> {
        self.names(model, |state| *state == AuthenticatorState::Active)
    }

    /// The same with those that were switched off.
    pub(crate) fn ever_held(&self, model: &Model) -> Vec<AuthenticatorIx> {
        self.names(model, |state| !matches!(state, AuthenticatorState::Staged(_)))
    }

    fn names(&self, model: &Model, counts: impl Fn(&AuthenticatorState) -> bool) -> Vec<AuthenticatorIx> {
        let counted = self.authenticators.iter().filter(|a| counts(&a.state));
        let mut held: Vec<AuthenticatorIx> = counted.filter_map(|a| model.authenticator(&a.name)).collect();
        held.sort_unstable();
        held.dedup();
        held
    }

    /// The address on a channel.
    pub fn address(&self, channel: &str) -> Option<&Address> {
        self.addresses.iter().find(|a| a.channel == channel)
    }

    /// The confirmed address on a channel.
    pub fn confirmed(&self, channel: &str) -> Option<&Address> {
        self.address(channel).filter(|a| a.confirmed_at.is_some())
    }
}

/// The door of a population by its name; login has no `Door`, only a requirement.
pub fn door<'m>(model: &'m Model, population: PopulationIx, name: &DoorName) -> Option<&'m Door> {
    let population = &model[population];
    match name {
        DoorName::Login => None,
        DoorName::Enrol => population.enrol.as_ref().map(|e| &e.door),
        DoorName::Bind => population.bind.as_ref(),
        DoorName::Recover(name) => population.recover.iter().find(|r| r.name == *name).map(|r| &r.door),
    }
}
