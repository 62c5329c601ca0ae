//! When is one list of takeovers no easier than another? The order of minimal sets.
//!
//! A takeover is covered when another one asks for no capability that it does not ask for too: whoever could do the
//! first can do the second. Which of the people of a role has which number means nothing, so people are matched.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::takeover::{Person, Takeover, Truncated};

/// More comparisons than this are not made: minutes.
const MOST_PAIRS: usize = 400_000_000;

/// Takeovers, and how far they are listed ([`crate::takeover::ProfileReading::up_to`]).
#[derive(Clone, Copy)]
pub(super) struct Listed<'t> {
    pub(super) ways: &'t [Takeover],
    pub(super) up_to: Option<u32>,
}

/// The takeovers of `some` that none of `others` covers. What covers a takeover costs no more than it, so takeovers are
/// compared as far as the others are listed, and no further.
pub(super) fn uncovered<'t>(some: Listed<'t>, others: Listed<'_>) -> Result<Vec<&'t Takeover>, Truncated> {
    let mut numbers = Numbers::default();
    let up_to = others.up_to.unwrap_or(u32::MAX);
    let others: HashSet<Deeds> = others.ways.iter().map(|takeover| numbers.deeds(takeover)).collect();
    let unknown: Vec<(&Takeover, Deeds)> = (some.ways.iter())
        .filter(|takeover| takeover.effort <= up_to)
        .map(|takeover| (takeover, numbers.deeds(takeover)))
        .filter(|(_, deeds)| !others.contains(deeds))
        .collect();
    if unknown.len().saturating_mul(others.len()) > MOST_PAIRS {
        return Err(Truncated);
    }
    let is_new = |deeds: &Deeds| !others.iter().any(|other| other.covers(deeds));
    Ok(unknown.into_iter().filter(|(_, deeds)| is_new(deeds)).map(|(takeover, _)| takeover).collect())
}

/// What is done to one person: numbers, ascending.
type ToOne = Vec<u32>;

/// A takeover, person by person.
#[derive(PartialEq, Eq, Hash)]
struct Deeds {
    /// A bit for each number modulo 64: a set with other bits cannot be a subset.
    signature: u64,
    member: ToOne,
    /// By role, sorted, because the people of a role are interchangeable.
    approvers: BTreeMap<String, Vec<ToOne>>,
}

/// Numbers deeds by what they are, whoever they are done to.
#[derive(Default)]
struct Numbers(HashMap<String, u32>);

impl Numbers {
    fn deeds(&mut self, takeover: &Takeover) -> Deeds {
        let mut people: BTreeMap<Option<(&str, u16)>, ToOne> = BTreeMap::new();
        let mut signature = 0;
        for capability in &takeover.capabilities {
            let person = match &capability.person {
                Person::Member => None,
                Person::Approver { name, number, .. } => Some((&**name, *number)),
            };
            let object = capability.object.as_deref().unwrap_or_default();
            let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
            let number = *self.0.entry(format!("{} {object}", capability.kind.name())).or_insert(next);
            signature |= 1 << (number % 64);
            people.entry(person).or_default().push(number);
        }
        let mut deeds = Deeds { signature, member: vec![], approvers: BTreeMap::new() };
        for (person, mut numbers) in people {
            numbers.sort_unstable();
            match person {
                None => deeds.member = numbers,
                Some((role, _)) => deeds.approvers.entry(role.to_owned()).or_default().push(numbers),
            }
        }
        deeds.approvers.values_mut().for_each(|people| people.sort());
        deeds
    }
}

impl Deeds {
    /// Does whoever can do `other` also do this?
    fn covers(&self, other: &Deeds) -> bool {
        self.signature & !other.signature == 0
            && is_part(&self.member, &other.member)
            && self.approvers.iter().all(|(role, people)| {
                let others = other.approvers.get(role).map_or(&[][..], Vec::as_slice);
                matched(people, &mut others.iter().collect::<Vec<_>>())
            })
    }
}

/// Can each of `people` be matched with another one of `others` to whom all the same is done? There are as many
/// people as approvals are asked for: a handful.
fn matched(people: &[ToOne], others: &mut Vec<&ToOne>) -> bool {
    let Some((first, rest)) = people.split_first() else { return true };
    (0..others.len()).any(|index| {
        if !is_part(first, others[index]) {
            return false;
        }
        let taken = others.swap_remove(index);
        let found = matched(rest, others);
        others.push(taken);
        let last = others.len() - 1;
        others.swap(index, last);
        found
    })
}

/// Both ascending.
fn is_part(part: &[u32], whole: &[u32]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|number| whole.any(|other| other == number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ApproverIx;
    use crate::takeover::{Capability, CapabilityKind as K};

    fn takeover(deeds: &[(K, u16)]) -> Takeover {
        let person = |number| match number {
            0 => Person::Member,
            number => Person::Approver { role: ApproverIx(0), name: "desk".into(), number },
        };
        let capabilities = deeds
            .iter()
            .map(|(kind, number)| Capability { kind: *kind, person: person(*number), object: None })
            .collect();
        Takeover { capabilities, effort: 0, doors: vec![], new: false }
    }

    /// How many of these are not covered by those.
    fn new(some: &[&Takeover], others: &[&Takeover]) -> usize {
        let owned = |list: &[&Takeover]| list.iter().copied().cloned().collect::<Vec<_>>();
        let (some, others) = (owned(some), owned(others));
        let whole = |ways| Listed { ways, up_to: None };
        uncovered(whole(&some), whole(&others)).expect("they are few").len()
    }

    #[test]
    fn what_costs_more_than_is_listed_is_not_compared() {
        let dear = Takeover { effort: 9, ..takeover(&[(K::Phish, 0)]) };
        let cheap = Takeover { effort: 8, ..takeover(&[(K::Leak, 0)]) };
        let some = [dear, cheap.clone()];
        let (some, none) = (Listed { ways: &some, up_to: None }, Listed { ways: &[], up_to: Some(8) });
        assert_eq!(uncovered(some, none).expect("they are few"), [&cheap]);
    }

    #[test]
    fn a_set_covers_itself_and_whatever_asks_for_more() {
        let (phish, more) = (takeover(&[(K::Phish, 0)]), takeover(&[(K::Phish, 0), (K::Deepfake, 0)]));
        assert_eq!(new(&[&more, &phish], &[&phish]), 0);
        assert_eq!(new(&[&phish], &[&more]), 1);
    }

    #[test]
    fn the_numbers_of_people_mean_nothing_but_their_number_does() {
        let one = takeover(&[(K::Phish, 1), (K::Deceive, 2)]);
        let turned = takeover(&[(K::Deceive, 1), (K::Phish, 2)]);
        assert_eq!((new(&[&one], &[&turned]), new(&[&turned], &[&one])), (0, 0));
        // Both deeds to one person are no cover for each done to another.
        let both = takeover(&[(K::Deceive, 1), (K::Phish, 1)]);
        assert_eq!(new(&[&one], &[&both]), 1);
        // The same deed to two people asks for more than to one.
        let two = takeover(&[(K::Deceive, 1), (K::Deceive, 2)]);
        let alone = takeover(&[(K::Deceive, 1)]);
        assert_eq!((new(&[&two], &[&alone]), new(&[&alone], &[&two])), (0, 1));
    }

    #[test]
    fn nothing_is_covered_by_what_is_done_to_somebody_else() {
        let (member, desk) = (takeover(&[(K::Phish, 0)]), takeover(&[(K::Phish, 1)]));
        assert_eq!(new(&[&member], &[&desk]), 1);
    }

    #[test]
    fn matching_goes_back_when_the_first_choice_was_wrong() {
        // The one who is only phished must be left for the one who needs no more than that.
        let wanted = takeover(&[(K::Phish, 1), (K::Phish, 2), (K::Deceive, 2)]);
        let given = takeover(&[(K::Phish, 1), (K::Deceive, 1), (K::Phish, 2)]);
        assert_eq!(new(&[&given], &[&wanted]), 0);
    }
}
