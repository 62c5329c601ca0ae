//! Signing in and out, by the pages and by whoever does not keep to them.

use std::time::Duration;

use axum::http::StatusCode;
use server::app::App;
use server::http::cookie;

use crate::app::{PASSWORD, Person, give_passkey, logged, member, newcomer};
use crate::client::{Answer, Client};
use crate::walk::{between, with_clock};
use crate::with_app;

/// Gives a name, and sees what may be shown.
async fn named(client: &mut Client, name: &str) -> Answer {
    client.post_and_follow("/sign-in", &[("name", name)]).await
}

/// Signs in with password and app.
pub(crate) async fn sign_in(client: &mut Client, app: &App, person: &Person) -> Answer {
    named(client, &person.name).await.must_show("Password");
    let page = client.post_and_follow("/sign-in/prove/password", &[("password", PASSWORD)]).await;
    page.must_show("Code from your authenticator app");
    client.post_and_follow("/sign-in/prove/totp", &[("code", &person.code(app.now()))]).await
}

/// The page without what differs by request: form tokens.
fn without_token(client: &Client, answer: &Answer) -> String {
    answer.body.replace(client.cookie(cookie::CSRF).expect("every browser has a form token"), "")
}

#[test]
fn a_member_signs_in_with_password_and_app_and_out_again() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        let page = sign_in(&mut client, &app, &alice).await;
        page.must_show("How you sign in").must_show("You signed in with your password and authenticator app");
        let session = client.cookie(cookie::SESSION).expect("there is a session").to_owned();
        let page = client.post_and_follow("/sign-out", &[]).await;
        page.must_show("Signed out");
        assert_eq!(client.cookie(cookie::SESSION), None);
        client.set_cookie(cookie::SESSION, &session);
        let page = client.get("/account").await;
        assert_eq!(
            (page.status, page.location.as_str()),
            (StatusCode::SEE_OTHER, "/sign-in?next=%2Faccount")
        );
    });
}

#[test]
fn whoever_must_sign_in_first_comes_back_to_what_they_searched_and_never_elsewhere() {
    with_clock(|app, time| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        let asked = "/account?q=%C3%BC+b&page=2";
        let to = client.get(asked).await.location;
        assert_eq!(to, "/sign-in?next=%2Faccount%3Fq%3D%25C3%25BC%2Bb%26page%3D2");
        for (next, expected) in [
            (asked, asked),
            ("//evil.example/?a=b", "/account"),
            ("/\\evil.example", "/account"),
            ("\\/evil.example", "/account"),
            ("https://evil.example", "/account"),
            ("%2F%2Fevil.example", "/account"),
            ("/\t/evil.example", "/account"),
            // A path of this server, which has no such page.
            ("/%5Cevil.example", "/%5Cevil.example"),
        ] {
            let mut client = Client::visitor(&app);
            let encoded: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            let page = client.get(&format!("/sign-in?next={encoded}")).await;
            let kept =
                between(&page, "name=\"next\" value=\"", "\"").replace("&#38;", "&").replace("&amp;", "&");
            assert_eq!(kept, next);
            client.post("/sign-in", &[("name", "alice"), ("next", next)]).await;
            client.post("/sign-in/prove/password", &[("password", PASSWORD)]).await;
            let code = alice.code(app.now());
            let answer = client.post("/sign-in/prove/totp", &[("code", &code)]).await;
            assert_eq!(answer.location, expected, "{next}");
            time.pass(Duration::from_secs(30));
        }
    });
}

#[test]
fn the_only_choice_has_the_focus_and_what_did_not_match_is_told_at_its_field() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let bob = member(&app, "bobby", "staff").await;
        give_passkey(&app, &bob.id).await;
        let focused = |page: &Answer| page.body.matches(" autofocus").count();
        let at = |n: u8| format!("aria-invalid=\"true\" aria-describedby=\"choice-{n}-error\"");
        let mut client = Client::visitor(&app);
        let page = named(&mut client, "alice").await;
        assert_eq!(focused(&page), 1);
        assert!(!page.shows("aria-invalid"), "{}", page.body);
        let page = client.post_and_follow("/sign-in/prove/password", &[("password", "wrong")]).await;
        page.must_show(&at(1)).must_show("id=\"choice-1-error\" role=\"alert\">That did not match");
        assert_eq!((focused(&page), page.body.matches("That did not match").count()), (1, 1));
        client.post("/sign-in/prove/password", &[("password", PASSWORD)]).await;
        let page = client.post_and_follow("/sign-in/prove/totp", &[("code", "000000")]).await;
        page.must_show(&at(1));
        let code = alice.code(app.now());
        client.post_and_follow("/sign-in/prove/totp", &[("code", &code)]).await.must_show("How you sign in");
        // Of two, neither is more than the other; the error is at the one that was tried.
        let mut client = Client::visitor(&app);
        let page = named(&mut client, "bobby").await;
        assert_eq!((focused(&page), page.body.matches("class=\"choice\"").count()), (0, 2));
        let page = client.post_and_follow("/sign-in/prove/password", &[("password", "wrong")]).await;
        assert_eq!(page.body.matches("aria-invalid").count(), 1);
        let field = between(&page, "aria-describedby=\"", "-error\"");
        page.must_show(&format!("<input id=\"{field}\" name=\"password\""));
    });
}

#[test]
fn a_one_time_code_is_not_asked_for_before_the_password() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        let page = named(&mut client, "Alice ").await;
        assert!(page.shows("Password") && !page.shows("authenticator app"), "{}", page.body);
        let page = client.post_and_follow("/sign-in/prove/totp", &[("code", &alice.code(app.now()))]).await;
        page.must_show("That did not match");
        assert_eq!(client.cookie(cookie::SESSION), None);
    });
}

#[test]
fn what_no_page_asks_for_tells_nothing_about_a_name() {
    with_app(|app| async move {
        member(&app, "alice", "staff").await;
        for name in ["alice", "nobody"] {
            let mut client = Client::visitor(&app);
            named(&mut client, name).await;
            let fields = [("channel", "own-mail"), ("code", "1")];
            client.post_and_follow("/sign-in/prove/x", &fields).await.must_show("That did not match");
        }
    });
}

#[test]
fn a_sign_in_under_a_name_never_passes_for_one_without() {
    with_app(|app| async move {
        member(&app, "alice", "staff").await;
        for name in ["alice", "nobody"] {
            let mut client = Client::visitor(&app);
            named(&mut client, name).await;
            let held = client.cookie("__Host-postern-sign-in").expect("a sign-in is under way").to_owned();
            client.set_cookie("__Host-postern-passkey", &held);
            client.post("/sign-in/passkey/options", &[]).await;
            let now = client.cookie("__Host-postern-passkey").expect("a case of its own").to_owned();
            assert_ne!(now, held, "{name}");
            client.post("/sign-in/passkey/options", &[]).await;
            assert_eq!(client.cookie("__Host-postern-passkey"), Some(now.as_str()), "that one goes on");
        }
    });
}

#[test]
fn a_code_that_was_used_is_refused_until_the_next_one() {
    with_clock(|app, time| async move {
        let alice = member(&app, "alice", "staff").await;
        sign_in(&mut Client::visitor(&app), &app, &alice).await.must_show("How you sign in");
        let mut again = Client::visitor(&app);
        let page = sign_in(&mut again, &app, &alice).await;
        page.must_show("That did not match");
        assert_eq!(again.cookie(cookie::SESSION), None);
        time.pass(Duration::from_secs(30));
        let code = alice.code(app.now());
        let page = again.post_and_follow("/sign-in/prove/totp", &[("code", &code)]).await;
        page.must_show("How you sign in");
    });
}

#[test]
fn a_name_that_nobody_has_is_answered_like_any_other() {
    with_app(|app| async move {
        let bob = member(&app, "bobby", "staff").await;
        give_passkey(&app, &bob.id).await;
        newcomer(&app, "unset", "staff", None).await;
        let (mut known, mut unknown, mut unset) =
            (Client::visitor(&app), Client::visitor(&app), Client::visitor(&app));
        let mut pages = [Vec::new(), Vec::new(), Vec::new()];
        let clients = [(&mut known, "bobby"), (&mut unknown, "nobody"), (&mut unset, "unset")];
        for ((client, name), pages) in clients.into_iter().zip(&mut pages) {
            let shown = |client: &Client, page: &Answer| without_token(client, page).replace(name, "name");
            let page = named(client, name).await;
            pages.push((page.status, shown(client, &page)));
            // More often than an account is throttled.
            for _ in 0..5 {
                let page = client.post_and_follow("/sign-in/prove/password", &[("password", "wrong")]).await;
                pages.push((page.status, shown(client, &page)));
            }
            let page = client.post_and_follow("/sign-in/prove/totp", &[("code", "123456")]).await;
            pages.push((page.status, shown(client, &page)));
        }
        assert_eq!(pages[0], pages[1]);
        assert_eq!(pages[0], pages[2]);
    });
}

#[test]
fn a_name_without_a_passkey_gets_options_like_anybodys() {
    with_app(|app| async move {
        let bob = member(&app, "bob", "staff").await;
        give_passkey(&app, &bob.id).await;
        let mut options = Vec::new();
        for name in ["bob", "nobody", "nobody"] {
            let mut client = Client::visitor(&app);
            named(&mut client, name).await;
            let answer = client.post("/sign-in/prove/passkey/options", &[]).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            options.push(serde_json::from_str::<serde_json::Value>(&answer.body).expect("JSON"));
        }
        let keys = |value: &serde_json::Value| -> Vec<String> {
            let object = value.as_object().expect("an object");
            object.keys().cloned().collect()
        };
        let credential = |at: usize| &options[at]["publicKey"]["allowCredentials"][0];
        assert_eq!(keys(&options[0]), keys(&options[1]));
        assert_eq!(keys(&options[0]["publicKey"]), keys(&options[1]["publicKey"]));
        assert_eq!(keys(credential(0)), keys(credential(1)));
        assert_eq!(credential(1), credential(2), "a name has the same passkey at every try");
        let mut lengths = std::collections::BTreeSet::new();
        for number in 0..24 {
            let mut client = Client::visitor(&app);
            named(&mut client, &format!("nobody-{number}")).await;
            let answer = client.post("/sign-in/prove/passkey/options", &[]).await;
            let options: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
            let id = options["publicKey"]["allowCredentials"][0]["id"].as_str().expect("an id").len();
            lengths.insert(id);
        }
        assert_eq!(lengths.len(), 3, "real ones are not of one length either: {lengths:?}");
    });
}

#[test]
fn a_passkey_signs_in_with_a_name_and_without_one() {
    with_app(|app| async move {
        let bob = member(&app, "bob", "staff").await;
        let key = give_passkey(&app, &bob.id).await;
        let options = |answer: &Answer| serde_json::from_str(&answer.body).expect("options are JSON");
        let mut client = Client::visitor(&app);
        named(&mut client, "bob").await.must_show("Use your passkey");
        let begun = client.post("/sign-in/prove/passkey/options", &[]).await;
        let credential = key.sign(&options(&begun));
        let page = client.post_and_follow("/sign-in/prove/passkey", &[("credential", &credential)]).await;
        page.must_show("AAL2, phishing-resistant");

        let mut client = Client::visitor(&app);
        let begun = client.post("/sign-in/passkey/options", &[]).await;
        let credential = key.sign(&options(&begun));
        let fields = [("credential", credential.as_str()), ("next", "/account?x=1")];
        let answer = client.post("/sign-in/passkey", &fields).await;
        assert_eq!(answer.location, "/account?x=1");
        client.get("/account").await.must_show("How you sign in");
    });
}

#[test]
fn looking_at_the_sign_in_page_again_leaves_nothing_in_the_log() {
    with_app(|app| async move {
        let mut client = Client::visitor(&app);
        client.post("/sign-in/passkey/options", &[]).await;
        let before = logged(&app).await;
        let again = client.post("/sign-in/passkey/options", &[]).await;
        assert_eq!((again.status, logged(&app).await), (StatusCode::OK, before));
    });
}

#[test]
fn a_ceremony_is_good_once_even_if_it_failed() {
    with_app(|app| async move {
        let bob = member(&app, "bob", "staff").await;
        let key = give_passkey(&app, &bob.id).await;
        let mut client = Client::visitor(&app);
        named(&mut client, "bob").await;
        let begun = client.post("/sign-in/prove/passkey/options", &[]).await;
        let credential = key.sign(&serde_json::from_str(&begun.body).expect("options are JSON"));
        let broken = credential.replace("\"signature\":\"M", "\"signature\":\"N");
        for credential in [&broken, &credential] {
            let fields = [("credential", credential.as_str())];
            let page = client.post_and_follow("/sign-in/prove/passkey", &fields).await;
            page.must_show("That did not match");
        }
        assert_eq!(client.cookie(cookie::SESSION), None);
    });
}

#[test]
fn a_new_sign_in_has_a_new_secret_and_ends_the_old_session_of_the_browser() {
    with_clock(|app, time| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        sign_in(&mut client, &app, &alice).await;
        let old = client.cookie(cookie::SESSION).expect("a session").to_owned();
        time.pass(Duration::from_secs(30));
        sign_in(&mut client, &app, &alice).await.must_show("How you sign in");
        assert_ne!(client.cookie(cookie::SESSION), Some(old.as_str()));
        client.set_cookie(cookie::SESSION, &old);
        assert_eq!(client.get("/account").await.status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn whoever_signs_in_goes_where_they_wanted_but_never_elsewhere() {
    with_clock(|app, time| async move {
        let alice = member(&app, "alice", "staff").await;
        for (wanted, gone_to) in [("/recover", "/recover"), ("//evil.example", "/account")] {
            time.pass(Duration::from_secs(30));
            let mut client = Client::visitor(&app);
            client.post("/sign-in", &[("name", "alice"), ("next", wanted)]).await;
            client.post("/sign-in/prove/password", &[("password", PASSWORD)]).await;
            let code = alice.code(app.now());
            let answer = client.post("/sign-in/prove/totp", &[("code", &code)]).await;
            assert_eq!(answer.location, gone_to);
        }
    });
}

#[test]
fn whoever_proved_something_is_told_when_to_come_back() {
    with_app(|app| async move {
        member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        named(&mut client, "alice").await;
        client.post("/sign-in/prove/password", &[("password", PASSWORD)]).await;
        let mut answer = client.post("/sign-in/prove/totp", &[("code", "000000")]).await;
        for _ in 0..3 {
            answer = client.post("/sign-in/prove/totp", &[("code", "000000")]).await;
        }
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        answer.must_show("You can try again");
    });
}

#[test]
fn a_sign_in_that_took_too_long_begins_again() {
    with_clock(|app, time| async move {
        member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        named(&mut client, "alice").await;
        time.pass(Duration::from_mins(10));
        let page = client.post_and_follow("/sign-in/prove/password", &[("password", PASSWORD)]).await;
        page.must_show("That took too long");
        assert_eq!(client.get("/sign-in/case").await.location, "/sign-in");
    });
}
