//! The ways to pass each piece of evidence: the table of section 4 of the design, as data.
//!
//! Owns which capabilities against a person yield what that person would show. Does not own what follows from
//! opened doors (that is `graph`).

use super::capability::CapabilityKind::{
    self, Deepfake, Forge, InterceptPost, Leak, Mailbox, Phish, SimSwap, Steal, SyncAccount, Unlock,
};
use crate::factor::FactorKind;
use crate::model::{Authenticator, Channel, ChannelKind, Proofing, Protection};

/// One way: what must be done to the person, all of it; where a thing is concerned, it is named beside.
pub(super) type Way<'m> = Vec<(CapabilityKind, Option<&'m str>)>;

/// Without `on`, nothing but the authenticator or the phone itself is stolen.
pub(crate) fn thing(authenticator: &Authenticator) -> &str {
    authenticator.on.as_deref().unwrap_or(&authenticator.name)
}

pub(crate) fn thing_of_channel(channel: &Channel) -> &str {
    channel.on.as_deref().unwrap_or(&channel.name)
}

/// How the person's own authenticator is passed.
pub(super) fn to_pass(authenticator: &Authenticator) -> Vec<Way<'_>> {
    let thing = Some(thing(authenticator));
    let stolen = vec![(Steal, thing)];
    let stolen_and_unlocked = vec![(Steal, thing), (Unlock, thing)];
    match authenticator.kind {
        FactorKind::Password => vec![just(Leak), just(Phish)],
        FactorKind::Totp | FactorKind::Push => vec![just(Phish), stolen_and_unlocked],
        FactorKind::Hotp | FactorKind::RecoveryCodes => vec![just(Phish), stolen],
        FactorKind::Sms | FactorKind::Voice => vec![just(Phish), just(SimSwap), stolen],
        FactorKind::Passkey => vec![just(SyncAccount), stolen_and_unlocked],
        FactorKind::SecurityKey | FactorKind::ClientCertificate if authenticator.user_verification => {
            vec![stolen_and_unlocked]
        }
        FactorKind::SecurityKey | FactorKind::ClientCertificate => vec![stolen],
    }
}

/// How a channel that is not behind login is controlled.
pub(super) fn to_control(channel: &Channel) -> Vec<Way<'_>> {
    match channel.kind {
        ChannelKind::Email => {
            let broken_into = vec![(Mailbox, Some(channel.name.as_str()))];
            match channel.protected {
                Protection::Password => vec![just(Leak), just(Phish), broken_into],
                Protection::Mfa => vec![just(Phish), broken_into],
                Protection::PhishingResistant => vec![broken_into],
            }
        }
        ChannelKind::Sms | ChannelKind::Voice => {
            vec![just(SimSwap), vec![(Steal, Some(thing_of_channel(channel)))]]
        }
        ChannelKind::Post => vec![just(InterceptPost)],
    }
}

/// How identity proofing is passed in the name of the person.
pub(super) fn to_be_proofed(method: Proofing) -> CapabilityKind {
    match method {
        Proofing::InPerson => Forge,
        Proofing::Video | Proofing::Document => Deepfake,
    }
}

fn just(kind: CapabilityKind) -> Way<'static> {
    vec![(kind, None)]
}
