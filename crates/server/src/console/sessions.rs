//! Ending a member's sessions from the console: one, or all of them. GET asks for a reason, POST ends.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use lifecycle::enrol::Authority;
use lifecycle::{Account, Refusal, What, session};
use serde::Deserialize;

use super::decide::some_reason;
use super::{decide, look, refused, told};
use crate::app::App;
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::account::Confirm;
use crate::page::{Link, html, links};
use crate::store::driver::Lock;
use crate::store::sessions;
use crate::wording;

/// GET `/console/members/{id}/sessions/end`.
pub(crate) async fn ask_all(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    ask(&app, &ctx, id, None).await
}

/// GET `/console/members/{id}/sessions/{session}/end`.
pub(crate) async fn ask_one(
    ctx: Ctx,
    State(app): State<App>,
    Path((id, session)): Path<(String, String)>,
) -> Answered {
    ask(&app, &ctx, id, Some(session)).await
}

async fn ask(app: &App, ctx: &Ctx, id: String, which: Option<String>) -> Answered {
    let page = look(app, ctx, move |view, _, frame| {
        let Some(account) = view.account(&id)?.filter(Account::is_present) else { return Ok(None) };
        let name = &account.display_name;
        let (title, effect, action) = match which {
            None => (
                format!("Sign {name} out everywhere"),
                "Every session of this account ends at once, on every device.".to_owned(),
                links::console_end_sessions(&id),
            ),
            Some(which) => {
                let live = sessions::load(view.tx, &which, view.now)?;
                let Some(session) = live.filter(|session| session.account == account.id) else {
                    return Ok(None);
                };
                let device = wording::device(&session.agent);
                (
                    format!("End a session of {name}"),
                    format!("The session on {device}, from {}, ends at once.", session.peer),
                    links::console_end_session(&id, &which),
                )
            }
        };
        Ok(Some(Confirm {
            frame,
            title,
            consequences: vec![
                effect,
                "The member is told, and may sign in again with what they have.".to_owned(),
            ],
            action,
            button: "End now".to_owned(),
            back: Link::new(links::console_member(&id), "Cancel"),
            typed: None,
            reason: true,
            error: None,
        }))
    });
    Ok(html(StatusCode::OK, &page.await?.ok_or(Error::NotFound)?))
}

/// Why.
#[derive(Deserialize)]
pub(crate) struct Why {
    reason: String,
}

/// POST: ends all.
pub(crate) async fn end_all(
    ctx: Ctx,
    State(app): State<App>,
    Path(id): Path<String>,
    Posted(why): Posted<Why>,
) -> Answered {
    end(&app, &ctx, id, None, &why.reason).await
}

/// POST: ends one.
pub(crate) async fn end_one(
    ctx: Ctx,
    State(app): State<App>,
    Path((id, session)): Path<(String, String)>,
    Posted(why): Posted<Why>,
) -> Answered {
    end(&app, &ctx, id, Some(session), &why.reason).await
}

async fn end(app: &App, ctx: &Ctx, id: String, which: Option<String>, reason: &str) -> Answered {
    let reason = some_reason(reason)?;
    let done = match which {
        Some(_) => "The session is ended.",
        None => "Every session of this account is ended.",
    };
    let (back, lock) = (links::console_member(&id), Lock::Account(id.clone()));
    let outcome = decide(app, ctx, What::SessionEnded, Some(lock), move |view, caller, env| {
        let gone = || refused(Refusal::NotRecognised, What::SessionEnded, caller);
        let Some(account) = view.account(&id)? else { return Ok(gone()) };
        let live = match &which {
            Some(which) => match sessions::load(view.tx, which, env.now)? {
                Some(session) => Some(session),
                // It ended meanwhile.
                None => return Ok(gone()),
            },
            None => None,
        };
        let authority = Authority::Person(caller);
        Ok(session::end_of(&account, live.as_ref(), authority, view.policy(), &reason, env))
    });
    match outcome.await? {
        Err(Refusal::NotRecognised) => Err(Error::NotFound),
        outcome => Ok(told(&back, outcome.map(|()| done))),
    }
}
