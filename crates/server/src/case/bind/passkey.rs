//! Adding a passkey or a security key: creation options, and what the authenticator answers.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use lifecycle::factor::passkey;
use lifecycle::{Refusal, What};
use policy::FactorKind;

use super::{Open, Target, open, target};
use crate::app::App;
use crate::case::{ceremony, decide, refuse, told};
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error};
use crate::page::{Tone, links};
use crate::store::cases;
use crate::wording;

fn purpose(name: &str) -> String {
    format!("bind:{name}")
}

/// What the person will most likely call it.
pub(super) fn label(ctx: &Ctx) -> String {
    wording::device(&ctx.peer.agent)
}

/// POST by script `/case/bind/{name}/options`.
pub(crate) async fn options(ctx: Ctx, State(app): State<App>, Path(name): Path<String>) -> Answered {
    let Target::Authenticator(kind @ (FactorKind::Passkey | FactorKind::SecurityKey)) =
        target(app.policy().model(), &name)?
    else {
        return Err(Error::NotFound);
    };
    let Ok(open) = open(&app, &ctx, &name).await? else { return Err(Error::Forbidden) };
    let ceremony = passkey::begin_binding(app.webauthn(), &open.account, kind)?;
    ceremony::open(&app, &open.case, &purpose(&name), ceremony.state).await?;
    Ok(Json(ceremony.options).into_response())
}

/// What the browser sent.
pub(super) struct Answer {
    pub(super) kind: FactorKind,
    pub(super) credential: String,
    pub(super) label: String,
}

/// Verifies the new credential and binds it. The ceremony is spent whatever comes of it.
pub(super) async fn bind(ctx: &Ctx, app: &App, open: &Open, name: String, answer: Answer) -> Answered {
    let Answer { kind, credential, label } = answer;
    let page = links::case_bind(&name);
    let (case, wanted) = (open.case.id.clone(), purpose(&name));
    let found = app.read(move |view| cases::challenge(view.tx, view.keys, &case, &wanted, view.now)).await?;
    let Some(challenge) = found else {
        return Ok(go(&page, Some((Tone::Bad, "That took too long. Try again."))));
    };
    let (own, id) = (app.clone(), challenge.id);
    let verified = tokio::task::spawn_blocking(move || {
        passkey::finish_binding(own.webauthn(), &challenge.state, &credential, kind)
    });
    let verified = verified.await.map_err(|error| Fault::broken("verifying a passkey").because(error))?;
    let stored = match verified {
        Ok(stored) => stored,
        Err(refusal) => {
            let now = app.now();
            app.upkeep(move |view| cases::spend_challenge(view.tx, &id, now)).await?;
            return Ok(go(&page, Some((Tone::Bad, &refusal.to_string()))));
        }
    };
    let bound = decide(app, ctx, What::AuthenticatorBound, move |view, at, env| {
        let live = cases::challenge(view.tx, view.keys, &at.case.id, &purpose(&name), env.now)?;
        if live.is_none_or(|live| live.id != id) {
            return Ok(refuse(Refusal::NotRecognised, at.fact(What::AuthenticatorBound)));
        }
        Ok(lifecycle::bind::passkey(at.binding(view), &name, &label, stored.clone(), &id, env))
    });
    let text = if kind == FactorKind::SecurityKey { "Your key is added." } else { "Your passkey is added." };
    Ok(told(bound.await?.map(|_| text)))
}
