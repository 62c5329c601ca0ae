//! The report as OSCAL assessment results, for tools that keep track of controls.
//!
//! Owns the shape of that model. One result for each of NIST's catalogs, since identifiers mean something in their
//! catalog only. Requirements of other publishers are in the other formats.

use serde_json::{Value, json};

use super::Subject;
use super::content::Report;
use super::controls::{Catalog, Control, Outcome};
use crate::digest_of;

const OSCAL: &str = "1.1.2";

pub(super) fn results(report: &Report, subject: &Subject<'_>) -> Value {
    // The core knows days, not hours.
    let time = format!("{}T00:00:00Z", subject.today);
    let id = |what: &str| uuid(&format!("{}\n{}\n{what}", report.digest, subject.today));
    let result = |catalog, title: &str, source: &str| {
        let reviewed: Vec<(&Control, &str)> = (report.controls.iter())
            .filter_map(|control| {
                control.catalog.filter(|(of, _)| *of == catalog).map(|(_, key)| (control, key))
            })
            .filter(|(control, _)| !matches!(control.outcome, Outcome::NotAssessed | Outcome::NotApplicable))
            .collect();
        let name = |what: &str| id(&format!("{title}\n{what}"));
        let findings = reviewed.iter().map(|(control, key)| finding(control, key, &name));
        let observations =
            reviewed.iter().map(|(control, key)| observation(report, control, key, &time, &name));
        let keys = report.controls.iter().filter_map(|control| control.catalog);
        let keys = keys.filter(|(of, _)| *of == catalog).map(|(_, key)| json!({ "control-id": key }));
        let mut result = json!({
            "uuid": name("result"),
            "title": title,
            "description": format!(
                "What `postern check` proves about the policy {} ({}), as of {}. {}",
                report.policy, report.digest, report.checked_on, report.attacker.statement
            ),
            "start": time,
            "end": time,
            "props": [{ "name": "catalog", "ns": NAMESPACE, "value": source }],
            "reviewed-controls": { "control-selections": [{
                "include-controls": keys.collect::<Vec<_>>(),
            }] },
        });
        // The model knows no empty list: what was not found is not there.
        if reviewed.is_empty() {
            result["remarks"] = json!("Nothing was proved, so there is no finding.");
        } else {
            result["observations"] = observations.collect();
            result["findings"] = findings.collect();
        }
        result
    };
    let results = [
        result(Catalog::Sp80063, "NIST SP 800-63B-4", "NIST SP 800-63-4 conformance criteria, version 0.1"),
        result(Catalog::Sp80053, "NIST SP 800-53 revision 5", "NIST SP 800-53 revision 5"),
    ];
    let of = if report.organization.is_empty() { &report.policy } else { &report.organization };
    json!({ "assessment-results": {
        "uuid": id("document"),
        "metadata": {
            "title": format!("Control chains of {}", one_line(of)),
            "last-modified": time,
            "version": report.digest,
            "oscal-version": OSCAL,
        },
        "import-ap": {
            "href": format!("#{}", id("plan")),
            "remarks": "There is no plan besides the policy: every rule is checked on every population.",
        },
        "results": results,
        "back-matter": { "resources": [{
            "uuid": id("plan"),
            "title": "The policy that was checked",
            "description": format!("{}, {}", report.policy, report.digest),
        }] },
    } })
}

const NAMESPACE: &str = "urn:postern:oscal";

fn finding(control: &Control, key: &str, name: &dyn Fn(&str) -> String) -> Value {
    // The catalog of SP 800-53 gives its statements names; the criteria of SP 800-63-4 are objectives themselves.
    let (kind, target) = match control.catalog {
        Some((Catalog::Sp80053, _)) => ("statement-id", format!("{key}_smt")),
        _ => ("objective-id", key.to_owned()),
    };
    let met = matches!(control.outcome, Outcome::Met | Outcome::MetWithRemarks);
    json!({
        "uuid": name(&format!("finding {key}")),
        "title": format!("{}: {}", control.id, control.outcome.words()),
        "description": described(control),
        "target": {
            "type": kind,
            "target-id": target,
            "status": {
                "state": if met { "satisfied" } else { "not-satisfied" },
                "reason": if met { "pass" } else { "fail" },
                "remarks": control.outcome.words(),
            },
        },
        "related-observations": [{ "observation-uuid": name(&format!("observation {key}")) }],
    })
}

fn observation(
    report: &Report,
    control: &Control,
    key: &str,
    time: &str,
    name: &dyn Fn(&str) -> String,
) -> Value {
    json!({
        "uuid": name(&format!("observation {key}")),
        "description": described(control),
        "methods": ["TEST"],
        "types": ["control-objective"],
        "collected": time,
        "relevant-evidence": [{ "description": format!("{} on {}", report.checked_by, report.policy) }],
    })
}

fn described(control: &Control) -> String {
    let against = match control.findings.as_slice() {
        [] => "Nothing speaks against it.".to_owned(),
        some => format!("Against it: {}.", some.join("; ")),
    };
    format!("{} {against}", control.requirement)
}

/// A title is one line in that model, and an organization may call itself what it likes.
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

/// A UUID that names the same thing in the same policy on the same day: as version 5 (RFC 9562 5.5), with SHA-256 for
/// SHA-1, so that two reports of one check are one.
fn uuid(name: &str) -> String {
    let hex = digest_of(format!("{NAMESPACE}\n{name}").as_bytes());
    let variant = match hex.as_bytes()[16] {
        b'0' | b'4' | b'8' | b'c' => '8',
        b'1' | b'5' | b'9' | b'd' => '9',
        b'2' | b'6' | b'a' | b'e' => 'a',
        _ => 'b',
    };
    format!("{}-{}-5{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}
