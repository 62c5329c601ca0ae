//! What may fall, and how it is written.
//!
//! Owns the words after `--falls`. Does not own what a fall gives (`takeover`).

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use crate::factor::TABLE;
use crate::model::{ChannelKind, Model};
use crate::syntax::suggest;
use crate::takeover::{CapabilityKind, Falling, Whom, thing, thing_of_channel};

/// Reads what is to fall. The error is a sentence that says what may.
pub fn parse(model: &Model, written: &str) -> Result<Falling, String> {
    let text: String = written.chars().filter(|c| !c.is_whitespace()).collect();
    match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((name, arguments)) => capability(model, &text, name, &arguments.split(',').collect::<Vec<_>>()),
        None => named(model, &text),
    }
}

/// Everything that may fall and is worth asking about, in the order of the reference pages.
pub fn everything(model: &Model) -> Vec<Falling> {
    let capability = |kind, object: Option<&str>| Falling::Capability {
        kind,
        object: object.map(Arc::from),
        whom: Whom::Everybody,
    };
    let mut all = vec![];
    for kind in CapabilityKind::all().filter(|kind| kind.rank(&model.attacker).is_some()) {
        match objects(model, kind) {
            Some(objects) => all.extend(objects.into_iter().map(|object| capability(kind, Some(object)))),
            None => all.push(capability(kind, None)),
        }
    }
    all.extend((0..).zip(&model.channels).map(|(ix, _)| Falling::Channel(crate::model::ChannelIx(ix))));
    let authenticators = (0..).zip(&model.authenticators);
    all.extend(authenticators.map(|(ix, _)| Falling::Authenticator(crate::model::AuthenticatorIx(ix))));
    all.extend((0..).zip(&model.approvers).map(|(ix, _)| Falling::Person(crate::model::ApproverIx(ix))));
    all
}

impl Falling {
    /// As it is written after `--falls`, whatever else has the same name.
    pub fn written(&self, model: &Model) -> String {
        match self {
            Falling::Channel(channel) => format!("channel.{}", model[*channel].name),
            Falling::Authenticator(authenticator) => format!("authenticator.{}", model[*authenticator].name),
            Falling::Kind(kind) => format!("kind.{}", kind.name()),
            Falling::Person(role) => format!("approver.{}", model[*role].name),
            Falling::Capability { kind, object, whom } => {
                let whom = match whom {
                    Whom::Everybody => None,
                    Whom::Member => Some("member"),
                    Whom::Role(role) => Some(model[*role].name.as_str()),
                };
                let mut text = kind.name().to_owned();
                let arguments: Vec<&str> = whom.into_iter().chain(object.as_deref()).collect();
                if !arguments.is_empty() {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "({})", arguments.join(","));
                }
                text
            }
        }
    }

    /// What it means that this falls so many times, in plain words.
    pub fn in_words(&self, model: &Model, times: usize) -> String {
        match self {
            Falling::Channel(channel) => format!("whatever is sent to {} is read", model[*channel].name),
            Falling::Authenticator(authenticator) => {
                format!("everybody's {} shows what an attacker wants", model[*authenticator].name)
            }
            Falling::Kind(kind) => {
                format!("every authenticator of kind {} shows what an attacker wants", kind.name())
            }
            Falling::Person(role) if times > 1 => {
                format!("{times} people of the role {} do what an attacker wants", model[*role].name)
            }
            Falling::Person(role) => {
                format!("one person of the role {} does what an attacker wants", model[*role].name)
            }
            Falling::Capability { kind, object, whom } => {
                let who = match whom {
                    Whom::Everybody => "anybody".to_owned(),
                    Whom::Member => "the member".to_owned(),
                    Whom::Role(role) => format!("anybody of the role {}", model[*role].name),
                };
                format!("an attacker can {}", kind.in_words(&who, object.as_deref().unwrap_or_default()))
            }
        }
    }
}

/// The things that a kind of deed is done to; `None`: it is done to a person as a whole.
fn objects(model: &Model, kind: CapabilityKind) -> Option<Vec<&str>> {
    let objects: BTreeSet<&str> = match kind {
        CapabilityKind::Steal | CapabilityKind::Unlock => {
            let authenticators = model.authenticators.iter().map(thing);
            authenticators.chain(model.channels.iter().map(thing_of_channel)).collect()
        }
        CapabilityKind::Mailbox => {
            let mailboxes = model.channels.iter().filter(|channel| channel.kind == ChannelKind::Email);
            mailboxes.map(|channel| channel.name.as_str()).collect()
        }
        _ => return None,
    };
    Some(objects.into_iter().collect())
}

fn capability(model: &Model, text: &str, name: &str, arguments: &[&str]) -> Result<Falling, String> {
    let kinds: Vec<&str> = CapabilityKind::all().map(CapabilityKind::name).collect();
    let kind = CapabilityKind::named(name).ok_or_else(|| {
        format!("nothing is called `{name}(...)` that may fall; {}", hint(name, &kinds, "capability"))
    })?;
    let objects = objects(model, kind);
    let (person, object) = match (&objects, arguments) {
        (Some(_), [object]) => (None, Some(*object)),
        (Some(_), [person, object]) => (Some(*person), Some(*object)),
        (None, [person]) => (Some(*person), None),
        (Some(objects), _) => {
            return Err(format!("write `{text}` as `{name}(THING)`; THING is {}", listed(objects)));
        }
        (None, _) => return Err(format!("write `{text}` as `{name}`, or `{name}(member)`")),
    };
    if let (Some(object), Some(objects)) = (object, &objects)
        && !objects.contains(&object)
    {
        return Err(format!(
            "`{text}` cannot fall: there is no `{object}`; {}",
            hint(object, objects, "thing")
        ));
    }
    let whom = person.map_or(Ok(Whom::Everybody), |person| whom(model, name, person))?;
    if whom != Whom::Everybody && kind.rank(&model.attacker).is_none() {
        return Err(format!(
            "`[attacker]` leaves `{name}` out, so it can only fall for everybody: write `{name}`"
        ));
    }
    Ok(Falling::Capability { kind, object: object.map(Arc::from), whom })
}

fn whom(model: &Model, deed: &str, person: &str) -> Result<Whom, String> {
    if person == "member" {
        return Ok(Whom::Member);
    }
    if let Some((role, _)) = person.split_once('#')
        && model.approver(role).is_some()
    {
        return Err(format!(
            "write `{deed}({role})` for all people of that role, or `approver.{role}` for one of them"
        ));
    }
    let roles = model.approvers.iter().map(|approver| approver.name.as_str());
    let known: Vec<&str> = ["member"].into_iter().chain(roles).collect();
    let unknown = || format!("nobody is called `{person}`; {}", hint(person, &known, "person"));
    model.approver(person).map(Whom::Role).ok_or_else(unknown)
}

/// A name without parentheses, with or without what it is the name of.
fn named(model: &Model, text: &str) -> Result<Falling, String> {
    let (of, name) = text.split_once('.').map_or((None, text), |(of, name)| (Some(of), name));
    let is_of = |what: &str| of.is_none_or(|of| of == what);
    let mut meant: Vec<Falling> = vec![];
    if let Some(kind) = CapabilityKind::named(name).filter(|_| is_of("capability")) {
        match objects(model, kind) {
            Some(objects) => {
                return Err(format!(
                    "write what `{name}` is done to, `{name}(THING)`; THING is {}",
                    listed(&objects)
                ));
            }
            None => meant.push(Falling::Capability { kind, object: None, whom: Whom::Everybody }),
        }
    }
    meant.extend(model.channel(name).filter(|_| is_of("channel")).map(Falling::Channel));
    let authenticator = model.authenticator(name).filter(|_| is_of("authenticator"));
    meant.extend(authenticator.map(Falling::Authenticator));
    meant.extend(model.approver(name).filter(|_| is_of("approver")).map(Falling::Person));
    if let Some(row) = TABLE.iter().find(|row| row.name == name).filter(|_| is_of("kind")) {
        let mut of_kind = (0..)
            .map(crate::model::AuthenticatorIx)
            .zip(&model.authenticators)
            .filter(|(_, a)| a.kind == row.kind);
        let is_there = of_kind.clone().next().is_some();
        // The only one of its kind, of the same name, is no second meaning.
        if is_there && !of_kind.all(|(ix, _)| Some(ix) == authenticator) {
            meant.push(Falling::Kind(row.kind));
        }
    }
    match meant.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(format!("nothing is called `{text}` that may fall; {}", hint(text, &known(model), "name"))),
        several => {
            let several: Vec<String> = several.iter().map(|falling| falling.written(model)).collect();
            let several: Vec<&str> = several.iter().map(String::as_str).collect();
            Err(format!("`{text}` may be more than one thing; write {}", listed_with(&several, "or")))
        }
    }
}

/// Every bare name that may fall.
fn known(model: &Model) -> Vec<&str> {
    let capabilities = CapabilityKind::all().map(|kind| -> &str { kind.name() });
    let channels = model.channels.iter().map(|channel| channel.name.as_str());
    let authenticators = model.authenticators.iter().map(|authenticator| authenticator.name.as_str());
    let approvers = model.approvers.iter().map(|approver| approver.name.as_str());
    capabilities.chain(channels).chain(authenticators).chain(approvers).collect()
}

fn hint(unknown: &str, known: &[&str], what: &str) -> String {
    suggest::help(unknown, known, what)
        .unwrap_or_else(|| "`postern blast POLICY` lists all that may fall".to_owned())
}

fn listed(names: &[&str]) -> String {
    listed_with(names, "or")
}

fn listed_with(names: &[&str], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "not there: the policy has none".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}
