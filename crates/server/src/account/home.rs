//! GET `/account`.

use axum::extract::State;
use axum::http::StatusCode;
use lifecycle::factor::FactorData;
use lifecycle::session::Caller;
use lifecycle::{Account, Actor, Authenticator, AuthenticatorState, Case, Session, bind};
use policy::FactorKind;
use policy::model::{Bindable, Door, PopulationIx, Term};

use super::cases::under_way;
use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::{Answered, Ctx};
use crate::page::account::{
    AccountHome, Activity, AddressRow, AuthenticatorRow, CaseRow, CodesLeft, SessionRow,
};
use crate::page::{self, Frame, Nav, links};
use crate::store::{accounts, cases, log};
use crate::wording::{self, event};

/// How many events the page shows.
const EVENTS: usize = 12;
/// How many are looked at for them: a sign-in takes several.
const LOOKED_AT: u64 = 60;
/// More open cases than one account has.
const CASES: i64 = 20;

/// GET.
pub(crate) async fn home(ctx: Ctx, State(app): State<App>) -> Answered {
    let caller = ctx.caller()?;
    let frame = ctx.frame(&app, Nav::Account);
    let holder = ctx.holder.clone();
    let page = app.read(move |view| {
        let change = under_way(view, holder.as_ref(), &caller)?;
        whole(view, &caller, change.as_ref(), frame)
    });
    let page = page.await?;
    Ok(page::html(StatusCode::OK, &page))
}

fn whole(
    view: &mut View<'_, '_>,
    caller: &Caller,
    change: Option<&Case>,
    frame: Frame,
) -> Result<AccountHome, Fault> {
    let running = view.running;
    let (policy, model) = (&running.policy, running.policy.model());
    let account = &caller.account;
    let population = account.population(policy);
    let bind = population.and_then(|p| model[p].bind.as_ref());
    let began = wording::when(caller.session.authenticated_at, view.now).relative;
    let approves = model.approvers.iter().any(|a| account.belongs_to(model, a.population));
    let approvals = if approves { crate::console::approvals::waiting(view, caller)? } else { 0 };
    Ok(AccountHome {
        frame,
        signed_in: format!("You signed in with your {} {began}.", wording::used(model, &caller.session)),
        authenticators: authenticators(view, account, population, bind),
        codes: codes(view, account, population),
        addresses: addresses(view, account, bind),
        sessions: sessions(view, caller)?,
        cases: open_cases(view, account, change)?,
        changing: change.is_some(),
        activity: activity(view, account)?,
        approvals,
        may_bind: bind.is_some(),
    })
}

fn authenticators(
    view: &View<'_, '_>,
    account: &Account,
    population: Option<PopulationIx>,
    door: Option<&Door>,
) -> Vec<AuthenticatorRow> {
    let model = view.policy().model();
    let kept = |a: &Authenticator| match population {
        _ if door.is_none() => Some("It is changed by recovering the account."),
        Some(population) if bind::is_needed(account, a, model, population) => Some(match a.state {
            AuthenticatorState::Disabled => "It signs in no more. Add another, then remove it.",
            _ => "Signing in needs it.",
        }),
        _ => None,
    };
    account
        .authenticators
        .iter()
        .filter(|a| a.kind != FactorKind::RecoveryCodes)
        .filter(|a| !matches!(a.state, AuthenticatorState::Staged(_)))
        .map(|a| AuthenticatorRow {
            id: a.id.0.clone(),
            kind: wording::offer(a.kind),
            title: wording::authenticator_named(model, &a.name),
            label: if a.label == a.name { String::new() } else { a.label.clone() },
            added: wording::when(a.bound_at, view.now),
            used: a.last_used_at.map(|at| wording::when(at, view.now)),
            notes: notes(a),
            works: a.state == AuthenticatorState::Active,
            kept_because: kept(a).map(str::to_owned),
        })
        .collect()
}

/// What matters about an authenticator.
fn notes(authenticator: &Authenticator) -> Vec<String> {
    let mut notes = Vec::new();
    if let FactorData::Passkey(stored) = &authenticator.data {
        notes.push(
            match (stored.backup_eligible, stored.backed_up) {
                (false, _) => "stays on its device",
                (true, true) => "synced",
                (true, false) => "can be synced",
            }
            .to_owned(),
        );
    }
    if authenticator.state == AuthenticatorState::Disabled {
        notes.push(wording::switched_off(authenticator));
    }
    notes
}

/// Recovery codes, where some door of the chain asks for them.
fn codes(view: &View<'_, '_>, account: &Account, population: Option<PopulationIx>) -> Option<CodesLeft> {
    let model = view.policy().model();
    let population = &model[population?];
    let asks = |door: &Door| {
        door.require
            .terms()
            .any(|t| matches!(t, Term::Authenticator(ix) if model[*ix].kind == FactorKind::RecoveryCodes))
    };
    if !population.recover.iter().any(|recover| asks(&recover.door)) {
        return None;
    }
    let active = account.authenticators.iter().find_map(|a| match &a.data {
        FactorData::RecoveryCodes(codes) if a.state == AuthenticatorState::Active => Some((a, codes)),
        _ => None,
    });
    Some(match active {
        Some((a, codes)) => CodesLeft {
            left: codes.unspent.len(),
            of: codes.unspent.len() + codes.spent,
            made: Some(wording::when(a.bound_at, view.now)),
        },
        None => CodesLeft { left: 0, of: 0, made: None },
    })
}

fn addresses(view: &View<'_, '_>, account: &Account, bind: Option<&Door>) -> Vec<AddressRow> {
    let model = view.policy().model();
    let row = |(ix, channel): (u16, &policy::model::Channel)| {
        let address = account.address(&channel.name);
        let bindable = Bindable::Channel(policy::model::ChannelIx(ix));
        let changeable = bind.is_some_and(|door| door.binds.contains(&bindable));
        // Neither there nor to be had: not worth a line.
        (address.is_some() || changeable).then(|| AddressRow {
            channel: channel.name.clone(),
            title: wording::channel(channel),
            address: address.map(|a| a.address.clone()).unwrap_or_default(),
            confirmed: address.is_some_and(|a| a.confirmed_at.is_some()),
            changeable,
        })
    };
    (0..).zip(&model.channels).filter_map(row).collect()
}

fn sessions(view: &mut View<'_, '_>, caller: &Caller) -> Result<Vec<SessionRow>, Fault> {
    let live = view.sessions(&caller.account)?;
    let row = |session: &Session| SessionRow {
        id: session.id.0.clone(),
        device: wording::device(&session.agent),
        from: session.peer.clone(),
        by: wording::used(view.policy().model(), session),
        assurance: wording::assurance(session.aal, session.phishing_resistant),
        started: wording::when(session.authenticated_at, view.now),
        seen: wording::when(session.last_seen_at, view.now),
        is_this: session.id == caller.session.id,
    };
    Ok(live.iter().map(row).collect())
}

/// What may be somebody else's doing: not the change that this very browser holds.
fn open_cases(
    view: &mut View<'_, '_>,
    account: &Account,
    change: Option<&Case>,
) -> Result<Vec<CaseRow>, Fault> {
    let mut rows = Vec::new();
    for case in cases::open(view.tx, Some(&account.id), view.now, CASES)? {
        if change.is_some_and(|change| change.id == case.id) {
            continue;
        }
        let opened_by = match &case.opened_by {
            Actor::Person(id) if *id == account.id => "you".to_owned(),
            Actor::Person(id) => accounts::display_name(view.tx, id.as_str())?,
            other => wording::actor(other).to_owned(),
        };
        let (state, tone) = wording::case::state(view.policy(), &case, Some(account), view.now);
        rows.push(CaseRow {
            title: wording::own_case(view.policy().model(), &case),
            member: String::new(),
            state,
            tone,
            opened: wording::when(case.opened_at, view.now),
            opened_by,
            stop: Some(links::account_stop_case(&case.reference)),
            reference: case.reference,
        });
    }
    Ok(rows)
}

fn activity(view: &mut View<'_, '_>, account: &Account) -> Result<Vec<Activity>, Fault> {
    let mut rows = Vec::new();
    for entry in log::entries_before(view.tx, u64::MAX, Some(account.id.as_str()), LOOKED_AT)? {
        let Some(fact) = event::fact(&entry.event.body) else { continue };
        if event::leads_to_sign_in(&fact) {
            continue;
        }
        if rows.len() == EVENTS {
            break;
        }
        let who = match &fact.actor {
            Actor::Person(id) if *id == account.id => "you".to_owned(),
            Actor::Person(id) => accounts::display_name(view.tx, id.as_str())?,
            other => wording::actor(other).to_owned(),
        };
        let (text, tone) = event::sentence(view.policy().model(), &fact, &who, event::YOURS);
        let text = text.replace("the account of your account", "your account");
        rows.push(Activity { at: wording::when(lifecycle::Time(entry.event.at), view.now), text, tone });
    }
    Ok(rows)
}
