//! Connections: taken up to a number, each with so long to say what it asks, and ended in good order.
//!
//! Owns what a client can hold up before anybody knows what it wants: a place, the head of a request, its body. How
//! long a whole request may take is `envelope`'s.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Extensions, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// How patient a listener is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// So many connections at once. Whoever comes then waits in the kernel's queue for a place.
    pub connections: u32,
    /// The head of a request is here after this time, counted from the end of the one before: an idle connection ends
    /// with it too.
    pub head: Duration,
    /// Its body is here after this time more.
    pub body: Duration,
    /// What is being answered when the server is told to stop may take so long to end.
    pub ending: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            // Below the thousand open files that a process may have where nobody raised the limit.
            connections: 768,
            head: Duration::from_secs(15),
            body: Duration::from_secs(15),
            ending: Duration::from_secs(10),
        }
    }
}

/// No head of ours is longer, and none is answered faster for a larger buffer.
const BUFFER: usize = 64 * 1024;
/// What was answered already may take so long to reach the client when the server is told to stop.
const FLUSH: Duration = Duration::from_secs(1);
/// The pause after the system had no more open files to give.
const OUT_OF_FILES: Duration = Duration::from_secs(1);

/// Serves until told to stop, then until what is being answered has ended.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(BUFFER);
    let service = TowerToHyperService::new(router);
    let places = Arc::new(Semaphore::new(patience.connections as usize));
    loop {
        let (place, stream, peer) = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = told(&mut stop) => break,
        };
        let client = Client { peer, patience, stop: stop.clone() };
        tokio::spawn(client.attend(http.clone(), stream, service.clone(), place));
    }
    drop(listener);
    // Every place is free again: nobody is being answered.
    let _ = places.acquire_many(patience.connections).await;
}

/// A place first, so that nobody is taken who would then be kept waiting.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, TcpStream, SocketAddr) {
    // Places are never closed.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (place, stream, peer),
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::warn!("taking a connection: {error}");
                tokio::time::sleep(OUT_OF_FILES).await;
            }
        }
    }
}

/// It went away before it was taken: nothing that an operator could mend.
fn is_of_the_client(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn told(stop: &mut watch::Receiver<bool>) {
    // An error means that whoever would tell is gone: time to stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// One connection's end of ours.
struct Client {
    peer: SocketAddr,
    patience: Patience,
    stop: watch::Receiver<bool>,
}

impl Client {
    async fn attend(
        self,
        http: http1::Builder,
        stream: TcpStream,
        routes: TowerToHyperService<Router>,
        place: Option<OwnedSemaphorePermit>,
    ) {
        let Client { peer, patience, mut stop } = self;
        let arrival = Arrival { within: patience.body, stop: stop.clone() };
        let is_answering = AtomicBool::new(false);
        let service = service_fn(|mut request: Request<Incoming>| {
            is_answering.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(arrival.clone());
            let answer = routes.call(request);
            let is_answering = &is_answering;
            async move {
                let answer = answer.await;
                is_answering.store(false, Ordering::Relaxed);
                answer
            }
        });
        let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
        // What goes wrong on a connection is the client's affair: it went away, or wrote no HTTP.
        tokio::select! {
            _ = connection.as_mut() => return,
            () = told(&mut stop) => {}
        }
        connection.as_mut().graceful_shutdown();
        // Nobody was promised an answer to what was not asked to the end.
        let rest = if is_answering.load(Ordering::Relaxed) { patience.ending } else { FLUSH };
        let _ = tokio::time::timeout(rest, connection).await;
        drop(place);
    }
}

/// By when the body of a request must be here, or why nobody waits for it.
#[derive(Clone, Debug)]
struct Arrival {
    within: Duration,
    stop: watch::Receiver<bool>,
}

/// Why a body is not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It is longer than the limit, or broke off.
    TooLong,
    /// It did not come in time.
    TooSlow,
    /// The server stops, or goes on under another policy, before it came.
    Stopping,
}

/// Reads a body of at most `limit` bytes, for no longer than its connection's patience.
pub async fn body(body: Body, limit: usize, request: &Extensions) -> Result<Bytes, Missing> {
    let whole = axum::body::to_bytes(body, limit);
    // Only what did not come over a connection has all its body at once.
    let Some(Arrival { within, mut stop }) = request.get::<Arrival>().cloned() else {
        return whole.await.map_err(|_| Missing::TooLong);
    };
    tokio::select! {
        biased;
        read = tokio::time::timeout(within, whole) => match read {
            Ok(read) => read.map_err(|_| Missing::TooLong),
            Err(_) => Err(Missing::TooSlow),
        },
        () = told(&mut stop) => Err(Missing::Stopping),
    }
}
