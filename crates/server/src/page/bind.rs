//! Binding one factor or address inside a case, and renaming one outside it.

use askama::Template;

use super::{Frame, When, qr::Qr};

/// GET `/case/bind/{name}`; its form goes back to the same address.
#[derive(Template)]
#[template(path = "case/bind.html")]
pub struct BindPage {
    pub frame: Frame,
    /// The case's reference.
    pub reference: String,
    /// `Passkey`, as the policy's author named it for people.
    pub title: String,
    /// Where the form goes: [`super::links::case_bind`].
    pub action: String,
    pub setup: Setup,
    /// Why the last attempt was refused; several reasons for a password.
    pub errors: Vec<String>,
}

/// What is needed to bind it.
#[derive(Clone, Debug)]
pub enum Setup {
    /// Fields `label` and `credential`, by script.
    Passkey { options: String, label: String },
    /// The same for a device-bound key.
    SecurityKey { options: String, label: String },
    /// Fields `password` and the hidden name for a password manager.
    Password {
        name: String,
        /// 15 where the password alone signs in, 8 beside another factor (SP 800-63B-4 section 3.1.1.2).
        least: u32,
        /// Does it replace an older one?
        replaces: bool,
    },
    /// Fields `label` and `code`: proof that the app shows the right codes.
    Totp {
        /// `otpauth://totp/..`, drawn as a QR code.
        uri: String,
        /// The seed in base32, for typing by hand.
        secret: String,
        label: String,
    },
    /// A button that makes recovery codes.
    Codes {
        count: usize,
        /// Do they replace older ones?
        replaces: bool,
    },
    /// Field `address`: the new mail address or phone number.
    Address {
        kind: AddressKind,
        /// What was typed before, to be corrected.
        value: String,
        /// The address in force, masked.
        now: Option<String>,
    },
    /// Field `code`: the code that was sent to the new address.
    AddressCode {
        to: String,
        digits: usize,
        expires: When,
        /// Where "send it again" goes, if it may be sent again now.
        again: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKind {
    Mail,
    Phone,
    Post,
}

/// After binding recovery codes: shown this once.
#[derive(Template)]
#[template(path = "case/codes.html")]
pub struct RecoveryCodes {
    pub frame: Frame,
    pub reference: String,
    /// Whose they are, printed above them.
    pub name: String,
    /// The host that they are for, printed above them.
    pub host: String,
    pub codes: Vec<String>,
    pub made: When,
    /// Where the form with the field `kept` goes: [`super::links::case_bind_kept`].
    pub action: String,
}

/// GET `/account/authenticators/{id}/rename`; field `label`.
#[derive(Template)]
#[template(path = "account/rename.html")]
pub struct Rename {
    pub frame: Frame,
    /// What kind of thing it is: `Passkey`.
    pub kind: String,
    pub label: String,
    pub action: String,
    pub error: Option<String>,
}

impl Setup {
    fn qr(uri: &str) -> Option<Qr> {
        Qr::of(uri)
    }

    /// The seed in groups of four, as people copy it.
    fn groups(secret: &str) -> Vec<String> {
        let letters: Vec<char> = secret.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect()).collect()
    }
}
