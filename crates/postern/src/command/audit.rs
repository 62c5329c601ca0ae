//! `postern audit ...`: the log, checked and handed out.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use server::app::App;
use server::audit::checkpoint::Checkpoint;
use server::audit::note::Verifier;
use server::audit::record::Records;
use server::audit::verify::{self, Report};
use server::audit::{export, prove};
use server::fault::Fault;
use server::store::log;

use super::open::{self, Configured};
use crate::print;

/// What can be asked of the log.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Print the latest signed checkpoint: keep it elsewhere, and verify against it later
    Checkpoint {
        #[command(flatten)]
        configured: Configured,
    },
    /// Write the whole log as JSON Lines
    Export {
        /// The file to write; standard output if missing
        #[arg(long, short)]
        output: Option<PathBuf>,
        #[command(flatten)]
        configured: Configured,
    },
    /// Print the public key that checkpoints are verified with
    Key {
        #[command(flatten)]
        configured: Configured,
    },
    /// Prove that one event is in the log
    Prove {
        /// The event's number, from 0
        seq: u64,
        /// For a program instead of a reader
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        configured: Configured,
    },
    /// Verify the whole log and name the first bad event
    Verify {
        /// An export to verify instead of the database
        #[arg(long, requires = "key")]
        export: Option<PathBuf>,
        /// A checkpoint that was kept elsewhere
        #[arg(long)]
        against: Option<PathBuf>,
        /// The public key, as `postern audit key` printed it; asked of the database if missing
        #[arg(long)]
        key: Option<String>,
        #[command(flatten)]
        configured: Configured,
    },
}

/// Runs one of them.
pub(crate) fn run(command: Command) -> ExitCode {
    match command {
        Command::Checkpoint { configured } => open::with_app(&configured, |app| async move {
            let note = app.read(|view| log::latest_checkpoint(view.tx)).await?;
            print::out(note.unwrap_or_default());
            Ok(ExitCode::SUCCESS)
        }),
        Command::Export { output, configured } => {
            open::with_app(&configured, |app| async move { export_log(&app, output).await })
        }
        Command::Key { configured } => open::with_app(&configured, |app| async move {
            print::out(format_args!("{}\n", verifier(&app)?));
            Ok(ExitCode::SUCCESS)
        }),
        Command::Prove { seq, json, configured } => {
            open::with_app(&configured, |app| async move { prove_event(&app, seq, json).await })
        }
        Command::Verify { export: Some(file), against, key, .. } => {
            verify_export(&file, against, key.as_deref().unwrap_or_default()).unwrap_or_else(print::fail)
        }
        Command::Verify { export: None, against, key, configured } => {
            open::with_app(&configured, |app| async move { verify_database(&app, against, key).await })
        }
    }
}

/// The public key of this database's log.
fn verifier(app: &App) -> Result<Verifier, Fault> {
    let signer = app.keys().signer(&server::start::origin(app.running()))?;
    Ok(signer.verifier().clone())
}

fn parse_key(key: &str) -> Result<Verifier, Fault> {
    Verifier::parse(key.trim()).ok_or_else(|| {
        Fault::broken("reading the public key").help("give it as `postern audit key` printed it")
    })
}

fn kept(against: Option<PathBuf>, verifier: &Verifier) -> Result<Option<Checkpoint>, Fault> {
    let Some(path) = against else { return Ok(None) };
    let doing = || format!("reading the checkpoint `{}`", path.display());
    let note = std::fs::read_to_string(&path).map_err(|error| Fault::broken(doing()).because(error))?;
    let opened = Checkpoint::open(&note, verifier);
    opened.map(Some).map_err(|why| Fault::broken(doing()).because(why.to_string()))
}

async fn verify_database(
    app: &App,
    against: Option<PathBuf>,
    key: Option<String>,
) -> Result<ExitCode, Fault> {
    let verifier = key.map_or_else(|| verifier(app), |key| parse_key(&key))?;
    let against = kept(against, &verifier)?;
    let report =
        app.read(move |view| verify::verify(Records::of(view.tx)?, against.as_ref(), &verifier)).await?;
    Ok(tell(&report))
}

fn verify_export(file: &PathBuf, against: Option<PathBuf>, key: &str) -> Result<ExitCode, Fault> {
    let verifier = parse_key(key)?;
    let against = kept(against, &verifier)?;
    let opened = File::open(file)
        .map_err(|error| Fault::broken(format!("opening the export `{}`", file.display())).because(error))?;
    let report = verify::verify(export::read(BufReader::new(opened)), against.as_ref(), &verifier)?;
    Ok(tell(&report))
}

/// What verification found; exit code 1 for a log that is not what was signed.
fn tell(report: &Report) -> ExitCode {
    if report.problem.is_some() {
        print::err(format_args!("{report}"));
        return ExitCode::from(1);
    }
    print::out(format_args!("{report}\n"));
    ExitCode::SUCCESS
}

async fn export_log(app: &App, output: Option<PathBuf>) -> Result<ExitCode, Fault> {
    let written = app.read(move |view| match &output {
        None => export::write(Records::of(view.tx)?, std::io::stdout().lock()),
        Some(path) => {
            let file = File::create(path).map_err(|error| {
                Fault::broken(format!("making the file `{}`", path.display())).because(error)
            })?;
            export::write(Records::of(view.tx)?, BufWriter::new(file))
        }
    });
    let written = written.await?;
    print::err(format_args!("exported {written} events"));
    Ok(ExitCode::SUCCESS)
}

async fn prove_event(app: &App, seq: u64, json: bool) -> Result<ExitCode, Fault> {
    let verifier = verifier(app)?;
    match app.read(move |view| prove::prove(view.tx, seq, &verifier)).await? {
        Some(proof) if json => print::out(format_args!("{}\n", proof.to_json())),
        Some(proof) => print::out(proof),
        None => {
            print::err(format_args!("there is no event {seq}"));
            return Ok(ExitCode::from(1));
        }
    }
    Ok(ExitCode::SUCCESS)
}
