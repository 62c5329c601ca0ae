//! The policy as one account lives it: what is given, and what two names for one mailbox come to.
//!
//! Owns the circumstances of a reading. Does not own what follows from them.

use std::borrow::Cow;

use crate::model::{AuthenticatorIx, ChannelIx, Model, Protection};

/// What a reading takes as given.
#[derive(Clone, Debug)]
pub(crate) struct Circumstances {
    /// What is really held, recovery codes included.
    pub(super) holds: Vec<AuthenticatorIx>,
    /// The channels that reach the owner, those of one address together; `None`: all that the policy names, apart.
    pub(super) addresses: Option<Vec<Vec<ChannelIx>>>,
}

impl Circumstances {
    /// The policy as the account lives it.
    pub(super) fn lived<'m>(&self, model: &'m Model) -> Cow<'m, Model> {
        lived(model, self.addresses.as_deref().unwrap_or_default())
    }

    /// The channels that reach the owner; `None`: all that the policy names.
    pub(super) fn channels(&self) -> Option<Vec<ChannelIx>> {
        self.addresses.as_deref().map(<[_]>::concat)
    }
}

/// The policy as an account lives it. Channels that lead to one address are one mailbox or one phone: whoever has the
/// one has the other, and it is as well protected as the worst of them says.
pub(crate) fn lived<'m>(model: &'m Model, addresses: &[Vec<ChannelIx>]) -> Cow<'m, Model> {
    let mut lived = Cow::Borrowed(model);
    for shared in addresses.iter().filter(|channels| channels.len() > 1) {
        let all = || shared.iter().map(|channel| &model[*channel]);
        let name = all().map(|channel| &channel.name).next().cloned().unwrap_or_default();
        let on = all().find_map(|channel| channel.on.clone());
        let worst = all().map(|channel| channel.protected).min_by_key(|protection| strength(*protection));
        let behind_login = all().all(|channel| channel.behind_login);
        for channel in shared {
            let channel = &mut lived.to_mut().channels[usize::from(channel.0)];
            channel.name.clone_from(&name);
            channel.on.clone_from(&on);
            channel.protected = worst.unwrap_or(channel.protected);
            channel.behind_login = behind_login;
        }
    }
    lived
}

fn strength(protection: Protection) -> u8 {
    match protection {
        Protection::Password => 0,
        Protection::Mfa => 1,
        Protection::PhishingResistant => 2,
    }
}
