//! One thing that a person is asked to show, with the form that shows it.
//!
//! Shared by signing in and by cases: the same evidence is asked for in the same way everywhere.

use serde::Deserialize;

use super::{Frame, Tone};

/// One form.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What it is called here: `Passkey`, `Authenticator app`, `Code sent to a•••@example.org`.
    pub title: String,
    /// Where the form goes; see [`super::links::sign_in_prove`] and [`super::links::case_prove`].
    pub action: String,
    pub kind: AskKind,
    /// Why the last attempt was refused, in words for the person. Says nothing that a stranger may not know.
    pub error: Option<String>,
    /// Is it the only thing to do here? Its field then has the focus.
    pub focus: bool,
}

/// What was tried last, from the query.
#[derive(Debug, Default, Deserialize)]
pub struct Tried {
    #[serde(default)]
    pub tried: String,
}

/// Puts what came of the last attempt to the form that goes to this address, so that it is read with its field. Without
/// such a form it stays above the page.
pub fn blame<'a>(asks: impl Iterator<Item = &'a mut Ask>, action: &str, frame: &mut Frame) {
    let Some(ask) = asks.into_iter().find(|ask| ask.action == action) else { return };
    if let Some(flash) = frame.flash.take_if(|flash| flash.tone == Tone::Bad) {
        ask.error = Some(flash.text);
    }
}

/// What is asked, and so which fields the form has.
#[derive(Clone, Debug)]
pub enum AskKind {
    /// A passkey: button, script, field `credential`.
    Passkey {
        /// POST by script: the request options.
        options: String,
    },
    /// A security key: as a passkey, in other words.
    SecurityKey { options: String },
    /// Field `password`.
    Password {
        /// The account's name, for the person's password manager.
        name: String,
    },
    /// Field `code`: six digits from an authenticator app.
    Totp,
    /// Field `code`: digits from a hardware token.
    Hotp,
    /// Field `code`: one of the kept recovery codes.
    RecoveryCode,
    /// A button that sends a code. The form goes to `action` with the field `channel`.
    Send {
        /// The channel's policy name.
        channel: String,
        /// Where the code would go, masked: `a•••@example.org`.
        to: String,
    },
    /// Fields `channel` and `code`: the code that was sent, and a second form that sends it again.
    Issued {
        channel: String,
        to: String,
        expires: super::When,
        /// How many digits were sent.
        digits: usize,
        /// Where "send it again" goes, if it may be sent again now.
        again: Option<String>,
    },
    /// A link to sign in again: the door wants a session that is stronger or fresher than this one.
    SignIn {
        /// Where, with the way back: `/sign-in?..`.
        href: String,
        /// Why, in words: `You signed in 3 hours ago; this needs the last 10 minutes.`
        why: String,
    },
}

impl Ask {
    /// Whether the form needs a script, and so is shown with a word for those who run none.
    pub(super) fn needs_script(&self) -> bool {
        matches!(self.kind, AskKind::Passkey { .. } | AskKind::SecurityKey { .. })
    }
}
