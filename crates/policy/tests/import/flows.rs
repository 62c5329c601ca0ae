//! Keycloak: how flows are passed. Nested flows, alternatives, conditions, levels, set-up at sign-in, and what is not
//! understood of them.

use serde_json::{Value, json};

use crate::keycloak::{MASTERS, flow, import, realm, sign_in_by, step, stock, sub};

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
