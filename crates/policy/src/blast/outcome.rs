//! How far something fell.
//!
//! Owns the comparison of the ways in before and after. Does not own how they are found (`takeover`).

use std::collections::HashSet;

use crate::takeover::{Capability, Takeover, least_effort};

/// The ways in before and after.
#[derive(Clone, Debug)]
pub struct Fall {
    /// The minimal takeovers as things stand.
    pub before: Vec<Takeover>,
    /// The minimal sets of what must still be done.
    pub after: Vec<Takeover>,
    /// The effort of the weakest way in before and after; `None`: none is listed.
    pub efforts: (Option<u32>, Option<u32>),
    /// Ways are listed up to this effort; `None`: all are.
    pub up_to: Option<u32>,
}

/// How the weakest way in changed, in effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakest {
    /// It takes less than it did.
    Easier {
        /// What it took.
        before: u32,
        /// What it takes.
        after: u32,
    },
    /// It takes what it took.
    Same(u32),
    /// There is one now.
    New {
        /// What it takes.
        effort: u32,
        /// There was none of at most this effort; `None`: there was none at all.
        none_up_to: Option<u32>,
    },
    /// None is listed.
    Unlisted,
}

/// What became of it, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every way in takes what it took.
    Untouched,
    /// So many more pieces are needed, at least, where more were needed before.
    Left(usize),
    /// Taken by what fell alone.
    Falls,
}

impl Outcome {
    /// How bad it is.
    fn badness(self) -> (u8, std::cmp::Reverse<usize>) {
        match self {
            Outcome::Untouched => (0, std::cmp::Reverse(0)),
            Outcome::Left(pieces) => (1, std::cmp::Reverse(pieces)),
            Outcome::Falls => (2, std::cmp::Reverse(0)),
        }
    }

    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Untouched => "untouched",
            Outcome::Left(_) => "left",
            Outcome::Falls => "falls",
        }
    }
}

impl Ord for Outcome {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.badness().cmp(&other.badness())
    }
}

impl PartialOrd for Outcome {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Fall {
    /// Ways are compared up to an effort only (`None`: all are), the weakest ones whatever they cost.
    pub(super) fn of(before: &[Takeover], after: &[Takeover], up_to: Option<u32>) -> Fall {
        let most = up_to.unwrap_or(u32::MAX);
        let cheap = |ways: &[Takeover]| ways.iter().filter(|way| way.effort <= most).cloned().collect();
        Fall {
            before: cheap(before),
            after: cheap(after),
            efforts: (least_effort(before), least_effort(after)),
            up_to,
        }
    }

    /// How the weakest way in changed.
    pub fn weakest(&self) -> Weakest {
        match self.efforts {
            (Some(before), Some(after)) if after < before => Weakest::Easier { before, after },
            (Some(before), _) => Weakest::Same(before),
            (None, Some(effort)) => Weakest::New { effort, none_up_to: self.up_to },
            (None, None) => Weakest::Unlisted,
        }
    }

    /// What became of it.
    pub fn outcome(&self) -> Outcome {
        match self.left().first().map(|way| way.capabilities.len()) {
            None => Outcome::Untouched,
            Some(0) => Outcome::Falls,
            Some(pieces) => Outcome::Left(pieces),
        }
    }

    /// Of the ways that what fell made shorter, those with the fewest pieces left, the least effort first. A way that
    /// takes the same as before is none of them, however short it is.
    pub fn left(&self) -> Vec<&Takeover> {
        let before: HashSet<&[Capability]> =
            self.before.iter().map(|way| way.capabilities.as_slice()).collect();
        let shorter = || self.after.iter().filter(|way| !before.contains(way.capabilities.as_slice()));
        let fewest = shorter().map(|way| way.capabilities.len()).min();
        let mut left: Vec<&Takeover> =
            shorter().filter(|way| Some(way.capabilities.len()) == fewest).collect();
        left.sort_by_key(|way| way.effort);
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_there_was_no_way_in_is_said_as_far_as_ways_are_listed() {
        let way = Takeover { capabilities: vec![], effort: 9, doors: vec![], new: false };
        for none_up_to in [None, Some(24)] {
            let fall = Fall::of(&[], std::slice::from_ref(&way), none_up_to);
            assert_eq!(fall.weakest(), Weakest::New { effort: 9, none_up_to });
        }
    }
}
