//! One million members assessed: what the whole command takes, and what of it is not reading the database.
//!
//! `cargo bench -p postern --bench members`. Nothing here is a test: a figure is printed, never asserted. What each
//! means is in docs/benchmarks.md.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "../growth/command.rs"]
mod command;
#[path = "../figures/process.rs"]
#[expect(dead_code, reason = "not every figure of a process is asked for here")]
mod process;
mod synthetic;

use std::path::Path;
use std::time::Instant;

use policy::model::Date;
use policy::profile::Memo;
use policy::{Ranking, check};
use server::start::read_policy;

type Anything = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Anything> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("members");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/company.toml");
    println!(
        "{:>12}{:>12}{:>16}{:>10}{:>12}{:>18}{:>14}",
        "members", "profiles", "whole command", "its CPU", "memory", "of it, reading", "without it"
    );
    for members in [10_000, 100_000, 1_000_000] {
        let database = folder.join(format!("{members}.sqlite"));
        synthetic::fill(&database, members)?;
        let (path, file) = (text(&policy)?, text(&database)?);
        let whole = command::whole(&["assess", path, "--db", file])?;
        let began = Instant::now();
        let mut conn =
            server::store::migrate::open_current(&server::store::driver::Database::Sqlite(database.clone()))?;
        let census = conn.read(|tx| server::assess::Census::take(tx, None))?;
        let reading = began.elapsed().as_secs_f64();
        drop(census);
        let (profiles, without) = in_process(&policy, members)?;
        println!(
            "{members:>12}{profiles:>12}{:>16}{:>10}{:>12}{:>18}{:>14}",
            format!("{:.2} s", whole.seconds),
            format!("{:.2} s", whole.cpu),
            format!("{:.0} MiB", whole.memory),
            format!("{reading:.2} s"),
            format!("{without:.2} s"),
        );
    }
    println!("limit: 3 s and 1,024 MiB for 1,000,000 members, whole command");
    Ok(())
}

fn text(path: &Path) -> Result<&str, Anything> {
    path.to_str().ok_or_else(|| "a path that is no text".into())
}

/// Members who are made up one by one, each looked up in the memory of readings: no database. Profiles and seconds.
fn in_process(policy: &Path, members: u64) -> Result<(usize, f64), Anything> {
    let source = read_policy(policy)?;
    let began = Instant::now();
    let checked = check(&source, Date { year: 2026, month: 1, day: 1 });
    let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) else {
        return Err("the example is a policy".into());
    };
    let ranking = Ranking::of(model, analysis);
    let mut memo = Memo::new(model);
    let mut weaker = 0_u64;
    for number in 0..members {
        let member = synthetic::member(number);
        if let Some(profile) = member.holding().profile(model, &ranking) {
            let reading = memo.reading(&profile)?;
            weaker += u64::from(reading.verdict == policy::takeover::Verdict::Weaker);
        }
    }
    std::hint::black_box(weaker);
    Ok((memo.len(), began.elapsed().as_secs_f64()))
}
