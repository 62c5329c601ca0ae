//! The name that was typed when this browser opened or joined its case, in a cookie beside the case's own.
//!
//! A case of a name that nobody has shows what was typed, like any other; there is no account to take it from.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use lifecycle::Secret;

use crate::app::App;
use crate::http::context::with_cookie;
use crate::http::cookie;

const WHOSE: &str = "__Host-postern-whose";

/// What was typed; empty where nothing was.
pub(crate) struct Whose(pub(crate) String);

impl FromRequestParts<App> for Whose {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let typed = || {
            let value = cookie::read(&parts.headers, WHOSE)?;
            String::from_utf8(BASE64URL_NOPAD.decode(value.as_bytes()).ok()?).ok()
        };
        Ok(Whose(typed().unwrap_or_default()))
    }
}

/// Gives a case to the browser, with the name that was typed for it.
pub(crate) fn keep(response: &mut Response, token: &Secret, typed: &str) {
    with_cookie(response, cookie::set(cookie::CASE, token.expose()));
    with_cookie(response, cookie::set(WHOSE, &BASE64URL_NOPAD.encode(typed.as_bytes())));
}

/// Takes the case from the browser.
pub(crate) fn forget(response: &mut Response) {
    with_cookie(response, cookie::clear(cookie::CASE));
    with_cookie(response, cookie::clear(WHOSE));
}
