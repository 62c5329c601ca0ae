//! Mends as replacements of text, for formats in which an editor makes them.
//!
//! Owns where in the file each key of a door stands. Does not own what mends (`mend`).

use toml::de::{DeTable, DeValue};

use crate::Source;
use crate::diagnostic::Mend;
use crate::model::Span;
use crate::syntax::span;

/// A piece of text in the place of another; at an empty span it is put in between.
pub(super) struct Replacement {
    pub(super) span: Span,
    pub(super) text: String,
}

/// What to replace, in the order of the file; none if the door is not written as a table of its own.
pub(super) fn replacements(source: &Source, mend: &Mend) -> Option<Vec<Replacement>> {
    source.files.iter().zip(0..).find_map(|(file, index)| in_file(&file.text, index, mend))
}

fn in_file(text: &str, file: u32, mend: &Mend) -> Option<Vec<Replacement>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let (mut table, mut whole) = (root.get_ref(), None);
    for name in mend.at.split('.') {
        let value = table.get(name)?;
        let DeValue::Table(inner) = value.get_ref() else { return None };
        (table, whole) = (inner, Some(value.span()));
    }
    // A table has the span of its header, or of its braces; one made of dotted keys has neither.
    let between = match text.get(whole?)?.as_bytes() {
        [b'[', ..] => "\n",
        [b'{', ..] => ", ",
        _ => return None,
    };
    let require = table.get("require").filter(|_| errors.is_empty())?.span();
    let mut replaced = vec![];
    let mut added = vec![];
    for (key, value) in mend.keys() {
        match table.get(key) {
            Some(old) => replaced.push(Replacement { span: span(file, old.span()), text: value }),
            None => added.push(format!("{between}{key} = {value}")),
        }
    }
    if !added.is_empty() {
        replaced.push(Replacement { span: span(file, require.end..require.end), text: added.concat() });
    }
    replaced.sort_by_key(|one| (one.span.start, one.span.end));
    Some(replaced)
}
