//! What is done to a member from the console: inviting, opening a recovery case, off-boarding.
//!
//! The agent never sees a secret: the invitation's link is in the notice to the member's own channel only, and a
//! recovery case is opened for nobody until the member takes it up in their own browser.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use lifecycle::enrol::Authority;
use lifecycle::id::AccountId;
use lifecycle::session::Caller;
use lifecycle::{Account, Answer, Env, Refusal, What, enrol, offboard, recover};
use policy::Policy;
use serde::Deserialize;

use super::decide::some_reason;
use super::member::invited_at;
use super::{decide, look, refused, told};
use crate::app::App;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::account::Confirm;
use crate::page::console::InvitationCreated;
use crate::page::{Link, Tone, html, links};
use crate::store::cases;
use crate::store::driver::Lock;
use crate::wording;

/// Decides about the member of this id. `Error::NotFound` if there is none.
pub(super) async fn about<T, F>(
    app: &App,
    ctx: &Ctx,
    what: What,
    id: &str,
    mut f: F,
) -> Result<Result<T, Refusal>, Error>
where
    T: Send + 'static,
    F: FnMut(&Account, &Caller, &Policy, &mut Env<'_>) -> Answer<T> + Send + 'static,
{
    let id = AccountId(id.to_owned());
    let lock = Lock::from(&id);
    let outcome = decide(app, ctx, what, Some(lock), move |view, caller, env| {
        Ok(match view.account(id.as_str())? {
            Some(account) => f(&account, caller, view.policy(), env),
            None => refused(Refusal::NotRecognised, what, caller),
        })
    });
    match outcome.await? {
        Err(Refusal::NotRecognised) => Err(Error::NotFound),
        outcome => Ok(outcome),
    }
}

/// POST: invites. The secret is dropped here: only the notice has it.
pub(crate) async fn invite(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let outcome = about(&app, &ctx, What::TicketIssued, &id, |account, caller, policy, env| {
        enrol::invite(account, Authority::Person(caller), policy, env).map(|answer| answer.map(drop))
    });
    Ok(match outcome.await? {
        Ok(()) => go(&links::console_invite(&id), None),
        Err(refusal) => told(&links::console_member(&id), Err(refusal)),
    })
}

/// GET: where the open invitation went and how long it works.
pub(crate) async fn invited(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let page = look(&app, &ctx, move |view, _, frame| {
        let Some(account) = view.account(&id)? else { return Ok(None) };
        let ticket = cases::open_ticket(view.tx, &account.id, view.now)?;
        Ok(ticket.map(|ticket| InvitationCreated {
            frame,
            to: invited_at(&account, ticket.channel.as_deref()),
            expires: wording::when(ticket.expires_at, view.now),
            id: account.id.0,
            name: account.display_name,
        }))
    });
    Ok(html(StatusCode::OK, &page.await?.ok_or(Error::NotFound)?))
}

/// POST: takes the open invitation back.
pub(crate) async fn revoke(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let outcome = about(&app, &ctx, What::TicketRevoked, &id, |account, caller, _, env| {
        enrol::revoke_tickets(account, Authority::Person(caller), env)
    });
    let done = outcome.await?.map(|()| "The invitation is taken back: its link opens nothing any more.");
    Ok(told(&links::console_member(&id), done))
}

/// Which recover door, and why.
#[derive(Deserialize)]
pub(crate) struct Recovery {
    door: String,
    reason: String,
}

/// POST: opens a recovery case for the member, who joins it by its reference.
pub(crate) async fn recovery(
    ctx: Ctx,
    State(app): State<App>,
    Path(id): Path<String>,
    Posted(form): Posted<Recovery>,
) -> Answered {
    let reason = some_reason(&form.reason)?;
    let outcome = about(&app, &ctx, What::CaseOpened, &id, move |account, caller, policy, env| {
        recover::open_for(account, Authority::Person(caller), policy, &form.door, &reason, env)
            .map(|answer| answer.map(|case| (case.reference, account.name.clone())))
    });
    Ok(match outcome.await? {
        Ok((reference, name)) => {
            let tell = format!(
                "Tell the member the reference {reference}. They enter it with their name, {name}, at {}{}.",
                app.config().origin.trim_end_matches('/'),
                links::RECOVER_JOIN
            );
            go(&links::console_case(&reference), Some((Tone::Good, &tell)))
        }
        Err(refusal) => told(&links::console_member(&id), Err(refusal)),
    })
}

/// GET: asks before off-boarding.
pub(crate) async fn leaving(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    if ctx.caller()?.account.id.as_str() == id {
        return Ok(told(&links::console_member(&id), Err(Refusal::SamePerson)));
    }
    ask(&app, &ctx, id, None).await
}

async fn ask(app: &App, ctx: &Ctx, id: String, error: Option<String>) -> Answered {
    let status = if error.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let page = look(app, ctx, move |view, _, frame| {
        let Some(account) = view.account(&id)?.filter(Account::is_present) else { return Ok(None) };
        Ok(Some(Confirm {
            frame,
            title: format!("Off-board {}", account.display_name),
            consequences: vec![
                "Every session ends at once.".to_owned(),
                "Every authenticator, recovery code and invitation is destroyed.".to_owned(),
                "Every open case of the account is closed, and no new one opens.".to_owned(),
                "This cannot be taken back: who returns is added anew.".to_owned(),
            ],
            action: links::console_offboard(&id),
            button: format!("Off-board {}", account.display_name),
            back: Link::new(links::console_member(&id), "Cancel"),
            typed: Some(account.name),
            reason: true,
            error,
        }))
    });
    Ok(html(status, &page.await?.ok_or(Error::NotFound)?))
}

/// The member's name typed once more, and why.
#[derive(Deserialize)]
pub(crate) struct Leaving {
    typed: String,
    reason: String,
}

/// POST: off-boards.
pub(crate) async fn leave(
    ctx: Ctx,
    State(app): State<App>,
    Path(id): Path<String>,
    Posted(form): Posted<Leaving>,
) -> Answered {
    let read = id.clone();
    let account = app.read(move |view| view.account(&read)).await?.ok_or(Error::NotFound)?;
    if form.typed.trim().to_lowercase() != account.name {
        let error = format!("Nothing was done: type {} to confirm.", account.name);
        return ask(&app, &ctx, id, Some(error)).await;
    }
    let reason = some_reason(&form.reason)?;
    let outcome = about(&app, &ctx, What::MemberOffboarded, &id, move |account, caller, _, env| {
        offboard::offboard(account, Authority::Person(caller), &reason, env)
    });
    let done = outcome.await?.map(|()| "Off-boarded: nothing opens this account any more.");
    Ok(told(&links::console_member(&id), done))
}
