//! Keycloak: flows nested in each other, doors, roles, limits, partial and old exports.

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
fn a_flow_that_is_nowhere_is_no_defence() {
    let policy = sign_in_by(&[flow("other", &[])]);
    assert_eq!(policy.login("members"), "not-understood");
    policy.notes(&["authenticationFlows.top", "no defence"]);
    assert_eq!(policy.text("authenticator.not-understood.kind"), "password");
}

#[test]
fn nested_flows_keep_their_meaning() {
    let policy = sign_in_by(&[
        flow("top", &[sub("local", "ALTERNATIVE"), sub("card", "ALTERNATIVE"), sub("old", "DISABLED")]),
        flow("local", &[step("auth-username-password-form", "REQUIRED"), sub("second", "REQUIRED")]),
        flow(
            "second",
            &[step("auth-otp-form", "ALTERNATIVE"), step("webauthn-authenticator", "ALTERNATIVE")],
        ),
        flow("card", &[step("auth-x509-client-username-form", "REQUIRED")]),
        flow("old", &[step("auth-password-form", "REQUIRED")]),
    ]);
    assert_eq!(
        policy.login("with-second-factor"),
        "(password and (one-time-code or webauthn or webauthn-without-pin)) or certificate"
    );
    assert_eq!(policy.login("without-second-factor"), "certificate");
}

#[test]
fn alternatives_beside_required_steps_are_ignored_since_version_8() {
    let flows = [flow(
        "top",
        &[
            step("auth-username-password-form", "REQUIRED"),
            step("webauthn-authenticator-passwordless", "ALTERNATIVE"),
        ],
    )];
    let policy = sign_in_by(&flows);
    assert_eq!(policy.login("members"), "password");
    policy.notes(&["webauthn-authenticator-passwordless", "ignores"]);
    let mut old = realm(&flows);
    old["keycloakVersion"] = "6.0.1".into();
    assert_eq!(import(&old).login("members"), "password and (passkey or passkey-without-pin)");
}

#[test]
fn a_required_second_factor_is_set_up_by_whoever_signs_in_first() {
    let policy = sign_in_by(&[flow(
        "top",
        &[step("auth-username-password-form", "REQUIRED"), step("auth-otp-form", "REQUIRED")],
    )]);
    assert_eq!(policy.populations(), ["members", "not-yet-set-up", MASTERS]);
    assert_eq!(policy.login("members"), "password and one-time-code");
    assert_eq!(policy.login("not-yet-set-up"), "password");
    assert_eq!(policy.list("population.not-yet-set-up.bind.binds")[..2], ["password", "one-time-code"]);
    let theirs = policy.text("approver.administrator.population");
    assert_eq!(theirs, "not-yet-set-up", "nothing says that administrators have set it up");
}

#[test]
fn who_may_set_up_a_second_factor_is_let_in_by_the_password_beside_any_other_way() {
    // A one-time code is asked of those who came by the password; who has none sets it up.
    let mut passkeys = realm(&[
        flow("top", &[step("auth-username-password-form", "REQUIRED"), sub("second", "CONDITIONAL")]),
        flow(
            "second",
            &[
                json!({"authenticator": "conditional-credential", "requirement": "REQUIRED", "authenticatorConfig": "c"}),
                step("auth-otp-form", "REQUIRED"),
            ],
        ),
    ]);
    passkeys["webAuthnPolicyPasswordlessPasskeysEnabled"] = true.into();
    passkeys["webAuthnPolicyPasswordlessUserVerificationRequirement"] = "required".into();
    passkeys["authenticatorConfig"] =
        json!([{"alias": "c", "config": {"credentials": "webauthn-passwordless", "included": "false"}}]);
    let policy = import(&passkeys);
    assert_eq!(policy.populations()[..2], ["members", "not-yet-set-up"]);
    assert_eq!(policy.login("members"), "(password and one-time-code) or passkey");
    assert_eq!(policy.login("not-yet-set-up"), "password");

    let mut provider = realm(&[flow(
        "top",
        &[step("auth-username-password-form", "REQUIRED"), step("auth-otp-form", "REQUIRED")],
    )]);
    provider["identityProviders"] = json!([{"alias": "corp", "enabled": true}]);
    let policy = import(&provider);
    assert_eq!(policy.login("without-second-factor"), "provider-corp");
    assert_eq!(policy.login("with-second-factor"), "(password and one-time-code) or provider-corp");
    assert_eq!(policy.login("not-yet-set-up"), "password or provider-corp");
}

#[test]
fn a_required_passkey_is_set_up_by_whoever_names_the_account_first() {
    let policy = sign_in_by(&[flow(
        "top",
        &[step("auth-username-form", "REQUIRED"), step("webauthn-authenticator-passwordless", "REQUIRED")],
    )]);
    assert_eq!(policy.login("members"), "passkey or passkey-without-pin");
    assert_eq!(policy.login("not-yet-set-up"), "not-understood", "nothing is asked of them");
    let binds = policy.list("population.not-yet-set-up.bind.binds");
    assert!(binds.contains(&"passkey"), "{binds:?}");
}

#[test]
fn a_way_in_that_asks_passkeys_of_those_who_hold_them_asks_nothing_of_others() {
    let mut realm = stock();
    let second = &mut realm["authenticationFlows"][2]["authenticationExecutions"];
    second[1] = step("webauthn-authenticator-passwordless", "REQUIRED");
    let policy = import(&realm);
    assert_eq!(policy.login("with-one-time-codes-only"), "password or (password and one-time-code)");
    assert_eq!(policy.login("without-second-factor"), "password");
}

#[test]
fn a_direct_grant_that_overlooks_webauthn_is_a_way_round_it() {
    let mut realm = stock();
    let second = &mut realm["authenticationFlows"][2]["authenticationExecutions"];
    *second = json!([
        step("conditional-user-configured", "REQUIRED"),
        step("auth-otp-form", "ALTERNATIVE"),
        step("webauthn-authenticator", "ALTERNATIVE"),
    ]);
    let policy = import(&realm);
    assert_eq!(
        policy.login("with-webauthn-only"),
        "(password and (webauthn or webauthn-without-pin)) or password"
    );
    assert!(policy.get("population.with-one-time-codes-only").is_none(), "they are asked for theirs");
    realm["clients"][0]["directAccessGrantsEnabled"] = false.into();
    assert!(import(&realm).get("population.with-webauthn-only").is_none());
}

#[test]
fn what_is_not_understood_adds_nothing_and_opens_everything() {
    let policy = sign_in_by(&[flow(
        "top",
        &[step("auth-username-password-form", "REQUIRED"), step("acme-sms-code", "REQUIRED")],
    )]);
    assert_eq!(policy.login("members"), "password");
    policy.notes(&["authenticationFlows.top.acme-sms-code", "no defence"]);
    let policy = sign_in_by(&[flow(
        "top",
        &[step("webauthn-authenticator-passwordless", "ALTERNATIVE"), step("acme-magic", "ALTERNATIVE")],
    )]);
    assert_eq!(policy.login("with-second-factor"), "passkey or passkey-without-pin or not-understood");
    assert_eq!(policy.login("without-second-factor"), "not-understood");
    let policy = sign_in_by(&[flow("top", &[step("auth-password-form", "MAYBE")])]);
    assert_eq!(policy.login("members"), "not-understood");
    policy.notes(&["auth-password-form", "requirement"]);
}

#[test]
fn conditions_that_an_export_does_not_answer_defend_nobody() {
    let guarded = |condition: Value| {
        sign_in_by(&[
            flow("top", &[step("auth-username-password-form", "REQUIRED"), sub("second", "CONDITIONAL")]),
            flow("second", &[condition, step("auth-otp-form", "REQUIRED")]),
        ])
    };
    for condition in ["conditional-user-attribute", "conditional-of-our-own"] {
        let policy = guarded(step(condition, "REQUIRED"));
        assert_eq!(policy.login("members"), "password");
        policy.notes(&[condition, "no defence"]);
    }
    assert_eq!(
        guarded(step("conditional-user-attribute", "DISABLED")).login("members"),
        "password",
        "never asked"
    );
    assert_eq!(
        guarded(step("conditional-user-configured", "REQUIRED")).login("with-second-factor"),
        "password and one-time-code"
    );
}

#[test]
fn a_setting_that_is_not_understood_waives_what_it_may_waive() {
    let asks = |config: Value| {
        let mut realm = realm(&[flow(
            "top",
            &[
                step("auth-username-password-form", "REQUIRED"),
                json!({"authenticator": "auth-conditional-otp-form", "requirement": "REQUIRED", "authenticatorConfig": "c"}),
            ],
        )]);
        realm["authenticatorConfig"] = config;
        import(&realm)
    };
    let clear = asks(json!([{"alias": "c", "config": {"forceOtpRole": "all"}}]));
    assert_eq!(clear.login("members"), "password and one-time-code");
    for unclear in [json!({"skipOtpRole": "${SKIP}"}), json!({"defaultOtpOutcome": ["skip"]}), json!("?")] {
        let policy = asks(json!([{"alias": "c", "config": unclear}]));
        assert_eq!(policy.login("members"), "password", "{unclear}");
        policy.notes(&["auth-conditional-otp-form", "may skip"]);
    }
    let lost = asks(json!([]));
    assert_eq!(lost.login("members"), "password");
    lost.notes(&["auth-conditional-otp-form", "settings that the export does not hold"]);
    let twice = asks(json!([{"alias": "c", "config": {"skipOtpRole": "vip"}}, {"alias": "c", "config": {}}]));
    assert_eq!(twice.login("members"), "password");
}

#[test]
fn a_condition_whose_settings_are_not_understood_defends_nobody() {
    let guarded = |condition: &str, config: Value| {
        let mut realm = realm(&[
            flow("top", &[step("auth-username-password-form", "REQUIRED"), sub("second", "CONDITIONAL")]),
            flow(
                "second",
                &[
                    json!({"authenticator": condition, "requirement": "REQUIRED", "authenticatorConfig": "c"}),
                    step("auth-otp-form", "REQUIRED"),
                ],
            ),
        ]);
        realm["authenticatorConfig"] = json!([{"alias": "c", "config": config}]);
        import(&realm)
    };
    let (role, credential) = ("conditional-user-role", "conditional-credential");
    let level = "conditional-level-of-authentication";
    for (condition, clear, unclear) in [
        (
            role,
            json!({"condUserRole": "x", "negate": "true"}),
            json!({"condUserRole": "x", "negate": "${N}"}),
        ),
        (
            role,
            json!({"condUserRole": "x", "negate": "TRUE"}),
            json!({"condUserRole": "${R}", "negate": "true"}),
        ),
        (
            credential,
            json!({"credentials": "webauthn-passwordless"}),
            json!({"credentials": "webauthn-passwordless", "included": "$(env:I)"}),
        ),
        (credential, json!({"credentials": "password", "included": "true"}), json!({"included": "false"})),
        (level, json!({"loa-condition-level": "1"}), json!({"loa-condition-level": "${L}"})),
    ] {
        assert_eq!(guarded(condition, clear).login("members"), "password and one-time-code", "{condition}");
        let policy = guarded(condition, unclear.clone());
        assert_eq!(policy.login("members"), "password", "{condition} {unclear}");
        policy.notes(&[condition, "does not answer"]);
    }
}

#[test]
fn a_level_that_is_asked_for_now_and_then_defends_no_ordinary_sign_in() {
    let mut realm = realm(&[
        flow("top", &[sub("one", "CONDITIONAL"), sub("two", "CONDITIONAL")]),
        flow(
            "one",
            &[
                json!({"authenticator": "conditional-level-of-authentication", "requirement": "REQUIRED", "authenticatorConfig": "l1"}),
                step("auth-username-password-form", "REQUIRED"),
            ],
        ),
        flow(
            "two",
            &[
                json!({"authenticator": "conditional-level-of-authentication", "requirement": "REQUIRED", "authenticatorConfig": "l2"}),
                step("auth-otp-form", "REQUIRED"),
            ],
        ),
    ]);
    realm["authenticatorConfig"] = json!([
        {"alias": "l1", "config": {"loa-condition-level": "1"}},
        {"alias": "l2", "config": {"loa-condition-level": "2"}},
    ]);
    let policy = import(&realm);
    assert_eq!(policy.login("members"), "password");
    policy.notes(&["authenticationFlows.two", "no ordinary sign-in"]);
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
    policy.notes(&["ssoSessionMaxLifespan", "not set"]);
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
