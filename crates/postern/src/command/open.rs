//! Opening a configured server's database from the command line, with the same one write path as the server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use policy::render::human;
use server::app::{App, Clock, Running};
use server::config::Config;
use server::fault::Fault;
use server::start;

use crate::print;

/// Which configuration.
#[derive(clap::Args)]
pub(crate) struct Configured {
    /// The server's configuration file
    #[arg(long, short, default_value = "postern-server.toml", env = "POSTERN_CONFIG")]
    pub(crate) config: PathBuf,
}

/// Why a command could not start.
pub(crate) enum NotOpened {
    /// One clear line.
    Fault(Fault),
    /// The policy has errors, and these are its diagnostics.
    Policy(String),
}

impl From<Fault> for NotOpened {
    fn from(fault: Fault) -> Self {
        NotOpened::Fault(fault)
    }
}

impl NotOpened {
    /// Prints it; exit code 2 for what could not run, 1 for a policy with errors.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            NotOpened::Fault(fault) => print::fail(fault),
            NotOpened::Policy(diagnostics) => {
                print::err(diagnostics.trim_end());
                print::err("\nThe server enforces only a policy without errors. Mend it, then start again.");
                ExitCode::from(1)
            }
        }
    }
}

/// The policy that a configuration names, if it may run.
pub(crate) fn policy(path: &Path) -> Result<Running, NotOpened> {
    let source = start::read_policy(path)?;
    checked(source)
}

/// A policy that may run, or its diagnostics as `check` prints them.
pub(crate) fn checked(source: policy::Source) -> Result<Running, NotOpened> {
    start::running(source, &Clock::System).map_err(|found| {
        let (source, checked) = *found;
        NotOpened::Policy(human::render(&source, &checked, print::colour(&std::io::stderr())))
    })
}

/// The application of a configuration file.
pub(crate) fn app(configured: &Configured) -> Result<App, NotOpened> {
    let config = Config::read(&configured.config)?;
    let given = policy(&config.policy);
    start::app_given(config, given, Clock::System, false)
}

/// A runtime for one command.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Fault> {
    tokio::runtime::Runtime::new().map_err(|error| Fault::broken("starting the runtime").because(error))
}

/// Runs a command against the configured database, then waits for what it committed.
pub(crate) fn with_app<F, R>(configured: &Configured, work: F) -> ExitCode
where
    F: FnOnce(App) -> R,
    R: Future<Output = Result<ExitCode, Fault>>,
{
    let app = match app(configured) {
        Ok(app) => app,
        Err(not_opened) => return not_opened.report(),
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(fault) => return print::fail(fault),
    };
    let outcome = runtime.block_on(work(app.clone()));
    app.committer().shut_down();
    outcome.unwrap_or_else(print::fail)
}
