//! Signing in: name first, then only the choices that this account and door allow.

use askama::Template;

use super::{Frame, When, ask::Ask, links};

/// GET `/sign-in`: who are you? Offers passkeys in the name field (conditional mediation).
#[derive(Template)]
#[template(path = "sign_in/name.html")]
pub struct SignInName {
    pub frame: Frame,
    /// What was typed before, to be corrected.
    pub name: String,
    /// Why it cannot go on; generic, never whether a name exists.
    pub error: Option<String>,
    /// Where to go afterwards: a path of this server, carried in the field `next`; empty for the account page.
    pub next: String,
}

/// GET `/sign-in/case`: how will you prove it?
#[derive(Template)]
#[template(path = "sign_in/choices.html")]
pub struct SignInChoices {
    pub frame: Frame,
    pub name: String,
    /// What can be shown now, each with its form. Equal for unknown names.
    pub choices: Vec<Ask>,
    /// What has been proved already in this sign-in: `Password`.
    pub proved: Vec<String>,
    /// An error that belongs to no single choice.
    pub error: Option<String>,
}

/// Too many failures: when to come back, and what else is possible.
#[derive(Template)]
#[template(path = "sign_in/later.html")]
pub struct SignInLater {
    pub frame: Frame,
    pub name: String,
    /// When it may be tried again; `None`: not without a recovery, the authenticator is disabled.
    pub again: Option<When>,
}

/// After signing out.
#[derive(Template)]
#[template(path = "sign_in/signed_out.html")]
pub struct SignedOut {
    pub frame: Frame,
    /// What ended it, if not the person: `Your session ended after an hour without use.`
    pub why: Option<String>,
}
