//! What the server does by itself once an hour: forgetting what ended.

use std::time::{Duration, Instant};

use lifecycle::Time;
use server::fault::Fault;
use server::store::driver::{Conn, Database, Tx};
use server::store::{cases, sessions};

use crate::{Anything, history};

/// The best of some runs that find nothing to forget: what it takes to know that; then one that forgets as many as the server does at once. Nothing
/// else holds up the only writer of SQLite for that long.
pub(crate) fn measure(database: &Database) -> Result<[(&'static str, Duration); 3], Anything> {
    let mut conn = Conn::open(database)?;
    let nothing = |conn: &mut Conn, forget: Forget| {
        let runs = (0..5).map(|_| timed(conn, forget, Time(0))).collect::<Result<Vec<_>, _>>();
        runs.map(|runs| runs.into_iter().min().unwrap_or_default())
    };
    Ok([
        ("upkeep: no sign-in to forget", nothing(&mut conn, cases::forget)?),
        ("upkeep: no session to forget", nothing(&mut conn, sessions::forget)?),
        (
            "upkeep: forgetting 500 sign-ins of those that ended",
            timed(&mut conn, cases::forget, history::tomorrow())?,
        ),
    ])
}

/// Forgets what ended before a moment, at most so many.
type Forget = fn(&mut Tx<'_>, Time, i64) -> Result<u64, Fault>;

fn timed(conn: &mut Conn, forget: Forget, before: Time) -> Result<Duration, Fault> {
    let began = Instant::now();
    conn.write(|tx| forget(tx, before, 500))?;
    Ok(began.elapsed())
}
