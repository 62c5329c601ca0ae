//! Sets as numbers of 128 bits, in lists: which of them contain which.
//!
//! Owns the comparison of lists. Does not own what a bit stands for (`plain`).

pub(super) type Set = u128;

/// The bits of a set, ascending.
pub(super) fn bits(mut set: Set) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(lowest)
    })
}

/// Up to so many sets are compared one by one.
const SHORT: usize = 256;

/// Drops the sets that contain another.
pub(super) fn keep_minimal(sets: &mut Vec<Set>) {
    // A part of a set is a smaller number.
    sets.sort_unstable();
    if sets.len() > SHORT {
        sets.dedup();
        let mut columns = Columns::of(sets);
        for (at, set) in sets.iter().enumerate() {
            if columns.is_left(at) {
                columns.drop_containing(*set);
                columns.left[at / 64] |= 1 << (at % 64);
            }
        }
        columns.keep_left(sets);
        return;
    }
    let mut kept = 0;
    for at in 0..sets.len() {
        let set = sets[at];
        if !sets[..kept].iter().any(|part| part & !set == 0) {
            sets[kept] = set;
            kept += 1;
        }
    }
    sets.truncate(kept);
}

/// Drops those of the sets that contain one of the parts.
pub(super) fn drop_containing(sets: &mut Vec<Set>, parts: &[Set]) {
    if sets.len().min(parts.len()) <= SHORT {
        sets.retain(|set| !parts.iter().any(|part| part & !set == 0));
        return;
    }
    let mut columns = Columns::of(sets);
    for part in parts {
        columns.drop_containing(*part);
    }
    columns.keep_left(sets);
}

/// A list of sets turned round: for each bit those that hold it, 64 to a word. So all that contain a set are found at once.
struct Columns {
    holding: Vec<u64>,
    left: Vec<u64>,
    containing: Vec<u64>,
}

impl Columns {
    fn of(sets: &[Set]) -> Columns {
        let words = sets.len().div_ceil(64);
        let mut holding = vec![0; words * Set::BITS as usize];
        for (at, set) in sets.iter().enumerate() {
            for bit in bits(*set) {
                holding[bit * words + at / 64] |= 1 << (at % 64);
            }
        }
        Columns { holding, left: vec![u64::MAX; words], containing: vec![0; words] }
    }

    fn drop_containing(&mut self, part: Set) {
        self.containing.fill(u64::MAX);
        for bit in bits(part) {
            let holding = &self.holding[bit * self.left.len()..];
            for (containing, holding) in self.containing.iter_mut().zip(holding) {
                *containing &= holding;
            }
        }
        for (left, containing) in self.left.iter_mut().zip(&self.containing) {
            *left &= !containing;
        }
    }

    fn is_left(&self, at: usize) -> bool {
        self.left[at / 64] >> (at % 64) & 1 == 1
    }

    fn keep_left(&self, sets: &mut Vec<Set>) {
        let mut at = 0..;
        sets.retain(|_| at.next().is_some_and(|at| self.is_left(at)));
    }
}

/// What it costs to compare lists of that length, in comparisons of two sets.
pub(super) fn comparisons(sets: usize, parts: usize) -> usize {
    let all = sets.saturating_mul(parts);
    if sets.min(parts) > SHORT { all / 16 } else { all }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn contains_one(set: Set, parts: &[Set]) -> bool {
        parts.iter().any(|part| part & !set == 0)
    }

    /// Short lists and long ones.
    fn sets() -> impl Strategy<Value = Vec<Set>> {
        let part = || 0..9_u32;
        let set = (part(), part(), part(), 120..128_u32)
            .prop_map(|(a, b, c, d)| 1 << a | 1 << (b + 60) | 1 << (c + 30) | 1 << d);
        proptest::collection::vec(set, 0..1500)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn long_lists_are_compared_like_short_ones(mut sets in sets(), parts in sets()) {
            let parts: Vec<Set> = parts.into_iter().map(|part| part & (Set::MAX >> 8)).collect();
            let mut kept = sets.clone();
            drop_containing(&mut kept, &parts);
            let wanted: Vec<Set> = sets.iter().copied().filter(|set| !contains_one(*set, &parts)).collect();
            prop_assert_eq!(kept, wanted);

            sets.extend(parts);
            let mut minimal = sets.clone();
            keep_minimal(&mut minimal);
            sets.sort_unstable();
            sets.dedup();
            let smaller = |set: &Set| sets.iter().any(|other| other != set && other & !set == 0);
            let wanted: Vec<Set> = sets.iter().copied().filter(|set| !smaller(set)).collect();
            prop_assert_eq!(minimal, wanted);
        }
    }
}
