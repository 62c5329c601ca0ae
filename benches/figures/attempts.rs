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
/// The floor and Postern take turns, so that both meet whatever else the machine does.
const ROUNDS: usize = 5;
/// Of each kind in each round: enough that the kernel's ticks of 10 ms do not matter over all rounds.
const ATTEMPTS: usize = 4_000;
/// Members: nobody makes two attempts.
const MEMBERS: usize = 2 * ROUNDS * ATTEMPTS;

/// A code that is right at no time.
const WRONG: &str = "wrong!";

/// What one server showed under one kind of load, a run for each round.
#[derive(Default)]
struct Cost {
    runs: Vec<Run>,
    /// Of the server, in microseconds.
    cpu: f64,
    /// To files, in bytes.
    written: f64,
}

impl Cost {
    fn median(&self, of: impl Fn(&Run) -> f64) -> f64 {
        median(self.runs.iter().map(of).collect())
    }

    fn per_attempt(&self, sum: f64) -> f64 {
        sum / count(self.runs.iter().map(|run| run.requests).sum())
    }
}

/// What one server showed under both loads.
#[derive(Default)]
struct Both {
    right: Cost,
    wrong: Cost,
}

/// Sends a load of both kinds to one server, round after round.
struct Rounds<'a> {
    server: &'a Process,
    address: SocketAddr,
    costs: Both,
}

impl<'a> Rounds<'a> {
    fn new(server: &'a Process, address: SocketAddr) -> Rounds<'a> {
        Rounds { server, address, costs: Both::default() }
    }

    async fn right(
        &mut self,
        attempts: Vec<Vec<u8>>,
        is_expected: fn(&Answer) -> bool,
    ) -> Result<(), Anything> {
        load(self.server, self.address, attempts, is_expected, &mut self.costs.right).await
    }

    async fn wrong(
        &mut self,
        attempts: Vec<Vec<u8>>,
        is_expected: fn(&Answer) -> bool,
    ) -> Result<(), Anything> {
        load(self.server, self.address, attempts, is_expected, &mut self.costs.wrong).await
    }
}

async fn load(
    server: &Process,
    address: SocketAddr,
    attempts: Vec<Vec<u8>>,
    is_expected: fn(&Answer) -> bool,
    cost: &mut Cost,
) -> Result<(), Anything> {
    let (cpu, written) = (server.cpu()?, server.written()?);
    let (run, _) = closed_loop(address, CONNECTIONS, attempts, is_expected).await?;
    cost.cpu += server.cpu()? - cpu;
    cost.written += server.written()? - written;
    all_accepted("attempts", &run)?;
    cost.runs.push(run);
    Ok(())
}

pub(crate) async fn measure() -> Result<(), Anything> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    let (floor, ours, per_commit) = beside_the_floor(&folder).await?;
    for (what, ours, floor) in
        [("a right code: a sign-in", &ours.right, &floor.right), ("a wrong code", &ours.wrong, &floor.wrong)]
    {
        let what = format!("{what}, durable, {CONNECTIONS} connections, SQLite (of the floor)");
        let pairs = ours.runs.iter().zip(&floor.runs);
        let share = median(pairs.map(|(ours, floor)| ours.per_second() / floor.per_second()).collect());
        line(&what, ours.median(Run::per_second), floor.median(Run::per_second), "/s");
        println!("{:<58}{:>38.2}x", "  median of the ratios, round by round", share);
        line("  server CPU for one attempt", ours.per_attempt(ours.cpu), floor.per_attempt(floor.cpu), "us");
        let kilobytes = |cost: &Cost| cost.per_attempt(cost.written) / 1024.0;
        line("  written to files for one attempt", kilobytes(ours), kilobytes(floor), "KiB");
        for (name, share) in [("  latency, median", 50), ("  latency, 99 of 100", 99)] {
            let latency = |run: &Run| run.percentile(share);
            line(name, ours.median(latency), floor.median(latency), "ms");
        }
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
    let database = durable::Fresh::make(&url).await?;
    let postern = Postern::start(&folder.join("postgres"), Some(&database.url)).await?;
    let mut ours = Rounds::new(&postern.server.process, postern.server.address);
    let before = postern.server.commits().await?;
    let mut limits = Vec::new();
    for round in 0..ROUNDS {
        let server = url.clone();
        let limit = tokio::task::spawn_blocking(move || durable::per_second(&server, CONNECTIONS, ATTEMPTS));
        limits.push(limit.await??);
        postern.round(round, &mut ours).await?;
    }
    let per_commit = postern.per_commit(before).await?;
    for (what, ours) in [("a right code: a sign-in", &ours.costs.right), ("a wrong code", &ours.costs.wrong)]
    {
        let what = format!("{what}, durable, {CONNECTIONS} connections, PostgreSQL");
        let pairs = ours.runs.iter().zip(&limits);
        let share = median(pairs.map(|(ours, limit)| ours.per_second() / limit).collect());
        line(&what, ours.median(Run::per_second), median(limits.clone()), "/s");
        println!("{:<58}{:>38.2}x", "  median of the ratios, round by round", share);
        println!(
            "{:<58}{:>14}",
            "  server CPU for one attempt",
            format!("{:.1} us", ours.per_attempt(ours.cpu))
        );
    }
    line("attempts for one commit (at least 8)", per_commit, 8.0, "");
    Ok(())
}

/// The floor and Postern on SQLite, in turns.
async fn beside_the_floor(folder: &Path) -> Result<(Both, Both, f64), Anything> {
    let (floor, floor_address) = start_floor(folder)?;
    let postern = Postern::start(&folder.join("attempts"), None).await?;
    let host = floor_address.to_string();
    let attempts = |first: usize, code: &str| -> Vec<Vec<u8>> {
        let of_user = |user| load::post(&host, "/verify", "", &format!("user={user}&code={code}"));
        (first..first + ATTEMPTS).map(of_user).collect()
    };
    let mut of_floor = Rounds::new(&floor, floor_address);
    let mut ours = Rounds::new(&postern.server.process, postern.server.address);
    let before = postern.server.commits().await?;
    for round in 0..ROUNDS {
        let first = 2 * round * ATTEMPTS;
        let code = floor::code(floor::current_step());
        of_floor.right(attempts(first, &code), |answer| answer.status == 200).await?;
        of_floor.wrong(attempts(first + ATTEMPTS, WRONG), |answer| answer.status == 403).await?;
        postern.round(round, &mut ours).await?;
    }
    let per_commit = postern.per_commit(before).await?;
    Ok((of_floor.costs, ours.costs, per_commit))
}

fn start_floor(folder: &Path) -> Result<(Process, SocketAddr), Anything> {
    let database = fresh(folder, "floor.db")?;
    let child = Command::new(std::env::current_exe()?)
        .arg("floor")
        .arg(&database)
        .arg(MEMBERS.to_string())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut server = Process(child);
    let mut port = String::new();
    BufReader::new(server.0.stdout.take().ok_or("the floor has no output")?).read_line(&mut port)?;
    Ok((server, SocketAddr::from(([127, 0, 0, 1], port.trim().parse()?))))
}

/// Postern with a sign-in open for every member, so that a code is all that is missing.
struct Postern {
    server: Served,
    cases: Vec<Answer>,
}

impl Postern {
    async fn start(folder: &Path, database: Option<&str>) -> Result<Postern, Anything> {
        let company = Company { members: MEMBERS, sessions: 0, login: Login::Totp, database };
        let server = Served::start(folder, &company).await?;
        let host = format!("localhost:{}", server.address.port());
        let names = (0..MEMBERS).map(|number| {
            browser::post(&host, "/sign-in", &visitor(), &format!("name={}", company::name(number)))
        });
        let (opened, cases) = closed_loop(server.address, CONNECTIONS, names.collect(), is_redirect).await?;
        all_accepted("naming oneself at sign-in", &opened)?;
        Ok(Postern { server, cases })
    }

    async fn round(&self, round: usize, costs: &mut Rounds<'_>) -> Result<(), Anything> {
        let host = format!("localhost:{}", self.server.address.port());
        let attempts = |cases: &[Answer], code: &str| -> Vec<Vec<u8>> {
            let fields = format!("code={code}");
            let attempt = |case| browser::post(&host, "/sign-in/prove/totp", &browser::after(case), &fields);
            cases.iter().map(attempt).collect()
        };
        let first = 2 * round * ATTEMPTS;
        let (right, wrong) = self.cases[first..first + 2 * ATTEMPTS].split_at(ATTEMPTS);
        let code = floor::code(floor::current_step());
        costs.right(attempts(right, &code), is_signed_in).await?;
        costs.wrong(attempts(wrong, WRONG), is_refused).await
    }

    /// Decisions for one commit since the server counted so many of both.
    async fn per_commit(&self, (decisions, commits): (f64, f64)) -> Result<f64, Anything> {
        let (more_decisions, more_commits) = self.server.commits().await?;
        Ok((more_decisions - decisions) / (more_commits - commits))
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
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
