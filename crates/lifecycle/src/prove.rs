//! Proving a piece of evidence in a case, at whatever door.
//!
//! Owns one function per kind of evidence that the holder of a case can show, with its throttling. A success adds
//! a piece and moves the case on; signing in is what that means at the login door. Codes sent to a channel are in
//! `issued`. Does not own approvals and proofing, which other people give (`approve`).

mod issued;

use policy::model::{AuthenticatorIx, Term};
use policy::{FactorKind, Model, Policy, runtime};
use webauthn_rs::prelude::Credential;

use crate::account::{Account, Authenticator, AuthenticatorState};
use crate::case::{self, Case, CaseState, DoorName, Outcome, Settled};
use crate::change::Change;
use crate::evidence::{self, Piece, Proof};
use crate::fact::{Actor, Fact, What};
use crate::factor::{FactorData, passkey, password};
use crate::id::{AuthenticatorId, Secret, Time};
use crate::notice::{Told, tell_owner};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::throttle;
use crate::{Answer, Decision, Env, Facts, refuse};

pub use issued::{IssuedCode, code_lifetime, issued_code, send_code};

/// What a success led to.
#[derive(Debug)]
pub struct Proved {
    /// Where the case stands now.
    pub settled: Settled,
    /// The new session, at the login door.
    pub session: Option<(Session, Secret)>,
}

/// A case that may still collect, with the evidence that still counts, and its account; or the refusal that a
/// stranger may hear.
fn present<'a>(
    case: &Case,
    account: Option<&'a Account>,
    policy: &Policy,
    env: &Env<'_>,
) -> Result<(Case, &'a Account), Refusal> {
    if !case.is_collecting(env.now) {
        return Err(Refusal::CaseNotOpen);
    }
    let account = account
        .filter(|a| case.account.as_ref() == Some(&a.id) && a.is_present())
        .ok_or(Refusal::NotRecognised)?;
    // The strictest population rules at every moment: a case opened under another one ends.
    if !case.is_of(account, policy) {
        return Err(Refusal::CaseNotOpen);
    }
    Ok((case.current(account), account))
}

/// What opens a door: each minimal set of terms.
type Paths = [Vec<Term>];

fn paths(case: &Case, model: &Model) -> Vec<Vec<Term>> {
    case.requirement(model).map(runtime::alternatives).unwrap_or_default()
}

/// The policy names of a kind that the door asks for.
fn asked(paths: &Paths, model: &Model, kinds: &[FactorKind]) -> Vec<AuthenticatorIx> {
    let mut names = Vec::new();
    for term in paths.iter().flatten() {
        if let Term::Authenticator(ix) = *term
            && kinds.contains(&model[ix].kind)
            && !names.contains(&ix)
        {
            names.push(ix);
        }
    }
    names
}

/// A six-digit code could be guessed at, and its authenticator so disabled, by anybody who knows a name. Where
/// every path that uses it also asks for a password, the password comes first.
fn password_comes_first(paths: &Paths, case: &Case, model: &Model, name: AuthenticatorIx) -> bool {
    let with_it: Vec<_> = paths.iter().filter(|p| p.contains(&Term::Authenticator(name))).collect();
    !with_it.is_empty()
        && with_it.iter().all(|path| {
            path.iter().any(|term| {
                matches!(term, Term::Authenticator(ix) if model[*ix].kind == FactorKind::Password)
                    && !evidence::shows(model, &case.evidence, term)
            })
        })
}

/// The authenticators that the door asks for and the account holds.
fn candidates<'a>(
    paths: &Paths,
    account: &'a Account,
    model: &Model,
    kinds: &[FactorKind],
) -> Vec<&'a Authenticator> {
    let names = asked(paths, model, kinds);
    account
        .authenticators
        .iter()
        .filter(|a| matches!(a.state, AuthenticatorState::Active | AuthenticatorState::Disabled))
        .filter(|a| kinds.contains(&a.kind))
        .filter(|a| model.authenticator(&a.name).is_some_and(|ix| names.contains(&ix)))
        .collect()
}

/// Which candidate may be tried at all now.
fn usable<'a>(found: &[&'a Authenticator], now: Time) -> Result<Vec<&'a Authenticator>, Refusal> {
    let active: Vec<_> = found.iter().copied().filter(|a| a.state == AuthenticatorState::Active).collect();
    if active.is_empty() {
        return Err(if found.is_empty() { Refusal::NotRecognised } else { Refusal::Disabled });
    }
    let open: Vec<_> =
        active.iter().copied().filter(|a| throttle::locked(a.locked_until, now).is_none()).collect();
    if open.is_empty() {
        return Err(Refusal::Throttled(active.iter().filter_map(|a| a.locked_until).min().unwrap_or(now)));
    }
    Ok(open)
}

fn attempted(case: &Case, what: &str) -> Fact {
    Fact::of_case(What::EvidenceAttempted, Actor::Holder, case).with("tried", what)
}

/// Counts a failure against every authenticator that was compared. The owner hears of what is switched off by it: they
/// need another way in from then on, and may be the only one who knows that it was not they who tried.
fn fail<T>(
    case: &Case,
    account: &Account,
    policy: &Policy,
    compared: &[&Authenticator],
    what: &str,
    env: &mut Env<'_>,
) -> Answer<T> {
    let mut changes = Vec::new();
    let mut rest = Vec::new();
    let mut told = Vec::new();
    for authenticator in compared {
        let failed = throttle::fail(authenticator.failures, env.now);
        changes.push(Change::AuthenticatorFailed {
            id: authenticator.id.clone(),
            failures: failed.failures,
            locked_until: failed.locked_until,
            disable: failed.disable,
        });
        if failed.disable {
            rest.push(
                Fact::of_case(What::AuthenticatorDisabled, Actor::Server, case)
                    .with("authenticator", authenticator.id.as_str())
                    .with("name", &authenticator.name),
            );
            told.push(Told::SwitchedOff {
                name: authenticator.name.clone(),
                label: authenticator.label.clone(),
            });
        }
    }
    if !told.is_empty() {
        tell_owner(account, policy, "failures", &told, env, &mut changes);
    }
    let facts = Facts::first(attempted(case, what).refused(&Refusal::NotRecognised), rest);
    Decision { reply: Err(Refusal::NotRecognised), changes, facts }
}

/// Adds the piece and does what follows.
fn succeed(
    case: &Case,
    account: &Account,
    policy: &Policy,
    piece: Piece,
    mut changes: Vec<Change>,
    env: &mut Env<'_>,
) -> Answer<Proved> {
    let model = policy.model();
    let mut case = case.clone();
    let what = piece.kind();
    let mut rest = Vec::new();
    let settled = case::add(&mut case, account, model, piece, env, &mut changes, &mut rest);
    let first = Fact::of_case(What::EvidenceProved, Actor::Holder, &case).with("proved", what);
    let mut session = None;
    if settled == Settled::LoginSatisfied {
        let login = case.population(model).map(|p| &model[p].login);
        let reached = login.and_then(|login| evidence::reached(model, &login.require, &case.evidence));
        let (Some(login), Some(reached)) = (login, reached) else {
            return refuse(Refusal::NoDoor, first);
        };
        let used = case.evidence.iter().map(Piece::kind).collect();
        let new = Session::start(account, reached, used, login.session, env);
        let token = new.token(env);
        changes.push(Change::StartSession { session: Box::new(new.clone()), hash: token.hash() });
        case.state = CaseState::Closed(Outcome::Done);
        // The case is over and what was shown is in its facts: a row of evidence would never be read again.
        changes.retain(|change| !matches!(change, Change::AddEvidence { .. }));
        changes.push(Change::SetCase { case: Box::new(case.clone()) });
        rest.push(
            Fact::of_case(What::SignedIn, Actor::Person(account.id.clone()), &case)
                .with("aal", u8::from(new.aal).to_string())
                .with("phishing-resistant", if new.phishing_resistant { "yes" } else { "no" })
                .with("session", new.id.as_str()),
        );
        session = Some((new, token));
    }
    Decision { reply: Ok(Proved { settled, session }), changes, facts: Facts::first(first, rest) }
}

fn authenticator_piece(a: &Authenticator, user_verified: bool, exportable: bool, env: &Env<'_>) -> Piece {
    let proof = Proof::Authenticator {
        id: a.id.clone(),
        name: a.name.clone(),
        kind: a.kind.name().to_owned(),
        user_verified,
        exportable,
        // Attestation statements are not checked yet: a device-bound key counts up to AAL2 (63B-4 2.3.2).
        attested: false,
    };
    Piece::new(proof, env.now)
}

/// A password, compared beforehand.
pub fn password(
    case: &Case,
    account: Option<&Account>,
    policy: &Policy,
    compared: &password::Compared,
    env: &mut Env<'_>,
) -> Answer<Proved> {
    let (case, account) = match present(case, account, policy, env) {
        Ok(present) => present,
        Err(refusal) => return refuse(refusal, attempted(case, "password")),
    };
    let found = candidates(&paths(&case, policy.model()), account, policy.model(), &[FactorKind::Password]);
    let open = match usable(&found, env.now) {
        Ok(open) => open,
        Err(refusal) => return refuse(refusal, attempted(&case, "password")),
    };
    let matched =
        open.iter().find(|a| matches!(&a.data, FactorData::Password(p) if compared.is_match_for(p)));
    let Some(matched) = matched else {
        let is_compared =
            |a: &&Authenticator| matches!(&a.data, FactorData::Password(p) if compared.is_of(p));
        let compared: Vec<_> = open.iter().copied().filter(is_compared).collect();
        return fail(&case, account, policy, &compared, "password", env);
    };
    let used =
        Change::AuthenticatorUsed { id: matched.id.clone(), last_step: matched.last_step + 1, at: env.now };
    let piece = authenticator_piece(matched, false, true, env);
    succeed(&case, account, policy, piece, vec![used], env)
}

/// The stored password that a comparison at this door must use, if there is one.
pub fn password_to_compare<'a>(
    case: &Case,
    account: Option<&'a Account>,
    policy: &Policy,
) -> Option<&'a str> {
    candidates(&paths(case, policy.model()), account?, policy.model(), &[FactorKind::Password])
        .into_iter()
        .find_map(|a| match &a.data {
            FactorData::Password(stored) if a.state == AuthenticatorState::Active => {
                Some(stored.phc.as_str())
            }
            _ => None,
        })
}

/// A time-based code. Each step is accepted once.
pub fn totp(
    case: &Case,
    account: Option<&Account>,
    policy: &Policy,
    code: &str,
    env: &mut Env<'_>,
) -> Answer<Proved> {
    let model = policy.model();
    let (case, account) = match present(case, account, policy, env) {
        Ok(present) => present,
        Err(refusal) => return refuse(refusal, attempted(case, "totp")),
    };
    let paths = paths(&case, model);
    let found = candidates(&paths, account, model, &[FactorKind::Totp]);
    let open = match usable(&found, env.now) {
        Ok(open) => open,
        Err(refusal) => return refuse(refusal, attempted(&case, "totp")),
    };
    let comes_later = |a: &Authenticator| {
        model.authenticator(&a.name).is_some_and(|ix| password_comes_first(&paths, &case, model, ix))
    };
    let open: Vec<_> = open.into_iter().filter(|a| !comes_later(a)).collect();
    if open.is_empty() {
        return refuse(Refusal::NotYet, attempted(&case, "totp"));
    }
    let matched = open.iter().find_map(|a| match &a.data {
        FactorData::Totp(seed) => seed.verify(code, env.now, a.last_step).map(|step| (*a, step)),
        _ => None,
    });
    let Some((matched, step)) = matched else {
        return fail(&case, account, policy, &open, "totp", env);
    };
    let used = Change::AuthenticatorUsed { id: matched.id.clone(), last_step: step, at: env.now };
    let piece = authenticator_piece(matched, false, true, env);
    succeed(&case, account, policy, piece, vec![used], env)
}

/// A saved recovery code: spent by this.
pub fn recovery_code(
    case: &Case,
    account: Option<&Account>,
    policy: &Policy,
    typed: &str,
    env: &mut Env<'_>,
) -> Answer<Proved> {
    let (case, account) = match present(case, account, policy, env) {
        Ok(present) => present,
        Err(refusal) => return refuse(refusal, attempted(case, "recovery-code")),
    };
    let found =
        candidates(&paths(&case, policy.model()), account, policy.model(), &[FactorKind::RecoveryCodes]);
    let open = match usable(&found, env.now) {
        Ok(open) => open,
        Err(refusal) => return refuse(refusal, attempted(&case, "recovery-code")),
    };
    let matched = open.iter().find_map(|a| match &a.data {
        FactorData::RecoveryCodes(codes) => codes.matching(&a.id, typed, env).map(|hash| (*a, hash)),
        _ => None,
    });
    let Some((matched, hash)) = matched else {
        return fail(&case, account, policy, &open, "recovery-code", env);
    };
    let changes = vec![
        Change::SpendRecoveryCode { id: matched.id.clone(), hash, at: env.now },
        Change::AuthenticatorUsed { id: matched.id.clone(), last_step: matched.last_step + 1, at: env.now },
    ];
    let piece = authenticator_piece(matched, false, true, env);
    succeed(&case, account, policy, piece, changes, env)
}

/// A passkey or security key, verified beforehand. Sets the account of a case that had none (conditional UI).
pub fn passkey(
    case: &Case,
    account: Option<&Account>,
    policy: &Policy,
    verified: Result<passkey::Verified, passkey::NotVerified>,
    env: &mut Env<'_>,
) -> Answer<Proved> {
    let mut case = case.clone();
    if case.account.is_none() && case.door == DoorName::Login && case.opened_by == Actor::Holder {
        // A case opened without any name: the assertion says whose it is.
        if let Some((account, population)) = account.and_then(|a| Some((a, a.population(policy)?))) {
            case.account = Some(account.id.clone());
            case.population.clone_from(&policy.model()[population].name);
        }
    }
    let (case, account) = match present(&case, account, policy, env) {
        Ok(present) => present,
        Err(refusal) => return refuse(refusal, attempted(&case, "passkey")),
    };
    let found = candidates(
        &paths(&case, policy.model()),
        account,
        policy.model(),
        &[FactorKind::Passkey, FactorKind::SecurityKey],
    );
    let open = match usable(&found, env.now) {
        Ok(open) => open,
        Err(refusal) => return refuse(refusal, attempted(&case, "passkey")),
    };
    let verified = match verified {
        Ok(verified) => verified,
        Err(failed) => {
            // Not counted: 63B-4 3.1.6 and 3.1.7 ask for no throttling, because nobody guesses a signature, and
            // whoever knows a name could switch its passkeys off.
            let claimed = failed.authenticator.as_ref().map_or("", AuthenticatorId::as_str);
            return refuse(
                Refusal::NotRecognised,
                attempted(&case, "passkey").with("authenticator", claimed),
            );
        }
    };
    let used = open.iter().copied().find(|a| a.id == verified.authenticator);
    let Some((used, FactorData::Passkey(stored))) = used.map(|a| (a, &a.data)) else {
        return refuse(Refusal::NotRecognised, attempted(&case, "passkey"));
    };
    // WebAuthn 7.2: a signature counter that does not grow is a sign of a cloned key; both zero: it is not kept.
    let (before, counter) = (Credential::from(stored.credential.clone()).counter, verified.result.counter());
    if (before, counter) != (0, 0) && counter <= before {
        return fail(&case, account, policy, &[used], "passkey", env);
    }
    let exportable = verified.result.backup_eligible();
    let piece = authenticator_piece(used, verified.result.user_verified(), exportable, env);
    let mut changes = vec![Change::SetCase { case: Box::new(case.clone()) }];
    let mut stored = stored.clone();
    stored.backup_eligible = exportable;
    stored.backed_up = verified.result.backup_state();
    stored.credential.update_credential(&verified.result);
    changes.push(Change::SetFactorData { id: used.id.clone(), data: Box::new(FactorData::Passkey(stored)) });
    let last_step = i64::from(counter).max(used.last_step + 1);
    changes.push(Change::AuthenticatorUsed { id: used.id.clone(), last_step, at: env.now });
    succeed(&case, account, policy, piece, changes, env)
}
