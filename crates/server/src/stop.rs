//! The link in a notice that says "this was not me": a page with a button, then the case is over.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use lifecycle::case::Step;
use lifecycle::id::Hash;
use lifecycle::{Account, Actor, Case, Fact, Refusal, Secret, What, approve};

use crate::app::{App, View};
use crate::case::refuse;
use crate::fault::Fault;
use crate::http::{Answered, Ctx, strangers};
use crate::page::recover::{StopCase, WayEnd};
use crate::page::{self, Nav, links};
use crate::store::cases;
use crate::wording;

/// The case that a link stops, if it is not over.
fn stoppable(view: &mut View<'_, '_>, hash: &Hash) -> Result<Option<(Case, Option<Account>)>, Fault> {
    match cases::stoppable(view.tx, hash)? {
        Some(case) if case.ended(view.now).is_none() => view.with_account(case).map(Some),
        _ => Ok(None),
    }
}

/// GET: shows a button, because whoever scans mail for links must not stop anything.
pub(crate) async fn page(ctx: Ctx, State(app): State<App>, Path(link): Path<String>) -> Answered {
    let hash = Secret::from_text(&link).hash();
    let Some((case, account)) = app.read(move |view| stoppable(view, &hash)).await? else {
        return Ok(over(&ctx, &app));
    };
    let effect = match case.next_step(app.policy(), account.as_ref(), app.now()) {
        Step::Wait(until) => Some(wording::when(until, app.now())),
        _ => None,
    };
    let name = account.map(|account| account.name).unwrap_or_default();
    let page = StopCase {
        frame: ctx.frame(&app, Nav::Plain),
        reference: case.reference,
        about: format!("let somebody set new ways to sign in for the account “{name}”"),
        opened: wording::when(case.opened_at, app.now()),
        effect,
        action: links::stop(&link),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// POST: stops it.
pub(crate) async fn stop(ctx: Ctx, State(app): State<App>, Path(link): Path<String>) -> Answered {
    let hash = Secret::from_text(&link).hash();
    let looked_for = hash.clone();
    let is_link = move |view: &mut View<'_, '_>| Ok(stoppable(view, &looked_for)?.is_some());
    if !strangers::is_heard(&app, &ctx.peer, is_link).await? {
        return Ok(over(&ctx, &app));
    }
    let stopped = app.decide(None, &ctx.peer, move |view, env| {
        if let Some((Case { account: Some(account), .. }, _)) = stoppable(view, &hash)? {
            view.lock(&account)?;
        }
        let Some((case, _)) = stoppable(view, &hash)? else {
            let fact = Fact::about(What::CaseStopped, Actor::NoticeLink, None);
            return Ok(refuse(Refusal::NotRecognised, fact));
        };
        let stopped = approve::stop(&case, &Actor::NoticeLink, env);
        Ok(stopped.map(|reply| reply.map(|()| case.reference.clone())))
    });
    let Ok(reference) = stopped.await? else {
        app.strangers().concerned_nothing(&ctx.peer, app.now());
        return Ok(over(&ctx, &app));
    };
    Ok(page::html(StatusCode::OK, &WayEnd::stopped(ctx.frame(&app, Nav::Plain), &reference)))
}

fn over(ctx: &Ctx, app: &App) -> Response {
    page::html(StatusCode::NOT_FOUND, &WayEnd::link_expired(ctx.frame(app, Nav::Plain)))
}
