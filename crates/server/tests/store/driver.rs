//! Values, rows, transactions and modes behave the same on both databases.

use server::store::driver::{Conn, Lock, Mode, Value};

use crate::add_account;
use crate::database::{TestDatabase, on_both};

#[test]
fn values_come_back_as_they_went_in() {
    on_both(|db| {
        let mut conn = db.open();
        conn.write(|tx| {
            tx.execute(
                "INSERT INTO setting (name, value) VALUES ($1, $2)",
                &["\u{e9} '$1'".into(), "".into()],
            )
        })
        .unwrap();
        let sql = "INSERT INTO log_head (id, size, frontier, checkpoint) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (id) DO UPDATE SET size = $2, frontier = $3";
        let values = [1.into(), i64::MAX.into(), vec![0, 255].into(), "".into()];
        conn.write(|tx| tx.execute(sql, &values)).unwrap();
        let mut tx = conn.begin(Mode::Read).unwrap();
        let row = tx.query_one("SELECT size, frontier FROM log_head", &[]).unwrap();
        assert_eq!((row.int(0).unwrap(), row.bytes(1).unwrap()), (i64::MAX, vec![0, 255]));
        let row = tx.query_one("SELECT name, value FROM setting", &[]).unwrap();
        assert_eq!((row.text(0).unwrap().as_str(), row.text(1).unwrap().as_str()), ("\u{e9} '$1'", ""));
    });
}

#[test]
fn nulls_of_every_type_are_taken_and_told_apart_from_values() {
    on_both(|db| {
        let mut conn = db.open();
        let sql = "INSERT INTO access_case (id, reference, population, door, state, opened_by, opened_at, expires_at, \
                   policy_digest, account, holder_hash, ready_at) \
                   VALUES ('c', 'r', 'p', 'd', 's', '{}', 0, 0, '', $1, $2, $3)";
        let nulls = [Value::Text(None), Value::Bytes(None), Value::Int(None)];
        conn.write(|tx| tx.execute(sql, &nulls)).unwrap();
        let sql =
            "SELECT account, holder_hash, ready_at FROM access_case WHERE ($1 IS NULL) AND opened_at = $2";
        let row = conn.read(|tx| tx.query_one(sql, &[Value::Int(None), 0.into()])).unwrap();
        assert_eq!(row.text_opt(0).unwrap(), None);
        assert_eq!(row.bytes_opt(1).unwrap(), None);
        assert_eq!(row.int_opt(2).unwrap(), None);
        assert!(row.text(0).is_err(), "a null is no text");
    });
}

#[test]
fn a_marker_means_its_number_wherever_it_stands() {
    on_both(|db| {
        let mut conn = db.open();
        conn.write(|tx| add_account(tx, "a1")).unwrap();
        let sql = "UPDATE account SET display_name = $2, created_at = $3 WHERE id = $1 AND name = $1";
        let changed = conn.write(|tx| tx.execute(sql, &["a1".into(), "Alice".into(), 5.into()])).unwrap();
        assert_eq!(changed, 1);
        assert_eq!(db.count("SELECT created_at FROM account WHERE display_name = 'Alice'"), 5);
    });
}

#[test]
fn a_wrong_type_is_a_fault_and_no_panic() {
    on_both(|db| {
        let mut conn = db.open();
        let row = conn.read(|tx| tx.query_one("SELECT size, checkpoint FROM log_head", &[])).unwrap();
        assert!(row.text(0).unwrap_err().to_string().contains("expected text, found an integer"));
        assert!(row.int(1).unwrap_err().to_string().contains("expected integer, found text"));
        assert!(row.int(7).unwrap_err().to_string().contains("no such column"));
    });
}

#[test]
fn too_few_and_too_many_values_are_faults() {
    on_both(|db| {
        let mut conn = db.open();
        let sql = "SELECT value FROM setting WHERE name = $1";
        assert!(conn.read(|tx| tx.query(sql, &[])).is_err());
        assert!(conn.read(|tx| tx.query(sql, &["a".into(), "b".into()])).is_err());
        assert!(conn.read(|tx| tx.query(sql, &["a".into()])).is_ok());
    });
}

#[test]
fn an_unfinished_transaction_leaves_nothing() {
    on_both(|db| {
        let mut conn = db.open();
        let mut tx = conn.begin(Mode::Write).unwrap();
        add_account(&mut tx, "a1").unwrap();
        drop(tx);
        assert_eq!(db.count("SELECT COUNT(*) FROM account"), 0);
        conn.write(|tx| add_account(tx, "a1")).unwrap();
        assert_eq!(db.count("SELECT COUNT(*) FROM account"), 1);
    });
}

#[test]
fn a_reading_transaction_cannot_write_and_sees_one_snapshot() {
    on_both(|db| {
        let mut conn = db.open();
        assert!(conn.read(|tx| add_account(tx, "a1")).is_err());
        let mut tx = conn.begin(Mode::Read).unwrap();
        let count = |tx: &mut server::store::driver::Tx<'_>| {
            tx.query_one("SELECT COUNT(*) FROM account", &[])?.int(0)
        };
        assert_eq!(count(&mut tx).unwrap(), 0);
        db.open().write(|tx| add_account(tx, "a2")).unwrap();
        assert_eq!(count(&mut tx).unwrap(), 0);
        drop(tx);
        assert_eq!(conn.read(count).unwrap(), 1);
        assert_eq!(conn.write(|tx| add_account(tx, "a3")).unwrap(), 1, "the same connection may write again");
    });
}

#[test]
fn the_account_of_a_case_is_locked_before_anybody_knows_whose_it_is() {
    on_both(|db| {
        let open = |tx: &mut server::store::driver::Tx<'_>| {
            add_account(tx, "a1")?;
            add_account(tx, "a2")?;
            let sql = "INSERT INTO access_case (id, reference, account, population, door, state, opened_by, opened_at, \
                       expires_at, policy_digest) VALUES ('c', 'R7K2-MQ4T', 'a1', 'p', 'd', 's', '{}', 0, 0, '')";
            tx.execute(sql, &[])
        };
        db.open().write(open).unwrap();
        let mut conn = db.open();
        let mut tx = conn.begin(Mode::Write).unwrap();
        tx.lock([Lock::Reference("R7K2-MQ4T".to_owned()), Lock::Reference("nobody's".to_owned())]).unwrap();
        assert!(!tx.lock([Lock::Account("a1".to_owned())]).unwrap(), "there is nothing left to wait for");
        let server::store::driver::Database::Postgres(url) = &db.database else { return };
        let mut other = postgres::Client::connect(url, postgres::NoTls).expect("the server answers");
        let free = "SELECT id FROM account ORDER BY id FOR NO KEY UPDATE SKIP LOCKED";
        let free: Vec<String> = other.query(free, &[]).unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(free, ["a2"]);
    });
}

#[test]
fn an_sqlite_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let db = TestDatabase::sqlite().migrated();
    let server::store::driver::Database::Sqlite(path) = &db.database else {
        panic!("it is an SQLite database")
    };
    let conn = db.open();
    for name in ["postern.db", "postern.db-wal"] {
        let mode = std::fs::metadata(path.with_file_name(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    drop(conn);
}

#[test]
fn a_database_that_is_not_there_says_what_to_do() {
    let missing = server::store::driver::Database::Sqlite("/nonexistent/postern.db".into());
    let fault = Conn::open(&missing).unwrap_err();
    assert!(fault.to_string().contains("`/nonexistent/postern.db`"), "{fault}");
    assert!(fault.to_string().contains("check that its directory exists"), "{fault}");
    // Port 1 of the loopback: nothing listens there.
    let silent = server::store::driver::Database::Postgres("postgres://postern@127.0.0.1:1/postern".into());
    let fault = Conn::open(&silent).unwrap_err();
    assert!(fault.is_temporary(), "{fault}");
    assert!(fault.to_string().contains("check that the PostgreSQL server runs"), "{fault}");
}

#[test]
fn a_password_in_the_url_is_not_shown() {
    let database =
        server::store::driver::Database::Postgres("postgres://postern:hunter2@db.example/postern".into());
    assert_eq!(database.to_string(), "postgres://db.example/postern");
    assert_eq!(format!("{database:?}"), "postgres://db.example/postern");
}
