//! Passwords: what is stored, and the proof that one matched.
//!
//! The slow comparison (argon2id) runs outside, on a bounded pool, before the decision; what comes back in is a
//! [`Compared`], which names the very hash it was compared with, so that a change in between is noticed.

use serde::{Deserialize, Serialize};

/// A PHC string.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// `$argon2id$...`: salted, peppered.
    pub phc: String,
}

/// The result of one slow comparison.
#[derive(Clone, Debug)]
pub struct Compared {
    phc: String,
    matches: bool,
}

impl Compared {
    /// Compared `phc` (or a decoy) with what was typed.
    pub fn new(phc: &str, matches: bool) -> Self {
        Compared { phc: phc.to_owned(), matches }
    }

    /// Was it this very hash that was compared?
    pub(crate) fn is_of(&self, stored: &Stored) -> bool {
        self.phc == stored.phc
    }

    pub(crate) fn is_match_for(&self, stored: &Stored) -> bool {
        self.matches && self.is_of(stored)
    }
}
