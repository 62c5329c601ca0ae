//! Keys: made once, wrapped, found again, rotated under a running server, and refused when wrong.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use server::keys::{Keyring, Loaded, MasterKey, Purpose, Source, master, renew, rotate};
use server::password::Passwords;
use server::store::driver::{Database, Tx};
use server::store::keys::data_keys;
use zeroize::Zeroizing;

use crate::database::{TestDatabase, on_both};
use crate::{poll_once, runtime};

/// A place for a master key that goes away with the SQLite database beside it.
fn key_file() -> (TestDatabase, PathBuf) {
    let db = TestDatabase::sqlite().migrated();
    let Database::Sqlite(path) = &db.database else { panic!("it is an SQLite database") };
    let file = path.with_file_name("master-key");
    (db, file)
}

fn given() -> (MasterKey, Source) {
    let key = MasterKey::generate().unwrap();
    (key.clone(), Source::Given(key))
}

fn load(db: &TestDatabase, source: &Source) -> Keyring {
    Keyring::load(&db.database, source.clone(), 1).unwrap().0
}

#[test]
fn what_one_process_seals_another_opens() {
    on_both(|db| {
        let (_, source) = given();
        let sealed = load(db, &source).seal(Purpose::Factor, "f1", b"seed").unwrap();
        let other = load(db, &source);
        assert_eq!(other.open(Purpose::Factor, "f1", &sealed).unwrap().as_slice(), b"seed");
        assert!(other.open(Purpose::Factor, "f2", &sealed).is_err(), "another row");
        assert!(other.open(Purpose::Notice, "f1", &sealed).is_err(), "another purpose");
        assert!(other.open(Purpose::Factor, "f1", &sealed[..20]).is_err(), "cut off");
        assert!(other.open(Purpose::Factor, "f1", b"").is_err(), "empty");
    });
}

#[test]
fn processes_that_start_together_share_their_keys() {
    on_both(|db| {
        let (_, source) = given();
        let codes: Vec<_> = std::thread::scope(|scope| {
            let load = || load(db, &source).authenticate(Purpose::Cookie, b"alice").unwrap();
            let starts: Vec<_> = (0..4).map(|_| scope.spawn(load)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(codes.iter().all(|code| *code == codes[0]));
        let keys = db.open().read(data_keys).unwrap();
        assert_eq!(keys.len(), Purpose::ALL.len());
    });
}

#[test]
fn no_data_key_is_stored_in_the_clear() {
    let db = TestDatabase::sqlite().migrated();
    let (key, source) = given();
    load(&db, &source);
    for row in db.open().read(data_keys).unwrap() {
        // Nonce, 32 bytes, tag: nothing else fits.
        assert_eq!(row.wrapped.len(), 12 + 32 + 16, "{}", row.purpose);
    }
    assert!(!key.to_text().is_empty());
}

#[test]
fn the_first_start_makes_a_key_file_for_its_owner_only() {
    let (db, file) = key_file();
    let source = Source::File(file.clone());
    assert_eq!(Keyring::load(&db.database, source.clone(), 1).unwrap().1, Loaded::New);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(Keyring::load(&db.database, source, 1).unwrap().1, Loaded::Existing);
}

#[test]
fn a_key_file_that_others_may_read_is_refused() {
    let (db, file) = key_file();
    load(&db, &Source::File(file.clone()));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let fault = Keyring::load(&db.database, Source::File(file), 1).unwrap_err();
    assert!(fault.to_string().contains("chmod 600"), "{fault}");
}

#[test]
fn a_lost_key_file_is_not_replaced() {
    let (db, file) = key_file();
    load(&db, &Source::File(file.clone()));
    std::fs::remove_file(&file).unwrap();
    let fault = Keyring::load(&db.database, Source::File(file.clone()), 1).unwrap_err();
    assert!(fault.to_string().contains("restore it from its backup"), "{fault}");
    assert!(!file.exists());
}

#[test]
fn a_wrong_master_key_is_one_clear_error() {
    on_both(|db| {
        load(db, &given().1);
        let fault = Keyring::load(&db.database, given().1, 1).unwrap_err();
        assert!(!fault.is_temporary());
        assert!(fault.to_string().contains("not the one that this database was set up with"), "{fault}");
    });
}

#[test]
fn a_changed_data_key_is_told_apart_from_a_wrong_master_key() {
    on_both(|db| {
        let (_, source) = given();
        load(db, &source);
        // Genuine keys in each other's places.
        db.meddle(
            "UPDATE sealed_key SET wrapped = (SELECT wrapped FROM sealed_key WHERE purpose = 'factor')",
        );
        let fault = Keyring::load(&db.database, source, 1).unwrap_err();
        assert!(fault.to_string().contains("the row was changed"), "{fault}");
    });
}

/// What the command does: stage the new key, commit the database, put the key in place.
fn rotate_file(db: &TestDatabase, file: &Path, old: &MasterKey) -> MasterKey {
    let new = MasterKey::generate().unwrap();
    master::stage(file, &new).unwrap();
    assert_eq!(db.open().write(|tx| rotate(tx, old, &new)).unwrap(), Purpose::ALL.len());
    master::promote(file, &new).unwrap();
    new
}

fn key_in(file: &Path) -> MasterKey {
    MasterKey::parse(&std::fs::read_to_string(file).unwrap(), "the test's file").unwrap()
}

#[test]
fn a_rotated_master_key_opens_everything_and_the_old_one_nothing() {
    let (db, file) = key_file();
    let source = Source::File(file.clone());
    let running = load(&db, &source);
    let sealed = running.seal(Purpose::Factor, "f1", b"seed").unwrap();
    let old = key_in(&file);
    rotate_file(&db, &file, &old);
    assert_eq!(
        running.open(Purpose::Factor, "f1", &sealed).unwrap().as_slice(),
        b"seed",
        "a running server goes on"
    );
    running.reload().unwrap();
    assert_eq!(load(&db, &source).open(Purpose::Factor, "f1", &sealed).unwrap().as_slice(), b"seed");
    assert!(Keyring::load(&db.database, Source::Given(old.clone()), 1).is_err());
    let again = db.open().write(|tx| rotate(tx, &old, &old)).unwrap_err();
    assert!(again.to_string().contains("not the one"), "{again}");
}

#[test]
fn a_rotation_interrupted_after_the_commit_is_finished_at_the_next_start() {
    let (db, file) = key_file();
    let source = Source::File(file.clone());
    load(&db, &source);
    let (old, new) = (key_in(&file), MasterKey::generate().unwrap());
    master::stage(&file, &new).unwrap();
    db.open().write(|tx| rotate(tx, &old, &new)).unwrap();
    load(&db, &source);
    assert_eq!(key_in(&file).to_text(), new.to_text());
}

#[test]
fn a_rotation_interrupted_before_the_commit_changes_nothing() {
    let (db, file) = key_file();
    let source = Source::File(file.clone());
    load(&db, &source);
    let old = key_in(&file);
    master::stage(&file, &MasterKey::generate().unwrap()).unwrap();
    load(&db, &source);
    assert_eq!(key_in(&file).to_text(), old.to_text());
}

#[test]
fn a_renewed_key_seals_new_things_and_the_old_one_still_opens() {
    on_both(|db| {
        let (key, source) = given();
        let running = load(db, &source);
        let before = running.seal(Purpose::Factor, "f1", b"old seed").unwrap();
        db.open().write(|tx: &mut Tx<'_>| renew(tx, &key, Purpose::Factor, 2)).unwrap();
        let renewed = load(db, &source);
        let after = renewed.seal(Purpose::Factor, "f2", b"new seed").unwrap();
        assert_ne!(before[1..9], after[1..9], "another key");
        assert_eq!(renewed.open(Purpose::Factor, "f1", &before).unwrap().as_slice(), b"old seed");
        // The running server meets a key that it does not know and finds it by itself.
        assert_eq!(running.open(Purpose::Factor, "f2", &after).unwrap().as_slice(), b"new seed");
        assert_eq!(running.seal(Purpose::Factor, "f3", b"x").unwrap()[1..9], after[1..9]);
        assert!(
            db.open().write(|tx| renew(tx, &key, Purpose::Log, 2)).is_err(),
            "the log keeps its signing key"
        );
    });
}

#[test]
fn the_log_keeps_its_signing_key_over_restarts() {
    on_both(|db| {
        let (_, source) = given();
        let verifier =
            |keyring: Keyring| keyring.signer("example.org/postern").unwrap().verifier().to_string();
        assert_eq!(verifier(load(db, &source)), verifier(load(db, &source)));
    });
}

#[test]
fn a_password_verifies_after_its_pepper_was_renewed_and_a_wrong_one_never() {
    on_both(|db| {
        let (key, source) = given();
        let runtime = runtime();
        let text = |text: &str| Zeroizing::new(text.to_owned());
        let passwords = Passwords::new(Arc::new(load(db, &source))).unwrap();
        let hash = runtime.block_on(passwords.hash(text("gr\u{fc}n wie die Hoffnung"))).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1,keyid="), "{hash}");
        db.open().write(|tx| renew(tx, &key, Purpose::Pepper, 2)).unwrap();
        let passwords = Passwords::new(Arc::new(load(db, &source))).unwrap();
        let verify = |password: &str, hash: Option<&String>| {
            runtime.block_on(passwords.verify(text(password), hash.cloned())).unwrap()
        };
        // The same letters, spelled with a combining mark.
        assert!(verify("gru\u{308}n wie die Hoffnung", Some(&hash)));
        assert!(!verify("gr\u{fc}n wie die hoffnung", Some(&hash)));
        assert!(!verify("gr\u{fc}n wie die Hoffnung", None), "nobody's password is right");
        let again = runtime.block_on(passwords.hash(text("gr\u{fc}n wie die Hoffnung"))).unwrap();
        assert_ne!(hash, again, "salted");
        assert!(runtime.block_on(passwords.verify(text("x"), Some("no hash".into()))).is_err());
    });
}

#[test]
fn more_passwords_than_can_be_hashed_soon_are_refused_at_once() {
    let db = TestDatabase::sqlite().migrated();
    let passwords = Passwords::new(Arc::new(load(&db, &given().1))).unwrap();
    let refused = runtime().block_on(async {
        let mut waiting = Vec::new();
        loop {
            let mut next = Box::pin(passwords.verify(Zeroizing::new("x".to_owned()), None));
            match poll_once(&mut next).await {
                Some(outcome) => break outcome.unwrap_err(),
                None => waiting.push(next),
            }
        }
    });
    assert_eq!(refused.kind(), server::fault::Kind::Overloaded);
}
