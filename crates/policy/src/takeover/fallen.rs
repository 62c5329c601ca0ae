//! What has fallen: whatever the attacker is given before the attack begins.
//!
//! Owns what a fall gives and whose it is. Does not own how people name what may fall (`blast`) nor what follows
//! from it (`graph`).

use std::sync::Arc;

use super::capability::CapabilityKind;
use crate::factor::FactorKind;
use crate::model::{ApproverIx, AuthenticatorIx, ChannelIx, Model};

/// Something that may fall.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Falling {
    /// It can be done, to all these people.
    Capability {
        /// The deed.
        kind: CapabilityKind,
        /// The channel whose mailbox it is, or the thing that is stolen or unlocked.
        object: Option<Arc<str>>,
        /// To whom.
        whom: Whom,
    },
    /// What is sent there is read, whoever it is for.
    Channel(ChannelIx),
    /// Whoever holds that authenticator, the attacker shows it for them.
    Authenticator(AuthenticatorIx),
    /// The same for every authenticator of the kind.
    Kind(FactorKind),
    /// One person of the role approves what the attacker asks for.
    Person(ApproverIx),
}

/// To whom something can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whom {
    /// Members and approvers alike.
    Everybody,
    /// The member whose account it is, and no approver.
    Member,
    /// Everybody of that role, and nobody else.
    Role(ApproverIx),
}

impl Falling {
    /// Is this deed given against that person?
    pub(super) fn gives_deed(
        &self,
        done: CapabilityKind,
        to: Option<ApproverIx>,
        what: Option<&str>,
    ) -> bool {
        let Falling::Capability { kind, object, whom } = self else { return false };
        let is_meant = match whom {
            Whom::Everybody => true,
            Whom::Member => to.is_none(),
            Whom::Role(role) => to == Some(*role),
        };
        is_meant && *kind == done && object.as_deref() == what
    }

    pub(super) fn gives_authenticator(&self, model: &Model, shown: AuthenticatorIx) -> bool {
        match self {
            Falling::Authenticator(fallen) => *fallen == shown,
            Falling::Kind(kind) => model[shown].kind == *kind,
            _ => false,
        }
    }

    pub(super) fn gives_channel(&self, read: ChannelIx) -> bool {
        *self == Falling::Channel(read)
    }
}

/// How many people of a role have fallen.
pub(super) fn people_of(fallen: &[Falling], role: ApproverIx) -> usize {
    fallen.iter().filter(|falling| **falling == Falling::Person(role)).count()
}
