//! Proving a piece of evidence in a case, at whatever door.
//!
//! Owns one function per kind of evidence that the holder of a case can show, with its throttling. A success adds
//! a piece and moves the case on; signing in is what that means at the login door. Does not own approvals and
//! proofing, which other people give (`approve`).

use policy::model::{AuthenticatorIx, Term};
use policy::{FactorKind, Model, Policy, assurance, runtime};

use crate::account::{Account, Authenticator, AuthenticatorState};
use crate::case::{self, Case, CaseState, DoorName, Outcome, Settled};
use crate::change::Change;
use crate::evidence::{self, Piece, Proof};
use crate::fact::{Actor, Fact, What};
use crate::factor::{FactorData, passkey, password};
use crate::id::{Hash, Secret, Time};
use crate::notice::{Message, Notice};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::throttle;
use crate::{Answer, Decision, Env, Facts, refuse};

/// What a success led to.
#[derive(Debug)]
pub struct Proved {
    /// Where the case stands now.
    pub settled: Settled,
    /// The new session, at the login door.
    pub session: Option<(Session, Secret)>,
}

/// The account of a case that may still collect, or the refusal that a stranger may hear.
fn present<'a>(
    case: &Case,
    account: Option<&'a Account>,
    policy: &Policy,
    env: &Env<'_>,
) -> Result<&'a Account, Refusal> {
    if !case.is_collecting(env.now) {
        return Err(Refusal::CaseNotOpen);
    }
    let account = account.ok_or(Refusal::NotRecognised)?;
    if !account.is_present() {
        return Err(Refusal::NotRecognised);
    }
    // The strictest population rules at every moment: a case opened under another one ends.
    let ruling = account.population(policy).ok_or(Refusal::NotRecognised)?;
    if policy.model()[ruling].name != case.population {
        return Err(Refusal::CaseNotOpen);
    }
    Ok(account)
}

/// The policy names of a kind that the door asks for.
fn asked(case: &Case, model: &Model, kinds: &[FactorKind]) -> Vec<AuthenticatorIx> {
    let mut names = Vec::new();
    for path in case.requirement(model).map(runtime::alternatives).unwrap_or_default() {
        for term in path {
            if let Term::Authenticator(ix) = term
                && kinds.contains(&model[ix].kind)
                && !names.contains(&ix)
            {
                names.push(ix);
            }
        }
    }
    names
}

/// A six-digit code could be guessed at, and its authenticator so disabled, by anybody who knows a name. Where
/// every path that uses it also asks for a password, the password comes first.
fn password_comes_first(case: &Case, model: &Model, name: AuthenticatorIx) -> bool {
    let paths = case.requirement(model).map(runtime::alternatives).unwrap_or_default();
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
    case: &Case,
    account: &'a Account,
    model: &Model,
    kinds: &[FactorKind],
) -> Vec<&'a Authenticator> {
    let names = asked(case, model, kinds);
    account
        .authenticators
        .iter()
        .filter(|a| matches!(a.state, AuthenticatorState::Active | AuthenticatorState::Disabled))
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

/// Counts a failure against every authenticator that was compared.
fn fail<T>(case: &Case, compared: &[&Authenticator], what: &str, env: &Env<'_>) -> Answer<T> {
    let mut changes = Vec::new();
    let mut rest = Vec::new();
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
        }
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
        let (Some(population), Some(reached)) =
            (case.population(model), assurance::of(&evidence::shown(&case.evidence)))
        else {
            return refuse(Refusal::NoDoor, first);
        };
        let used = case.evidence.iter().map(Piece::kind).collect();
        let new = Session::start(account, reached, used, model[population].login.session, env);
        let token = Secret::token(env);
        changes.push(Change::StartSession { session: Box::new(new.clone()), hash: token.hash() });
        case.state = CaseState::Closed(Outcome::Done);
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
    let account = match present(case, account, policy, env) {
        Ok(account) => account,
        Err(refusal) => return refuse(refusal, attempted(case, "password")),
    };
    let found = candidates(case, account, policy.model(), &[FactorKind::Password]);
    let open = match usable(&found, env.now) {
        Ok(open) => open,
        Err(refusal) => return refuse(refusal, attempted(case, "password")),
    };
    let matched =
        open.iter().find(|a| matches!(&a.data, FactorData::Password(p) if compared.is_match_for(p)));
    let Some(matched) = matched else { return fail(case, &open, "password", env) };
    let used =
        Change::AuthenticatorUsed { id: matched.id.clone(), last_step: matched.last_step + 1, at: env.now };
    let piece = authenticator_piece(matched, false, true, env);
    succeed(case, account, policy, piece, vec![used], env)
}

/// The stored password that a comparison at this door must use, if there is one.
pub fn password_to_compare<'a>(
    case: &Case,
    account: Option<&'a Account>,
    policy: &Policy,
) -> Option<&'a str> {
    candidates(case, account?, policy.model(), &[FactorKind::Password]).into_iter().find_map(|a| {
        match &a.data {
            FactorData::Password(stored) if a.state == AuthenticatorState::Active => {
                Some(stored.phc.as_str())
            }
            _ => None,
        }
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
    let account = match present(case, account, policy, env) {
        Ok(account) => account,
        Err(refusal) => return refuse(refusal, attempted(case, "totp")),
    };
    let found = candidates(case, account, model, &[FactorKind::Totp]);
    let open = match usable(&found, env.now) {
        Ok(open) => open,
        Err(refusal) => return refuse(refusal, attempted(case, "totp")),
    };
    if open
        .iter()
        .all(|a| model.authenticator(&a.name).is_some_and(|ix| password_comes_first(case, model, ix)))
    {
        return refuse(Refusal::NotYet, attempted(case, "totp"));
    }
    let matched = open.iter().find_map(|a| match &a.data {
        FactorData::Totp(seed) => seed.verify(code, env.now, a.last_step).map(|step| (*a, step)),
        _ => None,
    });
    let Some((matched, step)) = matched else { return fail(case, &open, "totp", env) };
    let used = Change::AuthenticatorUsed { id: matched.id.clone(), last_step: step, at: env.now };
    let piece = authenticator_piece(matched, false, true, env);
    succeed(case, account, policy, piece, vec![used], env)
}

/// A saved recovery code: spent by this.
pub fn recovery_code(
    case: &Case,
    account: Option<&Account>,
    policy: &Policy,
    typed: &str,
    env: &mut Env<'_>,
) -> Answer<Proved> {
    let account = match present(case, account, policy, env) {
        Ok(account) => account,
        Err(refusal) => return refuse(refusal, attempted(case, "recovery-code")),
    };
    let found = candidates(case, account, policy.model(), &[FactorKind::RecoveryCodes]);
    let open = match usable(&found, env.now) {
        Ok(open) => open,
        Err(refusal) => return refuse(refusal, attempted(case, "recovery-code")),
    };
    let matched = open.iter().find_map(|a| match &a.data {
        FactorData::RecoveryCodes(codes) => codes.matching(&a.id, typed, env).map(|hash| (*a, hash)),
        _ => None,
    });
    let Some((matched, hash)) = matched else { return fail(case, &open, "recovery-code", env) };
    let changes = vec![
        Change::SpendRecoveryCode { id: matched.id.clone(), hash, at: env.now },
        Change::AuthenticatorUsed { id: matched.id.clone(), last_step: matched.last_step + 1, at: env.now },
    ];
    let piece = authenticator_piece(matched, false, true, env);
    succeed(case, account, policy, piece, changes, env)
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
    let account = match present(&case, account, policy, env) {
        Ok(account) if case.account.as_ref() == Some(&account.id) => account,
        Ok(_) => return refuse(Refusal::NotRecognised, attempted(&case, "passkey")),
        Err(refusal) => return refuse(refusal, attempted(&case, "passkey")),
    };
    let found = candidates(&case, account, policy.model(), &[FactorKind::Passkey, FactorKind::SecurityKey]);
    let open = match usable(&found, env.now) {
        Ok(open) => open,
        Err(refusal) => return refuse(refusal, attempted(&case, "passkey")),
    };
    let verified = match verified {
        Ok(verified) => verified,
        Err(failed) => {
            let compared: Vec<_> =
                open.iter().copied().filter(|a| Some(&a.id) == failed.authenticator.as_ref()).collect();
            return fail(&case, &compared, "passkey", env);
        }
    };
    let Some(used) = open.iter().copied().find(|a| a.id == verified.authenticator) else {
        return fail(&case, &[], "passkey", env);
    };
    let FactorData::Passkey(stored) = &used.data else { return fail(&case, &[], "passkey", env) };
    // WebAuthn 7.2 step 22: a counter that does not grow is a sign of a cloned key. Zero means "not counted".
    let counter = i64::from(verified.result.counter());
    if counter != 0 && counter <= used.last_step {
        return fail(&case, &[used], "passkey", env);
    }
    let exportable = verified.result.backup_eligible();
    let piece = authenticator_piece(used, verified.result.user_verified(), exportable, env);
    let mut changes = vec![Change::SetCase { case: Box::new(case.clone()) }];
    let mut stored = stored.clone();
    stored.backup_eligible = exportable;
    stored.backed_up = verified.result.backup_state();
    stored.credential.update_credential(&verified.result);
    changes.push(Change::SetFactorData { id: used.id.clone(), data: Box::new(FactorData::Passkey(stored)) });
    let last_step = if counter == 0 { used.last_step + 1 } else { counter };
    changes.push(Change::AuthenticatorUsed { id: used.id.clone(), last_step, at: env.now });
    succeed(&case, account, policy, piece, changes, env)
}

/// How long a code lives by the channel that carries it (63B-4 4.2.1.2).
pub fn code_lifetime(kind: policy::model::ChannelKind) -> std::time::Duration {
    use policy::model::ChannelKind;
    match kind {
        ChannelKind::Sms | ChannelKind::Voice => std::time::Duration::from_mins(10),
        ChannelKind::Email => std::time::Duration::from_hours(1),
        ChannelKind::Post => std::time::Duration::from_hours(21 * 24),
    }
}

/// Sends a code to a confirmed address. The answer is the same whether there is one or not.
pub fn send_code(
    case: &Case,
    account: Option<&Account>,
    policy: &Policy,
    channel: &str,
    env: &mut Env<'_>,
) -> Answer<()> {
    let model = policy.model();
    let fact = Fact::of_case(What::CodeSent, Actor::Holder, case).with("channel", channel);
    let account = match present(case, account, policy, env) {
        Ok(account) => account,
        Err(refusal) => return refuse(refusal, fact),
    };
    let ix = model.channel(channel).filter(|ix| {
        case.requirement(model)
            .map(runtime::alternatives)
            .is_some_and(|paths| paths.iter().any(|p| p.contains(&Term::Issued(*ix))))
    });
    let Some(ix) = ix else { return refuse(Refusal::NotAtThisDoor, fact) };
    let Some(address) = account.confirmed(channel) else { return refuse(Refusal::NoAddress, fact) };
    let code = Secret::digits(env, 8);
    let expires_at = env.now.plus(code_lifetime(model[ix].kind));
    let hash = code.keyed_hash(env, case.id.as_str());
    let message = Message::Code { code, purpose: case.door.to_string(), expires_at };
    let notice = Notice::new(account, case, model, ix, address, message, None, env);
    Decision {
        reply: Ok(()),
        changes: vec![
            Change::IssueCode {
                case: case.id.clone(),
                channel: channel.to_owned(),
                hash,
                at: env.now,
                expires_at,
            },
            Change::Notify(notice),
        ],
        facts: Facts::one(fact),
    }
}

/// A code that was sent, unspent, as storage has it.
#[derive(Clone, Debug)]
pub struct IssuedCode {
    /// Its stored form.
    pub hash: Hash,
    /// When it ends.
    pub expires_at: Time,
}

/// A code sent to a channel: spent by this. Failures are counted by address, across codes (63B-4 3.1.3.2).
pub fn issued_code(
    case: &Case,
    account: Option<&Account>,
    policy: &Policy,
    channel: &str,
    issued: Option<&IssuedCode>,
    typed: &str,
    env: &mut Env<'_>,
) -> Answer<Proved> {
    let tried = format!("issued({channel})");
    let account = match present(case, account, policy, env) {
        Ok(account) => account,
        Err(refusal) => return refuse(refusal, attempted(case, &tried)),
    };
    let Some(address) = account.confirmed(channel) else {
        return refuse(Refusal::NotRecognised, attempted(case, &tried));
    };
    if address.failures >= throttle::LIMIT {
        return refuse(Refusal::Disabled, attempted(case, &tried));
    }
    if let Some(until) = throttle::locked(address.locked_until, env.now) {
        return refuse(Refusal::Throttled(until), attempted(case, &tried));
    }
    let hash = Secret::from_text(typed).keyed_hash(env, case.id.as_str());
    let matches = issued.is_some_and(|code| code.hash == hash && env.now < code.expires_at);
    if !matches {
        let failed = throttle::fail(address.failures, env.now);
        return Decision {
            reply: Err(Refusal::NotRecognised),
            changes: vec![Change::AddressAttempts {
                account: account.id.clone(),
                channel: channel.to_owned(),
                failures: failed.failures,
                locked_until: failed.locked_until,
            }],
            facts: Facts::one(attempted(case, &tried).refused(&Refusal::NotRecognised)),
        };
    }
    let changes = vec![
        Change::SpendCode { case: case.id.clone(), channel: channel.to_owned(), at: env.now },
        Change::AddressAttempts {
            account: account.id.clone(),
            channel: channel.to_owned(),
            failures: 0,
            locked_until: None,
        },
    ];
    let piece = Piece::new(Proof::Issued { channel: channel.to_owned() }, env.now);
    succeed(case, account, policy, piece, changes, env)
}
