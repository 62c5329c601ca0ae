//! Changing how one signs in, while signed in.

use std::time::Duration;

use axum::http::StatusCode;
use lifecycle::What;
use server::http::cookie;

use crate::app::{PASSWORD, facts_since, give_passkey, logged, member};
use crate::authenticator::SoftKey;
use crate::client::Client;
use crate::sign_in::sign_in;
use crate::walk::{between, code, mail, with_clock};
use crate::with_app;

#[test]
fn a_passkey_is_added_at_once_and_the_old_addresses_hear_of_it() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        let page = client.post_and_follow("/account/bind", &[]).await;
        page.must_show("Each change takes effect at once").must_show("strongest");
        let begun = client.post("/case/bind/passkey/options", &[]).await;
        let options = serde_json::from_str(&begun.body).expect("options are JSON");
        let (key, credential) = SoftKey::register(&options, "http://localhost:8080");
        let fields = [("credential", credential.as_str()), ("label", "Blue phone")];
        let page = client.post_and_follow("/case/bind/passkey", &fields).await;
        page.must_show("Added here").must_show("Passkey “Blue phone”");
        assert!(mail(&app, "alice@example.net").await.contains("New: passkey"));
        // The answer to that ceremony is worth nothing twice.
        let page = client.post_and_follow("/case/bind/passkey", &fields).await;
        page.must_show("That took too long");
        let page = client.post_and_follow("/case/finish", &[]).await;
        page.must_show("What you added or removed is in force").must_show("Blue phone");
        assert_eq!(client.cookie(cookie::CASE), None);

        let mut client = Client::visitor(&app);
        client.post("/sign-in", &[("name", "alice")]).await;
        let begun = client.post("/sign-in/prove/passkey/options", &[]).await;
        let credential = key.sign(&serde_json::from_str(&begun.body).expect("options are JSON"));
        let page = client.post_and_follow("/sign-in/prove/passkey", &[("credential", &credential)]).await;
        page.must_show("How you sign in");
    });
}

#[test]
fn a_change_goes_on_where_it_was_and_is_recorded_as_finished() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        let first = client.post_and_follow("/account/bind", &[]).await;
        let reference = between(&first, "class=\"ref\">", "<").to_owned();
        let page = client.get("/account").await;
        page.must_show("You are changing how you sign in");
        assert!(!page.shows("If any of this was not you"), "it is one's own doing: {}", page.body);
        client.post_and_follow("/account/bind", &[]).await.must_show(&reference);
        let answer = client.post("/account/bind", &[("what", "own-mail")]).await;
        assert_eq!(answer.location, "/case/bind/own-mail");
        // In another browser it may be somebody else's.
        let mut other = Client::signed_in(&app, &alice.id).await;
        other.get("/account").await.must_show("If any of this was not you").must_show(&reference);
        let before = logged(&app).await;
        let page = client.post_and_follow("/case/finish", &[]).await;
        page.must_show("You finished the change of sign-in methods of your account.");
        assert!(!page.shows("You stopped") && !page.shows("You are changing"), "{}", page.body);
        let facts: Vec<What> = facts_since(&app, before).await.iter().map(|fact| fact.what).collect();
        assert_eq!(facts, [What::ChangeFinished]);
        let next = client.post_and_follow("/account/bind", &[]).await;
        assert!(!next.shows(&reference), "what is finished is over");
    });
}

#[test]
fn a_session_that_is_too_old_signs_in_again_and_comes_back() {
    with_clock(|app, time| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        sign_in(&mut client, &app, &alice).await;
        time.pass(Duration::from_mins(11));
        let answer = client.post("/account/bind", &[]).await;
        assert_eq!(answer.location, "/sign-in?next=%2Faccount");
        client.get(&answer.location).await.must_show("within the last 10 minutes").must_show("alice");
        sign_in(&mut client, &app, &alice).await.must_show("How you sign in");
        client.post_and_follow("/account/bind", &[]).await.must_show("Change how you sign in");
    });
}

#[test]
fn the_cookie_of_a_change_is_worth_nothing_without_the_session() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mallory = member(&app, "mallory", "staff").await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        client.post("/account/bind", &[]).await;
        let token = client.cookie(cookie::CASE).expect("the browser holds the case").to_owned();
        let mut nobody = Client::visitor(&app);
        let mut other = Client::signed_in(&app, &mallory.id).await;
        for thief in [&mut nobody, &mut other] {
            thief.set_cookie(cookie::CASE, &token);
            assert_eq!(thief.get("/case").await.status, StatusCode::SEE_OTHER);
            for (path, fields) in [
                ("/case/bind/password", vec![("password", "chosen by somebody else")]),
                ("/case/bind/codes", vec![]),
                ("/case/bind/own-mail", vec![("address", "thief@example.org")]),
                ("/case/bind/passkey/options", vec![]),
                ("/case/finish", vec![]),
            ] {
                thief.set_cookie(cookie::CASE, &token);
                let answer = thief.post(path, &fields).await;
                assert!(answer.status != StatusCode::OK, "{path}: {}", answer.body);
            }
        }
        client.get("/case").await.must_show("What would you like to add?");
        let mut victim = Client::visitor(&app);
        sign_in(&mut victim, &app, &alice).await.must_show("alice@example.net");
    });
}

#[test]
fn an_address_changes_once_the_code_from_there_comes_back() {
    with_clock(|app, time| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        let answer = client.post("/account/bind", &[("what", "own-mail")]).await;
        assert_eq!(answer.location, "/case/bind/own-mail");
        client.get(&answer.location).await.must_show("a•••@example.net");
        let fields = [("address", "not an address")];
        let page = client.post("/case/bind/own-mail", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.must_show("Enter a mail address like").must_show("value=\"not an address\"");
        page.must_show("aria-invalid=\"true\" aria-describedby=\"bind-error\"");
        let fields = [("address", "alice@new.example")];
        let page = client.post_and_follow("/case/bind/own-mail", &fields).await;
        page.must_show("We sent a code to").must_show("alice@new.example");
        client.get("/account").await.must_show("alice@example.net");
        // A new one is sent to the same place.
        client.post_and_follow("/case/bind/own-mail", &[]).await.must_show("alice@new.example");
        // Whoever mistypes it types it again, and after three of them waits a little.
        for _ in 0..3 {
            let page = client.post("/case/bind/own-mail", &[("code", "00000000")]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            page.must_show("That code did not match").must_show("The code you received");
            page.must_show("aria-invalid=\"true\" aria-describedby=\"bind-error\"");
        }
        let page = client.post("/case/bind/own-mail", &[("code", "00000000")]).await;
        page.must_show("Wait 15 seconds, then type it again").must_show("alice@new.example");
        time.pass(Duration::from_secs(15));
        let sent = code(&mail(&app, "alice@new.example").await);
        let page = client.post_and_follow("/case/bind/own-mail", &[("code", &sent)]).await;
        page.must_show("confirmed and in force");
        client.get("/account").await.must_show("alice@new.example");
        assert!(mail(&app, "alice@example.net").await.contains("Changed: your own mail"));
    });
}

#[test]
fn a_password_is_replaced_and_the_old_one_ends() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::signed_in(&app, &alice.id).await;
        client.post("/account/bind", &[]).await;
        client.get("/case/bind/password").await.must_show("It replaces your old one");
        let fields = [("password", "another walk along the river")];
        client.post_and_follow("/case/bind/password", &fields).await.must_show("Your password is set");
        let mut client = Client::visitor(&app);
        client.post("/sign-in", &[("name", "alice")]).await;
        let page = client.post_and_follow("/sign-in/prove/password", &[("password", PASSWORD)]).await;
        page.must_show("That did not match");
        client.post_and_follow("/sign-in/prove/password", &fields).await.must_show("One more step");
    });
}

#[test]
fn only_what_login_can_do_without_is_removed() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let remove = |kind: &'static str| {
            let (app, id) = (app.clone(), alice.id.clone());
            async move {
                let account = app.read(move |view| view.account(id.as_str())).await.expect("it can be read");
                let account = account.expect("the account exists");
                let one = account.authenticators.iter().find(|a| a.name == kind).expect("it is held");
                format!("/account/authenticators/{}/remove", one.id)
            }
        };
        let mut client = Client::signed_in(&app, &alice.id).await;
        client.get("/account").await.must_show("Signing in needs it.");
        let totp = remove("totp").await;
        let page = client.post_and_follow(&totp, &[]).await;
        page.must_show("Without this you could no longer sign in");
        give_passkey(&app, &alice.id).await;
        client.get(&totp).await.must_show("It stops working at once");
        let page = client.post_and_follow(&totp, &[]).await;
        page.must_show("It is removed");
        assert!(!page.shows("Under way for your account"), "the door is closed again");
        assert!(!page.shows("You stopped"), "{}", page.body);
        assert_eq!(client.get(&totp).await.status, StatusCode::NOT_FOUND);
        let page = client.post_and_follow(&remove("passkey").await, &[]).await;
        page.must_show("Without this you could no longer sign in");
    });
}
