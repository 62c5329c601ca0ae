//! Keycloak: a realm as it comes, its doors, limits, providers and clients, partial exports.

use policy::import::keycloak;
use serde_json::{Value, json};

use crate::{Policy, imported};

const STOCK: &str = include_str!("fixtures/stock-realm.json");
const HARDENED: &str = include_str!("fixtures/hardened-realm.json");

/// Those who reach every realm.
pub(crate) const MASTERS: &str = "administrators-of-master";

pub(crate) fn stock() -> Value {
    serde_json::from_str(STOCK).expect("the fixture is JSON")
}

#[track_caller]
pub(crate) fn import(realm: &Value) -> Policy {
    imported(keycloak, realm.to_string().as_bytes())
}

pub(crate) fn step(authenticator: &str, requirement: &str) -> Value {
    json!({"authenticator": authenticator, "requirement": requirement})
}

pub(crate) fn sub(flow: &str, requirement: &str) -> Value {
    json!({"authenticatorFlow": true, "flowAlias": flow, "requirement": requirement})
}

pub(crate) fn flow(alias: &str, steps: &[Value]) -> Value {
    json!({"id": format!("id of {alias}"), "alias": alias, "authenticationExecutions": steps})
}

/// A realm whose browser flow is `top`, and which has no other way in.
pub(crate) fn realm(flows: &[Value]) -> Value {
    json!({
        "realm": "r", "enabled": true, "keycloakVersion": "26.0.0", "browserFlow": "top", "clients": [],
        "smtpServer": {"host": "mx"}, "authenticationFlows": flows,
    })
}

#[track_caller]
pub(crate) fn sign_in_by(flows: &[Value]) -> Policy {
    import(&realm(flows))
}

#[test]
fn a_realm_as_it_comes_asks_only_those_for_a_second_factor_who_set_one_up() {
    let policy = import(&stock());
    assert_eq!(policy.populations(), ["without-second-factor", "with-second-factor", MASTERS]);
    assert_eq!(policy.login("without-second-factor"), "password");
    assert_eq!(policy.login("with-second-factor"), "password and one-time-code");
    assert_eq!(policy.text("organization.name"), "Acme Works");
    assert_eq!(policy.text("organization.support"), "sso@acme.example");
    policy.notes(&["realm", "not `master`"]);
    assert_eq!(policy.notes.len(), 1, "everything else is understood: {:?}", policy.notes);
}

#[test]
fn resetting_the_password_binds_a_new_one_time_code_and_never_asks_for_the_old() {
    let policy = import(&stock());
    let at = "population.with-second-factor.recover.reset-credentials";
    assert_eq!(policy.text(&format!("{at}.require")), "issued(own-mail)");
    assert_eq!(policy.list(&format!("{at}.binds")), ["password", "one-time-code"]);
    assert!(policy.found("recovery-weaker-than-login").contains(&at), "{:?}", policy.checked.diagnostics);
    assert!(policy.found("silent-change").contains(&at), "no listener sends mail");
}

#[test]
fn a_session_is_what_the_link_gives_unless_the_flow_forces_a_login() {
    let mut realm = stock();
    realm["authenticationFlows"][5]["authenticationExecutions"][3]["requirement"] = "DISABLED".into();
    let binds = |realm: &Value| {
        let policy = import(realm);
        policy.list("population.with-second-factor.recover.reset-credentials.binds").len()
    };
    assert_eq!(binds(&realm), 2, "the session sets up a new one-time code");
    realm["authenticatorConfig"] = json!([{"alias": "mail", "config": {"force-login": "true"}}]);
    realm["authenticationFlows"][5]["authenticationExecutions"][1]["authenticatorConfig"] = "mail".into();
    assert_eq!(binds(&realm), 1, "the password alone");
    realm["authenticatorConfig"][0]["config"]["force-login"] = "only-federated".into();
    assert_eq!(binds(&realm), 2);
}

#[test]
fn a_reset_flow_may_ask_for_the_old_one_time_code() {
    let mut realm = stock();
    realm["authenticationFlows"][5]["authenticationExecutions"][3] = step("auth-otp-form", "REQUIRED");
    let policy = import(&realm);
    let at = "population.with-second-factor.recover.reset-credentials";
    assert_eq!(policy.text(&format!("{at}.require")), "issued(own-mail) and one-time-code");
}

#[test]
fn what_is_switched_off_is_no_door() {
    let mut realm = stock();
    realm["resetPasswordAllowed"] = false.into();
    assert!(import(&realm).get("population.with-second-factor.recover.reset-credentials").is_none());
    realm["resetPasswordAllowed"] = true.into();
    realm["smtpServer"] = json!({});
    let policy = import(&realm);
    assert!(policy.get("population.with-second-factor.recover.reset-credentials").is_none());
    policy.notes(&["smtpServer", "no mail"]);
}

#[test]
fn both_spellings_of_the_flow_field_are_one() {
    let written = |right: Option<bool>, wrong: Option<bool>| {
        let mut top = json!({"flowAlias": "inner", "requirement": "REQUIRED"});
        if let Some(right) = right {
            top["authenticatorFlow"] = right.into();
        }
        if let Some(wrong) = wrong {
            top["autheticatorFlow"] = wrong.into();
        }
        let policy =
            sign_in_by(&[flow("top", &[top]), flow("inner", &[step("auth-password-form", "REQUIRED")])]);
        policy.login("members").to_owned()
    };
    for (right, wrong) in [(Some(true), None), (None, Some(true)), (Some(true), Some(true)), (None, None)] {
        assert_eq!(written(right, wrong), "password", "{right:?} {wrong:?}");
    }
}

#[test]
fn an_export_without_flows_has_those_of_its_version() {
    let whole = import(&stock());
    let mut realm = stock();
    realm.as_object_mut().expect("a realm is a map").remove("authenticationFlows");
    assert_eq!(import(&realm).text, whole.text);
    realm["keycloakVersion"] = "7.0.1".into();
    assert_eq!(
        import(&realm).text.replace("7.0.1", "26.0.5"),
        whole.text,
        "optional then, conditional since"
    );
    for key in ["browserFlow", "directGrantFlow", "resetCredentialsFlow", "keycloakVersion"] {
        realm.as_object_mut().expect("a realm is a map").remove(key);
    }
    assert_eq!(import(&realm).login("with-second-factor"), "password and one-time-code");
}

#[test]
fn passkeys_in_the_password_form_are_a_way_in_of_their_own() {
    let mut realm = stock();
    realm["webAuthnPolicyPasswordlessPasskeysEnabled"] = true.into();
    realm["webAuthnPolicyPasswordlessUserVerificationRequirement"] = "required".into();
    // The built-in flow of such a version does not ask for a code after a passkey.
    realm["authenticatorConfig"] =
        json!([{"alias": "c", "config": {"credentials": "webauthn-passwordless"}}]);
    realm["authenticationFlows"][2]["authenticationExecutions"].as_array_mut().expect("steps").push(
        json!({"authenticator": "conditional-credential", "requirement": "REQUIRED", "authenticatorConfig": "c"}),
    );
    assert_eq!(import(&realm).login("with-second-factor"), "(password and one-time-code) or passkey");
    realm["authenticatorConfig"][0]["config"]["included"] = "true".into();
    assert_eq!(
        import(&realm).login("with-second-factor"),
        "password or (passkey and one-time-code) or (password and one-time-code)"
    );
}

#[test]
fn recovery_codes_recover_and_do_not_log_in() {
    let mut realm = stock();
    let second = &mut realm["authenticationFlows"][2]["authenticationExecutions"];
    *second = json!([
        step("conditional-user-configured", "REQUIRED"),
        step("auth-otp-form", "ALTERNATIVE"),
        step("auth-recovery-authn-code-form", "ALTERNATIVE"),
    ]);
    let policy = import(&realm);
    assert_eq!(policy.login("with-second-factor"), "password and one-time-code");
    let at = "population.with-second-factor.recover.recovery-codes";
    assert_eq!(policy.text(&format!("{at}.require")), "password and recovery-codes");
    assert_eq!(policy.list(&format!("{at}.binds"))[..2], ["password", "one-time-code"]);
}

#[test]
fn other_providers_are_linked_by_a_mail_or_by_what_the_flow_asks() {
    let mut realm = stock();
    realm["identityProviders"] = json!([
        {"alias": "google", "enabled": true}, {"alias": "off", "enabled": false},
        {"alias": "links", "enabled": true, "linkOnly": true},
    ]);
    let policy = import(&realm);
    assert_eq!(policy.login("with-second-factor"), "(password and one-time-code) or provider-google");
    let at = "population.with-second-factor.recover.first-broker-login";
    assert_eq!(policy.text(&format!("{at}.require")), "issued(own-mail) or (password and one-time-code)");
    assert_eq!(policy.list(&format!("{at}.binds")), ["provider-google"]);
    assert!(!policy.text.contains("provider-links") && !policy.text.contains("provider-off"));

    // Whoever has the same address at the provider is let in without another question.
    realm["identityProviders"][0]["firstBrokerLoginFlowAlias"] = "auto".into();
    realm["identityProviders"][0]["postBrokerLoginFlowAlias"] = "post".into();
    let flows = realm["authenticationFlows"].as_array_mut().expect("flows");
    flows.push(flow(
        "auto",
        &[step("idp-detect-existing-broker-user", "REQUIRED"), step("idp-auto-link", "REQUIRED")],
    ));
    flows.push(flow("post", &[step("auth-otp-form", "REQUIRED")]));
    let policy = import(&realm);
    assert_eq!(policy.text(&format!("{at}.require")), "not-understood");
    assert_eq!(
        policy.login("with-second-factor"),
        "password and one-time-code or provider-google and one-time-code"
            .replace("password and one-time-code", "(password and one-time-code)")
            .replace("provider-google and one-time-code", "(provider-google and one-time-code)")
    );
}

#[test]
fn providers_with_the_same_flows_are_one_authenticator() {
    let mut realm = stock();
    realm["identityProviders"] =
        (0..40).map(|n| json!({"alias": format!("p{n}"), "enabled": true})).collect();
    let policy = import(&realm);
    assert_eq!(policy.login("without-second-factor"), "password or providers");
    assert!(policy.checked.analysis.as_ref().is_some_and(|analysis| !analysis.truncated));
}

#[test]
fn clients_with_flows_of_their_own_are_ways_in() {
    let mut realm = stock();
    let simple = flow("simple", &[step("auth-username-password-form", "REQUIRED")]);
    realm["authenticationFlows"].as_array_mut().expect("flows").push(simple);
    realm["clients"][1]["authenticationFlowBindingOverrides"] = json!({"browser": "id of simple"});
    assert_eq!(import(&realm).login("with-second-factor"), "(password and one-time-code) or password");
    realm["clients"][1]["authenticationFlowBindingOverrides"] =
        json!({"browser": "lost", "direct_grant": ""});
    let policy = import(&realm);
    assert_eq!(policy.login("with-second-factor"), "(password and one-time-code) or not-understood");
    policy.notes(&["clients[1].authenticationFlowBindingOverrides.browser", "no defence"]);
}

#[test]
fn sessions_last_as_long_as_the_longest_that_may_be() {
    let mut realm = stock();
    realm["defaultOptionalClientScopes"] = json!([]);
    let limits = |realm: &Value| {
        let policy = import(realm);
        let session =
            policy.get("population.with-second-factor.login.session").cloned().expect("it has limits");
        let text = |key: &str| session[key].as_str().expect("a duration").to_owned();
        (text("idle"), text("max"))
    };
    assert_eq!(limits(&realm), ("30m".to_owned(), "10h".to_owned()));
    realm["ssoSessionMaxLifespanRememberMe"] = 1_209_600.into();
    assert_eq!(limits(&realm), ("30m".to_owned(), "10h".to_owned()), "nobody is remembered");
    realm["rememberMe"] = true.into();
    assert_eq!(limits(&realm), ("30m".to_owned(), "14d".to_owned()));
    let policy = import(&realm);
    assert_eq!(policy.text("population.with-second-factor.enrol.expires"), "12h");
    assert_eq!(policy.text("population.with-second-factor.offboard.within"), "5m");
}

#[test]
fn a_realm_that_was_taken_care_of_says_so() {
    let policy = imported(keycloak, HARDENED.as_bytes());
    assert_eq!(policy.login("members"), "password and webauthn");
    assert_eq!(policy.text("organization.domain"), "bank.example");
    assert_eq!(policy.text("organization.support"), "desk@bank.example");
    assert_eq!(
        policy.list("population.members.bind.binds"),
        ["password", "webauthn"],
        "the address is not theirs to change"
    );
    assert_eq!(policy.list("population.members.bind.notify"), ["own-mail"]);
    assert!(policy.found("silent-change").is_empty(), "a listener sends mail");
    for carrier in ["role helpdesk", "role lead", "group night shift"] {
        assert!(policy.text.replace("\n# ", " ").contains(carrier), "{carrier}\n{}", policy.text);
    }
    assert!(!policy.text.contains("clerk"));
    assert_eq!(
        policy.text("population.members.recover.administrator.require"),
        "approval(administrator) or approval(master-administrator)"
    );
    assert_eq!(policy.list("app.ledger.for"), ["members", "not-yet-set-up"]);
}

#[test]
fn placeholders_are_not_filled_in() {
    let mut realm = stock();
    realm["resetPasswordAllowed"] = "$(env:RESET)".into();
    realm["ssoSessionMaxLifespan"] = "${MAX}".into();
    realm["displayName"] = "${NAME}".into();
    let policy = import(&realm);
    assert!(policy.get("population.with-second-factor.recover.reset-credentials").is_some(), "it may be on");
    policy.notes(&["resetPasswordAllowed", "neither true nor false"]);
    policy.notes(&["ssoSessionMaxLifespan", "no limit"]);
    assert_eq!(policy.text("organization.name"), "acme");
}

#[test]
fn no_secret_of_the_export_is_written() {
    let mut realm = stock();
    realm["smtpServer"]["password"] = "s3cret-mail".into();
    realm["clients"][1]["secret"] = "s3cret-client".into();
    realm["users"] = json!([{"username": "s3cret-user", "credentials": [{"secretData": "s3cret-hash"}]}]);
    realm["identityProviders"] = json!([{"alias": "x", "config": {"clientSecret": "s3cret-idp"}}]);
    let policy = import(&realm);
    assert!(!policy.text.contains("s3cret"), "{}", policy.text);
}
