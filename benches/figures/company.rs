//! The company under measurement: a policy, a configuration, and as many members as asked for.

use std::path::{Path, PathBuf};

use lifecycle::account::AuthenticatorState;
use lifecycle::factor::{FactorData, totp};
use lifecycle::{
    Account, AccountId, Actor, Authenticator, Change, Decision, Env, Fact, Facts, Secret, Session, What,
};
use policy::{Aal, FactorKind};
use server::app::{Clock, Peer};
use server::config::Config;
use server::start;

use crate::Anything;
use crate::floor::SEED;

/// One code and nothing else: the attempt is measured, not the password hash before it.
const POLICY: &str = r#"
version = 1

[organization]
name    = "Benchmark"
domain  = "bench.example"
support = "it@bench.example"

[authenticator.totp]
kind = "totp"
on   = "phone"

[channel.own-mail]
kind      = "email"
protected = "phishing-resistant"

[channel.post]
kind = "post"

[population.staff]
groups = ["staff"]

[population.staff.enrol]
require = "invite(own-mail)"
binds   = ["totp"]

[population.staff.login]
require = "totp"

[population.staff.bind]
require = "session(aal1)"
binds   = ["totp"]
notify  = ["own-mail"]

[population.staff.recover.mail]
require = "issued(own-mail) and issued(post)"
binds   = ["totp"]
notify  = ["own-mail", "post"]

[population.staff.offboard]
within = "60s"
"#;

/// How many members one decision adds.
const BATCH: usize = 500;

/// Writes policy and configuration, and fills the database. The path of the configuration.
pub(crate) async fn found(
    folder: &Path,
    listen: u16,
    metrics: u16,
    members: usize,
    sessions: usize,
) -> Result<PathBuf, Anything> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("policy.toml"), POLICY)?;
    let configuration = folder.join("postern-server.toml");
    std::fs::write(
        &configuration,
        format!(
            "listen = \"127.0.0.1:{listen}\"\norigin = \"http://localhost:{listen}\"\npolicy = \"policy.toml\"\n\
             data = \"data\"\nmetrics = \"127.0.0.1:{metrics}\"\n[console]\nadministrators = [\"staff\"]\n"
        ),
    )?;
    let config = Config::read(&configuration)?;
    let source = start::read_policy(&config.policy)?;
    let running = start::running(source, &Clock::System).map_err(|_| "the benchmark's policy has errors")?;
    let app =
        tokio::task::spawn_blocking(move || start::app(config, running, Clock::System, false)).await??;
    let peer = Peer::terminal();
    for first in (0..members).step_by(BATCH) {
        let last = (first + BATCH).min(members);
        app.decide(None, &peer, move |_, env| Ok(hire(first..last, sessions, env))).await?;
    }
    let committer = app.committer().clone();
    drop(app);
    tokio::task::spawn_blocking(move || committer.shut_down()).await?;
    Ok(configuration)
}

/// The name of a member.
pub(crate) fn name(number: usize) -> String {
    format!("member{number}")
}

fn hire(numbers: std::ops::Range<usize>, sessions: usize, env: &mut Env<'_>) -> Decision<()> {
    let mut changes = Vec::new();
    for number in numbers {
        let account = member(number, env);
        let authenticator = Authenticator {
            id: lifecycle::id::AuthenticatorId::fresh(env),
            name: "totp".to_owned(),
            kind: FactorKind::Totp,
            label: "App".to_owned(),
            state: AuthenticatorState::Active,
            bound_at: env.now,
            bound_by: "enrol".to_owned(),
            last_used_at: None,
            failures: 0,
            locked_until: None,
            last_step: 0,
            data: FactorData::Totp(totp::Stored::from_seed(SEED)),
        };
        let id = account.id.clone();
        changes.push(Change::CreateAccount(Box::new(account)));
        changes
            .push(Change::AddAuthenticator { account: id.clone(), authenticator: Box::new(authenticator) });
        changes.push(Change::SetEnrolled { account: id.clone(), at: env.now });
        if number < sessions {
            let session = Box::new(session(id, env));
            changes.push(Change::StartSession { session, hash: Secret::token(env).hash() });
        }
    }
    let fact = Fact::about(What::MemberAdded, Actor::Terminal, None);
    Decision { reply: (), changes, facts: Facts::one(fact) }
}

fn member(number: usize, env: &mut Env<'_>) -> Account {
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
