//! Syntax: policy text to tables with spans.
//!
//! Reads as much as it can and reports the rest; never fails. Owns TOML, the limits on size, and the typed reading
//! of single values (`table`, `value`). Does not own what the keys mean (`resolve`).

pub(crate) mod suggest;
pub(crate) mod table;
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
            for error in errors {
                out.push(from_toml(&file.text, index, &error));
            }
            Document { file: index, text: &file.text, root }
        })
        .collect()
}

fn from_toml(text: &str, file: u32, error: &toml::de::Error) -> Diagnostic {
    let span = span(file, error.span().unwrap_or(text.len()..text.len()));
    // The reader of TOML knows a repeated key by this word only.
    if error.message().contains("duplicate key") {
        return Diagnostic::new(Rule::DuplicateName, "", span, "this key is defined twice")
            .label("defined a second time")
            .help("remove one of the two, or give it another name");
    }
    Diagnostic::new(Rule::Syntax, "", span, format!("the file is not TOML: {}", error.message()))
}

/// A span in a file; policies are far smaller than 4 GiB ([`MOST_BYTES`]).
pub(crate) fn span(file: u32, range: std::ops::Range<usize>) -> Span {
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: narrow(range.start), end: narrow(range.end) }
}
