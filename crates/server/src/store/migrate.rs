//! Brings a database to the schema this program was built for, or refuses it.
//!
//! Safe with several processes starting at once: all migrations run in one transaction under a lock.

use super::driver::{Conn, Tx};
use crate::fault::Fault;

/// The registry: one line per file of `migrations/`, oldest first. The version is the position, from 1.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/0001_init.sql")];

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

fn apply(tx: &mut Tx<'_>, migrations: &[&str]) -> Result<Migrated, Fault> {
    tx.lock_setup()?;
    tx.define("CREATE TABLE IF NOT EXISTS schema_version (\n    version INT64 NOT NULL PRIMARY KEY\n);")?;
    let from = tx.query_one("SELECT COALESCE(MAX(version), 0) FROM schema_version", &[])?.int(0)?;
    let to = i64::try_from(migrations.len()).expect("the registry is short");
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
