//! The audit log's tables: appending under the lock of the head row, and reading.
//!
//! No process remembers the log's state: the head row holds the size and the Merkle frontier, and whoever
//! appends locks it. What the hashes and signatures mean is `audit`'s affair.

use std::sync::LazyLock;

use super::driver::{Row, Tx};
use crate::audit::checkpoint::Checkpoint;
use crate::audit::entry::{Entry, Event};
use crate::audit::merkle::{Frontier, Hash};
use crate::audit::note::Signer;
use crate::fault::Fault;

/// The columns of an event.
const COLUMNS: usize = 5;
/// How many events one statement inserts at most: on PostgreSQL each statement is a round trip.
const TOGETHER: usize = 32;
/// The statements that insert 1 to [`TOGETHER`] events.
static INSERT_EVENTS: LazyLock<[String; TOGETHER]> = LazyLock::new(|| {
    let row = |row: usize| {
        let markers: Vec<String> =
            (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column)).collect();
        format!("({})", markers.join(", "))
    };
    std::array::from_fn(|last| {
        let rows: Vec<String> = (0..=last).map(row).collect();
        format!("INSERT INTO event (seq, at, account, body, leaf) VALUES {}", rows.join(", "))
    })
});

/// The log as its head row tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many events there are.
    pub size: u64,
    /// What appending needs.
    pub frontier: Frontier,
    /// The signed checkpoint of the last commit; empty before the first.
    pub checkpoint: String,
}

/// Makes the head rows of an empty log, once.
pub(super) fn begin(tx: &mut Tx<'_>) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO log_head (id, size, frontier, checkpoint) VALUES (1, 0, $1, '') ON CONFLICT DO NOTHING",
        &[Vec::new().into()],
    )?;
    tx.execute("INSERT INTO event_by_account_head (id, size) VALUES (1, 0) ON CONFLICT DO NOTHING", &[])?;
    Ok(())
}

/// Appends events in this order and signs a checkpoint over all. The lock of the head row is held from here to
/// the end of the transaction: call it last. `under`: the policy under which they were decided; if another one is in
/// force, they are refused.
pub(super) fn append(
    tx: &mut Tx<'_>,
    events: Vec<Event>,
    signer: &Signer,
    under: Option<&str>,
) -> Result<(), Fault> {
    let Some(at) = events.iter().map(|event| event.at).max() else { return Ok(()) };
    let added = signed(events.len() as u64)?;
    let head = "UPDATE log_head SET size = size + $1 WHERE id = 1 RETURNING size - $1, frontier, '', policy";
    let row = tx.query_one(head, &[added.into()])?;
    in_force(&row.text(3)?, under)?;
    let mut frontier = head_of(&row)?.frontier;

    let mut values = Vec::with_capacity(events.len() * COLUMNS);
    for event in events {
        let leaf = event.leaf();
        let seq = signed(frontier.size())?;
        values.extend([seq.into(), event.at.into(), event.account.into(), event.body.into(), (&leaf).into()]);
        frontier.push(leaf);
    }
    for rows in values.chunks(COLUMNS * TOGETHER) {
        tx.send(&INSERT_EVENTS[rows.len() / COLUMNS - 1], rows)?;
    }

    let size = signed(frontier.size())?;
    let note = Checkpoint { size: frontier.size(), root: frontier.root() }.sign(signer);
    tx.send(
        "UPDATE log_head SET frontier = $1, checkpoint = $2 WHERE id = 1",
        &[frontier.to_bytes().into(), note.as_str().into()],
    )?;
    tx.send(
        "INSERT INTO checkpoint (size, at, text) VALUES ($1, $2, $3)",
        &[size.into(), at.into(), note.into()],
    )?;
    Ok(())
}

/// The row is locked, so no other policy can come into force before these events are committed.
fn in_force(policy: &str, under: Option<&str>) -> Result<(), Fault> {
    if policy.is_empty() || under.is_none_or(|under| under == policy) {
        return Ok(());
    }
    Err(Fault::gone("recording a decision")
        .because("another policy came into force while it was made")
        .help("try again in a moment"))
}

/// The log's state.
pub fn head(tx: &mut Tx<'_>) -> Result<Head, Fault> {
    head_of(&tx.query_one("SELECT size, frontier, checkpoint FROM log_head WHERE id = 1", &[])?)
}

/// The entries from `from` on, oldest first, at most `limit`.
pub fn entries(tx: &mut Tx<'_>, from: u64, limit: u64) -> Result<Vec<Entry>, Fault> {
    let rows = tx.query(
        "SELECT seq, at, account, body, leaf FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2",
        &[signed(from)?.into(), signed(limit)?.into()],
    )?;
    rows.iter().map(entry_of).collect()
}

/// The newest entries before `before`, newest first, at most `limit`; of one account if one is named.
pub fn entries_before(
    tx: &mut Tx<'_>,
    before: u64,
    account: Option<&str>,
    limit: u64,
) -> Result<Vec<Entry>, Fault> {
    let before = signed(before.min(i64::MAX as u64))?;
    let limit = signed(limit)?;
    let rows = match account {
        None => tx.query(
            "SELECT seq, at, account, body, leaf FROM event WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
            &[before.into(), limit.into()],
        )?,
        Some(account) => rows_of(tx, account, before, limit)?,
    };
    rows.iter().map(entry_of).collect()
}

/// The events of an account: those at the end of the log that are not in the index yet, then those of the index.
fn rows_of(tx: &mut Tx<'_>, account: &str, before: i64, limit: i64) -> Result<Vec<Row>, Fault> {
    let indexed = indexed(tx)?;
    let mut rows = tx.query(
        "SELECT seq, at, account, body, leaf FROM event WHERE seq >= $1 AND seq < $2 AND account = $3 \
         ORDER BY seq DESC LIMIT $4",
        &[indexed.into(), before.into(), account.into(), limit.into()],
    )?;
    let left = limit - signed(rows.len() as u64)?;
    if left > 0 {
        rows.extend(tx.query(
            "SELECT e.seq, at, e.account, body, leaf FROM event_by_account i JOIN event e ON e.seq = i.seq \
             WHERE i.account = $1 AND i.seq < $2 ORDER BY i.seq DESC LIMIT $3",
            &[account.into(), before.min(indexed).into(), left.into()],
        )?);
    }
    Ok(rows)
}

fn indexed(tx: &mut Tx<'_>) -> Result<i64, Fault> {
    tx.query_one("SELECT size FROM event_by_account_head WHERE id = 1", &[])?.int(0)
}

/// Upkeep: enters events into the index by account, in their order and at most `most` of them. Says how many.
pub fn index(tx: &mut Tx<'_>, most: i64) -> Result<i64, Fault> {
    // Locked by naming it, so that two processes do not enter the same events.
    let from = tx
        .query_one("UPDATE event_by_account_head SET size = size WHERE id = 1 RETURNING size", &[])?
        .int(0)?;
    let size = tx.query_one("SELECT size FROM log_head WHERE id = 1", &[])?.int(0)?;
    let to = size.min(from.saturating_add(most));
    if to > from {
        tx.execute(
            "INSERT INTO event_by_account (account, seq) SELECT account, seq FROM event \
             WHERE seq >= $1 AND seq < $2 AND account IS NOT NULL ORDER BY account, seq",
            &[from.into(), to.into()],
        )?;
        tx.execute("UPDATE event_by_account_head SET size = $1 WHERE id = 1", &[to.into()])?;
    }
    Ok(to - from)
}

/// The signed checkpoints that cover `from` events or more, with that number, smallest first, at most `limit`.
pub fn checkpoints(tx: &mut Tx<'_>, from: u64, limit: u64) -> Result<Vec<(u64, String)>, Fault> {
    let rows = tx.query(
        "SELECT size, text FROM checkpoint WHERE size >= $1 ORDER BY size LIMIT $2",
        &[signed(from)?.into(), signed(limit)?.into()],
    )?;
    rows.iter().map(|row| Ok((unsigned(row.int(0)?)?, row.text(1)?))).collect()
}

/// The signed checkpoint of the last commit; none before the first. Reads nothing else of the head, so that a
/// damaged head does not prevent finding out what happened.
pub fn latest_checkpoint(tx: &mut Tx<'_>) -> Result<Option<String>, Fault> {
    let row = tx.query_one_opt("SELECT checkpoint FROM log_head WHERE id = 1", &[])?;
    let note = row.map(|row| row.text(0)).transpose()?;
    Ok(note.filter(|note| !note.is_empty()))
}

/// The leaf hashes of the first `size` events.
pub fn leaves(tx: &mut Tx<'_>, size: u64) -> Result<Vec<Hash>, Fault> {
    let (size, mut leaves) = (signed(size)?, Vec::new());
    loop {
        let from = signed(leaves.len() as u64)?;
        let sql = "SELECT leaf FROM event WHERE seq >= $1 AND seq < $2 ORDER BY seq LIMIT 10000";
        let rows = tx.query(sql, &[from.into(), size.into()])?;
        if rows.is_empty() {
            return Ok(leaves);
        }
        for row in &rows {
            leaves.push(row.array(0)?);
        }
    }
}

fn head_of(row: &Row) -> Result<Head, Fault> {
    let size = unsigned(row.int(0)?)?;
    let frontier = Frontier::from_bytes(size, &row.bytes(1)?).ok_or_else(|| {
        Fault::broken("reading the head of the audit log")
            .because(format!("its frontier does not fit its size {size}"))
            .help("run `postern audit verify`: somebody changed the log")
    })?;
    Ok(Head { size, frontier, checkpoint: row.text(2)? })
}

fn entry_of(row: &Row) -> Result<Entry, Fault> {
    let event = Event { at: row.int(1)?, account: row.text_opt(2)?, body: row.bytes(3)? };
    // A hash of the wrong length is nobody's: verification must be able to say which event it is.
    let leaf = row.bytes(4)?.try_into().unwrap_or_default();
    Ok(Entry { seq: unsigned(row.int(0)?)?, event, leaf })
}

fn signed(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|error| Fault::broken("counting audit events").because(error))
}

fn unsigned(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|error| Fault::broken("counting audit events").because(error))
}
