//! What members of a population may hold: every profile for which the readings are made.
//!
//! Owns the list of profiles. Does not own what a profile is worth.

use std::collections::BTreeSet;

use super::Truncated;
use super::alternatives::Alternative;
use super::layout::{DoorName, doors, each_term};
use crate::factor::FactorKind;
use crate::model::{AuthenticatorIx, Bindable, Model, PopulationIx, Requirement, Term};

const MOST_PROFILES: usize = 1024;

/// The authenticators of one or more login alternatives together; each of these with whatever else a bind or recover door
/// asks for, as far as it completes no further login: a passkey may be left alone, and it may be left beside a password that
/// a recovery asks for. Sorted by their names; at the end everything that the chain names. Recovery codes are left out,
/// because they are held throughout.
///
/// Nobody is let down more than one of these: what is held besides cannot make login easier, only the ways round it.
pub(super) fn profiles(
    model: &Model,
    population: PopulationIx,
    alternatives: &[Alternative],
) -> Result<Vec<Vec<AuthenticatorIx>>, Truncated> {
    let everything = everything(model, population);
    let without_codes = |names: &[AuthenticatorIx]| -> Vec<AuthenticatorIx> {
        sorted(names.iter().copied().filter(|name| !is_recovery_code(model, *name)).collect())
    };
    let alternatives: Vec<_> = alternatives.iter().map(|way| without_codes(&way.authenticators)).collect();
    let mut unions: BTreeSet<Vec<AuthenticatorIx>> = BTreeSet::new();
    for alone in &alternatives {
        let with_others: Vec<Vec<AuthenticatorIx>> =
            unions.iter().map(|other| sorted([other.as_slice(), alone].concat())).collect();
        unions.extend(with_others);
        unions.insert(alone.clone());
        within_limit(&unions)?;
    }
    let asked = without_codes(&asked_round_login(model, population));
    let mut profiles = unions.clone();
    for union in &unions {
        let others: Vec<Vec<AuthenticatorIx>> = alternatives
            .iter()
            .map(|way| without(way, union))
            .filter(|missing| !missing.is_empty())
            .collect();
        for more in completing_none(without(&asked, union), &others)? {
            profiles.insert(sorted([union.as_slice(), &more].concat()));
        }
        within_limit(&profiles)?;
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

/// The greatest parts of `all` in which none of `others` is contained.
fn completing_none(
    all: Vec<AuthenticatorIx>,
    others: &[Vec<AuthenticatorIx>],
) -> Result<Vec<Vec<AuthenticatorIx>>, Truncated> {
    let mut seen = BTreeSet::new();
    let mut open = vec![all];
    let mut found: Vec<Vec<AuthenticatorIx>> = vec![];
    while let Some(part) = open.pop() {
        if !seen.insert(part.clone()) {
            continue;
        }
        within_limit(&seen)?;
        match others.iter().find(|other| other.iter().all(|name| part.contains(name))) {
            // One of it must go, whichever.
            Some(other) => open.extend(other.iter().map(|name| without(&part, &[*name]))),
            None => found.push(part),
        }
    }
    let is_greatest = |part: &Vec<AuthenticatorIx>| {
        !found.iter().any(|other| other.len() > part.len() && part.iter().all(|name| other.contains(name)))
    };
    Ok(found.iter().filter(|part| is_greatest(part)).cloned().collect())
}

fn within_limit(profiles: &BTreeSet<Vec<AuthenticatorIx>>) -> Result<(), Truncated> {
    if profiles.len() > MOST_PROFILES { Err(Truncated) } else { Ok(()) }
}

fn without(names: &[AuthenticatorIx], others: &[AuthenticatorIx]) -> Vec<AuthenticatorIx> {
    names.iter().copied().filter(|name| !others.contains(name)).collect()
}

/// The authenticators that a member with an account is asked for at any door besides login.
fn asked_round_login(model: &Model, population: PopulationIx) -> Vec<AuthenticatorIx> {
    let mut asked = vec![];
    for (_, door) in doors(&model[population]).filter(|(name, _)| *name != DoorName::Enrol) {
        each_term(&door.require, &mut |term| {
            if let Term::Authenticator(authenticator) = term {
                asked.push(authenticator);
            }
        });
    }
    asked
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
