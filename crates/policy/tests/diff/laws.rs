//! Laws that hold between any two policies.

use policy::diff::{self, Aspect, Change, Diff, Effect, Holding, Judged, Subject, Value};
use policy::model::{Model, Requirement, Term};
use policy::takeover::{self, Takeover};
use proptest::prelude::*;

use crate::TODAY;
use crate::common::{self, Dice};

/// `None`: too many ways to list.
fn between(before: &Model, after: &Model) -> Option<Diff> {
    let (old, new) = (takeover::analyse(before), takeover::analyse(after));
    let before = Judged { model: before, analysis: &old, digest: "old" };
    diff::between(before, Judged { model: after, analysis: &new, digest: "new" }, TODAY).ok()
}

/// The changes of the way back, in an order of its own.
fn mirrored(diff: &Diff) -> Vec<String> {
    let turned = |change: &Change| {
        let Change { subject, aspect, effect, before, after } = change.clone();
        let subject = match subject {
            Subject::Groups { names, from, to } => Subject::Groups { names, from: to, to: from },
            other => other,
        };
        Change { subject, aspect, effect: effect.reversed(), before: after, after: before }
    };
    sorted(diff.changes.iter().map(turned))
}

fn sorted(changes: impl Iterator<Item = Change>) -> Vec<String> {
    let mut all: Vec<String> = changes.map(|change| format!("{change:?}")).collect();
    all.sort();
    all
}

fn is_way(change: &Change) -> bool {
    matches!(change.aspect, Aspect::WayIn(_) | Aspect::WayToEnrol | Aspect::WayIntoApp { .. })
}

/// The requirements of every door, of logins only if so asked.
fn requirements(model: &mut Model, logins: bool) -> Vec<&mut Requirement> {
    let mut all = vec![];
    for population in &mut model.populations {
        if logins {
            all.push(&mut population.login.require);
        }
        all.extend(population.enrol.iter_mut().map(|enrol| &mut enrol.door.require));
        all.extend(population.bind.iter_mut().map(|door| &mut door.require));
        all.extend(population.recover.iter_mut().map(|recover| &mut recover.door.require));
    }
    all
}

/// One more term at some door, joined to what it required; terms come from that door or from a login.
fn changed(model: &Model, dice: &mut Dice, logins: bool, join: fn(Vec<Requirement>) -> Requirement) -> Model {
    let mut changed = model.clone();
    let login = changed.populations[0].login.require.clone();
    let mut doors = requirements(&mut changed, logins);
    let index = usize::from(dice.below(doors.len()));
    let terms: Vec<Term> = login.terms().chain(doors[index].terms()).copied().collect();
    let term = Requirement::Term(dice.one_of(&terms));
    let required = doors[index].clone();
    *doors[index] = join(vec![required, term]);
    changed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_policy_does_not_differ_from_itself(mut dice in common::dice()) {
        let model = common::random_model(&mut dice);
        if let Some(diff) = between(&model, &model.clone()) {
            prop_assert!(diff.is_empty(), "{:#?}", diff.changes);
        }
    }

    #[test]
    fn the_way_back_is_the_mirror_image(mut dice in common::dice(), mut other in common::dice()) {
        let before = common::random_model(&mut dice);
        let mut after = common::random_model(&mut other);
        common::ignore_more(&mut after, &mut other);
        if let (Some(there), Some(back)) = (between(&before, &after), between(&after, &before)) {
            prop_assert_eq!(sorted(there.changes.iter().cloned()), mirrored(&back));
        }
    }

    #[test]
    fn another_alternative_at_a_door_strengthens_nothing(mut dice in common::dice()) {
        let before = common::random_model(&mut dice);
        let after = changed(&before, &mut dice, true, Requirement::Any);
        if let Some(diff) = between(&before, &after) {
            let stronger = diff.changes.iter().find(|change| change.effect == Effect::Strengthens);
            prop_assert!(stronger.is_none(), "{stronger:#?}");
        }
    }

    /// Not so at a login: whoever must show more there has a better session, and with it reaches what was out of reach
    /// for everybody before.
    #[test]
    fn another_requirement_at_a_door_makes_no_takeover_easier(mut dice in common::dice()) {
        let before = common::random_model(&mut dice);
        let after = changed(&before, &mut dice, false, Requirement::All);
        if let Some(diff) = between(&before, &after) {
            let easier = diff.changes.iter().find(|change| is_way(change) && change.effect == Effect::Weakens);
            prop_assert!(easier.is_none(), "{easier:#?}");
        }
    }

    /// Where nobody else is concerned, a way is new exactly if no old set of words is a part of it.
    #[test]
    fn new_ways_in_are_those_that_contain_no_old_one(mut dice in common::dice(), mut other in common::dice()) {
        let (before, mut after) = (common::random_model(&mut dice), common::random_model(&mut other));
        after.attacker = before.attacker.clone();
        let ways = |model: &Model| -> Option<Vec<Vec<String>>> {
            let analysis = takeover::analyse(model);
            let everything = analysis.populations[0].everything()?;
            let written = |way: &Takeover| way.capabilities.iter().map(ToString::to_string).collect();
            Some(everything.any.iter().map(written).collect())
        };
        let (Some(old), Some(new), Some(diff)) = (ways(&before), ways(&after), between(&before, &after)) else {
            return Ok(());
        };
        let concerns_others = |ways: &[Vec<String>]| ways.iter().flatten().any(|deed| deed.contains('#'));
        prop_assume!(!concerns_others(&old) && !concerns_others(&new));
        let mut expected: Vec<Vec<String>> = new
            .into_iter()
            .filter(|way| !old.iter().any(|earlier| earlier.iter().all(|deed| way.contains(deed))))
            .collect();
        let mut found: Vec<Vec<String>> = diff
            .changes
            .iter()
            .filter(|change| change.effect == Effect::Weakens)
            .filter(|change| change.subject == Subject::Population(before.populations[0].name.clone()))
            .filter_map(|change| match (&change.aspect, &change.after) {
                (Aspect::WayIn(holdings), Some(Value::Way(way))) if holdings.contains(&Holding::Everything) => {
                    Some(way.capabilities.clone())
                }
                _ => None,
            })
            .collect();
        expected.sort();
        found.sort();
        prop_assert_eq!(found, expected);
    }
}
