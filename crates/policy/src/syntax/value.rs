//! Values: one TOML value read as what the policy needs, or a diagnostic that says what was expected.

use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::table::{Name, Table, clip};
use super::{span, suggest};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Date, Span};
use crate::rules::Rule;

/// One value of the policy and where it stands.
pub(crate) struct Value<'a> {
    pub(crate) path: String,
    /// The key in front of it.
    pub(crate) key: Span,
    pub(crate) span: Span,
    text: &'a str,
    toml: &'a DeValue<'a>,
}

/// A string and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quoted<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Span,
    /// Where the first byte of the text stands in the file; none if the text is written with escapes.
    pub(crate) origin: Option<u32>,
}

impl<'a> Value<'a> {
    pub(super) fn new(
        path: String,
        text: &'a str,
        key: Span,
        file: u32,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Self {
        // A table with a header of its own has the header's span or none: its name says where it stands.
        let span = match value.get_ref() {
            DeValue::Table(_) => key,
            _ => span(file, value.span()),
        };
        Value { path, key, span, text, toml: value.get_ref() }
    }

    pub(crate) fn string(&self, out: &mut Diagnostics) -> Option<Quoted<'a>> {
        match self.toml {
            DeValue::String(text) => {
                Some(Quoted { text, span: self.span, origin: origin(self.text, self.span, text) })
            }
            _ => self.expected("text in quotes", &format!("\"{}\"", self.raw().replace('"', "'")), out),
        }
    }

    /// A string that says something.
    pub(crate) fn words(&self, out: &mut Diagnostics) -> Option<String> {
        let text = self.string(out)?;
        if text.text.trim().is_empty() {
            self.wrong(Rule::Syntax, "nothing is written here".to_owned(), out);
            return None;
        }
        Some(text.text.to_owned())
    }

    pub(crate) fn boolean(&self, out: &mut Diagnostics) -> Option<bool> {
        match self.toml {
            DeValue::Boolean(value) => Some(*value),
            DeValue::String(text) if matches!(text.as_ref(), "true" | "false") => {
                self.expected("`true` or `false`", text, out)
            }
            _ => self.expected("`true` or `false`", "true", out),
        }
    }

    pub(crate) fn integer(&self, allowed: std::ops::RangeInclusive<u8>, out: &mut Diagnostics) -> Option<u8> {
        if let Some(number) = self.number().filter(|number| allowed.contains(number)) {
            return Some(number);
        }
        let meant = match self.toml {
            DeValue::String(text) => text.trim().parse().ok().filter(|number| allowed.contains(number)),
            _ => None,
        };
        let example = meant.unwrap_or(*allowed.start()).to_string();
        self.expected(&format!("a number from {} to {}", allowed.start(), allowed.end()), &example, out)
    }

    /// A whole number from 0 to 255, if that is what stands here.
    pub(crate) fn number(&self) -> Option<u8> {
        let DeValue::Integer(number) = self.toml else { return None };
        u8::from_str_radix(number.as_str(), number.radix()).ok()
    }

    pub(crate) fn date(&self, out: &mut Diagnostics) -> Option<Date> {
        match self.toml {
            DeValue::Datetime(toml::value::Datetime { date: Some(date), time: None, offset: None }) => {
                Some(Date { year: date.year, month: date.month, day: date.day })
            }
            DeValue::String(text) if is_date(text) => self.expected("a date", text, out),
            _ => self.expected("a date", "2027-03-31", out),
        }
    }

    pub(crate) fn duration(&self, out: &mut Diagnostics) -> Option<Duration> {
        if let DeValue::Integer(number) = self.toml {
            let number = clip(number.as_str());
            let [s, m, h, d] = ["s", "m", "h", "d"].map(|unit| format!("\"{number}{unit}\""));
            let help = format!("say in which unit: `{}`, `{m}`, `{h}` or `{d}`", self.written(&s));
            out.push(self.mistaken("a number and its unit in quotes").help(help));
            return None;
        }
        if !matches!(self.toml, DeValue::String(_)) {
            return self.expected("a number and its unit in quotes", "\"24h\"", out);
        }
        let text = self.string(out)?;
        let duration = duration(text.text);
        if duration.is_none() {
            let message = format!("`{}` is no duration", clip(text.text));
            out.push(
                Diagnostic::new(Rule::Syntax, &self.path, self.span, message)
                    .label("expected a number and a unit")
                    .help("write `30s`, `10m`, `24h` or `7d`; at least `1s`, at most `3650d`"),
            );
        }
        duration
    }

    /// One of a few words, each with its meaning.
    pub(crate) fn one_of<T: Copy>(&self, words: &[(&'static str, T)], out: &mut Diagnostics) -> Option<T> {
        let text = self.string(out)?;
        let found = words.iter().find(|(word, _)| *word == text.text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let mut diagnostic = Diagnostic::new(
                Rule::UnknownName,
                &self.path,
                self.span,
                format!("`{}` is not a word that can stand here", clip(text.text)),
            )
            .label(format!("expected {}", suggest::either(&known)));
            if let Some(name) = suggest::nearest(text.text, known) {
                diagnostic = diagnostic.help(format!("did you mean `{name}`?"));
            }
            out.push(diagnostic);
        }
        found
    }

    pub(crate) fn strings(&self, out: &mut Diagnostics) -> Option<Vec<Quoted<'a>>> {
        let values = self.list(out)?;
        let read: Vec<Option<Quoted<'a>>> = values.iter().map(|value| value.string(out)).collect();
        read.into_iter().collect()
    }

    pub(crate) fn list(&self, out: &mut Diagnostics) -> Option<Vec<Value<'a>>> {
        let DeValue::Array(array) = self.toml else {
            let example = match self.toml {
                DeValue::String(_) => format!("[{}]", self.raw()),
                _ => "[\"...\"]".to_owned(),
            };
            return self.expected("a list in square brackets", &example, out);
        };
        let item = |(value, number): (&'a Spanned<DeValue<'a>>, usize)| {
            let place = span(self.span.file, value.span());
            Value::new(format!("{}.{number}", self.path), self.text, place, self.span.file, value)
        };
        Some(array.iter().zip(1..).map(item).collect())
    }

    pub(crate) fn table(&self, out: &mut Diagnostics) -> Option<Table<'a>> {
        match self.toml {
            DeValue::Table(entries) => Some(Table::new(self.path.clone(), self.key, self.text, entries)),
            _ => self.expected("a table", "{ ... }", out),
        }
    }

    /// The entries of a table of named tables, such as `[channel.*]`.
    pub(crate) fn named_tables(&self, out: &mut Diagnostics) -> Vec<(Name<'a>, Table<'a>)> {
        let Some(table) = self.table(out) else { return Vec::new() };
        let entries = table.entries().into_iter();
        entries.filter_map(|(name, value)| Some((name, value.table(out)?))).collect()
    }

    /// Reports what was expected, what was found, and how it might read instead.
    pub(crate) fn expected<T>(&self, what: &str, example: &str, out: &mut Diagnostics) -> Option<T> {
        let unquoted = matches!(self.toml, DeValue::String(_)) && !example.contains(['"', '\'', '{']);
        let how = if unquoted { ", without quotes" } else { "" };
        out.push(self.mistaken(what).help(format!("write `{}`{how}", self.written(example))));
        None
    }

    fn mistaken(&self, what: &str) -> Diagnostic {
        let found = match self.toml {
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
            _ => format!("`{}`", self.raw()),
        };
        Diagnostic::new(Rule::WrongKind, &self.path, self.span, format!("`{}` is not {what}", self.path))
            .label(format!("expected {what}, found {found}"))
    }

    /// The value as the file has it, if it is short.
    fn raw(&self) -> String {
        let raw = self.text.get(self.span.start as usize..self.span.end as usize).unwrap_or_default();
        clip(raw.lines().next().unwrap_or_default())
    }

    /// A value as it would stand here: behind its key, or alone in a list.
    fn written(&self, value: &str) -> String {
        match self.path.rsplit('.').next() {
            Some(key) if !key.starts_with(|c: char| c.is_ascii_digit()) => format!("{key} = {value}"),
            _ => value.to_owned(),
        }
    }

    /// Reports this value as mistaken.
    pub(crate) fn wrong(&self, rule: Rule, message: String, out: &mut Diagnostics) {
        out.push(Diagnostic::new(rule, &self.path, self.span, message));
    }
}

fn is_date(text: &str) -> bool {
    text.parse().is_ok_and(|when: toml::value::Datetime| when.date.is_some() && when.time.is_none())
}

/// `30s 10m 24h 7d`: a whole number and one unit; not nothing, and not beyond ten years.
fn duration(text: &str) -> Option<Duration> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    let ten_years = 3650 * 24 * 60 * 60;
    (1..=ten_years).contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// A duration in the policy's own spelling, for those who read one in another place (an expression).
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    duration(text)
}

/// Where the text of a string begins, if the file holds it letter by letter.
fn origin(file: &str, span: Span, text: &str) -> Option<u32> {
    let raw = file.get(span.start as usize..span.end as usize)?;
    for (quotes, line) in [("\"\"\"", true), ("'''", true), ("\"", false), ("'", false)] {
        let Some(inner) = raw.strip_prefix(quotes).and_then(|rest| rest.strip_suffix(quotes)) else {
            continue;
        };
        let trimmed = if line { inner.trim_start_matches(['\r', '\n']) } else { inner };
        if trimmed == text {
            let before = quotes.len() + (inner.len() - trimmed.len());
            return Some(span.start + u32::try_from(before).ok()?);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        let seconds = |text| duration(text).map(|d| d.as_secs());
        assert_eq!(seconds("30s"), Some(30));
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("24h"), Some(86_400));
        assert_eq!(seconds("7d"), Some(604_800));
        for wrong in [
            "",
            "s",
            "0s",
            "10",
            "10 m",
            "-1h",
            "1.5h",
            "10M",
            "99999999999999999999d",
            "3651d",
            "1h30m",
            "é",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
