//! What nobody does by accident: answers without a handler's care, text that is none, words that are not asked for.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::routing;
use server::app::App;
use server::http::envelope;
use server::routes;
use server::store::notices;
use tower::ServiceExt;

use crate::app::{PASSWORD, logged, member};
use crate::client::Client;
use crate::console::person;
use crate::walk::with_clock;
use crate::{with_app, with_app_on_postgres};

/// What comes back for a path, headers and all.
async fn raw(router: &Router, path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::builder().uri(path).body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("a router always answers");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 4 << 20).await.expect("a whole body");
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

fn must_be_dressed(headers: &HeaderMap, path: &str) {
    for name in [
        header::CONTENT_SECURITY_POLICY,
        header::X_CONTENT_TYPE_OPTIONS,
        header::X_FRAME_OPTIONS,
        header::REFERRER_POLICY,
        header::CACHE_CONTROL,
    ] {
        assert!(headers.contains_key(&name), "{path} has no {name}");
    }
}

#[test]
fn every_answer_wears_the_security_headers() {
    with_app(|app| async move {
        let router = routes::router(&app);
        for path in
            ["/", "/sign-in", "/healthz", "/readyz", "/nowhere", "/assets/nothing", "/sign-out", "/%FF"]
        {
            must_be_dressed(&raw(&router, path).await.1, path);
        }
        // No handler of ours: the path is known, and nobody may ask for it so.
        let (status, headers, body) = raw(&router, "/recover/open").await;
        assert_eq!(
            (status, &headers[header::ALLOW]),
            (StatusCode::METHOD_NOT_ALLOWED, &"POST".parse().expect("a header"))
        );
        assert!(body.contains("Only a form on another page leads here"), "{body}");
        must_be_dressed(&headers, "/recover/open");
    });
}

#[test]
fn what_no_handler_answers_is_a_page_with_an_incident_in_the_same_headers() {
    async fn breaks() -> &'static str {
        panic!("a handler with a bug")
    }
    async fn hangs() {
        std::future::pending::<()>().await;
    }
    with_app(|app| async move {
        let broken =
            Router::new().route("/breaks", routing::get(breaks)).route("/hangs", routing::get(hangs));
        let router = broken.layer(from_fn(move |request: Request<Body>, next: Next| {
            envelope::around(app.clone(), Duration::ZERO, request, |request| next.run(request))
        }));
        for (path, expected) in
            [("/breaks", StatusCode::INTERNAL_SERVER_ERROR), ("/hangs", StatusCode::SERVICE_UNAVAILABLE)]
        {
            let (status, headers, body) = raw(&router, path).await;
            assert_eq!(status, expected, "{path}");
            assert!(body.contains("Incident <code"), "{path}: {body}");
            assert!(!body.contains("a handler with a bug"), "{path}: {body}");
            must_be_dressed(&headers, path);
        }
    });
}

/// NUL wherever something is typed or addressed.
async fn nul(app: App) {
    let ada = person(&app, "ada", "domain-admins").await;
    let mut client = Client::signed_in(&app, &ada).await;
    for path in ["/enrol/%00", "/console/members?q=a%00", "/console/members/%00", "/console/cases/%00"] {
        assert_eq!(client.get(path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    for (path, fields) in [
        ("/sign-in", vec![("name", "al\0ice")]),
        ("/recover", vec![("name", "al\0ice")]),
        ("/recover/join", vec![("name", "alice"), ("reference", "\0")]),
        ("/console/members/new", vec![("login", "nina"), ("name", "N\0"), ("groups", "staff")]),
    ] {
        let before = logged(&app).await;
        assert_eq!(client.post(path, &fields).await.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(logged(&app).await, before, "{path} left something in the log");
    }
    // Two characters that only look like it.
    let page = client.get("/console/members?q=%2500").await;
    assert_eq!(page.status, StatusCode::OK);
}

#[test]
fn the_character_that_is_none_is_a_bad_request() {
    with_app(nul);
}

#[test]
fn the_character_that_is_none_is_a_bad_request_on_the_other_database_too() {
    with_app_on_postgres(nul);
}

#[test]
fn a_channel_that_the_policy_does_not_have_leaves_nothing_in_the_log() {
    with_app(|app| async move {
        member(&app, "alice", "staff").await;
        let mut stranger = Client::visitor(&app);
        stranger.post("/sign-in", &[("name", "alice")]).await;
        let before = logged(&app).await;
        let fields = [("channel", "whatever a stranger wants to keep for ever"), ("code", "1")];
        let answer = stranger.post("/sign-in/prove/password", &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(logged(&app).await, before);
    });
}

#[test]
fn a_channel_that_is_switched_off_tells_a_stranger_nothing() {
    with_clock(|app, time| async move {
        member(&app, "alice", "staff").await;
        let mut stranger = Client::visitor(&app);
        stranger.post("/recover/open", &[("name", "alice"), ("door", "what-you-kept")]).await;
        // As many wrong codes as the address has attempts, and one more.
        for _ in 0..11 {
            let page = stranger.post_and_follow("/case/send", &[("channel", "own-mail")]).await;
            page.must_show("a code is on its way");
            let wrong = [("channel", "own-mail"), ("code", "00000000")];
            stranger.post_and_follow("/case/prove/issued", &wrong).await.must_show("That did not match");
            time.pass(Duration::from_hours(2));
        }
        // Whoever has shown something hears why.
        stranger.post("/case/prove/password", &[("password", PASSWORD)]).await;
        let page = stranger.post_and_follow("/case/send", &[("channel", "own-mail")]).await;
        assert!(!page.shows("a code is on its way"), "{}", page.body);
    });
}

#[test]
fn a_name_for_an_authenticator_is_one_line() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        client.post("/account/bind", &[]).await;
        let again = crate::walk::with_seed_of(&alice, &client.get("/case/bind/totp").await);
        let code = again.code(app.now());
        let fields = [("code", code.as_str()), ("label", "Phone\r\n\r\nCall 555 0100 at once")];
        client.post_and_follow("/case/bind/totp", &fields).await.must_show("PhoneCall 555 0100 at once");
    });
}

#[test]
fn a_member_cannot_flood_a_mailbox_that_is_not_theirs() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        client.post("/account/bind", &[]).await;
        for _ in 0..22 {
            client.post("/case/bind/own-mail", &[("address", "victim@example.org")]).await;
        }
        let (id, since) = (alice.id.clone(), lifecycle::Time(0));
        let sent = app.read(move |view| notices::count_since(view.tx, &id, "own-mail", since)).await;
        assert_eq!(sent.expect("notices can be counted"), 20);
    });
}
