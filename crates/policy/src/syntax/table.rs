//! Tables: taking keys by name, and telling which keys nobody asked for.
//!
//! The keys that were asked for are the keys that exist; so the list of known keys can never be out of date.

use toml::de::DeTable;

use super::value::Value;
use super::{Document, span, suggest};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Span;
use crate::rules::Rule;

/// One table of the policy, being read.
pub(crate) struct Table<'a> {
    pub(crate) path: String,
    /// The name in the table's header.
    pub(crate) span: Span,
    text: &'a str,
    entries: &'a DeTable<'a>,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    pub(crate) fn root(document: &'a Document<'a>) -> Self {
        Table {
            path: String::new(),
            span: span(document.file, 0..0),
            text: document.text,
            entries: document.root.get_ref(),
            asked: Vec::new(),
        }
    }

    pub(super) fn new(path: String, span: Span, text: &'a str, entries: &'a DeTable<'a>) -> Self {
        Table { path, span, text, entries, asked: Vec::new() }
    }

    /// The value of a key, if it is there.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.asked.push(key);
        let (name, value) = self.entries.get_key_value(key)?;
        Some(Value::new(self.child(key), self.text, span(self.span.file, name.span()), self.span.file, value))
    }

    /// The value of a key that must be there; reports when it is not.
    pub(crate) fn require(&mut self, key: &'static str, out: &mut Diagnostics) -> Option<Value<'a>> {
        let value = self.take(key);
        if value.is_none() {
            let whose = if self.path.is_empty() { "the policy" } else { &format!("`{}`", self.path) };
            out.push(
                Diagnostic::new(Rule::Syntax, &self.path, self.span, format!("{whose} lacks `{key}`"))
                    .label(format!("`{key}` is required here")),
            );
        }
        value
    }

    /// Every entry: a table whose keys are names of the author's choice.
    pub(crate) fn entries(&self) -> Vec<(Name<'a>, Value<'a>)> {
        let file = self.span.file;
        let entry = |(name, value): (&'a toml::Spanned<_>, &'a toml::Spanned<_>)| {
            let text: &'a std::borrow::Cow<'a, str> = name.get_ref();
            let name = Name { text, span: span(file, name.span()) };
            let value = Value::new(self.child(text), self.text, name.span, file, value);
            (name, value)
        };
        self.entries.iter().map(entry).collect()
    }

    /// Reports the keys that were never asked for.
    pub(crate) fn finish(self, out: &mut Diagnostics) {
        for (name, _) in self.entries() {
            if self.asked.contains(&name.text) {
                continue;
            }
            let place = if self.path.is_empty() { "a policy".to_owned() } else { format!("`{}`", self.path) };
            let mut diagnostic = Diagnostic::new(
                Rule::UnknownName,
                self.child(name.text),
                name.span,
                format!("{place} has no key `{}`", clip(name.text)),
            )
            .label("unknown key");
            diagnostic.help.extend(suggest::help(name.text, &self.asked, "its key"));
            out.push(diagnostic);
        }
    }

    fn child(&self, key: &str) -> String {
        if self.path.is_empty() { clip(key) } else { format!("{}.{}", self.path, clip(key)) }
    }
}

/// A name chosen by the author, where it is defined.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Span,
}

/// User text in a message, never longer than a line.
pub(crate) fn clip(text: &str) -> String {
    match text.char_indices().nth(64) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}
