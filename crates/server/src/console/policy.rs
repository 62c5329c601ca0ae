//! GET `/console/policy`: the policy in force, its text, what the check says of it, and each population's chain.

use axum::extract::State;
use axum::http::StatusCode;
use lifecycle::What;
use policy::diagnostic::{self, Diagnostic};
use policy::model::{Attacker, PopulationIx, Risk, Span};
use policy::takeover::{CapabilityKind, PopulationReading, ProfileReading, least_effort};
use policy::{Model, Source};

use super::activity::newest;
use super::chain::draw;
use super::look;
use super::readings::{checked, verdict};
use crate::app::{App, Running};
use crate::http::{Answered, Ctx};
use crate::page::console::{DiagnosticRow, Level, PolicyPage, PopulationRow, SourceFile, Verdict};
use crate::page::html;
use crate::store::directory::by_groups;
use crate::wording;

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
            let members = usize::try_from(count).unwrap_or_default();
            population(running, ix, reading, checked.weakest(ix), members)
        };
        let chain = |(ix, _): (PopulationIx, &PopulationReading)| {
            let profile = checked.weakest(ix)?;
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
    profile: Option<&ProfileReading>,
    members: usize,
) -> PopulationRow {
    let model = running.policy.model();
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
        assurance: reached.join("; or "),
        verdict: profile.map_or(Verdict::None, |profile| verdict(profile.verdict)),
        login_effort: profile.and_then(|profile| least_effort(profile.decisive().login)),
        chain_effort: profile.and_then(|profile| least_effort(profile.decisive().any)),
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
    let file = source.files.get(found.span.file as usize).map_or("", |file| short(&file.name));
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

/// A file by its own name: where the server keeps it is nobody's business here.
fn short(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The text, with the lines marked that a diagnostic points at.
fn files(source: &Source, diagnostics: &[Diagnostic]) -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> =
        source.files.iter().map(|file| SourceFile::new(short(&file.name), &file.text)).collect();
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
