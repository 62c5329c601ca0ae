//! The names that a policy defines, and looking one up.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::RESERVED;
use crate::model::{ApproverIx, AuthenticatorIx, Bindable, ChannelIx, PopulationIx, Span};
use crate::rules::Rule;
use crate::syntax::suggest;
use crate::syntax::table::{Name, Table, clip};

/// Every name, in the order of the model's tables.
pub(crate) struct Names<'a> {
    authenticators: Vec<Name<'a>>,
    channels: Vec<Name<'a>>,
    approvers: Vec<Name<'a>>,
    populations: Vec<Name<'a>>,
}

/// What a name may be looked up as.
#[derive(Clone, Copy)]
enum Sort {
    Authenticator,
    Channel,
    Approver,
    Population,
}

impl Sort {
    const ALL: [Sort; 4] = [Sort::Authenticator, Sort::Channel, Sort::Approver, Sort::Population];

    fn name(self) -> &'static str {
        match self {
            Sort::Authenticator => "authenticator",
            Sort::Channel => "channel",
            Sort::Approver => "approver",
            Sort::Population => "population",
        }
    }

    fn with_article(self) -> String {
        match self {
            Sort::Authenticator | Sort::Approver => format!("an {}", self.name()),
            Sort::Channel | Sort::Population => format!("a {}", self.name()),
        }
    }
}

impl<'a> Names<'a> {
    pub(crate) fn collect(
        authenticators: &[(Name<'a>, Table<'a>)],
        channels: &[(Name<'a>, Table<'a>)],
        approvers: &[(Name<'a>, Table<'a>)],
        populations: &[(Name<'a>, Table<'a>)],
        out: &mut Diagnostics,
    ) -> Self {
        let mut names = |tables: &[(Name<'a>, Table<'a>)], in_expressions: bool| -> Vec<Name<'a>> {
            for (name, table) in tables {
                well_formed(*name, &table.path, in_expressions, out);
            }
            tables.iter().map(|(name, _)| *name).collect()
        };
        let all = Names {
            authenticators: names(authenticators, true),
            channels: names(channels, true),
            approvers: names(approvers, true),
            populations: names(populations, false),
        };
        all.apart(out);
        all
    }

    /// `binds` takes both authenticators and channels, so their names must differ.
    fn apart(&self, out: &mut Diagnostics) {
        for channel in &self.channels {
            if let Some(authenticator) = self.authenticators.iter().find(|a| a.text == channel.text) {
                let name = channel.text;
                out.push(
                    Diagnostic::new(
                        Rule::DuplicateName,
                        format!("channel.{name}"),
                        channel.span,
                        format!("`{name}` is both a channel and an authenticator"),
                    )
                    .label("the channel")
                    .other(authenticator.span, "the authenticator")
                    .help("a door's `binds` may name either, so give one of them another name"),
                );
            }
        }
    }

    pub(crate) fn authenticator(
        &self,
        text: &str,
        span: Span,
        at: &str,
        out: &mut Diagnostics,
    ) -> Option<AuthenticatorIx> {
        self.look_up(Sort::Authenticator, text, span, at, out).map(AuthenticatorIx)
    }

    pub(crate) fn channel(
        &self,
        text: &str,
        span: Span,
        at: &str,
        out: &mut Diagnostics,
    ) -> Option<ChannelIx> {
        self.look_up(Sort::Channel, text, span, at, out).map(ChannelIx)
    }

    pub(crate) fn approver(
        &self,
        text: &str,
        span: Span,
        at: &str,
        out: &mut Diagnostics,
    ) -> Option<ApproverIx> {
        self.look_up(Sort::Approver, text, span, at, out).map(ApproverIx)
    }

    pub(crate) fn population(
        &self,
        text: &str,
        span: Span,
        at: &str,
        out: &mut Diagnostics,
    ) -> Option<PopulationIx> {
        self.look_up(Sort::Population, text, span, at, out).map(PopulationIx)
    }

    /// Another population whose name is nearly the same.
    pub(crate) fn population_like(&self, name: Name<'_>) -> Option<Name<'a>> {
        let others = || self.populations.iter().filter(|other| other.text != name.text);
        let near = suggest::nearest(name.text, others().map(|other| other.text))?;
        others().find(|other| other.text == near).copied()
    }

    pub(crate) fn bindable(
        &self,
        text: &str,
        span: Span,
        at: &str,
        out: &mut Diagnostics,
    ) -> Option<Bindable> {
        if let Some(channel) = self.index(Sort::Channel, text) {
            return Some(Bindable::Channel(ChannelIx(channel)));
        }
        self.authenticator(text, span, at, out).map(Bindable::Authenticator)
    }

    fn look_up(&self, sort: Sort, text: &str, span: Span, at: &str, out: &mut Diagnostics) -> Option<u16> {
        let found = self.index(sort, text);
        if found.is_none() {
            out.push(self.stranger(sort, text, span, at));
        }
        found
    }

    fn stranger(&self, sort: Sort, text: &str, span: Span, at: &str) -> Diagnostic {
        let another = Sort::ALL.into_iter().find(|other| self.index(*other, text).is_some());
        if let Some(other) = another {
            let message = format!("`{text}` is {}, not {}", other.with_article(), sort.with_article());
            let known: Vec<&str> = self.of(sort).iter().map(|name| name.text).collect();
            let mut diagnostic = Diagnostic::new(Rule::WrongKind, at, span, message)
                .label(format!("expected {}", sort.with_article()));
            if let Some(name) = self.of(other).iter().find(|name| name.text == text) {
                diagnostic = diagnostic.other(name.span, format!("the {} is defined here", other.name()));
            }
            if !known.is_empty() {
                diagnostic.help.extend(suggest::help(text, &known, sort.name()));
            }
            return diagnostic;
        }
        let known: Vec<&str> = self.of(sort).iter().map(|name| name.text).collect();
        let message = format!("no {} is named `{}`", sort.name(), clip(text));
        let mut diagnostic = Diagnostic::new(Rule::UnknownName, at, span, message)
            .label(format!("not {} of this policy", sort.with_article()));
        diagnostic.help.extend(suggest::help(text, &known, sort.name()));
        diagnostic
    }

    fn index(&self, sort: Sort, text: &str) -> Option<u16> {
        let at = self.of(sort).iter().position(|name| name.text == text)?;
        u16::try_from(at).ok()
    }

    fn of(&self, sort: Sort) -> &[Name<'a>] {
        match sort {
            Sort::Authenticator => &self.authenticators,
            Sort::Channel => &self.channels,
            Sort::Approver => &self.approvers,
            Sort::Population => &self.populations,
        }
    }
}

/// Reports a name that could not be written in an expression or in a path of names.
pub(crate) fn well_formed(name: Name<'_>, at: &str, in_expressions: bool, out: &mut Diagnostics) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let text = name.text;
    if text.len() > 64 || !text.starts_with(|c: char| c.is_ascii_alphabetic()) || !text.chars().all(allowed) {
        out.push(
            Diagnostic::new(Rule::Syntax, at, name.span, format!("`{}` cannot be a name", clip(text)))
                .help("a name begins with a letter and has at most 64 letters, digits, `-` and `_`"),
        );
    } else if in_expressions && RESERVED.contains(&text) {
        out.push(
            Diagnostic::new(Rule::Syntax, at, name.span, format!("`{text}` is a word of the language"))
                .help("choose another name"),
        );
    }
}
