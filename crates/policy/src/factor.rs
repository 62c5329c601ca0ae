//! The vocabulary of factors: one enum and ONE table of their properties.
//!
//! Owns what each kind of authenticator is worth according to NIST SP 800-63B-4. Does not own how a kind is
//! verified (that is `lifecycle::factor`) nor what an attacker does to it (that is `takeover`).

use std::fmt;

/// Authenticator assurance level, SP 800-63B-4 section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Aal {
    /// Some assurance.
    One = 1,
    /// Two factors.
    Two = 2,
    /// Two factors, one of them a key that cannot leave its hardware.
    Three = 3,
}

impl From<Aal> for u8 {
    fn from(aal: Aal) -> u8 {
        aal as u8
    }
}

impl TryFrom<u8> for Aal {
    type Error = String;
    fn try_from(level: u8) -> Result<Self, String> {
        match level {
            1 => Ok(Aal::One),
            2 => Ok(Aal::Two),
            3 => Ok(Aal::Three),
            other => Err(format!("`{other}` is no assurance level; use 1, 2 or 3")),
        }
    }
}

impl fmt::Display for Aal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AAL{}", *self as u8)
    }
}

/// A kind of authenticator. Combinations are policy, never a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactorKind {
    /// Known by heart, typed.
    Password,
    /// A code that changes with the time (RFC 6238).
    Totp,
    /// A code that changes with each use (RFC 4226), from a hardware token.
    Hotp,
    /// A WebAuthn key that may be synced, behind a PIN or a biometric.
    Passkey,
    /// A WebAuthn key that is bound to its device.
    SecurityKey,
    /// A smart card: TLS client authentication, behind a PIN.
    ClientCertificate,
    /// A code by text message.
    Sms,
    /// A code read out on the telephone.
    Voice,
    /// A code from the login page, typed into an app.
    Push,
    /// Codes shown once and kept on paper.
    RecoveryCodes,
}

/// What a person shows with a factor: the "something you ..." of multi-factor authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorType {
    /// Something you know.
    Know,
    /// Something you have, one factor.
    Have,
    /// Something you have that itself asks for a PIN or a biometric: two factors in one.
    HaveAndVerify,
    /// Not an authenticator: it serves recovery only (63B-4 4.2.1.1).
    RecoveryOnly,
}

/// The properties of one kind, in the terms of SP 800-63B-4.
#[expect(clippy::struct_excessive_bools, reason = "a table: each is one yes-or-no column of the standard")]
#[derive(Clone, Copy, Debug)]
pub struct Properties {
    /// Whose row it is.
    pub kind: FactorKind,
    /// The word used in policies.
    pub name: &'static str,
    /// What a person shows with it.
    pub factor: FactorType,
    /// 3.2.5: channel binding or verifier name binding.
    pub phishing_resistant: bool,
    /// 3.2.7.
    pub replay_resistant: bool,
    /// 2.3.2: what the verifier stores does not let a thief log in.
    pub verifier_compromise_resistant: bool,
    /// 3.2.9: SMS and voice.
    pub restricted: bool,
    /// 3.2.13: the secret can leave the device (or be synced).
    pub exportable: bool,
    /// The highest AAL it reaches alone; none for what only serves recovery.
    pub alone: Option<Aal>,
    /// The highest AAL it reaches with a factor of another type.
    pub combined: Option<Aal>,
}

const fn row(
    kind: FactorKind,
    name: &'static str,
    factor: FactorType,
    flags: [bool; 5],
    alone: Option<Aal>,
    combined: Option<Aal>,
) -> Properties {
    let [phishing_resistant, replay_resistant, verifier_compromise_resistant, restricted, exportable] = flags;
    Properties {
        kind,
        name,
        factor,
        phishing_resistant,
        replay_resistant,
        verifier_compromise_resistant,
        restricted,
        exportable,
        alone,
        combined,
    }
}

const YES: bool = true;
const NO_: bool = false;

/// The table. Columns of flags: phishing-resistant, replay-resistant, verifier-compromise resistant,
/// restricted, exportable. Source: SP 800-63B-4 sections 3.1 and 3.2, appendix B.
#[rustfmt::skip]
pub const TABLE: [Properties; 10] = {
    use {FactorKind as K, FactorType as T, Aal::{One, Two, Three}};
    [
        row(K::Password,          "password",           T::Know,          [NO_, NO_, NO_, NO_, YES], Some(One), Some(Three)),
        row(K::Totp,              "totp",               T::Have,          [NO_, YES, NO_, NO_, YES], Some(One), Some(Two)),
        row(K::Hotp,              "hotp",               T::Have,          [NO_, YES, NO_, NO_, NO_], Some(One), Some(Two)),
        row(K::Passkey,           "passkey",            T::HaveAndVerify, [YES, YES, YES, NO_, YES], Some(Two), Some(Two)),
        row(K::SecurityKey,       "security-key",       T::HaveAndVerify, [YES, YES, YES, NO_, NO_], Some(Three), Some(Three)),
        row(K::ClientCertificate, "client-certificate", T::HaveAndVerify, [YES, YES, YES, NO_, NO_], Some(Three), Some(Three)),
        row(K::Sms,               "sms",                T::Have,          [NO_, YES, NO_, YES, NO_], Some(One), Some(Two)),
        row(K::Voice,             "voice",              T::Have,          [NO_, YES, NO_, YES, NO_], Some(One), Some(Two)),
        row(K::Push,              "push",               T::Have,          [NO_, YES, NO_, NO_, NO_], Some(One), Some(Two)),
        row(K::RecoveryCodes,     "recovery-codes",     T::RecoveryOnly,  [NO_, YES, NO_, NO_, YES], None, None),
    ]
};

impl FactorKind {
    /// The row of this kind in the [`TABLE`].
    pub fn properties(self) -> &'static Properties {
        &TABLE[self as usize]
    }

    /// The word used in policies.
    pub fn name(self) -> &'static str {
        self.properties().name
    }

    /// The kind of a policy's word.
    pub fn from_name(name: &str) -> Option<FactorKind> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.kind)
    }
}
