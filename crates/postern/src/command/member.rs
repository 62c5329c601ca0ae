//! `postern member ...`: what an administrator does in the console, from the server's own terminal.
//!
//! Opens no account by another way than its doors: `recover` opens a case like anybody else, `invite` sends a link
//! to the member's own address. Only the ticket of the first administrator is printed.

use std::process::ExitCode;

use clap::Subcommand;
use lifecycle::directory::NewMember;
use lifecycle::enrol::Authority;
use lifecycle::{Answer, Decision, Fact, What, directory, enrol, offboard, recover};
use server::app::{App, Peer, View};
use server::fault::Fault;
use server::page::links;
use server::store::accounts;

use super::open::{self, Configured};
use crate::print;

/// What can be done to members.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Add a member to the directory
    Add {
        /// The name to sign in with
        name: String,
        /// How people call them
        #[arg(long, default_value = "")]
        display_name: String,
        /// A group; may be given several times
        #[arg(long = "group", required = true)]
        groups: Vec<String>,
        /// Their manager's name
        #[arg(long)]
        manager: Option<String>,
        /// An address as CHANNEL=ADDRESS; may be given several times
        #[arg(long = "address", value_parser = pair)]
        addresses: Vec<(String, String)>,
        #[command(flatten)]
        configured: Configured,
    },
    /// Print the ticket that enrols the very first administrator
    FirstAdministrator {
        /// Their name; they are added to the directory if need be
        name: String,
        /// An address as CHANNEL=ADDRESS, for somebody new; may be given several times
        #[arg(long = "address", value_parser = pair)]
        addresses: Vec<(String, String)>,
        #[command(flatten)]
        configured: Configured,
    },
    /// Send an invitation to the member's own address
    Invite {
        /// Whom
        name: String,
        #[command(flatten)]
        configured: Configured,
    },
    /// List members
    List {
        /// Only names that hold this
        #[arg(default_value = "")]
        search: String,
        #[command(flatten)]
        configured: Configured,
    },
    /// End sessions, factors, codes, tickets and open cases in one act
    Offboard {
        /// Whom
        name: String,
        /// Why, for the log
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        configured: Configured,
    },
    /// Open a recovery case; the member joins it with the reference
    Recover {
        /// Whom
        name: String,
        /// Which recover door of their population
        #[arg(long)]
        door: String,
        /// Why, for the log
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        configured: Configured,
    },
}

fn pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(channel, address)| (channel.to_owned(), address.to_owned()))
        .ok_or_else(|| "write it like `own-mail=alice@example.org`".to_owned())
}

/// Runs one of them.
pub(crate) fn run(command: Command) -> ExitCode {
    match command {
        Command::Add { name, display_name, groups, manager, addresses, configured } => {
            let new = NewMember { name, display_name, groups, manager: None, addresses };
            open::with_app(&configured, |app| async move { add(&app, new, manager).await })
        }
        Command::FirstAdministrator { name, addresses, configured } => {
            open::with_app(&configured, |app| async move { first_administrator(&app, name, addresses).await })
        }
        Command::Invite { name, configured } => open::with_app(&configured, |app| async move {
            let done = on_member(&app, name, |account, view, env| {
                enrol::invite(account, Authority::Terminal, view.policy(), env).map(|reply| reply.map(drop))
            });
            Ok(said(done.await?, "invited: the link is on its way to the member's own address"))
        }),
        Command::List { search, configured } => {
            open::with_app(&configured, |app| async move { list(&app, search).await })
        }
        Command::Offboard { name, reason, configured } => open::with_app(&configured, |app| async move {
            let done = on_member(&app, name, move |account, _, env| {
                offboard::offboard(account, Authority::Terminal, &reason, env)
            });
            Ok(said(done.await?, "off-boarded: nothing of this account opens any more"))
        }),
        Command::Recover { name, door, reason, configured } => {
            open::with_app(&configured, |app| async move {
                let done = on_member(&app, name.clone(), move |account, view, env| {
                    recover::open_for(account, Authority::Terminal, view.policy(), &door, &reason, env)
                });
                match done.await? {
                    Ok(case) => {
                        let at =
                            format!("{}{}", app.config().origin.trim_end_matches('/'), links::RECOVER_JOIN);
                        print::out(format_args!(
                            "A case is open. It opens nothing by itself.\n\n  reference  {}\n  the member joins it at  {at}\n",
                            case.reference
                        ));
                        Ok(ExitCode::SUCCESS)
                    }
                    Err(refusal) => Ok(refused(&refusal)),
                }
            })
        }
    }
}

/// Decides about one member by name; somebody unknown is refused, and that is recorded.
async fn on_member<T, F>(
    app: &App,
    name: String,
    mut decide: F,
) -> Result<Result<T, lifecycle::Refusal>, Fault>
where
    T: Send + 'static,
    F: FnMut(&lifecycle::Account, &mut View<'_, '_>, &mut lifecycle::Env<'_>) -> Answer<T> + Send + 'static,
{
    let wanted = name.trim().to_lowercase();
    let id = app.read(move |view| accounts::id_of(view.tx, &wanted)).await?;
    let lock = id.clone();
    app.decide(lock.as_ref(), &Peer::terminal(), move |view, env| {
        let account = match &id {
            Some(id) => view.account(id.as_str())?,
            None => None,
        };
        if let Some(account) = account {
            return Ok(decide(&account, view, env));
        }
        let refusal = lifecycle::Refusal::NotAcceptable(format!("There is no member `{name}`."));
        let fact = Fact::about(What::MemberChanged, lifecycle::Actor::Terminal, None).refused(&refusal);
        Ok(Decision::only(Err(refusal), fact))
    })
    .await
}

fn said(done: Result<(), lifecycle::Refusal>, words: &str) -> ExitCode {
    match done {
        Ok(()) => {
            print::out(format_args!("{words}\n"));
            ExitCode::SUCCESS
        }
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &lifecycle::Refusal) -> ExitCode {
    print::err(format_args!("refused ({}): {refusal}", refusal.code()));
    ExitCode::from(1)
}

async fn add(app: &App, new: NewMember, manager: Option<String>) -> Result<ExitCode, Fault> {
    let peer = Peer::terminal();
    let added = app.decide(None, &peer, move |view, env| {
        let mut new = new.clone();
        if let Some(name) = &manager {
            new.manager = accounts::id_of(view.tx, &name.to_lowercase())?;
            if new.manager.is_none() {
                let refusal = lifecycle::Refusal::NotAcceptable(format!(
                    "There is no member `{name}` to be the manager."
                ));
                let fact = Fact::about(What::MemberAdded, lifecycle::Actor::Terminal, None).refused(&refusal);
                return Ok(Decision::only(Err(refusal), fact));
            }
        }
        let taken = accounts::id_of(view.tx, &new.name.trim().to_lowercase())?.is_some();
        Ok(directory::add(new, taken, Authority::Terminal, view.policy(), env))
    });
    Ok(said(added.await?.map(drop), "added: no door is open yet, invite them next"))
}

async fn list(app: &App, search: String) -> Result<ExitCode, Fault> {
    let mut offset = 0;
    loop {
        let wanted = search.clone();
        let page = app.read(move |view| accounts::listed(view.tx, &wanted, offset, 500)).await?;
        let Some(last) = i64::try_from(page.len()).ok().filter(|n| *n > 0) else {
            return Ok(ExitCode::SUCCESS);
        };
        for account in page {
            let state = match (account.offboarded_at, account.enrolled_at) {
                (Some(_), _) => "off-boarded",
                (None, Some(_)) => "enrolled",
                (None, None) => "not enrolled",
            };
            print::out(format_args!("{:<24} {:<13} {}\n", account.name, state, account.groups.join(",")));
        }
        offset += last;
    }
}

async fn first_administrator(
    app: &App,
    name: String,
    addresses: Vec<(String, String)>,
) -> Result<ExitCode, Fault> {
    match bootstrap(app, name, "", addresses).await? {
        Ok(link) => {
            print::out(format_args!(
                "Open this link to enrol the first administrator. It works once:\n\n  {link}\n\n"
            ));
            Ok(ExitCode::SUCCESS)
        }
        Err(refusal) => Ok(refused(&refusal)),
    }
}

/// Adds the first administrator if need be and makes their ticket. Refused once any administrator is enrolled.
pub(crate) async fn bootstrap(
    app: &App,
    name: String,
    display_name: &str,
    addresses: Vec<(String, String)>,
) -> Result<Result<String, lifecycle::Refusal>, Fault> {
    let groups = app.administrator_groups();
    let name = name.trim().to_lowercase();
    let wanted = name.clone();
    let known = app.read(move |view| accounts::id_of(view.tx, &wanted)).await?;
    if known.is_none() {
        let first: Vec<String> = groups.iter().take(1).cloned().collect();
        let new = NewMember {
            name: name.clone(),
            display_name: display_name.to_owned(),
            groups: first,
            manager: None,
            addresses,
        };
        let added = app
            .decide(None, &Peer::terminal(), move |view, env| {
                Ok(directory::add(new.clone(), false, Authority::Terminal, view.policy(), env))
            })
            .await?;
        if let Err(refusal) = added {
            return Ok(Err(refusal));
        }
    }
    let ticket = on_member(app, name, move |account, view, env| {
        let enrolled = accounts::any_enrolled_in(view.tx, &groups);
        let is_administrator = account.groups.iter().any(|g| groups.contains(g));
        match enrolled {
            Ok(false) if is_administrator => enrol::bootstrap(account, view.policy(), env),
            _ => {
                let refusal = lifecycle::Refusal::NotAuthorized;
                let fact = Fact::about(What::TicketIssued, lifecycle::Actor::Terminal, Some(&account.id))
                    .with("bootstrap", "yes")
                    .refused(&refusal);
                Decision::only(Err(refusal), fact)
            }
        }
    });
    let origin = app.config().origin.trim_end_matches('/').to_owned();
    Ok(ticket.await?.map(|secret| format!("{origin}{}", links::enrol(secret.expose()))))
}
