//! What a change of policy does, for people: what weakens first, a sign before each line, no colour needed.
//!
//! Owns the layout. The sentences are in `words`; what programs read is in `json`.

mod json;
mod words;

pub use json::{changes, render as json};
pub use words::way;

use std::fmt::Write;

use super::human::printable;
use crate::diff::{Aspect, Change, Diff, Effect, Subject, Value, Worth};

/// The two paths that are compared.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    pub before: &'a str,
    pub after: &'a str,
}

/// Ways and losses of one kind that are listed; whoever wants all of them wants them as JSON.
const MOST_LISTED: usize = 4;

/// What changes, subject by subject, and the sum of it: what was edited, then what follows; many of a kind shortened.
pub fn human(diff: &Diff, names: Names<'_>, colour: bool) -> String {
    told(diff, names, MOST_LISTED, colour)
}

/// The same with nothing shortened.
pub fn human_whole(diff: &Diff, names: Names<'_>, colour: bool) -> String {
    told(diff, names, usize::MAX, colour)
}

fn told(diff: &Diff, names: Names<'_>, most: usize, colour: bool) -> String {
    let Names { before, after } = names;
    if diff.is_empty() {
        let means = if diff.up_to.is_none() {
            "means the same as"
        } else {
            "means, as far as is compared, the same as"
        };
        return printable(&format!("{after} {means} {before}\n{}", compared(diff.up_to)));
    }
    let mut text = printable(&format!("{before} -> {after}\n"));
    let sections = sections(diff, most, colour);
    for section in &sections {
        line(&mut text, &format!("\n{}", words::subjects(&section.subjects)));
        text.push_str(&section.text);
    }
    text.push('\n');
    text.push_str(&sum(diff, &sections, colour));
    text
}

/// What changes in the same way for one subject or for several.
struct Section<'d> {
    subjects: Vec<&'d Subject>,
    text: String,
    /// The effects of what is told, what is listed together as one.
    effects: Vec<Effect>,
}

fn sections(diff: &Diff, most: usize, colour: bool) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = vec![];
    for of_subject in diff.changes.chunk_by(|a, b| a.subject == b.subject) {
        let Some(first) = of_subject.first() else { continue };
        let section = section(&first.subject, of_subject, diff, most, colour);
        let alike = |other: &&mut Section<'_>| {
            other.text == section.text && words::go_together(other.subjects[0], &first.subject)
        };
        match sections.iter_mut().find(alike) {
            Some(other) => other.subjects.push(&first.subject),
            None => sections.push(section),
        }
    }
    sections
}

fn section<'d>(
    subject: &'d Subject,
    changes: &'d [Change],
    diff: &Diff,
    most: usize,
    colour: bool,
) -> Section<'d> {
    let mut section = Section { subjects: vec![subject], text: String::new(), effects: vec![] };
    // Stable: what weakens stays first among the edits, and first among what follows.
    let (edits, follow): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(|change| is_edit(change));
    let causes = edits.len();
    for edit in edits {
        line(&mut section.text, &format!("  {} {}", sign(edit.effect, colour), words::change(edit)));
        section.effects.push(edit.effect);
    }
    if causes > 0 && !follow.is_empty() {
        line(&mut section.text, "  from which follows:");
    }
    for alike in follow.chunk_by(|a, b| is_alike(a, b)) {
        let is_told = |change: &&&Change| most != usize::MAX && is_told_of_accounts(change, diff);
        let (told, other): (Vec<&Change>, Vec<&Change>) = alike.iter().partition(is_told);
        section.effects.extend(told.first().map(|change| change.effect));
        let is_list = other.len() > 1 && is_alike(other[0], other[1]);
        section.effects.extend(other.iter().take(if is_list { 1 } else { usize::MAX }).map(|c| c.effect));
        listed(&mut section.text, other, most, colour);
        if let [first, ..] = told.as_slice() {
            let words = words::same_as_accounts(first, told.len());
            line(&mut section.text, &format!("  {} {words}", sign(first.effect, colour)));
        }
    }
    section
}

/// Is it what somebody wrote, and not what comes of it?
fn is_edit(change: &Change) -> bool {
    match &change.aspect {
        Aspect::Presence
        | Aspect::Door(_)
        | Aspect::Requirement(_)
        | Aspect::Binds(_)
        | Aspect::Limit { .. }
        | Aspect::Notice(_)
        | Aspect::Approves
        | Aspect::Property(_) => true,
        Aspect::Level(of) | Aspect::PhishingResistance(of) => *of == Worth::Demand,
        _ => false,
    }
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

fn listed(text: &mut String, mut alike: Vec<&Change>, most: usize, colour: bool) {
    alike.sort_by_key(|change| match change.after.as_ref().or(change.before.as_ref()) {
        Some(Value::Way(way)) => way.effort,
        Some(Value::Losses(losses)) => u32::try_from(losses.len()).unwrap_or(u32::MAX),
        _ => 0,
    });
    for change in alike.iter().take(most) {
        line(text, &format!("  {} {}", sign(change.effect, colour), words::change(change)));
    }
    if let Some(more) = alike.len().checked_sub(most).filter(|more| *more > 0) {
        let sign = sign(alike[0].effect, colour);
        line(text, &format!("  {sign} and {more} more of these (`--all` lists them)"));
    }
}

fn line(text: &mut String, words: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{words}");
}

/// `weaker: 2 changes weaken, 1 strengthens`, and what the signs mean.
fn sum(diff: &Diff, sections: &[Section<'_>], colour: bool) -> String {
    let told = || sections.iter().flat_map(|section| &section.effects);
    let count = |effect, one: &str, many: &str| match told().filter(|told| **told == effect).count() {
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
    let word = match (diff.weakens(), diff.up_to) {
        (true, _) => paint("weaker", RED, colour),
        (false, None) => paint("not weaker", GREEN, colour),
        (false, Some(_)) => paint("not proved", RED, colour),
    };
    let signs = "signs: - weakens, ! may shut somebody out, ~ neither, + strengthens or eases";
    let changes = if told().count() == 1 { "change" } else { "changes" };
    let whole = match diff.changes.len() {
        all if all > told().count() => format!(" (counted one by one for each subject: {all})"),
        _ => String::new(),
    };
    let left_out = compared(diff.up_to);
    format!("{word}: of {} {changes} {}{whole}\n{left_out}{signs}\n", told().count(), counts.join(", "))
}

/// How far the ways in are compared, in a line; empty if they all are.
fn compared(up_to: Option<u32>) -> String {
    let left_out = "are too many to list, and compared with nothing";
    up_to.map_or_else(String::new, |effort| format!("ways that take more than effort {effort} {left_out}\n"))
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
