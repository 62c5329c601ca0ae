//! The member's own pages.

use axum::http::StatusCode;
use server::http::cookie;

use crate::app::{give_passkey, member};
use crate::client::Client;
use crate::console::person;
use crate::walk::{between, mail};
use crate::with_app;

/// The first address of this kind on a page.
fn address(page: &crate::client::Answer, before: &str, after: &str) -> String {
    format!("{before}{}{after}", between(page, before, after))
}

#[test]
fn the_account_page_shows_what_there_is() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        give_passkey(&app, &alice.id).await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        let page = client.get("/account").await;
        for text in [
            "Passkey",
            "Password",
            "Authenticator app",
            "<strong>10</strong> of 10 left",
            "alice@example.net",
            "this one",
            "You signed in",
            "Sign out everywhere",
        ] {
            page.must_show(text);
        }
    });
}

#[test]
fn a_passkey_is_renamed_but_only_by_its_owner() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mallory = member(&app, "mallory", "staff").await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        let page = client.get("/account").await;
        let rename = address(&page, "/account/authenticators/", "/rename");
        client.get(&rename).await.must_show("Rename this");
        let page = client.post(&rename, &[("label", "  ")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        client.post_and_follow(&rename, &[("label", "Old faithful")]).await.must_show("Old faithful");
        let mut other = Client::signed_in(&app, &mallory.id).await;
        for path in [rename.clone(), rename.replace("rename", "remove")] {
            assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
            assert_eq!(other.post(&path, &[("label", "Mine")]).await.status, StatusCode::NOT_FOUND);
        }
        client.get("/account").await.must_show("Old faithful");
    });
}

#[test]
fn sessions_are_ended_one_by_one_the_others_and_all() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mallory = member(&app, "mallory", "staff").await;
        let is_signed_in = async |client: &mut Client| client.get("/account").await.status == StatusCode::OK;
        let mut phone = Client::signed_in(&app, &alice.id).await;
        let mut tablet = Client::signed_in(&app, &alice.id).await;
        let page = phone.get("/account").await;
        let forms: Vec<&str> = page.body.split('"').filter(|text| text.ends_with("/end")).collect();
        let [end] = forms[..] else { panic!("one other session can be ended: {forms:?}") };
        let mut other = Client::signed_in(&app, &mallory.id).await;
        assert_eq!(other.post(end, &[]).await.status, StatusCode::NOT_FOUND);
        assert!(is_signed_in(&mut tablet).await);
        phone.post_and_follow(end, &[]).await.must_show("The session is ended");
        assert!(!is_signed_in(&mut tablet).await && is_signed_in(&mut phone).await);

        let mut tablet = Client::signed_in(&app, &alice.id).await;
        phone.post_and_follow("/account/sessions/end-others", &[]).await.must_show("Every other session");
        assert!(!is_signed_in(&mut tablet).await && is_signed_in(&mut phone).await);

        let mut tablet = Client::signed_in(&app, &alice.id).await;
        phone.post_and_follow("/account/sessions/end-all", &[]).await.must_show("is ended");
        assert_eq!(phone.cookie(cookie::SESSION), None);
        assert!(!is_signed_in(&mut tablet).await && is_signed_in(&mut other).await);
    });
}

#[test]
fn the_owner_stops_what_is_under_way_and_nobody_else_can() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mallory = member(&app, "mallory", "staff").await;
        let mut thief = Client::visitor(&app);
        thief.post("/recover/open", &[("name", "alice"), ("door", "assisted")]).await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        let page = client.get("/account").await;
        page.must_show("Under way for your account").must_show("somebody who was not signed in");
        let stop = address(&page, "/account/cases/", "/stop");
        let mut other = Client::signed_in(&app, &mallory.id).await;
        assert_eq!(other.get(&stop).await.status, StatusCode::NOT_FOUND);
        assert_eq!(other.post(&stop, &[]).await.status, StatusCode::NOT_FOUND);
        client.get(&stop).await.must_show("Stop “Getting back in with help from others”?");
        assert!(!page.shows("assisted"), "that is the policy's name, not the member's: {}", page.body);
        client.post_and_follow(&stop, &[]).await.must_show("The case is stopped");
        thief.get("/case").await.must_show("Stopped");
    });
}

async fn a_lost_passkey_is_reported(app: server::app::App) {
    let alice = member(&app, "alice", "staff").await;
    give_passkey(&app, &alice.id).await;
    let mallory = member(&app, "mallory", "staff").await;
    let mut client = Client::signed_in(&app, &alice.id).await;
    let mut stolen = Client::signed_in(&app, &alice.id).await;
    let page = client.get("/account").await;
    let paths: Vec<String> =
        page.body.split('"').filter(|text| text.ends_with("/lost")).map(str::to_owned).collect();
    assert_eq!(paths.len(), 3, "each of them can be lost: {paths:?}");
    let mut other = Client::signed_in(&app, &mallory.id).await;
    for path in &paths {
        assert_eq!(other.get(path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(other.post(path, &[]).await.status, StatusCode::NOT_FOUND);
    }
    // Nobody loses a password: it becomes known.
    assert_eq!([">Lost?<", ">Stolen?<"].map(|word| page.body.matches(word).count()), [2, 1]);
    for path in &paths {
        client.get(path).await.must_show("stops signing in at once");
        client.post_and_follow(path, &[]).await.must_show("It signs in no more").must_show("reported lost");
        assert_eq!(client.post(path, &[]).await.status, StatusCode::NOT_FOUND, "only once");
    }
    assert_eq!(stolen.get("/account").await.status, StatusCode::SEE_OTHER, "other sessions end");
    let told = mail(&app, "alice@example.net").await;
    assert!(told.contains("Reported lost and no longer valid: "), "{told}");
    client.get("/account").await.must_show("You reported the passkey of your account lost.");
    // A text message has no subject: it says itself whose it is, in whole sentences.
    let told = mail(&app, "+15550100").await;
    assert!(told.starts_with("Example Ltd: Reported lost and no longer valid: "), "{told}");
    assert!(told.contains(". You were signed out elsewhere. It was reported on your account page"), "{told}");
    assert!(told.ends_with("Not you? Tell it@example.com at once.") && !told.contains('\n'), "{told}");
}

#[test]
fn what_is_lost_is_removed_and_what_signing_in_needs_is_not() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        let held = alice.id.clone();
        let account = app.read(move |view| view.account(held.as_str())).await.expect("it can be read");
        let account = account.expect("the account exists");
        let totp = account.active("totp").next().expect("it is held").id.clone();
        let (lost, remove) = (
            format!("/account/authenticators/{totp}/lost"),
            format!("/account/authenticators/{totp}/remove"),
        );
        assert!(!client.get("/account").await.shows(&remove), "signing in needs it");
        let page = client.post_and_follow(&lost, &[]).await;
        page.must_show(&remove).must_show("Signing in needs it.");
        let page = client.post_and_follow(&remove, &[]).await;
        page.must_show("It is removed");
        assert!(!page.shows("Authenticator app"), "{}", page.body);
    });
}

#[test]
fn the_last_one_of_all_is_not_removed_though_it_is_lost() {
    with_app(|app| async move {
        let id = person(&app, "alice", "staff").await;
        let mut client = Client::signed_in(&app, &id).await;
        let page = client.get("/account").await;
        let lost = page.body.split('"').find(|text| text.ends_with("/lost")).expect("it can be lost");
        let page = client.post_and_follow(lost, &[]).await;
        page.must_show("It signs in no more. Add another, then remove it.");
        let page = client.post_and_follow(&lost.replace("/lost", "/remove"), &[]).await;
        page.must_show("Add another method first");
    });
}

#[test]
fn what_is_lost_is_reported_with_one_click() {
    with_app(a_lost_passkey_is_reported);
}

#[test]
fn what_is_lost_is_reported_on_postgres_too() {
    crate::with_app_on_postgres(a_lost_passkey_is_reported);
}

#[test]
fn whoever_is_signed_out_reads_what_to_do_first_and_nothing_about_anybody() {
    with_app(|app| async move {
        member(&app, "alice", "staff").await;
        let mut visitor = Client::visitor(&app);
        let page = visitor.get("/lost").await;
        page.must_show("Recover your account").must_show("Sign in and report it");
        assert_eq!(visitor.get("/lost?name=alice").await.body, page.body);
        visitor.get("/sign-in").await.must_show("I lost a device");
    });
}
