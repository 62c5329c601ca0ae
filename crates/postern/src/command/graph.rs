//! `postern graph`: the chain and its weakest way in, drawn.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use policy::render::graph::{self, Form};

use super::check::{self, read, verdict};
use crate::print;

/// Draw the chain of each population and its weakest way in.
///
/// The picture goes to the standard output: `postern graph policy.toml > chain.svg`. The exit code is that of
/// `postern check`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The policy: a file, or a folder of `*.toml` that is one policy.
    policy: PathBuf,
    /// How to write the picture.
    #[arg(long, value_enum, default_value_t = Format::Svg)]
    format: Format,
    /// Draw this population only.
    #[arg(long, value_name = "NAME")]
    population: Option<String>,
}

/// A picture format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a slide or a page; readable in light and in dark.
    Svg,
    /// For Graphviz.
    Dot,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let given = match read(&args.policy, args.population.as_deref()) {
        Ok(given) => given,
        Err(message) => return print::fail(message),
    };
    let checked = &given.checked;
    // What cannot be read as a policy cannot be drawn; what is wrong with it is printed beside.
    if checked.model.is_none() {
        print::err(given.findings(check::Format::Human).trim_end());
        return verdict(checked);
    }
    for (population, why) in graph::missing(checked) {
        print::err(format_args!("postern: of `{population}` the doors alone are drawn: {why}"));
    }
    print::out(match args.format {
        Format::Svg => graph::svg(checked, Form::File),
        Format::Dot => graph::dot(checked),
    });
    verdict(checked)
}
