//! The page of the server's configuration: the doc comments of `config.rs`, which are the operator's manual.
//!
//! Reads the source as text. Understands what that file is made of: public structs and enums of documented fields.

use std::fmt::Write as _;

use crate::tracked;

#[test]
fn the_page_of_the_configuration_is_current() {
    let source = tracked(|path| path == "crates/server/src/config.rs");
    let mut page = String::from(
        "# The server's configuration\n\n`postern serve --config FILE` reads a TOML file of these keys.\n",
    );
    for part in parts(&source[0].content) {
        let heading = if part.name == "Config" {
            "The file".to_owned()
        } else {
            format!("`{}`", part.name.to_lowercase())
        };
        write!(page, "\n## {heading}\n\n{}\n\n| key | what it says |\n|---|---|\n", part.words)
            .expect("a string takes what is written");
        for (key, words) in part.keys {
            writeln!(page, "| `{key}` | {words} |").expect("a string takes what is written");
        }
    }
    super::is_current("configuration.md", &page);
}

/// A struct or enum of the source with the words above it.
struct Part {
    name: String,
    words: String,
    keys: Vec<(String, String)>,
}

fn parts(source: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let (mut words, mut is_inside, mut has_default) = (String::new(), false, false);
    for line in source.lines() {
        let text = line.trim();
        if let Some(more) = text.strip_prefix("///") {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(more.trim());
        } else if text.starts_with("#[") {
            has_default |= text.contains("serde(default");
        } else if let Some(opened) =
            text.strip_prefix("pub struct ").or_else(|| text.strip_prefix("pub enum "))
        {
            let name = opened.trim_end_matches('{').trim().to_owned();
            parts.push(Part { name, words: std::mem::take(&mut words), keys: Vec::new() });
            (is_inside, has_default) = (true, false);
        } else if line == "}" {
            is_inside = false;
        } else if is_inside && !words.is_empty() {
            let key = text.trim_start_matches("pub ").split([':', ',']).next().unwrap_or_default();
            // Without a default, and not optional by its type: the server does not start without it.
            let is_needed = text.starts_with("pub ") && !has_default && !text.contains("Option<");
            let needed = if is_needed { "**Needed.** " } else { "" };
            let key = if text.starts_with("pub ") { key.to_owned() } else { key.to_lowercase() };
            if let Some(part) = parts.last_mut() {
                part.keys.push((key, format!("{needed}{}", std::mem::take(&mut words))));
            }
            has_default = false;
        } else {
            words.clear();
        }
    }
    parts.retain(|part| !part.keys.is_empty());
    parts
}
