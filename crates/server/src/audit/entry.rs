//! One event of the log and the bytes that its leaf commits to.

use super::merkle::{Hash, leaf_hash};

/// An event on its way into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, in microseconds since 1970.
    pub at: i64,
    /// Whom it concerns, for looking up; the body says more.
    pub account: Option<String>,
    /// What happened: canonical JSON without line breaks.
    pub body: Vec<u8>,
}

/// An event as the log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The position in the log and the index of the leaf, from 0.
    pub seq: u64,
    /// What was recorded.
    pub event: Event,
    /// The RFC 6962 leaf hash as stored beside the event.
    pub leaf: Hash,
}

impl Event {
    /// The leaf hash. It covers every column, so that none can be changed unnoticed: the time in decimal, a
    /// line feed, the account or nothing, a line feed, the body.
    pub fn leaf(&self) -> Hash {
        let account = self.account.as_deref().unwrap_or_default();
        let mut input = Vec::with_capacity(24 + account.len() + self.body.len());
        input.extend_from_slice(self.at.to_string().as_bytes());
        input.push(b'\n');
        input.extend_from_slice(account.as_bytes());
        input.push(b'\n');
        input.extend_from_slice(&self.body);
        leaf_hash(&input)
    }
}
