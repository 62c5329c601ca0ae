//! Binding: adding, replacing, renaming and removing what a member signs in with or is reached by.
//!
//! Owns what may be bound through an open door and by which session; addresses are in `channel`. At the enrol and recover doors whatever is
//! bound is *staged*: it proves nothing until the door is finished (`finish`). At the bind door it counts at once,
//! and everybody in `notify` is told at the addresses that were there before.

mod channel;
mod retype;
mod staged;

use policy::assurance::{self, Shown};
use policy::model::{AuthenticatorIx, Bindable, Door, PopulationIx, Term};
use policy::{Aal, FactorKind, Model, Policy, runtime};
use serde::{Deserialize, Serialize};

use crate::account::{Account, Authenticator, AuthenticatorState};
use crate::case::{Case, DoorName, Opened, Settled};
use crate::change::Change;
use crate::evidence::{Piece, Proof};
use crate::fact::{Actor, Fact, What};
use crate::factor::{self, FactorData, passkey, password, recovery_codes, totp};
use crate::id::{AuthenticatorId, ChallengeId, Secret, Time};
use crate::notice::{Message, Notice, Told};
use crate::refusal::Refusal;
use crate::session::{Caller, Session};
use crate::{Answer, Decision, Env, Facts, case, refuse};

pub use channel::{NewAddress, PendingAddress, address, staged_addresses};
pub use retype::{SentAddress, retype_address};
pub use staged::take_back;

/// Opens the bind door for a signed-in member: at once if the session is fresh and strong enough and nothing
/// else is asked.
pub fn open(caller: &Caller, policy: &Policy, env: &mut Env<'_>) -> Answer<(Opened, Settled)> {
    let model = policy.model();
    let account = &caller.account;
    let fact = Fact::about(What::CaseOpened, caller.actor(), Some(&account.id)).with("door", "bind");
    let Some(population) =
        account.population(policy).filter(|p| account.is_present() && model[*p].bind.is_some())
    else {
        return refuse(Refusal::NoDoor, fact);
    };
    if !caller.is_live(env.now) {
        return refuse(Refusal::NotAuthorized, fact);
    }
    let (mut opened, change) =
        Case::open(policy, Some(account), &model[population].name, DoorName::Bind, caller.actor(), true, env);
    let age = env.now.since(caller.session.authenticated_at);
    let proof = Proof::Session { aal: u8::from(caller.session.aal), age_seconds: age.as_secs() };
    let piece = Piece::new(proof, env.now);
    if let Some(refusal) = session_falls_short(&opened.case, model, &piece) {
        return refuse(refusal, fact);
    }
    let mut changes = vec![change];
    let mut rest = Vec::new();
    let settled = case::add(&mut opened.case, account, model, piece, env, &mut changes, &mut rest);
    let first = Fact::of_case(What::CaseOpened, caller.actor(), &opened.case);
    Decision { reply: Ok((opened, settled)), changes, facts: Facts::first(first, rest) }
}

/// Why this session satisfies no session term of the door, if it does not.
fn session_falls_short(case: &Case, model: &Model, piece: &Piece) -> Option<Refusal> {
    let mut short = None;
    for term in case.requirement(model).map(runtime::alternatives).unwrap_or_default().into_iter().flatten() {
        if let Term::Session { aal, within } = term {
            if crate::evidence::shows(model, std::slice::from_ref(piece), &term) {
                return None;
            }
            let strong =
                matches!(piece.proof(), Proof::Session { aal: reached, .. } if *reached >= u8::from(aal));
            short.get_or_insert(match within {
                Some(within) if strong => Refusal::Stale { within },
                _ => Refusal::TooWeak { needed: aal },
            });
        }
    }
    short
}

/// Where somebody binds: a case, its account, and at the bind door the member's own session.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The open case.
    pub case: &'a Case,
    /// Its account.
    pub account: &'a Account,
    /// The member's session: needed at the bind door, unused at the others.
    pub session: Option<&'a Session>,
    /// The policy that runs.
    pub policy: &'a Policy,
}

/// Does this change go on in this session? It was opened for the same person and is not over.
pub fn goes_on(case: &Case, caller: &Caller, now: Time) -> bool {
    let (account, session) = (&caller.account, &caller.session);
    case.door == DoorName::Bind
        && case.account.as_ref() == Some(&account.id)
        && (case.is_collecting(now) || case.is_open(now))
        && carries(case, account, session, now)
}

/// What may be bound there.
struct Permit<'p> {
    door: &'p Door,
    population: PopulationIx,
}

fn permit<'p>(at: At<'p>, env: &Env<'_>) -> Result<Permit<'p>, Refusal> {
    let At { case, account, session, policy } = at;
    let model = policy.model();
    let ruling = account.population(policy).ok_or(Refusal::NoDoor)?;
    if !case.is_open(env.now) || !case.may_pass(account, policy, env.now) {
        return Err(Refusal::CaseNotOpen);
    }
    if case.door == DoorName::Bind && !session.is_some_and(|s| carries(case, account, s, env.now)) {
        return Err(Refusal::CaseNotOpen);
    }
    let door = case.bound_door(model).ok_or(Refusal::CaseNotOpen)?;
    Ok(Permit { door, population: ruling })
}

/// Is it a live session of the account, no weaker than the one that opened the bind door?
fn carries(case: &Case, account: &Account, session: &Session, now: Time) -> bool {
    let opened_by = |p: &Piece| match p.proof() {
        Proof::Session { aal, .. } => Some(*aal),
        _ => None,
    };
    session.account == account.id
        && session.is_live(now)
        && case.evidence.iter().filter_map(opened_by).all(|aal| u8::from(session.aal) >= aal)
}

impl Permit<'_> {
    /// At the bind door, what is no factor of login itself - saved codes, an address - leads to one through recovery, and
    /// what is removed makes the account worth less. Both ask for a session as strong as the account's own factors make
    /// one, up to AAL2 (63B-4 3.1.2.1, 4.1.2.1). Those that were switched off count as well: reporting one lost must not
    /// make less do.
    fn is_strong_enough(&self, at: At<'_>) -> Result<(), Refusal> {
        let model = at.policy.model();
        let needed =
            reach(model, self.population, &at.account.ever_held(model), None).map(|aal| aal.min(Aal::Two));
        match (needed, at.session) {
            (Some(needed), Some(session)) if at.case.door == DoorName::Bind && session.aal < needed => {
                Err(Refusal::TooWeak { needed })
            }
            _ => Ok(()),
        }
    }
}

/// May this authenticator be bound here and now?
pub fn may_bind(at: At<'_>, name: &str, env: &Env<'_>) -> Result<AuthenticatorIx, Refusal> {
    let At { case, account, session, policy } = at;
    let model = policy.model();
    let permit = permit(at, env)?;
    let ix = model.authenticator(name).ok_or(Refusal::NotAtThisDoor)?;
    if !permit.door.binds.contains(&Bindable::Authenticator(ix)) {
        return Err(Refusal::NotAtThisDoor);
    }
    let declared = &model[ix];
    if !factor::is_served(declared.kind) {
        return Err(Refusal::NotServed(declared.kind.name().to_owned()));
    }
    if declared.attested {
        // Without metadata to check a statement against, "attested" would be a word: refuse it.
        return Err(Refusal::NotServed(format!("{} with attestation", declared.kind.name())));
    }
    let login = &model[permit.population].login.require;
    let opens_login = login.terms().any(|term| *term == Term::Authenticator(ix));
    if declared.kind == FactorKind::RecoveryCodes || !opens_login {
        permit.is_strong_enough(at)?;
    }
    let held = [account.holds(model), vec![ix]].concat();
    if case.door == DoorName::Bind
        && let (Some(reaches), Some(session)) = (reach(model, permit.population, &held, Some(ix)), session)
        && reaches > session.aal
    {
        return Err(Refusal::RaisesAssurance { reaches });
    }
    Ok(ix)
}

/// The highest AAL of a login with what is held, `with` among it if given, as this server would find it.
fn reach(
    model: &Model,
    population: PopulationIx,
    held: &[AuthenticatorIx],
    with: Option<AuthenticatorIx>,
) -> Option<Aal> {
    runtime::alternatives(&model[population].login.require)
        .into_iter()
        .filter_map(|path| {
            let names: Option<Vec<AuthenticatorIx>> = path
                .into_iter()
                .map(|term| match term {
                    Term::Authenticator(ix) if held.contains(&ix) => Some(ix),
                    _ => None,
                })
                .collect();
            let names = names?;
            let shown: Vec<Shown> = names
                .iter()
                .map(|ix| Shown {
                    kind: model[*ix].kind,
                    user_verified: model[*ix].user_verification,
                    exportable: model[*ix].kind == FactorKind::Passkey,
                    attested: false,
                })
                .collect();
            with.is_none_or(|new| names.contains(&new))
                .then(|| assurance::of(&shown).map(|a| a.aal))
                .flatten()
        })
        .max()
}

/// Binds an authenticator of one of the kinds that were verified beforehand.
fn add(
    at: At<'_>,
    name: &str,
    label: &str,
    id: AuthenticatorId,
    data: FactorData,
    env: &mut Env<'_>,
) -> Answer<AuthenticatorId> {
    let At { case, account, policy, .. } = at;
    let model = policy.model();
    let fact = Fact::of_case(What::AuthenticatorBound, actor(case, account), case).with("name", name);
    let ix = match may_bind(at, name, env) {
        Ok(ix) => ix,
        Err(refusal) => return refuse(refusal, fact),
    };
    let kind = model[ix].kind;
    let at_once = case.door == DoorName::Bind;
    let mut changes = Vec::new();
    let mut gone = Vec::new();
    for old in replaced(case, account, name, kind) {
        changes.push(Change::RevokeAuthenticator { id: old.id.clone(), at: env.now });
        gone.push(old.id.as_str());
    }
    let label = plain(label);
    let authenticator = Authenticator {
        id: id.clone(),
        name: name.to_owned(),
        kind,
        label: if label.is_empty() { name.to_owned() } else { label },
        state: if at_once { AuthenticatorState::Active } else { AuthenticatorState::Staged(case.id.clone()) },
        bound_at: env.now,
        bound_by: case.door.to_string(),
        last_used_at: None,
        failures: 0,
        locked_until: None,
        last_step: 0,
        data,
    };
    let told = [Told::added(&authenticator)];
    changes.push(Change::AddAuthenticator {
        account: account.id.clone(),
        authenticator: Box::new(authenticator),
    });
    if at_once {
        tell(case, account, policy, &told, env, &mut changes);
    }
    let mut fact = fact.with("authenticator", id.as_str()).with("kind", kind.name());
    if !gone.is_empty() {
        fact = fact.with("replaced", gone.join(" "));
    }
    Decision { reply: Ok(id), changes, facts: Facts::one(fact) }
}

/// What a new authenticator of this name takes the place of: there is one password, one set of codes, and a new
/// TOTP app invalidates the old (63B-4 3.1.4.1). Passkeys and keys may be many.
fn replaced<'a>(
    case: &'a Case,
    account: &'a Account,
    name: &'a str,
    kind: FactorKind,
) -> impl Iterator<Item = &'a Authenticator> {
    let single = matches!(kind, FactorKind::Password | FactorKind::Totp | FactorKind::RecoveryCodes);
    account.authenticators.iter().filter(move |a| {
        single
            && a.name == name
            && match &a.state {
                AuthenticatorState::Staged(by) => *by == case.id,
                AuthenticatorState::Active | AuthenticatorState::Disabled => case.door == DoorName::Bind,
            }
    })
}

fn actor(case: &Case, account: &Account) -> Actor {
    if case.door == DoorName::Bind { Actor::Person(account.id.clone()) } else { Actor::Holder }
}

/// Tells everybody in the door's `notify`, at the addresses known before this decision.
pub(crate) fn tell(
    case: &Case,
    account: &Account,
    policy: &Policy,
    what: &[Told],
    env: &mut Env<'_>,
    changes: &mut Vec<Change>,
) {
    let model = policy.model();
    for channel in case.bound_door(model).map(|d| d.notify.clone()).unwrap_or_default() {
        if let Some(address) = account.address(&model[channel].name) {
            let message = Message::Changed { door: case.door.to_string(), what: what.to_vec() };
            changes.push(Change::Notify(Notice::new(
                account, case, model, channel, address, message, None, env,
            )));
        }
    }
}

/// Binds a password, hashed beforehand.
pub fn password(
    at: At<'_>,
    name: &str,
    stored: password::Stored,
    env: &mut Env<'_>,
) -> Answer<AuthenticatorId> {
    let id = AuthenticatorId::fresh(env);
    add(at, name, "", id, FactorData::Password(stored), env)
}

/// Binds a passkey or security key, verified beforehand. `ceremony` is spent by this.
pub fn passkey(
    at: At<'_>,
    name: &str,
    label: &str,
    stored: passkey::Stored,
    ceremony: &ChallengeId,
    env: &mut Env<'_>,
) -> Answer<AuthenticatorId> {
    let At { case, account, .. } = at;
    let known = account.authenticators.iter().any(
        |a| matches!(&a.data, FactorData::Passkey(p) if p.credential.cred_id() == stored.credential.cred_id()),
    );
    if known {
        let fact = Fact::of_case(What::AuthenticatorBound, actor(case, account), case).with("name", name);
        return refuse(Refusal::NotAcceptable("That passkey is on this account already.".to_owned()), fact);
    }
    let id = AuthenticatorId::fresh(env);
    let mut decision = add(at, name, label, id, FactorData::Passkey(Box::new(stored)), env);
    if decision.reply.is_ok() {
        decision.changes.insert(0, Change::SpendChallenge { id: ceremony.clone(), at: env.now });
    }
    decision
}

/// A TOTP seed that is shown and not yet proved.
#[derive(Serialize, Deserialize)]
pub struct PendingTotp {
    /// The authenticator's name in the policy.
    pub name: String,
    /// The seed.
    pub seed: totp::Stored,
}

/// Binds a TOTP app once it has shown a right code. `ceremony` is spent by a success only.
pub fn totp(
    at: At<'_>,
    pending: &PendingTotp,
    code: &str,
    ceremony: &ChallengeId,
    env: &mut Env<'_>,
) -> Answer<AuthenticatorId> {
    let At { case, account, .. } = at;
    let fact =
        Fact::of_case(What::AuthenticatorBound, actor(case, account), case).with("name", &pending.name);
    let Some(step) = pending.seed.verify(code, env.now, 0) else {
        return refuse(Refusal::NotRecognised, fact);
    };
    let id = AuthenticatorId::fresh(env);
    let data = FactorData::Totp(pending.seed.clone());
    let mut decision = add(at, &pending.name, "", id, data, env);
    if decision.reply.is_ok() {
        decision.changes.insert(0, Change::SpendChallenge { id: ceremony.clone(), at: env.now });
        for change in &mut decision.changes {
            if let Change::AddAuthenticator { authenticator, .. } = change {
                // The step that proved possession is spent too.
                authenticator.last_step = step;
            }
        }
    }
    decision
}

/// Makes a set of recovery codes: the readable form is in the answer and nowhere else.
pub fn codes(at: At<'_>, name: &str, env: &mut Env<'_>) -> Answer<Vec<Secret>> {
    let id = AuthenticatorId::fresh(env);
    let (codes, stored) = recovery_codes::fresh(&id, env);
    let decision = add(at, name, "", id, FactorData::RecoveryCodes(stored), env);
    decision.map(|reply| reply.map(|_| codes))
}

/// A label as it is kept: one short line, because it is printed in mails.
pub fn plain(label: &str) -> String {
    label.trim().chars().filter(|c| !c.is_control()).take(60).collect()
}

/// Gives an authenticator another label: changes nothing that it can do.
pub fn rename(caller: &Caller, id: &AuthenticatorId, label: &str) -> Answer<()> {
    let fact = Fact::about(What::AuthenticatorRenamed, caller.actor(), Some(&caller.account.id))
        .with("authenticator", id.as_str());
    let label = plain(label);
    if label.is_empty() {
        return refuse(Refusal::NotAcceptable("Give it a name.".to_owned()), fact);
    }
    if !caller.account.authenticators.iter().any(|a| a.id == *id) {
        return refuse(Refusal::NotRecognised, fact);
    }
    Decision {
        reply: Ok(()),
        changes: vec![Change::RenameAuthenticator { id: id.clone(), label }],
        facts: Facts::one(fact),
    }
}

/// Removes an authenticator through the open bind door, in a session as strong as the account's own factors make one;
/// never the last one that login needs.
pub fn remove(at: At<'_>, id: &AuthenticatorId, env: &mut Env<'_>) -> Answer<()> {
    let At { case, account, policy, .. } = at;
    let model = policy.model();
    let fact = Fact::of_case(What::AuthenticatorRemoved, actor(case, account), case)
        .with("authenticator", id.as_str());
    let permit = match permit(at, env) {
        Ok(permit) if case.door == DoorName::Bind => permit,
        Ok(_) => return refuse(Refusal::NotAtThisDoor, fact),
        Err(refusal) => return refuse(refusal, fact),
    };
    let Some(old) = account.authenticators.iter().find(|a| a.id == *id) else {
        return refuse(Refusal::NotRecognised, fact);
    };
    let fact = fact.with("name", &old.name);
    // Otherwise a stolen password could take the passkey away, and the account would be worth no more than it.
    if let Err(refusal) = permit.is_strong_enough(at) {
        return refuse(refusal, fact);
    }
    if is_needed(account, old, model, permit.population) {
        return refuse(Refusal::LastFactor, fact);
    }
    let mut changes = vec![Change::RevokeAuthenticator { id: id.clone(), at: env.now }];
    tell(case, account, policy, &[Told::removed(old)], env, &mut changes);
    Decision { reply: Ok(()), changes, facts: Facts::one(fact) }
}

/// Must this one stay? Without what is in use, login must still be possible. What was switched off opens no login, so
/// login needs it no more; but one of all stays, since an account that has none could be enrolled anew.
pub fn is_needed(
    account: &Account,
    authenticator: &Authenticator,
    model: &Model,
    population: PopulationIx,
) -> bool {
    let is_another = |a: &Authenticator| a.id != authenticator.id;
    if authenticator.state == AuthenticatorState::Disabled {
        let stays = |a: &Authenticator| is_another(a) && !matches!(a.state, AuthenticatorState::Staged(_));
        return !account.authenticators.iter().any(stays);
    }
    !opens_login(model, population, |ix| account.active(&model[ix].name).any(is_another))
}

/// Would login be possible with these names?
pub(crate) fn opens_login(
    model: &Model,
    population: PopulationIx,
    holds: impl Fn(AuthenticatorIx) -> bool,
) -> bool {
    runtime::is_satisfied(
        &model[population].login.require,
        &mut |term| matches!(term, Term::Authenticator(ix) if factor::is_served(model[*ix].kind) && holds(*ix)),
    )
}

/// When a binding ceremony ends: with the door.
pub fn ceremony_expires(case: &Case, now: Time) -> Time {
    case::open_until(case, now).min(case.expires_at)
}
