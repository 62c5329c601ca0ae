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

/// [`alternatives`], or `None` when an intermediate step holds more than `limit` sets.
pub fn alternatives_within(requirement: &Requirement, limit: usize) -> Option<Vec<Vec<Term>>> {
    let mut sets = expand(requirement, limit, minimal)?;
    sets.sort();
    Some(sets)
}

/// Every alternative as written: those that another one makes superfluous are kept. Who may sign in with a
/// password, and also with a password and a one-time code, reaches a higher assurance the second way.
pub(crate) fn written_alternatives_within(requirement: &Requirement, limit: usize) -> Option<Vec<Vec<Term>>> {
    expand(requirement, limit, |mut sets| {
        sets.sort();
        sets.dedup();
        sets
    })
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

/// The terms without repetition: one proof shown is one proof, however often the policy names it.
pub(crate) fn distinct(terms: &[Term]) -> Vec<Term> {
    let mut terms = terms.to_vec();
    terms.sort();
    terms.dedup();
    terms
}

fn expand(
    requirement: &Requirement,
    limit: usize,
    tidy: fn(Vec<Vec<Term>>) -> Vec<Vec<Term>>,
) -> Option<Vec<Vec<Term>>> {
    let within = |sets: Vec<Vec<Term>>| (sets.len() <= limit).then_some(sets);
    match requirement {
        Requirement::Term(term) => within(vec![vec![*term]]),
        Requirement::All(parts) => {
            let mut sets = vec![vec![]];
            for part in parts {
                sets = within(tidy(product(&sets, &expand(part, limit, tidy)?, limit)?))?;
            }
            Some(sets)
        }
        Requirement::Any(parts) => {
            let mut sets = vec![];
            for part in parts {
                sets.extend(expand(part, limit, tidy)?);
            }
            within(tidy(sets))
        }
        Requirement::AtLeast(count, terms) => {
            // chosen[n]: the ways to choose n of the terms seen so far.
            let mut chosen = vec![vec![]; usize::from(*count) + 1];
            chosen[0].push(vec![]);
            for term in distinct(terms) {
                for n in (1..chosen.len()).rev() {
                    let more: Vec<_> = chosen[n - 1].iter().map(|set| with(set, &[term])).collect();
                    chosen[n].extend(more);
                    if chosen[n].len() > limit {
                        return None;
                    }
                }
            }
            within(tidy(chosen.pop().unwrap_or_default()))
        }
    }
}

fn product(left: &[Vec<Term>], right: &[Vec<Term>], limit: usize) -> Option<Vec<Vec<Term>>> {
    // It may shrink again when it is tidied, and that takes the square of its size.
    if left.len().saturating_mul(right.len()) > limit.saturating_mul(2) {
        return None;
    }
    Some(left.iter().flat_map(|l| right.iter().map(|r| with(l, r))).collect())
}

/// The union of two sets, sorted, without terms that another one implies.
fn with(set: &[Term], more: &[Term]) -> Vec<Term> {
    let all = distinct(&[set, more].concat());
    all.iter()
        .filter(|term| !all.iter().any(|other| other != *term && implies(other, term)))
        .copied()
        .collect()
}

/// Keeps the sets that no other set makes superfluous.
fn minimal(mut sets: Vec<Vec<Term>>) -> Vec<Vec<Term>> {
    sets.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    sets.dedup();
    let opens = |small: &[Term], large: &[Term]| small.iter().all(|s| large.iter().any(|l| implies(l, s)));
    let mut kept: Vec<Vec<Term>> = vec![];
    for set in sets {
        if !kept.iter().any(|other| opens(other, &set)) {
            // Sets of equal size can still be comparable: approval(r) against approval(r, 2).
            kept.retain(|other| !opens(&set, other));
            kept.push(set);
        }
    }
    kept
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
