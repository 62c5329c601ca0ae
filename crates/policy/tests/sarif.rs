//! What code-scanning services read: the SARIF log and the annotations.
//!
//! Expected members are those that SARIF 2.1.0 requires (sections 3.13 to 3.52), read from the standard.

use policy::model::Date;
use policy::render::{github, sarif};
use policy::rules::Rule;
use policy::{Checked, Source, check};
use serde_json::{Value, json};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// A phishing-resistant login with a phishable way round it.
const LEAK: &str = include_str!("common/leak.toml");

/// The door of it that leaks.
const DOOR: &str = r#"[population.staff.recover.self-service]
require = "codes and issued(own-mail)"
binds   = ["passkey"]
notify  = ["own-mail"]
"#;

const EXCEPTION: &str = r#"
[[exception]]
rule    = "recovery-weaker-than-login"
at      = "population.staff.recover.self-service"
reason  = "the new door opens in January"
owner   = "alice@example.com"
expires = 2026-12-31
"#;

fn judge(name: &str, text: &str) -> (Source, Checked) {
    let source = Source::single(name, text);
    let checked = check(&source, TODAY);
    (source, checked)
}

fn log(name: &str, text: &str) -> Value {
    let (source, checked) = judge(name, text);
    serde_json::from_str(&sarif::render(&source, &checked, "0.1.0")).expect("the log is JSON")
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().expect("a run has results")
}

/// The result of one rule.
fn result<'l>(log: &'l Value, rule: &str) -> &'l Value {
    let found = results(log).iter().find(|result| result["ruleId"] == rule);
    found.unwrap_or_else(|| panic!("no result of {rule} in {log:#}"))
}

#[test]
fn the_log_has_what_the_standard_requires() {
    let log = log("postern.toml", LEAK);
    assert_eq!((&log["version"], log["runs"].as_array().map(Vec::len)), (&json!("2.1.0"), Some(1)));
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "Postern");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    assert_eq!(run["artifacts"], json!([{ "location": { "uri": "postern.toml" } }]));
    for result in results(&log) {
        let text = result["message"]["text"].as_str();
        assert!(text.is_some_and(|text| !text.is_empty()), "{result:#}");
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap_or_default()));
        let rule =
            &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(result["partialFingerprints"].as_object().is_some_and(|prints| prints.len() == 1));
    }
}

#[test]
fn every_rule_brings_its_help() {
    let log = log("postern.toml", LEAK);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("the driver has rules");
    assert_eq!(rules.len(), Rule::ALL.len());
    for (rule, known) in rules.iter().zip(Rule::ALL) {
        assert_eq!((&rule["id"], &rule["name"]), (&json!(known.code()), &json!(known.name())));
        assert_eq!(rule["defaultConfiguration"]["level"], known.level().name());
        assert_eq!(rule["help"]["markdown"], known.page());
        assert!(
            rule["shortDescription"]["text"].as_str().is_some_and(|text| text.ends_with('.')),
            "{rule:#}"
        );
    }
}

#[test]
fn a_result_points_at_the_cause_and_its_counterpart() {
    let log = log("postern.toml", LEAK);
    let result = result(&log, "P0101");
    let place = |result: &Value| result["physicalLocation"]["region"].clone();
    // Line 20 holds `require = "codes and issued(own-mail)"`; the end column is the one after the last character.
    assert_eq!(
        place(&result["locations"][0]),
        json!({ "startLine": 20, "startColumn": 11, "endLine": 20, "endColumn": 39 })
    );
    assert_eq!(
        result["locations"][0]["logicalLocations"],
        json!([{ "fullyQualifiedName": "population.staff.recover.self-service" }])
    );
    assert_eq!(
        place(&result["relatedLocations"][0]),
        json!({ "startLine": 17, "startColumn": 11, "endLine": 17, "endColumn": 20 })
    );
    let message = result["message"]["text"].as_str().unwrap_or_default();
    assert!(message.contains("\n1. phish the member"), "{message}");
}

#[test]
fn a_fingerprint_outlives_a_change_of_lines_and_tells_places_apart() {
    let print = |log: &Value| result(log, "P0101")["partialFingerprints"]["posternPlace/v1"].clone();
    let before = print(&log("postern.toml", LEAK));
    let moved = print(&log("other.toml", &format!("# one line more\n\n{LEAK}")));
    assert_eq!(before, moved);
    let renamed = print(&log("postern.toml", &LEAK.replace("recover.self-service", "recover.other")));
    assert_ne!(before, renamed);
}

#[test]
fn an_exception_is_a_suppression_and_the_gap_keeps_its_level() {
    let log = log("postern.toml", &format!("{LEAK}{EXCEPTION}"));
    let accepted = result(&log, "P0101");
    assert_eq!(accepted["level"], "error");
    let suppression = &accepted["suppressions"][0];
    assert_eq!((&suppression["kind"], &suppression["status"]), (&json!("inSource"), &json!("accepted")));
    assert_eq!(
        suppression["justification"],
        "the new door opens in January (accepted by alice@example.com until 2026-12-31)"
    );
    assert!(results(&log).iter().any(|other| other.get("suppressions").is_none()), "the others stay open");
}

/// The text with the replacements of a fix made, the last one first.
fn fixed(text: &str, fix: &Value) -> String {
    let at = |line: &Value, column: &Value| {
        let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("a small one");
        let (line, column) = (number(line), number(column));
        let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let start = text[before..].char_indices().nth(column - 1);
        before + start.map_or(text.len() - before, |(start, _)| start)
    };
    let mut fixed = text.to_owned();
    for one in fix["artifactChanges"][0]["replacements"].as_array().expect("replacements").iter().rev() {
        let region = &one["deletedRegion"];
        let start = at(&region["startLine"], &region["startColumn"]);
        let end = at(&region["endLine"], &region["endColumn"]);
        fixed.replace_range(start..end, one["insertedContent"]["text"].as_str().expect("text"));
    }
    fixed
}

#[test]
fn a_fix_made_in_the_text_clears_its_finding() {
    let inline = LEAK.replace(
        DOOR,
        "[population.staff.recover]\nself-service = { require = \"codes and issued(own-mail)\", binds = [\"passkey\"], \
         notify = [\"own-mail\"] }\n",
    );
    assert_ne!(inline, LEAK);
    let waits = include_str!("../../../examples/leaks/password-opens-enrolment.toml");
    let mut with_a_wait = 0;
    for text in [LEAK, &inline, waits] {
        let log = log("postern.toml", text);
        let fixes = result(&log, "P0101")["fixes"].as_array().expect("there are fixes").clone();
        assert!(!fixes.is_empty());
        for fix in fixes {
            let mended = fixed(text, &fix);
            with_a_wait += usize::from(mended.contains("wait = "));
            let (_, checked) = judge("postern.toml", &mended);
            assert!(checked.model.is_some(), "{mended}\n{:#?}", checked.diagnostics);
            assert!(
                checked.diagnostics.iter().all(|found| found.rule.code() != "P0101"),
                "{fix:#}\n{mended}"
            );
        }
    }
    assert!(with_a_wait > 0, "a key that was not there is put in");
}

#[test]
fn a_door_that_has_no_table_of_its_own_is_mended_in_words() {
    let login = "[population.staff.login]\n";
    let dotted = "[population.staff]\nrecover.self-service.require = \"codes and issued(own-mail)\"\n\
                  recover.self-service.binds = [\"passkey\"]\nrecover.self-service.notify = [\"own-mail\"]\n";
    let text = LEAK.replace(DOOR, "").replace(login, &format!("{dotted}{login}"));
    let log = log("postern.toml", &text);
    let found = result(&log, "P0101");
    assert!(found.get("fixes").is_none(), "{found:#}");
    assert!(
        found["message"]["text"].as_str().is_some_and(|text| text.contains("this mends it:")),
        "{found:#}"
    );
}

#[test]
fn the_attack_and_the_notes_are_lists_as_well() {
    let log = log("postern.toml", LEAK);
    let properties = &result(&log, "P0101")["properties"];
    assert!(properties["steps"][0].as_str().is_some_and(|step| step.starts_with("phish the member")));
    assert!(properties["notes"].is_array() && properties["help"].is_array(), "{properties:#}");
}

#[test]
fn a_path_becomes_a_uri() {
    let uri = |name: &str| log(name, LEAK)["runs"][0]["artifacts"][0]["location"]["uri"].clone();
    // RFC 3986 section 2.1: what is not unreserved is percent-encoded, byte by byte.
    assert_eq!(uri("./policies/été 1.toml"), "policies/%C3%A9t%C3%A9%201.toml");
    assert_eq!(uri("C:\\policies\\a.toml"), "C%3A/policies/a.toml");
    assert_eq!(uri("/etc/postern/policy.toml"), "file:///etc/postern/policy.toml");
}

#[test]
fn a_policy_that_cannot_be_read_still_has_a_log() {
    let log = log("postern.toml", "version =");
    assert_eq!(results(&log)[0]["ruleId"], "P0001");
}

#[test]
fn an_annotation_names_its_line_and_stays_on_one() {
    let (source, checked) = judge("a,b:c.toml", LEAK);
    let printed = github::render(&source, &checked);
    let found = printed.lines().find(|line| line.contains("P0101")).expect("the finding is annotated");
    let start = "::error file=a%2Cb%3Ac.toml,line=20,endLine=20,col=11,endColumn=38,\
                 title=recovery-weaker-than-login (P0101)::";
    assert!(found.starts_with(start), "{found}");
    assert!(found.contains("%0A1. phish the member"), "{found}");
    let last = printed.lines().last().unwrap_or_default();
    assert!(last.starts_with("error: "), "the log ends in the summary: {last}");
}

#[test]
fn what_the_policy_says_cannot_become_a_command_of_its_own() {
    let (source, checked) = judge("postern.toml", "version = 1\n\"::error::100%\\n::warning::\" = 1\n");
    let printed = github::render(&source, &checked);
    let commands = printed.lines().filter(|line| line.starts_with("::")).count();
    assert_eq!(commands, checked.diagnostics.len(), "{printed}");
    assert!(printed.contains("100%25"), "{printed}");
}
