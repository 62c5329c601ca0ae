//! Storage: one SQL text for two databases, one write path with group commit, readers beside it.
//!
//! Only this folder contains SQL, and only `driver` names a database driver. Nothing here decides: a decision
//! is a job handed to the [`Committer`](commit::Committer), made inside the writing transaction from current
//! state.

pub mod accounts;
pub mod apply;
pub mod cases;
pub mod census;
pub mod commit;
pub mod directory;
pub mod driver;
pub mod keys;
pub mod log;
pub mod migrate;
pub mod notices;
pub mod policies;
pub mod pool;
pub mod sessions;
