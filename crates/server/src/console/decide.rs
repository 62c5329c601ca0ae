//! What other people give to a case: POST approve or deny, proofing, and stopping it.
//!
//! The reference names the case; everything else is read again inside the decision.

use axum::extract::{Path, State};
use lifecycle::approve::{self, At};
use lifecycle::evidence::proofing_name;
use lifecycle::session::Caller;
use lifecycle::{Answer, Env, Refusal, What};
use policy::model::Proofing;
use serde::Deserialize;

use super::case::{again, concerns};
use super::{decide, refused, told};
use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::console::{self, CaseActs};
use crate::page::links;
use crate::store::cases;
use crate::store::driver::Lock;

/// A verdict with the code that the member read out, and why.
#[derive(Deserialize)]
pub(crate) struct Said {
    verdict: String,
    #[serde(default)]
    check: String,
    reason: String,
}

/// POST: one person agrees, or says no.
pub(crate) async fn verdict(
    ctx: Ctx,
    State(app): State<App>,
    Path(reference): Path<String>,
    Posted(form): Posted<Said>,
) -> Answered {
    let Said { verdict, check, reason } = form;
    let what = match verdict.as_str() {
        "approve" => What::ApprovalGiven,
        "deny" => What::CaseDenied,
        _ => return Err(Error::BadRequest("The field `verdict` is `approve` or `deny`.".to_owned())),
    };
    let reason = some_reason(&reason)?;
    let typed = reason.clone();
    let outcome = at(&app, &ctx, what, &reference, move |at, env| {
        if what == What::ApprovalGiven {
            approve::approve(at, &check, &reason, env).map(|answer| answer.map(drop))
        } else {
            approve::deny(at, &reason, env)
        }
    })
    .await?;
    if let Err(refusal @ Refusal::CheckCode) = &outcome {
        let error = refusal.to_string();
        let kept = move |acts: &mut CaseActs| {
            if let Some(approve) = &mut acts.approve {
                (approve.reason, approve.error) = (typed, Some(error));
            }
        };
        return again(&ctx, &app, reference, kept).await;
    }
    let done = if what == What::ApprovalGiven { "Your approval counts." } else { "The case is denied." };
    Ok(told(&links::console_case(&reference), outcome.map(|()| done)))
}

/// How an agent recognised the member.
#[derive(Deserialize)]
pub(crate) struct Proofed {
    method: String,
    #[serde(default)]
    check: String,
    note: String,
}

/// POST: an agent records that they proofed the member's identity.
pub(crate) async fn proofing(
    ctx: Ctx,
    State(app): State<App>,
    Path(reference): Path<String>,
    Posted(form): Posted<Proofed>,
) -> Answered {
    let Proofed { method, check, note } = form;
    let known = [Proofing::InPerson, Proofing::Video, Proofing::Document];
    let Some(method) = known.into_iter().find(|known| proofing_name(*known) == method) else {
        return Err(Error::BadRequest(
            "The field `method` is `in-person`, `video` or `document`.".to_owned(),
        ));
    };
    let note = some_reason(&note)?;
    let typed = (proofing_name(method).to_owned(), note.clone());
    let outcome = at(&app, &ctx, What::EvidenceProved, &reference, move |at, env| {
        approve::proof_identity(at, method, &check, &note, env).map(|answer| answer.map(drop))
    })
    .await?;
    if let Err(refusal @ Refusal::CheckCode) = &outcome {
        let error = Some(refusal.to_string());
        let kept = move |acts: &mut CaseActs| {
            acts.proofed = console::Proofed { method: typed.0, note: typed.1, error };
        };
        return again(&ctx, &app, reference, kept).await;
    }
    Ok(told(&links::console_case(&reference), outcome.map(|()| "The proofing is recorded.")))
}

/// Why a case is ended.
#[derive(Deserialize)]
pub(crate) struct Stopped {
    reason: String,
}

/// POST: an agent ends a case, whoever opened it.
pub(crate) async fn stop(
    ctx: Ctx,
    State(app): State<App>,
    Path(reference): Path<String>,
    Posted(form): Posted<Stopped>,
) -> Answered {
    let reason = some_reason(&form.reason)?;
    let outcome =
        at(&app, &ctx, What::CaseDenied, &reference, move |at, env| approve::deny(at, &reason, env)).await?;
    Ok(told(&links::console_case(&reference), outcome.map(|()| "The case is stopped.")))
}

/// A reason that says something: it is all that the audit log will have.
pub(super) fn some_reason(text: &str) -> Result<String, Error> {
    match text.trim() {
        "" => Err(Error::BadRequest("Give a reason: it goes into the audit log.".to_owned())),
        reason => Ok(reason.chars().take(500).collect()),
    }
}

/// Decides something about a case that concerns this person.
async fn at<F>(
    app: &App,
    ctx: &Ctx,
    what: What,
    reference: &str,
    mut f: F,
) -> Result<Result<(), Refusal>, Error>
where
    F: FnMut(At<'_>, &mut Env<'_>) -> Answer<()> + Send + 'static,
{
    let reference = reference.to_owned();
    let lock = Lock::Reference(cases::as_stored(&reference));
    let decision =
        move |view: &mut View<'_, '_>, caller: &Caller, env: &mut Env<'_>| -> Result<Answer<()>, Fault> {
            let found = view.referred_locked(&reference)?;
            let found = found.and_then(|(case, account, _)| Some((case, account?)));
            let Some((case, account)) = found.filter(|(case, account)| concerns(view, caller, case, account))
            else {
                return Ok(refused(Refusal::NotRecognised, what, caller));
            };
            Ok(f(At { case: &case, account: &account, caller, policy: view.policy() }, env))
        };
    match decide(app, ctx, what, Some(lock), decision).await? {
        // Whether there is such a case is not for everybody to know.
        Err(Refusal::NotRecognised) => Err(Error::NotFound),
        outcome => Ok(outcome),
    }
}
