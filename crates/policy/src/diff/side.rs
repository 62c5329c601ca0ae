//! The two policies to compare, both judged against one attacker.
//!
//! Owns that attacker: the stronger of the two that the policies assume. Otherwise a policy would look stronger for
//! counting fewer attacks.

use std::borrow::Cow;

use super::Judged;
use crate::enforced::Ranking;
use crate::factor::FactorKind;
use crate::model::{Attacker, AuthenticatorIx, ChannelIx, Model, PopulationIx, Term};
use crate::runtime;
use crate::takeover::{self, Analysis, CapabilityKind, Goal, PopulationReading, ProfileReading, Truncated};

/// One of two policies.
pub(super) struct Side<'c> {
    pub(super) digest: &'c str,
    /// With the common attacker.
    pub(super) model: Cow<'c, Model>,
    analysis: Cow<'c, Analysis>,
    /// What this policy itself assumes.
    pub(super) attacker: &'c Attacker,
    ranking: Ranking,
}

impl<'c> Side<'c> {
    /// Both under the stronger attacker.
    pub(super) fn both(before: Judged<'c>, after: Judged<'c>) -> Result<(Side<'c>, Side<'c>), Truncated> {
        let stronger = stronger(&before.model.attacker, &after.model.attacker);
        Ok((Side::new(before, &stronger)?, Side::new(after, &stronger)?))
    }

    fn new(judged: Judged<'c>, attacker: &Attacker) -> Result<Side<'c>, Truncated> {
        let Judged { model, analysis, digest } = judged;
        // Who is ruled by which population is decided by what the policy itself assumes, as the server does.
        let ranking = Ranking::of(model, analysis);
        let (stressed, analysis) = if ranks(&model.attacker) == ranks(attacker) {
            (Cow::Borrowed(model), Cow::Borrowed(analysis))
        } else {
            let stressed = Model { attacker: attacker.clone(), ..model.clone() };
            let analysis = takeover::analyse(&stressed);
            (Cow::Owned(stressed), Cow::Owned(analysis))
        };
        if analysis.truncated {
            return Err(Truncated);
        }
        Ok(Side { digest, model: stressed, analysis, attacker: &model.attacker, ranking })
    }

    /// Do the ways to this goal follow from the same rules in the other policy? They do not where there is no population to
    /// ask about.
    pub(super) fn is_alike(&self, other: &Side<'_>, population: Option<PopulationIx>, goal: Goal) -> bool {
        population.is_some_and(|population| takeover::alike(&self.model, &other.model, population, goal))
    }

    pub(super) fn reading(&self, population: PopulationIx) -> &PopulationReading {
        &self.analysis.populations[usize::from(population.0)]
    }

    pub(super) fn app(&self, index: usize) -> &takeover::AppReading {
        &self.analysis.apps[index]
    }

    pub(super) fn populations(&self) -> impl Iterator<Item = PopulationIx> + use<> {
        (0..).map(PopulationIx).take(self.model.populations.len())
    }

    pub(super) fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    /// Who rules the members of one group.
    pub(super) fn ruler(&self, group: &str) -> Option<PopulationIx> {
        self.ranking.population_of(&self.model, &[group.to_owned()])
    }

    pub(super) fn names(&self, authenticators: &[AuthenticatorIx]) -> Vec<String> {
        let mut names: Vec<String> =
            authenticators.iter().map(|authenticator| self.model[*authenticator].name.clone()).collect();
        names.sort();
        names
    }

    pub(super) fn channels(&self, channels: &[ChannelIx]) -> Vec<&str> {
        channels.iter().map(|channel| self.model[*channel].name.as_str()).collect()
    }

    /// Can a member sign in who holds just these and recovery codes?
    pub(super) fn signs_in(&self, population: PopulationIx, names: &[String]) -> bool {
        let model = &self.model;
        runtime::is_satisfied(&model[population].login.require, &mut |term| match term {
            Term::Authenticator(held) => {
                model[*held].kind == FactorKind::RecoveryCodes || names.contains(&model[*held].name)
            }
            _ => false,
        })
    }

    /// What the policy means for a member who holds just these and recovery codes. Names that it does not have
    /// open nothing.
    pub(super) fn held(
        &self,
        population: PopulationIx,
        names: &[String],
    ) -> Result<ProfileReading, Truncated> {
        let mut holds: Vec<AuthenticatorIx> =
            names.iter().filter_map(|name| self.model.authenticator(name)).collect();
        // A profile does not list recovery codes, because they are held throughout.
        let everything = self.reading(population).everything().ok_or(Truncated)?;
        holds.extend(everything.circumstances().iter().filter(|held| !everything.holds.contains(held)));
        let channels: Vec<ChannelIx> = (0..).map(ChannelIx).take(self.model.channels.len()).collect();
        takeover::of_account(&self.model, population, &holds, &channels)
    }
}

/// How each kind of attack counts; two attackers of equal ranks are the same.
pub(super) fn ranks(attacker: &Attacker) -> Vec<Option<u8>> {
    CapabilityKind::all().map(|kind| kind.rank(attacker)).collect()
}

/// Whatever one of them counts is counted, at the lower of its ranks.
fn stronger(a: &Attacker, b: &Attacker) -> Attacker {
    let rank = |kind: CapabilityKind| match (kind.rank(a), kind.rank(b)) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    };
    let name = |kind: CapabilityKind| kind.name().to_owned();
    Attacker {
        ignore: CapabilityKind::all().filter(|kind| rank(*kind).is_none()).map(name).collect(),
        ranks: CapabilityKind::all().filter_map(|kind| rank(kind).map(|rank| (name(kind), rank))).collect(),
        endpoint: a.endpoint || b.endpoint,
    }
}
