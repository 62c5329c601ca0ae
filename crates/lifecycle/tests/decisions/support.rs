//! What the tests of decisions have in common: a policy, a world that keeps what is decided, and people in it.

mod people;
mod policies;
mod soft_key;
mod store;

pub(crate) use people::{Kit, totp_code};
pub(crate) use policies::{bank, base, changed, company};
pub(crate) use soft_key::SoftKey;
pub(crate) use store::{Chance, World};

use lifecycle::{Refusal, What};

/// The same refusal, whatever it carries.
pub(crate) fn code<T>(answer: &Result<T, Refusal>) -> &'static str {
    match answer {
        Ok(_) => "ok",
        Err(refusal) => refusal.code(),
    }
}

impl World {
    /// The latest fact is of this sort and outcome.
    pub(crate) fn recorded(&self, what: What, refused: Option<&str>) -> bool {
        self.facts.last().is_some_and(|f| f.what == what && f.refused.as_deref() == refused)
    }
}
