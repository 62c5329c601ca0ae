//! The one gate in front of every route: who asks, may they, is the form ours, and which cookies the answer sets.
//!
//! A route cannot be reached around it: `routes` wraps each line of its table. It owns authority and form tokens;
//! what may happen to an account is decided in `lifecycle`, from current state, once more.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use lifecycle::id::Secret;
use lifecycle::session::{Caller, Claim};
use policy::Aal;
use subtle::ConstantTimeEq;

use super::connections::{self, Missing};
use super::context::{Ctx, flash_of, with_cookie};
use super::cookie;
use super::error::Error;
use crate::app::{App, Peer};
use crate::fault::Fault;
use crate::page::problem::{Problem, ProblemKind};
use crate::page::{self, Nav, links};
use crate::store::sessions;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Anybody, in demo mode only.
    Demo,
    /// Whoever's browser holds a case.
    Case,
    /// Anybody signed in.
    Signed,
    /// Approvers, and everybody who may read the console.
    Approver,
    /// Administrators, agents and auditors, at AAL2.
    Reader,
    /// Agents and administrators, at AAL2.
    Agent,
    /// Administrators, at AAL2.
    Administrator,
}

/// Forms and ceremonies are small.
const BODY_LIMIT: usize = 64 * 1024;

/// Lets a request through to its handler, or answers it.
pub async fn guard(app: App, access: Access, request: Request, next: Next) -> Response {
    // A body may not be shared between threads, so only the head is looked at while waiting.
    let (parts, body) = request.into_parts();
    let mut ctx = match context(&app, &parts).await {
        Ok(ctx) => ctx,
        // `envelope` makes a page of it.
        Err(error) => return error.into_response(),
    };
    let is_new = ctx.csrf.is_empty();
    if is_new {
        ctx.csrf = token();
    }
    let had_flash = ctx.flash.is_some();
    let mut response = match admit(&app, access, &ctx, Request::from_parts(parts, body)).await {
        Ok(mut request) => {
            request.extensions_mut().insert(ctx.clone());
            next.run(request).await
        }
        Err(response) => response,
    };
    // Only the router answers so, and without a page.
    let is_other = response.status() == StatusCode::METHOD_NOT_ALLOWED;
    let problem = response.extensions_mut().remove::<ProblemKind>();
    if let Some(kind) = problem.or(is_other.then_some(ProblemKind::OtherMethod)) {
        let mut frame = ctx.frame(&app, Nav::Plain);
        frame.flash = None;
        response = page::html(kind.status(), &Problem::new(frame, kind));
    }
    if is_new {
        with_cookie(&mut response, cookie::set(cookie::CSRF, &ctx.csrf));
    }
    if had_flash && !response.status().is_redirection() {
        with_cookie(&mut response, cookie::clear(cookie::FLASH));
    }
    response
}

fn token() -> String {
    let mut bytes = [0; 32];
    App::random(&mut bytes);
    data_encoding::BASE64URL_NOPAD.encode(&bytes)
}

async fn context(app: &App, request: &Parts) -> Result<Ctx, Error> {
    let headers = &request.headers;
    let stored = |name| cookie::read(headers, name).map(|value| Secret::from_text(value).hash());
    let person = match cookie::read(headers, cookie::SESSION).and_then(Claim::read) {
        Some(claim) => caller(app, claim).await?.map(Arc::new),
        None => None,
    };
    // Our tokens are 43 characters; anything else was not made here and is replaced.
    let csrf = cookie::read(headers, cookie::CSRF).filter(|token| token.len() == 43).unwrap_or_default();
    Ok(Ctx {
        path: request.uri.path().to_owned(),
        peer: peer(app, request),
        csrf: csrf.to_owned(),
        person,
        holder: stored(cookie::CASE),
        flash: cookie::read(headers, cookie::FLASH).and_then(flash_of),
    })
}

/// The person behind a session cookie. Being seen moves the session's idle limit, at most once a minute.
async fn caller(app: &App, claim: Claim) -> Result<Option<Caller>, Error> {
    let console = app.config().console.clone();
    let found = app.read(move |view| view.caller(&claim, &console)).await?;
    if let Some(caller) = &found
        && app.now().since(caller.session.last_seen_at).as_secs() >= 60
        && let Some(population) = caller.account.population(app.policy())
    {
        let limits = app.policy().model()[population].login.session;
        let seen = caller.session.clone().seen(limits, app.now());
        app.upkeep(move |view| sessions::seen(view.tx, &seen)).await?;
    }
    Ok(found)
}

fn peer(app: &App, request: &Parts) -> Peer {
    let direct = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    let address = if app.config().behind_proxy { forwarded(&request.headers).or(direct) } else { direct };
    let agent = request.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    Peer { address: address.unwrap_or_default(), agent: agent.chars().take(200).collect() }
}

/// The last entry of the last line is the one that our own proxy added: some proxies extend the line that the client
/// sent, others add one of their own below it.
fn forwarded(headers: &HeaderMap) -> Option<String> {
    let line = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next().map(|entry| entry.trim().chars().take(64).collect())
}

/// Checks authority first, then the form; gives the request back with its body.
async fn admit(app: &App, access: Access, ctx: &Ctx, request: Request) -> Result<Request, Response> {
    if let Err(error) = authority(app, access, ctx) {
        return Err(match error {
            Error::SignInFirst if request.method() == Method::GET => to_sign_in(request.uri()),
            other => other.into_response(),
        });
    }
    let address = request.uri().path_and_query().map(|address| address.as_str().as_bytes());
    if address.is_some_and(holds_nul) {
        return Err(no_text());
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let bytes = connections::body(body, BODY_LIMIT, &parts.extensions).await;
    let bytes = bytes.map_err(|missing| not_here(missing).into_response())?;
    if !is_ours(ctx, &parts.headers, &bytes) {
        return Err(Error::StaleForm.into_response());
    }
    if holds_nul(&bytes) {
        return Err(no_text());
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn not_here(missing: Missing) -> Error {
    let malformed = |why: &str| Error::BadRequest(why.to_owned());
    match missing {
        Missing::TooLong => malformed("The form is larger than anything sent from our pages."),
        Missing::TooSlow => malformed("The form did not arrive in time. Send it once more."),
        Missing::Stopping => Error::Fault(Fault::gone("reading a form").because("the server stops")),
    }
}

/// NUL is no character of any text, and PostgreSQL takes none: it is turned away here, alike for every database.
fn holds_nul(encoded: &[u8]) -> bool {
    encoded.contains(&0) || encoded.windows(3).any(|three| three == b"%00")
}

fn no_text() -> Response {
    Error::BadRequest("The address or a field holds the character NUL, which no text has.".to_owned())
        .into_response()
}

/// With the way back, search and page included. Whoever comes back is sent to a path of this server only (`sign_in`).
fn to_sign_in(address: &Uri) -> Response {
    let next = address.path_and_query().map_or(links::ACCOUNT, |address| address.as_str());
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    Redirect::to(&format!("{}?next={next}", links::SIGN_IN)).into_response()
}

/// Is this person allowed at all? What they may do to an account is decided later, from current state.
pub fn authority(app: &App, access: Access, ctx: &Ctx) -> Result<(), Error> {
    let with = |may: &dyn Fn(&Caller) -> bool| match &ctx.person {
        None => Err(Error::SignInFirst),
        Some(caller) if may(caller) => Ok(()),
        Some(_) => Err(Error::Forbidden),
    };
    let strong = |caller: &Caller| caller.session.aal >= Aal::Two;
    let reads = |c: &Caller| strong(c) && (c.roles.administrator || c.roles.agent || c.roles.auditor);
    match access {
        Access::Public => Ok(()),
        Access::Demo if app.is_demo() => Ok(()),
        Access::Demo => Err(Error::NotFound),
        Access::Case if ctx.holder.is_some() => Ok(()),
        Access::Case => Err(Error::NoCase),
        Access::Signed => with(&|_| true),
        Access::Approver => with(&|c| {
            let model = app.policy().model();
            reads(c)
                || model
                    .approvers
                    .iter()
                    .any(|a| c.session.aal >= a.aal && c.account.belongs_to(model, a.population))
        }),
        Access::Reader => with(&reads),
        Access::Agent => with(&|c| strong(c) && (c.roles.agent || c.roles.administrator)),
        Access::Administrator => with(&|c| strong(c) && c.roles.administrator),
    }
}

/// A form of ours returns the token of the cookie; browsers that say where they come from must say "from here".
fn is_ours(ctx: &Ctx, headers: &HeaderMap, body: &Bytes) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|v| v.to_str().ok());
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    let sent = match headers.get("x-csrf-token").and_then(|v| v.to_str().ok()) {
        Some(token) => Some(token.to_owned()),
        None => url::form_urlencoded::parse(body).find(|(key, _)| key == "csrf").map(|(_, v)| v.into_owned()),
    };
    sent.is_some_and(|sent| ctx.csrf.len() == 43 && sent.as_bytes().ct_eq(ctx.csrf.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_one_that_our_own_proxy_added() {
        let from = |lines: &[&'static str]| {
            let name = header::HeaderName::from_static("x-forwarded-for");
            let value = |line: &&'static str| (name.clone(), header::HeaderValue::from_static(line));
            forwarded(&lines.iter().map(value).collect())
        };
        assert_eq!(from(&["192.0.2.7"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(from(&["10.0.0.1, 192.0.2.7"]).as_deref(), Some("192.0.2.7"));
        // The first line is the client's own invention.
        assert_eq!(from(&["10.0.0.1", "192.0.2.7"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(from(&[]), None);
    }
}
