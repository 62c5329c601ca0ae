//! `postern takeover`: the weakest ways in, as attack steps.

use std::path::PathBuf;
use std::process::ExitCode;

use policy::render::takeover;

use super::check::{Format, read, verdict};
use crate::print;

/// Print the weakest ways to take an account, or to enter an application, step by step.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The policy: a file, or a folder of `*.toml` that is one policy.
    policy: PathBuf,
    /// How to print them; every format but `human` prints what `check` prints.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Show this population only.
    #[arg(long, value_name = "NAME")]
    population: Option<String>,
    /// The ways into this application, instead of into accounts.
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments by value")]
pub(crate) fn run(args: Args) -> ExitCode {
    let given = match read(&args.policy, args.population.as_deref()) {
        Ok(given) => given,
        Err(message) => return print::fail(message),
    };
    let checked = &given.checked;
    // What cannot be read as a policy has no ways in; what is wrong with it is printed instead.
    let Some(model) = checked.model.as_ref().filter(|_| args.format == Format::Human) else {
        print::out(given.findings(args.format));
        return verdict(checked);
    };
    let Some(wanted) = &args.app else {
        print::out(takeover::accounts(checked));
        return verdict(checked);
    };
    let Some((app, _)) = (0u16..).zip(&model.apps).find(|(_, app)| app.name == *wanted) else {
        let known: Vec<&str> = model.apps.iter().map(|app| app.name.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return print::fail(format_args!("no application is named `{wanted}`; the policy has {known}"));
    };
    print::out(takeover::app(checked, app));
    verdict(checked)
}
