//! Colour for terminals: a word keeps its meaning without it.

pub(super) const RED: &str = "\x1b[1;31m";
pub(super) const YELLOW: &str = "\x1b[1;33m";
pub(super) const GREEN: &str = "\x1b[1;32m";

/// The text in a style, if colour is wanted.
pub(super) fn paint(text: &str, style: &str, colour: bool) -> String {
    if colour && !style.is_empty() { format!("{style}{text}\x1b[0m") } else { text.to_owned() }
}
