//! `postern keys ...`.

use std::process::ExitCode;

use clap::Subcommand;

use super::open::{self, Configured};
use crate::print;

/// What can be done to keys.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a new master key and wrap every data key with it, while the server runs
    Rotate {
        #[command(flatten)]
        configured: Configured,
    },
}

/// Runs one of them.
pub(crate) fn run(command: Command) -> ExitCode {
    let Command::Rotate { configured } = command;
    open::with_app(&configured, |app| async move {
        let wrapped = server::rotation::rotate(&app).await?;
        print::out(format_args!("rotated: {wrapped} data keys are wrapped by a new master key\n"));
        print::out("Back the new key file up, and destroy copies of the old one.\n");
        Ok(ExitCode::SUCCESS)
    })
}
