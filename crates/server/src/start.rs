//! Starting: from a configuration to a running server, or one clear line that says what to do.
//!
//! Owns the order of things: the policy first (nothing else is touched if it has errors), then the database, then
//! the keys, then the network.

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lifecycle::{Actor, Decision, Fact, Time, What};
use policy::model::{Date, Model};
use policy::text::NotText;
use policy::{Checked, Source};
use tokio::net::TcpListener;
use tokio::signal::unix::{self, Signal, SignalKind};
use tokio::sync::{oneshot, watch};

use crate::app::{App, Clock, Parts, Peer, Running};
use crate::config::{Config, Console};
use crate::fault::Fault;
use crate::http::connections::{self, Patience};
use crate::keys::{self, Keyring, Loaded};
use crate::notify::deliver::{self, Carriers};
use crate::store::commit::Committer;
use crate::store::driver::{Conn, Tx};
use crate::store::migrate;
use crate::store::pool::Reader;
use crate::store::{cases, log, sessions};
use crate::{install, metrics, routes};

/// How many connections read beside the writers.
const READERS: usize = 4;

/// Reads a policy: one file, or all `*.toml` of a folder in the order of their names.
pub fn read_policy(path: &Path) -> Result<Source, Fault> {
    read_text(path).map_err(Fault::from)
}

/// Why a policy could not be read.
pub enum Unread {
    /// The files could not be had.
    Fault(Fault),
    /// This file is there, and is no text.
    NotText(PathBuf, Box<NotText>),
}

impl From<Unread> for Fault {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Fault(fault) => fault,
            Unread::NotText(file, not_text) => Fault::broken(reading(&file))
                .because(not_text.message().to_owned())
                .help(not_text.help().to_owned()),
        }
    }
}

fn reading(path: &Path) -> String {
    format!("reading the policy `{}`", path.display())
}

/// The same, for those who show what is no text as a finding.
pub fn read_text(path: &Path) -> Result<Source, Unread> {
    let fault = |path: &Path, error: std::io::Error| {
        let fault = Fault::broken(reading(path)).because(error);
        Unread::Fault(fault.help("give the path of a policy file or of a folder of them"))
    };
    let mut paths = vec![path.to_owned()];
    if path.is_dir() {
        let listed = std::fs::read_dir(path).map_err(|error| fault(path, error))?;
        let listed: Result<Vec<_>, _> = listed.map(|entry| entry.map(|entry| entry.path())).collect();
        paths = listed.map_err(|error| fault(path, error))?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort();
    }
    let mut source = Source::default();
    for path in paths {
        let bytes = std::fs::read(&path).map_err(|error| fault(&path, error))?;
        let file = policy::text::read(path.display().to_string(), bytes);
        source.files.push(file.map_err(|not_text| Unread::NotText(path, not_text))?);
    }
    if source.files.is_empty() {
        return Err(Unread::Fault(Fault::broken(reading(path)).because("the folder holds no `*.toml`")));
    }
    Ok(source)
}

/// Today in UTC, for exceptions that expire.
pub fn today(clock: &Clock) -> Date {
    let seconds = clock.now().seconds();
    let day =
        jiff::Timestamp::from_second(seconds).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date();
    Date {
        year: u16::try_from(day.year()).unwrap_or_default(),
        month: day.month().unsigned_abs(),
        day: day.day().unsigned_abs(),
    }
}

/// The policy that may run, or what was found against it.
pub fn running(source: Source, clock: &Clock) -> Result<Running, Box<(Source, Checked)>> {
    let checked = policy::check(&source, today(clock));
    match checked.clone().enforce() {
        Ok(policy) => Ok(Running::new(policy, source)),
        Err(_) => Err(Box::new((source, checked))),
    }
}

/// Opens database and keys and puts the application together, under the policy in force: the one given comes into
/// force if there is none yet. Blocks.
pub fn app(config: Config, given: Running, clock: Clock, demo: bool) -> Result<App, Fault> {
    app_given(config, Ok(given), clock, demo)
}

/// The same where what is configured may be no policy that can run. That is a reason not to start only while nothing
/// else is in force, and then nothing has been touched.
pub fn app_given<E: From<Fault>>(
    config: Config,
    given: Result<Running, E>,
    clock: Clock,
    demo: bool,
) -> Result<App, E> {
    let fits = |given: Running| match knows_console(&config.console, given.policy.model()) {
        Ok(()) => Ok(given),
        Err(fault) => Err(E::from(fault)),
    };
    let running = match given.and_then(fits) {
        Ok(given) => install::in_force(&mut database(&config)?, given, &clock)?,
        Err(error) => install::already(&config, &clock)?.ok_or(error)?,
    };
    let app = app_under(config, running, clock, demo)?;
    install::first(&app)?;
    Ok(app)
}

/// The configured database with its folder and its tables, made if they are missing.
fn database(config: &Config) -> Result<Conn, Fault> {
    make_folder(&config.data)?;
    let mut conn = Conn::open(&config.database())?;
    migrate::migrate(&mut conn)?;
    Ok(conn)
}

/// The same under this very policy. While another one is in force it can decide one thing only: to put its own into
/// force.
pub fn app_under(config: Config, running: Running, clock: Clock, demo: bool) -> Result<App, Fault> {
    knows_console(&config.console, running.policy.model())?;
    drop(database(&config)?);
    let database = config.database();
    let source = keys::Source::find(|name| std::env::var_os(name), config.master_key_file())?;
    let (keyring, loaded) = Keyring::load(&database, source, clock.now().0)?;
    if loaded == Loaded::New {
        tracing::warn!(
            file = %config.master_key_file().display(),
            "a new master key was made: back it up, without it nothing in the database can be opened"
        );
    }
    let signer = Arc::new(keyring.signer(&origin(&running))?);
    let committer = Committer::start(&database, signer)?;
    let reader = Reader::new(database, READERS);
    App::new(Parts { config, running, committer, reader, keys: Arc::new(keyring), clock, demo })
}

/// The name under which the audit log signs its checkpoints (C2SP tlog-checkpoint).
pub fn origin(running: &Running) -> String {
    format!("{}/postern", running.policy.model().organization.domain)
}

/// The domain of the name under which the log of a database signs; none: it has signed nothing yet.
pub fn domain_of_log(tx: &mut Tx<'_>) -> Result<Option<String>, Fault> {
    let note = log::latest_checkpoint(tx)?;
    Ok(note.and_then(|note| Some(note.lines().next()?.strip_suffix("/postern")?.to_owned())))
}

/// Has a policy all populations of the console? One that it does not have would silently leave it to nobody.
pub fn knows_console(console: &Console, model: &Model) -> Result<(), Fault> {
    let mut named = [&console.administrators, &console.agents, &console.auditors].into_iter().flatten();
    let Some(unknown) = named.find(|name| model.population(name).is_none()) else { return Ok(()) };
    let known: Vec<&str> = model.populations.iter().map(|population| population.name.as_str()).collect();
    Err(Fault::broken(format!("looking up `{unknown}` of `[console]` in the policy"))
        .because("there is no such population")
        .help(format!("write one of: {}", known.join(", "))))
}

fn make_folder(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path).map_err(|error| {
        Fault::broken(format!("making the data folder `{}`", path.display()))
            .because(error)
            .help("set `data` to a folder that this user may write to")
    })
}

/// Takes the address that the configuration names.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Fault> {
    TcpListener::bind(address).await.map_err(|error| {
        Fault::broken(format!("listening on {address}"))
            .because(error)
            .help("stop what uses the port, or set `listen` to another one")
    })
}

/// Serves until `stop` resolves, under whatever policy is in force. When another one comes into force, what is under
/// way ends and the next application takes the same socket: nobody is turned away, and no process ever has two policies.
pub async fn serve_on(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), Fault> {
    let doing = |error: std::io::Error| Fault::broken("keeping the listening socket").because(error);
    let listener = listener.into_std().map_err(doing)?;
    let mut stop = std::pin::pin!(stop);
    let mut app = app;
    loop {
        let socket = listener.try_clone().and_then(TcpListener::from_std).map_err(doing)?;
        let (end, ended) = oneshot::channel::<()>();
        let mut serving = tokio::spawn(serve(app.clone(), socket, async { drop(ended.await) }));
        let next = tokio::select! {
            outcome = &mut serving => {
                let outcome = outcome.unwrap_or(Ok(()));
                // Yet another policy may come into force before this server began to decide under its own.
                if outcome.is_ok() || !install::is_superseded(&app).await {
                    return outcome;
                }
                tokio::select! {
                    () = &mut stop => return Ok(()),
                    next = install::successor(&app) => next,
                }
            }
            () = &mut stop => {
                drop(end);
                return serving.await.unwrap_or(Ok(()));
            }
            next = install::successor(&app) => {
                drop(end);
                serving.await.unwrap_or(Ok(()))?;
                next
            }
        };
        app = next;
    }
}

/// Serves under one policy until `stop` resolves, then lets what is under way end.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), Fault> {
    // Whatever may fail comes before the log says that a server began to decide.
    let carriers = Carriers::new(&app)?;
    let figures = match app.config().metrics {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    started(&app).await?;
    tracing::info!(origin = app.config().origin, policy = app.policy().digest(), "serving");
    let (stopping, stopped) = watch::channel(false);
    let delivery = tokio::spawn(deliver::run(app.clone(), carriers, stopped.clone()));
    let renewal = tokio::spawn(reload_keys(app.clone(), stopped.clone()));
    let forgetting = tokio::spawn(forget(app.clone(), stopped.clone()));
    let indexing = tokio::spawn(index_events(app.clone(), stopped.clone()));
    let over = |listener, router| {
        tokio::spawn(connections::serve(listener, router, Patience::default(), stopped.clone()))
    };
    let figures = figures.map(|listener| over(listener, metrics::router(app.clone())));
    let server = over(listener, routes::router(&app));
    stop.await;
    tracing::info!("stopping: what is under way may end");
    // The receivers live in the tasks; if all are gone there is nothing left to stop.
    let _ = stopping.send(true);
    let _ = server.await;
    delivery.abort();
    renewal.abort();
    forgetting.abort();
    indexing.abort();
    if let Some(figures) = figures {
        figures.abort();
        // Not before it has ended is its port free for whoever serves next.
        let _ = figures.await;
    }
    let committer = app.committer().clone();
    let ended = tokio::task::spawn_blocking(move || committer.shut_down()).await;
    ended.map_err(|error| Fault::broken("ending the writers").because(error))
}

/// The log says when a server began to decide, and by which policy.
async fn started(app: &App) -> Result<(), Fault> {
    app.decide(None, &Peer::terminal(), |view, _| {
        let fact = Fact::about(What::ServerStarted, Actor::Server, None)
            .with("organization", &view.policy().model().organization.domain)
            .with("version", env!("CARGO_PKG_VERSION"));
        Ok(Decision::only((), fact))
    })
    .await
}

/// New data keys of other processes are picked up within a minute.
async fn reload_keys(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_mins(1)) => {}
            _ = stop.changed() => return,
        }
        let keys = Arc::clone(app.keys());
        match tokio::task::spawn_blocking(move || keys.reload()).await {
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(fault)) => tracing::warn!(incident = fault.incident(), "reloading keys: {fault}"),
        }
    }
}

/// What ended long ago is forgotten, once an hour: sign-ins after a day, sessions after thirty.
async fn forget(app: App, mut stop: watch::Receiver<bool>) {
    const DAY: i64 = 24 * 3600 * 1_000_000;
    /// Few enough that no decision waits for long.
    const TOGETHER: i64 = 500;
    loop {
        let outcome = app
            .upkeep(|view| {
                let cases = cases::forget(view.tx, Time(view.now.0 - DAY), TOGETHER)?;
                Ok(cases + sessions::forget(view.tx, Time(view.now.0 - 30 * DAY), TOGETHER)?)
            })
            .await;
        if let Err(fault) = &outcome {
            tracing::warn!(incident = fault.incident(), "forgetting what ended: {fault}");
        }
        let wait = match outcome {
            Ok(1..) => Duration::from_millis(50),
            Ok(0) | Err(_) => Duration::from_hours(1),
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Events become findable by their account without reading the end of the log: soon, and some thousand at once.
async fn index_events(app: App, mut stop: watch::Receiver<bool>) {
    /// Few enough that no decision waits for long, many enough that they share pages of the index.
    const TOGETHER: i64 = 4_000;
    loop {
        let entered = app.upkeep(|view| log::index(view.tx, TOGETHER)).await;
        if let Err(fault) = &entered {
            tracing::warn!(incident = fault.incident(), "indexing events by account: {fault}");
        }
        let wait = if matches!(entered, Ok(TOGETHER..)) {
            Duration::from_millis(50)
        } else {
            Duration::from_secs(1)
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Waits for Ctrl-C or a request to terminate: both are heard from the moment of this call, not of the waiting.
pub fn until_told() -> impl Future<Output = ()> + Send {
    let hear = |kind| unix::signal(kind).ok();
    let (interrupt, terminate) = (hear(SignalKind::interrupt()), hear(SignalKind::terminate()));
    async {
        tokio::select! {
            () = heard(interrupt) => {}
            () = heard(terminate) => {}
        }
    }
}

async fn heard(signal: Option<Signal>) {
    match signal {
        Some(mut signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
