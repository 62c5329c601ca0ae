//! Requirements: the terms of an expression, resolved, and what each door may ask for (design section 3).

use std::time::Duration;

use super::names::Names;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{self, Expression, Word};
use crate::factor::{Aal, FactorType};
use crate::model::{Approver, Authenticator, Proofing, Requirement, Span, Term};
use crate::rules::Rule;
use crate::syntax::suggest;
use crate::syntax::table::clip;
use crate::syntax::value::{Value, parse_duration};

/// The doors of a chain that carry a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DoorKind {
    Enrol,
    Login,
    Bind,
    Recover,
}

/// What the terms may refer to.
pub(super) struct Context<'a> {
    pub(super) names: &'a Names<'a>,
    pub(super) approvers: &'a [Approver],
    pub(super) authenticators: &'a [Authenticator],
}

pub(crate) const PROOFINGS: [(&str, Proofing); 3] =
    [("in-person", Proofing::InPerson), ("video", Proofing::Video), ("document", Proofing::Document)];

const LEVELS: [(&str, Aal); 3] = [("aal1", Aal::One), ("aal2", Aal::Two), ("aal3", Aal::Three)];

/// As many people as anybody asks for one door.
const MOST_PEOPLE: u16 = 5;

/// The requirement of a door.
pub(super) fn requirement(
    value: &Value<'_>,
    door: DoorKind,
    context: &Context<'_>,
    out: &mut Diagnostics,
) -> Option<Requirement> {
    let text = value.string(out)?;
    let expression = match expression::parse(&text, &value.path) {
        Ok(expression) => expression,
        Err(mistake) => {
            out.push(*mistake);
            return None;
        }
    };
    let resolver = Resolver { at: &value.path, door, context };
    let requirement = resolver.expression(&expression, out)?;
    if door == DoorKind::Bind && !needs(&requirement, &|term| matches!(term, Term::Session { .. })) {
        out.push(
            Diagnostic::new(Rule::WrongKind, &value.path, value.span, "a bind door must require a session")
                .label("can be opened without a session")
                .help("a door for those who cannot sign in is a `recover` door; here, add `session(aal2, 10m) and`"),
        );
    }
    Some(requirement)
}

/// Is some term of this sort part of every way to meet the requirement?
pub(crate) fn needs(requirement: &Requirement, is: &impl Fn(&Term) -> bool) -> bool {
    match requirement {
        Requirement::Term(term) => is(term),
        Requirement::All(members) => members.iter().any(|member| needs(member, is)),
        Requirement::Any(members) => members.iter().all(|member| needs(member, is)),
        Requirement::AtLeast(count, terms) => {
            terms.iter().filter(|term| !is(term)).count() < usize::from(*count)
        }
    }
}

struct Resolver<'a, 'c> {
    at: &'a str,
    door: DoorKind,
    context: &'a Context<'c>,
}

impl Resolver<'_, '_> {
    fn expression(&self, expression: &Expression<'_>, out: &mut Diagnostics) -> Option<Requirement> {
        match expression {
            Expression::Term(term) => self.term(term, out).map(Requirement::Term),
            Expression::All(members) => self.members(members, out).map(Requirement::All),
            Expression::Any(members) => self.members(members, out).map(Requirement::Any),
            Expression::AtLeast(number, terms) => self.at_least(number, terms, out),
        }
    }

    /// Every member is read before any is given up, so that all mistakes are reported.
    fn members(&self, members: &[Expression<'_>], out: &mut Diagnostics) -> Option<Vec<Requirement>> {
        let read: Vec<Option<Requirement>> =
            members.iter().map(|member| self.expression(member, out)).collect();
        for (index, member) in read.iter().enumerate() {
            if member.is_some() && read[..index].contains(member) {
                self.repeated(first_span(&members[index]), out);
            }
        }
        read.into_iter().collect()
    }

    fn at_least(
        &self,
        number: &Word<'_>,
        terms: &[expression::Term<'_>],
        out: &mut Diagnostics,
    ) -> Option<Requirement> {
        let count = number.text.parse::<u16>().ok().filter(|n| (1..=terms.len()).contains(&usize::from(*n)));
        if count.is_none() {
            let message = format!("`any {}` of {} terms cannot be met", clip(number.text), terms.len());
            out.push(
                self.mistake(Rule::WrongKind, number.span, message)
                    .label(format!("expected a number from 1 to {}", terms.len())),
            );
        }
        let read: Vec<Option<Term>> = terms.iter().map(|term| self.term(term, out)).collect();
        for (index, term) in read.iter().enumerate() {
            if term.is_some() && read[..index].contains(term) {
                self.repeated(terms[index].span, out);
            }
        }
        let terms: Option<Vec<Term>> = read.into_iter().collect();
        Some(Requirement::AtLeast(count?, terms?))
    }

    fn repeated(&self, span: Span, out: &mut Diagnostics) {
        out.push(
            self.mistake(Rule::WrongKind, span, "the same evidence is asked for twice")
                .label("counts once")
                .help("two distinct people are `approval(ROLE, 2)`; two authenticators need two names"),
        );
    }

    fn term(&self, term: &expression::Term<'_>, out: &mut Diagnostics) -> Option<Term> {
        let Some(arguments) = &term.arguments else { return self.bare(term, out) };
        let resolved = match term.name.text {
            "issued" => self.channel(term, arguments, out).map(Term::Issued),
            "invite" => self.channel(term, arguments, out).map(Term::Invite),
            "approval" => self.approval(term, arguments, out),
            "proofing" => self.proofing(term, arguments, out),
            "session" => self.session(term, arguments, out),
            other => {
                let terms = ["issued", "invite", "approval", "proofing", "session"];
                let message = format!("no evidence is named `{}(...)`", clip(other));
                let mut diagnostic =
                    self.mistake(Rule::UnknownName, term.name.span, message).label("not a kind of evidence");
                diagnostic.help.extend(suggest::help(
                    other,
                    &terms,
                    "kinds of evidence with an argument: it",
                ));
                out.push(diagnostic);
                None
            }
        };
        self.permitted(resolved?, term.span, out)
    }

    /// A name alone is an authenticator.
    fn bare(&self, term: &expression::Term<'_>, out: &mut Diagnostics) -> Option<Term> {
        let name = term.name.text;
        if expression::RESERVED.contains(&name) {
            let message = format!("`{name}` needs an argument");
            out.push(self.mistake(Rule::Syntax, term.span, message).help(as_in(name)));
            return None;
        }
        let authenticator = self.context.names.authenticator(name, term.span, self.at, out)?;
        self.permitted(Term::Authenticator(authenticator), term.span, out)
    }

    fn channel(
        &self,
        term: &expression::Term<'_>,
        arguments: &[Word<'_>],
        out: &mut Diagnostics,
    ) -> Option<crate::model::ChannelIx> {
        let [channel] = arguments else { return self.arity(term, "one channel", out) };
        self.context.names.channel(channel.text, channel.span, self.at, out)
    }

    fn approval(
        &self,
        term: &expression::Term<'_>,
        arguments: &[Word<'_>],
        out: &mut Diagnostics,
    ) -> Option<Term> {
        let (role, number) = match arguments {
            [role] => (role, None),
            [role, number] => (role, Some(number)),
            _ => return self.arity(term, "a role, and how many people", out),
        };
        let approver = self.context.names.approver(role.text, role.span, self.at, out)?;
        let Some(number) = number else { return Some(Term::Approval(approver, 1)) };
        let Some(people) = number.text.parse().ok().filter(|n| (1..=MOST_PEOPLE).contains(n)) else {
            let message = format!("`{}` is no number of people", clip(number.text));
            out.push(
                self.mistake(Rule::WrongKind, number.span, message)
                    .label(format!("expected a number from 1 to {MOST_PEOPLE}")),
            );
            return None;
        };
        let only_one = self.context.approvers.iter().any(|a| a.name == role.text && a.manager_of_member);
        if only_one && people > 1 {
            out.push(
                self.mistake(Rule::WrongKind, number.span, format!("a member has one `{}`", role.text))
                    .label("cannot be more than 1")
                    .help("ask somebody else too, such as `and approval(helpdesk)`"),
            );
            return None;
        }
        Some(Term::Approval(approver, people))
    }

    fn proofing(
        &self,
        term: &expression::Term<'_>,
        arguments: &[Word<'_>],
        out: &mut Diagnostics,
    ) -> Option<Term> {
        let [method] = arguments else { return self.arity(term, "one method", out) };
        self.word(method, &PROOFINGS, "method", term, out).map(Term::Proofing)
    }

    fn session(
        &self,
        term: &expression::Term<'_>,
        arguments: &[Word<'_>],
        out: &mut Diagnostics,
    ) -> Option<Term> {
        let (level, age) = match arguments {
            [level] => (level, None),
            [level, age] => (level, Some(age)),
            _ => return self.arity(term, "an assurance level, and an age", out),
        };
        let aal = self.word(level, &LEVELS, "assurance level", term, out);
        let within: Option<Option<Duration>> = match age {
            None => Some(None),
            Some(age) => {
                let duration = parse_duration(age.text);
                if duration.is_none() {
                    let message = format!("`{}` is no duration", clip(age.text));
                    out.push(
                        self.mistake(Rule::Syntax, age.span, message)
                            .label("expected the greatest age of the session: a number and a unit")
                            .help(as_in("session")),
                    );
                }
                duration.map(Some)
            }
        };
        Some(Term::Session { aal: aal?, within: within? })
    }

    fn word<T: Copy>(
        &self,
        word: &Word<'_>,
        known: &[(&'static str, T)],
        what: &str,
        term: &expression::Term<'_>,
        out: &mut Diagnostics,
    ) -> Option<T> {
        let found = known.iter().find(|(name, _)| *name == word.text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let message = format!("no {what} is named `{}`", clip(word.text));
            let label = format!("expected {}", suggest::either(&names));
            let help = match suggest::nearest_alone(word.text, &names) {
                Some(name) => format!("did you mean `{name}`?"),
                None => as_in(term.name.text),
            };
            out.push(self.mistake(Rule::UnknownName, word.span, message).label(label).help(help));
        }
        found
    }

    fn arity<T>(&self, term: &expression::Term<'_>, wants: &str, out: &mut Diagnostics) -> Option<T> {
        let message = format!("`{}` takes {wants}", term.name.text);
        out.push(self.mistake(Rule::Syntax, term.span, message).help(as_in(term.name.text)));
        None
    }

    /// What this door may ask for.
    fn permitted(&self, term: Term, span: Span, out: &mut Diagnostics) -> Option<Term> {
        let refusal = match (self.door, &term) {
            (DoorKind::Login, Term::Authenticator(authenticator)) => self.recovery_only(*authenticator),
            (DoorKind::Login, _) => Some((
                "a login door takes authenticators only",
                "not an authenticator",
                "codes by mail, approvals and proofing belong on a `recover` or `enrol` door",
            )),
            (DoorKind::Enrol | DoorKind::Recover, Term::Session { .. }) => Some((
                "this door is for those who cannot sign in, so it cannot require a session",
                "nobody at this door has a session",
                "a door for those who are signed in is the `bind` door",
            )),
            (DoorKind::Enrol, Term::Authenticator(_)) => Some((
                "an enrol door cannot require an authenticator",
                "nobody at this door holds an authenticator yet",
                "enrol with `invite(CHANNEL)`, `approval(ROLE)` or `proofing(METHOD)`",
            )),
            _ => None,
        };
        let Some((message, label, help)) = refusal else { return Some(term) };
        out.push(self.mistake(Rule::WrongKind, span, message).label(label).help(help));
        None
    }

    fn recovery_only(
        &self,
        authenticator: crate::model::AuthenticatorIx,
    ) -> Option<(&'static str, &'static str, &'static str)> {
        let authenticator = self.context.authenticators.get(usize::from(authenticator.0))?;
        (authenticator.kind.properties().factor == FactorType::RecoveryOnly).then_some((
            "recovery codes cannot open a login door",
            "serves recovery only",
            "SP 800-63B-4 4.2.1.1: a saved recovery code recovers an account; sign in with an authenticator",
        ))
    }

    fn mistake(&self, rule: Rule, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(rule, self.at, span, message)
    }
}

/// How evidence of this name is written.
fn as_in(name: &str) -> String {
    let example = match name {
        "approval" => "approval(helpdesk)` or `approval(helpdesk, 2)",
        "proofing" => "proofing(in-person)",
        "session" => "session(aal2)` or `session(aal2, 10m)",
        "invite" => "invite(own-mail)",
        _ => "issued(own-mail)",
    };
    format!("write it as in `{example}`")
}

fn first_span(expression: &Expression<'_>) -> Span {
    match expression {
        Expression::Term(term) => term.span,
        Expression::AtLeast(number, _) => number.span,
        Expression::All(members) | Expression::Any(members) => {
            members.first().map_or_else(Span::default, first_span)
        }
    }
}
