//! A policy that may run: made only from a check without errors.

use crate::model::{Model, PopulationIx};

/// A checked policy, its digest, and which population rules whom.
#[derive(Clone, Debug)]
pub struct Policy {
    model: Model,
    digest: String,
    ranking: Vec<PopulationIx>,
}

impl Policy {
    /// `ranking`: populations, strictest first.
    pub(crate) fn new(model: Model, ranking: Vec<PopulationIx>, digest: String) -> Policy {
        Policy { model, digest, ranking }
    }

    /// What was checked.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// `sha256:...` of the text that was checked.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The strictest population that one of the groups belongs to; none: no door at all.
    pub fn population_of(&self, groups: &[String]) -> Option<PopulationIx> {
        self.ranking.iter().copied().find(|p| self.model[*p].groups.iter().any(|g| groups.contains(g)))
    }
}
