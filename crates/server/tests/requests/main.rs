//! The product as its callers see it: requests to the real router, in process, on a database of their own.

#[path = "../support/app.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod app;
#[path = "../support/authenticator.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod authenticator;
mod client;
mod console;
mod console_cases;
mod console_log;
#[path = "../support/database.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod database;

use app::TestApp;
use database::TestDatabase;

/// Runs a test against an application of its own.
fn with_app<Test: Future<Output = ()>>(test: impl FnOnce(server::app::App) -> Test) {
    let database = TestDatabase::sqlite();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let here = TestApp::start(&database);
    runtime.block_on(test(here.app.clone()));
}
