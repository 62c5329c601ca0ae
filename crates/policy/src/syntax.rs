//! Syntax: policy text to tables with spans.
//!
//! Reads as much as it can and reports the rest; never fails. Owns TOML, the limits on size, and the typed reading
//! of single values (`table`, `value`). Does not own what the keys mean (`resolve`).

pub(crate) mod suggest;
pub(crate) mod table;
mod twice;
pub(crate) mod value;

use toml::Spanned;
use toml::de::DeTable;

use crate::Source;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Span;
use crate::rules::Rule;

/// The largest policy, all files together. A thousand populations fit; a file passed by mistake does not.
pub(crate) const MOST_BYTES: usize = 1 << 20;

/// One file after TOML.
pub(crate) struct Document<'a> {
    pub(crate) file: u32,
    pub(crate) text: &'a str,
    pub(crate) root: Spanned<DeTable<'a>>,
}

/// Reads every file, as far as it can be read.
pub(crate) fn read<'a>(source: &'a Source, out: &mut Diagnostics) -> Vec<Document<'a>> {
    if source.files.is_empty() {
        out.push(
            Diagnostic::new(Rule::Syntax, "", Span::default(), "there is no policy here")
                .help("a policy is one file, or a folder that holds `*.toml`"),
        );
    }
    let bytes: usize = source.files.iter().map(|file| file.text.len()).sum();
    if bytes > MOST_BYTES {
        let message = format!("the policy is {bytes} bytes long; the most that is read is {MOST_BYTES}");
        out.push(Diagnostic::new(Rule::Syntax, "", Span::default(), message).help(
            "check that this is the right file: a policy of a large organization has a few thousand lines",
        ));
        return Vec::new();
    }
    let files = source.files.iter().zip(0u32..);
    files
        .map(|(file, index)| {
            let (root, errors) = DeTable::parse_recoverable(&file.text);
            let mut repeated = 0;
            for error in errors {
                out.push(from_toml(&file.text, index, &error, &mut repeated));
            }
            Document { file: index, text: &file.text, root }
        })
        .collect()
}

/// Looking for the first of two reads the file once more.
const MOST_LOOKED_FOR: usize = 8;

fn from_toml(text: &str, file: u32, error: &toml::de::Error, repeated: &mut usize) -> Diagnostic {
    let range = error.span().unwrap_or(text.len()..text.len());
    let place = span(file, range.clone());
    // The reader of TOML knows a repeated key by this word only.
    if !error.message().contains("duplicate key") {
        return Diagnostic::new(
            Rule::Syntax,
            "",
            place,
            format!("the file is not TOML: {}", error.message()),
        );
    }
    let found = Diagnostic::new(Rule::DuplicateName, "", place, "this key is defined twice")
        .label("defined a second time")
        .help("remove one of the two, or give it another name");
    *repeated += 1;
    let first = if *repeated <= MOST_LOOKED_FOR { twice::first(text, range) } else { None };
    match first {
        Some(first) => found.other(span(file, first), "defined first here"),
        None => found,
    }
}

/// A span in a file; policies are far smaller than 4 GiB ([`MOST_BYTES`]).
pub(crate) fn span(file: u32, range: std::ops::Range<usize>) -> Span {
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: narrow(range.start), end: narrow(range.end) }
}
