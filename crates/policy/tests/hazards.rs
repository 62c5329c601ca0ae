//! The other side of each hazard: what a rule finds besides the example of its page, and what it lets pass.

use policy::diagnostic::Level;
use policy::model::Date;
use policy::{Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

const NAMES: &str = r#"
version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }
[authenticator.password]
kind = "password"
[authenticator.totp]
kind = "totp"
on = "phone"
[authenticator.text]
kind = "sms"
on = "phone"
[authenticator.passkey]
kind = "passkey"
on = "phone"
[authenticator.key]
kind = "security-key"
on = "key"
attestation = "required"
[authenticator.codes]
kind = "recovery-codes"
on = "paper"
[channel.own-mail]
kind = "email"
protected = "mfa"
[channel.mobile]
kind = "sms"
on = "phone"
[approver.helpdesk]
population = "helpdesk"
[population.helpdesk]
login = { require = "password and totp or password or key" }
offboard = { within = "60s" }
"#;

/// The levels at which a rule is found in a population `staff` of these lines.
fn found(rule: &str, staff: &str) -> Vec<Level> {
    let checked =
        check(&Source::single("postern.toml", format!("{NAMES}[population.staff]\n{staff}")), TODAY);
    assert!(checked.model.is_some(), "{staff}\n{:#?}", checked.diagnostics);
    let staff = |at: &str| !at.starts_with("population.helpdesk");
    let all = checked.diagnostics.iter().filter(|found| found.rule.name() == rule && staff(&found.at));
    all.map(|found| found.level).collect()
}

const FOUND: [Level; 1] = [Level::Error];
const WARNED: [Level; 1] = [Level::Warning];
const PASSES: [Level; 0] = [];

fn bind(login: &str, require: &str) -> String {
    format!(
        "login = {{ require = '{login}' }}\n\
         bind = {{ require = '{require}', binds = ['password', 'totp', 'key'], notify = ['own-mail'] }}\n"
    )
}

fn recover(login: &str, require: &str, binds: &str, more: &str) -> String {
    format!(
        "proofing = 'ial1'\nlogin = {{ require = '{login}' }}\n\
         recover.lost = {{ require = '{require}', binds = ['{binds}'], {more} }}\n"
    )
}

#[test]
fn what_a_bind_door_asks_for_beside_the_session_counts_as_shown() {
    let rule = "bind-raises-assurance";
    assert_eq!(found(rule, &bind("password or (password and totp)", "session(aal1)")), FOUND);
    assert_eq!(found(rule, &bind("password or (password and totp)", "session(aal1) and totp")), PASSES);
    assert_eq!(found(rule, &bind("key or (password and totp)", "session(aal2)")), FOUND);
    assert_eq!(found(rule, &bind("key or (password and totp)", "session(aal3)")), PASSES);
    // Whoever can sign in at all has a session at AAL3, whatever the door asks for.
    assert_eq!(found(rule, &bind("key", "session(aal1)")), PASSES);
}

#[test]
fn what_a_weak_session_binds_for_a_recovery_counts_as_what_the_recovery_gives() {
    let rule = "bind-raises-assurance";
    let chain = |session: &str, binds: &str, require: &str| {
        format!(
            "login = {{ require = 'password or passkey' }}\n\
             bind = {{ require = 'session({session})', binds = [{binds}], notify = ['mobile'] }}\n\
             recover.lost = {{ require = '{require}', binds = ['passkey'], notify = ['mobile'] }}\n"
        )
    };
    assert_eq!(found(rule, &chain("aal1", "'key'", "key")), FOUND, "the key is the attacker's own");
    assert_eq!(found(rule, &chain("aal1", "'own-mail'", "password and issued(own-mail)")), FOUND);
    assert_eq!(found(rule, &chain("aal2", "'key'", "key")), PASSES, "the passkey was shown already");
    assert_eq!(found(rule, &chain("aal1", "'key'", "key and proofing(in-person)")), PASSES);
    assert_eq!(found(rule, &chain("aal1", "'key'", "password")), PASSES, "nothing bound is asked for");
}

/// The passkey of the second policy withstands phishing, and the session at its bind door does not.
#[test]
fn a_door_by_which_phishing_comes_into_an_application_that_refuses_phished_sessions_is_found() {
    let chain = |session: &str| {
        format!(
            "login = {{ require = 'passkey or (password and totp)' }}\n\
             bind = {{ require = '{session}', binds = ['passkey'], notify = ['mobile'] }}\n\
             [app.vault]\nfor = ['staff']\naal = 2\nphishing_resistant = true\nsensitivity = 'high'\n"
        )
    };
    assert_eq!(found("recovery-weaker-than-login", &chain("session(aal2)")), FOUND);
    assert_eq!(found("app-weaker-than-sensitivity", &chain("session(aal2)")), WARNED);
    assert_eq!(found("recovery-weaker-than-login", &chain("session(aal2) and passkey")), PASSES);
    assert_eq!(found("app-weaker-than-sensitivity", &chain("session(aal2) and passkey")), PASSES);
}

/// An exception for a door is none for what the door does together with others, nor for what it opens of an application.
#[test]
fn an_excused_door_hides_neither_a_cheaper_chain_nor_an_application() {
    let excuse = |at: &str| {
        format!(
            "[[exception]]\nrule = 'recovery-weaker-than-login'\nat = 'population.staff.{at}'\nowner = 'o'\n\
             expires = 2026-12-31\nreason = 'r'\n"
        )
    };
    let rule = "recovery-weaker-than-login";
    let chain = "proofing = 'ial1'\nlogin = { require = 'passkey' }\n\
                 recover.a = { require = 'codes and proofing(video)', binds = ['passkey'], notify = ['mobile'] }\n\
                 recover.b = { require = 'codes and issued(own-mail)', binds = ['key'], notify = ['mobile'] }\n\
                 recover.c = { require = 'key and issued(own-mail)', binds = ['passkey'], notify = ['mobile'] }\n";
    let levels = found(rule, &(chain.to_owned() + &excuse("recover.a")));
    assert_eq!(levels, [Level::Error, Level::Note], "the chain first, then the door that is excused");
    let app = "login = { require = 'password or passkey' }\n\
               recover.a = { require = 'password and codes', binds = ['passkey'], notify = ['mobile'] }\n\
               [app.payroll]\nfor = ['staff']\nphishing_resistant = true\n\
               [app.vault]\nfor = ['staff']\nphishing_resistant = true\n";
    assert_eq!(found(rule, app), [Level::Error; 2], "one for each application");
    assert_eq!(found(rule, &(app.to_owned() + &excuse("recover.a"))), [Level::Error; 2]);
    let one = found(rule, &(app.to_owned() + &excuse("recover.a.app.payroll")));
    assert_eq!(one, [Level::Note, Level::Error], "and so is its exception");
}

/// The first of two equally weak sessions may be of no use where the second is.
#[test]
fn every_session_that_opens_a_bind_door_is_tried() {
    for login in ["totp or password or passkey", "password or totp or passkey"] {
        let chain = format!(
            "login = {{ require = '{login}' }}\n\
             bind = {{ require = 'session(aal1)', binds = ['codes'], notify = ['mobile'] }}\n\
             recover.r = {{ require = 'password and codes', binds = ['passkey'], notify = ['mobile'] }}\n"
        );
        assert_eq!(found("bind-raises-assurance", &chain), FOUND, "{login}");
        let other = chain.replace("'password and", "'totp and");
        assert_eq!(found("bind-raises-assurance", &other), FOUND, "{login}");
    }
}

#[test]
fn an_attack_that_high_risk_permits_is_not_the_one_that_is_told() {
    let chain = "risk = 'high'\nproofing = 'ial1'\nlogin = { require = 'passkey' }\n\
                 recover.r = { require = 'approval(helpdesk, 2) or proofing(in-person)', binds = ['passkey'], \
                 notify = ['own-mail', 'mobile'] }\n";
    let names = NAMES.replace("password and totp or password or key", "key");
    let checked = check(&Source::single("p", format!("{names}[population.staff]\n{chain}")), TODAY);
    let weak = checked.diagnostics.iter().find(|found| found.rule.name() == "recovery-weaker-than-login");
    assert!(weak.expect("one deed is as much as the login").label.contains("forge(member)"), "{weak:#?}");
}

#[test]
fn three_doors_that_hang_on_one_telephone_are_found_and_two_are_not() {
    let rule = "shared-channel";
    let chain = |enrol: &str, require: &str| {
        let enrol = format!("enrol = {{ require = '{enrol}', binds = ['passkey'] }}\n");
        enrol + &recover("passkey", require, "passkey", "notify = ['own-mail', 'mobile']")
    };
    assert_eq!(found(rule, &chain("invite(mobile)", "codes and issued(mobile)")), FOUND);
    assert_eq!(found(rule, &chain("invite(own-mail)", "codes and issued(mobile)")), PASSES);
    assert_eq!(found(rule, &chain("invite(mobile)", "codes or issued(mobile)")), PASSES);
}

#[test]
fn a_notice_to_another_address_than_the_code_passes() {
    let rule = "shared-channel";
    let door = |notify: &str| recover("passkey", "codes and issued(own-mail)", "passkey", notify);
    assert_eq!(found(rule, &door("notify = ['own-mail']")), FOUND);
    assert_eq!(found(rule, &door("notify = ['mobile']")), PASSES);
}

#[test]
fn a_factor_that_another_door_gives_back_may_be_asked_for() {
    let rule = "recovery-reuses-lost-factor";
    let door = recover("passkey", "passkey and issued(own-mail)", "passkey", "notify = ['mobile']");
    assert_eq!(found(rule, &door), FOUND);
    let other = "recover.other = { require = 'proofing(video)', binds = ['passkey'], notify = ['mobile'] }\n";
    assert_eq!(found(rule, &(door + other)), PASSES);
    let codes = recover("passkey", "codes and issued(own-mail)", "codes", "notify = ['mobile']");
    assert_eq!(found(rule, &codes), PASSES, "saved codes are used up, not lost");
}

#[test]
fn the_same_evidence_at_enrolment_and_recovery_is_one_door_unless_the_owner_may_object() {
    let rule = "same-door-twice";
    let chain = |more: &str| {
        let enrol = "enrol = { require = 'proofing(video) and invite(own-mail)', binds = ['passkey'] }\n";
        enrol.to_owned() + &recover("passkey", "issued(own-mail) and proofing(video)", "passkey", more)
    };
    assert_eq!(found(rule, &chain("notify = ['mobile']")), FOUND);
    assert_eq!(found(rule, &chain("notify = ['mobile'], wait = '24h'")), PASSES);
}

#[test]
fn an_approver_is_as_strong_as_the_session_that_the_role_asks_for() {
    let rule = "weak-approver";
    let door = recover("key", "proofing(in-person) and approval(helpdesk)", "key", "notify = ['mobile']");
    // The help desk has a way to sign in with a password and a code: AAL2, and phishable.
    assert_eq!(found(rule, &door), FOUND);
    let strict = NAMES.replace("population = \"helpdesk\"", "population = \"helpdesk\"\naal = 3");
    let checked = check(&Source::single("p", format!("{strict}[population.staff]\n{door}")), TODAY);
    assert!(checked.diagnostics.iter().all(|found| found.rule.name() != rule), "only the key reaches AAL3");
}

#[test]
fn the_word_of_ones_own_people_passes_beside_something_of_the_members_own() {
    let rule = "self-approval";
    let by = |require: &str| {
        recover("key", require, "key", "notify = ['own-mail', 'mobile']")
            + "[approver.colleague]\npopulation = 'staff'\n"
    };
    assert_eq!(found(rule, &by("approval(colleague, 2)")), WARNED);
    assert_eq!(found(rule, &by("approval(colleague) and approval(helpdesk)")), PASSES);
    assert_eq!(found(rule, &by("codes and approval(colleague)")), PASSES);
}

#[test]
fn a_restricted_factor_is_an_error_where_risk_is_high() {
    let rule = "restricted-factor";
    let login = |login: &str| format!("login = {{ require = '{login}' }}\n");
    assert_eq!(found(rule, &login("password and text")), WARNED);
    // The other way reaches less, so it is no alternative.
    assert_eq!(found(rule, &login("password or (password and text)")), WARNED);
    assert_eq!(found(rule, &login("passkey or (password and text)")), PASSES);
    assert_eq!(
        found(rule, &("risk = 'high'\n".to_owned() + &login("passkey or (password and text)"))),
        FOUND
    );
}

#[test]
fn one_factor_need_not_withstand_phishing_and_two_need_an_option_that_does() {
    let rule = "no-phishing-resistant-option";
    let login = |login: &str| format!("login = {{ require = '{login}' }}\n");
    assert_eq!(found(rule, &login("password")), PASSES);
    assert_eq!(found(rule, &login("password and totp")), FOUND);
    assert_eq!(found(rule, &login("(password and totp) or key")), PASSES);
}

#[test]
fn sessions_are_measured_by_the_limits_of_their_level() {
    // SP 800-63B-4 2.1.3: 30 d; 2.2.3: 24 h and 1 h, should; 2.3.3: 12 h shall, 15 min should.
    let login = |require: &str, idle: &str, max: &str| {
        format!("login = {{ require = '{require}', session = {{ idle = '{idle}', max = '{max}' }} }}\n")
    };
    for (require, idle, max, expected) in [
        ("password", "30d", "30d", &PASSES[..]),
        ("password", "1h", "31d", &WARNED),
        ("passkey", "1h", "24h", &PASSES),
        ("passkey", "61m", "24h", &WARNED),
        ("passkey", "1h", "25h", &WARNED),
        ("key", "15m", "12h", &PASSES),
        ("key", "16m", "12h", &WARNED),
        ("key", "15m", "13h", &FOUND),
    ] {
        assert_eq!(found("session-too-long", &login(require, idle, max)), expected, "{require} {idle} {max}");
    }
}

#[test]
fn offboarding_slower_than_a_session_leaves_the_door_open() {
    let rule = "offboarding-leaves-door";
    let door = |within: &str| {
        format!(
            "login = {{ require = 'key', session = {{ idle = '15m', max = '8h' }} }}\noffboard = {{ within = '{within}' }}\n"
        )
    };
    assert_eq!(found(rule, &door("8h")), PASSES);
    assert_eq!(found(rule, &door("9h")), FOUND);
}

#[test]
fn a_door_that_asks_for_what_nobody_binds_is_noted_where_the_chain_has_a_beginning() {
    let rule = "unreachable";
    let door = recover("passkey", "codes and issued(own-mail)", "passkey", "notify = ['mobile']");
    assert_eq!(found(rule, &door), PASSES, "without an enrol door anything may have been bound before");
    let enrol = "enrol = { require = 'invite(own-mail)', binds = ['passkey'] }\n";
    assert_eq!(found(rule, &(enrol.to_owned() + &door)), [Level::Note]);
    let picky = recover("passkey", "approval(nobody)", "passkey", "notify = ['mobile']")
        + "[approver.nobody]\npopulation = 'staff'\naal = 3\n";
    assert_eq!(found(rule, &picky), [Level::Note]);
}
