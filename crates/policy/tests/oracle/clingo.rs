//! Answer sets: clingo finds the minimal takeovers of many random policies, from their text and with rules of its own.
//!
//! Owns what is asked. The answers, and every reading of the language that they need, are `clingo_oracle.py`'s, which
//! shares nothing with the engine. A machine without it fails: a comparison that did not happen proves nothing.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use policy::model::{AuthenticatorIx, Model, PopulationIx};
use policy::takeover::{self, Analysis, DoorName, Takeover};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::common::{self, Dice};
use crate::text;

/// As many as a run of `./check` asks for; a quicker look without it.
fn policies() -> usize {
    let wanted = std::env::var("POSTERN_ORACLE_POLICIES").ok();
    wanted.map_or(400, |number| number.parse().expect("POSTERN_ORACLE_POLICIES is a number"))
}

/// `./check` makes it.
fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/clingo/bin/python3")
}

#[test]
fn clingo_finds_the_same_minimal_sets_and_verdicts() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/clingo_oracle.py");
    let child = Command::new(python()).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!("{}: {error}; `./check oracle` makes what is missing", python().display())
    });
    let mut input = BufWriter::new(child.stdin.take().expect("it is piped"));
    let mut runner = TestRunner::default();
    let dice = common::dice();
    let number = policies();
    for _ in 0..number {
        let dice = dice.new_tree(&mut runner).expect("any dice will do").current();
        // The oracle stops reading at the first difference, and says which.
        if writeln!(input, "{}", asked(dice)).is_err() {
            break;
        }
    }
    drop(input);
    let output = child.wait_with_output().expect("it was started");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.trim(), format!("{number} policies agree"));
}

/// A policy, its profiles, and three readings of one of them: login, the whole chain, and one chosen by the dice.
fn asked(mut dice: Dice) -> Value {
    let mut model = common::random_model(&mut dice);
    for _ in 0..dice.below(3) {
        common::ignore_more(&mut model, &mut dice);
    }
    if dice.below(3) == 1 {
        model.attacker.ranks = vec![("phish".to_owned(), 1 + u8::try_from(dice.below(4)).expect("small"))];
    }
    let mut analysis = takeover::analyse(&model);
    // clingo lists each set once for every numbering of the people in it, so few policies would take most of its time.
    // Where the engine does not list them all, there are more than that.
    while widest(&analysis) > MOST_SETS || is_in_part(&analysis) {
        common::ignore_more(&mut model, &mut dice);
        analysis = takeover::analyse(&model);
    }
    assert!(!analysis.truncated, "so small a policy is never too large:\n{}", text::written(&model));
    let all = || model.populations.iter().zip(&analysis.populations);
    let profiles: BTreeMap<&str, Vec<Value>> = all()
        .map(|(population, reading)| {
            let holds = reading.profiles.iter().map(|profile| names(&model, &profile.holds));
            (population.name.as_str(), holds.collect())
        })
        .collect();
    let population = PopulationIx(dice.below(model.populations.len()));
    let reading = &analysis.populations[usize::from(population.0)];
    let profile = &reading.profiles[usize::from(dice.below(reading.profiles.len()))];
    let question = |of: &str, takeovers: &[Takeover]| {
        let holds = names(&model, &profile.holds);
        json!({ "population": model[population].name, "holds": holds, "of": of, "sets": sets(takeovers) })
    };
    let mut any = question("any", &profile.any);
    any["verdict"] = profile.account.name().into();
    let mut readings = vec![question("login", &profile.login), any];
    // An application that not every login opens is compared with the logins that it accepts.
    for entry in profile.entries.iter().take(1) {
        let name = &model.apps[usize::from(entry.apps[0])].name;
        let mut any = question(&format!("app:{name}"), &entry.any);
        any["verdict"] = entry.verdict.name().into();
        readings.extend([question(&format!("app-login:{name}"), &entry.login), any]);
    }
    if let Some(door) = profile.doors.get(usize::from(dice.below(profile.doors.len() + 1))) {
        let name = match door.name {
            DoorName::Enrol => "enrol".to_owned(),
            name => name.written(&model[population]),
        };
        readings.push(question(&name, &door.takeovers));
    } else if let Some((app, access)) = model.apps.iter().zip(&analysis.apps).find_map(|(app, reading)| {
        Some(app).zip(reading.populations.iter().find(|access| access.population == population))
    }) {
        // The way into an application is told for members who hold everything.
        let mut question = question(&format!("app:{}", app.name), &access.takeover);
        question["holds"] = names(&model, &reading.everything().expect("not truncated").holds);
        readings.push(question);
    }
    json!({ "policy": text::written(&model), "profiles": profiles, "readings": readings })
}

const MOST_SETS: usize = 60;

fn is_in_part(analysis: &Analysis) -> bool {
    analysis.populations.iter().any(|reading| reading.up_to().is_some())
}

fn widest(analysis: &Analysis) -> usize {
    let profiles = analysis.populations.iter().flat_map(|population| &population.profiles);
    profiles.map(|profile| profile.any.len()).max().unwrap_or(0)
}

fn sets(takeovers: &[Takeover]) -> Vec<Vec<String>> {
    takeovers.iter().map(|t| t.capabilities.iter().map(ToString::to_string).collect()).collect()
}

fn names(model: &Model, authenticators: &[AuthenticatorIx]) -> Value {
    authenticators.iter().map(|name| model[*name].name.as_str()).collect()
}
