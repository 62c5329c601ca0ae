//! Passkey ceremonies in a case: options for the browser, and judging what it answers.
//!
//! A signature is verified before the decision; the ceremony that it answers is spent inside it, whatever came of it.

use std::time::Duration;

use axum::Json;
use axum::response::IntoResponse;
use data_encoding::BASE64URL_NOPAD;
use lifecycle::case::Case;
use lifecycle::factor::passkey::{self, Ceremony};
use lifecycle::id::{ChallengeId, Hash};
use lifecycle::prove;
use lifecycle::{Account, AccountId, Answer, Change, Env, Fact, Refusal, Time, What};

use super::prove::Shown;
use super::refuse;
use crate::app::{App, Peer};
use crate::fault::Fault;
use crate::http::{Answered, Error};
use crate::keys::Purpose;
use crate::store::cases::{self, Challenge};

/// What an assertion answers.
pub(crate) const PASSKEY: &str = "passkey";
/// The same where the passkey is to say whose it is. Apart, so that a case that somebody opened by naming an account can never
/// pass for one that was opened without a name.
pub(crate) const ANYBODY: &str = "passkey-of-anybody";
/// As long as browsers wait for a person (WebAuthn section 15.1 recommends five minutes).
pub(crate) const TIME: Duration = Duration::from_mins(5);

/// Request options for the holder of a case. A name that nobody has, or that has no passkey, gets options that look
/// like anybody's (WebAuthn section 14.6.2).
pub(crate) async fn request_options(
    app: &App,
    holder: &Hash,
    is_wanted: fn(&Case) -> bool,
    name: &str,
) -> Answered {
    let held = holder.clone();
    let held = app.read(move |view| view.held(&held)).await?;
    let (case, account) = held.filter(|(case, _)| is_wanted(case)).ok_or(Error::NoCase)?;
    if !case.is_collecting(app.now()) {
        return Err(Error::NoCase);
    }
    let own = account.and_then(|account| passkey::begin(app.webauthn(), &account).ok());
    let ceremony = match own {
        Some(ceremony) => ceremony,
        None => decoy(app, name)?,
    };
    open(app, &case, PASSKEY, ceremony.state).await?;
    Ok(Json(ceremony.options).into_response())
}

/// How long the ids of passkeys are that are common: one length for all decoys would tell them from most real ones.
const LENGTHS: [usize; 4] = [16, 20, 32, 32];

/// The same credential for the same name at every try, as an account would have.
fn decoy(app: &App, name: &str) -> Result<Ceremony, Error> {
    let mut ceremony = passkey::begin_discoverable(app.webauthn())?;
    let drawn = |what: &str| {
        app.keys().authenticate(Purpose::Cookie, format!("postern: decoy {what} of {name}").as_bytes())
    };
    let (id, length) = (drawn("passkey")?, LENGTHS[usize::from(drawn("length")?[0]) % LENGTHS.len()]);
    let id = BASE64URL_NOPAD.encode(&id[..length]);
    if let Some(options) = ceremony.options.as_object_mut() {
        options.remove("mediation");
        if let Some(options) = options.get_mut("publicKey").and_then(serde_json::Value::as_object_mut) {
            options.remove("extensions");
            let credential = serde_json::json!({ "type": "public-key", "id": id });
            options.insert("allowCredentials".to_owned(), serde_json::Value::Array(vec![credential]));
        }
    }
    Ok(ceremony)
}

/// Remembers a ceremony of a case; it is good once, and not for long.
pub(crate) async fn open(
    app: &App,
    case: &Case,
    purpose: &str,
    state: Vec<u8>,
) -> Result<ChallengeId, Fault> {
    let until = app.now().plus(TIME).min(case.expires_at);
    remember(app, case, purpose, state, until).await
}

/// Remembers something about a case until it is spent, replaced or over.
pub(crate) async fn remember(
    app: &App,
    case: &Case,
    purpose: &str,
    state: Vec<u8>,
    until: Time,
) -> Result<ChallengeId, Fault> {
    let mut random = |bytes: &mut [u8]| App::random(bytes);
    let id = ChallengeId::fresh(&mut Env { now: app.now(), random: &mut random, code_key: &[0; 32] });
    let (fresh, case, purpose) = (id.clone(), case.id.clone(), purpose.to_owned());
    app.upkeep(move |view| cases::open_challenge(view.tx, view.keys, &fresh, &case, &purpose, &state, until))
        .await?;
    Ok(id)
}

/// A browser's answer to a ceremony.
pub(crate) struct Assertion {
    /// Who holds the case.
    pub(crate) holder: Hash,
    /// Does the route serve such a case?
    pub(crate) is_wanted: fn(&Case) -> bool,
    /// What the authenticator said.
    pub(crate) credential: String,
    /// What its ceremony was opened for: [`PASSKEY`] or [`ANYBODY`].
    pub(crate) purpose: &'static str,
    /// Whose it claims to be, in a case that has no account yet.
    pub(crate) claimed: Option<AccountId>,
}

/// What is looked at twice: before the decision, and in it if it must be made again.
struct Evidence {
    app: App,
    challenge: Challenge,
    credential: String,
}

impl Evidence {
    fn verify(&self, account: &Account) -> Result<passkey::Verified, passkey::NotVerified> {
        passkey::verify(self.app.webauthn(), &self.challenge.state, &self.credential, account)
    }
}

/// Judges an assertion and decides what follows.
pub(crate) async fn judge(app: &App, peer: &Peer, assertion: Assertion) -> Result<Shown, Error> {
    let Assertion { holder, is_wanted, credential, purpose, claimed } = assertion;
    if !app.strangers().may_try(&holder, app.now()) {
        return Err(Error::TooMany);
    }
    let by = holder.clone();
    let (held, whose) = (holder.clone(), claimed.clone());
    let read = app
        .read(move |view| {
            let Some((case, mut account)) = view.held(&held)? else { return Ok(None) };
            if case.account.is_none()
                && let Some(claimed) = &whose
            {
                account = view.account(claimed.as_str())?;
            }
            let challenge = cases::challenge(view.tx, view.keys, &case.id, purpose, view.now)?;
            Ok(Some((case, account, challenge)))
        })
        .await?;
    let (case, account, challenge) = read.filter(|(case, ..)| is_wanted(case)).ok_or(Error::NoCase)?;
    let lock = case.account.clone().or_else(|| claimed.clone());
    let evidence = challenge.map(|challenge| Evidence { app: app.clone(), challenge, credential });
    // A fifth of a millisecond: not worth a thread of its own.
    let mut verified = match (&evidence, &account) {
        (Some(evidence), Some(account)) => Some(evidence.verify(account)),
        _ => None,
    };
    let answer = app
        .decide(lock.as_ref(), peer, move |view, env| {
            let Some((case, mut account)) = view.held_locked(&holder)? else { return Ok(unmatched(None)) };
            if case.account.is_none()
                && let Some(claimed) = &claimed
            {
                view.lock(claimed)?;
                account = view.account(claimed.as_str())?;
            }
            let live = cases::live_challenge(view.tx, &case.id, purpose, env.now)?;
            let (Some(id), Some(evidence)) = (live, &evidence) else {
                return Ok(unmatched(Some(&case)));
            };
            if evidence.challenge.id != id {
                return Ok(unmatched(Some(&case)));
            }
            let mut decision = match &account {
                Some(account) => {
                    let verified = verified.take().unwrap_or_else(|| evidence.verify(account));
                    prove::passkey(&case, Some(account), view.policy(), verified, env)
                }
                None => unmatched(Some(&case)),
            };
            decision.changes.push(Change::SpendChallenge { id, at: env.now });
            Ok(decision)
        })
        .await?;
    if answer.is_err() {
        app.strangers().weighed(&by, app.now());
    }
    Ok(Shown { case, answer })
}

/// An assertion that answers no live ceremony, or that no account stands behind.
fn unmatched<T>(case: Option<&Case>) -> Answer<T> {
    let (what, actor) = (What::EvidenceAttempted, lifecycle::Actor::Holder);
    let fact = match case {
        Some(case) => Fact::of_case(what, actor, case),
        None => Fact::about(what, actor, None),
    };
    refuse(Refusal::NotRecognised, fact.with("tried", PASSKEY))
}
