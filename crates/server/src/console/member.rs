//! GET `/console/members/{id}`: one member as they stand, their own chain, and what this reader may do.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use lifecycle::account::AuthenticatorState;
use lifecycle::factor::FactorData;
use lifecycle::session::Caller;
use lifecycle::{Account, case, enrol};
use policy::Model;
use policy::model::{ChannelIx, PopulationIx};

use super::activity::{Filter, events, history};
use super::chain::draw;
use super::look;
use super::members::state;
use super::names::Names;
use super::readings::{self, Checked};
use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::{Answered, Ctx, Error};
use crate::page::account::{AddressRow, AuthenticatorRow, CodesLeft, SessionRow};
use crate::page::console::{Chain, MemberActs, MemberPage, OpenInvitation, RecoverWay};
use crate::page::{Frame, html};
use crate::store::cases;
use crate::wording;

/// How many of the newest events are shown.
const HISTORY: usize = 20;
/// More open cases than one account has.
const MOST_CASES: i64 = 50;

/// GET.
pub(crate) async fn show(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let checked = readings::checked(&app).await?;
    let page = look(&app, &ctx, move |view, caller, frame| {
        let account = view.account(&id)?;
        account.map(|account| page(view, caller, frame, &account, &checked)).transpose()
    });
    Ok(html(StatusCode::OK, &page.await?.ok_or(Error::NotFound)?))
}

fn page(
    view: &mut View<'_, '_>,
    caller: &Caller,
    frame: Frame,
    account: &Account,
    checked: &Checked,
) -> Result<MemberPage, Fault> {
    let mut names = Names::default();
    let now = view.now;
    let filter = Filter { account: Some(account.id.clone()), is_brief: true, ..Filter::default() };
    let (newest, _) = events(view, &filter, u64::MAX, HISTORY)?;
    let activity = history(view, &mut names, &newest)?;
    let open = cases::open(view.tx, Some(&account.id), now, MOST_CASES)?;
    let cases = super::cases::rows(view, &mut names, &open)?;
    let live = view.sessions(account)?;
    let manager = match &account.manager {
        Some(id) => Some((id.0.clone(), names.of(view, id)?)),
        None => None,
    };
    let state = state(view, account)?;
    let acts = acts(view, caller, account)?;
    let model = view.policy().model();
    let population = account.population(view.policy());
    Ok(MemberPage {
        frame,
        id: account.id.0.clone(),
        login: account.name.clone(),
        name: account.display_name.clone(),
        state,
        groups: account.groups.clone(),
        population: population.map(|p| model[p].name.clone()),
        manager,
        added: wording::when(account.created_at, now),
        enrolled: account.enrolled_at.map(|at| wording::when(at, now)),
        offboarded: account.offboarded_at.map(|at| wording::when(at, now)),
        authenticators: authenticators(view, account),
        codes: codes(view, account),
        addresses: addresses(model, account),
        unheard: unheard(model, population, account),
        sessions: live.iter().map(|session| session_row(view, session)).collect(),
        cases,
        activity,
        chain: chain(view, account, checked),
        acts,
    })
}

/// The account's own chain; before it holds anything, that of the members of its population who are weakest.
fn chain(view: &View<'_, '_>, account: &Account, checked: &Checked) -> Option<Chain> {
    let population = account.population(view.policy()).filter(|_| account.is_present())?;
    match readings::of(account, view.running) {
        Some(reading) => Some(draw(view.running, population, &reading, "")),
        None if !account.has_authenticator() => {
            let whose = "Not enrolled yet: of those of this population whose chain is weakest.";
            checked.weakest(population).map(|reading| draw(view.running, population, reading, whose))
        }
        None => None,
    }
}

fn authenticators(view: &View<'_, '_>, account: &Account) -> Vec<AuthenticatorRow> {
    let bound = account.authenticators.iter().filter(|a| {
        !matches!(a.state, AuthenticatorState::Staged(_)) && !matches!(a.data, FactorData::RecoveryCodes(_))
    });
    let row = |a: &lifecycle::Authenticator| {
        let works = a.state == AuthenticatorState::Active;
        let mut notes = Vec::new();
        if !works {
            notes.push(wording::switched_off(a));
        }
        if let FactorData::Passkey(stored) = &a.data {
            notes.push(if stored.backup_eligible { "synced" } else { "device-bound" }.to_owned());
        }
        AuthenticatorRow {
            id: a.id.0.clone(),
            kind: wording::offer(a.kind),
            title: wording::authenticator_named(view.policy().model(), &a.name),
            label: a.label.clone(),
            added: wording::when(a.bound_at, view.now),
            used: a.last_used_at.map(|at| wording::when(at, view.now)),
            notes,
            works,
            kept_because: None,
        }
    };
    bound.map(row).collect()
}

fn codes(view: &View<'_, '_>, account: &Account) -> Option<CodesLeft> {
    account.authenticators.iter().find_map(|a| match &a.data {
        FactorData::RecoveryCodes(codes) if a.state == AuthenticatorState::Active => Some(CodesLeft {
            left: codes.unspent.len(),
            of: codes.unspent.len() + codes.spent,
            made: Some(wording::when(a.bound_at, view.now)),
        }),
        _ => None,
    })
}

/// Masked: an agent recognises an address, and reads none out.
fn addresses(model: &Model, account: &Account) -> Vec<AddressRow> {
    let row = |address: &lifecycle::Address| AddressRow {
        channel: address.channel.clone(),
        title: wording::plain(&address.channel),
        address: wording::masked(&address.address),
        confirmed: address.confirmed_at.is_some(),
        changeable: false,
    };
    account.addresses.iter().filter(|a| model.channel(&a.channel).is_some()).map(row).collect()
}

fn unheard(model: &Model, population: Option<PopulationIx>, account: &Account) -> Vec<String> {
    let doors = population.filter(|_| account.has_authenticator()).map(|p| model[p].recover.as_slice());
    let shut = doors.unwrap_or_default().iter().filter(|r| case::waits_unheard(&r.door, model, account));
    shut.map(|recover| wording::within(&recover.name)).collect()
}

fn session_row(view: &View<'_, '_>, session: &lifecycle::Session) -> SessionRow {
    SessionRow {
        id: session.id.0.clone(),
        device: wording::device(&session.agent),
        from: session.peer.clone(),
        by: wording::used(view.policy().model(), session),
        assurance: wording::assurance(session.aal, session.phishing_resistant),
        started: wording::when(session.authenticated_at, view.now),
        seen: wording::when(session.last_seen_at, view.now),
        is_this: false,
    }
}

/// What is offered; `lifecycle` decides each once more.
fn acts(view: &mut View<'_, '_>, caller: &Caller, account: &Account) -> Result<MemberActs, Fault> {
    let roles = caller.roles;
    let is_other = caller.account.id != account.id;
    if !account.is_present() || !(roles.agent || roles.administrator) {
        return Ok(MemberActs::default());
    }
    let ticket = cases::open_ticket(view.tx, &account.id, view.now)?;
    let model = view.policy().model();
    let invite = match where_invited(view, account) {
        Some(ix) if !account.has_authenticator() => account
            .address(&model[ix].name)
            .map(|address| (address.channel.clone(), wording::masked(&address.address)))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    let doors = account.population(view.policy()).filter(|_| is_other && account.enrolled_at.is_some());
    let doors = doors.map(|p| model[p].recover.as_slice()).unwrap_or_default();
    Ok(MemberActs {
        invite,
        invitation: ticket.map(|ticket| OpenInvitation {
            to: invited_at(account, ticket.channel.as_deref()),
            expires: wording::when(ticket.expires_at, view.now),
            by: ticket.issued_by,
        }),
        recover: doors.iter().map(|recover| way(model, recover)).collect(),
        end_sessions: true,
        offboard: roles.administrator && is_other,
        change: roles.administrator && is_other,
    })
}

/// The channel over which an invitation would go: the first that the door names and the account has.
pub(super) fn where_invited(view: &View<'_, '_>, account: &Account) -> Option<ChannelIx> {
    let model = view.policy().model();
    enrol::invitable(account, view.policy())
        .into_iter()
        .find(|ix| account.address(&model[*ix].name).is_some())
}

/// Where an invitation went, masked.
pub(super) fn invited_at(account: &Account, channel: Option<&str>) -> String {
    let address = channel.and_then(|channel| account.address(channel));
    address.map_or("the server's own terminal".to_owned(), |address| wording::masked(&address.address))
}

fn way(model: &Model, recover: &policy::model::Recover) -> RecoverWay {
    let paths = policy::runtime::alternatives(&recover.door.require).into_iter().map(|terms| {
        let words: Vec<String> = terms.iter().map(|t| wording::small(&wording::term(model, t))).collect();
        wording::listed(&words, "and")
    });
    let asks: Vec<String> = paths.collect();
    let wait = recover.door.wait.map_or(String::new(), |wait| format!("; then {}", wording::span(wait)));
    RecoverWay {
        name: recover.name.clone(),
        title: format!("{}: {}{wait}", wording::plain(&recover.name), asks.join(", or ")),
    }
}
