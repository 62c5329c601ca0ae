//! A blast put together for people: members to whom the same happens, and applications.
//!
//! Owns what counts as the same. Does not own the words (`render`).

use std::cmp::Reverse;

use super::{Blast, Fall, Kind, KindFall, Outcome, Scene, Weakest};
use crate::model::PopulationIx;

/// Members of one population to whom the same happens.
#[derive(Clone, Debug)]
pub struct Group<'b> {
    /// What happens to their accounts.
    pub outcome: Outcome,
    /// How many they are; `None`: nobody was counted.
    pub count: Option<u64>,
    /// Their kinds, each once by what they hold.
    pub kinds: Vec<&'b Kind>,
    /// The fall of the first of them. What is left to do is the same for all, and where something is, so is how the weakest
    /// way in changed.
    pub fall: &'b KindFall,
}

/// One application before the members of one population.
#[derive(Clone, Debug)]
pub struct AppGroup<'b> {
    /// An index into [`crate::model::Model::apps`].
    pub app: u16,
    /// Who uses it.
    pub population: PopulationIx,
    /// The worst that happens by any of them.
    pub outcome: Outcome,
    /// How many members an attacker can enter it as, and how many there are; `None`: nobody was counted.
    pub count: Option<(u64, u64)>,
    /// The worst of the falls.
    pub fall: &'b Fall,
}

/// The members of a population, put together by what happens to them, the worst first.
pub fn of_population<'b>(scene: &'b Scene<'_>, blast: &'b Blast, population: PopulationIx) -> Vec<Group<'b>> {
    let mut groups: Vec<Group<'b>> = vec![];
    let kinds = scene.kinds().iter().zip(&blast.kinds);
    for (kind, fall) in kinds.filter(|(kind, _)| kind.population == population) {
        let left = written(&fall.account);
        match groups.iter_mut().find(|group| written(&group.fall.account) == left) {
            Some(group) => {
                group.count = group.count.zip(kind.count).map(|(a, b)| a + b);
                if group.kinds.iter().all(|known| known.listed != kind.listed) {
                    group.kinds.push(kind);
                }
            }
            None => groups.push(Group {
                outcome: fall.account.outcome(),
                count: kind.count,
                kinds: vec![kind],
                fall,
            }),
        }
    }
    groups.sort_by_key(|group| Reverse((group.outcome, group.count)));
    groups
}

/// What is said of a fall, as it is written: groups differ where this does.
fn written(fall: &Fall) -> (Outcome, Vec<String>, Option<Weakest>) {
    let ways = fall
        .left()
        .into_iter()
        .map(|way| way.capabilities.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let outcome = fall.outcome();
    (outcome, ways.collect(), matches!(outcome, Outcome::Left(_)).then(|| fall.weakest()))
}

/// The more, the worse: what became of it, then how little the weakest way in takes.
fn badness(fall: &Fall) -> (Outcome, Reverse<u32>) {
    (fall.outcome(), Reverse(fall.efforts.1.unwrap_or(u32::MAX)))
}

/// Every application and who uses it, in the order of the policy.
pub fn of_apps<'b>(scene: &Scene<'_>, blast: &'b Blast) -> Vec<AppGroup<'b>> {
    let mut groups: Vec<AppGroup<'b>> = vec![];
    for (kind, fallen) in scene.kinds().iter().zip(&blast.kinds) {
        for (app, fall) in &fallen.apps {
            let outcome = fall.outcome();
            let falls = |count| (if outcome == Outcome::Falls { count } else { 0 }, count);
            let count = kind.count.map(falls);
            match groups.iter_mut().find(|group| (group.app, group.population) == (*app, kind.population)) {
                Some(group) => {
                    group.count = group.count.zip(count).map(|((a, b), (c, d))| (a + c, b + d));
                    if badness(fall) > badness(group.fall) {
                        (group.outcome, group.fall) = (outcome, fall);
                    }
                }
                None => {
                    groups.push(AppGroup { app: *app, population: kind.population, outcome, count, fall });
                }
            }
        }
    }
    groups.sort_by_key(|group| (group.app, group.population));
    groups
}
