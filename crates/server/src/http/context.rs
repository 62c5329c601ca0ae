//! `Ctx`: who asks and with what, found once per request by `guard` and handed to the handler.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use lifecycle::id::Hash;
use lifecycle::session::Caller;
use serde::de::DeserializeOwned;

use super::cookie;
use super::error::Error;
use crate::app::{App, Peer};
use crate::page::{Flash, Frame, Nav, Person, Section, Tone};

/// Who asks, from where, in which session and case.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// The path asked for.
    pub path: String,
    /// The network's view.
    pub peer: Peer,
    /// What forms return.
    pub csrf: String,
    /// The signed-in person. Present on every route whose access demands one.
    pub person: Option<Arc<Caller>>,
    /// The stored form of the case cookie.
    pub holder: Option<Hash>,
    /// What came of the last request.
    pub flash: Option<Flash>,
}

impl Ctx {
    /// Nobody known: for answers that were made before anybody asked who it is, or after nobody could.
    pub(super) fn nobody(path: String) -> Ctx {
        Ctx { path, peer: Peer::default(), csrf: String::new(), person: None, holder: None, flash: None }
    }

    /// The signed-in person of a route that demands one.
    pub fn caller(&self) -> Result<Arc<Caller>, Error> {
        self.person.clone().ok_or(Error::SignInFirst)
    }

    /// The case of a route that demands one.
    pub fn holder(&self) -> Result<Hash, Error> {
        self.holder.clone().ok_or(Error::NoCase)
    }

    /// The frame of a page: what it has around its own content.
    pub fn frame(&self, app: &App, nav: Nav) -> Frame {
        let organization = &app.policy().model().organization;
        Frame {
            organization: organization.name.clone(),
            support: organization.support.clone(),
            csrf: self.csrf.clone(),
            person: self.person.as_ref().map(|caller| Person {
                name: caller.account.display_name.clone(),
                login: caller.account.name.clone(),
                console: console_of(caller, app),
            }),
            nav,
            flash: self.flash.clone(),
            demo: app.is_demo(),
            path: self.path.clone(),
        }
    }
}

/// The section of the console that this person starts in: none for a plain member.
fn console_of(caller: &Caller, app: &App) -> Option<Section> {
    let model = app.policy().model();
    let roles = caller.roles;
    if roles.administrator || roles.agent || roles.auditor {
        Some(Section::Overview)
    } else if model.approvers.iter().any(|a| caller.account.belongs_to(model, a.population)) {
        Some(Section::Approvals)
    } else {
        None
    }
}

impl FromRequestParts<App> for Ctx {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        // `guard` puts it there for every route of the table.
        parts.extensions.get::<Ctx>().cloned().ok_or(Error::NotFound)
    }
}

/// The fields of a posted form. Unknown fields are ignored; a missing one is the caller's mistake.
pub struct Posted<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
    type Rejection = Error;
    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        let axum::Form(fields) = axum::Form::<T>::from_request(request, app)
            .await
            .map_err(|error| Error::BadRequest(error.to_string()))?;
        Ok(Posted(fields))
    }
}

/// Goes to another page after a POST, with one sentence for it.
pub fn go(to: &str, flash: Option<(Tone, &str)>) -> Response {
    let mut response = Redirect::to(to).into_response();
    if let Some((tone, text)) = flash {
        let tone = match tone {
            Tone::Plain => "p",
            Tone::Good => "g",
            Tone::Warn => "w",
            Tone::Bad => "b",
        };
        let value = data_encoding::BASE64URL_NOPAD.encode(format!("{tone}{text}").as_bytes());
        with_cookie(&mut response, cookie::set(cookie::FLASH, &value));
    }
    response
}

/// Adds a cookie to a response.
pub fn with_cookie(response: &mut Response, cookie: Option<axum::http::HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(axum::http::header::SET_COOKIE, cookie);
    }
}

/// Reads the sentence that [`go`] left.
pub(super) fn flash_of(value: &str) -> Option<Flash> {
    let text = String::from_utf8(data_encoding::BASE64URL_NOPAD.decode(value.as_bytes()).ok()?).ok()?;
    let tone = match text.chars().next()? {
        'g' => Tone::Good,
        'w' => Tone::Warn,
        'b' => Tone::Bad,
        _ => Tone::Plain,
    };
    Some(Flash { tone, text: text.chars().skip(1).take(300).collect() })
}
