//! The doors of two chains: what they require, what they bind, and how long the owner has to object.
//!
//! Owns when a door weakens by being new, under whatever name: a wait that somebody can go round at another door
//! protects nobody. Does not own which chains are compared (`chain`) nor what the doors are worth (`account`).

use std::time::Duration;

use super::chain::Pair;
use super::side::Side;
use super::{Aspect, Changes, Effect, Value};
use crate::factor::{Aal, FactorKind};
use crate::mend::written::{duration, requirement};
use crate::model::{Bindable, ChannelKind, Door, Model, Population, Requirement, Term};
use crate::runtime;
use crate::takeover::Truncated;

/// More ways to open one door than this are not listed.
const MOST_WAYS: usize = 512;

/// A door besides login, by its name.
type Named<'m> = (String, &'m Door);

/// One chain: its policy and its doors.
#[derive(Clone, Copy)]
struct Chain<'a> {
    side: &'a Side<'a>,
    doors: &'a [Named<'a>],
}

pub(super) fn compare(pair: &Pair<'_, '_>, changes: &mut Changes) -> Result<(), Truncated> {
    let (before, after) = (doors(pair.ruled_before()), doors(pair.ruled_after()));
    for (name, new) in &after {
        if let Some((_, old)) = before.iter().find(|(other, _)| other == name) {
            same(pair, name, old, new, changes)?;
        } else {
            let required = Some(requirement(&pair.after.model, &new.require));
            changes.words(&pair.subject, Aspect::Door(name.clone()), Effect::Changes, None, required);
        }
    }
    for (name, old) in before.iter().filter(|(name, _)| after.iter().all(|(other, _)| other != name)) {
        let required = Some(requirement(&pair.before.model, &old.require));
        changes.words(&pair.subject, Aspect::Door(name.clone()), Effect::Changes, required, None);
    }
    let before = Chain { side: pair.before, doors: &before };
    let after = Chain { side: pair.after, doors: &after };
    for new in hastier(before, after)? {
        let wait = Aspect::Limit { of: new.door.clone(), name: "wait" };
        if let Some(usual) = new.usual {
            let (usual, own) = (Some(duration(usual)), new.own.map(duration));
            changes.words(&pair.subject, wait, Effect::Weakens, usual, own);
        }
        for channel in new.untold {
            let channel = Some(Value::Words(channel));
            changes.push(&pair.subject, Aspect::Notice(new.door.clone()), Effect::Weakens, channel, None);
        }
    }
    for gone in hastier(after, before)? {
        let wait = Aspect::Limit { of: gone.door.clone(), name: "wait" };
        if let Some(usual) = gone.usual {
            let (usual, own) = (Some(duration(usual)), gone.own.map(duration));
            changes.words(&pair.subject, wait, Effect::Strengthens, own, usual);
        }
        for channel in gone.untold {
            let channel = Some(Value::Words(channel));
            changes.push(
                &pair.subject,
                Aspect::Notice(gone.door.clone()),
                Effect::Strengthens,
                None,
                channel,
            );
        }
    }
    Ok(())
}

/// The doors besides login, by name, in the order of the chain.
fn doors(population: &Population) -> Vec<Named<'_>> {
    let enrol = population.enrol.iter().map(|enrol| ("enrol".to_owned(), &enrol.door));
    let bind = population.bind.iter().map(|door| ("bind".to_owned(), door));
    let recover = population.recover.iter().map(|door| (format!("recover.{}", door.name), &door.door));
    enrol.chain(bind).chain(recover).collect()
}

/// A door of one name in both chains.
fn same(
    pair: &Pair<'_, '_>,
    name: &str,
    old: &Door,
    new: &Door,
    changes: &mut Changes,
) -> Result<(), Truncated> {
    let (before, after) = (&*pair.before.model, &*pair.after.model);
    let required = |model: &Model, door: &Door| Some(requirement(model, &door.require));
    let aspect = Aspect::Requirement(name.to_owned());
    changes.words(&pair.subject, aspect, Effect::Changes, required(before, old), required(after, new));
    let binds = |model: &Model, door: &Door| {
        Some(bound(model, door).iter().map(|bound| bound.name).collect::<Vec<_>>().join(", "))
    };
    let aspect = Aspect::Binds(name.to_owned());
    changes.words(&pair.subject, aspect, Effect::Changes, binds(before, old), binds(after, new));
    let aspect = Aspect::Limit { of: name.to_owned(), name: "wait" };
    let effect = Effect::of(&old.wait.unwrap_or_default(), &new.wait.unwrap_or_default());
    changes.words(&pair.subject, aspect, effect, old.wait.map(duration), new.wait.map(duration));
    let (told, tells) = (pair.before.channels(&old.notify), pair.after.channels(&new.notify));
    let aspect = || Aspect::Notice(name.to_owned());
    for gone in told.iter().filter(|channel| !tells.contains(channel)) {
        let gone = Some(Value::Words((*gone).to_owned()));
        changes.push(&pair.subject, aspect(), Effect::Weakens, gone, None);
    }
    for added in tells.iter().filter(|channel| !told.contains(channel)) {
        let added = Some(Value::Words((*added).to_owned()));
        changes.push(&pair.subject, aspect(), Effect::Strengthens, None, added);
    }
    session_age(pair, name, (&old.require, &new.require), changes)
}

/// How old a session may be that opens a door. Ages of different levels are told once if they are the same.
fn session_age(
    pair: &Pair<'_, '_>,
    name: &str,
    (old, new): (&Requirement, &Requirement),
    changes: &mut Changes,
) -> Result<(), Truncated> {
    let mut told = vec![];
    for level in [Aal::One, Aal::Two, Aal::Three] {
        // Where no session of this level opened the door, there is no age to compare: that is a way in, or none.
        let (Some(old), Some(new)) = (greatest_age(old, level)?, greatest_age(new, level)?) else { continue };
        if !told.contains(&(old, new)) {
            told.push((old, new));
            let aspect = Aspect::Limit { of: name.to_owned(), name: "session age" };
            let written = |age: Duration| (age != Duration::MAX).then(|| duration(age));
            changes.words(&pair.subject, aspect, Effect::of(&new, &old), written(old), written(new));
        }
    }
    Ok(())
}

/// The greatest age at which a session of this level is part of a way to open the door; `None`: it is part of none.
///
/// Ways that a smaller one makes superfluous count too: leaving them out would let a door look better for having one
/// way more.
fn greatest_age(require: &Requirement, level: Aal) -> Result<Option<Duration>, Truncated> {
    let ways = runtime::written_alternatives_within(require, MOST_WAYS).ok_or(Truncated)?;
    let age = |way: &Vec<Term>| -> Option<Duration> {
        let sessions = way.iter().filter_map(|term| match term {
            Term::Session { aal, within } => Some((*aal, within.unwrap_or(Duration::MAX))),
            _ => None,
        });
        let suffices = sessions.clone().all(|(aal, _)| aal <= level);
        sessions.map(|(_, age)| age).min().filter(|_| suffices)
    };
    Ok(ways.iter().filter_map(age).max())
}

/// A door that binds what it did not, with less time to object, or fewer notices, than was usual for that.
struct Hastier {
    door: String,
    /// Its own wait.
    own: Option<Duration>,
    /// The wait that was usual, if its own is shorter.
    usual: Option<Duration>,
    /// Channels that were usually told.
    untold: Vec<String>,
}

/// What `to` binds at doors where `from` does not. The yardstick for a recovery is the least that every recovery of
/// the same thing asked for, and for every door the most that was asked for of those who could open it as well. A name
/// that is new is compared with everything of its kind: a wait must not end by calling a thing otherwise.
fn hastier(from: Chain<'_>, to: Chain<'_>) -> Result<Vec<Hastier>, Truncated> {
    let is_recovery = |name: &str| name.starts_with("recover.");
    let mut found = vec![];
    // Who enrols has no account yet to lose.
    for (name, door) in to.doors.iter().filter(|(name, _)| name != "enrol") {
        let own = door.wait.unwrap_or_default();
        let tells = to.side.channels(&door.notify);
        let earlier = from.doors.iter().find(|(other, _)| other == name);
        let known = earlier.map(|(_, earlier)| bound(&from.side.model, earlier)).unwrap_or_default();
        let is_same = |thing: &Bound<'_>, other: &Bound<'_>| {
            if is_defined(&from.side.model, thing) {
                other.name == thing.name
            } else {
                other.kind == thing.kind
            }
        };
        let mut usual = Duration::ZERO;
        let mut untold: Vec<String> = vec![];
        let things = bound(&to.side.model, door);
        for thing in things.iter().filter(|thing| !known.iter().any(|known| is_same(thing, known))) {
            let binds = |other: &&Named<'_>| {
                bound(&from.side.model, other.1).iter().any(|other| is_same(thing, other))
            };
            let rivals: Vec<&Door> = (from.doors.iter().filter(binds))
                .filter(|(other, _)| is_recovery(name) && is_recovery(other))
                .map(|(_, door)| *door)
                .collect();
            let wait = |door: &Door| door.wait.unwrap_or_default();
            usual = usual.max(rivals.iter().map(|door| wait(door)).min().unwrap_or_default());
            if let Some((first, rest)) = rivals.split_first() {
                let told =
                    first.notify.iter().filter(|one| rest.iter().all(|door| door.notify.contains(one)));
                untold.extend(told.map(|channel| from.side.model[*channel].name.clone()));
            }
            for (other, covered) in from.doors.iter().filter(binds) {
                if other != "enrol" && opens((from.side, covered), (to.side, door))? {
                    usual = usual.max(wait(covered));
                    untold.extend(from.side.channels(&covered.notify).into_iter().map(str::to_owned));
                }
            }
        }
        untold.retain(|channel| !tells.contains(&channel.as_str()));
        untold.sort_unstable();
        untold.dedup();
        let usual = Some(usual).filter(|usual| own < *usual);
        if usual.is_some() || !untold.is_empty() {
            found.push(Hastier { door: name.clone(), own: door.wait, usual, untold });
        }
    }
    Ok(found)
}

/// Does everything that opens the one door open the other too?
fn opens(one: (&Side<'_>, &Door), other: (&Side<'_>, &Door)) -> Result<bool, Truncated> {
    let ways = runtime::alternatives_within(&one.1.require, MOST_WAYS).ok_or(Truncated)?;
    let suffices = |way: &Vec<Term>| {
        runtime::is_satisfied(&other.1.require, &mut |wanted| {
            way.iter().any(|shown| is_enough((&one.0.model, *shown), (&other.0.model, *wanted)))
        })
    };
    Ok(ways.iter().all(suffices))
}

/// Is what was shown at one door as good as what the other wants? Names are what tells one thing from another.
fn is_enough((before, shown): (&Model, Term), (after, wanted): (&Model, Term)) -> bool {
    match (shown, wanted) {
        (Term::Approval(shown, people), Term::Approval(wanted, fewer)) => {
            before[shown].name == after[wanted].name && people >= fewer
        }
        (Term::Session { aal, within }, Term::Session { aal: least, within: longest }) => {
            aal >= least && within.unwrap_or(Duration::MAX) <= longest.unwrap_or(Duration::MAX)
        }
        (shown, wanted) => {
            let written = |model, term| requirement(model, &Requirement::Term(term));
            written(before, shown) == written(after, wanted)
        }
    }
}

/// Something that a door binds. A channel and an authenticator may have one name: that is told apart where they are
/// defined.
#[derive(Clone, Copy)]
struct Bound<'m> {
    name: &'m str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Authenticator(FactorKind),
    Channel(ChannelKind),
}

/// What a door binds, by name.
fn bound<'m>(model: &'m Model, door: &Door) -> Vec<Bound<'m>> {
    let of = |bound: &Bindable| match bound {
        Bindable::Authenticator(at) => {
            Bound { name: &model[*at].name, kind: Kind::Authenticator(model[*at].kind) }
        }
        Bindable::Channel(at) => Bound { name: &model[*at].name, kind: Kind::Channel(model[*at].kind) },
    };
    let mut things: Vec<Bound<'_>> = door.binds.iter().map(of).collect();
    things.sort_by_key(|thing| thing.name);
    things.dedup_by_key(|thing| thing.name);
    things
}

/// Does a policy know something by this name?
fn is_defined(model: &Model, thing: &Bound<'_>) -> bool {
    model.authenticators.iter().any(|known| known.name == thing.name)
        || model.channels.iter().any(|known| known.name == thing.name)
}
