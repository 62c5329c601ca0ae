//! Rendering: findings as a person or a program reads them.
//!
//! Owns every output format, one file each. A rule never knows how it is printed.

pub mod assessment;
pub mod blast;
pub mod diff;
mod fix;
pub mod github;
pub mod graph;
pub mod human;
pub mod json;
mod paint;
pub mod report;
pub mod sarif;
mod summary;
pub mod takeover;

use crate::Source;
use crate::diagnostic::Diagnostic;
use crate::model::Span;

/// Line and column of the beginning of a span, both counted from 1, columns in characters.
pub(crate) fn position(source: &Source, span: Span) -> (usize, usize) {
    let text = source.files.get(span.file as usize).map_or("", |file| file.text.as_str());
    let before = &text[..text.floor_char_boundary((span.start as usize).min(text.len()))];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The name of a span's file.
pub(crate) fn file(source: &Source, span: Span) -> &str {
    source.files.get(span.file as usize).map_or("", |file| file.name.as_str())
}

/// Line and column of the first character after a span.
pub(crate) fn end_position(source: &Source, span: Span) -> (usize, usize) {
    position(source, Span { start: span.end.max(span.start), ..span })
}

/// A finding in plain text, for formats that have one field for it: what is wrong, the attack, what would mend it.
pub(crate) fn told(found: &Diagnostic) -> String {
    let label = if found.label.is_empty() { String::new() } else { format!(" ({})", found.label) };
    let mut parts = vec![format!("{}{label}", found.message)];
    if !found.steps.is_empty() {
        let steps = found.steps.iter().zip(1..).map(|(step, number)| format!("\n{number}. {step}"));
        parts.push(format!("The {}:{}", found.story(), steps.collect::<String>()));
    }
    parts.extend(found.notes.iter().map(|note| format!("Note: {note}")));
    parts.extend(found.help.iter().map(|help| format!("Help: {help}")));
    parts.join("\n\n")
}
