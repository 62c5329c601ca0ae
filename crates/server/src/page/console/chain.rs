//! A control chain drawn as steps, with the weakest way in.
//!
//! Plain data about what the analysis found; it is not made here. Used for one member and for a whole population.

use crate::page::DoorKind;

/// A chain, door by door.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The population whose chain it is.
    pub population: String,
    /// Of the whole chain.
    pub verdict: Verdict,
    /// `No way around the second factor is weaker than the second factor.`
    pub summary: String,
    /// The picture of `postern graph`: an SVG whose texts are escaped, without styles of its own.
    pub picture: String,
    /// In the order of [`DoorKind`]; a chain may have several recover doors.
    pub steps: Vec<ChainStep>,
    /// The weakest ways in, least effort first; usually one is worth showing.
    pub ways: Vec<WayIn>,
    /// What login alone costs an attacker, to compare with.
    pub login_effort: Option<u32>,
}

impl Chain {
    /// The doors as they are drawn: side by side, those of one kind below each other.
    pub(super) fn columns(&self) -> Vec<(DoorKind, Vec<&ChainStep>)> {
        let mut columns: Vec<(DoorKind, Vec<&ChainStep>)> = Vec::new();
        for step in &self.steps {
            match columns.last_mut() {
                Some((door, steps)) if *door == step.door => steps.push(step),
                _ => columns.push((step.door, vec![step])),
            }
        }
        columns
    }
}

/// What the takeover reading says of a chain or a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No new way in at all: the strongest verdict.
    Contained,
    /// New ways in, none of them easier than login.
    NotWeaker,
    /// Easier than login.
    Weaker,
    /// Nothing to judge: no door, or not analysed.
    None,
}

impl Verdict {
    pub fn title(self) -> &'static str {
        match self {
            Self::Contained => "Contained",
            Self::NotWeaker => "Not weaker than sign-in",
            Self::Weaker => "Weaker than sign-in",
            Self::None => "Not judged",
        }
    }

    pub(super) fn tone(self) -> &'static str {
        match self {
            Self::Contained | Self::NotWeaker => "good",
            Self::Weaker => "bad",
            Self::None => "plain",
        }
    }

    /// A sign beside the words, so that no verdict is told by colour alone.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Contained => "✓✓",
            Self::NotWeaker => "✓",
            Self::Weaker => "✗",
            Self::None => "–",
        }
    }
}

/// One door.
#[derive(Clone, Debug)]
pub struct ChainStep {
    pub door: DoorKind,
    /// The recover door's own name; empty for the others.
    pub name: String,
    /// The requirement as the policy states it: `passkey or (password and totp)`. Empty: no such door.
    pub requirement: String,
    /// The same in words, one sentence per alternative.
    pub alternatives: Vec<String>,
    /// `24 hours, with notices to own-mail and mobile`.
    pub wait: Option<String>,
    /// [`Verdict::None`] for login itself and for leaving: nothing is compared there, and nothing is shown.
    pub verdict: Verdict,
    /// The least effort through this door, the others shut but login's.
    pub effort: Option<u32>,
    /// Does the weakest way in go through it?
    pub on_weakest_way: bool,
}

/// One minimal takeover, told as an attack.
#[derive(Clone, Debug)]
pub struct WayIn {
    /// `The weakest way in`.
    pub title: String,
    pub effort: u32,
    /// Whom it concerns and what it takes: `Of members who hold password. It takes phish(member).`; may be empty.
    pub profile: String,
    pub steps: Vec<AttackStep>,
}

#[derive(Clone, Debug)]
pub struct AttackStep {
    /// What the attacker does: `Read the mailbox of the member`.
    pub deed: String,
    /// What comes of it, a sentence each: `This reads own-mail.`
    pub gains: Vec<String>,
}
