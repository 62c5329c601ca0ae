//! Cases that wait for people who cannot act: their pages say so, and what would help.

use lifecycle::{AccountId, Actor, Change, Decision, Fact, Facts, What};
use server::app::App;

use crate::app::{decided, newcomer};
use crate::client::Client;
use crate::console::person;
use crate::console_cases::{joined, opened_for};
use crate::enrol::invited;
use crate::walk::between;
use crate::with_app;

/// A newcomer of the staff with this manager, whose browser holds the enrolment; its reference.
async fn enrolling(app: &App, name: &str, manager: Option<&AccountId>) -> (Client, AccountId, String) {
    let id = newcomer(app, name, "staff", manager).await;
    let link = invited(app, &id, name).await;
    let mut member = Client::visitor(app);
    let page = member.post_and_follow(&link, &[]).await;
    let reference = between(&page, "class=\"ref\">", "<").to_owned();
    (member, id, reference)
}

/// What only a directory changes.
async fn changed(app: &App, id: &AccountId, change: impl Fn(lifecycle::Time) -> Change + Send + 'static) {
    decided(app, Some(id), move |_, env| {
        let facts = Facts::one(Fact::about(What::MemberChanged, Actor::Terminal, None));
        Ok(Decision { reply: (), changes: vec![change(env.now)], facts })
    })
    .await;
}

#[test]
fn without_a_manager_both_pages_say_what_is_missing_until_one_is_set() {
    with_app(|app| async move {
        let hana = person(&app, "hana", "helpdesk").await;
        let mia = person(&app, "mia", "staff").await;
        let (mut member, nina, reference) = enrolling(&app, "nina", None).await;
        let mut console = Client::signed_in(&app, &hana).await;
        let case = format!("/console/cases/{reference}");
        let page = member.get("/case").await;
        page.must_show("Not possible: no manager is set for you. Ask an administrator to set one");
        // An agent may still see them in person.
        page.must_show("Waiting for an agent who sees you in person");
        let page = console.get(&case).await;
        page.must_show("Not possible: no manager is set for this member. An administrator can set one");
        assert!(!page.shows("Stuck"), "seeing the member in person is another way");

        let (account, manager) = (nina.clone(), mia.clone());
        changed(&app, &nina, move |_| Change::UpdateAccount {
            account: account.clone(),
            display_name: "nina".to_owned(),
            groups: vec!["staff".to_owned()],
            manager: Some(manager.clone()),
        })
        .await;
        for page in [member.get("/case").await, console.get(&case).await] {
            assert!(!page.shows("Not possible"), "{}", page.body);
        }
        // Who that is would tell an attacker with a mailed code whom to talk into it.
        let page = member.get("/case").await;
        page.must_show("Waiting for your manager.");
        assert!(!page.shows("mia"), "{}", page.body);
    });
}

#[test]
fn a_manager_who_has_left_or_never_came_is_named_with_the_reason() {
    with_app(|app| async move {
        let hana = person(&app, "hana", "helpdesk").await;
        let mut console = Client::signed_in(&app, &hana).await;
        let mia = person(&app, "mia", "staff").await;
        let account = mia.clone();
        changed(&app, &mia, move |at| Change::SetOffboarded { account: account.clone(), at }).await;
        let new = newcomer(&app, "milo", "staff", None).await;
        let elsewhere = person(&app, "carl", "contractors").await;
        for (name, manager, why, remedy) in [
            (
                "nina",
                mia,
                "mia, has left",
                ["the manager who is set for you cannot agree", "An administrator can set another"],
            ),
            (
                "nora",
                new,
                "milo, has not set up an account yet",
                ["your manager has not set up an account yet", "They do so first, or an administrator"],
            ),
            (
                "noel",
                elsewhere,
                "carl, is in no group whose members may agree to this",
                ["the manager who is set for you cannot agree", "An administrator can set another"],
            ),
        ] {
            let (mut member, _, reference) = enrolling(&app, name, Some(&manager)).await;
            let page = member.get("/case").await;
            page.must_show(&format!("Not possible: {}", remedy[0]));
            let name = why.split(',').next().expect("it begins with the name");
            assert!(
                !page.shows(&format!("{name},")),
                "whoever reads this may have shown nothing: {}",
                page.body
            );
            let page = console.get(&format!("/console/cases/{reference}")).await;
            page.must_show(&format!("Not possible: the manager, {why}. {}", remedy[1]));
        }
    });
}

#[test]
fn a_recovery_for_which_too_few_agents_are_left_is_stuck_until_there_are_more() {
    with_app(|app| async move {
        let sam = person(&app, "sam", "staff").await;
        let hana = person(&app, "hana", "helpdesk").await;
        person(&app, "hugo", "helpdesk").await;
        // Added, and not enrolled: nobody who could agree.
        newcomer(&app, "hilda", "helpdesk", None).await;
        let mut console = Client::signed_in(&app, &hana).await;
        let reference = opened_for(&mut console, &sam).await;
        joined(&app, &reference).await;
        let case = format!("/console/cases/{reference}");
        let page = console.get(&case).await;
        page.must_show("Stuck: somebody who is needed cannot act").must_show("Nobody can, as things stand");
        page.must_show("Not possible: 2 more must agree, and 1 could");
        person(&app, "henry", "helpdesk").await;
        let page = console.get(&case).await;
        page.must_show("Waits for other people");
        assert!(!page.shows("Stuck") && !page.shows("Not possible"), "{}", page.body);
    });
}

#[test]
fn an_agent_does_not_check_their_own_identity() {
    with_app(|app| async move {
        let hana = person(&app, "hana", "helpdesk").await;
        let fields = [("name", "hana"), ("door", "assisted")];
        let page = Client::visitor(&app).post_and_follow("/recover/open", &fields).await;
        // Whoever typed a name and has shown nothing learns nothing about the people behind it.
        assert!(!page.shows("Not possible"), "{}", page.body);
        let case = format!("/console/cases/{}", between(&page, "class=\"ref\">", "<"));
        let mut hana = Client::signed_in(&app, &hana).await;
        hana.get(&case).await.must_show("Not possible: no agent is enrolled who is not the member");
        person(&app, "hugo", "helpdesk").await;
        assert!(!hana.get(&case).await.shows("no agent is enrolled"));
    });
}
