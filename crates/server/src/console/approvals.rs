//! GET `/console/approvals`: the cases that this person could approve now.

use axum::extract::State;
use axum::http::StatusCode;
use lifecycle::session::Caller;
use lifecycle::{Account, Case, approve};
use policy::model::ApproverIx;

use super::look;
use super::names::Names;
use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::{Answered, Ctx};
use crate::page::console::{Approvals, Approve, cases::Waiting};
use crate::page::html;
use crate::store::cases;
use crate::wording;

/// More open cases than anybody works on at once.
const MOST_OPEN: i64 = 500;

/// The cases that wait for this person, in which role, with the member's account.
pub(crate) fn waiting(
    view: &mut View<'_, '_>,
    caller: &Caller,
) -> Result<Vec<(Case, Account, ApproverIx)>, Fault> {
    let mut found = Vec::new();
    for case in cases::open(view.tx, None, view.now, MOST_OPEN)? {
        let model = view.policy().model();
        let belongs = |role: &ApproverIx| caller.account.belongs_to(model, model[*role].population);
        // Nobody holds it yet: there is no page from which a check code could be read out.
        if case.check_code.is_none()
            || !case.is_collecting(view.now)
            || !case.roles_wanted(model).iter().any(belongs)
        {
            continue;
        }
        let (case, account) = view.with_account(case)?;
        let Some(account) = account else { continue };
        if let Some(role) = approve::role_for(&case, caller, &account, view.policy()) {
            found.push((case, account, role));
        }
    }
    Ok(found)
}

/// What is asked of somebody in a role.
pub(super) fn asked(view: &View<'_, '_>, role: ApproverIx, member: &Account) -> Approve {
    let role = &view.policy().model()[role];
    let role = if role.manager_of_member {
        format!("as the manager of {}", member.display_name)
    } else {
        format!("for {}", wording::within(&role.name))
    };
    Approve { role, check: true }
}

/// GET.
pub(crate) async fn list(ctx: Ctx, State(app): State<App>) -> Answered {
    let page = look(&app, &ctx, |view, caller, frame| {
        let mut names = Names::default();
        let mut rows = Vec::new();
        for (case, account, role) in waiting(view, caller)? {
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
        Ok(Approvals { frame, waiting: rows })
    });
    Ok(html(StatusCode::OK, &page.await?))
}
