//! The rim of Postern: everything that touches the world.
//!
//! Storage, keys, mail, HTTP and clocks are here; what may happen to an account is decided in `lifecycle`.

pub mod app;
mod assets;
pub mod audit;
pub mod config;
mod console;
mod demo;
pub mod fault;
pub mod http;
pub mod keys;
pub mod metrics;
pub mod notify;
pub mod page;
pub mod password;
pub mod rotation;
pub mod routes;
mod sign_in;
pub mod start;
pub mod store;
mod wording;
