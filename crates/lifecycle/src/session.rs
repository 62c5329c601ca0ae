//! Sessions, and the people who act in them.
//!
//! Owns what a session is worth and when it ends (63B-4 section 5). Does not own how one comes to be (`sign_in`).

use policy::Policy;
use policy::assurance::Assurance;
use policy::factor::Aal;
use policy::model::SessionLimits;

use crate::account::Account;
use crate::change::Change;
use crate::enrol::Authority;
use crate::fact::{Actor, Fact, What};
use crate::id::{AccountId, Hash, Secret, SessionId, Time};
use crate::notice::{Told, tell_owner};
use crate::refusal::Refusal;
use crate::{Answer, Decision, Env, Facts, refuse};

/// One signed-in session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Opaque; the cookie holds another secret.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// What was really reached.
    pub aal: Aal,
    /// Every physical authenticator used was phishing-resistant.
    pub phishing_resistant: bool,
    /// The names of what was used.
    pub used: Vec<String>,
    /// The authentication event.
    pub authenticated_at: Time,
    /// Last request seen, to the minute.
    pub last_seen_at: Time,
    /// Ends then unless used before.
    pub idle_expires_at: Time,
    /// Ends then whatever happens.
    pub expires_at: Time,
    /// Where it was opened from: peer address and browser, as the server saw them.
    pub peer: String,
    /// The browser's name for itself.
    pub agent: String,
}

impl Session {
    pub(crate) fn start(
        account: &Account,
        reached: Assurance,
        used: Vec<String>,
        limits: SessionLimits,
        env: &mut Env<'_>,
    ) -> Session {
        Session {
            id: SessionId::fresh(env),
            account: account.id.clone(),
            aal: reached.aal,
            phishing_resistant: reached.phishing_resistant,
            used,
            authenticated_at: env.now,
            last_seen_at: env.now,
            idle_expires_at: env.now.plus(limits.idle).min(env.now.plus(limits.max)),
            expires_at: env.now.plus(limits.max),
            peer: String::new(),
            agent: String::new(),
        }
    }

    /// What the browser keeps of it.
    pub fn token(&self, env: &mut Env<'_>) -> Secret {
        Secret::named_token(self.id.as_str(), env)
    }

    /// Still alive (both limits, 63B-4 5.2).
    pub fn is_live(&self, now: Time) -> bool {
        now < self.idle_expires_at && now < self.expires_at
    }

    /// The same session under limits that came into force since: it ends no later than one that has just these. It
    /// never ends later than it was to.
    #[must_use]
    pub fn under(mut self, limits: SessionLimits) -> Session {
        self.expires_at = self.expires_at.min(self.authenticated_at.plus(limits.max));
        let idle = self.last_seen_at.plus(limits.idle);
        self.idle_expires_at = self.idle_expires_at.min(idle).min(self.expires_at);
        self
    }

    /// The same session seen now: activity moves the idle limit, never the overall one.
    #[must_use]
    pub fn seen(mut self, limits: SessionLimits, now: Time) -> Session {
        self.last_seen_at = now;
        self.idle_expires_at = now.plus(limits.idle).min(self.expires_at);
        self
    }
}

/// A session as a browser claims to hold it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Which one.
    pub id: SessionId,
    /// The stored form of its token.
    pub hash: Hash,
}

impl Claim {
    /// Reads what a browser presents; what was not made by [`Session::token`] claims nothing.
    pub fn read(presented: &str) -> Option<Claim> {
        let (id, _) = presented.split_once('.')?;
        Some(Claim { id: SessionId(id.to_owned()), hash: Secret::from_text(presented).hash() })
    }
}

/// What a person may do in the console, by the populations that the server's configuration names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Adds members, invites, off-boards.
    pub administrator: bool,
    /// Works on cases: opens them, records proofing, invites.
    pub agent: bool,
    /// Reads everything, changes nothing.
    pub auditor: bool,
}

/// A signed-in person who asks for something.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub account: Account,
    /// In which session.
    pub session: Session,
    /// With which roles.
    pub roles: Roles,
}

impl Caller {
    /// Does the session still speak for the person? What was true when a request came may not be any more.
    pub fn is_live(&self, now: Time) -> bool {
        self.session.account == self.account.id && self.session.is_live(now) && self.account.is_present()
    }

    /// The caller as an actor of the log.
    pub fn actor(&self) -> Actor {
        Actor::Person(self.account.id.clone())
    }
}

/// Ends one of the caller's own sessions.
pub fn end(caller: &Caller, session: &Session, env: &Env<'_>) -> Answer<()> {
    let fact = Fact::about(What::SessionEnded, caller.actor(), Some(&session.account));
    if session.account != caller.account.id || !caller.is_live(env.now) {
        return refuse(Refusal::NotAuthorized, fact);
    }
    Decision {
        reply: Ok(()),
        changes: vec![Change::EndSession { session: session.id.clone(), at: env.now }],
        facts: Facts::one(fact),
    }
}

/// Ends sessions of a member from the console: `which`, or all of them. Nothing opens by that, so whoever works on cases
/// may, and the member hears of it.
pub fn end_of(
    account: &Account,
    which: Option<&Session>,
    authority: Authority<'_>,
    policy: &Policy,
    reason: &str,
    env: &mut Env<'_>,
) -> Answer<()> {
    let fact = Fact::about(What::SessionEnded, authority.actor(), Some(&account.id))
        .with("which", if which.is_some() { "one" } else { "all" })
        .with("reason", reason);
    if let Err(refusal) = authority.permits_agent(env) {
        return refuse(refusal, fact);
    }
    if which.is_some_and(|session| session.account != account.id) {
        return refuse(Refusal::NotRecognised, fact);
    }
    let mut changes = vec![match which {
        Some(session) => Change::EndSession { session: session.id.clone(), at: env.now },
        None => Change::EndSessions { account: account.id.clone(), except: None, at: env.now },
    }];
    let told = [Told::SignedOut { everywhere: which.is_none() }];
    tell_owner(account, policy, "console", &told, env, &mut changes);
    Decision { reply: Ok(()), changes, facts: Facts::one(fact) }
}

/// Ends all of the caller's sessions but this one.
pub fn end_others(caller: &Caller, env: &Env<'_>) -> Decision<()> {
    let fact =
        Fact::about(What::SessionEnded, caller.actor(), Some(&caller.account.id)).with("which", "others");
    Decision {
        reply: (),
        changes: vec![Change::EndSessions {
            account: caller.account.id.clone(),
            except: Some(caller.session.id.clone()),
            at: env.now,
        }],
        facts: Facts::one(fact),
    }
}
