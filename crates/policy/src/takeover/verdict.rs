//! The verdict on a chain or a door: is any way round login easier than login itself?
//!
//! Owns the comparison of section 5 of the design. Does not own the efforts (`capability`).

use std::fmt;

use super::{DoorReading, Takeover};
use crate::model::Risk;

/// How a door, or a whole chain, compares with the login that it goes round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// There is no new way in at all. Free of numbers.
    Contained,
    /// There are new ways in, and none costs less than login.
    NotWeaker,
    /// Some new way in costs less than login; where risk is high, too little more.
    Weaker,
}

/// The new ways that are easier than they may be, beside this login.
pub(crate) fn too_easy<'a>(
    login: &[Takeover],
    ways: &'a [Takeover],
    risk: Risk,
) -> impl Iterator<Item = &'a Takeover> + use<'a> {
    let least = least_effort(login);
    // Where risk is high, as much as login is not enough for one way in, unless it takes two people.
    let is_too_easy = move |way: &&Takeover| match (least, risk) {
        // Nobody can come in by login, so whoever comes in round it comes in too easily.
        (None, _) => true,
        (Some(least), Risk::High) => way.effort < least || way.effort == least && way.other_people() < 2,
        (Some(least), Risk::Normal) => way.effort < least,
    };
    ways.iter().filter(|way| way.new).filter(is_too_easy)
}

impl Verdict {
    pub(super) fn of(login: &[Takeover], ways: &[Takeover], risk: Risk) -> Verdict {
        if !ways.iter().any(|way| way.new) {
            Verdict::Contained
        } else if too_easy(login, ways, risk).next().is_some() {
            Verdict::Weaker
        } else {
            Verdict::NotWeaker
        }
    }

    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Contained => "contained",
            Verdict::NotWeaker => "not-weaker",
            Verdict::Weaker => "weaker",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the weakest new way through a door costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewWays {
    /// There is none.
    Nothing,
    /// The effort of the weakest.
    From(u32),
    /// Each costs more than this: so far are ways listed.
    Above(u32),
}

impl NewWays {
    /// `up_to`: how far the lists of the profile reach ([`super::ProfileReading::up_to`]).
    pub fn of(door: &DoorReading, up_to: Option<u32>) -> NewWays {
        NewWays::among(&door.takeovers, door.verdict, up_to)
    }

    /// The same of any list with its verdict.
    pub fn among(ways: &[Takeover], verdict: Verdict, up_to: Option<u32>) -> NewWays {
        match ways.iter().filter(|way| way.new).map(|way| way.effort).min() {
            Some(least) => NewWays::From(least),
            None if verdict == Verdict::Contained => NewWays::Nothing,
            None => up_to.map_or(NewWays::Nothing, NewWays::Above),
        }
    }

    /// The effort, if it is known.
    pub fn effort(self) -> Option<u32> {
        if let NewWays::From(effort) = self { Some(effort) } else { None }
    }
}

/// `8`, `above 16`, or `none`.
impl fmt::Display for NewWays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NewWays::Nothing => f.write_str("none"),
            NewWays::From(effort) => write!(f, "{effort}"),
            NewWays::Above(effort) => write!(f, "above {effort}"),
        }
    }
}

/// Up to which effort two lists are whole, where each is up to an effort of its own (`None`: to its end).
pub fn whole_up_to(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    one.into_iter().chain(other).min()
}

/// The effort of the weakest ways in; `None` when there is no way.
pub fn least_effort(ways: &[Takeover]) -> Option<u32> {
    ways.iter().map(|way| way.effort).min()
}
