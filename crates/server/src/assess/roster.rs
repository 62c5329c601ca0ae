//! The ids of everybody, each with a number: members are counted by the million, and a number is an index.
//!
//! Owns finding the number of an id again. Rows of several tables tend to come in the order in which members did, so
//! the next in line is looked at first; whoever is not there is looked up by a hash. What is found is always compared
//! with the id itself.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

/// Everybody, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// All ids, one behind the other: a million small texts would cost more to free than to read.
    text: String,
    ends: Vec<usize>,
    /// By the hash of the id.
    numbers: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
    /// Those few whose hash somebody else has.
    others: HashMap<Box<str>, u32>,
    hasher: RandomState,
    /// Who was found last.
    last: usize,
}

impl Roster {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One more; an id is added once.
    pub(super) fn add(&mut self, id: &str) {
        let number = super::small(self.len());
        self.text.push_str(id);
        self.ends.push(self.text.len());
        let first = *self.numbers.entry(self.hasher.hash_one(id)).or_insert(number);
        if first != number {
            self.others.insert(id.into(), number);
        }
    }

    /// The number of an id, from 0; `None`: nobody has it.
    pub(super) fn number(&self, id: &str) -> Option<usize> {
        let first = *self.numbers.get(&self.hasher.hash_one(id))?;
        let is_it = self.id(first as usize) == Some(id);
        let number = if is_it { Some(first) } else { self.others.get(id).copied() };
        number.map(|number| number as usize)
    }

    /// The same for somebody who is likely to stand beside whoever was found last.
    pub(super) fn near(&mut self, id: &str) -> Option<usize> {
        let near = [self.last, self.last + 1].into_iter().find(|number| self.id(*number) == Some(id));
        let found = near.or_else(|| self.number(id))?;
        self.last = found;
        Some(found)
    }

    /// Every id, by number.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|number| self.id(number))
    }

    fn id(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)?;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        self.text.get(start..end)
    }
}

/// What is a hash already, or a small number of our own, is spread and not hashed again.
#[derive(Debug, Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        // Fibonacci hashing; the rotation brings the well-mixed high bits to where a table looks first.
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number.cast_unsigned() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_found_in_any_order_and_nobody_else() {
        let mut roster = Roster::default();
        let id = |number: usize| format!("member-{number}");
        (0..1000).for_each(|number| roster.add(&id(number)));
        for number in [0, 1, 2, 999, 500, 501, 0, 998] {
            assert_eq!(roster.near(&id(number)), Some(number));
            assert_eq!(roster.number(&id(number)), Some(number));
        }
        assert_eq!(roster.near("member-1000"), None);
        assert_eq!(roster.near(""), None);
        assert_eq!(roster.ids().nth(7), Some("member-7"));
    }

    #[test]
    fn who_shares_a_hash_is_told_apart() {
        let mut roster = Roster::default();
        roster.add("one");
        // As if both had one hash: the second stands among the others.
        let hash = roster.hasher.hash_one("two");
        roster.numbers.insert(hash, 0);
        roster.add("two");
        assert_eq!((roster.number("one"), roster.number("two")), (Some(0), Some(1)));
    }
}
