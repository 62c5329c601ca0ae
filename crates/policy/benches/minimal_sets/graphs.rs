//! Generated AND/OR graphs: the same ones in every run.
//!
//! Facts stand in a row, the goal first. A fact is concluded by some rules; each names capabilities, facts further down the
//! row, and now and then any fact at all, so that there are circles, as there are in policies.

use crate::solve::{Problem, Rule};

/// How much hangs on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Two rules for a fact, two things in each.
    Sparse,
    /// Three rules for a fact, two or three things in each.
    Dense,
}

pub(crate) struct Graph {
    pub(crate) given: Vec<Option<u16>>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) concluding: Vec<Vec<u32>>,
    pub(crate) goal: u32,
}

impl Graph {
    /// A graph over that many capabilities. Equal seeds, equal graphs.
    pub(crate) fn random(shape: Shape, capabilities: u16, seed: u64) -> Graph {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let first = u32::from(capabilities);
        let facts = first / 2;
        let mut given: Vec<Option<u16>> = (0..capabilities).map(Some).collect();
        given.resize(given.len() + facts as usize, None);
        let mut rules = vec![];
        for fact in 0..facts {
            let below = facts - fact - 1;
            let alternatives = if shape == Shape::Dense { 3 } else { 2 };
            for _ in 0..alternatives {
                let size = if shape == Shape::Dense { 2 + dice.below(2) } else { 2 };
                let part = |dice: &mut Dice| match dice.below(100) {
                    0..UP if below > 0 => first + fact + 1 + dice.below(below.min(2 * fact + 4)),
                    UP..ANYWHERE => first + dice.below(facts),
                    _ => dice.below(first),
                };
                let mut body: Vec<u32> = (0..size).map(|_| part(&mut dice)).collect();
                body.sort_unstable();
                body.dedup();
                rules.push(Rule { head: first + fact, body });
            }
        }
        let mut concluding: Vec<Vec<u32>> = vec![vec![]; given.len()];
        for (index, rule) in (0..).zip(&rules) {
            concluding[rule.head as usize].push(index);
        }
        number_as_met(first, &mut rules, &concluding);
        Graph { given, rules, concluding, goal: first }
    }

    pub(crate) fn problem(&self) -> Problem<'_> {
        Problem { given: self.given.clone(), rules: &self.rules, concluding: &self.concluding }
    }
}

/// Numbers the capabilities as a walk from the goal meets them: things that matter together stand together, as the
/// capabilities against one person do in a policy.
fn number_as_met(first: u32, rules: &mut [Rule], concluding: &[Vec<u32>]) {
    let mut numbers: Vec<Option<u32>> = vec![None; concluding.len()];
    let (mut next, mut stack) = (0, vec![first]);
    while let Some(fact) = stack.pop() {
        for rule in &concluding[fact as usize] {
            for cause in &rules[*rule as usize].body {
                let number = &mut numbers[*cause as usize];
                if number.is_none() && *cause < first {
                    *number = Some(next);
                    next += 1;
                } else if number.is_none() {
                    *number = Some(*cause);
                    stack.push(*cause);
                }
            }
        }
    }
    for number in numbers.iter_mut().take(first as usize).filter(|number| number.is_none()) {
        *number = Some(next);
        next += 1;
    }
    for rule in rules {
        for cause in &mut rule.body {
            *cause = numbers[*cause as usize].unwrap_or(*cause);
        }
        rule.body.sort_unstable();
    }
}

/// Of a hundred parts of rules: facts further down, then facts anywhere; the rest are capabilities.
const UP: u32 = 60;
const ANYWHERE: u32 = UP + 2;

/// Marsaglia's xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 33) % u64::from(end)).unwrap_or_default()
    }
}
