//! Whether a log is what was signed: every event, its order, its end; and if not, where it was first touched.
//!
//! Needs no secret and no database, only the stream of records and the verifier key. A log whose end was cut
//! off together with its checkpoints looks like a younger log: only a checkpoint kept elsewhere shows it.

use std::fmt;

use super::checkpoint::Checkpoint;
use super::merkle::Frontier;
use super::note::{Unverified, Verifier};
use super::record::Record;
use crate::fault::Fault;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many events are proved to be what was logged: the events 0 to `proved` - 1.
    pub proved: u64,
    /// The checkpoint that proves them, if there is one.
    pub checkpoint: Option<Checkpoint>,
    /// The first place where the log is not what was signed.
    pub problem: Option<Problem>,
}

/// How a log differs from what was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// This event does not belong to its own leaf hash.
    Changed {
        /// Which.
        seq: u64,
    },
    /// A checkpoint is not a good one of this log, after these many events.
    Checkpoint {
        /// How many events come before it.
        after: u64,
        /// What is wrong with it.
        why: Unverified,
    },
    /// An event stands where another was expected.
    Misplaced {
        /// The expected one.
        seq: u64,
        /// The one that is there.
        found: u64,
    },
    /// These events are missing.
    Removed {
        /// The first that is missing.
        from: u64,
        /// The last that is missing.
        to: u64,
    },
    /// Among these events at least one was changed, exchanged or put in together with its leaf hash. They were
    /// committed together, so that no earlier checkpoint says more.
    Rewritten {
        /// The first that may be concerned; all before are proved.
        from: u64,
        /// The last that may be concerned.
        to: u64,
    },
    /// The log ends too early.
    Truncated {
        /// The first event that is missing.
        from: u64,
        /// How many events a signed checkpoint covers.
        size: u64,
    },
    /// These events were never signed.
    Unsigned {
        /// The first of them.
        from: u64,
        /// The last of them.
        to: u64,
    },
}

/// Verifies a whole log. `against` is a checkpoint that was kept elsewhere; its signature was verified when it
/// was read.
pub fn verify(
    records: impl Iterator<Item = Result<Record, Fault>>,
    against: Option<&Checkpoint>,
    verifier: &Verifier,
) -> Result<Report, Fault> {
    let mut walk = Walk { frontier: Frontier::default(), proved: None, ahead: against.cloned(), verifier };
    for record in records {
        let step = match record? {
            Record::Checkpoint(note) => walk.checkpoint(&note),
            Record::Event(entry) if entry.seq != walk.frontier.size() => {
                Err(misplaced(walk.frontier.size(), entry.seq))
            }
            Record::Event(entry) if entry.event.leaf() != entry.leaf => {
                Err(Problem::Changed { seq: entry.seq })
            }
            Record::Event(entry) => {
                walk.frontier.push(entry.leaf);
                walk.reach()
            }
        };
        if let Err(problem) = step {
            return Ok(walk.report(Some(problem)));
        }
    }
    let end = walk.end();
    Ok(walk.report(end))
}

fn misplaced(seq: u64, found: u64) -> Problem {
    if found > seq {
        Problem::Removed { from: seq, to: found - 1 }
    } else {
        Problem::Misplaced { seq, found }
    }
}

/// A walk along the log: the tree so far, and what of it is proved.
struct Walk<'a> {
    frontier: Frontier,
    proved: Option<Checkpoint>,
    /// The largest good checkpoint that the walk has not reached.
    ahead: Option<Checkpoint>,
    verifier: &'a Verifier,
}

impl Walk<'_> {
    fn checkpoint(&mut self, note: &str) -> Result<(), Problem> {
        let after = self.frontier.size();
        let checkpoint =
            Checkpoint::open(note, self.verifier).map_err(|why| Problem::Checkpoint { after, why })?;
        if checkpoint.size > after {
            // Events are missing here, which the next event or the end will show.
            if self.ahead.as_ref().is_none_or(|ahead| ahead.size < checkpoint.size) {
                self.ahead = Some(checkpoint);
            }
            return Ok(());
        }
        if checkpoint.size == after { self.compare(&checkpoint) } else { Ok(()) }
    }

    /// Compares with the checkpoint kept elsewhere, once the walk is there.
    fn reach(&mut self) -> Result<(), Problem> {
        match self.ahead.take_if(|ahead| ahead.size == self.frontier.size()) {
            Some(checkpoint) => self.compare(&checkpoint),
            None => Ok(()),
        }
    }

    fn compare(&mut self, checkpoint: &Checkpoint) -> Result<(), Problem> {
        if checkpoint.root != self.frontier.root() {
            // An empty log has no event to blame: its only possible checkpoint is wrong.
            let to = checkpoint.size.saturating_sub(1);
            return Err(Problem::Rewritten { from: self.proved_size().min(to), to });
        }
        self.proved = Some(checkpoint.clone());
        Ok(())
    }

    fn end(&self) -> Option<Problem> {
        let size = self.frontier.size();
        match &self.ahead {
            Some(ahead) => Some(Problem::Truncated { from: size, size: ahead.size }),
            None if self.proved_size() < size => {
                Some(Problem::Unsigned { from: self.proved_size(), to: size - 1 })
            }
            None => None,
        }
    }

    fn proved_size(&self) -> u64 {
        self.proved.as_ref().map_or(0, |checkpoint| checkpoint.size)
    }

    fn report(self, problem: Option<Problem>) -> Report {
        Report { proved: self.proved_size(), checkpoint: self.proved, problem }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { seq } => {
                write!(f, "event {seq} was changed: it does not belong to its leaf hash")
            }
            Self::Checkpoint { after, why } => {
                write!(f, "the checkpoint after {after} events is not good: {why}")
            }
            Self::Misplaced { seq, found } => write!(f, "event {found} stands in the place of event {seq}"),
            Self::Removed { from, to } if from == to => write!(f, "event {from} was removed"),
            Self::Removed { from, to } => write!(f, "the events {from} to {to} were removed"),
            Self::Rewritten { from, to } if from == to => write!(f, "event {from} was replaced by another"),
            Self::Rewritten { from, to } => {
                write!(f, "event {from} or a later one up to {to} was changed, exchanged or put in")
            }
            Self::Truncated { from, size } => {
                write!(f, "the log ends before event {from}, but {size} events were signed")
            }
            Self::Unsigned { from, to } if from == to => {
                write!(f, "event {from} was put in: it was never signed")
            }
            Self::Unsigned { from, to } => {
                write!(f, "the events {from} to {to} were put in: they were never signed")
            }
        }
    }
}

/// The report as an operator reads it.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.problem, self.proved) {
            (None, 0) => f.write_str("the log is empty"),
            (None, proved) => write!(f, "all {proved} events are what was logged"),
            (Some(problem), 0) => write!(f, "{problem}; nothing before it is proved"),
            (Some(problem), proved) => write!(f, "{problem}; the first {proved} events are what was logged"),
        }
    }
}
