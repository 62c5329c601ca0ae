//! Findings for people, as the Rust compiler prints its own.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Level as Paint, Renderer, Snippet};

use super::summary::summary;
use crate::diagnostic::{Diagnostic, Level};
use crate::model::Span;
use crate::{Checked, Source};

/// Everything that `check` says: the findings, the summary of the populations, the verdict.
pub fn render(source: &Source, checked: &Checked, colour: bool) -> String {
    let mut text = String::new();
    for diagnostic in checked.findings() {
        text.push_str(&finding(source, diagnostic, colour));
        text.push('\n');
    }
    text.push_str(&summary(checked, colour));
    text
}

/// One finding, ending in a line feed.
pub fn finding(source: &Source, diagnostic: &Diagnostic, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let title =
        paint(diagnostic.level).primary_title(printable(&diagnostic.message)).id(diagnostic.rule.code());
    let group = title.elements(snippets(source, diagnostic)).elements(footer(diagnostic));
    let mut text = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
    text.push('\n');
    text
}

fn paint(level: Level) -> Paint<'static> {
    match level {
        Level::Error => Paint::ERROR,
        Level::Warning => Paint::WARNING,
        Level::Note => Paint::NOTE,
    }
}

/// One underlined place.
struct Mark<'a> {
    kind: AnnotationKind,
    span: Span,
    text: &'a str,
}

/// The cited lines: one snippet for each file that the finding points into, the cause first.
fn snippets<'a>(source: &'a Source, diagnostic: &'a Diagnostic) -> Vec<Element<'a>> {
    let cause = Mark { kind: AnnotationKind::Primary, span: diagnostic.span, text: &diagnostic.label };
    let others = diagnostic.others.iter();
    let others = others.map(|o| Mark { kind: AnnotationKind::Context, span: o.span, text: &o.text });
    let mut files: Vec<Vec<Mark<'a>>> = vec![vec![cause]];
    for mark in others {
        match files.iter_mut().find(|marks| marks[0].span.file == mark.span.file) {
            Some(marks) => marks.push(mark),
            None => files.push(vec![mark]),
        }
    }
    files.iter().filter_map(|marks| snippet(source, marks)).collect()
}

fn snippet<'a>(source: &'a Source, marks: &[Mark<'a>]) -> Option<Element<'a>> {
    let file = source.files.get(marks.first()?.span.file as usize)?;
    let text = file.text.as_str();
    let places: Vec<Range<usize>> = marks.iter().map(|mark| within(text, mark.span)).collect();
    let start = places.iter().map(|place| place.start).min()?;
    let end = places.iter().map(|place| place.end).max()?;
    // Only the lines that matter are handed over: a long file with many findings stays quick.
    let start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let line = text[..start].matches('\n').count() + 1;
    let annotations = marks.iter().zip(places).map(|(mark, place)| {
        let annotation = mark.kind.span(place.start - start..place.end - start);
        if mark.text.is_empty() { annotation } else { annotation.label(printable(mark.text)) }
    });
    let cited = Snippet::source(&text[start..end]).path(printable(&file.name)).line_start(line);
    Some(cited.annotations(annotations).into())
}

/// A span as byte offsets that certainly lie in the text and between its characters.
fn within(text: &str, span: Span) -> Range<usize> {
    let place = |at: u32| text.floor_char_boundary((at as usize).min(text.len()));
    let (start, end) = (place(span.start), place(span.end));
    start..end.max(start)
}

/// What follows the cited lines: the attack, notes, remedies, and where to read more.
fn footer<'a>(diagnostic: &'a Diagnostic) -> Vec<Element<'a>> {
    let mut footer: Vec<Element<'a>> = Vec::new();
    if !diagnostic.steps.is_empty() {
        let steps: Vec<String> =
            diagnostic.steps.iter().zip(1..).map(|(step, number)| format!("{number}. {step}")).collect();
        footer.push(Paint::NOTE.with_name(diagnostic.story()).message(printable(&steps.join("\n"))).into());
    }
    for note in &diagnostic.notes {
        footer.push(Paint::NOTE.message(printable(note)).into());
    }
    if let Some(excused) = &diagnostic.exception {
        let text = format!("accepted by {} until {}: {}", excused.owner, excused.expires, excused.reason);
        footer.push(Paint::NOTE.with_name("exception").message(printable(&text)).into());
    }
    for help in &diagnostic.help {
        footer.push(Paint::HELP.message(printable(help)).into());
    }
    let rule = format!("{} (`postern explain {}`)", diagnostic.rule.name(), diagnostic.rule.code());
    footer.push(Paint::NOTE.with_name("rule").message(rule).into());
    footer
}

/// Text of the policy's author must not steer the reader's terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
