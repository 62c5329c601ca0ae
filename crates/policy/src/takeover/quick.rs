//! The tables that the analysis lives on: numbers for what was seen before, a memory of results, and a quick map.
//!
//! Owns nothing but speed. Keys are numbers made here, never chosen by anybody outside, so a simple hash will do.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Numbers things by their contents: equal contents, equal number. Open addressing; the contents themselves are
/// kept by the caller, who is asked for them.
#[derive(Default)]
pub(super) struct Numbers {
    /// One more than the number; zero where the slot is free. A power of two of them.
    slots: Vec<u32>,
    taken: usize,
}

pub(super) type Contents = (u32, u32, u32);

impl Numbers {
    /// The number of the contents: one that is known already, or `next`, which then counts as known.
    pub(super) fn of(&mut self, wanted: Contents, next: usize, contents: impl Fn(u32) -> Contents) -> u32 {
        if 4 * (self.taken + 1) > 3 * self.slots.len() {
            self.grow(&contents);
        }
        let mask = self.slots.len() - 1;
        let mut at = hash(wanted) & mask;
        loop {
            match self.slots[at].checked_sub(1) {
                None => {
                    // Within u32: every store has a budget of steps far below it.
                    let next = u32::try_from(next).unwrap_or(u32::MAX - 1);
                    self.slots[at] = next + 1;
                    self.taken += 1;
                    return next;
                }
                Some(number) if contents(number) == wanted => return number,
                Some(_) => at = (at + 1) & mask,
            }
        }
    }

    fn grow(&mut self, contents: impl Fn(u32) -> Contents) {
        let size = (2 * self.slots.len()).max(1024);
        let old = std::mem::replace(&mut self.slots, vec![0; size]);
        for slot in old.into_iter().filter(|slot| *slot > 0) {
            let mut at = hash(contents(slot - 1)) & (size - 1);
            while self.slots[at] > 0 {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = slot;
        }
    }
}

/// A map whose keys are a few small numbers.
pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mixer>>;

/// Mixes the numbers that a key is made of, one after the other.
#[derive(Default)]
pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number.cast_unsigned() as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        // The map looks at the lowest bits and at the highest, and the highest are the ones that were mixed.
        self.0 ^ (self.0 >> 32)
    }
}

/// Remembers the results of one operation, as long as there is room: a later result may take the place of an
/// earlier one, which then is computed again if it is ever needed.
#[derive(Default)]
pub(super) struct Memory {
    /// Operands and result. A pair of zeros is no pair of operands that anybody asks about.
    results: Vec<(Contents, u32)>,
    noted: usize,
}

/// Beyond this a memory no longer grows: 64 MB.
const MOST_RESULTS: usize = 1 << 22;

impl Memory {
    /// `most`: the bound under which it was computed.
    pub(super) fn recall(&self, a: u32, b: u32, most: u32) -> Option<u32> {
        let mask = self.results.len().checked_sub(1)?;
        let (known, result) = self.results[hash((most, a, b)) & mask];
        (known == (most, a, b)).then_some(result)
    }

    pub(super) fn note(&mut self, a: u32, b: u32, most: u32, result: u32) {
        self.noted += 1;
        let size = self.results.len();
        if self.noted > size && size < MOST_RESULTS {
            let larger = vec![((0, 0, 0), 0); (4 * size).max(1024)];
            for known in std::mem::replace(&mut self.results, larger) {
                self.place(known);
            }
        }
        self.place(((most, a, b), result));
    }

    fn place(&mut self, known: (Contents, u32)) {
        let (operands, _) = known;
        if (operands.1, operands.2) != (0, 0) {
            let mask = self.results.len() - 1;
            self.results[hash(operands) & mask] = known;
        }
    }
}

fn hash((a, b, c): Contents) -> usize {
    let mixed = (u64::from(b) << 32 | u64::from(c)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29) ^ u64::from(a)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    // The upper half is the well-mixed one, and fits everywhere.
    (mixed >> 32) as usize
}
