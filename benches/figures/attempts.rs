//! Second-factor attempts: how many a second, how many for one commit, at what cost, beside the floor in the same run.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::load::{self, Answer, Run, closed_loop, count, header};
use crate::process::Process;
use crate::served::Served;
use crate::{Anything, company, floor, line};

const CONNECTIONS: usize = 64;
const ATTEMPTS: usize = 10_000;

/// Any 43 characters: the cookie and the form say the same.
const FORM: &str = "0123456789012345678901234567890123456789012";

pub(crate) async fn measure() -> Result<(), Anything> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    let (floor, floor_cpu) = of_floor(&folder).await?;
    let (ours, our_cpu, per_commit) = of_postern(&folder.join("attempts")).await?;
    let what = format!("durable attempts, {CONNECTIONS} connections, SQLite (of the floor)");
    line(&what, ours.per_second(), floor.per_second(), "/s");
    line("  server CPU for one attempt", our_cpu, floor_cpu, "us");
    line("  attempts for one commit (at least 8)", per_commit, 8.0, "");
    line("  latency, median", ours.percentile(50), floor.percentile(50), "ms");
    line("  latency, 99 of 100", ours.percentile(99), floor.percentile(99), "ms");
    Ok(())
}

/// The floor under the load, and its CPU for one attempt in microseconds.
async fn of_floor(folder: &Path) -> Result<(Run, f64), Anything> {
    let database = fresh(folder, "floor.db")?;
    let child = Command::new(std::env::current_exe()?)
        .arg("floor")
        .arg(&database)
        .arg(ATTEMPTS.to_string())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut server = Process(child);
    let mut port = String::new();
    BufReader::new(server.0.stdout.take().ok_or("the floor has no output")?).read_line(&mut port)?;
    let address = SocketAddr::from(([127, 0, 0, 1], port.trim().parse()?));
    let code = floor::code(floor::current_step());
    let host = address.to_string();
    let attempts: Vec<Vec<u8>> = (0..ATTEMPTS)
        .map(|user| load::post(&host, "/verify", "", &format!("user={user}&code={code}")))
        .collect();
    let before = server.cpu()?;
    let (run, _) = closed_loop(address, CONNECTIONS, attempts, |answer| answer.status == 200).await?;
    let cpu = (server.cpu()? - before) / count(run.requests);
    all_accepted("the floor", &run)?;
    Ok((run, cpu))
}

/// Postern under the same load: every member's sign-in is open, and the code is the attempt.
async fn of_postern(folder: &Path) -> Result<(Run, f64, f64), Anything> {
    let server = Served::start(folder, ATTEMPTS, 0).await?;
    let host = format!("localhost:{}", server.address.port());
    let form = format!("__Host-postern-form={FORM}");
    let names = (0..ATTEMPTS).map(|number| {
        load::post(&host, "/sign-in", &form, &format!("csrf={FORM}&name={}", company::name(number)))
    });
    let (opened, cases) = closed_loop(server.address, CONNECTIONS, names.collect(), is_redirect).await?;
    all_accepted("naming oneself at sign-in", &opened)?;

    let code = floor::code(floor::current_step());
    let attempts = cases.iter().map(|answer| {
        let cookies: Vec<&str> = std::iter::once(&form[..]).chain(cookies(answer)).collect();
        load::post(&host, "/sign-in/prove/totp", &cookies.join("; "), &format!("csrf={FORM}&code={code}"))
    });
    let attempts: Vec<Vec<u8>> = attempts.collect();
    let (cpu, (decisions, commits)) = (server.process.cpu()?, server.commits().await?);
    let (run, _) = closed_loop(server.address, CONNECTIONS, attempts, is_signed_in).await?;
    let cpu = (server.process.cpu()? - cpu) / count(run.requests);
    let (more_decisions, more_commits) = server.commits().await?;
    all_accepted("signing in", &run)?;
    Ok((run, cpu, (more_decisions - decisions) / (more_commits - commits)))
}

fn is_redirect(answer: &Answer) -> bool {
    answer.status == 303
}

fn is_signed_in(answer: &Answer) -> bool {
    answer.status == 303
        && cookies(answer).any(|cookie| cookie.starts_with("__Host-postern=") && cookie.len() > 20)
}

/// Each cookie that the answer sets, as `name=value`.
fn cookies(answer: &Answer) -> impl Iterator<Item = &str> {
    let lines = answer.head.lines().filter_map(|line| header(line, "set-cookie"));
    lines.filter_map(|cookie| cookie.split(';').next())
}

fn all_accepted(what: &str, run: &Run) -> Result<(), Anything> {
    if run.refused > 0 {
        let (refused, all, first) = (run.refused, run.requests, &run.first_refusal);
        return Err(
            format!("{what}: {refused} of {all} requests were refused, the first with\n{first}").into()
        );
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
