//! `postern demo`: the product with a made-up company, in a folder that goes away with it.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lifecycle::directory::NewMember;
use lifecycle::enrol::Authority;
use lifecycle::{AccountId, directory, enrol};
use policy::{Source, SourceFile};
use server::app::{App, Clock, Peer};
use server::config::{Config, Console};
use server::fault::Fault;
use server::page::links;
use server::{start, store};

use super::open::{self, NotOpened};
use super::{member, serve};
use crate::print;

/// What `demo` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The port on localhost
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Another policy than the example company's; its populations must have the same names
    #[arg(long)]
    policy: Option<PathBuf>,
}

/// One made-up person.
struct Person {
    role: &'static str,
    name: &'static str,
    display_name: &'static str,
    group: &'static str,
    manager: Option<&'static str>,
}

/// The company, those who must be there first on top.
const COMPANY: [Person; 6] = [
    Person { role: "help desk", name: "hana", display_name: "Hana Hill", group: "helpdesk", manager: None },
    Person { role: "help desk", name: "hugo", display_name: "Hugo Hart", group: "helpdesk", manager: None },
    Person { role: "manager", name: "mia", display_name: "Mia Moss", group: "staff", manager: None },
    Person { role: "staff", name: "sam", display_name: "Sam Stone", group: "staff", manager: Some("mia") },
    Person { role: "staff", name: "suri", display_name: "Suri Shah", group: "staff", manager: Some("mia") },
    Person {
        role: "contractor",
        name: "cora",
        display_name: "Cora Cole",
        group: "contractors",
        manager: Some("mia"),
    },
];

/// A folder that is removed when the demo ends.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind at worst: it is in the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the demo until it is told to stop.
pub(crate) fn run(args: Args) -> ExitCode {
    serve::logs(false, "warn,server::start=error");
    match demo(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(not_opened) => not_opened.report(),
    }
}

fn demo(args: Args) -> Result<(), NotOpened> {
    let source = match args.policy {
        Some(path) => start::read_policy(&path)?,
        None => Source {
            files: vec![SourceFile {
                name: "examples/company.toml".to_owned(),
                text: include_str!("../../../../examples/company.toml").to_owned(),
            }],
        },
    };
    let running = open::checked(source)?;
    let runtime = open::runtime()?;
    // The port first: a second demo says so before it makes anything.
    let listener = runtime.block_on(start::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, args.port))))?;
    let folder = Folder(std::env::temp_dir().join(format!("postern-demo-{}", std::process::id())));
    let app = start::app(config(&folder.0, args.port), running, Clock::System, true)?;
    runtime.block_on(async {
        let links = company(&app).await?;
        print::out(summary(&app, &links));
        start::serve_on(app, listener, start::until_told()).await
    })?;
    print::out("\nStopped; everything the demo made is gone.\n");
    Ok(())
}

fn config(folder: &Path, port: u16) -> Config {
    let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        origin: format!("http://localhost:{port}"),
        policy: PathBuf::from("examples/company.toml"),
        data: folder.to_owned(),
        database: None,
        master_key: None,
        metrics: None,
        behind_proxy: false,
        console: Console {
            administrators: named(&["admins"]),
            agents: named(&["helpdesk", "admins"]),
            auditors: Vec::new(),
        },
        smtp: None,
        sms: None,
    }
}

/// One line of the summary and of the demo page.
#[derive(serde::Serialize)]
struct Invitation {
    role: &'static str,
    name: &'static str,
    link: String,
}

async fn company(app: &App) -> Result<Vec<Invitation>, Fault> {
    let mut invitations = Vec::new();
    let refused =
        |refusal: lifecycle::Refusal| Fault::broken("making up a company").because(refusal.to_string());
    let ada =
        member::bootstrap(app, "ada".to_owned(), "Ada Archer", addresses("ada")).await?.map_err(refused)?;
    invitations.push(Invitation { role: "administrator", name: "Ada Archer", link: ada });
    let mut ids: Vec<(&str, AccountId)> = Vec::new();
    for person in &COMPANY {
        let manager =
            person.manager.and_then(|name| ids.iter().find(|(n, _)| *n == name)).map(|(_, id)| id.clone());
        let new = NewMember {
            name: person.name.to_owned(),
            display_name: person.display_name.to_owned(),
            groups: vec![person.group.to_owned()],
            manager,
            addresses: addresses(person.name),
        };
        let id = app
            .decide(None, &Peer::terminal(), move |view, env| {
                Ok(directory::add(new.clone(), false, Authority::Terminal, view.policy(), env))
            })
            .await?
            .map_err(refused)?;
        let lock = id.clone();
        let invited = id.clone();
        let secret = app
            .decide(Some(&lock), &Peer::terminal(), move |view, env| {
                let account = view.account(invited.as_str())?;
                let account = account.ok_or_else(|| Fault::broken("inviting somebody made up"))?;
                Ok(enrol::invite(&account, Authority::Terminal, view.policy(), env))
            })
            .await?
            .map_err(refused)?;
        let link = format!("{}{}", app.config().origin, links::enrol(secret.expose()));
        invitations.push(Invitation { role: person.role, name: person.display_name, link });
        ids.push((person.name, id));
    }
    let text = serde_json::to_string(&invitations)
        .map_err(|error| Fault::broken("writing the demo's links").because(error))?;
    app.upkeep(move |view| store::keys::set(view.tx, "demo_links", &text)).await?;
    Ok(invitations)
}

fn addresses(name: &str) -> Vec<(String, String)> {
    vec![
        ("own-mail".to_owned(), format!("{name}@mail.example")),
        (
            "mobile".to_owned(),
            format!("+4420794600{:02}", name.len() * 7 + usize::from(name.as_bytes()[0] % 10)),
        ),
    ]
}

fn summary(app: &App, invitations: &[Invitation]) -> String {
    let colour = print::colour(&std::io::stdout());
    let (bold, dim, accent, plain) =
        if colour { ("\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m") } else { ("", "", "", "") };
    let origin = &app.config().origin;
    let mut text = format!(
        "\n  {bold}Postern{plain}  {dim}{} - a made-up company, kept until you stop{plain}\n\n\
         \x20 Portal    {accent}{origin}{}{plain}\n\
         \x20 Console   {accent}{origin}{}{plain}\n\
         \x20 Mail      {accent}{origin}{}{plain}  {dim}what would have been sent{plain}\n\
         \x20 All links {accent}{origin}{}{plain}\n\n\
         \x20 {bold}Invitations{plain}  {dim}each works once; start with the administrator, who admits the help desk{plain}\n\n",
        app.policy().model().organization.name,
        links::SIGN_IN,
        links::CONSOLE,
        links::DEMO_MAIL,
        links::DEMO,
    );
    for Invitation { role, name, link } in invitations {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "  {role:<14} {name:<11} {accent}{link}{plain}");
    }
    text + &format!("\n  {dim}Stop with Ctrl-C.{plain}\n\n")
}
