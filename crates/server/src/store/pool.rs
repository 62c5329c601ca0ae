//! Readers: a few connections that never write, used from async code.
//!
//! Deliberately not here: writing. Everything that changes something goes through the committer.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::driver::{Conn, Database, Tx};
use crate::fault::Fault;

/// Reads from the database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    database: Database,
    /// One permit for each connection that may exist.
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Conn>>,
}

impl Reader {
    /// A pool of at most `size` connections, each opened when first needed.
    pub fn new(database: Database, size: usize) -> Self {
        let permits = Arc::new(Semaphore::new(size));
        Self(Arc::new(Pool { database, permits, idle: Mutex::default() }))
    }

    /// Runs `work` in a read-only transaction on a thread that may block; `work` sees one consistent snapshot.
    pub async fn read<T, F>(&self, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let pool = Arc::clone(&self.0);
        let permit = Arc::clone(&pool.permits).acquire_owned().await;
        let permit = permit.map_err(|error| Fault::broken("waiting for a connection").because(error))?;
        let reading = tokio::task::spawn_blocking(move || {
            let outcome = pool.read(work);
            drop(permit);
            outcome
        });
        reading.await.map_err(|error| Fault::broken("reading from the database").because(error))?
    }
}

impl Pool {
    fn read<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        // A panic while the list was locked cannot have left it half changed: it is only pushed and popped.
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut conn = match idle {
            Some(conn) => conn,
            None => Conn::open(&self.database)?,
        };
        let outcome = conn.read(work);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        outcome
    }
}
