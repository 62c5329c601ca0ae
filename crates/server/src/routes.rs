//! The route table: method, path, who may call it, handler. One line each; `guard` stands before every one.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::routing::{self, MethodRouter};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::http::guard::{Access, guard};

/// No request takes longer, however slow its sender or its database.
const PATIENCE: Duration = Duration::from_secs(30);

/// One line of the table.
pub struct Route {
    /// GET or POST.
    pub method: Method,
    /// In axum's form, with `{name}` for one segment.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    handler: MethodRouter<App>,
}

fn get<H: Handler<T, App>, T: 'static>(path: &'static str, access: Access, handler: H) -> Route {
    Route { method: Method::GET, path, access, handler: routing::get(handler) }
}

fn post<H: Handler<T, App>, T: 'static>(path: &'static str, access: Access, handler: H) -> Route {
    Route { method: Method::POST, path, access, handler: routing::post(handler) }
}

/// Every route.
#[rustfmt::skip]
pub fn table() -> Vec<Route> {
    use Access::{Administrator, Agent, Approver, Case, Demo, Public, Reader, Signed};
    vec![
        get ("/",                                       Public,        crate::sign_in::home),
        get ("/assets/{file}",                          Public,        crate::assets::file),
        get ("/healthz",                                Public,        crate::metrics::healthz),
        get ("/readyz",                                 Public,        crate::metrics::readyz),
    ]
}

/// The router: the table, each line behind its guard.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for Route { path, access, handler, .. } in table() {
        let app = app.clone();
        let stand = from_fn(move |request: Request, next: Next| guard(app.clone(), access, request, next));
        router = router.route(path, handler.layer(stand));
    }
    let rest = app.clone();
    let stand =
        from_fn(move |request: Request, next: Next| guard(rest.clone(), Access::Public, request, next));
    let nothing = routing::any(|| async { crate::http::Error::NotFound }).layer(stand);
    router
        .fallback_service(nothing.with_state(app.clone()))
        .with_state(app.clone())
        // A panic is a bug in one request; the server goes on.
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
}
