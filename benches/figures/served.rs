//! `postern serve` as a process of its own, from its start to its first answer.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Anything;
use crate::company::{self, Company};
use crate::load::{Answer, Line};
use crate::process::Process;

pub(crate) struct Served {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    /// From the start of the process to its first answer.
    pub(crate) started: Duration,
    metrics: SocketAddr,
}

impl Served {
    /// A fresh database of a company, and a server on it.
    pub(crate) async fn start(folder: &Path, company: &Company<'_>) -> Result<Served, Anything> {
        let (listen, metrics) = (free_port()?, free_port()?);
        let configuration = company::found(folder, listen, metrics, company).await?;
        Served::on(&configuration, listen, metrics).await
    }

    /// A server on what is there.
    pub(crate) async fn on(configuration: &Path, listen: u16, metrics: u16) -> Result<Served, Anything> {
        let began = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_postern"))
            .args(["serve", "--config"])
            .arg(configuration)
            .env("POSTERN_LOG", "error")
            .stdout(Stdio::null())
            .spawn()?;
        let process = Process(child);
        let address = SocketAddr::from(([127, 0, 0, 1], listen));
        let patience = Duration::from_secs(30);
        loop {
            if let Ok(mut line) = Line::connect(address).await
                && let Ok(Answer { status: 200, .. }) = line.ask(get("/readyz").as_bytes()).await
            {
                break;
            }
            if began.elapsed() > patience {
                return Err("`postern serve` did not answer within 30 s".into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let started = began.elapsed();
        Ok(Served { process, address, started, metrics: SocketAddr::from(([127, 0, 0, 1], metrics)) })
    }

    /// Decisions and commits so far.
    pub(crate) async fn commits(&self) -> Result<(f64, f64), Anything> {
        let answer = Line::connect(self.metrics).await?.ask(get("/metrics").as_bytes()).await?;
        let text = String::from_utf8(answer.body)?;
        let value =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
        let decisions = value("postern_decisions_total").ok_or("the metrics count no decisions")?;
        let commits = value("postern_commits_total").ok_or("the metrics count no commits")?;
        Ok((decisions, commits))
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// A port that nobody has at this moment.
pub(crate) fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
