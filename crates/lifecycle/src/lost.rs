//! A lost authenticator, reported by its owner: it signs in no more from that moment (63B-4 4.3).
//!
//! Owns what a report does, and that only its signed-in owner makes one: whoever else could, could lock somebody out
//! (decision 0012). It asks for no fresh session and leaves even the last factor useless, since whoever has lost it has
//! not a minute to lose; it opens nothing, so a thief of the session gains nothing by it. The way back is a recover door.

use policy::Policy;

use crate::account::AuthenticatorState;
use crate::change::Change;
use crate::fact::{Fact, What};
use crate::id::AuthenticatorId;
use crate::notice::{Told, tell_owner};
use crate::refusal::Refusal;
use crate::session::Caller;
use crate::{Answer, Decision, Env, Facts, refuse};

/// Switches an authenticator of the caller off and ends every other session: one of them may be on the lost device.
pub fn report(caller: &Caller, id: &AuthenticatorId, policy: &Policy, env: &mut Env<'_>) -> Answer<()> {
    let account = &caller.account;
    let fact = Fact::about(What::AuthenticatorLost, caller.actor(), Some(&account.id))
        .with("authenticator", id.as_str());
    if !caller.is_live(env.now) {
        return refuse(Refusal::NotAuthorized, fact);
    }
    let works = |state: &AuthenticatorState| *state == AuthenticatorState::Active;
    let Some(lost) = account.authenticators.iter().find(|a| a.id == *id && works(&a.state)) else {
        return refuse(Refusal::NotRecognised, fact);
    };
    let mut changes = vec![
        Change::DisableAuthenticator { id: id.clone() },
        Change::EndSessions {
            account: account.id.clone(),
            except: Some(caller.session.id.clone()),
            at: env.now,
        },
    ];
    let told = [Told::Lost { name: lost.name.clone(), label: lost.label.clone() }];
    tell_owner(account, policy, "lost", &told, env, &mut changes);
    let ended = Fact::about(What::SessionEnded, caller.actor(), Some(&account.id)).with("which", "others");
    Decision { reply: Ok(()), changes, facts: Facts::first(fact.with("name", &lost.name), vec![ended]) }
}
