//! The rim of Postern: everything that touches the world.
//!
//! Storage, keys, mail, HTTP and clocks are here; what may happen to an account is decided in `lifecycle`.

pub mod audit;
pub mod fault;
pub mod keys;
pub mod page;
pub mod password;
pub mod store;
