//! The company under measurement: a policy, a configuration, and as many members as asked for.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use lifecycle::account::AuthenticatorState;
use lifecycle::factor::{FactorData, passkey, password, totp};
use lifecycle::{
    Account, AccountId, Actor, Authenticator, Change, Decision, Env, Fact, Facts, Session, What,
};
use policy::{Aal, FactorKind};
use server::app::{App, Clock, Peer};
use server::config::Config;
use server::fault::Fault;
use server::start;
use zeroize::Zeroizing;

use crate::Anything;
use crate::authenticator::SoftKey;
use crate::floor::SEED;

/// What members sign in with: one thing and nothing else, so that it is what is measured.
pub(crate) enum Login<'a> {
    /// Everybody has the seed of the floor.
    Totp,
    /// Everybody has this password.
    Password(&'a str),
    /// Everybody has a passkey of their own, which is put here in the order of the members.
    Passkey(&'a RefCell<Vec<SoftKey>>),
}

impl Login<'_> {
    fn kind(&self) -> FactorKind {
        match self {
            Login::Totp => FactorKind::Totp,
            Login::Password(_) => FactorKind::Password,
            Login::Passkey(_) => FactorKind::Passkey,
        }
    }

    fn data(&self, app: &App, account: &Account, phc: &str) -> Result<FactorData, Anything> {
        Ok(match self {
            Login::Totp => FactorData::Totp(totp::Stored::from_seed(SEED)),
            Login::Password(_) => FactorData::Password(password::Stored { phc: phc.to_owned() }),
            Login::Passkey(keys) => {
                let kind = FactorKind::Passkey;
                let begun =
                    passkey::begin_binding(app.webauthn(), account, kind).map_err(|no| no.to_string())?;
                let (key, credential) = SoftKey::register(&begun.options, &app.config().origin);
                let stored = passkey::finish_binding(app.webauthn(), &begun.state, &credential, kind);
                keys.borrow_mut().push(key);
                FactorData::Passkey(Box::new(stored.map_err(|no| no.to_string())?))
            }
        })
    }

    fn policy(&self) -> String {
        let kind = self.kind().name();
        let thing = if matches!(self, Login::Password(_)) { "" } else { "on = \"phone\"" };
        format!(
            r#"
version = 1

[organization]
name    = "Benchmark"
domain  = "bench.example"
support = "it@bench.example"

[authenticator.{kind}]
kind = "{kind}"
{thing}

[channel.own-mail]
kind      = "email"
protected = "phishing-resistant"

[channel.post]
kind = "post"

[approver.desk]
population = "staff"

[population.staff]
groups   = ["staff"]
proofing = "ial1"

[population.staff.enrol]
require = "invite(own-mail) and proofing(in-person)"
binds   = ["{kind}"]

[population.staff.login]
require = "{kind}"

[population.staff.bind]
require = "session(aal1)"
binds   = ["{kind}"]
notify  = ["own-mail"]

[population.staff.recover.desk]
require = "proofing(in-person) and approval(desk)"
binds   = ["{kind}"]
notify  = ["own-mail", "post"]

[population.staff.offboard]
within = "60s"
"#
        )
    }
}

/// A company to found.
pub(crate) struct Company<'a> {
    pub(crate) members: usize,
    pub(crate) sessions: usize,
    pub(crate) login: Login<'a>,
    /// `postgres://...` instead of SQLite.
    pub(crate) database: Option<&'a str>,
}

/// How many members one decision adds.
const BATCH: usize = 500;

/// Writes policy and configuration, and fills the database. The path of the configuration.
pub(crate) async fn found(
    folder: &Path,
    listen: u16,
    metrics: u16,
    company: &Company<'_>,
) -> Result<PathBuf, Anything> {
    let (app, configuration) = app(folder, listen, metrics, company).await?;
    fill(&app, company).await?;
    close(app).await?;
    Ok(configuration)
}

/// Ends its writers, so that another process has the database to itself.
pub(crate) async fn close(app: App) -> Result<(), Anything> {
    let committer = app.committer().clone();
    drop(app);
    Ok(tokio::task::spawn_blocking(move || committer.shut_down()).await?)
}

/// The parts of a server that does not listen, on an empty database.
pub(crate) async fn app(
    folder: &Path,
    listen: u16,
    metrics: u16,
    company: &Company<'_>,
) -> Result<(App, PathBuf), Anything> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("policy.toml"), company.login.policy())?;
    let database = company.database.map(|url| format!("database = \"{url}\"\n")).unwrap_or_default();
    let configuration = folder.join("postern-server.toml");
    std::fs::write(
        &configuration,
        format!(
            "listen = \"127.0.0.1:{listen}\"\norigin = \"http://localhost:{listen}\"\npolicy = \"policy.toml\"\n\
             data = \"data\"\n{database}metrics = \"127.0.0.1:{metrics}\"\n[console]\nadministrators = [\"staff\"]\n"
        ),
    )?;
    let config = Config::read(&configuration)?;
    let source = start::read_policy(&config.policy)?;
    let running = start::running(source, &Clock::System).map_err(|_| "the benchmark's policy has errors")?;
    let app =
        tokio::task::spawn_blocking(move || start::app(config, running, Clock::System, false)).await??;
    Ok((app, configuration))
}

/// Hires everybody.
pub(crate) async fn fill(app: &App, company: &Company<'_>) -> Result<(), Anything> {
    let phc = match company.login {
        // One hash for all: a member each would take hours.
        Login::Password(text) => app.passwords().hash(Zeroizing::new(text.to_owned())).await?,
        Login::Totp | Login::Passkey(_) => String::new(),
    };
    let peer = Peer::terminal();
    for first in (0..company.members).step_by(BATCH) {
        let last = (first + BATCH).min(company.members);
        let mut random = |bytes: &mut [u8]| App::random(bytes);
        let mut env = Env { now: app.now(), random: &mut random, code_key: &[0; 32] };
        let mut hired = Some(hire(first..last, company, app, &phc, &mut env)?);
        // The batch is made outside, because it borrows the company; it is committed once or not at all.
        let again = || Fault::broken("hiring a batch of members twice");
        app.decide(None, &peer, move |_, _| hired.take().ok_or_else(again)).await?;
    }
    Ok(())
}

/// The name of a member.
pub(crate) fn name(number: usize) -> String {
    format!("member{number}")
}

fn hire(
    numbers: std::ops::Range<usize>,
    company: &Company<'_>,
    app: &App,
    phc: &str,
    env: &mut Env<'_>,
) -> Result<Decision<()>, Anything> {
    let mut changes = Vec::new();
    for number in numbers {
        let account = member(number, env);
        let authenticator = Authenticator {
            id: lifecycle::id::AuthenticatorId::fresh(env),
            name: company.login.kind().name().to_owned(),
            kind: company.login.kind(),
            label: "Benchmark".to_owned(),
            state: AuthenticatorState::Active,
            bound_at: env.now,
            bound_by: "enrol".to_owned(),
            last_used_at: None,
            failures: 0,
            locked_until: None,
            last_step: 0,
            data: company.login.data(app, &account, phc)?,
        };
        let id = account.id.clone();
        changes.push(Change::CreateAccount(Box::new(account)));
        changes
            .push(Change::AddAuthenticator { account: id.clone(), authenticator: Box::new(authenticator) });
        changes.push(Change::SetEnrolled { account: id.clone(), at: env.now });
        if number < company.sessions {
            let session = Box::new(session(id, env));
            let hash = session.token(env).hash();
            changes.push(Change::StartSession { session, hash });
        }
    }
    let fact = Fact::about(What::MemberAdded, Actor::Terminal, None);
    Ok(Decision { reply: (), changes, facts: Facts::one(fact) })
}

pub(crate) fn member(number: usize, env: &mut Env<'_>) -> Account {
    Account {
        id: AccountId::fresh(env),
        name: name(number),
        display_name: format!("Member {number}"),
        groups: vec!["staff".to_owned()],
        manager: None,
        created_at: env.now,
        enrolled_at: None,
        offboarded_at: None,
        addresses: Vec::new(),
        authenticators: Vec::new(),
    }
}

fn session(account: AccountId, env: &mut Env<'_>) -> Session {
    let hour = std::time::Duration::from_hours(1);
    Session {
        id: lifecycle::id::SessionId::fresh(env),
        account,
        aal: Aal::One,
        phishing_resistant: false,
        used: vec!["totp".to_owned()],
        authenticated_at: env.now,
        last_seen_at: env.now,
        idle_expires_at: env.now.plus(hour),
        expires_at: env.now.plus(hour),
        peer: "127.0.0.1".to_owned(),
        agent: "benchmark".to_owned(),
    }
}
