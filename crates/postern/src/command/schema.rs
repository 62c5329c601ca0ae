//! `postern schema`: the JSON Schema of a policy, for editors.

use std::process::ExitCode;

use crate::print;

/// Print the JSON Schema of a policy.
///
/// Save it beside the policy and begin the policy with `#:schema ./postern.schema.json`: editors that know TOML then
/// complete and explain every key.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: Args) -> ExitCode {
    print::out(format_args!("{:#}\n", policy::schema::schema()));
    ExitCode::SUCCESS
}
