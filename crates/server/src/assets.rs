//! GET `/assets/...`: the files that pages load.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app::App;
use crate::http::{Answered, Ctx, Error};
use crate::page::assets;

/// One file, kept by browsers for five minutes.
pub(crate) async fn file(State(_): State<App>, ctx: Ctx) -> Answered {
    let asset = assets::find(&ctx.path).ok_or(Error::NotFound)?;
    let headers =
        [(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, "public, max-age=300")];
    Ok((headers, asset.body).into_response())
}
