//! Migrations: once, together, and never backwards.

use server::store::migrate::{Migrated, migrate};

use crate::database::TestDatabase;

fn both(body: impl Fn(&TestDatabase)) {
    body(&TestDatabase::sqlite());
    body(&TestDatabase::postgres());
}

#[test]
fn an_empty_database_is_migrated_once() {
    both(|db| {
        let first = migrate(&mut db.open()).unwrap();
        assert_eq!(first.from, 0);
        assert_eq!(migrate(&mut db.open()).unwrap(), Migrated { from: first.to, to: first.to });
        assert_eq!(db.count("SELECT size FROM log_head"), 0);
    });
}

#[test]
fn processes_that_start_together_do_not_disturb_each_other() {
    both(|db| {
        std::thread::scope(|scope| {
            let starts: Vec<_> =
                (0..4).map(|_| scope.spawn(|| migrate(&mut db.open()).unwrap().from)).collect();
            let from: Vec<i64> = starts.into_iter().map(|start| start.join().unwrap()).collect();
            assert_eq!(from.iter().filter(|from| **from == 0).count(), 1, "{from:?}");
        });
        assert_eq!(db.count("SELECT COUNT(*) FROM log_head"), 1);
    });
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    both(|db| {
        migrate(&mut db.open()).unwrap();
        db.meddle("INSERT INTO schema_version (version) VALUES (99)");
        let fault = migrate(&mut db.open()).unwrap_err();
        assert!(!fault.is_temporary());
        let text = fault.to_string();
        assert!(text.contains("schema version 99") && text.contains("run the newer postern"), "{text}");
    });
}

/// Without one, deleting a row reads the whole of every table that may refer to it.
#[test]
fn every_reference_between_tables_has_an_index() {
    let db = TestDatabase::sqlite();
    migrate(&mut db.open()).unwrap();
    let sql = "SELECT t.name || '.' || f.\"from\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f \
               WHERE t.type = 'table' AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name) i, \
               pragma_index_info(i.name) c WHERE c.seqno = 0 AND c.name = f.\"from\")";
    let without =
        db.open().read(|tx| tx.query(sql, &[])?.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>());
    assert_eq!(without.unwrap(), Vec::<String>::new());
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let db = TestDatabase::sqlite();
    let server::store::driver::Database::Sqlite(path) = &db.database else {
        panic!("it is an SQLite database")
    };
    std::fs::write(path, "this is no database, but it is long enough to have a header").unwrap();
    let fault = server::store::driver::Conn::open(&db.database).unwrap_err();
    assert!(fault.to_string().contains("no SQLite database"), "{fault}");
}
