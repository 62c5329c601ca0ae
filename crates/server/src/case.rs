//! The case that this browser holds: one page for enrolling, changing and recovering, at whatever stage.
//!
//! Owns reading the case for its pages and handing its holder's acts to `lifecycle`. Every page returns to the one
//! dispatcher, `Case::next_step`; none decides what comes next.

pub(crate) mod acts;
pub(crate) mod bind;
mod binding;
pub(crate) mod ceremony;
mod collect;
pub(crate) mod nobody;
pub(crate) mod prove;
mod stage;
pub(crate) mod whose;

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use lifecycle::case::{Case, DoorName};
use lifecycle::id::Hash;
use lifecycle::session::Caller;
use lifecycle::{Account, Actor, Answer, Decision, Env, Fact, Refusal, Session, What};

use crate::app::{App, Peer, View};
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error, strangers};
use crate::page::ask::{Tried, blame};
use crate::page::case::{CasePage, Stage};
use crate::page::{self, Nav, Tone, links};
pub(crate) use binding::titled;
use whose::Whose;

/// GET `/case`.
pub(crate) async fn page(
    ctx: Ctx,
    State(app): State<App>,
    Whose(typed): Whose,
    Query(Tried { tried }): Query<Tried>,
) -> Answered {
    let holder = ctx.holder()?;
    let caller = ctx.person.clone();
    let agents = app.agent_groups();
    let seen = app.read(move |view| {
        let Some((case, account)) = held(view, &holder, caller.as_ref())? else { return Ok(None) };
        let person = stage::Reader { case: &case, account: account.as_ref(), typed: &typed, agents: &agents };
        let session = caller.as_ref().map(|caller| &caller.session);
        Ok(Some((stage::facts(view, person), stage::stage(view, person, session)?)))
    });
    let Some((facts, mut stage)) = seen.await? else { return Ok(nothing_held(&ctx)) };
    let is_over = matches!(stage, Stage::Done(_) | Stage::Closed(_));
    let mut frame = ctx.frame(&app, Nav::Plain);
    blame(stage.asks(), &links::case_prove(&tried), &mut frame);
    let page = CasePage { frame, case: facts, stage };
    let mut response = page::html(StatusCode::OK, &page);
    if is_over {
        whose::forget(&mut response);
    }
    Ok(response)
}

/// The case of this holder, for its pages: never a sign-in, which has pages of its own; and a change of factors only
/// for the person whose session opened it.
fn held(
    view: &mut View<'_, '_>,
    holder: &Hash,
    caller: Option<&Arc<Caller>>,
) -> Result<Option<(Case, Option<Account>)>, Fault> {
    let found = view.held(holder)?;
    Ok(found.filter(|(case, _)| match case.door {
        DoorName::Login => false,
        DoorName::Bind => caller.map(|caller| &caller.account.id) == case.account.as_ref(),
        DoorName::Enrol | DoorName::Recover(_) => true,
    }))
}

/// The same for acts of its holder.
async fn mine(app: &App, ctx: &Ctx) -> Result<(Case, Option<Account>), Error> {
    let (holder, caller) = (ctx.holder()?, ctx.person.clone());
    app.read(move |view| held(view, &holder, caller.as_ref())).await?.ok_or(Error::NoCase)
}

fn nothing_held(ctx: &Ctx) -> axum::response::Response {
    let to = if ctx.person.is_some() { links::ACCOUNT } else { links::SIGN_IN };
    let mut response = Redirect::to(to).into_response();
    whose::forget(&mut response);
    response
}

/// The case, its account and the person's session as they are inside a decision.
struct At<'a> {
    case: &'a Case,
    account: &'a Account,
    session: Option<&'a Session>,
}

impl At<'_> {
    /// A fact of the case, by whoever holds it.
    fn fact(&self, what: What) -> Fact {
        Fact::of_case(what, Actor::Holder, self.case)
    }

    /// As `lifecycle::bind` takes it.
    fn binding<'b>(&'b self, view: &'b View<'_, '_>) -> lifecycle::bind::At<'b> {
        let At { case, account, session } = *self;
        lifecycle::bind::At { case, account, session, policy: view.policy() }
    }
}

/// Decides about the case that this browser holds, from what is true inside the transaction. `what` is recorded
/// where there is no such case any more.
async fn decide<T, F>(app: &App, ctx: &Ctx, what: What, mut f: F) -> Result<Result<T, Refusal>, Error>
where
    T: Send + 'static,
    F: FnMut(&mut View<'_, '_>, &At<'_>, &mut Env<'_>) -> Result<Answer<T>, Fault> + Send + 'static,
{
    let holder = ctx.holder()?;
    may_be_recorded(app, &ctx.peer, &holder).await?;
    let (caller, console, refused) = (ctx.person.clone(), app.config().console.clone(), holder.clone());
    let locked = holder.clone();
    let answer = app.decide_held(&locked, &ctx.peer, move |view, env| {
        let found = view.held_locked(&holder)?;
        let Some((case, Some(account))) = found.filter(|(case, _)| case.door != DoorName::Login) else {
            return Ok(refuse(Refusal::CaseNotOpen, Fact::about(what, Actor::Holder, None)));
        };
        let now = match &caller {
            Some(caller) => view.caller_again(caller, &console)?,
            None => None,
        };
        let session = now.map(|caller| caller.session).filter(|session| session.account == account.id);
        if case.door == DoorName::Bind && session.is_none() {
            return Ok(refuse(Refusal::NotAuthorized, Fact::of_case(what, Actor::Holder, &case)));
        }
        f(view, &At { case: &case, account: &account, session: session.as_ref() }, env)
    });
    let answer = answer.await?;
    if let Err(refusal) = &answer {
        app.strangers().weighed(&refused, app.now());
        // There may be no such case, or it is over.
        if *refusal == Refusal::CaseNotOpen {
            app.strangers().concerned_nothing(&ctx.peer, app.now());
        }
    }
    Ok(answer)
}

/// Is there such a case, or were there few enough that do not exist? And was it not refused too often? Both are asked before
/// anything is decided, and alike for every name.
async fn may_be_recorded(app: &App, peer: &Peer, holder: &Hash) -> Result<(), Error> {
    if !app.strangers().may_try(holder, app.now()) {
        return Err(Error::TooMany);
    }
    let held = holder.clone();
    let is_heard = strangers::is_heard(app, peer, move |view| Ok(view.held(&held)?.is_some())).await?;
    if is_heard { Ok(()) } else { Err(Error::NoCase) }
}

/// A refusal of our own, recorded like any other.
pub(crate) fn refuse<T>(refusal: Refusal, fact: Fact) -> Answer<T> {
    let fact = fact.refused(&refusal);
    Decision::only(Err(refusal), fact)
}

/// Back to the case with what came of an act.
fn told(outcome: Result<&str, Refusal>) -> axum::response::Response {
    match outcome {
        Ok(text) => go(links::CASE, Some((Tone::Good, text))),
        Err(refusal) => go(links::CASE, Some((Tone::Bad, &refusal.to_string()))),
    }
}
