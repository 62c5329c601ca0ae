//! The member's own pages.

use askama::Template;

use super::{Frame, Link, Tone, When, case::OfferKind, links};

/// GET `/account`.
#[derive(Template)]
#[template(path = "account/home.html")]
pub struct AccountHome {
    pub frame: Frame,
    /// How this session was opened: `You signed in with a passkey, 5 minutes ago.`
    pub signed_in: String,
    pub authenticators: Vec<AuthenticatorRow>,
    /// `None` where the chain has no recovery codes.
    pub codes: Option<CodesLeft>,
    pub addresses: Vec<AddressRow>,
    pub sessions: Vec<SessionRow>,
    /// Open cases about this account. A case that the person did not open is the first thing to see.
    pub cases: Vec<CaseRow>,
    /// Does this browser hold a change of factors that is not finished? It is the person's own, and no alarm.
    pub changing: bool,
    /// Newest first, one sentence each.
    pub activity: Vec<Activity>,
    /// Approvals that wait for this person as an approver; 0 shows nothing.
    pub approvals: usize,
    /// Whether the chain has a bind door at all: shows "Add or replace".
    pub may_bind: bool,
}

/// One authenticator of the account. Also shown, without its actions, in the console.
#[derive(Clone, Debug)]
pub struct AuthenticatorRow {
    pub id: String,
    pub kind: OfferKind,
    /// `Passkey`.
    pub title: String,
    /// What the person calls it; may be empty.
    pub label: String,
    pub added: When,
    pub used: Option<When>,
    /// What matters about it: `synced`, `device-bound`, `disabled after 10 failures`.
    pub notes: Vec<String>,
    /// Does it sign in? `false` for a disabled one.
    pub works: bool,
    /// `None`: may be removed. Otherwise why not: `Signing in needs it.`
    pub kept_because: Option<String>,
}

impl AuthenticatorRow {
    /// Nobody loses a password; somebody else may know it.
    pub(super) fn is_password(&self) -> bool {
        self.kind == OfferKind::Password
    }
}

#[derive(Clone, Debug)]
pub struct CodesLeft {
    pub left: usize,
    pub of: usize,
    /// When they were made; `None`: never.
    pub made: Option<When>,
}

/// One address of the account.
#[derive(Clone, Debug)]
pub struct AddressRow {
    /// The channel's policy name.
    pub channel: String,
    /// `Own mail`.
    pub title: String,
    /// To the owner in full, to others masked; empty when there is none.
    pub address: String,
    pub confirmed: bool,
    /// May it be changed by the bind door?
    pub changeable: bool,
}

#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: String,
    /// `Firefox on Linux`.
    pub device: String,
    /// The peer address at sign-in.
    pub from: String,
    /// `passkey`, `password and authenticator app`.
    pub by: String,
    /// `AAL2, phishing-resistant`.
    pub assurance: String,
    pub started: When,
    pub seen: When,
    /// The session of this very request.
    pub is_this: bool,
}

/// One case in a list.
#[derive(Clone, Debug)]
pub struct CaseRow {
    pub reference: String,
    /// `Recover: assisted`.
    pub title: String,
    /// The account's name; shown in the console only.
    pub member: String,
    /// `Waiting for the help desk`, `Takes effect in 23 hours`.
    pub state: String,
    pub tone: Tone,
    pub opened: When,
    /// Who opened it: `you`, `somebody without a session`, `Hana Help`.
    pub opened_by: String,
    /// Where its owner stops it: [`links::account_stop_case`]; `None` where the reader may not.
    pub stop: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Activity {
    pub at: When,
    pub text: String,
    pub tone: Tone,
}

/// A question before an act that is hard to take back: removing a factor, locking, off-boarding.
#[derive(Template)]
#[template(path = "account/confirm.html")]
pub struct Confirm {
    pub frame: Frame,
    pub title: String,
    /// What will happen, one sentence each.
    pub consequences: Vec<String>,
    pub action: String,
    /// What the button says: `Remove this passkey`.
    pub button: String,
    pub back: Link,
    /// What must be typed into the field `typed`, such as the member's name. `None`: a click is enough.
    pub typed: Option<String>,
    /// Whether a field `reason` is asked for.
    pub reason: bool,
    pub error: Option<String>,
}
