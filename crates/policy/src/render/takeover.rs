//! The weakest ways in, told as attacks: what `postern takeover` prints.

use std::fmt::Write;

use crate::model::{ChannelIx, Model, PopulationIx};
use crate::profile::Profile;
use crate::reach::{self, Reach};
use crate::rules::{capabilities, holding};
use crate::takeover::{Goal, ProfileReading, Takeover, Verdict, least_effort, steps, steps_into_app};
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
    blocks.map(|access| entry(model, &reach::of(model, analysis, app, access))).collect::<Vec<_>>().join("\n")
}

fn account(model: &Model, analysis: &Analysis, index: PopulationIx) -> String {
    let population = &model[index];
    let reading = &analysis.populations[usize::from(index.0)];
    let mut text = format!("{}\n", population.name);
    if reading.truncated {
        return text + "  unproved: the ways in are too many to list\n";
    }
    partly(&mut text, reading.up_to());
    for profile in &reading.profiles {
        line(&mut text, 2, &format!("members who hold {}: {}", holding(model, &[profile]), profile.verdict));
        weakest(&mut text, model, index, profile);
    }
    text
}

/// The weakest ways into one real account, what its doors are worth, and what would lock its owner out.
pub fn member(model: &Model, name: &str, profile: &Profile, reading: &ProfileReading) -> String {
    let index = profile.population();
    let mut text = format!("{name}, of {}: {}\n", model[index].name, reading.verdict);
    let held: Vec<&str> = profile.holds().iter().map(|held| model[*held].name.as_str()).collect();
    line(&mut text, 2, &format!("holds {}", or_nothing(&held.join(", "))));
    line(&mut text, 2, &format!("reached by {}", or_nothing(&reached(model, profile))));
    partly(&mut text, reading.up_to);
    weakest(&mut text, model, index, reading);
    line(&mut text, 2, "locked out by");
    for losses in reading.lockout.iter().take(MOST_OTHERS) {
        let losses: Vec<String> = losses.iter().map(ToString::to_string).collect();
        let losses = if losses.is_empty() {
            "nothing more: it is so already".to_owned()
        } else {
            losses.join(" and ")
        };
        line(&mut text, 4, &losses);
    }
    match reading.lockout.len().checked_sub(MOST_OTHERS) {
        Some(more) if more > 0 => line(&mut text, 4, &format!("and {more} more (`--format json` lists all)")),
        _ if reading.lockout.is_empty() => line(&mut text, 4, "no loss at all"),
        _ => {}
    }
    text
}

/// `own-mail, mobile`; channels that lead to one address are joined: `own-mail = work-mail`.
fn reached(model: &Model, profile: &Profile) -> String {
    let one = |channels: &Vec<ChannelIx>| {
        channels.iter().map(|channel| model[*channel].name.as_str()).collect::<Vec<_>>().join(" = ")
    };
    profile.addresses().iter().map(one).collect::<Vec<_>>().join(", ")
}

fn or_nothing(words: &str) -> &str {
    if words.is_empty() { "nothing" } else { words }
}

/// The weakest ways in step by step, then what else leads round login.
fn weakest(text: &mut String, model: &Model, index: PopulationIx, profile: &ProfileReading) {
    let least = least_effort(&profile.any);
    for way in profile.any.iter().filter(|way| Some(way.effort) == least) {
        told(text, 4, way, &steps(model, index, profile, Goal::Account, way));
    }
    match (profile.any.as_slice(), profile.up_to, profile.account) {
        ([], Some(effort), Verdict::Weaker | Verdict::NotWeaker) => {
            line(text, 4, &format!("every way in takes more than effort {effort}"));
        }
        ([], ..) => line(text, 4, "no way in"),
        _ => {}
    }
    others(text, profile, least);
    for entry in &profile.entries {
        let names: Vec<&str> =
            entry.apps.iter().map(|app| model.apps[usize::from(*app)].name.as_str()).collect();
        let least = least_effort(&entry.any);
        line(text, 4, &format!("into {}, which not every login opens: {}", names.join(", "), entry.verdict));
        for way in entry.any.iter().filter(|way| Some(way.effort) == least) {
            told(text, 6, way, &steps(model, index, profile, entry.goal(), way));
        }
    }
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

fn entry(model: &Model, reach: &Reach<'_>) -> String {
    let Reach { app, population, access, .. } = *reach;
    let level = match (reach.aal(), reach.phishing_resistant()) {
        (None, _) => String::new(),
        (Some(aal), false) => format!(" at {aal} or more"),
        (Some(aal), true) => format!(" at {aal} or more, phishing-resistant"),
    };
    let mut text = format!("{} by {}{level}\n", model.apps[usize::from(app)].name, model[population].name);
    if access.truncated {
        return text + "  unproved: the ways in are too many to list\n";
    }
    if !access.reachable {
        return text + "  out of reach: no login of theirs meets what it demands\n";
    }
    partly(&mut text, access.up_to);
    for way in reach.weakest() {
        told(&mut text, 4, way, &steps_into_app(model, app, population, way));
    }
    if access.takeover.is_empty() {
        line(&mut text, 4, "no way in");
    }
    text
}

/// That not every way is listed, if so.
fn partly(text: &mut String, up_to: Option<u32>) {
    if let Some(effort) = up_to {
        line(text, 2, &format!("too many ways to list: those above effort {effort} are left out"));
    }
}

fn told(text: &mut String, indent: usize, way: &Takeover, steps: &[String]) {
    line(text, indent, &format!("effort {}: {}", way.effort, capabilities(way)));
    for (step, number) in steps.iter().zip(1..) {
        line(text, indent + 2, &format!("{number}. {step}"));
    }
}

fn line(text: &mut String, indent: usize, words: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:indent$}{words}", "");
}
