//! A policy that was found free of errors, and may therefore be enforced.
//!
//! Owns the proof: a [`Policy`] is made by the check alone, so that no server can enforce what was not checked.
//! Owns also which population a member belongs to. Does not own the decisions at its doors (that is
//! `lifecycle`).

use crate::factor::Aal;
use crate::model::{Model, PopulationIx, Risk};
use crate::takeover::{Analysis, PopulationReading, least_effort};

/// A checked policy.
#[derive(Clone, Debug)]
pub struct Policy {
    model: Model,
    digest: String,
    /// All populations, the strictest first.
    ranking: Vec<PopulationIx>,
}

impl Policy {
    /// To be called for a policy without errors only.
    pub(crate) fn new(model: Model, analysis: &Analysis, digest: String) -> Policy {
        let mut ranking: Vec<PopulationIx> =
            (0..).zip(&model.populations).map(|(i, _)| PopulationIx(i)).collect();
        // Stable, so that populations of equal strictness stay in the order of the file.
        ranking.sort_by_key(|population| {
            let reading = analysis.populations.get(usize::from(population.0));
            std::cmp::Reverse((model[*population].risk == Risk::High, reading.map(strictness)))
        });
        Policy { model, digest, ranking }
    }

    /// The policy itself.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// `sha256:...` of the text: names the policy under which something was decided.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The strictest of the populations that somebody of these groups matches; `None`: they have no door.
    pub fn population_of(&self, groups: &[String]) -> Option<PopulationIx> {
        let matches = |population: &&PopulationIx| {
            self.model[**population].groups.iter().any(|group| groups.contains(group))
        };
        self.ranking.iter().find(matches).copied()
    }
}

/// How much the weakest way in by login costs, nothing being harder than no way at all; then the level that
/// every way to sign in reaches.
fn strictness(reading: &PopulationReading) -> (u32, Option<Aal>) {
    let effort = reading.everything().map_or(0, |all| least_effort(&all.login).unwrap_or(u32::MAX));
    let level = reading.login.iter().map(|alternative| alternative.assurance.map(|a| a.aal)).min();
    (effort, level.flatten())
}
