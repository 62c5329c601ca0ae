//! A comparison for programs: one object, in structs of its own.

use serde::Serialize;

use super::Names;
use crate::diff::{Aspect, Change, Diff, Effect, Holding, Subject, Value, Worth};

/// The object, indented, ending in a line feed.
pub fn render(diff: &Diff, names: Names<'_>) -> String {
    let report = Report {
        before: Policy { policy: names.before, digest: &diff.before },
        after: Policy { policy: names.after, digest: &diff.after },
        weakens: diff.weakens(),
        weakens_nothing: diff.weakens_nothing(),
        compared_up_to: diff.up_to,
        changes: changes(diff),
    };
    // Structs of text, numbers and lists always serialize.
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

/// The changes alone, for reports that hold more than them.
pub fn changes(diff: &Diff) -> Vec<impl Serialize + '_> {
    diff.changes.iter().map(entry).collect()
}

#[derive(Serialize)]
struct Report<'a, C> {
    before: Policy<'a>,
    after: Policy<'a>,
    weakens: bool,
    /// Not the opposite of `weakens`: neither is proved where `compared_up_to` is present and nothing was found.
    weakens_nothing: bool,
    /// Present only if dearer ways in were too many to list, and were compared with nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared_up_to: Option<u32>,
    changes: Vec<C>,
}

#[derive(Serialize)]
struct Policy<'a> {
    policy: &'a str,
    digest: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    effect: &'static str,
    subject: Whom<'a>,
    aspect: What<'a>,
    before: Option<Side<'a>>,
    after: Option<Side<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Whom<'a> {
    Population(&'a str),
    Groups { names: &'a [String], from: Option<&'a str>, to: Option<&'a str> },
    App(&'a str),
    Exception { rule: &'a str, at: &'a str },
    Attacker,
    Definition(&'a str),
}

#[derive(Serialize)]
struct What<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    door: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    population: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a [String]>,
    /// What those members hold to whom it applies; `null` stands for everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    holds: Option<Vec<Option<&'a [String]>>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Side<'a> {
    Words(&'a str),
    Way { capabilities: &'a [String], effort: u32, doors: &'a [String] },
    Losses(&'a [String]),
}

fn entry(change: &Change) -> Entry<'_> {
    let Change { subject, aspect, effect, before, after } = change;
    Entry {
        effect: Effect::name(*effect),
        subject: whom(subject),
        aspect: what(aspect),
        before: before.as_ref().map(side),
        after: after.as_ref().map(side),
    }
}

fn whom(subject: &Subject) -> Whom<'_> {
    match subject {
        Subject::Population(name) => Whom::Population(name),
        Subject::Groups { names, from, to } => {
            Whom::Groups { names, from: from.as_deref(), to: to.as_deref() }
        }
        Subject::App(name) => Whom::App(name),
        Subject::Exception { rule, at } => Whom::Exception { rule, at },
        Subject::Attacker => Whom::Attacker,
        Subject::Definition(name) => Whom::Definition(name),
    }
}

fn what(aspect: &Aspect) -> What<'_> {
    let named = |name| What { name, door: None, population: None, evidence: None, holds: None };
    let at = |name, door| What { door: Some(door), ..named(name) };
    match aspect {
        Aspect::Presence => named("presence"),
        Aspect::Door(door) => at("door", door),
        Aspect::Requirement(door) => at("requirement", door),
        Aspect::Binds(door) => at("binds", door),
        Aspect::Limit { of, name } => at(name, of),
        Aspect::Notice(door) => at("notice", door),
        Aspect::WayIn(holdings) => What { holds: Some(holds(holdings)), ..named("way-in") },
        Aspect::WayToEnrol => named("way-to-enrol"),
        Aspect::WayIntoApp { population } => What { population: Some(population), ..named("way-into-app") },
        Aspect::WeakestWay => named("weakest-way"),
        Aspect::Verdict(holding) => {
            What { holds: Some(holds(std::slice::from_ref(holding))), ..named("verdict") }
        }
        Aspect::DoorVerdict(door) => at("verdict", door),
        Aspect::Conformance(door) => at("conformance", door),
        Aspect::WayToSignIn(evidence) => What { evidence: Some(evidence), ..named("way-to-sign-in") },
        Aspect::Level(of) => What { name: "level", ..of_worth(of) },
        Aspect::PhishingResistance(of) => What { name: "phishing-resistance", ..of_worth(of) },
        Aspect::Lockout(holdings) => What { holds: Some(holds(holdings)), ..named("lockout") },
        Aspect::Standing(holding) => {
            What { holds: Some(holds(std::slice::from_ref(holding))), ..named("standing") }
        }
        Aspect::Reach { population } => What { population: Some(population), ..named("reach") },
        Aspect::Approves => named("approves"),
        Aspect::Property(name) => named(name),
    }
}

fn of_worth(of: &Worth) -> What<'_> {
    let what = What { name: "", door: None, population: None, evidence: None, holds: None };
    match of {
        Worth::EveryWay => What { door: Some("login"), ..what },
        Worth::Way(evidence) => What { door: Some("login"), evidence: Some(evidence), ..what },
        Worth::Demand => what,
    }
}

fn holds(holdings: &[Holding]) -> Vec<Option<&[String]>> {
    let each = holdings.iter().map(|holding| match holding {
        Holding::Everything => None,
        Holding::Just(names) => Some(names.as_slice()),
    });
    each.collect()
}

fn side(value: &Value) -> Side<'_> {
    match value {
        Value::Words(words) => Side::Words(words),
        Value::Way(way) => {
            Side::Way { capabilities: &way.capabilities, effort: way.effort, doors: &way.doors }
        }
        Value::Losses(losses) => Side::Losses(losses),
    }
}
