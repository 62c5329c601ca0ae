//! The blast radius for programs: one JSON object.
//!
//! Owns the shape of that object in structs of its own, so that no change inside can change what programs read.

use serde::Serialize;

use super::Subject;
use crate::blast::{AppGroup, Blast, Fall, Group, Outcome, Row, of_apps, of_population};
use crate::model::{Model, PopulationIx};
use crate::reach;
use crate::render::json::written;
use crate::takeover::{Falling, Takeover};

/// One fall, as an object that ends in a line feed.
pub fn render(subject: Subject<'_>, falls: &[Falling], blast: &Blast) -> String {
    let Subject { model, analysis, scene } = subject;
    let mut members = vec![];
    for (index, population) in (0..).map(PopulationIx).zip(&model.populations) {
        let groups = of_population(scene, blast, index);
        members.extend(groups.iter().map(|group| member(model, &population.name, group)));
    }
    let apps = of_apps(scene, blast);
    written(&Report {
        falls: falls.iter().map(|falling| falling.written(model)).collect(),
        members,
        approvers: blast.people.iter().map(|role| model[*role].name.as_str()).collect(),
        apps: apps.iter().map(|group| app(model, analysis, group)).collect(),
        listed_up_to: blast.up_to,
    })
}

/// Everything that may fall, as an object that ends in a line feed.
pub fn table(subject: Subject<'_>, rows: &[Row]) -> String {
    let model = subject.model;
    let row = |row: &Row| {
        let populations = row.populations.iter().map(|(index, o)| (model[*index].name.as_str(), *o));
        let apps = row.apps.iter().map(|(app, o)| (model.apps[usize::from(*app)].name.as_str(), *o));
        TableRow {
            falls: row.falling.written(model),
            members: row.members,
            populations: populations.map(reached).collect(),
            apps: apps.map(reached).collect(),
        }
    };
    let listed_up_to = rows.iter().filter_map(|row| row.up_to).min();
    written(&Table { table: rows.iter().map(row).collect(), listed_up_to })
}

#[derive(Serialize)]
struct Report<'a> {
    falls: Vec<String>,
    members: Vec<MemberGroup<'a>>,
    /// Roles of which everybody approves.
    approvers: Vec<&'a str>,
    apps: Vec<AppReport<'a>>,
    /// Present only if dearer ways in were too many to list, and count for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    listed_up_to: Option<u32>,
}

#[derive(Serialize)]
struct MemberGroup<'a> {
    population: &'a str,
    /// How many; missing where nobody was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<u64>,
    /// What they hold: each set of authenticators.
    holds: Vec<Vec<&'a str>>,
    #[serde(flatten)]
    fall: FallReport,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<&'a str>,
}

#[derive(Serialize)]
struct AppReport<'a> {
    app: &'a str,
    population: &'a str,
    aal: Option<u8>,
    phishing_resistant: bool,
    /// As how many members an attacker gets in, and how many use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<[u64; 2]>,
    #[serde(flatten)]
    fall: FallReport,
}

/// What became of an account or an application.
#[derive(Serialize)]
struct FallReport {
    /// `falls`, `left` or `untouched`.
    outcome: &'static str,
    /// How many more pieces are needed at least, if something is left.
    pieces: Option<usize>,
    /// The effort of the weakest way in, before and after.
    effort: [Option<u32>; 2],
    /// The ways with the fewest pieces left.
    left: Vec<Way>,
}

#[derive(Serialize)]
struct Way {
    capabilities: Vec<String>,
    effort: u32,
}

#[derive(Serialize)]
struct Table<'a> {
    table: Vec<TableRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    listed_up_to: Option<u32>,
}

#[derive(Serialize)]
struct TableRow<'a> {
    falls: String,
    /// How many members fall; missing where nobody was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<u64>,
    populations: Vec<Reached<'a>>,
    apps: Vec<Reached<'a>>,
}

/// The worst that happens to somebody of a population, or in an application.
#[derive(Serialize)]
struct Reached<'a> {
    name: &'a str,
    outcome: &'static str,
    pieces: Option<usize>,
}

fn reached((name, outcome): (&str, Outcome)) -> Reached<'_> {
    Reached { name, outcome: outcome.name(), pieces: pieces(outcome) }
}

fn member<'a>(model: &'a Model, population: &'a str, group: &Group<'a>) -> MemberGroup<'a> {
    let names =
        |kind: &&crate::blast::Kind| kind.listed.iter().map(|held| model[*held].name.as_str()).collect();
    MemberGroup {
        population,
        members: group.count,
        holds: group.kinds.iter().map(names).collect(),
        fall: fall(&group.fall.account),
        steps: group.fall.steps.iter().map(String::as_str).collect(),
    }
}

fn app<'a>(model: &'a Model, analysis: &'a crate::Analysis, group: &AppGroup<'_>) -> AppReport<'a> {
    let reading = analysis.apps.get(usize::from(group.app));
    let access =
        reading.and_then(|reading| reading.populations.iter().find(|a| a.population == group.population));
    let reach = access.map(|access| reach::of(model, analysis, group.app, access));
    AppReport {
        app: &model.apps[usize::from(group.app)].name,
        population: &model[group.population].name,
        aal: reach.as_ref().and_then(reach::Reach::aal).map(u8::from),
        phishing_resistant: reach.is_some_and(|reach| reach.phishing_resistant()),
        members: group.count.map(|(fallen, all)| [fallen, all]),
        fall: fall(group.fall),
    }
}

fn fall(fall: &Fall) -> FallReport {
    let (before, after) = fall.efforts;
    let way = |way: &&Takeover| Way {
        capabilities: way.capabilities.iter().map(ToString::to_string).collect(),
        effort: way.effort,
    };
    FallReport {
        outcome: fall.outcome().name(),
        pieces: pieces(fall.outcome()),
        effort: [before, after],
        left: fall.left().iter().map(way).collect(),
    }
}

fn pieces(outcome: Outcome) -> Option<usize> {
    match outcome {
        Outcome::Untouched => None,
        Outcome::Left(pieces) => Some(pieces),
        Outcome::Falls => Some(0),
    }
}
