//! `postern diff`: exit codes that a pipeline can rely on, and what is printed where.

use crate::place::{Outcome, Place};

const LEAK: &str = include_str!("../../../../examples/leaks/mailbox-counts-twice.toml");
const COMPANY: &str = include_str!("../../../../examples/company.toml");

fn diff(old: &str, new: &str, more: &[&str]) -> Outcome {
    let place = Place::sqlite();
    place.write("old.toml", old);
    place.write("new.toml", new);
    place.run(&[&["diff", "old.toml", "new.toml"], more].concat())
}

/// The company, with half as long to notice a recovery.
fn hasty() -> String {
    let hasty = COMPANY.replace("wait    = \"24h\"", "wait    = \"12h\"");
    assert_ne!(hasty, COMPANY, "the company's policy waits for a day");
    hasty
}

#[test]
fn a_policy_that_weakens_exits_with_1_and_says_where() {
    let outcome = diff(COMPANY, &hasty(), &[]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.err);
    assert!(outcome.out.contains("- wait of recover.assisted: 12h, was 24h"), "{}", outcome.out);
    assert!(!outcome.out.contains('\u{1b}'), "colour is for terminals: {}", outcome.out);
}

#[test]
fn the_way_back_and_no_change_at_all_exit_with_0() {
    let outcome = diff(&hasty(), COMPANY, &[]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.out, outcome.err);
    assert!(outcome.out.contains("+ wait of recover.assisted: 24h, was 12h"), "{}", outcome.out);
    assert_eq!(diff(COMPANY, COMPANY, &[]).done(), "new.toml means the same as old.toml\n");
}

#[test]
fn a_policy_with_errors_is_compared_without_a_verdict() {
    let outcome = diff(LEAK, COMPANY, &[]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.err.contains("error[P0101]") && outcome.err.contains("old.toml has errors"),
        "{}",
        outcome.err
    );
    assert!(outcome.out.contains("old.toml -> new.toml"), "{}", outcome.out);
}

#[test]
fn what_is_no_policy_is_not_compared() {
    let outcome = diff("version =", COMPANY, &["--format", "json"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (Some(2), ""));
    assert!(outcome.err.contains("P0001"), "{}", outcome.err);
    let place = Place::sqlite();
    place.write("old.toml", COMPANY);
    place.run(&["diff", "old.toml", "nowhere.toml"]).cannot_run(&["`nowhere.toml`"]);
}

#[test]
fn programs_read_one_object() {
    let outcome = diff(COMPANY, &hasty(), &["--format", "json"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.err);
    let object: serde_json::Value = serde_json::from_str(&outcome.out).expect("it is JSON");
    assert_eq!(object["weakens"], true);
    assert_eq!(object["before"]["policy"], "old.toml");
    let change = &object["changes"][0];
    assert_eq!((&change["effect"], &change["aspect"]["name"]), (&"weakens".into(), &"wait".into()));
    assert_eq!((&change["before"], &change["after"]), (&"24h".into(), &"12h".into()));
}

#[test]
fn what_is_wrong_with_both_is_printed_once() {
    let outcome = diff(LEAK, &LEAK.replace("Example", "Other"), &[]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.err);
    assert_eq!(outcome.err.matches("error[P0101]").count(), 1, "{}", outcome.err);
    assert!(outcome.err.contains("new.toml has the same errors"), "{}", outcome.err);
}

#[test]
fn whoever_wants_all_changes_gets_them() {
    let lone = COMPANY.replace("approval(helpdesk, 2)", "approval(helpdesk)");
    assert!(diff(COMPANY, &lone, &[]).out.contains("more of these (`--all` lists them)"));
    let all = diff(COMPANY, &lone, &["--all"]);
    assert!(!all.out.contains("more of these"), "{}", all.out);
}
