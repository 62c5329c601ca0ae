//! Thirty-two at once, in two processes' worth of server on one database, on both databases: whatever is good once
//! succeeds once, everybody else is refused without a fault, and every attempt is in the log.

#[path = "../support/app.rs"]
mod app;
#[path = "../support/authenticator.rs"]
mod authenticator;
#[path = "../support/database.rs"]
#[expect(dead_code, reason = "applications make their tables themselves")]
mod database;

mod other_people;
mod own_evidence;
mod policy;

use std::sync::Arc;

use lifecycle::id::Hash;
use lifecycle::{Answer, Env, Fact, Refusal, What};
use server::app::{App, Peer, View};
use server::fault::Fault;
use tokio::sync::Barrier;

use app::TestApp;
use database::TestDatabase;

/// How many race.
const RACERS: usize = 32;

/// Runs a race on both databases.
fn on_both<Race: Future<Output = ()>>(race: impl Fn(Racecourse) -> Race) {
    for database in [TestDatabase::sqlite(), TestDatabase::postgres()] {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime starts");
        let here = TestApp::start(&database);
        let there = here.another();
        runtime.block_on(race(Racecourse { here: here.app.clone(), there: there.clone() }));
        there.committer().shut_down();
    }
}

/// Two processes' worth of server on one database.
#[derive(Clone)]
struct Racecourse {
    here: App,
    there: App,
}

impl Racecourse {
    /// Lets everybody decide at the same moment, half of them here and half there. The answers, and the facts that
    /// were recorded meanwhile.
    async fn race<T, Decide>(&self, decide: impl Fn(usize) -> Decide) -> (Vec<Result<T, Refusal>>, Vec<Fact>)
    where
        T: Send + 'static,
        Decide: FnMut(&mut View<'_, '_>, &mut Env<'_>) -> Result<Answer<T>, Fault> + Send + 'static,
    {
        let before = app::logged(&self.here).await;
        let line = Arc::new(Barrier::new(RACERS));
        let racers: Vec<_> = (0..RACERS)
            .map(|number| {
                let app = if number % 2 == 0 { self.here.clone() } else { self.there.clone() };
                let (line, decide) = (Arc::clone(&line), decide(number));
                tokio::spawn(async move {
                    line.wait().await;
                    app.decide(None, &Peer::terminal(), decide).await
                })
            })
            .collect();
        let mut answers = Vec::new();
        for racer in racers {
            let answer = racer.await.expect("no decision panics");
            answers.push(answer.unwrap_or_else(|fault| panic!("a race is no fault: {fault}")));
        }
        (answers, app::facts_since(&self.here, before).await)
    }

    /// Everything is as it was logged.
    async fn is_proved(&self) {
        let report = app::verified(&self.there).await;
        assert_eq!(report.problem, None, "{report}");
    }
}

/// Exactly one of the racers succeeded; the log has a fact for that one and a refused one for each other.
fn assert_one_winner<T>((answers, facts): &(Vec<Result<T, Refusal>>, Vec<Fact>), done: What, refused: What) {
    assert_eq!(answers.len(), RACERS);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "one of them succeeds");
    let good = facts.iter().filter(|fact| fact.what == done && fact.refused.is_none()).count();
    assert_eq!(good, 1, "the success is recorded once");
    let bad = facts.iter().filter(|fact| fact.what == refused && fact.refused.is_some()).count();
    assert_eq!(bad, RACERS - 1, "every refusal is recorded");
}

/// The browser of one racer, by the hash of its cookie.
fn held(cookies: &[Hash], number: usize) -> Hash {
    cookies[number % cookies.len()].clone()
}
