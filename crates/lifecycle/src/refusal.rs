//! The answer is no.
//!
//! Owns the reasons and their stable codes. What a stranger may learn of a reason is the page's decision: the log
//! keeps the code, the page may say less.

use std::fmt;
use std::time::Duration;

use policy::factor::Aal;

use crate::id::Time;

/// Why a decision was no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Wrong, unknown, spent or expired: what a stranger hears about everything that did not match.
    NotRecognised,
    /// Too many failures; try again then.
    Throttled(Time),
    /// Switched off, after too many failures or because it was reported lost: must be rebound by a door.
    Disabled,
    /// The case is over, or not at a point where this is possible.
    CaseNotOpen,
    /// The waiting time is over then, and not before.
    Waits(Time),
    /// The door does not ask for this, or does not bind this.
    NotAtThisDoor,
    /// Something else comes first: a one-time code is looked at only after the password.
    NotYet,
    /// The session is not strong enough.
    TooWeak {
        /// What is needed.
        needed: Aal,
    },
    /// The session is older than the door allows.
    Stale {
        /// How fresh it must be.
        within: Duration,
    },
    /// Binding it would reach a higher level than the session has (63B-4 4.1.2.1).
    RaisesAssurance {
        /// What it would reach.
        reaches: Aal,
    },
    /// The login would no longer be possible.
    LastFactor,
    /// What was bound does not open login yet.
    LoginNotPossible,
    /// Recovery codes must be kept before the door closes.
    CodesNotKept,
    /// The account has an authenticator already: an invitation is worth nothing for it.
    AlreadyEnrolled,
    /// The account was off-boarded.
    Offboarded,
    /// No population matches: the account has no door.
    NoDoor,
    /// This person does not hold the role.
    NotAuthorized,
    /// Member, requester or one who already agreed: somebody else must.
    SamePerson,
    /// The check code does not match the holder's page.
    CheckCode,
    /// No confirmed address on that channel.
    NoAddress,
    /// What was entered is not acceptable, and why.
    NotAcceptable(String),
    /// This server does not run that kind of authenticator.
    NotServed(String),
    /// A member of that name exists.
    NameTaken,
}

impl Refusal {
    /// The stable word of the log.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotRecognised => "not-recognised",
            Refusal::Throttled(_) => "throttled",
            Refusal::Disabled => "disabled",
            Refusal::CaseNotOpen => "case-not-open",
            Refusal::Waits(_) => "waits",
            Refusal::NotAtThisDoor => "not-at-this-door",
            Refusal::NotYet => "not-yet",
            Refusal::TooWeak { .. } => "too-weak",
            Refusal::Stale { .. } => "stale",
            Refusal::RaisesAssurance { .. } => "raises-assurance",
            Refusal::LastFactor => "last-factor",
            Refusal::LoginNotPossible => "login-not-possible",
            Refusal::CodesNotKept => "codes-not-kept",
            Refusal::AlreadyEnrolled => "already-enrolled",
            Refusal::Offboarded => "offboarded",
            Refusal::NoDoor => "no-door",
            Refusal::NotAuthorized => "not-authorized",
            Refusal::SamePerson => "same-person",
            Refusal::CheckCode => "check-code",
            Refusal::NoAddress => "no-address",
            Refusal::NotAcceptable(_) => "not-acceptable",
            Refusal::NotServed(_) => "not-served",
            Refusal::NameTaken => "name-taken",
        }
    }
}

/// In words for the person who may know the reason.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NotRecognised => f.write_str("That did not match. Check it and try again."),
            Refusal::Throttled(_) => f.write_str("Too many attempts. Wait a little, then try again."),
            Refusal::Disabled => f.write_str(
                "This was switched off, after too many failed attempts or because it was reported lost. Use another way, or recover your account.",
            ),
            Refusal::CaseNotOpen => f.write_str("This is no longer open. Start again."),
            Refusal::Waits(_) => f.write_str("The waiting time is not over yet. Go on when it is."),
            Refusal::NotAtThisDoor => f.write_str("That is not used here."),
            Refusal::NotYet => f.write_str("Complete the step before this one first."),
            Refusal::TooWeak { needed } => {
                write!(f, "Sign in again with a stronger method first: this needs {needed}.")
            }
            Refusal::Stale { within } => {
                write!(f, "Sign in again first: this needs a sign-in within the last {} minutes.", within.as_secs() / 60)
            }
            Refusal::RaisesAssurance { reaches } => write!(
                f,
                "Your session is not strong enough to add something that reaches {reaches}. Sign in with a stronger method first."
            ),
            Refusal::LastFactor => {
                f.write_str("Without this you could no longer sign in. Add another method first, then remove it.")
            }
            Refusal::LoginNotPossible => f.write_str("You could not sign in with what is set up so far. Add what is missing."),
            Refusal::CodesNotKept => f.write_str("Confirm that you have kept your recovery codes."),
            Refusal::AlreadyEnrolled => {
                f.write_str("This account already has a way to sign in, so an invitation cannot be used for it.")
            }
            Refusal::Offboarded => f.write_str("This account has been closed."),
            Refusal::NoDoor => f.write_str("The policy has no door for this account: none of its groups belongs to a population."),
            Refusal::NotAuthorized => f.write_str("You do not hold the role that this needs."),
            Refusal::SamePerson => {
                f.write_str("Somebody else must do this: not the member, not who opened the case, nobody twice.")
            }
            Refusal::CheckCode => {
                f.write_str("The check code does not match. Ask the person to read out the code on their own page.")
            }
            Refusal::NoAddress => f.write_str("There is no confirmed address for that."),
            Refusal::NotAcceptable(why) => f.write_str(why),
            Refusal::NotServed(kind) => write!(f, "This server does not run authenticators of kind `{kind}` yet."),
            Refusal::NameTaken => f.write_str("A member of that name exists already."),
        }
    }
}
