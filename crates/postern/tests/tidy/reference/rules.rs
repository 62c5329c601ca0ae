//! The page of rules: one line each, with a link to its own page.

use std::fmt::Write as _;

use policy::rules::Rule;

#[test]
fn the_page_of_rules_is_current() {
    let mut page = String::from(
        "# Rules\n\nWhat `postern check` finds. `postern explain RULE` prints the page of a rule; it is the one linked \
         here.\n\n| code | rule | level | what it finds |\n|---|---|---|---|\n",
    );
    for rule in Rule::ALL {
        let file = rule.name().replace('-', "_");
        writeln!(
            page,
            "| {} | [`{}`](../../crates/policy/src/rules/{file}.md) | {} | {} |",
            rule.code(),
            rule.name(),
            format!("{:?}", rule.level()).to_lowercase(),
            rule.summary()
        )
        .expect("a string takes what is written");
    }
    super::is_current("rules.md", &page);
}
