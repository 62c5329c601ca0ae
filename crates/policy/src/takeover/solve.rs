//! The least fixpoint: for every goal, the minimal sets of given things that bring it about.
//!
//! Owns the order of work. Facts that do not depend on each other in a circle are solved causes first. Within a circle
//! the families name the facts that are still unknown, and one fact after the other is eliminated: who needs x to come
//! to x does not come to it, so x = A or (x and B) is A; then x is replaced wherever it is named. So nothing is computed
//! twice, and nothing at all for a fact that only passes through. A single goal is tried with lists first. Does not own
//! the rules (`graph`) nor the algebra (`family`, `plain`).

use std::collections::BTreeSet;

use super::Truncated;
use super::family::{Families, Family, Variable};
use super::plain;

/// The head comes true when the whole body has. Facts are numbers.
#[derive(Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) head: u32,
    pub(super) body: Vec<u32>,
}

/// What is to be solved.
pub(super) struct Problem<'g> {
    /// For each fact the variable that gives it, if it is not concluded. No variable gives two facts.
    pub(super) given: Vec<Option<Variable>>,
    pub(super) rules: &'g [Rule],
    /// For each fact the rules that conclude it.
    pub(super) concluding: &'g [Vec<u32>],
}

/// The families of the goals, in their order.
pub(super) fn solve(
    problem: &Problem<'_>,
    goals: &[u32],
    families: &mut Families,
) -> Result<Vec<Family>, Truncated> {
    if let [goal] = goals
        && let Some(family) = plain::solve(problem, *goal, families)
    {
        return Ok(vec![family]);
    }
    let circles = circles(problem);
    let mut circle_of = vec![0; problem.given.len()];
    for (index, circle) in circles.iter().enumerate() {
        for fact in circle {
            circle_of[*fact as usize] = index;
        }
    }
    // Who must be solved: the goals, and what is named outside of its own circle.
    let mut wanted = vec![false; problem.given.len()];
    for goal in goals {
        wanted[*goal as usize] = true;
    }
    for rule in problem.rules {
        for cause in &rule.body {
            wanted[*cause as usize] |= circle_of[*cause as usize] != circle_of[rule.head as usize];
        }
    }
    let mut solved = vec![Family::IMPOSSIBLE; problem.given.len()];
    for circle in &circles {
        if let [fact] = circle.as_slice() {
            // It may still name itself, to no avail: it is impossible until it is solved.
            solved[*fact as usize] = conclusion(problem, *fact, &solved, families)?;
        } else {
            eliminate(problem, circle, &wanted, &mut solved, families)?;
        }
    }
    Ok(goals.iter().map(|goal| solved[*goal as usize]).collect())
}

/// Solves those of a circle who are wanted. Everything else that they depend on is solved.
fn eliminate(
    problem: &Problem<'_>,
    circle: &[u32],
    wanted: &[bool],
    solved: &mut [Family],
    families: &mut Families,
) -> Result<(), Truncated> {
    let order = elimination_order(problem, circle, wanted);
    for (unknown, fact) in (0..).zip(&order) {
        solved[*fact as usize] = families.unknown(unknown);
    }
    let mut equations = vec![];
    for (unknown, fact) in (0..).zip(&order) {
        let family = conclusion(problem, *fact, solved, families)?;
        equations.push(without(family, unknown, families)?);
    }
    for unknown in 0..order.len() {
        let known = equations[unknown];
        for (other, equation) in equations.iter_mut().enumerate().skip(unknown + 1) {
            let resolved = families.resolve(*equation, small(unknown), known)?;
            if resolved != *equation {
                *equation = without(resolved, small(other), families)?;
            }
        }
    }
    // Backwards: each names only those after it.
    let first_wanted = order.partition_point(|fact| !wanted[*fact as usize]);
    for unknown in (first_wanted..order.len()).rev() {
        for later in unknown + 1..order.len() {
            equations[unknown] = families.resolve(equations[unknown], small(later), equations[later])?;
        }
        solved[order[unknown] as usize] = equations[unknown];
    }
    Ok(())
}

/// Who needs a thing to come to it does not come to it.
fn without(family: Family, unknown: u32, families: &mut Families) -> Result<Family, Truncated> {
    let itself = families.unknown(unknown);
    families.avoid(family, itself)
}

/// There are fewer facts than rules allow.
fn small(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Those who are not wanted first; among them always the one whose elimination makes the fewest new connections.
fn elimination_order(problem: &Problem<'_>, circle: &[u32], wanted: &[bool]) -> Vec<u32> {
    let place = |fact: u32| circle.binary_search(&fact).ok();
    let mut names: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); circle.len()];
    let mut named_by = names.clone();
    for (at, fact) in circle.iter().enumerate() {
        for cause in causes(problem, *fact as usize) {
            if let Some(cause) = place(cause).filter(|cause| *cause != at) {
                names[at].insert(cause);
                named_by[cause].insert(at);
            }
        }
    }
    let mut left: BTreeSet<(bool, usize, usize)> = BTreeSet::new();
    let weight = |at: usize, names: &[BTreeSet<usize>], named_by: &[BTreeSet<usize>]| {
        (wanted[circle[at] as usize], names[at].len() * named_by[at].len(), at)
    };
    left.extend((0..circle.len()).map(|at| weight(at, &names, &named_by)));
    let mut order = vec![];
    while let Some((_, _, at)) = left.pop_first() {
        order.push(circle[at]);
        let (its, by) = (std::mem::take(&mut names[at]), std::mem::take(&mut named_by[at]));
        let touched: BTreeSet<usize> = its.union(&by).copied().collect();
        // Each is found under its weight as it was.
        for one in &touched {
            left.remove(&weight(*one, &names, &named_by));
        }
        for one in &its {
            named_by[*one].remove(&at);
            named_by[*one].extend(by.iter().filter(|other| *other != one));
        }
        for one in &by {
            names[*one].remove(&at);
            names[*one].extend(its.iter().filter(|other| *other != one));
        }
        left.extend(touched.iter().map(|one| weight(*one, &names, &named_by)));
    }
    order
}

fn conclusion(
    problem: &Problem<'_>,
    fact: u32,
    solved: &[Family],
    families: &mut Families,
) -> Result<Family, Truncated> {
    if let Some(variable) = problem.given[fact as usize] {
        return Ok(families.only(variable));
    }
    let mut all = Family::IMPOSSIBLE;
    for rule in &problem.concluding[fact as usize] {
        let mut joined = Family::FREE;
        for cause in &problem.rules[*rule as usize].body {
            joined = families.join(joined, solved[*cause as usize])?;
        }
        all = families.union(all, joined)?;
    }
    Ok(all)
}

/// The facts in groups that depend on each other in a circle, each sorted; every group after those it depends on.
/// Tarjan's algorithm, with a stack of its own: chains of facts may be long.
fn circles(problem: &Problem<'_>) -> Vec<Vec<u32>> {
    const UNSEEN: usize = usize::MAX;
    let facts = problem.given.len();
    let (mut number, mut lowest, mut next) = (vec![UNSEEN; facts], vec![0; facts], 0);
    let (mut open, mut is_open) = (vec![], vec![false; facts]);
    let mut circles = vec![];
    for start in 0..facts {
        if number[start] != UNSEEN {
            continue;
        }
        let mut walk = vec![(start, None)];
        while let Some((fact, rest)) = walk.last_mut() {
            let fact = *fact;
            let rest: &mut Vec<u32> = rest.get_or_insert_with(|| {
                (number[fact], lowest[fact]) = (next, next);
                next += 1;
                open.push(small(fact));
                is_open[fact] = true;
                causes(problem, fact)
            });
            if let Some(cause) = rest.pop() {
                let cause = cause as usize;
                if number[cause] == UNSEEN {
                    walk.push((cause, None));
                } else if is_open[cause] {
                    lowest[fact] = lowest[fact].min(number[cause]);
                }
                continue;
            }
            walk.pop();
            if let Some((before, _)) = walk.last() {
                lowest[*before] = lowest[*before].min(lowest[fact]);
            }
            if lowest[fact] == number[fact] {
                let from = open.iter().rposition(|one| *one as usize == fact).unwrap_or(0);
                let mut circle = open.split_off(from);
                for one in &circle {
                    is_open[*one as usize] = false;
                }
                circle.sort_unstable();
                circles.push(circle);
            }
        }
    }
    circles
}

fn causes(problem: &Problem<'_>, fact: usize) -> Vec<u32> {
    let rules = problem.concluding[fact].iter().map(|rule| &problem.rules[*rule as usize]);
    rules.flat_map(|rule| rule.body.iter().copied()).collect()
}
