//! The policy in force as it is stored: whole or not at all.

use std::sync::{Arc, Mutex};

use lifecycle::Time;
use policy::Source;
use server::fault::Kind;
use server::store::commit::{Committer, Faults};
use server::store::driver::Tx;
use server::store::policies::{digest, in_force, install};

use crate::database::{TestDatabase, on_both};
use crate::{done, runtime, signer};

fn source(text: &str) -> Source {
    Source::single("a folder/postern.toml", text)
}

fn installed(db: &TestDatabase, text: &str, instead_of: Option<&str>) {
    db.open().write(|tx| install(tx, instead_of, &source(text), Time(1))).expect("it is installed");
}

fn text_in_force(db: &TestDatabase) -> Option<String> {
    let source = db.open().read(in_force).expect("it can be read");
    source.map(|source| source.files.into_iter().map(|file| file.text).collect())
}

#[test]
fn what_is_in_force_is_read_as_it_was_installed() {
    on_both(|db| {
        assert_eq!(db.open().read(digest).unwrap(), None);
        assert_eq!(text_in_force(db), None);
        installed(db, "one", None);
        let one = source("one").digest();
        assert_eq!(db.open().read(digest).unwrap().as_deref(), Some(one.as_str()));
        let found = db.open().read(in_force).unwrap().unwrap();
        assert_eq!((found.files[0].name.as_str(), found.files[0].text.as_str()), ("postern.toml", "one"));
        // There and back again: an old policy may come into force once more.
        installed(db, "two", Some(&one));
        installed(db, "one", Some(&source("two").digest()));
        assert_eq!(text_in_force(db).as_deref(), Some("one"));
        assert_eq!(db.count("SELECT COUNT(*) FROM policy"), 2, "both can be looked up for ever");
    });
}

#[test]
fn a_policy_takes_the_place_of_the_one_that_was_meant_or_of_none() {
    on_both(|db| {
        installed(db, "one", None);
        for instead_of in [None, Some("sha256:of something else")] {
            let outcome = db.open().write(|tx| install(tx, instead_of, &source("two"), Time(2)));
            assert_eq!(outcome.unwrap_err().kind(), Kind::Conflict);
        }
        assert_eq!(text_in_force(db).as_deref(), Some("one"));
        assert_eq!(db.count("SELECT COUNT(*) FROM policy"), 1, "what was undone left nothing");
    });
}

#[test]
fn a_crash_leaves_the_old_policy_or_the_new_one_with_its_event() {
    on_both(|db| {
        installed(db, "one", None);
        let faults = Arc::new(Mutex::new(Faults::FailBeforeCommit));
        let committer = Committer::with_faults(&db.database, signer(), Arc::clone(&faults)).unwrap();
        let change = |tx: &mut Tx<'_>| {
            install(tx, Some(&source("one").digest()), &source("two"), Time(2))?;
            done(())
        };
        runtime().block_on(committer.submit(None, change)).unwrap_err();
        assert_eq!(text_in_force(db).as_deref(), Some("one"));
        assert_eq!(db.count("SELECT COUNT(*) FROM event"), 0);
        *faults.lock().unwrap() = Faults::FailAfterCommit;
        runtime().block_on(committer.submit(None, change)).unwrap_err();
        assert_eq!(text_in_force(db).as_deref(), Some("two"));
        assert_eq!(db.count("SELECT COUNT(*) FROM event"), 1);
    });
}

#[test]
fn events_are_refused_when_another_policy_is_in_force() {
    on_both(|db| {
        let committer = db.committer();
        committer.decides_under(&source("one").digest());
        runtime().block_on(committer.submit(None, |_| done(()))).expect("before the first policy any goes");
        installed(db, "one", None);
        runtime().block_on(committer.submit(None, |_| done(()))).expect("it is in force");
        installed(db, "two", Some(&source("one").digest()));
        let fault = runtime().block_on(committer.submit(None, |_| done(()))).unwrap_err();
        assert_eq!(fault.kind(), Kind::Gone);
        assert!(fault.to_string().contains("another policy came into force"), "{fault}");
        assert_eq!(db.count("SELECT COUNT(*) FROM event"), 2);
    });
}

#[test]
fn a_text_that_somebody_changed_in_the_database_is_not_enforced() {
    on_both(|db| {
        installed(db, "one", None);
        db.meddle("UPDATE policy SET source = replace(source, 'one', 'two')");
        let fault = db.open().read(in_force).unwrap_err();
        assert!(fault.to_string().contains("somebody changed its text"), "{fault}");
        db.meddle("DELETE FROM policy");
        let fault = db.open().read(in_force).unwrap_err();
        assert!(fault.to_string().contains("not in the database"), "{fault}");
    });
}
