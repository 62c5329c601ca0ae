//! The policy in force, as it was read.

use askama::Template;

use super::{Chain, Verdict};
use crate::page::{Frame, When};

/// GET `/console/policy`.
#[derive(Template)]
#[template(path = "console/policy.html")]
pub struct PolicyPage {
    pub frame: Frame,
    /// In full: it stands in every audit event.
    pub digest: String,
    /// Since when it is enforced; `None`: longer than the newest events tell.
    pub since: Option<When>,
    pub populations: Vec<PopulationRow>,
    /// One chain per population, in the same order.
    pub chains: Vec<Chain>,
    pub diagnostics: Vec<DiagnosticRow>,
    pub files: Vec<SourceFile>,
    /// The attacker assumed: `as the design states; malware on the member's endpoint is left out`.
    pub attacker: String,
}

#[derive(Clone, Debug)]
pub struct PopulationRow {
    pub name: String,
    /// `high risk`; empty otherwise.
    pub risk: String,
    pub members: usize,
    /// `AAL2`, `AAL2, phishing-resistant`.
    pub assurance: String,
    pub verdict: Verdict,
    /// Least effort over login alone, and over the whole chain.
    pub login_effort: Option<u32>,
    pub chain_effort: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct DiagnosticRow {
    pub level: Level,
    /// `P0107`; may be empty.
    pub code: String,
    /// `recovery-weaker-than-login`.
    pub rule: String,
    pub message: String,
    /// `company.toml:38`.
    pub at: String,
    /// The id of the line to jump to, made by [`SourceFile::line_id`]; `None`: nowhere.
    pub line: Option<String>,
    /// Notes and help, one sentence each.
    pub notes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Error,
    Warning,
    Note,
}

impl Level {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    pub(super) fn tone(self) -> &'static str {
        match self {
            Self::Error => "bad",
            Self::Warning => "warn",
            Self::Note => "plain",
        }
    }
}

#[derive(Clone, Debug)]
pub struct SourceFile {
    pub name: String,
    pub lines: Vec<SourceLine>,
}

#[derive(Clone, Debug)]
pub struct SourceLine {
    pub text: String,
    /// The worst diagnostic that points at this line.
    pub level: Option<Level>,
}

impl SourceFile {
    /// The lines of a file, unmarked.
    pub fn new(name: &str, text: &str) -> Self {
        let lines = text.lines().map(|line| SourceLine { text: line.to_owned(), level: None }).collect();
        Self { name: name.to_owned(), lines }
    }

    /// The id of a line in the page; both count from 1.
    pub fn line_id(file: usize, line: usize) -> String {
        format!("L{file}-{line}")
    }
}
