//! The route table, walked: whoever has no authority, too little, or authority that has ended is refused everywhere, and
//! nothing changes; and so is every form that is not ours.

#[path = "support/app.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod app;
#[path = "support/authenticator.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod authenticator;
#[path = "support/database.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod database;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use lifecycle::session::{self, Caller, Roles};
use lifecycle::{AccountId, Decision, Fact, Time, What};
use policy::Aal;
use server::app::App;
use server::http::cookie;
use server::http::guard::Access;
use server::routes::{self, Route};
use server::store::{log, sessions};
use tower::ServiceExt;

use app::{TestApp, decided, member, newcomer, session};
use database::TestDatabase;

const TOKEN: &str = "ccccccccccccccccccccccccccccccccccccccccccc";

/// One who asks: cookies, nothing else.
type Cookies = BTreeMap<&'static str, String>;

/// Sends a request to a line of the table, with this form token in the body.
async fn ask(app: &App, route: &Route, cookies: &Cookies, token: &str) -> (StatusCode, String) {
    // Whatever stands for a name in a path is somebody else's, or nobody's.
    let path: Vec<&str> =
        route.path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
    let cookies: Vec<String> = cookies.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let request = Request::builder()
        .method(route.method.clone())
        .uri(path.join("/"))
        .header(header::COOKIE, cookies.join("; "))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("csrf={token}&name=x&reference=x&door=x&label=x&channel=x&credential=x")))
        .expect("a request");
    let response = routes::router(app).oneshot(request).await.expect("a router always answers");
    let location = response.headers().get(header::LOCATION);
    let location = location.map_or("", |value| value.to_str().expect("an address is text")).to_owned();
    (response.status(), location)
}

/// The state that a refused request leaves alone.
async fn size(app: &App) -> u64 {
    app.read(|view| Ok(log::head(view.tx)?.size)).await.expect("the log can be read")
}

/// Asks for every line that demands something, and expects to be sent away with nothing changed.
async fn is_refused_everywhere(app: &App, who: &str, cookies: &Cookies, is_too_little: fn(Access) -> bool) {
    let mut tried = 0;
    for route in routes::table().iter().filter(|route| is_too_little(route.access)) {
        let before = size(app).await;
        let (status, location) = ask(app, route, cookies, TOKEN).await;
        let at = format!("{who}: {} {}", route.method, route.path);
        match status {
            StatusCode::SEE_OTHER => assert!(location.starts_with("/sign-in"), "{at} led to {location}"),
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {}
            other => panic!("{at} was answered {other}"),
        }
        assert_eq!(size(app).await, before, "{at} left something in the log");
        tried += 1;
    }
    assert!(tried > 0, "{who}: the table has lines like that");
}

fn visitor() -> Cookies {
    Cookies::from([(cookie::CSRF, TOKEN.to_owned())])
}

async fn signed_in(app: &App, id: &AccountId) -> Cookies {
    let mut cookies = visitor();
    cookies.insert(cookie::SESSION, session(app, id).await.expose().to_owned());
    cookies
}

fn with_app<Test: Future<Output = ()>>(test: impl FnOnce(App) -> Test) {
    let database = TestDatabase::sqlite();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let here = TestApp::start(&database);
    runtime.block_on(test(here.app.clone()));
}

fn is_console(access: Access) -> bool {
    matches!(access, Access::Approver | Access::Reader | Access::Agent | Access::Administrator)
}

#[test]
fn nobody_is_sent_away_from_everything_that_is_not_public() {
    with_app(|app| async move {
        is_refused_everywhere(&app, "nobody", &visitor(), |access| access != Access::Public).await;
    });
}

#[test]
fn made_up_cookies_are_worth_nothing() {
    with_app(|app| async move {
        let mut cookies = visitor();
        cookies.insert(cookie::SESSION, "a".repeat(43));
        let demands = |access| access == Access::Signed || is_console(access);
        is_refused_everywhere(&app, "a made-up session", &cookies, demands).await;
        // A made-up case passes the gate, finds nothing and changes nothing of anybody's.
        cookies.insert(cookie::CASE, "a".repeat(43));
        for route in routes::table().iter().filter(|route| route.access == Access::Case) {
            let (status, _) = ask(&app, route, &cookies, TOKEN).await;
            let at = format!("{} {}", route.method, route.path);
            assert!(status != StatusCode::OK && !status.is_server_error(), "{at} was answered {status}");
        }
    });
}

#[test]
fn the_name_of_a_session_is_worth_nothing_without_its_secret() {
    with_app(|app| async move {
        let admin = newcomer(&app, "ada", "domain-admins", None).await;
        let hers = session(&app, &admin).await;
        let member = newcomer(&app, "sam", "staff", None).await;
        let his = session(&app, &member).await;
        let name = |token: &lifecycle::Secret| token.expose().split_once('.').expect("a name").0.to_owned();
        let secret =
            |token: &lifecycle::Secret| token.expose().split_once('.').expect("a secret").1.to_owned();
        let demands = |access| access == Access::Signed || is_console(access);
        for claimed in [
            name(&hers),
            format!("{}.", name(&hers)),
            format!("{}.{}", name(&hers), "a".repeat(43)),
            format!("{}.{}", name(&hers), secret(&his)),
            secret(&hers),
            format!(".{}", secret(&hers)),
        ] {
            let mut cookies = visitor();
            cookies.insert(cookie::SESSION, claimed.clone());
            is_refused_everywhere(&app, &claimed, &cookies, demands).await;
        }
    });
}

#[test]
fn too_little_authority_is_sent_away() {
    with_app(|app| async move {
        let contractor = newcomer(&app, "carl", "contractors", None).await;
        let cookies = signed_in(&app, &contractor).await;
        is_refused_everywhere(&app, "a contractor", &cookies, is_console).await;
        // Staff may approve as managers; that opens nothing else of the console.
        let staff = newcomer(&app, "sam", "staff", None).await;
        let cookies = signed_in(&app, &staff).await;
        let beyond = |access| is_console(access) && access != Access::Approver;
        is_refused_everywhere(&app, "staff", &cookies, beyond).await;
        let agent = newcomer(&app, "hana", "helpdesk", None).await;
        let cookies = signed_in(&app, &agent).await;
        is_refused_everywhere(&app, "an agent", &cookies, |a| a == Access::Administrator).await;
    });
}

#[test]
fn a_session_of_one_factor_opens_no_console_whoever_holds_it() {
    with_app(|app| async move {
        let admin = newcomer(&app, "ada", "domain-admins", None).await;
        let mut cookies = signed_in(&app, &admin).await;
        let owner = admin.clone();
        let token = decided(&app, Some(&admin), move |view, env| {
            let weak = sessions::of(view.tx, &owner, env.now)?.remove(0);
            let mut weak = lifecycle::Session { aal: Aal::One, ..weak };
            weak.id = lifecycle::id::SessionId::fresh(env);
            let token = weak.token(env);
            let change = lifecycle::Change::StartSession { session: Box::new(weak), hash: token.hash() };
            let fact = Fact::about(What::SignedIn, lifecycle::Actor::Person(owner.clone()), Some(&owner));
            Ok(Decision { reply: token, changes: vec![change], facts: lifecycle::Facts::one(fact) })
        })
        .await;
        cookies.insert(cookie::SESSION, token.expose().to_owned());
        is_refused_everywhere(&app, "one factor", &cookies, is_console).await;
    });
}

#[test]
fn a_session_that_ended_is_worth_nothing_however_it_ended() {
    with_app(|app| async move {
        let demands = |access| access == Access::Signed || is_console(access);
        let admin = member(&app, "ada", "domain-admins").await;
        let cookies = signed_in(&app, &admin.id).await;
        let id = admin.id.clone();
        decided(&app, Some(&admin.id), move |view, env| {
            let account = view.account(id.as_str())?.expect("the account exists");
            let session = sessions::of(view.tx, &id, env.now)?.remove(0);
            let caller = Caller { account, session, roles: Roles::default() };
            Ok(session::end(&caller, &caller.session, env))
        })
        .await
        .expect("one's own session can be ended");
        is_refused_everywhere(&app, "signed out", &cookies, demands).await;

        let cookies = signed_in(&app, &admin.id).await;
        let owner = admin.id.clone();
        decided(&app, Some(&admin.id), move |_, env| {
            let fact = Fact::about(What::MemberOffboarded, lifecycle::Actor::Terminal, Some(&owner));
            // Not even when the sessions themselves were forgotten.
            let change = lifecycle::Change::SetOffboarded { account: owner.clone(), at: env.now };
            Ok(Decision { reply: (), changes: vec![change], facts: lifecycle::Facts::one(fact) })
        })
        .await;
        is_refused_everywhere(&app, "off-boarded", &cookies, demands).await;
    });
}

#[test]
fn a_session_that_nobody_used_for_too_long_is_worth_nothing() {
    let database = TestDatabase::sqlite();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let here = TestApp::start(&database);
    runtime.block_on(async {
        let app = &here.app;
        let admin = newcomer(app, "ada", "domain-admins", None).await;
        let cookies = signed_in(app, &admin).await;
        let later = Time(app.now().0 + 3_600_000_000);
        here.clock.store(later.0, std::sync::atomic::Ordering::Relaxed);
        let demands = |access| access == Access::Signed || is_console(access);
        is_refused_everywhere(app, "idle", &cookies, demands).await;
    });
}

#[test]
fn a_form_that_is_not_ours_is_refused_everywhere() {
    with_app(|app| async move {
        let admin = newcomer(&app, "ada", "domain-admins", None).await;
        let mut cookies = signed_in(&app, &admin).await;
        cookies.insert(cookie::CASE, "a".repeat(43));
        let wrong = "d".repeat(43);
        let posts = routes::table();
        let posts = posts.iter().filter(|route| route.method == Method::POST && route.access != Access::Demo);
        for route in posts {
            for token in ["", "c", &wrong] {
                let before = size(&app).await;
                let (status, _) = ask(&app, route, &cookies, token).await;
                assert_eq!(status, StatusCode::FORBIDDEN, "{} with the token `{token}`", route.path);
                assert_eq!(size(&app).await, before, "{} left something in the log", route.path);
            }
            // Nor does a browser that keeps no token get past.
            let bare: Cookies = cookies
                .iter()
                .filter(|(key, _)| **key != cookie::CSRF)
                .map(|(k, v)| (*k, v.clone()))
                .collect();
            let (status, _) = ask(&app, route, &bare, TOKEN).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{} without a token of its own", route.path);
        }
    });
}
