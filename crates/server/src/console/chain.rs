//! A control chain drawn: what each door asks, in the policy's text and in words, and the weakest way in.
//!
//! Owns how a reading of `policy::takeover` becomes words on a page. Judges nothing itself; the picture above the words is
//! that of `policy::render::graph`.

use policy::model::{Door, PopulationIx, Requirement, Span};
use policy::render::graph::{self, Form};
use policy::takeover::{self, DoorName, DoorReading, Goal, ProfileReading, Takeover, least_effort};
use policy::{Model, runtime};

use super::readings::verdict;
use crate::app::Running;
use crate::page::DoorKind;
use crate::page::console::{AttackStep, Chain, ChainStep, Verdict, WayIn};
use crate::wording;

/// Draws the chain of a population as one profile of its members meets it. `profile` says in words whose.
pub(super) fn draw(
    running: &Running,
    population: PopulationIx,
    reading: &ProfileReading,
    profile: &str,
) -> Chain {
    let model = running.policy.model();
    let weakest = easiest(&reading.any, |_| true);
    let mut ways: Vec<WayIn> = weakest
        .map(|way| told(model, population, reading, (Goal::Account, way), "The weakest way in", profile))
        .into_iter()
        .collect();
    // Where signing in is itself the weakest, what goes round it is what the chain is about.
    if weakest.is_some_and(|way| !way.new)
        && let Some(around) = easiest(&reading.any, |way| way.new)
    {
        let title = "The weakest way around sign-in";
        ways.push(told(model, population, reading, (Goal::Account, around), title, profile));
    }
    let decisive = reading.decisive();
    if let Goal::App(app) = decisive.goal
        && let Some(way) = easiest(decisive.any, |_| true)
    {
        let title = format!("The weakest way into {}", model.apps[usize::from(app)].name);
        ways.push(told(model, population, reading, (decisive.goal, way), &title, profile));
    }
    let verdict = verdict(reading.verdict);
    Chain {
        population: model[population].name.clone(),
        verdict,
        summary: summary(verdict).to_owned(),
        picture: graph::chain(model, population, reading, Form::Embedded),
        steps: steps(running, population, reading, weakest),
        ways,
        login_effort: least_effort(&reading.login),
    }
}

/// The first of the least effort: ways are sorted, so that every report names the same one.
fn easiest(ways: &[Takeover], is_wanted: impl Fn(&Takeover) -> bool) -> Option<&Takeover> {
    ways.iter().filter(|way| is_wanted(way)).min_by_key(|way| way.effort)
}

fn summary(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Contained => {
            "Nothing that an attacker might get hold of leads around signing in: there is no other way in at all."
        }
        Verdict::NotWeaker => "No way around the second factor is weaker than the second factor.",
        Verdict::Weaker => "A way around the second factor is easier than the second factor.",
        Verdict::None => "Nothing can be said about this chain.",
    }
}

fn told(
    model: &Model,
    population: PopulationIx,
    reading: &ProfileReading,
    (goal, way): (Goal, &Takeover),
    title: &str,
    profile: &str,
) -> WayIn {
    let capabilities: Vec<String> = way.capabilities.iter().map(ToString::to_string).collect();
    let takes = match capabilities.as_slice() {
        [] => "It takes nothing at all.".to_owned(),
        some => format!("It takes {}.", wording::listed(some, "and")),
    };
    WayIn {
        title: title.to_owned(),
        effort: way.effort,
        profile: format!("{profile} {takes}").trim().to_owned(),
        steps: takeover::steps(model, population, reading, goal, way)
            .iter()
            .map(|step| attack_step(step))
            .collect(),
    }
}

/// `use a leaked password: yields password` as two sentences: what is done, and what comes of it.
fn attack_step(told: &str) -> AttackStep {
    let (deed, gains) = told.split_once(": ").unwrap_or((told, ""));
    let gains = gains.replace(" and ", ", ");
    let sentence = |gain: &str| {
        let is_of_the_deed =
            ["yields ", "reads ", "binds ", "puts ", "uses "].iter().any(|verb| gain.starts_with(verb));
        let gain = gain.replace("binds ", "adds ").replace(" of the attacker", " of the attacker's own");
        if is_of_the_deed { format!("It {gain}.") } else { format!("{}.", wording::capital(&gain)) }
    };
    AttackStep {
        deed: format!("{}.", wording::capital(deed)),
        gains: gains.split(", ").filter(|gain| !gain.is_empty()).map(sentence).collect(),
    }
}

fn steps(
    running: &Running,
    population: PopulationIx,
    reading: &ProfileReading,
    weakest: Option<&Takeover>,
) -> Vec<ChainStep> {
    let model = running.policy.model();
    let chain = &model[population];
    let passes = |name: DoorName| weakest.is_some_and(|way| way.doors.contains(&name));
    let login = ChainStep {
        door: DoorKind::Login,
        name: String::new(),
        requirement: written(running, chain.login.require_span),
        alternatives: alternatives(model, &chain.login.require),
        wait: None,
        verdict: Verdict::None,
        effort: least_effort(&reading.login),
        on_weakest_way: weakest.is_some_and(|way| way.doors.iter().all(|door| *door == DoorName::Login)),
    };
    let door = |kind, name: &str, door: Option<&Door>, at: DoorName| match door {
        Some(door) => {
            ChainStep { on_weakest_way: passes(at), ..judged(running, kind, name, door, reading.door(at)) }
        }
        None => absent(kind),
    };
    let mut steps = vec![
        door(DoorKind::Enrol, "", chain.enrol.as_ref().map(|enrol| &enrol.door), DoorName::Enrol),
        login,
        door(DoorKind::Bind, "", chain.bind.as_ref(), DoorName::Bind),
    ];
    for (index, recover) in (0..).zip(&chain.recover) {
        steps.push(door(
            DoorKind::Recover,
            &wording::within(&recover.name),
            Some(&recover.door),
            DoorName::Recover(index),
        ));
    }
    if chain.recover.is_empty() {
        steps.push(absent(DoorKind::Recover));
    }
    steps.push(match &chain.offboard {
        None => absent(DoorKind::Offboard),
        Some(leave) => ChainStep {
            requirement: format!("within {}", wording::span(leave.within)),
            alternatives: vec![format!("Everything ends within {}", wording::span(leave.within))],
            ..absent(DoorKind::Offboard)
        },
    });
    steps
}

fn judged(
    running: &Running,
    kind: DoorKind,
    name: &str,
    door: &Door,
    reading: Option<&DoorReading>,
) -> ChainStep {
    let model = running.policy.model();
    // Login is open beside the door; only what is new goes through it.
    let new: Vec<u32> =
        reading.iter().flat_map(|r| &r.takeovers).filter(|way| way.new).map(|way| way.effort).collect();
    ChainStep {
        door: kind,
        name: name.to_owned(),
        requirement: written(running, door.require_span),
        alternatives: alternatives(model, &door.require),
        wait: door.wait.map(|wait| waiting(model, wait, door)),
        verdict: reading.map_or(Verdict::None, |reading| verdict(reading.verdict)),
        effort: new.into_iter().min(),
        on_weakest_way: false,
    }
}

fn waiting(model: &Model, wait: std::time::Duration, door: &Door) -> String {
    let told: Vec<String> = door.notify.iter().map(|ix| wording::within(&model[*ix].name)).collect();
    let notices = if told.is_empty() {
        String::new()
    } else {
        format!(", with notices to {}", wording::listed(&told, "and"))
    };
    format!("{}{notices}", wording::span(wait))
}

fn absent(door: DoorKind) -> ChainStep {
    ChainStep {
        door,
        name: String::new(),
        requirement: String::new(),
        alternatives: Vec::new(),
        wait: None,
        verdict: Verdict::None,
        effort: None,
        on_weakest_way: false,
    }
}

/// One sentence per alternative: `A password and an authenticator app`.
fn alternatives(model: &Model, requirement: &Requirement) -> Vec<String> {
    let sentence = |terms: Vec<policy::model::Term>| {
        let mut words: Vec<String> = terms.iter().map(|term| wording::term(model, term)).collect();
        words.iter_mut().skip(1).for_each(|term| *term = wording::small(term));
        wording::listed(&words, "and")
    };
    runtime::alternatives(requirement).into_iter().map(sentence).collect()
}

/// A requirement as the policy's author wrote it, on one line.
fn written(running: &Running, span: Span) -> String {
    let file = running.source.files.get(span.file as usize);
    let text = file.and_then(|file| file.text.get(span.start as usize..span.end as usize));
    let inner = text.unwrap_or_default().trim_matches(['"', '\'']);
    inner.split_whitespace().collect::<Vec<_>>().join(" ")
}
