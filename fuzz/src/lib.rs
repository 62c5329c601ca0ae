//! The properties that `crates/policy/tests/fuzzed` states, for the fuzzer. Nothing is stated here.

#[path = "../../crates/policy/tests/common/policies.rs"]
mod common;
#[path = "../../crates/policy/tests/oracle/forward.rs"]
mod forward;
#[path = "../../crates/policy/tests/fuzzed/properties.rs"]
mod properties;
#[path = "../../crates/policy/tests/common/text.rs"]
mod text;

/// Any bytes, made text as the command does not: it refuses what is not UTF-8.
pub fn whole_policy(bytes: &[u8]) {
    properties::any_text(&String::from_utf8_lossy(bytes));
}

/// Any expression on a door, only read.
pub fn expression(bytes: &[u8]) {
    properties::any_expression(&String::from_utf8_lossy(bytes));
}

/// A made-up policy, each byte a choice.
pub fn made_up(bytes: &[u8]) {
    properties::any_policy(common::Dice::from(bytes.to_vec()));
}

/// Any bytes as the export of a Keycloak realm.
pub fn keycloak(bytes: &[u8]) {
    properties::any_import(policy::import::keycloak, bytes);
}

/// Any bytes as the configuration of Authelia.
pub fn authelia(bytes: &[u8]) {
    properties::any_import(policy::import::authelia, bytes);
}
