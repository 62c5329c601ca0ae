//! Codes sent to a channel: sending one, and typing it back.
//!
//! Owns how long a code lives and that it belongs to one case and one address. Failures are counted by address,
//! across codes: a new code forgives nothing (63B-4 3.1.3.2).

use std::time::Duration;

use policy::model::{ChannelIx, ChannelKind, Term};
use policy::{Model, Policy, runtime};

use super::{Proved, attempted, present, succeed};
use crate::account::{Account, Address};
use crate::case::Case;
use crate::change::Change;
use crate::evidence::{Piece, Proof};
use crate::fact::{Actor, Fact, What};
use crate::id::{Hash, Secret, Time};
use crate::notice::{Message, Notice, Told, tell_owner};
use crate::refusal::Refusal;
use crate::throttle;
use crate::{Answer, Decision, Env, Facts, refuse};

/// How long a code lives by the channel that carries it (63B-4 4.2.1.2).
pub fn code_lifetime(kind: ChannelKind) -> Duration {
    match kind {
        ChannelKind::Sms | ChannelKind::Voice => Duration::from_mins(10),
        ChannelKind::Email => Duration::from_hours(1),
        ChannelKind::Post => Duration::from_hours(21 * 24),
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
    let (case, account) = match present(case, account, policy, env) {
        Ok(present) => present,
        Err(refusal) => return refuse(refusal, fact),
    };
    let (ix, address) = match reachable(&case, account, model, channel, env.now) {
        Ok(reachable) => reachable,
        Err(refusal) => return refuse(refusal, fact),
    };
    let code = Secret::digits(env, 8);
    let expires_at = env.now.plus(code_lifetime(model[ix].kind));
    let hash = code.keyed_hash(env, &belonging(&case, address));
    let message = Message::Code { code, purpose: case.door.to_string(), expires_at };
    let notice = Notice::new(account, &case, model, ix, address, message, None, env);
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

/// The confirmed address on a channel that the door asks for, unless it had too many failures.
fn reachable<'a>(
    case: &Case,
    account: &'a Account,
    model: &Model,
    channel: &str,
    now: Time,
) -> Result<(ChannelIx, &'a Address), Refusal> {
    let paths = case.requirement(model).map(runtime::alternatives).unwrap_or_default();
    let asked = |ix: &ChannelIx| paths.iter().any(|path| path.contains(&Term::Issued(*ix)));
    let ix = model.channel(channel).filter(asked).ok_or(Refusal::NotAtThisDoor)?;
    let address = account.confirmed(channel).ok_or(Refusal::NoAddress)?;
    if address.failures >= throttle::LIMIT {
        return Err(Refusal::Disabled);
    }
    throttle::locked(address.locked_until, now).map_or(Ok((ix, address)), |at| Err(Refusal::Throttled(at)))
}

/// What a code belongs to. The address is part of it: what went to an old one is worth nothing once it is changed.
fn belonging(case: &Case, address: &Address) -> String {
    format!("{}/{}/{}", case.id, address.channel, address.address)
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
    let (case, account) = match present(case, account, policy, env) {
        Ok(present) => present,
        Err(refusal) => return refuse(refusal, attempted(case, &tried)),
    };
    let address = match reachable(&case, account, policy.model(), channel, env.now) {
        Ok((_, address)) => address,
        Err(refusal) => return refuse(refusal, attempted(&case, &tried)),
    };
    // With no code under way there is nothing to guess, and nobody may use up the owner's attempts.
    let Some(issued) = issued else { return refuse(Refusal::NotRecognised, attempted(&case, &tried)) };
    let hash = Secret::from_text(typed).keyed_hash(env, &belonging(&case, address));
    if issued.hash != hash || env.now >= issued.expires_at {
        let failed = throttle::fail(address.failures, env.now);
        let mut changes = vec![Change::AddressAttempts {
            account: account.id.clone(),
            channel: channel.to_owned(),
            failures: failed.failures,
            locked_until: failed.locked_until,
        }];
        let mut rest = Vec::new();
        if failed.disable {
            let off = Fact::of_case(What::AddressDisabled, Actor::Server, &case).with("channel", channel);
            rest.push(off);
            let told = [Told::AddressSwitchedOff { channel: channel.to_owned() }];
            tell_owner(account, policy, "failures", &told, env, &mut changes);
        }
        let facts = Facts::first(attempted(&case, &tried).refused(&Refusal::NotRecognised), rest);
        return Decision { reply: Err(Refusal::NotRecognised), changes, facts };
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
    succeed(&case, account, policy, piece, changes, env)
}
