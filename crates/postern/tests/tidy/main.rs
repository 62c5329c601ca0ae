//! The repository keeps its own rules: layering, boundaries between folders, the shape of files, living documents.
//!
//! Everything here reads texts and never runs the product. A failure names each offender, so that one run shows
//! all that is left to mend.

mod boundaries;
mod documents;
mod examples;
mod layering;
mod reference;
mod shape;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the workspace.
fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).expect("a crate stands two folders below the root").to_path_buf()
}

/// A tracked text, by its path from the root, with `/` between the folders.
struct Text {
    path: String,
    content: String,
}

/// Every tracked text whose path passes. What Git does not know is somebody's unfinished work.
fn tracked(wanted: impl Fn(&str) -> bool) -> Vec<Text> {
    let listing = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output()
        .expect("git is on the PATH: it made this checkout");
    assert!(listing.status.success(), "`git ls-files` failed: {}", String::from_utf8_lossy(&listing.stderr));
    let listing = String::from_utf8(listing.stdout).expect("tracked paths are UTF-8");
    let texts: Vec<Text> = listing
        .split_terminator('\0')
        .filter(|path| wanted(path))
        .filter_map(|path| {
            // Pictures and other bytes are not texts; a deletion that is not committed yet is no text either.
            let content = std::fs::read_to_string(root().join(path)).ok()?;
            Some(Text { path: path.to_owned(), content })
        })
        .collect();
    assert!(!texts.is_empty(), "no tracked text passed the filter: the test would prove nothing");
    texts
}

fn is_rust(path: &str) -> bool {
    has_extension(path, "rs")
}

fn is_markdown(path: &str) -> bool {
    has_extension(path, "md")
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// Fails with every offence, one a line.
#[track_caller]
fn none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}:\n  {}\n", offences.join("\n  "));
}
