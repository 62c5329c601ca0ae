//! What members of a population may hold: every profile for which the readings are made.
//!
//! Owns the list of profiles. Does not own what a profile is worth.

use std::collections::BTreeSet;

use super::Truncated;
use super::alternatives::Alternative;
use super::layout::{doors, each_term};
use crate::factor::FactorKind;
use crate::model::{AuthenticatorIx, Bindable, Model, PopulationIx, Requirement, Term};

const MOST_PROFILES: usize = 1024;

/// The authenticators of one or more login alternatives together, sorted by their names; at the end everything
/// that the chain names. Recovery codes are left out, because they are held throughout.
pub(super) fn profiles(
    model: &Model,
    population: PopulationIx,
    alternatives: &[Alternative],
) -> Result<Vec<Vec<AuthenticatorIx>>, Truncated> {
    let everything = everything(model, population);
    let mut profiles: BTreeSet<Vec<AuthenticatorIx>> = BTreeSet::new();
    for alternative in alternatives {
        let alone: Vec<AuthenticatorIx> =
            alternative.authenticators.iter().copied().filter(|a| !is_recovery_code(model, *a)).collect();
        let with_others: Vec<Vec<AuthenticatorIx>> =
            profiles.iter().map(|other| sorted([other.as_slice(), &alone].concat())).collect();
        profiles.extend(with_others);
        profiles.insert(sorted(alone));
        if profiles.len() > MOST_PROFILES {
            return Err(Truncated);
        }
    }
    profiles.remove(&everything);
    let mut profiles: Vec<_> = profiles.into_iter().collect();
    let name = |authenticator: &AuthenticatorIx| model[*authenticator].name.as_str();
    profiles.sort_by_cached_key(|holds| {
        let mut names: Vec<&str> = holds.iter().map(name).collect();
        names.sort_unstable();
        names
    });
    profiles.push(everything);
    Ok(profiles)
}

/// Every authenticator that the chain names, besides recovery codes.
pub(super) fn everything(model: &Model, population: PopulationIx) -> Vec<AuthenticatorIx> {
    let population = &model[population];
    let mut named = vec![];
    let mut collect = |requirement: &Requirement| {
        each_term(requirement, &mut |term| {
            if let Term::Authenticator(authenticator) = term {
                named.push(authenticator);
            }
        });
    };
    collect(&population.login.require);
    doors(population).for_each(|(_, door)| collect(&door.require));
    for bound in doors(population).flat_map(|(_, door)| &door.binds) {
        if let Bindable::Authenticator(authenticator) = bound {
            named.push(*authenticator);
        }
    }
    named.retain(|authenticator| !is_recovery_code(model, *authenticator));
    sorted(named)
}

/// Every recovery code that the policy names.
pub(super) fn recovery_codes(model: &Model) -> Vec<AuthenticatorIx> {
    let all = (0..).zip(&model.authenticators);
    all.filter(|(_, a)| a.kind == FactorKind::RecoveryCodes)
        .map(|(index, _)| AuthenticatorIx(index))
        .collect()
}

fn is_recovery_code(model: &Model, authenticator: AuthenticatorIx) -> bool {
    model[authenticator].kind == FactorKind::RecoveryCodes
}

fn sorted(mut authenticators: Vec<AuthenticatorIx>) -> Vec<AuthenticatorIx> {
    authenticators.sort();
    authenticators.dedup();
    authenticators
}
