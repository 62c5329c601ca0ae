//! Cases as agents and approvers see them, and the approvals queue.

use askama::Template;

use crate::page::account::{Activity, CaseRow};
use crate::page::{DoorKind, Frame, Link, Paging, Tone, When, links};

/// GET `/console/cases?state=open|closed&page=`.
#[derive(Template)]
#[template(path = "console/cases.html")]
pub struct Cases {
    pub frame: Frame,
    /// Open ones, or those that have ended?
    pub open: bool,
    pub rows: Vec<CaseRow>,
    pub paging: Paging,
}

/// GET `/console/cases/{reference}`.
#[derive(Template)]
#[template(path = "console/case.html")]
pub struct Case {
    pub frame: Frame,
    pub reference: String,
    pub door: DoorKind,
    /// `Recover: assisted`.
    pub title: String,
    /// `(id, name shown, sign-in name)`; the id is empty for a reader who may not open the member's page.
    pub member: (String, String, String),
    /// `Waiting for two approvals`, `Takes effect on ..`, `Stopped by the member`.
    pub state: String,
    pub tone: Tone,
    pub opened: When,
    pub opened_by: String,
    /// When it lapses; `None` once it has ended.
    pub expires: Option<When>,
    /// When it takes effect, while it waits.
    pub effect: Option<When>,
    pub evidence: Vec<Evidence>,
    /// Who must act now, in words: `Two people of the help desk, neither Hana nor the member.` Empty: nobody.
    pub who: String,
    /// Oldest first.
    pub history: Vec<Activity>,
    pub acts: CaseActs,
    pub error: Option<String>,
    /// The list that this reader came from.
    pub back: Link,
}

/// One piece of the door's requirement.
#[derive(Clone, Debug)]
pub struct Evidence {
    pub title: String,
    pub state: EvidenceState,
}

#[derive(Clone, Debug)]
pub enum EvidenceState {
    Proved {
        at: When,
        /// `by Hana Help`; empty: by the member.
        by: String,
    },
    Missing {
        /// What is awaited: `1 of 2`, `from the member`.
        awaits: String,
    },
    Impossible {
        why: String,
    },
}

/// What this reader may do to this case now.
#[derive(Clone, Debug, Default)]
pub struct CaseActs {
    pub approve: Option<Approve>,
    /// The proofing methods that this reader may record. Empty: none.
    pub proofing: Vec<ProofMethod>,
    pub proofed: Proofed,
    pub stop: bool,
}

/// An approval asked of this reader.
#[derive(Clone, Debug)]
pub struct Approve {
    /// As whom: `as Alice's manager`, `for the help desk`.
    pub role: String,
    /// Must the holder's check code be typed? Not where nobody holds the case yet.
    pub check: bool,
    /// What was typed before the code did not match.
    pub reason: String,
    /// Why the code did not match.
    pub error: Option<String>,
}

/// A record of an identity check, as it was typed before its code did not match.
#[derive(Clone, Debug, Default)]
pub struct Proofed {
    pub method: String,
    pub note: String,
    pub error: Option<String>,
}

#[derive(Clone, Debug)]
pub struct ProofMethod {
    /// Sent as `method`: `in-person`, `video`, `document`.
    pub value: String,
    /// `Met in person, papers checked`.
    pub title: String,
}

/// GET `/console/approvals`: what waits for this reader.
#[derive(Template)]
#[template(path = "console/approvals.html")]
pub struct Approvals {
    pub frame: Frame,
    pub waiting: Vec<Waiting>,
    pub paging: Paging,
}

#[derive(Clone, Debug)]
pub struct Waiting {
    pub reference: String,
    pub title: String,
    /// Name shown and sign-in name.
    pub member: (String, String),
    pub opened: When,
    pub opened_by: String,
    pub approve: Approve,
    /// What is proved already: `Recovery code`, `Approval by Hana Help`.
    pub proved: Vec<String>,
}
