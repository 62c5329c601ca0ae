//! Tampering of each kind is found, in the database and in an export, and the first bad event is named.

use server::audit::checkpoint::Checkpoint;
use server::audit::record::{Record, Records};
use server::audit::verify::{Problem, Report};
use server::audit::{export, prove, verify};
use server::fault::Fault;
use server::store::commit::{Committer, Done};
use server::store::log;

use crate::database::{TestDatabase, on_both};
use crate::{event, runtime, signer};

/// Twelve events in commits of 1, 3, 1, 3, 1 and 3: the first of each are 0, 1, 4, 5, 8 and 9.
fn with_events(db: &TestDatabase) -> Committer {
    let committer = db.committer();
    let runtime = runtime();
    let mut number = 0;
    for size in [1, 3, 1, 3, 1, 3] {
        let events = (number..number + size).map(|n| event(&format!(r#"{{"n":{n}}}"#))).collect::<Vec<_>>();
        runtime
            .block_on(committer.submit(None, move |_| Ok(Done { reply: (), events: events.clone() })))
            .unwrap();
        number += size;
    }
    committer
}

fn verify_database(db: &TestDatabase, against: Option<&Checkpoint>) -> Report {
    let check = |tx: &mut server::store::driver::Tx<'_>| {
        verify::verify(Records::of(tx)?, against, signer().verifier())
    };
    db.open().read(check).unwrap()
}

fn latest(db: &TestDatabase) -> Checkpoint {
    let note = db.open().read(log::latest_checkpoint).unwrap().unwrap();
    Checkpoint::open(&note, signer().verifier()).unwrap()
}

/// A database with events, after somebody ran `sql` on it.
fn problem_after(db: &TestDatabase, sql: &str) -> Option<Problem> {
    with_events(db).shut_down();
    db.meddle(sql);
    verify_database(db, None).problem
}

#[test]
fn an_untouched_log_is_proved_to_its_end() {
    on_both(|db| {
        assert_eq!(verify_database(db, None), Report { proved: 0, checkpoint: None, problem: None });
        with_events(db);
        let report = verify_database(db, Some(&latest(db)));
        assert_eq!(report, Report { proved: 12, checkpoint: Some(latest(db)), problem: None });
        assert_eq!(report.to_string(), "all 12 events are what was logged");
    });
}

#[test]
fn every_changed_column_of_an_event_is_found() {
    for change in ["at = at + 1", "account = 'a2'", "account = NULL", "leaf = body"] {
        on_both(|db| {
            let problem = problem_after(db, &format!("UPDATE event SET {change} WHERE seq = 6"));
            assert_eq!(problem, Some(Problem::Changed { seq: 6 }), "{change}");
        });
    }
}

#[test]
fn a_changed_body_is_found() {
    on_both(|db| {
        let body = "(SELECT body FROM event WHERE seq = 3)";
        let problem = problem_after(db, &format!("UPDATE event SET body = {body} WHERE seq = 6"));
        assert_eq!(problem, Some(Problem::Changed { seq: 6 }));
    });
}

#[test]
fn a_removed_event_is_found() {
    on_both(|db| {
        let problem = problem_after(db, "DELETE FROM event WHERE seq = 6");
        assert_eq!(problem, Some(Problem::Removed { from: 6, to: 6 }));
    });
    on_both(|db| {
        let problem = problem_after(db, "DELETE FROM event WHERE seq < 3");
        assert_eq!(problem, Some(Problem::Removed { from: 0, to: 2 }));
    });
}

#[test]
fn a_removed_event_whose_gap_was_closed_is_found() {
    on_both(|db| {
        let close = (7..12).map(|seq| format!("UPDATE event SET seq = {} WHERE seq = {seq};", seq - 1));
        let problem =
            problem_after(db, &format!("DELETE FROM event WHERE seq = 6; {}", close.collect::<String>()));
        assert_eq!(problem, Some(Problem::Rewritten { from: 5, to: 7 }));
    });
}

#[test]
fn an_event_replaced_together_with_its_leaf_is_found() {
    // Event 4 was committed alone, so it is named exactly.
    for (seq, from, to) in [(4, 4, 4), (6, 5, 7)] {
        on_both(|db| {
            let genuine = "FROM event WHERE seq = 0";
            let problem = problem_after(
                db,
                &format!(
                    "UPDATE event SET at = (SELECT at {genuine}), body = (SELECT body {genuine}), \
                     leaf = (SELECT leaf {genuine}) WHERE seq = {seq}"
                ),
            );
            assert_eq!(problem, Some(Problem::Rewritten { from, to }));
        });
    }
}

#[test]
fn exchanged_events_are_found() {
    on_both(|db| {
        let exchange = "UPDATE event SET seq = 100 WHERE seq = 4; UPDATE event SET seq = 4 WHERE seq = 10; \
                        UPDATE event SET seq = 10 WHERE seq = 100";
        assert_eq!(problem_after(db, exchange), Some(Problem::Rewritten { from: 4, to: 4 }));
    });
}

#[test]
fn a_truncated_log_is_found() {
    on_both(|db| {
        let problem = problem_after(db, "DELETE FROM event WHERE seq >= 10");
        assert_eq!(problem, Some(Problem::Truncated { from: 10, size: 12 }));
    });
    // Even when the checkpoints and the head went too, if one was kept elsewhere.
    on_both(|db| {
        with_events(db).shut_down();
        let kept = latest(db);
        db.meddle(
            "DELETE FROM event WHERE seq >= 9; DELETE FROM checkpoint WHERE size > 9; \
             UPDATE log_head SET size = 9, checkpoint = (SELECT text FROM checkpoint WHERE size = 9)",
        );
        assert_eq!(verify_database(db, None).problem, None);
        let report = verify_database(db, Some(&kept));
        assert_eq!(report.problem, Some(Problem::Truncated { from: 9, size: 12 }));
        assert_eq!(report.proved, 9);
    });
}

#[test]
fn an_event_put_in_at_the_end_is_found() {
    on_both(|db| {
        let put_in = "INSERT INTO event SELECT 12, at, account, body, leaf FROM event WHERE seq = 11";
        assert_eq!(problem_after(db, put_in), Some(Problem::Unsigned { from: 12, to: 12 }));
    });
}

#[test]
fn a_forged_checkpoint_is_found() {
    on_both(|db| {
        let forge =
            "UPDATE checkpoint SET text = (SELECT text FROM checkpoint WHERE size = 1) WHERE size = 8";
        // A genuine checkpoint in a wrong place says nothing, and the next one still proves everything.
        assert_eq!(problem_after(db, forge), None);
    });
    on_both(|db| {
        let forge = "UPDATE checkpoint SET text = REPLACE(text, 'example.org', 'example.com') WHERE size = 8";
        let problem = problem_after(db, forge);
        assert!(matches!(problem, Some(Problem::Checkpoint { after: 8, .. })), "{problem:?}");
    });
}

#[test]
fn a_log_of_another_key_is_not_ours() {
    on_both(|db| {
        with_events(db);
        let other = server::audit::note::Signer::from_seed("example.org/postern", &[8; 32]).unwrap();
        let report = db.open().read(|tx| verify::verify(Records::of(tx)?, None, other.verifier())).unwrap();
        assert!(matches!(report.problem, Some(Problem::Checkpoint { after: 1, .. })), "{report:?}");
    });
}

fn export(db: &TestDatabase) -> String {
    let mut out = Vec::new();
    db.open().read(|tx| export::write(Records::of(tx)?, &mut out)).unwrap();
    String::from_utf8(out).unwrap()
}

fn verify_export(text: &str) -> Report {
    let records: Vec<Result<Record, Fault>> = export::read(text.as_bytes()).collect();
    verify::verify(records.into_iter(), None, signer().verifier()).unwrap()
}

#[test]
fn an_export_verifies_without_the_database() {
    on_both(|db| {
        with_events(db);
        let text = export(db);
        let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((first["seq"].as_u64(), first["body"]["n"].as_u64()), (Some(0), Some(0)));
        let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert!(last["checkpoint"].as_str().unwrap().starts_with("example.org/postern\n12\n"));
        assert_eq!(verify_export(&text).to_string(), "all 12 events are what was logged");
    });
}

#[test]
fn tampering_with_an_export_is_found() {
    let db = TestDatabase::sqlite().migrated();
    with_events(&db);
    let text = export(&db);
    let lines: Vec<&str> = text.lines().collect();
    let line_of =
        |seq: u64| lines.iter().position(|line| line.starts_with(&format!("{{\"seq\":{seq},"))).unwrap();
    let without = |position: usize| [&lines[..position], &lines[position + 1..]].concat().join("\n");
    assert_eq!(
        verify_export(&text.replace("{\"n\":6}", "{\"n\": 6}")).problem,
        Some(Problem::Changed { seq: 6 })
    );
    assert_eq!(verify_export(&without(line_of(6))).problem, Some(Problem::Removed { from: 6, to: 6 }));
    let mut exchanged = lines.clone();
    exchanged.swap(line_of(6), line_of(7));
    assert_eq!(verify_export(&exchanged.join("\n")).problem, Some(Problem::Removed { from: 6, to: 6 }));
    let mut doubled = lines.clone();
    doubled.insert(line_of(6), lines[line_of(5)]);
    assert_eq!(verify_export(&doubled.join("\n")).problem, Some(Problem::Misplaced { seq: 6, found: 5 }));
    let cut = lines[..line_of(6)].join("\n");
    assert_eq!(verify_export(&cut).problem, Some(Problem::Unsigned { from: 5, to: 5 }));
    let cut_before_checkpoint = format!("{cut}\n{}", lines.last().unwrap());
    assert_eq!(verify_export(&cut_before_checkpoint).problem, Some(Problem::Truncated { from: 6, size: 12 }));
}

#[test]
fn a_line_that_is_no_record_is_named() {
    let fault = export::read("{}\n".as_bytes()).next().unwrap().unwrap_err();
    assert!(fault.to_string().contains("line 1 of the export"), "{fault}");
}

#[test]
fn even_a_body_that_is_no_json_leaves_the_database_whole() {
    let db = TestDatabase::sqlite().migrated();
    with_events(&db).shut_down();
    db.meddle("UPDATE event SET body = x'ff0a' WHERE seq = 2");
    let text = export(&db);
    assert!(text.contains("\"body_base64\":\"/wo=\""), "{text}");
    assert_eq!(verify_export(&text).problem, Some(Problem::Changed { seq: 2 }));
}

#[test]
fn an_inclusion_proof_holds_for_its_event_only() {
    on_both(|db| {
        with_events(db);
        let verifier = signer().verifier().clone();
        let proof = db.open().read(|tx| prove::prove(tx, 6, &verifier)).unwrap().unwrap();
        assert!(proof.holds(&verifier));
        assert!(proof.to_string().contains("{\"n\":6}"), "{proof}");
        assert_eq!(proof.to_json()["path"].as_array().map(Vec::len), Some(proof.path.len()));
        let mut other = proof.clone();
        other.entry.event.body = b"{\"n\":7}".to_vec();
        assert!(!other.holds(&verifier));
        assert_eq!(db.open().read(|tx| prove::prove(tx, 12, &verifier)).unwrap(), None);
    });
}

#[test]
fn a_log_that_was_touched_proves_nothing() {
    on_both(|db| {
        with_events(db).shut_down();
        db.meddle("UPDATE event SET leaf = (SELECT leaf FROM event WHERE seq = 0) WHERE seq = 3");
        let fault = db.open().read(|tx| prove::prove(tx, 6, signer().verifier())).unwrap_err();
        assert!(fault.to_string().contains("run `postern audit verify`"), "{fault}");
    });
}
