//! Typing the code of a new address: a mistake is forgiven, the next try waits longer and longer, and the code is worth
//! nothing after as many as switch an authenticator off (63B-4 3.2.2).

use serde::{Deserialize, Serialize};

use super::channel::confirm_address;
use super::{At, PendingAddress, actor};
use crate::change::Change;
use crate::fact::{Fact, What};
use crate::id::{ChallengeId, Time};
use crate::refusal::Refusal;
use crate::{Answer, Env, refuse, throttle};

/// A new address whose code was sent, with the wrong ones that came back.
#[derive(Serialize, Deserialize)]
pub struct SentAddress {
    /// The address.
    #[serde(flatten)]
    pub pending: PendingAddress,
    /// Wrong codes so far.
    #[serde(default)]
    pub failures: u32,
    /// No code is looked at before this moment.
    #[serde(default)]
    pub locked_until: Option<Time>,
}

/// Confirms a new address. A wrong code is counted beside the right one, which stays good `until` its own end.
pub fn retype_address(
    at: At<'_>,
    sent: SentAddress,
    typed: &str,
    ceremony: &ChallengeId,
    until: Time,
    env: &mut Env<'_>,
) -> Answer<()> {
    let channel = sent.pending.channel.clone();
    if let Some(locked) = throttle::locked(sent.locked_until, env.now) {
        let fact = Fact::of_case(What::AddressBound, actor(at.case, at.account), at.case);
        return refuse(Refusal::Throttled(locked), fact.with("channel", channel));
    }
    let mut decision = confirm_address(at, &sent.pending, typed, ceremony, env);
    if decision.reply != Err(Refusal::NotRecognised) {
        return decision;
    }
    let failed = throttle::fail(sent.failures, env.now);
    let counted = SentAddress { failures: failed.failures, locked_until: failed.locked_until, ..sent };
    match serde_json::to_vec(&counted) {
        Ok(state) if !failed.disable => {
            // In place of its being spent.
            decision.changes = vec![Change::OpenChallenge {
                id: ceremony.clone(),
                case: at.case.id.clone(),
                purpose: format!("address:{channel}"),
                state,
                expires_at: until,
            }];
        }
        _ => decision.reply = Err(Refusal::Disabled),
    }
    decision
}
