//! Members in the console: adding, inviting, changing, off-boarding, and who may do so.

use axum::http::StatusCode;
use lifecycle::{AccountId, What};
use server::app::App;
use server::store::notices::{self, Which};
use server::store::sessions;

use crate::app::{facts_since, give_passkey, logged, newcomer, session};
use crate::client::Client;
use crate::console_cases::enrolling;
use crate::{with_app, with_app_on_postgres};

/// Somebody of this group who can sign in.
pub(crate) async fn person(app: &App, name: &str, group: &str) -> AccountId {
    let id = newcomer(app, name, group, None).await;
    give_passkey(app, &id).await;
    id
}

async fn id_of(app: &App, name: &'static str) -> AccountId {
    let found = app.read(move |view| view.named(name)).await.expect("the directory can be read");
    found.expect("the member exists").id
}

#[test]
fn an_invitation_goes_to_the_members_own_address_and_the_agent_never_sees_its_link() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let mut console = Client::signed_in(&app, &ada).await;
        let fields = [
            ("login", "Nina"),
            ("name", "Nina New"),
            ("groups", "staff"),
            ("manager", ""),
            ("address.own-mail", "nina@example.net"),
        ];
        let page = console.post_and_follow("/console/members/new", &fields).await;
        page.must_show("Nina New").must_show("Not invited").must_show("n•••@example.net");
        let id = id_of(&app, "nina").await;
        let page = console.post_and_follow(&format!("/console/members/{id}/invite"), &[]).await;
        page.must_show("n•••@example.net");
        let (link, bodies) = app
            .read(|view| {
                let sent = notices::list(view.tx, Which::Pending, 10)?;
                let body = notices::body(view.tx, view.keys, &sent[0].id)?.to_string();
                let link = body.split_whitespace().find(|word| word.contains("/enrol/")).map(str::to_owned);
                Ok((link.expect("the notice carries the link"), sent))
            })
            .await
            .expect("the outbox can be read");
        assert_eq!((bodies.len(), bodies[0].address.as_str()), (1, "nina@example.net"));
        let ticket = link.rsplit('/').next().expect("a link has a last part");
        for path in [format!("/console/members/{id}"), "/console/notices".into(), "/console/audit".into()] {
            let page = console.get(&path).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(!page.shows(ticket), "{path} shows the ticket");
        }
        let page = console.post_and_follow(&format!("/console/members/{id}/invite/revoke"), &[]).await;
        page.must_show("taken back").must_show("Not invited");
        // The other half of the promise, in the log.
        let facts = facts_since(&app, 0).await;
        let told: Vec<What> = facts.iter().map(|fact| fact.what).collect();
        assert!(told.ends_with(&[What::MemberAdded, What::TicketIssued, What::TicketRevoked]), "{told:?}");
        assert!(facts.iter().all(|fact| !format!("{fact:?}").contains(ticket)), "the log holds the ticket");
    });
}

#[test]
fn a_name_that_is_taken_is_refused_on_the_form_with_everything_kept() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let mut console = Client::signed_in(&app, &ada).await;
        let fields = [("login", "ADA"), ("name", "Another Ada"), ("groups", "staff, finance")];
        let page = console.post("/console/members/new", &fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        page.must_show("exists already").must_show("Another Ada").must_show("staff, finance");
        let page = console.post("/console/members/new", &[("login", "bo"), ("manager", "nobody")]).await;
        page.must_show("Nobody signs in with that name.");
    });
}

#[test]
fn what_cannot_be_kept_is_refused_at_its_field_with_everything_kept() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let sam = person(&app, "sam", "staff").await;
        let nina = newcomer(&app, "nina", "staff", None).await;
        let mut console = Client::signed_in(&app, &ada).await;
        let long = "N".repeat(129);
        let marked = |error: &str| format!("aria-invalid=\"true\" aria-describedby=\"{error}\"");
        let too_long = "A full name has at most 128 characters, and this one has 129.";
        let unknown = "The policy has no group “stuff”. It has: contractors, domain-admins, helpdesk, staff.";
        let fields = [
            ("login", "two words"),
            ("name", &long),
            ("groups", "staff stuff"),
            ("manager", "nobody"),
            ("address.own-mail", "no address"),
        ];
        let page = console.post("/console/members/new", &fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        for text in [too_long, unknown, "1 to 128 letters", "Nobody signs in", "like name@example.com"] {
            page.must_show(text);
        }
        for (_, typed) in fields {
            page.must_show(&format!("value=\"{typed}\""));
        }
        for error in
            ["login-error", "full-name-error", "groups-error", "manager-error", "address.own-mail-error"]
        {
            page.must_show(&marked(error)).must_show(&format!("id=\"{error}\""));
        }
        let path = format!("/console/members/{sam}/change");
        let page = console.post(&path, &[("name", &long), ("groups", "stuff"), ("manager", "ada")]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        page.must_show(too_long).must_show(unknown).must_show(&long).must_show("value=\"ada\"");
        let page = console.get(&path).await;
        assert!(page.shows("value=\"sam\"") && !page.shows("aria-invalid"), "{}", page.body);
        let path = format!("/console/members/{nina}/address");
        let page = console.post(&path, &[("channel", "own-mail"), ("address", "nina at home")]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        page.must_show("like name@example.com").must_show("value=\"nina at home\"");
    });
}

#[test]
fn whoever_cannot_be_invited_yet_is_added_with_the_reason() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let mut console = Client::signed_in(&app, &ada).await;
        for (login, groups, mail, told) in [
            ("nina", "staff", "nina@example.net", "No door is open yet: invite them"),
            ("nora", "staff", "", "cannot be invited yet: set an address"),
            ("noel", "", "noel@example.net", "cannot be invited yet: give them a group"),
        ] {
            let fields = [("login", login), ("name", login), ("groups", groups), ("address.own-mail", mail)];
            console.post_and_follow("/console/members/new", &fields).await.must_show(told);
        }
    });
}

#[test]
fn off_boarding_asks_for_the_name_and_then_ends_everything() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let sam = person(&app, "sam", "staff").await;
        session(&app, &sam).await;
        let mut console = Client::signed_in(&app, &ada).await;
        let path = format!("/console/members/{sam}/offboard");
        console.get(&path).await.must_show("Type <strong>sam</strong>");
        let before = logged(&app).await;
        let page = console.post(&path, &[("typed", "sma"), ("reason", "left")]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        page.must_show("Nothing was done");
        assert_eq!(logged(&app).await, before);
        let page = console.post_and_follow(&path, &[("typed", "Sam "), ("reason", "left")]).await;
        page.must_show("nothing opens this account").must_show("Not signed in anywhere");
        let account = app.read(move |view| view.account(sam.as_str())).await.expect("it can be read");
        let account = account.expect("it is kept for the log");
        assert!(!account.is_present() && account.authenticators.is_empty());
        console.get("/console/members?state=offboarded").await.must_show("sam");
        assert!(!console.get("/console/members?state=enrolled").await.shows(">sam<"));
    });
}

#[test]
fn other_groups_end_the_sessions_of_the_member() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let sam = person(&app, "sam", "staff").await;
        session(&app, &sam).await;
        let mut console = Client::signed_in(&app, &ada).await;
        let path = format!("/console/members/{sam}/change");
        console.get(&path).await.must_show("contractors");
        let fields = [("name", "Sam"), ("groups", "contractors"), ("manager", "ada")];
        console.post_and_follow(&path, &fields).await.must_show("contractors").must_show("ada");
        let live = app.read(move |view| sessions::of(view.tx, &sam, view.now)).await.expect("readable");
        assert_eq!(live.len(), 0);
    });
}

#[test]
fn nobody_changes_or_off_boards_themselves() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let mut console = Client::signed_in(&app, &ada).await;
        assert!(!console.get(&format!("/console/members/{ada}")).await.shows("Off-board"));
        for form in ["offboard", "change"] {
            let answer = console.get(&format!("/console/members/{ada}/{form}")).await;
            assert_eq!(answer.location, format!("/console/members/{ada}"), "{form} is offered");
            console.get(&answer.location).await.must_show("Somebody else must do this");
        }
        let fields = [("typed", "ada"), ("reason", "tired")];
        let page = console.post_and_follow(&format!("/console/members/{ada}/offboard"), &fields).await;
        page.must_show("Somebody else must do this");
    });
}

#[test]
fn a_member_page_shows_the_chain_of_that_very_account() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let sam = person(&app, "sam", "staff").await;
        let mut console = Client::signed_in(&app, &ada).await;
        let page = console.get(&format!("/console/members/{sam}")).await;
        // The assisted door of the example policy, as its author wrote it, with its wait.
        page.must_show("proofing(video) and approval(helpdesk, 2)").must_show("24 hours, with notices to");
        page.must_show("The weakest way in");
        // Sam holds a passkey only, so the door of what was kept cannot be opened with what Sam has not.
        page.must_show("Not weaker than sign-in");
    });
}

#[test]
fn whoever_has_no_part_in_the_console_is_kept_out() {
    with_app(|app| async move {
        let cora = person(&app, "cora", "contractors").await;
        let mut plain = Client::signed_in(&app, &cora).await;
        for path in [
            "/console",
            "/console/members",
            "/console/approvals",
            "/console/audit",
            "/console/policy",
            "/console/blast",
        ] {
            assert_eq!(plain.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
            let answer = Client::visitor(&app).get(path).await;
            assert!(answer.location.starts_with("/sign-in?next="), "{path}: {answer:?}");
        }
        let hana = person(&app, "hana", "helpdesk").await;
        let mut agent = Client::signed_in(&app, &hana).await;
        assert_eq!(agent.get("/console/members").await.status, StatusCode::OK);
        let path = format!("/console/members/{cora}/offboard");
        let fields = [("typed", "cora"), ("reason", "because")];
        assert_eq!(agent.post(&path, &fields).await.status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn every_list_is_found_in_the_other_database_too() {
    with_app_on_postgres(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        let sam = person(&app, "sam", "staff").await;
        let nina = newcomer(&app, "nina", "staff", None).await;
        let otto = newcomer(&app, "otto", "staff", None).await;
        let mut console = Client::signed_in(&app, &ada).await;
        console.post_and_follow(&format!("/console/members/{nina}/invite"), &[]).await;
        let fields = [("door", "assisted"), ("reason", "called")];
        console.post_and_follow(&format!("/console/members/{sam}/recover"), &fields).await;
        let edna = newcomer(&app, "edna", "staff", None).await;
        enrolling(&app, &edna).await;
        let found = [
            ("/console/members?state=enrolling", "edna", "otto"),
            ("/console/members?state=invited", "nina", "edna"),
            ("/console/members?state=added", "otto", "edna"),
            ("/console/members?q=SA", "sam", "nina"),
            ("/console/members?state=enrolled", "sam", "nina"),
            ("/console/members?state=invited", "nina", "otto"),
            ("/console/members?state=added", "otto", "nina"),
            ("/console/members?state=offboarded", "Nobody matches", "otto"),
            ("/console/cases", "Recovery: assisted", "No case is open"),
            ("/console/cases?state=closed", "No case has ended", "assisted"),
            ("/console/approvals", "Nobody waits", "assisted"),
            ("/console/notices", "n•••@example.net", "o•••@example.net"),
            ("/console/audit?kind=ticket-issued", "Ada invited nina.", "sam"),
            ("/console/policy", "Control chain of staff", "no such"),
            ("/console/blast", "Everything that may fall", "Nothing alone"),
            (
                "/console/blast?falls=sync-account",
                "Take the account that syncs the passkeys",
                "Nobody has an account",
            ),
            ("/console", "open cases", "no such"),
        ];
        for (path, there, not_there) in found {
            let page = console.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            page.must_show(there);
            // What must not be there may stand in the frame of the page; it is looked for in its content.
            let main = page.body.split_once("<main").expect("every page has its content").1;
            assert!(!main.contains(not_there), "{path} shows {not_there}");
        }
        console.get(&format!("/console/members/{edna}")).await.must_show("Enrolling");
        for id in [sam, nina, otto] {
            assert_eq!(console.get(&format!("/console/members/{id}")).await.status, StatusCode::OK);
        }
    });
}

#[test]
fn the_blast_radius_names_the_members_who_fall_and_no_others() {
    with_app(|app| async move {
        let ada = person(&app, "ada", "domain-admins").await;
        person(&app, "sam", "staff").await;
        newcomer(&app, "nina", "staff", None).await;
        let mut console = Client::signed_in(&app, &ada).await;
        let page = console.get("/console/blast").await;
        page.must_show("Everything that may fall").must_show("mailbox(own-mail)");
        let page = console.get("/console/blast?falls=sync-account").await;
        page.must_show("2 of 2 members fall")
            .must_show(">sam</a>")
            .must_show("payroll")
            .must_show("as 1 of 1");
        let main = page.body.split_once("<main").expect("every page has its content").1;
        assert!(!main.to_lowercase().contains("nina"), "who holds nothing has nothing to lose");
        let page = console.get("/console/blast?falls=approver.helpdesk&with=approver.helpdesk").await;
        page.must_show("2 people of the role helpdesk do what an attacker wants")
            .must_show("0 of 2 members fall");
        let page = console.get("/console/blast?falls=mailbx(own-mail)").await;
        page.must_show("did you mean").must_show("Everything that may fall");
    });
}

async fn sessions_are_ended_from_the_console(app: App) {
    let sam = person(&app, "sam", "staff").await;
    let bob = person(&app, "bob", "staff").await;
    let hana = person(&app, "hana", "helpdesk").await;
    let mut console = Client::signed_in(&app, &hana).await;
    let mut open: Vec<Client> = Vec::new();
    for whose in [&sam, &sam, &sam, &bob] {
        open.push(Client::signed_in(&app, whose).await);
    }
    let page = console.get(&format!("/console/members/{sam}")).await;
    let ends: Vec<String> =
        page.body.split('"').filter(|text| text.ends_with("/end")).map(str::to_owned).collect();
    let (all, one) = (format!("/console/members/{sam}/sessions/end"), ends.last().expect("there is one"));
    assert!(ends.contains(&all) && ends.len() == 4, "{ends:?}");
    console.get(one).await.must_show("End a session of sam");
    let why = [("reason", "laptop stolen")];
    // Bob's page does not end what is Sam's, nor does an end without a reason end anything.
    let astray = one.replace(sam.as_str(), bob.as_str());
    assert_eq!(console.get(&astray).await.status, StatusCode::NOT_FOUND);
    assert_eq!(console.post(&astray, &why).await.status, StatusCode::NOT_FOUND);
    assert_eq!(console.post(&all, &[("reason", " ")]).await.status, StatusCode::BAD_REQUEST);
    let live = async |open: &mut Vec<Client>| {
        let mut live = Vec::new();
        for client in open {
            live.push(client.get("/account").await.status == StatusCode::OK);
        }
        live
    };
    assert_eq!(live(&mut open).await, [true; 4]);
    console.post_and_follow(one, &why).await.must_show("The session is ended.");
    assert_eq!(live(&mut open).await.iter().filter(|live| **live).count(), 3);
    console.get(&all).await.must_show("on every device");
    let from = logged(&app).await;
    console
        .post_and_follow(&all, &why)
        .await
        .must_show("Not signed in anywhere")
        .must_show("every session of");
    assert_eq!(live(&mut open).await, [false, false, false, true]);
    let facts = facts_since(&app, from).await;
    assert_eq!((facts.len(), facts[0].what), (1, What::SessionEnded));
    assert_eq!(facts[0].with.get("reason").map(String::as_str), Some("laptop stolen"));
    let told = crate::walk::mail(&app, "sam@example.net").await;
    assert!(told.contains("You were signed out on every device"), "{told}");
}

#[test]
fn an_agent_ends_a_members_sessions_and_they_hear_of_it() {
    with_app(sessions_are_ended_from_the_console);
}

#[test]
fn an_agent_ends_a_members_sessions_on_postgres_too() {
    with_app_on_postgres(sessions_are_ended_from_the_console);
}
