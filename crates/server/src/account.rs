//! The member's own pages: how they sign in, where they are signed in, what is under way.
//!
//! Owns reading for these pages and handing each act to `lifecycle`, on the authority of the signed-in person as it is
//! inside the transaction. New factors come through the bind door only (`case`).

pub(crate) mod authenticators;
pub(crate) mod cases;
mod home;
pub(crate) mod lost;
pub(crate) mod sessions;

use lifecycle::session::Caller;
use lifecycle::{Answer, Decision, Env, Fact, Facts, Refusal, What};

use crate::app::{App, View};
use crate::case::refuse;
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Ctx, Error};
use crate::page::{Tone, links};
pub(crate) use home::home;

/// Decides for the signed-in person, as things stand inside the transaction.
pub(crate) async fn decide<T, F>(
    app: &App,
    ctx: &Ctx,
    what: What,
    mut f: F,
) -> Result<Result<T, Refusal>, Error>
where
    T: Send + 'static,
    F: FnMut(&mut View<'_, '_>, &Caller, &mut Env<'_>) -> Result<Answer<T>, Fault> + Send + 'static,
{
    let (caller, console) = (ctx.caller()?, app.config().console.clone());
    let lock = caller.account.id.clone();
    let answer = app.decide(Some(&lock), &ctx.peer, move |view, env| {
        let Some(now) = view.caller_again(&caller, &console)? else {
            // Signed out or off-boarded since the request came.
            return Ok(refuse(Refusal::NotAuthorized, about(what, &caller)));
        };
        f(view, &now, env)
    });
    Ok(answer.await?)
}

/// A fact about the person's own account.
fn about(what: What, caller: &Caller) -> Fact {
    Fact::about(what, caller.actor(), Some(&caller.account.id))
}

/// Two decisions as one: both happen, or nothing does.
fn then<T, U>(first: Decision<T>, second: Answer<U>) -> Answer<U> {
    if second.reply.is_err() {
        return second;
    }
    let mut facts: Vec<Fact> = first.facts.iter().chain(second.facts.iter()).cloned().collect();
    // `Facts` are never none.
    let head = facts.remove(0);
    let changes = first.changes.into_iter().chain(second.changes).collect();
    Decision { reply: second.reply, changes, facts: Facts::first(head, facts) }
}

/// Back to the account with what came of an act.
fn told(outcome: Result<&str, Refusal>) -> axum::response::Response {
    match outcome {
        Ok(text) => go(links::ACCOUNT, Some((Tone::Good, text))),
        Err(refusal) => go(links::ACCOUNT, Some((Tone::Bad, &refusal.to_string()))),
    }
}
