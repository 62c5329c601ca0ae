//! The limit: the least that a server must do which checks a second factor honestly.
//!
//! A form post, one HMAC, a conditional update that spends the time step, a chained audit row, one commit for all that
//! wait, and an answer after the commit. No accounts, no cases, no pages: whatever Postern does beyond is its own cost.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Router, serve};
use lifecycle::factor::totp::hotp;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

type Anything = Box<dyn std::error::Error + Send + Sync>;

/// Everybody's seed, here and in Postern's database: the load generator then needs one code.
pub(crate) const SEED: &[u8; 20] = b"everybody's one seed";

struct Attempt {
    user: i64,
    /// The time step that the code matched.
    step: Option<i64>,
    reply: oneshot::Sender<bool>,
}

#[derive(serde::Deserialize)]
struct Asked {
    user: i64,
    code: String,
}

/// Serves on a port of its own, which it prints, until it is ended.
pub(crate) async fn run(database: &Path, users: i64) -> Result<(), Anything> {
    let mut connection = Connection::open(database)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE token (id INTEGER PRIMARY KEY, last_step INTEGER NOT NULL) STRICT;
         CREATE TABLE audit (seq INTEGER PRIMARY KEY, user INTEGER NOT NULL, step INTEGER, hash BLOB NOT NULL) STRICT;",
    )?;
    let fill = connection.transaction()?;
    for user in 0..users {
        fill.execute("INSERT INTO token VALUES (?1, 0)", [user])?;
    }
    fill.commit()?;

    let (queue, waiting) = sync_channel(4096);
    std::thread::spawn(move || {
        if let Err(error) = commit(&mut connection, &waiting) {
            eprintln!("floor: {error}");
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    serve(listener, Router::new().route("/verify", post(verify)).with_state(Arc::new(queue))).await?;
    Ok(())
}

async fn verify(State(queue): State<Arc<SyncSender<Attempt>>>, Form(asked): Form<Asked>) -> StatusCode {
    let now = current_step();
    let step = [now, now - 1, now + 1].into_iter().find(|step| code(*step) == asked.code);
    let (reply, answer) = oneshot::channel();
    if queue.try_send(Attempt { user: asked.user, step, reply }).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    match answer.await {
        Ok(true) => StatusCode::OK,
        _ => StatusCode::FORBIDDEN,
    }
}

/// Commits all that wait in one transaction, then answers them.
fn commit(connection: &mut Connection, waiting: &Receiver<Attempt>) -> Result<(), rusqlite::Error> {
    let mut last = [0_u8; 32];
    while let Ok(first) = waiting.recv() {
        let attempts: Vec<Attempt> = std::iter::once(first).chain(waiting.try_iter().take(255)).collect();
        let transaction = connection.transaction()?;
        let mut verdicts = Vec::with_capacity(attempts.len());
        for attempt in &attempts {
            let is_accepted = match attempt.step {
                Some(step) => {
                    transaction
                        .prepare_cached("UPDATE token SET last_step = ?2 WHERE id = ?1 AND last_step < ?2")?
                        .execute((attempt.user, step))?
                        == 1
                }
                None => false,
            };
            let mut hash = Sha256::new();
            hash.update(last);
            hash.update(attempt.user.to_be_bytes());
            hash.update([u8::from(is_accepted)]);
            last = hash.finalize().into();
            transaction
                .prepare_cached("INSERT INTO audit (user, step, hash) VALUES (?1, ?2, ?3)")?
                .execute((attempt.user, attempt.step, &last[..]))?;
            verdicts.push(is_accepted);
        }
        transaction.commit()?;
        for (attempt, verdict) in attempts.into_iter().zip(verdicts) {
            // Nobody waits any more if the connection was closed.
            _ = attempt.reply.send(verdict);
        }
    }
    Ok(())
}

pub(crate) fn current_step() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs() / 30).unwrap_or(i64::MAX)
}

/// What an authenticator app shows in a step.
pub(crate) fn code(step: i64) -> String {
    hotp(SEED, step.cast_unsigned(), 6)
}
