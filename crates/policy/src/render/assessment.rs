//! A directory judged, as `postern assess` prints it: for people and for programs.
//!
//! Owns the words and the shape of the object. Does not own what is counted (`assessment`).

use std::fmt::Write;

use serde::Serialize;

use super::blast::grouped;
use super::json::written;
use super::paint::{GREEN, RED, YELLOW, paint};
use crate::assessment::{Judged, Unforeseen, Weakest};
use crate::model::{ChannelIx, Model};
use crate::takeover::Verdict;

/// What is said beside the populations.
#[derive(Clone, Copy, Debug)]
pub struct Totals {
    /// Everybody who is present.
    pub members: u64,
    /// Those of them whom no population matches: they have no door.
    pub strangers: u64,
    /// How many profiles had to be read.
    pub profiles: usize,
}

/// As many as are read of one list.
const MOST: usize = 5;

/// For people: a table of populations, then who stands out.
pub fn human(model: &Model, judged: &[Judged], totals: Totals, colour: bool) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ =
        writeln!(text, "{} members, {} profiles\n", grouped(totals.members), grouped(totals.profiles as u64));
    let heading = [
        "population",
        "members",
        "contained",
        "not-weaker",
        "weaker",
        "unproved",
        "cannot sign in",
        "hold nothing",
    ];
    let row = |judged: &Judged| {
        let [contained, not_weaker, weaker] = judged.verdicts;
        let counts =
            [judged.members, contained, not_weaker, weaker, judged.unproved, judged.shut_out, judged.empty];
        (model[judged.population].name.clone(), counts.map(grouped))
    };
    let rows: Vec<(String, [String; 7])> = judged.iter().map(row).collect();
    let name = rows.iter().map(|(name, _)| name.chars().count()).chain([heading[0].len()]).max().unwrap_or(0);
    let widths: Vec<usize> = (0..7)
        .map(|column| {
            rows.iter()
                .map(|(_, counts)| counts[column].len())
                .chain([heading[column + 1].len()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |first: &str, cells: &[&str], styled: &dyn Fn(usize, &str) -> &'static str| {
        let cells = cells.iter().zip(&widths).enumerate();
        let cells = cells
            .map(|(column, (cell, width))| paint(&format!("  {cell:>width$}"), styled(column, cell), colour));
        format!("{first:name$}{}\n", cells.collect::<String>())
    };
    text += &line(heading[0], &heading[1..], &|_, _| "");
    for (population, counts) in &rows {
        let cells: Vec<&str> = counts.iter().map(String::as_str).collect();
        text += &line(population, &cells, &|column, cell| match (column, cell) {
            (_, "0") => "",
            (1 | 2, _) => GREEN,
            (3 | 4, _) => RED,
            (5, _) => YELLOW,
            _ => "",
        });
    }
    if totals.strangers > 0 {
        let _ = writeln!(
            text,
            "\n{} members match no population, and so have no door.",
            grouped(totals.strangers)
        );
    }
    for judged in judged {
        text += &of_population(model, judged);
    }
    text
}

fn of_population(model: &Model, judged: &Judged) -> String {
    let mut text = String::new();
    if !judged.weakest.is_empty() {
        let _ = writeln!(text, "\n{}, by weakest way in", model[judged.population].name);
    }
    for weakest in judged.weakest.iter().take(MOST) {
        let way = match (&weakest.way, weakest.above) {
            (None, Some(above)) => format!("every way in takes more than effort {above}"),
            (None, None) => "no way in".to_owned(),
            (Some((way, effort)), _) => {
                let way: Vec<String> = way.iter().map(ToString::to_string).collect();
                let way = if way.is_empty() { "nothing at all".to_owned() } else { way.join(" and ") };
                format!("effort {effort}: {way}")
            }
        };
        let _ = writeln!(text, "  {:>12}  {way}", grouped(weakest.members));
    }
    more(&mut text, judged.weakest.len());
    if !judged.unforeseen.is_empty() {
        let _ = writeln!(text, "  easier to take than anybody whom the policy foresees:");
    }
    for unforeseen in judged.unforeseen.iter().take(MOST) {
        let foreseen =
            unforeseen.foreseen.map_or("no way in".to_owned(), |effort| format!("effort {effort}"));
        let _ = writeln!(
            text,
            "  {:>12}  effort {} instead of {foreseen}: hold {}; reached by {}",
            grouped(unforeseen.members),
            unforeseen.effort,
            held(model, unforeseen).join(", "),
            reached(model, unforeseen)
                .iter()
                .map(|channels| channels.join(" = "))
                .collect::<Vec<_>>()
                .join(", "),
        );
    }
    more(&mut text, judged.unforeseen.len());
    text
}

fn more(text: &mut String, all: usize) {
    if all > MOST {
        let _ = writeln!(text, "                and {} more (`--format json` lists all)", all - MOST);
    }
}

fn held<'a>(model: &'a Model, unforeseen: &Unforeseen) -> Vec<&'a str> {
    unforeseen.profile.holds().iter().map(|held| model[*held].name.as_str()).collect()
}

fn reached<'a>(model: &'a Model, unforeseen: &Unforeseen) -> Vec<Vec<&'a str>> {
    let names =
        |channels: &Vec<ChannelIx>| channels.iter().map(|channel| model[*channel].name.as_str()).collect();
    unforeseen.profile.addresses().iter().map(names).collect()
}

/// For programs: one object, ending in a line feed.
pub fn json(model: &Model, judged: &[Judged], totals: Totals) -> String {
    written(&Report {
        members: totals.members,
        without_population: totals.strangers,
        profiles: totals.profiles,
        populations: judged.iter().map(|judged| population(model, judged)).collect(),
    })
}

#[derive(Serialize)]
struct Report<'a> {
    members: u64,
    without_population: u64,
    profiles: usize,
    populations: Vec<PopulationReport<'a>>,
}

#[derive(Serialize)]
struct PopulationReport<'a> {
    population: &'a str,
    members: u64,
    contained: u64,
    #[serde(rename = "not-weaker")]
    not_weaker: u64,
    weaker: u64,
    unproved: u64,
    cannot_sign_in: u64,
    hold_nothing: u64,
    weakest: Vec<Way>,
    unforeseen: Vec<Odd<'a>>,
}

#[derive(Serialize)]
struct Way {
    members: u64,
    /// Null: there is no way in, or `effort_above` says that every one is dearer.
    capabilities: Option<Vec<String>>,
    effort: Option<u32>,
    /// Present only if there are ways in, and each takes more than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    effort_above: Option<u32>,
}

#[derive(Serialize)]
struct Odd<'a> {
    members: u64,
    effort: u32,
    foreseen: Option<u32>,
    holds: Vec<&'a str>,
    addresses: Vec<Vec<&'a str>>,
}

fn population<'a>(model: &'a Model, judged: &Judged) -> PopulationReport<'a> {
    let way = |weakest: &Weakest| Way {
        members: weakest.members,
        capabilities: weakest.way.as_ref().map(|(way, _)| way.iter().map(ToString::to_string).collect()),
        effort: weakest.way.as_ref().map(|(_, effort)| *effort),
        effort_above: weakest.above,
    };
    let odd = |unforeseen: &Unforeseen| Odd {
        members: unforeseen.members,
        effort: unforeseen.effort,
        foreseen: unforeseen.foreseen,
        holds: held(model, unforeseen),
        addresses: reached(model, unforeseen),
    };
    PopulationReport {
        population: &model[judged.population].name,
        members: judged.members,
        contained: judged.with(Verdict::Contained),
        not_weaker: judged.with(Verdict::NotWeaker),
        weaker: judged.with(Verdict::Weaker),
        unproved: judged.unproved,
        cannot_sign_in: judged.shut_out,
        hold_nothing: judged.empty,
        weakest: judged.weakest.iter().map(way).collect(),
        unforeseen: judged.unforeseen.iter().map(odd).collect(),
    }
}
