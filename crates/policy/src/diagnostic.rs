//! Diagnostics: what `check` found, as plain data.
//!
//! Owns the shape of a finding and the list that collects them. Does not own which rules exist (`rules`) nor how a
//! finding is printed (`render`).

use crate::model::{Date, Span};
use crate::rules::Rule;

/// How bad a finding is. Ordered: an error is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing; nothing is asked.
    Note,
    /// Should be mended.
    Warning,
    /// Must be mended before the policy is enforced.
    Error,
}

impl Level {
    /// The word used in policies and in output.
    pub fn name(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// A second place that a finding points at: the counterpart of its cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where it stands.
    pub span: Span,
    /// What to say under it.
    pub text: String,
}

/// The dated, owned exception that lowered a finding to a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excused {
    /// Who answers for the gap.
    pub owner: String,
    /// The last day on which it counts.
    pub expires: Date,
    /// Why the gap is accepted.
    pub reason: String,
}

/// A change of one door that was tried, and mends what was found there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mend {
    /// The door whose keys are set: `population.staff.recover.self-service`.
    pub at: String,
    /// What to require instead.
    pub require: Option<String>,
    /// How long to wait.
    pub wait: Option<String>,
    /// Whom to tell.
    pub notify: Option<Vec<String>>,
    /// The effort of the weakest way round login that the change leaves at the door; none: it leaves none, as far as ways are
    /// listed.
    pub effort: Option<u32>,
}

impl Mend {
    /// The keys that it sets, each with its value as a policy writes it.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        let quoted = |text: &String| format!("\"{text}\"");
        let list =
            |names: &Vec<String>| format!("[{}]", names.iter().map(quoted).collect::<Vec<_>>().join(", "));
        let require = self.require.as_ref().map(|text| ("require", quoted(text)));
        let wait = self.wait.as_ref().map(|text| ("wait", quoted(text)));
        let notify = self.notify.as_ref().map(|names| ("notify", list(names)));
        require.into_iter().chain(wait).chain(notify).collect()
    }
}

/// The keys it sets, and what then remains: "`wait = "72h"`; its weakest way then takes effort 4".
impl std::fmt::Display for Mend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = self.keys().into_iter().map(|(key, value)| format!("`{key} = {value}`"));
        let keys = keys.collect::<Vec<_>>().join(" and ");
        match self.effort {
            Some(effort) => write!(f, "{keys}; its weakest way then takes effort {effort}"),
            None => write!(f, "{keys}; it is no way round login then"),
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that found it.
    pub rule: Rule,
    /// How bad it is, after `[assurance]` and exceptions.
    pub level: Level,
    /// What is wrong, in one line.
    pub message: String,
    /// The cause in the file, and what to say under it (empty: nothing).
    pub span: Span,
    /// What to say under the cause.
    pub label: String,
    /// The counterparts of the cause.
    pub others: Vec<Label>,
    /// Where in the policy, as a path of names: `population.staff.recover.self-service`.
    pub at: String,
    /// The attack, or the loss, one step each, in order.
    pub steps: Vec<String>,
    /// What else a reader should know.
    pub notes: Vec<String>,
    /// What would mend it.
    pub help: Vec<String>,
    /// The changes among the help that were computed for this very policy.
    pub mends: Vec<Mend>,
    /// Why it is only a note.
    pub exception: Option<Excused>,
}

impl Diagnostic {
    /// A finding of this rule at its usual level.
    pub(crate) fn new(rule: Rule, at: impl Into<String>, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            rule,
            level: rule.level(),
            message: message.into(),
            span,
            label: String::new(),
            others: Vec::new(),
            at: at.into(),
            steps: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            mends: Vec::new(),
            exception: None,
        }
    }

    /// What the steps tell.
    pub fn story(&self) -> &'static str {
        if self.rule == Rule::SingleLossLockout { "loss" } else { "attack" }
    }

    pub(crate) fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    pub(crate) fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    pub(crate) fn other(mut self, span: Span, text: impl Into<String>) -> Self {
        self.others.push(Label { span, text: text.into() });
        self
    }

    pub(crate) fn steps(mut self, steps: Vec<String>) -> Self {
        self.steps = steps;
        self
    }

    pub(crate) fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

/// As many mistakes in one file as anybody reads; a generated or hostile file must not fill the memory with more.
const MOST: usize = 200;

/// The findings so far.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    list: Vec<Diagnostic>,
    left_out: usize,
}

impl Diagnostics {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < MOST {
            self.list.push(diagnostic);
        } else {
            self.left_out += 1;
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.level == Level::Error)
    }

    /// The findings in the order of the file; if some were left out, the last one says how many.
    pub(crate) fn into_list(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|found| (found.span.file, found.span.start, found.rule));
        if self.left_out > 0 {
            let message = format!("{} further mistakes are not shown", self.left_out);
            let last = self.list.last().map_or_else(Span::default, |d| d.span);
            self.list.push(
                Diagnostic::new(Rule::Syntax, "", Span { end: last.start, ..last }, message)
                    .help("mend the mistakes above and check again"),
            );
        }
        self.list
    }
}
