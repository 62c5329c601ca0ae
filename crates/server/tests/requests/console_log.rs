//! What the console shows of the log, of the outbox and of the policy.

use axum::http::StatusCode;
use server::store::notices::{self, Which};

use crate::client::Client;
use crate::console::person;
use crate::with_app;

#[test]
fn the_audit_page_tells_each_event_and_shows_the_bytes_that_are_sealed() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let sam = person(&app, "sam", "staff").await;
        let mut console = Client::signed_in(&app, &ada).await;
        let refused = format!("/console/members/{sam}/invite");
        console.post_and_follow(&refused, &[]).await.must_show("already has a way to sign in");
        let page = console.get("/console/audit").await;
        page.must_show("Ada tried to invite sam, and was refused: already enrolled.");
        page.must_show("&#34;what&#34;:&#34;ticket-issued&#34;").must_show("example.com/postern+");
        let page = console.get("/console/audit?kind=refused").await;
        page.must_show("was refused");
        assert!(!page.shows("signed in"), "the filter lets another kind through");
        let page = console.get("/console/audit?member=sam&kind=enrolment-finished").await;
        page.must_show("Enrolment of sam was finished.");
        assert!(!page.shows("Enrolment of ada"), "the filter lets another member through");
        console.get("/console/audit?member=nobody").await.must_show("No event matches");
    });
}

#[test]
fn the_log_is_leafed_through_without_a_gap() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        for number in 0..30 {
            person(&app, &format!("m{number}"), "staff").await;
        }
        let mut console = Client::signed_in(&app, &ada).await;
        let first = console.get("/console/audit").await;
        let size = crate::app::logged(&app).await;
        // Events are numbered from 0; a page shows fifty.
        first.must_show(&format!("events {} to {}", size - 50, size - 1));
        let second = console.get(&format!("/console/audit?before={}", size - 50)).await;
        second.must_show(&format!("events 0 to {}", size - 51));
    });
}

#[test]
fn a_notice_that_was_given_up_is_sent_again_on_demand() {
    with_app(|app| async move {
        let hana = person(&app, "hana", "helpdesk").await;
        let nina = crate::app::newcomer(&app, "nina", "staff", None).await;
        let mut console = Client::signed_in(&app, &hana).await;
        console.post(&format!("/console/members/{nina}/invite"), &[]).await;
        let id = app
            .upkeep(|view| {
                let notice = notices::list(view.tx, Which::Pending, 1)?.remove(0);
                notices::not_sent(view.tx, &notice.id, "mailbox unavailable", None, view.now)?;
                Ok(notice.id)
            })
            .await
            .expect("the outbox can be written");
        console.get("/console/notices").await.must_show("mailbox unavailable").must_show("given up");
        console.get("/console").await.must_show("1 notice could not be delivered");
        let page = console.post_and_follow(&format!("/console/notices/{id}/retry"), &[]).await;
        page.must_show("sent again now");
        let due = app.read(|view| notices::due(view.tx, view.now, 10)).await.expect("readable");
        assert!(due.len() == 1 && due[0].id == id, "{due:?}");
        console.get("/console/audit").await.must_show("tried again to send a notice for");
        let page = console.post_and_follow(&format!("/console/notices/{id}/retry"), &[]).await;
        page.must_show("tried again without being asked");
    });
}

#[test]
fn the_policy_page_shows_the_text_that_is_enforced_and_what_the_check_says() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let mut console = Client::signed_in(&app, &ada).await;
        let page = console.get("/console/policy").await;
        assert_eq!(page.status, StatusCode::OK);
        page.must_show(&app.running().source.digest());
        for population in ["staff", "helpdesk", "admins", "contractors"] {
            page.must_show(&format!("Control chain of {population}"));
        }
        // The warning that the example policy carries and explains.
        page.must_show("single-capability").must_show("class=\"warn\"");
        page.must_show("proofing(video) and approval(helpdesk, 2)");
    });
}
