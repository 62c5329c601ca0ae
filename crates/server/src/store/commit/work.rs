//! One job in the queue: the caller's closure, what it replied in its last run, and the way back to the caller.

use tokio::sync::oneshot;

use super::Done;
use crate::audit::entry::Event;
use crate::fault::Fault;
use crate::store::driver::{Lock, Tx};

/// A job whose reply type is forgotten, so that one queue holds them all.
pub(super) trait Work: Send {
    /// The accounts to lock first.
    fn locks(&self) -> &[Lock];
    /// Decides; the reply is kept until it is known whether the decision was committed.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Vec<Event>, Fault>;
    /// Tells the caller.
    fn answer(self: Box<Self>, outcome: Result<(), Fault>);
}

/// The only kind of [`Work`].
pub(super) struct Job<T, F> {
    locks: Vec<Lock>,
    decide: F,
    leaves_events: bool,
    reply: Option<T>,
    caller: oneshot::Sender<Result<T, Fault>>,
}

/// What a caller waits for.
type Answer<T> = oneshot::Receiver<Result<T, Fault>>;

impl<T, F> Job<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Tx<'_>) -> Result<Done<T>, Fault> + Send + 'static,
{
    pub(super) fn decision(locks: Vec<Lock>, decide: F) -> (Box<dyn Work>, Answer<T>) {
        Self::boxed(locks, decide, true)
    }

    pub(super) fn upkeep(locks: Vec<Lock>, decide: F) -> (Box<dyn Work>, Answer<T>) {
        Self::boxed(locks, decide, false)
    }

    fn boxed(locks: Vec<Lock>, decide: F, leaves_events: bool) -> (Box<dyn Work>, Answer<T>) {
        let (caller, answer) = oneshot::channel();
        (Box::new(Self { locks, decide, leaves_events, reply: None, caller }), answer)
    }
}

impl<T, F> Work for Job<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Tx<'_>) -> Result<Done<T>, Fault> + Send + 'static,
{
    fn locks(&self) -> &[Lock] {
        &self.locks
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Vec<Event>, Fault> {
        let Done { reply, events } = (self.decide)(tx)?;
        if self.leaves_events && events.is_empty() {
            return Err(Fault::broken("making a decision").because("it left no event for the audit log"));
        }
        self.reply = Some(reply);
        Ok(events)
    }

    fn answer(self: Box<Self>, outcome: Result<(), Fault>) {
        let Self { reply, caller, .. } = *self;
        let no_reply = || Fault::broken("answering a decision").because("it was committed but never ran");
        let answer = outcome.and_then(|()| reply.ok_or_else(no_reply));
        // A caller that no longer waits does not matter: the decision stands and its event is in the log.
        let _ = caller.send(answer);
    }
}

pub(super) async fn wait<T>(answer: Answer<T>) -> Result<T, Fault> {
    answer.await.map_err(lost)?
}

pub(super) fn wait_here<T>(answer: Answer<T>) -> Result<T, Fault> {
    answer.blocking_recv().map_err(lost)?
}

fn lost(error: oneshot::error::RecvError) -> Fault {
    Fault::broken("waiting for a decision").because(error).help("a writer thread ended early")
}
