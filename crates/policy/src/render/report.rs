//! A report that an auditor can file: what was checked, against which attacker, and what follows for each control.
//!
//! Owns its parts: `content` (what is reported), `controls` (the requirements of other people that it speaks to),
//! `html`, `json` and `oscal` (how it is written). Judges nothing: the findings are those of `check`.

mod content;
mod controls;
mod html;
mod oscal;

use crate::model::Date;
use crate::{Checked, Source};
use content::Report;

/// What is reported on.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The path as the user gave it.
    pub policy: &'a str,
    pub source: &'a Source,
    pub checked: &'a Checked,
    /// The day of the check.
    pub today: Date,
    /// Of the command.
    pub version: &'a str,
}

/// One page that needs nothing else, for reading and for printing.
pub fn html(subject: &Subject<'_>) -> String {
    html::page(&Report::of(subject), subject)
}

/// One object, indented, ending in a line feed.
pub fn json(subject: &Subject<'_>) -> String {
    pretty(&Report::of(subject))
}

/// OSCAL assessment results (1.1.2), keyed to the identifiers of NIST's catalogs.
pub fn oscal(subject: &Subject<'_>) -> String {
    pretty(&oscal::results(&Report::of(subject), subject))
}

fn pretty(value: &impl serde::Serialize) -> String {
    // Structs of text, numbers and lists always serialize.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
