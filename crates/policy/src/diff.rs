//! What a change of policy does: two policies compared by what they mean, not by how they are written.
//!
//! Owns the list of changes, each with its effect: does it weaken, shut somebody out, ease, strengthen, or neither?
//! The parts: `side` (both policies under one attacker), `chain` (one population), `door` (its doors besides login), `account` (who takes
//! accounts, and who is locked out), `cover` (when one list of takeovers is no easier than another), `table` (apps,
//! names, exceptions, assumptions), `fate` (what becomes of real members). Does not own how changes are printed
//! (`render::diff`).
//!
//! What a policy weakens is defined by [`Effect::Weakens`] and nowhere else.

mod account;
mod chain;
mod cover;
mod door;
mod fate;
mod side;
mod table;

pub use fate::{Fate, Fates, Policies, Safety, Standing};

use crate::Checked;
use crate::assurance::Assurance;
use crate::model::{Date, Model, Population};
use crate::takeover::{Analysis, Takeover, Truncated, whole_up_to};
use side::Side;

/// Everything that changes between two policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// The digest of the earlier policy.
    pub before: String,
    /// The digest of the later policy.
    pub after: String,
    /// Ordered by subject; within a subject by effect, what weakens first.
    pub changes: Vec<Change>,
    /// Ways that cost more were too many to list where something changed, and are compared with nothing; `None`: all ways
    /// are compared.
    pub up_to: Option<u32>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub subject: Subject,
    pub aspect: Aspect,
    pub effect: Effect,
    /// `None`: there was none.
    pub before: Option<Value>,
    /// `None`: there is none any more.
    pub after: Option<Value>,
}

/// What a change means for those who rely on the policy. In the order in which it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Something protects less than before. Exactly these weaken:
    ///
    /// * a takeover that no earlier one covers: the new policy has a minimal set of capabilities that contains no
    ///   minimal set of the old one, into an account, into an account without an owner yet, or into an app;
    /// * a lower level: the least AAL or phishing resistance over all ways to sign in, the worth of one way to sign
    ///   in, what an app demands (of a new one: less than every earlier app of its groups), what an approver's session
    ///   must show, how members are proofed;
    /// * other approvers: the people of another group, or everybody where the member's own manager was asked;
    /// * a shorter wait, a notice gone; a longer session, invitation, age of a session or delay of off-boarding;
    /// * a door that newly binds something with a shorter wait or fewer notices than every earlier recovery of it, or
    ///   than an earlier door that the same evidence opened;
    /// * an exception added or extended;
    /// * a milder yardstick: risk or sensitivity no longer high, an attack that is not counted any more or counts as
    ///   more work.
    Weakens,
    /// Its owner may lose an account, or an app, by what did not do so before.
    ShutsOut,
    /// Neither better nor worse by itself.
    Changes,
    /// The opposite of [`Effect::ShutsOut`].
    Eases,
    /// The opposite of [`Effect::Weakens`].
    Strengthens,
}

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The members of a population.
    Population(String),
    /// The members of these groups, whom another population rules now; `None`: no population at all.
    Groups { names: Vec<String>, from: Option<String>, to: Option<String> },
    /// An application.
    App(String),
    /// The exception for a rule at a place.
    Exception { rule: String, at: String },
    /// What is assumed of attackers.
    Attacker,
    /// Something that the policy defines: `channel.own-mail`.
    Definition(String),
}

/// Which side of its subject changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Whether there is one.
    Presence,
    /// A door that opens or shuts for good; its value is what it requires.
    Door(String),
    /// What a door requires.
    Requirement(String),
    /// What a door binds.
    Binds(String),
    /// How long something lasts: `wait` of `recover.assisted`, `idle` of `login`.
    Limit { of: String, name: &'static str },
    /// A channel on which a door tells the owner.
    Notice(String),
    /// A way to take an account.
    WayIn(Vec<Holding>),
    /// A way to take an account before its owner arrives.
    WayToEnrol,
    /// A way into an app for whoever takes accounts of this population.
    WayIntoApp { population: String },
    /// The ways in that cost least effort.
    WeakestWay,
    /// The chain against its login.
    Verdict(Holding),
    /// One door against the login.
    DoorVerdict(String),
    /// What SP 800-63B-4 says of a door.
    Conformance(String),
    /// Whether these authenticators are a way to sign in; its value is what it is worth.
    WayToSignIn(Vec<String>),
    /// An assurance level.
    Level(Worth),
    /// Whether phishing fails.
    PhishingResistance(Worth),
    /// Losses that lock out the owner.
    Lockout(Vec<Holding>),
    /// How far members who hold just this get by themselves.
    Standing(Holding),
    /// Whether an app lets in anybody of this population.
    Reach { population: String },
    /// Whether the people of a group may approve.
    Approves,
    /// Another property, by its name in the policy.
    Property(&'static str),
}

/// What has an assurance level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Every way to sign in, at least.
    EveryWay,
    /// Signing in with these.
    Way(Vec<String>),
    /// A session that an app accepts.
    Demand,
}

/// What somebody holds beside recovery codes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holding {
    /// Everything that the chain names.
    Everything,
    /// Just these authenticators.
    Just(Vec<String>),
}

/// One side of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// In the words of the policy.
    Words(String),
    /// A takeover.
    Way(Way),
    /// Losses, all of them together.
    Losses(Vec<String>),
}

/// A takeover without the policy that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// As reports write them.
    pub capabilities: Vec<String>,
    pub effort: u32,
    /// The doors that it opens, in order.
    pub doors: Vec<String>,
}

/// A policy and what its readings say, as the check hands them out.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    pub model: &'a Model,
    pub analysis: &'a Analysis,
    /// Names the policy in the result.
    pub digest: &'a str,
}

impl<'a> Judged<'a> {
    /// `None`: the file cannot be read as a policy.
    pub fn of(checked: &'a Checked) -> Option<Judged<'a>> {
        let (model, analysis) = (checked.model.as_ref()?, checked.analysis.as_ref()?);
        Some(Judged { model, analysis, digest: &checked.digest })
    }
}

/// Compares two policies as of a day. Findings of the check are not compared: only what the policies mean.
pub fn between(before: Judged<'_>, after: Judged<'_>, today: Date) -> Result<Diff, Truncated> {
    let (before, after) = Side::both(before, after)?;
    let mut changes = Changes::default();
    chain::compare_all(&before, &after, &mut changes)?;
    table::compare(&before, &after, today, &mut changes)?;
    let Changes { list: mut changes, up_to } = changes;
    // Stable: within one effect the order in which a person meets things stays.
    changes.sort_by_key(|change| change.effect);
    let mut subjects: Vec<Subject> = vec![];
    for change in &changes {
        if !subjects.contains(&change.subject) {
            subjects.push(change.subject.clone());
        }
    }
    changes.sort_by_key(|change| subjects.iter().position(|subject| *subject == change.subject));
    Ok(Diff { before: before.digest.to_owned(), after: after.digest.to_owned(), changes, up_to })
}

impl Diff {
    /// Does the new policy protect less in any respect?
    pub fn weakens(&self) -> bool {
        self.count(Effect::Weakens) > 0
    }

    /// Is it proved that it protects no less?
    pub fn weakens_nothing(&self) -> bool {
        !self.weakens() && self.up_to.is_none()
    }

    /// How many changes have this effect.
    pub fn count(&self, effect: Effect) -> usize {
        self.changes.iter().filter(|change| change.effect == effect).count()
    }

    /// The policies mean the same, however they are written.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl Effect {
    /// The effect of the way back.
    #[must_use]
    pub fn reversed(self) -> Effect {
        match self {
            Effect::Weakens => Effect::Strengthens,
            Effect::ShutsOut => Effect::Eases,
            Effect::Changes => Effect::Changes,
            Effect::Eases => Effect::ShutsOut,
            Effect::Strengthens => Effect::Weakens,
        }
    }

    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Weakens => "weakens",
            Effect::ShutsOut => "shuts-out",
            Effect::Changes => "changes",
            Effect::Eases => "eases",
            Effect::Strengthens => "strengthens",
        }
    }

    /// The effect of something that became stronger or weaker.
    fn of<T: PartialOrd>(before: &T, after: &T) -> Effect {
        match after.partial_cmp(before) {
            Some(std::cmp::Ordering::Less) => Effect::Weakens,
            Some(std::cmp::Ordering::Greater) => Effect::Strengthens,
            _ => Effect::Changes,
        }
    }
}

/// The list of changes being made.
#[derive(Default)]
struct Changes {
    list: Vec<Change>,
    /// As in [`Diff::up_to`].
    up_to: Option<u32>,
}

impl Changes {
    fn push(
        &mut self,
        subject: &Subject,
        aspect: Aspect,
        effect: Effect,
        before: Option<Value>,
        after: Option<Value>,
    ) {
        self.list.push(Change { subject: subject.clone(), aspect, effect, before, after });
    }

    /// Notes that ways that cost more are compared with nothing.
    fn left_out(&mut self, up_to: Option<u32>) {
        self.up_to = whole_up_to(self.up_to, up_to);
    }

    /// Notes what differs in the worth of something: a level may rise while phishing resistance is lost.
    fn worth(&mut self, subject: &Subject, of: &Worth, before: Option<Assurance>, after: Option<Assurance>) {
        let level = |worth: Option<Assurance>| worth.map(|worth| worth.aal);
        let written = |worth: Option<Assurance>| {
            Some(worth.map_or_else(|| "no authentication".to_owned(), |worth| worth.aal.to_string()))
        };
        let effect = Effect::of(&level(before), &level(after));
        self.words(subject, Aspect::Level(of.clone()), effect, written(before), written(after));
        let resists = |worth: Option<Assurance>| worth.is_some_and(|worth| worth.phishing_resistant);
        let written =
            |worth| Some(if resists(worth) { "phishing-resistant" } else { "phishable" }.to_owned());
        let effect = Effect::of(&resists(before), &resists(after));
        let aspect = Aspect::PhishingResistance(of.clone());
        self.words(subject, aspect, effect, written(before), written(after));
    }

    /// Notes words that differ.
    fn words(
        &mut self,
        subject: &Subject,
        aspect: Aspect,
        effect: Effect,
        before: Option<String>,
        after: Option<String>,
    ) {
        if before != after {
            self.push(subject, aspect, effect, before.map(Value::Words), after.map(Value::Words));
        }
    }
}

/// A takeover, its doors named by the population whose chain it goes through.
fn way(takeover: &Takeover, population: &Population) -> Value {
    Value::Way(written(takeover, population))
}

fn written(takeover: &Takeover, population: &Population) -> Way {
    Way {
        capabilities: takeover.capabilities.iter().map(ToString::to_string).collect(),
        effort: takeover.effort,
        doors: takeover.doors.iter().map(|door| door.written(population)).collect(),
    }
}
