//! Whose account a flow asks about.
//!
//! Owns what somebody holds, has at hand, and may set up. Does not own what flows make of it (`passing`).

use super::steps::Second;

/// Whose account it is, as far as a flow asks.
#[derive(Clone, Debug, Default)]
pub(super) struct Holder {
    /// The second factors of the account.
    pub(super) holds: &'static [Second],
    /// Those of them that are at hand.
    pub(super) shows: &'static [Second],
    /// Those that flows ask about.
    pub(super) roles: Vec<String>,
    /// May this person set up, at this sign-in, the second factor that is required and not there?
    pub(super) sets_up: bool,
}

impl Holder {
    /// Holds every second factor that there is. Recovery codes are kept for when the others are gone.
    pub(super) fn of_all() -> Self {
        use Second::{Otp, Passwordless, RecoveryCode, WebAuthn};
        let holds = &[Otp, WebAuthn, Passwordless, RecoveryCode];
        Holder { holds, shows: &[Otp, WebAuthn, Passwordless], ..Holder::default() }
    }

    pub(super) fn of_otp_only() -> Self {
        Holder { holds: &[Second::Otp, Second::RecoveryCode], shows: &[Second::Otp], ..Holder::default() }
    }

    pub(super) fn of_web_authn_only() -> Self {
        Holder {
            holds: &[Second::WebAuthn, Second::RecoveryCode],
            shows: &[Second::WebAuthn],
            ..Holder::default()
        }
    }

    pub(super) fn of_passkey_only() -> Self {
        Holder {
            holds: &[Second::Passwordless, Second::RecoveryCode],
            shows: &[Second::Passwordless],
            ..Holder::default()
        }
    }

    /// Holds none, and may set up at sign-in what is required: whoever signs in first does. Nobody has more ways in
    /// that need no second factor.
    pub(super) fn newcomer() -> Self {
        Holder { sets_up: true, ..Holder::default() }
    }

    /// The same, with a recovery code in the place of a second factor; none if there is no such code.
    pub(super) fn with_codes_only(&self) -> Option<Self> {
        let codes: &[Second] = if self.shows.contains(&Second::Passwordless) {
            &[Second::RecoveryCode, Second::Passwordless]
        } else {
            &[Second::RecoveryCode]
        };
        self.holds.contains(&Second::RecoveryCode).then(|| Holder { shows: codes, ..self.clone() })
    }
}
