//! What the fuzzers must never find: their properties on everything that they found once, and on random input.

#[path = "../common/mod.rs"]
mod common;
#[path = "../oracle/forward.rs"]
mod forward;
mod properties;
#[path = "../common/text.rs"]
mod text;

use std::path::Path;

use policy::import;
use proptest::prelude::*;

/// Calls the property with every input that is kept for it; there is always one.
fn each_kept(target: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzzed/once").join(target);
    let inputs = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut tried = 0;
    for input in inputs {
        let path = input.expect("an entry of the folder").path();
        // Shown beside the panic, if there is one.
        eprintln!("{}", path.display());
        property(&std::fs::read(&path).expect("a file of the repository"));
        tried += 1;
    }
    assert!(tried > 0);
}

#[test]
fn every_policy_that_was_found_once_is_answered() {
    each_kept("policy", |bytes| properties::any_text(&String::from_utf8_lossy(bytes)));
}

#[test]
fn every_expression_that_was_found_once_is_answered() {
    each_kept("expression", |bytes| {
        let expression = String::from_utf8_lossy(bytes);
        properties::any_expression(&expression);
        for policy in &properties::doors(&expression) {
            properties::any_text(policy);
        }
    });
}

#[test]
fn every_made_up_policy_that_was_found_once_is_read_exactly() {
    each_kept("made_up", |bytes| properties::any_policy(common::Dice::from(bytes.to_vec())));
}

#[test]
fn every_export_that_was_found_once_is_refused_or_becomes_a_policy() {
    each_kept("keycloak", |bytes| properties::any_import(import::keycloak, bytes));
    each_kept("authelia", |bytes| properties::any_import(import::authelia, bytes));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, ..ProptestConfig::default() })]

    #[test]
    fn a_policy_reads_back_as_it_was_written(dice in common::dice()) {
        properties::any_policy(dice);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn an_expression_reads_back_as_it_was_written(
        expression in "(password|totp|key|issued\\(mobile\\)|approval\\(helpdesk, 2\\)| and | or |\\(|\\)){0,9}"
    ) {
        properties::any_expression(&expression);
        for policy in &properties::doors(&expression) {
            properties::any_text(policy);
        }
    }
}
