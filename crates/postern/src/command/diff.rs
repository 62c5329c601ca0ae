//! `postern diff`: what does a change of policy do?

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use policy::diff::{self, Diff, Judged};
use policy::render::diff::{Names, human, human_whole, json};
use server::app::Clock;
use server::start;

use super::check::{Given, read};
use crate::print;

/// Compare two policies by what they mean: takeovers, lockouts, doors, waits, apps and exceptions.
///
/// Exits with 0 if the new policy weakens nothing, with 1 if it does, and with 2 if that cannot be said: a file
/// cannot be read, a policy has errors, or the ways in are too many to list where something changed.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The policy as it was: a file, or a folder of `*.toml` that is one policy.
    old: PathBuf,
    /// The policy as it would be.
    new: PathBuf,
    /// How to print the changes.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// List every change, however many follow from one. JSON always has them all.
    #[arg(long)]
    all: bool,
}

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: what weakens first, a sign before each line.
    Human,
    /// For programs: one object.
    Json,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments by value")]
pub(crate) fn run(args: Args) -> ExitCode {
    let both = read(&args.old, None).and_then(|old| Ok((old, read(&args.new, None)?)));
    let (old, new) = match both {
        Ok(both) => both,
        Err(message) => return print::fail(message),
    };
    let mistaken = complain_of_both(&old, &new);
    let diff = match compared(&old, &new) {
        Ok(diff) => diff,
        // What is wrong with the file was said already.
        Err(_) if mistaken => return ExitCode::from(2),
        Err(message) => return print::fail(message),
    };
    let names = Names { before: &old.name, after: &new.name };
    print::out(match args.format {
        Format::Human if args.all => human_whole(&diff, names, print::colour(&io::stdout())),
        Format::Human => human(&diff, names, print::colour(&io::stdout())),
        Format::Json => json(&diff, names),
    });
    match diff.weakens() {
        _ if mistaken => ExitCode::from(2),
        true => ExitCode::FAILURE,
        false if diff.weakens_nothing() => ExitCode::SUCCESS,
        false => ExitCode::from(2),
    }
}

/// Prints the errors of a policy; says whether there are any.
pub(super) fn complain(given: &Given) -> bool {
    let errors = given.errors();
    if !errors.is_empty() {
        print::err(format_args!(
            "{errors}\n{} has errors, so no comparison with it is a verdict\n",
            given.name
        ));
    }
    !errors.is_empty()
}

/// The same of two policies: what both suffer from is printed once.
fn complain_of_both(old: &Given, new: &Given) -> bool {
    let mistaken = complain(old);
    if mistaken && new.has_errors_of(old) {
        print::err(format_args!("{} has the same errors\n", new.name));
        return true;
    }
    complain(new) || mistaken
}

/// The changes between two policies as of today; the error is one line.
pub(super) fn compared(old: &Given, new: &Given) -> Result<Diff, String> {
    let doing = || format!("comparing {} with {}", old.name, new.name);
    let (Some(before), Some(after)) = (Judged::of(&old.checked), Judged::of(&new.checked)) else {
        return Err(format!("{}: one of them cannot be read as a policy", doing()));
    };
    diff::between(before, after, start::today(&Clock::System)).map_err(|why| format!("{}: {why}", doing()))
}
