//! `postern completions`: what a shell needs to complete the command.

use std::process::ExitCode;

use clap_complete::Shell;

use crate::print;

/// Print the completion script of a shell.
///
/// For bash: `postern completions bash > ~/.local/share/bash-completion/completions/postern`
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The shell that will read it.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &Args, mut command: clap::Command) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "postern", &mut script);
    print::out(String::from_utf8_lossy(&script));
    ExitCode::SUCCESS
}
