//! Policies that nobody would write: diagnostics and exit code 1, no panic, no matter how large or odd the text.

use std::fmt::Write as _;

use crate::place::{Outcome, Place};

fn check(text: &[u8]) -> Outcome {
    let place = Place::sqlite();
    std::fs::write(place.path("odd.toml"), text).expect("the folder is writable");
    place.run(&["check", "odd.toml"])
}

/// Refused with diagnostics, none of them longer than a person reads.
#[track_caller]
fn is_refused(text: &[u8]) {
    let outcome = check(text);
    assert_eq!(outcome.code, Some(1), "{}", outcome.err);
    assert!(outcome.out.contains("error"), "{}", outcome.out);
    assert!(outcome.out.len() < 1 << 20, "{} bytes are no diagnostics", outcome.out.len());
}

#[test]
fn ten_mebibytes_of_anything_are_refused() {
    const SIZE: usize = 10 << 20;
    let long_line = format!("version = 1\n# {}\n", "x".repeat(SIZE));
    let mut many_populations = String::new();
    for number in 0..SIZE / 40 {
        writeln!(many_populations, "[population.somebody-{number:08}]\ngroups = []")
            .expect("memory takes it");
    }
    for text in [
        "version = 1\n".repeat(SIZE / 12),
        "[[[[[[[[".repeat(SIZE / 8),
        "\"".repeat(SIZE),
        many_populations,
        long_line,
    ] {
        is_refused(text.as_bytes());
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = 100_000;
    let lists = format!("version = {}1{}\n", "[".repeat(deep), "]".repeat(deep));
    let keys = format!("version = 1\n{} = 1\n", vec!["a"; deep].join("."));
    let require = format!(
        "version = 1\n[authenticator.p]\nkind = \"password\"\n[population.s]\ngroups = [\"s\"]\n\
         [population.s.login]\nrequire = \"{}p{}\"\n",
        "(".repeat(deep),
        ")".repeat(deep)
    );
    for text in [lists, keys, require] {
        is_refused(text.as_bytes());
    }
}

#[test]
fn nothing_at_all_is_refused() {
    for text in [&b""[..], b"\n", b"\xef\xbb\xbf", b"\0", b"# only words\n"] {
        is_refused(text);
    }
}

#[test]
fn what_is_no_text_is_named() {
    check(b"version = 1\n\xff\xfe").cannot_run(&["odd.toml", "save the file as UTF-8"]);
}
