//! Every rule's page, run: its example has exactly the findings that it shows, and what to write instead has none.
//!
//! `UPDATE=1 cargo test` rewrites the findings in the pages; review the difference.

use std::path::PathBuf;

use policy::model::Date;
use policy::render::human;
use policy::rules::Rule;
use policy::{Source, check};

/// The day on which the examples are checked; their exceptions are dated around it.
const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// A fenced block of a page, under its heading.
struct Block {
    heading: String,
    language: String,
    text: String,
}

#[test]
fn every_example_has_the_findings_that_its_page_shows() {
    for rule in Rule::ALL {
        let page = std::fs::read_to_string(path(*rule)).expect("the page was compiled in from there");
        let rewritten = with_findings(*rule, &page);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path(*rule), rewritten).expect("the page can be written");
        } else {
            assert!(page == rewritten, "the findings of `{}` are now:\n{rewritten}", rule.name());
        }
    }
}

#[test]
fn every_page_has_an_example_that_triggers_its_rule_and_one_that_does_not() {
    for rule in Rule::ALL {
        let blocks = blocks(rule.page());
        let count = |heading: &str| {
            let found = blocks.iter().filter(|block| block.heading == heading && block.language == "toml");
            found
                .map(|block| {
                    let checked = check(&Source::single("postern.toml", &block.text), TODAY);
                    let hits = checked.diagnostics.iter().filter(|found| found.rule == *rule).count();
                    assert!(
                        heading == "Example" || checked.model.is_some(),
                        "{}: instead is no policy",
                        rule.name()
                    );
                    assert_eq!(hits > 0, heading == "Example", "{}: {heading}\n{}", rule.name(), block.text);
                })
                .count()
        };
        assert!(count("Example") > 0, "`{}` has no example", rule.name());
        assert!(count("Instead") > 0, "`{}` does not say what to write instead", rule.name());
    }
}

#[test]
fn what_to_write_instead_is_wholly_clean() {
    for rule in Rule::ALL {
        for block in
            blocks(rule.page()).iter().filter(|block| block.heading == "Instead" && block.language == "toml")
        {
            let checked = check(&Source::single("postern.toml", &block.text), TODAY);
            // What an exception accepts is told as a note, and the pages about exceptions have one.
            let found = checked.diagnostics.iter().filter(|found| found.exception.is_none());
            let found: Vec<String> =
                found.map(|found| format!("{}: {}", found.rule.name(), found.message)).collect();
            assert!(found.is_empty(), "{}: {found:#?}\n{}", rule.name(), block.text);
        }
    }
}

#[test]
fn every_page_says_what_it_finds_and_why_it_matters() {
    for rule in Rule::ALL {
        let title = format!("# {} {}: {}\n", rule.code(), rule.name(), rule.summary());
        assert!(rule.page().starts_with(&title), "the page of `{}` should begin with {title}", rule.name());
        for heading in ["\n## What it finds\n", "\n## Why it matters\n", "\n## Example\n", "\n## Instead\n"] {
            assert!(rule.page().contains(heading), "the page of `{}` lacks {heading}", rule.name());
        }
    }
}

#[test]
fn codes_and_names_are_used_once_and_find_their_rule() {
    for rule in Rule::ALL {
        assert_eq!(Rule::find(rule.name()), Some(*rule));
        assert_eq!(Rule::find(&rule.code().to_lowercase()), Some(*rule));
    }
    assert_eq!(Rule::find("elephant"), None);
    assert!(Rule::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()), "codes are in order");
}

fn path(rule: Rule) -> PathBuf {
    let file = format!("{}.md", rule.name().replace('-', "_"));
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/rules").join(file)
}

/// The page, each `text` block replaced by the findings of the `toml` block before it.
fn with_findings(rule: Rule, page: &str) -> String {
    let mut rewritten = String::new();
    let mut policy = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        rewritten.push_str(line);
        rewritten.push('\n');
        if !line.starts_with("```") {
            continue;
        }
        let text = rest_of_block(&mut lines);
        match line {
            "```text" => rewritten.push_str(&findings(rule, &policy)),
            "```toml" => {
                rewritten.push_str(&text);
                policy = text;
            }
            _ => rewritten.push_str(&text),
        }
        rewritten.push_str("```\n");
    }
    rewritten
}

fn findings(rule: Rule, policy: &str) -> String {
    let source = Source::single("postern.toml", policy);
    let checked = check(&source, TODAY);
    let found = checked.diagnostics.iter().filter(|found| found.rule == rule);
    found.map(|found| human::finding(&source, found, false)).collect::<Vec<_>>().join("\n")
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut heading = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            title.clone_into(&mut heading);
        } else if let Some(language) = line.strip_prefix("```") {
            let text = rest_of_block(&mut lines);
            blocks.push(Block { heading: heading.clone(), language: language.to_owned(), text });
        }
    }
    blocks
}

/// The lines up to the closing fence, which is taken too.
fn rest_of_block<'a>(lines: &mut impl Iterator<Item = &'a str>) -> String {
    lines.take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect()
}
