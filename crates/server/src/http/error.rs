//! Whatever keeps a handler from answering, and what the caller sees of it.
//!
//! The page itself is made by `guard`, which knows the frame; here is only which page.

use axum::response::{IntoResponse, Redirect, Response};
use lifecycle::Refusal;

use crate::fault::Fault;
use crate::page::problem::ProblemKind;

/// What a handler returns.
pub type Answered = Result<Response, Error>;

/// Why there is no ordinary answer.
#[derive(Debug)]
pub enum Error {
    /// The request is malformed: field and reason.
    BadRequest(String),
    /// The world failed.
    Fault(Fault),
    /// Signed in, but not for this.
    Forbidden,
    /// This browser holds no case.
    NoCase,
    /// There is nothing here, or nothing that this person may know of.
    NotFound,
    /// A refusal that no page of its own shows.
    Refused(Refusal),
    /// Nobody is signed in.
    SignInFirst,
    /// This network address has had its share.
    TooMany,
    /// The form does not come from one of our pages, or from one too old.
    StaleForm,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::Fault(fault)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(refusal)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let kind = match self {
            Error::BadRequest(reason) => ProblemKind::BadRequest { reason },
            Error::Fault(fault) => {
                let incident = fault.incident().to_owned();
                tracing::error!(incident, "{fault}");
                if fault.is_temporary() {
                    ProblemKind::Unavailable { incident }
                } else {
                    ProblemKind::Broken { incident }
                }
            }
            Error::Forbidden | Error::Refused(Refusal::NotAuthorized) => ProblemKind::Forbidden,
            Error::NotFound => ProblemKind::NotFound,
            Error::Refused(refusal) => ProblemKind::BadRequest { reason: refusal.to_string() },
            Error::StaleForm => ProblemKind::StaleForm,
            Error::TooMany => ProblemKind::TooMany { again: None },
            Error::NoCase | Error::SignInFirst => {
                return Redirect::to(crate::page::links::SIGN_IN).into_response();
            }
        };
        let mut response = kind.status().into_response();
        response.extensions_mut().insert(kind);
        response
    }
}
