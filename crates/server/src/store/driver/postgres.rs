//! PostgreSQL through `tokio-postgres` on a runtime of each connection's own: sessions, cached statements, conversions,
//! reconnecting, and what its errors mean.
//!
//! Statements whose answer nobody needs at once are sent without waiting for it, because a trip to the server and back takes
//! longer than most statements. The server runs them in order, so that what is read afterwards sees what they did.
//!
//! No TLS: the server is reached over a Unix socket, loopback or a tunnel.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::error::Error;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use futures_util::TryStreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, NoTls, Statement};

use super::value::{Cell, Row, Value};
use super::{Lock, Mode, one_row};
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
    UNION SELECT account FROM access_case WHERE holder_hash = ANY($2) \
    UNION SELECT account FROM access_case WHERE reference = ANY($3)) ORDER BY id FOR NO KEY UPDATE";

/// A connection to a PostgreSQL server.
pub struct Postgres {
    config: Config,
    /// None only after the server went away and before the next transaction begins.
    session: Option<Session>,
}

struct Session {
    client: Arc<Client>,
    statements: HashMap<&'static str, Statement>,
    /// What was sent and not answered yet, in order.
    sent: VecDeque<Sent>,
    /// Drives the connection, only while somebody waits for an answer.
    runtime: Runtime,
}

/// A statement under way.
struct Sent {
    sql: &'static str,
    /// What it does, if it must change exactly one row.
    one: Option<&'static str>,
    rows: Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>,
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
            match session.run(begin, "beginning a transaction") {
                Ok(()) => return Ok(()),
                // Nothing was done yet, so nothing can be done twice.
                Err(fault) if fault.kind() == Kind::Gone => self.session = None,
                Err(fault) => return Err(fault),
            }
        }
        let session = self.session.insert(Session::open(&self.config)?);
        session.run(begin, "beginning a transaction")
    }

    /// Ends the transaction. What was sent must have been settled before a commit, or a failure would go unseen.
    pub(super) fn end(&mut self, statement: &'static str) -> Result<(), Fault> {
        let session = self.session()?;
        let unanswered = session.sent.len();
        session.sent.clear();
        if unanswered > 0 && statement == "COMMIT" {
            return Err(Fault::broken("committing").because("statements are under way"));
        }
        session.run(statement, format!("ending a transaction ({statement})"))
    }

    pub(super) fn query(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        let session = self.session()?;
        let statement = session.statement(sql, values)?;
        let rows = session.runtime.block_on(session.client.query(&statement, &parameters(values)));
        let rows = session.sound(rows, || format!("running `{sql}`"))?;
        rows.iter().map(|row| decode(row, sql)).collect()
    }

    /// Shows row after row as they arrive: a table is never held whole.
    pub(super) fn each(
        &mut self,
        sql: &'static str,
        values: &[Value],
        visit: &mut dyn FnMut(&mut Row) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let session = self.session()?;
        // Reading millions of rows takes as long as it takes, and holds nobody up.
        session.run("SET LOCAL statement_timeout = 0", format!("running `{sql}`"))?;
        let statement = session.statement(sql, values)?;
        let failed = |error| fault(format!("running `{sql}`"), error);
        session.runtime.block_on(async {
            let rows = session.client.query_raw(&statement, parameters(values)).await.map_err(failed)?;
            let mut rows = std::pin::pin!(rows);
            while let Some(row) = rows.try_next().await.map_err(failed)? {
                visit(&mut decode(&row, sql)?)?;
            }
            Ok(())
        })
    }

    pub(super) fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, Fault> {
        let session = self.session()?;
        let statement = session.statement(sql, values)?;
        let changed = session.runtime.block_on(session.client.execute(&statement, &parameters(values)));
        session.sound(changed, || format!("running `{sql}`"))
    }

    /// Sends a statement; what comes of it shows when something else fails or is settled. `one`: what it does, if it must
    /// change exactly one row.
    pub(super) fn send(
        &mut self,
        sql: &'static str,
        values: &[Value],
        one: Option<&'static str>,
    ) -> Result<(), Fault> {
        let session = self.session()?;
        let statement = session.statement(sql, values)?;
        let (client, values) = (Arc::clone(&session.client), values.to_vec());
        let mut rows: Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(async move { client.execute(&statement, &parameters(&values)).await });
        // The first poll puts it into the connection's queue, from where it goes out with the next thing waited for.
        match rows.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            std::task::Poll::Ready(answer) => answered(sql, one, answer),
            std::task::Poll::Pending => {
                session.sent.push_back(Sent { sql, one, rows });
                Ok(())
            }
        }
    }

    /// Waits for all that was sent.
    pub(super) fn settle(&mut self) -> Result<(), Fault> {
        self.session()?.settle()
    }

    /// Gives the ids of the accounts that are locked now.
    pub(super) fn lock_accounts(&mut self, wanted: &BTreeSet<Lock>) -> Result<Vec<String>, Fault> {
        let (mut accounts, mut references): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        let mut holders: Vec<&[u8]> = Vec::new();
        for lock in wanted {
            match lock {
                Lock::Account(id) => accounts.push(id),
                Lock::Holder(hash) => holders.push(hash),
                Lock::Reference(reference) => references.push(reference),
            }
        }
        let session = self.session()?;
        let types = || vec![Type::TEXT_ARRAY, Type::BYTEA_ARRAY, Type::TEXT_ARRAY];
        let statement = session.prepared(LOCK_ACCOUNTS, types)?;
        let values: [&(dyn ToSql + Sync); 3] = [&accounts, &holders, &references];
        let locked = session.runtime.block_on(session.client.query(&statement, &values));
        let locked = locked.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect());
        session.sound(locked, || "locking accounts".to_owned())
    }

    pub(super) fn define(&mut self, script: &str) -> Result<(), Fault> {
        let script =
            script.replace("INT64", "BIGINT").replace("BYTES", "BYTEA").replace("\n) CLUSTERED;", "\n);");
        self.session()?.run(&script, "defining tables")
    }

    pub(super) fn lock_setup(&mut self) -> Result<(), Fault> {
        self.session()?.run(SETUP_LOCK, "waiting for other processes that set up the database")
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

/// A runtime must not be dropped on a thread that runs async tasks.
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
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Fault::broken(doing).because(error))?;
        let connected = runtime.block_on(config.connect(NoTls));
        let (client, connection) = connected.map_err(|error| fault(doing, error))?;
        // When it ends, whoever waits for an answer is told that the connection is closed.
        runtime.spawn(async move { drop(connection.await) });
        let (client, statements, sent) = (Arc::new(client), HashMap::new(), VecDeque::new());
        let mut session = Self { client, statements, sent, runtime };
        session.run(SESSION, doing)?;
        Ok(session)
    }

    /// Runs statements without values and without an answer.
    fn run(&mut self, sql: &str, doing: impl Into<Cow<'static, str>>) -> Result<(), Fault> {
        let outcome = self.runtime.block_on(self.client.batch_execute(sql));
        self.sound(outcome, || doing)
    }

    /// The answer, or the first failure of all that was sent up to now: after it PostgreSQL refuses everything else.
    fn sound<T, D: Into<Cow<'static, str>>>(
        &mut self,
        answer: Result<T, tokio_postgres::Error>,
        doing: impl FnOnce() -> D,
    ) -> Result<T, Fault> {
        match answer {
            Ok(answer) => Ok(answer),
            Err(error) => {
                self.settle()?;
                Err(fault(doing(), error))
            }
        }
    }

    fn settle(&mut self) -> Result<(), Fault> {
        let sent = std::mem::take(&mut self.sent);
        self.runtime.block_on(async {
            for Sent { sql, one, rows } in sent {
                answered(sql, one, rows.await)?;
            }
            Ok(())
        })
    }

    fn statement(&mut self, sql: &'static str, values: &[Value]) -> Result<Statement, Fault> {
        self.prepared(sql, || values.iter().map(sql_type).collect())
    }

    /// Prepared once per session, with the types of our values: an untyped null is refused by PostgreSQL.
    fn prepared(&mut self, sql: &'static str, types: impl FnOnce() -> Vec<Type>) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let prepared = self.runtime.block_on(self.client.prepare_typed(sql, &types()));
        let statement = self.sound(prepared, || format!("preparing `{sql}`"))?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// What became of a statement that was sent.
fn answered(
    sql: &str,
    one: Option<&'static str>,
    answer: Result<u64, tokio_postgres::Error>,
) -> Result<(), Fault> {
    let rows = answer.map_err(|error| fault(format!("running `{sql}`"), error))?;
    one.map_or(Ok(()), |doing| one_row(doing, rows))
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

fn decode(row: &tokio_postgres::Row, sql: &str) -> Result<Row, Fault> {
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

fn fault(doing: impl Into<std::borrow::Cow<'static, str>>, error: tokio_postgres::Error) -> Fault {
    let kind = match error.code().map(tokio_postgres::error::SqlState::code) {
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

fn is_about_connection(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || error.source().is_some_and(<dyn Error>::is::<std::io::Error>)
}
