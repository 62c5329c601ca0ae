//! The product as its callers see it: requests to the real router, in process, on a database of their own.

mod account;
#[path = "../support/app.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod app;
#[path = "../support/authenticator.rs"]
mod authenticator;
mod bind;
mod client;
mod connections;
mod console;
mod console_cases;
mod console_log;
#[path = "../support/database.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod database;
mod demo;
mod enrol;
mod hostile;
mod nobody;
mod recover;
mod sign_in;
mod strangers;
mod walk;

use app::TestApp;
use database::TestDatabase;

/// Runs a test against an application of its own.
fn with_app<Test: Future<Output = ()>>(test: impl FnOnce(server::app::App) -> Test) {
    let database = TestDatabase::sqlite();
    run(&TestApp::start(&database), test);
}

/// The same on the other database.
fn with_app_on_postgres<Test: Future<Output = ()>>(test: impl FnOnce(server::app::App) -> Test) {
    let database = TestDatabase::postgres();
    run(&TestApp::start(&database), test);
}

/// The same in demo mode.
fn with_demo<Test: Future<Output = ()>>(test: impl FnOnce(server::app::App) -> Test) {
    let database = TestDatabase::sqlite();
    run(&TestApp::start_as(&database, true), test);
}

fn run<Test: Future<Output = ()>>(here: &TestApp, test: impl FnOnce(server::app::App) -> Test) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(test(here.app.clone()));
}
