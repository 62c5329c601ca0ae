//! What each kind of authenticator stores and how it is verified: dispatch on [`FactorKind`], no default arm.
//!
//! Owns the data of a factor. Does not own throttling or cases (`prove`).

pub mod passkey;
pub mod password;
pub mod recovery_codes;
pub mod totp;

use policy::FactorKind;
use serde::{Deserialize, Serialize};

/// What storage keeps, sealed, for one authenticator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactorData {
    /// A PHC string.
    Password(password::Stored),
    /// A seed.
    Totp(totp::Stored),
    /// A public key and its flags.
    Passkey(Box<passkey::Stored>),
    /// Keyed hashes.
    RecoveryCodes(recovery_codes::Stored),
}

/// Can this server run that kind? What is analysed but not served is never offered and never satisfied.
pub fn is_served(kind: FactorKind) -> bool {
    match kind {
        FactorKind::Password
        | FactorKind::Totp
        | FactorKind::Passkey
        | FactorKind::SecurityKey
        | FactorKind::RecoveryCodes => true,
        FactorKind::Hotp
        | FactorKind::ClientCertificate
        | FactorKind::Sms
        | FactorKind::Voice
        | FactorKind::Push => false,
    }
}
