//! `postern blast`: what falls when one thing falls.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use policy::blast::{self, Kind, Scene};
use policy::render::blast as render;
use policy::takeover::Falling;
use policy::{Analysis, Model, Ranking};
use server::assess::Census;

use super::check::{Format as CheckFormat, read};
use super::directory::Directory;
use crate::print;

/// Tell what falls with a capability, a channel, an authenticator or a person.
///
/// Without `--falls`: everything that may fall, one by one, the worst first. With a database, real members are counted.
/// Exits with 0 if it could be told, with 2 if not.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The policy: a file, or a folder of `*.toml` that is one policy.
    policy: PathBuf,
    /// What falls: `phish`, `mailbox(own-mail)`, a channel, an authenticator or its kind, or an approver role for one
    /// person of it. May be given several times: all of it falls at once.
    #[arg(long, value_name = "WHAT")]
    falls: Vec<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    directory: Directory,
}

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// For programs: one object.
    Json,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments by value")]
pub(crate) fn run(args: Args) -> ExitCode {
    let given = match read(&args.policy, None) {
        Ok(given) => given,
        Err(message) => return print::fail(message),
    };
    let checked = &given.checked;
    let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) else {
        // What cannot be read as a policy has nothing that could fall; what is wrong with it is printed instead.
        print::out(given.findings(CheckFormat::Human));
        return ExitCode::from(2);
    };
    match told(model, analysis, &args) {
        Ok(text) => {
            print::out(text);
            ExitCode::SUCCESS
        }
        Err(message) => print::fail(message),
    }
}

fn told(model: &Model, analysis: &Analysis, args: &Args) -> Result<String, String> {
    let falls: Vec<Falling> =
        args.falls.iter().map(|written| blast::parse(model, written)).collect::<Result<_, _>>()?;
    if analysis.truncated {
        return Err(policy::takeover::Truncated.to_string());
    }
    let unproved = |truncated: policy::takeover::Truncated| truncated.to_string();
    let scene = Scene::new(model, members(model, analysis, args)?).map_err(unproved)?;
    let subject = render::Subject { model, analysis, scene: &scene };
    let colour = print::colour(&io::stdout());
    if falls.is_empty() {
        let rows = blast::table(&scene, &blast::everything(model)).map_err(unproved)?;
        return Ok(match args.format {
            Format::Human => render::table(subject, &rows, colour),
            Format::Json => render::json_table(subject, &rows),
        });
    }
    let blast = scene.fall(&falls).map_err(unproved)?;
    Ok(match args.format {
        Format::Human => render::fall(subject, &falls, &blast, colour),
        Format::Json => render::json(subject, &falls, &blast),
    })
}

/// The members of the database that is named, counted by kind; without one, what the policy allows.
fn members(model: &Model, analysis: &Analysis, args: &Args) -> Result<Vec<Kind>, String> {
    if args.directory.named().map_err(|fault| fault.to_string())?.is_none() {
        return Ok(Kind::allowed(analysis));
    }
    let census = args.directory.open().and_then(|mut conn| conn.read(|tx| Census::take(tx, None)));
    let census = census.map_err(|fault| fault.to_string())?;
    Ok(census.members_of(model, &Ranking::of(model, analysis)))
}
