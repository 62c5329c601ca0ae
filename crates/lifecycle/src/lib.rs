//! What may happen to an account, decided from values.
//!
//! Pure: storage, network, clock and chance are the caller's. A function here takes what is stored ([`Account`],
//! [`Case`]), what somebody asks and an [`Env`], and returns a [`Decision`]: what to answer, what to change and
//! what the audit log records. Nothing here reads or writes; nothing outside decides.
//!
//! The one idea: every door of an account is opened by a [`Case`] that collects [`evidence`] until the
//! requirement *that the checker analysed* is satisfied. There is no other way to a session or to a new factor.
//!
//! Reading order: `id`, `account`, `evidence`, `case`, then one decision family per file.
#![deny(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

pub mod account;
pub mod approve;
pub mod bind;
pub mod case;
pub mod change;
pub mod directory;
pub mod enrol;
pub mod evidence;
pub mod fact;
pub mod factor;
pub mod finish;
pub mod id;
pub mod lost;
pub mod notice;
pub mod offboard;
pub mod prove;
pub mod recover;
pub mod refusal;
pub mod session;
pub mod sign_in;
pub mod throttle;

pub use account::{Account, Address, Authenticator, AuthenticatorState};
pub use case::{Case, CaseState, DoorName};
pub use change::Change;
pub use fact::{Actor, Fact, Facts, What};
pub use id::{AccountId, CaseId, Secret, Time};
pub use refusal::Refusal;
pub use session::{Caller, Session};

/// The only door to time and chance, and the keyed hash for short secrets.
pub struct Env<'a> {
    /// The moment of the decision.
    pub now: Time,
    /// Fills a buffer from an approved random bit generator.
    pub random: &'a mut dyn FnMut(&mut [u8]),
    /// Key of the keyed hash under which codes are stored; never stored beside them.
    pub code_key: &'a [u8; 32],
}

/// What was decided: the answer, what storage must do, and what the log records.
#[must_use]
#[derive(Debug)]
pub struct Decision<T> {
    /// What to tell the caller.
    pub reply: T,
    /// What storage must do, all of it or nothing.
    pub changes: Vec<Change>,
    /// What the audit log records; never empty.
    pub facts: Facts,
}

impl<T> Decision<T> {
    /// A decision that changes nothing but is recorded.
    pub fn only(reply: T, fact: Fact) -> Self {
        Decision { reply, changes: Vec::new(), facts: Facts::one(fact) }
    }

    /// The same changes and facts with another answer.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Decision<U> {
        Decision { reply: f(self.reply), changes: self.changes, facts: self.facts }
    }
}

/// A decision that may be no. A refusal is a decision like any other: it is recorded.
pub type Answer<T> = Decision<Result<T, Refusal>>;

/// Refuses, and records that.
pub(crate) fn refuse<T>(refusal: Refusal, fact: Fact) -> Answer<T> {
    let fact = fact.refused(&refusal);
    Decision::only(Err(refusal), fact)
}
