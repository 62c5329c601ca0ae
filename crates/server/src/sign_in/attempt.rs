//! The attempt to sign in that a browser is making, in a cookie of its own.
//!
//! Apart from the cookie of the case that the browser may hold: whoever waits for approvals can sign in meanwhile
//! without losing the case. It also carries the typed name, because the page of an unknown name must show what was
//! typed and there is no account to take it from; and where to go afterwards.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use lifecycle::Secret;
use lifecycle::id::Hash;

use crate::app::App;
use crate::http::context::with_cookie;
use crate::http::{Error, cookie};

/// After a name was given.
const NAMED: &str = "__Host-postern-sign-in";
/// Before: the passkey that the name field offers says whose it is. Apart from the other, because the browser asks
/// for it while the name is being sent.
const NAMELESS: &str = "__Host-postern-passkey";

/// A sign-in under way in this browser.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// The stored form of its secret.
    pub(crate) holder: Hash,
    /// What was typed.
    pub(crate) name: String,
    /// Where to go afterwards, as asked.
    pub(crate) next: String,
}

impl Attempt {
    fn read(headers: &HeaderMap) -> Option<Attempt> {
        let mut parts = cookie::read(headers, NAMED)?.splitn(3, '.');
        let holder = Secret::from_text(parts.next()?).hash();
        let mut text = || String::from_utf8(BASE64URL_NOPAD.decode(parts.next()?.as_bytes()).ok()?).ok();
        Some(Attempt { holder, name: text()?, next: text()? })
    }

    /// Gives a new attempt to the browser.
    pub(super) fn keep(response: &mut Response, token: &Secret, name: &str, next: &str) {
        let text = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let value = format!("{}.{}.{}", token.expose(), text(name), text(next));
        with_cookie(response, cookie::set(NAMED, &value));
    }
}

impl FromRequestParts<App> for Attempt {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        Attempt::read(&parts.headers).ok_or(Error::NoCase)
    }
}

/// The attempt of a passkey that names its own account.
#[derive(Clone, Debug)]
pub(crate) struct Nameless(pub(super) Hash);

impl Nameless {
    /// Gives it to the browser.
    pub(super) fn keep(response: &mut Response, token: &Secret) {
        with_cookie(response, cookie::set(NAMELESS, token.expose()));
    }
}

impl FromRequestParts<App> for Nameless {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let token = cookie::read(&parts.headers, NAMELESS).ok_or(Error::NoCase)?;
        Ok(Nameless(Secret::from_text(token).hash()))
    }
}

/// Takes both attempts from the browser.
pub(super) fn forget(response: &mut Response) {
    with_cookie(response, cookie::clear(NAMED));
    with_cookie(response, cookie::clear(NAMELESS));
}
