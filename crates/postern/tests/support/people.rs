//! People who are enrolled before a server starts, put there through its own write path.

use std::time::{SystemTime, UNIX_EPOCH};

use lifecycle::account::{Account, Address, Authenticator, AuthenticatorState};
use lifecycle::factor::{FactorData, password, recovery_codes, totp};
use lifecycle::id::AuthenticatorId;
use lifecycle::{AccountId, Actor, Change, Decision, Env, Fact, Facts, Secret, What};
use policy::FactorKind;
use server::app::{App, Peer};

/// What everybody types as their password.
pub(crate) const PASSWORD: &str = "a long walk along the canal";

/// Somebody with a password, an app and saved codes.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) codes: Vec<Secret>,
    seed: Vec<u8>,
}

impl Person {
    /// The code of their app at a step of RFC 6238.
    pub(crate) fn code(&self, step: u64) -> String {
        totp::hotp(&self.seed, step, totp::DIGITS)
    }
}

/// The step of RFC 6238 at this moment.
pub(crate) fn step_now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
    since.as_secs() / totp::STEP_SECONDS.cast_unsigned()
}

/// Enrols staff of these names, all with one password, which is hashed once.
pub(crate) fn enrol(app: &App, names: impl Iterator<Item = String>) -> Vec<Person> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let names: Vec<String> = names.collect();
    runtime.block_on(async {
        let phc = app.passwords().hash(PASSWORD.to_owned().into()).await.expect("a password is hashed");
        let peer = Peer::terminal();
        let enrolled = app.decide(None, &peer, move |_, env| {
            let mut decision = Decision { reply: Vec::new(), changes: Vec::new(), facts: nothing() };
            for name in &names {
                let (person, changes) = one(name, &phc, env);
                decision.reply.push(person);
                decision.changes.extend(changes);
            }
            Ok(decision)
        });
        enrolled.await.expect("people can be enrolled")
    })
}

fn nothing() -> Facts {
    Facts::one(Fact::about(What::EnrolmentFinished, Actor::Terminal, None))
}

fn one(name: &str, phc: &str, env: &mut Env<'_>) -> (Person, Vec<Change>) {
    let id = AccountId::fresh(env);
    let mut seed = vec![0; 20];
    (env.random)(&mut seed);
    let saved = AuthenticatorId::fresh(env);
    let (codes, stored) = recovery_codes::fresh(&saved, env);
    let bound = [
        (
            AuthenticatorId::fresh(env),
            "password",
            FactorKind::Password,
            FactorData::Password(password::Stored { phc: phc.to_owned() }),
        ),
        (
            AuthenticatorId::fresh(env),
            "totp",
            FactorKind::Totp,
            FactorData::Totp(totp::Stored::from_seed(&seed)),
        ),
        (saved, "codes", FactorKind::RecoveryCodes, FactorData::RecoveryCodes(stored)),
    ];
    let mut changes = vec![Change::CreateAccount(Box::new(account(&id, name, env)))];
    for (authenticator, name, kind, data) in bound {
        let authenticator = Authenticator {
            id: authenticator,
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
        };
        changes
            .push(Change::AddAuthenticator { account: id.clone(), authenticator: Box::new(authenticator) });
    }
    changes.push(Change::SetEnrolled { account: id, at: env.now });
    (Person { name: name.to_owned(), codes, seed }, changes)
}

fn account(id: &AccountId, name: &str, env: &Env<'_>) -> Account {
    let address = Address {
        channel: "own-mail".to_owned(),
        address: format!("{name}@example.net"),
        confirmed_at: Some(env.now),
        changed_at: env.now,
        failures: 0,
        locked_until: None,
    };
    Account {
        id: id.clone(),
        name: name.to_owned(),
        display_name: name.to_owned(),
        groups: vec!["staff".to_owned()],
        manager: None,
        created_at: env.now,
        enrolled_at: None,
        offboarded_at: None,
        addresses: vec![address],
        authenticators: Vec::new(),
    }
}
