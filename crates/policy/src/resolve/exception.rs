//! Exceptions: known gaps, and the places of a policy that they may name.
//!
//! Whether one is owned, dated and short enough is judged by rules of its own, so `owner` and `expires` may be absent
//! here.

use super::settings::rule;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Exception, Model};
use crate::rules::Rule;
use crate::syntax::suggest;
use crate::syntax::table::{Table, clip};
use crate::syntax::value::Value;

pub(super) fn exceptions(files: &mut [Table<'_>], out: &mut Diagnostics) -> Vec<Exception> {
    let mut all = Vec::new();
    for value in files.iter_mut().filter_map(|file| file.take("exception")) {
        for item in value.list(out).unwrap_or_default() {
            all.extend(exception(&item, out));
        }
    }
    all
}

fn exception(value: &Value<'_>, out: &mut Diagnostics) -> Option<Exception> {
    let mut table = value.table(out)?;
    let name = table.require("rule", out).and_then(|value| {
        let text = value.string(out)?;
        let rule = rule(text.text, text.span, &value.path, out)?;
        if !rule.excusable() {
            let message = format!("`{}` cannot be excepted", rule.name());
            out.push(
                Diagnostic::new(Rule::WrongKind, &value.path, text.span, message)
                    .help("mend the policy: such a finding leaves nothing that could be enforced or judged"),
            );
        }
        Some(rule.name().to_owned())
    });
    let at = table
        .require("at", out)
        .and_then(|value| value.string(out))
        .map(|text| (text.text.to_owned(), text.span));
    let reason = table.take("reason").map_or_else(|| Some(String::new()), |value| value.words(out));
    let owner = table.take("owner").and_then(|value| value.words(out));
    let expires = table.take("expires");
    let expires_span = expires.as_ref().map(|value| value.span);
    let expires = expires.and_then(|value| value.date(out));
    let span = table.span;
    table.finish(out);
    let (rule, (at, at_span)) = (name?, at?);
    Some(Exception { rule, at, reason: reason?, owner, expires, span, at_span, expires_span })
}

/// Reports exceptions at places that do not exist: they would never take effect.
pub(super) fn places(model: &Model, out: &mut Diagnostics) {
    if model.exceptions.is_empty() {
        return;
    }
    let places = model.places();
    for (exception, number) in model.exceptions.iter().zip(1..) {
        if places.contains(&exception.at) {
            continue;
        }
        let message = format!("the policy has no place `{}`", clip(&exception.at));
        let known: Vec<&str> = places.iter().map(String::as_str).collect();
        let mut diagnostic =
            Diagnostic::new(Rule::UnknownName, format!("exception.{number}.at"), exception.at_span, message)
                .label("this exception is for a place that does not exist");
        diagnostic = match suggest::nearest(&exception.at, known) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => {
                diagnostic.help("copy the place from the `at` of a finding (`postern check --format json`)")
            }
        };
        out.push(diagnostic);
    }
}
