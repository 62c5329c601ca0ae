//! The seam between our SQL and the two databases: connections, transactions, values and rows.
//!
//! The only module (with its children) that names a driver. SQL text is the common subset of both engines
//! with `$1` markers; nothing above this module can ask which database it is on.

mod postgres;
mod sqlite;
mod value;

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use lifecycle::AccountId;

use crate::fault::{Fault, Kind};
pub use value::{Row, Value};

/// Which database to open.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A `postgres://` URL.
    Postgres(String),
    /// The path of an SQLite file.
    Sqlite(PathBuf),
}

impl Database {
    /// The database that somebody names: a `postgres://` URL, or else the path of an SQLite file.
    pub fn named(name: &str) -> Database {
        match name {
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Database::Postgres(url.to_owned())
            }
            path => Database::Sqlite(PathBuf::from(path.strip_prefix("sqlite:").unwrap_or(path))),
        }
    }

    /// How many writer threads make sense: SQLite has one writer; on PostgreSQL one batch is decided while another is
    /// written durably. More than two only wait for each other at the head of the log, with smaller batches.
    pub fn writers(&self) -> usize {
        match self {
            Self::Postgres(_) => 2,
            Self::Sqlite(_) => 1,
        }
    }
}

/// Names the database without the password that a URL may hold.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(url) => match url.rsplit_once('@') {
                Some((_, place)) => write!(f, "postgres://{place}"),
                None => f.write_str(url),
            },
            Self::Sqlite(path) => write!(f, "{}", path.display()),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whose row a transaction locks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// The account with this id.
    Account(String),
    /// The account of the case that a browser holds, by the stored form of its cookie: it need not be known yet.
    Holder([u8; 32]),
    /// The account of the case that people call so.
    Reference(String),
}

impl From<&AccountId> for Lock {
    fn from(account: &AccountId) -> Self {
        Self::Account(account.as_str().to_owned())
    }
}

/// What a transaction may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One consistent snapshot, no writes.
    Read,
    /// Writes. On SQLite it is the only writer from its first moment; on PostgreSQL it is READ COMMITTED, so
    /// that what is read after a row lock is current.
    Write,
}

/// One connection. Opening and using it blocks: never on a thread that runs async tasks.
#[derive(Debug)]
pub enum Conn {
    /// A connection to a PostgreSQL server, reopened when the server went away.
    Postgres(Box<postgres::Postgres>),
    /// A connection to an SQLite file.
    Sqlite(Box<sqlite::Sqlite>),
}

impl Conn {
    /// Opens the database; an SQLite file is created (mode 0600) when missing.
    pub fn open(database: &Database) -> Result<Self, Fault> {
        match database {
            Database::Postgres(url) => Ok(Self::Postgres(Box::new(postgres::Postgres::open(url)?))),
            Database::Sqlite(path) => Ok(Self::Sqlite(Box::new(sqlite::Sqlite::open(path)?))),
        }
    }

    /// Begins a transaction; one that is dropped without [`Tx::commit`] is rolled back.
    pub fn begin(&mut self, mode: Mode) -> Result<Tx<'_>, Fault> {
        let engine = match self {
            Self::Postgres(postgres) => {
                postgres.begin(mode)?;
                Engine::Postgres(postgres)
            }
            Self::Sqlite(sqlite) => {
                sqlite.begin(mode)?;
                Engine::Sqlite(sqlite)
            }
        };
        Ok(Tx { engine, is_open: true, is_intact: true, locked: BTreeSet::new() })
    }

    /// Runs `work` in a transaction that cannot write.
    pub fn read<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        work(&mut self.begin(Mode::Read)?)
    }

    /// Runs `work` in a writing transaction of its own and commits it. Only for setting up (migrations, first
    /// keys): decisions go through the committer, which also writes their audit events.
    pub fn write<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut tx = self.begin(Mode::Write)?;
        let value = work(&mut tx)?;
        tx.intact()?;
        tx.commit()?;
        Ok(value)
    }
}

/// An open transaction.
#[derive(Debug)]
pub struct Tx<'a> {
    engine: Engine<'a>,
    is_open: bool,
    /// No statement failed so far.
    is_intact: bool,
    /// What this transaction holds.
    locked: BTreeSet<Lock>,
}

#[derive(Debug)]
enum Engine<'a> {
    Postgres(&'a mut postgres::Postgres),
    Sqlite(&'a mut sqlite::Sqlite),
}

impl Tx<'_> {
    /// All rows of a query.
    pub fn query(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        let rows = match &mut self.engine {
            Engine::Postgres(postgres) => postgres.query(sql, values),
            Engine::Sqlite(sqlite) => sqlite.query(sql, values),
        };
        self.is_intact &= rows.is_ok();
        rows
    }

    /// Shows every row of a query, for those that may have millions: none is kept.
    pub fn each(
        &mut self,
        sql: &'static str,
        values: &[Value],
        mut visit: impl FnMut(&Row) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut visit = |row: &mut Row| visit(row);
        let outcome = match &mut self.engine {
            Engine::Postgres(postgres) => postgres.each(sql, values, &mut visit),
            Engine::Sqlite(sqlite) => sqlite.each(sql, values, &mut visit),
        };
        self.is_intact &= outcome.is_ok();
        outcome
    }

    /// The row of a query that has at most one; more than one is a fault.
    pub fn query_one_opt(&mut self, sql: &'static str, values: &[Value]) -> Result<Option<Row>, Fault> {
        let mut rows = self.query(sql, values)?;
        match rows.len() {
            0 | 1 => Ok(rows.pop()),
            n => {
                Err(Fault::broken(format!("running `{sql}`"))
                    .because(format!("{n} rows where one was promised")))
            }
        }
    }

    /// The row of a query that always has exactly one.
    pub fn query_one(&mut self, sql: &'static str, values: &[Value]) -> Result<Row, Fault> {
        self.query_one_opt(sql, values)?
            .ok_or_else(|| Fault::broken(format!("running `{sql}`")).because("no row where one was promised"))
    }

    /// Runs a statement that changes rows. On PostgreSQL it is only sent: a failure may show at a later call, and
    /// at `intact` at the latest.
    pub fn send(&mut self, sql: &'static str, values: &[Value]) -> Result<(), Fault> {
        let outcome = match &mut self.engine {
            Engine::Postgres(postgres) => postgres.send(sql, values, None),
            Engine::Sqlite(sqlite) => sqlite.execute(sql, values).map(drop),
        };
        self.is_intact &= outcome.is_ok();
        outcome
    }

    /// The same where exactly one row is meant. Another count is a conflict: another process was first, so the decision is to be
    /// undone and made again from what is true now.
    pub fn one(&mut self, doing: &'static str, sql: &'static str, values: &[Value]) -> Result<(), Fault> {
        let outcome = match &mut self.engine {
            Engine::Postgres(postgres) => postgres.send(sql, values, Some(doing)),
            Engine::Sqlite(sqlite) => sqlite.execute(sql, values).and_then(|rows| one_row(doing, rows)),
        };
        self.is_intact &= outcome.is_ok();
        outcome
    }

    /// Runs a statement and says how many rows it changed.
    pub fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, Fault> {
        let changed = match &mut self.engine {
            Engine::Postgres(postgres) => postgres.execute(sql, values),
            Engine::Sqlite(sqlite) => sqlite.execute(sql, values),
        };
        self.is_intact &= changed.is_ok();
        changed
    }

    /// Locks accounts for the rest of the transaction: what is read of them afterwards is current. One that is
    /// locked already costs nothing. Locks are the one thing that the engines do not share: SQLite has one
    /// writer, so its transaction is the lock. Says whether it may have waited for somebody: what was read
    /// before is then to be read again.
    pub fn lock(&mut self, wanted: impl IntoIterator<Item = Lock>) -> Result<bool, Fault> {
        let Engine::Postgres(postgres) = &mut self.engine else { return Ok(false) };
        let missing: BTreeSet<Lock> = wanted.into_iter().filter(|lock| !self.locked.contains(lock)).collect();
        if missing.is_empty() {
            return Ok(false);
        }
        let accounts = postgres.lock_accounts(&missing);
        self.is_intact &= accounts.is_ok();
        self.locked.extend(accounts?.into_iter().map(Lock::Account));
        self.locked.extend(missing);
        Ok(true)
    }

    /// Creates tables and indexes from our dialect of types: `TEXT`, `INT64`, `BYTES`.
    pub(super) fn define(&mut self, script: &str) -> Result<(), Fault> {
        match &mut self.engine {
            Engine::Postgres(postgres) => postgres.define(script),
            Engine::Sqlite(sqlite) => sqlite.define(script),
        }
    }

    /// Makes sure that no other process sets up tables or keys until this transaction ends.
    pub(crate) fn lock_setup(&mut self) -> Result<(), Fault> {
        match &mut self.engine {
            Engine::Postgres(postgres) => postgres.lock_setup(),
            // A writing transaction is already the only one.
            Engine::Sqlite(_) => Ok(()),
        }
    }

    /// Waits for what was sent, and refuses a transaction in which a statement failed, even if nobody minded: PostgreSQL
    /// answers its commit with a quiet rollback, SQLite persists the rest.
    pub(super) fn intact(&mut self) -> Result<(), Fault> {
        if let Engine::Postgres(postgres) = &mut self.engine {
            postgres.settle()?;
        }
        if self.is_intact {
            return Ok(());
        }
        Err(Fault::broken("committing").because("a statement of the transaction failed and nobody minded"))
    }

    /// Makes everything durable, after `intact`. An error here leaves it unknown whether it was.
    pub fn commit(mut self) -> Result<(), Fault> {
        let outcome = match &mut self.engine {
            Engine::Postgres(postgres) => postgres.end("COMMIT"),
            Engine::Sqlite(sqlite) => sqlite.end("COMMIT"),
        };
        self.is_open = outcome.is_err();
        outcome
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if self.is_open {
            // If rolling back fails, the connection is gone and the database has rolled back by itself.
            let _ = match &mut self.engine {
                Engine::Postgres(postgres) => postgres.end("ROLLBACK"),
                Engine::Sqlite(sqlite) => sqlite.end("ROLLBACK"),
            };
        }
    }
}

fn one_row(doing: &'static str, rows: u64) -> Result<(), Fault> {
    match rows {
        1 => Ok(()),
        rows => {
            let why = format!("{rows} rows were changed where one was meant");
            Err(Fault::new(Kind::Conflict, doing).because(why))
        }
    }
}
