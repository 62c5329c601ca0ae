//! The one write path: durable answers, single use under races, faults of both kinds, several processes.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use server::audit::checkpoint::Checkpoint;
use server::audit::merkle;
use server::fault::{Fault, Kind};
use server::store::commit::{Committer, Done, Faults};
use server::store::driver::{Database, Lock, Tx};
use server::store::log;

use crate::database::{TestDatabase, on_both};
use crate::{add_account, done, event, poll_once, runtime, signer};

/// Every event is there once, in order, and the head's signed checkpoint covers exactly them.
fn assert_whole_log(db: &TestDatabase, events: u64) {
    let (head, entries, checkpoints) = db
        .open()
        .read(|tx| Ok((log::head(tx)?, log::entries(tx, 0, 100_000)?, log::checkpoints(tx, 0, 100_000)?)))
        .unwrap();
    assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), (0..events).collect::<Vec<_>>());
    assert!(entries.iter().all(|entry| entry.event.leaf() == entry.leaf));
    let leaves: Vec<_> = entries.iter().map(|entry| entry.leaf).collect();
    let checkpoint = Checkpoint::open(&head.checkpoint, signer().verifier()).unwrap();
    assert_eq!((head.size, checkpoint.size), (events, events));
    assert_eq!(checkpoint.root, merkle::root(&leaves));
    for (_, note) in checkpoints {
        let earlier = Checkpoint::open(&note, signer().verifier()).unwrap();
        assert_eq!(earlier.root, merkle::root(&leaves[..usize::try_from(earlier.size).unwrap()]));
    }
}

/// Spends the only recovery code of `a1`, or says that it was spent. Looks first and writes then, so that only
/// the lock of the account makes it right.
fn spend(tx: &mut Tx<'_>) -> Result<Done<bool>, Fault> {
    let is_spent = tx.query_one("SELECT spent_at FROM recovery_code", &[])?.int_opt(0)?.is_some();
    if !is_spent {
        tx.execute("UPDATE recovery_code SET spent_at = $1", &[1.into()])?;
    }
    done(!is_spent)
}

fn lock(account: &str) -> Lock {
    Lock::Account(account.to_owned())
}

fn with_one_code(db: &TestDatabase) {
    let add = |tx: &mut Tx<'_>| {
        add_account(tx, "a1")?;
        tx.execute(
            "INSERT INTO authenticator (id, account, name, kind, label, state, bound_at, bound_by, failures, last_step, \
             sealed) VALUES ('f1', 'a1', 'codes', 'recovery-codes', '', 'active', 0, 'enrol', 0, 0, $1)",
            &[Vec::new().into()],
        )?;
        tx.execute("INSERT INTO recovery_code (authenticator, hash) VALUES ('f1', $1)", &[vec![1].into()])
    };
    db.open().write(add).unwrap();
}

#[test]
fn thirty_two_racing_uses_of_one_code_give_exactly_one_success() {
    on_both(|db| {
        with_one_code(db);
        // Two committers, as two server processes would have.
        let committers = [db.committer(), db.committer()];
        let successes = runtime().block_on(async {
            let attempts: Vec<_> = (0..32)
                .map(|n| {
                    let committer = committers[n % 2].clone();
                    tokio::spawn(async move { committer.submit(Some(lock("a1")), spend).await.unwrap() })
                })
                .collect();
            let mut successes = 0;
            for attempt in attempts {
                successes += u32::from(attempt.await.unwrap());
            }
            successes
        });
        assert_eq!(successes, 1);
        assert_whole_log(db, 32);
    });
}

#[test]
fn two_processes_neither_lose_nor_double_an_event() {
    on_both(|db| {
        db.open().write(|tx| (0..8).try_for_each(|n| add_account(tx, &format!("a{n}")).map(drop))).unwrap();
        let committers = [db.committer(), db.committer()];
        runtime().block_on(async {
            let attempts: Vec<_> = (0..400)
                .map(|n: usize| {
                    let committer = committers[n % 2].clone();
                    tokio::spawn(async move {
                        committer.submit(Some(lock(&format!("a{}", n % 8))), |_| done(())).await
                    })
                })
                .collect();
            for attempt in attempts {
                attempt.await.unwrap().unwrap();
            }
        });
        assert_whole_log(db, 400);
        let counts = committers.map(|committer| committer.counts());
        assert_eq!(counts[0].attempts + counts[1].attempts, 400);
        assert!(counts[0].commits + counts[1].commits < 400, "waiting jobs share commits: {counts:?}");
    });
}

#[test]
fn a_failed_commit_leaves_nothing_and_the_next_one_works() {
    on_both(|db| {
        with_one_code(db);
        let faults = Arc::new(Mutex::new(Faults::FailBeforeCommit));
        let committer = Committer::with_faults(&db.database, signer(), Arc::clone(&faults)).unwrap();
        let runtime = runtime();
        let fault = runtime.block_on(committer.submit(Some(lock("a1")), spend)).unwrap_err();
        assert_eq!(fault.kind(), Kind::Gone);
        assert_whole_log_is_empty(db);
        assert!(
            runtime.block_on(committer.submit(Some(lock("a1")), spend)).unwrap(),
            "the code is still good"
        );
        assert_whole_log(db, 1);
    });
}

fn assert_whole_log_is_empty(db: &TestDatabase) {
    assert_eq!(db.count("SELECT COUNT(*) FROM event"), 0);
    assert_eq!(db.count("SELECT size FROM log_head"), 0);
}

#[test]
fn a_commit_whose_answer_is_lost_is_not_run_again() {
    on_both(|db| {
        with_one_code(db);
        let faults = Arc::new(Mutex::new(Faults::FailAfterCommit));
        let committer = Committer::with_faults(&db.database, signer(), Arc::clone(&faults)).unwrap();
        let runtime = runtime();
        let fault = runtime.block_on(committer.submit(Some(lock("a1")), spend)).unwrap_err();
        assert!(fault.is_temporary(), "{fault}");
        assert!(!runtime.block_on(committer.submit(Some(lock("a1")), spend)).unwrap(), "the code is spent");
        assert_whole_log(db, 2);
    });
}

#[test]
fn a_bad_job_costs_its_neighbours_nothing() {
    on_both(|db| {
        db.open().write(|tx| add_account(tx, "a1")).unwrap();
        let committer = db.committer();
        let outcomes = runtime().block_on(async {
            let attempts: Vec<_> = (0..12)
                .map(|n| {
                    let committer = committer.clone();
                    tokio::spawn(async move {
                        let job = move |tx: &mut Tx<'_>| match n {
                            3 => tx
                                .execute("INSERT INTO setting (name, value) VALUES ('n', NULL)", &[])
                                .and_then(|_| done(n)),
                            5 => Err(Fault::broken("deciding")),
                            7 => panic!("a bug in a decision"),
                            9 => Ok(Done { reply: n, events: Vec::new() }),
                            _ => done(n),
                        };
                        committer.submit(Some(lock("a1")), job).await
                    })
                })
                .collect();
            let mut outcomes = Vec::new();
            for attempt in attempts {
                outcomes.push(attempt.await.unwrap().is_ok());
            }
            outcomes
        });
        let good: Vec<bool> = (0..12).map(|n| ![3, 5, 7, 9].contains(&n)).collect();
        assert_eq!(outcomes, good);
        assert_whole_log(db, 8);
    });
}

#[test]
fn a_decision_without_an_event_is_not_made() {
    on_both(|db| {
        let committer = db.committer();
        let silent = |tx: &mut Tx<'_>| Ok(Done { reply: add_account(tx, "a1")?, events: Vec::new() });
        let fault = runtime().block_on(committer.submit(None, silent)).unwrap_err();
        assert!(fault.to_string().contains("no event"), "{fault}");
        assert_eq!(db.count("SELECT COUNT(*) FROM account"), 0);
    });
}

#[test]
fn a_failed_statement_that_nobody_minds_undoes_its_job() {
    on_both(|db| {
        let careless = |tx: &mut Tx<'_>| {
            add_account(tx, "a1")?;
            let _ = tx.execute("INSERT INTO setting (name, value) VALUES ('n', NULL)", &[]);
            Ok(())
        };
        let fault = runtime().block_on(db.committer().submit_upkeep(None, careless)).unwrap_err();
        assert!(fault.to_string().contains("nobody minded"), "{fault}");
        assert!(db.open().write(careless).is_err());
        assert_eq!(db.count("SELECT COUNT(*) FROM account"), 0);
    });
}

#[test]
fn upkeep_leaves_no_event() {
    on_both(|db| {
        let committer = db.committer();
        runtime().block_on(committer.submit_upkeep(None, |tx| add_account(tx, "a1"))).unwrap();
        assert_eq!(db.count("SELECT COUNT(*) FROM account"), 1);
        assert_whole_log_is_empty(db);
    });
}

#[test]
fn a_decision_stands_even_if_nobody_waits_for_it() {
    on_both(|db| {
        let committer = db.committer();
        let runtime = runtime();
        let (entered, release) = (std::sync::mpsc::channel(), std::sync::mpsc::channel::<()>());
        let waiting = committer.clone();
        let caller = runtime.spawn(async move {
            let (entered, release) = (entered.0, Mutex::new(release.1));
            let job = move |_: &mut Tx<'_>| {
                entered.send(()).unwrap();
                release.lock().unwrap().recv().unwrap();
                done(())
            };
            waiting.submit(None, job).await
        });
        entered.1.recv().unwrap();
        caller.abort();
        release.0.send(()).unwrap();
        committer.shut_down();
        assert_whole_log(db, 1);
    });
}

#[test]
fn a_committer_that_was_shut_down_commits_what_waited_and_takes_nothing_more() {
    on_both(|db| {
        let committer = db.committer();
        let runtime = runtime();
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let committer = committer.clone();
                runtime.spawn(async move { committer.submit(None, |_| done(())).await })
            })
            .collect();
        let taken = runtime.block_on(async {
            let mut taken = 0;
            for waiting in waiting {
                taken += u64::from(waiting.await.unwrap().is_ok());
            }
            taken
        });
        committer.shut_down();
        assert_eq!(taken, 20);
        assert!(runtime.block_on(committer.submit(None, |_| done(()))).is_err());
        assert_whole_log(db, 20);
    });
}

#[test]
fn more_than_the_queue_holds_is_refused_at_once() {
    let db = TestDatabase::sqlite().migrated();
    let committer = db.committer();
    let runtime = runtime();
    let (entered, release) = (std::sync::mpsc::channel(), std::sync::mpsc::channel::<()>());
    let blocker = committer.clone();
    let (entered_sender, release_receiver) = (entered.0, Mutex::new(release.1));
    runtime.spawn(async move {
        let job = move |_: &mut Tx<'_>| {
            entered_sender.send(()).unwrap();
            release_receiver.lock().unwrap().recv().unwrap();
            done(())
        };
        blocker.submit(None, job).await
    });
    entered.1.recv().unwrap();
    // The writer is busy now; everything else waits in the queue.
    let refused = runtime.block_on(async {
        let mut waiting: Vec<_> = Vec::new();
        let mut refused = None;
        while refused.is_none() {
            let mut next = Box::pin(committer.submit(None, |_| done(())));
            match poll_once(&mut next).await {
                Some(outcome) => refused = Some(outcome.unwrap_err()),
                None => waiting.push(next),
            }
        }
        refused.unwrap()
    });
    assert_eq!(refused.kind(), Kind::Overloaded);
    release.0.send(()).unwrap();
    committer.shut_down();
    assert_whole_log(&db, 4097);
}

#[test]
fn a_killed_postgres_session_costs_one_batch_at_most() {
    let db = TestDatabase::postgres().migrated();
    let Database::Postgres(url) = db.database.clone() else { panic!("it is a PostgreSQL database") };
    let committer = db.committer();
    let runtime = runtime();
    runtime.block_on(committer.submit(None, |_| done(()))).unwrap();
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    // Idle sessions: the next decision does not notice.
    db.meddle(kill);
    for _ in 0..8 {
        runtime.block_on(committer.submit(None, |_| done(()))).unwrap();
    }
    // A session in the middle of a decision: that one fails, nothing of it stays, the next one works.
    let runs = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&runs);
    let fault = runtime
        .block_on(committer.submit(None, move |tx| {
            counter.fetch_add(1, Ordering::Relaxed);
            add_account(tx, "a1")?;
            let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
            client.batch_execute(kill).unwrap();
            add_account(tx, "a2")?;
            done(())
        }))
        .unwrap_err();
    assert_eq!(fault.kind(), Kind::Gone, "{fault}");
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    runtime.block_on(committer.submit(None, |_| done(()))).unwrap();
    assert_eq!(db.count("SELECT COUNT(*) FROM account"), 0);
    assert_whole_log(&db, 10);
}

#[test]
fn many_events_of_one_decision_keep_their_order() {
    on_both(|db| {
        let committer = db.committer();
        let events = || (0..71).map(|n| event(&format!(r#"{{"n":{n}}}"#))).collect::<Vec<_>>();
        runtime()
            .block_on(committer.submit(None, move |_| Ok(Done { reply: (), events: events() })))
            .unwrap();
        let entries = db.open().read(|tx| log::entries(tx, 0, 100)).unwrap();
        assert_eq!(entries.into_iter().map(|entry| entry.event).collect::<Vec<_>>(), events());
        assert_whole_log(db, 71);
    });
}
