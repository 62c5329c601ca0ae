//! What a change of policy does to members by what they really hold: who cannot sign in any more and what they would
//! have to add, who is locked out, whose account becomes easier to take.
//!
//! Each kind of member is read once under each policy. Does not own who the members are (that is for whoever has them).

use std::collections::BTreeMap;

use super::cover::{Listed, uncovered};
use super::side::Side;
use super::{Judged, Way, written};
use crate::enforced::Ranking;
use crate::model::{AuthenticatorIx, Model, PopulationIx, Requirement, Term};
use crate::profile::{Memo, Profile};
use crate::runtime;
use crate::takeover::{Goal, Takeover, Truncated, least_effort, whole_up_to};

/// Two policies under one attacker, to ask about members.
pub struct Policies<'c> {
    before: Side<'c>,
    after: Side<'c>,
}

/// The answers: remembered, so that a million members cost as much as their kinds.
pub struct Fates<'p> {
    before: Asked<'p>,
    after: Asked<'p>,
    /// The populations whose ways in follow from the same rules in both, as far as that was asked.
    alike: BTreeMap<PopulationIx, bool>,
}

struct Asked<'p> {
    side: &'p Side<'p>,
    memo: Memo<'p>,
}

/// What becomes of members who hold the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// Whose chain ruled them; `None`: nobody's, so they had no door.
    pub from: Option<String>,
    /// Whose chain rules them now.
    pub to: Option<String>,
    pub before: Standing,
    pub after: Standing,
    /// What they lack for the way to sign in that asks for least; empty unless they have something and cannot sign
    /// in with it.
    pub lacks: Vec<String>,
    pub safety: Safety,
    /// The weakest way into their account, before its owner has enrolled the one by invitation; none where there is
    /// no way.
    pub weakest: (Option<Way>, Option<Way>),
    /// What the safety speaks of: the easiest way that is new, or else the easiest that is gone.
    pub changed: Option<Way>,
    /// As in [`super::Diff::up_to`].
    pub up_to: Option<u32>,
}

/// How far members get by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// They hold nothing at all yet: the enrol door is theirs. Who holds only what a policy does not know is locked
    /// out by it or must recover, and has not become new.
    NotEnrolled,
    /// They sign in with what they hold.
    SignsIn,
    /// They cannot, and a recover door is open to them.
    Recovers,
    /// Neither.
    LockedOut,
}

/// What a change means for the safety of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// Some way to take it is not covered by an earlier one.
    Easier,
    /// The same, or there is nothing to take.
    Same,
    /// Some way is gone, and none is new.
    Harder,
}

impl<'c> Policies<'c> {
    /// The policy as it is, and as it would be.
    pub fn new(before: Judged<'c>, after: Judged<'c>) -> Result<Policies<'c>, Truncated> {
        let (before, after) = Side::both(before, after)?;
        Ok(Policies { before, after })
    }

    /// Nobody is known yet.
    pub fn fates(&self) -> Fates<'_> {
        let asked = |side| Asked { side, memo: Memo::new(model(side)) };
        Fates { before: asked(&self.before), after: asked(&self.after), alike: BTreeMap::new() }
    }
}

fn model<'p>(side: &'p Side<'_>) -> &'p Model {
    &side.model
}

impl Fates<'_> {
    /// What becomes of members whom `profile` describes, given a policy's names and who rules whom. `enrolled`: they
    /// hold some authenticator, whether or not a policy knows it.
    pub fn of(
        &mut self,
        enrolled: bool,
        profile: impl Fn(&Model, &Ranking) -> Option<Profile>,
    ) -> Result<Fate, Truncated> {
        let old = profile(&self.before.side.model, self.before.side.ranking());
        let new = profile(&self.after.side.model, self.after.side.ranking());
        let (before, old_reading) = self.before.standing(enrolled, old.as_ref())?;
        let (after, new_reading) = self.after.standing(enrolled, new.as_ref())?;
        let (old_ways, new_ways) = (old_reading.listed(), new_reading.listed());
        let lacks = match (&new, after) {
            (Some(new), Standing::Recovers | Standing::LockedOut) => {
                lacking(&self.after.side.model, new.population(), new.holds())?
            }
            _ => vec![],
        };
        let up_to = whole_up_to(old_ways.up_to, new_ways.up_to);
        let up_to = up_to.filter(|_| !self.is_alike(old.as_ref(), new.as_ref()));
        let (safety, changed) = safety((before, old_ways), (after, new_ways))?;
        // A way that is gone went through the earlier chain.
        let (side, through) = match safety {
            Safety::Easier => (&self.after, new.as_ref()),
            Safety::Same | Safety::Harder => (&self.before, old.as_ref()),
        };
        let changed = side.weakest(through, changed.as_slice());
        Ok(Fate {
            from: self.before.ruler(old.as_ref()),
            to: self.after.ruler(new.as_ref()),
            before,
            after,
            lacks,
            safety,
            changed,
            weakest: (
                self.before.weakest(old.as_ref(), old_ways.ways),
                self.after.weakest(new.as_ref(), new_ways.ways),
            ),
            up_to,
        })
    }

    /// Do the ways into their accounts follow from the same rules in both policies?
    fn is_alike(&mut self, old: Option<&Profile>, new: Option<&Profile>) -> bool {
        let populations = old.zip(new).map(|(old, new)| (old.population(), new.population()));
        let Some((population, _)) = populations.filter(|(old, new)| old == new) else { return false };
        let (before, after) = (self.before.side, self.after.side);
        let ask = || before.is_alike(after, Some(population), Goal::Account);
        *self.alike.entry(population).or_insert_with(ask)
    }

    /// How many analyses were made.
    pub fn readings(&self) -> usize {
        self.before.memo.len() + self.after.memo.len()
    }
}

impl Asked<'_> {
    fn ruler(&self, profile: Option<&Profile>) -> Option<String> {
        profile.map(|profile| self.side.model[profile.population()].name.clone())
    }

    fn weakest(&self, profile: Option<&Profile>, ways: &[Takeover]) -> Option<Way> {
        let least = least_effort(ways)?;
        let way = ways.iter().find(|way| way.effort == least)?;
        Some(written(way, &self.side.model[profile?.population()]))
    }

    /// How far they get, and the ways to take what they have: an account, or one that waits for its owner.
    fn standing(&mut self, enrolled: bool, profile: Option<&Profile>) -> Result<(Standing, Ways), Truncated> {
        let Some(profile) = profile else { return Ok((Standing::LockedOut, Ways::default())) };
        if !enrolled {
            // An invitation goes to an address before that is confirmed, so what reaches them by now is no measure.
            let everything = self.side.reading(profile.population()).everything().ok_or(Truncated)?;
            let ways = Ways { all: everything.enrolment.clone(), up_to: everything.up_to };
            return Ok((Standing::NotEnrolled, ways));
        }
        let login = &self.side.model[profile.population()].login.require;
        let reading = self.memo.reading(profile)?;
        let standing = if signs_in(login, profile.holds()) {
            Standing::SignsIn
        } else if reading.lockout.iter().any(Vec::is_empty) {
            Standing::LockedOut
        } else {
            Standing::Recovers
        };
        Ok((standing, Ways { all: reading.any.clone(), up_to: reading.up_to }))
    }
}

/// The ways to take what somebody has, as far as they are listed.
#[derive(Default)]
struct Ways {
    all: Vec<Takeover>,
    up_to: Option<u32>,
}

impl Ways {
    fn listed(&self) -> Listed<'_> {
        Listed { ways: &self.all, up_to: self.up_to }
    }
}

fn signs_in(login: &Requirement, holds: &[AuthenticatorIx]) -> bool {
    runtime::is_satisfied(
        login,
        &mut |term| matches!(term, Term::Authenticator(held) if holds.contains(held)),
    )
}

/// What is missing for the way to sign in that lacks least; of equals the first in the order of the names.
fn lacking(
    model: &Model,
    population: PopulationIx,
    holds: &[AuthenticatorIx],
) -> Result<Vec<String>, Truncated> {
    let ways = runtime::alternatives_within(&model[population].login.require, 512).ok_or(Truncated)?;
    let missing = |way: &Vec<Term>| -> Vec<String> {
        let mut names: Vec<String> = way
            .iter()
            .filter_map(|term| if let Term::Authenticator(name) = term { Some(*name) } else { None })
            .filter(|name| !holds.contains(name))
            .map(|name| model[name].name.clone())
            .collect();
        names.sort();
        names
    };
    Ok(ways.iter().map(missing).min_by_key(|names| (names.len(), names.clone())).unwrap_or_default())
}

/// Who could not be reached before is no measure, and who cannot sign in any more has nothing to lose by it: then
/// the ways round login count alone. Of accounts that wait for their owner, all ways count.
fn safety(
    (before, old): (Standing, Listed<'_>),
    (after, new): (Standing, Listed<'_>),
) -> Result<(Safety, Option<Takeover>), Truncated> {
    let round = |listed: Listed<'_>, all: bool| -> Vec<Takeover> {
        listed.ways.iter().filter(|way| all || way.new).cloned().collect()
    };
    let all = |standing| matches!(standing, Standing::SignsIn | Standing::NotEnrolled);
    let easiest = |some: &[Takeover], others: Listed<'_>| -> Result<Option<Takeover>, Truncated> {
        let some = Listed { ways: some, up_to: None };
        Ok(uncovered(some, others)?.into_iter().min_by_key(|way| way.effort).cloned())
    };
    if let Some(new) = easiest(&round(new, all(before)), old)? {
        return Ok((Safety::Easier, Some(new)));
    }
    let gone = easiest(&round(old, all(after)), new)?;
    Ok((if gone.is_some() { Safety::Harder } else { Safety::Same }, gone))
}
