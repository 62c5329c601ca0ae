//! The rim of Postern: everything that touches the world.
//!
//! Storage, keys, mail, HTTP and clocks are here; what may happen to an account is decided in `lifecycle`.

mod account;
pub mod app;
pub mod assess;
mod assets;
pub mod audit;
mod case;
pub mod config;
mod console;
mod demo;
mod enrol;
pub mod fault;
pub mod http;
pub mod install;
pub mod keys;
pub mod metrics;
pub mod notify;
pub mod page;
pub mod password;
pub mod plan;
mod recover;
pub mod rotation;
pub mod routes;
mod sign_in;
pub mod start;
mod stop;
pub mod store;
mod wording;
