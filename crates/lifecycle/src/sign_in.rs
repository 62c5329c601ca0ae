//! Signing in: opening a case at the login door.
//!
//! Owns how the case begins, alike for known and unknown names. What is shown in it is `prove`'s.

use policy::Policy;

use crate::account::Account;
use crate::case::{Case, DoorName, Opened};
use crate::fact::{Actor, Fact, What};
use crate::{Decision, Env, Facts};

/// Opens a login case for a typed name. An unknown name gets a case that nothing satisfies: the population of
/// `decoy` decides what its page offers.
pub fn begin(account: Option<&Account>, policy: &Policy, decoy: &str, env: &mut Env<'_>) -> Decision<Opened> {
    let present = account.filter(|a| a.is_present());
    let ruling = present.and_then(|a| a.population(policy));
    let population = ruling.map_or(decoy, |ix| policy.model()[ix].name.as_str());
    let account = present.filter(|_| ruling.is_some());
    let (opened, change) = Case::open(policy, account, population, DoorName::Login, Actor::Holder, true, env);
    let fact = Fact::of_case(What::CaseOpened, Actor::Holder, &opened.case);
    Decision { reply: opened, changes: vec![change], facts: Facts::one(fact) }
}
