//! SQLite through `rusqlite`: pragmas, cached statements, conversions, and what its errors mean.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};

use super::Mode;
use super::value::{Cell, Row, Value};
use crate::fault::{Fault, Kind};

/// A connection to an SQLite file.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    /// What the connection may do now.
    mode: Mode,
    /// Our statements as SQLite reads them, by where they lie: each is a constant of the program.
    numbered: HashMap<(usize, usize), Box<str>>,
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let doing = format!("opening the SQLite database `{}`", path.display());
        // Created by us and not by SQLite, because the mode must be right from the first moment. The -wal and
        // -shm files take the mode of this one.
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(
            |error| {
                Fault::gone(doing.clone())
                    .because(error)
                    .help("check that its directory exists and is writable")
            },
        )?;
        let prepare = || {
            let connection = Connection::open(path)?;
            connection.busy_timeout(Duration::from_secs(10))?;
            connection.set_prepared_statement_cache_capacity(256);
            connection.pragma_update(None, "journal_mode", "WAL")?;
            // FULL, because an answered event must survive a power cut (WAL with NORMAL may lose the last ones).
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "foreign_keys", "ON")?;
            // Without this SQLite prepares a cached statement anew whenever other values are bound to it, in search
            // of a better plan; ours look things up by key.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            // 16 MiB of pages where SQLite would keep 2: an attempt touches a dozen index pages all over the file.
            connection.pragma_update(None, "cache_size", -16 * 1024)?;
            // Pages that many commits touch are copied back once for all of them.
            connection.pragma_update(None, "wal_autocheckpoint", 8000)?;
            Ok(Self { connection, mode: Mode::Write, numbered: HashMap::new() })
        };
        prepare().map_err(|error| fault(doing, error))
    }

    pub(super) fn begin(&mut self, mode: Mode) -> Result<(), Fault> {
        let (query_only, begin) = match mode {
            Mode::Read => ("PRAGMA query_only = ON", "BEGIN DEFERRED"),
            Mode::Write => ("PRAGMA query_only = OFF", "BEGIN IMMEDIATE"),
        };
        let run = || {
            // Only when it changes: SQLite prepares every statement anew after this pragma.
            if self.mode != mode {
                self.run(query_only)?;
            }
            self.run(begin)
        };
        run().map_err(|error| fault("beginning a transaction", error))?;
        self.mode = mode;
        Ok(())
    }

    pub(super) fn end(&mut self, statement: &'static str) -> Result<(), Fault> {
        self.run(statement).map_err(|error| fault(format!("ending a transaction ({statement})"), error))
    }

    fn run(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([]).map(drop)
    }

    pub(super) fn query(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        let mut rows = Vec::new();
        self.each(sql, values, &mut |row| {
            rows.push(std::mem::take(row));
            Ok(())
        })?;
        Ok(rows)
    }

    /// Shows row after row. What `visit` leaves of one is used for the next, so that millions cost no allocation.
    pub(super) fn each(
        &mut self,
        sql: &'static str,
        values: &[Value],
        visit: &mut dyn FnMut(&mut Row) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let failed = |error| fault(format!("running `{sql}`"), error);
        let numbered = numbered(&mut self.numbered, sql);
        let mut statement = self.connection.prepare_cached(numbered).map_err(failed)?;
        let columns = statement.column_count();
        let mut found = statement.query(rusqlite::params_from_iter(values)).map_err(failed)?;
        let mut row = Row::default();
        while let Some(next) = found.next().map_err(failed)? {
            row.0.resize(columns, Cell::Null);
            for (column, cell) in row.0.iter_mut().enumerate() {
                fill(cell, next.get_ref(column).map_err(failed)?).map_err(failed)?;
            }
            visit(&mut row)?;
        }
        Ok(())
    }

    pub(super) fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, Fault> {
        let numbered = numbered(&mut self.numbered, sql);
        let run = || self.connection.prepare_cached(numbered)?.execute(rusqlite::params_from_iter(values));
        run().map(|changed| changed as u64).map_err(|error| fault(format!("running `{sql}`"), error))
    }

    pub(super) fn define(&mut self, script: &str) -> Result<(), Fault> {
        // These ends alone on a line end a table and nothing else (migrations/README.md).
        let script = script
            .replace("INT64", "INTEGER")
            .replace("BYTES", "BLOB")
            .replace("\n);", "\n) STRICT;")
            .replace("\n) CLUSTERED;", "\n) STRICT, WITHOUT ROWID;");
        self.connection.execute_batch(&script).map_err(|error| fault("defining tables", error))
    }
}

/// SQLite numbers `$1` by first appearance but `?1` by the number, which is what we mean.
fn numbered<'a>(known: &'a mut HashMap<(usize, usize), Box<str>>, sql: &'static str) -> &'a str {
    known.entry((sql.as_ptr().addr(), sql.len())).or_insert_with(|| sql.replace('$', "?").into())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Int(Some(int)) => ValueRef::Integer(*int),
            Self::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Text(None) | Self::Int(None) | Self::Bytes(None) => ValueRef::Null,
        }))
    }
}

fn fill(cell: &mut Cell, value: ValueRef<'_>) -> rusqlite::Result<()> {
    match (value, &mut *cell) {
        (ValueRef::Null, _) => *cell = Cell::Null,
        (ValueRef::Integer(int), _) => *cell = Cell::Int(int),
        (ValueRef::Text(text), Cell::Text(known)) => {
            known.clear();
            known.push_str(std::str::from_utf8(text)?);
        }
        (ValueRef::Text(text), _) => *cell = Cell::Text(std::str::from_utf8(text)?.to_owned()),
        (ValueRef::Blob(bytes), _) => *cell = Cell::Bytes(bytes.to_vec()),
        (ValueRef::Real(_), _) => return Err(rusqlite::Error::InvalidQuery),
    }
    Ok(())
}

fn fault(doing: impl Into<std::borrow::Cow<'static, str>>, error: rusqlite::Error) -> Fault {
    let (kind, help) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            (Kind::Gone, Some("another process holds the database; let it finish"))
        }
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
            (Kind::Gone, Some("check the disk and the database's directory"))
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            (Kind::Gone, Some("the database file and its directory must be writable"))
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            (Kind::Broken, Some("the file is damaged or no SQLite database; restore a backup"))
        }
        _ => (Kind::Broken, None),
    };
    let fault = Fault::new(kind, doing).because(error);
    match help {
        Some(help) => fault.help(help),
        None => fault,
    }
}
