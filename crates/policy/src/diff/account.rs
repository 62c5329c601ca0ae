//! What a change does to accounts: who takes them, by what effort, and which losses lock their owners out.
//!
//! Compared are the members who hold everything, and those who hold just enough for one or more ways to sign in.
//! Whoever can sign in under one of the policies only is compared by the ways round login: that they sign in at all
//! is no hole, and that they no longer do is none either.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::chain::Pair;
use super::cover::{Listed, uncovered};
use super::{Aspect, Changes, Effect, Holding, Value, way};
use crate::takeover::{Goal, ProfileReading, Takeover, Truncated, Verdict, least_effort};

/// Members who hold the same, under both policies.
struct Members<'a> {
    holding: Holding,
    before: Cow<'a, ProfileReading>,
    after: Cow<'a, ProfileReading>,
    /// Under which of the two they can sign in; everything can under both.
    signs_in: (bool, bool),
}

pub(super) fn compare(pair: &Pair<'_, '_>, changes: &mut Changes) -> Result<(), Truncated> {
    let members = members(pair)?;
    ways_in(pair, &members, changes)?;
    ways_to_enrol(pair, &members, changes)?;
    weakest(pair, &members, changes);
    verdicts(pair, &members, changes);
    lockouts(pair, &members, changes);
    Ok(())
}

fn members<'p>(pair: &'p Pair<'_, '_>) -> Result<Vec<Members<'p>>, Truncated> {
    let (old, new) = (pair.before.reading(pair.old), pair.after.reading(pair.new));
    let (Some(all_old), Some(all_new)) = (old.everything(), new.everything()) else { return Err(Truncated) };
    let mut just: BTreeMap<Vec<String>, (Option<&ProfileReading>, Option<&ProfileReading>)> = BTreeMap::new();
    for profile in &old.profiles {
        just.entry(pair.before.names(&profile.holds)).or_default().0 = Some(profile);
    }
    for profile in &new.profiles {
        just.entry(pair.after.names(&profile.holds)).or_default().1 = Some(profile);
    }
    // What everything is may have changed. Where it has not, it is compared once, as everything.
    let everything = pair.before.names(&all_old.holds);
    if everything == pair.after.names(&all_new.holds) {
        just.remove(&everything);
    }
    let mut members = vec![];
    for (names, (before, after)) in just {
        members.push(Members {
            before: match before {
                Some(reading) => Cow::Borrowed(reading),
                None => Cow::Owned(pair.before.held(pair.old, &names)?),
            },
            after: match after {
                Some(reading) => Cow::Borrowed(reading),
                None => Cow::Owned(pair.after.held(pair.new, &names)?),
            },
            signs_in: (pair.before.signs_in(pair.old, &names), pair.after.signs_in(pair.new, &names)),
            holding: Holding::Just(names),
        });
    }
    members.push(Members {
        holding: Holding::Everything,
        before: Cow::Borrowed(all_old),
        after: Cow::Borrowed(all_new),
        signs_in: (true, true),
    });
    Ok(members)
}

/// Values, each with all to whom it applies.
type ByWhom = Vec<(Vec<Holding>, Value)>;

/// Each way that was not covered before, or is not any more, with those to whom it matters.
fn ways_in(pair: &Pair<'_, '_>, members: &[Members<'_>], changes: &mut Changes) -> Result<(), Truncated> {
    let (mut gone, mut new) = (ByWhom::new(), ByWhom::new());
    // Everything first: it is what most readers mean.
    for members in members.iter().rev() {
        let round = |ways: &[Takeover], all: bool| -> Vec<Takeover> {
            ways.iter().filter(|way| all || way.new).cloned().collect()
        };
        let (before, after) = (&members.before.any, &members.after.any);
        let (old, new_ways) = (round(before, members.signs_in.1), round(after, members.signs_in.0));
        for takeover in uncovered(listed(&new_ways, &members.after), listed(before, &members.before))? {
            add(&mut new, &members.holding, way(takeover, pair.ruled_after()));
        }
        for takeover in uncovered(listed(&old, &members.before), listed(after, &members.after))? {
            add(&mut gone, &members.holding, way(takeover, pair.ruled_before()));
        }
    }
    let up_to =
        members.iter().flat_map(|members| [members.before.up_to, members.after.up_to]).flatten().min();
    let population = (pair.old == pair.new).then_some(pair.old);
    if up_to.is_some() && !pair.before.is_alike(pair.after, population, Goal::Account) {
        changes.left_out(up_to);
    }
    for (holdings, way) in new {
        changes.push(&pair.subject, Aspect::WayIn(holdings), Effect::Weakens, None, Some(way));
    }
    for (holdings, way) in gone {
        changes.push(&pair.subject, Aspect::WayIn(holdings), Effect::Strengthens, Some(way), None);
    }
    Ok(())
}

/// Ways of a reading.
fn listed<'t>(ways: &'t [Takeover], of: &ProfileReading) -> Listed<'t> {
    Listed { ways, up_to: of.up_to }
}

/// One value, and all to whom it applies. The doors of a way may differ by what is held; those of the first count.
fn add(list: &mut ByWhom, holding: &Holding, value: Value) {
    let is_same = |known: &Value| match (known, &value) {
        (Value::Way(known), Value::Way(value)) => known.capabilities == value.capabilities,
        (known, value) => known == value,
    };
    match list.iter_mut().find(|(_, known)| is_same(known)) {
        Some((holdings, _)) => holdings.push(holding.clone()),
        None => list.push((vec![holding.clone()], value)),
    }
}

/// The invitation does not depend on what is held later.
fn ways_to_enrol(
    pair: &Pair<'_, '_>,
    members: &[Members<'_>],
    changes: &mut Changes,
) -> Result<(), Truncated> {
    let Some(all) = members.last() else { return Ok(()) };
    let (before, after) = (&all.before.enrolment, &all.after.enrolment);
    let (before, after) = (listed(before, &all.before), listed(after, &all.after));
    for takeover in uncovered(after, before)? {
        let way = Some(way(takeover, pair.ruled_after()));
        changes.push(&pair.subject, Aspect::WayToEnrol, Effect::Weakens, None, way);
    }
    for takeover in uncovered(before, after)? {
        let way = Some(way(takeover, pair.ruled_before()));
        changes.push(&pair.subject, Aspect::WayToEnrol, Effect::Strengthens, way, None);
    }
    Ok(())
}

/// The least effort over all that members may hold, which is that of those who hold everything. It follows from the
/// ways, so it has no effect beyond theirs.
fn weakest(pair: &Pair<'_, '_>, members: &[Members<'_>], changes: &mut Changes) {
    let Some(all) = members.last() else { return };
    let (before, after) = (&all.before.any, &all.after.any);
    let (old, new) = (least_effort(before), least_effort(after));
    if old == new {
        return;
    }
    // No way at all is the most effort of all.
    let effort = |effort: Option<u32>| effort.unwrap_or(u32::MAX);
    let effect = Effect::of(&effort(old), &effort(new));
    let first = |ways: &[Takeover], least, population| {
        ways.iter().find(|way| Some(way.effort) == least).map(|takeover| way(takeover, population))
    };
    let (old, new) = (first(before, old, pair.ruled_before()), first(after, new, pair.ruled_after()));
    changes.push(&pair.subject, Aspect::WeakestWay, effect, old, new);
}

/// A verdict compares a chain with its own login, so a better login alone can make it worse: it is told, and left
/// without an effect.
fn verdicts(pair: &Pair<'_, '_>, members: &[Members<'_>], changes: &mut Changes) {
    let name = |verdict: Verdict| Some(verdict.name().to_owned());
    for members in members.iter().filter(|members| members.signs_in == (true, true)) {
        let aspect = Aspect::Verdict(members.holding.clone());
        let (before, after) = (members.before.verdict, members.after.verdict);
        changes.words(&pair.subject, aspect, Effect::Changes, name(before), name(after));
    }
    let Some(all) = members.last() else { return };
    for new in &all.after.doors {
        let door = new.name.written(pair.ruled_after());
        let is_same = |old: &&crate::takeover::DoorReading| old.name.written(pair.ruled_before()) == door;
        let Some(old) = all.before.doors.iter().find(is_same) else { continue };
        let aspect = Aspect::DoorVerdict(door.clone());
        changes.words(&pair.subject, aspect, Effect::Changes, name(old.verdict), name(new.verdict));
        if let (Some(old), Some(new)) = (&old.conformance, &new.conformance)
            && old.conformant != new.conformant
        {
            let words =
                |conformant: bool| if conformant { "conforms" } else { "does not conform" }.to_owned();
            let aspect = Aspect::Conformance(door);
            let (old, new) = (Some(words(old.conformant)), Some(words(new.conformant)));
            changes.words(&pair.subject, aspect, Effect::Changes, old, new);
        }
    }
}

fn lockouts(pair: &Pair<'_, '_>, members: &[Members<'_>], changes: &mut Changes) {
    let (mut no_longer, mut newly) = (ByWhom::new(), ByWhom::new());
    for members in members.iter().rev() {
        let (before, after) = (written(&members.before), written(&members.after));
        if members.signs_in != (true, true) {
            let of = |signs_in: bool, reading: &ProfileReading| Some(standing(signs_in, reading));
            let old = of(members.signs_in.0, &members.before);
            let new = of(members.signs_in.1, &members.after);
            let effect = if members.signs_in.0 { Effect::ShutsOut } else { Effect::Eases };
            let aspect = Aspect::Standing(members.holding.clone());
            changes.words(&pair.subject, aspect, effect, old, new);
            continue;
        }
        for losses in after.iter().filter(|losses| !is_covered(losses, &before)) {
            add(&mut newly, &members.holding, Value::Losses(losses.clone()));
        }
        for losses in before.iter().filter(|losses| !is_covered(losses, &after)) {
            add(&mut no_longer, &members.holding, Value::Losses(losses.clone()));
        }
    }
    for (holdings, losses) in newly {
        changes.push(&pair.subject, Aspect::Lockout(holdings), Effect::ShutsOut, None, Some(losses));
    }
    for (holdings, losses) in no_longer {
        changes.push(&pair.subject, Aspect::Lockout(holdings), Effect::Eases, Some(losses), None);
    }
}

fn written(reading: &ProfileReading) -> Vec<Vec<String>> {
    reading.lockout.iter().map(|losses| losses.iter().map(ToString::to_string).collect()).collect()
}

/// Did fewer losses do it already?
fn is_covered(losses: &[String], by: &[Vec<String>]) -> bool {
    by.iter().any(|fewer| fewer.iter().all(|loss| losses.contains(loss)))
}

/// How far they get with what they hold.
fn standing(signs_in: bool, reading: &ProfileReading) -> String {
    let is_locked_out = reading.lockout.iter().any(Vec::is_empty);
    match (signs_in, is_locked_out) {
        (true, _) => "signs in",
        (false, false) => "must recover",
        (false, true) => "is locked out",
    }
    .to_owned()
}
