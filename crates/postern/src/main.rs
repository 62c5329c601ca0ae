//! The command: arguments, exit codes, printing. What it does is done by the other crates.

mod command;
mod print;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Its own allocator: an attempt allocates some hundred small things, many of which another thread frees.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Automates the lifecycle of the second factor, and proves that no way around it is weaker.
#[derive(Parser)]
#[command(name = "postern", version, propagate_version = true)]
struct Postern {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Put a policy into force in running servers, and record it
    Apply(command::apply::Args),
    /// Judge every member's account by what they really hold
    Assess(command::assess::Args),
    /// Verify, export and prove the audit log
    #[command(subcommand)]
    Audit(command::audit::Command),
    /// Tell what falls when one thing falls: accounts, approvers, applications
    Blast(command::blast::Args),
    /// Check a policy: every way in, what is weaker than login, and what would mend it
    Check(command::check::Args),
    /// Print the completion script of a shell
    Completions(command::completions::Args),
    /// Try everything with a made-up company on localhost
    Demo(command::demo::Args),
    /// Compare two policies: what a change weakens, strengthens, and whom it may lock out
    Diff(command::diff::Args),
    /// Explain a rule: what it finds, why it matters, examples
    Explain(command::explain::Args),
    /// Draw the chain of each population and its weakest way in
    Graph(command::graph::Args),
    /// Write what Keycloak or Authelia does today as a policy, and check it
    #[command(subcommand)]
    Import(command::import::Command),
    /// Rotate the keys that secrets are sealed with
    #[command(subcommand)]
    Keys(command::keys::Command),
    /// Write the manual pages into a folder
    Man(command::man::Args),
    /// Add, list, invite, recover and off-board members
    #[command(subcommand)]
    Member(command::member::Command),
    /// Show what a policy would do to the members of a server, changing nothing
    Plan(command::plan::Args),
    /// Print a report on a policy that an auditor can file
    Report(command::report::Args),
    /// Print the JSON Schema of a policy, for editors
    Schema(command::schema::Args),
    /// Run the server
    Serve(command::serve::Args),
    /// Tell the weakest ways in, step by step
    Takeover(command::takeover::Args),
}

fn main() -> ExitCode {
    match Postern::parse().command {
        Command::Apply(args) => command::apply::run(args),
        Command::Assess(args) => command::assess::run(args),
        Command::Audit(args) => command::audit::run(args),
        Command::Blast(args) => command::blast::run(args),
        Command::Check(args) => command::check::run(args),
        Command::Completions(args) => command::completions::run(&args, Postern::command()),
        Command::Demo(args) => command::demo::run(args),
        Command::Diff(args) => command::diff::run(args),
        Command::Explain(args) => command::explain::run(args),
        Command::Graph(args) => command::graph::run(&args),
        Command::Import(args) => command::import::run(args),
        Command::Keys(args) => command::keys::run(args),
        Command::Man(args) => command::man::run(&args, Postern::command()),
        Command::Member(args) => command::member::run(args),
        Command::Plan(args) => command::plan::run(args),
        Command::Report(args) => command::report::run(&args),
        Command::Schema(args) => command::schema::run(args),
        Command::Serve(args) => command::serve::run(args),
        Command::Takeover(args) => command::takeover::run(args),
    }
}
