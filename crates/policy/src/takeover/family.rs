//! Families of minimal sets, as zero-suppressed decision diagrams.
//!
//! Owns the algebra in which the policy is solved. Every [`Family`] is an antichain: no set in it contains
//! another. Equal families are one number, so a fixpoint is recognised by comparing numbers; and every step is
//! remembered, so that work is shared between doors, profiles and people. A diagram stays about as small as the
//! policy that it comes from, however many sets it stands for. A store may be bounded: then it keeps no set that costs
//! more than the bound. Since a set only ever grows, whatever costs no more is found exactly as if nothing were dropped.
//! Does not own what the variables mean (`layout`) nor where the bound comes from (`bound`).

use super::Truncated;
use super::quick::{Map, Memory, Numbers};

/// A variable; smaller ones stand nearer to the root.
pub(super) type Variable = u16;

/// An antichain of sets of variables. Equal antichains of one [`Families`] are equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Family(u32);

impl Family {
    /// No set: it cannot be done.
    pub(super) const IMPOSSIBLE: Family = Family(0);
    /// The empty set alone: it takes nothing.
    pub(super) const FREE: Family = Family(1);
}

/// What a set holds: a variable, or, above all variables, a fact that is not solved yet.
type Level = u32;

/// The first level that is a variable.
const VARIABLES: Level = 1 << 24;
/// Below every variable.
const LEAF: Level = Level::MAX;

fn level(variable: Variable) -> Level {
    VARIABLES + Level::from(variable)
}

/// The variable of a level; asked of solved families only.
fn variable(level: Level) -> Variable {
    Variable::try_from(level.saturating_sub(VARIABLES)).unwrap_or(Variable::MAX)
}

/// Sets without what the level stands for, and sets with it (it left out).
#[derive(Clone, Copy)]
struct Node {
    level: Level,
    without: Family,
    with: Family,
    /// What the cheapest of its sets costs, and the dearest.
    least: u32,
    most: u32,
}

/// What sets may cost.
pub(super) struct Bound {
    /// What each variable costs, by its number. What is not solved yet costs nothing so far.
    pub(super) efforts: Vec<u32>,
    /// Sets that cost more are dropped.
    pub(super) most: u32,
}

/// The store in which all families of one analysis live.
pub(super) struct Families {
    nodes: Vec<Node>,
    numbers: Numbers,
    joins: Memory,
    unions: Memory,
    differences: Memory,
    efforts: Vec<u32>,
    most: u32,
    budget: usize,
}

impl Families {
    /// At most `budget` steps, after which every answer is [`Truncated`], and no set that costs more than the bound.
    pub(super) fn bounded(budget: usize, bound: Bound) -> Self {
        let leaf = |this| Node { level: LEAF, without: this, with: this, least: 0, most: 0 };
        Families {
            nodes: vec![leaf(Family::IMPOSSIBLE), leaf(Family::FREE)],
            numbers: Numbers::default(),
            joins: Memory::default(),
            unions: Memory::default(),
            differences: Memory::default(),
            efforts: bound.efforts,
            most: bound.most,
            budget,
        }
    }

    /// Is something dropped?
    pub(super) fn is_bounded(&self) -> bool {
        self.most < u32::MAX
    }

    /// From here on at most that many steps more.
    pub(super) fn allow(&mut self, budget: usize) {
        self.budget = budget;
    }

    /// How many steps more there may be.
    pub(super) fn steps_left(&self) -> usize {
        self.budget
    }

    /// How many steps have been taken of that many.
    pub(super) fn spent(&self, budget: usize) -> usize {
        budget - self.budget
    }

    /// The family of one set of one variable.
    pub(super) fn only(&mut self, variable: Variable) -> Family {
        if self.effort(level(variable)) > self.most {
            return Family::IMPOSSIBLE;
        }
        self.node(level(variable), Family::IMPOSSIBLE, Family::FREE)
    }

    /// The family of sets none of which contains another: bits that stand for these variables, which ascend. The sets are in
    /// the order of their lowest bits, those with a lower one first.
    pub(super) fn of_sets(&mut self, sets: &[u128], variables: &[Variable]) -> Family {
        self.of_sets_above(0, sets, variables)
    }

    /// The same for what the sets hold from that bit on; below it they are equal.
    fn of_sets_above(&mut self, bit: u32, sets: &[u128], variables: &[Variable]) -> Family {
        let Some(first) = sets.first() else { return Family::IMPOSSIBLE };
        let rest = first.unbounded_shr(bit);
        if rest == 0 {
            return Family::FREE;
        }
        let bit = bit + rest.trailing_zeros();
        let (with, without) = sets.split_at(sets.partition_point(|set| set >> bit & 1 == 1));
        let with = self.of_sets_above(bit + 1, with, variables);
        let without = self.of_sets_above(bit + 1, without, variables);
        self.node(level(variables[bit as usize]), without, with)
    }

    /// The family of one set of one unknown. Unknowns with smaller numbers stand nearer to the root.
    pub(super) fn unknown(&mut self, unknown: u32) -> Family {
        debug_assert!(unknown < VARIABLES, "there are fewer rules than that");
        self.node(unknown, Family::IMPOSSIBLE, Family::FREE)
    }

    /// The family with the unknown replaced by what it turned out to be. No smaller unknown is left in it.
    pub(super) fn resolve(
        &mut self,
        family: Family,
        unknown: u32,
        known: Family,
    ) -> Result<Family, Truncated> {
        let node = self.nodes[family.0 as usize];
        debug_assert!(node.level >= unknown, "unknowns are resolved in their order");
        if node.level != unknown {
            return Ok(family);
        }
        let with = self.join(node.with, known)?;
        self.union(node.without, with)
    }

    /// A set of the one or of the other: the minimal ones of both.
    pub(super) fn union(&mut self, a: Family, b: Family) -> Result<Family, Truncated> {
        let (a, b) = (a.min(b), a.max(b));
        match (a, b) {
            (Family::IMPOSSIBLE, _) => return Ok(b),
            (Family::FREE, _) => return Ok(Family::FREE),
            _ if a == b => return Ok(a),
            _ => {}
        }
        if let Some(known) = self.unions.recall(a.0, b.0, u32::MAX) {
            return Ok(Family(known));
        }
        let (node_a, node_b) = self.step(a, b)?;
        let without = self.union(node_a.without, node_b.without)?;
        let with = self.union(node_a.with, node_b.with)?;
        let with = self.avoid(with, without)?;
        let result = self.node(node_a.level, without, with);
        self.unions.note(a.0, b.0, u32::MAX, result.0);
        Ok(result)
    }

    /// A set of each, united: the minimal ones.
    pub(super) fn join(&mut self, a: Family, b: Family) -> Result<Family, Truncated> {
        self.join_within(a, b, self.most)
    }

    /// Those of them that cost no more than `most`.
    fn join_within(&mut self, a: Family, b: Family, most: u32) -> Result<Family, Truncated> {
        let (a, b) = (a.min(b), a.max(b));
        match (a, b) {
            (Family::IMPOSSIBLE, _) => return Ok(Family::IMPOSSIBLE),
            (Family::FREE, _) => return self.cheap(b, most),
            _ if a == b => return self.cheap(a, most),
            _ => {}
        }
        let (whole_a, whole_b) = (self.nodes[a.0 as usize], self.nodes[b.0 as usize]);
        if whole_a.least.max(whole_b.least) > most {
            return Ok(Family::IMPOSSIBLE);
        }
        // Where nothing is too dear the bound makes no difference, and the result serves every other bound too.
        let most = if most >= whole_a.most + whole_b.most { u32::MAX } else { most };
        if let Some(known) = self.joins.recall(a.0, b.0, most) {
            return Ok(Family(known));
        }
        let (node_a, node_b) = self.step(a, b)?;
        let without = self.join_within(node_a.without, node_b.without, most)?;
        // The variable may come from the one, from the other, or from both.
        let with = match self.left(most, node_a.level) {
            None => Family::IMPOSSIBLE,
            Some(left) => match (node_a.with, node_b.with) {
                (with, Family::IMPOSSIBLE) => self.join_within(with, node_b.without, left)?,
                (Family::IMPOSSIBLE, with) => self.join_within(node_a.without, with, left)?,
                (with_a, with_b) => {
                    let any_b = self.union(node_b.without, with_b)?;
                    let from_a = self.join_within(with_a, any_b, left)?;
                    let from_b = self.join_within(node_a.without, with_b, left)?;
                    self.union(from_a, from_b)?
                }
            },
        };
        let with = self.avoid(with, without)?;
        let result = self.node(node_a.level, without, with);
        self.joins.note(a.0, b.0, most, result.0);
        Ok(result)
    }

    /// The sets that cost no more than `most`.
    fn cheap(&mut self, family: Family, most: u32) -> Result<Family, Truncated> {
        let node = self.nodes[family.0 as usize];
        if node.most <= most {
            return Ok(family);
        }
        if node.least > most {
            return Ok(Family::IMPOSSIBLE);
        }
        // A family joined with itself is itself, so this is a place of its own among the joins.
        if let Some(known) = self.joins.recall(family.0, family.0, most) {
            return Ok(Family(known));
        }
        self.budget = self.budget.checked_sub(1).ok_or(Truncated)?;
        let without = self.cheap(node.without, most)?;
        let with = match self.left(most, node.level) {
            None => Family::IMPOSSIBLE,
            Some(left) => self.cheap(node.with, left)?,
        };
        let result = self.node(node.level, without, with);
        self.joins.note(family.0, family.0, most, result.0);
        Ok(result)
    }

    /// What the rest of a set may cost, when it has what the level stands for.
    fn left(&self, most: u32, level: Level) -> Option<u32> {
        if most == u32::MAX { Some(most) } else { most.checked_sub(self.effort(level)) }
    }

    fn effort(&self, level: Level) -> u32 {
        let variable = level.checked_sub(VARIABLES).map(|variable| variable as usize);
        variable.and_then(|variable| self.efforts.get(variable)).copied().unwrap_or_default()
    }

    /// The sets of `a` that contain no set of `b`.
    pub(super) fn avoid(&mut self, a: Family, b: Family) -> Result<Family, Truncated> {
        match (a, b) {
            (Family::IMPOSSIBLE, _) | (_, Family::FREE) => return Ok(Family::IMPOSSIBLE),
            (Family::FREE, _) | (_, Family::IMPOSSIBLE) => return Ok(a),
            _ if a == b => return Ok(Family::IMPOSSIBLE),
            _ => {}
        }
        if let Some(known) = self.differences.recall(a.0, b.0, u32::MAX) {
            return Ok(Family(known));
        }
        let (node_a, node_b) = self.step(a, b)?;
        let without = self.avoid(node_a.without, node_b.without)?;
        let with = self.avoid(node_a.with, node_b.without)?;
        let with = self.avoid(with, node_b.with)?;
        let result = self.node(node_a.level, without, with);
        self.differences.note(a.0, b.0, u32::MAX, result.0);
        Ok(result)
    }

    /// What is left when every variable below `end` is settled: those `granted` cost nothing, the others cannot
    /// be had.
    pub(super) fn given(
        &mut self,
        family: Family,
        end: Variable,
        granted: &dyn Fn(Variable) -> bool,
    ) -> Result<Family, Truncated> {
        self.given_below(family, end, granted, &mut Map::default())
    }

    fn given_below(
        &mut self,
        family: Family,
        end: Variable,
        granted: &dyn Fn(Variable) -> bool,
        known: &mut Map<u32, Family>,
    ) -> Result<Family, Truncated> {
        let node = self.nodes[family.0 as usize];
        if node.level >= level(end) {
            return Ok(family);
        }
        if let Some(known) = known.get(&family.0) {
            return Ok(*known);
        }
        let mut result = self.given_below(node.without, end, granted, known)?;
        if granted(variable(node.level)) {
            let with = self.given_below(node.with, end, granted, known)?;
            result = self.union(result, with)?;
        }
        known.insert(family.0, result);
        Ok(result)
    }

    /// What its cheapest set costs; `None`: it has none.
    pub(super) fn least_effort(&self, family: Family) -> Option<u32> {
        (family != Family::IMPOSSIBLE).then(|| self.nodes[family.0 as usize].least)
    }

    /// Does the family hold some part of this set, variables ascending, or all of it?
    pub(super) fn contains_part_of(&self, family: Family, set: &[Variable]) -> bool {
        match family {
            Family::IMPOSSIBLE => false,
            Family::FREE => true,
            _ => {
                let node = self.nodes[family.0 as usize];
                let rest = &set[set.partition_point(|other| level(*other) < node.level)..];
                let with = match rest.split_first() {
                    Some((first, rest)) if level(*first) == node.level => {
                        self.contains_part_of(node.with, rest)
                    }
                    _ => false,
                };
                with || self.contains_part_of(node.without, rest)
            }
        }
    }

    /// Calls `visit` with every set that `wanted` lets through, variables ascending. `wanted` is asked for each
    /// beginning of a set, and what it refuses is not followed. Stops after so many steps, or when `visit` says so.
    pub(super) fn visit(
        &self,
        family: Family,
        steps: &mut usize,
        wanted: &dyn Fn(&[Variable]) -> bool,
        visit: &mut dyn FnMut(&[Variable]) -> Result<(), Truncated>,
    ) -> Result<(), Truncated> {
        self.visit_below(family, steps, &mut vec![], wanted, visit)
    }

    fn visit_below(
        &self,
        family: Family,
        steps: &mut usize,
        path: &mut Vec<Variable>,
        wanted: &dyn Fn(&[Variable]) -> bool,
        visit: &mut dyn FnMut(&[Variable]) -> Result<(), Truncated>,
    ) -> Result<(), Truncated> {
        match family {
            Family::IMPOSSIBLE => Ok(()),
            Family::FREE => visit(path),
            _ => {
                *steps = steps.checked_sub(1).ok_or(Truncated)?;
                let node = self.nodes[family.0 as usize];
                path.push(variable(node.level));
                if wanted(path) {
                    self.visit_below(node.with, steps, path, wanted, visit)?;
                }
                path.pop();
                self.visit_below(node.without, steps, path, wanted, visit)
            }
        }
    }

    /// Both families, seen from the variable nearest to the root of either. Counts as a step.
    fn step(&mut self, a: Family, b: Family) -> Result<(Node, Node), Truncated> {
        self.budget = self.budget.checked_sub(1).ok_or(Truncated)?;
        let (node_a, node_b) = (self.nodes[a.0 as usize], self.nodes[b.0 as usize]);
        let level = node_a.level.min(node_b.level);
        let seen = |family, node: Node| {
            if node.level == level {
                node
            } else {
                Node { level, without: family, with: Family::IMPOSSIBLE, ..node }
            }
        };
        Ok((seen(a, node_a), seen(b, node_b)))
    }

    fn node(&mut self, level: Level, without: Family, with: Family) -> Family {
        if with == Family::IMPOSSIBLE {
            return without;
        }
        let effort = self.effort(level);
        let nodes = &mut self.nodes;
        let number = self.numbers.of((level, without.0, with.0), nodes.len(), |number| {
            let known = nodes[number as usize];
            (known.level, known.without.0, known.with.0)
        });
        if number as usize == nodes.len() {
            let (dearer, other) = (nodes[with.0 as usize], nodes[without.0 as usize]);
            let (mut least, mut most) = (dearer.least + effort, dearer.most + effort);
            if without != Family::IMPOSSIBLE {
                (least, most) = (least.min(other.least), most.max(other.most));
            }
            nodes.push(Node { level, without, with, least, most });
        }
        Family(number)
    }
}

#[cfg(test)]
impl Families {
    pub(super) fn within(budget: usize) -> Self {
        Families::bounded(budget, Bound { efforts: vec![], most: u32::MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// The same algebra on plain sets of sets.
    type Plain = BTreeSet<BTreeSet<Variable>>;

    fn minimal(sets: &Plain) -> Plain {
        let smaller = |set: &BTreeSet<_>| sets.iter().any(|other| other != set && other.is_subset(set));
        sets.iter().filter(|set| !smaller(set)).cloned().collect()
    }

    fn family(families: &mut Families, sets: &Plain) -> Family {
        let mut all = Family::IMPOSSIBLE;
        for set in sets {
            let mut one = Family::FREE;
            for variable in set {
                let only = families.only(*variable);
                one = families.join(one, only).expect("within the budget");
            }
            all = families.union(all, one).expect("within the budget");
        }
        all
    }

    fn plain(families: &Families, family: Family) -> Plain {
        let mut sets = Plain::new();
        let mut keep = |set: &[Variable]| {
            sets.insert(set.iter().copied().collect());
            Ok(())
        };
        families.visit(family, &mut 10_000, &|_| true, &mut keep).expect("within the budget");
        sets
    }

    fn sets() -> impl Strategy<Value = Plain> {
        let set = proptest::collection::btree_set(0..9_u16, 0..5);
        proptest::collection::btree_set(set, 0..9).prop_map(|sets| minimal(&sets))
    }

    proptest! {
        #[test]
        fn the_algebra_is_that_of_plain_sets(a in sets(), b in sets()) {
            let mut families = Families::within(100_000);
            let (x, y) = (family(&mut families, &a), family(&mut families, &b));
            prop_assert_eq!(plain(&families, x), a.clone());

            let union = families.union(x, y).expect("within the budget");
            prop_assert_eq!(plain(&families, union), minimal(&(&a | &b)));

            let join = families.join(x, y).expect("within the budget");
            let joined = a.iter().flat_map(|s| b.iter().map(move |t| s | t)).collect();
            prop_assert_eq!(plain(&families, join), minimal(&joined));

            let avoid = families.avoid(x, y).expect("within the budget");
            let kept = a.iter().filter(|s| !b.iter().any(|t| t.is_subset(s))).cloned().collect();
            prop_assert_eq!(plain(&families, avoid), kept);

            let parts = |set: &BTreeSet<Variable>| a.iter().any(|s| s.is_subset(set));
            for set in &b {
                let ascending: Vec<Variable> = set.iter().copied().collect();
                prop_assert_eq!(families.contains_part_of(x, &ascending), parts(set));
            }

            let given = families.given(x, 5, &|v| v % 2 == 0).expect("within the budget");
            let had = a.iter().filter(|s| s.iter().all(|v| *v >= 5 || v % 2 == 0));
            let left = had.map(|s| s.iter().copied().filter(|v| *v >= 5).collect()).collect();
            prop_assert_eq!(plain(&families, given), minimal(&left));
        }
    }

    /// What the variables cost in these tests.
    const EFFORTS: [u32; 9] = [1, 2, 4, 8, 0, 1, 2, 4, 8];

    proptest! {
        /// What is cheap enough is minimal among the cheap exactly if it is minimal among all.
        #[test]
        fn a_bounded_store_finds_what_costs_no_more_as_if_it_were_not_bounded(
            a in sets(), b in sets(), most in 0..20_u32
        ) {
            let cheap = |sets: &Plain| -> Plain {
                let effort = |set: &BTreeSet<Variable>| set.iter().map(|v| EFFORTS[usize::from(*v)]).sum::<u32>();
                sets.iter().filter(|set| effort(set) <= most).cloned().collect()
            };
            let mut families = Families::bounded(100_000, Bound { efforts: EFFORTS.to_vec(), most });
            let (x, y) = (family(&mut families, &a), family(&mut families, &b));
            prop_assert_eq!(plain(&families, x), cheap(&a));

            let union = families.union(x, y).expect("within the budget");
            prop_assert_eq!(plain(&families, union), cheap(&minimal(&(&a | &b))));

            let join = families.join(x, y).expect("within the budget");
            let joined = a.iter().flat_map(|s| b.iter().map(move |t| s | t)).collect();
            prop_assert_eq!(plain(&families, join), cheap(&minimal(&joined)));

            // An unknown costs nothing until it is known.
            let unknown = families.unknown(0);
            let with = families.join(unknown, x).expect("within the budget");
            let resolved = families.resolve(with, 0, y).expect("within the budget");
            prop_assert_eq!(resolved, join);
        }
    }

    #[test]
    fn equal_families_are_equal_numbers() {
        let mut families = Families::within(1000);
        let (a, b) = (families.only(1), families.only(2));
        let (one, other) = (families.union(a, b), families.union(b, a));
        assert_eq!(one, other);
    }

    #[test]
    fn who_exceeds_the_budget_gets_no_answer() {
        let mut families = Families::within(3);
        let all: Vec<Family> = (0..9).map(|v| families.only(v)).collect();
        let result = all.into_iter().try_fold(Family::IMPOSSIBLE, |all, one| families.union(all, one));
        assert_eq!(result, Err(Truncated));
    }
}
