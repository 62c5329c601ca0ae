//! The route table: method, path, who may call it, handler. One line each; `guard` stands before every one.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::routing::{self, MethodRouter};

use crate::app::App;
use crate::http::guard::{Access, guard};
use crate::http::{Error, envelope};

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
        get ("/sign-in",                                Public,        crate::sign_in::name),
        post("/sign-in",                                Public,        crate::sign_in::begin),
        get ("/sign-in/case",                           Public,        crate::sign_in::choices),
        post("/sign-in/prove/{authenticator}",          Public,        crate::sign_in::prove::prove),
        post("/sign-in/prove/{authenticator}/options",  Public,        crate::sign_in::prove::options),
        post("/sign-in/passkey",                        Public,        crate::sign_in::passkey::prove),
        post("/sign-in/passkey/options",                Public,        crate::sign_in::passkey::options),
        get ("/sign-out",                               Public,        crate::sign_in::signed_out),
        post("/sign-out",                               Signed,        crate::sign_in::out),
        get ("/recover",                                Public,        crate::recover::start),
        post("/recover",                                Public,        crate::recover::doors),
        post("/recover/open",                           Public,        crate::recover::open),
        get ("/recover/join",                           Public,        crate::recover::join_page),
        post("/recover/join",                           Public,        crate::recover::join),
        get ("/lost",                                   Public,        crate::recover::lost),
        get ("/enrol/{ticket}",                         Public,        crate::enrol::page),
        post("/enrol/{ticket}",                         Public,        crate::enrol::redeem),
        get ("/stop/{token}",                           Public,        crate::stop::page),
        post("/stop/{token}",                           Public,        crate::stop::stop),
        get ("/case",                                   Case,          crate::case::page),
        post("/case/prove/{what}",                      Case,          crate::case::prove::prove),
        post("/case/prove/{what}/options",              Case,          crate::case::prove::options),
        post("/case/send",                              Case,          crate::case::prove::send),
        post("/case/proceed",                           Case,          crate::case::acts::proceed),
        get ("/case/bind/{name}",                       Case,          crate::case::bind::page),
        post("/case/bind/{name}",                       Case,          crate::case::bind::bind),
        post("/case/bind/{name}/options",               Case,          crate::case::bind::options),
        post("/case/bind/{name}/kept",                  Case,          crate::case::bind::kept),
        post("/case/staged/{id}/take-back",             Case,          crate::case::acts::take_back),
        post("/case/finish",                            Case,          crate::case::acts::finish),
        post("/case/leave",                             Case,          crate::case::acts::leave),
        get ("/account",                                Signed,        crate::account::home),
        post("/account/bind",                           Signed,        crate::account::cases::open),
        get ("/account/authenticators/{id}/rename",     Signed,        crate::account::authenticators::rename_page),
        post("/account/authenticators/{id}/rename",     Signed,        crate::account::authenticators::rename),
        get ("/account/authenticators/{id}/remove",     Signed,        crate::account::authenticators::remove_page),
        post("/account/authenticators/{id}/remove",     Signed,        crate::account::authenticators::remove),
        get ("/account/authenticators/{id}/lost",       Signed,        crate::account::lost::page),
        post("/account/authenticators/{id}/lost",       Signed,        crate::account::lost::report),
        post("/account/sessions/{id}/end",              Signed,        crate::account::sessions::end),
        post("/account/sessions/end-others",            Signed,        crate::account::sessions::end_others),
        post("/account/sessions/end-all",               Signed,        crate::account::sessions::end_all),
        get ("/account/cases/{reference}/stop",         Signed,        crate::account::cases::stop_page),
        post("/account/cases/{reference}/stop",         Signed,        crate::account::cases::stop),
        get ("/assets/{file}",                          Public,        crate::assets::file),
        get ("/healthz",                                Public,        crate::metrics::healthz),
        get ("/readyz",                                 Public,        crate::metrics::readyz),
        get ("/console",                                Reader,        crate::console::overview::show),
        get ("/console/members",                        Reader,        crate::console::members::list),
        post("/console/members/new",                    Administrator, crate::console::change::add),
        get ("/console/members/new",                    Administrator, crate::console::change::new),
        get ("/console/members/{id}",                   Reader,        crate::console::member::show),
        get ("/console/members/{id}/change",            Administrator, crate::console::change::show),
        post("/console/members/{id}/change",            Administrator, crate::console::change::change),
        post("/console/members/{id}/address",           Administrator, crate::console::change::address),
        get ("/console/members/{id}/invite",            Agent,         crate::console::acts::invited),
        post("/console/members/{id}/invite",            Agent,         crate::console::acts::invite),
        post("/console/members/{id}/invite/revoke",     Agent,         crate::console::acts::revoke),
        post("/console/members/{id}/recover",           Agent,         crate::console::acts::recovery),
        get ("/console/members/{id}/sessions/end",      Agent,         crate::console::sessions::ask_all),
        post("/console/members/{id}/sessions/end",      Agent,         crate::console::sessions::end_all),
        get ("/console/members/{id}/sessions/{session}/end", Agent,    crate::console::sessions::ask_one),
        post("/console/members/{id}/sessions/{session}/end", Agent,    crate::console::sessions::end_one),
        get ("/console/members/{id}/offboard",          Administrator, crate::console::acts::leaving),
        post("/console/members/{id}/offboard",          Administrator, crate::console::acts::leave),
        get ("/console/cases",                          Reader,        crate::console::cases::list),
        get ("/console/cases/{reference}",              Approver,      crate::console::case::show),
        post("/console/cases/{reference}/decide",       Approver,      crate::console::decide::verdict),
        post("/console/cases/{reference}/proofing",     Agent,         crate::console::decide::proofing),
        post("/console/cases/{reference}/stop",         Agent,         crate::console::decide::stop),
        get ("/console/approvals",                      Approver,      crate::console::approvals::list),
        get ("/console/audit",                          Reader,        crate::console::audit::list),
        get ("/console/notices",                        Reader,        crate::console::notices::list),
        post("/console/notices/{id}/retry",             Agent,         crate::console::notices::retry),
        get ("/console/policy",                         Reader,        crate::console::policy::show),
        get ("/console/blast",                          Reader,        crate::console::blast::show),
        get ("/demo",                                   Demo,          crate::demo::landing),
        get ("/demo/mail",                              Demo,          crate::demo::mail),
    ]
}

/// The router: the table, each line in its envelope and behind its guard.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for Route { path, access, handler, .. } in table() {
        router = router.route(path, behind(app, access, handler));
    }
    let nothing = routing::any(|| async { Error::NotFound });
    let nothing = behind(app, Access::Public, nothing).with_state(app.clone());
    router.fallback_service(nothing).with_state(app.clone())
}

/// One layer for both, because every layer copies and boxes the request on its way.
fn behind(app: &App, access: Access, handler: MethodRouter<App>) -> MethodRouter<App> {
    let app = app.clone();
    handler.layer(from_fn(move |request: Request, next: Next| {
        let guarded = app.clone();
        let inside = move |request| guard(guarded, access, request, next);
        envelope::around(app.clone(), PATIENCE, request, inside)
    }))
}
