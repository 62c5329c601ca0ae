//! The policies that the tests run under: the shipped examples, and one that has every door the families need.

use std::sync::LazyLock;

use policy::diagnostic::Level;
use policy::model::Date;
use policy::{Policy, Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };
const BASE: &str = include_str!("base.toml");

/// A policy that the checker finds no error in.
fn enforced(text: &str) -> Policy {
    check(&Source::single("test.toml", text), TODAY).enforce().unwrap_or_else(|found| {
        let found = found.iter().filter(|d| d.level == Level::Error);
        let found: Vec<String> = found.map(|d| format!("{} at {}", d.message, d.at)).collect();
        panic!("the policy has errors: {found:#?}")
    })
}

pub(crate) fn base() -> Policy {
    // The analysis is slow without optimization, and every test begins with it.
    static POLICY: LazyLock<Policy> = LazyLock::new(|| enforced(BASE));
    POLICY.clone()
}

/// The base with some of its lines changed.
pub(crate) fn changed(changes: &[(&str, &str)]) -> Policy {
    let mut text = BASE.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the base policy has no `{from}`");
        text = text.replacen(from, to, 1);
    }
    enforced(&text)
}

pub(crate) fn company() -> Policy {
    static POLICY: LazyLock<Policy> =
        LazyLock::new(|| enforced(include_str!("../../../../../examples/company.toml")));
    POLICY.clone()
}

pub(crate) fn bank() -> Policy {
    static POLICY: LazyLock<Policy> =
        LazyLock::new(|| enforced(include_str!("../../../../../examples/bank.toml")));
    POLICY.clone()
}
