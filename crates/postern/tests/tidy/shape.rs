//! The shape of files: each says what it owns, none grows without end, none speaks of the machine it was written on.

use super::{is_rust, none, tracked};

/// Most modules stay under 250 lines. Past this one a file holds more than one idea.
const MOST_LINES: usize = 600;

#[test]
fn every_module_opens_with_what_it_owns() {
    let offences: Vec<String> = tracked(is_rust)
        .into_iter()
        // `tests.rs` beside a module has nothing to say that its name does not.
        .filter(|text| !text.path.ends_with("/tests.rs") && !text.content.starts_with("//! "))
        .map(|text| text.path)
        .collect();
    none("modules that do not open with `//!`", &offences);
}

#[test]
fn no_source_file_grows_past_one_idea() {
    let offences: Vec<String> = tracked(is_rust)
        .into_iter()
        .map(|text| (text.content.lines().count(), text.path))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    none("files of more than 600 lines", &offences);
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    // In pieces, so that this file does not find itself.
    let forbidden = [
        concat!("/ho", "me/"),
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/."),
        concat!("/tmp/ba", "sh"),
        concat!("static.cra", "tes.io"),
        concat!("index.cra", "tes.io"),
        concat!("registry.npm", "js.org"),
        concat!("files.python", "hosted.org"),
        concat!("deb.deb", "ian.org"),
    ];
    let mut offences = Vec::new();
    for text in tracked(|_| true) {
        for (number, line) in text.content.lines().enumerate() {
            if let Some(found) = forbidden.iter().find(|word| line.contains(**word)) {
                offences.push(format!("{}:{}: {found}", text.path, number + 1));
            }
        }
    }
    none("machine paths and package hosts", &offences);
}

#[test]
fn tests_neither_sleep_nor_stand_aside() {
    let (ignored, sleeps) = (concat!("#[ign", "ore"), concat!("thread::sl", "eep("));
    let mut offences = Vec::new();
    for text in tracked(|path| is_rust(path) && path.contains("/tests/")) {
        for (number, line) in text.content.lines().enumerate() {
            if line.trim_start().starts_with(ignored) || line.contains(sleeps) {
                offences.push(format!("{}:{}: {}", text.path, number + 1, line.trim()));
            }
        }
    }
    none("ignored tests and sleeping tests", &offences);
}
