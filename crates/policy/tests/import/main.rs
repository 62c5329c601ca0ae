//! Importers: files as the products write them, and files that nobody would write.
//!
//! What a flow or a setting should become is derived by hand from the products' documentation, not from the importer.

mod abuse;
mod authelia;
mod flows;
mod keycloak;
mod limits;
mod old_flows;
mod people;

use policy::import::{Imported, Refusal};
use policy::model::{Date, Model};
use policy::{Checked, Source};

type Importer = fn(&[u8]) -> Result<Imported, Refusal>;

/// An imported policy, read back.
struct Policy {
    text: String,
    table: toml::Table,
    checked: Checked,
    notes: Vec<String>,
}

#[track_caller]
fn imported(importer: Importer, bytes: &[u8]) -> Policy {
    let Imported { policy: text, notes } = importer(bytes).unwrap_or_else(|refusal| panic!("{refusal}"));
    let today = Date { year: 2026, month: 1, day: 1 };
    let checked = policy::check(&Source::single("imported.toml", text.clone()), today);
    assert!(checked.model.is_some(), "the policy reads back: {:#?}\n{text}", checked.diagnostics);
    every_line_says_where_it_comes_from(&text);
    let table = text.parse().expect("the check has read it as TOML");
    Policy { text, table, checked, notes: notes.iter().map(ToString::to_string).collect() }
}

/// A comment stands beside the line, or above it.
#[track_caller]
fn every_line_says_where_it_comes_from(text: &str) {
    let mut above = "";
    for line in text.lines() {
        let is_setting = !line.is_empty() && !line.starts_with(['#', '[']) && line != "version = 1";
        let has_comment = line.contains("# ") || above.starts_with('#');
        assert!(!is_setting || has_comment, "no comment names where this comes from: {line}\n{text}");
        above = line;
    }
}

impl Policy {
    fn model(&self) -> &Model {
        self.checked.model.as_ref().expect("it was read back")
    }

    fn get(&self, at: &str) -> Option<&toml::Value> {
        let mut keys = at.split('.');
        let first = self.table.get(keys.next()?)?;
        keys.try_fold(first, |value, key| value.get(key))
    }

    /// The text of a line.
    #[track_caller]
    fn text(&self, at: &str) -> &str {
        let value = self.get(at).unwrap_or_else(|| panic!("there is no `{at}` in\n{}", self.text));
        value.as_str().unwrap_or_else(|| panic!("`{at}` is {value}"))
    }

    /// The texts of a list.
    #[track_caller]
    fn list(&self, at: &str) -> Vec<&str> {
        let value = self.get(at).unwrap_or_else(|| panic!("there is no `{at}` in\n{}", self.text));
        let list = value.as_array().unwrap_or_else(|| panic!("`{at}` is {value}"));
        list.iter().filter_map(toml::Value::as_str).collect()
    }

    #[track_caller]
    fn login(&self, population: &str) -> &str {
        self.text(&format!("population.{population}.login.require"))
    }

    fn populations(&self) -> Vec<&str> {
        self.model().populations.iter().map(|population| population.name.as_str()).collect()
    }

    /// The places at which this rule found something.
    fn found(&self, rule: &str) -> Vec<&str> {
        let found = self.checked.diagnostics.iter().filter(|found| found.rule.name() == rule);
        found.map(|found| found.at.as_str()).collect()
    }

    #[track_caller]
    fn notes(&self, words: &[&str]) {
        let says = |note: &&String| words.iter().all(|word| note.contains(word));
        let note = self.notes.iter().find(says);
        let note = note.unwrap_or_else(|| panic!("no note says {words:?}: {:#?}", self.notes));
        let flat: String = self.text.replace("\n#", "").split_whitespace().collect();
        let wanted: String = note.split_whitespace().collect();
        assert!(flat.contains(&wanted), "the policy names it too: {note}\n{}", self.text);
    }
}
