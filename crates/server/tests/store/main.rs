//! The storage contract, on both databases.

mod audit;
mod census;
mod commit;
#[path = "../support/database.rs"]
mod database;
mod driver;
mod forget;
mod index;
mod keys;
mod migrate;
mod policies;

use std::sync::Arc;

use server::audit::note::Signer;
use server::fault::Fault;
use server::store::commit::{Committer, Done, Event};
use server::store::driver::{Conn, Tx};

use database::TestDatabase;

impl TestDatabase {
    fn open(&self) -> Conn {
        Conn::open(&self.database).expect("a test's database opens")
    }

    fn committer(&self) -> Committer {
        Committer::start(&self.database, signer()).expect("a migrated database takes a committer")
    }

    /// Runs SQL past the seam, as somebody with a database shell would.
    fn meddle(&self, sql: &str) {
        use server::store::driver::Database;
        match &self.database {
            Database::Sqlite(path) => {
                rusqlite::Connection::open(path)
                    .and_then(|conn| conn.execute_batch(sql))
                    .expect("the SQL runs");
            }
            Database::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).expect("the server answers");
                client.batch_execute(sql).expect("the SQL runs");
            }
        }
    }

    /// One number, read on a connection of its own.
    fn count(&self, sql: &'static str) -> i64 {
        self.open().read(|tx| tx.query_one(sql, &[])?.int(0)).expect("the query runs")
    }
}

/// The key of every log in these tests.
fn signer() -> Arc<Signer> {
    Arc::new(Signer::from_seed("example.org/postern", &[7; 32]).expect("the name is a key name"))
}

fn event(body: &str) -> Event {
    Event { at: 1_700_000_000_000_000, account: Some("a1".into()), body: body.as_bytes().to_vec() }
}

/// A decision that ended well.
#[expect(clippy::unnecessary_wraps, reason = "it is the result of a job")]
fn done<T>(reply: T) -> Result<Done<T>, Fault> {
    Ok(Done { reply, events: vec![event(r#"{"fact":"tested"}"#)] })
}

fn add_account(tx: &mut Tx<'_>, id: &str) -> Result<u64, Fault> {
    tx.execute(
        "INSERT INTO account (id, name, display_name, groups, created_at) VALUES ($1, $1, $1, '[]', 0)",
        &[id.into()],
    )
}

/// A runtime like the server's.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
}

/// Polls a future once.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}
