//! What `[assurance]` raises, what `[[exception]]` lowers, and what neither can do.

use policy::diagnostic::Level;
use policy::model::Date;
use policy::{Checked, Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// One warning (`single-capability` at the login) and one error (`silent-change` at the bind door).
const POLICY: &str = r#"
version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }
[authenticator.password]
kind = "password"
[authenticator.totp]
kind = "totp"
on = "phone"
[authenticator.passkey]
kind = "passkey"
on = "laptop"
[channel.own-mail]
kind = "email"
protected = "mfa"
[population.staff]
proofing = "ial1"
[population.staff.login]
require = "passkey or (password and totp)"
[population.staff.recover.in-person]
require = "proofing(in-person)"
binds = ["passkey", "totp", "password"]
notify = ["own-mail"]
[population.staff.offboard]
within = "60s"
[population.staff.bind]
require = "session(aal2)"
binds = ["totp"]
"#;

fn judge(more: &str) -> Checked {
    check(&Source::single("postern.toml", format!("{POLICY}{more}")), TODAY)
}

fn levels(checked: &Checked) -> Vec<(&'static str, Level)> {
    checked.diagnostics.iter().map(|found| (found.rule.name(), found.level)).collect()
}

fn exception(lines: &str) -> String {
    format!("[[exception]]\nrule = 'silent-change'\nat = 'population.staff.bind'\n{lines}")
}

#[test]
fn without_more_there_is_a_warning_and_an_error() {
    let expected = [("single-capability", Level::Warning), ("silent-change", Level::Error)];
    assert_eq!(levels(&judge("")), expected);
}

#[test]
fn a_level_is_raised_by_assurance() {
    let found = levels(&judge("[assurance]\nsingle-capability = 'error'\n"));
    assert_eq!(found, [("single-capability", Level::Error), ("silent-change", Level::Error)]);
}

#[test]
fn a_level_is_never_lowered_by_assurance() {
    for level in ["warning", "note"] {
        let checked = judge(&format!("[assurance]\nsilent-change = '{level}'\n"));
        assert_eq!(levels(&checked), [("wrong-kind", Level::Error)], "{level}");
    }
}

#[test]
fn an_owned_dated_exception_lowers_the_finding_to_a_note_that_names_both() {
    let checked = judge(&exception("owner = 'ciso@example.com'\nreason = 'why'\nexpires = 2027-02-18\n"));
    assert_eq!(levels(&checked), [("single-capability", Level::Warning), ("silent-change", Level::Note)]);
    let excused = checked.diagnostics[1].exception.as_ref().expect("the note names its exception");
    assert_eq!(
        (excused.owner.as_str(), excused.expires.to_string().as_str()),
        ("ciso@example.com", "2027-02-18")
    );
    assert!(!checked.has_errors());
}

#[test]
fn an_exception_counts_on_its_last_day_and_not_after_it() {
    let lines = |day| exception(&format!("owner = 'o'\nreason = 'why'\nexpires = 2026-11-{day}\n"));
    assert!(!judge(&lines(20)).has_errors());
    let found = levels(&judge(&lines(19)));
    assert!(
        found.contains(&("silent-change", Level::Error))
            && found.contains(&("expired-exception", Level::Error))
    );
}

#[test]
fn an_exception_lasts_ninety_days_and_no_more() {
    // 20 November 2026 and 90 days is 18 February 2027.
    let lines = |date| exception(&format!("owner = 'o'\nreason = 'why'\nexpires = {date}\n"));
    assert!(!judge(&lines("2027-02-18")).has_errors());
    let found = levels(&judge(&lines("2027-02-19")));
    assert!(
        found.contains(&("silent-change", Level::Error)) && found.contains(&("long-exception", Level::Error))
    );
}

#[test]
fn an_exception_without_owner_reason_or_date_changes_nothing() {
    for (lines, rule) in [
        ("reason = 'why'\nexpires = 2026-12-31\n", "unowned-exception"),
        ("owner = 'o'\nexpires = 2026-12-31\n", "unowned-exception"),
        ("owner = 'o'\nreason = 'why'\n", "long-exception"),
    ] {
        let found = levels(&judge(&exception(lines)));
        assert!(
            found.contains(&("silent-change", Level::Error)) && found.contains(&(rule, Level::Error)),
            "{lines}"
        );
    }
}

#[test]
fn an_exception_reaches_its_own_rule_and_place_only() {
    let lines = "owner = 'o'\nreason = 'why'\nexpires = 2026-12-31\n";
    let elsewhere = format!("[[exception]]\nrule = 'silent-change'\nat = 'population.staff.login'\n{lines}");
    assert!(judge(&elsewhere).has_errors());
    let other_rule = format!("[[exception]]\nrule = 'lone-approver'\nat = 'population.staff.bind'\n{lines}");
    assert!(judge(&other_rule).has_errors());
}

#[test]
fn an_exception_for_a_place_that_does_not_exist_is_refused_with_the_one_that_was_meant() {
    let lines = "owner = 'o'\nreason = 'why'\nexpires = 2026-12-31\n";
    let checked =
        judge(&format!("[[exception]]\nrule = 'silent-change'\nat = 'population.staf.bind'\n{lines}"));
    assert_eq!(levels(&checked), [("unknown-name", Level::Error)]);
    assert_eq!(checked.diagnostics[0].help, ["did you mean `population.staff.bind`?"]);
}

#[test]
fn an_exception_cannot_excuse_an_exception() {
    let lines = "owner = 'o'\nreason = 'why'\nexpires = 2026-12-31\n";
    let checked =
        judge(&format!("[[exception]]\nrule = 'long-exception'\nat = 'population.staff.bind'\n{lines}"));
    assert_eq!(levels(&checked), [("wrong-kind", Level::Error)]);
}

#[test]
fn days_are_counted_in_the_gregorian_calendar() {
    let days = |year, month, day| Date { year, month, day }.days();
    assert_eq!(days(1970, 1, 1), 0);
    assert_eq!(days(2000, 3, 1), 11_017);
    assert_eq!(days(2027, 2, 18) - days(2026, 11, 20), 90);
    assert_eq!(days(2024, 3, 1) - days(2024, 2, 28), 2);
    assert_eq!(days(2100, 3, 1) - days(2100, 2, 28), 1);
}

#[test]
fn a_narrowed_check_shows_one_population_and_forgets_nothing() {
    let other = "[population.guests]\nproofing = 'ial1'\nlogin = { require = 'passkey or (password and totp)' }\n\
                 recover.in-person = { require = 'proofing(in-person)', binds = ['totp'], notify = ['own-mail'] }\n\
                 offboard = { within = '60s' }\n";
    let mut checked = judge(other);
    checked.narrow("guests").expect("there is such a population");
    let shown: Vec<&str> = checked.findings().map(|found| found.at.as_str()).collect();
    assert_eq!(shown, ["population.guests.login"]);
    assert!(checked.has_errors());
    assert!(checked.enforce().is_err());
}

#[test]
fn narrowing_to_an_unknown_population_says_which_was_meant() {
    let refused = judge("").narrow("staf");
    assert_eq!(refused, Err("no population is named `staf`; did you mean `staff`?".to_owned()));
}
