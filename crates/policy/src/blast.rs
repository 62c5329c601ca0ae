//! The blast radius: what falls when one thing falls.
//!
//! Owns the comparison: for each kind of member and each application, the minimal takeovers before, and those that
//! remain when the fallen is given to the attacker. Nothing is estimated: both come from the takeover reading, so
//! approvers whose own accounts fall, and mailboxes behind a login that falls, are followed to the end. The parts:
//! `names` (what may fall and how it is written), `outcome` (how far something fell), `groups` (the same put
//! together for people), `table` (everything that may fall, one by one). Does not own how it is printed (`render`).

mod groups;
mod names;
mod outcome;
mod table;

use std::borrow::Cow;

pub use groups::{AppGroup, Group, of_apps, of_population};
pub use names::{everything, parse};
pub use outcome::{Fall, Outcome, Weakest};
pub use table::{Row, table};

use crate::model::{ApproverIx, AuthenticatorIx, ChannelIx, Model, PopulationIx};
use crate::profile::Profile;
use crate::takeover::{
    Aftermath, Analysis, CapabilityKind, Falling, Goal, Takeover, Truncated, Whom, lived, whole_up_to,
};

/// Members who are alike.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Whose chain rules them.
    pub population: PopulationIx,
    /// What they hold, without the recovery codes that every kind of a policy holds.
    pub listed: Vec<AuthenticatorIx>,
    /// How many there are; `None`: nobody counted, this is what the policy allows.
    pub count: Option<u64>,
    holds: Vec<AuthenticatorIx>,
    /// `None`: all channels that the policy names, each at an address of its own.
    addresses: Option<Vec<Vec<ChannelIx>>>,
}

impl Kind {
    /// Every kind of member that the policy allows.
    pub fn allowed(analysis: &Analysis) -> Vec<Kind> {
        let populations = (0..).map(PopulationIx).zip(&analysis.populations);
        let kinds = populations.flat_map(|(population, reading)| {
            reading.profiles.iter().map(move |profile| Kind {
                population,
                listed: profile.holds.clone(),
                count: None,
                holds: profile.circumstances().to_vec(),
                addresses: None,
            })
        });
        kinds.collect()
    }

    /// So many real members of one profile.
    pub fn counted(profile: &Profile, count: u64) -> Kind {
        Kind {
            population: profile.population(),
            listed: profile.holds().to_vec(),
            count: Some(count),
            holds: profile.holds().to_vec(),
            addresses: Some(profile.addresses().to_vec()),
        }
    }

    /// Are these the members of that profile?
    pub fn is_of(&self, profile: &Profile) -> bool {
        self.population == profile.population()
            && self.holds == profile.holds()
            && self.addresses.as_deref() == Some(profile.addresses())
    }

    /// Kinds that are solved together stand together.
    fn chain(&self) -> (PopulationIx, &Option<Vec<Vec<ChannelIx>>>) {
        (self.population, &self.addresses)
    }
}

/// What falls.
#[derive(Clone, Debug)]
pub struct Blast {
    /// In the order of [`Scene::kinds`].
    pub kinds: Vec<KindFall>,
    /// The roles of which everybody approves what the attacker asks for, because their own accounts fall.
    pub people: Vec<ApproverIx>,
    /// Ways that cost more were too many to list, before or after, and count for nothing; `None`: all ways count.
    pub up_to: Option<u32>,
}

/// What happens to members of one kind.
#[derive(Clone, Debug)]
pub struct KindFall {
    /// Whose chain rules them.
    pub population: PopulationIx,
    /// Their accounts.
    pub account: Fall,
    /// The attack on the account that remains, step by step; none if the account is untouched.
    pub steps: Vec<String>,
    /// Each application that this population uses, an index into [`Model::apps`], with its fall.
    pub apps: Vec<(u16, Fall)>,
}

/// Members of a policy, and how their accounts are taken before anything falls.
pub struct Scene<'m> {
    model: &'m Model,
    kinds: Vec<Kind>,
    before: Vec<Ways>,
}

/// The ways in for one kind of member.
struct Ways {
    account: Vec<Takeover>,
    apps: Vec<(u16, Vec<Takeover>)>,
    /// The least effort up to which they are all listed; `None`: they all are.
    up_to: Option<u32>,
}

impl<'m> Scene<'m> {
    /// Reads everybody as things stand.
    pub fn new(model: &'m Model, mut kinds: Vec<Kind>) -> Result<Scene<'m>, Truncated> {
        kinds.sort_by(|a, b| a.chain().cmp(&b.chain()));
        let mut before = Vec::with_capacity(kinds.len());
        for kinds in kinds.chunk_by(|a, b| a.chain() == b.chain()) {
            with_chain(model, &kinds[0], &[], |chain| {
                for kind in kinds {
                    before.push(ways(model, chain, kind)?);
                }
                Ok(())
            })?;
        }
        Ok(Scene { model, kinds, before })
    }

    /// The kinds of members, in the order of [`Blast::kinds`].
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Lets all of this fall at once.
    pub fn fall(&self, fallen: &[Falling]) -> Result<Blast, Truncated> {
        let model = considering(self.model, fallen);
        let mut blast = Blast { kinds: Vec::with_capacity(self.kinds.len()), people: vec![], up_to: None };
        let mut before = self.before.iter();
        for kinds in self.kinds.chunk_by(|a, b| a.chain() == b.chain()) {
            with_chain(&model, &kinds[0], fallen, |chain| {
                let roles = (0..).map(ApproverIx).zip(&self.model.approvers);
                blast
                    .people
                    .extend(roles.map(|(role, _)| role).filter(|role| chain.approves(*role) == Some(true)));
                for (kind, before) in kinds.iter().zip(&mut before) {
                    // A way that is listed in one of the two only is compared with nothing.
                    let after = ways(&model, chain, kind)?;
                    let up_to = whole_up_to(before.up_to, after.up_to);
                    blast.up_to = whole_up_to(blast.up_to, up_to);
                    let account = Fall::of(&before.account, &after.account, up_to);
                    let steps =
                        account.left().first().map(|way| chain.steps(Goal::Account, &kind.holds, way));
                    let apps = before.apps.iter().zip(&after.apps);
                    blast.kinds.push(KindFall {
                        population: kind.population,
                        steps: steps.unwrap_or_default(),
                        account,
                        apps: apps
                            .map(|((app, before), (_, after))| (*app, Fall::of(before, after, up_to)))
                            .collect(),
                    });
                }
                Ok(())
            })?;
        }
        blast.people.sort_unstable();
        blast.people.dedup();
        Ok(blast)
    }
}

/// What falls is considered, even if the policy leaves such attacks out of account.
fn considering<'m>(model: &'m Model, fallen: &[Falling]) -> Cow<'m, Model> {
    let mut considered = Cow::Borrowed(model);
    for falling in fallen {
        let Falling::Capability { kind, whom: Whom::Everybody, .. } = falling else { continue };
        if kind.rank(&model.attacker).is_none() {
            let attacker = &mut considered.to_mut().attacker;
            attacker.ignore.retain(|ignored| ignored != kind.name());
            attacker.endpoint |= *kind == CapabilityKind::Malware;
        }
    }
    considered
}

fn with_chain<T>(
    model: &Model,
    kind: &Kind,
    fallen: &[Falling],
    work: impl FnOnce(&mut Aftermath<'_>) -> Result<T, Truncated>,
) -> Result<T, Truncated> {
    let addresses = kind.addresses.as_deref();
    let (model, channels) = (lived(model, addresses.unwrap_or_default()), addresses.map(<[_]>::concat));
    work(&mut Aftermath::of(&model, kind.population, channels.as_deref(), fallen)?)
}

fn ways(model: &Model, chain: &mut Aftermath<'_>, kind: &Kind) -> Result<Ways, Truncated> {
    let (account, mut up_to) = chain.ways(Goal::Account, &kind.holds)?;
    let own = (0..).zip(&model.apps).filter(|(_, app)| app.populations.contains(&kind.population));
    let mut apps = vec![];
    for (app, _) in own {
        let (ways, listed) = chain.ways(Goal::App(app), &kind.holds)?;
        up_to = whole_up_to(up_to, listed);
        apps.push((app, ways));
    }
    Ok(Ways { account, apps, up_to })
}
