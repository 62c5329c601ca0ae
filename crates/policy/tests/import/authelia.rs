//! Authelia: levels by resource, password reset, elevated sessions, keys of older versions, templates.

use policy::import::authelia;

use crate::{Policy, imported};

const HOME: &str = include_str!("fixtures/home.yml");
const OLD: &str = include_str!("fixtures/before-4-38.yml");

#[track_caller]
fn import(text: &str) -> Policy {
    imported(authelia, text.as_bytes())
}

#[test]
fn each_level_is_a_population() {
    let policy = import(HOME);
    assert_eq!(policy.populations(), ["two-factor", "one-factor"]);
    assert_eq!(policy.login("two-factor"), "password and (totp or webauthn or webauthn-without-pin)");
    assert_eq!(policy.login("one-factor"), "password");
    let apps: Vec<&str> = policy.model().apps.iter().map(|app| app.name.as_str()).collect();
    assert_eq!(apps, ["wiki-example-com", "wiki-example-com-2", "admin-example-com", "git", "photos"]);
    assert_eq!(policy.list("app.wiki-example-com.for"), ["one-factor"], "somebody inside needs one factor");
    assert_eq!(policy.list("app.wiki-example-com-2.for"), ["two-factor"]);
    assert_eq!(policy.list("app.git.for"), ["two-factor"], "who is denied does not weaken it");
    assert_eq!(policy.list("app.photos.for"), ["one-factor"]);
    policy.notes(&["access_control.rules[0]", "without signing in", "public.example.com"]);
    assert_eq!(policy.notes.len(), 1, "an earlier rule leaves nothing for the bypass: {:?}", policy.notes);
}

#[test]
fn a_mailbox_and_a_password_replace_the_second_factor_unless_it_is_required() {
    let settings = |require: bool, skip: bool| {
        HOME.replace(
            "require_second_factor: false",
            &format!("require_second_factor: {require}\n    skip_second_factor: {skip}"),
        )
    };
    let at = "population.two-factor";
    for (require, skip, bind) in [
        (false, false, "session(aal1) and issued(own-mail)"),
        (false, true, "session(aal2)"),
        (true, false, "session(aal2) and issued(own-mail)"),
        (true, true, "session(aal2)"),
    ] {
        let policy = import(&settings(require, skip));
        assert_eq!(policy.text(&format!("{at}.bind.require")), bind, "{require} {skip}");
        let replaced = policy.get(&format!("{at}.recover.elevated-session.require"));
        let expected = (!require).then_some("password and issued(own-mail)");
        assert_eq!(replaced.and_then(toml::Value::as_str), expected, "{require} {skip}");
        let weaker = policy.found("recovery-weaker-than-login");
        let hole = weaker.contains(&"population.two-factor.recover.elevated-session");
        assert_eq!(hole, !require, "{weaker:?}");
    }
    // Unclear is no defence.
    let policy = import(&HOME.replace("require_second_factor: false", "require_second_factor: maybe"));
    assert!(policy.get("population.two-factor.recover.elevated-session").is_some());
    policy.notes(&["identity_validation.elevated_session.require_second_factor", "neither"]);
}

#[test]
fn a_mail_resets_the_password_unless_that_is_switched_off() {
    let at = "population.two-factor.recover.reset-password";
    let policy = import(HOME);
    assert_eq!(policy.text(&format!("{at}.require")), "issued(own-mail)");
    assert_eq!(policy.list(&format!("{at}.binds")), ["password"]);
    assert_eq!(policy.list(&format!("{at}.notify")), ["own-mail"]);
    assert!(policy.text.contains("10 minutes"), "the lifespan of the link is named");
    let set = |what: &str| {
        import(&HOME.replace(
            "  refresh_interval: 1m",
            &format!("  password_reset:\n    {what}\n  refresh_interval: 1m"),
        ))
    };
    assert!(set("disable: true").get(at).is_none());
    assert!(set("disable: 'true'").get(at).is_none());
    assert!(set("disable: ''").get(at).is_some(), "what is not understood switches nothing off");
    let elsewhere = set("disable: true\n    custom_url: 'https://reset.example.com'");
    assert_eq!(elsewhere.text(&format!("{at}.require")), "issued(own-mail)");
    elsewhere.notes(&["custom_url", "elsewhere"]);
}

#[test]
fn sessions_and_leavers_are_read() {
    let limits = |policy: &Policy| {
        let session = policy.get("population.two-factor.login.session").cloned().expect("it has limits");
        (session["idle"].to_string(), session["max"].to_string())
    };
    let policy = import(HOME);
    assert_eq!(
        limits(&policy),
        ("\"5m\"".to_owned(), "\"2h\"".to_owned()),
        "nobody is remembered; the cookie's own limit"
    );
    assert_eq!(policy.text("population.two-factor.offboard.within"), "1m");
    let policy = import(&HOME.replace("remember_me: -1", "remember_me: 1M"));
    assert_eq!(limits(&policy), ("\"30d\"".to_owned(), "\"30d\"".to_owned()));
    let policy = import(&HOME.replace("refresh_interval: 1m", "refresh_interval: disable"));
    assert_eq!(policy.text("population.two-factor.offboard.within"), "2h");
    let policy = import(
        &HOME.replace("expiration: 1h", "expiration: soon").replace("      expiration: '2 hours'\n", ""),
    );
    assert_eq!(limits(&policy).1, "\"3650d\"");
    policy.notes(&["session.expiration", "no duration"]);
}

#[test]
fn keys_of_older_versions_are_read() {
    let policy = import(OLD);
    assert!(policy.get("population.two-factor.recover.reset-password").is_none(), "disable_reset_password");
    assert_eq!(policy.login("two-factor"), "password and (totp or webauthn or webauthn-without-pin or duo)");
    assert_eq!(policy.text("organization.domain"), "example.com");
    assert_eq!(
        policy.get("population.one-factor.login.session").map(ToString::to_string).as_deref(),
        Some("{ idle = \"2d\", max = \"2d\" }")
    );
    assert_eq!(policy.list("app.chat.for"), ["two-factor"]);
    assert_eq!(policy.list("app.every-other-domain.for"), ["one-factor"]);
    assert_eq!(
        policy.text("population.two-factor.recover.elevated-session.require"),
        "password and issued(own-mail)"
    );
    assert_eq!(policy.notes, Vec::<String>::new());
}

#[test]
fn what_a_credential_may_be_depends_on_the_settings() {
    let with =
        |settings: &str| import(&format!("{HOME}webauthn:\n{settings}")).login("two-factor").to_owned();
    assert_eq!(
        with("  selection_criteria: {user_verification: required}\n"),
        "password and (totp or webauthn)"
    );
    assert_eq!(
        with("  filtering: {prohibit_backup_eligibility: true}\n"),
        "password and (totp or webauthn-without-pin)"
    );
    assert_eq!(with("  disable: true\n"), "password and totp");
    let both = "  selection_criteria: {user_verification: required}\n  filtering: {prohibit_backup_eligibility: true}\n";
    let policy = import(&format!("{HOME}webauthn:\n{both}"));
    assert_eq!(policy.text("authenticator.webauthn.kind"), "security-key");
    let passkeys = import(&format!("{HOME}webauthn:\n  enable_passkey_login: true\n"));
    assert_eq!(passkeys.login("one-factor"), "password or webauthn or webauthn-without-pin");
    assert_eq!(passkeys.login("two-factor"), "password and (totp or webauthn or webauthn-without-pin)");
    let two = import(&format!(
        "{HOME}webauthn:\n  enable_passkey_login: true\n  experimental_enable_passkey_uv_two_factors: true\n"
    ));
    assert_eq!(
        two.login("two-factor"),
        "(password and (totp or webauthn or webauthn-without-pin)) or webauthn"
    );
}

#[test]
fn with_every_factor_switched_off_nobody_passes() {
    let policy = import(
        &format!("{HOME}webauthn: {{disable: true}}\n").replace("  issuer: example.com", "  disable: true"),
    );
    policy.notes(&["totp, webauthn, duo_api", "nobody can pass"]);
    assert_eq!(policy.login("two-factor"), "not-understood");
}

#[test]
fn recovery_codes_need_the_mail_too_unless_it_is_skipped() {
    let policy = import(&format!("{HOME}recovery_codes: {{disable: false}}\n"));
    let at = "population.two-factor.recover.recovery-codes.require";
    assert_eq!(policy.text(at), "password and recovery-codes and issued(own-mail)");
    let skipped = HOME.replace("require_second_factor: false", "skip_second_factor: true");
    assert_eq!(import(&format!("{skipped}recovery_codes: {{}}\n")).text(at), "password and recovery-codes");
    assert!(import(&format!("{HOME}recovery_codes: {{disable: true}}\n")).get(at).is_none());
}

#[test]
fn a_group_that_manages_users_is_named() {
    let policy = import(&format!(
        "{HOME}administration: {{enabled: true, enable_user_management: true, admin_group: chiefs}}\n"
    ));
    assert_eq!(policy.list("population.administrators.groups"), ["chiefs"]);
    assert_eq!(policy.text("population.two-factor.recover.administrator.require"), "approval(administrator)");
    assert!(
        import(&format!("{HOME}administration: {{enabled: true}}\n"))
            .get("population.administrators")
            .is_none()
    );
}

#[test]
fn earlier_rules_go_before_later_ones_only_where_they_leave_nobody_out() {
    let apps = |rules: &str| {
        let policy = import(&format!("access_control:\n  rules:\n{rules}"));
        let model = policy.model();
        model
            .apps
            .iter()
            .map(|app| format!("{} {}", app.name, model[app.populations[0]].name))
            .collect::<Vec<_>>()
    };
    let covered = "  - {domain: '*.example.com', policy: two_factor}\n  - {domain: a.example.com, policy: one_factor}\n";
    assert_eq!(apps(covered), ["example-com two-factor"]);
    let left_open = "  - {domain: a.example.com, policy: two_factor, methods: [POST]}\n  - {domain: a.example.com, policy: one_factor}\n";
    assert_eq!(apps(left_open), ["a-example-com two-factor", "a-example-com-2 one-factor"]);
    let denied =
        "  - {domain: a.example.com, policy: deny}\n  - {domain: a.example.com, policy: one_factor}\n";
    assert_eq!(apps(denied), Vec::<String>::new());
    let pattern =
        "  - {domain_regex: '^.*$', policy: two_factor}\n  - {domain: a.example.com, policy: one_factor}\n";
    assert_eq!(apps(pattern).len(), 2, "a pattern is not evaluated");
}

#[test]
fn what_is_not_understood_is_named_and_is_no_defence() {
    let policy = import(
        &format!("{HOME}super_guard: true\n")
            .replace("policy: two_factor\n    - domain: wiki", "policy: three_factor\n    - domain: wiki")
            .replace("subject: ['group:admins']", "moon_phase: full"),
    );
    policy.notes(&["super_guard", "no setting that is known"]);
    policy.notes(&["three_factor", "one_factor"]);
    policy.notes(&["access_control.rules[3].moon_phase", "counts as met"]);
    assert_eq!(policy.list("app.admin-example-com.for"), ["one-factor"]);
}

#[test]
fn templates_are_survived_and_not_executed() {
    let text = format!(
        "{{{{- /* rendered at start */ -}}}}\n{}\nduo_api:\n  hostname: '{{{{ env \"DUO\" }}}}'\n  secret_key: {{{{ secret \"/run/duo\" }}}}\n",
        HOME.replace("disable: true", "disable: {{ .x }}")
            .replace("require_second_factor: false", "require_second_factor: {{ env \"STRICT\" }}")
    );
    let policy = import(&text);
    policy.notes(&["the file", "template"]);
    policy.notes(&["require_second_factor", "false"]);
    assert!(policy.login("two-factor").contains("duo"), "it may be on");
    assert!(policy.get("population.two-factor.recover.elevated-session").is_some());
}

#[test]
fn no_secret_of_the_configuration_is_written() {
    let text = HOME
        .replace("not a secret", "s3cret")
        .replace("client_id: git", "client_id: git\n        client_secret: s3cret");
    assert!(!import(&text).text.contains("s3cret"));
}

#[test]
fn json_is_yaml_too() {
    let policy = import(
        r#"{"access_control": {"default_policy": "two_factor"}, "session": {"cookies": [{"domain": "a.example"}]}}"#,
    );
    assert_eq!(policy.list("app.every-other-domain.for"), ["two-factor"]);
}

#[test]
fn duo_may_let_a_password_set_up_a_device() {
    let with = |settings: &str| {
        import(&format!("{HOME}duo_api: {{hostname: api.example, integration_key: k, {settings}}}\n"))
    };
    let at = "population.two-factor.recover.duo-self-enrolment";
    assert!(with("enable_self_enrollment: false").get(at).is_none());
    for unclear in ["true", "'{{ env \"D\" }}'", "perhaps"] {
        let policy = with(&format!("enable_self_enrollment: {unclear}"));
        assert_eq!(policy.text(&format!("{at}.require")), "password", "{unclear}");
        assert_eq!(policy.list(&format!("{at}.binds")), ["duo"]);
        assert!(policy.found("recovery-weaker-than-login").contains(&at), "{:?}", policy.checked.diagnostics);
    }
    with("strict: true").notes(&["duo_api.strict", "no setting that is known"]);
}

#[test]
fn a_required_second_factor_is_not_asked_of_those_who_have_none() {
    for skip in [false, true] {
        let required = format!("require_second_factor: true\n    skip_second_factor: {skip}");
        let policy = import(&HOME.replace("require_second_factor: false", &required));
        assert_eq!(policy.populations(), ["two-factor", "not-yet-set-up", "one-factor"]);
        let at = "population.not-yet-set-up.recover.elevated-session";
        assert_eq!(policy.text(&format!("{at}.require")), "password and issued(own-mail)");
        assert_eq!(policy.list(&format!("{at}.binds")), ["totp", "webauthn", "webauthn-without-pin"]);
        assert!(policy.found("recovery-weaker-than-login").contains(&at), "{:?}", policy.checked.diagnostics);
        assert_eq!(policy.list("app.git.for"), ["two-factor", "not-yet-set-up"]);
    }
}

#[test]
fn a_rule_with_a_criterion_that_is_not_understood_leaves_others_to_later_rules() {
    let policy = import(
        "access_control:\n  default_policy: deny\n  rules:\n    - {domain: a.example.com, policy: two_factor, countries: [de]}\n    - {domain: a.example.com, policy: one_factor}\n",
    );
    assert_eq!(policy.list("app.a-example-com-2.for"), ["one-factor"]);
    policy.notes(&["access_control.rules[0].countries", "later rules"]);
}

#[test]
fn a_rule_without_a_readable_domain_guards_one_that_is_unknown() {
    for domain in ["'{{ env \"D\" }}'", "[b.example.com, ['{{ env \"D\" }}']]", "[]", "{a: b}"] {
        let policy = import(&format!(
            "access_control:\n  default_policy: two_factor\n  rules:\n    - {{domain: {domain}, policy: one_factor}}\n"
        ));
        assert_eq!(policy.list("app.unknown-domain.for"), ["one-factor"], "{domain}");
        policy.notes(&["access_control.rules[0]", "not understood"]);
    }
}

#[test]
fn a_file_that_asks_nobody_for_a_second_factor_is_written_at_one() {
    for text in [
        "authentication_backend: {file: {path: /x}}\nidentity_providers: {oidc: {}}\n",
        "authentication_backend: {file: {path: /x}}\n",
    ] {
        let policy = import(text);
        assert_eq!(policy.populations(), ["one-factor"]);
        assert_eq!(policy.login("one-factor"), "password");
        policy.notes(&["access_control", "is not in the file"]);
    }
}

#[test]
fn a_notice_in_a_file_on_the_server_reaches_nobody() {
    let policy = import(&HOME.replace(
        "  smtp:\n    sender: 'auth@example.com'",
        "  filesystem:\n    filename: /config/notes.txt",
    ));
    for door in ["recover.reset-password", "recover.elevated-session", "bind"] {
        let at = format!("population.two-factor.{door}");
        assert!(policy.get(&format!("{at}.require")).is_some(), "{at}");
        assert!(policy.get(&format!("{at}.notify")).is_none(), "{at}");
    }
}
