//! The runtime reading: do the proofs collected so far open a door, and which sets of proofs would?
//!
//! Owns how a [`Requirement`] is evaluated. Does not own how one piece of evidence is verified (that is
//! `lifecycle`) nor what an attacker must do to show it (that is `takeover`).

use crate::model::{Requirement, Term};

/// Is the requirement met? `shown` says whether one term has been proved.
pub fn is_satisfied(requirement: &Requirement, shown: &mut dyn FnMut(&Term) -> bool) -> bool {
    match requirement {
        Requirement::Term(term) => shown(term),
        Requirement::All(parts) => parts.iter().all(|part| is_satisfied(part, shown)),
        Requirement::Any(parts) => parts.iter().any(|part| is_satisfied(part, shown)),
        Requirement::AtLeast(count, terms) => {
            distinct(terms).iter().filter(|term| shown(term)).count() >= usize::from(*count)
        }
    }
}

/// Every minimal set of terms that opens the door, each sorted, the list sorted.
///
/// A term that another one implies is left out: who brings two approvals of a role has brought one. The number
/// of sets can grow exponentially with the expression; the analysis refuses a policy where it does, so an
/// enforced policy never gets there.
pub fn alternatives(requirement: &Requirement) -> Vec<Vec<Term>> {
    alternatives_within(requirement, usize::MAX).unwrap_or_default()
}

/// [`alternatives`], or `None` when there are more than `limit`, or far more on the way to them.
pub fn alternatives_within(requirement: &Requirement, limit: usize) -> Option<Vec<Vec<Term>>> {
    Expansion::of(requirement, limit, minimal)
}

/// Every alternative as written: those that another one makes superfluous are kept. Who may sign in with a
/// password, and also with a password and a one-time code, reaches a higher assurance the second way.
pub(crate) fn written_alternatives_within(requirement: &Requirement, limit: usize) -> Option<Vec<Vec<Term>>> {
    Expansion::of(requirement, limit, |mut sets| {
        sets.sort_unstable();
        sets.dedup();
        sets
    })
}

/// The terms without repetition: one proof shown is one proof, however often the policy names it.
pub(crate) fn distinct(terms: &[Term]) -> Vec<Term> {
    let mut terms = terms.to_vec();
    terms.sort();
    terms.dedup();
    terms
}

/// Does who has shown `term` thereby show `other`?
fn implies(term: &Term, other: &Term) -> bool {
    match (term, other) {
        (Term::Approval(role, people), Term::Approval(other_role, other_people)) => {
            role == other_role && people >= other_people
        }
        (Term::Session { aal, within }, Term::Session { aal: other_aal, within: other_within }) => {
            let fresh_enough = match (within, other_within) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(age), Some(other_age)) => age <= other_age,
            };
            aal >= other_aal && fresh_enough
        }
        _ => term == other,
    }
}

/// A set of terms with all that they imply, a bit each: then to show more is to be a superset.
type Set = u128;

/// An expression being multiplied out.
struct Expansion {
    terms: Vec<Term>,
    limit: usize,
    tidy: fn(Vec<Set>) -> Vec<Set>,
}

impl Expansion {
    fn of(requirement: &Requirement, limit: usize, tidy: fn(Vec<Set>) -> Vec<Set>) -> Option<Vec<Vec<Term>>> {
        let mut terms = vec![];
        collect(requirement, &mut terms);
        let terms = distinct(&terms);
        if terms.len() > Set::BITS as usize {
            return None;
        }
        let expansion = Expansion { terms, limit, tidy };
        let sets = expansion.expand(requirement)?;
        let mut written: Vec<Vec<Term>> = sets.into_iter().map(|set| expansion.written(set)).collect();
        written.sort();
        Some(written)
    }

    fn expand(&self, requirement: &Requirement) -> Option<Vec<Set>> {
        match requirement {
            Requirement::Term(term) => self.within(vec![self.shown(term)]),
            Requirement::All(parts) => {
                let mut sets = vec![0];
                for part in parts {
                    let part = self.expand(part)?;
                    // It may shrink again when it is tidied, and that takes the square of its size.
                    if sets.len().saturating_mul(part.len()) > self.limit.saturating_mul(2) {
                        return None;
                    }
                    let product = sets.iter().flat_map(|a| part.iter().map(move |b| a | b)).collect();
                    sets = self.within((self.tidy)(product))?;
                }
                Some(sets)
            }
            Requirement::Any(parts) => {
                let mut sets = vec![];
                for part in parts {
                    sets.extend(self.expand(part)?);
                }
                self.within((self.tidy)(sets))
            }
            Requirement::AtLeast(count, terms) => {
                // chosen[n]: the ways to choose n of the terms seen so far.
                let mut chosen = vec![vec![]; usize::from(*count) + 1];
                chosen[0].push(0);
                for term in distinct(terms) {
                    let shown = self.shown(&term);
                    for n in (1..chosen.len()).rev() {
                        let more: Vec<Set> = chosen[n - 1].iter().map(|set| set | shown).collect();
                        chosen[n].extend(more);
                        if chosen[n].len() > self.limit {
                            return None;
                        }
                    }
                }
                self.within((self.tidy)(chosen.pop().unwrap_or_default()))
            }
        }
    }

    fn within(&self, sets: Vec<Set>) -> Option<Vec<Set>> {
        (sets.len() <= self.limit).then_some(sets)
    }

    /// Everything that is shown with a term.
    fn shown(&self, term: &Term) -> Set {
        let all = self.terms.iter().enumerate();
        all.filter(|(_, other)| implies(term, other)).fold(0, |set, (index, _)| set | 1 << index)
    }

    /// The terms of a set, without those that others in it imply.
    fn written(&self, set: Set) -> Vec<Term> {
        let within =
            || self.terms.iter().enumerate().filter(|(index, _)| set >> index & 1 == 1).map(|(_, t)| t);
        let implied = |term: &Term| within().any(|other| other != term && implies(other, term));
        within().filter(|term| !implied(term)).copied().collect()
    }
}

/// Keeps the sets that no other set makes superfluous.
fn minimal(mut sets: Vec<Set>) -> Vec<Set> {
    sets.sort_unstable_by_key(|set| (set.count_ones(), *set));
    let mut kept: Vec<Set> = vec![];
    for set in sets {
        if !kept.iter().any(|smaller| smaller & set == *smaller) {
            kept.push(set);
        }
    }
    kept
}

fn collect(requirement: &Requirement, terms: &mut Vec<Term>) {
    match requirement {
        Requirement::Term(term) => terms.push(*term),
        Requirement::All(parts) | Requirement::Any(parts) => {
            for part in parts {
                collect(part, terms);
            }
        }
        Requirement::AtLeast(_, some) => terms.extend(some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::Aal;
    use crate::model::{ApproverIx, AuthenticatorIx, Proofing};
    use std::time::Duration;

    fn a(index: u16) -> Term {
        Term::Authenticator(AuthenticatorIx(index))
    }
    fn approval(people: u16) -> Term {
        Term::Approval(ApproverIx(0), people)
    }
    fn one(term: Term) -> Requirement {
        Requirement::Term(term)
    }

    #[test]
    fn alternatives_are_minimal_and_sorted() {
        let requirement = Requirement::Any(vec![
            Requirement::All(vec![one(a(2)), one(a(1))]),
            one(a(0)),
            Requirement::All(vec![one(a(0)), one(a(3))]),
        ]);
        assert_eq!(alternatives(&requirement), [vec![a(0)], vec![a(1), a(2)]]);
    }

    #[test]
    fn two_approvals_imply_one() {
        let both = Requirement::All(vec![one(approval(1)), one(approval(2))]);
        assert_eq!(alternatives(&both), [vec![approval(2)]]);
        let either = Requirement::Any(vec![one(approval(2)), one(approval(1))]);
        assert_eq!(alternatives(&either), [vec![approval(1)]]);
    }

    #[test]
    fn a_fresh_strong_session_implies_an_older_weaker_one() {
        let old = Term::Session { aal: Aal::One, within: None };
        let fresh = Term::Session { aal: Aal::Two, within: Some(Duration::from_mins(10)) };
        let both = Requirement::All(vec![one(old), one(fresh)]);
        assert_eq!(alternatives(&both), [vec![fresh]]);
    }

    #[test]
    fn at_least_counts_each_term_once() {
        let requirement = Requirement::AtLeast(2, vec![a(0), a(0), a(1)]);
        assert!(!is_satisfied(&requirement, &mut |term| *term == a(0)));
        assert_eq!(alternatives(&requirement), [vec![a(0), a(1)]]);
    }

    #[test]
    fn two_of_three_has_three_alternatives() {
        let requirement = Requirement::AtLeast(2, vec![a(0), a(1), a(2)]);
        assert_eq!(alternatives(&requirement), [vec![a(0), a(1)], vec![a(0), a(2)], vec![a(1), a(2)]]);
    }

    #[test]
    fn each_alternative_opens_the_door_and_lacking_one_piece_does_not() {
        let proofing = one(Term::Proofing(Proofing::Video));
        let requirement = Requirement::All(vec![
            Requirement::Any(vec![one(a(0)), Requirement::AtLeast(2, vec![a(1), a(2), a(3)])]),
            Requirement::Any(vec![proofing, one(approval(2))]),
        ]);
        let sets = alternatives(&requirement);
        assert_eq!(sets.len(), 8);
        for set in sets {
            assert!(is_satisfied(&requirement, &mut |term| set.contains(term)));
            for missing in &set {
                assert!(!is_satisfied(&requirement, &mut |term| term != missing && set.contains(term)));
            }
        }
    }

    #[test]
    fn an_explosion_of_alternatives_is_refused() {
        let pairs = (0..40).map(|i| Requirement::Any(vec![one(a(2 * i)), one(a(2 * i + 1))])).collect();
        assert_eq!(alternatives_within(&Requirement::All(pairs), 1000), None);
    }
}
