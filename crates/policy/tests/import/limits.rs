//! Keycloak: how long sessions and tokens last, where the export says so, and where it cannot be read.

use serde_json::{Value, json};

use crate::keycloak::{import, stock};

#[test]
fn tokens_that_outlive_a_session_lengthen_it_where_an_application_can_have_them() {
    let mut realm = stock();
    realm["defaultOptionalClientScopes"] = json!([]);
    let session = |realm: &Value| {
        let policy = import(realm);
        policy.get("population.with-second-factor.login.session").map(ToString::to_string)
    };
    let limits = |idle: &str, max: &str| Some(format!("{{ idle = \"{idle}\", max = \"{max}\" }}"));
    assert_eq!(session(&realm), limits("30m", "10h"));
    realm["clients"][1]["optionalClientScopes"] = json!(["offline_access"]);
    assert_eq!(session(&realm), limits("30d", "3650d"), "the application need only ask");
    realm["clients"][1]["optionalClientScopes"] = json!([]);
    realm["clients"][1]["defaultClientScopes"] = json!(["profile", "offline_access"]);
    assert_eq!(session(&realm), limits("30d", "3650d"), "nothing limits it");
    realm["offlineSessionMaxLifespanEnabled"] = true.into();
    realm["offlineSessionMaxLifespan"] = 7_776_000.into();
    assert_eq!(session(&realm), limits("30d", "90d"));
    realm["clients"][1]["defaultClientScopes"] = json!(["profile"]);
    assert_eq!(session(&realm), limits("30m", "10h"));
    realm["defaultDefaultClientScopes"] = json!(["offline_access"]);
    assert_eq!(session(&realm), limits("30d", "90d"));
    realm["defaultDefaultClientScopes"] = json!([]);
    realm["defaultOptionalClientScopes"] = json!(["offline_access"]);
    assert_eq!(session(&realm), limits("30d", "90d"));
    // Built in, it is an optional scope of every realm.
    realm["defaultOptionalClientScopes"] = json!(null);
    assert_eq!(session(&realm), limits("30d", "90d"));
}

#[test]
fn a_leaver_is_out_when_the_longest_token_ends() {
    let mut realm = stock();
    realm["defaultOptionalClientScopes"] = json!([]);
    let within =
        |realm: &Value| import(realm).text("population.with-second-factor.offboard.within").to_owned();
    assert_eq!(within(&realm), "5m");
    realm["clients"][1]["attributes"] = json!({"access.token.lifespan": "3600"});
    assert_eq!(within(&realm), "1h");
    realm["clients"][1]["attributes"] = json!({"access.token.lifespan": ""});
    assert_eq!(within(&realm), "5m", "empty is not set");
    realm["clients"][1]["attributes"] = json!({"access.token.lifespan": "60"});
    realm["clients"][1]["implicitFlowEnabled"] = true.into();
    assert_eq!(within(&realm), "15m", "accessTokenLifespanForImplicitFlow when not set");
    // A token without a lifespan of its own goes on as long as its session (`TokenManager`).
    realm["clients"][1]["attributes"] = json!({"access.token.lifespan": "-1"});
    assert_eq!(within(&realm), "10h");
    realm["clients"][1]["attributes"] = json!(null);
    realm["accessTokenLifespan"] = (-1).into();
    assert_eq!(within(&realm), "10h");
}

#[test]
fn a_lifespan_that_cannot_be_read_is_no_limit() {
    let population = "population.with-second-factor";
    let cases = [
        ("ssoSessionMaxLifespan", "login.session.max"),
        ("accessTokenLifespan", "offboard.within"),
        ("actionTokenGeneratedByAdminLifespan", "enrol.expires"),
    ];
    for (setting, at) in cases {
        for unreadable in [json!("soon"), json!("${env.LIFE:300}"), json!(1.5), json!([60])] {
            let mut realm = stock();
            realm["defaultOptionalClientScopes"] = json!([]);
            realm[setting] = unreadable.clone();
            let policy = import(&realm);
            // As long as a policy can say.
            assert_eq!(policy.text(&format!("{population}.{at}")), "3650d", "{setting} {unreadable}");
            policy.notes(&[setting, "counts as no limit"]);
        }
    }
    let mut realm = stock();
    realm["attributes"] = json!({"actionTokenGeneratedByUserLifespan.reset-credentials": "soon"});
    let policy = import(&realm);
    assert!(policy.text.contains("the link is good for 3650d"), "{}", policy.text);
}
