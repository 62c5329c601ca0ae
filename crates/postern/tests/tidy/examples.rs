//! What the documents say that the command prints, it prints.
//!
//! A ` ```console ` block whose first line is `$ postern check|explain|takeover|schema …` and that shows output is run
//! in the root of the checkout; `[..]` on a line of its own stands for any lines. Blocks without output are advice.
//! `UPDATE=1` writes anew what a block shows: each paragraph, found again by how it begins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{is_markdown, none, root, tracked};

const RUN: [&str; 4] = ["check", "explain", "schema", "takeover"];

#[test]
fn console_examples_show_what_the_command_prints() {
    let guide = first_policy();
    let mut offences = Vec::new();
    let mut shown = 0;
    for document in tracked(|path| is_markdown(path) && !path.contains("/rules/")) {
        let mut content = document.content.clone();
        for block in blocks(&document.content, "console") {
            let mut lines = block.lines();
            let Some(command) = lines.next().and_then(|line| line.strip_prefix("$ postern ")) else {
                continue;
            };
            let expected: Vec<&str> = lines.collect();
            let words: Vec<&str> = command.split_whitespace().collect();
            if expected.is_empty()
                || expected.iter().any(|line| line.starts_with("$ "))
                || !RUN.contains(&words[0])
            {
                continue;
            }
            let folder = if words.iter().any(|word| word.contains('/')) { root() } else { guide.clone() };
            let printed = print(&words, &folder);
            if !matches(&printed, &expected) {
                if std::env::var_os("UPDATE").is_some_and(|wish| wish == "1") {
                    content = content
                        .replace(&block, &format!("$ postern {command}\n{}", renewed(&expected, &printed)));
                } else {
                    offences.push(format!("{}: `postern {command}` prints\n{printed}", document.path));
                }
            }
            shown += 1;
        }
        if content != document.content {
            std::fs::write(root().join(&document.path), content).expect("the checkout can be written to");
        }
    }
    none("examples that show something else than the command prints", &offences);
    assert!(shown > 0, "no example was found: the test would prove nothing");
}

/// The policies that the guide builds: its TOML blocks together, and what it makes of them.
fn first_policy() -> PathBuf {
    let guide = &tracked(|path| path == "docs/guide/first-policy.md")[0];
    let blocks = blocks(&guide.content, "toml");
    let [start, doors, approver, ..] = &blocks[..] else {
        panic!("the guide builds its policy from three blocks")
    };
    let requires: BTreeMap<&str, &str> = [
        ("require = \"invite(own-mail)\"", "require = \"invite(own-mail) and approval(colleague, 2)\""),
        (
            "require = \"codes and issued(own-mail)\"",
            "require = \"codes and issued(own-mail) and approval(colleague, 2)\"",
        ),
    ]
    .into();
    let policy = format!("{start}\n{doors}");
    let mut mended = format!("{policy}\n{approver}");
    for (weak, strong) in requires {
        assert!(mended.contains(weak) && guide.content.contains(strong), "the guide does not say `{strong}`");
        mended = mended.replace(weak, strong);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("first-policy");
    std::fs::create_dir_all(&folder).expect("the build's own folder can be written to");
    std::fs::write(folder.join("postern.toml"), policy).expect("the build's own folder can be written to");
    std::fs::write(folder.join("mended.toml"), mended).expect("the build's own folder can be written to");
    folder
}

fn print(words: &[&str], folder: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_postern")).args(words).current_dir(folder).output();
    let output = output.expect("the command was built with this test");
    String::from_utf8(output.stdout).expect("the command prints UTF-8")
}

/// The fenced blocks of one language.
fn blocks(content: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    content
        .split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(block, _)| block.to_owned()))
        .collect()
}

/// Whether the lines were printed in this order, with nothing between them but what `[..]` stands for. Line numbers in
/// the margin count, since a reader follows them.
fn matches(printed: &str, expected: &[&str]) -> bool {
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let mut rest = &printed[..];
    let mut may_skip = false;
    for run in expected.split(|line| *line == "[..]") {
        let run: Vec<&str> = trimmed(run);
        let at = rest.windows(run.len().max(1)).position(|window| run.is_empty() || window == run);
        match at {
            _ if run.is_empty() => {}
            Some(at) if may_skip || rest[..at].iter().all(|line| line.is_empty()) => {
                rest = &rest[at + run.len()..];
            }
            _ => return false,
        }
        may_skip = true;
    }
    expected.last() == Some(&"[..]") || rest.iter().all(|line| line.is_empty())
}

/// The same example with each paragraph as it is printed now.
fn renewed(expected: &[&str], printed: &str) -> String {
    let now: Vec<&str> = printed.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')).collect();
    let mut text = String::new();
    for paragraph in expected.join("\n").split("\n\n") {
        let (lead, paragraph) =
            paragraph.strip_prefix("[..]\n").map_or(("", paragraph), |rest| ("[..]\n", rest));
        let (paragraph, tail) =
            paragraph.strip_suffix("\n[..]").map_or((paragraph, ""), |rest| (rest, "\n[..]"));
        // `error[P0101]:`, `population`, `error:`: its first word tells a paragraph from the others.
        let first = |paragraph: &str| paragraph.split_whitespace().next().map(str::to_owned);
        let found =
            now.iter().find(|candidate| first(candidate) == first(paragraph)).copied().unwrap_or(paragraph);
        for part in [lead, found, tail, "\n\n"] {
            text.push_str(part);
        }
    }
    format!("{}\n", text.trim_end())
}

/// Without empty lines at the ends.
fn trimmed<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !line.is_empty()).map_or(first, |last| last + 1);
    lines[first..last].iter().map(|line| line.trim_end()).collect()
}
