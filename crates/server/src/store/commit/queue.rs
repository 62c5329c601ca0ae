//! The bounded queue between callers and writers.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::work::Work;
use crate::fault::Fault;

/// Jobs in the order they came.
pub(super) struct Queue {
    limit: usize,
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Box<dyn Work>>,
    closed: bool,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, state: Mutex::default(), filled: Condvar::new() }
    }

    /// Adds a job, unless too many wait or the queue was closed.
    pub(super) fn push(&self, job: Box<dyn Work>) -> Result<(), Fault> {
        let mut state = self.state();
        if state.closed {
            return Err(Fault::gone("taking a decision").because("the server is stopping"));
        }
        if state.jobs.len() >= self.limit {
            return Err(Fault::overloaded("taking a decision").because("too many wait already"));
        }
        state.jobs.push_back(job);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for a job and takes all that wait, at most `limit`; none when the queue is closed and empty.
    pub(super) fn drain(&self, limit: usize) -> Option<Vec<Box<dyn Work>>> {
        let waiting = |state: &mut State| state.jobs.is_empty() && !state.closed;
        let mut state = self.filled.wait_while(self.state(), waiting).unwrap_or_else(PoisonError::into_inner);
        let count = state.jobs.len().min(limit);
        (count > 0).then(|| state.jobs.drain(..count).collect())
    }

    pub(super) fn close(&self) {
        self.state().closed = true;
        self.filled.notify_all();
    }

    pub(super) fn waiting(&self) -> usize {
        self.state().jobs.len()
    }

    /// Nothing that can panic runs while the state is locked, so a poisoned lock holds a whole state.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}
