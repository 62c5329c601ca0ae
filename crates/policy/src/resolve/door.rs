//! What enrol, bind and recover doors have in common: requirement, what is bound, waiting time, notices.

use super::requirement::{Context, DoorKind, requirement};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Bindable, ChannelIx, Door};
use crate::rules::Rule;
use crate::syntax::table::Table;
use crate::syntax::value::{Quoted, Value};

pub(super) fn door(
    table: &mut Table<'_>,
    kind: DoorKind,
    context: &Context<'_>,
    out: &mut Diagnostics,
) -> Option<Door> {
    let require = table.require("require", out);
    let require_span = require.as_ref().map_or(table.span, |value| value.span);
    let require = require.and_then(|value| requirement(&value, kind, context, out));
    let binds = table.require("binds", out).and_then(|value| binds(&value, context, out));
    let wait = match table.take("wait") {
        Some(value) => value.duration(out).map(Some),
        None => Some(None),
    };
    let notify = table.take("notify").map_or_else(|| Some(Vec::new()), |value| notify(&value, context, out));
    Some(Door {
        require: require?,
        binds: binds?,
        wait: wait?,
        notify: notify?,
        span: table.span,
        require_span,
    })
}

/// Authenticators, and channels too: a change of address is a binding (63B-4 3.1.3.3 says so of telephone numbers).
fn binds(value: &Value<'_>, context: &Context<'_>, out: &mut Diagnostics) -> Option<Vec<Bindable>> {
    let texts = value.strings(out)?;
    if texts.is_empty() {
        out.push(
            Diagnostic::new(Rule::WrongKind, &value.path, value.span, "this door binds nothing")
                .label("an empty list")
                .help("name the authenticators that a person may bind once this door has opened"),
        );
    }
    let look_up = |text: &Quoted<'_>, out: &mut Diagnostics| {
        context.names.bindable(text.text, text.span, &value.path, out)
    };
    each_once(&texts, value, look_up, out)
}

fn notify(value: &Value<'_>, context: &Context<'_>, out: &mut Diagnostics) -> Option<Vec<ChannelIx>> {
    let texts = value.strings(out)?;
    let look_up = |text: &Quoted<'_>, out: &mut Diagnostics| {
        context.names.channel(text.text, text.span, &value.path, out)
    };
    each_once(&texts, value, look_up, out)
}

fn each_once<T: PartialEq>(
    texts: &[Quoted<'_>],
    value: &Value<'_>,
    look_up: impl Fn(&Quoted<'_>, &mut Diagnostics) -> Option<T>,
    out: &mut Diagnostics,
) -> Option<Vec<T>> {
    let found: Vec<Option<T>> = texts.iter().map(|text| look_up(text, out)).collect();
    for (index, (item, text)) in found.iter().zip(texts).enumerate() {
        if let (Some(_), Some(first)) = (item, found[..index].iter().position(|other| other == item)) {
            out.push(
                Diagnostic::new(
                    Rule::DuplicateName,
                    &value.path,
                    text.span,
                    format!("`{}` stands twice in this list", text.text),
                )
                .label("a second time")
                .other(texts[first].span, "first here"),
            );
        }
    }
    found.into_iter().collect()
}
