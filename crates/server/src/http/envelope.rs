//! What every response wears, whatever became of its request: security headers always, and a page where there is none.
//!
//! The outermost layer. A handler that panics, one that takes too long and a database that is away before anybody knows
//! who asks all end here, outside `guard`, which owns the frame of a known person.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use super::context::Ctx;
use super::error::Error;
use super::headers::secure;
use crate::app::App;
use crate::fault::Fault;
use crate::page::problem::{Problem, ProblemKind};
use crate::page::{self, Nav};

/// Puts routes into it. No request takes longer than `patience`, however slow its sender or its database.
pub fn around(app: &App, routes: Router, patience: Duration) -> Router {
    let app = app.clone();
    let wrap = from_fn(move |request: Request, next: Next| wrapped(app.clone(), patience, request, next));
    // A panic is a bug in one request; the server goes on.
    routes.layer(CatchPanicLayer::custom(|_| panicked())).layer(wrap)
}

fn panicked() -> Response {
    // What it said is in the log already, from where it happened.
    Error::Fault(Fault::broken("answering a request").because("the handler panicked")).into_response()
}

async fn wrapped(app: App, patience: Duration, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let answered = tokio::time::timeout(patience, next.run(request)).await;
    let mut response = answered.unwrap_or_else(|_| {
        let why = format!("it took longer than {} s", patience.as_secs());
        Error::Fault(Fault::gone("answering a request").because(why)).into_response()
    });
    if let Some(kind) = response.extensions_mut().remove::<ProblemKind>() {
        let frame = Ctx::nobody(path).frame(&app, Nav::Plain);
        response = page::html(kind.status(), &Problem::new(frame, kind));
    }
    secure(response.headers_mut(), app.config().origin.starts_with("https"));
    response
}
