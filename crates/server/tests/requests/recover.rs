//! The ways back in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use axum::http::StatusCode;
use lifecycle::enrol::Authority;
use lifecycle::{AccountId, Secret, recover};
use policy::FactorKind;
use server::app::{App, Clock};
use server::http::cookie;
use server::install::{self, Record};
use server::start;
use server::store::notices;

use crate::app::{PASSWORD, Person, decided, give_passkey, member, newcomer};
use crate::client::{Answer, Client};
use crate::sign_in::sign_in;
use crate::walk::{between, code, link, mail, with_clock, with_seed_of};
use crate::with_app;

/// In microseconds.
const DAY: i64 = 24 * 3600 * 1_000_000;

async fn open(client: &mut Client, name: &str, door: &str) -> Answer {
    client.post_and_follow("/recover/open", &[("name", name), ("door", door)]).await
}

/// The case page without what differs by case.
fn plain(client: &Client, page: &Answer) -> String {
    let token = client.cookie(cookie::CSRF).expect("every browser has a form token");
    let reference = between(page, "class=\"ref\">", "<").to_owned();
    let mut body = page.body.replace(token, "").replace(&reference, "");
    if body.contains("class=\"big-code\">") {
        let check = between(page, "class=\"big-code\">", "<").to_owned();
        body = body.replace(&check, "");
    }
    body
}

/// A new agent, signed in.
async fn agent(app: &App, name: &str) -> Client {
    let agent = newcomer(app, name, "helpdesk", None).await;
    give_passkey(app, &agent).await;
    Client::signed_in(app, &agent).await
}

/// The agent approves the case of this page.
async fn approve(console: &mut Client, page: &Answer) {
    let reference = between(page, "class=\"ref\">", "<");
    let check = between(page, "class=\"big-code\">", "<");
    let fields = [("verdict", "approve"), ("check", check), ("reason", "knew the voice")];
    let done = console.post(&format!("/console/cases/{reference}/decide"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
}

/// Two agents and a proofing in an assisted recovery, given through the console.
async fn assist(app: &App, page: &Answer) {
    let reference = between(page, "class=\"ref\">", "<");
    let check = between(page, "class=\"big-code\">", "<");
    let (mut hana, mut hugo) = (agent(app, "hana").await, agent(app, "hugo").await);
    let fields = [("method", "video"), ("check", check), ("note", "identity card")];
    let done = hana.post(&format!("/console/cases/{reference}/proofing"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    approve(&mut hana, page).await;
    approve(&mut hugo, page).await;
}

/// How many of a kind an account holds.
async fn holds(app: &App, id: &AccountId, kind: FactorKind) -> usize {
    let id = id.clone();
    let account = app.read(move |view| view.account(id.as_str())).await.expect("an account can be read");
    account.expect("the account exists").authenticators.iter().filter(|a| a.kind == kind).count()
}

#[test]
fn what_was_kept_and_an_agents_word_lead_back_in_after_a_day() {
    with_clock(|app, time| async move {
        let alice = member(&app, "alice", "staff").await;
        give_passkey(&app, &alice.id).await;
        let mut session = Client::signed_in(&app, &alice.id).await;
        let mut client = Client::visitor(&app);
        let page = client.post("/recover", &[("name", "alice")]).await;
        page.must_show("Enter one of your recovery codes").must_show("Wait 24 hours");
        page.must_show(">With what you kept and help from others</h2>");
        page.must_show(">With help from others</h2>").must_show("Two people from the help desk agree");
        open(&mut client, "alice", "what-you-kept").await.must_show("Send the code");
        let page = client.post_and_follow("/case/prove/codes", &[("code", "wrong")]).await;
        assert_eq!(page.body.matches("aria-invalid=\"true\"").count(), 1);
        let field = between(&page, "aria-describedby=\"", "\"");
        page.must_show(&format!("id=\"{field}\" role=\"alert\">That did not match"));
        let page = client.post_and_follow("/case/prove/password", &[("password", PASSWORD)]).await;
        page.must_show("Shown");
        let fields = [("code", alice.codes[0].expose())];
        client.post_and_follow("/case/prove/codes", &fields).await.must_show("Shown");
        let page = client.post_and_follow("/case/send", &[("channel", "own-mail")]).await;
        page.must_show("The code you received").must_show("a•••@example.net");
        let sent = code(&mail(&app, "alice@example.net").await);
        let fields = [("channel", "own-mail"), ("code", sent.as_str())];
        let page = client.post_and_follow("/case/prove/issued", &fields).await;
        page.must_show("Your check code");
        approve(&mut agent(&app, "hana").await, &page).await;
        client.get("/case").await.must_show("Now it waits");
        time.pass(Duration::from_hours(24));
        let page = client.post_and_follow("/case/proceed", &[]).await;
        page.must_show("What would you like to add?");
        // The password is not this door's: it stays.
        let again = with_seed_of(&alice, &client.get("/case/bind/totp").await);
        let code = again.code(app.now());
        let page = client.post_and_follow("/case/bind/totp", &[("code", &code)]).await;
        page.must_show("Added here").must_show("These stop working at once");
        page.must_show("Every session of the account ends");
        client.post_and_follow("/case/finish", &[]).await.must_show("You are back in.");
        assert_eq!(session.get("/account").await.status, StatusCode::SEE_OTHER, "every session ended");
        assert_eq!(holds(&app, &alice.id, FactorKind::Passkey).await, 0);
        assert_eq!(holds(&app, &alice.id, FactorKind::Totp).await, 1);
        mail(&app, "alice@example.net").await;
        time.pass(Duration::from_secs(30));
        sign_in(&mut client, &app, &again).await.must_show("<strong>9</strong> of 10 left");
    });
}

#[test]
fn a_name_that_nobody_has_opens_a_case_like_any_other() {
    with_app(|app| async move {
        member(&app, "alice", "staff").await;
        newcomer(&app, "unset", "staff", None).await;
        let mut pages = Vec::new();
        for name in ["alice", "nobody", "unset"] {
            let mut client = Client::visitor(&app);
            let doors = client.post("/recover", &[("name", name)]).await;
            let token = client.cookie(cookie::CSRF).expect("a token").to_owned();
            let mut seen = vec![doors.body.replace(&token, "")];
            for door in ["what-you-kept", "assisted"] {
                let page = open(&mut client, name, door).await;
                seen.push(plain(&client, &page));
            }
            open(&mut client, name, "what-you-kept").await;
            let page = client.post_and_follow("/case/send", &[("channel", "own-mail")]).await;
            page.must_show("The code you received").must_show("your own mail");
            seen.push(plain(&client, &page));
            for _ in 0..5 {
                for (what, field) in [("password", "password"), ("codes", "code"), ("totp", "code")] {
                    let path = format!("/case/prove/{what}");
                    let page = client.post_and_follow(&path, &[(field, "wrong")]).await;
                    seen.push(plain(&client, &page));
                }
                let fields = [("channel", "own-mail"), ("code", "00000000")];
                let page = client.post_and_follow("/case/prove/issued", &fields).await;
                seen.push(plain(&client, &page));
            }
            let page = client.post("/case/send", &[("channel", "mobile")]).await;
            seen.push(format!("{} {}", page.status, page.body.replace(&token, "")));
            pages.push(seen.into_iter().map(|page| page.replace(name, "name")).collect::<Vec<_>>());
        }
        assert_eq!(pages[0], pages[1]);
        assert_eq!(pages[0], pages[2]);
    });
}

#[test]
fn an_assisted_recovery_waits_and_then_goes_on() {
    with_clock(|app, time| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        let page = open(&mut client, "alice", "assisted").await;
        page.must_show("Then: a wait of 24 hours, with notices to your own mail and your mobile");
        page.must_show("Get back in with help from others")
            .must_show("Waiting for two people from the help desk");
        assist(&app, &page).await;
        client.get("/case").await.must_show("Now it waits").must_show("a•••@example.net");
        let page = client.post_and_follow("/case/proceed", &[]).await;
        page.must_show("You can go on in 24 hours: ");
        assert!(!page.shows("no longer open"), "{}", page.body);
        let page = client.post_and_follow("/case/bind/password", &[("password", PASSWORD)]).await;
        page.must_show("Now it waits");
        time.pass(Duration::from_hours(24));
        client.get("/case").await.must_show("You can go on");
        client.post_and_follow("/case/proceed", &[]).await.must_show("What would you like to add?");
        // Whoever takes too long goes on once more.
        time.pass(Duration::from_mins(10));
        client.get("/case").await.must_show("You can go on");
        client.post_and_follow("/case/proceed", &[]).await;
        let page = client.post_and_follow("/case/bind/password", &[("password", PASSWORD)]).await;
        page.must_show("Added here");
        let again = with_seed_of(&alice, &client.get("/case/bind/totp").await);
        let code = again.code(app.now());
        client.post("/case/bind/totp", &[("code", &code)]).await;
        client.post_and_follow("/case/finish", &[]).await.must_show("You are back in.");
        time.pass(Duration::from_secs(30));
        sign_in(&mut client, &app, &again).await.must_show("How you sign in");
    });
}

#[test]
fn a_wait_ends_for_everybody_to_see_when_what_was_shown_is_replaced() {
    with_clock(|app, time| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut thief = Client::visitor(&app);
        let page = open(&mut thief, "alice", "what-you-kept").await;
        let reference = between(&page, "class=\"ref\">", "<").to_owned();
        thief.post_and_follow("/case/prove/password", &[("password", PASSWORD)]).await;
        thief.post_and_follow("/case/prove/codes", &[("code", alice.codes[0].expose())]).await;
        thief.post_and_follow("/case/send", &[("channel", "own-mail")]).await;
        let sent = code(&mail(&app, "alice@example.net").await);
        let fields = [("channel", "own-mail"), ("code", sent.as_str())];
        let page = thief.post_and_follow("/case/prove/issued", &fields).await;
        let mut console = agent(&app, "hana").await;
        approve(&mut console, &page).await;
        thief.get("/case").await.must_show("Now it waits").must_show("in 24 hours");
        let stop = link(&mail(&app, "alice@example.net").await, "/stop/");
        Client::visitor(&app).get(&stop).await.must_show("in 24 hours");

        let mut owner = Client::signed_in(&app, &alice.id).await;
        owner.post("/account/bind", &[]).await;
        let fields = [("password", "another walk along the river")];
        owner.post_and_follow("/case/bind/password", &fields).await.must_show("Your password is set");
        for hours in [0, 24] {
            time.pass(Duration::from_hours(hours));
            let page = thief.get("/case").await;
            page.must_show("This case can no longer go on")
                .must_show("shown again: <strong>password</strong>");
            assert!(!page.shows("in 24 hours") && !page.shows("You can go on"), "{}", page.body);
            thief.post_and_follow("/case/proceed", &[]).await.must_show("This case can no longer go on");
            let mut visitor = Client::visitor(&app);
            assert!(!visitor.get(&stop).await.shows("in 24 hours"), "it takes effect at no moment");
        }
        let mut console = Client::signed_in(&app, &console_id(&app).await).await;
        let page = console.get(&format!("/console/cases/{reference}")).await;
        page.must_show("Stuck: what was shown no longer opens the door");
        page.must_show("It would take again: password. Nothing can be added here");
    });
}

/// The same company, whose assisted recovery also sets addresses; and its time.
async fn where_recovery_binds(app: &App, channels: &str) -> (App, Arc<AtomicI64>) {
    let mut source = app.running().source.clone();
    let door = "[population.staff.recover.assisted]\nrequire = \"proofing(video) and approval(helpdesk, 2)\"\nbinds   = [";
    let text = &mut source.files[0].text;
    assert!(text.contains(door), "the example's door has changed");
    *text = text.replacen(door, &format!("{door}{channels}, "), 1);
    let config = app.config().clone();
    let now = Arc::new(AtomicI64::new(app.now().0));
    let clock = Clock::Fixed(Arc::clone(&now));
    let opened = tokio::task::spawn_blocking(move || {
        let running = start::running(source, &clock).map_err(|found| found.1.diagnostics);
        start::app_under(config, running.expect("the policy has no errors"), clock, false)
    });
    let next = opened.await.expect("opening does not panic").expect("another application opens");
    let record = Record {
        instead_of: Some(app.policy().digest().to_owned()),
        user: "the tests".to_owned(),
        reason: Some("recovery sets addresses".to_owned()),
        counts: BTreeMap::new(),
    };
    install::apply(&next, record).await.expect("nobody else installs a policy");
    (next, now)
}

#[test]
fn the_last_page_tells_where_messages_go_now_and_who_hears_of_it() {
    with_app(|first| async move {
        let (app, now) = where_recovery_binds(&first, "\"own-mail\", \"mobile\"").await;
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        let page = open(&mut client, "alice", "assisted").await;
        assist(&app, &page).await;
        now.fetch_add(DAY, Relaxed);
        client.post_and_follow("/case/proceed", &[]).await.must_show("What would you like to add?");
        client.post_and_follow("/case/bind/password", &[("password", PASSWORD)]).await;
        let again = with_seed_of(&alice, &client.get("/case/bind/totp").await);
        client.post_and_follow("/case/bind/totp", &[("code", &again.code(app.now()))]).await;
        client.post_and_follow("/case/bind/own-mail", &[("address", "zoe@new.example")]).await;
        let sent = code(&mail(&app, "zoe@new.example").await);
        client.post_and_follow("/case/bind/own-mail", &[("code", &sent)]).await;
        // The number stays as it was: the code for another one never came back.
        client.post_and_follow("/case/bind/mobile", &[("address", "+4915550199")]).await;
        now.fetch_add(1_000_000, Relaxed);
        let page = client.post_and_follow("/case/finish", &[]).await;
        page.must_show("You are back in.").must_show("Your password works from now on.");
        page.must_show(
            "Messages to your own mail now go to z•••@new.example. The address before gets a notice of it.",
        );
        assert!(!page.shows("your mobile") && !page.shows("zoe@") && !page.shows("alice@"), "{}", page.body);
        assert!(mail(&app, "alice@example.net").await.contains("Changed: your own mail"));
    });
}

#[test]
fn where_there_was_no_address_before_nobody_is_said_to_hear_of_the_new_one() {
    with_app(|first| async move {
        let (app, now) = where_recovery_binds(&first, "\"mobile\"").await;
        let alice = member(&app, "alice", "staff").await;
        let sql = "DELETE FROM address WHERE channel = 'mobile'";
        app.upkeep(move |view| view.tx.execute(sql, &[])).await.expect("the address can be taken away");
        let mut client = Client::visitor(&app);
        let page = open(&mut client, "alice", "assisted").await;
        assist(&app, &page).await;
        now.fetch_add(DAY, Relaxed);
        client.post_and_follow("/case/proceed", &[]).await;
        client.post_and_follow("/case/bind/password", &[("password", PASSWORD)]).await;
        let again = with_seed_of(&alice, &client.get("/case/bind/totp").await);
        client.post_and_follow("/case/bind/totp", &[("code", &again.code(app.now()))]).await;
        // A wrong number first: its code went to an address that was never the account's.
        for number in ["+4915550188", "+4915550199"] {
            client.post_and_follow("/case/bind/mobile", &[("address", number)]).await;
        }
        let sent = code(&mail(&app, "+4915550199").await);
        client.post_and_follow("/case/bind/mobile", &[("code", &sent)]).await;
        now.fetch_add(1_000_000, Relaxed);
        let page = client.post_and_follow("/case/finish", &[]).await;
        page.must_show("Messages to your mobile now go to +49 ••• 99.");
        assert!(!page.shows("The address before"), "{}", page.body);
    });
}

/// The agent of the name `hana`.
async fn console_id(app: &App) -> AccountId {
    let found = app.read(|view| view.named("hana")).await.expect("the directory can be read");
    found.expect("she is there").id
}

#[test]
fn what_was_shown_and_where_the_member_is_reached_are_read_once_each() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        let page = open(&mut client, "alice", "assisted").await;
        let held = async |client: &Client| {
            let cookie = client.cookie(cookie::CASE).expect("the browser holds a case");
            let holder = Secret::from_text(cookie).hash();
            let held = app.read(move |view| view.held(&holder)).await.expect("a case can be read");
            let (case, account) = held.expect("the case exists");
            let account = account.expect("it is somebody's");
            assert_eq!(account.id, alice.id);
            let channels: Vec<String> =
                account.addresses.into_iter().map(|address| address.channel).collect();
            assert_eq!(channels, ["mobile", "own-mail"]);
            case.evidence.len()
        };
        assert_eq!(held(&client).await, 0);
        assist(&app, &page).await;
        assert_eq!(held(&client).await, 3, "one proofing and two approvals");
    });
}

#[test]
fn the_link_in_a_notice_stops_a_recovery() {
    with_clock(|app, time| async move {
        member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        let page = open(&mut client, "alice", "assisted").await;
        assist(&app, &page).await;
        let link = link(&mail(&app, "alice@example.net").await, "/stop/");
        let text = mail(&app, "+15550100").await;
        assert!(text.starts_with("Example Ltd: somebody has asked to recover your account"), "{text}");
        assert!(text.contains("Not you? Stop it now: http://localhost:8080/stop/"), "{text}");
        let mut owner = Client::visitor(&app);
        for _ in 0..2 {
            owner.get(&link).await.must_show("Was this not you?").must_show("in 24 hours");
        }
        owner.post(&link, &[]).await.must_show("is stopped");
        assert_eq!(owner.get(&link).await.status, StatusCode::NOT_FOUND);
        assert_eq!(owner.post(&link, &[]).await.status, StatusCode::NOT_FOUND);
        time.pass(Duration::from_hours(24));
        let page = client.post_and_follow("/case/proceed", &[]).await;
        page.must_show("Stopped");
    });
}

#[test]
fn a_case_that_an_agent_opened_is_joined_once_by_name_and_reference() {
    with_app(|app| async move {
        let Person { id, .. } = member(&app, "alice", "staff").await;
        member(&app, "mallory", "staff").await;
        let owner = id.clone();
        let opened = decided(&app, Some(&id), move |view, env| {
            let account = view.account(owner.as_str())?.expect("the account exists");
            let (by, reason) = (Authority::Terminal, "called from a known number");
            Ok(recover::open_for(&account, by, view.policy(), "assisted", reason, env))
        });
        let reference = opened.await.expect("an agent may open it").reference;
        let joining = |name| [("name", name), ("reference", reference.as_str())];
        let mut other = Client::visitor(&app);
        let page = other.post("/recover/join", &joining("mallory")).await;
        page.must_show("No open case has this name and reference");
        let mut client = Client::visitor(&app);
        let page = client.post_and_follow("/recover/join", &joining(" Alice")).await;
        page.must_show("Your check code");
        let page = other.post("/recover/join", &joining("alice")).await;
        page.must_show("another browser holds it already");
        assert_eq!(other.cookie(cookie::CASE), None);
    });
}

#[test]
fn signing_in_meanwhile_does_not_lose_the_case() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        let mut client = Client::visitor(&app);
        open(&mut client, "bob", "assisted").await;
        client.post("/sign-in/passkey/options", &[]).await;
        sign_in(&mut client, &app, &alice).await.must_show("How you sign in");
        client.get("/case").await.must_show("Your check code").must_show("bob");
    });
}

#[test]
fn a_stranger_cannot_flood_a_mailbox_with_codes() {
    with_app(|app| async move {
        let alice = member(&app, "alice", "staff").await;
        for _ in 0..4 {
            let mut stranger = Client::visitor(&app);
            open(&mut stranger, "alice", "what-you-kept").await;
            for _ in 0..2 {
                // The answer stays the same, so that it does not tell whether the name exists.
                let page = stranger.post_and_follow("/case/send", &[("channel", "own-mail")]).await;
                page.must_show("a code is on its way").must_show("The code you received");
            }
        }
        let id = alice.id.clone();
        let since = lifecycle::Time(0);
        let sent = app.read(move |view| notices::count_since(view.tx, &id, "own-mail", since)).await;
        assert_eq!(sent.expect("notices can be counted"), 6);
    });
}
