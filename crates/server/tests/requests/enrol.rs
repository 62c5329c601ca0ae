//! From an invitation to the first sign-in.

use axum::http::StatusCode;
use lifecycle::AccountId;
use lifecycle::enrol::{self, Authority};
use server::app::App;
use server::http::cookie;
use std::time::Duration;

use crate::app::{PASSWORD, Person, decided, newcomer};
use crate::client::{Answer, Client};
use crate::sign_in::sign_in;
use crate::walk::{between, link, mail, with_clock, with_seed_of};
use crate::with_app;

/// The link of the server's terminal: it stands for the whole door.
async fn bootstrap(app: &App, id: &AccountId) -> String {
    let owner = id.clone();
    let ticket = decided(app, Some(id), move |view, env| {
        let account = view.account(owner.as_str())?.expect("the account exists");
        Ok(enrol::bootstrap(&account, view.policy(), env))
    });
    format!("/enrol/{}", ticket.await.expect("nobody has enrolled yet").expose())
}

/// The link of an invitation, from the mail.
pub(crate) async fn invited(app: &App, id: &AccountId, name: &str) -> String {
    let owner = id.clone();
    let sent = decided(app, Some(id), move |view, env| {
        let account = view.account(owner.as_str())?.expect("the account exists");
        Ok(enrol::invite(&account, Authority::Terminal, view.policy(), env).map(|reply| reply.map(drop)))
    });
    sent.await.expect("the account can be invited");
    link(&mail(app, &format!("{name}@example.net")).await, "/enrol/")
}

/// Somebody at an open enrol door.
async fn at_the_door(app: &App, name: &str) -> (Client, Person) {
    let id = newcomer(app, name, "staff", None).await;
    let mut client = Client::visitor(app);
    let page = client.post_and_follow(&bootstrap(app, &id).await, &[]).await;
    page.must_show("What would you like to add?").must_show("Until you finish, nothing takes effect");
    (client, Person { id, name: name.to_owned(), seed: Vec::new(), codes: Vec::new() })
}

/// Binds a password and an app.
async fn bind_both(client: &mut Client, app: &App, person: Person) -> Person {
    let page = client.post_and_follow("/case/bind/password", &[("password", PASSWORD)]).await;
    page.must_show("Added here").must_show("To sign in you need");
    let person = with_seed_of(&person, &client.get("/case/bind/totp").await);
    let code = person.code(app.now());
    let page = client.post_and_follow("/case/bind/totp", &[("code", &code), ("label", "My phone")]).await;
    page.must_show("Authenticator app “My phone”");
    person
}

#[test]
fn reading_an_invitation_spends_nothing_and_beginning_spends_it() {
    with_app(|app| async move {
        let id = newcomer(&app, "alice", "staff", None).await;
        let link = invited(&app, &id, "alice").await;
        let mut client = Client::visitor(&app);
        for _ in 0..2 {
            client.get(&link).await.must_show("Welcome, alice").must_show("show who you are in person");
        }
        let page = client.post_and_follow(&link, &[]).await;
        page.must_show("Set up your account").must_show("Your check code");
        let mut second = Client::visitor(&app);
        let spent = (second.get(&link).await, second.post(&link, &[]).await);
        let never = (second.get("/enrol/x").await, second.post("/enrol/x", &[]).await);
        for page in [&spent.0, &spent.1, &never.0, &never.1] {
            assert_eq!(page.status, StatusCode::NOT_FOUND);
            page.must_show("This link no longer works");
            assert_eq!(page.body, spent.0.body, "one answer for all of them");
        }
        assert_eq!(second.cookie(cookie::CASE), None);
    });
}

#[test]
fn a_member_enrols_with_password_app_and_codes_and_signs_in() {
    with_clock(|app, time| async move {
        let (mut client, alice) = at_the_door(&app, "alice").await;
        client.get("/case").await.must_show("needed to finish");
        let alice = bind_both(&mut client, &app, alice).await;
        // Recovery codes belong to this door, and must be kept before it closes.
        let page = client.post_and_follow("/case/finish", &[]).await;
        page.must_show("Confirm that you have kept your recovery codes");
        client.get("/case/bind/codes").await.must_show("You see them only once");
        let page = client.post("/case/bind/codes", &[]).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(
            page.must_show("You see them <strong>only now</strong>").body.matches("<code>").count(),
            10
        );
        let page = client.post_and_follow("/case/finish", &[]).await;
        page.must_show("Confirm that you have kept your recovery codes");
        let page = client.post_and_follow("/case/bind/codes/kept", &[("kept", "yes")]).await;
        assert!(page.shows("Finish") && !page.shows("needed to finish"), "{}", page.body);
        let page = client.post_and_follow("/case/finish", &[]).await;
        page.must_show("You are set up.");
        assert_eq!(client.cookie(cookie::CASE), None, "the case is over, and the browser forgets it");
        time.pass(Duration::from_secs(30));
        let page = sign_in(&mut client, &app, &alice).await;
        page.must_show("<strong>10</strong> of 10 left").must_show("My phone");
    });
}

#[test]
fn codes_made_anew_must_be_kept_anew() {
    with_app(|app| async move {
        let (mut client, alice) = at_the_door(&app, "alice").await;
        bind_both(&mut client, &app, alice).await;
        client.post("/case/bind/codes", &[]).await;
        client.post("/case/bind/codes/kept", &[("kept", "yes")]).await;
        client.post("/case/bind/codes", &[]).await;
        let page = client.post_and_follow("/case/finish", &[]).await;
        page.must_show("Confirm that you have kept your recovery codes");
    });
}

#[test]
fn nothing_that_is_bound_proves_anything_before_the_door_is_finished() {
    with_app(|app| async move {
        let (mut client, alice) = at_the_door(&app, "alice").await;
        bind_both(&mut client, &app, alice).await;
        let mut elsewhere = Client::visitor(&app);
        elsewhere.post("/sign-in", &[("name", "alice")]).await;
        let page = elsewhere.post_and_follow("/sign-in/prove/password", &[("password", PASSWORD)]).await;
        page.must_show("That did not match");
        assert_eq!(elsewhere.cookie(cookie::SESSION), None);
    });
}

#[test]
fn a_weak_password_is_refused_with_the_reason() {
    with_app(|app| async move {
        let (mut client, _) = at_the_door(&app, "alice").await;
        for (password, reason) in [
            ("short", "at least 8 characters"),
            ("password123", "one of the first that an attacker tries"),
            ("Alice-2024", "easily guessed from your name"),
        ] {
            let page = client.post("/case/bind/password", &[("password", password)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            page.must_show(reason).must_show("aria-invalid=\"true\" aria-describedby=\"bind-error\"");
        }
    });
}

#[test]
fn the_seed_stays_the_same_until_a_right_code_comes() {
    with_app(|app| async move {
        let (mut client, alice) = at_the_door(&app, "alice").await;
        let secret = |page: &Answer| between(page, "class=\"secret\">", "</p>").to_owned();
        let first = client.get("/case/bind/totp").await;
        let page = client.post("/case/bind/totp", &[("code", "000000")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.must_show("That code did not match");
        page.must_show("aria-invalid=\"true\" aria-describedby=\"bind-error\"");
        assert_eq!(secret(&first), secret(&page));
        let code = with_seed_of(&alice, &page).code(app.now());
        client.post("/case/bind/totp", &[("code", &code)]).await;
        let page = client.get("/case/bind/totp").await;
        assert_ne!(secret(&first), secret(&page), "a seed that was bound is not shown again");
    });
}

#[test]
fn an_enrolment_given_up_is_over() {
    with_app(|app| async move {
        let (mut client, _) = at_the_door(&app, "alice").await;
        let token = client.cookie(cookie::CASE).expect("the browser holds the case").to_owned();
        client.post_and_follow("/case/leave", &[]).await.must_show("This browser has let go of the case");
        client.set_cookie(cookie::CASE, &token);
        client.get("/case").await.must_show("Stopped");
    });
}

#[test]
fn what_was_set_up_by_mistake_is_taken_back_before_it_counts() {
    with_app(|app| async move {
        let (mut client, person) = at_the_door(&app, "alice").await;
        let person = bind_both(&mut client, &app, person).await;
        let page = client.get("/case").await;
        let forms: Vec<&str> = page.body.split('"').filter(|text| text.ends_with("/take-back")).collect();
        assert_eq!(forms.len(), 2, "the password and the app: {forms:?}");
        let (mut other, _) = at_the_door_of_another(&app).await;
        other.post_and_follow(forms[0], &[]).await.must_show("no longer open");
        for form in &forms {
            client.post_and_follow(form, &[]).await.must_show("It is taken back");
            assert_eq!(client.post(form, &[]).await.status, StatusCode::NOT_FOUND, "only once");
        }
        client.get("/case").await.must_show("What would you like to add?").must_show("To sign in you need");
        bind_both(&mut client, &app, person).await;
    });
}

/// Somebody else, by an invitation of their own.
async fn at_the_door_of_another(app: &App) -> (Client, AccountId) {
    let id = newcomer(app, "bob", "staff", None).await;
    let mut client = Client::visitor(app);
    let link = invited(app, &id, "bob").await;
    client.post_and_follow(&link, &[]).await.must_show("Set up your account");
    (client, id)
}
