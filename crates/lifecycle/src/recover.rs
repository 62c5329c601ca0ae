//! Recovery: opening a case at a recover door, by the member or by an agent for them.
//!
//! Owns who opens it and who comes to hold it. An agent's case opens nothing by itself: the member joins it from
//! their own browser with their name and the reference they were told, once, and shows the evidence there.

use policy::Policy;
use policy::model::PopulationIx;

use crate::account::Account;
use crate::case::{self, Case, CaseState, DoorName, Opened};
use crate::enrol::Authority;
use crate::fact::{Actor, Fact, What};
use crate::id::Secret;
use crate::refusal::Refusal;
use crate::{Answer, Decision, Env, Facts, refuse};

/// The account, if there is something to recover. Whoever has no authenticator has the enrol door, and that alone.
fn recoverable<'a>(account: Option<&'a Account>, policy: &Policy) -> Option<(&'a Account, PopulationIx)> {
    let account = account.filter(|a| a.is_present() && a.has_authenticator())?;
    Some((account, account.population(policy)?))
}

/// The recover doors that a name is offered. An unknown name sees those of the `decoy` population.
pub fn doors<'p>(account: Option<&Account>, policy: &'p Policy, decoy: &str) -> Vec<&'p str> {
    let model = policy.model();
    let population = recoverable(account, policy).map(|(_, p)| p).or_else(|| model.population(decoy));
    population.map(|p| model[p].recover.iter().map(|r| r.name.as_str()).collect()).unwrap_or_default()
}

/// Opens a case from the member's own browser; for an unknown name one that nothing satisfies.
pub fn open(
    account: Option<&Account>,
    policy: &Policy,
    door: &str,
    decoy: &str,
    env: &mut Env<'_>,
) -> Answer<Opened> {
    let model = policy.model();
    let known = recoverable(account, policy);
    let account = known.map(|(account, _)| account);
    let population = known.map_or(decoy, |(_, p)| model[p].name.as_str());
    let door = DoorName::Recover(door.to_owned());
    let exists = model.population(population).and_then(|p| crate::account::door(model, p, &door)).is_some();
    if !exists {
        let fact = Fact::about(What::CaseOpened, Actor::Holder, account.map(|a| &a.id));
        return refuse(Refusal::NotAtThisDoor, fact);
    }
    let (opened, change) = Case::open(policy, account, population, door, Actor::Holder, true, env);
    let fact = Fact::of_case(What::CaseOpened, Actor::Holder, &opened.case);
    Decision { reply: Ok(opened), changes: vec![change], facts: Facts::one(fact) }
}

/// An agent, or somebody at the server's terminal, opens a case for a member. Nobody holds it yet.
pub fn open_for(
    account: &Account,
    authority: Authority<'_>,
    policy: &Policy,
    door: &str,
    reason: &str,
    env: &mut Env<'_>,
) -> Answer<Case> {
    let model = policy.model();
    let door = DoorName::Recover(door.to_owned());
    let fact = Fact::about(What::CaseOpened, authority.actor(), Some(&account.id))
        .with("door", door.to_string())
        .with("reason", reason);
    if let Err(refusal) = authority.permits_agent(env) {
        return refuse(refusal, fact);
    }
    if !account.is_present() {
        return refuse(Refusal::Offboarded, fact);
    }
    if authority.actor() == Actor::Person(account.id.clone()) {
        return refuse(Refusal::SamePerson, fact);
    }
    let Some((_, population)) = recoverable(Some(account), policy) else {
        return refuse(Refusal::NoDoor, fact);
    };
    if crate::account::door(model, population, &door).is_none() {
        return refuse(Refusal::NotAtThisDoor, fact);
    }
    let (opened, change) =
        Case::open(policy, Some(account), &model[population].name, door, authority.actor(), false, env);
    let fact = Fact { case: Some(opened.case.id.clone()), ..fact }.with("reference", &opened.case.reference);
    Decision { reply: Ok(opened.case), changes: vec![change], facts: Facts::one(fact) }
}

/// The member takes a case that was opened for them into their own browser. Once: whoever comes second sees that
/// somebody else did.
pub fn join(case: Option<(&Case, &Account)>, is_held: bool, env: &mut Env<'_>) -> Answer<(Case, Secret)> {
    let fact = Fact::about(What::CaseJoined, Actor::Holder, case.map(|(_, a)| &a.id));
    let joinable = case.filter(|(case, account)| {
        !is_held
            && case.state == CaseState::Collecting
            && case.ended(env.now).is_none()
            && case.account.as_ref() == Some(&account.id)
            && matches!(case.door, DoorName::Recover(_))
    });
    let Some((case, _)) = joinable else { return refuse(Refusal::NotRecognised, fact) };
    let mut case = case.clone();
    let (token, change) = case::hold(&mut case, env);
    let fact = Fact::of_case(What::CaseJoined, Actor::Holder, &case);
    Decision { reply: Ok((case, token)), changes: vec![change], facts: Facts::one(fact) }
}
