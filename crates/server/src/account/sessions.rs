//! Ending sessions: one, all others, or all.

use axum::extract::{Path, State};
use lifecycle::{Refusal, What, session};

use super::{about, decide, then, told};
use crate::app::App;
use crate::case::refuse;
use crate::http::context::{go, with_cookie};
use crate::http::{Answered, Ctx, Error, cookie};
use crate::page::{Tone, links};
use crate::store::sessions;

/// POST `/account/sessions/{id}/end`.
pub(crate) async fn end(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let ended = decide(&app, &ctx, What::SessionEnded, move |view, caller, env| {
        let found = sessions::load(view.tx, &id, env.now)?;
        let own = found.filter(|session| session.account == caller.account.id);
        // Ended already, or somebody else's: nobody learns which.
        let refused = || refuse(Refusal::NotRecognised, about(What::SessionEnded, caller));
        Ok(own.map_or_else(refused, |session| session::end(caller, &session, env)))
    });
    match ended.await? {
        Err(Refusal::NotRecognised) => Err(Error::NotFound),
        outcome => Ok(told(outcome.map(|()| "The session is ended."))),
    }
}

/// POST `/account/sessions/end-others`.
pub(crate) async fn end_others(ctx: Ctx, State(app): State<App>) -> Answered {
    let ended =
        decide(&app, &ctx, What::SessionEnded, |_, caller, env| Ok(session::end_others(caller, env).map(Ok)));
    Ok(told(ended.await?.map(|()| "Every other session is ended.")))
}

/// POST `/account/sessions/end-all`: this one too.
pub(crate) async fn end_all(ctx: Ctx, State(app): State<App>) -> Answered {
    let ended = decide(&app, &ctx, What::SessionEnded, |_, caller, env| {
        let others = session::end_others(caller, env);
        Ok(then(others, session::end(caller, &caller.session, env)))
    });
    ended.await??;
    let mut response = go(links::SIGN_IN, Some((Tone::Good, "Every session of your account is ended.")));
    with_cookie(&mut response, cookie::clear(cookie::SESSION));
    Ok(response)
}
