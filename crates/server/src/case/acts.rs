//! Moving a case on: going through after the wait, finishing, giving up.

use axum::extract::{Path, State};
use lifecycle::case::{Case, DoorName};
use lifecycle::id::AuthenticatorId;
use lifecycle::{Account, Actor, AuthenticatorState, Refusal, What, approve, bind, finish as passing};
use policy::FactorKind;

use super::{decide, told, whose};
use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error};
use crate::page::{Tone, When, links};
use crate::store::cases;
use crate::wording;

/// POST `/case/proceed`: after the waiting time, or when the minutes for binding ran out.
pub(crate) async fn proceed(ctx: Ctx, State(app): State<App>) -> Answered {
    let done = decide(&app, &ctx, What::DoorOpened, |view, at, env| {
        Ok(passing::proceed(at.case, at.account, view.policy(), env))
    });
    Ok(match done.await? {
        Err(Refusal::Waits(until)) => {
            let When { text, relative, .. } = wording::when(until, app.now());
            let text = format!("This waits so that it can be stopped. You can go on {relative}: {text}.");
            go(links::CASE, Some((Tone::Plain, &text)))
        }
        done => told(done.map(|()| "The door is open. Set up how you sign in now.")),
    })
}

/// POST `/case/finish`: what was bound takes effect. A change of factors has taken effect already and just ends.
pub(crate) async fn finish(ctx: Ctx, State(app): State<App>) -> Answered {
    let done = decide(&app, &ctx, What::FactorsReplaced, |view, at, env| {
        if at.case.door == DoorName::Bind {
            return Ok(passing::change(at.case, at.account, env).map(|reply| reply.map(|()| true)));
        }
        let kept = codes_kept(view, at.case, at.account)?;
        let decision = passing::finish(at.case, at.account, view.policy(), kept, env);
        Ok(decision.map(|reply| reply.map(|()| false)))
    });
    Ok(match done.await? {
        Ok(true) => {
            let mut response =
                go(links::ACCOUNT, Some((Tone::Good, "Finished. What you added or removed is in force.")));
            whose::forget(&mut response);
            response
        }
        Ok(false) => go(links::CASE, None),
        Err(refusal) => told(Err(refusal)),
    })
}

/// POST `/case/staged/{id}/take-back`: what was set up here and is not wanted after all.
pub(crate) async fn take_back(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let done = decide(&app, &ctx, What::AuthenticatorTakenBack, move |view, at, env| {
        Ok(bind::take_back(at.binding(view), &AuthenticatorId(id.clone()), env))
    });
    match done.await? {
        // Taken back already, or somebody else's: nobody learns which.
        Err(Refusal::NotRecognised) => Err(Error::NotFound),
        outcome => Ok(told(outcome.map(|()| "It is taken back. Nothing of it is kept."))),
    }
}

/// POST `/case/leave`: gives the case up.
pub(crate) async fn leave(ctx: Ctx, State(app): State<App>) -> Answered {
    let done = decide(&app, &ctx, What::CaseStopped, |_, at, env| {
        let by = match at.session {
            Some(session) if at.case.door == DoorName::Bind => Actor::Person(session.account.clone()),
            _ => Actor::Holder,
        };
        Ok(approve::stop(at.case, &by, env))
    });
    // Whatever was left of it, this browser lets go of it. One text for all: a case under a name that nobody has cannot be
    // stopped, and must not be told from another. What was added at the bind door was in force at once.
    let text = match done.await? {
        Ok(()) if ctx.person.is_some() => "You gave the case up.",
        _ => "This browser has let go of the case.",
    };
    let to = if ctx.person.is_some() { links::ACCOUNT } else { links::SIGN_IN };
    let mut response = go(to, Some((Tone::Plain, text)));
    whose::forget(&mut response);
    Ok(response)
}

/// What the person's word that codes are kept is remembered as; its state is the id of the very set.
pub(super) fn kept_purpose(name: &str) -> String {
    format!("kept:{name}")
}

/// Has the person said of every set of codes bound here that it is kept?
pub(super) fn codes_kept(view: &mut View<'_, '_>, case: &Case, account: &Account) -> Result<bool, Fault> {
    let staged = AuthenticatorState::Staged(case.id.clone());
    for codes in account.authenticators.iter().filter(|a| a.kind == FactorKind::RecoveryCodes) {
        if codes.state == staged {
            let word = cases::challenge(view.tx, view.keys, &case.id, &kept_purpose(&codes.name), view.now)?;
            if word.is_none_or(|word| word.state[..] != *codes.id.as_str().as_bytes()) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
