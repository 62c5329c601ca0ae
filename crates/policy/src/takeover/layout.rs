//! The variables of the analysis: what each number in a set means, and who the people are.
//!
//! Owns the numbering. First come the circumstances of the member's account (which doors are open, what the
//! member holds), then the capabilities against the member, then those against each approver, person by person.
//! People of one role are interchangeable and stand next to each other with equal blocks, so that symmetric sets
//! are recognised by comparing blocks. Does not own what opens what (that is `graph`).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Truncated;
use super::capability::{Capability, CapabilityKind, Person, effort_of};
use super::fallen::{self, Falling};
use super::family::Variable;
use super::ways;
use crate::model::{ApproverIx, AuthenticatorIx, ChannelKind, Door, Model, Population, Requirement, Term};

/// A door of one population's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DoorName {
    Enrol,
    Login,
    Bind,
    /// The index into [`Population::recover`].
    Recover(u16),
}

impl DoorName {
    /// "This door of the member's chain counts." Login always does, so it needs no variable of its own.
    pub(super) fn variable(self) -> Option<Variable> {
        match self {
            DoorName::Login => None,
            DoorName::Enrol => Some(0),
            DoorName::Bind => Some(1),
            DoorName::Recover(index) => Some(2 + index),
        }
    }

    /// The door of that name in a chain; login and offboard are none of these.
    pub fn door(self, population: &Population) -> Option<&Door> {
        match self {
            DoorName::Login => None,
            DoorName::Enrol => population.enrol.as_ref().map(|enrol| &enrol.door),
            DoorName::Bind => population.bind.as_ref(),
            DoorName::Recover(index) => {
                population.recover.get(usize::from(index)).map(|recover| &recover.door)
            }
        }
    }

    /// As diagnostics and reports write it: `recover.self-service`.
    pub fn written(self, population: &Population) -> String {
        match self {
            DoorName::Enrol => "enrol".into(),
            DoorName::Login => "login".into(),
            DoorName::Bind => "bind".into(),
            DoorName::Recover(index) => format!("recover.{}", population.recover[usize::from(index)].name),
        }
    }
}

/// The doors of a chain besides login, in the order in which a person meets them.
pub(super) fn doors(population: &Population) -> impl Iterator<Item = (DoorName, &Door)> {
    let enrol = population.enrol.iter().map(|enrol| (DoorName::Enrol, &enrol.door));
    let bind = population.bind.iter().map(|door| (DoorName::Bind, door));
    let recover = (0..).zip(&population.recover).map(|(index, r)| (DoorName::Recover(index), &r.door));
    enrol.chain(bind).chain(recover)
}

/// The doors that may lead round login into an account that exists: all but enrolment.
pub(super) fn chain(population: &Population) -> Vec<DoorName> {
    doors(population).map(|(name, _)| name).filter(|name| *name != DoorName::Enrol).collect()
}

/// Somebody whose account can be taken: a member of a population, or one of the approvers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Who {
    Member(crate::model::PopulationIx),
    Approver(u16),
}

/// The people of one role: those from `first`, `people` of them. The last of them have fallen: so those who can still
/// be told apart by nothing but their numbers stand next to each other.
#[derive(PartialEq)]
pub(super) struct Role {
    pub(super) approver: ApproverIx,
    pub(super) first: u16,
    pub(super) people: u16,
    fallen: u16,
}

impl Role {
    /// The number that reports give a person: those who have fallen come first.
    fn number_of(&self, person: u16) -> u16 {
        (person - self.first + self.fallen) % self.people + 1
    }

    /// The person of that number.
    pub(super) fn person(&self, number: u16) -> u16 {
        self.first + (number - 1 + self.people - self.fallen) % self.people
    }
}

#[derive(PartialEq)]
pub(super) struct Layout {
    authenticators: u16,
    most_doors: u16,
    /// How many capabilities there are against each person.
    width: u16,
    /// What can be done to each person, in the order in which reports sort it.
    powers: Vec<(CapabilityKind, Option<Arc<str>>)>,
    efforts: Vec<u32>,
    roles: Vec<Role>,
    approvers: u16,
    /// The role of each approver, as an index into `roles`.
    role_of: Vec<u16>,
    role_names: Vec<Arc<str>>,
    /// The place of each capability when capabilities are sorted as they are written.
    order: Vec<u32>,
    sorted: Vec<Capability>,
}

impl Layout {
    pub(super) fn of(model: &Model, fallen: &[Falling]) -> Result<Layout, Truncated> {
        let powers = powers(model);
        let effort = |kind: CapabilityKind| kind.rank(&model.attacker).map_or(0, effort_of);
        let mut layout = Layout {
            authenticators: small(model.authenticators.len())?,
            most_doors: small(model.populations.iter().map(|p| 2 + p.recover.len()).max().unwrap_or(2))?,
            width: small(powers.len())?,
            efforts: powers.iter().map(|(kind, _)| effort(*kind)).collect(),
            powers,
            roles: vec![],
            approvers: 0,
            role_of: vec![],
            role_names: model.approvers.iter().map(|a| Arc::from(a.name.as_str())).collect(),
            order: vec![],
            sorted: vec![],
        };
        for (approver, asked) in (0..).map(ApproverIx).zip(most_asked(model)) {
            if asked > 0 {
                let first = layout.approvers;
                let people = asked.checked_add(1).ok_or(Truncated)?;
                let role = small(layout.roles.len())?;
                layout.approvers = first.checked_add(people).ok_or(Truncated)?;
                layout.role_of.extend((0..people).map(|_| role));
                // No door asks for more people than there are, so more of them need not fall.
                let fallen = small(fallen::people_of(fallen, approver))?.min(people);
                layout.roles.push(Role { approver, first, people, fallen });
            }
        }
        // A set of doors is a number of 64 bits.
        if layout.most_doors > 64 {
            return Err(Truncated);
        }
        let powers = (layout.role_of.len() + 1) * layout.powers.len();
        let end = small(usize::from(layout.first_power()) + powers)?;
        layout.sort(end);
        Ok(layout)
    }

    /// The first variable that is a capability; those below are circumstances of the account.
    pub(super) fn first_power(&self) -> Variable {
        self.most_doors + self.authenticators
    }

    /// "The member holds this authenticator."
    pub(super) fn held(&self, authenticator: AuthenticatorIx) -> Variable {
        self.most_doors + authenticator.0
    }

    /// Is a circumstance given, when these doors count and the member holds these authenticators?
    pub(super) fn is_granted(
        &self,
        circumstance: Variable,
        open: &[DoorName],
        holds: &[AuthenticatorIx],
    ) -> bool {
        match circumstance.checked_sub(self.most_doors) {
            Some(authenticator) => holds.contains(&AuthenticatorIx(authenticator)),
            None => open.iter().any(|door| door.variable() == Some(circumstance)),
        }
    }

    /// Everything that is given, when these doors count and the member holds these authenticators.
    pub(super) fn circumstances(&self, open: &[DoorName], holds: &[AuthenticatorIx]) -> Vec<Variable> {
        (0..self.first_power()).filter(|v| self.is_granted(*v, open, holds)).collect()
    }

    /// The capability against that person; `None` when the assumed attacker does not have it.
    pub(super) fn power(&self, who: Who, kind: CapabilityKind, object: Option<&str>) -> Option<Variable> {
        let mut indexed = (0..).zip(&self.powers);
        let (index, _): (u16, _) = indexed.find(|(_, (k, o))| *k == kind && o.as_deref() == object)?;
        let block = match who {
            Who::Member(_) => 0,
            Who::Approver(person) => person + 1,
        };
        Some(self.first_power() + block * self.width + index)
    }

    pub(super) fn capability(&self, variable: Variable) -> Capability {
        let (block, index) = self.block(variable);
        let (kind, object) = self.powers[usize::from(index)].clone();
        let person = block.checked_sub(1).map_or(Person::Member, |approver| self.approver(approver));
        Capability { kind, person, object }
    }

    /// The capability that stands at that place.
    pub(super) fn capability_at(&self, place: u32) -> Capability {
        self.sorted[place as usize].clone()
    }

    pub(super) fn approver(&self, person: u16) -> Person {
        let role = self.role_of(person);
        let name = Arc::clone(&self.role_names[usize::from(role.approver.0)]);
        Person::Approver { role: role.approver, name, number: role.number_of(person) }
    }

    /// Is this one of those who have fallen?
    pub(super) fn has_fallen(&self, person: u16) -> bool {
        let role = self.role_of(person);
        role.number_of(person) <= role.fallen
    }

    pub(super) fn role_of(&self, person: u16) -> &Role {
        &self.roles[usize::from(self.role_of[usize::from(person)])]
    }

    pub(super) fn role(&self, approver: ApproverIx) -> Option<&Role> {
        self.roles.iter().find(|role| role.approver == approver)
    }

    pub(super) fn effort(&self, variable: Variable) -> u32 {
        self.efforts[usize::from(self.block(variable).1)]
    }

    /// What each variable costs, by its number: circumstances nothing.
    pub(super) fn efforts(&self) -> Vec<u32> {
        let circumstances = std::iter::repeat_n(0, usize::from(self.first_power()));
        let people = usize::from(self.approvers) + 1;
        circumstances.chain(std::iter::repeat_n(&self.efforts, people).flatten().copied()).collect()
    }

    /// Is it given from the beginning?
    pub(super) fn is_given(&self, variable: Variable, fallen: &[Falling]) -> bool {
        if variable < self.first_power() || fallen.is_empty() {
            return false;
        }
        let (block, index) = self.block(variable);
        let (kind, object) = &self.powers[usize::from(index)];
        let role = block.checked_sub(1).map(|person| self.role_of(person).approver);
        fallen.iter().any(|falling| falling.gives_deed(*kind, role, object.as_deref()))
    }

    /// The place of a capability when capabilities are sorted as they are written.
    pub(super) fn place(&self, variable: Variable) -> u32 {
        self.order[usize::from(variable - self.first_power())]
    }

    /// Does this beginning of a set keep to the lowest numbers? Among the people of one role each has a block
    /// that is not greater than the block of the person before, read as a number with its first capability as
    /// the highest digit. Of the sets that differ only in who has which number, exactly one keeps to that, and
    /// it is the first as reports sort them.
    pub(super) fn lowest_numbers(&self, path: &[Variable]) -> bool {
        let Some((last, before)) = path.split_last() else { return true };
        let (block, index) = self.block(*last);
        if block < 2 || self.role_of(block - 1).first == block - 1 {
            return true;
        }
        let of = |wanted: u16| {
            before
                .iter()
                .filter(|v| **v >= self.first_power())
                .map(|v| self.block(*v))
                .filter(move |b| b.0 == wanted)
        };
        // Equal as far as both go, and the person before lacks what was just added: then the block is greater.
        let (mut mine, mut theirs) = (of(block), of(block - 1));
        loop {
            match (mine.next(), theirs.next()) {
                (Some(a), Some(b)) if a.1 == b.1 => {}
                (Some(_), _) => return true,
                (None, Some((_, theirs))) => return theirs <= index,
                (None, None) => return false,
            }
        }
    }

    /// Which person's block it is in, the member's being the first, and where in it.
    fn block(&self, variable: Variable) -> (u16, u16) {
        let index = variable - self.first_power();
        (index / self.width, index % self.width)
    }

    /// Sorts all capabilities as they are written.
    fn sort(&mut self, end: Variable) {
        let first = self.first_power();
        let mut sorted: Vec<(String, Variable)> =
            (first..end).map(|v| (self.capability(v).to_string(), v)).collect();
        sorted.sort();
        self.order = vec![0; sorted.len()];
        for (place, (_, variable)) in (0..).zip(&sorted) {
            self.order[usize::from(variable - first)] = place;
        }
        self.sorted = sorted.into_iter().map(|(_, variable)| self.capability(variable)).collect();
    }
}

/// Everything that the assumed attacker can do to a person, sorted as it is written.
fn powers(model: &Model) -> Vec<(CapabilityKind, Option<Arc<str>>)> {
    let things: BTreeSet<&str> = (model.authenticators.iter().map(ways::thing))
        .chain(model.channels.iter().map(ways::thing_of_channel))
        .collect();
    let mailboxes: BTreeSet<&str> =
        model.channels.iter().filter(|c| c.kind == ChannelKind::Email).map(|c| c.name.as_str()).collect();
    let mut powers = vec![];
    for kind in CapabilityKind::all().filter(|kind| kind.rank(&model.attacker).is_some()) {
        match kind {
            CapabilityKind::Steal | CapabilityKind::Unlock => {
                powers.extend(things.iter().map(|thing| (kind, Some(Arc::from(*thing)))));
            }
            CapabilityKind::Mailbox => {
                powers.extend(mailboxes.iter().map(|name| (kind, Some(Arc::from(*name)))));
            }
            _ => powers.push((kind, None)),
        }
    }
    powers.sort_by_cached_key(|(kind, object)| (format!("{}(", kind.name()), object.clone()));
    powers
}

/// For each approver role the most people that any door asks of it at once.
fn most_asked(model: &Model) -> Vec<u16> {
    let mut most = vec![0; model.approvers.len()];
    for population in &model.populations {
        for (_, door) in doors(population) {
            each_term(&door.require, &mut |term| {
                if let Term::Approval(role, people) = term {
                    let most = &mut most[usize::from(role.0)];
                    *most = people.max(*most);
                }
            });
        }
    }
    most
}

fn small(count: usize) -> Result<u16, Truncated> {
    u16::try_from(count).ok().filter(|count| *count < Variable::MAX).ok_or(Truncated)
}

pub(super) fn each_term(requirement: &Requirement, visit: &mut dyn FnMut(Term)) {
    match requirement {
        Requirement::Term(term) => visit(*term),
        Requirement::All(parts) | Requirement::Any(parts) => {
            for part in parts {
                each_term(part, visit);
            }
        }
        Requirement::AtLeast(_, terms) => terms.iter().copied().for_each(visit),
    }
}
