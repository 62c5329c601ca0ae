//! The sentences of a comparison: one for each aspect that can change.

use crate::diff::{Aspect, Change, Effect, Holding, Subject, Value, Way, Worth};
use crate::render::human::printable;
use crate::syntax::suggest::list;

/// Whom or what a group of changes is about.
pub(super) fn subject(subject: &Subject) -> String {
    printable(&match subject {
        Subject::Population(name) | Subject::Definition(name) => name.clone(),
        Subject::Groups { names, from, to } => {
            let place =
                |name: &Option<String>| name.as_ref().map_or("nobody".to_owned(), |n| format!("`{n}`"));
            let word = if names.len() == 1 { "group" } else { "groups" };
            format!("{word} {} of {}, now of {}", quoted(names), place(from), place(to))
        }
        Subject::App(name) => format!("app {name}"),
        Subject::Exception { rule, at } => format!("exception for {rule} at {at}"),
        Subject::Attacker => "assumed attacker (both policies are judged by the stronger one)".to_owned(),
    })
}

/// Subjects to which the same happens.
pub(super) fn subjects(all: &[&Subject]) -> String {
    let names: Vec<String> = all.iter().map(|one| subject(one)).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// May they stand in one heading?
pub(super) fn go_together(one: &Subject, other: &Subject) -> bool {
    let of_a_sort = |subject: &Subject| matches!(subject, Subject::Population(_) | Subject::App(_));
    of_a_sort(one) && std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// One change in a line.
pub(super) fn change(change: &Change) -> String {
    let after = change.after.as_ref().map(value);
    let before = change.before.as_ref().map(value);
    let (before, after) = (before.as_deref(), after.as_deref());
    printable(&match &change.aspect {
        Aspect::Presence => presence(change, before, after),
        Aspect::Door(door) => match (before, after) {
            (_, Some(required)) => format!("new door {door}: requires {required}"),
            (required, None) => format!("no door {door} any more: required {}", required.unwrap_or_default()),
        },
        Aspect::Requirement(door) => became(&format!("{door} requires"), before, after),
        Aspect::Binds(door) => became(&format!("{door} binds"), before, after),
        Aspect::Limit { of, name } => became(&format!("{name} of {of}:"), before, after),
        Aspect::Notice(door) => match (before, after) {
            (Some(channel), _) => format!("{door} no longer tells {channel}"),
            (None, channel) => format!("{door} now tells {}", channel.unwrap_or_default()),
        },
        Aspect::WayIn(holdings) => {
            format!("{}{}", way_in("way in", before, after), of_whom(holdings))
        }
        Aspect::WayToEnrol => way_in("way in before the owner has enrolled", before, after),
        Aspect::WayIntoApp { population } => way_in(&format!("way in through {population}"), before, after),
        Aspect::WeakestWay => {
            became("weakest way in:", Some(before.unwrap_or("none")), after.or(Some("none")))
        }
        Aspect::Verdict(holding) => {
            // The population's verdict is that of whoever is let down most, who need not hold everything.
            format!("{} (who holds {})", became("verdict:", before, after), what(holding))
        }
        Aspect::DoorVerdict(door) => became(&format!("verdict on {door}:"), before, after),
        Aspect::Conformance(door) => became(&format!("{door} and SP 800-63B-4 4.2.2:"), before, after),
        Aspect::WayToSignIn(evidence) => {
            let with = quoted(evidence);
            match (before, after) {
                (None, worth) => format!("new way to sign in, {with}: {}", worth.unwrap_or_default()),
                (worth, None) => format!("no longer a way to sign in, {with}: {}", worth.unwrap_or_default()),
                _ => became(&with, before, after),
            }
        }
        Aspect::Level(of) | Aspect::PhishingResistance(of) => became(&worth(of), before, after),
        Aspect::Lockout(holdings) => match (before, after) {
            (None, losses) => format!("now locks out: {}{}", losses.unwrap_or_default(), of_whom(holdings)),
            (losses, _) => {
                format!("no longer locks out: {}{}", losses.unwrap_or_default(), of_whom(holdings))
            }
        },
        Aspect::Standing(holding) => {
            let now = after.unwrap_or("is not known");
            format!("who holds {}: {now}, {}", what(holding), stood(before.unwrap_or_default()))
        }
        Aspect::Reach { population } => match (before, after) {
            (None, reach) => format!("now for {population}: {population} {}", reach.unwrap_or_default()),
            (_, None) => format!("no longer for {population}"),
            (_, Some(reach)) => format!("{population} now {reach}"),
        },
        Aspect::Approves => match (before, after) {
            (None, group) => format!("group `{}` may approve now", group.unwrap_or_default()),
            (group, _) => format!("group `{}` may no longer approve", group.unwrap_or_default()),
        },
        Aspect::Property(name) => became(&format!("{name}:"), before, after),
    })
}

/// Ways into an app that are ways into accounts as well.
pub(super) fn same_as_accounts(change: &Change, count: usize) -> String {
    let Aspect::WayIntoApp { population } = &change.aspect else { return String::new() };
    let ways = if count == 1 { "way".to_owned() } else { format!("{count} ways") };
    let new = if change.after.is_some() { "new" } else { "no more" };
    printable(&format!("{new}: the {ways} into accounts of {population}, told there"))
}

fn worth(of: &Worth) -> String {
    match of {
        Worth::EveryWay => "every way to sign in is at least".to_owned(),
        Worth::Way(evidence) => format!("signing in with {} is", quoted(evidence)),
        Worth::Demand => "the session it demands is".to_owned(),
    }
}

fn presence(change: &Change, before: Option<&str>, after: Option<&str>) -> String {
    match (&change.subject, before, after) {
        (Subject::Population(_), None, Some(groups)) => format!("new population, of groups {groups}"),
        (Subject::Population(_), Some(groups), None) => {
            format!("no such population any more, was of groups {groups}")
        }
        (Subject::Groups { .. }, _, None) => {
            "no population has them any more: no door is open to them".to_owned()
        }
        (Subject::Groups { .. }, None, _) => "a population has them for the first time".to_owned(),
        (Subject::Groups { .. }, ..) => "they live under another chain".to_owned(),
        (Subject::App(_), None, Some(users)) => format!("new app, for {users}"),
        (Subject::App(_), Some(users), None) => format!("no such app any more, was for {users}"),
        (Subject::Exception { .. }, None, Some(end)) => format!("added, {end}"),
        (Subject::Exception { .. }, Some(end), None) => format!("withdrawn, was {end}"),
        (Subject::Exception { .. }, Some(was), Some(is)) => match change.effect {
            Effect::Weakens => format!("extended {is}, was {was}"),
            _ => format!("shortened: {is}, was {was}"),
        },
        (_, None, Some(what)) => format!("new: {what}"),
        (_, Some(what), None) => format!("gone: {what}"),
        (_, before, after) => became("", before, after),
    }
}

/// How far members got before.
fn stood(before: &str) -> String {
    match before {
        "signs in" => "signed in before".to_owned(),
        "must recover" => "had to recover before".to_owned(),
        "is locked out" => "was locked out before".to_owned(),
        other => format!("before: {other}"),
    }
}

fn became(what: &str, before: Option<&str>, after: Option<&str>) -> String {
    format!("{what} {}, was {}", after.unwrap_or("none"), before.unwrap_or("none"))
}

fn way_in(what: &str, before: Option<&str>, after: Option<&str>) -> String {
    match (before, after) {
        (None, way) => format!("new {what}, {}", way.unwrap_or_default()),
        (way, _) => format!("no {what} any more, {}", way.unwrap_or_default()),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Words(words) => words.clone(),
        Value::Way(of) => way(of),
        Value::Losses(losses) if losses.is_empty() => "nothing needs to be lost".to_owned(),
        Value::Losses(losses) => losses.join(" and "),
    }
}

/// Whom a line is about, where it is not about those who hold everything.
fn of_whom(holdings: &[Holding]) -> String {
    if holdings.contains(&Holding::Everything) {
        return String::new();
    }
    let each: Vec<String> = holdings.iter().map(what).collect();
    format!(" (who holds {})", each.join("; or "))
}

fn what(holding: &Holding) -> String {
    match holding {
        Holding::Everything => "everything".to_owned(),
        Holding::Just(names) => match names.as_slice() {
            [] => "nothing".to_owned(),
            [one] => format!("only `{one}`"),
            several => quoted(several),
        },
    }
}

fn quoted(names: &[String]) -> String {
    list(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

/// "effort 2: phish(member) by login".
pub fn way(of: &Way) -> String {
    let Way { capabilities, effort, doors } = of;
    let deeds =
        if capabilities.is_empty() { "nothing at all".to_owned() } else { capabilities.join(" and ") };
    // The sign-in at the end of every way goes without saying, unless it is all.
    let doors = match doors.split_last() {
        Some((_, before)) if !before.is_empty() => before,
        _ => doors,
    };
    printable(&format!("effort {effort}: {deeds} by {}", doors.join(", then ")))
}
