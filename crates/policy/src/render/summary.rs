//! The end of the human output: one line for each population, the attacker that was assumed, and the verdict.

use super::paint::{GREEN, RED, YELLOW, paint};
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

/// What makes the fourth column harder often makes the last one easier: both prices stand side by side.
const HEADING: [&str; 5] =
    ["population", "verdict", "effort", "weakest way in", "smallest loss that locks out"];

fn table(checked: &Checked, model: &Model, analysis: &Analysis, colour: bool) -> String {
    let shown = checked.shown(model);
    let rows: Vec<([String; 5], &str)> = shown
        .map(|population| row(&model[population].name, &analysis.populations[usize::from(population.0)]))
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|(cells, _)| cells[column].chars().count());
        cells.chain([HEADING[column].len()]).max().unwrap_or(0)
    };
    let (name, verdict, effort, way) = (width(0), width(1), width(2), width(3));
    let line = |cells: [&str; 5], style: &str| {
        let word = paint(&format!("{:verdict$}", cells[1]), style, colour);
        format!("{:name$}  {word}  {:>effort$}  {:way$}  {}\n", cells[0], cells[2], cells[3], cells[4])
    };
    let mut text = line(HEADING, "");
    for (cells, style) in &rows {
        text.push_str(&line(cells.each_ref().map(String::as_str), style));
    }
    text
}

fn row(name: &str, reading: &PopulationReading) -> ([String; 5], &'static str) {
    let verdict = reading.profiles.iter().map(|profile| profile.verdict).max();
    let (verdict, style) = match verdict.filter(|_| !reading.truncated) {
        None => {
            let cells = [name, "unproved", "-", "not computed", "not computed"];
            return (cells.map(str::to_owned), RED);
        }
        Some(verdict @ (Verdict::Contained | Verdict::NotWeaker)) => (verdict, GREEN),
        Some(verdict @ Verdict::Weaker) => (verdict, RED),
    };
    // The account tells of itself, unless it is some application alone that is let down.
    let by_account = reading.profiles.iter().any(|profile| profile.account == verdict);
    let ways = || {
        let told = reading.profiles.iter().filter(|profile| by_account || profile.verdict == verdict);
        told.flat_map(|profile| if by_account { &profile.any } else { profile.decisive().any })
    };
    let least = ways().map(|way| way.effort).min();
    let weakest = ways().filter(|way: &&Takeover| Some(way.effort) == least).map(capabilities);
    let way = first_of(weakest.collect());
    let effort = least.map_or_else(|| "-".to_owned(), |effort| effort.to_string());
    ([name.to_owned(), verdict.name().to_owned(), effort, way, smallest_lockout(reading)], style)
}

/// The fewest losses that shut out a member, whatever they hold.
fn smallest_lockout(reading: &PopulationReading) -> String {
    let sets = || reading.profiles.iter().flat_map(|profile| &profile.lockout);
    let fewest = sets().map(Vec::len).min();
    let smallest = sets().filter(|set| Some(set.len()) == fewest).map(|set| match set.as_slice() {
        [] => "nothing needs to be lost".to_owned(),
        losses => losses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and "),
    });
    first_of(smallest.collect())
}

/// "steal(member,paper), or 2 more".
fn first_of(mut all: Vec<String>) -> String {
    all.sort();
    all.dedup();
    let others = all.len().saturating_sub(1);
    match all.into_iter().next() {
        None => "none".to_owned(),
        Some(only) if others == 0 => only,
        Some(first) => format!("{first}, or {others} more"),
    }
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
