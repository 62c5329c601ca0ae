//! The lockout reading: which losses shut an owner out for good?
//!
//! Owns section 6 of the design: what is lost with what, and the minimal sets of losses after which neither
//! login nor any `recover` door opens. Does not own what an attacker gains (`takeover`).

use std::collections::BTreeSet;
use std::fmt;

use crate::assurance;
use crate::factor::FactorKind;
use crate::model::{
    ApproverIx, Authenticator, AuthenticatorIx, ChannelIx, ChannelKind, Model, PopulationIx, Requirement,
    Term,
};
use crate::runtime;
use crate::takeover::Truncated;

/// One loss.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// Nobody of the role, or too few, can be reached.
    Absent(String),
    /// A password.
    Forget(String),
    /// A thing, with all that stands `on` it; or a channel; or the account that syncs passkeys.
    Lose(String),
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Absent(role) => write!(f, "absent({role})"),
            Loss::Forget(password) => write!(f, "forget({password})"),
            Loss::Lose(thing) => write!(f, "lose({thing})"),
        }
    }
}

/// Minimal sets of losses, any of which does it.
type Losses = BTreeSet<BTreeSet<Loss>>;

const MOST_SETS: usize = 20_000;
/// Ways to sign in that are looked at one by one.
const MOST_LOGINS: usize = 512;

/// The minimal sets of losses that lock out a member who holds these authenticators, recovery codes included,
/// and is reached by these channels (`None`: all of them). One empty set means: locked out already.
pub fn of(
    model: &Model,
    population: PopulationIx,
    holds: &[AuthenticatorIx],
    channels: Option<&[ChannelIx]>,
) -> Result<Vec<Vec<Loss>>, Truncated> {
    let chain = &model[population];
    let mut owner = Owner { model, holds, channels, login: Losses::new() };
    owner.login = owner.shut(&chain.login.require)?;
    let mut all = owner.login.clone();
    for recover in &chain.recover {
        all = both(&all, &owner.shut(&recover.door.require)?)?;
    }
    let mut lists: Vec<Vec<Loss>> = all.into_iter().map(|set| set.into_iter().collect()).collect();
    lists.sort_by_cached_key(|set| set.iter().map(ToString::to_string).collect::<Vec<_>>());
    Ok(lists)
}

struct Owner<'m> {
    model: &'m Model,
    holds: &'m [AuthenticatorIx],
    channels: Option<&'m [ChannelIx]>,
    /// What shuts login, and with it every channel behind login.
    login: Losses,
}

impl Owner<'_> {
    /// The losses that keep a requirement from being met: the mirror image of meeting it.
    fn shut(&self, requirement: &Requirement) -> Result<Losses, Truncated> {
        match requirement {
            Requirement::Term(term) => minimal(self.lost(*term)),
            Requirement::All(parts) => {
                let mut any = Losses::new();
                for part in parts {
                    any.extend(self.shut(part)?);
                }
                minimal(any)
            }
            Requirement::Any(parts) => {
                let mut all = certain();
                for part in parts {
                    all = both(&all, &self.shut(part)?)?;
                }
                Ok(all)
            }
            Requirement::AtLeast(count, terms) => {
                let terms = runtime::distinct(terms);
                // Fewer than `count` are left when this many are lost.
                let Some(spare) = terms.len().checked_sub(usize::from(*count)) else { return Ok(certain()) };
                let mut lost = vec![Losses::new(); spare + 2];
                lost[0] = certain();
                for term in terms {
                    let this = self.lost(term);
                    for n in (1..lost.len()).rev() {
                        let more = both(&lost[n - 1], &this)?;
                        lost[n].extend(more);
                        lost[n] = minimal(std::mem::take(&mut lost[n]))?;
                    }
                }
                Ok(lost.pop().unwrap_or_default())
            }
        }
    }

    fn lost(&self, term: Term) -> Losses {
        match term {
            Term::Authenticator(authenticator) if !self.holds.contains(&authenticator) => certain(),
            Term::Authenticator(authenticator) => with_authenticator(&self.model[authenticator]),
            Term::Issued(channel) | Term::Invite(channel) => self.with_channel(channel),
            Term::Approval(role, _) if !can_approve(self.model, role) => certain(),
            Term::Approval(role, _) => any_of([absence(self.model, role)]),
            // Who somebody is cannot be lost.
            Term::Proofing(_) => Losses::new(),
            Term::Session { .. } => self.login.clone(),
        }
    }

    fn with_channel(&self, channel: ChannelIx) -> Losses {
        if self.channels.is_some_and(|channels| !channels.contains(&channel)) {
            return certain();
        }
        let channel = &self.model[channel];
        let own = Loss::Lose(channel.name.clone());
        let mut losses = any_of([own]);
        if matches!(channel.kind, ChannelKind::Sms | ChannelKind::Voice) {
            losses.extend(channel.on.iter().map(|thing| BTreeSet::from([Loss::Lose(thing.clone())])));
        }
        if channel.behind_login {
            losses.extend(self.login.iter().cloned());
        }
        losses
    }
}

/// What takes an authenticator from its owner.
fn with_authenticator(authenticator: &Authenticator) -> Losses {
    let thing = || Loss::Lose(authenticator.on.clone().unwrap_or_else(|| authenticator.name.clone()));
    match authenticator.kind {
        FactorKind::Password => any_of([Loss::Forget(authenticator.name.clone())]),
        // It may be synced: so neither the device nor the account can be counted on to hold another copy.
        FactorKind::Passkey => any_of([thing(), Loss::Lose("sync-account".into())]),
        _ => any_of([thing()]),
    }
}

/// Does anybody of the role reach the level that their own session must have? Too many ways to list are no proof that nobody does.
fn can_approve(model: &Model, role: ApproverIx) -> bool {
    let role = &model[role];
    let names = |way: &[Term]| -> Option<Vec<AuthenticatorIx>> {
        way.iter().map(|term| if let Term::Authenticator(name) = term { Some(*name) } else { None }).collect()
    };
    let population = &model[role.population];
    // A longer way may reach more than a shorter one that it contains.
    runtime::written_alternatives_within(&population.login.require, MOST_LOGINS).is_none_or(|ways| {
        let held = ways.iter().filter_map(|way| names(way));
        let held = held.filter(|names| names.iter().all(|name| population.may_hold(*name)));
        held.filter_map(|names| assurance::of_names(model, &names)).any(|reached| reached.aal >= role.aal)
    })
}

fn absence(model: &Model, role: ApproverIx) -> Loss {
    Loss::Absent(model[role].name.clone())
}

fn any_of<const N: usize>(losses: [Loss; N]) -> Losses {
    losses.into_iter().map(|loss| BTreeSet::from([loss])).collect()
}

/// Nothing needs to be lost any more.
fn certain() -> Losses {
    Losses::from([BTreeSet::new()])
}

fn both(left: &Losses, right: &Losses) -> Result<Losses, Truncated> {
    if left.len().saturating_mul(right.len()) > MOST_SETS {
        return Err(Truncated);
    }
    minimal(left.iter().flat_map(|l| right.iter().map(move |r| l | r)).collect())
}

fn minimal(sets: Losses) -> Result<Losses, Truncated> {
    let mut by_size: Vec<BTreeSet<Loss>> = sets.into_iter().collect();
    by_size.sort_by_key(BTreeSet::len);
    let mut kept: Vec<BTreeSet<Loss>> = vec![];
    for set in by_size {
        if !kept.iter().any(|other| other.is_subset(&set)) {
            kept.push(set);
        }
    }
    if kept.len() > MOST_SETS { Err(Truncated) } else { Ok(kept.into_iter().collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Date;
    use crate::{Source, check};

    fn lockout(chain: &str, holds: &[&str], channels: Option<&[&str]>) -> Vec<String> {
        let text = format!(
            r#"
version = 1
[organization]
name = "Example Ltd"
domain = "example.com"
support = "it@example.com"
[authenticator.password]
kind = "password"
[authenticator.totp]
kind = "totp"
on = "phone"
[authenticator.hotp]
kind = "hotp"
[authenticator.passkey]
kind = "passkey"
on = "laptop"
[authenticator.codes]
kind = "recovery-codes"
on = "paper"
[channel.work-mail]
kind = "email"
behind = "login"
[channel.own-mail]
kind = "email"
[channel.mobile]
kind = "sms"
on = "phone"
[approver.helpdesk]
population = "staff"
[population.staff]
groups = ["staff"]
{chain}
"#
        );
        let checked = check(&Source::single("policy.toml", text), Date { year: 2026, month: 1, day: 1 });
        let model = checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
        let held: Vec<_> = holds.iter().map(|name| model.authenticator(name).expect("it is named")).collect();
        let reached: Option<Vec<_>> = channels
            .map(|names| names.iter().map(|name| model.channel(name).expect("it is named")).collect());
        let sets = of(&model, PopulationIx(0), &held, reached.as_deref()).expect("the policy is small");
        sets.iter().map(|set| set.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect()
    }

    fn chain(login: &str, recover: &[&str]) -> String {
        let doors = recover.iter().enumerate().map(|(index, require)| {
            format!(
                "[population.staff.recover.door{index}]\nrequire = \"{require}\"\nbinds = [\"passkey\"]\n"
            )
        });
        format!("[population.staff.login]\nrequire = \"{login}\"\n{}", doors.collect::<Vec<_>>().concat())
    }

    #[test]
    fn a_thing_takes_with_it_what_stands_on_it() {
        let chain = chain("password and totp", &["issued(mobile)"]);
        let expected = ["forget(password) lose(mobile)", "lose(phone)"];
        assert_eq!(lockout(&chain, &["password", "totp"], None), expected);
    }

    #[test]
    fn every_door_must_be_shut() {
        let chain = chain("passkey", &["codes and issued(own-mail)", "approval(helpdesk)"]);
        let expected = [
            "absent(helpdesk) lose(laptop) lose(own-mail)",
            "absent(helpdesk) lose(laptop) lose(paper)",
            "absent(helpdesk) lose(own-mail) lose(sync-account)",
            "absent(helpdesk) lose(paper) lose(sync-account)",
        ];
        assert_eq!(lockout(&chain, &["passkey", "codes"], None), expected);
    }

    #[test]
    fn a_mailbox_behind_login_is_lost_with_login() {
        let chain = chain("password", &["issued(work-mail)"]);
        assert_eq!(lockout(&chain, &["password"], None), ["forget(password)"]);
    }

    #[test]
    fn who_one_is_cannot_be_lost() {
        assert!(lockout(&chain("password", &["proofing(video)"]), &["password"], None).is_empty());
    }

    #[test]
    fn what_is_not_held_opens_nothing() {
        let chain = chain("passkey or (password and totp)", &[]);
        assert_eq!(lockout(&chain, &["passkey"], None), ["lose(laptop)", "lose(sync-account)"]);
        assert_eq!(lockout(&chain, &["password"], None), [""]);
        let mailed = super::tests::chain("password", &["issued(own-mail)"]);
        assert_eq!(lockout(&mailed, &["password"], Some(&["mobile"])), ["forget(password)"]);
    }

    #[test]
    fn two_of_three_are_lost_when_two_are() {
        let chain = chain("any 2 of (password, totp, hotp)", &[]);
        let expected =
            ["forget(password) lose(hotp)", "forget(password) lose(phone)", "lose(hotp) lose(phone)"];
        assert_eq!(lockout(&chain, &["password", "totp", "hotp"], None), expected);
    }
}
