//! The blast radius: what falls when one thing falls.

use askama::Template;

use crate::page::{Frame, Tone, links};

/// GET `/console/blast?falls=&with=`.
#[derive(Template)]
#[template(path = "console/blast.html")]
pub struct BlastPage {
    pub frame: Frame,
    /// What may fall, in groups with a title each.
    pub choices: Vec<ChoiceGroup>,
    /// What was asked for and cannot fall.
    pub error: Option<String>,
    /// What falls with it; `None`: nothing was chosen yet.
    pub radius: Option<Radius>,
    /// Everything that may fall, the worst first; shown until something is chosen.
    pub rows: Vec<BlastRow>,
}

/// Things of one sort that may fall.
#[derive(Clone, Debug)]
pub struct ChoiceGroup {
    pub title: &'static str,
    pub choices: Vec<Choice>,
}

#[derive(Clone, Debug)]
pub struct Choice {
    /// `mailbox(own-mail)`.
    pub value: String,
    /// Chosen as what falls, and as what falls with it.
    pub is_first: bool,
    pub is_second: bool,
}

/// What falls with the thing that was chosen.
#[derive(Clone, Debug)]
pub struct Radius {
    /// One sentence for each thing: `an attacker can phish anybody (real-time proxy)`.
    pub falls: Vec<String>,
    /// `312 of 1,000 members fall`.
    pub headline: String,
    pub tone: Tone,
    /// Said where it is not about real members: `Nobody has an account yet: ...`; empty otherwise.
    pub note: String,
    pub populations: Vec<PopulationRadius>,
    /// `Everybody of the role manager approves, because accounts of staff fall.`
    pub approvers: Vec<String>,
    pub apps: Vec<AppRadius>,
}

#[derive(Clone, Debug)]
pub struct PopulationRadius {
    pub name: String,
    /// `12 of 96 members fall, 80 come nearer`.
    pub summary: String,
    pub tone: Tone,
    pub groups: Vec<MemberRadius>,
}

/// Members to whom the same happens.
#[derive(Clone, Debug)]
pub struct MemberRadius {
    /// `12 members who sign in with a passkey`.
    pub who: String,
    /// `Falls`, `1 more piece`.
    pub outcome: String,
    pub tone: Tone,
    /// `Weakest way in: effort 8, was 12.`; empty where nothing needs to be said.
    pub effort: String,
    /// A few of them, with the links to their pages.
    pub some: Vec<(String, String)>,
    /// How many more there are.
    pub others: u64,
    /// The attack, where they fall.
    pub steps: Vec<String>,
    /// What is still missing, one way in a line, where they do not.
    pub pieces: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct AppRadius {
    pub app: String,
    pub population: String,
    /// `AAL2, phishing-resistant`.
    pub assurance: String,
    pub outcome: String,
    pub tone: Tone,
    /// `as 12 of 96`; empty where nobody was counted.
    pub members: String,
}

/// One thing that may fall and what it takes with it, by the policy alone.
#[derive(Clone, Debug)]
pub struct BlastRow {
    /// `mailbox(own-mail)`.
    pub value: String,
    pub populations: Vec<String>,
    pub apps: Vec<String>,
    /// `staff: 1 more piece`.
    pub near: Vec<String>,
}

impl BlastRow {
    fn href(&self) -> String {
        links::console_blast(&self.value)
    }
}
