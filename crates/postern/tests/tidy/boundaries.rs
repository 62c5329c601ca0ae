//! What stands in one place only: SQL and its drivers in the store, HTML in the templates, time in the rim.

use super::{Text, is_rust, none, tracked};

const STORE: &str = "crates/server/src/store";

#[test]
fn sql_is_written_in_the_store_alone() {
    let mut offences = Vec::new();
    for text in sources(|path| !path.starts_with(STORE)) {
        for (number, line) in code_lines(&text) {
            if STATEMENTS.iter().any(|statement| line.contains(statement)) {
                offences.push(format!("{}:{number}: {}", text.path, line.trim()));
            }
        }
    }
    none("SQL outside crates/server/src/store", &offences);
}

/// How an SQL statement begins in a literal. Upper case, as the store writes it; prose does not.
const STATEMENTS: [&str; 7] = [
    "\"SELECT ",
    "INSERT INTO ",
    "\"UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "CREATE INDEX ",
    "BEGIN IMMEDIATE",
];

#[test]
fn database_drivers_are_named_in_the_store_alone() {
    let mut offences = Vec::new();
    for text in sources(|path| !path.starts_with(STORE)) {
        for (number, line) in code_lines(&text) {
            if ["rusqlite::", "postgres::", "use rusqlite", "use postgres"]
                .iter()
                .any(|name| line.contains(name))
            {
                offences.push(format!("{}:{number}: {}", text.path, line.trim()));
            }
        }
    }
    none("database drivers named outside crates/server/src/store", &offences);
}

#[test]
fn html_is_written_in_the_templates_alone() {
    let mut offences = Vec::new();
    for text in sources(|path| path.starts_with("crates/server/src/")) {
        for (number, line) in code_lines(&text) {
            if ELEMENTS.iter().any(|element| line.contains(element)) {
                offences.push(format!("{}:{number}: {}", text.path, line.trim()));
            }
        }
    }
    none("HTML outside crates/server/templates", &offences);
}

const ELEMENTS: [&str; 12] = [
    "<!doctype",
    "<html",
    "<body",
    "<div",
    "<p>",
    "<a href",
    "<form",
    "<input",
    "<button",
    "<table",
    "<script",
    "<style",
];

#[test]
fn templates_hold_no_inline_script_or_style() {
    // The content security policy forbids both; a page would fail in the browser only, so say it here.
    let mut offences = Vec::new();
    for text in tracked(|path| path.starts_with("crates/server/")).into_iter().filter(is_template) {
        for (number, line) in text.content.lines().enumerate() {
            let line = line.to_lowercase();
            let is_inline_script = line.contains("<script") && !line.contains("src=");
            let is_inline_style = line.contains("<style") || line.contains(" style=\"");
            if is_inline_script
                || is_inline_style
                || line.contains(" onclick=")
                || line.contains("javascript:")
            {
                offences.push(format!("{}:{}: {}", text.path, number + 1, line.trim()));
            }
        }
    }
    none("inline script or style in a template", &offences);
}

#[test]
fn pages_ask_no_third_party_for_anything() {
    let mut offences = Vec::new();
    for text in tracked(|path| path.starts_with("crates/server/")).into_iter().filter(is_template) {
        for (number, line) in text.content.lines().enumerate() {
            if ["src=\"http", "src=\"//", "rel=\"stylesheet\" href=\"http"]
                .iter()
                .any(|other| line.contains(other))
            {
                offences.push(format!("{}:{}: {}", text.path, number + 1, line.trim()));
            }
        }
    }
    none("third-party requests in a template", &offences);
}

fn is_template(text: &Text) -> bool {
    text.path.starts_with("crates/server/templates/")
}

/// The sources that ship, not their tests.
fn sources(wanted: impl Fn(&str) -> bool) -> Vec<Text> {
    tracked(|path| is_rust(path) && path.starts_with("crates/") && path.contains("/src/") && wanted(path))
}

/// The numbered lines of code, without comment lines and without the tests at the end of a file.
fn code_lines(text: &Text) -> impl Iterator<Item = (usize, &str)> {
    text.content
        .lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}
