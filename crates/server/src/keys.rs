//! Keys: one master key from outside, data keys wrapped by it in the database, and sealing with them.
//!
//! Deliberately not here: hashing of codes and passwords, and what is sealed and why. Every secret is wiped
//! when it is dropped.

mod aead;
mod keyring;
pub mod master;

pub use keyring::{Keyring, Loaded, renew, rotate};
pub use master::{MasterKey, Source};

/// What a data key is for. A key of one purpose opens nothing of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What a passkey ceremony remembers between its two requests.
    Challenge,
    /// Authentication codes: of cookies, and of the made-up answers for unknown names.
    Cookie,
    /// The signing key of the audit log's checkpoints.
    Log,
    /// The text of messages in the outbox.
    Notice,
    /// The pepper of password hashes (SP 800-63B-4 section 3.1.1.2).
    Pepper,
    /// What authenticators keep: seeds, hashes, public keys.
    Factor,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 6] =
        [Self::Challenge, Self::Cookie, Self::Log, Self::Notice, Self::Pepper, Self::Factor];

    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::Cookie => "cookie",
            Self::Log => "log",
            Self::Notice => "notice",
            Self::Pepper => "pepper",
            Self::Factor => "factor",
        }
    }

    /// Whether a new key may take over while the old one stays for what exists. A new signing key would be a
    /// new log.
    pub fn is_renewable(self) -> bool {
        self != Self::Log
    }
}
