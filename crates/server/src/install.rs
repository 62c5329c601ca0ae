//! The policy in force: the one in the database, whichever file it came from (decision 0011).
//!
//! Owns which policy a server starts with and how another one takes its place. A policy comes into force by the
//! transaction that records it, and a decision is recorded under the policy in force or not at all (`store::log`). Does
//! not own what a policy does to members (`plan`).

use std::collections::BTreeMap;
use std::time::Duration;

use lifecycle::{Actor, Decision, Fact, What};
use policy::Source;
use policy::diagnostic::Level;

use crate::app::{App, Clock, Peer, Running};
use crate::config::Config;
use crate::fault::{Fault, Kind};
use crate::start;
use crate::store::driver::Conn;
use crate::store::{migrate, policies};

/// How often a server looks whether another policy came into force.
const LOOK: Duration = Duration::from_secs(1);

/// The policy to start with: the one in force, or the one given if there is none yet.
pub(crate) fn in_force(conn: &mut Conn, given: Running, clock: &Clock) -> Result<Running, Fault> {
    let Some(source) = conn.read(policies::in_force)? else { return Ok(given) };
    let digest = source.digest();
    if digest == given.policy.digest() {
        return Ok(given);
    }
    tracing::warn!(
        in_force = digest,
        configured = given.policy.digest(),
        "the configured file is not the policy in force: `postern plan FILE` shows the difference, `postern apply FILE` installs it"
    );
    sound(source, clock)
}

/// The policy in force of a database that may be there or not, without making one; `None`: there is none.
pub(crate) fn already(config: &Config, clock: &Clock) -> Result<Option<Running>, Fault> {
    let Ok(mut conn) = migrate::open_current(&config.database()) else { return Ok(None) };
    let Some(source) = conn.read(policies::in_force)? else { return Ok(None) };
    tracing::warn!(
        in_force = source.digest(),
        "the configured file is no policy that this server can run: it goes on with the policy in force"
    );
    sound(source, clock).map(Some)
}

fn sound(source: Source, clock: &Clock) -> Result<Running, Fault> {
    let digest = source.digest();
    start::running(source, clock).map_err(|found| {
        let errors = found.1.findings().filter(|finding| finding.level == Level::Error);
        let first = errors.map(|error| error.message.clone()).next().unwrap_or_default();
        Fault::broken(format!("checking the policy in force, {digest}"))
            .because(format!("it has errors as of today: {first}"))
            .help("install a policy without errors with `postern apply FILE`")
    })
}

/// Puts the policy of a new application into force if none is. Blocks.
pub(crate) fn first(app: &App) -> Result<(), Fault> {
    let mut conn = Conn::open(&app.config().database())?;
    if conn.read(policies::digest)?.is_none() {
        let decision = app.decide_here(&Peer::terminal(), |view, _| {
            let fact =
                Fact::about(What::PolicyApplied, Actor::Server, None).with("digest", view.policy().digest());
            policies::install(view.tx, None, &view.running.source, view.now)?;
            Ok(Decision::only((), fact))
        });
        // In a conflict another server was quicker; whose policy it is shows below.
        decision.or_else(|fault| if fault.kind() == Kind::Conflict { Ok(()) } else { Err(fault) })?;
    }
    if conn.read(policies::digest)?.as_deref() == Some(app.policy().digest()) {
        return Ok(());
    }
    Err(Fault::gone("taking the policy in force")
        .because("somebody has just put another one into force")
        .help("start again: this server then runs that one"))
}

/// What the log says of a new policy beside its digest.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The digest of the policy that is replaced, which whoever decided has seen; none: the first.
    pub instead_of: Option<String>,
    /// Who, as the operating system knows them.
    pub user: String,
    /// Why it may be weaker, if it is.
    pub reason: Option<String>,
    /// What was known of its consequences, by stable names.
    pub counts: BTreeMap<&'static str, u64>,
}

/// Puts the policy of this application, which must have been made for that (`start::app_under`), into force. The
/// policy and the fact are in one transaction; a conflict if another policy came into force meanwhile.
pub async fn apply(app: &App, record: Record) -> Result<(), Fault> {
    app.decide(None, &Peer::terminal(), move |view, _| {
        policies::install(view.tx, record.instead_of.as_deref(), &view.running.source, view.now)?;
        let mut fact = Fact::about(What::PolicyApplied, Actor::Terminal, None)
            .with("digest", view.policy().digest())
            .with("user", &record.user);
        for (name, value) in [("instead-of", &record.instead_of), ("reason", &record.reason)] {
            if let Some(value) = value {
                fact = fact.with(name, value);
            }
        }
        for (name, count) in &record.counts {
            fact = fact.with(name, count.to_string());
        }
        Ok(Decision::only((), fact))
    })
    .await
}

/// Waits until another policy is in force, and opens an application for it. Until then no decision of the old one can
/// be recorded any more, so whatever goes wrong is tried again.
pub(crate) async fn successor(app: &App) -> App {
    loop {
        tokio::time::sleep(LOOK).await;
        match superseded(app).await {
            Ok(None) => {}
            Ok(Some(next)) => return next,
            Err(fault) => {
                tracing::error!(incident = fault.incident(), "taking over the policy in force: {fault}");
            }
        }
    }
}

/// Is another policy in force than this application's? Not if that cannot be said.
pub(crate) async fn is_superseded(app: &App) -> bool {
    let found = app.read(|view| policies::digest(view.tx)).await;
    found.is_ok_and(|digest| digest.is_some_and(|digest| digest != app.policy().digest()))
}

async fn superseded(app: &App) -> Result<Option<App>, Fault> {
    let found = app.read(|view| policies::digest(view.tx)).await?;
    if found.as_deref().is_none_or(|digest| digest == app.policy().digest()) {
        return Ok(None);
    }
    let Some(source) = app.read(|view| policies::in_force(view.tx)).await? else { return Ok(None) };
    let (config, clock, demo) = (app.config().clone(), app.clock().clone(), app.is_demo());
    let open = move || open(source, config, clock, demo);
    let opened = tokio::task::spawn_blocking(open).await;
    opened.map_err(|error| Fault::broken("opening the policy in force").because(error))?.map(Some)
}

fn open(source: Source, config: Config, clock: Clock, demo: bool) -> Result<App, Fault> {
    let running = start::running(source, &clock).map_err(|_| {
        Fault::broken("checking the policy in force")
            .because("it has errors as of today")
            .help("install a policy without errors with `postern apply FILE`; until then nothing is decided")
    })?;
    start::app(config, running, clock, demo)
}
