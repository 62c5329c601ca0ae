//! The tamper-evident log: a Merkle tree over events, signed checkpoints, their verification, export and proofs.
//!
//! What writes and reads the tables is `store::log`; what an event says is the core's affair.

pub mod checkpoint;
pub mod entry;
pub mod export;
pub mod merkle;
pub mod note;
pub mod prove;
pub mod record;
pub mod verify;
