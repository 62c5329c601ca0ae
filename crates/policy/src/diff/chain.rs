//! The chains of two populations: ways to sign in, limits, and what members are judged by.
//!
//! Owns which populations are compared with each other: those of one name, and those between which a group of the
//! directory moves. Does not own their other doors (`door`) nor what the chains are worth (`account`).

use std::collections::BTreeMap;
use std::time::Duration;

use super::side::Side;
use super::{Aspect, Changes, Effect, Subject, Worth, account, door};
use crate::assurance::{self, Assurance};
use crate::mend::written::{duration, requirement};
use crate::model::{AuthenticatorIx, Ial, Model, Population, PopulationIx, Risk, Term};
use crate::runtime;
use crate::takeover::Truncated;

/// Compares every population with the one that has its place now.
pub(super) fn compare_all(
    before: &Side<'_>,
    after: &Side<'_>,
    changes: &mut Changes,
) -> Result<(), Truncated> {
    for new in after.populations() {
        let subject = Subject::Population(after.model[new].name.clone());
        if let Some(old) = before.model.population(&after.model[new].name) {
            Pair { before, after, old, new, subject }.compare(changes)?;
        } else {
            let groups = after.model[new].groups.join(", ");
            changes.words(&subject, Aspect::Presence, Effect::Changes, None, Some(groups));
        }
    }
    for old in before.populations() {
        let population = &before.model[old];
        if after.model.population(&population.name).is_none() {
            let subject = Subject::Population(population.name.clone());
            let groups = Some(population.groups.join(", "));
            changes.words(&subject, Aspect::Presence, Effect::Changes, groups, None);
        }
    }
    moved(before, after, changes)
}

/// Groups that another population rules now. Their members keep what they are and get another chain.
fn moved(before: &Side<'_>, after: &Side<'_>, changes: &mut Changes) -> Result<(), Truncated> {
    let mut moves: BTreeMap<(Option<PopulationIx>, Option<PopulationIx>), Vec<String>> = BTreeMap::new();
    let mut groups: Vec<&String> = [before, after]
        .iter()
        .flat_map(|side| side.model.populations.iter().flat_map(|population| &population.groups))
        .collect();
    groups.sort();
    groups.dedup();
    for group in groups {
        moves.entry((before.ruler(group), after.ruler(group))).or_default().push(group.clone());
    }
    for ((old, new), names) in moves {
        let from = old.map(|old| before.model[old].name.clone());
        let to = new.map(|new| after.model[new].name.clone());
        if from == to {
            continue;
        }
        // A group that nothing ruled brings nobody who could lose anything.
        let effect = match (&from, &to) {
            (Some(_), None) => Effect::ShutsOut,
            (None, Some(_)) => Effect::Eases,
            _ => Effect::Changes,
        };
        let subject = Subject::Groups { names, from: from.clone(), to: to.clone() };
        changes.words(&subject, Aspect::Presence, effect, from, to);
        if let (Some(old), Some(new)) = (old, new) {
            Pair { before, after, old, new, subject }.compare(changes)?;
        }
    }
    Ok(())
}

/// The same people under two chains.
pub(super) struct Pair<'p, 'c> {
    pub(super) before: &'p Side<'c>,
    pub(super) after: &'p Side<'c>,
    pub(super) old: PopulationIx,
    pub(super) new: PopulationIx,
    pub(super) subject: Subject,
}

impl Pair<'_, '_> {
    fn compare(&self, changes: &mut Changes) -> Result<(), Truncated> {
        let (old, new) = (self.ruled_before(), self.ruled_after());
        self.yardsticks(old, new, changes);
        self.ways_to_sign_in(changes)?;
        self.session(old, new, changes);
        door::compare(self, changes)?;
        account::compare(self, changes)?;
        Ok(())
    }

    pub(super) fn ruled_before(&self) -> &Population {
        &self.before.model[self.old]
    }

    pub(super) fn ruled_after(&self) -> &Population {
        &self.after.model[self.new]
    }

    /// What members are judged by.
    fn yardsticks(&self, old: &Population, new: &Population, changes: &mut Changes) {
        // Who moves between populations is in other groups of course.
        if matches!(self.subject, Subject::Population(_)) {
            let groups = |population: &Population| {
                let mut groups = population.groups.clone();
                groups.sort();
                Some(groups.join(", "))
            };
            let aspect = Aspect::Property("groups");
            changes.words(&self.subject, aspect, Effect::Changes, groups(old), groups(new));
        }
        let high = |population: &Population| population.risk == Risk::High;
        let risk =
            |population: &Population| Some(if high(population) { "high" } else { "normal" }.to_owned());
        let effect = Effect::of(&high(old), &high(new));
        changes.words(&self.subject, Aspect::Property("risk"), effect, risk(old), risk(new));
        let effect = Effect::of(&old.proofing, &new.proofing);
        let aspect = Aspect::Property("proofing");
        changes.words(&self.subject, aspect, effect, Some(ial(old.proofing)), Some(ial(new.proofing)));
    }

    fn ways_to_sign_in(&self, changes: &mut Changes) -> Result<(), Truncated> {
        let ways = |side: &Side<'_>, population| {
            let ways = side.reading(population).login.iter();
            ways.map(|way| (side.names(&way.evidence), way.assurance)).collect::<BTreeMap<_, _>>()
        };
        let (old, new) = (ways(self.before, self.old), ways(self.after, self.new));
        for (evidence, worth) in &new {
            if let Some(before) = old.get(evidence) {
                changes.worth(&self.subject, &Worth::Way(evidence.clone()), *before, *worth);
            } else {
                let aspect = Aspect::WayToSignIn(evidence.clone());
                changes.words(&self.subject, aspect, Effect::Changes, None, Some(worth_of(*worth)));
            }
        }
        for (evidence, worth) in old.iter().filter(|(evidence, _)| !new.contains_key(*evidence)) {
            let aspect = Aspect::WayToSignIn(evidence.clone());
            changes.words(&self.subject, aspect, Effect::Changes, Some(worth_of(*worth)), None);
        }
        let (old, new) =
            (floor(&self.before.model, self.ruled_before())?, floor(&self.after.model, self.ruled_after())?);
        changes.worth(&self.subject, &Worth::EveryWay, old, new);
        Ok(())
    }

    fn session(&self, old: &Population, new: &Population, changes: &mut Changes) {
        let (before, after) = (old.login.session, new.login.session);
        self.at_most("login", "session idle", Some(before.idle), Some(after.idle), changes);
        self.at_most("login", "session max", Some(before.max), Some(after.max), changes);
        let within = |population: &Population| population.offboard.as_ref().map(|door| door.within);
        self.at_most("offboard", "within", within(old), within(new), changes);
        let expires = |population: &Population| population.enrol.as_ref().map(|enrol| enrol.expires);
        if let (Some(before), Some(after)) = (expires(old), expires(new)) {
            self.at_most("enrol", "expires", Some(before), Some(after), changes);
        }
        let required = |model: &Model, population: &Population| requirement(model, &population.login.require);
        let (old, new) = (required(&self.before.model, old), required(&self.after.model, new));
        let aspect = Aspect::Requirement("login".into());
        changes.words(&self.subject, aspect, Effect::Changes, Some(old), Some(new));
    }

    /// A limit that protects by being short; none at all is the longest.
    fn at_most(
        &self,
        of: &str,
        name: &'static str,
        before: Option<Duration>,
        after: Option<Duration>,
        changes: &mut Changes,
    ) {
        let length = |limit: Option<Duration>| limit.unwrap_or(Duration::MAX);
        let effect = Effect::of(&length(after), &length(before));
        let aspect = Aspect::Limit { of: of.to_owned(), name };
        changes.words(&self.subject, aspect, effect, before.map(duration), after.map(duration));
    }
}

/// What every way to sign in is worth at least. `None`: one of them authenticates nobody.
///
/// Ways that a smaller one makes superfluous count too: leaving them out would let a login look better for having
/// one way more.
fn floor(model: &Model, population: &Population) -> Result<Option<Assurance>, Truncated> {
    let ways = runtime::written_alternatives_within(&population.login.require, 512).ok_or(Truncated)?;
    let authenticator = |term: &Term| if let Term::Authenticator(name) = term { Some(*name) } else { None };
    let worth = |way: &Vec<Term>| {
        let shown: Vec<AuthenticatorIx> = way.iter().filter_map(authenticator).collect();
        assurance::of_names(model, &shown)
    };
    let least = |a: Option<Assurance>, b: Option<Assurance>| Some(a?.at_most(b?));
    Ok(ways.iter().map(worth).reduce(least).flatten())
}

/// `AAL2, phishing-resistant`.
fn worth_of(assurance: Option<Assurance>) -> String {
    match assurance {
        None => "no authentication".to_owned(),
        Some(Assurance { aal, phishing_resistant: true }) => format!("{aal}, phishing-resistant"),
        Some(Assurance { aal, phishing_resistant: false }) => aal.to_string(),
    }
}

fn ial(level: Ial) -> String {
    match level {
        Ial::None => "none",
        Ial::One => "ial1",
        Ial::Two => "ial2",
        Ial::Three => "ial3",
    }
    .to_owned()
}
