//! GET `/console/blast`: what falls when one thing falls, with the real members whom it takes.
//!
//! Owns the words of the page. Does not own what falls (`policy::blast`) nor who is counted (`readings`).

use axum::extract::{Query, State};
use axum::http::StatusCode;
use policy::blast::{self, AppGroup, Blast, Group, Kind, Outcome, Row, Scene, of_apps, of_population};
use policy::model::PopulationIx;
use policy::render::blast::weakest;
use policy::takeover::{Falling, Truncated};
use policy::{Model, reach};
use serde::Deserialize;

use super::readings::{Checked, Present, checked, present};
use super::{look, names::Names};
use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::{Answered, Ctx};
use crate::page::console::blast::{
    AppRadius, BlastPage, BlastRow, Choice, ChoiceGroup, MemberRadius, PopulationRadius, Radius,
};
use crate::page::{Tone, html};
use crate::wording;

/// How many members of one kind are named.
const NAMED: usize = 8;
/// How many ways of what is missing are shown.
const PIECES: usize = 4;

/// What falls.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    falls: String,
    #[serde(default)]
    with: String,
}

/// GET.
pub(crate) async fn show(ctx: Ctx, State(app): State<App>, Query(chosen): Query<Chosen>) -> Answered {
    let checked = checked(&app).await?;
    let running = app.clone();
    let falls = [chosen.falls.trim().to_owned(), chosen.with.trim().to_owned()];
    let wanted: Vec<String> = falls.iter().filter(|name| !name.is_empty()).cloned().collect();
    let present = if wanted.is_empty() { Present::default() } else { present(&app).await? };
    let model = move || running.policy().model().clone();
    let read = tokio::task::spawn_blocking(move || {
        let model = model();
        let parsed: Result<Vec<Falling>, String> =
            wanted.iter().map(|name| blast::parse(&model, name)).collect();
        Ok::<_, Truncated>(match parsed {
            Ok(falls) if falls.is_empty() => Read { rows: rows(&model, &checked)?, ..Read::default() },
            Ok(falls) => {
                Read { radius: Some(radius(&model, &checked, &present, &falls)?), ..Read::default() }
            }
            Err(error) => Read { error: Some(error), rows: rows(&model, &checked)?, ..Read::default() },
        })
    });
    let failed = |error: &str| Fault::broken("reading the blast radius").because(error.to_owned());
    let read = read.await.map_err(|error| failed(&error.to_string()))?;
    let mut read = read.map_err(|truncated| failed(&truncated.to_string()))?;
    let page = look(&app, &ctx, move |view, _, frame| {
        let choices = choices(view.policy().model(), &falls);
        let radius = read.radius.take().map(|(radius, ids)| with_names(view, radius, ids)).transpose()?;
        Ok(BlastPage { frame, choices, error: read.error, radius, rows: read.rows })
    });
    Ok(html(StatusCode::OK, &page.await?))
}

/// The ids of those who are to be named: by population, by group.
type Named = Vec<Vec<Vec<String>>>;

/// What was found out before anybody is named.
#[derive(Default)]
struct Read {
    error: Option<String>,
    rows: Vec<BlastRow>,
    radius: Option<(Radius, Named)>,
}

/// Puts names to the ids of those who are named: by population, by group.
fn with_names(view: &mut View<'_, '_>, mut radius: Radius, ids: Named) -> Result<Radius, Fault> {
    let mut names = Names::default();
    for (population, ids) in radius.populations.iter_mut().zip(ids) {
        for (group, ids) in population.groups.iter_mut().zip(ids) {
            for id in ids {
                let name = names.of(view, &lifecycle::AccountId(id.clone()))?;
                group.some.push((id, name));
            }
        }
    }
    Ok(radius)
}

/// Everything that may fall, in the groups of the list.
fn choices(model: &Model, chosen: &[String; 2]) -> Vec<ChoiceGroup> {
    let mut groups: Vec<ChoiceGroup> = vec![];
    for falling in blast::everything(model) {
        let title = match falling {
            Falling::Capability { .. } => "What an attacker can do",
            Falling::Channel(_) => "Channels",
            Falling::Authenticator(_) | Falling::Kind(_) => "Authenticators",
            Falling::Person(_) => "One person of a role",
        };
        let value = falling.written(model);
        let is = |chosen: &String| blast::parse(model, chosen).is_ok_and(|parsed| parsed == falling);
        let choice = Choice { is_first: is(&chosen[0]), is_second: is(&chosen[1]), value };
        match groups.last_mut().filter(|group| group.title == title) {
            Some(group) => group.choices.push(choice),
            None => groups.push(ChoiceGroup { title, choices: vec![choice] }),
        }
    }
    groups
}

/// The table of what may fall, by the policy alone.
fn rows(model: &Model, checked: &Checked) -> Result<Vec<BlastRow>, Truncated> {
    let scene = Scene::new(model, Kind::allowed(&checked.analysis))?;
    let rows = blast::table(&scene, &blast::everything(model))?;
    let row = |row: &Row| {
        let population = |index: PopulationIx| model[index].name.clone();
        let falls = row.populations.iter().filter(|(_, outcome)| *outcome == Outcome::Falls);
        let apps = row.apps.iter().filter(|(_, outcome)| *outcome == Outcome::Falls);
        let near = row.populations.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Left(_)));
        BlastRow {
            value: row.falling.written(model),
            populations: falls.map(|(index, _)| population(*index)).collect(),
            apps: apps.map(|(app, _)| model.apps[usize::from(*app)].name.clone()).collect(),
            near: near
                .map(|(index, o)| format!("{}: {}", population(*index), outcome(*o).to_lowercase()))
                .collect(),
        }
    };
    Ok(rows.iter().filter(|row| row.matters()).map(row).collect())
}

/// What falls with what was chosen, and the ids of those who are to be named.
fn radius(
    model: &Model,
    checked: &Checked,
    present: &Present,
    falls: &[Falling],
) -> Result<(Radius, Named), Truncated> {
    let holders = || present.members.iter().filter(|(profile, ..)| !profile.is_empty());
    let counted: Vec<Kind> = holders().map(|(profile, count, _)| Kind::counted(profile, *count)).collect();
    let nobody = counted.is_empty();
    let kinds = if nobody { Kind::allowed(&checked.analysis) } else { counted };
    let scene = Scene::new(model, kinds)?;
    let blast = scene.fall(falls)?;
    let mut populations = vec![];
    let mut ids = vec![];
    let (mut fallen, mut all, mut worst) = (0, 0, Outcome::Untouched);
    for (index, population) in (0..).map(PopulationIx).zip(&model.populations) {
        let groups = of_population(&scene, &blast, index);
        let count = |wanted: fn(Outcome) -> bool| {
            groups.iter().filter(|group| wanted(group.outcome)).filter_map(|group| group.count).sum::<u64>()
        };
        let falls = count(|outcome| outcome == Outcome::Falls);
        let nearer = count(|outcome| matches!(outcome, Outcome::Left(_)));
        let members = count(|_| true);
        let here = groups.iter().map(|group| group.outcome).max().unwrap_or(Outcome::Untouched);
        (fallen, all, worst) = (fallen + falls, all + members, worst.max(here));
        let touched: Vec<&Group<'_>> =
            groups.iter().filter(|group| group.outcome != Outcome::Untouched).collect();
        ids.push(touched.iter().map(|group| some_of(present, group)).collect());
        populations.push(PopulationRadius {
            name: population.name.clone(),
            summary: summary(nobody, here, falls, nearer, members),
            tone: tone(here),
            groups: touched.into_iter().map(|group| members_of(model, group)).collect(),
        });
    }
    let times = |falling: &Falling| falls.iter().filter(|other| *other == falling).count();
    let radius = Radius {
        falls: falls
            .iter()
            .map(|falling| wording::capital(&format!("{}.", falling.in_words(model, times(falling)))))
            .collect(),
        headline: if nobody { outcome(worst) } else { format!("{fallen} of {}", members_fall(all)) },
        tone: tone(worst),
        note: notes(nobody, blast.up_to),
        populations,
        approvers: approvers(model, &blast),
        apps: of_apps(&scene, &blast).iter().map(|group| app(model, checked, group)).collect(),
    };
    Ok((radius, ids))
}

/// How this must be read.
fn notes(nobody: bool, up_to: Option<u32>) -> String {
    let mut notes = vec![];
    if nobody {
        notes.push("Nobody has an account yet, so this is what the policy allows.".to_owned());
    }
    if let Some(effort) = up_to {
        notes.push(format!("Ways that take more than effort {effort} are too many to list, and left out."));
    }
    notes.join(" ")
}

fn some_of(present: &Present, group: &Group<'_>) -> Vec<String> {
    let of_group = |profile: &policy::profile::Profile| group.kinds.iter().any(|kind| kind.is_of(profile));
    let members = present.members.iter().filter(|(profile, ..)| of_group(profile));
    members.flat_map(|(_, _, some)| some).take(NAMED).cloned().collect()
}

fn summary(nobody: bool, worst: Outcome, falls: u64, nearer: u64, members: u64) -> String {
    match (nobody, members) {
        (true, _) => outcome(worst),
        (false, 0) => "nobody".to_owned(),
        (false, members) if falls + nearer == 0 => format!("none of {}", members_fall(members)),
        (false, members) if nearer == 0 => format!("{falls} of {}", members_fall(members)),
        (false, members) => {
            let come = if nearer == 1 { "comes" } else { "come" };
            format!("{falls} of {}, {nearer} {come} nearer", members_fall(members))
        }
    }
}

fn members_fall(count: u64) -> String {
    if count == 1 { "1 member falls".to_owned() } else { format!("{count} members fall") }
}

fn members_of(model: &Model, group: &Group<'_>) -> MemberRadius {
    let held = |kind: &&Kind| {
        let names: Vec<String> = kind
            .listed
            .iter()
            .map(|held| wording::small(&wording::authenticator(model, &model[*held])))
            .collect();
        if names.is_empty() { "nothing".to_owned() } else { wording::listed(&names, "and") }
    };
    let mut sets: Vec<String> = group.kinds.iter().map(held).collect();
    sets.sort();
    sets.dedup();
    let others = sets.len().saturating_sub(PIECES);
    sets.truncate(PIECES);
    let others = if others > 0 { format!("; or {others} other sets") } else { String::new() };
    let who = match group.count {
        None => "Members who hold".to_owned(),
        Some(1) => "1 member who holds".to_owned(),
        Some(count) => format!("{count} members who hold"),
    };
    let fall = &group.fall.account;
    let is_left = group.outcome != Outcome::Falls;
    let left = fall.left();
    let more = left.len().saturating_sub(PIECES);
    let way = |way: &&policy::takeover::Takeover| {
        way.capabilities.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
    };
    let mut pieces: Vec<String> = if is_left { left.iter().take(PIECES).map(way).collect() } else { vec![] };
    if is_left && more > 0 {
        pieces.push(format!("{more} others of as many pieces"));
    }
    MemberRadius {
        who: format!("{who} {}{others}", sets.join("; or ")),
        outcome: outcome(group.outcome),
        tone: tone(group.outcome),
        effort: if is_left { sentence(weakest(fall)) } else { String::new() },
        some: vec![],
        others: group.count.unwrap_or_default().saturating_sub(NAMED as u64),
        steps: if is_left {
            vec![]
        } else {
            group.fall.steps.iter().map(|step| wording::capital(step)).collect()
        },
        pieces,
    }
}

fn sentence(words: Option<String>) -> String {
    words.map_or_else(String::new, |words| format!("{}.", wording::capital(&words)))
}

fn approvers(model: &Model, blast: &Blast) -> Vec<String> {
    let words = |role: &policy::model::ApproverIx| {
        let population = &model[model[*role].population].name;
        format!(
            "Everybody of the role {} approves what is asked, because accounts of {population} fall.",
            model[*role].name
        )
    };
    blast.people.iter().map(words).collect()
}

fn app(model: &Model, checked: &Checked, group: &AppGroup<'_>) -> AppRadius {
    let reading = checked.analysis.apps.get(usize::from(group.app));
    let access =
        reading.and_then(|reading| reading.populations.iter().find(|a| a.population == group.population));
    let reached = access.map(|access| reach::of(model, &checked.analysis, group.app, access));
    let assurance =
        reached.and_then(|reach| Some(wording::assurance(reach.aal()?, reach.phishing_resistant())));
    AppRadius {
        app: model.apps[usize::from(group.app)].name.clone(),
        population: model[group.population].name.clone(),
        assurance: assurance.unwrap_or_else(|| "out of reach".to_owned()),
        outcome: outcome(group.outcome),
        tone: tone(group.outcome),
        members: match group.count {
            Some((fallen, all)) if fallen > 0 => format!("as {fallen} of {all}"),
            _ => String::new(),
        },
    }
}

fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Falls => "Falls".to_owned(),
        Outcome::Left(1) => "1 more piece".to_owned(),
        Outcome::Left(pieces) => format!("{pieces} more pieces"),
        Outcome::Untouched => "Untouched".to_owned(),
    }
}

fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Falls => Tone::Bad,
        Outcome::Left(1) => Tone::Warn,
        Outcome::Left(_) => Tone::Plain,
        Outcome::Untouched => Tone::Good,
    }
}
