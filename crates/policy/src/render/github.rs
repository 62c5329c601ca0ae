//! Findings as workflow commands, which GitHub shows beside the lines of a pull request.
//!
//! Owns the escaping of that format. Does not own the summary: what is printed besides stays readable in the log.

use std::fmt::Write;

use super::{end_position, file, position, told};
use crate::diagnostic::{Diagnostic, Level};
use crate::{Checked, Source};

/// One line for each finding, then the summary of the human output, which the log shows as it is.
pub fn render(source: &Source, checked: &Checked) -> String {
    let mut text: String = checked.findings().map(|found| annotation(source, found)).collect();
    text.push_str(&super::summary::summary(checked, false));
    text
}

fn annotation(source: &Source, found: &Diagnostic) -> String {
    let command = match found.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let (line, column) = position(source, found.span);
    let (end_line, end_column) = end_position(source, found.span);
    let mut place = format!("file={},line={line},endLine={end_line}", property(file(source, found.span)));
    // Columns are understood within one line only.
    if line == end_line && end_column > column {
        // Writing to a string cannot fail. The last column is the one before the end.
        let _ = write!(place, ",col={column},endColumn={}", end_column - 1);
    }
    let title = property(&format!("{} ({})", found.rule.name(), found.rule.code()));
    format!("::{command} {place},title={title}::{}\n", data(&told(found)))
}

/// The message of a command: one line, in which `%` introduces what is not text.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command ends at a comma or at two colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
