//! Cases in the console: opening one for a member, recognising them, agreeing and refusing.

use axum::http::StatusCode;
use lifecycle::{AccountId, Actor, Change, Decision, Env, Fact, Facts, What, recover};
use server::app::App;
use server::store::cases;

use crate::app::{decided, give_passkey};
use crate::client::Client;
use crate::console::person;
use crate::walk::between;
use crate::with_app;

/// The member takes up the case in their own browser; the code that their page shows.
pub(crate) async fn joined(app: &App, reference: &str) -> String {
    let reference = reference.to_owned();
    let answer = decided(app, None, move |view, env| {
        let found = view.referred_locked(&reference)?.expect("the case exists");
        let (case, account, is_held) = (found.0, found.1.expect("it is somebody's"), found.2);
        Ok(recover::join(Some((&case, &account)), is_held, env))
    });
    let (case, _) = answer.await.expect("nobody holds it yet");
    case.check_code.expect("whoever holds a case has a check code")
}

pub(crate) async fn opened_for(console: &mut Client, member: &AccountId) -> String {
    let fields = [("door", "assisted"), ("reason", "called from a known number")];
    let answer = console.post(&format!("/console/members/{member}/recover"), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = console.get(&answer.location).await;
    let reference = answer.location.rsplit('/').next().expect("a path has a last part").to_owned();
    page.must_show(&format!("Tell the member the reference {reference}"));
    page.must_show("must first take this case up in their own browser");
    reference
}

#[test]
fn a_recovery_takes_two_agents_who_each_heard_the_check_code() {
    with_app(|app| async move {
        let sam = person(&app, "sam", "staff").await;
        let mut agents = Vec::new();
        for name in ["hana", "hugo", "hilda"] {
            let id = person(&app, name, "helpdesk").await;
            agents.push(Client::signed_in(&app, &id).await);
        }
        let [hana, hugo, hilda] = &mut agents[..] else { unreachable!("there are three") };
        let reference = opened_for(hana, &sam).await;
        let decide = format!("/console/cases/{reference}/decide");
        let proofing = format!("/console/cases/{reference}/proofing");
        // Before the member has taken it up there is no code, and nothing to agree to.
        hugo.get("/console/approvals").await.must_show("Nobody waits for your approval");
        let check = joined(&app, &reference).await;
        hugo.get("/console/approvals").await.must_show(&reference);

        let wrong = if check == "00 00 00" { "00 00 01" } else { "00 00 00" };
        let approve = |check| [("verdict", "approve"), ("check", check), ("reason", "knew the voice")];
        let page = hugo.post(&decide, &approve(wrong)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.must_show("The check code does not match").must_show("value=\"knew the voice\"");
        page.must_show("aria-invalid=\"true\" aria-describedby=\"check-0-error\"");
        let fields = [("method", "video"), ("check", wrong), ("note", "identity card")];
        let page = hana.post(&proofing, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.must_show("The check code does not match").must_show("value=\"identity card\"");
        page.must_show("value=\"video\" required checked").must_show("id=\"proof-check-error\"");
        // Whoever opened the case does not agree to it.
        let page = hana.post_and_follow(&decide, &approve(&check)).await;
        page.must_show("Somebody else must do this");
        let page = hugo.post_and_follow(&decide, &approve(&check)).await;
        page.must_show("Your approval counts").must_show("1 of 2 so far").must_show("by hugo");
        let page = hugo.post_and_follow(&decide, &approve(&check)).await;
        page.must_show("Somebody else must do this");
        hilda.post_and_follow(&decide, &approve(&check)).await.must_show("by hilda");
        let fields = [("method", "video"), ("check", check.as_str()), ("note", "identity card")];
        let page = hana.post_and_follow(&proofing, &fields).await;
        page.must_show("The proofing is recorded").must_show("Takes effect").must_show("in 24 hours");
        // Whoever leaves takes back what they gave.
        let hugo = app.read(|view| view.named("hugo")).await.expect("readable").expect("he is there").id;
        let ada = person(&app, "ada", "domain-admins").await;
        let fields = [("typed", "hugo"), ("reason", "took a bribe")];
        let path = format!("/console/members/{hugo}/offboard");
        Client::signed_in(&app, &ada).await.post_and_follow(&path, &fields).await.must_show("Off-boarded");
        let found = app.read(move |view| cases::by_reference(view.tx, &reference)).await.expect("readable");
        let (case, _) = found.expect("the case is there");
        assert_eq!(case.evidence.len(), 2, "{:?}", case.evidence);
        assert!(case.evidence.iter().all(|piece| piece.by() != Some(&hugo)));
    });
}

#[test]
fn a_reason_is_demanded_and_a_denied_case_is_over() {
    with_app(|app| async move {
        let sam = person(&app, "sam", "staff").await;
        let hana = person(&app, "hana", "helpdesk").await;
        let hugo = person(&app, "hugo", "helpdesk").await;
        let mut hana = Client::signed_in(&app, &hana).await;
        let mut hugo = Client::signed_in(&app, &hugo).await;
        let reference = opened_for(&mut hana, &sam).await;
        joined(&app, &reference).await;
        let decide = format!("/console/cases/{reference}/decide");
        let answer = hugo.post(&decide, &[("verdict", "deny"), ("reason", "  ")]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let page = hugo.post_and_follow(&decide, &[("verdict", "deny"), ("reason", "not Sam")]).await;
        page.must_show("The case is denied").must_show("Denied");
        assert!(!page.shows(&format!("{decide}\"")), "a closed case still offers to decide");
        hugo.get("/console/cases").await.must_show("No case is open");
        hugo.get("/console/cases?state=closed").await.must_show(&reference);
        let gone = app.read(move |view| cases::by_reference(view.tx, &reference)).await.expect("readable");
        assert!(gone.is_some_and(|(case, _)| matches!(case.state, lifecycle::CaseState::Closed(_))));
    });
}

#[test]
fn a_manager_sees_the_cases_of_their_own_people_and_nothing_else_of_the_console() {
    with_app(|app| async move {
        let mia = person(&app, "mia", "staff").await;
        let mut manager = Client::signed_in(&app, &mia).await;
        let newcomer = crate::app::newcomer(&app, "nina", "staff", Some(&mia)).await;
        let reference = enrolling(&app, &newcomer).await;
        manager.get("/console/approvals").await.must_show(&reference).must_show("as the manager of nina");
        let page = manager.get(&format!("/console/cases/{reference}")).await;
        page.must_show("Approve or deny").must_show("nina");
        assert!(!page.shows("/console/members/"), "the page leads where a manager may not go");
        for path in [format!("/console/members/{newcomer}"), "/console/cases".into(), "/console".into()] {
            assert_eq!(manager.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        // Somebody else's newcomer is none of Mia's affair: as if there were no such case.
        let other = crate::app::newcomer(&app, "otto", "staff", None).await;
        let hidden = enrolling(&app, &other).await;
        let page = manager.get(&format!("/console/cases/{hidden}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        let fields = [("verdict", "deny"), ("reason", "curious")];
        let answer = manager.post(&format!("/console/cases/{hidden}/decide"), &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    });
}

/// Somebody has redeemed their invitation and waits at the enrol door; the case's reference.
pub(crate) async fn enrolling(app: &App, id: &AccountId) -> String {
    use lifecycle::enrol::{Authority, invite, redeem};
    let invited = id.clone();
    let secret = decided(app, Some(id), move |view, env| {
        let account = view.account(invited.as_str())?.expect("the account exists");
        Ok(invite(&account, Authority::Terminal, view.policy(), env))
    })
    .await
    .expect("a newcomer can be invited");
    let redeemed = id.clone();
    let opened = decided(app, Some(id), move |view, env| {
        let account = view.account(redeemed.as_str())?.expect("the account exists");
        let ticket = cases::ticket(view.tx, &secret.hash())?.expect("the ticket was issued");
        Ok(redeem(Some((&ticket, &account)), view.policy(), env))
    })
    .await;
    opened.unwrap_or_else(|refusal| panic!("the ticket is fresh: {refusal}")).case.reference
}

#[test]
fn the_queue_shows_every_case_page_by_page() {
    with_app(|app| async move {
        person(&app, "sam", "staff").await;
        let hana = person(&app, "hana", "helpdesk").await;
        let mut references = Vec::new();
        for _ in 0..60 {
            let opened = decided(&app, None, |view, env| {
                let sam = view.named("sam")?;
                Ok(recover::open(sam.as_ref(), view.policy(), "assisted", "staff", env))
            });
            references.push(opened.await.expect("the door is there").case.reference);
        }
        let mut console = Client::signed_in(&app, &hana).await;
        let mut address = "/console/approvals".to_owned();
        let (mut pages, mut seen) = (0, 0);
        loop {
            let page = console.get(&address).await;
            page.must_show("60<span class=\"visually-hidden\"> waiting");
            seen += references.iter().filter(|reference| page.shows(reference)).count();
            pages += 1;
            let Some(at) = page.body.find("rel=\"next\"") else { break };
            let start = page.body[..at].rfind("href=\"").expect("a link has an address") + "href=\"".len();
            address = page.body[start..].split('"').next().expect("an address ends").to_owned();
        }
        assert_eq!((pages, seen), (3, 60));
        console.get("/console/cases?state=open&page=2").await.must_show("51 to 60");
        console.get("/console").await.must_show("<strong>60</strong><span>open cases");
    });
}

#[test]
fn a_recovery_of_which_nobody_would_hear_says_so_to_everybody() {
    with_app(|app| async move {
        let opened = decided(&app, None, |_, env| {
            let account = nobody_reached(env);
            let fact = Fact::about(What::MemberAdded, Actor::Terminal, Some(&account.id));
            let changes = vec![Change::CreateAccount(Box::new(account.clone()))];
            Ok(Decision { reply: account.id, changes, facts: Facts::one(fact) })
        });
        let sam = opened.await;
        give_passkey(&app, &sam).await;
        let mut agents = Vec::new();
        for name in ["hana", "hugo"] {
            let id = person(&app, name, "helpdesk").await;
            agents.push(Client::signed_in(&app, &id).await);
        }
        agents[0].get(&format!("/console/members/{sam}")).await.must_show("no notice would reach them");
        let mut holder = Client::visitor(&app);
        let fields = [("name", "sam"), ("door", "assisted")];
        let page = holder.post_and_follow("/recover/open", &fields).await;
        let reference = between(&page, "class=\"ref\">", "<").to_owned();
        let check = between(&page, "class=\"big-code\">", "<").to_owned();
        let fields = [("method", "video"), ("check", check.as_str()), ("note", "identity card")];
        agents[0].post(&format!("/console/cases/{reference}/proofing"), &fields).await;
        for agent in &mut agents {
            let fields = [("verdict", "approve"), ("check", check.as_str()), ("reason", "knew the voice")];
            agent.post(&format!("/console/cases/{reference}/decide"), &fields).await;
        }
        holder.get("/case").await.must_show("but it cannot go on");
        holder.post_and_follow("/case/proceed", &[]).await.must_show("no longer open");
        let page = agents[0].get(&format!("/console/cases/{reference}")).await;
        page.must_show("Stuck: no notice would reach the member").must_show("Nobody can.");
    });
}

fn nobody_reached(env: &mut Env<'_>) -> lifecycle::Account {
    lifecycle::Account {
        id: AccountId::fresh(env),
        name: "sam".to_owned(),
        display_name: "Sam".to_owned(),
        groups: vec!["staff".to_owned()],
        manager: None,
        created_at: env.now,
        enrolled_at: None,
        offboarded_at: None,
        addresses: Vec::new(),
        authenticators: Vec::new(),
    }
}
