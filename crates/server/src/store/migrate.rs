//! Brings a database to the schema this program was built for, or refuses it.
//!
//! Safe with several processes starting at once: all migrations run in one transaction under a lock.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::driver::{Conn, Database, Tx};
use crate::fault::{Fault, Kind};

/// The registry: one line per file of `migrations/`, oldest first. The version is the position, from 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_init.sql"),
    include_str!("../../migrations/0002_policy.sql"),
    include_str!("../../migrations/0003_growth.sql"),
];

/// The schema versions before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// 0 for a database that was empty.
    pub from: i64,
    /// The version this program needs.
    pub to: i64,
}

/// Applies what is missing; refuses a database that a newer program has changed.
pub fn migrate(conn: &mut Conn) -> Result<Migrated, Fault> {
    conn.write(|tx| apply(tx, MIGRATIONS))
}

const HELP: &str = "give the database of a Postern server: a `postgres://` URL or the path of an SQLite file";

/// Opens the database of a server for somebody who only looks: one that is not there is not made, one of another
/// schema version is left as it is. Blocks.
pub fn open_current(database: &Database) -> Result<Conn, Fault> {
    let doing = || format!("opening the database `{database}`");
    if let Database::Sqlite(path) = database {
        if !path.is_file() {
            return Err(Fault::broken(doing()).because("there is no such file").help(HELP));
        }
        if !begins_as_sqlite(path).map_err(|error| Fault::broken(doing()).because(error).help(HELP))? {
            return Err(Fault::broken(doing())
                .because("it is no Postern database, but some other file")
                .help(format!("{HELP}; a server's configuration is given by `--config`")));
        }
    }
    let mut conn = Conn::open(database)?;
    let sql = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
    let found = conn.read(|tx| tx.query_one(sql, &[])?.int(0));
    let found = found.map_err(|fault| match fault.kind() {
        Kind::Broken => Fault::broken(doing()).because("it holds no tables of Postern").help(HELP),
        _ => fault,
    })?;
    let known = newest(MIGRATIONS);
    if found != known {
        return Err(Fault::broken(doing())
            .because(format!("its schema is of version {found}, and this program's of version {known}"))
            .help("use the postern that the server runs, or start this one as the server first"));
    }
    Ok(conn)
}

/// Does the file begin as every SQLite database does (its file format, 1.3)? An empty one is a database without tables.
fn begins_as_sqlite(path: &Path) -> std::io::Result<bool> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut start = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut start)?;
    Ok(start.is_empty() || start == MAGIC)
}

fn newest(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).expect("the registry is short")
}

fn apply(tx: &mut Tx<'_>, migrations: &[&str]) -> Result<Migrated, Fault> {
    tx.lock_setup()?;
    tx.define("CREATE TABLE IF NOT EXISTS schema_version (\n    version INT64 NOT NULL PRIMARY KEY\n);")?;
    let from = tx.query_one("SELECT COALESCE(MAX(version), 0) FROM schema_version", &[])?.int(0)?;
    let to = newest(migrations);
    if from > to {
        return Err(Fault::broken(format!("opening a database of schema version {from}"))
            .because(format!("this program knows versions up to {to}"))
            .help("run the newer postern that this database belongs to, or restore an older backup"));
    }
    for (version, script) in (1..).zip(migrations).skip(usize::try_from(from).unwrap_or(0)) {
        tx.define(script)?;
        tx.execute("INSERT INTO schema_version (version) VALUES ($1)", &[version.into()])?;
    }
    super::log::begin(tx)?;
    Ok(Migrated { from, to })
}
