//! GET `/console/approvals`: the cases that this person could approve now.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use lifecycle::session::Caller;
use lifecycle::{Account, Case, approve};
use policy::model::ApproverIx;
use serde::Deserialize;

use super::cases::{paging, signed};
use super::look;
use super::names::Names;
use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::{Answered, Ctx};
use crate::page::console::{Approvals, Approve, cases::Waiting};
use crate::page::{html, links};
use crate::store::cases;
use crate::wording;

/// How many cases one page shows.
const SHOWN: usize = 25;
/// How many cases are read at once in search of those.
const READ: usize = 200;
/// A number on a tab is counted among so many of the newest cases: every page of the console shows it.
const COUNTED: usize = 500;

/// A case that waits for somebody, with the member's account, and the role in which it does.
type Asked = (Case, Account, ApproverIx);

/// How many of the newest cases wait for this person.
pub(crate) fn waiting(view: &mut View<'_, '_>, caller: &Caller) -> Result<usize, Fault> {
    Ok(search(view, caller, COUNTED, COUNTED)?.len())
}

/// The first `wanted` cases that wait for this person, newest first, among so many.
fn search(
    view: &mut View<'_, '_>,
    caller: &Caller,
    wanted: usize,
    among: usize,
) -> Result<Vec<Asked>, Fault> {
    let mut found = Vec::new();
    for skip in (0..among).step_by(READ) {
        // Of those that nobody holds yet there is no page from which a check code could be read out.
        let read = cases::held_page(view.tx, view.now, signed(skip), signed(READ))?;
        let is_last = read.len() < READ;
        for case in read {
            found.extend(asks(view, caller, case)?);
            if found.len() == wanted {
                return Ok(found);
            }
        }
        if is_last {
            break;
        }
    }
    Ok(found)
}

fn asks(view: &mut View<'_, '_>, caller: &Caller, case: Case) -> Result<Option<Asked>, Fault> {
    let model = view.policy().model();
    let belongs = |role: &ApproverIx| caller.account.belongs_to(model, model[*role].population);
    if !case.roles_wanted(model).iter().any(belongs) {
        return Ok(None);
    }
    let (case, Some(account)) = view.with_account(case)? else { return Ok(None) };
    let role = approve::role_for(&case, caller, &account, view.policy());
    Ok(role.map(|role| (case, account, role)))
}

/// What is asked of somebody in a role.
pub(super) fn asked(view: &View<'_, '_>, role: ApproverIx, member: &Account) -> Approve {
    let model = view.policy().model();
    let role = if model[role].manager_of_member {
        format!("as the manager of {}", member.display_name)
    } else {
        wording::in_role(model, role)
    };
    Approve { role, check: true, reason: String::new(), error: None }
}

/// Which page.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    page: String,
}

/// GET.
pub(crate) async fn list(ctx: Ctx, State(app): State<App>, Query(wanted): Query<Wanted>) -> Answered {
    let page: usize = wanted.page.parse().unwrap_or(1).clamp(1, 10_000);
    let page = look(&app, &ctx, move |view, caller, frame| {
        let skip = (page - 1) * SHOWN;
        let mut found = search(view, caller, skip + SHOWN + 1, usize::MAX)?;
        let more = found.len() > skip + SHOWN;
        found.truncate(skip + SHOWN);
        let mut names = Names::default();
        let mut rows = Vec::new();
        for (case, account, role) in found.into_iter().skip(skip) {
            let model = view.policy().model();
            rows.push(Waiting {
                reference: case.reference.clone(),
                title: wording::door(&case.door),
                approve: asked(view, role, &account),
                proved: case.evidence.iter().map(|piece| wording::proof(model, piece.proof())).collect(),
                member: (account.display_name, account.name),
                opened: wording::when(case.opened_at, view.now),
                opened_by: names.actor(view, &case.opened_by)?,
            });
        }
        let at = |page: usize| format!("{}?page={page}", links::CONSOLE_APPROVALS);
        let paging = paging(page, SHOWN, rows.len(), more, at);
        Ok(Approvals { frame, waiting: rows, paging })
    });
    Ok(html(StatusCode::OK, &page.await?))
}
