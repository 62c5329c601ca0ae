//! A whole directory judged: what the readings of real accounts come to, population by population.
//!
//! Owns what is counted. Does not own the readings (`profile` makes each once) nor where the members are kept.

use std::collections::HashMap;

use crate::Analysis;
use crate::model::{Model, PopulationIx};
use crate::profile::Profile;
use crate::takeover::{Capability, Standing, Truncated, Verdict, least_effort};

/// What the members of one population come to.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Whose chain rules them.
    pub population: PopulationIx,
    /// How many there are.
    pub members: u64,
    /// Those who hold nothing yet: there is no account to take, and nothing of theirs is counted below.
    pub empty: u64,
    /// Those whose chain is contained, not weaker, and weaker, in this order.
    pub verdicts: [u64; 3],
    /// Those about whom nothing could be proved.
    pub unproved: u64,
    /// Those who hold something, and no way to sign in.
    pub shut_out: u64,
    /// Those who are easier to take than anybody whom the policy foresees.
    pub unforeseen: Vec<Unforeseen>,
    /// Each weakest way in with those whose weakest it is, most members first.
    pub weakest: Vec<Weakest>,
}

/// What a way in takes, and its effort.
pub type Way = (Vec<Capability>, u32);

/// How many members have each weakest way in, as [`Weakest`] has it.
type Counts = HashMap<(Option<Way>, Option<u32>), u64>;

/// A weakest way in: the first as reports sort them, where several cost the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakest {
    /// What it takes; `None`: there is no way in, or none that is listed.
    pub way: Option<Way>,
    /// As in [`Standing::above`].
    pub above: Option<u32>,
    /// How many members' weakest way in it is.
    pub members: u64,
}

/// Members of one profile who are easier to take than anybody whom the policy foresees.
#[derive(Clone, Debug)]
pub struct Unforeseen {
    /// What they hold and where they are reached.
    pub profile: Profile,
    /// How many they are.
    pub members: u64,
    /// The least effort that takes them.
    pub effort: u32,
    /// The least effort that takes anybody of this population by the policy alone.
    pub foreseen: Option<u32>,
}

impl Judged {
    fn none(population: PopulationIx) -> Judged {
        Judged {
            population,
            members: 0,
            empty: 0,
            verdicts: [0; 3],
            unproved: 0,
            shut_out: 0,
            unforeseen: vec![],
            weakest: vec![],
        }
    }

    /// How many have this verdict.
    pub fn with(&self, verdict: Verdict) -> u64 {
        self.verdicts[verdict as usize]
    }
}

/// Judges members: each profile with how its accounts stand and how many there are of it. Every population has its entry.
pub fn judge<'a>(
    model: &Model,
    analysis: &Analysis,
    members: impl IntoIterator<Item = (&'a Profile, &'a Result<Standing, Truncated>, u64)>,
) -> Vec<Judged> {
    let mut judged: Vec<Judged> =
        (0..).zip(&model.populations).map(|(index, _)| Judged::none(PopulationIx(index))).collect();
    let mut weakest: Vec<Counts> = vec![HashMap::new(); judged.len()];
    for (profile, standing, count) in members {
        let index = usize::from(profile.population().0);
        let (into, policy) = (&mut judged[index], &analysis.populations[index]);
        into.members += count;
        if profile.is_empty() {
            into.empty += count;
            continue;
        }
        let signs_in = |evidence: &[_]| evidence.iter().all(|name| profile.holds().contains(name));
        if !policy.login.iter().any(|login| signs_in(&login.evidence)) {
            into.shut_out += count;
        }
        let Ok(Standing { verdict, weakest: way, above }) = standing else {
            into.unproved += count;
            continue;
        };
        into.verdicts[*verdict as usize] += count;
        let effort = way.as_ref().map(|way| way.effort);
        let foreseen = policy.profiles.iter().filter_map(|allowed| least_effort(&allowed.any)).min();
        if let Some(effort) = effort.filter(|effort| foreseen.is_none_or(|foreseen| *effort < foreseen)) {
            into.unforeseen.push(Unforeseen { profile: profile.clone(), members: count, effort, foreseen });
        }
        let way = way.as_ref().map(|way| (way.capabilities.clone(), way.effort));
        *weakest[index].entry((way, *above)).or_default() += count;
    }
    for (into, weakest) in judged.iter_mut().zip(weakest) {
        into.unforeseen
            .sort_by(|a, b| (a.effort, b.members, &a.profile).cmp(&(b.effort, a.members, &b.profile)));
        let told = |((way, above), members)| Weakest { way, above, members };
        into.weakest = weakest.into_iter().map(told).collect();
        into.weakest.sort_by_cached_key(|weakest| {
            let written = weakest.way.iter().flat_map(|(way, _)| way).map(ToString::to_string);
            (std::cmp::Reverse(weakest.members), written.collect::<Vec<_>>())
        });
    }
    judged
}
