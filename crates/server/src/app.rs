//! `App`: everything a handler may reach, and `decide`, the one write path.
//!
//! A handler never writes. It hands `decide` a function that looks at current state inside the writing
//! transaction and returns a [`Decision`]; its changes and its facts are committed together or not at all, and
//! nobody is answered before they are durable.

mod view;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use lifecycle::id::Hash;
use lifecycle::notice::Notice;
use lifecycle::{AccountId, Actor, CaseId, Decision, Env, Fact, Time, What};
use policy::Policy;
use webauthn_rs::prelude::{Webauthn, WebauthnBuilder};

use crate::audit::entry::Event;
use crate::config::Config;
use crate::console::readings::Memory;
use crate::fault::Fault;
use crate::http::strangers::Strangers;
use crate::keys::{Keyring, Purpose};
use crate::password::Passwords;
use crate::store::apply::Applier;
use crate::store::commit::{Committer, Done};
use crate::store::driver::{Lock, Tx};
use crate::store::pool::Reader;
pub use view::View;

/// What time it is: the system's, or a test's.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system's.
    System,
    /// Moved by hand.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// Now.
    pub fn now(&self) -> Time {
        match self {
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
            Clock::Fixed(micros) => Time(micros.load(Relaxed)),
        }
    }
}

/// Who asks, as the network sees them: kept with facts and sessions.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// The address.
    pub address: String,
    /// The browser's name for itself, shortened.
    pub agent: String,
}

impl Peer {
    /// Somebody at the server's own terminal.
    pub fn terminal() -> Self {
        Peer { address: "terminal".to_owned(), agent: String::new() }
    }
}

/// The checked policy that runs, with its text for the console.
#[derive(Debug)]
pub struct Running {
    /// What is enforced.
    pub policy: Policy,
    /// What it was made from.
    pub source: policy::Source,
    /// What the console found out about it so far.
    pub(crate) memory: Memory,
}

impl Running {
    /// A checked policy with its text.
    pub fn new(policy: Policy, source: policy::Source) -> Running {
        Running { policy, source, memory: Memory::default() }
    }
}

/// Everything a handler may reach. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    config: Config,
    running: Arc<Running>,
    committer: Committer,
    reader: Reader,
    keys: Arc<Keyring>,
    passwords: Passwords,
    webauthn: Webauthn,
    clock: Clock,
    code_key: [u8; 32],
    strangers: Strangers,
    demo: bool,
}

/// The parts from which an [`App`] is made.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// The policy.
    pub running: Running,
    /// Writes.
    pub committer: Committer,
    /// Reads.
    pub reader: Reader,
    /// Seals.
    pub keys: Arc<Keyring>,
    /// The clock.
    pub clock: Clock,
    /// Demo mode: messages are shown on a page instead of sent.
    pub demo: bool,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Result<App, Fault> {
        let Parts { config, running, committer, reader, keys, clock, demo } = parts;
        let origin = config.parsed_origin()?;
        let host = origin.host_str().unwrap_or_default().to_owned();
        let webauthn = WebauthnBuilder::new(&host, &origin)
            .map(|builder| builder.rp_name(&running.policy.model().organization.name))
            .and_then(WebauthnBuilder::build)
            .map_err(|error| Fault::broken("setting up WebAuthn").because(error))?;
        let code_key = keys.authenticate(Purpose::Cookie, b"postern: key of short codes")?;
        let passwords = Passwords::new(Arc::clone(&keys))?;
        committer.decides_under(running.policy.digest());
        let running = Arc::new(running);
        Ok(App(Arc::new(Inner {
            config,
            running,
            committer,
            reader,
            keys,
            passwords,
            webauthn,
            clock,
            code_key,
            strangers: Strangers::default(),
            demo,
        })))
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The policy that runs.
    pub fn policy(&self) -> &Policy {
        &self.0.running.policy
    }

    /// The policy with its text.
    pub fn running(&self) -> &Running {
        &self.0.running
    }

    /// Now.
    pub fn now(&self) -> Time {
        self.0.clock.now()
    }

    /// What tells the time.
    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Password hashing, bounded.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// WebAuthn ceremonies.
    pub fn webauthn(&self) -> &Webauthn {
        &self.0.webauthn
    }

    /// Keys for sealing.
    pub fn keys(&self) -> &Arc<Keyring> {
        &self.0.keys
    }

    /// The committer, for its counters and its end.
    pub fn committer(&self) -> &Committer {
        &self.0.committer
    }

    /// Readers.
    pub fn reader(&self) -> &Reader {
        &self.0.reader
    }

    /// What nobody in particular did lately.
    pub(crate) fn strangers(&self) -> &Strangers {
        &self.0.strangers
    }

    /// Are messages shown on a page instead of sent?
    pub fn is_demo(&self) -> bool {
        self.0.demo
    }

    /// The groups whose members administer: while none of them is enrolled, a first one may be (decision 0009).
    pub fn administrator_groups(&self) -> Vec<String> {
        self.groups(&self.config().console.administrators)
    }

    /// The groups whose members are agents.
    pub(crate) fn agent_groups(&self) -> Vec<String> {
        self.groups(&self.config().console.agents)
    }

    fn groups(&self, populations: &[String]) -> Vec<String> {
        let model = self.policy().model();
        let populations = populations.iter().filter_map(|name| model.population(name));
        populations.flat_map(|population| model[population].groups.iter().cloned()).collect()
    }

    /// The population whose doors an unknown name is shown: the first that a member would have.
    pub fn decoy(&self) -> &str {
        self.policy().model().populations.first().map_or("", |p| p.name.as_str())
    }

    /// Fills a buffer from the system's approved generator.
    ///
    /// # Panics
    /// If the system has no entropy at all: nothing may go on then.
    pub fn random(bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the random generator works or nothing does");
    }

    /// Reads, in one consistent snapshot.
    pub async fn read<T, F>(&self, look: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut View<'_, '_>) -> Result<T, Fault> + Send + 'static,
    {
        let app = self.clone();
        self.0
            .reader
            .read(move |tx| {
                look(&mut View { tx, keys: &app.0.keys, running: &app.0.running, now: app.now() })
            })
            .await
    }

    /// The one write path. `locks`: the accounts that the decision concerns, where they are known beforehand;
    /// otherwise the decision calls [`View::lock`] first of all.
    pub async fn decide<'a, T, F>(
        &self,
        locks: impl IntoIterator<Item = &'a AccountId>,
        peer: &Peer,
        decide: F,
    ) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut View<'_, '_>, &mut Env<'_>) -> Result<Decision<T>, Fault> + Send + 'static,
    {
        self.decide_locked(locks.into_iter().map(Lock::from).collect(), peer, decide).await
    }

    /// The same for what the holder of a case does.
    pub async fn decide_held<T, F>(&self, holder: &Hash, peer: &Peer, decide: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut View<'_, '_>, &mut Env<'_>) -> Result<Decision<T>, Fault> + Send + 'static,
    {
        self.decide_locked(vec![Lock::Holder(holder.0)], peer, decide).await
    }

    /// The same where the account to lock is that of a case, whosever it is: all of a batch are locked together, in one order,
    /// and no two batches wait for each other.
    pub async fn decide_locked<T, F>(&self, locks: Vec<Lock>, peer: &Peer, mut decide: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut View<'_, '_>, &mut Env<'_>) -> Result<Decision<T>, Fault> + Send + 'static,
    {
        let (app, peer) = (self.clone(), peer.clone());
        let job = move |tx: &mut Tx<'_>| app.make(tx, &peer, &mut decide);
        self.0.committer.submit(locks, job).await
    }

    /// The same for a thread that may block, about nobody's account.
    pub(crate) fn decide_here<T, F>(&self, peer: &Peer, mut decide: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut View<'_, '_>, &mut Env<'_>) -> Result<Decision<T>, Fault> + Send + 'static,
    {
        let (app, peer) = (self.clone(), peer.clone());
        self.0.committer.submit_here(move |tx: &mut Tx<'_>| app.make(tx, &peer, &mut decide))
    }

    /// Makes one decision inside the writing transaction.
    fn make<T>(
        &self,
        tx: &mut Tx<'_>,
        peer: &Peer,
        decide: &mut (impl FnMut(&mut View<'_, '_>, &mut Env<'_>) -> Result<Decision<T>, Fault> + Send),
    ) -> Result<Done<T>, Fault> {
        let inner = &*self.0;
        let now = self.now();
        let mut random = |bytes: &mut [u8]| App::random(bytes);
        let mut env = Env { now, random: &mut random, code_key: &inner.code_key };
        let decision =
            decide(&mut View { tx: &mut *tx, keys: &inner.keys, running: &inner.running, now }, &mut env)?;
        let words = |notice: &Notice| crate::notify::words(notice, self);
        let applier =
            Applier { keys: &inner.keys, now, words: &words, peer: &peer.address, agent: &peer.agent };
        applier.apply(tx, &decision.changes)?;
        let events: Result<Vec<Event>, Fault> =
            decision.facts.iter().map(|fact| event(fact, now, peer, inner.running.policy.digest())).collect();
        Ok(Done { reply: decision.reply, events: events? })
    }

    /// Bookkeeping that decides nothing: ceremonies under way, last-seen times, delivery state.
    pub async fn upkeep<T, F>(&self, mut work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut View<'_, '_>) -> Result<T, Fault> + Send + 'static,
    {
        let app = self.clone();
        let job = move |tx: &mut Tx<'_>| {
            work(&mut View { tx, keys: &app.0.keys, running: &app.0.running, now: app.now() })
        };
        self.0.committer.submit_upkeep(None, job).await
    }
}

/// The canonical bytes of an event: one JSON object, keys sorted, no white space.
fn event(fact: &Fact, now: Time, peer: &Peer, digest: &str) -> Result<Event, Fault> {
    let body = Body {
        account: fact.account.as_ref(),
        actor: &fact.actor,
        case: fact.case.as_ref(),
        door: fact.door.as_deref(),
        evidence: &fact.evidence,
        peer: &peer.address,
        policy: digest,
        refused: fact.refused.as_deref(),
        what: fact.what,
        with: &fact.with,
    };
    let body =
        serde_json::to_vec(&body).map_err(|error| Fault::broken("writing an audit event").because(error))?;
    Ok(Event { at: now.0, account: fact.account.as_ref().map(|id| id.0.clone()), body })
}

/// A fact with what the server adds to it. The fields stand in the order of the alphabet, which makes the JSON
/// canonical; a test reads it back as a fact.
#[derive(serde::Serialize)]
struct Body<'a> {
    account: Option<&'a AccountId>,
    actor: &'a Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<&'a CaseId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    door: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    evidence: &'a [String],
    peer: &'a str,
    policy: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'a str>,
    what: What,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    with: &'a BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_its_fact_in_canonical_json() {
        let id = AccountId("a".to_owned());
        let mut fact = Fact::about(What::SignedIn, Actor::Person(id.clone()), Some(&id)).with("aal", "2");
        fact.door = Some("staff.login".to_owned());
        fact.case = Some(CaseId("c".to_owned()));
        fact.evidence = vec!["totp".to_owned()];
        fact.refused = Some("throttled".to_owned());
        let peer = Peer { address: "192.0.2.1".to_owned(), agent: String::new() };
        let body = event(&fact, Time(5), &peer, "sha256:0").expect("a fact can be written").body;
        let sorted: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(&body).expect("an event is a JSON object");
        assert_eq!(serde_json::to_vec(&sorted).expect("a map can be written"), body, "keys are sorted");
        assert_eq!((&sorted["policy"], &sorted["peer"]), (&"sha256:0".into(), &"192.0.2.1".into()));
        let read: Fact = serde_json::from_slice(&body).expect("an event holds its fact");
        assert_eq!(read, fact);
    }
}
