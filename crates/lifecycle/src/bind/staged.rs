//! Taking back what was staged at the enrol or recover door, before it takes effect.
//!
//! Owns that alone: what is in force already is removed through the bind door.

use super::{At, actor, permit};
use crate::account::AuthenticatorState;
use crate::change::Change;
use crate::fact::{Fact, What};
use crate::id::AuthenticatorId;
use crate::refusal::Refusal;
use crate::{Answer, Decision, DoorName, Env, Facts, refuse};

/// Discards an authenticator that this very case staged. It proved nothing yet, so nobody is told.
pub fn take_back(at: At<'_>, id: &AuthenticatorId, env: &Env<'_>) -> Answer<()> {
    let At { case, account, .. } = at;
    let fact = Fact::of_case(What::AuthenticatorTakenBack, actor(case, account), case)
        .with("authenticator", id.as_str());
    if let Err(refusal) = permit(at, env) {
        return refuse(refusal, fact);
    }
    if case.door == DoorName::Bind {
        return refuse(Refusal::NotAtThisDoor, fact);
    }
    let staged = AuthenticatorState::Staged(case.id.clone());
    let Some(taken) = account.authenticators.iter().find(|a| a.id == *id && a.state == staged) else {
        return refuse(Refusal::NotRecognised, fact);
    };
    Decision {
        reply: Ok(()),
        changes: vec![Change::RevokeAuthenticator { id: id.clone(), at: env.now }],
        facts: Facts::one(fact.with("name", &taken.name)),
    }
}
