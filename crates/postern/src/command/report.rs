//! `postern report`: a report that an auditor can file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use policy::render::report;

use super::check::{self, read, verdict};
use crate::print;

/// Print a report on a policy: chains, verdicts, exceptions, and what follows for the controls of others.
///
/// It goes to the standard output: `postern report policy.toml > report.html`. The exit code is that of
/// `postern check`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The policy: a file, or a folder of `*.toml` that is one policy.
    policy: PathBuf,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
    /// Report on this population only.
    #[arg(long, value_name = "NAME")]
    population: Option<String>,
}

/// A report format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One page that needs nothing else, for reading and for printing.
    Html,
    /// For programs: one object.
    Json,
    /// For tools that keep track of controls: OSCAL assessment results.
    Oscal,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let given = match read(&args.policy, args.population.as_deref()) {
        Ok(given) => given,
        Err(message) => return print::fail(message),
    };
    // About what cannot be read as a policy there is nothing to file; what is wrong with it is printed beside.
    if given.checked.model.is_none() {
        print::err(given.findings(check::Format::Human).trim_end());
        return verdict(&given.checked);
    }
    let subject = given.subject();
    print::out(match args.format {
        Format::Html => report::html(&subject),
        Format::Json => report::json(&subject),
        Format::Oscal => report::oscal(&subject),
    });
    verdict(&given.checked)
}
