//! The page of the command line: what `--help` says, of every command.

use std::fmt::Write as _;
use std::process::Command;

#[test]
fn the_page_of_the_command_is_current() {
    let mut page = String::from("# The command line\n");
    describe(&mut page, &mut Vec::new());
    super::is_current("command.md", &page);
}

/// One command and all below it.
fn describe(page: &mut String, words: &mut Vec<String>) {
    let help = help(words);
    let name = ["postern".to_owned()].iter().chain(words.iter()).cloned().collect::<Vec<_>>().join(" ");
    write!(page, "\n## `{name}`\n\n```text\n{}\n```\n", help.trim_end())
        .expect("a string takes what is written");
    for below in commands(&help) {
        words.push(below);
        describe(page, words);
        words.pop();
    }
}

fn help(words: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_postern"))
        .args(words)
        .arg("--help")
        // The width of the page, whatever the terminal of whoever runs the test.
        .env("COLUMNS", "100")
        .env_remove("POSTERN_CONFIG")
        .output()
        .expect("the command was built with this test");
    let help = String::from_utf8(output.stdout).expect("the command prints UTF-8");
    help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The commands that a help text lists, without `help` itself.
fn commands(help: &str) -> Vec<String> {
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A description that was wrapped is indented further.
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}
