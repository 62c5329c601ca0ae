//! What holds for every page, checked over all of them with plain and with hostile content.

use std::collections::HashSet;

use html::{Kind, Tag};

use super::assets;
// The samples reach the pages through here, because the gallery includes them from outside this crate.
use crate::page;

mod html;
mod samples;

/// What a hostile person would put into every text: it closes attributes, opens an element and runs a handler.
const HOSTILE: &str = "\"'><i-am-hostile onload=x>";

fn hostile(text: &str) -> String {
    format!("{text}{HOSTILE}")
}

/// Every page twice, as `(name, html)`.
fn every_page() -> Vec<(String, String)> {
    let named = |say, suffix: &str| {
        let render = |(name, page): samples::Rendered| {
            (format!("{name}{suffix}"), page.unwrap_or_else(|error| panic!("{name}{suffix}: {error}")))
        };
        samples::pages(say).into_iter().map(render).collect::<Vec<_>>()
    };
    [named(str::to_owned, ""), named(hostile, ", hostile")].concat()
}

/// Fails with the pages' names and what each does wrong.
fn hold(fault: impl Fn(&str, &[Tag]) -> Vec<String>) {
    let faults: Vec<String> = every_page()
        .iter()
        .flat_map(|(name, body)| {
            fault(name, &html::tags(body)).into_iter().map(move |what| format!("{name}: {what}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn ids(tags: &[Tag]) -> Vec<&str> {
    tags.iter().filter_map(|tag| tag.value("id")).collect()
}

#[test]
fn what_people_write_never_becomes_markup() {
    for (name, body) in every_page() {
        assert!(!body.contains("<i-am-hostile"), "{name}");
        assert!(
            !name.ends_with("hostile") || body.contains("i-am-hostile"),
            "{name} shows no hostile text at all"
        );
    }
    hold(|_, tags| tags.iter().filter(|tag| tag.has("onload")).map(|tag| tag.name.clone()).collect());
}

#[test]
fn no_page_needs_what_the_content_security_policy_forbids() {
    hold(|_, tags| {
        let forbidden = |tag: &&Tag| {
            tag.attributes.iter().any(|(name, _)| name == "style" || name.starts_with("on"))
                || tag.name == "style"
                || (tag.name == "script" && tag.kind == Kind::Open && !tag.has("src"))
                || ["base", "iframe", "object", "embed"].contains(&tag.name.as_str())
        };
        tags.iter().filter(forbidden).map(|tag| format!("{tag:?}")).collect()
    });
}

#[test]
fn no_page_loads_or_sends_anything_elsewhere() {
    hold(|page, tags| {
        let mut faults = Vec::new();
        for tag in tags {
            for (name, value) in &tag.attributes {
                let here = value.starts_with('/') && !value.starts_with("//");
                let fine = match (name.as_str(), tag.name.as_str()) {
                    ("src" | "action" | "data-options-url", _) | ("href", "link") => here,
                    // The mailbox shows the links of messages; everything else points at this server.
                    ("href", _) => {
                        here || value.starts_with('#')
                            || value.starts_with("mailto:")
                            || page.starts_with("demo-mail")
                    }
                    _ => true,
                };
                if !fine {
                    faults.push(format!("<{} {name}={value}>", tag.name));
                }
            }
        }
        faults
    });
}

#[test]
fn every_field_has_a_label() {
    hold(|_, tags| {
        let labels: HashSet<&str> =
            tags.iter().filter(|tag| tag.name == "label").filter_map(|tag| tag.value("for")).collect();
        let unlabelled = |tag: &&Tag| {
            ["input", "select", "textarea"].contains(&tag.name.as_str())
                && tag.kind == Kind::Open
                && tag.value("type") != Some("hidden")
                && !tag.has("aria-label")
                && !tag.value("id").is_some_and(|id| labels.contains(id))
        };
        tags.iter().filter(unlabelled).map(|tag| format!("{tag:?}")).collect()
    });
}

/// On a phone a cell is its label and what stands beside it: two things would flow under the label.
#[test]
fn a_cell_with_a_label_holds_one_thing() {
    hold(|_, tags| {
        let mut faults = Vec::new();
        for (at, tag) in tags.iter().enumerate().filter(|(_, tag)| tag.has("data-label")) {
            let (mut depth, mut held) = (0, 0);
            for inside in &tags[at + 1..] {
                match inside.kind {
                    Kind::Open if html::VOID.contains(&inside.name.as_str()) => {}
                    Kind::Open if depth == 0 => (depth, held) = (1, held + 1),
                    Kind::Open => depth += 1,
                    Kind::Close if depth == 0 => break,
                    Kind::Close => depth -= 1,
                    Kind::Closed => {}
                }
            }
            if held > 1 {
                faults.push(format!("{held} things in {tag:?}"));
            }
        }
        faults
    });
}

#[test]
fn every_form_that_posts_carries_the_csrf_token() {
    hold(|_, tags| {
        let mut faults = Vec::new();
        let mut open: Option<(&Tag, bool)> = None;
        for tag in tags {
            match (tag.name.as_str(), tag.kind) {
                ("form", Kind::Open) if open.is_some() => faults.push("a form inside a form".to_owned()),
                ("form", Kind::Open) => open = Some((tag, false)),
                ("input", _) if tag.value("name") == Some("csrf") => {
                    open = open.map(|(form, _)| (form, tag.value("type") == Some("hidden")));
                }
                ("form", Kind::Close) => {
                    if let Some((form, csrf)) = open.take()
                        && csrf != (form.value("method") == Some("post"))
                    {
                        faults.push(format!("{form:?}"));
                    }
                }
                _ => {}
            }
        }
        faults
    });
}

#[test]
fn every_passkey_form_keeps_its_contract_with_the_script() {
    hold(|_, tags| {
        let mut faults = Vec::new();
        for (at, tag) in tags.iter().enumerate().filter(|(_, tag)| tag.has("data-passkey")) {
            let inside =
                tags[at..].iter().take_while(|tag| (tag.name.as_str(), tag.kind) != ("form", Kind::Close));
            let inside: Vec<&Tag> = inside.collect();
            let credential = inside.iter().any(|tag| tag.value("name") == Some("credential"));
            let status = inside.iter().any(|tag| tag.has("data-status") && tag.has("role"));
            let button = inside.iter().any(|tag| tag.name == "button" && tag.has("disabled"));
            if !(credential && status && button && tag.has("data-options-url")) {
                faults.push(format!("{tag:?}"));
            }
        }
        faults
    });
}

#[test]
fn every_page_is_whole_and_its_ids_are_its_own() {
    hold(|_, tags| {
        let mut faults = html::unbalanced(tags);
        let ids = ids(tags);
        let known: HashSet<&str> = ids.iter().copied().collect();
        if known.len() != ids.len() {
            faults.push(format!("an id twice among {ids:?}"));
        }
        for tag in tags {
            for name in ["aria-labelledby", "aria-describedby", "aria-controls", "for"] {
                if let Some(id) = tag.value(name)
                    && !known.contains(id)
                {
                    faults.push(format!("{name} points at no id: {id}"));
                }
            }
        }
        for name in ["main", "h1", "title"] {
            let count = tags.iter().filter(|tag| tag.name == name && tag.kind == Kind::Open).count();
            if count != 1 {
                faults.push(format!("{count} of <{name}>"));
            }
        }
        faults
    });
}

#[test]
fn assets_are_found_by_their_path_and_load_nothing_from_elsewhere() {
    for asset in assets::all() {
        assert_eq!(assets::find(asset.path).map(|found| found.body), Some(asset.body));
        let foreign = asset.body.replace("http://www.w3.org/2000/svg", "");
        assert!(!foreign.contains("http:") && !foreign.contains("https:") && !foreign.contains("@import"));
    }
    assert!(assets::find("/assets/../Cargo.toml").is_none());
}
