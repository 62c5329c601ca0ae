//! What nobody in particular may cause: bounded by where it comes from, and alike for every name.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use server::app::App;
use server::http::cookie;

use crate::app::{give_passkey, logged, member};
use crate::client::Client;
use crate::with_app;

fn from(last: u8) -> ConnectInfo<SocketAddr> {
    ConnectInfo(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)), 50_000))
}

#[test]
fn recoveries_without_end_are_turned_away_alike_for_every_name() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        give_passkey(&app, &alice.id).await;
        let mut statuses = Vec::new();
        for (last, name) in [(1, "alice"), (2, "nobody")] {
            let mut stranger = Client::visitor(&app).at(from(last));
            let fields = [("name", name), ("door", "what-you-kept")];
            let mut seen = Vec::new();
            for _ in 0..31 {
                seen.push(stranger.post("/recover/open", &fields).await.status);
            }
            let before = logged(&app).await;
            seen.push(stranger.post("/recover/open", &fields).await.status);
            assert_eq!(logged(&app).await, before, "what is turned away leaves nothing");
            statuses.push(seen);
        }
        assert_eq!(statuses[0], statuses[1]);
        assert_eq!(
            statuses[0][29..],
            [StatusCode::SEE_OTHER, StatusCode::TOO_MANY_REQUESTS, StatusCode::TOO_MANY_REQUESTS]
        );
        // The owner, who is somewhere else, is not shut out by that.
        let mut owner = Client::visitor(&app).at(from(3));
        let fields = [("name", "alice"), ("door", "what-you-kept")];
        owner.post_and_follow("/recover/open", &fields).await.must_show("Send the code");
    });
}

#[test]
fn invented_cases_do_not_fill_the_log() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut stranger = Client::visitor(&app).at(from(1));
        let attempt = format!("{}.YWxpY2U.", "a".repeat(43));
        stranger.set_cookie(cookie::CASE, &"a".repeat(43));
        stranger.set_cookie("__Host-postern-sign-in", &attempt);
        let before = logged(&app).await;
        for _ in 0..40 {
            stranger.post("/sign-in/prove/totp", &[("code", "000000")]).await;
            stranger.post("/case/finish", &[]).await;
        }
        let left = logged(&app).await - before;
        assert_eq!(left, 20, "the first of them are recorded, like any refusal");
        // Whoever signs in from the same address notices nothing.
        let mut owner = Client::visitor(&app).at(from(1));
        crate::sign_in::sign_in(&mut owner, &app, &alice).await.must_show("How you sign in");
    });
}

#[test]
fn invented_links_and_references_do_not_fill_the_log() {
    with_app(|app| async move {
        let mut stranger = Client::visitor(&app).at(from(1));
        let before = logged(&app).await;
        for number in 0..40 {
            let secret = format!("{number:043}");
            for path in [format!("/enrol/{secret}"), format!("/stop/{secret}")] {
                assert_eq!(stranger.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
            }
            let fields = [("name", "alice"), ("reference", "ABCD-EFGH")];
            let page = stranger.post("/recover/join", &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            page.must_show("No open case has this name and reference");
        }
        assert_eq!(logged(&app).await - before, 20, "the first of them are recorded, like any refusal");
    });
}

/// What a stranger is answered who acts without end in a recovery, under a name that somebody has and one that nobody has: no
/// more than sixty lines in the log, and no difference.
async fn without_end(app: &App, acts: &[(&str, (&str, &str))]) {
    let alice = member(app, "alice", "staff").await;
    give_passkey(app, &alice.id).await;
    let mut statuses = Vec::new();
    for (last, name) in [(1, "alice"), (2, "nobody")] {
        let mut stranger = Client::visitor(app).at(from(last));
        stranger.post("/recover/open", &[("name", name), ("door", "what-you-kept")]).await;
        let before = logged(app).await;
        let mut seen = Vec::new();
        for (path, field) in acts.iter().cycle().take(66) {
            seen.push(stranger.post(path, &[*field]).await.status);
        }
        assert_eq!(logged(app).await - before, 60, "{name}");
        assert_eq!(seen[60..], [StatusCode::TOO_MANY_REQUESTS; 6]);
        statuses.push(seen);
    }
    assert_eq!(statuses[0], statuses[1]);
}

#[test]
fn a_case_that_is_refused_without_end_is_turned_away_alike_for_every_name() {
    with_app(|app| async move {
        let code = ("code", "wrong");
        let acts = [("/case/proceed", code), ("/case/prove/codes", code), ("/case/finish", code)];
        without_end(&app, &acts).await;
    });
}

#[test]
fn codes_are_not_asked_for_without_end_for_any_name() {
    with_app(|app| async move {
        without_end(&app, &[("/case/send", ("channel", "own-mail"))]).await;
    });
}

#[test]
fn letting_go_of_a_case_and_looking_behind_its_door_tell_no_names_apart() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        give_passkey(&app, &alice.id).await;
        let mut seen = Vec::new();
        for name in ["alice", "nobody"] {
            let mut stranger = Client::visitor(&app);
            stranger.post("/recover/open", &[("name", name), ("door", "what-you-kept")]).await;
            let mut answers = Vec::new();
            for path in ["/case/bind/totp", "/case/bind/codes", "/case/bind/own-mail"] {
                let answer = stranger.get(path).await;
                answers.push((answer.status, answer.location));
            }
            let left = stranger.post_and_follow("/case/leave", &[]).await;
            left.must_show("This browser has let go of the case");
            answers.push((left.status, left.location));
            seen.push(answers);
        }
        assert_eq!(seen[0], seen[1]);
    });
}

#[test]
fn a_reference_is_worth_no_line_in_the_log_without_its_name() {
    with_app(|app| async move {
        let mut stranger = Client::visitor(&app).at(from(1));
        let page =
            stranger.post_and_follow("/recover/open", &[("name", "nobody"), ("door", "assisted")]).await;
        let reference = crate::walk::between(&page, "class=\"ref\">", "<").to_owned();
        let before = logged(&app).await;
        for _ in 0..40 {
            stranger.post("/recover/join", &[("name", "alice"), ("reference", &reference)]).await;
        }
        assert_eq!(logged(&app).await - before, 20);
    });
}
