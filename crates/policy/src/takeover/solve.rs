//! The least fixpoint: for every fact, the minimal sets of given things that bring it about.
//!
//! Owns the order of work. Does not own the rules (`graph`) nor the algebra (`family`).

use std::collections::BTreeSet;

use super::Truncated;
use super::family::{Families, Family};
use super::graph::{Fact, Graph};

/// The family of every fact of the graph, by number. Cycles are nothing special: a fact starts as
/// impossible and its family only ever grows, so the work ends when nothing changes any more, and the result is the least.
pub(super) fn solve(graph: &Graph, families: &mut Families) -> Result<Vec<Family>, Truncated> {
    let order = causes_first(graph);
    let mut place = vec![0; graph.facts.len()];
    for (index, fact) in (0_u32..).zip(&order) {
        place[*fact as usize] = index;
    }
    let mut consequences: Vec<Vec<u32>> = vec![vec![]; graph.facts.len()];
    for rule in &graph.rules {
        for fact in &rule.body {
            consequences[*fact as usize].push(rule.head);
        }
    }
    let mut solved = vec![Family::IMPOSSIBLE; graph.facts.len()];
    let mut waiting: BTreeSet<u32> = (0..).zip(&order).map(|(index, _)| index).collect();
    while let Some(next) = waiting.pop_first() {
        let fact = order[next as usize];
        let family = conclusion(graph, fact, &solved, families)?;
        if family != solved[fact as usize] {
            solved[fact as usize] = family;
            waiting.extend(consequences[fact as usize].iter().map(|fact| place[*fact as usize]));
        }
    }
    Ok(solved)
}

fn conclusion(
    graph: &Graph,
    fact: u32,
    solved: &[Family],
    families: &mut Families,
) -> Result<Family, Truncated> {
    if let Fact::Given(variable) = graph.facts[fact as usize] {
        return Ok(families.only(variable));
    }
    let mut all = Family::IMPOSSIBLE;
    for rule in &graph.concluding[fact as usize] {
        let mut joined = Family::FREE;
        for cause in &graph.rules[*rule as usize].body {
            joined = families.join(joined, solved[*cause as usize])?;
        }
        all = families.union(all, joined)?;
    }
    Ok(all)
}

/// Every fact after those it depends on, as far as cycles allow: then most facts are computed once.
fn causes_first(graph: &Graph) -> Vec<u32> {
    let mut order = vec![];
    let mut seen = vec![false; graph.facts.len()];
    for start in 0..graph.facts.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        // A walk in depth with a stack of its own: chains of facts may be long.
        let mut stack = vec![(start, causes(graph, start))];
        while let Some((fact, rest)) = stack.last_mut() {
            if let Some(cause) = rest.pop() {
                let cause = cause as usize;
                if !std::mem::replace(&mut seen[cause], true) {
                    stack.push((cause, causes(graph, cause)));
                }
            } else {
                order.push(u32::try_from(*fact).unwrap_or(u32::MAX));
                stack.pop();
            }
        }
    }
    order
}

fn causes(graph: &Graph, fact: usize) -> Vec<u32> {
    graph.concluding[fact].iter().flat_map(|rule| graph.rules[*rule as usize].body.iter().copied()).collect()
}
