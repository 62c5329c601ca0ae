//! Signing in: name first, then only the choices that this account and door allow. And out again.
//!
//! Owns what a stranger sees: an unknown name gets the same pages, the same answers and the same work.

mod attempt;
mod choices;
pub(crate) mod passkey;
pub(crate) mod prove;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use lifecycle::{Refusal, sign_in};
use serde::Deserialize;

use crate::account::decide;
use crate::app::App;
use crate::fault::Fault;
use crate::http::context::{go, with_cookie};
use crate::http::{Answered, Ctx, Posted, cookie};
use crate::page::sign_in::{SignInName, SignedOut};
use crate::page::{self, Nav, links};
use attempt::Attempt;
pub(crate) use choices::page as choices;

/// As long as a name in the directory may be.
const LONGEST_NAME: usize = 128;

/// GET `/`: to the account, or to sign in.
pub(crate) async fn home(ctx: Ctx) -> Response {
    Redirect::to(if ctx.person.is_some() { links::ACCOUNT } else { links::SIGN_IN }).into_response()
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    next: String,
}

/// GET: who are you?
pub(crate) async fn name(ctx: Ctx, State(app): State<App>, Query(asked): Query<Asked>) -> Response {
    // Whoever is sent back for a fresher sign-in is asked for by name.
    let name = ctx.person.as_ref().map(|caller| caller.account.name.clone()).unwrap_or_default();
    let frame = ctx.frame(&app, Nav::Plain);
    page::html(StatusCode::OK, &SignInName { frame, name, error: None, next: asked.next })
}

#[derive(Deserialize)]
pub(crate) struct Named {
    name: String,
    #[serde(default)]
    next: String,
}

/// POST: opens a case at the login door, alike for every name.
pub(crate) async fn begin(ctx: Ctx, State(app): State<App>, Posted(named): Posted<Named>) -> Answered {
    let name = typed(&named.name);
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        let frame = ctx.frame(&app, Nav::Plain);
        let error = Some("Enter the name that you sign in with.".to_owned());
        let page = SignInName { frame, name: String::new(), error, next: named.next };
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let (typed, decoy) = (name.clone(), app.decoy().to_owned());
    let opened = app.decide(None, &ctx.peer, move |view, env| {
        let account = view.named(&typed)?;
        Ok(sign_in::begin(account.as_ref(), view.policy(), &decoy, env))
    });
    let token = opened.await?.token.ok_or_else(|| Fault::broken("opening a sign-in without a holder"))?;
    let mut response = go(links::SIGN_IN_CASE, None);
    // A longer way back than any of ours would not fit into a cookie.
    Attempt::keep(&mut response, &token, &name, local(&named.next));
    Ok(response)
}

/// A name as it is looked up.
pub(crate) fn typed(name: &str) -> String {
    lifecycle::directory::login_name(name)
}

/// Where to go after signing in: a path of this server, or else the account. `//host` and `/\host` lead elsewhere.
fn local(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && next.len() <= 512;
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path && is_plain && next != "/" { next } else { links::ACCOUNT }
}

/// The sign-in page with the way back.
pub(crate) fn again(next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{}?next={next}", links::SIGN_IN)
}

/// POST: ends this session.
pub(crate) async fn out(ctx: Ctx, State(app): State<App>) -> Answered {
    let ended = decide(&app, &ctx, lifecycle::What::SessionEnded, |_, caller, env| {
        Ok(lifecycle::session::end(caller, &caller.session, env))
    });
    // A session that ended by itself in the meantime is signed out too.
    if let Err(refusal) = ended.await?
        && refusal != Refusal::NotAuthorized
    {
        return Err(refusal.into());
    }
    let mut response = go(links::SIGN_OUT, None);
    with_cookie(&mut response, cookie::clear(cookie::SESSION));
    Ok(response)
}

/// GET: after that.
pub(crate) async fn signed_out(ctx: Ctx, State(app): State<App>) -> Response {
    if ctx.person.is_some() {
        return Redirect::to(links::ACCOUNT).into_response();
    }
    page::html(StatusCode::OK, &SignedOut { frame: ctx.frame(&app, Nav::Plain), why: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_server_is_gone_to() {
        // What is encoded stays so, and is part of a path.
        for path in
            ["/console/cases", "/case?x=1", "/x?next=//evil.example", "/%2F%2Fevil.example", "/%5Cevil"]
        {
            assert_eq!(local(path), path);
        }
        for elsewhere in [
            "",
            "/",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "/ü",
            "/\t/evil.example",
            "\\\\evil.example",
            "%2F%2Fevil.example",
            "//evil.example/?a=/b",
        ] {
            assert_eq!(local(elsewhere), links::ACCOUNT, "{elsewhere:?}");
        }
    }
}
