//! Keycloak before version 8, which had no conditional flows and walked its flows otherwise.
//!
//! What is expected is what `DefaultAuthenticationFlow.processFlow` of those versions does: it goes through the lines in
//! their order, and the flow has succeeded when none is left.

use serde_json::{Value, json};

use crate::Policy;
use crate::keycloak::{flow, import, realm, step, sub};

const FORM: &str = "auth-username-password-form";

#[track_caller]
fn old(flows: &[Value]) -> Policy {
    let mut realm = realm(flows);
    realm["keycloakVersion"] = "7.0.1".into();
    import(&realm)
}

#[test]
fn an_optional_step_is_asked_of_those_who_have_it_and_spares_the_others() {
    let policy = old(&[flow("top", &[step(FORM, "REQUIRED"), step("auth-otp-form", "OPTIONAL")])]);
    assert_eq!(policy.login("with-second-factor"), "password and one-time-code");
    assert_eq!(policy.login("without-second-factor"), "password");
}

#[test]
fn a_flow_of_optional_steps_alone_lets_those_pass_who_have_none_of_them() {
    let flows = [
        flow("top", &[step(FORM, "REQUIRED"), sub("second", "REQUIRED")]),
        flow("second", &[step("auth-otp-form", "OPTIONAL")]),
    ];
    assert_eq!(old(&flows).login("without-second-factor"), "password");
}

#[test]
fn an_alternative_authenticator_is_waited_for_by_nobody_once_the_user_is_known() {
    let flows = [flow(
        "top",
        &[
            step(FORM, "REQUIRED"),
            step("auth-otp-form", "ALTERNATIVE"),
            step("webauthn-authenticator", "ALTERNATIVE"),
        ],
    )];
    let policy = old(&flows);
    assert_eq!(policy.login("members"), "password");
    policy.notes(&["auth-otp-form", "nobody had to pass", "no defence"]);
    // Nor in a flow of its own.
    let flows = [
        flow("top", &[step(FORM, "REQUIRED"), sub("second", "REQUIRED")]),
        flow("second", &[step("auth-otp-form", "ALTERNATIVE")]),
    ];
    assert_eq!(old(&flows).login("members"), "password");
}

#[test]
fn who_comes_from_another_provider_is_known_already() {
    let mut realm = realm(&[
        flow("top", &[step(FORM, "REQUIRED")]),
        flow("after", &[step("auth-otp-form", "ALTERNATIVE")]),
    ]);
    realm["keycloakVersion"] = "7.0.1".into();
    realm["identityProviders"] =
        json!([{"alias": "corp", "enabled": true, "postBrokerLoginFlowAlias": "after"}]);
    assert_eq!(import(&realm).login("members"), "password or provider-corp");
}

#[test]
fn an_alternative_flow_beside_required_steps_has_to_be_passed() {
    let flows = [
        flow("top", &[step(FORM, "REQUIRED"), sub("second", "ALTERNATIVE")]),
        flow("second", &[step("auth-otp-form", "REQUIRED")]),
    ];
    assert_eq!(old(&flows).login("members"), "password and one-time-code");
}

#[test]
fn an_optional_flow_is_skipped_when_it_asks_for_something() {
    let flows = [
        flow("top", &[step(FORM, "REQUIRED"), sub("second", "OPTIONAL")]),
        flow("second", &[step("auth-otp-form", "REQUIRED")]),
    ];
    let policy = old(&flows);
    assert_eq!(policy.login("members"), "password");
    policy.notes(&["second", "optional flow", "skips"]);
}

#[test]
fn an_export_with_optional_steps_is_old_though_it_does_not_say_its_version() {
    let mut realm = realm(&[
        flow("top", &[step(FORM, "REQUIRED"), step("webauthn-authenticator", "ALTERNATIVE")]),
        flow("other", &[step("auth-otp-form", "OPTIONAL")]),
    ]);
    realm["keycloakVersion"] = json!(null);
    let policy = import(&realm);
    assert_eq!(policy.login("members"), "password");
    policy.notes(&["webauthn-authenticator", "before version 8"]);
}
