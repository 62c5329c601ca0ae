//! Who is known: adding and changing members.
//!
//! Owns names, groups, managers and the addresses given before enrolment. From the first authenticator on, an
//! address changes through the bind or recover door only (63B-4 3.1.3.3, 4.2.1.2).

use policy::Policy;
use policy::model::ChannelKind;
use unicode_normalization::UnicodeNormalization;

use crate::account::{Account, Address};
use crate::change::Change;
use crate::enrol::Authority;
use crate::fact::{Fact, What};
use crate::id::AccountId;
use crate::refusal::Refusal;
use crate::{Answer, Decision, Env, Facts, refuse};

/// What is known of somebody before they enrol.
#[derive(Clone, Debug, Default)]
pub struct NewMember {
    /// What they will type to sign in.
    pub name: String,
    /// How people call them.
    pub display_name: String,
    /// Decides their populations.
    pub groups: Vec<String>,
    /// Their manager.
    pub manager: Option<AccountId>,
    /// (channel, address) pairs.
    pub addresses: Vec<(String, String)>,
}

/// Adds a member. They have no door open until they are invited.
pub fn add(
    new: NewMember,
    taken: bool,
    authority: Authority<'_>,
    policy: &Policy,
    env: &mut Env<'_>,
) -> Answer<AccountId> {
    let fact = Fact::about(What::MemberAdded, authority.actor(), None);
    if let Err(refusal) = authority.permits_administrator(env) {
        return refuse(refusal, fact);
    }
    if taken {
        return refuse(Refusal::NameTaken, fact);
    }
    let names = acceptable_login(&new.name).and_then(|name| {
        known_groups(authority, &new.groups, &[], policy)?;
        let full = acceptable_full_name(&new.display_name)?;
        Ok((name, full))
    });
    let (name, full_name) = match names {
        Ok(names) => names,
        Err(why) => return refuse(Refusal::NotAcceptable(why), fact),
    };
    let mut addresses: Vec<Address> = Vec::new();
    for (channel, address) in new.addresses {
        let Some(ix) = policy.model().channel(&channel) else {
            let why = format!("The policy has no channel `{channel}`.");
            return refuse(Refusal::NotAcceptable(why), fact);
        };
        if addresses.iter().any(|a| a.channel == channel) {
            let why = format!("There is one address on a channel, and `{channel}` has two.");
            return refuse(Refusal::NotAcceptable(why), fact);
        }
        match acceptable_address(policy.model()[ix].kind, &address) {
            Ok(address) => addresses.push(Address {
                channel,
                address,
                // The directory vouches for it; codes go there once an invitation or a code came back.
                confirmed_at: None,
                changed_at: env.now,
                failures: 0,
                locked_until: None,
            }),
            Err(why) => return refuse(Refusal::NotAcceptable(why), fact),
        }
    }
    let id = AccountId::fresh(env);
    let display_name = if full_name.is_empty() { name.clone() } else { full_name };
    let account = Account {
        id: id.clone(),
        name,
        display_name,
        groups: new.groups,
        manager: new.manager,
        created_at: env.now,
        enrolled_at: None,
        offboarded_at: None,
        addresses,
        authenticators: Vec::new(),
    };
    let fact = Fact { account: Some(id.clone()), ..fact }
        .with("name", &account.name)
        .with("groups", account.groups.join(","));
    Decision {
        reply: Ok(id),
        changes: vec![Change::CreateAccount(Box::new(account))],
        facts: Facts::one(fact),
    }
}

/// A login name in the one form that is stored and looked up: however it was typed, it is the same person
/// (compatibility forms of a letter count as the letter).
pub fn login_name(typed: &str) -> String {
    typed.trim().nfkc().collect::<String>().to_lowercase()
}

/// A login name in that form, or why not.
pub fn acceptable_login(typed: &str) -> Result<String, String> {
    let name = login_name(typed);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+');
    if name.is_empty() || name.chars().count() > LONGEST || !name.chars().all(plain) {
        return Err(format!("A name has 1 to {LONGEST} letters, digits or . - _ @ + and no spaces."));
    }
    Ok(name)
}

/// What people call somebody, as it is kept, or why not.
pub fn acceptable_full_name(typed: &str) -> Result<String, String> {
    let name = typed.trim();
    let length = name.chars().count();
    if length > LONGEST {
        return Err(format!("A full name has at most {LONGEST} characters, and this one has {length}."));
    }
    Ok(name.to_owned())
}

/// Does the policy know each of these groups? One that it does not know opens no door, and is a slip of the hand. Those
/// that somebody is in already may stay.
pub fn acceptable_groups(groups: &[String], already: &[String], policy: &Policy) -> Result<(), String> {
    let mut known: Vec<&str> =
        policy.model().populations.iter().flat_map(|p| p.groups.iter().map(String::as_str)).collect();
    known.sort_unstable();
    known.dedup();
    let is_unknown = |group: &&String| !known.contains(&group.as_str()) && !already.contains(*group);
    match groups.iter().find(is_unknown) {
        Some(group) => Err(format!("The policy has no group “{group}”. It has: {}.", known.join(", "))),
        None => Ok(()),
    }
}

/// Whoever types into a form means a group of the policy that runs. A script at the terminal may fill the directory for
/// the policy that comes next.
fn known_groups(
    by: Authority<'_>,
    groups: &[String],
    already: &[String],
    policy: &Policy,
) -> Result<(), String> {
    match by {
        Authority::Person(_) => acceptable_groups(groups, already, policy),
        Authority::Terminal => Ok(()),
    }
}

/// No name of a person is longer.
const LONGEST: usize = 128;

/// Changes names, groups or manager. Sessions end when groups change: another population may rule now.
pub fn change(
    account: &Account,
    display_name: &str,
    groups: Vec<String>,
    manager: Option<AccountId>,
    authority: Authority<'_>,
    policy: &Policy,
    env: &mut Env<'_>,
) -> Answer<()> {
    let fact = Fact::about(What::MemberChanged, authority.actor(), Some(&account.id))
        .with("groups-before", account.groups.join(","))
        .with("groups", groups.join(","))
        .with("manager", manager.as_ref().map_or("", |m| m.as_str()));
    if let Err(refusal) = authority.permits_administrator(env) {
        return refuse(refusal, fact);
    }
    if authority.actor() == crate::Actor::Person(account.id.clone()) || manager.as_ref() == Some(&account.id)
    {
        return refuse(Refusal::SamePerson, fact);
    }
    if !account.is_present() {
        return refuse(Refusal::Offboarded, fact);
    }
    let name = known_groups(authority, &groups, &account.groups, policy)
        .and_then(|()| acceptable_full_name(display_name));
    let display_name = match name {
        Ok(name) => name,
        Err(why) => return refuse(Refusal::NotAcceptable(why), fact),
    };
    let mut changes = Vec::new();
    if groups != account.groups {
        changes.push(Change::EndSessions { account: account.id.clone(), except: None, at: env.now });
    }
    changes.push(Change::UpdateAccount { account: account.id.clone(), display_name, groups, manager });
    Decision { reply: Ok(()), changes, facts: Facts::one(fact) }
}

/// Sets an address of somebody who has not enrolled: afterwards only a door does that. Invitations that went to the
/// old one are worth nothing any more.
pub fn set_address(
    account: &Account,
    channel: &str,
    address: &str,
    authority: Authority<'_>,
    policy: &Policy,
    env: &mut Env<'_>,
) -> Answer<()> {
    let fact =
        Fact::about(What::MemberChanged, authority.actor(), Some(&account.id)).with("channel", channel);
    if let Err(refusal) = authority.permits_administrator(env) {
        return refuse(refusal, fact);
    }
    if !account.is_present() {
        return refuse(Refusal::Offboarded, fact);
    }
    if account.has_authenticator() {
        return refuse(Refusal::AlreadyEnrolled, fact);
    }
    let Some(ix) = policy.model().channel(channel) else {
        return refuse(Refusal::NotAcceptable(format!("The policy has no channel `{channel}`.")), fact);
    };
    match acceptable_address(policy.model()[ix].kind, address) {
        Err(why) => refuse(Refusal::NotAcceptable(why), fact),
        Ok(address) => Decision {
            reply: Ok(()),
            changes: vec![
                Change::SetAddress {
                    account: account.id.clone(),
                    channel: channel.to_owned(),
                    address,
                    confirmed_at: None,
                    at: env.now,
                },
                Change::RevokeTickets { account: account.id.clone(), at: env.now },
            ],
            facts: Facts::one(fact),
        },
    }
}

/// An address in its plain form, or why not.
pub fn acceptable_address(kind: ChannelKind, address: &str) -> Result<String, String> {
    let address = address.trim();
    if address.is_empty() || address.chars().count() > 254 || address.chars().any(char::is_control) {
        return Err("Enter an address of at most 254 characters.".to_owned());
    }
    match kind {
        ChannelKind::Email => match address.split_once('@') {
            Some((user, host))
                if !user.is_empty()
                    && host.contains('.')
                    && !host.contains('@')
                    && !address.contains(|c: char| c.is_whitespace() || "<>()[],;:\"\\".contains(c)) =>
            {
                Ok(address.to_owned())
            }
            _ => Err("Enter a mail address like name@example.com.".to_owned()),
        },
        ChannelKind::Sms | ChannelKind::Voice => {
            let digits: String =
                address.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
            let plain = digits.strip_prefix('+').unwrap_or_default();
            if (5..=15).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_digit()) {
                Ok(digits)
            } else {
                Err("Enter a phone number with its country code, like +44 20 7946 0000.".to_owned())
            }
        }
        ChannelKind::Post => Ok(address.to_owned()),
    }
}
