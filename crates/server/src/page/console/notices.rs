//! The outbox: what was sent to whom, and what could not be.

use askama::Template;

use crate::page::{Frame, Paging, When, links};

/// GET `/console/notices?page=`.
#[derive(Template)]
#[template(path = "console/notices.html")]
pub struct Notices {
    pub frame: Frame,
    /// Failing ones first.
    pub rows: Vec<NoticeRow>,
    pub paging: Paging,
    /// May this reader ask for another attempt?
    pub may_retry: bool,
}

#[derive(Clone, Debug)]
pub struct NoticeRow {
    pub id: String,
    pub channel: String,
    /// Masked.
    pub to: String,
    /// What it is about, never its text: a notice may carry a code.
    pub about: String,
    pub made: When,
    pub state: NoticeState,
}

#[derive(Clone, Debug)]
pub enum NoticeState {
    Pending,
    Sent {
        at: When,
    },
    /// Failed so far, and tried again at `next`; `None`: given up.
    Failed {
        error: String,
        attempts: u32,
        next: Option<When>,
    },
}
