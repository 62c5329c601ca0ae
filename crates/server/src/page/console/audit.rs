//! The audit log.

use askama::Template;

use crate::page::{Frame, Paging, Tone, When, links};

/// GET `/console/audit?member=&kind=&page=`.
#[derive(Template)]
#[template(path = "console/audit.html")]
pub struct Audit {
    pub frame: Frame,
    /// The filter's sign-in name as typed.
    pub member: String,
    /// The filter's kind; empty: all.
    pub kind: String,
    /// The kinds to choose from.
    pub kinds: Vec<String>,
    /// Newest first.
    pub events: Vec<AuditEvent>,
    pub paging: Paging,
    pub checkpoint: Option<Checkpoint>,
}

#[derive(Clone, Debug)]
pub struct AuditEvent {
    pub seq: u64,
    pub at: When,
    /// One sentence: `Alice signed in with a passkey (AAL2, phishing-resistant).`
    pub text: String,
    pub tone: Tone,
    /// The kind, as in the filter.
    pub kind: String,
    /// The canonical bytes that the log's leaf hashes.
    pub json: String,
    /// The leaf hash, base64.
    pub leaf: String,
}

/// The newest signed tree head.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    pub size: u64,
    pub at: When,
    /// Base64.
    pub root: String,
    /// The verifier key of the note: `example.com/postern+1a2b3c4d+AZ..`.
    pub key: String,
    /// The whole signed note, to be kept elsewhere.
    pub note: String,
}
