//! Files that nobody would write, other people's files, and files in any encoding.

use policy::import::{self, MOST_BYTES};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Importer, imported};

const REALM: &str = include_str!("fixtures/stock-realm.json");
const HOME: &str = include_str!("fixtures/home.yml");

/// Refused with one line that holds these words.
#[track_caller]
fn refused(importer: Importer, bytes: &[u8], words: &[&str]) {
    let refusal = importer(bytes).expect_err("nothing can be made of it").to_string();
    assert!(refusal.lines().count() == 1 && refusal.len() < 400, "{refusal}");
    for word in words {
        assert!(refusal.contains(word), "says `{word}`: {refusal}");
    }
}

#[test]
fn every_encoding_of_a_file_gives_the_same_policy() {
    for (importer, text) in [(import::keycloak as Importer, REALM), (import::authelia, HOME)] {
        let plain = imported(importer, text.as_bytes()).text;
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            [b"\xFF\xFE", little.as_slice()].concat(),
            [b"\xFE\xFF", big.as_slice()].concat(),
            little,
            big,
            text.replace('\n', "\r\n").into_bytes(),
        ] {
            assert_eq!(imported(importer, &bytes).text, plain);
        }
    }
}

#[test]
fn other_files_are_refused_in_one_line() {
    let keycloak = import::keycloak;
    refused(keycloak, b"", &["empty"]);
    refused(keycloak, b"\x7fELF\x02\x01\x01\0\0", &["not text"]);
    refused(keycloak, b"PK\x03\x04", &["not text"]);
    refused(keycloak, HOME.as_bytes(), &["not JSON"]);
    refused(keycloak, b"{\"enabled\": {{ .Values.on }}}", &["not JSON", "placeholders"]);
    refused(keycloak, b"42", &["no realm export"]);
    refused(keycloak, b"{\"strategy\": \"auth0\"}", &["no `realm`"]);
    refused(
        keycloak,
        b"{\"realm\": \"x\", \"auth-server-url\": \"https://x\", \"resource\": \"y\"}",
        &["none of its settings"],
    );
    refused(keycloak, b"{\"realm\": \"x\", \"users\": []}", &["only the users", "NAME-realm.json"]);
    refused(keycloak, b"[]", &["empty list"]);
    refused(keycloak, b"[1, 2]", &["not of realms"]);
    let two = format!("[{REALM}, {}]", REALM.replace("\"acme\"", "\"other\""));
    refused(keycloak, two.as_bytes(), &["2 realms", "acme, other", "--realm"]);
    let authelia = import::authelia;
    refused(
        authelia,
        b"services:\n  web:\n    image: nginx\n",
        &["no configuration of Authelia", "access_control"],
    );
    refused(authelia, b"just words\n", &["no configuration of Authelia"]);
    refused(authelia, b"[1, 2]", &["no configuration of Authelia"]);
    refused(authelia, b"a: [1\nb: }\n", &["not YAML", "line 2"]);
    refused(authelia, b"\xff\xfe\x00\xd8", &["not text"]);
}

#[test]
fn a_list_of_one_realm_is_that_realm() {
    assert_eq!(
        imported(import::keycloak, format!("[{REALM}]").as_bytes()).text,
        imported(import::keycloak, REALM.as_bytes()).text
    );
}

#[test]
fn large_files_are_read_and_larger_ones_refused() {
    let mut realm: Value = serde_json::from_str(REALM).expect("the fixture is JSON");
    realm["users"] = (0..20_000)
        .map(|n| json!({"username": format!("u{n}"), "email": format!("u{n}@example.com"), "realmRoles": ["default-roles-acme"],
            "credentials": [{"type": "password", "secretData": "x".repeat(120)}]}))
        .collect();
    let text = realm.to_string();
    assert!(text.len() > 5_000_000, "{}", text.len());
    assert_eq!(imported(import::keycloak, text.as_bytes()).login("without-second-factor"), "password");

    let rule = |n| {
        format!("    - domain: a{n}.example.com\n      resources: ['^/{n}$']\n      policy: two_factor\n")
    };
    let rules = (0..60_000).map(rule).collect::<Vec<String>>().concat();
    let text = HOME.replacen("  rules:\n", &format!("  rules:\n{rules}"), 1);
    assert!(text.len() > 5_000_000, "{}", text.len());
    let policy = imported(import::authelia, text.as_bytes());
    assert_eq!(policy.model().apps.len(), 100);
    policy.notes(&["access_control", "100"]);

    for importer in [import::keycloak as Importer, import::authelia] {
        refused(importer, &vec![b' '; MOST_BYTES + 1], &["larger", "without its users"]);
    }
}

#[test]
fn deep_nesting_ends_in_an_answer() {
    let deep = 200_000;
    refused(import::keycloak, format!("{{\"realm\":{}", "[".repeat(deep)).as_bytes(), &["not JSON"]);
    refused(import::keycloak, "{\"a\":".repeat(deep).as_bytes(), &["not JSON"]);
    for open in ["[", "{a: ", "- ", "? ", "!!a ", "&a "] {
        let refusal = import::authelia(open.repeat(deep).as_bytes());
        assert!(refusal.is_err(), "{open}");
    }
    let flows: Vec<Value> = (0..200)
        .map(|n| {
            json!({"alias": format!("f{n}"), "authenticationExecutions": [
                {"flowAlias": format!("f{}", n + 1), "authenticatorFlow": true, "requirement": "ALTERNATIVE"},
                {"flowAlias": format!("f{}", n + 1), "authenticatorFlow": true, "requirement": "ALTERNATIVE"},
            ]})
        })
        .collect();
    let realm = json!({"realm": "r", "enabled": true, "browserFlow": "f0", "authenticationFlows": flows, "clients": []});
    let policy = imported(import::keycloak, realm.to_string().as_bytes());
    policy.notes(&["authenticationFlows", "no defence"]);
}

#[test]
fn flows_that_hold_themselves_end_in_a_policy() {
    let realm = json!({"realm": "r", "enabled": true, "browserFlow": "a", "clients": [], "authenticationFlows": [
        {"alias": "a", "authenticationExecutions": [{"flowAlias": "b", "authenticatorFlow": true, "requirement": "REQUIRED"}]},
        {"alias": "b", "authenticationExecutions": [{"flowAlias": "a", "authenticatorFlow": true, "requirement": "REQUIRED"}]},
    ]});
    let policy = imported(import::keycloak, realm.to_string().as_bytes());
    assert_eq!(policy.login("members"), "not-understood");
    policy.notes(&["holds itself"]);
}

#[test]
fn roles_that_hold_each_other_end_in_a_policy() {
    let mut realm: Value = serde_json::from_str(REALM).expect("the fixture is JSON");
    realm["roles"] = json!({"realm": [
        {"name": "a", "composites": {"realm": ["b"]}},
        {"name": "b", "composites": {"realm": ["a"], "client": {"realm-management": ["manage-users"]}}},
    ]});
    let policy = imported(import::keycloak, realm.to_string().as_bytes());
    assert!(policy.text.contains("role a, role b"), "{}", policy.text);
}

#[test]
fn odd_names_cannot_break_out_of_the_policy() {
    let mut realm: Value = serde_json::from_str(REALM).expect("the fixture is JSON");
    let odd = "x\"]\n[population.evil]\ngroups = [\"\u{202E}";
    realm["displayName"] = odd.into();
    realm["realm"] = odd.into();
    realm["identityProviders"] = json!([{"alias": odd, "enabled": true}]);
    realm["clients"][1]["clientId"] = odd.into();
    realm["requiredActions"][0]["alias"] = odd.into();
    realm["browserFlow"] = odd.into();
    let policy = imported(import::keycloak, realm.to_string().as_bytes());
    assert!(policy.get("population.evil").is_none());
    assert!(!policy.text.contains('\u{202E}'));
}

const AUTHENTICATORS: [&str; 16] = [
    "auth-cookie",
    "auth-username-password-form",
    "auth-otp-form",
    "webauthn-authenticator",
    "webauthn-authenticator-passwordless",
    "auth-recovery-authn-code-form",
    "auth-x509-client-username-form",
    "conditional-user-configured",
    "conditional-user-role",
    "conditional-credential",
    "idp-email-verification",
    "reset-password",
    "reset-otp",
    "auth-conditional-otp-form",
    "acme-own",
    "deny-access-authenticator",
];
const MODES: [&str; 6] = ["REQUIRED", "ALTERNATIVE", "CONDITIONAL", "DISABLED", "OPTIONAL", "?"];

const VERSIONS: [&str; 3] = ["7.0.0", "26.0.0", "?"];

/// A step: an authenticator, or one of five flows.
fn any_step() -> impl Strategy<Value = Value> {
    (0..AUTHENTICATORS.len() + 5, 0..MODES.len()).prop_map(|(what, mode)| match AUTHENTICATORS.get(what) {
        Some(name) => json!({"authenticator": name, "requirement": MODES[mode], "authenticatorConfig": "c"}),
        None => json!({"flowAlias": format!("f{}", what - AUTHENTICATORS.len()), "authenticatorFlow": true, "requirement": MODES[mode]}),
    })
}

fn any_realm() -> impl Strategy<Value = Value> {
    let flows = proptest::collection::vec(proptest::collection::vec(any_step(), 0..6), 5);
    (flows, any::<[bool; 6]>(), 0..3usize).prop_map(|(flows, [reset, passkeys, grants, mail, provider, override_], version)| {
        let flows: Vec<Value> = flows.into_iter().enumerate()
            .map(|(n, steps)| json!({"id": format!("i{n}"), "alias": format!("f{n}"), "authenticationExecutions": steps}))
            .collect();
        json!({
            "realm": "r", "enabled": true, "keycloakVersion": VERSIONS[version], "browserFlow": "f0",
            "directGrantFlow": "f1", "resetCredentialsFlow": "f2", "firstBrokerLoginFlow": "f3",
            "resetPasswordAllowed": reset, "webAuthnPolicyPasswordlessPasskeysEnabled": passkeys,
            "smtpServer": if mail { json!({"host": "mx"}) } else { json!({}) },
            "authenticationFlows": flows,
            "authenticatorConfig": [{"alias": "c", "config": {"condUserRole": "boss", "credentials": "password"}}],
            "identityProviders": if provider { json!([{"alias": "p", "enabled": true, "postBrokerLoginFlowAlias": "f4"}]) } else { json!([]) },
            "clients": [{"clientId": "c", "directAccessGrantsEnabled": grants,
                "authenticationFlowBindingOverrides": {"browser": if override_ { "i4" } else { "" }}}],
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// However its flows are nested, a realm becomes a policy that reads back.
    #[test]
    fn every_realm_becomes_a_policy(realm in any_realm()) {
        imported(import::keycloak, realm.to_string().as_bytes());
    }

    /// What is cut, doubled or overwritten is refused or imported, and what is imported reads back.
    #[test]
    fn damaged_files_end_in_an_answer(from in 0.0..1.0f64, to in 0.0..1.0f64, with in proptest::collection::vec(any::<u8>(), 0..8)) {
        for (importer, text) in [(import::keycloak as Importer, REALM), (import::authelia, HOME)] {
            let at = |share: f64| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a small file")]
                let place = (share * text.len() as f64) as usize;
                place
            };
            let (from, to) = (at(from.min(to)), at(from.max(to)));
            let bytes = text.as_bytes();
            for damaged in [[&bytes[..from], &with, &bytes[to..]].concat(), [&bytes[..to], &with, &bytes[from..]].concat()] {
                if importer(&damaged).is_ok() {
                    imported(importer, &damaged);
                }
            }
        }
    }
}
