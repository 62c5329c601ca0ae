//! `postern import`: what another product does today, written as a policy and checked.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use policy::import::{self, Imported, MOST_BYTES, Refusal};
use policy::render::human;
use policy::{Checked, Source};
use server::app::Clock;
use server::start;

use super::check::verdict;
use crate::print;

/// What makes a policy of a file's bytes.
type Importer = fn(&[u8]) -> Result<Imported, Refusal>;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write the policy of a Keycloak realm, from its export
    Keycloak(Args),
    /// Write the policy of an Authelia configuration
    Authelia(Args),
}

/// Write what it does today as a policy, and check it.
///
/// The policy goes to the standard output, or to a file; what was not understood and what the check found go to
/// the standard error. What is not understood counts as no defence. The exit code is that of `postern check`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file to read. Nothing in it is executed or fetched.
    file: PathBuf,
    /// Write the policy to this file.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if there is one.
    #[arg(long, requires = "output")]
    force: bool,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments by value")]
pub(crate) fn run(command: Command) -> ExitCode {
    let (args, read_as): (&Args, Importer) = match &command {
        Command::Keycloak(args) => (args, import::keycloak),
        Command::Authelia(args) => (args, import::authelia),
    };
    match carry_out(args, read_as) {
        Ok(checked) => verdict(&checked),
        Err(message) => print::fail(message),
    }
}

fn carry_out(args: &Args, read_as: Importer) -> Result<Checked, String> {
    let doing = || format!("importing `{}`", args.file.display());
    let bytes = read(&args.file).map_err(|error| format!("{}: {error}", doing()))?;
    let imported = read_as(&bytes).map_err(|refusal| format!("{}: {refusal}", doing()))?;
    match &args.output {
        None => print::out(&imported.policy),
        Some(path) => write(path, args.force, &imported.policy)?,
    }
    let name =
        args.output.as_ref().map_or_else(|| "(imported)".to_owned(), |path| path.display().to_string());
    let source = Source::single(name, imported.policy);
    let checked = policy::check(&source, start::today(&Clock::System));
    for note in &imported.notes {
        print::err(format_args!("note: {note}"));
    }
    print::err(human::render(&source, &checked, print::colour(&io::stderr())).trim_end());
    Ok(checked)
}

/// One byte more than an importer takes is enough for it to refuse.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn write(path: &Path, replace: bool, text: &str) -> Result<(), String> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).create_new(!replace);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let doing = format!("writing the policy to `{}`", path.display());
        match error.kind() {
            io::ErrorKind::AlreadyExists => format!("{doing}: it is there already; `--force` replaces it"),
            _ => format!("{doing}: {error}"),
        }
    })
}
