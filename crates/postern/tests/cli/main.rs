//! The command as people run it: a process with arguments, an exit code and what it prints.

#[path = "../support/browser.rs"]
mod browser;
#[path = "../../../server/tests/support/database.rs"]
#[expect(dead_code, reason = "the command makes its tables itself")]
mod database;
#[path = "../support/people.rs"]
mod people;
#[path = "../support/place.rs"]
mod place;

mod abuse;
mod audit;
mod demo;
mod diff;
mod import;
mod keys;
mod kill;
mod member;
mod outage;
mod outputs;
mod pipe;
mod plan;
mod policy_text;
mod start;
mod takeover;
