//! Signing in with a passkey that names its own account: what the browser offers in the name field.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use lifecycle::case::DoorName;
use lifecycle::factor::passkey;
use lifecycle::id::{ChallengeId, Hash};
use lifecycle::prove::Proved;
use lifecycle::{AccountId, Case, Change, sign_in};
use serde::Deserialize;

use super::attempt::Nameless;
use super::prove::{is_login, signed_in};
use crate::app::{App, View};
use crate::case::ceremony::{self, Assertion};
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::{Tone, links};
use crate::store::cases;

/// POST by script: opens a case that has no account yet, and a ceremony in it. Whoever reloads the page goes on in the
/// case that the browser has, so that looking at the page again leaves nothing in the log.
pub(crate) async fn options(ctx: Ctx, State(app): State<App>, before: Result<Nameless, Error>) -> Answered {
    let ceremony = passkey::begin_discoverable(app.webauthn())?;
    if let Ok(Nameless(holder)) = before
        && let Some(case) = app.read(move |view| opened_here(view, &holder)).await?
        && case.is_collecting(app.now().plus(ceremony::TIME))
    {
        ceremony::open(&app, &case, ceremony::ANYBODY, ceremony.state).await?;
        return Ok(Json(ceremony.options).into_response());
    }
    let (decoy, state) = (app.decoy().to_owned(), ceremony.state);
    let opened = app.decide(None, &ctx.peer, move |view, env| {
        let mut decision = sign_in::begin(None, view.policy(), &decoy, env);
        let case = &decision.reply.case;
        let change = Change::OpenChallenge {
            id: ChallengeId::fresh(env),
            case: case.id.clone(),
            purpose: ceremony::ANYBODY.to_owned(),
            state: state.clone(),
            expires_at: case.expires_at,
        };
        decision.changes.push(change);
        Ok(decision)
    });
    let token = opened.await?.token.ok_or_else(|| Fault::broken("opening a sign-in without a holder"))?;
    let mut response = Json(ceremony.options).into_response();
    Nameless::keep(&mut response, &token);
    Ok(response)
}

/// The sign-in that this page opened and nobody went on with. One that was opened by naming somebody is none, whether there is
/// such an account or not: to go on in one and not in the other would tell them apart.
fn opened_here(view: &mut View<'_, '_>, holder: &Hash) -> Result<Option<Case>, Fault> {
    let Some((case, None)) = view.held(holder)? else { return Ok(None) };
    let is_here = cases::live_challenge(view.tx, &case.id, ceremony::ANYBODY, view.now)?.is_some();
    Ok((case.door == DoorName::Login && is_here).then_some(case))
}

#[derive(Deserialize)]
pub(crate) struct Fields {
    credential: String,
    #[serde(default)]
    next: String,
}

/// POST: the assertion.
pub(crate) async fn prove(
    ctx: Ctx,
    State(app): State<App>,
    Nameless(holder): Nameless,
    Posted(fields): Posted<Fields>,
) -> Answered {
    let claimed = passkey::claimed_account(app.webauthn(), &fields.credential).map(AccountId);
    let assertion = Assertion {
        holder,
        is_wanted: is_login,
        credential: fields.credential,
        purpose: ceremony::ANYBODY,
        claimed,
    };
    match ceremony::judge(&app, &ctx.peer, assertion).await?.answer {
        Ok(Proved { session: Some((_, token)), .. }) => Ok(signed_in(&app, &ctx, &token, &fields.next).await),
        Ok(_) => Ok(again("A passkey alone is not enough for this account. Enter your name to go on.")),
        Err(_) => Ok(again("That passkey did not match. Try again, or enter your name.")),
    }
}

fn again(text: &str) -> Response {
    go(links::SIGN_IN, Some((Tone::Bad, text)))
}
