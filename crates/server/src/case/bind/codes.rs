//! Making recovery codes: shown once, as the answer to the very request that made them.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use lifecycle::case::DoorName;
use lifecycle::{AuthenticatorState, What};
use serde::Deserialize;

use super::{Open, replaces};
use crate::app::App;
use crate::case::acts::kept_purpose;
use crate::case::{ceremony, decide, mine, told};
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::bind::{RecoveryCodes, Setup};
use crate::page::{self, Nav, links};
use crate::wording;

/// The page's form: a button, because reading a page makes nothing.
pub(super) fn setup(open: &Open, name: &str) -> Setup {
    let staged = AuthenticatorState::Staged(open.case.id.clone());
    let again = open.account.authenticators.iter().any(|a| a.name == name && a.state == staged);
    Setup::Codes { count: lifecycle::factor::recovery_codes::COUNT, replaces: again || replaces(open, name) }
}

/// Makes and shows them.
pub(super) async fn bind(ctx: &Ctx, app: &App, open: Open, name: String) -> Answered {
    let wanted = name.clone();
    let made = decide(app, ctx, What::AuthenticatorBound, move |view, at, env| {
        Ok(lifecycle::bind::codes(at.binding(view), &wanted, env))
    });
    let codes = match made.await? {
        Ok(codes) => codes,
        Err(refusal) => return Ok(told(Err(refusal))),
    };
    let origin = app.config().parsed_origin()?;
    let page = RecoveryCodes {
        frame: ctx.frame(app, Nav::Plain),
        reference: open.case.reference,
        name: open.account.name,
        host: origin.host_str().unwrap_or_default().to_owned(),
        codes: codes.iter().map(|code| code.expose().to_owned()).collect(),
        made: wording::when(app.now(), app.now()),
        action: links::case_bind_kept(&name),
    };
    Ok(page::html(StatusCode::OK, &page))
}

#[derive(Deserialize)]
pub(crate) struct Word {
    #[serde(default)]
    kept: String,
}

/// POST `/case/bind/{name}/kept`: the person's word, about the very set that was shown last.
pub(crate) async fn kept(
    ctx: Ctx,
    State(app): State<App>,
    Path(name): Path<String>,
    Posted(word): Posted<Word>,
) -> Answered {
    if word.kept != "yes" {
        return Err(Error::BadRequest(
            "Say that you have kept the codes: they are not shown again.".to_owned(),
        ));
    }
    let (case, Some(account)) = mine(&app, &ctx).await? else { return Err(Error::NoCase) };
    let staged = AuthenticatorState::Staged(case.id.clone());
    let codes = account.authenticators.iter().find(|a| a.name == name && a.state == staged);
    match codes {
        Some(codes) => {
            let state = codes.id.as_str().as_bytes().to_vec();
            ceremony::remember(&app, &case, &kept_purpose(&name), state, case.expires_at).await?;
        }
        // A change of factors takes effect at once: there is nothing to finish with this word.
        None if case.door == DoorName::Bind => {}
        None => return Err(Error::NotFound),
    }
    Ok(told(Ok("Your recovery codes are made.")))
}
