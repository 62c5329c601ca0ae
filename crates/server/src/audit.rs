//! The tamper-evident log: a Merkle tree over events, signed checkpoints, and their verification.
//!
//! Pure of storage: what writes and reads the tables is `store::log`; what an event says is the core's affair.

pub mod checkpoint;
pub mod entry;
pub mod merkle;
pub mod note;
