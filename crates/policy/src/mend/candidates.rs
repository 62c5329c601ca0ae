//! The changes that are tried at a door, the smallest first.
//!
//! Owns what a change may be and how much it asks of people. Names only what the policy has already: who has to
//! define a role or a channel first has more to think about than a line of help can say.

use std::time::Duration;

use super::{MOST_TRIED, written};
use crate::diagnostic;
use crate::factor::{Aal, FactorType};
use crate::model::{
    ApproverIx, AuthenticatorIx, Bindable, ChannelIx, Door, Model, Population, PopulationIx, Proofing,
    Requirement, Term,
};
use crate::takeover::{Analysis, DoorName, least_effort};

/// A change of one door.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    require: Requirement,
    /// The waiting time, if it is another.
    wait: Option<Duration>,
    /// Where the owner is told, if somewhere else.
    notify: Option<Vec<ChannelIx>>,
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
        door.wait = self.wait.or(door.wait);
        if let Some(notify) = &self.notify {
            door.notify.clone_from(notify);
        }
    }

    /// Is this the other change, and more?
    pub(super) fn contains(&self, smaller: &Edit) -> bool {
        let waits = smaller.wait.is_none() || self.wait.is_some();
        let tells = smaller.notify.is_none() || self.notify.is_some();
        let asked = |term: &Term| {
            self.added.iter().any(|mine| match (mine, term) {
                (Term::Approval(role, people), Term::Approval(other, fewer)) => {
                    role == other && people >= fewer
                }
                (Term::Session { aal, .. }, Term::Session { aal: lower, .. }) => aal >= lower,
                _ => mine == term,
            })
        };
        waits && tells && smaller.is_addition() && self.is_addition() && smaller.added.iter().all(asked)
    }

    /// Another expression.
    fn of(require: Requirement, added: &[Term], size: u32) -> Edit {
        Edit { require, wait: None, notify: None, added: added.to_vec(), size }
    }

    fn is_addition(&self) -> bool {
        !self.added.is_empty() || self.wait.is_some() || self.notify.is_some()
    }

    /// Does it say the same?
    fn is(&self, other: &Edit) -> bool {
        self.require == other.require && self.wait == other.wait && self.notify == other.notify
    }

    /// As lines of the policy, which `door` has now.
    pub(super) fn written(&self, model: &Model, door: Option<&Door>) -> diagnostic::Mend {
        let mut mend = diagnostic::Mend::default();
        if door.is_none_or(|door| door.require != self.require) {
            mend.require = Some(written::requirement(model, &self.require));
        }
        mend.wait = self.wait.map(written::duration);
        let others = self.notify.iter().filter(|notify| door.is_none_or(|door| door.notify != **notify));
        let names = |notify: &Vec<ChannelIx>| notify.iter().map(|at| model[*at].name.clone()).collect();
        mend.notify = others.map(names).next();
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
    let without = |index: usize| [&parts[..index], &parts[index + 1..]].concat();
    let each = (0..parts.len()).filter(|_| parts.len() > 1).map(without);
    each.map(|kept| Edit::of(one_or(kept, Requirement::Any), &[], 2)).collect()
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
        edits.extend(self.less());
        edits.extend(self.replaced());
        edits.extend(self.swapped(&terms));
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
        let plain = Edit::of(require.clone(), &[], 0);
        let with_wait = |edit: &Edit| -> Vec<Edit> {
            let wait = |(wait, notify, size): &(Duration, Vec<ChannelIx>, u32)| Edit {
                wait: Some(*wait),
                notify: Some(notify.clone()),
                size: edit.size + size,
                ..edit.clone()
            };
            waits.iter().map(wait).collect()
        };
        let one_term = edits.iter().filter(|edit| edit.added.len() == 1);
        let waiting: Vec<Edit> = one_term.chain([&plain]).flat_map(with_wait).collect();
        edits.extend(waiting);
        edits.extend(self.notices().into_iter().map(|notify| Edit {
            notify: Some(notify),
            size: 1,
            ..plain.clone()
        }));
        edits
    }

    /// Without what cannot stay, where other things are asked for as well.
    fn less(&self) -> Vec<Edit> {
        let Requirement::All(parts) = &self.door.require else { return vec![] };
        let stays = |part: &Requirement| !matches!(part, Requirement::Term(term) if self.cannot_stay(*term));
        let kept: Vec<Requirement> = parts.iter().filter(|part| stays(part)).cloned().collect();
        if kept.is_empty() || kept.len() == parts.len() {
            return vec![];
        }
        // Last of all: something else in its place is better.
        vec![Edit::of(one_or(kept, Requirement::All), &[], u32::MAX)]
    }

    /// At a recovery: what was lost itself, a code that only a signed-in member reads, a ticket for newcomers.
    fn cannot_stay(&self, term: Term) -> bool {
        matches!(self.name, DoorName::Recover(_))
            && match term {
                Term::Authenticator(name) => self.door.binds.contains(&Bindable::Authenticator(name)),
                Term::Issued(channel) => self.model[channel].behind_login,
                Term::Invite(_) => true,
                _ => false,
            }
    }

    /// Other places where the owner is told: everywhere, and everywhere but where this door sends its codes.
    fn notices(&self) -> Vec<Vec<ChannelIx>> {
        if self.name == DoorName::Enrol {
            return vec![];
        }
        let asked = |channel: &ChannelIx| {
            self.door
                .require
                .terms()
                .any(|term| matches!(term, Term::Issued(asked) | Term::Invite(asked) if asked == channel))
        };
        let all = self.channels();
        let others = all.iter().copied().filter(|channel| !asked(channel)).collect();
        [others, all].into_iter().filter(|to: &Vec<_>| !to.is_empty() && *to != self.door.notify).collect()
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
        let proofed = |term: &Term| matches!(term, Term::Proofing(_));
        // Whoever proofs by one method may be who does it by another.
        let twice = |term: &Term| proofed(term) && asked.iter().any(|asked| proofed(asked));
        terms.retain(|(term, _)| !asked.contains(&term) && !twice(term));
        terms
    }

    /// Can a member sign in at that level with what other doors bind? Nobody would have what only this one gives.
    fn is_reached_without(&self, aal: Aal) -> bool {
        let population = self.population;
        let Some(enrol) = &population.enrol else { return true };
        let others = || population.recover.iter().map(|recover| &recover.door).chain([&enrol.door]);
        let bound = |name: &AuthenticatorIx| {
            others().any(|door| door.binds.contains(&Bindable::Authenticator(*name)))
        };
        let login = &self.analysis.populations[usize::from(self.index.0)].login;
        login.iter().any(|way| {
            way.assurance.is_some_and(|reached| reached.aal >= aal) && way.evidence.iter().all(bound)
        })
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
    fn waits(&self) -> Vec<(Duration, Vec<ChannelIx>, u32)> {
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
        possible.map(|(hours, size)| (Duration::from_hours(hours), notify.clone(), size)).collect()
    }

    /// With these terms besides: of the whole door, or of one alternative.
    fn adding(&self, terms: &[Term], size: u32) -> Vec<Edit> {
        let added = |require: Requirement| Edit::of(require, terms, size);
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

    /// One piece of evidence replaced by another of its kind: a stronger one, another channel, other people.
    fn replaced(&self) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut asked: Vec<Term> = self.door.require.terms().copied().collect();
        asked.sort_unstable();
        asked.dedup();
        for term in &asked {
            for (other, size) in
                self.instead_of(*term).into_iter().filter(|(other, _)| !asked.contains(other))
            {
                let require = with(&self.door.require, &|asked| if asked == term { other } else { *asked });
                edits.push(Edit::of(require, &[other], size));
            }
        }
        edits
    }

    /// What cannot stay, or is sent where the only notice goes, replaced by any other evidence.
    fn swapped(&self, others: &[(Term, u32)]) -> Vec<Edit> {
        let alarmed = |term: Term| matches!(term, Term::Issued(channel) if self.door.notify == [channel]);
        let goes = |term: &&Term| self.cannot_stay(**term) || alarmed(**term);
        let mut edits = vec![];
        for term in self.door.require.terms().filter(goes) {
            for (other, size) in others {
                let require = with(&self.door.require, &|asked| if asked == term { *other } else { *asked });
                edits.push(Edit::of(require, &[*other], size + 1));
            }
        }
        edits
    }

    /// What may stand in its place, and how much more it asks of people.
    fn instead_of(&self, term: Term) -> Vec<(Term, u32)> {
        match term {
            Term::Approval(role, people) => {
                let more = (people == 1 && !self.model[role].manager_of_member)
                    .then_some((Term::Approval(role, 2), 2));
                let roles = (0..).map(ApproverIx).zip(&self.model.approvers);
                let outside = roles.filter(|(_, other)| {
                    other.population != self.index && self.is_strong_enough(other.population)
                });
                let others = outside.map(|(other, _)| (Term::Approval(other, people), 3));
                more.into_iter().chain(others).collect()
            }
            Term::Proofing(Proofing::Video | Proofing::Document) => {
                vec![(Term::Proofing(Proofing::InPerson), 2)]
            }
            Term::Issued(_) => {
                let readable = |channel: &ChannelIx| !self.model[*channel].behind_login;
                let others = self.channels().into_iter().filter(readable);
                others.map(|channel| (Term::Issued(channel), 2)).collect()
            }
            Term::Session { aal, within } => {
                let higher = [Aal::Two, Aal::Three].into_iter().filter(|higher| *higher > aal);
                higher
                    .filter(|aal| self.is_reached_without(*aal))
                    .map(|aal| (Term::Session { aal, within }, 2))
                    .collect()
            }
            _ => vec![],
        }
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
    one_or(parts, Requirement::All)
}

/// The only part, or all of them joined.
fn one_or(parts: Vec<Requirement>, joined: fn(Vec<Requirement>) -> Requirement) -> Requirement {
    match <[Requirement; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => joined(parts),
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
