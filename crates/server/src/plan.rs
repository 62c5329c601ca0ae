//! What another policy would do to everybody in the directory, without doing it.
//!
//! Owns the counting, by the population that would rule. Does not own the census (`assess`) nor what becomes of one
//! kind of member (`policy::diff`).

use std::collections::BTreeMap;

use policy::diff::{Fate, Policies, Safety, Standing};
use policy::takeover::{Truncated, whole_up_to};

use crate::assess::Census;

/// What becomes of everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// By the population that would rule; `None`: none would, so no door is open.
    pub populations: BTreeMap<Option<String>, Counts>,
    /// The fate of each kind of member, by the number of the census.
    pub fates: Vec<Fate>,
    /// How many analyses that took.
    pub readings: usize,
    /// Ways that cost more were too many to list for some members, and count for nothing; `None`: all ways count.
    pub up_to: Option<u32>,
}

/// How many members of a population meet which fate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub members: u64,
    /// Of these, those whom another population rules today, by its name.
    pub from: BTreeMap<Option<String>, u64>,
    /// They hold nothing yet.
    pub not_enrolled: u64,
    /// They sign in with what they hold.
    pub sign_in: u64,
    /// They could sign in and cannot any more, or could not before either: what they would have to add.
    pub must_add: BTreeMap<Vec<String>, u64>,
    /// Of those who must add something: they could sign in before.
    pub lose_sign_in: u64,
    /// They are locked out by the change.
    pub locked_out: u64,
    /// They are locked out already and stay so.
    pub still_locked_out: u64,
    /// Their account becomes easier to take.
    pub easier: u64,
    /// It becomes harder to take.
    pub harder: u64,
}

impl Plan {
    /// Follows every kind of member of a census.
    pub fn of(census: &Census, policies: &Policies<'_>) -> Result<Plan, Truncated> {
        let mut fates = policies.fates();
        let mut plan = Plan::default();
        for (_, holding, count) in census.kinds() {
            let enrolled = !holding.authenticators.is_empty();
            let fate = fates.of(enrolled, |model, ranking| holding.profile(model, ranking))?;
            plan.up_to = whole_up_to(plan.up_to, fate.up_to);
            plan.populations.entry(fate.to.clone()).or_default().add(&fate, count);
            plan.fates.push(fate);
        }
        plan.readings = fates.readings();
        Ok(plan)
    }

    /// The sum over all populations.
    pub fn total(&self, count: impl Fn(&Counts) -> u64) -> u64 {
        self.populations.values().map(count).sum()
    }
}

impl Counts {
    fn add(&mut self, fate: &Fate, count: u64) {
        self.members += count;
        if fate.from != fate.to {
            *self.from.entry(fate.from.clone()).or_default() += count;
        }
        match (fate.before, fate.after) {
            (_, Standing::NotEnrolled) => self.not_enrolled += count,
            (_, Standing::SignsIn) => self.sign_in += count,
            (Standing::LockedOut, Standing::LockedOut) => self.still_locked_out += count,
            (_, Standing::LockedOut) => self.locked_out += count,
            (_, Standing::Recovers) => {}
        }
        if !fate.lacks.is_empty() {
            *self.must_add.entry(fate.lacks.clone()).or_default() += count;
            self.lose_sign_in += if fate.before == Standing::SignsIn { count } else { 0 };
        }
        match fate.safety {
            Safety::Easier => self.easier += count,
            Safety::Same => {}
            Safety::Harder => self.harder += count,
        }
    }

    /// Everybody who would have to add something before signing in.
    pub fn all_who_must_add(&self) -> u64 {
        self.must_add.values().sum()
    }
}
