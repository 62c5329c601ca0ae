//! POST `/sign-in/prove/{authenticator}`: one proof in the sign-in under way, and what follows from it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use lifecycle::prove::Proved;
use lifecycle::{Refusal, Secret};

use super::attempt::{Attempt, forget};
use super::local;
use crate::account::decide;
use crate::app::App;
use crate::case::ceremony;
use crate::case::prove::{Fields, NO_MATCH, Shown, show};
use crate::http::context::{go, with_cookie};
use crate::http::{Answered, Ctx, Posted, cookie};
use crate::page::sign_in::SignInLater;
use crate::page::{self, Nav, Tone, links};
use crate::wording;

/// POST.
pub(crate) async fn prove(
    ctx: Ctx,
    State(app): State<App>,
    attempt: Attempt,
    Path(authenticator): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Answered {
    let Shown { case, answer } =
        show(&app, &ctx.peer, &attempt.holder, is_login, &authenticator, fields).await?;
    match answer {
        Ok(Proved { session: Some((_, token)), .. }) => {
            Ok(signed_in(&app, &ctx, &token, &attempt.next).await)
        }
        Ok(_) => Ok(go(links::SIGN_IN_CASE, None)),
        Err(refusal) => {
            let knows_something = !case.evidence.is_empty();
            Ok(refused(&app, &ctx, &attempt, &authenticator, knows_something, &refusal))
        }
    }
}

/// POST by script: request options for the account's passkeys and keys.
pub(crate) async fn options(State(app): State<App>, attempt: Attempt) -> Answered {
    ceremony::request_options(&app, &attempt.holder, is_login, &attempt.name).await
}

pub(super) fn is_login(case: &lifecycle::Case) -> bool {
    case.door == lifecycle::DoorName::Login
}

/// A new session, with a new secret.
pub(super) async fn signed_in(app: &App, ctx: &Ctx, token: &Secret, next: &str) -> Response {
    // The session that this browser had before would live on unseen.
    if ctx.person.is_some() {
        let ended = decide(app, ctx, lifecycle::What::SessionEnded, |_, caller, env| {
            Ok(lifecycle::session::end(caller, &caller.session, env))
        });
        if let Err(error) = ended.await {
            tracing::warn!(?error, "ending the session that a new sign-in replaces");
        }
    }
    let mut response = go(local(next), None);
    with_cookie(&mut response, cookie::set(cookie::SESSION, token.expose()));
    forget(&mut response);
    response
}

fn refused(
    app: &App,
    ctx: &Ctx,
    attempt: &Attempt,
    tried: &str,
    knows_something: bool,
    refusal: &Refusal,
) -> Response {
    let back = |text: &str| go(&links::sign_in_tried(tried), Some((Tone::Bad, text)));
    let later = |again| {
        let frame = ctx.frame(app, Nav::Plain);
        page::html(StatusCode::TOO_MANY_REQUESTS, &SignInLater { frame, name: attempt.name.clone(), again })
    };
    match refusal {
        Refusal::Throttled(until) if knows_something => later(Some(wording::when(*until, app.now()))),
        Refusal::Disabled if knows_something => later(None),
        Refusal::CaseNotOpen => {
            let mut response = go(links::SIGN_IN, Some((Tone::Plain, "That took too long. Start again.")));
            forget(&mut response);
            response
        }
        Refusal::NotRecognised => back(NO_MATCH),
        // Why something cannot be shown here would tell a stranger whether somebody has the name.
        _ if !knows_something => back(NO_MATCH),
        other => back(&other.to_string()),
    }
}
