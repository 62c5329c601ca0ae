//! Demo mode only: the way in for each role, and the mail that would have been sent.
//!
//! The pages show what would otherwise reach one person alone, so their routes exist in demo mode only.

use axum::extract::State;
use axum::http::StatusCode;
use lifecycle::Secret;
use policy::model::ChannelKind;
use serde::Deserialize;

use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::{Answered, Ctx};
use crate::page::demo::{DemoLanding, DemoMail, DemoMessage, DemoRole};
use crate::page::{Nav, html, links};
use crate::store::notices::{self, Stored, Which};
use crate::store::{cases, keys};
use crate::wording;

/// How many messages of each state are shown.
const SHOWN: i64 = 100;

/// What the demo command left: one invitation per person.
#[derive(Deserialize)]
struct Invitation {
    role: String,
    name: String,
    link: String,
}

/// GET `/demo`.
pub(crate) async fn landing(ctx: Ctx, State(app): State<App>) -> Answered {
    let roles = app.read(|view| {
        let left = keys::setting(view.tx, "demo_links")?.unwrap_or_else(|| "[]".to_owned());
        let invitations: Vec<Invitation> = serde_json::from_str(&left)
            .map_err(|error| Fault::broken("reading the demo's links").because(error))?;
        invitations.into_iter().map(|invitation| role(view, invitation)).collect::<Result<Vec<_>, _>>()
    });
    let page = DemoLanding {
        roles: roles.await?,
        tour: [
            "Open the administrator's invitation and add a passkey or security key. Then admit the help desk.",
            "Open a staff invitation. It stops and waits: the invitation alone is worth no more than a mailbox.",
            "Approve it as the manager and as the help desk, with the check code that the newcomer reads out.",
            "Open somebody's page in the console: the chain of that very account, and the weakest way in.",
            "Lose the phone: recover an account, and read in the mailbox what its owner is told.",
            "Off-board somebody, and see their session end at the next click.",
        ]
        .map(str::to_owned)
        .to_vec(),
        frame: ctx.frame(&app, Nav::Plain),
    };
    Ok(html(StatusCode::OK, &page))
}

fn role(view: &mut View<'_, '_>, invitation: Invitation) -> Result<DemoRole, Fault> {
    let Invitation { role, name, link } = invitation;
    let secret = link.rsplit('/').next().unwrap_or_default();
    let ticket = cases::ticket(view.tx, &Secret::from_text(secret).hash())?;
    let account = match &ticket {
        Some(ticket) => view.account(ticket.account.as_str())?,
        None => None,
    };
    let is_used = ticket.is_none_or(|ticket| ticket.used_at.is_some() || ticket.revoked_at.is_some());
    Ok(DemoRole {
        who: account.map_or(name.clone(), |account| format!("{name} ({})", account.name)),
        text: about(&role).to_owned(),
        title: wording::plain(&role),
        href: if is_used { links::SIGN_IN.to_owned() } else { link },
        enrolled: is_used,
    })
}

/// What a role of the made-up company does.
fn about(role: &str) -> &'static str {
    match role {
        "administrator" => {
            "Adds, invites and off-boards members. Signs in with a key that cannot be phished."
        }
        "help desk" => "Opens recovery cases and recognises people, but never sees or sets a secret.",
        "manager" => "Is staff, and vouches for newcomers of the team.",
        "contractor" => "Known to the manager, seldom seen: passkey only.",
        _ => "Sets up how to sign in, changes it, and comes back when the phone is gone.",
    }
}

/// GET `/demo/mail`.
pub(crate) async fn mail(ctx: Ctx, State(app): State<App>) -> Answered {
    let messages = app.read(|view| {
        let mut found = Vec::new();
        for which in [Which::Pending, Which::Sent, Which::Failed] {
            found.extend(notices::list(view.tx, which, SHOWN)?);
        }
        found.sort_by_key(|notice| std::cmp::Reverse(notice.created_at));
        found.into_iter().map(|notice| message(view, notice)).collect::<Result<Vec<_>, _>>()
    });
    let page = DemoMail { messages: messages.await?, frame: ctx.frame(&app, Nav::Plain) };
    Ok(html(StatusCode::OK, &page))
}

fn message(view: &mut View<'_, '_>, notice: Stored) -> Result<DemoMessage, Fault> {
    let is_text = matches!(notice.kind, ChannelKind::Sms | ChannelKind::Voice);
    Ok(DemoMessage {
        at: wording::when(notice.created_at, view.now),
        channel: wording::within(&notice.channel),
        body: notices::body(view.tx, view.keys, &notice.id)?.to_string(),
        to: notice.address,
        subject: if is_text { String::new() } else { notice.subject },
    })
}
