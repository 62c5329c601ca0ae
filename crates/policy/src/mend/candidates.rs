//! The changes that are tried at a door, the smallest first.
//!
//! Owns what a change may be and how much it asks of people. Names only what the policy has already: who has to
//! define a role or a channel first has more to think about than a line of help can say.

use std::time::Duration;

use super::{MOST_TRIED, written};
use crate::diagnostic;
use crate::factor::FactorType;
use crate::model::{
    ApproverIx, AuthenticatorIx, Bindable, ChannelIx, Door, Model, Population, PopulationIx, Proofing,
    Requirement, Term,
};
use crate::takeover::{Analysis, DoorName, least_effort};

/// A change of one door.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    require: Requirement,
    /// The waiting time, and where the owner is told then.
    wait: Option<(Duration, Vec<ChannelIx>)>,
    /// What was added to the expression; empty when something was taken away or replaced.
    added: Vec<Term>,
    /// How much more it asks of people.
    size: u32,
}

impl Edit {
    pub(super) fn make(&self, population: &mut Population, name: DoorName) {
        let door = match name {
            DoorName::Login => {
                population.login.require = self.require.clone();
                return;
            }
            DoorName::Enrol => population.enrol.as_mut().map(|enrol| &mut enrol.door),
            DoorName::Bind => population.bind.as_mut(),
            DoorName::Recover(index) => {
                population.recover.get_mut(usize::from(index)).map(|recover| &mut recover.door)
            }
        };
        let Some(door) = door else { return };
        door.require = self.require.clone();
        if let Some((wait, notify)) = &self.wait {
            door.wait = Some(*wait);
            door.notify.clone_from(notify);
        }
    }

    /// Is this the other change, and more?
    pub(super) fn contains(&self, smaller: &Edit) -> bool {
        let waits = smaller.wait.is_none() || self.wait.is_some();
        let asked = |term: &Term| {
            self.added.iter().any(|mine| match (mine, term) {
                (Term::Approval(role, people), Term::Approval(other, fewer)) => {
                    role == other && people >= fewer
                }
                _ => mine == term,
            })
        };
        waits && smaller.is_addition() && self.is_addition() && smaller.added.iter().all(asked)
    }

    fn is_addition(&self) -> bool {
        !self.added.is_empty() || self.wait.is_some()
    }

    /// Does it say the same?
    fn is(&self, other: &Edit) -> bool {
        self.require == other.require && self.wait == other.wait
    }

    /// As lines of the policy, which `door` has now.
    pub(super) fn written(&self, model: &Model, door: Option<&Door>) -> diagnostic::Mend {
        let mut mend = diagnostic::Mend::default();
        if door.is_none_or(|door| door.require != self.require) {
            mend.require = Some(written::requirement(model, &self.require));
        }
        if let Some((wait, notify)) = &self.wait {
            mend.wait = Some(written::duration(*wait));
            if door.is_none_or(|door| door.notify != *notify) {
                mend.notify = Some(notify.iter().map(|channel| model[*channel].name.clone()).collect());
            }
        }
        mend
    }
}

/// Two things that are asked for besides: so many at most.
const MOST_PAIRS: usize = 4 * MOST_TRIED;

/// What is tried at the door, the smallest first; of equals, in the order of the policy.
pub(super) fn edits(model: &Model, analysis: &Analysis, index: PopulationIx, name: DoorName) -> Vec<Edit> {
    let population = &model[index];
    let mut edits = match name.door(population) {
        None => dropped(&population.login.require),
        Some(door) => Tried { model, analysis, index, population, name, door }.edits(),
    };
    edits.sort_by_key(|edit| edit.size);
    let mut distinct: Vec<Edit> = vec![];
    for edit in edits {
        if distinct.len() == MOST_TRIED {
            break;
        }
        if !distinct.iter().any(|known| known.is(&edit)) {
            distinct.push(edit);
        }
    }
    distinct
}

/// Without one of the alternatives.
fn dropped(require: &Requirement) -> Vec<Edit> {
    let Requirement::Any(parts) = require else { return vec![] };
    let without = |index: usize| {
        let kept: Vec<Requirement> =
            parts.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, part)| part.clone()).collect();
        Edit { require: any(kept), wait: None, added: vec![], size: 2 }
    };
    (0..parts.len()).filter(|_| parts.len() > 1).map(without).collect()
}

struct Tried<'a> {
    model: &'a Model,
    analysis: &'a Analysis,
    index: PopulationIx,
    population: &'a Population,
    name: DoorName,
    door: &'a Door,
}

impl Tried<'_> {
    fn edits(&self) -> Vec<Edit> {
        let require = &self.door.require;
        let terms = self.terms();
        let mut edits = dropped(require);
        edits.extend(self.replaced());
        let mut pairs: Vec<(u32, [Term; 2])> = vec![];
        for (position, (term, size)) in terms.iter().enumerate() {
            edits.extend(self.adding(&[*term], *size));
            let others = terms[position + 1..].iter().filter(|(other, _)| !same_kind(term, other));
            pairs.extend(others.map(|(other, more)| (size + more, [*term, *other])));
        }
        // Of a hundred roles there are thousands of pairs, and none but the smallest will have their turn.
        pairs.sort_by_key(|(size, _)| *size);
        for (size, pair) in pairs.into_iter().take(MOST_PAIRS) {
            edits.extend(self.adding(&pair, size));
        }
        let waits = self.waits();
        let plain = Edit { require: require.clone(), wait: None, added: vec![], size: 0 };
        let with_wait = |edit: &Edit| -> Vec<Edit> {
            let wait = |(wait, size): &((Duration, Vec<ChannelIx>), u32)| Edit {
                wait: Some(wait.clone()),
                size: edit.size + size,
                ..edit.clone()
            };
            waits.iter().map(wait).collect()
        };
        let one_term = edits.iter().filter(|edit| edit.added.len() == 1);
        let waiting: Vec<Edit> = one_term.chain([&plain]).flat_map(with_wait).collect();
        edits.extend(waiting);
        edits
    }

    /// What may be asked for besides, and how much that asks of people.
    fn terms(&self) -> Vec<(Term, u32)> {
        let mut terms = Vec::new();
        let recovering = matches!(self.name, DoorName::Recover(_));
        if recovering {
            let held = |name: &AuthenticatorIx| self.may_be_held(*name);
            let factors = (0..).map(AuthenticatorIx).zip(&self.model.authenticators).map(|(index, _)| index);
            terms.extend(factors.filter(held).map(|name| (Term::Authenticator(name), 1)));
            let known = (0..).map(ChannelIx).zip(&self.model.channels);
            let issued = known.filter(|(index, channel)| !channel.behind_login && self.tells(*index));
            terms.extend(issued.map(|(index, _)| (Term::Issued(index), 1)));
        }
        for (role, approver) in (0..).map(ApproverIx).zip(&self.model.approvers) {
            if self.is_strong_enough(approver.population) {
                terms.push((Term::Approval(role, 1), 2));
                if !approver.manager_of_member {
                    terms.push((Term::Approval(role, 2), 3));
                }
            }
        }
        terms.push((Term::Proofing(Proofing::Video), 2));
        terms.push((Term::Proofing(Proofing::InPerson), 3));
        let asked: Vec<&Term> = self.door.require.terms().collect();
        terms.retain(|(term, _)| !asked.contains(&term));
        terms
    }

    /// Saved codes that some door hands out, and factors of the login that this door does not replace.
    fn may_be_held(&self, name: AuthenticatorIx) -> bool {
        let bound = Bindable::Authenticator(name);
        let binds = |door: &Door| door.binds.contains(&bound);
        if self.model[name].kind.properties().factor == FactorType::RecoveryOnly {
            let population = self.population;
            return population.enrol.as_ref().is_some_and(|enrol| binds(&enrol.door))
                || population.bind.as_ref().is_some_and(binds)
                || population.enrol.is_none() && population.bind.is_none();
        }
        !binds(self.door)
            && self.population.login.require.terms().any(|term| *term == Term::Authenticator(name))
    }

    /// Is the member reached there, as the chain has it?
    fn tells(&self, channel: ChannelIx) -> bool {
        self.channels().contains(&channel)
    }

    /// The channels that the doors of this population name, in the order of the policy.
    fn channels(&self) -> Vec<ChannelIx> {
        let population = self.population;
        let enrol = population.enrol.iter().map(|enrol| &enrol.door);
        let doors = enrol.chain(&population.bind).chain(population.recover.iter().map(|r| &r.door));
        let mut named: Vec<ChannelIx> = doors
            .flat_map(|door| {
                let asked = door.require.terms().filter_map(|term| match term {
                    Term::Issued(channel) | Term::Invite(channel) => Some(*channel),
                    _ => None,
                });
                door.notify.iter().copied().chain(asked)
            })
            .collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    /// An approver who is easier to take than the member would only move the hole.
    fn is_strong_enough(&self, approvers: PopulationIx) -> bool {
        let least = |population: PopulationIx| {
            let reading = &self.analysis.populations[usize::from(population.0)];
            reading.everything().map(|all| least_effort(&all.login).unwrap_or(u32::MAX))
        };
        approvers == self.index || least(approvers) >= least(self.index)
    }

    /// A waiting time, with notices on every channel that the chain names.
    fn waits(&self) -> Vec<((Duration, Vec<ChannelIx>), u32)> {
        if self.name == DoorName::Enrol {
            // Nobody is there yet who could object.
            return vec![];
        }
        let notify = self.channels();
        let added = notify.iter().filter(|channel| !self.door.notify.contains(channel)).count();
        let size = 2 + u32::from(added > 0);
        let longer = |hours: u64| self.door.wait.is_none_or(|wait| wait < Duration::from_hours(hours));
        let waits = [(24, size), (72, size + 1)];
        let possible = waits.into_iter().filter(|(hours, _)| !notify.is_empty() && longer(*hours));
        possible.map(|(hours, size)| ((Duration::from_hours(hours), notify.clone()), size)).collect()
    }

    /// With these terms besides: of the whole door, or of one alternative.
    fn adding(&self, terms: &[Term], size: u32) -> Vec<Edit> {
        let added = |require: Requirement| Edit { require, wait: None, added: terms.to_vec(), size };
        let require = &self.door.require;
        let mut edits = vec![added(both(require, terms))];
        if let Requirement::Any(parts) = require
            && parts.len() <= 4
        {
            edits.extend((0..parts.len()).map(|index| {
                let mut parts = parts.clone();
                parts[index] = both(&parts[index], terms);
                added(Requirement::Any(parts))
            }));
        }
        edits
    }

    /// One piece of evidence replaced by a stronger one of its kind.
    fn replaced(&self) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut asked: Vec<Term> = self.door.require.terms().copied().collect();
        asked.sort_unstable();
        asked.dedup();
        for term in asked {
            let (stronger, size) = match term {
                Term::Approval(role, 1) if !self.model[role].manager_of_member => {
                    (Term::Approval(role, 2), 2)
                }
                Term::Proofing(Proofing::Video | Proofing::Document) => {
                    (Term::Proofing(Proofing::InPerson), 2)
                }
                _ => continue,
            };
            let require = with(&self.door.require, &|other| if *other == term { stronger } else { *other });
            edits.push(Edit { require, wait: None, added: vec![stronger], size });
        }
        edits
    }
}

/// Two of one role, or two sorts of proofing, are no two changes.
fn same_kind(one: &Term, other: &Term) -> bool {
    match (one, other) {
        (Term::Approval(role, _), Term::Approval(other, _)) => role == other,
        (Term::Proofing(_), Term::Proofing(_)) => true,
        _ => one == other,
    }
}

/// The requirement, and these terms besides; an approval by more people takes the place of one by fewer.
fn both(require: &Requirement, terms: &[Term]) -> Requirement {
    let mut parts = match require {
        Requirement::All(parts) => parts.clone(),
        other => vec![other.clone()],
    };
    for term in terms {
        if let Term::Approval(role, _) = term {
            parts
                .retain(|part| !matches!(part, Requirement::Term(Term::Approval(asked, _)) if asked == role));
        }
        parts.push(Requirement::Term(*term));
    }
    match <[Requirement; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => Requirement::All(parts),
    }
}

fn any(parts: Vec<Requirement>) -> Requirement {
    match <[Requirement; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => Requirement::Any(parts),
    }
}

fn with(require: &Requirement, replace: &dyn Fn(&Term) -> Term) -> Requirement {
    let each = |parts: &[Requirement]| parts.iter().map(|part| with(part, replace)).collect();
    match require {
        Requirement::Term(term) => Requirement::Term(replace(term)),
        Requirement::All(parts) => Requirement::All(each(parts)),
        Requirement::Any(parts) => Requirement::Any(each(parts)),
        Requirement::AtLeast(count, terms) => {
            Requirement::AtLeast(*count, terms.iter().map(replace).collect())
        }
    }
}
