//! The product as a person meets it: real pages in a real Chromium, with a virtual authenticator for passkeys.

mod chain;
#[expect(dead_code, reason = "the storage tests use more of it")]
#[path = "../support/database.rs"]
mod database;
mod person;
mod pictures;
mod product;
mod smoke;
mod support;
