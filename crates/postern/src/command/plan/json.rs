//! A plan for programs: one object, in structs of its own.

use policy::diff::{Fate, Safety, Standing, Way};
use policy::render::diff::changes;
use serde::Serialize;
use server::fault::Fault;
use server::plan::{Counts, Plan};
use server::store::driver::Tx;

use super::Consequences;
use crate::command::check::Given;

#[derive(Serialize)]
struct Report<'a, C> {
    before: &'a str,
    after: &'a str,
    weakens: bool,
    harmful: bool,
    /// Present only if dearer ways in were too many to list, and were compared with nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared_up_to: Option<u32>,
    changes: Vec<C>,
    members: u64,
    populations: Vec<Population<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    affected: Option<Vec<Member>>,
}

#[derive(Serialize)]
struct Population<'a> {
    /// `null`: no population rules them.
    name: Option<&'a str>,
    members: u64,
    from: Vec<From<'a>>,
    not_enrolled: u64,
    sign_in: u64,
    lose_sign_in: u64,
    must_add: Vec<Lacking<'a>>,
    locked_out: u64,
    still_locked_out: u64,
    easier: u64,
    harder: u64,
}

#[derive(Serialize)]
struct From<'a> {
    population: Option<&'a str>,
    members: u64,
}

#[derive(Serialize)]
struct Lacking<'a> {
    authenticators: &'a [String],
    members: u64,
}

#[derive(Serialize)]
struct Member {
    name: String,
    from: Option<String>,
    to: Option<String>,
    before: &'static str,
    after: &'static str,
    must_add: Vec<String>,
    safety: &'static str,
    /// Present only if dearer ways in were too many to list: no way up to that effort, then, is not none.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared_up_to: Option<u32>,
    weakest_before: Option<Weakest>,
    weakest_after: Option<Weakest>,
}

#[derive(Serialize)]
struct Weakest {
    capabilities: Vec<String>,
    effort: u32,
    doors: Vec<String>,
}

/// The object, indented, ending in a line feed. With names it lists everybody to whom something happens.
pub(super) fn render(
    tx: &mut Tx<'_>,
    consequences: &Consequences,
    new: &Given,
    names: bool,
) -> Result<String, Fault> {
    let mut affected = names.then(Vec::new);
    if let Some(affected) = &mut affected {
        consequences.names(tx, |name, fate| affected.push(member(name, fate)))?;
    }
    let Consequences { diff, plan, .. } = consequences;
    let report = Report {
        before: &diff.before,
        after: &new.checked.digest,
        weakens: diff.weakens(),
        harmful: consequences.is_harmful(),
        compared_up_to: diff.up_to,
        changes: changes(diff),
        members: plan.total(|of| of.members),
        populations: populations(plan),
        affected,
    };
    let text = serde_json::to_string_pretty(&report);
    text.map(|text| text + "\n").map_err(|error| Fault::broken("writing the plan").because(error))
}

fn populations(plan: &Plan) -> Vec<Population<'_>> {
    plan.populations.iter().map(|(name, counts)| population(name.as_deref(), counts)).collect()
}

fn population<'a>(name: Option<&'a str>, counts: &'a Counts) -> Population<'a> {
    let from = counts.from.iter();
    let must_add = counts.must_add.iter();
    Population {
        name,
        members: counts.members,
        from: from.map(|(name, count)| From { population: name.as_deref(), members: *count }).collect(),
        not_enrolled: counts.not_enrolled,
        sign_in: counts.sign_in,
        lose_sign_in: counts.lose_sign_in,
        must_add: must_add.map(|(names, count)| Lacking { authenticators: names, members: *count }).collect(),
        locked_out: counts.locked_out,
        still_locked_out: counts.still_locked_out,
        easier: counts.easier,
        harder: counts.harder,
    }
}

fn member(name: &str, fate: &Fate) -> Member {
    let weakest = |way: &Option<Way>| {
        way.clone().map(|Way { capabilities, effort, doors }| Weakest { capabilities, effort, doors })
    };
    Member {
        name: name.to_owned(),
        from: fate.from.clone(),
        to: fate.to.clone(),
        before: standing(fate.before),
        after: standing(fate.after),
        must_add: fate.lacks.clone(),
        safety: match fate.safety {
            Safety::Easier => "easier",
            Safety::Same => "same",
            Safety::Harder => "harder",
        },
        compared_up_to: fate.up_to,
        weakest_before: weakest(&fate.weakest.0),
        weakest_after: weakest(&fate.weakest.1),
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::NotEnrolled => "not-enrolled",
        Standing::SignsIn => "signs-in",
        Standing::Recovers => "must-recover",
        Standing::LockedOut => "locked-out",
    }
}
