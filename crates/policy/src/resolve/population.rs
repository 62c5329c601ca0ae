//! Populations: who, how much is at stake, and the control chain.

use std::time::Duration;

use super::door::door;
use super::names::well_formed;
use super::requirement::{Context, DoorKind, requirement};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Door, Enrol, Ial, Login, Offboard, Population, Recover, Risk, SessionLimits};
use crate::rules::Rule;
use crate::syntax::table::{Name, Table};
use crate::syntax::value::Value;

pub(crate) const RISKS: [(&str, Risk); 2] = [("normal", Risk::Normal), ("high", Risk::High)];

pub(crate) const PROOFED: [(&str, Ial); 4] =
    [("none", Ial::None), ("ial1", Ial::One), ("ial2", Ial::Two), ("ial3", Ial::Three)];

/// A ticket that lives longer than this gathers dust in a mailbox.
const TICKET: Duration = Duration::from_hours(72);
/// The limits that 63B-4 2.2.3 and 2.3.3 allow at AAL2 and AAL3 both, but for AAL3's shorter inactivity.
const SESSION: SessionLimits = SessionLimits { idle: Duration::from_hours(1), max: Duration::from_hours(12) };

pub(super) fn population(
    name: Name<'_>,
    mut table: Table<'_>,
    context: &Context<'_>,
    out: &mut Diagnostics,
) -> Option<Population> {
    let groups = match table.take("groups") {
        Some(value) => groups(&value, out),
        None => Some(vec![name.text.to_owned()]),
    };
    let risk = table.take("risk").map_or(Some(Risk::Normal), |value| value.one_of(&RISKS, out));
    let proofing = table.take("proofing").map_or(Some(Ial::None), |value| value.one_of(&PROOFED, out));
    let enrol = optional(table.take("enrol"), |value| enrol(value, context, out));
    let login = match table.take("login") {
        Some(value) => login(&value, context, out),
        None => lacks_login(name, &table, context, out),
    };
    let bind = optional(table.take("bind"), |value| bind(value, context, out));
    let recover =
        table.take("recover").map_or_else(|| Some(Vec::new()), |value| recover(&value, context, out));
    let offboard = optional(table.take("offboard"), |value| offboard(value, out));
    table.finish(out);
    Some(Population {
        name: name.text.to_owned(),
        groups: groups?,
        risk: risk?,
        proofing: proofing?,
        enrol: enrol?,
        login: login?,
        bind: bind?,
        recover: recover?,
        offboard: offboard?,
        span: name.span,
    })
}

/// A population without a login is often another one's name, misspelt in the header of a door.
fn lacks_login<T>(
    name: Name<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
    out: &mut Diagnostics,
) -> Option<T> {
    let message = format!("`{}` lacks `login`", table.path);
    let diagnostic =
        Diagnostic::new(Rule::Syntax, &table.path, name.span, message).label("`login` is required here");
    let add = format!("add `[{}.login]` with `require`", table.path);
    out.push(match context.names.population_like(name) {
        Some(other) => diagnostic
            .other(other.span, format!("`{}` is defined here", other.text))
            .help(format!("did you mean `{}`? If not, {add}", other.text)),
        None => diagnostic.help(add),
    });
    None
}

/// What may be absent, but not mistaken.
#[expect(clippy::option_option, reason = "outer: could it be read; inner: is it there")]
fn optional<'a, T>(
    value: Option<Value<'a>>,
    read: impl FnOnce(&Value<'a>) -> Option<T>,
) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(value) => read(&value).map(Some),
    }
}

fn groups(value: &Value<'_>, out: &mut Diagnostics) -> Option<Vec<String>> {
    let texts = value.strings(out)?;
    if texts.is_empty() {
        out.push(
            Diagnostic::new(Rule::WrongKind, &value.path, value.span, "nobody can belong to this population")
                .label("an empty list")
                .help("name the groups of the directory whose members belong to it"),
        );
    }
    Some(texts.iter().map(|text| text.text.to_owned()).collect())
}

fn enrol(value: &Value<'_>, context: &Context<'_>, out: &mut Diagnostics) -> Option<Enrol> {
    let mut table = value.table(out)?;
    let door = door(&mut table, DoorKind::Enrol, context, out);
    let expires = table.take("expires").map_or(Some(TICKET), |value| value.duration(out));
    table.finish(out);
    Some(Enrol { door: door?, expires: expires? })
}

fn login(value: &Value<'_>, context: &Context<'_>, out: &mut Diagnostics) -> Option<Login> {
    let mut table = value.table(out)?;
    let require = table.require("require", out);
    let require_span = require.as_ref().map_or(table.span, |value| value.span);
    let require = require.and_then(|value| requirement(&value, DoorKind::Login, context, out));
    let session = table.take("session").map_or(Some(SESSION), |value| session(&value, out));
    let span = table.span;
    table.finish(out);
    Some(Login { require: require?, session: session?, span, require_span })
}

fn session(value: &Value<'_>, out: &mut Diagnostics) -> Option<SessionLimits> {
    let mut table = value.table(out)?;
    let mut limit = |key, usual| table.take(key).map_or(Some(usual), |value| value.duration(out));
    let (idle, max) = (limit("idle", SESSION.idle), limit("max", SESSION.max));
    table.finish(out);
    let limits = SessionLimits { idle: idle?, max: max? };
    if limits.idle > limits.max {
        out.push(
            Diagnostic::new(
                Rule::WrongKind,
                &value.path,
                value.key,
                "the session may be idle for longer than it may last",
            )
            .label("`idle` is longer than `max`")
            .help("make `idle` the shorter of the two"),
        );
    }
    Some(limits)
}

fn bind(value: &Value<'_>, context: &Context<'_>, out: &mut Diagnostics) -> Option<Door> {
    let mut table = value.table(out)?;
    let door = door(&mut table, DoorKind::Bind, context, out);
    table.finish(out);
    door
}

fn recover(value: &Value<'_>, context: &Context<'_>, out: &mut Diagnostics) -> Option<Vec<Recover>> {
    let mut doors = Vec::new();
    for (name, mut table) in value.named_tables(out) {
        well_formed(name, &table.path, false, out);
        let door = door(&mut table, DoorKind::Recover, context, out);
        table.finish(out);
        doors.push(door.map(|door| Recover { name: name.text.to_owned(), door }));
    }
    if doors.len() > MOST_DOORS {
        let message = format!("a population has at most {MOST_DOORS} recover doors");
        value.wrong(Rule::Syntax, message, out);
    }
    doors.into_iter().collect()
}

/// More ways back than anybody can watch.
const MOST_DOORS: usize = 16;

fn offboard(value: &Value<'_>, out: &mut Diagnostics) -> Option<Offboard> {
    let mut table = value.table(out)?;
    let within = table.require("within", out).and_then(|value| value.duration(out));
    let span = table.span;
    table.finish(out);
    Some(Offboard { within: within?, span })
}
