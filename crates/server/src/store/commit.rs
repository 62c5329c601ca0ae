//! The one write path: decisions wait in a queue, and a writer commits all that wait in one transaction.
//!
//! A decision is a job. It runs *inside* the writing transaction after the lock of the account it concerns, so
//! it decides from current state, and it must therefore do nothing slow: no hashing of passwords, no network.
//! Nobody is answered before the commit that holds their audit event is durable.

mod queue;
mod work;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use super::driver::{Conn, Database, Lock, Mode, Tx};
use super::log;
pub use crate::audit::entry::Event;
use crate::audit::note::Signer;
use crate::fault::{Fault, Kind};
use queue::Queue;
use work::{Job, Work};

/// The most jobs that one commit takes: more would only make the first of them wait longer.
const BATCH: usize = 256;
/// The most jobs that may wait: beyond that a caller is told so at once.
const WAITING: usize = 4096;
/// How often a job is tried when other transactions keep getting in its way.
const TRIES: usize = 5;

/// What a job hands back: the answer for its caller and what the audit log records of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Done<T> {
    /// Given to the caller once everything is durable.
    pub reply: T,
    /// Never empty: a decision without a fact does not exist.
    pub events: Vec<Event>,
}

/// What the committer has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Jobs that were committed.
    pub attempts: u64,
    /// Commits they took.
    pub commits: u64,
    /// Jobs of the largest commit.
    pub largest_batch: u64,
    /// Jobs that were run again alone, because their batch failed.
    pub retried: u64,
    /// Jobs that ended in a fault.
    pub faults: u64,
    /// Jobs that wait now.
    pub waiting: u64,
}

/// Where a test makes the next commit fail. Nothing outside tests makes one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Faults {
    /// All goes well.
    #[default]
    None,
    /// The connection breaks before the commit: nothing is persisted.
    FailBeforeCommit,
    /// The answer to the commit is lost: everything is persisted, and nobody knows.
    FailAfterCommit,
}

/// Takes jobs and commits them. Cheap to clone; the writers end when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Committer(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    writers: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    queue: Queue,
    signer: Arc<Signer>,
    /// The policy under which its jobs decide, once that is known.
    policy: OnceLock<String>,
    faults: Arc<Mutex<Faults>>,
    attempts: AtomicU64,
    commits: AtomicU64,
    largest_batch: AtomicU64,
    retried: AtomicU64,
    failed: AtomicU64,
}

impl Committer {
    /// Starts the writers for a database that was migrated. Blocks while connecting.
    pub fn start(database: &Database, signer: Arc<Signer>) -> Result<Self, Fault> {
        Self::with_faults(database, signer, Arc::default())
    }

    /// The same, with a place where a test can put the failure of the next commit.
    pub fn with_faults(
        database: &Database,
        signer: Arc<Signer>,
        faults: Arc<Mutex<Faults>>,
    ) -> Result<Self, Fault> {
        let shared = Arc::new(Shared {
            queue: Queue::new(WAITING),
            signer,
            policy: OnceLock::new(),
            faults,
            attempts: AtomicU64::default(),
            commits: AtomicU64::default(),
            largest_batch: AtomicU64::default(),
            retried: AtomicU64::default(),
            failed: AtomicU64::default(),
        });
        // From here on dropping the handle ends the writers that were started.
        let committer = Self(Arc::new(Handle { shared, writers: Mutex::default() }));
        for number in 0..database.writers() {
            let mut writer = Writer { conn: Conn::open(database)?, shared: Arc::clone(&committer.0.shared) };
            let thread = std::thread::Builder::new().name(format!("writer {number}"));
            let thread = thread.spawn(move || writer.run());
            let thread = thread.map_err(|error| Fault::broken("starting a writer thread").because(error))?;
            committer.0.writers.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        }
        Ok(committer)
    }

    /// Commits a decision. `locks` are the accounts that it concerns, as far as they are known: the job runs after their rows are
    /// locked. It may be run more than once, but only one run is committed.
    ///
    /// A temporary fault may mean that the decision was made and only its answer was lost. Whoever drops the
    /// future does not undo the decision either.
    pub async fn submit<T, F>(&self, locks: impl IntoIterator<Item = Lock>, job: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<Done<T>, Fault> + Send + 'static,
    {
        let (work, answer) = Job::decision(locks.into_iter().collect(), job);
        self.take(work)?;
        work::wait(answer).await
    }

    /// Commits bookkeeping that is no decision and leaves no event: last-seen times, delivery of messages.
    pub async fn submit_upkeep<T, F>(
        &self,
        locks: impl IntoIterator<Item = Lock>,
        mut job: F,
    ) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let job = move |tx: &mut Tx<'_>| Ok(Done { reply: job(tx)?, events: Vec::new() });
        let (work, answer) = Job::upkeep(locks.into_iter().collect(), job);
        self.take(work)?;
        work::wait(answer).await
    }

    /// The same about nobody's account, for threads that may block.
    pub fn submit_here<T, F>(&self, job: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<Done<T>, Fault> + Send + 'static,
    {
        let (work, answer) = Job::decision(Vec::new(), job);
        self.take(work)?;
        work::wait_here(answer)
    }

    /// From now on decisions are recorded only while the policy of this digest is in force. A committer serves one
    /// policy for good; saying it again changes nothing.
    pub fn decides_under(&self, digest: &str) {
        // Whoever comes second says the same: there is one application for each committer.
        let _ = self.0.shared.policy.set(digest.to_owned());
    }

    /// What was done so far.
    pub fn counts(&self) -> Counts {
        let shared = &self.0.shared;
        Counts {
            attempts: shared.attempts.load(Relaxed),
            commits: shared.commits.load(Relaxed),
            largest_batch: shared.largest_batch.load(Relaxed),
            retried: shared.retried.load(Relaxed),
            faults: shared.failed.load(Relaxed),
            waiting: shared.queue.waiting() as u64,
        }
    }

    /// Accepts nothing more, commits what waits, and returns when the writers have ended. Blocks.
    pub fn shut_down(&self) {
        self.0.shared.queue.close();
        let writers = std::mem::take(&mut *self.0.writers.lock().unwrap_or_else(PoisonError::into_inner));
        for writer in writers {
            // A writer that panicked has nothing left to wait for; its jobs were answered with a fault.
            let _ = writer.join();
        }
    }

    fn take(&self, work: Box<dyn Work>) -> Result<(), Fault> {
        self.0.shared.queue.push(work)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}

/// One writer thread: a connection and a share of the queue.
struct Writer {
    conn: Conn,
    shared: Arc<Shared>,
}

/// When an attempt at a commit failed: this decides whether it may be tried again.
enum Failed {
    /// Nothing was persisted.
    Before(Fault),
    /// While committing: nobody knows, so running a job again could do its work twice.
    While(Fault),
}

impl Writer {
    fn run(&mut self) {
        while let Some(batch) = self.shared.queue.drain(BATCH) {
            self.commit(batch);
        }
    }

    /// Commits a batch in one transaction, or each of its jobs alone when that fails: a bad job costs its
    /// neighbours nothing but time.
    fn commit(&mut self, mut batch: Vec<Box<dyn Work>>) {
        match self.attempt(&mut batch) {
            Ok(()) => self.succeed(batch),
            Err(Failed::While(fault)) => self.fail(batch, &fault),
            // Trying each job would only wait for the same connection again and again.
            Err(Failed::Before(fault)) if fault.kind() == Kind::Gone => self.fail(batch, &fault),
            Err(Failed::Before(fault)) if batch.len() == 1 && fault.kind() != Kind::Conflict => {
                self.fail(batch, &fault);
            }
            Err(Failed::Before(_)) => {
                self.shared.retried.fetch_add(batch.len() as u64, Relaxed);
                for job in batch {
                    self.commit_alone(job);
                }
            }
        }
    }

    fn commit_alone(&mut self, job: Box<dyn Work>) {
        let mut alone = vec![job];
        for tries_left in (0..TRIES).rev() {
            match self.attempt(&mut alone) {
                Ok(()) => return self.succeed(alone),
                Err(Failed::Before(fault)) if fault.kind() == Kind::Conflict && tries_left > 0 => {}
                Err(Failed::Before(fault) | Failed::While(fault)) => return self.fail(alone, &fault),
            }
        }
    }

    fn attempt(&mut self, batch: &mut [Box<dyn Work>]) -> Result<(), Failed> {
        let mut tx = self.conn.begin(Mode::Write).map_err(Failed::Before)?;
        let events = run(&mut tx, batch).map_err(Failed::Before)?;
        let under = self.shared.policy.get().map(String::as_str);
        log::append(&mut tx, events, &self.shared.signer, under).map_err(Failed::Before)?;
        tx.intact().map_err(Failed::Before)?;
        let injected =
            std::mem::take(&mut *self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner));
        if injected == Faults::FailBeforeCommit {
            return Err(Failed::Before(Fault::gone("committing").because("a test broke the connection")));
        }
        tx.commit().map_err(Failed::While)?;
        if injected == Faults::FailAfterCommit {
            return Err(Failed::While(Fault::gone("committing").because("a test lost the answer")));
        }
        Ok(())
    }

    fn succeed(&self, batch: Vec<Box<dyn Work>>) {
        let jobs = batch.len() as u64;
        self.shared.attempts.fetch_add(jobs, Relaxed);
        self.shared.commits.fetch_add(1, Relaxed);
        self.shared.largest_batch.fetch_max(jobs, Relaxed);
        for job in batch {
            job.answer(Ok(()));
        }
    }

    fn fail(&self, batch: Vec<Box<dyn Work>>, fault: &Fault) {
        self.shared.failed.fetch_add(batch.len() as u64, Relaxed);
        for job in batch {
            job.answer(Err(fault.clone()));
        }
    }
}

/// Locks every account of the batch, then runs its jobs in the order they came.
fn run(tx: &mut Tx<'_>, batch: &mut [Box<dyn Work>]) -> Result<Vec<Event>, Fault> {
    // All at once and the log's head last, so that no two processes wait for each other.
    tx.lock(batch.iter().flat_map(|job| job.locks()).cloned())?;
    let mut events = Vec::with_capacity(batch.len());
    for job in batch {
        // A panic is a bug in one decision; it must not end the writer that serves all others.
        let outcome = catch_unwind(AssertUnwindSafe(|| job.run(tx)));
        let outcome = outcome.map_err(|_| Fault::broken("making a decision").because("it panicked"))?;
        events.append(&mut outcome?);
    }
    Ok(events)
}
