//! Connections by hand, over a real socket: what a client can hold up, and what it cannot.

use std::time::Duration;

use server::app::App;
use server::http::connections::{self, Patience};
use server::routes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::with_app;

/// Longer than anything here may take: a test that reaches it has failed.
const AGES: Duration = Duration::from_mins(1);

/// Patient with everything but what a test is about.
fn patient() -> Patience {
    Patience { connections: 8, head: AGES, body: AGES, ending: AGES }
}

/// A listener of the product.
struct Served {
    address: std::net::SocketAddr,
    stop: watch::Sender<bool>,
    ended: JoinHandle<()>,
}

async fn served(app: &App, patience: Patience) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    let (stop, stopped) = watch::channel(false);
    let ended = tokio::spawn(connections::serve(listener, routes::router(app), patience, stopped));
    Served { address, stop, ended }
}

async fn connect(served: &Served) -> TcpStream {
    TcpStream::connect(served.address).await.expect("somebody listens")
}

async fn say(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.expect("the connection is open");
}

/// All that comes until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let read = tokio::time::timeout(AGES, stream.read_to_end(&mut all)).await;
    // A connection that is reset is closed as well.
    let _ = read.expect("the server closes it");
    String::from_utf8_lossy(&all).into_owned()
}

/// A whole question and its answer, on a connection that stays open.
async fn answered(stream: &mut TcpStream) -> String {
    say(stream, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let mut all = Vec::new();
    while !all.ends_with(b"ok\n") {
        let mut some = [0; 4096];
        let read = tokio::time::timeout(AGES, stream.read(&mut some)).await;
        let count = read.expect("it answers").expect("the connection is open");
        assert!(count > 0, "closed after {}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&some[..count]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

const HALF_A_FORM: &str = "POST /sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\
                           content-type: application/x-www-form-urlencoded\r\n\r\ncsrf=";

#[test]
fn half_a_head_is_not_waited_for() {
    with_app(|app| async move {
        let served = served(&app, Patience { head: Duration::from_millis(50), ..patient() }).await;
        let mut stream = connect(&served).await;
        say(&mut stream, "GET /healthz HTTP/1.1\r\nhost: loc").await;
        let said = rest(&mut stream).await;
        assert!(!said.starts_with("HTTP/1.1 200"), "{said}");
        // Nor is one that never begins, or that says no more after its first question.
        rest(&mut connect(&served).await).await;
        let mut stream = connect(&served).await;
        answered(&mut stream).await;
        assert_eq!(rest(&mut stream).await, "");
    });
}

#[test]
fn half_a_body_is_not_waited_for() {
    with_app(|app| async move {
        let served = served(&app, Patience { body: Duration::from_millis(50), ..patient() }).await;
        let mut stream = connect(&served).await;
        say(&mut stream, HALF_A_FORM).await;
        let said = rest(&mut stream).await;
        assert!(said.starts_with("HTTP/1.1 400"), "{said}");
        assert!(said.contains("did not arrive in time"), "{said}");
    });
}

#[test]
fn whoever_comes_when_all_places_are_taken_waits_for_one() {
    with_app(|app| async move {
        let served = served(&app, Patience { connections: 1, ..patient() }).await;
        let mut first = connect(&served).await;
        answered(&mut first).await;
        let mut second = connect(&served).await;
        say(&mut second, "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
        let mut some = [0; 1];
        let early = tokio::time::timeout(Duration::from_millis(200), second.read(&mut some)).await;
        assert!(early.is_err(), "there is no place for it");
        drop(first);
        assert!(rest(&mut second).await.ends_with("ok\n"));
    });
}

#[test]
fn a_server_that_stops_waits_for_nobody_who_has_not_asked() {
    with_app(|app| async move {
        let served = served(&app, patient()).await;
        let (mut idle, mut head, mut body) =
            (connect(&served).await, connect(&served).await, connect(&served).await);
        answered(&mut idle).await;
        say(&mut head, "GET /healthz HTTP/1.1\r\nhost: loc").await;
        say(&mut body, HALF_A_FORM).await;
        // So that the server has seen the halves before it stops.
        answered(&mut connect(&served).await).await;
        served.stop.send(true).expect("it serves");
        let ended = tokio::time::timeout(Duration::from_secs(20), served.ended).await;
        ended.expect("nobody holds it up").expect("it does not panic");
        assert_eq!(rest(&mut idle).await, "");
        assert!(!rest(&mut head).await.starts_with("HTTP/1.1 200"));
        let said = rest(&mut body).await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 503"), "{said}");
    });
}
