//! Families of minimal sets, as zero-suppressed decision diagrams.
//!
//! Owns the algebra: every [`Family`] is an antichain (no set contains another), equal families are one number,
//! and every operation remembers what it computed, so that work is shared between doors, profiles and people.
//! A product of a hundred independent alternatives stays as small as the policy that describes it. Does not own
//! what the variables mean.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::Truncated;

/// A variable; smaller ones stand nearer to the root.
pub(super) type Variable = u16;

/// An antichain of sets of variables. Equal antichains of one [`Families`] are equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Family(u32);

/// Sets without the variable, and sets with it (the variable left out).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Node {
    variable: Variable,
    without: Family,
    with: Family,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    Join,
    Avoid,
    Union,
}

/// The store in which all families of one analysis live.
pub(super) struct Families {
    nodes: Vec<Node>,
    numbers: HashMap<Node, Family, Quick>,
    done: HashMap<(Operation, Family, Family), Family, Quick>,
    /// How many more steps may be taken.
    budget: usize,
}

impl Family {
    /// No set: it cannot be done.
    pub(super) const IMPOSSIBLE: Family = Family(0);
    /// The empty set alone: it takes nothing.
    pub(super) const FREE: Family = Family(1);
}

/// Below every variable.
const LEAF: Variable = Variable::MAX;

impl Families {
    pub(super) fn within(budget: usize) -> Self {
        let leaf = |this| Node { variable: LEAF, without: this, with: this };
        Families {
            nodes: vec![leaf(Family::IMPOSSIBLE), leaf(Family::FREE)],
            numbers: HashMap::default(),
            done: HashMap::default(),
            budget,
        }
    }

    /// The family of one set of one variable.
    pub(super) fn only(&mut self, variable: Variable) -> Family {
        self.node(variable, Family::IMPOSSIBLE, Family::FREE)
    }

    /// Any set of the one or the other: the minimal ones of both.
    pub(super) fn union(&mut self, a: Family, b: Family) -> Result<Family, Truncated> {
        match (a.min(b), a.max(b)) {
            (a, b) if a == b => Ok(a),
            (Family::IMPOSSIBLE, other) => Ok(other),
            (Family::FREE, _) => Ok(Family::FREE),
            (a, b) => self.remembered(Operation::Union, a, b, |families| {
                let (variable, a, b) = families.split(a, b);
                let without = families.union(a.without, b.without)?;
                let with = families.union(a.with, b.with)?;
                let with = families.avoid(with, without)?;
                Ok(families.node(variable, without, with))
            }),
        }
    }

    /// One set of each, united: the minimal ones.
    pub(super) fn join(&mut self, a: Family, b: Family) -> Result<Family, Truncated> {
        match (a.min(b), a.max(b)) {
            (a, b) if a == b => Ok(a),
            (Family::IMPOSSIBLE, _) => Ok(Family::IMPOSSIBLE),
            (Family::FREE, other) => Ok(other),
            (a, b) => self.remembered(Operation::Join, a, b, |families| {
                let (variable, a, b) = families.split(a, b);
                let without = families.join(a.without, b.without)?;
                let either = families.union(b.without, b.with)?;
                let left = families.join(a.with, either)?;
                let right = families.join(a.without, b.with)?;
                let with = families.union(left, right)?;
                let with = families.avoid(with, without)?;
                Ok(families.node(variable, without, with))
            }),
        }
    }

    /// The sets of `a` that contain no set of `b`.
    pub(super) fn avoid(&mut self, a: Family, b: Family) -> Result<Family, Truncated> {
        match (a, b) {
            (Family::IMPOSSIBLE, _) | (_, Family::FREE) => Ok(Family::IMPOSSIBLE),
            (_, Family::IMPOSSIBLE) | (Family::FREE, _) => Ok(a),
            (a, b) if a == b => Ok(Family::IMPOSSIBLE),
            (a, b) => self.remembered(Operation::Avoid, a, b, |families| {
                let (variable, a, b) = families.split(a, b);
                let without = families.avoid(a.without, b.without)?;
                let with = families.avoid(a.with, b.without)?;
                let with = families.avoid(with, b.with)?;
                Ok(families.node(variable, without, with))
            }),
        }
    }

    /// Fixes every variable below `end`: those that are `granted` cost nothing, the others cannot be had.
    pub(super) fn given(
        &mut self,
        family: Family,
        end: Variable,
        granted: &dyn Fn(Variable) -> bool,
    ) -> Result<Family, Truncated> {
        let mut known = HashMap::default();
        self.given_below(family, end, granted, &mut known)
    }

    fn given_below(
        &mut self,
        family: Family,
        end: Variable,
        granted: &dyn Fn(Variable) -> bool,
        known: &mut HashMap<Family, Family, Quick>,
    ) -> Result<Family, Truncated> {
        let node = self.nodes[family.0 as usize];
        if node.variable >= end {
            return Ok(family);
        }
        if let Some(known) = known.get(&family) {
            return Ok(*known);
        }
        let without = self.given_below(node.without, end, granted, known)?;
        let result = if granted(node.variable) {
            let with = self.given_below(node.with, end, granted, known)?;
            self.union(without, with)?
        } else {
            without
        };
        known.insert(family, result);
        Ok(result)
    }

    /// Calls `visit` with every set that `wanted` lets through, variables ascending. `wanted` is asked for each
    /// beginning of a set, and what it refuses is not followed. Stops when `visit` says so.
    pub(super) fn visit(
        &self,
        family: Family,
        wanted: &dyn Fn(&[Variable]) -> bool,
        visit: &mut dyn FnMut(&[Variable]) -> Result<(), Truncated>,
    ) -> Result<(), Truncated> {
        self.visit_below(family, &mut vec![], wanted, visit)
    }

    fn visit_below(
        &self,
        family: Family,
        path: &mut Vec<Variable>,
        wanted: &dyn Fn(&[Variable]) -> bool,
        visit: &mut dyn FnMut(&[Variable]) -> Result<(), Truncated>,
    ) -> Result<(), Truncated> {
        match family {
            Family::IMPOSSIBLE => Ok(()),
            Family::FREE => visit(path),
            _ => {
                let node = self.nodes[family.0 as usize];
                path.push(node.variable);
                if wanted(path) {
                    self.visit_below(node.with, path, wanted, visit)?;
                }
                path.pop();
                self.visit_below(node.without, path, wanted, visit)
            }
        }
    }

    /// Both families, seen from the variable nearest to the root of either.
    fn split(&self, a: Family, b: Family) -> (Variable, Node, Node) {
        let (node_a, node_b) = (self.nodes[a.0 as usize], self.nodes[b.0 as usize]);
        let variable = node_a.variable.min(node_b.variable);
        let seen = |family, node: Node| {
            if node.variable == variable {
                node
            } else {
                Node { variable, without: family, with: Family::IMPOSSIBLE }
            }
        };
        (variable, seen(a, node_a), seen(b, node_b))
    }

    fn node(&mut self, variable: Variable, without: Family, with: Family) -> Family {
        if with == Family::IMPOSSIBLE {
            return without;
        }
        let nodes = &mut self.nodes;
        *self.numbers.entry(Node { variable, without, with }).or_insert_with_key(|node| {
            nodes.push(*node);
            // Within u32: the budget bounds the number of nodes far below it.
            Family(u32::try_from(nodes.len() - 1).unwrap_or(u32::MAX))
        })
    }

    fn remembered(
        &mut self,
        operation: Operation,
        a: Family,
        b: Family,
        compute: impl FnOnce(&mut Self) -> Result<Family, Truncated>,
    ) -> Result<Family, Truncated> {
        if let Some(known) = self.done.get(&(operation, a, b)) {
            return Ok(*known);
        }
        self.budget = self.budget.checked_sub(1).ok_or(Truncated)?;
        let result = compute(self)?;
        self.done.insert((operation, a, b), result);
        Ok(result)
    }
}

/// A fast hash for small keys made here: nobody outside chooses them, so flooding is no concern.
#[derive(Clone, Copy, Default)]
struct QuickHasher(u64);
type Quick = BuildHasherDefault<QuickHasher>;

impl Hasher for QuickHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u16(&mut self, value: u16) {
        self.write_u64(u64::from(value));
    }
    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }
    fn write_isize(&mut self, value: isize) {
        self.write_u64(value.cast_unsigned() as u64);
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(23) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
