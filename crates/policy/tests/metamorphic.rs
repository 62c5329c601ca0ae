//! What must hold between a policy and a changed one, whatever the policy says: asking for more is never easier,
//! and another door is never harder.

mod common;

use std::time::Duration;

use common::Dice;
use policy::model::{Door, Model, PopulationIx, Recover, Requirement};
use policy::takeover::{self, CapabilityKind, Goal, Takeover};
use proptest::prelude::*;

/// The least effort over the whole chain of each population, for members who hold everything; no way in is
/// the most of all. `None` when there were too many ways to list.
fn efforts(model: &Model) -> Option<Vec<u32>> {
    let analysis = takeover::analyse(model);
    let least = |takeovers: &[Takeover]| takeover::least_effort(takeovers).unwrap_or(u32::MAX);
    let populations = analysis.populations.iter();
    populations.map(|population| population.everything().map(|all| least(&all.any))).collect()
}

/// A door of the policy that is not a login.
fn any_door<'m>(model: &'m mut Model, dice: &mut Dice) -> &'m mut Door {
    let population = PopulationIx(dice.below(model.populations.len()));
    let population = &mut model.populations[usize::from(population.0)];
    let index = usize::from(dice.below(population.recover.len()));
    match (dice.below(3), &mut population.bind) {
        (1, Some(bind)) => bind,
        _ => &mut population.recover[index].door,
    }
}

fn never_cheaper(before: &Model, after: &Model) -> Result<(), TestCaseError> {
    if let (Some(before_efforts), Some(after_efforts)) = (efforts(before), efforts(after)) {
        for (earlier, later) in before_efforts.into_iter().zip(after_efforts) {
            prop_assert!(later >= earlier, "{earlier} became {later}: {before:#?} {after:#?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn requiring_more_at_a_door_never_makes_a_takeover_cheaper(mut dice in common::dice()) {
        let before = common::random_model(&mut dice);
        let mut after = before.clone();
        let more = any_door(&mut before.clone(), &mut dice).require.clone();
        let door = any_door(&mut after, &mut dice);
        let required = door.require.clone();
        door.require = Requirement::All(vec![required, more]);
        never_cheaper(&before, &after)?;
    }

    #[test]
    fn waiting_never_makes_a_takeover_cheaper(mut dice in common::dice()) {
        let after = common::random_model(&mut dice);
        let mut before = after.clone();
        any_door(&mut before, &mut dice).wait = None;
        never_cheaper(&before, &after)?;
        let mut longer = after.clone();
        if let Some(wait) = &mut any_door(&mut longer, &mut dice).wait {
            *wait += Duration::from_hours(72);
        }
        never_cheaper(&after, &longer)?;
    }

    #[test]
    fn another_door_never_makes_a_takeover_dearer(mut dice in common::dice()) {
        let after = common::random_model(&mut dice);
        let mut before = after.clone();
        let population = usize::from(dice.below(after.populations.len()));
        before.populations[population].recover.pop();
        never_cheaper(&after, &before)?;
        let mut more = after.clone();
        let door = any_door(&mut after.clone(), &mut dice).clone();
        more.populations[population].recover.push(Recover { name: "another".into(), door });
        if more.populations[population].bind.is_some() || population == 0 {
            never_cheaper(&more, &after)?;
        }
    }

    #[test]
    fn a_weaker_attacker_never_finds_a_cheaper_takeover(mut dice in common::dice()) {
        let before = common::random_model(&mut dice);
        let mut after = before.clone();
        common::ignore_more(&mut after, &mut dice);
        never_cheaper(&before, &after)?;
        let kinds: Vec<CapabilityKind> = CapabilityKind::all().collect();
        let kind = dice.one_of(&kinds);
        let mut harder = before.clone();
        if let Some(rank) = kind.rank(&before.attacker) {
            harder.attacker.ranks.push((kind.name().to_owned(), (rank + 1).min(4)));
        }
        never_cheaper(&before, &harder)?;
    }

    #[test]
    fn who_holds_more_is_taken_over_no_harder(mut dice in common::dice()) {
        let model = common::random_model(&mut dice);
        let analysis = takeover::analyse(&model);
        for reading in &analysis.populations {
            let least = |takeovers: &[Takeover]| takeover::least_effort(takeovers).unwrap_or(u32::MAX);
            for profile in &reading.profiles {
                for more in reading.profiles.iter().filter(|p| profile.holds.iter().all(|a| p.holds.contains(a))) {
                    prop_assert!(least(&more.any) <= least(&profile.any));
                    prop_assert!(least(&more.login) <= least(&profile.login));
                }
                prop_assert!(least(&profile.any) <= least(&profile.login));
            }
        }
    }

    #[test]
    fn every_attack_can_be_told_from_its_first_deed_to_the_sign_in(mut dice in common::dice()) {
        let model = common::random_model(&mut dice);
        let analysis = takeover::analyse(&model);
        for (index, reading) in (0..).zip(&analysis.populations) {
            for profile in &reading.profiles {
                for way in profile.any.iter().chain(&profile.enrolment).take(20) {
                    let told = takeover::steps(&model, PopulationIx(index), profile, Goal::Account, way).join("; ");
                    // Every capability of a minimal set is needed, so every one of them is told.
                    for capability in &way.capabilities {
                        prop_assert!(told.contains(&capability.in_words()), "{capability}: {told}");
                    }
                    prop_assert!(told.contains("sign in") || told.contains("session"), "{told}");
                }
            }
        }
    }
}
