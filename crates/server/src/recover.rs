//! The way back in: whose account, which door, and joining a case that an agent opened.
//!
//! Owns what a stranger sees of it: a name that nobody has gets the same doors and a case like any other.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use lifecycle::{Refusal, recover};
use serde::Deserialize;

use crate::app::{App, View};
use crate::case::whose;
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error, Posted, strangers};
use crate::page::recover::{Lost, RecoverDoor, RecoverDoors, RecoverJoin, RecoverStart};
use crate::page::{self, Nav, Tone, links};
use crate::sign_in::typed;
use crate::store::cases;
use crate::store::driver::Lock;
use crate::wording;

/// GET: whose account?
pub(crate) async fn start(ctx: Ctx, State(app): State<App>) -> Response {
    let name = ctx.person.as_ref().map(|caller| caller.account.name.clone()).unwrap_or_default();
    page::html(StatusCode::OK, &RecoverStart { frame: ctx.frame(&app, Nav::Plain), name, error: None })
}

/// GET `/lost`: a device is gone. Decides nothing and asks for no name (decision 0012).
pub(crate) async fn lost(ctx: Ctx, State(app): State<App>) -> Response {
    page::html(StatusCode::OK, &Lost { frame: ctx.frame(&app, Nav::Plain) })
}

#[derive(Deserialize)]
pub(crate) struct Named {
    name: String,
}

/// POST: which way?
pub(crate) async fn doors(ctx: Ctx, State(app): State<App>, Posted(named): Posted<Named>) -> Answered {
    let name = typed(&named.name);
    if name.is_empty() || name.chars().count() > 128 {
        let error = Some("Enter the name that you sign in with.".to_owned());
        let page = RecoverStart { frame: ctx.frame(&app, Nav::Plain), name: String::new(), error };
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    offer(ctx, &app, name, None).await
}

async fn offer(ctx: Ctx, app: &App, name: String, error: Option<String>) -> Answered {
    let (asked, decoy) = (name.clone(), app.decoy().to_owned());
    let doors = app.read(move |view| {
        let account = view.named(&asked)?;
        let policy = view.policy();
        let model = policy.model();
        let ruling = account.filter(lifecycle::Account::is_present).and_then(|a| a.population(policy));
        let population = ruling.or_else(|| model.population(&decoy));
        let all = population.map(|p| model[p].recover.as_slice()).unwrap_or_default();
        let title = |recover: &policy::model::Recover| {
            population.map_or(String::new(), |p| wording::way_back(model, p, &recover.name))
        };
        let door = |recover: &policy::model::Recover| RecoverDoor {
            name: recover.name.clone(),
            title: wording::capital(&title(recover)),
            asks: wording::step::steps(model, &recover.door.require),
            wait: recover.door.wait.map(wording::span),
        };
        Ok(all.iter().map(door).collect())
    });
    let doors = doors.await?;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page::html(status, &RecoverDoors { frame: ctx.frame(app, Nav::Plain), name, doors, error }))
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    name: String,
    door: String,
}

/// POST: opens the case, which this browser holds from then on.
pub(crate) async fn open(ctx: Ctx, State(app): State<App>, Posted(chosen): Posted<Chosen>) -> Answered {
    let name = typed(&chosen.name);
    if !app.strangers().may_recover(&ctx.peer, app.now()) {
        return Err(Error::TooMany);
    }
    let (asked, decoy) = (name.clone(), app.decoy().to_owned());
    let opened = app.decide(None, &ctx.peer, move |view, env| {
        let account = view.named(&asked)?;
        Ok(recover::open(account.as_ref(), view.policy(), &chosen.door, &decoy, env))
    });
    match opened.await? {
        Ok(opened) => {
            let token = opened.token.ok_or_else(|| Fault::broken("opening a recovery without a holder"))?;
            let mut response = go(links::CASE, None);
            whose::keep(&mut response, &token, &name);
            Ok(response)
        }
        Err(Refusal::NotAtThisDoor) => {
            offer(ctx, &app, name, Some("Choose one of these ways.".to_owned())).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// GET: an agent opened a case for me.
pub(crate) async fn join_page(ctx: Ctx, State(app): State<App>) -> Response {
    let (name, reference) = (String::new(), String::new());
    page::html(
        StatusCode::OK,
        &RecoverJoin { frame: ctx.frame(&app, Nav::Plain), name, reference, error: None },
    )
}

#[derive(Deserialize)]
pub(crate) struct Joining {
    name: String,
    reference: String,
}

/// POST: takes it into this browser, once.
pub(crate) async fn join(ctx: Ctx, State(app): State<App>, Posted(joining): Posted<Joining>) -> Answered {
    let Joining { name, reference } = joining;
    let name = typed(&name);
    let (asked, wanted, looked_for) = (name.clone(), reference.clone(), reference.clone());
    let theirs = name.clone();
    let is_referred = move |view: &mut View<'_, '_>| {
        let found = cases::by_reference(view.tx, &looked_for)?;
        let Some((case, false)) = found.filter(|(case, _)| case.ended(view.now).is_none()) else {
            return Ok(false);
        };
        Ok(view.with_account(case)?.1.is_some_and(|account| account.name == theirs))
    };
    if !strangers::is_heard(&app, &ctx.peer, is_referred).await? {
        return Ok(not_joined(&ctx, &app, name, reference));
    }
    let lock = Lock::Reference(cases::as_stored(&wanted));
    let joined = app.decide_locked(vec![lock], &ctx.peer, move |view, env| {
        let found = view.referred_locked(&wanted)?;
        let (case, is_held) = match &found {
            // Both must be known: a reference overheard is worth nothing without the name, nor the name alone.
            Some((case, Some(account), is_held)) if account.name == asked => {
                (Some((case, account)), *is_held)
            }
            _ => (None, false),
        };
        Ok(recover::join(case, is_held, env))
    });
    let Ok((_, token)) = joined.await? else {
        app.strangers().concerned_nothing(&ctx.peer, app.now());
        return Ok(not_joined(&ctx, &app, name, reference));
    };
    let mut response = go(links::CASE, Some((Tone::Good, "This browser now holds your case.")));
    whose::keep(&mut response, &token, &name);
    Ok(response)
}

fn not_joined(ctx: &Ctx, app: &App, name: String, reference: String) -> Response {
    let error =
        Some("No open case has this name and reference, or another browser holds it already.".to_owned());
    let frame = ctx.frame(app, Nav::Plain);
    page::html(StatusCode::UNPROCESSABLE_ENTITY, &RecoverJoin { frame, name, reference, error })
}
