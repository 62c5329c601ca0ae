//! YAML to a tree: templates taken out unexecuted, aliases copied within a budget, nesting bounded.
//!
//! Does not own the grammar (that is `saphyr-parser`), nor what the keys mean.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value};

use super::Refusal;
use super::node::{Notes, TEMPLATE};
use super::text::plain;

/// A configuration of sixty thousand rules. The parser reads a line of lists to its end before it says what begins
/// it, so no other limit of ours bounds that.
const LONGEST: usize = 6 << 20;
/// Deeper than any configuration.
const DEEPEST: usize = 64;
/// The most that a file may grow to once its aliases are copied: bytes of text, and [`NODE`] for each value. So many
/// values take the parser a second or two, and make sixty thousand rules.
const HEAVIEST: usize = 80 << 20;
const NODE: usize = 128;

/// The first document of a file.
pub(super) fn read(text: &str, notes: &mut Notes) -> Result<Value, Refusal> {
    if text.len() > LONGEST {
        let most = LONGEST >> 20;
        return Err(Refusal(format!("the file is larger than {most} MiB, the most that is read of YAML")));
    }
    let text = without_templates(text, notes);
    let mut loader = Loader { stack: Vec::new(), anchors: HashMap::new(), weight: 0, read: None, notes };
    for event in Parser::new_from_str(&text) {
        let (event, span) = event.map_err(|error| {
            let place = error.marker();
            Refusal(format!(
                "the file is not YAML: {} in line {}, column {}",
                plain(error.info()),
                place.line(),
                place.col() + 1
            ))
        })?;
        loader.take(event).map_err(|why| Refusal(format!("the YAML {why} (line {})", span.start.line())))?;
    }
    Ok(loader.read.unwrap_or(Value::Null))
}

/// A value with what it weighs and how deep it is.
#[derive(Clone)]
struct Weighed {
    value: Value,
    weight: usize,
    depth: usize,
}

/// A list or a map that has begun.
struct Open {
    anchor: usize,
    within: Within,
    weight: usize,
    depth: usize,
}

enum Within {
    List(Vec<Value>),
    Map { map: Map<String, Value>, key: Option<String> },
}

impl Open {
    /// Does a value come next whose key has one?
    fn has_key_already(&self) -> bool {
        matches!(&self.within, Within::Map { map, key: Some(key) } if map.contains_key(key))
    }
}

struct Loader<'n> {
    stack: Vec<Open>,
    anchors: HashMap<usize, Weighed>,
    weight: usize,
    /// The first document; another one that says something is one too many.
    read: Option<Value>,
    notes: &'n mut Notes,
}

impl Loader<'_> {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref());
                let weight = NODE + text.len();
                self.put(anchor, Weighed { value, weight, depth: 0 }, weight)
            }
            Event::SequenceStart(anchor, _) => self.open(anchor, Within::List(Vec::new())),
            Event::MappingStart(anchor, _) => self.open(anchor, Within::Map { map: Map::new(), key: None }),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                let copy = self.anchors.get(&anchor).ok_or("has an alias inside of what it stands for")?;
                // Weighed before it is copied: a few lines of aliases can stand for more than any memory holds.
                if self.weight + copy.weight > HEAVIEST {
                    return Err(too_heavy());
                }
                let copy = copy.clone();
                let weight = copy.weight;
                self.put(0, copy, weight)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(&mut self, anchor: usize, within: Within) -> Result<(), String> {
        if self.stack.len() == DEEPEST {
            return Err(too_deep());
        }
        self.stack.push(Open { anchor, within, weight: NODE, depth: 1 });
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let value = match open.within {
            Within::List(list) => Value::Array(list),
            Within::Map { map, .. } => Value::Object(merged(map)),
        };
        // Its items were counted one by one.
        self.put(open.anchor, Weighed { value, weight: open.weight, depth: open.depth }, NODE)
    }

    /// A finished value goes to where it belongs; so much of its weight is new.
    fn put(&mut self, anchor: usize, new: Weighed, added: usize) -> Result<(), String> {
        if self.stack.len() + new.depth > DEEPEST {
            return Err(too_deep());
        }
        let kept = if anchor > 0 { new.weight } else { 0 };
        self.weight += added + kept;
        if self.weight > HEAVIEST {
            return Err(too_heavy());
        }
        if anchor > 0 {
            self.anchors.insert(anchor, new.clone());
        }
        let twice = self.stack.last().is_some_and(Open::has_key_already).then(|| self.path());
        let Some(open) = self.stack.last_mut() else {
            return match (&self.read, &new.value) {
                (Some(_), Value::Null) => Ok(()),
                (Some(_), _) => Err("holds several documents: give one of them".to_owned()),
                (None, _) => {
                    self.read = Some(new.value);
                    Ok(())
                }
            };
        };
        open.weight += new.weight;
        open.depth = open.depth.max(new.depth + 1);
        match &mut open.within {
            Within::List(list) => list.push(new.value),
            Within::Map { map, key } => match key.take() {
                None => *key = Some(as_key(&new.value)),
                Some(key) => {
                    let value = match twice {
                        None => new.value,
                        // The branches of a template that was not executed stand side by side.
                        Some(path) => {
                            self.notes.push(&path, "is given more than once, and counts as unclear");
                            Value::String(TEMPLATE.to_owned())
                        }
                    };
                    map.insert(key, value);
                }
            },
        }
        Ok(())
    }

    /// The keys that lead to the value that comes next.
    fn path(&self) -> String {
        let keys = self.stack.iter().filter_map(|open| match &open.within {
            Within::Map { key, .. } => key.as_deref(),
            Within::List(_) => None,
        });
        keys.collect::<Vec<_>>().join(".")
    }
}

fn too_deep() -> String {
    format!("is nested deeper than {DEEPEST} levels")
}

fn too_heavy() -> String {
    "holds more values than any configuration, once its aliases are followed".to_owned()
}

/// The core schema of YAML 1.2, as far as settings need it.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    if let Some(tag) = tag {
        // `!include`, `!env` and the like would bring something from elsewhere; they are not followed.
        let text = if tag.is_yaml_core_schema() { text } else { TEMPLATE };
        return Value::String(text.to_owned());
    }
    if style != ScalarStyle::Plain {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => text.parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::from),
    }
}

fn as_key(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => "?".to_owned(),
        other => other.to_string(),
    }
}

/// `<<: *defaults`: what the map does not say itself.
fn merged(mut map: Map<String, Value>) -> Map<String, Value> {
    let from = match map.remove("<<") {
        None => return map,
        Some(Value::Array(list)) => list,
        Some(one) => vec![one],
    };
    for (key, value) in from
        .into_iter()
        .filter_map(|from| match from {
            Value::Object(from) => Some(from),
            _ => None,
        })
        .flatten()
    {
        map.entry(key).or_insert(value);
    }
    map
}

/// Takes the actions of Go templates out: a line that holds nothing else is left empty, and within a line something
/// stands in their place that no setting takes for an answer.
fn without_templates(text: &str, notes: &mut Notes) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut actions, mut line_is_empty) = (text, 0usize, true);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((action, after)) = after.split_once("}}") else { break };
        actions += 1;
        out.push_str(before);
        line_is_empty = match before.rsplit_once('\n') {
            Some((_, line)) => line.trim().is_empty(),
            None => line_is_empty && before.trim().is_empty(),
        };
        let next = after.trim_start_matches([' ', '\t', '\r']);
        let nothing_follows = next.is_empty() || next.starts_with('\n') || next.starts_with("{{");
        if !(line_is_empty && nothing_follows) {
            out.push_str(TEMPLATE);
            line_is_empty = false;
        }
        // Lines keep their numbers, so that mistakes are found where they are.
        out.extend(action.chars().filter(|c| *c == '\n'));
        rest = after;
    }
    out.push_str(rest);
    if actions > 0 {
        notes.push(
            "the file",
            format!("is a template: what its {actions} actions would write is not known; give the rendered file to know more"),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Result<Value, String> {
        read(text, &mut Notes::default()).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn settings_are_read_as_the_core_schema_has_them() {
        let read = tree("a: true\nb: 'true'\nc: 12\nd: ~\ne: [1, x]\nf: yes\n").unwrap_or_default();
        assert_eq!(
            read,
            serde_json::json!({"a": true, "b": "true", "c": 12, "d": null, "e": [1, "x"], "f": "yes"})
        );
    }

    #[test]
    fn aliases_and_merges_are_followed() {
        let read = tree("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nsame: *b\n").unwrap_or_default();
        assert_eq!(read["use"], serde_json::json!({"x": 1, "y": 3}));
        assert_eq!(read["same"], serde_json::json!({"x": 1, "y": 2}));
    }

    #[test]
    fn a_bomb_of_aliases_is_refused_before_it_goes_off() {
        let mut bomb = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            bomb = format!("{bomb}a{level}: &a{level} [{}]\n", vec![before; 9].join(", "));
        }
        assert!(tree(&bomb).is_err_and(|why| why.contains("aliases")));
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 1000].join(", "));
        assert!(tree(&long).is_err_and(|why| why.contains("aliases")));
        assert!(tree("a: &a [*a]\n").is_err());
    }

    #[test]
    fn deep_nesting_is_refused() {
        for text in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000), "? ".repeat(100_000)]
        {
            assert!(tree(&text).is_err_and(|why| why.contains("nested") || why.contains("not YAML")));
        }
        let step = |n: usize| format!("a{n}: &a{n} [*a{}]\n", n - 1);
        let steps = (1..40).fold("a0: &a0 [x]\n".to_owned(), |steps, n| steps + &step(n));
        assert!(tree(&steps).is_ok());
        assert!(
            tree(&steps.replace("[*", "[[[*").replace("]\n", "]]]\n").replace("[x]]]", "[x]"))
                .is_err_and(|why| why.contains("nested"))
        );
    }

    #[test]
    fn templates_are_not_executed() {
        let text = "{{- if .x }}\na: {{ env \"A\" }}\n{{ end -}}\nb: \"{{ secret \"/p\" }}\"\nc: |\n  {{ secret \"/q\" |\n  mindent 2 }}\nd: 1\n";
        let mut notes = Notes::default();
        let read = read(text, &mut notes).unwrap_or_default();
        assert_eq!(read["a"], TEMPLATE);
        assert_eq!(read["b"], TEMPLATE);
        assert_eq!(read["d"], 1);
        assert!(notes.into_list().iter().any(|note| note.text.contains("template")));
    }

    #[test]
    fn what_is_given_twice_is_unclear() {
        let mut notes = Notes::default();
        let read = read("s:\n  t:\n    a: 1\n    a: 2\n", &mut notes).unwrap_or_default();
        assert_eq!(read["s"]["t"]["a"], TEMPLATE);
        assert_eq!(notes.into_list()[0].at, "s.t.a");
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(tree(&format!("[{}x]", "x,".repeat(LONGEST / 2))).is_err_and(|why| why.contains("6 MiB")));
    }

    #[test]
    fn mistakes_are_told_by_line() {
        assert!(tree("a: [1\nb: }\n").is_err_and(|why| why.contains("line 2")));
        assert!(tree("a: 1\n---\nb: 2\n").is_err_and(|why| why.contains("several documents")));
    }
}
