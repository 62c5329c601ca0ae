//! Rendering: findings as a person or a program reads them.
//!
//! Owns every output format, one file each. A rule never knows how it is printed.

pub mod human;
pub mod json;
mod summary;
pub mod takeover;

use crate::Source;
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
