//! A whole application on a test's database, with the shipped example policy, people in it, and a clock that stands
//! still. No network: decisions are asked for directly.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lifecycle::account::{Account, Address, Authenticator, AuthenticatorState};
use lifecycle::factor::{FactorData, passkey, password, recovery_codes, totp};
use lifecycle::id::{AuthenticatorId, SessionId};
use lifecycle::{AccountId, Actor, Change, Decision, Env, Fact, Facts, Secret, Session, Time, What};
use policy::{Aal, FactorKind};
use server::app::{App, Clock, Peer, View};
use server::audit::record::Records;
use server::audit::verify::{self, Report};
use server::config::{Config, Console};
use server::fault::Fault;
use server::start;
use server::store::driver::Database;
use server::store::log;
use zeroize::Zeroizing;

use crate::authenticator::SoftKey;
use crate::database::TestDatabase;

/// What everybody here types as their password.
pub(crate) const PASSWORD: &str = "a long walk along the canal";

/// An application that ends with this value.
pub(crate) struct TestApp {
    pub(crate) app: App,
    /// Moved by hand.
    pub(crate) clock: Arc<AtomicI64>,
    /// A folder of our own, where the database has none.
    folder: Option<PathBuf>,
}

impl TestApp {
    /// Puts `examples/company.toml` on this database, at the real time, which then stands still. Blocks.
    pub(crate) fn start(database: &TestDatabase) -> TestApp {
        TestApp::start_as(database, false)
    }

    /// The same, in demo mode if so asked. Blocks.
    pub(crate) fn start_as(database: &TestDatabase, demo: bool) -> TestApp {
        let (data, url, folder) = match &database.database {
            Database::Sqlite(path) => {
                (path.parent().expect("the file is in a folder").to_owned(), None, None)
            }
            Database::Postgres(url) => {
                let name = url.rsplit('/').next().expect("the URL names a database");
                let folder = std::env::temp_dir().join(format!("{name}_keys"));
                (folder.clone(), Some(url.clone()), Some(folder))
            }
        };
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
        let now = i64::try_from(since.as_micros()).expect("the year is below 290000");
        let clock = Arc::new(AtomicI64::new(now));
        TestApp { app: open(config(data, url), &clock, demo), clock, folder }
    }

    /// What another process has: the same database, keys and policy, and nothing else in common. Blocks.
    pub(crate) fn another(&self) -> App {
        open(self.app.config().clone(), &self.clock, self.app.is_demo())
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.app.committer().shut_down();
        if let Some(folder) = &self.folder
            && let Err(error) = std::fs::remove_dir_all(folder)
        {
            eprintln!("{} stays behind: {error}", folder.display());
        }
    }
}

fn config(data: PathBuf, database: Option<String>) -> Config {
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        origin: "http://localhost:8080".to_owned(),
        policy: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/company.toml"),
        data,
        database,
        master_key: None,
        metrics: None,
        behind_proxy: false,
        console: Console {
            administrators: vec!["admins".to_owned()],
            agents: vec!["helpdesk".to_owned(), "admins".to_owned()],
            auditors: Vec::new(),
        },
        smtp: None,
        sms: None,
    }
}

fn open(config: Config, clock: &Arc<AtomicI64>, demo: bool) -> App {
    let clock = Clock::Fixed(Arc::clone(clock));
    let source = start::read_policy(&config.policy).expect("the example policy can be read");
    let running = start::running(source, &clock).map_err(|found| found.1.diagnostics);
    start::app(config, running.expect("the example policy has no errors"), clock, demo)
        .expect("the application starts")
}

/// Somebody who is enrolled, with what only they know.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: AccountId,
    pub(crate) name: String,
    pub(crate) seed: Vec<u8>,
    pub(crate) codes: Vec<Secret>,
}

impl Person {
    /// The code of their app at this moment.
    pub(crate) fn code(&self, now: Time) -> String {
        totp::hotp(&self.seed, (now.seconds() / totp::STEP_SECONDS).cast_unsigned(), totp::DIGITS)
    }
}

/// Decides at the server's own terminal; a fault fails the test.
pub(crate) async fn decided<T, Decide>(app: &App, lock: Option<&AccountId>, decide: Decide) -> T
where
    T: Send + 'static,
    Decide: FnMut(&mut View<'_, '_>, &mut Env<'_>) -> Result<Decision<T>, Fault> + Send + 'static,
{
    let decision = app.decide(lock, &Peer::terminal(), decide).await;
    decision.unwrap_or_else(|fault| panic!("the decision meets a fault: {fault}"))
}

/// Adds somebody to the directory, with confirmed addresses and nothing to sign in with.
pub(crate) async fn newcomer(app: &App, name: &str, group: &str, manager: Option<&AccountId>) -> AccountId {
    let (name, group, manager) = (name.to_owned(), group.to_owned(), manager.cloned());
    decided(app, None, move |_, env| {
        let account = account(&name, &group, manager.clone(), env);
        let fact = Fact::about(What::MemberAdded, Actor::Terminal, Some(&account.id));
        let changes = vec![Change::CreateAccount(Box::new(account.clone()))];
        Ok(Decision { reply: account.id, changes, facts: Facts::one(fact) })
    })
    .await
}

fn account(name: &str, group: &str, manager: Option<AccountId>, env: &mut Env<'_>) -> Account {
    let address = |channel: &str, address: String| Address {
        channel: channel.to_owned(),
        address,
        confirmed_at: Some(env.now),
        changed_at: env.now,
        failures: 0,
        locked_until: None,
    };
    let addresses =
        vec![address("own-mail", format!("{name}@example.net")), address("mobile", "+15550100".to_owned())];
    Account {
        id: AccountId::fresh(env),
        name: name.to_owned(),
        display_name: name.to_owned(),
        groups: vec![group.to_owned()],
        manager,
        created_at: env.now,
        enrolled_at: None,
        offboarded_at: None,
        addresses,
        authenticators: Vec::new(),
    }
}

/// Somebody with a password, an app and saved codes.
pub(crate) async fn member(app: &App, name: &str, group: &str) -> Person {
    let id = newcomer(app, name, group, None).await;
    let phc = app.passwords().hash(Zeroizing::new(PASSWORD.to_owned())).await.expect("a password is hashed");
    let account = id.clone();
    let (seed, codes) = decided(app, Some(&id), move |_, env| {
        let mut seed = vec![0; 20];
        (env.random)(&mut seed);
        let saved = AuthenticatorId::fresh(env);
        let (codes, stored) = recovery_codes::fresh(&saved, env);
        let bound = [
            authenticator("password", FactorKind::Password, None, secret_password(&phc), env),
            authenticator(
                "totp",
                FactorKind::Totp,
                None,
                FactorData::Totp(totp::Stored::from_seed(&seed)),
                env,
            ),
            authenticator(
                "codes",
                FactorKind::RecoveryCodes,
                Some(saved),
                FactorData::RecoveryCodes(stored),
                env,
            ),
        ];
        Ok(enrolled(&account, bound.into(), (seed, codes), env))
    })
    .await;
    Person { id, name: name.to_owned(), seed, codes }
}

fn secret_password(phc: &str) -> FactorData {
    FactorData::Password(password::Stored { phc: phc.to_owned() })
}

/// Binds a passkey to an account.
pub(crate) async fn give_passkey(app: &App, id: &AccountId) -> SoftKey {
    let owner = id.clone();
    let account = app.read(move |view| view.account(owner.as_str())).await.expect("an account can be read");
    let account = account.expect("the account exists");
    let begun = passkey::begin_binding(app.webauthn(), &account, FactorKind::Passkey).expect("it begins");
    let (key, credential) = SoftKey::register(&begun.options, "http://localhost:8080");
    let stored = passkey::finish_binding(app.webauthn(), &begun.state, &credential, FactorKind::Passkey)
        .expect("ends");
    let owner = id.clone();
    decided(app, Some(id), move |_, env| {
        let data = FactorData::Passkey(Box::new(stored.clone()));
        let bound = vec![authenticator("passkey", FactorKind::Passkey, None, data, env)];
        Ok(enrolled(&owner, bound, (), env))
    })
    .await;
    key
}

fn authenticator(
    name: &str,
    kind: FactorKind,
    id: Option<AuthenticatorId>,
    data: FactorData,
    env: &mut Env<'_>,
) -> Authenticator {
    Authenticator {
        id: id.unwrap_or_else(|| AuthenticatorId::fresh(env)),
        name: name.to_owned(),
        kind,
        label: name.to_owned(),
        state: AuthenticatorState::Active,
        bound_at: env.now,
        bound_by: "enrol".to_owned(),
        last_used_at: None,
        failures: 0,
        locked_until: None,
        last_step: 0,
        data,
    }
}

fn enrolled<T>(account: &AccountId, bound: Vec<Authenticator>, reply: T, env: &Env<'_>) -> Decision<T> {
    let add = |new: Authenticator| Change::AddAuthenticator {
        account: account.clone(),
        authenticator: Box::new(new),
    };
    let mut changes: Vec<Change> = bound.into_iter().map(add).collect();
    changes.push(Change::SetEnrolled { account: account.clone(), at: env.now });
    let fact = Fact::about(What::EnrolmentFinished, Actor::Terminal, Some(account));
    Decision { reply, changes, facts: Facts::one(fact) }
}

/// Signs somebody in; the answer is their cookie.
pub(crate) async fn session(app: &App, id: &AccountId) -> Secret {
    let owner = id.clone();
    decided(app, Some(id), move |_, env| {
        let session = Session {
            id: SessionId::fresh(env),
            account: owner.clone(),
            aal: Aal::Two,
            phishing_resistant: true,
            used: vec!["passkey".to_owned()],
            authenticated_at: env.now,
            last_seen_at: env.now,
            idle_expires_at: env.now.plus(Duration::from_hours(1)),
            expires_at: env.now.plus(Duration::from_hours(8)),
            peer: String::new(),
            agent: String::new(),
        };
        let token = session.token(env);
        let fact = Fact::about(What::SignedIn, Actor::Person(owner.clone()), Some(&owner));
        let changes = vec![Change::StartSession { session: Box::new(session), hash: token.hash() }];
        Ok(Decision { reply: token, changes, facts: Facts::one(fact) })
    })
    .await
}

/// How many events the log holds.
pub(crate) async fn logged(app: &App) -> u64 {
    app.read(|view| Ok(log::head(view.tx)?.size)).await.expect("the log can be read")
}

/// The facts of the log from this event on, as they are stored.
pub(crate) async fn facts_since(app: &App, from: u64) -> Vec<Fact> {
    let entries =
        app.read(move |view| log::entries(view.tx, from, 10_000)).await.expect("the log can be read");
    let fact = |body: &[u8]| serde_json::from_slice(body).expect("an event holds a fact");
    entries.iter().map(|entry| fact(&entry.event.body)).collect()
}

/// The whole log, verified.
pub(crate) async fn verified(app: &App) -> Report {
    let signer = app.keys().signer(&start::origin(app.running())).expect("there is a signing key");
    app.read(move |view| verify::verify(Records::of(view.tx)?, None, signer.verifier()))
        .await
        .expect("the log can be read")
}
