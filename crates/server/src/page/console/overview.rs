//! The console's first page.

use askama::Template;

use super::{AuditEvent, Checkpoint, Verdict};
use crate::page::{Frame, Tone, account::CaseRow, links};

/// GET `/console`.
#[derive(Template)]
#[template(path = "console/overview.html")]
pub struct Overview {
    pub frame: Frame,
    /// Members, enrolled, open cases, waiting approvals, failing notices ...
    pub figures: Vec<Figure>,
    /// Open cases, those that wait for somebody first.
    pub cases: Vec<CaseRow>,
    /// Notices that could not be delivered; more than 0 is shown as a warning.
    pub failing: usize,
    /// The worst verdict over all populations.
    pub verdict: Verdict,
    /// `4 populations, none weaker than its login; 1 dated exception.`
    pub policy: String,
    /// The policy's digest, shortened.
    pub digest: String,
    /// `None` before the first event.
    pub checkpoint: Option<Checkpoint>,
    /// The newest events.
    pub recent: Vec<AuditEvent>,
}

/// One number with its words.
#[derive(Clone, Debug)]
pub struct Figure {
    pub value: String,
    pub label: String,
    pub href: String,
    pub tone: Tone,
}
