//! The Postern policy: language, model, analysis and diagnostics.
//!
//! Pure: this crate opens no file, no socket and no clock. A policy text goes in; a [`model::Model`], the
//! readings of its doors and the diagnostics come out.
#![deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::unwrap_used)]

pub mod assessment;
pub mod assurance;
pub mod blast;
pub mod conformance;
pub mod diagnostic;
pub mod diff;
pub mod enforced;
mod expression;
pub mod factor;
pub mod import;
pub mod lockout;
mod mend;
pub mod model;
pub mod profile;
pub mod reach;
pub mod render;
mod resolve;
pub mod rules;
pub mod runtime;
pub mod schema;
mod syntax;
pub mod takeover;
pub mod text;

pub use enforced::{Policy, Ranking};
pub use factor::{Aal, FactorKind};

use diagnostic::{Diagnostic, Diagnostics, Level};
pub use model::Model;
use model::{Date, PopulationIx};
pub use takeover::Analysis;

/// A policy as it was read: one file, or all the files of a folder.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// In any order: names are resolved over all of them.
    pub files: Vec<SourceFile>,
}

/// One file of a policy. Bytes become one by [`text::read`].
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// How messages name it: the path as the user gave it.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// What `check` found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// None if the file itself is mistaken: then nothing can be said about its doors.
    pub model: Option<Model>,
    /// None whenever the model is.
    pub analysis: Option<Analysis>,
    /// Everything that was found, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// The only population that is shown; none: all of them.
    only: Option<PopulationIx>,
    /// `sha256:...`: names exactly this policy. See [`Source::digest`].
    pub digest: String,
}

/// Reads a policy and judges nothing: the model, unless the text is mistaken, and what is wrong with the text.
pub fn read(source: &Source) -> (Option<Model>, Vec<Diagnostic>) {
    let mut out = Diagnostics::default();
    let documents = syntax::read(source, &mut out);
    let model = resolve::resolve(&documents, &mut out).map(|resolved| resolved.model);
    (model, out.into_list())
}

/// Checks a policy as of a day. Never panics, and reports as many mistakes as it can in one run.
pub fn check(source: &Source, today: Date) -> Checked {
    let digest = source.digest();
    let mut out = Diagnostics::default();
    let documents = syntax::read(source, &mut out);
    let Some(resolved) = resolve::resolve(&documents, &mut out) else {
        return Checked { model: None, analysis: None, diagnostics: out.into_list(), only: None, digest };
    };
    let resolve::Resolved { model, raised } = resolved;
    let mut diagnostics = out.into_list();
    let analysis = takeover::analyse(&model);
    let context = rules::Context::new(&model, &analysis, today);
    diagnostics.extend(rules::judge(&context, &raised));
    Checked { model: Some(model), analysis: Some(analysis), diagnostics, only: None, digest }
}

impl Checked {
    /// Is there anything that must be mended before this policy is enforced?
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }

    /// Shows one population only. An unknown name comes back with what may have been meant.
    ///
    /// What was found stays found: [`Checked::enforce`] is not to be had by looking away.
    pub fn narrow(&mut self, population: &str) -> Result<(), String> {
        let Some(model) = &self.model else { return Ok(()) };
        self.only = model.population(population);
        if self.only.is_some() {
            return Ok(());
        }
        let known: Vec<&str> = model.populations.iter().map(|known| known.name.as_str()).collect();
        let help = syntax::suggest::help(population, &known, "population").unwrap_or_default();
        Err(format!("no population is named `{population}`; {help}"))
    }

    /// The findings that are shown: of a narrowed check, those of its population and of the file as a whole.
    pub fn findings(&self) -> impl Iterator<Item = &Diagnostic> {
        let only = self.model.as_ref().zip(self.only).map(|(model, only)| &model[only].name);
        self.diagnostics.iter().filter(move |found| {
            let place = found.at.strip_prefix("population.").and_then(|rest| rest.split('.').next());
            only.is_none() || place.is_none() || place == only.map(String::as_str)
        })
    }

    /// The populations that are shown, in the order of the file.
    pub(crate) fn shown<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = PopulationIx> + 'a {
        let all = (0..).zip(&model.populations).map(|(index, _)| PopulationIx(index));
        all.filter(|index| self.only.is_none_or(|only| only == *index))
    }

    /// The policy to enforce, if nothing speaks against it.
    pub fn enforce(self) -> Result<Policy, Vec<Diagnostic>> {
        match (&self.analysis, self.model) {
            (Some(analysis), Some(model)) if !has_errors(&self.diagnostics) && !analysis.truncated => {
                Ok(Policy::new(model, analysis, self.digest))
            }
            _ => Err(self.diagnostics),
        }
    }
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error)
}

impl Source {
    /// One file of this name and text.
    pub fn single(name: impl Into<String>, text: impl Into<String>) -> Self {
        Source { files: vec![SourceFile { name: name.into(), text: text.into() }] }
    }

    /// The SHA-256 of the policy: of the file, as `sha256sum` prints it; of a folder, of the lines that
    /// `sha256sum *.toml` prints in it.
    pub fn digest(&self) -> String {
        if let [file] = self.files.as_slice() {
            return format!("sha256:{}", digest_of(file.text.as_bytes()));
        }
        let line = |file: &SourceFile| {
            let name = file.name.rsplit(['/', '\\']).next().unwrap_or(&file.name);
            (name.to_owned(), format!("{}  {name}\n", digest_of(file.text.as_bytes())))
        };
        let mut lines: Vec<(String, String)> = self.files.iter().map(line).collect();
        lines.sort_unstable();
        let lines: String = lines.into_iter().map(|(_, line)| line).collect();
        format!("sha256:{}", digest_of(lines.as_bytes()))
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    text
}
