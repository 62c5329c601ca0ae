//! A control chain as a picture: its doors in order, what opens them, and the weakest way in.
//!
//! Owns which chains are drawn and what the parts are: `picture` (what is drawn), `place` (where), `svg` and `dot`
//! (how it is written), `words` (the labels). Judges nothing: the readings are `takeover`'s.

mod dot;
mod picture;
mod place;
pub(crate) mod svg;
pub(crate) mod words;

use crate::Checked;
use crate::model::{Model, PopulationIx};
use crate::takeover::{PopulationReading, ProfileReading, Truncated, least_effort};
use picture::Picture;

/// Where an SVG will be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In a file of its own: it brings its colours, for light and for dark.
    File,
    /// Inside a page whose security policy forbids styles: classes for the page's own style sheet, and presentation
    /// attributes that follow the colour of its text where that sheet says nothing.
    Embedded,
}

/// The chains of the populations that are shown, one below the other, each as the members meet it who are easiest
/// to take. Empty when the policy could not be read.
pub fn svg(checked: &Checked, form: Form) -> String {
    svg::document(&pictures(checked), form)
}

/// The same for Graphviz.
pub fn dot(checked: &Checked) -> String {
    dot::document(&pictures(checked))
}

/// The chain of one population as members meet it who hold what the reading says: for the page of an account.
pub fn chain(model: &Model, population: PopulationIx, reading: &ProfileReading, form: Form) -> String {
    svg::document(&[Picture::of(model, population, reading)], form)
}

/// The colours of a picture, for a page that embeds one and has no others.
pub(crate) const STYLE: &str = include_str!("graph/style.css");

/// Why a picture shows the doors of a population only: nothing was proved about it.
pub fn missing(checked: &Checked) -> Vec<(String, Truncated)> {
    let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) else { return vec![] };
    let unproved = checked.shown(model).filter(|at| analysis.populations[usize::from(at.0)].truncated);
    unproved.map(|at| (model[at].name.clone(), Truncated)).collect()
}

fn pictures(checked: &Checked) -> Vec<Picture> {
    let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) else { return vec![] };
    let drawn = |population: PopulationIx| {
        let reading = &analysis.populations[usize::from(population.0)];
        if reading.truncated {
            return Some(Picture::not_computed(model, population));
        }
        Some(Picture::of(model, population, easiest(reading)?))
    };
    checked.shown(model).filter_map(drawn).collect()
}

/// The profile with the worst verdict; of several, the one that is easiest to take; of those, the fullest.
pub(crate) fn easiest(reading: &PopulationReading) -> Option<&ProfileReading> {
    reading.profiles.iter().rev().min_by_key(|profile| {
        (std::cmp::Reverse(profile.verdict), least_effort(&profile.any).unwrap_or(u32::MAX))
    })
}
