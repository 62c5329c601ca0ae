//! `postern serve`.

use std::process::ExitCode;

use server::app::App;
use server::fault::Fault;
use server::{start, store};
use tracing_subscriber::EnvFilter;

use super::open::{self, Configured};
use crate::print;

/// What `serve` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    configured: Configured,
    /// Log as JSON, one object a line
    #[arg(long)]
    json_logs: bool,
}

/// Serves until it is told to stop.
#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments by value")]
pub(crate) fn run(args: Args) -> ExitCode {
    logs(args.json_logs, "info");
    let app = match open::app(&args.configured) {
        Ok(app) => app,
        Err(not_opened) => return not_opened.report(),
    };
    match open::runtime().and_then(|runtime| runtime.block_on(serve(app))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => print::fail(fault),
    }
}

async fn serve(app: App) -> Result<(), Fault> {
    let listener = start::listen(app.config().listen).await?;
    hint_first_administrator(&app).await?;
    start::serve_on(app, listener, start::until_told()).await
}

/// A server without an administrator can do nothing: say what to do.
async fn hint_first_administrator(app: &App) -> Result<(), Fault> {
    let groups = app.administrator_groups();
    let any = app.read(move |view| store::accounts::any_enrolled_in(view.tx, &groups)).await?;
    if !any {
        tracing::warn!(
            "no administrator is enrolled: run `postern member first-administrator NAME` on this machine"
        );
    }
    Ok(())
}

/// Logs to standard error. `POSTERN_LOG` chooses what, as `RUST_LOG` does elsewhere.
pub(crate) fn logs(json: bool, default: &str) {
    let filter = EnvFilter::try_from_env("POSTERN_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(print::colour(&std::io::stderr()))
        .with_writer(std::io::stderr);
    // Set once, here: a second subscriber cannot exist in this program.
    let _ = if json { logs.json().try_init() } else { logs.try_init() };
}
