//! `kill -9` at any moment under load: what was answered is in the log, and what was accepted is accepted never again.

use std::collections::{BTreeMap, BTreeSet};

use lifecycle::{Fact, Secret, What};
use server::app::App;
use server::store::log;
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::browser::Browser;
use crate::people::{self, PASSWORD, Person, step_now};
use crate::place::{Place, Serving};

/// How many connections send requests at once; a third of them each sign in, recover, and give made-up names.
const CONNECTIONS: usize = 30;
/// How often the server is killed.
const ROUNDS: usize = 4;
/// The server is killed once it has accepted something and answered so many requests, or fewer.
const MOST_ANSWERS: u8 = 120;

/// What one person at one connection saw, up to the answer that never came.
#[derive(Default)]
struct Seen {
    /// The secrets of cases that were opened for this browser.
    cases: Vec<String>,
    /// Somebody was signed in by their app's code: who, and the browser that is theirs.
    signed_in: Option<(String, Browser)>,
    /// A saved code was taken.
    spent: bool,
}

#[test]
fn nothing_that_was_answered_is_lost_and_nothing_accepted_is_accepted_again_on_sqlite() {
    attack(&Place::sqlite());
}

#[test]
fn nothing_that_was_answered_is_lost_and_nothing_accepted_is_accepted_again_on_postgres() {
    attack(&Place::postgres());
}

fn attack(place: &Place) {
    let app = place.app();
    let mut people = people::enrol(&app, (0..ROUNDS * CONNECTIONS).map(|number| format!("m{number}")));
    app.committer().shut_down();
    drop(app);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let mut all = Vec::new();
    for _ in 0..ROUNDS {
        let crowd = people.split_off(people.len() - CONNECTIONS);
        // One code for everybody's whole round, so that whoever tries again tries the same.
        let step = step_now();
        let seen = runtime.block_on(until_gone(place, &crowd, step, Serving::kill));
        let serving = place.serve();
        runtime.block_on(try_again(place, &crowd, step, &seen));
        assert!(place.run(&["audit", "verify"]).done().starts_with("all "));
        // The next round's server is another one again.
        serving.kill();
        all.extend(seen);
    }
    let app = place.app();
    runtime.block_on(is_all_logged(&app, &all));
    app.committer().shut_down();
}

#[test]
fn a_server_that_is_told_to_stop_loses_nothing_either() {
    let place = Place::sqlite();
    let app = place.app();
    let crowd = people::enrol(&app, (0..CONNECTIONS).map(|number| format!("m{number}")));
    app.committer().shut_down();
    drop(app);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let seen = runtime.block_on(until_gone(&place, &crowd, step_now(), Serving::stop));
    let app = place.app();
    runtime.block_on(is_all_logged(&app, &seen));
    app.committer().shut_down();
}

/// Sends requests from every connection until the server is gone.
async fn until_gone(place: &Place, crowd: &[Person], step: u64, end: fn(Serving) -> String) -> Vec<Seen> {
    let serving = place.serve();
    let mut moment = [0];
    App::random(&mut moment);
    let (answered, mut answers) = mpsc::unbounded_channel();
    let first = Browser::new(place.port);
    let connections: Vec<_> = crowd
        .iter()
        .zip([sign_in, recover, strange].into_iter().cycle())
        .map(|(person, acts)| tokio::spawn(acts(first.another(), person.clone(), step, answered.clone())))
        .collect();
    let (mut number, mut accepted) = (0, false);
    while number <= moment[0] % MOST_ANSWERS || !accepted {
        accepted |= answers.recv().await.expect("the connections go on until the server is gone");
        number = number.saturating_add(1);
    }
    tokio::task::spawn_blocking(move || end(serving)).await.expect("it is ended");
    let mut seen = Vec::new();
    for connection in connections {
        seen.push(connection.await.expect("no answer is a surprise"));
    }
    seen
}

/// Did the answer say that a code was accepted?
type Accepted = bool;

type Acts = std::pin::Pin<Box<dyn Future<Output = Seen> + Send>>;

/// Signs in with the code of the app, then goes on as a stranger.
fn sign_in(mut browser: Browser, person: Person, step: u64, answered: UnboundedSender<Accepted>) -> Acts {
    Box::pin(async move {
        let begun = browser.begin(&person.name, PASSWORD).await;
        // A browser has the cookie of a case only from an answer.
        let cases = browser.cookie("__Host-postern-sign-in").map(secret_of).into_iter().collect();
        let mut seen = Seen { cases, ..Seen::default() };
        if begun.is_ok() && browser.code(&person.code(step)).await.is_ok() {
            seen.signed_in = browser.is_signed_in().then(|| (person.name.clone(), browser.clone()));
            // Nobody listens any more once the server is killed.
            let _ = answered.send(seen.signed_in.is_some());
            seen.cases.extend(strange(browser.another(), person, step, answered).await.cases);
        }
        seen
    })
}

/// Recovers with a saved code as far as that goes, then goes on as a stranger.
fn recover(mut browser: Browser, person: Person, step: u64, answered: UnboundedSender<Accepted>) -> Acts {
    Box::pin(async move {
        let taken = spend(&mut browser, &person).await;
        let cases = browser.cookie("__Host-postern-case").map(str::to_owned).into_iter().collect();
        let mut seen = Seen { cases, ..Seen::default() };
        if let Ok(taken) = taken {
            seen.spent = taken;
            let _ = answered.send(taken);
            seen.cases.extend(strange(browser.another(), person, step, answered).await.cases);
        }
        seen
    })
}

/// Gives names that nobody has, one after the other.
fn strange(browser: Browser, person: Person, _: u64, answered: UnboundedSender<Accepted>) -> Acts {
    Box::pin(async move {
        let mut seen = Seen::default();
        for number in 0.. {
            let mut browser = browser.another();
            let name = format!("no-{}-{number}", person.name);
            let Ok(answer) = browser.post("/sign-in", &[("name", &name)]).await else { break };
            assert_eq!(answer.status, 303, "{}", answer.body);
            seen.cases.extend(browser.cookie("__Host-postern-sign-in").map(secret_of));
            let _ = answered.send(false);
        }
        seen
    })
}

/// The cookie holds the secret, a dot, and what was typed.
fn secret_of(cookie: &str) -> String {
    cookie.split('.').next().unwrap_or_default().to_owned()
}

/// Shows the first saved code at the door of recovery. Was it taken?
async fn spend(browser: &mut Browser, person: &Person) -> Result<bool, reqwest::Error> {
    browser.post("/recover/open", &[("name", &person.name), ("door", "what-you-kept")]).await?;
    browser.post("/case/prove/codes", &[("code", person.codes[0].expose())]).await?;
    // The sentence for the next page: `gShown.` in base64url; a refusal begins with another letter.
    Ok(browser.cookie("__Host-postern-flash") == Some("Z1Nob3duLg"))
}

/// Everybody tries once more what they showed before: whoever was told that it was accepted is refused.
async fn try_again(place: &Place, crowd: &[Person], step: u64, seen: &[Seen]) {
    let first = Browser::new(place.port);
    for (person, seen) in crowd.iter().zip(seen) {
        if let Some((name, browser)) = &seen.signed_in {
            let account = first.with_cookies_of(browser).get("/account").await.expect("the server answers");
            assert_eq!(account.status, 200, "{name} stays signed in");
            let mut browser = first.another();
            browser.begin(name, PASSWORD).await.expect("the server answers");
            browser.code(&person.code(step)).await.expect("the server answers");
            assert!(!browser.is_signed_in(), "the code of {name} was accepted before the server was killed");
        }
        if seen.spent {
            let taken = spend(&mut first.another(), person).await.expect("the server answers");
            assert!(!taken, "the saved code of {} was taken before the server was killed", person.name);
        }
    }
    // And those who never got an answer: whatever the server did, it does not do it twice.
    let unsure = crowd.iter().zip(seen).filter(|(_, seen)| seen.signed_in.is_none() && !seen.spent);
    for (person, _) in unsure.take(6) {
        spend(&mut first.another(), person).await.expect("the server answers");
        let mut browser = first.another();
        browser.begin(&person.name, PASSWORD).await.expect("the server answers");
        browser.code(&person.code(step)).await.expect("the server answers");
    }
}

/// Every case that a browser was given is in the database and in the log, and nothing was accepted twice.
async fn is_all_logged(app: &App, all: &[Seen]) {
    let facts = facts(app).await;
    let opened = facts.iter().filter(|fact| fact.what == What::CaseOpened);
    let opened: BTreeSet<_> = opened.filter_map(|fact| fact.case.clone()).collect();
    for secret in all.iter().flat_map(|seen| &seen.cases) {
        let holder = Secret::from_text(secret).hash();
        let held = app.read(move |view| view.held(&holder)).await.expect("the database can be read");
        let (case, _) = held.expect("a case that was answered is in the database");
        assert!(opened.contains(&case.id), "a case that was answered is in the log");
    }
    let mut times: BTreeMap<_, usize> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.what == What::EvidenceProved) {
        let (account, proved) = (fact.account.clone(), fact.with.get("proved").cloned().unwrap_or_default());
        if proved != "password" {
            *times.entry((account, proved)).or_default() += 1;
        }
    }
    assert!(times.values().all(|times| *times == 1), "each code is accepted once: {times:?}");
    for name in all.iter().filter_map(|seen| Some(seen.signed_in.as_ref()?.0.clone())) {
        let account = app.read(move |view| view.named(&name)).await.expect("the database can be read");
        let id = account.expect("they are enrolled").id;
        let signed_in = |fact: &&Fact| fact.what == What::SignedIn && fact.account.as_ref() == Some(&id);
        assert_eq!(facts.iter().filter(signed_in).count(), 1, "a sign-in that was answered is in the log");
    }
}

async fn facts(app: &App) -> Vec<Fact> {
    let entries = app.read(|view| log::entries(view.tx, 0, 1_000_000)).await.expect("the log can be read");
    let fact = |body: &[u8]| serde_json::from_slice(body).expect("an event holds a fact");
    entries.iter().map(|entry| fact(&entry.event.body)).collect()
}
