//! The blast radius against brute force: with the fallen given from the beginning, every set of other deeds is tried.

use std::collections::BTreeSet;

use policy::blast::{self, Fall, Kind, Outcome, Scene};
use policy::model::{AuthenticatorIx, Model, PopulationIx};
use policy::takeover::{self, CapabilityKind, DoorName, Falling, Whom};

use crate::common::{self, Dice};
use crate::forward::{MOST_DEEDS, World, listed};

/// One or two things that may fall, chosen by the dice; capabilities for everybody, for members or for one role.
fn random_fall(model: &Model, dice: &mut Dice) -> Vec<Falling> {
    let mut all = blast::everything(model);
    let kinds: BTreeSet<_> = model.authenticators.iter().map(|a| a.kind).collect();
    all.extend(kinds.into_iter().map(Falling::Kind));
    let roles = (0..).map(policy::model::ApproverIx).zip(&model.approvers).map(|(role, _)| role);
    let roles: Vec<_> = roles.collect();
    (0..=dice.below(2))
        .map(|_| {
            let mut falling = all[usize::from(dice.below(all.len()))].clone();
            if let Falling::Capability { whom, .. } = &mut falling {
                *whom = match dice.below(4) {
                    0 => Whom::Member,
                    1 if !roles.is_empty() => Whom::Role(dice.one_of(&roles)),
                    _ => Whom::Everybody,
                };
            }
            falling
        })
        .collect()
}

fn expected(world: &World<'_>) -> Vec<Vec<String>> {
    let sets: BTreeSet<Vec<String>> = world.minimal().into_iter().map(|set| world.written(set)).collect();
    sets.into_iter().collect()
}

/// Lets something fall in a random policy and compares what is left, of one kind of member; panics where they differ.
pub(crate) fn compare(mut dice: Dice) {
    let mut model = common::random_model(&mut dice);
    let population = PopulationIx(dice.below(model.populations.len()));
    while World::new(&model, population, vec![], vec![]).deeds.len() > MOST_DEEDS {
        common::ignore_more(&mut model, &mut dice);
    }
    let fallen = random_fall(&model, &mut dice);
    let analysis = takeover::analyse(&model);
    let scene = Scene::new(&model, Kind::allowed(&analysis)).expect("the policy is small");
    let blast = scene.fall(&fallen).expect("the policy is small");
    let of_population: Vec<usize> =
        (0..scene.kinds().len()).filter(|kind| scene.kinds()[*kind].population == population).collect();
    let kind = of_population[usize::from(dice.below(of_population.len()))];
    let profile = analysis.populations[usize::from(population.0)]
        .profiles
        .iter()
        .find(|profile| profile.holds == scene.kinds()[kind].listed)
        .expect("every kind is a profile");
    let open = profile.doors.iter().map(|door| door.name).filter(|name| *name != DoorName::Enrol).collect();
    let holds: Vec<AuthenticatorIx> = profile.circumstances().to_vec();
    let mut world = World::new(&model, population, holds, open);
    world.fallen.clone_from(&fallen);
    let fall = &blast.kinds[kind];
    let after = expected(&world);
    assert_eq!(listed(&fall.account.after), after, "{fallen:?} of {model:#?}");
    agrees(&fall.account, &after);
    for (app, fall) in &fall.apps {
        world.app = Some(usize::from(*app));
        assert_eq!(listed(&fall.after), expected(&world), "{fallen:?} of {model:#?}");
    }
    let takes_no_person =
        fallen.iter().all(|f| matches!(f, Falling::Capability { whom: Whom::Everybody, .. }));
    if takes_no_person {
        subtracted(&fall.account, &fallen);
    }
}

/// The outcome says what the sets say.
fn agrees(fall: &Fall, after: &[Vec<String>]) {
    let before = listed(&fall.before);
    let shorter = || after.iter().filter(|set| !before.contains(set));
    let expected = match shorter().map(Vec::len).min() {
        None => Outcome::Untouched,
        Some(0) => Outcome::Falls,
        Some(pieces) => Outcome::Left(pieces),
    };
    assert_eq!(fall.outcome(), expected);
}

/// To be given a deed is to take it out of every set: an independent way to the same sets, up to who has which number.
fn subtracted(fall: &Fall, fallen: &[Falling]) {
    let is_given = |kind: CapabilityKind, what: Option<&str>| {
        fallen.iter().any(|falling| match falling {
            Falling::Capability { kind: k, object, .. } => *k == kind && object.as_deref() == what,
            _ => false,
        })
    };
    let fewest = fall
        .before
        .iter()
        .map(|way| way.capabilities.iter().filter(|c| !is_given(c.kind, c.object.as_deref())).count());
    assert_eq!(fewest.min(), fall.after.iter().map(|way| way.capabilities.len()).min());
}
