//! What every response wears, whatever became of its request: security headers always, and a page where there is none.
//!
//! Stands outermost. A handler that panics, one that takes too long and a database that is away before anybody knows
//! who asks all end here, outside `guard`, which owns the frame of a known person.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::context::Ctx;
use super::error::Error;
use super::headers::secure;
use crate::app::App;
use crate::fault::Fault;
use crate::page::problem::{Problem, ProblemKind};
use crate::page::{self, Nav};

/// Has a request answered by `inside`, and takes what comes of it. No request takes longer than `patience`, however slow its
/// sender or its database.
pub async fn around<A>(
    app: App,
    patience: Duration,
    request: Request,
    inside: impl FnOnce(Request) -> A,
) -> Response
where
    A: Future<Output = Response>,
{
    let asked = request.uri().clone();
    // A panic is a bug in one request; the server goes on. What requests share is changed in steps that cannot panic midway.
    let answer = AssertUnwindSafe(async { inside(request).await }).catch_unwind();
    let mut response = match tokio::time::timeout(patience, answer).await {
        Ok(Ok(response)) => response,
        // What it said is in the log already, from where it happened.
        Ok(Err(_)) => broken(Fault::broken("answering a request").because("the handler panicked")),
        Err(_) => {
            let why = format!("it took longer than {} s", patience.as_secs());
            broken(Fault::gone("answering a request").because(why))
        }
    };
    if let Some(kind) = response.extensions_mut().remove::<ProblemKind>() {
        let frame = Ctx::nobody(asked.path().to_owned()).frame(&app, Nav::Plain);
        response = page::html(kind.status(), &Problem::new(frame, kind));
    }
    secure(response.headers_mut(), app.config().origin.starts_with("https"));
    response
}

fn broken(fault: Fault) -> Response {
    Error::Fault(fault).into_response()
}
