//! What stands once in a policy: version, organization, assumed attacker, raised levels.

use crate::diagnostic::{Diagnostic, Diagnostics, Level};
use crate::model::{Attacker, Organization};
use crate::rules::Rule;
use crate::syntax::suggest;
use crate::syntax::table::{Table, clip};
use crate::syntax::value::Value;
use crate::takeover::CapabilityKind;

/// The version of the language that this program reads.
const VERSION: u8 = 1;

/// The capabilities, as `[attacker]` names them.
pub(crate) fn capabilities() -> Vec<&'static str> {
    CapabilityKind::all().map(CapabilityKind::name).collect()
}

/// Every file may state the version; one must.
pub(super) fn version(files: &mut [Table<'_>], out: &mut Diagnostics) {
    let mut stated = false;
    for value in files.iter_mut().filter_map(|file| file.take("version")) {
        stated = true;
        let version = value
            .number()
            .or_else(|| value.expected(&format!("the number {VERSION}"), &VERSION.to_string(), out));
        if let Some(version) = version.filter(|version| *version != VERSION) {
            let message = format!("the policy is written in version {version} of the language");
            out.push(
                Diagnostic::new(Rule::Syntax, "version", value.span, message)
                    .label(format!("this program reads version {VERSION}"))
                    .help(format!("write `version = {VERSION}`, or use a newer postern")),
            );
        }
    }
    if let (false, Some(first)) = (stated, files.first()) {
        out.push(
            Diagnostic::new(Rule::Syntax, "version", first.span, "the policy does not state its version")
                .help(format!("begin it with `version = {VERSION}`")),
        );
    }
}

pub(super) fn organization(value: &Value<'_>, out: &mut Diagnostics) -> Option<Organization> {
    let mut table = value.table(out)?;
    let mut text = |key| table.require(key, out).and_then(|value| value.words(out));
    let (name, domain, support) = (text("name"), text("domain"), text("support"));
    table.finish(out);
    Some(Organization { name: name?, domain: domain?, support: support? })
}

pub(super) fn attacker(value: &Value<'_>, out: &mut Diagnostics) -> Option<Attacker> {
    let mut table = value.table(out)?;
    let ignored = table.take("ignore");
    let mut ignore = Vec::new();
    for text in ignored.and_then(|value| value.strings(out)).unwrap_or_default() {
        if known(text.text) {
            ignore.push(text.text.to_owned());
        } else {
            out.push(stranger(text.text, "attacker.ignore", text.span));
        }
    }
    let mut ranks = Vec::new();
    if let Some(moved) = table.take("rank").and_then(|value| value.table(out)) {
        for (name, rank) in moved.entries() {
            if !known(name.text) {
                out.push(stranger(name.text, "attacker.rank", name.span));
            }
            ranks.extend(rank.integer(1..=4, out).map(|rank| (name.text.to_owned(), rank)));
        }
    }
    let endpoint = table.take("endpoint").map_or(Some(false), |value| value.boolean(out));
    table.finish(out);
    Some(Attacker { ignore, ranks, endpoint: endpoint? })
}

fn known(capability: &str) -> bool {
    CapabilityKind::named(capability).is_some()
}

fn stranger(name: &str, at: &str, span: crate::model::Span) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::new(Rule::UnknownName, at, span, format!("no capability is named `{}`", clip(name)))
            .label("not something that an attacker is assumed to do");
    diagnostic.help.extend(suggest::help(name, &capabilities(), "capabilitie"));
    diagnostic
}

/// `[assurance]`: rule = level. A level may be raised; only a dated, owned exception lowers one.
pub(super) fn assurance(value: &Value<'_>, out: &mut Diagnostics) -> Vec<(Rule, Level)> {
    let Some(table) = value.table(out) else { return Vec::new() };
    let levels = [("error", Level::Error), ("warning", Level::Warning), ("note", Level::Note)];
    let mut raised = Vec::new();
    for (name, value) in table.entries() {
        let Some(rule) = rule(name.text, name.span, &value.path, out) else { continue };
        let Some(level) = value.one_of(&levels, out) else { continue };
        if level < rule.level() {
            out.push(
                Diagnostic::new(
                    Rule::WrongKind,
                    &value.path,
                    value.span,
                    format!("`{}` cannot be lowered to {}", rule.name(), level.name()),
                )
                .label(format!("its level is {}", rule.level().name()))
                .help("a finding is lowered only by an `[[exception]]` with an owner and a date"),
            );
        }
        raised.push((rule, level));
    }
    raised
}

/// The rule of this name; reports a stranger.
pub(super) fn rule(name: &str, span: crate::model::Span, at: &str, out: &mut Diagnostics) -> Option<Rule> {
    let found = Rule::ALL.iter().copied().find(|rule| rule.name() == name);
    if found.is_none() {
        let mut diagnostic =
            Diagnostic::new(Rule::UnknownName, at, span, format!("no rule is named `{}`", clip(name)))
                .label("not a rule that `check` knows");
        if let Some(near) = Rule::nearest(name) {
            diagnostic = diagnostic.help(format!("did you mean `{}`?", near.name()));
        }
        out.push(diagnostic);
    }
    found
}
