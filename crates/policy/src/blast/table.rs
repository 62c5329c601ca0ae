//! Everything that may fall, one by one, the worst first.
//!
//! Owns the order and what is counted. Does not own one fall (`blast`).

use super::{Blast, Outcome, Scene};
use crate::model::PopulationIx;
use crate::takeover::{Falling, Truncated};

/// What one thing takes with it.
#[derive(Clone, Debug)]
pub struct Row {
    /// What falls.
    pub falling: Falling,
    /// Each population with members of a kind that the scene has, and the worst that happens to any of them.
    pub populations: Vec<(PopulationIx, Outcome)>,
    /// Each application, an index into [`crate::model::Model::apps`], and the worst by any of these members.
    pub apps: Vec<(u16, Outcome)>,
    /// How many members fall; `None`: nobody was counted.
    pub members: Option<u64>,
    /// As in [`Blast::up_to`].
    pub up_to: Option<u32>,
}

impl Row {
    /// How many populations, or applications, fall for some of their members.
    fn fallen(outcomes: impl Iterator<Item = Outcome>) -> usize {
        outcomes.filter(|outcome| *outcome == Outcome::Falls).count()
    }

    /// Does it change anything?
    pub fn matters(&self) -> bool {
        self.outcomes().any(|outcome| outcome != Outcome::Untouched)
    }

    fn outcomes(&self) -> impl Iterator<Item = Outcome> {
        self.populations
            .iter()
            .map(|(_, outcome)| *outcome)
            .chain(self.apps.iter().map(|(_, outcome)| *outcome))
    }

    fn of(scene: &Scene<'_>, falling: &Falling, blast: &Blast) -> Row {
        let falling = falling.clone();
        let mut row = Row { falling, populations: vec![], apps: vec![], members: None, up_to: blast.up_to };
        for (kind, fall) in scene.kinds().iter().zip(&blast.kinds) {
            let outcome = fall.account.outcome();
            worsen(&mut row.populations, kind.population, outcome);
            for (app, fall) in &fall.apps {
                worsen(&mut row.apps, *app, fall.outcome());
            }
            if let Some(count) = kind.count {
                let falls = if outcome == Outcome::Falls { count } else { 0 };
                row.members = Some(row.members.unwrap_or(0) + falls);
            }
        }
        row
    }
}

fn worsen<K: PartialEq + Copy>(known: &mut Vec<(K, Outcome)>, key: K, outcome: Outcome) {
    match known.iter_mut().find(|(other, _)| *other == key) {
        Some((_, worst)) => *worst = (*worst).max(outcome),
        None => known.push((key, outcome)),
    }
}

/// Lets each of these fall alone. By members who fall, then populations, then applications, then how near the rest is.
pub fn table(scene: &Scene<'_>, falling: &[Falling]) -> Result<Vec<Row>, Truncated> {
    let row = |falling| Ok(Row::of(scene, falling, &scene.fall(std::slice::from_ref(falling))?));
    let mut rows: Vec<Row> = falling.iter().map(row).collect::<Result<_, Truncated>>()?;
    // Stable, so that equals stay in the order of the reference pages.
    rows.sort_by_cached_key(|row| {
        let populations = Row::fallen(row.populations.iter().map(|(_, outcome)| *outcome));
        let apps = Row::fallen(row.apps.iter().map(|(_, outcome)| *outcome));
        let mut outcomes: Vec<Outcome> = row.outcomes().collect();
        outcomes.sort_unstable_by(|a, b| b.cmp(a));
        std::cmp::Reverse((row.members, populations, apps, outcomes))
    });
    Ok(rows)
}
