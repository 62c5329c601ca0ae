//! What the server takes for a sign-in, for each page of the console, and for off-boarding.

use std::time::{Duration, Instant};

use crate::browser::{is_redirect, is_signed_in, post, visitor};
use crate::load::{Answer, Line, Run, closed_loop, count};
use crate::served::Served;
use crate::table::Table;
use crate::{Anything, browser, company, floor, history};

const CONNECTIONS: usize = 64;
/// Members who sign in, spread over all, and how often each: a time step is good once, and one beside now is good too.
const WHO: usize = 1_000;
const STEPS: [i64; 2] = [0, 1];
/// Long enough that the kernel's ticks of 10 ms do not matter.
const PATIENCE: Duration = Duration::from_millis(400);
/// Members who are off-boarded, one after the other.
const LEAVING: usize = 40;

/// Sign-ins with a code, at one size: the rate, and what one takes.
pub(crate) async fn sign_ins(server: &Served, members: usize, table: &mut Table) -> Result<(), Anything> {
    let host = format!("localhost:{}", server.address.port());
    let now = floor::current_step();
    let (mut cpu, mut rate) = (0.0, 0.0);
    for step in STEPS {
        let name = |number: usize| company::name(number * (members / WHO));
        let names =
            (0..WHO).map(|number| post(&host, "/sign-in", &visitor(), &format!("name={}", name(number))));
        let (_, cases) = closed_loop(server.address, CONNECTIONS, names.collect(), is_redirect).await?;
        let fields = format!("code={}", floor::code(now + step));
        let codes =
            cases.iter().map(|case| post(&host, "/sign-in/prove/totp", &browser::after(case), &fields));
        let before = server.process.cpu()?;
        let (run, _) = closed_loop(server.address, CONNECTIONS, codes.collect(), is_signed_in).await?;
        cpu += server.process.cpu()? - before;
        rate = run.per_second().max(rate);
        accepted(&run)?;
    }
    table.note("a right code, CPU", "us", cpu / count(WHO * STEPS.len()));
    table.note("right codes, 64 connections", "/s", rate);
    Ok(())
}

fn accepted(run: &Run) -> Result<(), Anything> {
    let (refused, all, first) = (run.refused, run.requests, &run.first_refusal);
    if refused == 0 {
        return Ok(());
    }
    Err(format!("{refused} of {all} requests were answered otherwise, the first with\n{first}").into())
}

/// Every page of the console that lists something, and the figures for Prometheus.
pub(crate) async fn show(
    server: &Served,
    members: usize,
    ids: &[String],
    table: &mut Table,
) -> Result<(), Anything> {
    let (last, middle) = (members / 25, members * history::EVENTS / 2);
    let (busy, quiet, name) = (&ids[1], &ids[members / 2], company::name(members / 2));
    for (what, path) in [
        ("overview", "/console".to_owned()),
        ("members, first page", "/console/members".to_owned()),
        ("members, last page", format!("/console/members?page={last}")),
        ("members, one found by name", format!("/console/members?q={name}")),
        ("members, the invited (none)", "/console/members?state=invited".to_owned()),
        ("members, those who left (none)", "/console/members?state=offboarded".to_owned()),
        ("one member", format!("/console/members/{quiet}")),
        ("one member, with a tenth of all that happened", format!("/console/members/{busy}")),
        ("audit log, newest", "/console/audit".to_owned()),
        ("audit log, from its middle", format!("/console/audit?before={middle}")),
        ("audit log, of a rare kind", "/console/audit?kind=keys-rotated".to_owned()),
        ("audit log, of one member", format!("/console/audit?member={name}")),
        ("open cases", "/console/cases".to_owned()),
        ("ended cases", "/console/cases?state=closed".to_owned()),
        ("approvals", "/console/approvals".to_owned()),
        ("notices", "/console/notices".to_owned()),
        ("blast, what may fall", "/console/blast".to_owned()),
        ("blast of phishing", "/console/blast?falls=phish".to_owned()),
    ] {
        let cookies = format!("{}; __Host-postern={}", visitor(), history::COOKIE);
        let host = format!("localhost:{}", server.address.port());
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n\r\n");
        table.note(what, "ms", page(server, request.as_bytes()).await?);
    }
    Ok(())
}

/// Milliseconds of the server for one page, after it was seen once.
async fn page(server: &Served, request: &[u8]) -> Result<f64, Anything> {
    let mut line = Line::connect(server.address).await?;
    shown(&line.ask(request).await?)?;
    let (before, began, mut pages) = (server.process.cpu()?, Instant::now(), 0);
    while began.elapsed() < PATIENCE {
        shown(&line.ask(request).await?)?;
        pages += 1;
    }
    Ok((server.process.cpu()? - before) / count(pages) / 1e3)
}

fn shown(answer: &Answer) -> Result<(), Anything> {
    match answer.status {
        200 => Ok(()),
        _ => Err(format!("a page was answered with\n{}", answer.head).into()),
    }
}

/// Off-boarding members with the usual history, then the one with the longest. Milliseconds from the request to the
/// answer, with the commit.
pub(crate) async fn off_board(server: &Served, ids: &[String], table: &mut Table) -> Result<(), Anything> {
    let mut line = Line::connect(server.address).await?;
    let host = format!("localhost:{}", server.address.port());
    let cookies = format!("{}; __Host-postern={}", visitor(), history::COOKIE);
    let mut leave = async |number: usize| {
        let path = format!("/console/members/{}/offboard", ids[number]);
        let fields = format!("typed={}&reason=left", company::name(number));
        let began = Instant::now();
        let answer = line.ask(&post(&host, &path, &cookies, &fields)).await?;
        if is_redirect(&answer) {
            return Ok(began.elapsed());
        }
        Err::<_, Anything>(format!("off-boarding was answered with\n{}", answer.head).into())
    };
    let mut took = vec![];
    for number in 2..2 + LEAVING {
        took.push(leave(number).await?);
    }
    took.sort_unstable();
    table.note("off-boarding a member, median", "ms", took[LEAVING / 2].as_secs_f64() * 1e3);
    table.note("off-boarding the one with a tenth of everything", "ms", leave(1).await?.as_secs_f64() * 1e3);
    Ok(())
}
