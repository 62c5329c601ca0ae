//! A closed loop of HTTP/1.1 requests over a fixed number of connections.
//!
//! Owns sending, receiving and timing. Knows neither what is asked nor by whom it is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer, as far as a measurement looks at it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// What one run of the loop showed.
pub(crate) struct Run {
    pub(crate) requests: usize,
    pub(crate) refused: usize,
    /// What the first refused request was told.
    pub(crate) first_refusal: String,
    pub(crate) took: Duration,
    latencies: Vec<Duration>,
}

impl Run {
    pub(crate) fn per_second(&self) -> f64 {
        count(self.requests) / self.took.as_secs_f64()
    }

    /// The latency below which this share of the requests stayed, in milliseconds.
    pub(crate) fn percentile(&self, share: usize) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = (self.latencies.len() * share / 100).min(last);
        self.latencies.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    }
}

/// Counts here stay far below 2^52, where a float is exact.
pub(crate) fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

/// Sends every request once, over so many connections, each as soon as its connection is free. Besides the figures it
/// gives the answers, in the order of the requests.
pub(crate) async fn closed_loop(
    address: SocketAddr,
    connections: usize,
    requests: Vec<Vec<u8>>,
    is_accepted: fn(&Answer) -> bool,
) -> std::io::Result<(Run, Vec<Answer>)> {
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let mut lines = Vec::new();
    for _ in 0..connections {
        lines.push(Line::connect(address).await?);
    }
    let began = Instant::now();
    let mut tasks = Vec::new();
    for mut line in lines {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        tasks.push(tokio::spawn(async move {
            let mut answered = Vec::new();
            loop {
                let number = next.fetch_add(1, Relaxed);
                let Some(request) = requests.get(number) else { break };
                let sent = Instant::now();
                let answer = line.ask(request).await?;
                answered.push((number, sent.elapsed(), answer));
            }
            Ok::<_, std::io::Error>(answered)
        }));
    }
    let mut answered = Vec::with_capacity(requests.len());
    for task in tasks {
        answered.extend(task.await.map_err(std::io::Error::other)??);
    }
    let took = began.elapsed();
    answered.sort_unstable_by_key(|(number, ..)| *number);
    let mut refusals =
        answered.iter().map(|(.., answer)| answer).filter(|answer| !is_accepted(answer)).peekable();
    let first_refusal = refusals.peek().map(|answer| answer.head.clone()).unwrap_or_default();
    let refused = refusals.count();
    let mut latencies: Vec<Duration> = answered.iter().map(|(_, latency, _)| *latency).collect();
    latencies.sort_unstable();
    let answers = answered.into_iter().map(|(.., answer)| answer).collect();
    Ok((Run { requests: requests.len(), refused, first_refusal, took, latencies }, answers))
}

/// One connection that is kept open.
pub(crate) struct Line {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Line {
    pub(crate) async fn connect(address: SocketAddr) -> std::io::Result<Line> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Line { stream, received: Vec::with_capacity(16 * 1024) })
    }

    /// Sends one request and reads its whole answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> std::io::Result<Answer> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let head = loop {
            if let Some(at) = find(&self.received, b"\r\n\r\n") {
                break at;
            }
            self.receive().await?;
        };
        let text = String::from_utf8_lossy(&self.received[..head]).into_owned();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| std::io::Error::other("an answer without a status"))?;
        let length: usize =
            header(&text, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        while self.received.len() < head + 4 + length {
            self.receive().await?;
        }
        Ok(Answer { status, head: text, body: self.received[head + 4..head + 4 + length].to_vec() })
    }

    async fn receive(&mut self) -> std::io::Result<()> {
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err(std::io::Error::other("the server closed the connection")),
            _ => Ok(()),
        }
    }
}

/// The value of a header, by its name in lower case.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// A form post. `cookies` is the value of the header, empty for none.
pub(crate) fn post(host: &str, path: &str, cookies: &str, form: &str) -> Vec<u8> {
    let cookies = if cookies.is_empty() { String::new() } else { format!("Cookie: {cookies}\r\n") };
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n{cookies}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
