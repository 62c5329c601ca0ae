//! GET `/console/members`: everybody, by name and standing, with the verdict on each one's own chain.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use lifecycle::Account;
use serde::Deserialize;

use super::cases::{paging, signed};
use super::{look, readings};
use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::{Answered, Ctx};
use crate::page::console::{MemberFilter, MemberRow, MemberState, Members};
use crate::page::links;
use crate::store::cases;
use crate::store::directory::{Standing, found};
use crate::{page::html, wording};

/// How many members one page shows.
const SHOWN: usize = 25;

/// The search.
#[derive(Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: String,
}

/// GET.
pub(crate) async fn list(ctx: Ctx, State(app): State<App>, Query(search): Query<Search>) -> Answered {
    let Search { q, state, page } = search;
    let page: usize = page.parse().unwrap_or(1).clamp(1, 100_000);
    let (standing, filter) = standing(&state);
    let page = look(&app, &ctx, move |view, caller, frame| {
        let mut listed =
            found(view.tx, &q, standing, view.now, signed((page - 1) * SHOWN), signed(SHOWN + 1))?;
        let more = listed.len() > SHOWN;
        listed.truncate(SHOWN);
        let mut rows = Vec::with_capacity(listed.len());
        for bare in listed {
            if let Some(account) = view.account(bare.id.as_str())? {
                rows.push(row(view, account)?);
            }
        }
        let typed: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let at = |page: usize| format!("{}?q={typed}&state={state}&page={page}", links::CONSOLE_MEMBERS);
        let paging = paging(page, SHOWN, rows.len(), more, at);
        let may_add = caller.roles.administrator;
        Ok(Members { frame, search: q, filter, rows, paging, may_add })
    });
    Ok(html(StatusCode::OK, &page.await?))
}

/// What the field `state` asks for; nothing that we know asks for everybody.
fn standing(state: &str) -> (Standing, MemberFilter) {
    let known = MemberState::ALL.into_iter().find(|known| known.value() == state);
    let standing = match known {
        None => Standing::Any,
        Some(MemberState::Added) => Standing::Added,
        Some(MemberState::Invited) => Standing::Invited,
        Some(MemberState::Enrolling) => Standing::Enrolling,
        Some(MemberState::Enrolled) => Standing::Enrolled,
        Some(MemberState::Offboarded) => Standing::Offboarded,
    };
    (standing, known.map_or(MemberFilter::All, MemberFilter::Only))
}

fn row(view: &mut View<'_, '_>, account: Account) -> Result<MemberRow, Fault> {
    let state = state(view, &account)?;
    let model = view.policy().model();
    let mut factors: Vec<String> = account
        .holds(model)
        .into_iter()
        .map(|ix| wording::authenticator(model, &model[ix]).to_lowercase())
        .collect();
    factors.dedup();
    Ok(MemberRow {
        population: account.population(view.policy()).map(|p| model[p].name.clone()),
        state,
        factors: factors.join(", "),
        verdict: readings::verdict_on(&account, view.running),
        id: account.id.0,
        login: account.name,
        name: account.display_name,
    })
}

/// Where a member stands.
pub(super) fn state(view: &mut View<'_, '_>, account: &Account) -> Result<MemberState, Fault> {
    Ok(if !account.is_present() {
        MemberState::Offboarded
    } else if account.enrolled_at.is_some() {
        MemberState::Enrolled
    } else if cases::open_ticket(view.tx, &account.id, view.now)?.is_some() {
        MemberState::Invited
    } else if cases::is_enrolling(view.tx, &account.id, view.now)? {
        MemberState::Enrolling
    } else {
        MemberState::Added
    })
}
