//! The blast radius, drawn as a tree: what `postern blast` prints.
//!
//! Owns the words. Every outcome is a word, so that nothing depends on colour.

mod json;

use std::fmt::Write;

pub use json::{render as json, table as json_table};

use super::paint::{GREEN, RED, YELLOW, paint};
use crate::Analysis;
use crate::blast::{AppGroup, Blast, Fall, Group, Outcome, Row, Scene, Weakest, of_apps, of_population};
use crate::model::{Model, PopulationIx};
use crate::reach;
use crate::rules::capabilities;
use crate::takeover::Falling;

/// What a report is about.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The policy.
    pub model: &'a Model,
    /// What its readings say as things stand.
    pub analysis: &'a Analysis,
    /// Whose accounts were looked at.
    pub scene: &'a Scene<'a>,
}

/// More than anybody reads of one kind of thing.
const MOST: usize = 4;

/// One fall: populations, people, applications.
pub fn fall(subject: Subject<'_>, falls: &[Falling], blast: &Blast, colour: bool) -> String {
    let Subject { model, scene, .. } = subject;
    let mut text = String::new();
    for (place, falling) in
        falls.iter().enumerate().filter(|(place, falling)| !falls[..*place].contains(falling))
    {
        let times = falls[place..].iter().filter(|other| *other == falling).count();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}: {}", falling.written(model), falling.in_words(model, times));
    }
    text.push('\n');
    let populations = (0..).map(PopulationIx).zip(&model.populations).map(|(index, population)| {
        let groups = of_population(scene, blast, index);
        let mut node = Node::new(heading(&population.name, &groups, colour));
        let touched = groups.iter().filter(|group| group.outcome != Outcome::Untouched);
        node.below = touched.map(|group| member_node(model, group, colour)).collect();
        node
    });
    write_all(&mut text, "Members", &populations.collect::<Vec<_>>());
    let people = blast.people.iter().map(|role| {
        let population = &model[model[*role].population].name;
        Node::new(format!(
            "{}: everybody of the role approves, because accounts of {population} fall",
            model[*role].name
        ))
    });
    write_all(&mut text, "Approvers", &people.collect::<Vec<_>>());
    let mut apps: Vec<Node> = vec![];
    for group in of_apps(scene, blast) {
        let name = &model.apps[usize::from(group.app)].name;
        if apps.last().is_none_or(|node| node.words != *name) {
            apps.push(Node::new(name.clone()));
        }
        if let Some(node) = apps.last_mut() {
            node.below.push(app_node(subject, blast, &group, colour));
        }
    }
    write_all(&mut text, "Applications", &apps);
    text.push_str(&left_out(blast.up_to));
    text
}

/// How far the ways in are counted, in a paragraph; empty if they all are.
fn left_out(up_to: Option<u32>) -> String {
    up_to.map_or_else(String::new, |effort| {
        format!("\nWays that take more than effort {effort} are too many to list; what becomes of them is not told.\n")
    })
}

/// Everything that may fall, the worst first.
pub fn table(subject: Subject<'_>, rows: &[Row], colour: bool) -> String {
    let model = subject.model;
    let matters: Vec<&Row> = rows.iter().filter(|row| row.matters()).collect();
    let counted = rows.iter().any(|row| row.members.is_some());
    let cells: Vec<[String; 4]> = matters
        .iter()
        .map(|row| {
            let fallen = |outcome: Outcome| outcome == Outcome::Falls;
            let populations = row.populations.iter().filter(|(_, outcome)| fallen(*outcome));
            let populations = populations.map(|(index, _)| model[*index].name.as_str());
            let apps = row.apps.iter().filter(|(_, outcome)| fallen(*outcome));
            let apps = apps.map(|(app, _)| model.apps[usize::from(*app)].name.as_str());
            let takes = both(&populations.collect::<Vec<_>>(), &apps.collect::<Vec<_>>());
            let near = row.populations.iter().filter_map(|(index, outcome)| match outcome {
                Outcome::Left(pieces) => Some(format!("{} {pieces}", model[*index].name)),
                _ => None,
            });
            let near = or_dash(&near.collect::<Vec<_>>());
            let members = row.members.map_or_else(String::new, grouped);
            [row.falling.written(model), members, takes, near]
        })
        .collect();
    let heading =
        ["what falls", "members", "and takes with it", "leaves so many more pieces"].map(str::to_owned);
    let width = |column: usize| {
        cells.iter().chain([&heading]).map(|cells| cells[column].chars().count()).max().unwrap_or(0)
    };
    let (what, members, takes) = (width(0), width(1), width(2));
    let mut text = String::new();
    for (row, cells) in [&heading].into_iter().chain(&cells).enumerate() {
        let style = if row > 0 && cells[2] != "-" { RED } else { "" };
        let takes = paint(&format!("{:takes$}", cells[2]), style, colour);
        let members = if counted { format!("{:>members$}  ", cells[1]) } else { String::new() };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:what$}  {members}{takes}  {}", cells[0], cells[3]);
    }
    let others = rows.len() - matters.len();
    if others > 0 {
        let _ = writeln!(text, "\n{others} other things that may fall bring no account nearer.");
    }
    text.push_str(&left_out(rows.iter().filter_map(|row| row.up_to).min()));
    text
}

fn both(populations: &[&str], apps: &[&str]) -> String {
    match (populations, apps) {
        ([], []) => "-".to_owned(),
        (populations, []) => populations.join(", "),
        ([], apps) => format!("apps: {}", apps.join(", ")),
        (populations, apps) => format!("{}; apps: {}", populations.join(", "), apps.join(", ")),
    }
}

fn or_dash(names: &[String]) -> String {
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

/// `staff: 312 of 1,000 members fall`, or `staff: falls`, or `staff: untouched`.
fn heading(name: &str, groups: &[Group<'_>], colour: bool) -> String {
    let all: Option<u64> = groups.iter().map(|group| group.count).sum();
    let with = |outcome: fn(&Outcome) -> bool| groups.iter().filter(move |group| outcome(&group.outcome));
    let falls = || with(|outcome| *outcome == Outcome::Falls);
    let left = || with(|outcome| matches!(outcome, Outcome::Left(_)));
    let words = match (all, groups) {
        (_, []) => "nobody".to_owned(),
        (Some(all), _) => {
            let sum = |groups: &mut dyn Iterator<Item = &Group<'_>>| {
                groups.filter_map(|group| group.count).sum::<u64>()
            };
            let (fallen, nearer) = (sum(&mut falls()), sum(&mut left()));
            let nearer =
                if nearer == 0 { String::new() } else { format!(", {} are nearer to it", grouped(nearer)) };
            format!("{} of {} fall{nearer}", grouped(fallen), counted(all))
        }
        (None, groups) => match (falls().count(), left().count()) {
            (0, 0) => "untouched".to_owned(),
            (0, _) => "nearer to falling".to_owned(),
            (fallen, _) if fallen == groups.len() => "falls".to_owned(),
            _ => "falls in part".to_owned(),
        },
    };
    let worst = groups.iter().map(|group| group.outcome).max().unwrap_or(Outcome::Untouched);
    format!("{name}: {}", paint(&words, style(worst), colour))
}

fn member_node(model: &Model, group: &Group<'_>, colour: bool) -> Node {
    let mut held: Vec<String> = group.kinds.iter().map(|kind| holding(model, kind)).collect();
    held.sort();
    held.dedup();
    let more = held.len().saturating_sub(MOST);
    held.truncate(MOST);
    let others = if more > 0 { format!("; or {more} other sets") } else { String::new() };
    let who = match group.count {
        None => "who hold".to_owned(),
        Some(count) => format!("{} who hold", counted(count)),
    };
    let outcome = outcome(&group.fall.account, colour);
    let mut node = Node::new(format!("{who} {}{others}: {outcome}", held.join("; or ")));
    if group.outcome == Outcome::Falls {
        let steps =
            group.fall.steps.iter().zip(1..).map(|(step, number)| Node::plain(format!("{number}. {step}")));
        node.below = steps.collect();
    } else {
        node.below = pieces(&group.fall.account);
    }
    node
}

fn holding(model: &Model, kind: &crate::blast::Kind) -> String {
    let names: Vec<&str> = kind.listed.iter().map(|held| model[*held].name.as_str()).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [only] => format!("only {only}"),
        several => several.join(", "),
    }
}

/// What must still be done, a line for each way.
fn pieces(fall: &Fall) -> Vec<Node> {
    let left = fall.left();
    let more = left.len().saturating_sub(MOST);
    let way = |way: &&crate::takeover::Takeover| {
        Node::plain(format!("effort {}: {}", way.effort, capabilities(way)))
    };
    let mut nodes: Vec<Node> = left.iter().take(MOST).map(way).collect();
    if more > 0 {
        nodes.push(Node::plain(format!("or {more} others of as many pieces (`--format json` lists all)")));
    }
    nodes
}

/// `falls`, `1 more piece takes it; effort 4, was 12`, `untouched`.
fn outcome(fall: &Fall, colour: bool) -> String {
    let outcome = fall.outcome();
    let words = match outcome {
        Outcome::Untouched => "untouched".to_owned(),
        Outcome::Falls => "falls".to_owned(),
        Outcome::Left(1) => "one more piece takes it".to_owned(),
        Outcome::Left(pieces) => format!("{pieces} more pieces take it"),
    };
    let effort = match outcome {
        Outcome::Left(_) => weakest(fall).map_or_else(String::new, |weakest| format!(" ({weakest})")),
        Outcome::Untouched | Outcome::Falls => String::new(),
    };
    format!("{}{effort}", paint(&words, style(outcome), colour))
}

/// How the weakest way in changed, in words: for reports and for the console.
pub fn weakest(fall: &Fall) -> Option<String> {
    Some(match fall.weakest() {
        Weakest::Easier { before, after } => format!("weakest way in: effort {after}, was {before}"),
        Weakest::Same(effort) => format!("weakest way in: effort {effort}, as before"),
        Weakest::New { effort, none_up_to: None } => {
            format!("weakest way in: effort {effort}; there was none")
        }
        Weakest::New { effort, none_up_to: Some(most) } => {
            format!("weakest way in: effort {effort}; there was none up to {most}")
        }
        Weakest::Unlisted => return None,
    })
}

fn app_node(subject: Subject<'_>, blast: &Blast, group: &AppGroup<'_>, colour: bool) -> Node {
    let Subject { model, analysis, .. } = subject;
    let access = analysis
        .apps
        .get(usize::from(group.app))
        .and_then(|reading| reading.populations.iter().find(|access| access.population == group.population));
    let aal = access.and_then(|access| reach::of(model, analysis, group.app, access).aal());
    let aal = aal.map_or_else(String::new, |aal| format!(", {aal}"));
    let name = &model[group.population].name;
    let count = match group.count {
        Some((fallen, all)) if fallen > 0 => format!(", as {} of {}", grouped(fallen), counted(all)),
        _ => String::new(),
    };
    let mut node = Node::new(format!("by {name}{aal}: {}{count}", outcome(group.fall, colour)));
    // What is left of the way to an account is told with the account.
    let own = of_population(subject.scene, blast, group.population);
    let is_told = own.iter().any(|known| sets(&known.fall.account) == sets(group.fall));
    if matches!(group.outcome, Outcome::Left(_)) && !is_told {
        node.below = pieces(group.fall);
    }
    node
}

fn sets(fall: &Fall) -> Vec<&[crate::takeover::Capability]> {
    fall.left().into_iter().map(|way| way.capabilities.as_slice()).collect()
}

fn style(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Falls => RED,
        Outcome::Left(_) => YELLOW,
        Outcome::Untouched => GREEN,
    }
}

fn counted(count: u64) -> String {
    if count == 1 { "1 member".to_owned() } else { format!("{} members", grouped(count)) }
}

/// `1,000,000`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let first = (digits.len() + 2) % 3 + 1;
    let (first, rest) = digits.split_at(first);
    let rest = rest
        .as_bytes()
        .chunks(3)
        .map(|three| three.iter().map(|digit| char::from(*digit)).collect::<String>());
    [first.to_owned()].into_iter().chain(rest).collect::<Vec<_>>().join(",")
}

/// A line and what hangs on it.
struct Node {
    words: String,
    /// It hangs on no branch of its own.
    is_plain: bool,
    below: Vec<Node>,
}

impl Node {
    fn new(words: String) -> Node {
        Node { words, is_plain: false, below: vec![] }
    }

    fn plain(words: String) -> Node {
        Node { is_plain: true, ..Node::new(words) }
    }
}

fn write_all(text: &mut String, title: &str, nodes: &[Node]) {
    if nodes.is_empty() {
        return;
    }
    let _ = writeln!(text, "{title}");
    let last = nodes.len() - 1;
    for (place, node) in nodes.iter().enumerate() {
        write_node(text, "", node, place == last);
    }
    text.push('\n');
}

fn write_node(text: &mut String, indent: &str, node: &Node, is_last: bool) {
    let (branch, below) = match (node.is_plain, is_last) {
        (true, _) => ("   ", "   "),
        (false, true) => ("└─ ", "   "),
        (false, false) => ("├─ ", "│  "),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{indent}{branch}{}", node.words);
    let indent = format!("{indent}{below}");
    let last = node.below.len().saturating_sub(1);
    for (place, node) in node.below.iter().enumerate() {
        write_node(text, &indent, node, place == last);
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        let written = [0, 12, 999, 1000, 45_678, 1_000_000].map(grouped);
        assert_eq!(written, ["0", "12", "999", "1,000", "45,678", "1,000,000"]);
    }
}
