//! Resolve: tables to a model whose names are resolved.
//!
//! Owns the meaning of each key and its default. Reports every mistake it meets; a model is made only when there was
//! none. Does not judge whether the policy is a good one (`rules`).

mod app;
mod door;
mod exception;
mod names;
mod population;
mod requirement;
mod settings;
mod thing;

/// The words that keys accept, for the schema.
pub(crate) mod words {
    pub(crate) use super::population::{PROOFED, RISKS};
    pub(crate) use super::settings::capabilities;
    pub(crate) use super::thing::{CHANNEL_KINDS, PROTECTIONS};
}

use crate::diagnostic::{Diagnostic, Diagnostics, Level};
use crate::model::{Attacker, Model, Span};
use crate::rules::Rule;
use crate::syntax::Document;
use crate::syntax::table::{Name, Table};
use crate::syntax::value::Value;
use names::Names;
pub(crate) use requirement::needs;

/// The whole policy, read.
pub(crate) struct Resolved {
    pub(crate) model: Model,
    /// `[assurance]`: rules whose findings are raised.
    pub(crate) raised: Vec<(Rule, Level)>,
}

/// Names of one sort. More than anybody manages; few enough for the analysis.
const MOST_NAMES: usize = 256;

/// Reads the documents as one policy.
pub(crate) fn resolve(documents: &[Document<'_>], out: &mut Diagnostics) -> Option<Resolved> {
    let mut files: Vec<Table<'_>> = documents.iter().map(Table::root).collect();
    settings::version(&mut files, out);
    let organization = single(&mut files, "organization", out);
    if organization.is_none() && !files.is_empty() {
        out.push(
            Diagnostic::new(Rule::Syntax, "organization", files[0].span, "the policy lacks `[organization]`")
                .help("add `[organization]` with `name`, `domain` and `support`"),
        );
    }
    let organization = organization.and_then(|value| settings::organization(&value, out));
    let attacker = single(&mut files, "attacker", out);
    let attacker = attacker.map_or(Some(Attacker::default()), |value| settings::attacker(&value, out));
    let raised = single(&mut files, "assurance", out);
    let raised = raised.map_or_else(Vec::new, |value| settings::assurance(&value, out));

    let authenticators = named(&mut files, "authenticator", out);
    let channels = named(&mut files, "channel", out);
    let approvers = named(&mut files, "approver", out);
    let populations = named(&mut files, "population", out);
    let apps = named(&mut files, "app", out);
    let names = Names::collect(&authenticators, &channels, &approvers, &populations, out);
    if populations.is_empty() && !files.is_empty() {
        out.push(
            Diagnostic::new(Rule::Syntax, "population", files[0].span, "the policy has no population").help(
                "add `[population.staff]` and `[population.staff.login]`: without one, nobody can sign in",
            ),
        );
    }

    let authenticators = each(authenticators, |name, table| thing::authenticator(name, table, out));
    let channels = each(channels, |name, table| thing::channel(name, table, out));
    let approvers = each(approvers, |name, table| thing::approver(name, table, &names, out));
    let context =
        requirement::Context { names: &names, approvers: &approvers, authenticators: &authenticators };
    let populations = each(populations, |name, table| population::population(name, table, &context, out));
    let apps = each(apps, |name, table| app::app(name, table, &names, out));
    let exceptions = exception::exceptions(&mut files, out);
    for file in files {
        file.finish(out);
    }

    if out.has_errors() {
        return None;
    }
    let model = Model {
        organization: organization?,
        authenticators,
        channels,
        approvers,
        populations,
        apps,
        exceptions,
        attacker: attacker?,
    };
    exception::places(&model, out);
    (!out.has_errors()).then_some(Resolved { model, raised })
}

/// A section that stands once in the whole policy.
fn single<'a>(files: &mut [Table<'a>], key: &'static str, out: &mut Diagnostics) -> Option<Value<'a>> {
    let mut found: Option<Value<'a>> = None;
    for value in files.iter_mut().filter_map(|file| file.take(key)) {
        match &found {
            Some(first) => out.push(twice(key, &value.path, value.key, first.key)),
            None => found = Some(value),
        }
    }
    found
}

/// A section of named tables, from all files; a name stands once in the whole policy.
fn named<'a>(
    files: &mut [Table<'a>],
    key: &'static str,
    out: &mut Diagnostics,
) -> Vec<(Name<'a>, Table<'a>)> {
    let mut all: Vec<(Name<'a>, Table<'a>)> = Vec::new();
    for section in files.iter_mut().filter_map(|file| file.take(key)) {
        for (name, table) in section.named_tables(out) {
            if let Some((first, _)) = all.iter().find(|(other, _)| other.text == name.text) {
                out.push(twice(name.text, &table.path, name.span, first.span));
            } else if all.len() == MOST_NAMES {
                let message = format!("the policy defines more than {MOST_NAMES} of `{key}`");
                out.push(Diagnostic::new(Rule::Syntax, &table.path, name.span, message));
                return all;
            } else {
                all.push((name, table));
            }
        }
    }
    all
}

fn twice(name: &str, at: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Rule::DuplicateName, at, second, format!("`{name}` is defined twice"))
        .label("defined a second time")
        .other(first, "defined first here")
        .help("remove one of the two, or give it another name")
}

/// Reads each table, then reports the keys that nobody asked for.
fn each<'a, T>(
    tables: Vec<(Name<'a>, Table<'a>)>,
    mut read: impl FnMut(Name<'a>, Table<'a>) -> Option<T>,
) -> Vec<T> {
    tables.into_iter().filter_map(|(name, table)| read(name, table)).collect()
}
