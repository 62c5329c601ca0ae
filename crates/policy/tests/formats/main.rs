//! What Postern writes in other people's formats, against the schemas that those people published.
//!
//! Owns what is compared. The schemas and their reading are not ours (`validate.py`, `requirements.txt`). A machine
//! without them fails: a comparison that did not happen proves nothing.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use policy::model::Date;
use policy::render::report::{self, Subject};
use policy::render::sarif;
use policy::rules::Rule;
use policy::{Source, check};
use serde_json::{Value, json};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

const LEAK: &str = include_str!("../common/leak.toml");

#[test]
fn every_log_and_every_report_on_the_examples_is_valid() {
    let examples = examples();
    assert!(examples.len() >= 6, "{examples:?}");
    all_are_valid(examples.iter().flat_map(|(name, text)| both(name, text)));
}

#[test]
fn every_log_and_every_report_on_the_example_of_a_rule_is_valid() {
    let of_rule = |rule: &Rule| {
        let policies = rule.page().split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```"));
        policies.flat_map(|(policy, _)| both(rule.name(), policy)).collect::<Vec<_>>()
    };
    all_are_valid(Rule::ALL.iter().flat_map(of_rule));
}

#[test]
fn what_a_policy_says_cannot_make_its_log_or_its_report_invalid() {
    let named = |name: &str| LEAK.replace("\"Example Ltd\"", name);
    let policies = [
        ("postern.toml", String::new()),
        ("postern.toml", "version =".to_owned()),
        ("postern.toml", "version = 99".to_owned()),
        ("/a path/with \"quotes\"/été.toml", LEAK.to_owned()),
        (" . ", LEAK.to_owned()),
        ("a name\nof two lines", LEAK.to_owned()),
        ("a name\nof two lines", "version =".to_owned()),
        ("", LEAK.to_owned()),
        ("postern.toml", named(r#""two\nlines""#)),
        ("postern.toml", named(r#"" spaces around ""#)),
        ("postern.toml", named(r#"" ""#)),
        ("postern.toml", named(r#""\u0007 and \u202e""#)),
        ("postern.toml", named(r#""Übung & Söhne <b>*x*</b>""#)),
    ];
    all_are_valid(policies.iter().flat_map(|(name, text)| both(name, text)));
}

#[test]
fn what_is_wrong_is_seen() {
    let [log, results] = both("postern.toml", LEAK);
    let mut wrong = vec![];
    let mut spoilt = |of: &Value, place: &str, value: Value| {
        let mut document = of.clone();
        let spot = document["document"].pointer_mut(place).unwrap_or_else(|| panic!("{place} is not there"));
        *spot = value;
        wrong.push(document);
    };
    spoilt(&log, "/version", json!("2.0.0"));
    spoilt(&log, "/runs/0/results/0/level", json!("fatal"));
    spoilt(&log, "/runs/0/results/0/message", json!({}));
    spoilt(&results, "/assessment-results/uuid", json!("1"));
    spoilt(&results, "/assessment-results/results", json!([]));
    spoilt(&results, "/assessment-results/metadata/last-modified", json!("today"));
    spoilt(&results, "/assessment-results/results/0/findings/0/target/status/state", json!("met"));
    let said = compared(&wrong).expect_err("all of them are invalid");
    assert!(said.ends_with(&format!("0 valid, {} invalid", wrong.len())), "{said}");
}

/// The shipped policies: name and text.
fn examples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut found = vec![];
    for folder in [folder.clone(), folder.join("leaks")] {
        for entry in std::fs::read_dir(&folder).expect("the examples are there") {
            let path = entry.expect("the folder can be read").path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                let text = std::fs::read_to_string(&path).expect("the example can be read");
                let name = path.file_name().expect("it is a file").to_string_lossy().into_owned();
                found.push((format!("examples/{name}"), text));
            }
        }
    }
    found.sort();
    found
}

/// The log and the results that Postern writes about a policy.
fn both(name: &str, text: &str) -> [Value; 2] {
    let source = Source::single(name, text);
    let checked = check(&source, TODAY);
    let subject =
        Subject { policy: name, source: &source, checked: &checked, today: TODAY, version: "0.1.0" };
    let asked = |format: &str, written: String| {
        let document: Value = serde_json::from_str(&written).expect("it is JSON");
        json!({ "format": format, "name": name, "document": document })
    };
    [asked("sarif", sarif::render(&source, &checked, "0.1.0")), asked("oscal", report::oscal(&subject))]
}

fn all_are_valid(documents: impl Iterator<Item = Value>) {
    let documents: Vec<Value> = documents.collect();
    let said = compared(&documents).unwrap_or_else(|said| panic!("{said}"));
    assert_eq!(said, format!("{} valid, 0 invalid", documents.len()));
}

/// What the schemas say; an error where one of the documents is invalid.
fn compared(documents: &[Value]) -> Result<String, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/validate.py");
    let child = Command::new(python()).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!("{}: {error}; `./check tests` makes what is missing", python().display())
    });
    let mut input = child.stdin.take().expect("it is piped");
    for document in documents {
        // It reads everything before it ends, and where it fails at once its words say more than a broken pipe.
        if writeln!(input, "{document}").is_err() {
            break;
        }
    }
    drop(input);
    let output = child.wait_with_output().expect("it was started");
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() { Ok(said) } else { Err(said) }
}

/// `./check` makes it.
fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/schemas/bin/python3")
}
