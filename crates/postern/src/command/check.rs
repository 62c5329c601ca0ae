//! `postern check`: is any way round the second factor weaker than the second factor?

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use policy::diagnostic::{Diagnostic, Level};
use policy::model::Date;
use policy::render::{github, human, json, report, sarif};
use policy::rules::Rule;
use policy::{Checked, Source};
use server::app::Clock;
use server::fault::Fault;
use server::start::{self, Unread};

use crate::print;

/// Check a policy and print what is wrong with it.
///
/// Exits with 0 if there is no error, with 1 if there are errors, and with 2 if the policy could not be checked.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The policy: a file, or a folder of `*.toml` that is one policy.
    policy: PathBuf,
    /// How to print the findings.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Show this population only.
    #[arg(long, value_name = "NAME")]
    population: Option<String>,
}

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, as the Rust compiler prints its own.
    Human,
    /// For programs: one object.
    Json,
    /// For code scanning: SARIF 2.1.0, with spans, fingerprints and the page of each rule.
    Sarif,
    /// For workflows on GitHub: annotations beside the lines of the policy, and the summary in the log.
    Github,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments by value")]
pub(crate) fn run(args: Args) -> ExitCode {
    let given = match start::read_text(&args.policy) {
        Ok(source) => checked(&args.policy, source, args.population.as_deref()),
        // A program that reads the findings finds this one among them; a person reads one line.
        Err(Unread::NotText(file, not_text)) if args.format != Format::Human => {
            let (source, checked) = not_text.checked();
            let given = Given { name: file.display().to_string(), source, checked };
            print::out(given.findings(args.format));
            return ExitCode::from(2);
        }
        Err(unread) => Err(Fault::from(unread).to_string()),
    };
    let given = match given {
        Ok(given) => given,
        Err(message) => return print::fail(message),
    };
    print::out(given.findings(args.format));
    verdict(&given.checked)
}

/// A policy that was read and checked.
pub(super) struct Given {
    /// The path as the user gave it.
    pub(super) name: String,
    source: Source,
    pub(super) checked: Checked,
}

impl Given {
    /// What was read elsewhere, checked as of a day.
    pub(super) fn of(name: String, source: Source, today: Date) -> Given {
        let checked = policy::check(&source, today);
        Given { name, source, checked }
    }

    /// The text alone.
    pub(super) fn into_source(self) -> Source {
        self.source
    }

    /// What a report is about.
    pub(super) fn subject(&self) -> report::Subject<'_> {
        report::Subject {
            policy: &self.name,
            source: &self.source,
            checked: &self.checked,
            today: start::today(&Clock::System),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// The errors alone, as `check` prints them, for standard error.
    pub(super) fn errors(&self) -> String {
        let errors = self.checked.findings().filter(|found| found.level == Level::Error);
        let colour = print::colour(&io::stderr());
        errors.map(|found| human::finding(&self.source, found, colour)).collect::<Vec<_>>().join("\n")
    }

    /// Are its errors those of the other, one by one?
    pub(super) fn has_errors_of(&self, other: &Given) -> bool {
        let errors = |given: &Given| -> Vec<(Rule, String, String)> {
            let errors = given.checked.findings().filter(|found| found.level == Level::Error);
            errors.map(|found| (found.rule, found.at.clone(), found.message.clone())).collect()
        };
        errors(self) == errors(other)
    }

    /// Everything that the check found, printed.
    pub(super) fn findings(&self, format: Format) -> String {
        match format {
            Format::Human => human::render(&self.source, &self.checked, print::colour(&io::stdout())),
            Format::Json => json::render(&self.name, &self.source, &self.checked),
            Format::Sarif => sarif::render(&self.source, &self.checked, env!("CARGO_PKG_VERSION")),
            Format::Github => github::render(&self.source, &self.checked),
        }
    }
}

/// Reads a policy and checks it as of today. The error is one line that says what to do.
pub(super) fn read(path: &Path, population: Option<&str>) -> Result<Given, String> {
    let source = start::read_policy(path).map_err(|fault| fault.to_string())?;
    checked(path, source, population)
}

fn checked(path: &Path, source: Source, population: Option<&str>) -> Result<Given, String> {
    let mut given = Given::of(path.display().to_string(), source, start::today(&Clock::System));
    if let Some(population) = population {
        given.checked.narrow(population)?;
    }
    Ok(given)
}

/// The exit code that the findings deserve.
pub(super) fn verdict(checked: &Checked) -> ExitCode {
    // What was not proved is no verdict.
    if checked.analysis.as_ref().is_some_and(|analysis| analysis.truncated) {
        return ExitCode::from(2);
    }
    let is_error = |found: &Diagnostic| found.level == Level::Error;
    if checked.findings().any(is_error) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
