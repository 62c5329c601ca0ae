//! One member: facts, chain, and what may be done.

use askama::Template;

use super::{Chain, MemberState};
use crate::page::account::{Activity, AddressRow, AuthenticatorRow, CaseRow, CodesLeft, SessionRow};
use crate::page::{Frame, When, links};

/// GET `/console/members/{id}`.
#[derive(Template)]
#[template(path = "console/member.html")]
pub struct MemberPage {
    pub frame: Frame,
    pub id: String,
    pub login: String,
    pub name: String,
    pub state: MemberState,
    pub groups: Vec<String>,
    /// `None`: matches none, and so has no door.
    pub population: Option<String>,
    /// `(id, name shown)`.
    pub manager: Option<(String, String)>,
    pub added: When,
    pub enrolled: Option<When>,
    pub offboarded: Option<When>,
    pub authenticators: Vec<AuthenticatorRow>,
    pub codes: Option<CodesLeft>,
    /// Masked: an agent recognises them, and reads none out.
    pub addresses: Vec<AddressRow>,
    /// The recover doors that stay shut for this account: they wait, and no notice would reach the member.
    pub unheard: Vec<String>,
    pub sessions: Vec<SessionRow>,
    pub cases: Vec<CaseRow>,
    pub activity: Vec<Activity>,
    /// This account's own chain: what it really holds.
    pub chain: Option<Chain>,
    pub acts: MemberActs,
}

/// What this reader may do to this member now.
#[derive(Clone, Debug, Default)]
pub struct MemberActs {
    /// The channels to which an invitation can go: `(policy name, masked address)`. Empty: no invitation.
    pub invite: Vec<(String, String)>,
    /// The open invitation, which can be taken back.
    pub invitation: Option<OpenInvitation>,
    /// The recover doors that can be opened for the member. Empty: none.
    pub recover: Vec<RecoverWay>,
    pub end_sessions: bool,
    pub offboard: bool,
    /// Names, groups, manager; addresses until the member enrols.
    pub change: bool,
}

#[derive(Clone, Debug)]
pub struct OpenInvitation {
    /// Where it went, masked.
    pub to: String,
    pub expires: When,
    pub by: String,
}

#[derive(Clone, Debug)]
pub struct RecoverWay {
    /// The door's policy name, sent as `door`.
    pub name: String,
    /// `Assisted: proofing by video, and approval by 2 of the help desk; then 24 hours`.
    pub title: String,
}

/// After inviting: where the link went. Whoever invites never sees it.
#[derive(Template)]
#[template(path = "console/invited.html")]
pub struct InvitationCreated {
    pub frame: Frame,
    pub id: String,
    pub name: String,
    /// Where it went, masked.
    pub to: String,
    pub expires: When,
}
