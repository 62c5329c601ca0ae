//! Reading settings out of a tree: each value knows its path, and what has the wrong shape is noted, never guessed.
//!
//! Both formats end in the same tree, so one reading serves both.

use serde_json::Value;

use super::Note;
use super::text::plain;

/// Stands where a template would have written something: it is not executed, so nobody knows what.
pub(super) const TEMPLATE: &str = "__what_a_template_writes__";

/// More than anybody reads.
const MOST_NOTES: usize = 100;

/// What was not understood, each thing once.
#[derive(Debug, Default)]
pub(super) struct Notes {
    list: Vec<Note>,
    left_out: usize,
}

impl Notes {
    pub(super) fn push(&mut self, at: &str, text: impl Into<String>) {
        let note = Note { at: plain(at), text: text.into() };
        if self.list.contains(&note) {
            return;
        }
        if self.list.len() < MOST_NOTES {
            self.list.push(note);
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn into_list(mut self) -> Vec<Note> {
        if self.left_out > 0 {
            let text = format!("holds more that was not understood: {} notes are left out", self.left_out);
            self.list.push(Note { at: "the file".to_owned(), text });
        }
        self.list
    }
}

/// One value of the file.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    value: &'a Value,
    pub(super) at: String,
}

/// What a yes-or-no setting counts as when the file does not say, and when what it says is not understood. The
/// second is the answer that defends less.
#[derive(Clone, Copy)]
pub(super) struct Doubt {
    pub(super) absent: bool,
    pub(super) unclear: bool,
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Node { value, at: String::new() }
    }

    /// The value of a key, if there is one and it says something.
    pub(super) fn get(&self, key: &str) -> Option<Node<'a>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Node { value, at: self.child(key) })
    }

    /// The value at the end of a path of keys.
    pub(super) fn path(&self, keys: &[&str]) -> Option<Node<'a>> {
        keys.iter().try_fold(self.clone(), |node, key| node.get(key))
    }

    pub(super) fn is_map(&self) -> bool {
        self.value.is_object()
    }

    /// The keys of a map, in the order of the alphabet; none of anything else.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.value.as_object().into_iter().flat_map(|map| map.keys().map(String::as_str))
    }

    /// The items of a list. One value alone is a list of one, as both products read it.
    pub(super) fn items(&self) -> Vec<Node<'a>> {
        match self.value {
            Value::Array(list) => (list.iter().enumerate())
                .map(|(index, value)| Node { value, at: format!("{}[{index}]", self.at) })
                .collect(),
            _ => vec![self.clone()],
        }
    }

    /// The items of the list of a key; none if it is not there.
    pub(super) fn list(&self, key: &str) -> Vec<Node<'a>> {
        self.get(key).map_or_else(Vec::new, |node| node.items())
    }

    /// Text, or a number or a yes written without quotes.
    pub(super) fn text(&self, notes: &mut Notes) -> Option<String> {
        match self.value {
            Value::String(text) if is_template(text) => self.unclear(notes, "is filled in by a template"),
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => self.unclear(notes, "is not text"),
        }
    }

    pub(super) fn text_of(&self, key: &str, notes: &mut Notes) -> Option<String> {
        self.get(key)?.text(notes)
    }

    /// All texts of a list, however deeply it is nested.
    pub(super) fn texts(&self, notes: &mut Notes) -> Vec<String> {
        match self.value {
            Value::Array(_) => self.items().iter().flat_map(|item| item.texts(notes)).collect(),
            _ => self.text(notes).into_iter().collect(),
        }
    }

    /// The number of values in a list, however deeply it is nested, whether they are texts or not.
    pub(super) fn leaves(&self) -> usize {
        match self.value {
            Value::Array(_) => self.items().iter().map(Node::leaves).sum(),
            _ => 1,
        }
    }

    /// The yes or no of a key.
    pub(super) fn flag(&self, key: &str, doubt: Doubt, notes: &mut Notes) -> bool {
        self.get(key).map_or(doubt.absent, |node| node.is_true(doubt, notes))
    }

    /// `true` or `false`, in quotes or not.
    pub(super) fn is_true(&self, doubt: Doubt, notes: &mut Notes) -> bool {
        match self.value {
            Value::Bool(flag) => *flag,
            Value::String(text) if text.eq_ignore_ascii_case("true") => true,
            Value::String(text) if text.eq_ignore_ascii_case("false") => false,
            _ => {
                notes.push(&self.at, format!("is neither true nor false, and counts as {}", doubt.unclear));
                doubt.unclear
            }
        }
    }

    /// How many seconds something is good for, in quotes or not. What is there and cannot be read is good for ever:
    /// what is not understood is no defence.
    pub(super) fn lifespan(&self, key: &str, notes: &mut Notes) -> Option<i64> {
        let node = self.get(key)?;
        let number = match node.value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.or_else(|| {
            notes.push(&node.at, "is no whole number, and counts as no limit");
            Some(i64::MAX)
        })
    }

    fn unclear<T>(&self, notes: &mut Notes, why: &str) -> Option<T> {
        notes.push(&self.at, format!("{why}, and counts as not set"));
        None
    }

    fn child(&self, key: &str) -> String {
        if self.at.is_empty() { plain(key) } else { format!("{}.{}", self.at, plain(key)) }
    }
}

/// Would something else stand here in the running product?
fn is_template(text: &str) -> bool {
    text.contains(TEMPLATE) || text.contains("{{") || text.contains("${") || text.contains("$(")
}
