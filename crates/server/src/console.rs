//! The console: handlers of what agents, approvers, administrators and auditors see and do.
//!
//! Owns reading for these pages, which acts a page offers to whom, and handing each act to `lifecycle`, which
//! decides it once more from current state. Deliberately has no other way to change anything, and never holds a
//! member's secret: an invitation goes to the member's own channel, and evidence comes from the member's browser.

mod activity;
pub(crate) mod acts;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod blast;
pub(crate) mod case;
pub(crate) mod cases;
mod chain;
pub(crate) mod change;
pub(crate) mod decide;
pub(crate) mod member;
pub(crate) mod members;
mod names;
pub(crate) mod notices;
pub(crate) mod overview;
pub(crate) mod policy;
pub(crate) mod readings;
pub(crate) mod sessions;

use ::policy::Aal;
use axum::response::Response;
use lifecycle::session::Caller;
use lifecycle::{Answer, Decision, Env, Fact, Refusal, What};

use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Ctx, Error};
use crate::page::{Frame, Nav, Section, Tab, Tone};
use crate::store::driver::Lock;

/// Reads for a page of the console, whose frame is made on the way.
async fn look<T, F>(app: &App, ctx: &Ctx, f: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(&mut View<'_, '_>, &Caller, Frame) -> Result<T, Fault> + Send + 'static,
{
    let caller = ctx.caller()?;
    let (app_too, ctx) = (app.clone(), ctx.clone());
    let found = app.read(move |view| {
        let waiting = approvals::waiting(view, &caller)?;
        let frame = ctx.frame(&app_too, Nav::Console(tabs(&caller, waiting)));
        f(view, &caller, frame)
    });
    Ok(found.await?)
}

/// May this person read the whole console, or do they only approve? An approver's role may ask for less than AAL2.
fn reads(caller: &Caller) -> bool {
    let roles = caller.roles;
    caller.session.aal >= Aal::Two && (roles.administrator || roles.agent || roles.auditor)
}

fn tabs(caller: &Caller, waiting: usize) -> Vec<Tab> {
    let count = |section| if section == Section::Approvals { waiting } else { 0 };
    let open = |section: &Section| reads(caller) || *section == Section::Approvals;
    Section::ALL.into_iter().filter(open).map(|section| Tab { section, waiting: count(section) }).collect()
}

/// Decides on the authority of the signed-in person as it stands inside the transaction. `lock`: the account
/// that is acted upon, or that of the case.
async fn decide<T, F>(
    app: &App,
    ctx: &Ctx,
    what: What,
    lock: Option<Lock>,
    mut f: F,
) -> Result<Result<T, Refusal>, Error>
where
    T: Send + 'static,
    F: FnMut(&mut View<'_, '_>, &Caller, &mut Env<'_>) -> Result<Answer<T>, Fault> + Send + 'static,
{
    let caller = ctx.caller()?;
    let console = app.config().console.clone();
    // Whoever acts is locked, too: after another process has off-boarded them, no act of theirs may be committed.
    let locks = lock.into_iter().chain([Lock::from(&caller.account.id)]).collect();
    let answer = app
        .decide_locked(locks, &ctx.peer, move |view, env| match view.caller_again(&caller, &console)? {
            Some(caller) => f(view, &caller, env),
            // Signed out, off-boarded or moved to other groups since the request came.
            None => Ok(refused(Refusal::NotAuthorized, what, &caller)),
        })
        .await?;
    Ok(answer)
}

/// A refusal of our own, recorded like any other.
fn refused<T>(refusal: Refusal, what: What, caller: &Caller) -> Answer<T> {
    let fact = Fact::about(what, caller.actor(), None).refused(&refusal);
    Decision::only(Err(refusal), fact)
}

/// Back to a page with what came of an act.
fn told(to: &str, outcome: Result<&str, Refusal>) -> Response {
    match outcome {
        Ok(text) => go(to, Some((Tone::Good, text))),
        Err(refusal) => go(to, Some((Tone::Bad, &refusal.to_string()))),
    }
}
