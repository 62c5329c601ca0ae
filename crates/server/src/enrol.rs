//! An invitation's link: a page with a button, because whoever scans mail for links must not spend it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use lifecycle::change::Ticket;
use lifecycle::id::Hash;
use lifecycle::{Account, DoorName, Secret, account, enrol};

use crate::app::{App, View};
use crate::case::whose;
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Answered, Ctx, strangers};
use crate::page::recover::{EnrolTicket, WayEnd};
use crate::page::{self, Nav, links};
use crate::store::{accounts, cases};
use crate::wording;

/// The ticket of a link with its account, whatever it is worth. The first administrator's dies as soon as any
/// administrator is enrolled: from then on nobody gets by with a ticket alone.
fn ticket(
    view: &mut View<'_, '_>,
    hash: &Hash,
    administrators: &[String],
) -> Result<Option<(Ticket, Account)>, Fault> {
    let Some(ticket) = cases::ticket(view.tx, hash)? else { return Ok(None) };
    if ticket.channel.is_none() && accounts::any_enrolled_in(view.tx, administrators)? {
        return Ok(None);
    }
    let account = view.account(ticket.account.as_str())?;
    Ok(account.map(|account| (ticket, account)))
}

/// The same, as long as it is worth something.
fn usable(
    view: &mut View<'_, '_>,
    hash: &Hash,
    administrators: &[String],
) -> Result<Option<(Ticket, Account)>, Fault> {
    let now = view.now;
    Ok(ticket(view, hash, administrators)?.filter(|(ticket, account)| {
        let is_open = ticket.used_at.is_none() && ticket.revoked_at.is_none() && now < ticket.expires_at;
        is_open && account.is_present() && !account.has_authenticator()
    }))
}

/// GET: shows a button.
pub(crate) async fn page(ctx: Ctx, State(app): State<App>, Path(link): Path<String>) -> Answered {
    let hash = Secret::from_text(&link).hash();
    let administrators = app.administrator_groups();
    let found = app.read(move |view| usable(view, &hash, &administrators)).await?;
    let Some((ticket, invited)) = found else { return Ok(expired(&ctx, &app)) };
    let now = app.now();
    let model = app.policy().model();
    let population = invited.population(app.policy());
    let door = population.and_then(|p| account::door(model, p, &DoorName::Enrol));
    let mut steps = match door {
        // The ticket of the server's terminal stands for the whole door.
        Some(door) if ticket.channel.is_some() => wording::step::steps(model, &door.require),
        _ => Vec::new(),
    };
    steps.push("You set up how you sign in".to_owned());
    let page = EnrolTicket {
        frame: ctx.frame(&app, Nav::Plain),
        person: invited.display_name,
        expires: wording::when(ticket.expires_at, now),
        steps,
        action: links::enrol(&link),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// POST: spends the ticket; this browser holds the enrolment from then on.
pub(crate) async fn redeem(ctx: Ctx, State(app): State<App>, Path(link): Path<String>) -> Answered {
    let hash = Secret::from_text(&link).hash();
    let administrators = app.administrator_groups();
    let (looked_for, groups) = (hash.clone(), administrators.clone());
    let is_ticket = move |view: &mut View<'_, '_>| Ok(usable(view, &looked_for, &groups)?.is_some());
    if !strangers::is_heard(&app, &ctx.peer, is_ticket).await? {
        return Ok(expired(&ctx, &app));
    }
    let opened = app.decide(None, &ctx.peer, move |view, env| {
        if let Some((_, account)) = ticket(view, &hash, &administrators)? {
            view.lock(&account.id)?;
        }
        let found = ticket(view, &hash, &administrators)?;
        let found = found.as_ref().map(|(ticket, account)| (ticket, account));
        let name = found.map(|(_, account)| account.name.clone()).unwrap_or_default();
        let decision = enrol::redeem(found, view.policy(), env);
        Ok(decision.map(|reply| reply.map(|opened| (opened, name))))
    });
    let Ok((opened, name)) = opened.await? else {
        app.strangers().concerned_nothing(&ctx.peer, app.now());
        return Ok(expired(&ctx, &app));
    };
    let token = opened.token.ok_or_else(|| Fault::broken("opening an enrolment without a holder"))?;
    let mut response = go(links::CASE, None);
    whose::keep(&mut response, &token, &name);
    Ok(response)
}

/// One answer for a link that is spent, taken back, too old or was never made.
fn expired(ctx: &Ctx, app: &App) -> Response {
    page::html(StatusCode::NOT_FOUND, &WayEnd::link_expired(ctx.frame(app, Nav::Plain)))
}
