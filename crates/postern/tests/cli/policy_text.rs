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

#[test]
fn what_is_no_text_is_a_finding_for_programs() {
    let place = Place::sqlite();
    let utf16: Vec<u8> = "version = 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(place.path("odd.toml"), [&[0xFF, 0xFE], &utf16[..]].concat()).expect("it is writable");
    for (format, finding) in [("json", "/diagnostics/0/message"), ("sarif", "/runs/0/results/0/message/text")]
    {
        let outcome = place.run(&["check", "odd.toml", "--format", format]);
        assert_eq!(outcome.code, Some(2), "{format}: {}", outcome.err);
        let printed: serde_json::Value = serde_json::from_str(&outcome.out).expect("it prints JSON");
        let told = printed.pointer(finding).and_then(serde_json::Value::as_str).unwrap_or_default();
        assert!(told.contains("the file is UTF-16"), "{printed:#}");
    }
    let outcome = place.run(&["check", "odd.toml", "--format", "github"]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.err);
    assert!(outcome.out.starts_with("::error file=odd.toml,line=1"), "{}", outcome.out);
    place.run(&["check", "odd.toml"]).cannot_run(&["odd.toml", "UTF-16", "save the file as UTF-8"]);
}
