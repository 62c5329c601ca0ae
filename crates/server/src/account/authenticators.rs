//! Renaming and removing what one signs in with.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use lifecycle::case::{DoorName, Opened, Settled};
use lifecycle::id::AuthenticatorId;
use lifecycle::{Answer, Authenticator, AuthenticatorState, Decision, Refusal, What, bind, finish};
use policy::Policy;
use serde::Deserialize;

use super::cases::{held, sign_in_first};
use super::{decide, then, told};
use crate::app::App;
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::account::Confirm;
use crate::page::bind::Rename;
use crate::page::{self, Link, Nav, Tone, links};
use crate::wording;

/// One of the person's own, recovery codes and what is only staged apart.
pub(super) fn own(ctx: &Ctx, id: &str) -> Result<Authenticator, Error> {
    let caller = ctx.caller()?;
    let found = caller.account.authenticators.iter().find(|a| a.id.as_str() == id);
    let found = found.filter(|a| !matches!(a.state, AuthenticatorState::Staged(_)));
    found.cloned().ok_or(Error::NotFound)
}

/// GET `/account/authenticators/{id}/rename`.
pub(crate) async fn rename_page(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let authenticator = own(&ctx, &id)?;
    Ok(rename_form(&ctx, &app, &authenticator, authenticator.label.clone(), None))
}

fn rename_form(
    ctx: &Ctx,
    app: &App,
    authenticator: &Authenticator,
    label: String,
    error: Option<String>,
) -> Response {
    let status = if error.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Rename {
        frame: ctx.frame(app, Nav::Account),
        kind: wording::authenticator_named(app.policy().model(), &authenticator.name),
        label,
        action: links::authenticator_rename(authenticator.id.as_str()),
        error,
    };
    page::html(status, &page)
}

#[derive(Deserialize)]
pub(crate) struct Label {
    label: String,
}

/// POST.
pub(crate) async fn rename(
    ctx: Ctx,
    State(app): State<App>,
    Path(id): Path<String>,
    Posted(Label { label }): Posted<Label>,
) -> Answered {
    let authenticator = own(&ctx, &id)?;
    let wanted = label.clone();
    let renamed = decide(&app, &ctx, What::AuthenticatorRenamed, move |_, caller, _| {
        Ok(bind::rename(caller, &AuthenticatorId(id.clone()), &wanted))
    });
    Ok(match renamed.await? {
        Err(Refusal::NotAcceptable(why)) => rename_form(&ctx, &app, &authenticator, label, Some(why)),
        outcome => told(outcome.map(|()| "It has its new name.")),
    })
}

/// GET `/account/authenticators/{id}/remove`.
pub(crate) async fn remove_page(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let authenticator = own(&ctx, &id)?;
    let title = crate::case::titled(app.policy().model(), &authenticator);
    let page = Confirm {
        frame: ctx.frame(&app, Nav::Account),
        title: format!("Remove {title}?"),
        consequences: vec![
            "It stops working at once, and its secret is destroyed.".to_owned(),
            "Your other ways to sign in stay as they are.".to_owned(),
        ],
        action: links::authenticator_remove(&id),
        button: "Remove it".to_owned(),
        back: Link::new(links::ACCOUNT, "Keep it"),
        typed: None,
        reason: false,
        error: None,
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// What removing led to.
enum Removed {
    Done,
    /// The door asks for more than a session: its case is open now.
    AskedFirst(Box<Opened>),
}

/// POST: through the bind door, which this browser holds open already or which opens for it.
pub(crate) async fn remove(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    own(&ctx, &id)?;
    let back = links::authenticator_remove(&id);
    let (holder, id) = (ctx.holder.clone(), AuthenticatorId(id));
    let removed = decide(&app, &ctx, What::AuthenticatorRemoved, move |view, caller, env| {
        let (account, session) = (&caller.account, Some(&caller.session));
        let found = match &holder {
            Some(holder) => view.held(holder)?,
            None => None,
        };
        let policy: &Policy = &view.running.policy;
        let open = found.map(|(case, _)| case).filter(|case| {
            case.door == DoorName::Bind && case.account.as_ref() == Some(&account.id) && case.is_open(env.now)
        });
        if let Some(case) = open {
            let at = bind::At { case: &case, account, session, policy };
            return Ok(bind::remove(at, &id, env).map(|reply| reply.map(|()| Removed::Done)));
        }
        Ok(open_and_remove(caller, policy, &id, env))
    });
    match removed.await? {
        Ok(Removed::Done) => Ok(told(Ok("It is removed."))),
        Ok(Removed::AskedFirst(opened)) => {
            let text = "Show what is asked here first; then remove it on your account page.";
            held(&ctx, *opened, links::CASE, Some((Tone::Plain, text)))
        }
        Err(refusal) => Ok(sign_in_first(&back, refusal)),
    }
}

/// Opens the door, removes, and closes it again: one decision.
fn open_and_remove(
    caller: &lifecycle::Caller,
    policy: &Policy,
    id: &AuthenticatorId,
    env: &mut lifecycle::Env<'_>,
) -> Answer<Removed> {
    let Decision { reply, changes, facts } = bind::open(caller, policy, env);
    let (opened, settled) = match reply {
        Ok(opened) => opened,
        Err(refusal) => return Decision { reply: Err(refusal), changes, facts },
    };
    if !matches!(settled, Settled::Open(_)) {
        return Decision { reply: Ok(Removed::AskedFirst(Box::new(opened))), changes, facts };
    }
    let case = opened.case;
    let at = bind::At { case: &case, account: &caller.account, session: Some(&caller.session), policy };
    let opening = Decision { reply: (), changes, facts };
    let removing = bind::remove(at, id, env);
    if removing.reply.is_err() {
        return removing.map(|reply| reply.map(|()| Removed::Done));
    }
    let closing = finish::change(&case, &caller.account, env);
    then(then(opening, removing), closing).map(|reply| reply.map(|()| Removed::Done))
}
