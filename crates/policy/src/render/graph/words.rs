//! The labels of a picture: evidence, durations and requirements in the fewest words.

use std::time::Duration;

use crate::model::{Model, Proofing, Requirement, Term};

/// A piece of evidence, as a node is labelled.
pub(super) fn evidence(model: &Model, term: Term) -> String {
    match term {
        Term::Authenticator(authenticator) => model[authenticator].name.clone(),
        Term::Issued(channel) => format!("code to {}", model[channel].name),
        Term::Invite(channel) => format!("invitation to {}", model[channel].name),
        Term::Approval(role, 1) => format!("approval by {}", model[role].name),
        Term::Approval(role, people) => format!("approval by {people} of {}", model[role].name),
        Term::Proofing(method) => format!("proofing {}", proofing(method)),
        Term::Session { aal, within: None } => format!("session at {aal}"),
        Term::Session { aal, within: Some(age) } => format!("session at {aal}, {} old", duration(age)),
    }
}

fn proofing(method: Proofing) -> &'static str {
    match method {
        Proofing::InPerson => "in person",
        Proofing::Video => "by video",
        Proofing::Document => "by document",
    }
}

/// A requirement as a policy has it.
pub(crate) fn requirement(model: &Model, requirement: &Requirement) -> String {
    let inner = |part: &Requirement| match part {
        Requirement::All(_) | Requirement::Any(_) => format!("({})", self::requirement(model, part)),
        _ => self::requirement(model, part),
    };
    let joined = |parts: &[Requirement], word: &str| parts.iter().map(inner).collect::<Vec<_>>().join(word);
    match requirement {
        Requirement::Term(one) => term(model, *one),
        Requirement::All(parts) => joined(parts, " and "),
        Requirement::Any(parts) => joined(parts, " or "),
        Requirement::AtLeast(count, terms) => {
            let terms: Vec<String> = terms.iter().map(|one| term(model, *one)).collect();
            format!("any {count} of ({})", terms.join(", "))
        }
    }
}

fn term(model: &Model, term: Term) -> String {
    match term {
        Term::Authenticator(authenticator) => model[authenticator].name.clone(),
        Term::Issued(channel) => format!("issued({})", model[channel].name),
        Term::Invite(channel) => format!("invite({})", model[channel].name),
        Term::Approval(role, 1) => format!("approval({})", model[role].name),
        Term::Approval(role, people) => format!("approval({}, {people})", model[role].name),
        Term::Proofing(Proofing::InPerson) => "proofing(in-person)".into(),
        Term::Proofing(Proofing::Video) => "proofing(video)".into(),
        Term::Proofing(Proofing::Document) => "proofing(document)".into(),
        Term::Session { aal, within: None } => format!("session(aal{})", u8::from(aal)),
        Term::Session { aal, within: Some(age) } => {
            format!("session(aal{}, {})", u8::from(aal), duration(age).replace(' ', ""))
        }
    }
}

/// `90 s`, `10 m`, `24 h`, `3 d`. A single day is written in hours, a single minute in seconds.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(86_400, 2, "d"), (3_600, 1, "h"), (60, 2, "m")];
    let unit =
        units.iter().find(|(size, least, _)| seconds.is_multiple_of(*size) && seconds / size >= *least);
    unit.map_or_else(|| format!("{seconds} s"), |(size, _, unit)| format!("{} {unit}", seconds / size))
}

/// "a, b and c".
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Lines of at most so many characters, broken between words; a longer word stands alone.
pub(super) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(shortened(word, most)),
        }
    }
    lines
}

/// At most so many characters, an ellipsis in the middle if something is missing: names mostly differ at their ends.
pub(super) fn abridged(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let end = most / 2;
    let start = most.saturating_sub(end + 1);
    text.chars().take(start).chain(['…']).chain(text.chars().skip(count - end)).collect()
}

/// At most so many characters, the last one an ellipsis if something is missing.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
