//! The shipped examples: clean ones are clean, and each leak is found by the rule that its comment names.

use policy::diagnostic::Level;
use policy::model::Date;
use policy::render::human;
use policy::{Checked, Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

fn judge(name: &str) -> Checked {
    let path = format!("{}/../../examples/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the example is there");
    let source = Source::single(format!("examples/{name}.toml"), text);
    let checked = check(&source, TODAY);
    assert!(checked.model.is_some(), "{}", human::render(&source, &checked, false));
    checked
}

/// The rules found at this level, each once, in the order of the codes.
fn rules(checked: &Checked, level: Level) -> Vec<&'static str> {
    let mut rules: Vec<_> =
        checked.diagnostics.iter().filter(|found| found.level == level).map(|found| found.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules.into_iter().map(policy::rules::Rule::name).collect()
}

#[test]
fn the_bank_is_clean() {
    assert_eq!(judge("bank").diagnostics, []);
}

#[test]
fn the_company_has_no_error_and_the_one_warning_that_its_comment_explains() {
    let checked = judge("company");
    assert_eq!(rules(&checked, Level::Error), Vec::<&str>::new());
    let found: Vec<(&str, &str)> =
        checked.diagnostics.iter().map(|found| (found.rule.name(), found.at.as_str())).collect();
    assert_eq!(found, [("single-capability", "population.staff.login")]);
}

#[test]
fn clean_examples_can_be_enforced_and_leaks_cannot() {
    assert!(judge("company").enforce().is_ok());
    assert!(judge("bank").enforce().is_ok());
    assert!(judge("leaks/mailbox-counts-twice").enforce().is_err());
}

#[test]
fn each_leak_is_found_by_the_right_rule() {
    let weaker = "recovery-weaker-than-login";
    let nonconformant = "nonconformant-recovery";
    let phishable = "no-phishing-resistant-option";
    for (leak, expected) in [
        ("mailbox-counts-twice", vec![weaker, "shared-channel", phishable, nonconformant]),
        ("password-opens-enrolment", vec![weaker, phishable, nonconformant]),
        ("delete-then-reenrol", vec![weaker, nonconformant]),
        ("one-privileged-human", vec![weaker, "single-capability", "lone-approver", nonconformant]),
    ] {
        assert_eq!(rules(&judge(&format!("leaks/{leak}")), Level::Error), expected, "{leak}");
    }
}
