//! The minimal sets of one goal as plain lists of bit sets: quicker than diagrams while there are thousands of them.
//!
//! Owns elimination over lists, in an order that looks at the lists as they are. Does not own how lists are compared
//! (`bitsets`) nor what becomes of a goal for which this is not enough (`solve`).

use super::bitsets::{Set, bits, comparisons, drop_containing, keep_minimal};
use super::family::{Families, Family, Variable};
use super::solve::Problem;

/// The family of the goal; `None` if it depends on too many things, or if diagrams may well be quicker. Lists know of no
/// bound.
pub(super) fn solve(problem: &Problem<'_>, goal: u32, families: &mut Families) -> Option<Family> {
    if families.is_bounded() {
        return None;
    }
    let mut system = System::of(problem, goal)?;
    let mut desk = Desk { left: families.steps_left(), ..Desk::default() };
    let mut sets = system.eliminate(&mut desk)?;
    // Only success is paid for: who gives up leaves to the diagrams all that was allowed.
    families.allow(desk.left);
    sets.sort_unstable_by_key(|set| std::cmp::Reverse(set.reverse_bits()));
    Some(families.of_sets(&sets, &system.variables))
}

/// Choosing whom to eliminate takes a look at every pair of facts. Policies have long chains of facts and few sets, for which
/// the diagrams' own order is good enough.
const MOST_FACTS: usize = 40;

/// All that a goal depends on. A bit of a set is an unknown fact, the goal being the lowest; above them stand the variables,
/// ascending.
struct System {
    /// For each unknown fact the minimal sets that bring it about.
    equations: Vec<Vec<Set>>,
    variables: Vec<Variable>,
}

impl System {
    /// `None` if the goal depends on too much.
    fn of(problem: &Problem<'_>, goal: u32) -> Option<System> {
        if problem.given[goal as usize].is_some() {
            return None;
        }
        let bodies = |fact: u32| {
            problem.concluding[fact as usize].iter().map(|rule| &problem.rules[*rule as usize].body)
        };
        let (mut unknowns, mut given) = (vec![goal], vec![]);
        let mut met = vec![false; problem.given.len()];
        met[goal as usize] = true;
        let mut at = 0;
        while let Some(fact) = unknowns.get(at).copied() {
            for cause in bodies(fact).flatten() {
                if !std::mem::replace(&mut met[*cause as usize], true) {
                    match problem.given[*cause as usize] {
                        Some(variable) => given.push((variable, *cause)),
                        None => unknowns.push(*cause),
                    }
                }
            }
            if unknowns.len() > MOST_FACTS || unknowns.len() + given.len() > Set::BITS as usize {
                return None;
            }
            at += 1;
        }
        given.sort_unstable();
        let mut bit: Vec<Set> = vec![0; problem.given.len()];
        for (place, fact) in unknowns.iter().chain(given.iter().map(|(_, fact)| fact)).enumerate() {
            bit[*fact as usize] = 1 << place;
        }
        let equation = |fact: &u32| {
            let set = |body: &Vec<u32>| body.iter().fold(0, |set, cause| set | bit[*cause as usize]);
            // Who needs a thing to come to it does not come to it.
            let mut sets = bodies(*fact).map(set).filter(|set| set & bit[*fact as usize] == 0).collect();
            keep_minimal(&mut sets);
            sets
        };
        let equations = unknowns.iter().map(equation).collect();
        Some(System { equations, variables: given.into_iter().map(|(variable, _)| variable).collect() })
    }

    /// The minimal sets of the goal, their lowest bit being the first variable.
    fn eliminate(&mut self, desk: &mut Desk) -> Option<Vec<Set>> {
        let unknowns = self.equations.len();
        let mut left: Set = ((1 << (unknowns - 1)) - 1) << 1;
        // For each fact a row: how often its equation names each of the facts.
        let mut named = vec![0; unknowns * unknowns];
        for (row, sets) in named.chunks_mut(unknowns).zip(&self.equations) {
            count(row, sets, left);
        }
        while let Some(fact) = self.cheapest(left, &named) {
            left &= !(1 << fact);
            let known = std::mem::take(&mut self.equations[fact]);
            for (other, row) in named.chunks_mut(unknowns).enumerate().filter(|(_, row)| row[fact] > 0) {
                let sets = &mut self.equations[other];
                desk.spend((row[fact] as usize).saturating_mul(known.len()))?;
                desk.replace(sets, 1 << fact, &known, 1 << other)?;
                count(row, sets, left);
            }
            count(&mut named[fact * unknowns..][..unknowns], &[], left);
        }
        let shift = self.equations.len().try_into().ok()?;
        let goal = std::mem::take(&mut self.equations[0]);
        Some(goal.into_iter().map(|set| set.unbounded_shr(shift)).collect())
    }

    /// The unknown whose elimination lets the system grow least. One set more for a fact counts as often as the fact is
    /// named, since it will be put there; for the goal it counts once.
    fn cheapest(&self, left: Set, named: &[u32]) -> Option<usize> {
        let one_way = bits(left).find(|fact| self.equations[*fact].len() <= 1);
        if one_way.is_some() {
            return one_way;
        }
        let unknowns = self.equations.len();
        let rows = || named.chunks(unknowns);
        let mut worth = vec![0_u32; unknowns];
        for row in rows() {
            for (worth, times) in worth.iter_mut().zip(row) {
                *worth += times;
            }
        }
        worth[0] = 1;
        let mut growth = vec![0_u64; unknowns];
        for (row, worth) in rows().zip(&worth).filter(|(_, worth)| **worth > 0) {
            for (growth, times) in growth.iter_mut().zip(row) {
                *growth += u64::from(*times) * u64::from(*worth);
            }
        }
        let more = |fact: usize| self.equations[fact].len().saturating_sub(1) as u64;
        bits(left).min_by_key(|fact| growth[*fact].saturating_mul(more(*fact)))
    }
}

/// Where lists are put together, and what work is left to do there.
#[derive(Default)]
struct Desk {
    /// Steps, each as long as one of the algebra of diagrams: a new set, or some comparisons.
    left: usize,
    touched: Vec<Set>,
    fresh: Vec<Set>,
}

/// So many sets are compared in the time of a step.
const COMPARISONS: usize = 64;

impl Desk {
    /// Puts the sets that are `known` to bring the fact about in its place, but for those that need `itself`.
    ///
    /// The sets that are there contain none of each other. So if the known sets have nothing in common with a set, it
    /// stays apart where it does not name the fact, and where it does, those that it turns into contain none of each other.
    /// Only where they touch must sets be compared.
    fn replace(&mut self, sets: &mut Vec<Set>, fact: Set, known: &[Set], itself: Set) -> Option<()> {
        let Desk { touched, fresh, .. } = self;
        touched.clear();
        fresh.clear();
        // What is known to take nothing vanishes, and what is left may be a part of anything.
        let all_known = if known == [0] { Set::MAX } else { known.iter().fold(0, |all, set| all | set) };
        sets.retain(|set| {
            let rest = set & !fact;
            let touches = rest & all_known != 0;
            if set & fact == 0 {
                touched.extend(touches.then_some(*set));
                return !touches;
            }
            let turned = known.iter().map(|known| rest | known).filter(|set| set & itself == 0);
            if touches {
                touched.extend(turned);
            } else {
                fresh.extend(turned);
            }
            false
        });
        let work = comparisons(touched.len(), touched.len()) + 2 * comparisons(touched.len(), fresh.len());
        self.left = self.left.checked_sub(work / COMPARISONS)?;
        keep_minimal(touched);
        drop_containing(fresh, touched);
        drop_containing(touched, fresh);
        sets.extend_from_slice(touched);
        sets.extend_from_slice(fresh);
        Some(())
    }

    fn spend(&mut self, steps: usize) -> Option<()> {
        self.left = self.left.checked_sub(steps)?;
        Some(())
    }
}

/// How often the sets name each of the facts.
fn count(named: &mut [u32], sets: &[Set], facts: Set) {
    named.fill(0);
    for set in sets {
        for fact in bits(set & facts) {
            named[fact] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::solve::{self, Rule};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// The facts that are given come first, each by the variable of its number; then those that are concluded.
    const GIVEN: u32 = 6;
    const FACTS: u32 = 14;

    fn rules() -> impl Strategy<Value = Vec<Rule>> {
        let rule = (GIVEN..FACTS, proptest::collection::vec(0..FACTS, 0..4));
        let rule = rule.prop_map(|(head, body)| Rule { head, body });
        proptest::collection::vec(rule, 0..24)
    }

    /// The minimal ones of all sets of variables from which the goal follows, step by step.
    fn by_trying_all(rules: &[Rule], goal: u32) -> BTreeSet<Vec<Variable>> {
        let follows = |given: u32| {
            let mut true_ones = given;
            loop {
                let holds = |fact: &u32| true_ones >> fact & 1 == 1;
                let more = rules.iter().filter(|rule| rule.body.iter().all(holds)).map(|rule| 1 << rule.head);
                let all = more.fold(true_ones, |all, one: u32| all | one);
                if all == true_ones {
                    return holds(&goal);
                }
                true_ones = all;
            }
        };
        let enough: Vec<u32> = (0..1 << GIVEN).filter(|given| follows(*given)).collect();
        let minimal =
            enough.iter().filter(|set| !enough.iter().any(|other| other != *set && other & *set == *other));
        let listed =
            |set: &u32| (0..).take(GIVEN as usize).filter(|variable| set >> variable & 1 == 1).collect();
        minimal.map(listed).collect()
    }

    fn listed(families: &Families, family: Family) -> BTreeSet<Vec<Variable>> {
        let mut sets = BTreeSet::new();
        let mut keep = |set: &[Variable]| {
            assert!(sets.insert(set.to_vec()), "each set once");
            Ok(())
        };
        families.visit(family, &mut 10_000, &|_| true, &mut keep).expect("within the budget");
        sets
    }

    fn concluding(rules: &[Rule]) -> Vec<Vec<u32>> {
        let of =
            |fact| (0..).zip(rules).filter(|(_, rule)| rule.head == fact).map(|(index, _)| index).collect();
        (0..FACTS).map(of).collect()
    }

    fn given() -> Vec<Option<Variable>> {
        (0..).zip(0..FACTS).map(|(variable, fact)| (fact < GIVEN).then_some(variable)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn lists_and_diagrams_find_what_trying_all_finds(rules in rules()) {
            let problem = Problem { given: given(), rules: &rules, concluding: &concluding(&rules) };
            let wanted = by_trying_all(&rules, GIVEN);
            let mut families = Families::within(100_000);
            let by_lists = solve(&problem, GIVEN, &mut families).expect("within the budget");
            prop_assert_eq!(listed(&families, by_lists), wanted.clone());
            // Two goals are for the diagrams, and equal families are equal numbers.
            let by_diagrams = solve::solve(&problem, &[GIVEN, GIVEN + 1], &mut families).expect("within the budget");
            prop_assert_eq!(by_diagrams[0], by_lists);
            prop_assert_eq!(listed(&families, by_diagrams[1]), by_trying_all(&rules, GIVEN + 1));
        }
    }

    #[test]
    fn who_gives_up_leaves_all_steps_to_the_diagrams() {
        // Three of three pairs: eight sets, which cannot be put together in two steps.
        let pair = |head: u32, one: u32| [one, one + 1].map(|given| Rule { head, body: vec![given] });
        let mut rules: Vec<Rule> = [pair(7, 0), pair(8, 2), pair(9, 4)].into_iter().flatten().collect();
        rules.push(Rule { head: GIVEN, body: vec![7, 8, 9] });
        let problem = Problem { given: given(), rules: &rules, concluding: &concluding(&rules) };
        let mut families = Families::within(2);
        assert_eq!(solve(&problem, GIVEN, &mut families), None);
        assert_eq!(families.steps_left(), 2);
        families.allow(1000);
        assert!(solve(&problem, GIVEN, &mut families).is_some());
    }
}
