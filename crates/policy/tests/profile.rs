//! Profiles: what one account really holds and where it is reached, and the memory of their readings.

mod common;

use std::collections::BTreeSet;

use common::Dice;
use policy::model::{AuthenticatorIx, ChannelIx, Date, Model, PopulationIx};
use policy::profile::{Chains, Memo, Profile};
use policy::takeover::{self, Goal, ProfileReading, Takeover, Verdict};
use policy::{Ranking, Source, check};
use proptest::prelude::*;

const POLICY: &str = r#"
version = 1
[organization]
name = "Example Ltd"
domain = "example.com"
support = "it@example.com"
[authenticator.passkey]
kind = "passkey"
on = "phone"
[authenticator.codes]
kind = "recovery-codes"
on = "paper"
[channel.own-mail]
kind = "email"
protected = "mfa"
[channel.other-mail]
kind = "email"
[channel.mobile]
kind = "sms"
on = "phone"
[population.guests]
groups = ["guests"]
[population.guests.login]
require = "passkey"
[population.staff]
groups = ["staff"]
risk = "high"
[population.staff.login]
require = "passkey"
"#;

fn model(recover: &str) -> Model {
    let door = format!("[population.staff.recover.mail]\n{recover}\nbinds = [\"passkey\"]\n");
    let source = Source::single("policy.toml", format!("{POLICY}{door}"));
    let checked = check(&source, Date { year: 2026, month: 1, day: 1 });
    checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

fn profile(model: &Model, holds: &[&str], addresses: &[&[&str]]) -> Profile {
    let ranking = Ranking::of(model, &takeover::analyse(model));
    let addresses = addresses.iter().map(|names| names.to_vec());
    Profile::of_names(model, &ranking, &["staff".to_owned()], holds.iter().copied(), addresses)
        .expect("staff have a population")
}

fn reading(model: &Model, holds: &[&str], addresses: &[&[&str]]) -> ProfileReading {
    profile(model, holds, addresses).read(model).expect("the policy is small")
}

fn written(ways: &[Takeover]) -> Vec<String> {
    ways.iter()
        .map(|way| way.capabilities.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn order_and_repetition_and_unknown_names_make_no_other_profile() {
    let model = model("require = \"issued(own-mail)\"");
    let one = profile(&model, &["codes", "passkey"], &[&["mobile"], &["other-mail", "own-mail"]]);
    let same = profile(
        &model,
        &["passkey", "fax", "codes", "passkey"],
        &[&["own-mail", "other-mail", "own-mail"], &["pigeon"], &["mobile"]],
    );
    assert_eq!(one, same);
    assert_ne!(one, profile(&model, &["codes", "passkey"], &[&["mobile"], &["other-mail"], &["own-mail"]]));
}

#[test]
fn the_strictest_population_decides_and_without_one_there_is_no_profile() {
    let model = model("require = \"issued(own-mail)\"");
    let ranking = Ranking::of(&model, &takeover::analyse(&model));
    let of = |groups: &[&str]| {
        let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        Profile::of_names(&model, &ranking, &groups, ["passkey"], []).map(|profile| profile.population())
    };
    assert_eq!(of(&["guests", "staff"]), Some(PopulationIx(1)));
    assert_eq!(of(&["guests"]), Some(PopulationIx(0)));
    assert_eq!(of(&["strangers"]), None);
}

#[test]
fn where_nothing_is_sent_nothing_can_be_read_or_phished() {
    let model = model("require = \"issued(own-mail)\"");
    let reached = reading(&model, &["passkey"], &[&["own-mail"]]);
    assert_eq!(reached.verdict, Verdict::Weaker);
    let not_reached = reading(&model, &["passkey"], &[&["mobile"]]);
    assert_eq!(not_reached.verdict, Verdict::Contained);
    assert_eq!(not_reached.any, not_reached.login);
}

#[test]
fn two_channels_of_one_address_are_one_mailbox_as_weak_as_the_worse() {
    let model = model("require = \"issued(own-mail) and issued(other-mail)\"");
    let apart = reading(&model, &["passkey"], &[&["own-mail"], &["other-mail"]]);
    let both =
        ["mailbox(member,other-mail) mailbox(member,own-mail)", "leak(member) mailbox(member,own-mail)"];
    for set in both {
        assert!(written(&apart.any).contains(&set.to_owned()), "{:?}", apart.any);
    }
    let together = reading(&model, &["passkey"], &[&["other-mail", "own-mail"]]);
    let round: Vec<Takeover> = together.any.iter().filter(|way| way.new).cloned().collect();
    assert_eq!(written(&round), ["leak(member)", "mailbox(member,own-mail)", "phish(member)"]);
}

#[test]
fn a_notice_to_the_address_that_receives_the_code_warns_nobody() {
    let door = "require = \"issued(other-mail)\"\nwait = \"24h\"\nnotify = [\"own-mail\"]";
    let model = model(door);
    let apart = reading(&model, &["passkey"], &[&["own-mail"], &["other-mail"]]);
    let mailbox = "mailbox(member,other-mail)";
    assert!(!written(&apart.any).contains(&mailbox.to_owned()), "the owner is told elsewhere");
    let shared = profile(&model, &["passkey"], &[&["own-mail", "other-mail"]]);
    let together = shared.read(&model).expect("the policy is small");
    let way =
        together.any.iter().find(|way| written(std::slice::from_ref(*way)) == ["mailbox(member,own-mail)"]);
    let way = way.unwrap_or_else(|| panic!("{:?}", together.any));
    assert!(
        !takeover::steps(&model, shared.population(), &together, Goal::Account, way).is_empty(),
        "the attack can be told"
    );
}

/// A profile by the dice, whose addresses lead to one channel each or to several.
fn random_profile(model: &Model, dice: &mut Dice) -> Profile {
    let number = |count: usize| u16::try_from(count).expect("few names");
    let population = PopulationIx(dice.below(model.populations.len()));
    let holds = (0..number(model.authenticators.len())).map(AuthenticatorIx);
    let holds: Vec<AuthenticatorIx> = holds.filter(|_| dice.below(3) > 0).collect();
    let channels = (0..number(model.channels.len())).map(ChannelIx);
    let channels: Vec<ChannelIx> = channels.filter(|_| dice.below(4) > 0).collect();
    let addresses =
        if dice.below(4) == 1 { vec![channels] } else { channels.iter().map(|c| vec![*c]).collect() };
    Profile::new(population, holds, addresses)
}

fn same(
    (memo, chains): (&mut Memo<'_>, &mut Chains<'_>),
    model: &Model,
    profile: &Profile,
) -> Result<(), TestCaseError> {
    let remembered = memo.reading(profile).expect("the policy is small");
    let alone = profile.read(model).expect("the policy is small");
    prop_assert_eq!(&remembered.login, &alone.login);
    prop_assert_eq!(&remembered.any, &alone.any);
    prop_assert_eq!(&remembered.lockout, &alone.lockout);
    prop_assert_eq!(remembered.verdict, alone.verdict);
    let standing = chains.standing(profile).expect("the policy is small");
    prop_assert_eq!(standing.verdict, alone.verdict);
    prop_assert_eq!(standing.weakest.as_ref(), alone.any.iter().min_by_key(|way| way.effort));
    for way in &remembered.any {
        let told = takeover::steps(model, profile.population(), &remembered, Goal::Account, way);
        prop_assert_eq!(told.is_empty(), false, "{:?}", way);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn what_is_remembered_is_what_each_account_alone_would_be_told(mut dice in common::dice()) {
        let mut model = common::random_model(&mut dice);
        common::ignore_more(&mut model, &mut dice);
        let (mut memo, mut chains) = (Memo::new(&model), Chains::new(&model));
        let profiles: Vec<Profile> = (0..6).map(|_| random_profile(&model, &mut dice)).collect();
        for profile in profiles.iter().chain(&profiles) {
            same((&mut memo, &mut chains), &model, profile)?;
        }
        prop_assert_eq!(memo.len(), profiles.iter().collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn who_is_reached_everywhere_is_read_as_the_policy_is(mut dice in common::dice()) {
        let model = common::random_model(&mut dice);
        let analysis = takeover::analyse(&model);
        let codes = (0..).zip(&model.authenticators);
        let codes = codes.filter(|(_, a)| a.kind == policy::FactorKind::RecoveryCodes);
        let codes: Vec<AuthenticatorIx> = codes.map(|(index, _)| AuthenticatorIx(index)).collect();
        for (population, reading) in (0..).map(PopulationIx).zip(&analysis.populations) {
            for of_policy in &reading.profiles {
                let everywhere = (0..).zip(&model.channels).map(|(index, _)| vec![ChannelIx(index)]);
                let holds = of_policy.holds.iter().chain(&codes).copied();
                let of_account = Profile::new(population, holds, everywhere).read(&model).expect("small");
                prop_assert_eq!(&of_account.any, &of_policy.any);
                prop_assert_eq!(of_account.verdict, of_policy.verdict);
            }
        }
    }
}
