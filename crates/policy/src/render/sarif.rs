//! Findings as SARIF 2.1.0, the format in which code-scanning services and editors take them.
//!
//! Owns the shape of that log in structs of its own. Does not own where a finding stands (`render`) nor what it
//! says (`rules`).

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{end_position, file, fix, position, told};
use crate::diagnostic::{Diagnostic, Excused, Mend};
use crate::model::Span;
use crate::rules::Rule;
use crate::{Checked, Source, digest_of};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log, indented, ending in a line feed. `version` is the command's own.
pub fn render(source: &Source, checked: &Checked, version: &str) -> String {
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run(source, checked, version)] };
    // Structs of text, numbers and lists always serialize.
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Value; 1],
}

fn run(source: &Source, checked: &Checked, version: &str) -> Value {
    let artifacts = source.files.iter().map(|file| json!({ "location": { "uri": uri(&file.name) } }));
    // What was not proved is no verdict, so a run without one did not succeed (3.20.14).
    let truncated = checked.analysis.as_ref().filter(|analysis| analysis.truncated);
    let notice = truncated
        .map(|_| json!({ "level": "error", "message": { "text": crate::takeover::Truncated.to_string() } }));
    json!({
        "tool": { "driver": {
            "name": "Postern",
            "semanticVersion": version,
            "rules": Rule::ALL.iter().map(|rule| descriptor(*rule)).collect::<Vec<_>>(),
        } },
        "columnKind": "unicodeCodePoints",
        "invocations": [{
            "executionSuccessful": truncated.is_none(),
            "toolExecutionNotifications": notice.as_slice(),
        }],
        "artifacts": artifacts.collect::<Vec<_>>(),
        "properties": { "digest": checked.digest },
        "results": results(source, checked),
    })
}

fn descriptor(rule: Rule) -> Value {
    let page = rule.page();
    json!({
        "id": rule.code(),
        "name": rule.name(),
        "shortDescription": { "text": sentence(rule.summary()) },
        "fullDescription": { "text": finds(page).unwrap_or_else(|| sentence(rule.summary())) },
        "help": {
            "text": format!("`postern explain {}` prints the page of this rule.\n\n{page}", rule.code()),
            "markdown": page,
        },
        "defaultConfiguration": { "level": rule.level().name() },
        "properties": { "tags": ["security", "authentication"] },
    })
}

/// The first paragraph under "What it finds".
fn finds(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("## What it finds\n\n")?;
    let paragraph = rest.split("\n\n").next()?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!paragraph.is_empty()).then_some(paragraph)
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

fn results(source: &Source, checked: &Checked) -> Vec<Value> {
    let mut seen: HashMap<(Rule, &str), u32> = HashMap::new();
    let mut list = Vec::new();
    for found in checked.findings() {
        let before = seen.entry((found.rule, &found.at)).or_default();
        list.push(result(source, found, *before));
        *before += 1;
    }
    list
}

fn result(source: &Source, found: &Diagnostic, before: u32) -> Value {
    let mut place = json!({ "physicalLocation": physical(source, found.span) });
    if !found.at.is_empty() {
        place["logicalLocations"] = json!([{ "fullyQualifiedName": found.at }]);
    }
    if !found.label.is_empty() {
        place["message"] = json!({ "text": found.label });
    }
    let related = found.others.iter().zip(1..).map(|(other, id): (_, u32)| {
        json!({
            "id": id,
            "physicalLocation": physical(source, other.span),
            "message": { "text": other.text },
        })
    });
    let mut result = json!({
        "ruleId": found.rule.code(),
        "ruleIndex": Rule::ALL.iter().position(|rule| *rule == found.rule),
        "kind": "fail",
        "level": found.level.name(),
        "message": { "text": told(found) },
        "locations": [place],
        "relatedLocations": related.collect::<Vec<_>>(),
        "partialFingerprints": { "posternPlace/v1": fingerprint(found, before) },
        "properties": { "steps": found.steps, "notes": found.notes, "help": found.help },
    });
    let fixes: Vec<Value> = found.mends.iter().filter_map(|mend| fix(source, mend)).collect();
    if !fixes.is_empty() {
        result["fixes"] = json!(fixes);
    }
    if let Some(excused) = &found.exception {
        result["suppressions"] = json!([suppression(excused)]);
        // How bad the accepted gap is; that it is accepted is what the suppression says.
        result["level"] = json!(found.rule.level().name());
    }
    result
}

/// A change that an editor can make (3.55).
fn fix(source: &Source, mend: &Mend) -> Option<Value> {
    let replacements = fix::replacements(source, mend)?;
    let place = physical(source, replacements.first()?.span);
    let replacement = |one: &fix::Replacement| {
        json!({
            "deletedRegion": physical(source, one.span)["region"],
            "insertedContent": { "text": one.text },
        })
    };
    Some(json!({
        "description": { "text": format!("In `{}`: {mend}", mend.at) },
        "artifactChanges": [{
            "artifactLocation": place["artifactLocation"],
            "replacements": replacements.iter().map(replacement).collect::<Vec<_>>(),
        }],
    }))
}

/// The same finding keeps its fingerprint when lines move: it is named by its rule and its place in the policy.
fn fingerprint(found: &Diagnostic, before: u32) -> String {
    let place = if found.at.is_empty() { &found.message } else { &found.at };
    digest_of(format!("{}\n{place}\n{before}", found.rule.code()).as_bytes())
}

/// An exception stands in the policy itself, which is what SARIF calls "in source" (3.35.2).
fn suppression(excused: &Excused) -> Value {
    json!({
        "kind": "inSource",
        "status": "accepted",
        "justification": format!("{} (accepted by {} until {})", excused.reason, excused.owner, excused.expires),
        "properties": { "owner": excused.owner, "expires": excused.expires.to_string() },
    })
}

fn physical(source: &Source, span: Span) -> Value {
    let (line, column) = position(source, span);
    let (end_line, end_column) = end_position(source, span);
    json!({
        "artifactLocation": { "uri": uri(file(source, span)), "index": span.file },
        "region": {
            "startLine": line,
            "startColumn": column,
            "endLine": end_line,
            "endColumn": end_column,
        },
    })
}

/// A path as a URI reference (RFC 3986): relative paths stay relative, for the reader to resolve.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    let encoded = path.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    format!("{scheme}{}", encoded.collect::<String>())
}
