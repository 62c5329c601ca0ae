//! The events of one account are all found, in their order, however far the index by account has come.

use server::audit::entry::Event;
use server::store::commit::{Committer, Done};
use server::store::log;

use crate::database::{TestDatabase, on_both};
use crate::{event, runtime};

/// `pattern` names the account of one event each; `-` is nobody's.
fn record(committer: &Committer, pattern: &str) {
    let events: Vec<Event> = pattern
        .chars()
        .map(|account| Event { account: (account != '-').then(|| account.to_string()), ..event("{}") })
        .collect();
    let recorded = committer.submit(None, move |_| Ok(Done { reply: (), events: events.clone() }));
    runtime().block_on(recorded).unwrap();
}

fn enter(committer: &Committer, most: i64) -> i64 {
    runtime().block_on(committer.submit_upkeep(None, move |tx| log::index(tx, most))).unwrap()
}

fn found(db: &TestDatabase, account: &str, before: u64, limit: u64) -> Vec<u64> {
    let entries = db.open().read(|tx| log::entries_before(tx, before, Some(account), limit)).unwrap();
    assert!(entries.iter().all(|entry| entry.event.account.as_deref() == Some(account)));
    entries.iter().map(|entry| entry.seq).collect()
}

#[test]
fn nothing_is_missing_while_events_are_entered() {
    on_both(|db| {
        let committer = db.committer();
        record(&committer, "ab-aab-a");
        for entered in [0, 1, 2, 4, 0, 1] {
            // `most` is far below what waits, so that the border lies anywhere among the events of one account.
            assert_eq!(enter(&committer, entered), entered);
            assert_eq!(found(db, "a", u64::MAX, 10), [7, 4, 3, 0]);
            assert_eq!(found(db, "a", u64::MAX, 2), [7, 4]);
            assert_eq!(found(db, "a", 4, 10), [3, 0]);
            assert_eq!(found(db, "a", 4, 1), [3]);
            assert_eq!(found(db, "b", u64::MAX, 10), [5, 1]);
            assert_eq!(found(db, "c", u64::MAX, 10), [0_u64; 0]);
        }
        assert_eq!(enter(&committer, 100), 0, "all are entered, and none twice");
        record(&committer, "ca");
        assert_eq!(found(db, "a", u64::MAX, 3), [9, 7, 4]);
        assert_eq!(enter(&committer, 100), 2);
        assert_eq!(found(db, "a", u64::MAX, 3), [9, 7, 4]);
        assert_eq!(found(db, "c", u64::MAX, 3), [8]);
    });
}
