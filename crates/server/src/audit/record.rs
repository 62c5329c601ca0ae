//! The log as one stream of records, in the order in which it was written: events, and after the last event of
//! each commit the checkpoint over everything so far.
//!
//! The same stream comes from the database and from an export, so that verification knows nothing of either.

use std::collections::VecDeque;

use super::entry::Entry;
use crate::fault::Fault;
use crate::store::driver::Tx;
use crate::store::log;

/// How many rows are in memory at a time.
const PAGE: u64 = 1000;

/// One record of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// The signed checkpoint over all events before it. Not verified yet.
    Checkpoint(String),
    /// An event. Not verified yet.
    Event(Entry),
}

/// Reads the whole log from a database, page by page, in one snapshot.
#[derive(Debug)]
pub struct Records<'t, 'c> {
    tx: &'t mut Tx<'c>,
    entries: VecDeque<Entry>,
    next_seq: u64,
    checkpoints: VecDeque<(u64, String)>,
    next_size: u64,
    /// What the head row says, last.
    latest: Option<String>,
    is_over: bool,
}

impl<'t, 'c> Records<'t, 'c> {
    /// All records as this transaction sees them.
    pub fn of(tx: &'t mut Tx<'c>) -> Result<Self, Fault> {
        let latest = log::latest_checkpoint(tx)?;
        let (entries, checkpoints) = (VecDeque::new(), VecDeque::new());
        Ok(Self { tx, entries, next_seq: 0, checkpoints, next_size: 0, latest, is_over: false })
    }

    fn read(&mut self) -> Result<Option<Record>, Fault> {
        if self.entries.is_empty() {
            self.entries = log::entries(self.tx, self.next_seq, PAGE)?.into();
            self.next_seq = self.entries.back().map_or(self.next_seq, |last| last.seq + 1);
        }
        if self.checkpoints.is_empty() {
            self.checkpoints = log::checkpoints(self.tx, self.next_size, PAGE)?.into();
            self.next_size = self.checkpoints.back().map_or(self.next_size, |last| last.0 + 1);
        }
        let seq = self.entries.front().map_or(u64::MAX, |entry| entry.seq);
        let is_covered = self.checkpoints.front().is_some_and(|(size, _)| *size <= seq);
        if is_covered {
            return Ok(self.checkpoints.pop_front().map(|(_, note)| Record::Checkpoint(note)));
        }
        Ok(self.entries.pop_front().map(Record::Event).or_else(|| self.latest.take().map(Record::Checkpoint)))
    }
}

impl Iterator for Records<'_, '_> {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let record = self.read();
        self.is_over = !matches!(record, Ok(Some(_)));
        record.transpose()
    }
}
