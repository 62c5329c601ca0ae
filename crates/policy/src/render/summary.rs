//! The end of the human output: one line for each population, the attacker that was assumed, and the verdict.

use crate::Checked;
use crate::diagnostic::Level;
use crate::model::{Attacker, Model};
use crate::rules::capabilities;
use crate::takeover::{Analysis, CapabilityKind, PopulationReading, Takeover, Verdict};

/// The table of populations, if the policy could be analysed, and the closing line.
pub(super) fn summary(checked: &Checked, colour: bool) -> String {
    let mut text = String::new();
    if let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) {
        text.push_str(&table(checked, model, analysis, colour));
        text.push_str(&assumed(&model.attacker));
        text.push('\n');
    }
    text.push_str(&closing(checked, colour));
    text
}

const HEADING: [&str; 4] = ["population", "verdict", "effort", "weakest way in"];

fn table(checked: &Checked, model: &Model, analysis: &Analysis, colour: bool) -> String {
    let shown = checked.shown(model);
    let rows: Vec<([String; 4], &str)> = shown
        .map(|population| row(&model[population].name, &analysis.populations[usize::from(population.0)]))
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|(cells, _)| cells[column].chars().count());
        cells.chain([HEADING[column].len()]).max().unwrap_or(0)
    };
    let (name, verdict, effort) = (width(0), width(1), width(2));
    let line = |cells: [&str; 4], style: &str| {
        let word = paint(&format!("{:verdict$}", cells[1]), style, colour);
        format!("{:name$}  {word}  {:>effort$}  {}\n", cells[0], cells[2], cells[3])
    };
    let mut text = line(HEADING, "");
    for (cells, style) in &rows {
        text.push_str(&line(cells.each_ref().map(String::as_str), style));
    }
    text
}

fn row(name: &str, reading: &PopulationReading) -> ([String; 4], &'static str) {
    let verdict = reading.profiles.iter().map(|profile| profile.verdict).max();
    let (verdict, style) = match verdict.filter(|_| !reading.truncated) {
        None => ("unproved", RED),
        Some(verdict @ (Verdict::Contained | Verdict::NotWeaker)) => (verdict.name(), GREEN),
        Some(verdict @ Verdict::Weaker) => (verdict.name(), RED),
    };
    let ways = || reading.profiles.iter().flat_map(|profile| &profile.any);
    let least = ways().map(|way| way.effort).min();
    let mut weakest: Vec<String> =
        ways().filter(|way: &&Takeover| Some(way.effort) == least).map(capabilities).collect();
    weakest.sort();
    weakest.dedup();
    let others = weakest.len().saturating_sub(1);
    let mut way = weakest.into_iter().next().unwrap_or_else(|| "none".to_owned());
    if others > 0 {
        way = format!("{way}, or {others} more");
    }
    let effort = least.map_or_else(|| "-".to_owned(), |effort| effort.to_string());
    ([name.to_owned(), verdict.to_owned(), effort, way], style)
}

/// The attacker that the verdicts assume: a report without it says nothing.
fn assumed(attacker: &Attacker) -> String {
    let mut parts = vec!["assumed effort: automated 1, lured 2, targeted 4, close 8".to_owned()];
    for (name, rank) in &attacker.ranks {
        let words = ["automated", "lured", "targeted", "close"];
        let word = words.get(usize::from(*rank).saturating_sub(1)).copied().unwrap_or_default();
        parts.push(format!("{name} is {word}"));
    }
    if !attacker.ignore.is_empty() {
        parts.push(format!("ignored: {}", attacker.ignore.join(", ")));
    }
    if CapabilityKind::Malware.rank(attacker).is_none() {
        parts.push("malware on a member's own device is not counted".to_owned());
    }
    format!("{}\n", parts.join("; "))
}

/// `error: 2 errors, 1 warning`, `warning: 1 warning`, or `ok`.
fn closing(checked: &Checked, colour: bool) -> String {
    let count = |level| checked.findings().filter(|found| found.level == level).count();
    let counted = |level: Level| match count(level) {
        0 => None,
        1 => Some(format!("1 {}", level.name())),
        many => Some(format!("{many} {}s", level.name())),
    };
    let levels = [Level::Error, Level::Warning, Level::Note];
    let found: Vec<String> = levels.into_iter().filter_map(counted).collect();
    let (word, style) = match () {
        () if count(Level::Error) > 0 => ("error", RED),
        () if count(Level::Warning) > 0 => ("warning", YELLOW),
        () => ("ok", GREEN),
    };
    let word = paint(word, style, colour);
    if found.is_empty() { format!("{word}\n") } else { format!("{word}: {}\n", found.join(", ")) }
}

const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const GREEN: &str = "\x1b[1;32m";

fn paint(text: &str, style: &str, colour: bool) -> String {
    if colour && !style.is_empty() { format!("{style}{text}\x1b[0m") } else { text.to_owned() }
}
