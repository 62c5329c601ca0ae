//! GET `/console/policy`: the policy in force, its text, what the check says of it, and each population's chain.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use lifecycle::What;
use policy::diagnostic::{self, Diagnostic};
use policy::model::{Attacker, PopulationIx, Risk, Span};
use policy::takeover::{CapabilityKind, PopulationReading, ProfileReading, least_effort};
use policy::{Analysis, Model, Source};

use super::activity::newest;
use super::chain::{draw, verdict};
use super::look;
use crate::app::{App, Clock, Running};
use crate::fault::Fault;
use crate::http::{Answered, Ctx, Error};
use crate::page::console::{DiagnosticRow, Level, PolicyPage, PopulationRow, SourceFile, Verdict};
use crate::page::html;
use crate::start::today;
use crate::store::directory::by_groups;
use crate::wording;

/// What the check says today of the policy that runs.
pub(super) struct Checked {
    model: Model,
    analysis: Analysis,
    diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// The verdict on each population: the worst over what its members may hold.
    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        self.analysis
            .populations
            .iter()
            .map(|reading| weakest(reading).map_or(Verdict::None, |p| verdict(p.verdict)))
            .collect()
    }

    /// The worst verdict of all.
    pub(super) fn worst(&self) -> Verdict {
        let profiles = self.analysis.populations.iter().filter_map(weakest);
        profiles.map(|profile| profile.verdict).max().map_or(Verdict::None, verdict)
    }

    /// How many dated exceptions it makes.
    pub(super) fn exceptions(&self) -> usize {
        self.model.exceptions.len()
    }
}

/// Checks the running policy once more: an exception may have expired since it was put into force.
pub(super) async fn checked(app: &App) -> Result<Checked, Error> {
    let now = Clock::Fixed(Arc::new(app.now().0.into()));
    let (source, day) = (app.running().source.clone(), today(&now));
    let checked = tokio::task::spawn_blocking(move || policy::check(&source, day)).await;
    let failed = || Fault::broken("checking the running policy once more");
    let checked = checked.map_err(|error| failed().because(error))?;
    match (checked.model, checked.analysis) {
        (Some(model), Some(analysis)) => Ok(Checked { model, analysis, diagnostics: checked.diagnostics }),
        _ => Err(failed().because("it cannot be read any more").into()),
    }
}

/// The profile that the chain is weakest for: by verdict, then by effort.
fn weakest(reading: &PopulationReading) -> Option<&ProfileReading> {
    let effort = |profile: &ProfileReading| least_effort(&profile.any).unwrap_or(u32::MAX);
    reading.profiles.iter().max_by_key(|profile| (profile.verdict, std::cmp::Reverse(effort(profile))))
}

/// GET.
pub(crate) async fn show(ctx: Ctx, State(app): State<App>) -> Answered {
    let checked = checked(&app).await?;
    let page = look(&app, &ctx, move |view, _, frame| {
        let since = newest(view, What::PolicyApplied)?.max(newest(view, What::ServerStarted)?);
        let members = by_groups(view.tx)?;
        let running = view.running;
        let readings = || (0..).map(PopulationIx).zip(&checked.analysis.populations);
        let row = |(ix, reading): (PopulationIx, &PopulationReading)| {
            let ruled = members.iter().filter(|(groups, _)| running.policy.population_of(groups) == Some(ix));
            let count: i64 = ruled.map(|(_, count)| count).sum();
            population(running, ix, reading, usize::try_from(count).unwrap_or_default())
        };
        let chain = |(ix, reading): (PopulationIx, &PopulationReading)| {
            let profile = weakest(reading)?;
            Some(draw(running, ix, profile, &whose(running.policy.model(), profile)))
        };
        Ok(PolicyPage {
            frame,
            digest: running.policy.digest().to_owned(),
            since: since.map(|at| wording::when(at, view.now)),
            populations: readings().map(row).collect(),
            chains: readings().filter_map(chain).collect(),
            diagnostics: checked.diagnostics.iter().map(|found| diagnostic(&running.source, found)).collect(),
            files: files(&running.source, &checked.diagnostics),
            attacker: attacker(&running.policy.model().attacker),
        })
    });
    Ok(html(StatusCode::OK, &page.await?))
}

fn population(
    running: &Running,
    ix: PopulationIx,
    reading: &PopulationReading,
    members: usize,
) -> PopulationRow {
    let model = running.policy.model();
    let profile = weakest(reading);
    let mut reached: Vec<String> = Vec::new();
    for assurance in reading.login.iter().filter_map(|way| way.assurance) {
        let words = wording::assurance(assurance.aal, assurance.phishing_resistant);
        if !reached.contains(&words) {
            reached.push(words);
        }
    }
    PopulationRow {
        name: model[ix].name.clone(),
        risk: if model[ix].risk == Risk::High { "high risk".to_owned() } else { String::new() },
        members,
        assurance: reached.join(" or "),
        verdict: profile.map_or(Verdict::None, |profile| verdict(profile.verdict)),
        login_effort: profile.and_then(|profile| least_effort(&profile.login)),
        chain_effort: profile.and_then(|profile| least_effort(&profile.any)),
    }
}

/// Whose chain is drawn, in words.
fn whose(model: &Model, profile: &ProfileReading) -> String {
    let held: Vec<String> =
        profile.holds.iter().map(|ix| wording::small(&wording::authenticator(model, &model[*ix]))).collect();
    format!("Of members who hold {}.", wording::listed(&held, "and"))
}

fn level(level: diagnostic::Level) -> Level {
    match level {
        diagnostic::Level::Error => Level::Error,
        diagnostic::Level::Warning => Level::Warning,
        diagnostic::Level::Note => Level::Note,
    }
}

/// File and line of a span, both counted from 1.
fn place(source: &Source, span: Span) -> Option<(usize, usize)> {
    let file = source.files.get(span.file as usize)?;
    let before = file.text.get(..span.start as usize)?;
    Some((span.file as usize + 1, before.matches('\n').count() + 1))
}

fn diagnostic(source: &Source, found: &Diagnostic) -> DiagnosticRow {
    let place = place(source, found.span);
    let file = source.files.get(found.span.file as usize).map_or("", |file| file.name.as_str());
    let excused = found.exception.iter().map(|excused| {
        format!("The exception of {} runs until {}: {}", excused.owner, excused.expires, excused.reason)
    });
    let notes = found.steps.iter().chain(&found.notes).chain(&found.help).cloned();
    DiagnosticRow {
        level: level(found.level),
        code: found.rule.code().to_owned(),
        rule: found.rule.name().to_owned(),
        message: found.message.clone(),
        at: place.map_or_else(|| found.at.clone(), |(_, line)| format!("{file}:{line}")),
        line: place.map(|(file, line)| SourceFile::line_id(file, line)),
        notes: notes.chain(excused).collect(),
    }
}

/// The text, with the lines marked that a diagnostic points at.
fn files(source: &Source, diagnostics: &[Diagnostic]) -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> =
        source.files.iter().map(|file| SourceFile::new(&file.name, &file.text)).collect();
    // The worst is marked last.
    let mut found: Vec<&Diagnostic> = diagnostics.iter().collect();
    found.sort_by_key(|found| found.level);
    for found in found {
        if let Some((file, line)) = place(source, found.span)
            && let Some(line) = files.get_mut(file - 1).and_then(|file| file.lines.get_mut(line - 1))
        {
            line.level = Some(level(found.level));
        }
    }
    files
}

/// The attacker that every verdict assumes.
fn attacker(attacker: &Attacker) -> String {
    let ranks = ["automated", "lured", "targeted", "close"];
    let mut parts = vec!["automated deeds cost 1, lured ones 2, targeted ones 4, close ones 8".to_owned()];
    for (name, rank) in &attacker.ranks {
        let word = ranks.get(usize::from(*rank).saturating_sub(1)).copied().unwrap_or_default();
        parts.push(format!("{name} counts as {word}"));
    }
    if !attacker.ignore.is_empty() {
        parts.push(format!("left out: {}", attacker.ignore.join(", ")));
    }
    if CapabilityKind::Malware.rank(attacker).is_none() {
        parts.push("malware on a member's own device is not counted".to_owned());
    }
    parts.join("; ")
}
