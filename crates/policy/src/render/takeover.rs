//! The weakest ways in, told as attacks: what `postern takeover` prints.

use std::fmt::Write;

use crate::model::{Model, PopulationIx};
use crate::rules::{capabilities, holding};
use crate::takeover::{AppAccess, ProfileReading, Takeover, least_effort, steps, steps_into_app};
use crate::{Analysis, Checked};

/// The weakest ways into accounts, population by population and profile by profile.
pub fn accounts(checked: &Checked) -> String {
    let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) else { return String::new() };
    let blocks: Vec<String> =
        checked.shown(model).map(|population| account(model, analysis, population)).collect();
    blocks.join("\n")
}

/// The weakest ways into one application, an index into [`Model::apps`].
pub fn app(checked: &Checked, app: u16) -> String {
    let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) else { return String::new() };
    let Some(reading) = analysis.apps.get(usize::from(app)) else { return String::new() };
    let shown: Vec<PopulationIx> = checked.shown(model).collect();
    let blocks = reading.populations.iter().filter(|access| shown.contains(&access.population));
    blocks.map(|access| entry(model, app, access)).collect::<Vec<_>>().join("\n")
}

fn account(model: &Model, analysis: &Analysis, index: PopulationIx) -> String {
    let population = &model[index];
    let reading = &analysis.populations[usize::from(index.0)];
    let mut text = format!("{}\n", population.name);
    if reading.truncated {
        return text + "  unproved: the ways in are too many to list\n";
    }
    for profile in &reading.profiles {
        line(&mut text, 2, &format!("members who hold {}: {}", holding(model, &[profile]), profile.verdict));
        let least = least_effort(&profile.any);
        for way in profile.any.iter().filter(|way| Some(way.effort) == least) {
            told(&mut text, way, &steps(model, index, profile, way));
        }
        if profile.any.is_empty() {
            line(&mut text, 4, "no way in");
        }
        others(&mut text, profile, least);
    }
    text
}

/// Ways that would not open login, besides the weakest ones, in a line each.
fn others(text: &mut String, profile: &ProfileReading, least: Option<u32>) {
    let mut new: Vec<&Takeover> =
        profile.any.iter().filter(|way| way.new && Some(way.effort) != least).collect();
    new.sort_by_key(|way| way.effort);
    if !new.is_empty() {
        line(text, 4, "other ways round login:");
    }
    for way in new.iter().take(MOST_OTHERS) {
        line(text, 6, &format!("effort {}: {}", way.effort, capabilities(way)));
    }
    if new.len() > MOST_OTHERS {
        line(text, 6, &format!("and {} more (`--format json` lists all)", new.len() - MOST_OTHERS));
    }
}

/// As many as are read.
const MOST_OTHERS: usize = 10;

fn entry(model: &Model, app: u16, access: &AppAccess) -> String {
    let mut text = format!("{} by {}\n", model.apps[usize::from(app)].name, model[access.population].name);
    if access.truncated {
        return text + "  unproved: the ways in are too many to list\n";
    }
    if !access.reachable {
        return text + "  out of reach: no login of theirs meets what it demands\n";
    }
    let least = least_effort(&access.takeover);
    for way in access.takeover.iter().filter(|way| Some(way.effort) == least) {
        told(&mut text, way, &steps_into_app(model, app, access.population, way));
    }
    if access.takeover.is_empty() {
        line(&mut text, 4, "no way in");
    }
    text
}

fn told(text: &mut String, way: &Takeover, steps: &[String]) {
    line(text, 4, &format!("effort {}: {}", way.effort, capabilities(way)));
    for (step, number) in steps.iter().zip(1..) {
        line(text, 6, &format!("{number}. {step}"));
    }
}

fn line(text: &mut String, indent: usize, words: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:indent$}{words}", "");
}
