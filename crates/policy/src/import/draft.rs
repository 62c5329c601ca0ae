//! The policy that an importer is writing: a model that grows, and for each line the setting it comes from.
//!
//! Owns names, so that what it writes always reads back. Does not own what the settings of either product mean.

use std::time::Duration;

use super::Imported;
use super::need::Need;
use super::node::Notes;
use super::text::plain;
use super::written::{self, Remarks};
use crate::expression::RESERVED;
use crate::factor::{Aal, FactorKind};
use crate::model::{
    App, Approver, ApproverIx, Attacker, Authenticator, AuthenticatorIx, Bindable, Channel, ChannelIx,
    ChannelKind, Door, Enrol, Login, Model, Offboard, Organization, Population, PopulationIx, Protection,
    Requirement, Risk, SessionLimits, Span, Term,
};
use crate::model::{Ial, Recover};

/// What stands where nothing is proved. A policy has no weaker authenticator than a password.
const WEAKEST: &str = "not-understood";
/// A policy's expression holds no more than that.
const MOST_TERMS: usize = 64;

/// A policy in the making.
pub(super) struct Draft {
    pub(super) model: Model,
    remarks: Remarks,
    pub(super) notes: Notes,
}

/// What a door needs besides its place.
pub(super) struct Plan {
    pub(super) require: Need<Term>,
    pub(super) binds: Vec<Bindable>,
    pub(super) notify: Vec<ChannelIx>,
    /// Where each of the three comes from.
    pub(super) from: [String; 3],
}

impl Draft {
    pub(super) fn new() -> Self {
        let organization =
            Organization { name: String::new(), domain: String::new(), support: String::new() };
        Draft {
            model: Model {
                organization,
                authenticators: Vec::new(),
                channels: Vec::new(),
                approvers: Vec::new(),
                populations: Vec::new(),
                apps: Vec::new(),
                exceptions: Vec::new(),
                attacker: Attacker::default(),
            },
            remarks: Remarks::new(),
            notes: Notes::default(),
        }
    }

    /// Says where the line, or the table, of that path comes from.
    pub(super) fn remark(&mut self, at: impl Into<String>, remark: impl Into<String>) {
        let line = remark.into().replace(|c: char| c.is_control(), " ");
        self.remarks.insert(at.into(), line);
    }

    /// Whose policy it is. What the file does not say is said to be unknown.
    pub(super) fn organization(&mut self, name: Said, domain: Said, support: Said) {
        for (key, said) in [("name", &name), ("domain", &domain), ("support", &support)] {
            self.remark(format!("organization.{key}"), said.from.clone());
        }
        self.model.organization =
            Organization { name: name.text, domain: domain.text, support: support.text };
    }

    /// The authenticator of that name; made when it is first asked for.
    pub(super) fn authenticator(&mut self, name: &str, kind: FactorKind, from: &str) -> AuthenticatorIx {
        self.any_authenticator(name, kind, true, from)
    }

    /// A WebAuthn credential that need not ask for a PIN.
    pub(super) fn unverified_key(&mut self, name: &str, from: &str) -> AuthenticatorIx {
        let index = self.any_authenticator(name, FactorKind::SecurityKey, false, from);
        self.remark(format!("authenticator.{name}.user_verification"), "nothing makes it ask for a PIN");
        index
    }

    fn any_authenticator(
        &mut self,
        name: &str,
        kind: FactorKind,
        verified: bool,
        from: &str,
    ) -> AuthenticatorIx {
        if let Some(known) = self.model.authenticator(name) {
            return known;
        }
        self.remark(format!("authenticator.{name}.kind"), from);
        let user_verification = verified
            && matches!(kind, FactorKind::Passkey | FactorKind::SecurityKey | FactorKind::ClientCertificate);
        self.model.authenticators.push(Authenticator {
            name: name.to_owned(),
            kind,
            on: None,
            attested: false,
            user_verification,
            span: Span::default(),
        });
        AuthenticatorIx(last(self.model.authenticators.len()))
    }

    /// What stands where nothing is proved, or what proves it is not understood.
    pub(super) fn weakest(&mut self) -> AuthenticatorIx {
        self.authenticator(
            WEAKEST,
            FactorKind::Password,
            "a step that was not understood, or no step at all: counted as the weakest thing that a policy can name",
        )
    }

    /// The mailbox of a member. How it is protected stands in no file of either product.
    pub(super) fn mailbox(&mut self, from: &str) -> ChannelIx {
        const NAME: &str = "own-mail";
        if let Some(known) = self.model.channel(NAME) {
            return known;
        }
        self.remark(format!("channel.{NAME}.kind"), from);
        self.remark(
            format!("channel.{NAME}.protected"),
            "not in the file, so the weakest: write \"mfa\" if you know better",
        );
        self.model.channels.push(Channel {
            name: NAME.to_owned(),
            kind: ChannelKind::Email,
            protected: Protection::Password,
            behind_login: false,
            on: None,
            span: Span::default(),
        });
        ChannelIx(last(self.model.channels.len()))
    }

    pub(super) fn approver(&mut self, name: &str, population: PopulationIx, from: [&str; 2]) -> ApproverIx {
        self.remark(format!("approver.{name}.population"), from[0]);
        self.remark(format!("approver.{name}.aal"), from[1]);
        self.model.approvers.push(Approver {
            name: name.to_owned(),
            population,
            manager_of_member: false,
            aal: Aal::One,
            span: Span::default(),
        });
        ApproverIx(last(self.model.approvers.len()))
    }

    /// A population that signs in like this.
    pub(super) fn population(
        &mut self,
        name: &str,
        groups: Vec<String>,
        require: Need<Term>,
        session: SessionLimits,
        from: [String; 3],
    ) -> PopulationIx {
        let at = format!("population.{name}");
        let require = self.requirement(require, &format!("{at}.login"));
        let [groups_from, require_from, session_from] = from;
        self.remark(format!("{at}.groups"), groups_from);
        self.remark(format!("{at}.login.require"), require_from);
        self.remark(format!("{at}.login.session"), session_from);
        let span = Span::default();
        self.model.populations.push(Population {
            name: name.to_owned(),
            groups,
            risk: Risk::Normal,
            proofing: Ial::None,
            enrol: None,
            login: Login { require, session, span, require_span: span },
            bind: None,
            recover: Vec::new(),
            offboard: None,
            span,
        });
        PopulationIx(last(self.model.populations.len()))
    }

    pub(super) fn enrol(&mut self, whose: PopulationIx, plan: Plan, expires: Duration, from: String) {
        let at = format!("population.{}.enrol", self.model[whose].name);
        self.remark(format!("{at}.expires"), from);
        if let Some(door) = self.door(&at, plan) {
            self.of(whose).enrol = Some(Enrol { door, expires });
        }
    }

    pub(super) fn bind(&mut self, whose: PopulationIx, plan: Plan) {
        let at = format!("population.{}.bind", self.model[whose].name);
        self.of(whose).bind = self.door(&at, plan);
    }

    pub(super) fn recover(&mut self, whose: PopulationIx, name: &str, plan: Plan) {
        let at = format!("population.{}.recover.{name}", self.model[whose].name);
        if let Some(door) = self.door(&at, plan) {
            self.of(whose).recover.push(Recover { name: name.to_owned(), door });
        }
    }

    pub(super) fn offboard(&mut self, whose: PopulationIx, within: Duration, from: String) {
        let at = format!("population.{}.offboard", self.model[whose].name);
        self.remark(format!("{at}.within"), from);
        self.of(whose).offboard = Some(Offboard { within, span: Span::default() });
    }

    pub(super) fn app(&mut self, name: &str, populations: Vec<PopulationIx>, aal: Aal, from: &str) {
        let taken: Vec<String> = self.model.apps.iter().map(|app| app.name.clone()).collect();
        let name = well_formed(name, "app", &taken);
        self.remark(format!("app.{name}.for"), from);
        self.remark(format!("app.{name}.aal"), from);
        self.model.apps.push(App {
            name,
            populations,
            aal,
            phishing_resistant: false,
            max_age: None,
            high_sensitivity: false,
            span: Span::default(),
        });
    }

    /// None if nobody could open it, or if it would bind nothing.
    fn door(&mut self, at: &str, plan: Plan) -> Option<Door> {
        if plan.require == Need::Never || plan.binds.is_empty() {
            return None;
        }
        let require = self.requirement(plan.require, at);
        for (key, from) in ["require", "binds", "notify"].into_iter().zip(plan.from) {
            self.remark(format!("{at}.{key}"), from);
        }
        let (span, mut binds) = (Span::default(), plan.binds);
        let mut seen = Vec::new();
        binds.retain(|bound| {
            !seen.contains(bound) && {
                seen.push(*bound);
                true
            }
        });
        Some(Door { require, binds, wait: None, notify: plan.notify, span, require_span: span })
    }

    /// A need as a policy writes it. One that no expression can hold is no defence.
    fn requirement(&mut self, need: Need<Term>, at: &str) -> Requirement {
        let need = if need.size() > MOST_TERMS {
            self.notes.push(at, "has more ways in than an expression holds, and counts as no defence");
            Need::Unproved
        } else {
            need
        };
        let written = need.requirement(&mut || Term::Authenticator(self.weakest()));
        written.unwrap_or_else(|| Requirement::Term(Term::Authenticator(self.weakest())))
    }

    fn of(&mut self, whose: PopulationIx) -> &mut Population {
        &mut self.model.populations[usize::from(whose.0)]
    }

    /// The finished policy. The header says what it was made from; the notes follow it.
    pub(super) fn finish(self, mut header: Vec<String>) -> Imported {
        let notes = self.notes.into_list();
        if !notes.is_empty() {
            header.push(String::new());
            header.push(
                "What was not understood, or has no place in a policy; none of it counts as a defence:"
                    .to_owned(),
            );
            header.extend(notes.iter().map(|note| format!("  {note}")));
        }
        let policy = written::policy(&self.model, &self.remarks, &header);
        Imported { policy, notes }
    }
}

/// What the file says, and where.
pub(super) struct Said {
    text: String,
    from: String,
}

impl Said {
    pub(super) fn new(text: &str, from: &str) -> Self {
        let text = plain(text.trim());
        Said { text: if text.is_empty() { "unknown".to_owned() } else { text }, from: plain(from) }
    }

    /// The first that says anything; else what is written when nothing does.
    pub(super) fn first(said: impl IntoIterator<Item = (Option<String>, &'static str)>, none: &str) -> Self {
        let mut said = said.into_iter().filter_map(|(text, from)| Some((text?, from)));
        match said.find(|(text, _)| !text.trim().is_empty()) {
            Some((text, from)) => Said::new(&text, from),
            None => Said::new(none, "not in the file"),
        }
    }
}

/// A name of the language as near to the text as may be, and not taken yet.
pub(super) fn well_formed(text: &str, other: &str, taken: &[String]) -> String {
    let mut name = String::new();
    for c in text.chars().take(48) {
        let c = if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        if !(c == '-' && name.ends_with('-')) {
            name.push(c);
        }
    }
    let name = name.trim_matches('-');
    let name = match name.chars().next() {
        None => other.to_owned(),
        Some(first) if !first.is_ascii_alphabetic() => format!("{other}-{name}"),
        Some(_) if RESERVED.contains(&name) => format!("{other}-{name}"),
        Some(_) => name.to_owned(),
    };
    let is_free = |name: &String| !taken.contains(name);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name)
}

/// The index of the last of so many. Importers make a few dozen names at most.
fn last(count: usize) -> u16 {
    u16::try_from(count.saturating_sub(1)).unwrap_or(u16::MAX)
}
