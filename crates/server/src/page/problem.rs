//! The pages for what went wrong. They say what to do next, and to a stranger nothing else.

use askama::Template;
use axum::http::StatusCode;

use super::{Frame, Link, When, links};

#[derive(Template)]
#[template(path = "problem.html")]
pub struct Problem {
    pub frame: Frame,
    pub kind: ProblemKind,
    pub next: Link,
}

#[derive(Clone, Debug)]
pub enum ProblemKind {
    /// 400: with the field and the reason.
    BadRequest { reason: String },
    /// 403: a form that was not ours, or too old.
    StaleForm,
    /// 403: signed in, but not for this.
    Forbidden,
    /// 404.
    NotFound,
    /// 405: the address takes something else, mostly a form.
    OtherMethod,
    /// 429.
    TooMany { again: Option<When> },
    /// 500, with the incident id that the operator finds in the log.
    Broken { incident: String },
    /// 503: the database is away or the server is full.
    Unavailable { incident: String },
}

impl Problem {
    pub fn new(frame: Frame, kind: ProblemKind) -> Self {
        let next = match frame.person {
            Some(_) => Link::new(links::ACCOUNT, "Go to your account"),
            None => Link::new(links::SIGN_IN, "Go to sign in"),
        };
        Self { frame, kind, next }
    }
}

impl ProblemKind {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest { .. } => StatusCode::BAD_REQUEST,
            Self::StaleForm | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::OtherMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub(super) fn title(&self) -> &'static str {
        match self {
            Self::BadRequest { .. } => "That could not be read",
            Self::StaleForm => "This form is too old",
            Self::Forbidden => "This is not yours to open",
            Self::NotFound => "There is nothing here",
            Self::OtherMethod => "There is nothing to see here",
            Self::TooMany { .. } => "Too many requests",
            Self::Broken { .. } => "Something went wrong here",
            Self::Unavailable { .. } => "Not available for a moment",
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::BadRequest { reason } => reason,
            Self::StaleForm => "Nothing was changed. Go back, reload the page and send it again.",
            Self::Forbidden => "Your session does not reach this page. If it should, ask an administrator.",
            Self::NotFound => "The address is wrong, or what it showed has gone.",
            Self::OtherMethod => "Only a form on another page leads here. Nothing was changed.",
            Self::TooMany { .. } => "Nothing was changed. Wait a little before you try again.",
            Self::Broken { .. } => {
                "The fault is ours, and nothing was left half done. If it happens again, quote the incident number."
            }
            Self::Unavailable { .. } => "Nothing was left half done. Try again in a minute.",
        }
    }

    pub(super) fn incident(&self) -> Option<&str> {
        match self {
            Self::Broken { incident } | Self::Unavailable { incident } => Some(incident),
            _ => None,
        }
    }
}
