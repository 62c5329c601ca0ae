//! Keycloak: who is told apart, what administrators can do, and what only some are asked for.

use serde_json::{Value, json};

use crate::keycloak::{MASTERS, flow, import, realm, sign_in_by, step, stock, sub};

#[test]
fn a_condition_about_a_role_makes_a_population_of_its_holders() {
    let mut realm = realm(&[
        flow("top", &[step("auth-username-password-form", "REQUIRED"), sub("second", "CONDITIONAL")]),
        flow(
            "second",
            &[
                json!({"authenticator": "conditional-user-role", "requirement": "REQUIRED", "authenticatorConfig": "admins"}),
                step("auth-otp-form", "REQUIRED"),
            ],
        ),
    ]);
    realm["authenticatorConfig"] = json!([{"alias": "admins", "config": {"condUserRole": "site admin"}}]);
    let policy = import(&realm);
    let newcomers = "role-site-admin-not-yet-set-up";
    assert_eq!(policy.populations(), ["members", "role-site-admin", newcomers, MASTERS]);
    assert_eq!(policy.login(newcomers), "password", "whoever signs in first sets it up");
    assert_eq!(policy.login("members"), "password");
    assert_eq!(policy.login("role-site-admin"), "password and one-time-code");
    realm["authenticatorConfig"][0]["config"]["negate"] = "true".into();
    let policy = import(&realm);
    assert_eq!(policy.login("members"), "password and one-time-code");
    assert_eq!(policy.login("role-site-admin"), "password");
}

/// A realm whose one-time code is not asked of the holders of these roles.
fn exempt(roles: &[&str]) -> Value {
    let condition = |role: &&str| json!({"authenticator": "conditional-user-role", "requirement": "REQUIRED", "authenticatorConfig": role});
    let mut steps: Vec<Value> = roles.iter().map(condition).collect();
    steps.push(step("auth-otp-form", "REQUIRED"));
    let top = flow("top", &[step("auth-username-password-form", "REQUIRED"), sub("second", "CONDITIONAL")]);
    let mut realm = realm(&[top, flow("second", &steps)]);
    let config = |role: &&str| json!({"alias": role, "config": {"condUserRole": role, "negate": "true"}});
    realm["authenticatorConfig"] = roles.iter().map(config).collect();
    realm
}

#[test]
fn an_administrator_may_be_whoever_is_asked_for_least() {
    let mut realm = exempt(&["vip"]);
    // Nobody can set a code up at sign-in here.
    realm["authenticationFlows"][1]["authenticationExecutions"][1] =
        step("direct-grant-validate-otp", "REQUIRED");
    let policy = import(&realm);
    assert_eq!(policy.populations(), ["members", "role-vip", MASTERS]);
    let approver = |name: &str| policy.text(&format!("approver.{name}.population")).to_owned();
    assert_eq!(approver("administrator"), "members");
    assert_eq!(approver("administrator-2"), "role-vip");
    assert_eq!(
        policy.text("population.members.recover.administrator.require"),
        "approval(administrator) or approval(administrator-2) or approval(master-administrator)"
    );
}

#[test]
fn administrators_of_the_master_realm_reach_every_realm() {
    let policy = import(&stock());
    assert_eq!(policy.login(MASTERS), "not-understood");
    assert_eq!(policy.text("approver.master-administrator.population"), MASTERS);
    assert_eq!(policy.list("app.wiki.for"), ["without-second-factor", "with-second-factor"]);
    let mut realm = stock();
    realm["realm"] = "master".into();
    let policy = import(&realm);
    assert!(policy.get("approver.master-administrator").is_none());
    let at = "population.with-second-factor.recover.administrator.require";
    assert_eq!(policy.text(at), "approval(administrator)");
}

#[test]
fn a_condition_about_a_role_too_many_defends_nobody() {
    let policy = import(&exempt(&["aa", "bb", "cc", "dd", "ee", "ff"]));
    assert_eq!(policy.login("members"), "password and one-time-code");
    assert_eq!(policy.login("role-ff"), "password");
    let policy = import(&exempt(&["aa", "bb", "cc", "dd", "ee", "ff", "zz-exempt"]));
    assert_eq!(policy.login("members"), "password", "zz-exempt is not shown");
    policy.notes(&["authenticationFlows", "7 roles"]);
}

#[test]
fn holders_of_a_role_may_lack_what_is_asked_of_them() {
    let mut realm = exempt(&["clerk"]);
    realm["authenticatorConfig"][0]["config"]["negate"] = "false".into();
    let steps = realm["authenticationFlows"][1]["authenticationExecutions"].as_array_mut().expect("steps");
    steps.insert(0, step("conditional-user-configured", "REQUIRED"));
    let policy = import(&realm);
    assert_eq!(policy.login("members"), "password");
    assert_eq!(policy.login("role-clerk"), "password and one-time-code");
    assert_eq!(policy.login("role-clerk-without-second-factor"), "password");
}

#[test]
fn without_mail_a_reset_goes_by_what_else_the_flow_asks() {
    let mut realm = stock();
    realm["smtpServer"] = json!({});
    realm["authenticationFlows"][5]["authenticationExecutions"][1] = step("acme-sms-code", "REQUIRED");
    let policy = import(&realm);
    let at = "population.with-second-factor.recover.reset-credentials";
    assert_eq!(policy.text(&format!("{at}.require")), "not-understood");
    assert!(policy.list(&format!("{at}.binds")).contains(&"password"));
}

#[test]
fn recovery_codes_are_found_in_every_flow_that_somebody_signs_in_by() {
    let choice = |top: &str| {
        flow(
            top,
            &[step("auth-otp-form", "ALTERNATIVE"), step("auth-recovery-authn-code-form", "ALTERNATIVE")],
        )
    };
    let at = "population.with-second-factor.recover.recovery-codes.require";
    let mut realm = stock();
    let flows = realm["authenticationFlows"].as_array_mut().expect("flows");
    flows.push(flow("own", &[step("auth-username-password-form", "REQUIRED"), sub("choice", "REQUIRED")]));
    flows.push(choice("choice"));
    assert!(import(&realm).get(at).is_none());
    let mut of_client = realm.clone();
    of_client["clients"][1]["authenticationFlowBindingOverrides"] = json!({"browser": "id of own"});
    assert_eq!(import(&of_client).text(at), "password and recovery-codes");
    realm["identityProviders"] =
        json!([{"alias": "corp", "enabled": true, "postBrokerLoginFlowAlias": "choice"}]);
    assert_eq!(import(&realm).text(at), "provider-corp and recovery-codes");
}

#[test]
fn holders_of_several_roles_are_shown_where_they_are_spared_more_than_each_role_spares() {
    let exempt_from = |role: &str, second: &str, flow_name: &str| {
        let mut condition = step("conditional-user-role", "REQUIRED");
        condition["authenticatorConfig"] = json!(format!("unless {role}"));
        flow(flow_name, &[condition, step(second, "REQUIRED")])
    };
    let settings = |role: &str| json!({"alias": format!("unless {role}"), "config": {"condUserRole": role, "negate": "true"}});
    let mut realm = realm(&[
        flow(
            "top",
            &[
                step("auth-username-password-form", "REQUIRED"),
                sub("codes", "CONDITIONAL"),
                sub("keys", "CONDITIONAL"),
            ],
        ),
        exempt_from("clerk", "auth-otp-form", "codes"),
        exempt_from("driver", "webauthn-authenticator", "keys"),
    ]);
    realm["authenticatorConfig"] = json!([settings("clerk"), settings("driver")]);
    let policy = import(&realm);
    assert!(policy.login("members").contains("one-time-code and "), "{}", policy.login("members"));
    assert!(!policy.login("role-clerk").contains("one-time-code"));
    assert_eq!(policy.login("role-driver"), "password and one-time-code");
    assert_eq!(policy.login("roles-clerk-driver"), "password");
}

#[test]
fn a_certificate_may_be_copied() {
    let policy = sign_in_by(&[flow("top", &[step("auth-x509-client-username-form", "REQUIRED")])]);
    let certificate = policy.model().authenticators.iter().find(|one| one.name == "certificate");
    let properties = certificate.expect("it is named").kind.properties();
    assert!(properties.exportable && !properties.phishing_resistant);
    assert_eq!(properties.alone, Some(policy::Aal::One));
}
