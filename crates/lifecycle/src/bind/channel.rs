//! Changing an address is a binding (63B-4 3.1.3.3, 4.2.1.2): through an open door, confirmed by a code to the new one.

use policy::model::{Bindable, ChannelIx};
use serde::{Deserialize, Serialize};

use super::{At, actor, permit, tell};
use crate::change::Change;
use crate::evidence::{Piece, Proof};
use crate::fact::{Fact, What};
use crate::id::{ChallengeId, Hash, Secret};
use crate::notice::{Message, Notice, Told};
use crate::refusal::Refusal;
use crate::{Answer, Decision, Env, Facts, prove, refuse};

/// A new address that is not yet confirmed.
#[derive(Serialize, Deserialize)]
pub struct PendingAddress {
    /// The channel's name.
    pub channel: String,
    /// The new address.
    pub address: String,
    /// The stored form of the code that was sent there.
    pub code: [u8; 32],
}

fn may_bind_channel(at: At<'_>, channel: &str, env: &Env<'_>) -> Result<ChannelIx, Refusal> {
    let At { policy, .. } = at;
    let permit = permit(at, env)?;
    let ix = policy.model().channel(channel).ok_or(Refusal::NotAtThisDoor)?;
    if !permit.door.binds.contains(&Bindable::Channel(ix)) {
        return Err(Refusal::NotAtThisDoor);
    }
    permit.is_strong_enough(at)?;
    Ok(ix)
}

/// Begins to change an address: a code goes to the new one.
pub fn address(at: At<'_>, channel: &str, address: &str, env: &mut Env<'_>) -> Answer<ChallengeId> {
    let At { case, account, policy, .. } = at;
    let model = policy.model();
    let fact = Fact::of_case(What::AddressCodeSent, actor(case, account), case).with("channel", channel);
    let ix = match may_bind_channel(at, channel, env) {
        Ok(ix) => ix,
        Err(refusal) => return refuse(refusal, fact),
    };
    let address = match crate::directory::acceptable_address(model[ix].kind, address) {
        Ok(address) => address,
        Err(why) => return refuse(Refusal::NotAcceptable(why), fact),
    };
    let id = ChallengeId::fresh(env);
    let code = Secret::digits(env, 8);
    let expires_at = env.now.plus(prove::code_lifetime(model[ix].kind)).min(case.expires_at);
    let pending = PendingAddress {
        channel: channel.to_owned(),
        address: address.clone(),
        code: code.keyed_hash(env, id.as_str()).0,
    };
    let Ok(state) = serde_json::to_vec(&pending) else {
        return refuse(Refusal::NotAcceptable("That address cannot be stored.".to_owned()), fact);
    };
    let message = Message::Code { code, purpose: "address".to_owned(), expires_at };
    let notice =
        Notice { case: Some(case.id.clone()), ..Notice::plain(account, model, ix, &address, message, env) };
    Decision {
        changes: vec![
            Change::OpenChallenge {
                id: id.clone(),
                case: case.id.clone(),
                purpose: format!("address:{channel}"),
                state,
                expires_at,
            },
            Change::Notify(notice),
        ],
        facts: Facts::one(fact),
        reply: Ok(id),
    }
}

/// Confirms a new address with the code that went there. A wrong code spends the attempt: a new one is sent.
pub fn confirm_address(
    at: At<'_>,
    pending: &PendingAddress,
    typed: &str,
    ceremony: &ChallengeId,
    env: &mut Env<'_>,
) -> Answer<()> {
    let At { case, account, policy, .. } = at;
    let fact =
        Fact::of_case(What::AddressBound, actor(case, account), case).with("channel", &pending.channel);
    if let Err(refusal) = may_bind_channel(at, &pending.channel, env) {
        return refuse(refusal, fact);
    }
    let mut changes = vec![Change::SpendChallenge { id: ceremony.clone(), at: env.now }];
    let typed = Secret::from_text(typed).keyed_hash(env, ceremony.as_str());
    if typed != Hash(pending.code) {
        let facts = Facts::one(fact.refused(&Refusal::NotRecognised));
        return Decision { reply: Err(Refusal::NotRecognised), changes, facts };
    }
    changes.push(Change::SetAddress {
        account: account.id.clone(),
        channel: pending.channel.clone(),
        address: pending.address.clone(),
        confirmed_at: Some(env.now),
        at: env.now,
    });
    // What this case showed at the old address it has now shown at the new one.
    let moves = |p: &&Piece| matches!(p.proof(), Proof::Issued { channel } | Proof::Invite { channel } if *channel == pending.channel);
    for piece in case.evidence.iter().filter(moves) {
        let piece = Piece::new(piece.proof().clone(), env.now);
        changes.push(Change::AddEvidence { case: case.id.clone(), piece });
    }
    // The old address hears of it: `account` is as it was before.
    tell(
        case,
        account,
        policy,
        &[Told::AddressChanged { channel: pending.channel.clone() }],
        env,
        &mut changes,
    );
    Decision { reply: Ok(()), changes, facts: Facts::one(fact) }
}
