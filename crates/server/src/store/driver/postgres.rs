//! PostgreSQL through the synchronous `postgres` crate: sessions, cached statements, conversions, reconnecting,
//! and what its errors mean.
//!
//! No TLS: the server is reached over a Unix socket, loopback or a tunnel.

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::str::FromStr;
use std::time::Duration;

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{ToSql, Type};
use postgres::{Client, Config, NoTls, Statement};

use super::value::{Cell, Row, Value};
use super::{Lock, Mode};
use crate::fault::{Fault, Kind};

/// What every session sets. A stuck statement or an abandoned transaction must not hold the log's head. What exists
/// already is no news: the driver would log every notice.
const SESSION: &str = "SET lock_timeout = '10s'; SET statement_timeout = '30s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET synchronous_commit = on; \
    SET client_min_messages = warning";

/// Waits as long as it takes. The number is arbitrary and ours: the letters of `postern` in ASCII.
const SETUP_LOCK: &str = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; \
    SELECT pg_advisory_xact_lock(31647739056321134)";

/// The rows are locked as they come out of the sort, so that two processes that lock the same accounts at once cannot
/// wait for each other. Not `FOR UPDATE`: rows that refer to the account may be inserted meanwhile.
const LOCK_ACCOUNTS: &str = "SELECT id FROM account WHERE id IN (SELECT unnest($1) \
    UNION SELECT account FROM access_case WHERE holder_hash = ANY($2)) ORDER BY id FOR NO KEY UPDATE";

/// A connection to a PostgreSQL server.
pub struct Postgres {
    config: Config,
    /// None only after the server went away and before the next transaction begins.
    session: Option<Session>,
}

struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Postgres {
    pub(super) fn open(url: &str) -> Result<Self, Fault> {
        let mut config = Config::from_str(url).map_err(|error| {
            Fault::broken("reading the database URL")
                .because(error)
                .help("write it as postgres://user:password@host:5432/database")
        })?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        config.application_name("postern");
        let session = Some(Session::open(&config)?);
        Ok(Self { config, session })
    }

    /// Reopens a session that was lost while idle, so that only callers of a transaction that was under way
    /// notice a restart of the server.
    pub(super) fn begin(&mut self, mode: Mode) -> Result<(), Fault> {
        let begin = match mode {
            Mode::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Mode::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        };
        if let Some(session) = &mut self.session {
            match session.client.batch_execute(begin).map_err(|error| fault("beginning a transaction", error))
            {
                Ok(()) => return Ok(()),
                // Nothing was done yet, so nothing can be done twice.
                Err(fault) if fault.kind() == Kind::Gone => self.session = None,
                Err(fault) => return Err(fault),
            }
        }
        let session = self.session.insert(Session::open(&self.config)?);
        session.client.batch_execute(begin).map_err(|error| fault("beginning a transaction", error))
    }

    pub(super) fn end(&mut self, statement: &'static str) -> Result<(), Fault> {
        let session = self.session()?;
        let outcome = session.client.batch_execute(statement);
        outcome.map_err(|error| fault(format!("ending a transaction ({statement})"), error))
    }

    pub(super) fn query(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        let session = self.session()?;
        let rows = session.statement(sql, values).and_then(|statement| {
            let rows = session.client.query(&statement, &parameters(values));
            rows.map_err(|error| fault(format!("running `{sql}`"), error))
        })?;
        rows.iter().map(|row| decode(row, sql)).collect()
    }

    /// Shows row after row as they arrive: a table is never held whole.
    pub(super) fn each(
        &mut self,
        sql: &'static str,
        values: &[Value],
        visit: &mut dyn FnMut(&mut Row) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let failed = |error| fault(format!("running `{sql}`"), error);
        let session = self.session()?;
        // Reading millions of rows takes as long as it takes, and holds nobody up.
        session.client.batch_execute("SET LOCAL statement_timeout = 0").map_err(failed)?;
        let statement = session.statement(sql, values)?;
        let mut rows = session.client.query_raw(&statement, parameters(values)).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(&mut decode(&row, sql)?)?;
        }
        Ok(())
    }

    pub(super) fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, Fault> {
        let session = self.session()?;
        let statement = session.statement(sql, values)?;
        let changed = session.client.execute(&statement, &parameters(values));
        changed.map_err(|error| fault(format!("running `{sql}`"), error))
    }

    /// Gives the ids of the accounts that are locked now.
    pub(super) fn lock_accounts(&mut self, wanted: &BTreeSet<Lock>) -> Result<Vec<String>, Fault> {
        let (mut accounts, mut holders): (Vec<&str>, Vec<&[u8]>) = (Vec::new(), Vec::new());
        for lock in wanted {
            match lock {
                Lock::Account(id) => accounts.push(id),
                Lock::Holder(hash) => holders.push(hash),
            }
        }
        let session = self.session()?;
        let statement = session.prepared(LOCK_ACCOUNTS, || vec![Type::TEXT_ARRAY, Type::BYTEA_ARRAY])?;
        let locked = session.client.query(&statement, &[&accounts, &holders]);
        let locked = locked.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect());
        locked.map_err(|error| fault("locking accounts", error))
    }

    pub(super) fn define(&mut self, script: &str) -> Result<(), Fault> {
        let script =
            script.replace("INT64", "BIGINT").replace("BYTES", "BYTEA").replace("\n) CLUSTERED;", "\n);");
        let outcome = self.session()?.client.batch_execute(&script);
        outcome.map_err(|error| fault("defining tables", error))
    }

    pub(super) fn lock_setup(&mut self) -> Result<(), Fault> {
        let outcome = self.session()?.client.batch_execute(SETUP_LOCK);
        outcome.map_err(|error| fault("waiting for other processes that set up the database", error))
    }

    fn session(&mut self) -> Result<&mut Session, Fault> {
        self.session
            .as_mut()
            .ok_or_else(|| Fault::gone("using the database").because("the connection was lost"))
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("connected", &self.session.is_some()).finish_non_exhaustive()
    }
}

/// The driver's client owns a small runtime, which must not be dropped on a thread that runs async tasks.
impl Drop for Postgres {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        // If no thread can be had, leaking one socket at the end of the process is the lesser harm.
        let _ = std::thread::Builder::new().name("close database".into()).spawn(move || drop(session));
    }
}

impl Session {
    fn open(config: &Config) -> Result<Self, Fault> {
        let doing = "connecting to PostgreSQL";
        let mut client = config.connect(NoTls).map_err(|error| fault(doing, error))?;
        client.batch_execute(SESSION).map_err(|error| fault(doing, error))?;
        Ok(Self { client, statements: HashMap::new() })
    }

    fn statement(&mut self, sql: &'static str, values: &[Value]) -> Result<Statement, Fault> {
        self.prepared(sql, || values.iter().map(sql_type).collect())
    }

    /// Prepared once per session, with the types of our values: an untyped null is refused by PostgreSQL.
    fn prepared(&mut self, sql: &'static str, types: impl FnOnce() -> Vec<Type>) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let prepared = self.client.prepare_typed(sql, &types());
        let statement = prepared.map_err(|error| fault(format!("preparing `{sql}`"), error))?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(parameter).collect()
}

fn parameter(value: &Value) -> &(dyn ToSql + Sync) {
    match value {
        Value::Text(text) => text,
        Value::Int(int) => int,
        Value::Bytes(bytes) => bytes,
    }
}

fn sql_type(value: &Value) -> Type {
    match value {
        Value::Text(_) => Type::TEXT,
        Value::Int(_) => Type::INT8,
        Value::Bytes(_) => Type::BYTEA,
    }
}

fn decode(row: &postgres::Row, sql: &str) -> Result<Row, Fault> {
    let decode = |column: usize| -> Result<Option<Cell>, Box<dyn Error + Send + Sync>> {
        Ok(match *row.columns()[column].type_() {
            Type::TEXT | Type::VARCHAR => row.try_get::<_, Option<String>>(column)?.map(Cell::Text),
            Type::INT8 => row.try_get::<_, Option<i64>>(column)?.map(Cell::Int),
            Type::INT4 => row.try_get::<_, Option<i32>>(column)?.map(|int| Cell::Int(int.into())),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column)?.map(Cell::Bytes),
            ref other => return Err(format!("column {column} has the unsupported type {other}").into()),
        })
    };
    let cells = (0..row.len()).map(|column| decode(column).map(|cell| cell.unwrap_or(Cell::Null)));
    let cells: Result<Vec<Cell>, _> = cells.collect();
    cells.map(Row).map_err(|error| Fault::broken(format!("reading a row of `{sql}`")).because(error))
}

fn fault(doing: impl Into<std::borrow::Cow<'static, str>>, error: postgres::Error) -> Fault {
    let kind = match error.code().map(postgres::error::SqlState::code) {
        // No code: the error is not the server's answer. Either it is gone or we misused the driver.
        None if is_about_connection(&error) => Kind::Gone,
        // serialization_failure, deadlock_detected: undone by the server in favour of somebody else.
        Some("40001" | "40P01") => Kind::Conflict,
        // Lock and statement timeouts, too many connections: the server lives but cannot serve us now.
        Some("55P03" | "57014" | "53300") => Kind::Gone,
        // Class 08 connection, 53 resources, 57P shutting down or starting up, 58 system, 25P03 idle timeout.
        Some(code) if ["08", "53", "57P", "58", "25P03"].iter().any(|class| code.starts_with(class)) => {
            Kind::Gone
        }
        _ => Kind::Broken,
    };
    let fault = Fault::new(kind, doing).because(error);
    match kind {
        Kind::Gone => fault.help("check that the PostgreSQL server runs and that its URL is right"),
        _ => fault,
    }
}

fn is_about_connection(error: &postgres::Error) -> bool {
    error.is_closed() || error.source().is_some_and(<dyn Error>::is::<std::io::Error>)
}
