//! `postern takeover`: the weakest ways in, as attack steps, of a policy or of one real account.

use std::path::PathBuf;
use std::process::ExitCode;

use policy::render::{json, takeover};
use policy::takeover::Verdict;
use policy::{Checked, Ranking};
use server::assess;

use super::check::{Format, read, verdict};
use super::directory::Directory;
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
    /// The ways into the account of this member, by what they really hold; the database is read, never changed.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["app", "population"])]
    member: Option<String>,
    #[command(flatten)]
    directory: Directory,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments by value")]
pub(crate) fn run(args: Args) -> ExitCode {
    let given = match read(&args.policy, args.population.as_deref()) {
        Ok(given) => given,
        Err(message) => return print::fail(message),
    };
    let checked = &given.checked;
    // What cannot be read as a policy has no ways in; what is wrong with it is printed instead.
    let is_told = args.format == Format::Human || args.member.is_some();
    let Some(model) = checked.model.as_ref().filter(|_| is_told) else {
        print::out(given.findings(args.format));
        return verdict(checked);
    };
    if let Some(member) = &args.member {
        return of_member(checked, member, &args).unwrap_or_else(print::fail);
    }
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

/// The account of one member. Exits with 1 if a way in is weaker than their login, with 2 if nothing is proved.
fn of_member(checked: &Checked, typed: &str, args: &Args) -> Result<ExitCode, String> {
    let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) else {
        return Ok(verdict(checked));
    };
    if !matches!(args.format, Format::Human | Format::Json) {
        return Err("the account of a member is printed as `human` or `json` only".to_owned());
    }
    let mut conn = args.directory.open().map_err(|fault| fault.to_string())?;
    let found = conn.read(|tx| Ok((assess::member(tx, typed)?, assess::alike(tx, typed)?)));
    let (found, alike) = found.map_err(|fault| fault.to_string())?;
    let Some((name, holding)) = found else {
        let help =
            if alike.is_empty() { "`postern member list` lists all".to_owned() } else { alike.join(", ") };
        let help = if alike.is_empty() { help } else { format!("there are {help}") };
        return Err(format!("no member is named `{typed}`; {help}"));
    };
    let Some(profile) = holding.profile(model, &Ranking::of(model, analysis)) else {
        let groups = if holding.groups.is_empty() { "none".to_owned() } else { holding.groups.join(", ") };
        return Err(format!(
            "`{name}` has no door: no population of the policy matches their groups ({groups})"
        ));
    };
    if profile.is_empty() {
        let population = &model[profile.population()].name;
        return Err(format!(
            "`{name}`, of {population}, holds nothing yet; `postern takeover {} --population {population}` tells \
             how such an account is enrolled or taken",
            args.policy.display()
        ));
    }
    let reading = profile.read(model).map_err(|truncated| truncated.to_string())?;
    print::out(match args.format {
        Format::Json => json::member(model, &name, &profile, &reading),
        _ => takeover::member(model, &name, &profile, &reading),
    });
    Ok(if reading.verdict == Verdict::Weaker { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
