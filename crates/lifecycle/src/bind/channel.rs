//! Changing an address is a binding (63B-4 3.1.3.3, 4.2.1.2): through an open door, confirmed by a code to the new one.

use policy::Policy;
use policy::model::{Bindable, ChannelIx};
use serde::{Deserialize, Serialize};

use super::{At, actor, permit, tell};
use crate::account::{Account, Address};
use crate::case::{Case, DoorName};
use crate::change::Change;
use crate::evidence::{Piece, Proof};
use crate::fact::{Fact, What};
use crate::id::{ChallengeId, Hash, Secret, Time};
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

/// Confirms a new address with the code that went there. At the bind door it counts at once; elsewhere it is staged.
pub(super) fn confirm_address(
    at: At<'_>,
    pending: &PendingAddress,
    typed: &str,
    ceremony: &ChallengeId,
    env: &mut Env<'_>,
) -> Answer<()> {
    let At { case, account, policy, .. } = at;
    let at_once = case.door == DoorName::Bind;
    let what = if at_once { What::AddressBound } else { What::AddressConfirmed };
    let fact = Fact::of_case(what, actor(case, account), case).with("channel", &pending.channel);
    if let Err(refusal) = may_bind_channel(at, &pending.channel, env) {
        return refuse(refusal, fact);
    }
    let mut changes = vec![Change::SpendChallenge { id: ceremony.clone(), at: env.now }];
    let typed = Secret::from_text(typed).keyed_hash(env, ceremony.as_str());
    if typed != Hash(pending.code) {
        let facts = Facts::one(fact.refused(&Refusal::NotRecognised));
        return Decision { reply: Err(Refusal::NotRecognised), changes, facts };
    }
    let new = NewAddress { channel: &pending.channel, address: &pending.address, confirmed_at: env.now };
    if at_once {
        new.take_effect(case, account, policy, env, &mut changes);
        tell(case, account, policy, &[new.told()], env, &mut changes);
    } else {
        let proof = Proof::NewAddress { channel: pending.channel.clone(), address: pending.address.clone() };
        changes.push(Change::AddEvidence { case: case.id.clone(), piece: Piece::new(proof, env.now) });
    }
    Decision { reply: Ok(()), changes, facts: Facts::one(fact) }
}

/// An address that its owner reads, on its way to be the account's.
pub struct NewAddress<'a> {
    /// The channel's name.
    pub channel: &'a str,
    /// The address.
    pub address: &'a str,
    confirmed_at: Time,
}

/// What the case has staged: of each channel the address that was confirmed last.
pub fn staged_addresses(case: &Case) -> Vec<NewAddress<'_>> {
    let mut staged: Vec<NewAddress<'_>> = Vec::new();
    for piece in &case.evidence {
        let Proof::NewAddress { channel, address } = piece.proof() else { continue };
        let new = NewAddress { channel, address, confirmed_at: piece.at() };
        match staged.iter_mut().find(|other| other.channel == new.channel) {
            Some(other) if other.confirmed_at <= new.confirmed_at => *other = new,
            Some(_) => {}
            None => staged.push(new),
        }
    }
    staged
}

impl NewAddress<'_> {
    pub(crate) fn told(&self) -> Told {
        Told::AddressChanged { channel: self.channel.to_owned() }
    }

    /// The account's address, if it is this one that took effect and stands to this day.
    pub fn in_force<'a>(&self, account: &'a Account) -> Option<&'a Address> {
        let now = account.address(self.channel)?;
        (now.address == self.address && now.confirmed_at == Some(self.confirmed_at)).then_some(now)
    }

    /// May it take effect through this door, under the policy that runs now?
    pub(crate) fn is_allowed(&self, at: At<'_>, env: &Env<'_>) -> bool {
        may_bind_channel(at, self.channel, env).is_ok()
    }

    /// Puts it in the place of the one before, which hears of that whatever the door notifies: nobody else may know that
    /// it was not its owner who changed it. `account` is as it was before.
    pub(crate) fn take_effect(
        &self,
        case: &Case,
        account: &Account,
        policy: &Policy,
        env: &mut Env<'_>,
        changes: &mut Vec<Change>,
    ) {
        changes.push(Change::SetAddress {
            account: account.id.clone(),
            channel: self.channel.to_owned(),
            address: self.address.to_owned(),
            confirmed_at: Some(self.confirmed_at),
            at: env.now,
        });
        // What this case showed at the old address it has now shown at the new one.
        let moves = |p: &&Piece| matches!(p.proof(), Proof::Issued { channel } | Proof::Invite { channel } if channel == self.channel);
        for piece in case.evidence.iter().filter(moves) {
            let piece = Piece::new(piece.proof().clone(), env.now);
            changes.push(Change::AddEvidence { case: case.id.clone(), piece });
        }
        let model = policy.model();
        let notified = |ix| case.bound_door(model).is_some_and(|door| door.notify.contains(&ix));
        if let Some(ix) = model.channel(self.channel).filter(|ix| !notified(*ix))
            && let Some(old) = account.address(self.channel)
        {
            let message = Message::Changed { door: case.door.to_string(), what: vec![self.told()] };
            let notice = Notice::new(account, case, model, ix, old, message, None, env);
            changes.push(Change::Notify(notice));
        }
    }
}
