//! `postern man`: the manual pages, made from the same words as `--help`.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::print;

/// Write the manual pages, one for each command, into a folder.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder; it is created where it is missing.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn run(args: &Args, command: clap::Command) -> ExitCode {
    let written =
        std::fs::create_dir_all(&args.folder).and_then(|()| clap_mangen::generate_to(command, &args.folder));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => print::fail(format_args!(
            "the manual pages cannot be written to {}: {error}; name a folder that you may write to",
            args.folder.display()
        )),
    }
}
