//! `docs/reference` is generated from the code and committed. Here it is compared with the code, or, with `UPDATE=1`,
//! written anew.
//!
//! Owns how the pages look. What they say stands where it is used: in tables, registries and doc comments.

mod authenticators;
mod command;
mod configuration;
mod routes;
mod rules;

use super::root;

const HEAD: &str = "<!-- Generated from the code: UPDATE=1 cargo test -p postern --test tidy -->\n\n";

/// Compares one page with what the code says now.
#[track_caller]
fn is_current(page: &str, content: &str) {
    let path = root().join("docs/reference").join(page);
    let content = format!("{HEAD}{content}");
    if std::env::var_os("UPDATE").is_some_and(|wish| wish == "1") {
        std::fs::create_dir_all(root().join("docs/reference")).expect("the checkout can be written to");
        std::fs::write(&path, content).expect("the checkout can be written to");
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == content,
        "docs/reference/{page} is not what the code says: run `UPDATE=1 cargo test -p postern --test tidy` and \
         review the difference"
    );
}
