//! Signing in: name first, then only the choices that this account and door allow.

use axum::response::{IntoResponse, Redirect, Response};

use crate::http::Ctx;
use crate::page::links;

/// GET `/`: to the account, or to sign in.
pub(crate) async fn home(ctx: Ctx) -> Response {
    Redirect::to(if ctx.person.is_some() { links::ACCOUNT } else { links::SIGN_IN }).into_response()
}
