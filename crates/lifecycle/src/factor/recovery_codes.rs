//! Saved recovery codes, SP 800-63B-4 section 4.2.1.1: shown once, kept as keyed hashes, each good once.

use serde::{Deserialize, Serialize};

use crate::Env;
use crate::id::{AuthenticatorId, Hash, Secret};

/// How many codes a set has.
pub const COUNT: usize = 10;
/// 80 bits each; the standard asks for 64.
const BYTES: usize = 10;

/// The unspent codes, as keyed hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Hashes of what was never used.
    pub unspent: Vec<[u8; 32]>,
    /// How many were used.
    pub spent: usize,
}

/// A fresh set: what is shown once, and what is kept.
pub fn fresh(id: &AuthenticatorId, env: &mut Env<'_>) -> (Vec<Secret>, Stored) {
    let codes: Vec<Secret> = (0..COUNT).map(|_| Secret::grouped(env, BYTES)).collect();
    let unspent = codes.iter().map(|code| code.keyed_hash(env, id.as_str()).0).collect();
    (codes, Stored { unspent, spent: 0 })
}

impl Stored {
    /// The stored hash that a typed code matches. Every hash is compared, in constant time.
    pub fn matching(&self, id: &AuthenticatorId, typed: &str, env: &Env<'_>) -> Option<Hash> {
        let hash = Secret::from_text(typed).keyed_hash(env, id.as_str());
        let mut found = None;
        for unspent in &self.unspent {
            if Hash(*unspent) == hash {
                found = Some(hash.clone());
            }
        }
        found
    }

    /// The set without one code.
    #[must_use]
    pub fn without(&self, hash: &Hash) -> Stored {
        let unspent: Vec<[u8; 32]> = self.unspent.iter().filter(|h| Hash(**h) != *hash).copied().collect();
        Stored { spent: self.spent + self.unspent.len() - unspent.len(), unspent }
    }
}
