//! Notices: what is sent to whom.
//!
//! Owns which messages exist and what they carry, and who may have one tried again. Does not own their wording nor their
//! delivery (the server's).

use policy::model::{ChannelIx, ChannelKind};
use policy::{Model, Policy};

use crate::account::{Account, Address, Authenticator};
use crate::case::Case;
use crate::change::Change;
use crate::fact::{Fact, What};
use crate::id::{AccountId, CaseId, Hash, NoticeId, Secret, Time};
use crate::refusal::Refusal;
use crate::session::Caller;
use crate::{Answer, Decision, Env, Facts, refuse};

/// One message on its way to one address.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Opaque.
    pub id: NoticeId,
    /// Whom it concerns.
    pub account: AccountId,
    /// The case that caused it.
    pub case: Option<CaseId>,
    /// The channel's name.
    pub channel: String,
    /// How it travels.
    pub kind: ChannelKind,
    /// Where to.
    pub address: String,
    /// What it says.
    pub message: Message,
    /// The stored form of the link that stops the case.
    pub stop: Option<Hash>,
    /// When it was written.
    pub at: Time,
}

/// What a notice says. Secrets in it are sealed at rest and forgotten once sent.
#[derive(Clone, Debug)]
pub enum Message {
    /// An enrolment ticket.
    Invitation {
        /// Goes into the link.
        ticket: Secret,
        /// When it ends.
        expires_at: Time,
    },
    /// A one-time code.
    Code {
        /// What to type.
        code: Secret,
        /// What it is for: the door, or the address to be confirmed.
        purpose: String,
        /// When it ends.
        expires_at: Time,
    },
    /// A recovery is complete and opens later: stop it if it was not you.
    DoorWaiting {
        /// The door.
        door: String,
        /// When it opens.
        until: Time,
        /// Goes into the link that stops it.
        stop: Secret,
    },
    /// Something about the account's factors, addresses or sessions changed.
    Changed {
        /// The door that was used.
        door: String,
        /// What changed.
        what: Vec<Told>,
    },
}

/// One change that a notice tells of. Names are the policy's; the words are the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Something new signs in.
    Added {
        /// The authenticator's name in the policy.
        name: String,
        /// What its owner calls it.
        label: String,
    },
    /// It signs in no more.
    Removed {
        /// The authenticator's name in the policy.
        name: String,
        /// What its owner called it.
        label: String,
    },
    /// Its owner says that it is lost: it signs in no more.
    Lost {
        /// The authenticator's name in the policy.
        name: String,
        /// What its owner calls it.
        label: String,
    },
    /// Somebody failed too often: it signs in no more until it is bound again.
    SwitchedOff {
        /// The authenticator's name in the policy.
        name: String,
        /// What its owner calls it.
        label: String,
    },
    /// Somebody failed too often: no code sent there counts until the address is set again.
    AddressSwitchedOff {
        /// The channel's name in the policy.
        channel: String,
    },
    /// Another address counts from now on.
    AddressChanged {
        /// The channel's name in the policy.
        channel: String,
    },
    /// Signed out: everywhere, or in one place.
    SignedOut {
        /// Everywhere?
        everywhere: bool,
    },
}

impl Told {
    /// Of an authenticator that is new.
    pub(crate) fn added(new: &Authenticator) -> Told {
        Told::Added { name: new.name.clone(), label: new.label.clone() }
    }

    /// Of one that is no more.
    pub(crate) fn removed(old: &Authenticator) -> Told {
        Told::Removed { name: old.name.clone(), label: old.label.clone() }
    }
}

/// The words of the log, which name things as the policy does.
impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Told::Added { name, .. } => write!(f, "{name} added"),
            Told::Removed { name, label } => write!(f, "{name} ({label}) removed"),
            Told::Lost { name, label } => write!(f, "{name} ({label}) lost"),
            Told::SwitchedOff { name, label } => write!(f, "{name} ({label}) switched off"),
            Told::AddressSwitchedOff { channel } => write!(f, "address {channel} switched off"),
            Told::AddressChanged { channel } => write!(f, "address {channel} changed"),
            Told::SignedOut { everywhere: true } => f.write_str("signed out everywhere"),
            Told::SignedOut { everywhere: false } => f.write_str("one session ended"),
        }
    }
}

impl Notice {
    /// A notice that a case causes.
    #[expect(clippy::too_many_arguments, reason = "a record of eight facts, made in three places")]
    pub(crate) fn new(
        account: &Account,
        case: &Case,
        model: &Model,
        channel: ChannelIx,
        address: &Address,
        message: Message,
        stop: Option<Hash>,
        env: &mut Env<'_>,
    ) -> Notice {
        Notice {
            case: Some(case.id.clone()),
            stop,
            ..Notice::plain(account, model, channel, &address.address, message, env)
        }
    }

    /// A notice outside any case.
    pub(crate) fn plain(
        account: &Account,
        model: &Model,
        channel: ChannelIx,
        address: &str,
        message: Message,
        env: &mut Env<'_>,
    ) -> Notice {
        Notice {
            id: NoticeId::fresh(env),
            account: account.id.clone(),
            case: None,
            channel: model[channel].name.clone(),
            kind: model[channel].kind,
            address: address.to_owned(),
            message,
            stop: None,
            at: env.now,
        }
    }
}

/// Tells the account's owner of a change that no case made, over whatever the bind door would tell them.
pub(crate) fn tell_owner(
    account: &Account,
    policy: &Policy,
    through: &str,
    what: &[Told],
    env: &mut Env<'_>,
    changes: &mut Vec<Change>,
) {
    let model = policy.model();
    let door = account.population(policy).and_then(|p| model[p].bind.as_ref());
    for channel in door.map(|door| door.notify.as_slice()).unwrap_or_default() {
        if let Some(address) = account.address(&model[*channel].name) {
            let message = Message::Changed { door: through.to_owned(), what: what.to_vec() };
            changes.push(Change::Notify(Notice::plain(
                account,
                model,
                *channel,
                &address.address,
                message,
                env,
            )));
        }
    }
}

/// Puts a notice that was given up back into the queue. `account`: whom it concerns; `None`: it was not given up.
pub fn retry(id: &NoticeId, account: Option<&AccountId>, caller: &Caller, env: &Env<'_>) -> Answer<()> {
    let fact = Fact::about(What::NoticeRetried, caller.actor(), account).with("notice", id.as_str());
    if !caller.is_live(env.now) || !(caller.roles.agent || caller.roles.administrator) {
        return refuse(Refusal::NotAuthorized, fact);
    }
    if account.is_none() {
        let why = "That notice is on its way: it is tried again without being asked.";
        return refuse(Refusal::NotAcceptable(why.to_owned()), fact);
    }
    let change = Change::RetryNotice { id: id.clone(), at: env.now };
    Decision { reply: Ok(()), changes: vec![change], facts: Facts::one(fact) }
}
