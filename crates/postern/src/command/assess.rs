//! `postern assess`: every account of a directory, judged by what its owner really holds.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use policy::assessment;
use policy::render::assessment as render;
use policy::takeover::{Truncated, Verdict};
use policy::{Analysis, Model, Ranking};
use server::assess::{Census, Progress, standings};

use super::blast::Format;
use super::check::{Format as CheckFormat, read};
use super::directory::Directory;
use crate::print::{self, Bar};

/// Judge every member's account by what they really hold and where they are reached.
///
/// The database is read, never changed. Exits with 0 if no account is weaker than its login, with 1 if any is, and
/// with 2 if it could not be said of all.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The policy: a file, or a folder of `*.toml` that is one policy.
    policy: PathBuf,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    directory: Directory,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments by value")]
pub(crate) fn run(args: Args) -> ExitCode {
    let given = match read(&args.policy, None) {
        Ok(given) => given,
        Err(message) => return print::fail(message),
    };
    let (Some(model), Some(analysis)) = (&given.checked.model, &given.checked.analysis) else {
        print::out(given.findings(CheckFormat::Human));
        return ExitCode::from(2);
    };
    assess(model, analysis, &args).unwrap_or_else(print::fail)
}

fn assess(model: &Model, analysis: &Analysis, args: &Args) -> Result<ExitCode, String> {
    if analysis.truncated {
        return Err(Truncated.to_string());
    }
    let mut conn = args.directory.open().map_err(|fault| fault.to_string())?;
    let bar = Bar::new();
    let mut show = |at: Progress| bar.show("reading members", at.done, at.all);
    let told: Option<&mut dyn FnMut(Progress)> = if bar.is_shown() { Some(&mut show) } else { None };
    let census = conn.read(|tx| Census::take(tx, told)).map_err(|fault| fault.to_string())?;
    let profiles = census.profiles(model, &Ranking::of(model, analysis));
    let standings = standings(model, &profiles, &|done, all| bar.show("judging profiles", done, all));
    drop(bar);
    let members =
        profiles.iter().zip(&standings).map(|((profile, count), standing)| (profile, standing, *count));
    let judged = assessment::judge(model, analysis, members);
    let known: u64 = profiles.iter().map(|(_, count)| *count).sum();
    let totals = render::Totals {
        members: census.members(),
        strangers: census.members() - known,
        profiles: profiles.len(),
    };
    print::out(match args.format {
        Format::Human => render::human(model, &judged, totals, print::colour(&io::stdout())),
        Format::Json => render::json(model, &judged, totals),
    });
    Ok(match () {
        () if judged.iter().any(|judged| judged.unproved > 0) => ExitCode::from(2),
        () if judged.iter().any(|judged| judged.with(Verdict::Weaker) > 0) => ExitCode::FAILURE,
        () => ExitCode::SUCCESS,
    })
}
