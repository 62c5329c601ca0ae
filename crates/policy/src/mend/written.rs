//! Requirements and durations, written as policies write them.

use std::time::Duration;

use crate::model::{Model, Proofing, Requirement, Term};

/// An expression that reads back as this requirement.
pub(crate) fn requirement(model: &Model, requirement: &Requirement) -> String {
    match requirement {
        Requirement::Term(of) => term(model, of),
        Requirement::All(parts) => joined(model, parts, " and "),
        Requirement::Any(parts) => joined(model, parts, " or "),
        Requirement::AtLeast(count, terms) => {
            let terms: Vec<String> = terms.iter().map(|of| term(model, of)).collect();
            format!("any {count} of ({})", terms.join(", "))
        }
    }
}

fn joined(model: &Model, parts: &[Requirement], word: &str) -> String {
    let part = |part: &Requirement| match part {
        Requirement::All(several) | Requirement::Any(several) if several.len() > 1 => {
            format!("({})", requirement(model, part))
        }
        _ => requirement(model, part),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(word)
}

fn term(model: &Model, term: &Term) -> String {
    match term {
        Term::Authenticator(name) => model[*name].name.clone(),
        Term::Issued(channel) => format!("issued({})", model[*channel].name),
        Term::Invite(channel) => format!("invite({})", model[*channel].name),
        Term::Approval(role, 1) => format!("approval({})", model[*role].name),
        Term::Approval(role, people) => format!("approval({}, {people})", model[*role].name),
        Term::Proofing(Proofing::InPerson) => "proofing(in-person)".to_owned(),
        Term::Proofing(Proofing::Video) => "proofing(video)".to_owned(),
        Term::Proofing(Proofing::Document) => "proofing(document)".to_owned(),
        Term::Session { aal, within: None } => format!("session(aal{})", u8::from(*aal)),
        Term::Session { aal, within: Some(age) } => {
            format!("session(aal{}, {})", u8::from(*aal), duration(*age))
        }
    }
}

/// One day is written in hours, as the standards do.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(2 * 86_400, 86_400, "d"), (3_600, 3_600, "h"), (60, 60, "m")];
    let unit = units.iter().find(|(least, size, _)| seconds >= *least && seconds.is_multiple_of(*size));
    unit.map_or_else(|| format!("{seconds}s"), |(_, size, unit)| format!("{}{unit}", seconds / size))
}
