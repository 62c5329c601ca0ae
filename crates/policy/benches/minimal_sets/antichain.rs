//! The plain way: families as lists of bit sets, every fact computed again until nothing changes.

use crate::graphs::Graph;

/// The minimal sets of the goal, each ascending, sorted.
pub(crate) fn solve(graph: &Graph) -> Vec<Vec<u16>> {
    let given = |variable: Option<u16>| variable.map_or_else(Vec::new, |variable| vec![1_u64 << variable]);
    let mut solved: Vec<Vec<u64>> = graph.given.iter().copied().map(given).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for fact in 0..solved.len() {
            let mut all = solved[fact].clone();
            for rule in &graph.concluding[fact] {
                let mut joined = vec![0];
                for cause in &graph.rules[*rule as usize].body {
                    let with = |set: &u64| {
                        solved[*cause as usize].iter().map(|other| set | other).collect::<Vec<_>>()
                    };
                    joined = minimal(joined.iter().flat_map(with).collect());
                }
                all.extend(joined);
            }
            let all = minimal(all);
            changed |= all != solved[fact];
            solved[fact] = all;
        }
    }
    let listed = |set: &u64| (0..64).filter(|variable| set >> variable & 1 == 1).collect();
    let mut sets: Vec<Vec<u16>> = solved[graph.goal as usize].iter().map(listed).collect();
    sets.sort_unstable();
    sets
}

fn minimal(mut sets: Vec<u64>) -> Vec<u64> {
    sets.sort_unstable_by_key(|set| (set.count_ones(), *set));
    sets.dedup();
    let mut kept: Vec<u64> = vec![];
    for set in sets {
        if !kept.iter().any(|smaller| smaller & set == *smaller) {
            kept.push(set);
        }
    }
    kept
}
