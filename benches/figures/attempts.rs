//! Second-factor attempts: how many a second, how many for one commit, at what cost, beside the floor in the same run.
//!
//! Right codes, each of which ends in a new session, and wrong ones, each of which is counted against its authenticator.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::browser::{self, is_redirect, is_refused, is_signed_in, visitor};
use crate::company::{self, Company, Login};
use crate::load::{self, Answer, Run, closed_loop, count};
use crate::process::Process;
use crate::served::Served;
use crate::{Anything, durable, floor, line};

const CONNECTIONS: usize = 64;
/// Of each kind: enough that the kernel's ticks of 10 ms do not matter.
const ATTEMPTS: usize = 20_000;

/// A code that is right at no time.
const WRONG: &str = "wrong!";

/// One load and what it cost the server.
struct Cost {
    run: Run,
    /// Microseconds of the server for one attempt.
    cpu: f64,
}

/// What one server showed under both loads.
struct Both {
    right: Cost,
    wrong: Cost,
}

pub(crate) async fn measure() -> Result<(), Anything> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    let floor = of_floor(&folder).await?;
    let (ours, per_commit) = of_postern(&folder.join("attempts"), None).await?;
    for (what, ours, floor) in
        [("a right code: a sign-in", &ours.right, &floor.right), ("a wrong code", &ours.wrong, &floor.wrong)]
    {
        let what = format!("{what}, durable, {CONNECTIONS} connections, SQLite (of the floor)");
        line(&what, ours.run.per_second(), floor.run.per_second(), "/s");
        line("  server CPU for one attempt", ours.cpu, floor.cpu, "us");
        line("  latency, median", ours.run.percentile(50), floor.run.percentile(50), "ms");
        line("  latency, 99 of 100", ours.run.percentile(99), floor.run.percentile(99), "ms");
    }
    line("attempts for one commit (at least 8)", per_commit, 8.0, "");
    on_postgres(&folder).await
}

/// The same on PostgreSQL, beside as many clients that do nothing else.
async fn on_postgres(folder: &Path) -> Result<(), Anything> {
    let Ok(url) = std::env::var("POSTERN_TEST_POSTGRES") else {
        println!("on PostgreSQL: not measured, `./check figures` starts one");
        return Ok(());
    };
    let server = url.clone();
    let limit = tokio::task::spawn_blocking(move || durable::per_second(&server, CONNECTIONS, ATTEMPTS));
    let limit = limit.await??;
    let database = durable::Fresh::make(&url).await?;
    let (ours, per_commit) = of_postern(&folder.join("postgres"), Some(&database.url)).await?;
    for (what, ours) in [("a right code: a sign-in", &ours.right), ("a wrong code", &ours.wrong)] {
        let what = format!("{what}, durable, {CONNECTIONS} connections, PostgreSQL");
        line(&what, ours.run.per_second(), limit, "/s");
    }
    line("attempts for one commit (at least 8)", per_commit, 8.0, "");
    Ok(())
}

/// The floor under the load.
async fn of_floor(folder: &Path) -> Result<Both, Anything> {
    let database = fresh(folder, "floor.db")?;
    let child = Command::new(std::env::current_exe()?)
        .arg("floor")
        .arg(&database)
        .arg((2 * ATTEMPTS).to_string())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut server = Process(child);
    let mut port = String::new();
    BufReader::new(server.0.stdout.take().ok_or("the floor has no output")?).read_line(&mut port)?;
    let address = SocketAddr::from(([127, 0, 0, 1], port.trim().parse()?));
    let host = address.to_string();
    let attempts = |first: usize, code: &str| {
        let of_user = |user| load::post(&host, "/verify", "", &format!("user={user}&code={code}"));
        (first..first + ATTEMPTS).map(of_user).collect()
    };
    let code = floor::code(floor::current_step());
    let right = cost(&server, address, attempts(0, &code), |answer| answer.status == 200).await?;
    let wrong = cost(&server, address, attempts(ATTEMPTS, WRONG), |answer| answer.status == 403).await?;
    Ok(Both { right, wrong })
}

/// Postern under the same load: every member's sign-in is open, and the code is the attempt.
async fn of_postern(folder: &Path, database: Option<&str>) -> Result<(Both, f64), Anything> {
    let company = Company { members: 2 * ATTEMPTS, sessions: 0, login: Login::Totp, database };
    let server = Served::start(folder, &company).await?;
    let host = format!("localhost:{}", server.address.port());
    let names = (0..2 * ATTEMPTS).map(|number| {
        browser::post(&host, "/sign-in", &visitor(), &format!("name={}", company::name(number)))
    });
    let (opened, cases) = closed_loop(server.address, CONNECTIONS, names.collect(), is_redirect).await?;
    all_accepted("naming oneself at sign-in", &opened)?;

    let attempts = |cases: &[Answer], code: &str| {
        let fields = format!("code={code}");
        let attempt = |case| browser::post(&host, "/sign-in/prove/totp", &browser::after(case), &fields);
        cases.iter().map(attempt).collect()
    };
    let (first, second) = cases.split_at(ATTEMPTS);
    let (decisions, commits) = server.commits().await?;
    let code = floor::code(floor::current_step());
    let right = cost(&server.process, server.address, attempts(first, &code), is_signed_in).await?;
    let wrong = cost(&server.process, server.address, attempts(second, WRONG), is_refused).await?;
    let (more_decisions, more_commits) = server.commits().await?;
    Ok((Both { right, wrong }, (more_decisions - decisions) / (more_commits - commits)))
}

async fn cost(
    server: &Process,
    address: SocketAddr,
    attempts: Vec<Vec<u8>>,
    is_expected: fn(&Answer) -> bool,
) -> Result<Cost, Anything> {
    let before = server.cpu()?;
    let (run, _) = closed_loop(address, CONNECTIONS, attempts, is_expected).await?;
    let cpu = (server.cpu()? - before) / count(run.requests);
    all_accepted("attempts", &run)?;
    Ok(Cost { run, cpu })
}

fn all_accepted(what: &str, run: &Run) -> Result<(), Anything> {
    if run.refused > 0 {
        let (refused, all, first) = (run.refused, run.requests, &run.first_refusal);
        return Err(format!(
            "{what}: {refused} of {all} requests were answered otherwise, the first with\n{first}"
        )
        .into());
    }
    Ok(())
}

/// A path on which nothing is left from an earlier run.
fn fresh(folder: &Path, name: &str) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    for left in ["", "-wal", "-shm"] {
        let path = folder.join(format!("{name}{left}"));
        if path.exists() {
            std::fs::remove_file(path)?;
        }
    }
    Ok(folder.join(name))
}
