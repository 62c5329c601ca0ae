//! Who may depend on whom: postern -> server -> lifecycle -> policy, and what the two pure crates may name.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::{none, root, tracked};

/// The crates from the rim inwards. Each may name those after it, never one before it.
const DIRECTION: [&str; 4] = ["postern", "postern-server", "postern-lifecycle", "postern-policy"];

/// What a pure crate may name. Computation only: nothing that opens a file, a socket, a clock or a source of chance.
const POLICY_MAY_NAME: &[&str] =
    &["annotate-snippets", "saphyr-parser", "serde", "serde_json", "sha2", "strsim", "toml"];
const LIFECYCLE_MAY_NAME: &[&str] = &[
    "data-encoding",
    "hmac",
    "postern-policy",
    "serde",
    "serde_json",
    "sha1",
    "sha2",
    "subtle",
    "unicode-normalization",
    "webauthn-rs",
    "zeroize",
];

/// What must not reach a pure crate by any road, directly or through somebody else.
const NEVER_BELOW_THE_RIM: &[&str] = &[
    "axum",
    "hyper",
    "lettre",
    "mio",
    "postgres",
    "reqwest",
    "rusqlite",
    "socket2",
    "tokio",
    "tracing-subscriber",
];

#[test]
fn the_workspace_crates_depend_inwards_only() {
    let metadata = metadata();
    let mut offences = Vec::new();
    let mut seen = BTreeSet::new();
    for package in members(&metadata) {
        let name = text(package, "name");
        let Some(depth) = DIRECTION.iter().position(|layer| *layer == name) else {
            offences.push(format!("`{name}` has no place in the direction {DIRECTION:?}"));
            continue;
        };
        seen.insert(name);
        // Development dependencies count: a test that reaches outwards would hide a cycle of ideas.
        for dependency in list(package, "dependencies") {
            let dependency = text(dependency, "name");
            let place = DIRECTION.iter().position(|layer| *layer == dependency);
            if place.is_some_and(|place| place <= depth) {
                offences.push(format!("`{name}` depends on `{dependency}`"));
            }
        }
    }
    none("dependencies that point outwards", &offences);
    assert_eq!(seen.len(), DIRECTION.len(), "a crate of the direction is gone: {seen:?}");
}

#[test]
fn the_pure_crates_name_only_what_they_were_granted() {
    let metadata = metadata();
    let granted =
        BTreeMap::from([("postern-policy", POLICY_MAY_NAME), ("postern-lifecycle", LIFECYCLE_MAY_NAME)]);
    let mut offences = Vec::new();
    for package in members(&metadata) {
        let name = text(package, "name");
        let Some(granted) = granted.get(name) else { continue };
        for dependency in list(package, "dependencies").filter(|dependency| dependency["kind"].is_null()) {
            let dependency = text(dependency, "name");
            if !granted.contains(&dependency) {
                offences.push(format!("`{name}` names `{dependency}`"));
            }
        }
    }
    none(
        "dependencies that a pure crate was not granted (a grant is a decision: docs/decisions/0002)",
        &offences,
    );
}

#[test]
fn nothing_that_touches_the_world_reaches_a_pure_crate() {
    let metadata = metadata();
    let names: BTreeMap<&str, &str> =
        list(&metadata, "packages").map(|package| (text(package, "id"), text(package, "name"))).collect();
    let nodes: BTreeMap<&str, &Value> =
        list(&metadata["resolve"], "nodes").map(|node| (text(node, "id"), node)).collect();
    let mut offences = Vec::new();
    for pure in ["postern-policy", "postern-lifecycle"] {
        let start =
            *names.iter().find(|(_, name)| **name == pure).expect("the direction test asserts it exists").0;
        let (mut reached, mut open) = (BTreeSet::from([start]), vec![start]);
        while let Some(id) = open.pop() {
            for dependency in list(nodes[id], "deps").filter(|dependency| is_normal(dependency)) {
                let id = text(dependency, "pkg");
                if reached.insert(id) {
                    open.push(id);
                }
            }
        }
        for id in reached {
            if NEVER_BELOW_THE_RIM.contains(&names[id]) {
                offences.push(format!("`{}` reaches `{pure}`", names[id]));
            }
        }
    }
    none("crates of the rim below a pure crate (see `cargo tree --invert`)", &offences);
}

#[test]
fn the_pure_crates_deny_themselves_the_world() {
    let lint = "clippy::disallowed_methods";
    let is_pure = |path: &str| matches!(path, "crates/policy/src/lib.rs" | "crates/lifecycle/src/lib.rs");
    let offences: Vec<String> = tracked(is_pure)
        .into_iter()
        .filter(|root| {
            let attributes = root.content.split("#![").skip(1).filter_map(|rest| rest.split(']').next());
            !attributes
                .into_iter()
                .any(|attribute| attribute.starts_with("deny(") && attribute.contains(lint))
        })
        .map(|root| format!("{}: no `#![deny({lint})]`", root.path))
        .collect();
    none("pure crates that do not deny what clippy.toml disallows", &offences);
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs: it runs this test");
    assert!(output.status.success(), "`cargo metadata` failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

/// The packages of the workspace itself: those without a source.
fn members(metadata: &Value) -> impl Iterator<Item = &Value> {
    list(metadata, "packages").filter(|package| package["source"].is_null())
}

/// Whether it is compiled into the crate, and not only into its tests or its build script.
fn is_normal(dependency: &Value) -> bool {
    list(dependency, "dep_kinds").any(|kind| kind["kind"].is_null())
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().unwrap_or_else(|| panic!("`cargo metadata` lists {key}")).iter()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("`cargo metadata` gives {key}"))
}
