//! Notices: what is sent to whom.
//!
//! Owns which messages exist and what they carry, and who may have one tried again. Does not own their wording nor their
//! delivery (the server's).

use policy::Model;
use policy::model::{ChannelIx, ChannelKind};

use crate::account::{Account, Address};
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
        /// What changed, one plain phrase each.
        what: Vec<String>,
    },
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
