//! The log from the command line: handed out, proved and verified elsewhere; and whatever somebody with the database
//! file does to it is found and named.

use lifecycle::{Actor, Decision, Fact, What};
use server::app::Peer;

use crate::place::{Outcome, Place};

/// A log of seven events, one commit each. The first says which policy came into force.
fn logged() -> Place {
    let place = Place::sqlite();
    let app = place.app();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    for number in 1..7 {
        runtime
            .block_on(app.decide(None, &Peer::terminal(), move |_, _| {
                let fact =
                    Fact::about(What::MemberAdded, Actor::Terminal, None).with("name", format!("m{number}"));
                Ok(Decision::only((), fact))
            }))
            .expect("an event can be logged");
    }
    app.committer().shut_down();
    place
}

fn verify(place: &Place, arguments: &[&str]) -> Outcome {
    place.run(&[&["audit", "verify"], arguments].concat())
}

/// The log is not what was signed: exit code 1, and one line that says these words.
#[track_caller]
fn is_found(outcome: &Outcome, words: &str) {
    assert_eq!((outcome.code, outcome.out.as_str()), (Some(1), ""), "{}", outcome.err);
    assert!(outcome.err.contains(words), "`{words}` is not in: {}", outcome.err);
}

#[test]
fn a_log_is_exported_and_verified_where_there_is_no_database() {
    let place = logged();
    let key = place.run(&["audit", "key"]).done();
    let checkpoint = place.run(&["audit", "checkpoint"]).done();
    place.write("kept.txt", &checkpoint);
    let written = place.run(&["audit", "export", "--output", "log.jsonl"]);
    assert_eq!(written.err, "exported 7 events\n");
    assert_eq!(written.done(), "");
    let export = std::fs::read_to_string(place.path("log.jsonl")).expect("the export was written");
    assert_eq!(place.run(&["audit", "export"]).done(), export, "both ways of writing write the same");

    let elsewhere = Place::sqlite();
    elsewhere.write("log.jsonl", &export);
    elsewhere.write("kept.txt", &checkpoint);
    let offline = &["--export", "log.jsonl", "--key", key.trim(), "--against", "kept.txt"];
    assert_eq!(verify(&elsewhere, offline).done(), "all 7 events are what was logged\n");
    assert!(!crate::place::exists(&elsewhere.path("data")), "an export is verified without a database");
    assert_eq!(verify(&place, &["--against", "kept.txt"]).done(), "all 7 events are what was logged\n");
    assert_eq!(verify(&place, &["--key", key.trim()]).done(), "all 7 events are what was logged\n");
}

#[test]
fn each_kind_of_change_to_an_export_is_found() {
    let place = logged();
    let key = place.run(&["audit", "key"]).done();
    place.write("kept.txt", &place.run(&["audit", "checkpoint"]).done());
    let export = place.run(&["audit", "export"]).done();
    let lines: Vec<&str> = export.lines().collect();
    let event = |seq: usize| {
        let wanted = format!("{{\"seq\":{seq},");
        lines.iter().position(|line| line.starts_with(&wanted)).expect("the event is there")
    };
    let verify = |changed: Vec<String>| {
        place.write("changed.jsonl", &(changed.join("\n") + "\n"));
        verify(&place, &["--export", "changed.jsonl", "--key", key.trim(), "--against", "kept.txt"])
    };
    let copy = || lines.iter().map(|line| (*line).to_owned()).collect::<Vec<String>>();

    let mut changed = copy();
    changed[event(3)] = changed[event(3)].replace("\"m3\"", "\"m9\"");
    is_found(&verify(changed), "event 3 was changed");

    let mut removed = copy();
    removed.remove(event(3));
    is_found(&verify(removed), "event 3 was removed");

    let mut exchanged = copy();
    exchanged.swap(event(3), event(5));
    is_found(&verify(exchanged), "the events 3 to 4 were removed");

    let mut cut = copy();
    cut.truncate(event(5));
    is_found(&verify(cut), "the log ends before event 5, but 7 events were signed");
}

#[test]
fn another_key_and_another_checkpoint_verify_nothing() {
    let (place, stranger) = (logged(), logged());
    let key = stranger.run(&["audit", "key"]).done();
    is_found(&verify(&place, &["--key", key.trim()]), "checkpoint after 1 events is not good");
    place.write("kept.txt", &stranger.run(&["audit", "checkpoint"]).done());
    verify(&place, &["--against", "kept.txt"]).cannot_run(&["reading the checkpoint", "kept.txt"]);
    verify(&place, &["--against", "nowhere.txt"]).cannot_run(&["reading the checkpoint", "nowhere.txt"]);
    verify(&place, &["--key", "made up"]).cannot_run(&["reading the public key", "`postern audit key`"]);
    let export = ["--export", "nowhere.jsonl", "--key", key.trim()];
    verify(&place, &export).cannot_run(&["opening the export", "nowhere.jsonl"]);
}

#[test]
fn one_event_is_proved_for_somebody_else() {
    let place = logged();
    let proof = place.run(&["audit", "prove", "3"]).done();
    assert!(proof.starts_with("event 3\n") && proof.contains("\"m3\""), "{proof}");
    let json = place.run(&["audit", "prove", "3", "--json"]).done();
    let proof: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(proof["seq"], 3);
    assert!(holds(&proof), "the path leads from the leaf to the signed root: {proof:#}");
    let missing = place.run(&["audit", "prove", "7"]);
    assert_eq!((missing.code, missing.err.as_str()), (Some(1), "there is no event 7\n"));
}

/// RFC 9162 section 2.1.3.2, with the hash and the shape of the tree computed here.
fn holds(proof: &serde_json::Value) -> bool {
    use server::audit::merkle::node_hash;
    let hash = |value: &serde_json::Value| -> [u8; 32] {
        let text = value.as_str().expect("a hash is text");
        let bytes = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16));
        bytes.collect::<Result<Vec<u8>, _>>().ok().and_then(|b| b.try_into().ok()).expect("32 bytes in hex")
    };
    let note = proof["checkpoint"].as_str().expect("a checkpoint is text");
    let mut lines = note.lines().skip(1);
    let size: u64 = lines.next().and_then(|line| line.parse().ok()).expect("the second line is the size");
    let root = lines.next().expect("the third line is the root");
    let mut at = proof["seq"].as_u64().expect("a number");
    let (mut last, mut above) = (size - 1, hash(&proof["leaf"]));
    for sibling in proof["path"].as_array().expect("a path is a list").iter().map(hash) {
        if at % 2 == 1 || at == last {
            above = node_hash(&sibling, &above);
            while at.is_multiple_of(2) && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            above = node_hash(&above, &sibling);
        }
        (at, last) = (at / 2, last / 2);
    }
    last == 0 && base64(&above) == root
}

/// RFC 4648 section 4, of 32 bytes.
fn base64(bytes: &[u8; 32]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        let letters = (0..=three.len()).map(|n| LETTERS[(word >> (18 - 6 * n) & 63) as usize]);
        text.extend(letters.map(char::from));
    }
    text + "="
}

#[test]
fn each_kind_of_change_to_the_database_file_is_found() {
    for (sql, words) in [
        ("UPDATE event SET at = at + 1 WHERE seq = 3", "event 3 was changed"),
        (
            "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'm3', 'm9') AS BLOB) WHERE seq = 3",
            "event 3 was changed",
        ),
        ("UPDATE event SET account = 'somebody' WHERE seq = 3", "event 3 was changed"),
        ("DELETE FROM event WHERE seq = 3", "event 3 was removed"),
        (
            "UPDATE event SET seq = 100 WHERE seq = 3; UPDATE event SET seq = 3 WHERE seq = 5;
             UPDATE event SET seq = 5 WHERE seq = 100",
            "event 3 was replaced by another",
        ),
        ("DELETE FROM event WHERE seq >= 5", "the log ends before event 5, but 7 events were signed"),
        (
            "INSERT INTO event SELECT 7, at, account, body, leaf FROM event WHERE seq = 6",
            "event 7 was put in: it was never signed",
        ),
        ("UPDATE checkpoint SET text = replace(text, '4', '5') WHERE size = 4", "checkpoint after 4 events"),
    ] {
        let place = logged();
        let database =
            rusqlite::Connection::open(place.path("data/postern.sqlite")).expect("it is a database");
        database.execute_batch(sql).expect("the SQL runs");
        is_found(&verify(&place, &[]), words);
    }
}

#[test]
fn a_whole_younger_log_is_found_by_a_checkpoint_kept_elsewhere() {
    let place = Place::sqlite();
    place.run(&["member", "add", "m0", "--group", "staff"]).done();
    let young = std::fs::read(place.path("data/postern.sqlite"))
        .expect("the database is one file when nobody uses it");
    place.run(&["member", "add", "m1", "--group", "staff"]).done();
    place.write("kept.txt", &place.run(&["audit", "checkpoint"]).done());
    std::fs::write(place.path("data/postern.sqlite"), young).expect("the folder is writable");
    assert_eq!(verify(&place, &[]).done(), "all 2 events are what was logged\n");
    is_found(
        &verify(&place, &["--against", "kept.txt"]),
        "the log ends before event 2, but 3 events were signed",
    );
}
