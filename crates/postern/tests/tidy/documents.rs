//! The documents: links lead somewhere, every rule has its page, decisions are numbered once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::{Text, is_markdown, none, root, tracked};

#[test]
fn every_relative_link_leads_somewhere() {
    let documents = tracked(is_markdown);
    let mut offences = Vec::new();
    for document in &documents {
        for (number, target) in links(&document.content) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path =
                if file.is_empty() { PathBuf::from(&document.path) } else { beside(&document.path, file) };
            if !root().join(&path).exists() {
                offences.push(format!("{}:{number}: `{target}` does not exist", document.path));
            } else if !anchor.is_empty() && !has_anchor(&path, anchor) {
                offences.push(format!("{}:{number}: `{target}` has no such heading", document.path));
            }
        }
    }
    none("links that lead nowhere", &offences);
}

#[test]
fn every_document_can_be_reached_from_the_readme() {
    let documents: BTreeMap<String, Text> =
        tracked(is_markdown).into_iter().map(|text| (text.path.clone(), text)).collect();
    let mut reached = BTreeSet::from(["README.md".to_owned()]);
    let mut open = vec!["README.md".to_owned()];
    while let Some(path) = open.pop() {
        let Some(document) = documents.get(&path) else { continue };
        for (_, target) in links(&document.content) {
            let file = target.split('#').next().unwrap_or_default();
            let target = beside(&path, file);
            // A link to a folder reaches every page in it.
            let pages = documents.keys().filter(|page| {
                Path::new(page) == target || (!file.is_empty() && Path::new(page).parent() == Some(&target))
            });
            for page in pages.cloned().collect::<Vec<_>>() {
                if reached.insert(page.clone()) {
                    open.push(page);
                }
            }
        }
    }
    let offences: Vec<String> = documents
        .keys()
        .filter(|path| path.starts_with("docs/") && !reached.contains(*path))
        .cloned()
        .collect();
    none("documents that no link reaches from README.md", &offences);
}

#[test]
fn every_rule_has_its_page_and_every_page_its_rule() {
    let registry = tracked(|path| path == "crates/policy/src/rules.rs");
    let named: BTreeSet<String> = registry[0].content.lines().filter_map(registered).collect();
    assert!(!named.is_empty(), "no line of the registry was understood");
    let pages: BTreeSet<String> =
        tracked(|path| path.starts_with("crates/policy/src/rules/") && is_markdown(path))
            .into_iter()
            .filter_map(|page| Some(Path::new(&page.path).file_stem()?.to_str()?.replace('_', "-")))
            .collect();
    let without_page = named.difference(&pages).map(|rule| format!("`{rule}` has no page"));
    let without_rule = pages.difference(&named).map(|page| format!("the page of `{page}` has no rule"));
    none("rules and pages that do not match", &without_page.chain(without_rule).collect::<Vec<_>>());
}

/// The rule that a line of the registry enters: `P0101 Variant "the-name" …`.
fn registered(line: &str) -> Option<String> {
    let code = line.trim_start().strip_prefix('P')?;
    code.get(..4)?.parse::<u16>().ok()?;
    Some(line.split('"').nth(1)?.to_owned())
}

#[test]
fn decisions_are_numbered_once_and_say_what_was_given_up() {
    let decisions = tracked(|path| path.starts_with("docs/decisions/") && is_markdown(path));
    let mut offences = Vec::new();
    let mut numbers = BTreeSet::new();
    for decision in &decisions {
        let name = decision.path.trim_start_matches("docs/decisions/");
        let number = name.split('-').next().unwrap_or_default();
        if number.len() != 4 || number.parse::<u16>().is_err() {
            offences.push(format!("{name}: does not begin with a number such as `0001-`"));
        } else if !numbers.insert(number) {
            offences.push(format!("{name}: {number} is taken"));
        }
        for part in ["Context", "Decision", "What we gave up"] {
            let (heading, words) = (format!("## {part}"), format!("**{part}.**"));
            if !decision.content.lines().any(|line| line.starts_with(&heading) || line.starts_with(&words)) {
                offences.push(format!("{name}: does not say `{part}`"));
            }
        }
    }
    none("decisions without a number of their own, or incomplete", &offences);
}

#[test]
fn the_architecture_stays_short_enough_to_read() {
    let architecture = tracked(|path| path == "ARCHITECTURE.md");
    let lines = architecture[0].content.lines().count();
    assert!(lines <= 300, "ARCHITECTURE.md has {lines} lines; 300 is what a newcomer reads");
}

/// The link targets of a document with their line numbers, outside code.
fn links(content: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut is_code = false;
    for (index, line) in content.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            continue;
        }
        if is_code {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            let inside_code = line[..at].matches('`').count() % 2 == 1;
            if let (false, Some(end)) = (inside_code, line[at..].find(')')) {
                found.push((index + 1, &line[at + 2..at + end]));
            }
        }
    }
    found
}

/// The path of a link that stands in `document`, from the root.
fn beside(document: &str, target: &str) -> PathBuf {
    let mut path = Path::new(document).parent().unwrap_or(Path::new("")).to_path_buf();
    for component in Path::new(target).components() {
        match component {
            Component::ParentDir => _ = path.pop(),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

/// Whether a heading of the file has this anchor, as forges make them: lower case, hyphens, no punctuation.
fn has_anchor(path: &Path, anchor: &str) -> bool {
    let Ok(content) = std::fs::read_to_string(root().join(path)) else { return false };
    content.lines().filter_map(|line| line.strip_prefix('#')).any(|heading| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let slug: String = heading
            .chars()
            .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'))
            .map(|letter| if letter == ' ' { '-' } else { letter })
            .collect();
        slug == anchor
    })
}
