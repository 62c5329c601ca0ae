//! What an attacker can do to one person: the vocabulary of capabilities and ONE table of their ranks.
//!
//! Owns names, ranks and efforts, as changed by the policy's `[attacker]`. Does not own what a capability opens
//! (that is `ways`).

use std::fmt;
use std::sync::Arc;

use crate::model::{ApproverIx, Attacker};

/// A kind of thing that an attacker can do to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CapabilityKind {
    Leak,
    Phish,
    SimSwap,
    Mailbox,
    Deceive,
    Deepfake,
    Unnoticed,
    Malware,
    Steal,
    Unlock,
    SyncAccount,
    Forge,
    InterceptPost,
    UnnoticedForDays,
}

/// What is written about one kind: its name in policies and reports, its default rank (1 automated, 2 lured,
/// 3 targeted, 4 close), and the deed in words, `{who}` and `{what}` to be filled in.
struct Row(CapabilityKind, &'static str, u8, &'static str);

#[rustfmt::skip]
const TABLE: [Row; 14] = {
    use CapabilityKind as K;
    [
        Row(K::Leak,             "leak",               1, "use a leaked or reused password of {who}"),
        Row(K::Phish,            "phish",              2, "phish {who} (real-time proxy)"),
        Row(K::SimSwap,          "sim-swap",           3, "have the phone number of {who} moved to another SIM"),
        Row(K::Mailbox,          "mailbox",            3, "break into {what}, a mailbox of {who}"),
        Row(K::Deceive,          "deceive",            3, "talk {who} into it"),
        Row(K::Deepfake,         "deepfake",           3, "pass for {who} on camera (deepfake)"),
        Row(K::Unnoticed,        "unnoticed",          3, "stay unnoticed by {who} for the waiting time"),
        Row(K::Malware,          "malware",            3, "run malware on the endpoint of {who}"),
        Row(K::Steal,            "steal",              4, "steal {what} from {who}"),
        Row(K::Unlock,           "unlock",             4, "unlock {what} of {who}"),
        Row(K::SyncAccount,      "sync-account",       4, "take the account that syncs the passkeys of {who}"),
        Row(K::Forge,            "forge",              4, "pass for {who} in person with forged papers"),
        Row(K::InterceptPost,    "intercept-post",     4, "intercept the post of {who}"),
        Row(K::UnnoticedForDays, "unnoticed-for-days", 4, "stay unnoticed by {who} for days"),
    ]
};

impl CapabilityKind {
    /// Every kind, in the order of the reference page.
    pub fn all() -> impl Iterator<Item = CapabilityKind> {
        TABLE.iter().map(|row| row.0)
    }

    /// The name in policies and reports.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<CapabilityKind> {
        CapabilityKind::all().find(|kind| kind.name() == name)
    }

    /// The deed in plain words, done to somebody, or to something of theirs.
    pub fn in_words(self, who: &str, what: &str) -> String {
        TABLE[self as usize].3.replace("{who}", who).replace("{what}", what)
    }

    /// The rank under this attacker, 1 to 4; `None` when such an attack is not considered at all.
    pub fn rank(self, attacker: &Attacker) -> Option<u8> {
        let left_out = self == CapabilityKind::Malware && !attacker.endpoint;
        if left_out || attacker.ignore.iter().any(|ignored| ignored == self.name()) {
            return None;
        }
        let moved = attacker.ranks.iter().find(|(name, _)| name == self.name());
        Some(moved.map_or(TABLE[self as usize].2, |(_, rank)| *rank))
    }
}

/// Twice the work for each rank above the first: 1, 2, 4, 8.
pub(super) fn effort_of(rank: u8) -> u32 {
    1 << u32::from(rank.clamp(1, 4) - 1)
}

/// The person to whom something is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Person {
    /// The one whose account it is.
    Member,
    /// One of the people of an approver role. Which of them gets which number means nothing.
    Approver { role: ApproverIx, name: Arc<str>, number: u16 },
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Person::Member => f.write_str("member"),
            Person::Approver { name, number, .. } => write!(f, "{name}#{number}"),
        }
    }
}

/// Something that an attacker can do to one person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Capability {
    pub kind: CapabilityKind,
    pub person: Person,
    /// The channel whose mailbox it is, or the thing that is stolen or unlocked.
    pub object: Option<Arc<str>>,
}

impl Capability {
    /// The deed in plain words: "phish the member (real-time proxy)".
    pub fn in_words(&self) -> String {
        let who = match &self.person {
            Person::Member => "the member".to_owned(),
            approver @ Person::Approver { .. } => approver.to_string(),
        };
        self.kind.in_words(&who, self.object.as_deref().unwrap_or_default())
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.object {
            None => write!(f, "{}({})", self.kind.name(), self.person),
            Some(object) => write!(f, "{}({},{object})", self.kind.name(), self.person),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_kinds() {
        for (index, kind) in CapabilityKind::all().enumerate() {
            assert_eq!(kind as usize, index);
            assert_eq!(CapabilityKind::named(kind.name()), Some(kind));
        }
    }

    #[test]
    fn the_policy_moves_and_ignores_capabilities() {
        let attacker =
            Attacker { ignore: vec!["leak".into()], ranks: vec![("phish".into(), 1)], endpoint: false };
        assert_eq!(CapabilityKind::Leak.rank(&attacker), None);
        assert_eq!(CapabilityKind::Phish.rank(&attacker), Some(1));
        assert_eq!(CapabilityKind::Malware.rank(&attacker), None);
        assert_eq!(CapabilityKind::Malware.rank(&Attacker { endpoint: true, ..attacker }), Some(3));
    }

    #[test]
    fn each_rank_is_twice_the_work_of_the_one_below() {
        assert_eq!([1, 2, 3, 4].map(effort_of), [1, 2, 4, 8]);
    }
}
