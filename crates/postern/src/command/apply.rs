//! `postern apply`: puts a policy into force, after showing what it does.

use std::collections::BTreeMap;
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
use server::store::driver::Tx;
use server::store::migrate;

use super::check::{Given, read};
use super::diff::complain;
use super::open::{self, Configured};
use super::plan::{Consequences, in_force};
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
    let (replaced, domain) = conn.read(|tx| Ok((Replaced::by(tx, &new)?, start::domain_of_log(tx)?)))?;
    drop(conn);
    if replaced.old().checked.digest == new.checked.digest {
        print::out("\nThis policy is in force already: nothing to do.\n");
        return Ok(ExitCode::SUCCESS);
    }
    if domain
        .is_some_and(|signs| new.checked.model.as_ref().is_none_or(|new| new.organization.domain != signs))
    {
        return Ok(refused(
            "it changes `organization.domain`, by which the audit log signs and passkeys are bound",
        ));
    }
    let reason = args.accept_weaker.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let admitted = admitted(&config.console, replaced.old(), &new);
    for (group, population) in &admitted {
        print::out(format_args!("- group `{group}` may use the console now, as `{population}`\n"));
    }
    if (replaced.may_harm() || !admitted.is_empty()) && reason.is_none() {
        return Ok(refused(
            "it weakens something or takes somebody's way to sign in, for all that is known; if that is meant, say \
             why: --accept-weaker \"REASON\"",
        ));
    }
    if !args.yes && !confirmed()? {
        return Ok(refused("nobody confirmed it; answer `yes`, or give --yes where nobody can be asked"));
    }
    install(config, new, &record(&replaced, reason))
}

/// The policy in force, and what replacing it does to people.
enum Replaced {
    Compared(Box<Consequences>),
    /// It cannot be read any more, by a language that has moved on perhaps. It has to be replaceable all the same.
    Unreadable(Box<Given>),
}

impl Replaced {
    /// Tells what is known.
    fn by(tx: &mut Tx<'_>, new: &Given) -> Result<Replaced, Fault> {
        let old = in_force(tx, new)?;
        if old.checked.model.is_none() {
            complain(&old);
            print::out(
                "The policy in force cannot be read, so nothing can be compared with it: neither what becomes weaker, \
                 nor who loses their way to sign in.\n",
            );
            return Ok(Replaced::Unreadable(Box::new(old)));
        }
        let consequences = Consequences::of(tx, old, new)?;
        consequences.tell(tx, new, false)?;
        Ok(Replaced::Compared(Box::new(consequences)))
    }

    fn old(&self) -> &Given {
        match self {
            Replaced::Compared(consequences) => &consequences.old,
            Replaced::Unreadable(old) => old,
        }
    }

    /// What is not known may be harmful.
    fn may_harm(&self) -> bool {
        match self {
            Replaced::Compared(consequences) => consequences.is_harmful(),
            Replaced::Unreadable(_) => true,
        }
    }

    /// What the log says of the consequences; nothing, where nothing is known.
    fn counts(&self) -> BTreeMap<&'static str, u64> {
        let Replaced::Compared(consequences) = self else { return BTreeMap::new() };
        let plan = &consequences.plan;
        let counts = [
            ("members", plan.total(|of| of.members)),
            ("locked-out", plan.total(|of| of.locked_out)),
            ("lose-sign-in", plan.total(|of| of.lose_sign_in)),
            ("must-add", plan.total(Counts::all_who_must_add)),
            ("easier", plan.total(|of| of.easier)),
            ("weakens", consequences.diff.count(policy::diff::Effect::Weakens) as u64),
        ];
        counts.into()
    }
}

fn refused(why: &str) -> ExitCode {
    print::err(format_args!("not applied: {why}"));
    ExitCode::FAILURE
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

fn record(replaced: &Replaced, reason: Option<&str>) -> Record {
    Record {
        instead_of: Some(replaced.old().checked.digest.clone()),
        user: user(),
        reason: reason.map(str::to_owned),
        counts: replaced.counts(),
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
