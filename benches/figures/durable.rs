//! The limit on PostgreSQL: as many clients as connections, each with a commit of its own for every attempt.
//!
//! One statement spends the time step and writes an audit row, so there is one round trip before the commit: less cannot be
//! durable. The database is the one that `POSTERN_TEST_POSTGRES` names; `./check figures` starts one.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use postgres::{Client, NoTls};

use crate::Anything;
use crate::load::count;

const PREPARE: &str = "
    DROP TABLE IF EXISTS durable_token, durable_audit;
    CREATE TABLE durable_token (id BIGINT PRIMARY KEY, last_step BIGINT NOT NULL) WITH (fillfactor = 50);
    CREATE TABLE durable_audit (seq BIGSERIAL PRIMARY KEY, user_id BIGINT NOT NULL, step BIGINT, hash BYTEA NOT NULL);
    INSERT INTO durable_token SELECT user_id, 0 FROM generate_series(1, 100000) user_id;
    ANALYZE durable_token";

const ATTEMPT: &str = "
    WITH spent AS (UPDATE durable_token SET last_step = $2 WHERE id = $1 AND last_step < $2 RETURNING id)
    INSERT INTO durable_audit (user_id, step, hash) SELECT id, $2, $3 FROM spent";

/// Attempts a second with so many clients.
pub(crate) fn per_second(url: &str, clients: usize, attempts: usize) -> Result<f64, Anything> {
    Client::connect(url, NoTls)?.batch_execute(PREPARE)?;
    let next = AtomicUsize::new(1);
    let mut connected = Vec::new();
    for _ in 0..clients {
        let mut client = Client::connect(url, NoTls)?;
        let statement = client.prepare(ATTEMPT)?;
        connected.push((client, statement));
    }
    let began = Instant::now();
    std::thread::scope(|scope| {
        let mut working = Vec::new();
        for (client, statement) in &mut connected {
            let next = &next;
            working.push(scope.spawn(move || -> Result<(), postgres::Error> {
                loop {
                    let number = next.fetch_add(1, Relaxed);
                    if number > attempts {
                        return Ok(());
                    }
                    let user = i64::try_from(number % 100_000).unwrap_or_default() + 1;
                    let step = i64::try_from(number).unwrap_or_default();
                    client.execute(&*statement, &[&user, &step, &&[7_u8; 32][..]])?;
                }
            }));
        }
        for client in working {
            client.join().map_err(|_| "a client of the limit on PostgreSQL panicked")??;
        }
        Ok::<_, Anything>(())
    })?;
    Ok(count(attempts) / began.elapsed().as_secs_f64())
}

/// A database of its own on the server that a URL names, gone with this value.
pub(crate) struct Fresh {
    pub(crate) url: String,
    server: String,
}

const NAME: &str = "postern_figures";

impl Fresh {
    pub(crate) async fn make(server: &str) -> Result<Fresh, Anything> {
        let mut url = url::Url::parse(server)?;
        url.set_path(NAME);
        let fresh = Fresh { url: url.into(), server: server.to_owned() };
        let server = fresh.server.clone();
        tokio::task::spawn_blocking(move || {
            let mut client = Client::connect(&server, NoTls)?;
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))?;
            client.batch_execute(&format!("CREATE DATABASE {NAME} TEMPLATE template0"))
        })
        .await??;
        Ok(fresh)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let server = self.server.clone();
        // The driver owns a runtime of its own, which a thread that runs async tasks must not drop.
        let dropped = std::thread::spawn(move || {
            Client::connect(&server, NoTls)?.batch_execute(&format!("DROP DATABASE {NAME} WITH (FORCE)"))
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("the database {NAME} could not be dropped");
        }
    }
}
