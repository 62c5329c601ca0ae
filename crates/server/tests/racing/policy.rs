//! A policy comes into force while everybody decides: each decision is recorded under the policy in force, or not at
//! all, and the log shows one moment at which the one took the other's place.

use std::sync::Arc;

use lifecycle::{Actor, Decision, Fact, What};
use policy::{Source, SourceFile};
use server::app::{App, Peer};
use server::fault::{Fault, Kind};
use server::install::{self, Record};
use server::start;
use server::store::log;
use tokio::sync::{Barrier, oneshot};

use crate::{RACERS, Racecourse, on_both};

/// How often each racer decides: enough to be under way when the other policy comes.
const TIMES: usize = 20;

/// An application of another process for the same policy with one more comment.
async fn of_another_policy(app: &App) -> App {
    let mut source = app.running().source.clone();
    source.files[0].text.push_str("\n# Another policy, by its digest.\n");
    of_policy(app, source, clock(app)).await
}

/// An application of another process for this policy.
async fn of_policy(app: &App, source: Source, clock: server::app::Clock) -> App {
    let config = app.config().clone();
    let opened = tokio::task::spawn_blocking(move || {
        let running = start::running(source, &clock).map_err(|found| found.1.diagnostics);
        start::app_under(config, running.expect("a comment is no error"), clock, false)
    });
    opened.await.expect("opening does not panic").expect("another application opens")
}

fn clock(app: &App) -> server::app::Clock {
    server::app::Clock::Fixed(Arc::new(app.now().0.into()))
}

async fn decide(app: &App) -> Result<(), Fault> {
    app.decide(None, &Peer::terminal(), |_, _| {
        Ok(Decision::only((), Fact::about(What::MemberChanged, Actor::Terminal, None)))
    })
    .await
}

fn record(of: &App) -> Record {
    Record {
        instead_of: Some(of.policy().digest().to_owned()),
        user: "alice".to_owned(),
        reason: Some("a test".to_owned()),
        counts: [("members", 0)].into(),
    }
}

/// Every event of the log: what happened, and under which policy.
async fn events(app: &App) -> Vec<(What, String, Fact)> {
    let entries = app.read(|view| log::entries(view.tx, 0, 1_000_000)).await.expect("the log can be read");
    let event = |body: &[u8]| {
        let fact: Fact = serde_json::from_slice(body).expect("an event holds a fact");
        let body: serde_json::Value = serde_json::from_slice(body).expect("an event is JSON");
        (fact.what, body["policy"].as_str().expect("an event names its policy").to_owned(), fact)
    };
    entries.iter().map(|entry| event(&entry.event.body)).collect()
}

#[test]
fn a_session_ends_by_the_policy_in_force_though_it_began_under_a_milder_one() {
    on_both(|Racecourse { here, .. }| async move {
        let person = crate::app::member(&here, "ann", "staff").await;
        let cookie = crate::app::session(&here, &person.id).await;
        let claim = lifecycle::session::Claim::read(cookie.expose()).expect("a cookie names its session");
        let mut source = here.running().source.clone();
        let text = &mut source.files[0].text;
        let limits = "session = { idle = \"1h\", max = \"12h\" }";
        assert!(text.contains(limits), "the example limits the sessions of staff");
        *text = text.replace(limits, "session = { idle = \"5m\", max = \"10m\" }");
        let minutes =
            |app: &App, n: i64| server::app::Clock::Fixed(Arc::new((app.now().0 + n * 60_000_000).into()));
        // By the two policies and two clocks, whether the cookie is good and how many sessions are shown.
        for (is_stricter, after, good) in [(false, 6, true), (true, 4, true), (true, 6, false)] {
            let policy = if is_stricter { source.clone() } else { here.running().source.clone() };
            let app = of_policy(&here, policy, minutes(&here, after)).await;
            let (claim, id, console) = (claim.clone(), person.id.clone(), app.config().console.clone());
            let found = app.read(move |view| {
                let is_caller = view.caller(&claim, &console)?.is_some();
                let account = view.account(id.as_str())?.expect("she is there");
                Ok((is_caller, view.sessions(&account)?.len()))
            });
            let found = found.await.expect("sessions can be read");
            assert_eq!(found, (good, usize::from(good)), "{is_stricter} {after}");
            app.committer().shut_down();
        }
    });
}

#[test]
fn no_decision_is_recorded_under_a_policy_that_is_not_in_force() {
    on_both(|Racecourse { here, there }| async move {
        let next = of_another_policy(&here).await;
        let line = Arc::new(Barrier::new(RACERS + 1));
        let racers: Vec<_> = (0..RACERS)
            .map(|number| {
                let app = if number % 2 == 0 { here.clone() } else { there.clone() };
                let line = Arc::clone(&line);
                tokio::spawn(async move {
                    line.wait().await;
                    let mut done = 0;
                    for _ in 0..TIMES {
                        match decide(&app).await {
                            Ok(()) => done += 1,
                            Err(fault) => {
                                assert_eq!(fault.kind(), Kind::Gone, "it may be tried again: {fault}");
                            }
                        }
                    }
                    done
                })
            })
            .collect();
        line.wait().await;
        install::apply(&next, record(&here)).await.expect("nobody else installs a policy");
        let mut done = 0;
        for racer in racers {
            done += racer.await.expect("no decision panics");
        }
        decide(&here).await.expect_err("the policy of this application is not in force any more");
        decide(&next).await.expect("this one is");

        let events = events(&next).await;
        let (old, new) = (here.policy().digest(), next.policy().digest());
        let at = events.iter().rposition(|(what, ..)| *what == What::PolicyApplied).expect("it was recorded");
        assert!(events[..at].iter().all(|(_, policy, _)| policy == old), "before: the old policy alone");
        assert!(events[at..].iter().all(|(_, policy, _)| policy == new), "from then on: the new one alone");
        let recorded = events.iter().filter(|(what, ..)| *what == What::MemberChanged).count();
        assert_eq!(recorded, done + 1, "what was refused left nothing, and nothing else did");
        let fact = &events[at].2;
        let with = |name: &str| fact.with.get(name).map(String::as_str);
        assert_eq!((with("digest"), with("instead-of")), (Some(new), Some(old)));
        assert_eq!(
            (with("user"), with("reason"), with("members")),
            (Some("alice"), Some("a test"), Some("0"))
        );
        crate::Racecourse { here: next.clone(), there: there.clone() }.is_proved().await;
        next.committer().shut_down();
    });
}

#[test]
fn a_server_whose_policy_is_replaced_before_it_decides_takes_the_next_one_over() {
    on_both(|Racecourse { here, .. }| async move {
        let next = of_another_policy(&here).await;
        install::apply(&next, record(&here)).await.expect("nobody else installs a policy");
        let listener = start::listen(([127, 0, 0, 1], 0).into()).await.expect("some port is free");
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(start::serve_on(here.clone(), listener, async { drop(stopped.await) }));
        let began = |(what, policy, _): &(What, String, Fact)| {
            *what == What::ServerStarted && policy == next.policy().digest()
        };
        while !events(&next).await.iter().any(began) {
            assert!(!serving.is_finished(), "it does not give up: {:?}", serving.await);
        }
        stop.send(()).expect("it still serves");
        serving.await.expect("serving does not panic").expect("it ends when it is told to");
        next.committer().shut_down();
    });
}

#[test]
fn of_two_policies_for_the_same_place_one_comes_into_force() {
    on_both(|Racecourse { here, .. }| async move {
        let (one, mut other) = (of_another_policy(&here).await, of_another_policy(&here).await);
        // The same text twice would be the same policy.
        let mut source: Source = other.running().source.clone();
        source.files.push(SourceFile { name: "more.toml".to_owned(), text: "# More.\n".to_owned() });
        other.committer().shut_down();
        let (config, clock) = (here.config().clone(), clock(&here));
        let opened = tokio::task::spawn_blocking(move || {
            let running = start::running(source, &clock).map_err(|found| found.1.diagnostics);
            start::app_under(config, running.expect("a comment is no error"), clock, false)
        });
        other = opened.await.expect("opening does not panic").expect("another application opens");
        let (first, second) =
            tokio::join!(install::apply(&one, record(&here)), install::apply(&other, record(&here)));
        let lost = match (first, second) {
            (Ok(()), Err(fault)) | (Err(fault), Ok(())) => fault,
            both => panic!("one of them comes into force: {both:?}"),
        };
        assert!(lost.to_string().contains("compare again"), "{lost}");
        let applied = events(&here).await.iter().filter(|(what, ..)| *what == What::PolicyApplied).count();
        assert_eq!(applied, 2, "the first of all, and the one that won");
        one.committer().shut_down();
        other.committer().shut_down();
    });
}
