//! The demo's own pages: the ways in, and everybody's mail.

use axum::http::StatusCode;
use lifecycle::Secret;
use lifecycle::enrol::{Authority, invite};
use server::app::App;
use server::store::keys;

use crate::app::{decided, newcomer};
use crate::client::Client;
use crate::{with_app, with_demo};

/// Somebody made up, with an invitation that the landing page knows.
async fn invited(app: &App) -> Secret {
    let nina = newcomer(app, "nina", "staff", None).await;
    let lock = nina.clone();
    let ticket = decided(app, Some(&lock), move |view, env| {
        let account = view.account(nina.as_str())?.expect("the account exists");
        Ok(invite(&account, Authority::Terminal, view.policy(), env))
    });
    let ticket = ticket.await.expect("a newcomer can be invited");
    let link = format!("http://localhost:8080/enrol/{}", ticket.expose());
    let left = serde_json::json!([{ "role": "staff", "name": "Nina New", "link": link }]).to_string();
    app.upkeep(move |view| keys::set(view.tx, "demo_links", &left)).await.expect("a setting can be kept");
    ticket
}

#[test]
fn the_landing_page_leads_in_until_the_invitation_is_spent() {
    with_demo(|app| async move {
        let ticket = invited(&app).await;
        let mut visitor = Client::visitor(&app);
        let link = format!("http://localhost:8080/enrol/{}", ticket.expose());
        visitor.get("/demo").await.must_show("Nina New (nina)").must_show(&link);
        let mut nina = Client::visitor(&app);
        let answer = nina.post(&format!("/enrol/{}", ticket.expose()), &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let page = visitor.get("/demo").await;
        assert!(!page.shows(&link), "a spent invitation is still offered");
        page.must_show("href=\"/sign-in\"");
    });
}

#[test]
fn the_mailbox_shows_what_would_have_been_sent_with_links_to_click() {
    with_demo(|app| async move {
        let ticket = invited(&app).await;
        let page = Client::visitor(&app).get("/demo/mail").await;
        page.must_show("nina@example.net").must_show("Example Ltd: set up how you sign in");
        page.must_show(&format!("<a href=\"http://localhost:8080/enrol/{}\">", ticket.expose()));
    });
}

#[test]
fn the_demo_pages_do_not_exist_outside_the_demo() {
    with_app(|app| async move {
        for path in ["/demo", "/demo/mail"] {
            assert_eq!(Client::visitor(&app).get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    });
}
