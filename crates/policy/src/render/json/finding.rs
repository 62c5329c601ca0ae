//! One finding, as programs read it.

use serde::Serialize;

use crate::Source;
use crate::diagnostic::{Diagnostic, Label, Mend};
use crate::render::{end_position, file, position};

#[derive(Serialize)]
pub(super) struct Finding<'a> {
    rule: &'a str,
    code: &'a str,
    level: &'a str,
    message: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    /// Where the place ends: the character after its last one.
    end_line: usize,
    end_column: usize,
    label: &'a str,
    at: &'a str,
    /// The counterparts of the cause.
    related: Vec<Related<'a>>,
    /// The attack, one step each, in order.
    steps: &'a [String],
    notes: &'a [String],
    help: Option<String>,
    /// The changes among the help that were computed for this policy.
    mends: Vec<Mended<'a>>,
    exception: Option<Accepted<'a>>,
}

impl<'a> Finding<'a> {
    pub(super) fn of(source: &'a Source, diagnostic: &'a Diagnostic) -> Self {
        let (line, column) = position(source, diagnostic.span);
        let (end_line, end_column) = end_position(source, diagnostic.span);
        let related = |other: &'a Label| {
            let (line, column) = position(source, other.span);
            let (end_line, end_column) = end_position(source, other.span);
            Related { file: file(source, other.span), line, column, end_line, end_column, label: &other.text }
        };
        let mended = |mend: &'a Mend| {
            let Mend { at, require, wait, notify, effort } = mend;
            let set = Keys { require: require.as_deref(), wait: wait.as_deref(), notify: notify.as_deref() };
            Mended { at, set, effort: *effort }
        };
        Finding {
            rule: diagnostic.rule.name(),
            code: diagnostic.rule.code(),
            level: diagnostic.level.name(),
            message: &diagnostic.message,
            file: file(source, diagnostic.span),
            line,
            column,
            end_line,
            end_column,
            label: &diagnostic.label,
            at: &diagnostic.at,
            related: diagnostic.others.iter().map(related).collect(),
            steps: &diagnostic.steps,
            notes: &diagnostic.notes,
            mends: diagnostic.mends.iter().map(mended).collect(),
            help: (!diagnostic.help.is_empty()).then(|| diagnostic.help.join("; ")),
            exception: diagnostic.exception.as_ref().map(|excused| Accepted {
                owner: &excused.owner,
                expires: excused.expires.to_string(),
                reason: &excused.reason,
            }),
        }
    }
}

#[derive(Serialize)]
struct Related<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    label: &'a str,
}

#[derive(Serialize)]
struct Mended<'a> {
    at: &'a str,
    set: Keys<'a>,
    /// Of the weakest way round login that remains at the door; null when none does.
    effort: Option<u32>,
}

#[derive(Serialize)]
struct Keys<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    require: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notify: Option<&'a [String]>,
}

#[derive(Serialize)]
struct Accepted<'a> {
    owner: &'a str,
    expires: String,
    reason: &'a str,
}
