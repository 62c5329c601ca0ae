//! Opening the bind door from the account, and stopping what is under way for it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use lifecycle::case::{Case, Opened, Settled};
use lifecycle::id::Hash;
use lifecycle::session::Caller;
use lifecycle::{Refusal, What, approve, bind};
use serde::Deserialize;

use super::{about, decide, told};
use crate::app::{App, View};
use crate::case::{refuse, whose};
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::account::Confirm;
use crate::page::{self, Link, Nav, Tone, links};
use crate::sign_in::again;
use crate::store::cases;
use crate::wording;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    /// The policy name of what is to be bound, to go there at once.
    #[serde(default)]
    what: String,
}

/// POST `/account/bind`: opens the bind door, or goes on with the change that this browser holds.
pub(crate) async fn open(ctx: Ctx, State(app): State<App>, Posted(wanted): Posted<Wanted>) -> Answered {
    let to = |is_open: bool| match wanted.what.as_str() {
        what if is_open && !what.is_empty() => links::case_bind(what),
        _ => links::CASE.to_owned(),
    };
    let (holder, caller) = (ctx.holder.clone(), ctx.caller()?);
    if let Some(case) = app.read(move |view| under_way(view, holder.as_ref(), &caller)).await? {
        return Ok(go(&to(case.is_open(app.now())), None));
    }
    let opened =
        decide(&app, &ctx, What::CaseOpened, |view, caller, env| Ok(bind::open(caller, view.policy(), env)));
    match opened.await? {
        Ok((opened, settled)) => held(&ctx, opened, &to(matches!(settled, Settled::Open(_))), None),
        Err(refusal) => Ok(sign_in_first(links::ACCOUNT, refusal)),
    }
}

/// The change of this person's own that their browser holds and that is not over.
pub(super) fn under_way(
    view: &mut View<'_, '_>,
    holder: Option<&Hash>,
    caller: &Caller,
) -> Result<Option<Case>, Fault> {
    let Some(holder) = holder else { return Ok(None) };
    let found = view.held(holder)?.map(|(case, _)| case);
    Ok(found.filter(|case| bind::goes_on(case, caller, view.now)))
}

/// A case that the door opened, given to this browser.
pub(super) fn held(ctx: &Ctx, opened: Opened, to: &str, flash: Option<(Tone, &str)>) -> Answered {
    let token = opened.token.ok_or_else(|| Fault::broken("opening a change without a holder"))?;
    let mut response = go(to, flash);
    whose::keep(&mut response, &token, &ctx.caller()?.account.name);
    Ok(response)
}

/// Where the door wants a stronger or a fresher session: to sign in, and back to `next`.
pub(super) fn sign_in_first(next: &str, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Stale { .. } | Refusal::TooWeak { .. } => {
            go(&again(next), Some((Tone::Plain, &refusal.to_string())))
        }
        other => told(Err(other)),
    }
}

/// GET `/account/cases/{reference}/stop`.
pub(crate) async fn stop_page(ctx: Ctx, State(app): State<App>, Path(reference): Path<String>) -> Answered {
    let caller = ctx.caller()?;
    let wanted = reference.clone();
    let found = app.read(move |view| cases::by_reference(view.tx, &wanted)).await?;
    let own = found
        .map(|(case, _)| case)
        .filter(|case| case.account.as_ref() == Some(&caller.account.id) && case.ended(app.now()).is_none());
    let case = own.ok_or(Error::NotFound)?;
    let what = wording::own_case(app.policy().model(), &case);
    let page = Confirm {
        frame: ctx.frame(&app, Nav::Account),
        title: format!("Stop “{what}”?"),
        consequences: vec![
            "Whatever was shown or set up in it is worth nothing any more.".to_owned(),
            "Your account stays as it is.".to_owned(),
        ],
        action: links::account_stop_case(&reference),
        button: "Stop it".to_owned(),
        back: Link::new(links::ACCOUNT, "Leave it open"),
        typed: None,
        reason: false,
        error: None,
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// POST: the owner stops a case.
pub(crate) async fn stop(ctx: Ctx, State(app): State<App>, Path(reference): Path<String>) -> Answered {
    let stopped = decide(&app, &ctx, What::CaseStopped, move |view, caller, env| {
        let found = cases::by_reference(view.tx, &reference)?;
        let own = found.map(|(case, _)| case).filter(|c| c.account.as_ref() == Some(&caller.account.id));
        let refused = || refuse(Refusal::NotRecognised, about(What::CaseStopped, caller));
        Ok(own.map_or_else(refused, |case| approve::stop(&case, &caller.actor(), env)))
    });
    match stopped.await? {
        Err(Refusal::NotRecognised) => Err(Error::NotFound),
        outcome => Ok(told(outcome.map(|()| "The case is stopped. Nothing has changed."))),
    }
}
