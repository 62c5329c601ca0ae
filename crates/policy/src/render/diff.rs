//! What a change of policy does, for people: what weakens first, a sign before each line, no colour needed.
//!
//! Owns the layout. The sentences are in `words`; what programs read is in `json`.

mod json;
mod words;

pub use json::{changes, render as json};

use std::fmt::Write;

use super::human::printable;
use crate::diff::{Aspect, Change, Diff, Effect, Subject, Value};

/// The two paths that are compared.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    pub before: &'a str,
    pub after: &'a str,
}

/// Ways and losses of one kind that are listed; whoever wants all of them wants them as JSON.
const MOST_LISTED: usize = 4;

/// Everything that changes, subject by subject, and the sum of it.
pub fn human(diff: &Diff, names: Names<'_>, colour: bool) -> String {
    let Names { before, after } = names;
    if diff.is_empty() {
        return printable(&format!("{after} means the same as {before}\n"));
    }
    let mut text = printable(&format!("{before} -> {after}\n"));
    for of_subject in diff.changes.chunk_by(|a, b| a.subject == b.subject) {
        let Some(first) = of_subject.first() else { continue };
        line(&mut text, &format!("\n{}", words::subject(&first.subject)));
        for alike in of_subject.chunk_by(is_alike) {
            let (told, other): (Vec<&Change>, Vec<&Change>) =
                alike.iter().partition(|change| is_told_of_accounts(change, diff));
            listed(&mut text, other, colour);
            if let [first, ..] = told.as_slice() {
                let words = words::same_as_accounts(first, told.len());
                line(&mut text, &format!("  {} {words}", sign(first.effect, colour)));
            }
        }
    }
    text.push('\n');
    text.push_str(&sum(diff, colour));
    text
}

/// Many of a kind are shortened.
fn is_alike(a: &Change, b: &Change) -> bool {
    let is_list = |aspect: &Aspect| {
        matches!(
            aspect,
            Aspect::WayIn(_) | Aspect::WayToEnrol | Aspect::WayIntoApp { .. } | Aspect::Lockout(_)
        )
    };
    a.effect == b.effect
        && is_list(&a.aspect)
        && std::mem::discriminant(&a.aspect) == std::mem::discriminant(&b.aspect)
        && through(a) == through(b)
}

fn through(change: &Change) -> Option<&str> {
    if let Aspect::WayIntoApp { population } = &change.aspect { Some(population) } else { None }
}

/// A way into an app is mostly a way into accounts too, and was told there.
fn is_told_of_accounts(change: &Change, diff: &Diff) -> bool {
    let Some(population) = through(change) else { return false };
    diff.changes.iter().any(|other| {
        matches!(&other.subject, Subject::Population(name) if name == population)
            && matches!(other.aspect, Aspect::WayIn(_))
            && other.effect == change.effect
            && capabilities(other) == capabilities(change)
    })
}

fn capabilities(change: &Change) -> Option<&[String]> {
    match change.after.as_ref().or(change.before.as_ref()) {
        Some(Value::Way(way)) => Some(&way.capabilities),
        _ => None,
    }
}

fn listed(text: &mut String, mut alike: Vec<&Change>, colour: bool) {
    alike.sort_by_key(|change| match change.after.as_ref().or(change.before.as_ref()) {
        Some(Value::Way(way)) => way.effort,
        Some(Value::Losses(losses)) => u32::try_from(losses.len()).unwrap_or(u32::MAX),
        _ => 0,
    });
    for change in alike.iter().take(MOST_LISTED) {
        line(text, &format!("  {} {}", sign(change.effect, colour), words::change(change)));
    }
    if let Some(more) = alike.len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
        let sign = sign(alike[0].effect, colour);
        line(text, &format!("  {sign} and {more} more of these (`--format json` lists all)"));
    }
}

fn line(text: &mut String, words: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{words}");
}

/// `weaker: 2 changes weaken, 1 strengthens`, and what the signs mean.
fn sum(diff: &Diff, colour: bool) -> String {
    let count = |effect, one: &str, many: &str| match diff.count(effect) {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let counts = [
        count(Effect::Weakens, "weakens", "weaken"),
        count(Effect::ShutsOut, "shuts somebody out", "shut somebody out"),
        count(Effect::Eases, "eases", "ease"),
        count(Effect::Strengthens, "strengthens", "strengthen"),
        count(Effect::Changes, "is neither", "are neither"),
    ];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let word = if diff.weakens() { paint("weaker", RED, colour) } else { paint("not weaker", GREEN, colour) };
    let signs = "signs: - weakens, ! may shut somebody out, ~ neither, + strengthens or eases";
    format!("{word}: of {} changes {}\n{signs}\n", diff.changes.len(), counts.join(", "))
}

fn sign(effect: Effect, colour: bool) -> String {
    match effect {
        Effect::Weakens => paint("-", RED, colour),
        Effect::ShutsOut => paint("!", YELLOW, colour),
        Effect::Changes => "~".to_owned(),
        Effect::Eases | Effect::Strengthens => paint("+", GREEN, colour),
    }
}

const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const GREEN: &str = "\x1b[1;32m";

fn paint(text: &str, style: &str, colour: bool) -> String {
    if colour { format!("{style}{text}\x1b[0m") } else { text.to_owned() }
}
