//! `postern apply`: puts a policy into force, after showing what it does.

use std::io::{self, BufRead, IsTerminal};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::ExitCode;

use server::app::{App, Clock};
use server::config::{Config, Console};
use server::fault::Fault;
use server::install::{self, Record};
use server::plan::Counts;
use server::start;
use server::store::migrate;

use super::check::{Given, read};
use super::open::{self, Configured};
use super::plan::Consequences;
use crate::print;

/// Put a policy into force: every running server takes it over within seconds, and the audit log records it.
///
/// Shows the plan first. A policy with errors is refused, and so is one that weakens anything or takes anybody's way to
/// sign in, unless a reason is given for the log. Exits with 0 if the policy is in force, with 1 if it was refused, and with 2 if
/// it could not be installed.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The policy: a file, or a folder of `*.toml` that is one policy.
    new: PathBuf,
    /// Do not ask on the terminal.
    #[arg(long)]
    yes: bool,
    /// Accept that something becomes weaker or somebody cannot sign in any more; the reason goes into the audit log.
    #[arg(long, value_name = "REASON")]
    accept_weaker: Option<String>,
    #[command(flatten)]
    configured: Configured,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments by value")]
pub(crate) fn run(args: Args) -> ExitCode {
    let new = match read(&args.new, None) {
        Ok(new) => new,
        Err(message) => return print::fail(message),
    };
    let errors = new.errors();
    if !errors.is_empty() {
        print::err(errors);
        return refused("it has errors; mend them first");
    }
    apply(&args, new).unwrap_or_else(print::fail)
}

fn apply(args: &Args, new: Given) -> Result<ExitCode, Fault> {
    let config = Config::read(&args.configured.config)?;
    if let Some(model) = &new.checked.model
        && let Err(fault) = start::knows_console(&config.console, model)
    {
        return Ok(refused(&format!("running servers could not take it over: {fault}")));
    }
    let mut conn = migrate::open_current(&config.database())?;
    let consequences = conn.read(|tx| {
        let consequences = Consequences::of(tx, &new)?;
        consequences.tell(tx, &new, false)?;
        Ok(consequences)
    })?;
    drop(conn);
    if consequences.diff.before == consequences.diff.after {
        print::out("\nThis policy is in force already: nothing to do.\n");
        return Ok(ExitCode::SUCCESS);
    }
    if changes_domain(&consequences.old, &new) {
        return Ok(refused(
            "it changes `organization.domain`, by which the audit log signs and passkeys are bound",
        ));
    }
    let reason = args.accept_weaker.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let admitted = admitted(&config.console, &consequences.old, &new);
    for (group, population) in &admitted {
        print::out(format_args!("- group `{group}` may use the console now, as `{population}`\n"));
    }
    if (consequences.is_harmful() || !admitted.is_empty()) && reason.is_none() {
        return Ok(refused(
            "it weakens something or takes somebody's way to sign in; if that is meant, say why: \
             --accept-weaker \"REASON\"",
        ));
    }
    if !args.yes && !confirmed()? {
        return Ok(refused("nobody confirmed it; answer `yes`, or give --yes where nobody can be asked"));
    }
    install(config, new, &record(&consequences, reason))
}

fn refused(why: &str) -> ExitCode {
    print::err(format_args!("not applied: {why}"));
    ExitCode::FAILURE
}

fn changes_domain(old: &Given, new: &Given) -> bool {
    let domain = |given: &Given| given.checked.model.as_ref().map(|model| model.organization.domain.clone());
    domain(old) != domain(new)
}

/// Groups that the console is open to under the new policy alone, with the population that opens it to them.
fn admitted(console: &Console, old: &Given, new: &Given) -> Vec<(String, String)> {
    let groups = |given: &Given, name: &str| -> Vec<String> {
        let model = given.checked.model.as_ref();
        let population = model.and_then(|model| Some(&model[model.population(name)?]));
        population.map(|population| population.groups.clone()).unwrap_or_default()
    };
    let mut admitted = vec![];
    // By part: an auditor who becomes an administrator is admitted as well.
    for part in [&console.administrators, &console.agents, &console.auditors] {
        let before: Vec<String> = part.iter().flat_map(|name| groups(old, name)).collect();
        for name in part {
            let added = groups(new, name).into_iter().filter(|group| !before.contains(group));
            admitted.extend(added.map(|group| (group, name.clone())));
        }
    }
    admitted.sort();
    admitted.dedup();
    admitted
}

/// Asks on the terminal; without one, nobody confirms.
fn confirmed() -> Result<bool, Fault> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    print::err("\nPut this policy into force? Type `yes`:");
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Fault::broken("reading the answer").because(error))?;
    Ok(answer.trim() == "yes")
}

fn record(consequences: &Consequences, reason: Option<&str>) -> Record {
    let plan = &consequences.plan;
    let counts = [
        ("members", plan.total(|of| of.members)),
        ("locked-out", plan.total(|of| of.locked_out)),
        ("lose-sign-in", plan.total(|of| of.lose_sign_in)),
        ("must-add", plan.total(Counts::all_who_must_add)),
        ("easier", plan.total(|of| of.easier)),
        ("weakens", consequences.diff.count(policy::diff::Effect::Weakens) as u64),
    ];
    Record {
        instead_of: Some(consequences.diff.before.clone()),
        user: user(),
        reason: reason.map(str::to_owned),
        counts: counts.into(),
    }
}

/// Who runs this, by the kernel's word: the owner of the process, under the name that the system gives it.
fn user() -> String {
    let Ok(process) = std::fs::metadata("/proc/self") else { return "unknown".to_owned() };
    let uid = process.uid().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| format!("uid {uid}"))
}

fn install(config: Config, new: Given, record: &Record) -> Result<ExitCode, Fault> {
    let digest = new.checked.digest.clone();
    let running = match open::checked(new.into_source()) {
        Ok(running) => running,
        Err(not_opened) => return Ok(not_opened.report()),
    };
    let app: App = start::app_under(config, running, Clock::System, false)?;
    let outcome = open::runtime()?.block_on(install::apply(&app, record.clone()));
    app.committer().shut_down();
    outcome?;
    print::out(format_args!("\nIn force: {digest}\nRunning servers take it over within seconds.\n"));
    Ok(ExitCode::SUCCESS)
}
