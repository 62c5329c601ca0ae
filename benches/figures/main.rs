//! The figures of Postern, each beside the limit or the bound that it is measured against, in one run.
//!
//! `cargo bench -p postern --bench figures`. Nothing here is a test: a figure is printed, never asserted. What each
//! means and why it was chosen is in docs/benchmarks.md.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod attempts;
#[path = "../../crates/server/tests/support/authenticator.rs"]
mod authenticator;
mod browser;
mod checking;
mod company;
mod durable;
mod floor;
mod load;
mod process;
mod served;
mod sign_in;
mod size;

use std::path::Path;

type Anything = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Anything> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    // The floor is a process of its own, so that its CPU can be told from the load generator's.
    if let [role, database, users] = &arguments[..]
        && role == "floor"
    {
        return runtime.block_on(floor::run(Path::new(database), users.parse()?));
    }
    println!("{:<58}{:>14}{:>14}{:>10}", "", "measured", "limit", "ratio");
    let is_wanted = |part: &str| arguments.is_empty() || arguments.iter().any(|wanted| wanted == part);
    if is_wanted("checking") {
        checking::measure()?;
    }
    if is_wanted("size") {
        runtime.block_on(size::measure())?;
    }
    if is_wanted("attempts") {
        runtime.block_on(attempts::measure())?;
    }
    if is_wanted("sign-in") {
        runtime.block_on(sign_in::measure())?;
    }
    Ok(())
}

/// One line of the report: a figure, what it is held against, and how they compare.
fn line(what: &str, measured: f64, limit: f64, unit: &str) {
    println!(
        "{what:<58}{:>14}{:>14}{:>9.2}x",
        format!("{measured:.1} {unit}"),
        format!("{limit:.1} {unit}"),
        measured / limit
    );
}
