//! `postern explain`: a rule's own page.

use std::process::ExitCode;

use policy::rules::Rule;

use crate::print;

/// Print the page of a rule: what it finds, why it matters, an example, and what to write instead.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The name or the code of a rule; without one, all rules are listed.
    rule: Option<String>,
}

pub(crate) fn run(args: Args) -> ExitCode {
    let Some(name) = args.rule else {
        print::out(list());
        return ExitCode::SUCCESS;
    };
    let Some(rule) = Rule::find(&name) else {
        return match Rule::nearest(&name) {
            Some(near) => {
                print::fail(format_args!("no rule is named `{name}`; did you mean `{}`?", near.name()))
            }
            None => print::fail(format_args!("no rule is named `{name}`; `postern explain` lists them all")),
        };
    };
    print::out(rule.page());
    ExitCode::SUCCESS
}

fn list() -> String {
    let line = |rule: &Rule| format!("{}  {:28}  {}\n", rule.code(), rule.name(), rule.summary());
    Rule::ALL.iter().map(line).collect::<Vec<_>>().concat()
}
