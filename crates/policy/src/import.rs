//! Importers: what another product does today, written as a Postern policy.
//!
//! Owns the two ways in, and what they promise: bytes go in; a policy that reads back, and a list of what was not
//! understood, come out. Nothing is guessed, fetched, expanded or executed, and what is not understood counts as no
//! defence. Never panics. Does not own reading and writing files (the command), nor what the policy is worth
//! (`check`).

mod authelia;
mod draft;
mod keycloak;
mod need;
mod node;
mod text;
mod written;
mod yaml;

use std::fmt;

pub use text::MOST_BYTES;

/// What an importer made of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The policy, each line with a comment that names the setting it comes from.
    pub policy: String,
    /// What was not understood, or could not be written exactly; it stands in the policy's comments as well.
    pub notes: Vec<Note>,
}

/// Something that whoever trusts the written policy has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The setting, as a path of keys.
    pub at: String,
    /// What was not understood, and what it counts as.
    pub text: String,
}

/// Why a file was not imported: one line that says what it is and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(String);

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.at, self.text)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// Imports the JSON export of one Keycloak realm, complete or partial.
pub fn keycloak(bytes: &[u8]) -> Result<Imported, Refusal> {
    keycloak::import(&text::decode(bytes)?)
}

/// Imports the configuration of Authelia, in YAML (of which JSON is a part).
pub fn authelia(bytes: &[u8]) -> Result<Imported, Refusal> {
    authelia::import(&text::decode(bytes)?)
}
