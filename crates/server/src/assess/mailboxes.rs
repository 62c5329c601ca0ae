//! Which channels of a member lead to one address: two channels of one mailbox are one thing to lose.
//!
//! Owns what must be remembered of addresses while they are read: a hash of each, never the address itself.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// The addresses that were read so far.
#[derive(Debug)]
pub(super) struct Mailboxes {
    hasher: RandomState,
    /// Of each member the hash of the address that came first, with its channel: most have one only.
    firsts: Vec<Option<(u64, u32)>>,
    /// The further ones.
    further: HashMap<(usize, u64), u32>,
}

impl Mailboxes {
    /// For so many members.
    pub(super) fn of(members: usize) -> Mailboxes {
        Mailboxes { hasher: RandomState::new(), firsts: vec![None; members], further: HashMap::new() }
    }

    /// The channel that led to this address of a member first: this one, or one that was read before.
    pub(super) fn first_at(&mut self, member: usize, address: &str, channel: u32) -> u32 {
        let hash = self.hasher.hash_one(address);
        let (first, known) = *self.firsts[member].get_or_insert((hash, channel));
        if first == hash { known } else { *self.further.entry((member, hash)).or_insert(channel) }
    }
}
