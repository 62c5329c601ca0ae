//! A plan for people: one table of counts, then what each population has to do.

use std::cmp::Ordering;
use std::fmt::Write;

use policy::diff::{Fate, Safety, Standing, Way};
use policy::render::diff;
use server::plan::{Counts, Plan};

const HEADING: [&str; 8] =
    ["population", "members", "not enrolled", "sign in", "must add", "locked out", "easier", "harder"];

/// How many members meet which fate.
pub(super) fn counts(plan: &Plan, colour: bool) -> String {
    if plan.populations.is_empty() {
        return "the directory is empty: nobody is concerned\n".to_owned();
    }
    let mut rows: Vec<[String; 8]> = vec![HEADING.map(str::to_owned)];
    rows.extend(plan.populations.iter().map(|(name, counts)| row(name.as_deref(), counts)));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEADING.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    for (name, counts) in &plan.populations {
        let told = told(counts);
        if !told.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n{}\n  {}", population(name.as_deref()), told.join("\n  "));
        }
    }
    text.push('\n');
    text.push_str(&sum(plan, colour));
    text
}

fn row(name: Option<&str>, counts: &Counts) -> [String; 8] {
    let Counts { members, not_enrolled, sign_in, locked_out, easier, harder, .. } = counts;
    let must_add = counts.all_who_must_add();
    let numbers = [*members, *not_enrolled, *sign_in, must_add, *locked_out, *easier, *harder];
    let [members, not_enrolled, sign_in, must_add, locked_out, easier, harder] = numbers.map(grouped);
    [population(name), members, not_enrolled, sign_in, must_add, locked_out, easier, harder]
}

fn population(name: Option<&str>) -> String {
    name.unwrap_or("(no population)").to_owned()
}

/// What happens to them, the worst first.
fn told(counts: &Counts) -> Vec<String> {
    let mut lines = vec![];
    let mut tell = |sign: &str, count: u64, words: &str| {
        if count > 0 {
            lines.push(format!("{sign} {} {words}", grouped(count)));
        }
    };
    tell("!", counts.locked_out, "would be locked out: no login and no recover door opens for them");
    tell("-", counts.easier, "would be easier to take over");
    tell("!", counts.lose_sign_in, "sign in today and could not any more before they have added something");
    for (names, count) in &counts.must_add {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        tell("!", *count, &format!("must add {}", names.join(" and ")));
    }
    tell("~", counts.still_locked_out, "are locked out today and stay so");
    for (from, count) in &counts.from {
        tell("~", *count, &format!("come from {}", from.as_deref().unwrap_or("no population")));
    }
    tell("+", counts.harder, "would be harder to take over");
    lines
}

fn sum(plan: &Plan, colour: bool) -> String {
    let (members, easier) = (plan.total(|of| of.members), plan.total(|of| of.easier));
    let (locked_out, must_add) = (plan.total(|of| of.locked_out), plan.total(Counts::all_who_must_add));
    let style = match (easier + locked_out, colour) {
        (_, false) => ("", ""),
        (0, true) => ("\x1b[1;32m", "\x1b[0m"),
        (_, true) => ("\x1b[1;31m", "\x1b[0m"),
    };
    format!(
        "{}members{}: of {} would be locked out {}, easier to take over {}, and {} must add something\n",
        style.0,
        style.1,
        grouped(members),
        grouped(locked_out),
        grouped(easier),
        grouped(must_add),
    )
}

/// One member to whom something happens.
pub(super) fn member(name: &str, fate: &Fate) -> String {
    let mut words = vec![];
    match fate.after {
        Standing::LockedOut if fate.before == Standing::LockedOut => {
            words.push("stays locked out".to_owned());
        }
        Standing::LockedOut => words.push("would be locked out".to_owned()),
        Standing::Recovers if fate.before == Standing::SignsIn => {
            words.push("could not sign in any more".to_owned());
        }
        Standing::Recovers | Standing::SignsIn | Standing::NotEnrolled => {}
    }
    if !fate.lacks.is_empty() {
        words.push(format!("must add {}", fate.lacks.join(" and ")));
    }
    words.extend(safety(fate));
    if fate.from != fate.to {
        words.push(format!("comes from {}", fate.from.as_deref().unwrap_or("no population")));
    }
    format!("{name:<24} {:<16} {}\n", population(fate.to.as_deref()), words.join("; "))
}

/// What changes for the safety of an account: the weakest way in where that moves with it, and else the way that is
/// new or gone.
fn safety(fate: &Fate) -> Option<String> {
    let effort = |way: &Option<Way>| way.as_ref().map(|way| way.effort);
    let (before, after) = (effort(&fate.weakest.0), effort(&fate.weakest.1));
    let none = || fate.up_to.map_or_else(|| "none".to_owned(), |effort| format!("none up to {effort}"));
    let told = |effort: Option<u32>| effort.map_or_else(none, |effort| effort.to_string());
    let way = fate.changed.as_ref().map_or_else(none, diff::way);
    // No way at all is the hardest.
    let (was, is) = (before.unwrap_or(u32::MAX), after.unwrap_or(u32::MAX));
    let weakest = match is.cmp(&was) {
        Ordering::Equal => format!("the weakest one is {} as before", told(after)),
        _ => format!("the weakest one is {}, was {}", told(after), told(before)),
    };
    match fate.safety {
        Safety::Easier if is < was => {
            Some(format!("easier to take over (weakest way in: {}, was {})", told(after), told(before)))
        }
        Safety::Harder if is > was => {
            Some(format!("harder to take over (weakest way in: {}, was {})", told(after), told(before)))
        }
        Safety::Easier => Some(format!("a new way to take over ({way}; {weakest})")),
        Safety::Harder => Some(format!("a way less to take over ({way}; {weakest})")),
        Safety::Same => None,
    }
}

/// `1,204`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use policy::diff::{Fate, Safety, Standing, Way};

    use super::{grouped, member};

    #[test]
    fn what_is_said_of_an_account_does_not_contradict_itself() {
        let way = |effort| {
            Some(Way {
                capabilities: vec!["phish(member)".to_owned()],
                effort,
                doors: vec!["recover.assisted".to_owned(), "login".to_owned()],
            })
        };
        let told = |safety, before, after, changed| {
            let fate = Fate {
                from: None,
                to: None,
                before: Standing::SignsIn,
                after: Standing::SignsIn,
                lacks: vec![],
                safety,
                weakest: (before, after),
                changed,
                up_to: None,
            };
            let line = member("lea", &fate);
            line.split_whitespace()
                .skip_while(|word| !["easier", "harder", "a"].contains(word))
                .collect::<Vec<_>>()
                .join(" ")
        };
        for (safety, before, after, changed, line) in [
            (Safety::Easier, way(8), way(2), way(2), "easier to take over (weakest way in: 2, was 8)"),
            (Safety::Harder, way(2), None, way(2), "harder to take over (weakest way in: none, was 2)"),
            (
                Safety::Easier,
                way(8),
                way(8),
                way(12),
                "a new way to take over (effort 12: phish(member) by recover.assisted; the weakest one is 8 as before)",
            ),
            (
                Safety::Easier,
                way(2),
                way(8),
                way(8),
                "a new way to take over (effort 8: phish(member) by recover.assisted; the weakest one is 8, was 2)",
            ),
            (
                Safety::Harder,
                way(8),
                way(8),
                way(9),
                "a way less to take over (effort 9: phish(member) by recover.assisted; the weakest one is 8 as before)",
            ),
        ] {
            assert_eq!(told(safety, before, after, changed), line);
        }
    }

    #[test]
    fn digits_stand_in_threes() {
        let all = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(all, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }
}
