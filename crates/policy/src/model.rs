//! The model: a policy whose names are resolved and whose parts are valid by construction.
//!
//! Owns the shape of a correct policy. Does not own how it is read (`syntax`, `resolve`) nor what it means for
//! an attacker (`takeover`). References are indices into the model's own tables, so none can dangle.

use std::time::Duration;

use crate::factor::{Aal, FactorKind};

/// A place in the policy text: byte offsets into one of its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Index of the file in [`crate::Source`]'s list.
    pub file: u32,
    pub start: u32,
    pub end: u32,
}

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident => $table:ident : $item:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);
        impl std::ops::Index<$name> for Model {
            type Output = $item;
            fn index(&self, at: $name) -> &$item { &self.$table[usize::from(at.0)] }
        }
    )*};
}

index! {
    /// An entry of [`Model::authenticators`].
    AuthenticatorIx => authenticators: Authenticator,
    /// An entry of [`Model::channels`].
    ChannelIx => channels: Channel,
    /// An entry of [`Model::approvers`].
    ApproverIx => approvers: Approver,
    /// An entry of [`Model::populations`].
    PopulationIx => populations: Population,
}

/// A whole policy, in the order of the file.
#[derive(Clone, Debug)]
pub struct Model {
    pub organization: Organization,
    pub authenticators: Vec<Authenticator>,
    pub channels: Vec<Channel>,
    pub approvers: Vec<Approver>,
    pub populations: Vec<Population>,
    pub apps: Vec<App>,
    pub exceptions: Vec<Exception>,
    pub attacker: Attacker,
}

#[derive(Clone, Debug)]
pub struct Organization {
    pub name: String,
    pub domain: String,
    /// Where a member asks for help.
    pub support: String,
}

#[derive(Clone, Debug)]
pub struct Authenticator {
    pub name: String,
    pub kind: FactorKind,
    /// The thing that is stolen, or lost, with it. `None`: nothing but the authenticator itself.
    pub on: Option<String>,
    /// `security-key` only: must it prove its model?
    pub attested: bool,
    /// `passkey` always; `security-key` unless `user_verification = "none"`.
    pub user_verification: bool,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    Email,
    Sms,
    Voice,
    Post,
}

/// What stands in front of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    Password,
    Mfa,
    PhishingResistant,
}

#[derive(Clone, Debug)]
pub struct Channel {
    pub name: String,
    pub kind: ChannelKind,
    /// Email only: how its mailbox is protected.
    pub protected: Protection,
    /// Email only: readable only after signing in here.
    pub behind_login: bool,
    pub on: Option<String>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Approver {
    pub name: String,
    pub population: PopulationIx,
    /// `of = "member"`: only the member's own manager.
    pub manager_of_member: bool,
    /// What the approver's own session must show.
    pub aal: Aal,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ial {
    None,
    One,
    Two,
    Three,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    Normal,
    High,
}

#[derive(Clone, Debug)]
pub struct Population {
    pub name: String,
    pub groups: Vec<String>,
    pub risk: Risk,
    pub proofing: Ial,
    pub enrol: Option<Enrol>,
    pub login: Login,
    pub bind: Option<Door>,
    pub recover: Vec<Recover>,
    pub offboard: Option<Offboard>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Enrol {
    pub door: Door,
    /// How long a ticket lives.
    pub expires: Duration,
}

#[derive(Clone, Debug)]
pub struct Login {
    pub require: Requirement,
    pub session: SessionLimits,
    pub span: Span,
    pub require_span: Span,
}

#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    pub idle: Duration,
    pub max: Duration,
}

#[derive(Clone, Debug)]
pub struct Recover {
    pub name: String,
    pub door: Door,
}

/// What enrol, bind and recover doors have in common.
#[derive(Clone, Debug)]
pub struct Door {
    pub require: Requirement,
    pub binds: Vec<Bindable>,
    /// How long after the evidence is complete the door opens; the owner may stop it until then.
    pub wait: Option<Duration>,
    pub notify: Vec<ChannelIx>,
    pub span: Span,
    pub require_span: Span,
}

/// What a door may bind. Changing an address is a binding too, so a channel may stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bindable {
    Authenticator(AuthenticatorIx),
    Channel(ChannelIx),
}

#[derive(Clone, Debug)]
pub struct Offboard {
    pub within: Duration,
    pub span: Span,
}

/// The expression on a door. `All` and `Any` are never empty, and never hold themselves directly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    Term(Term),
    All(Vec<Requirement>),
    Any(Vec<Requirement>),
    /// `any N of (...)`, with 1 <= N <= number of terms.
    AtLeast(u16, Vec<Term>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    Authenticator(AuthenticatorIx),
    Issued(ChannelIx),
    Invite(ChannelIx),
    /// That many distinct people of the role.
    Approval(ApproverIx, u16),
    Proofing(Proofing),
    Session {
        aal: Aal,
        within: Option<Duration>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proofing {
    InPerson,
    Video,
    Document,
}

#[derive(Clone, Debug)]
pub struct App {
    pub name: String,
    pub populations: Vec<PopulationIx>,
    pub aal: Aal,
    pub phishing_resistant: bool,
    pub max_age: Option<Duration>,
    pub high_sensitivity: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Exception {
    pub rule: String,
    pub at: String,
    pub reason: String,
    pub owner: Option<String>,
    pub expires: Option<Date>,
    pub span: Span,
}

/// A calendar day, as written in the policy. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

/// What the organization assumes of attackers (design section 4).
#[derive(Clone, Debug, Default)]
pub struct Attacker {
    /// Capability names that are left out.
    pub ignore: Vec<String>,
    /// Capability names moved to another rank (1 to 4).
    pub ranks: Vec<(String, u8)>,
    /// Malware on the member's endpoint is counted.
    pub endpoint: bool,
}

impl Model {
    pub fn population(&self, name: &str) -> Option<PopulationIx> {
        find(&self.populations, |p| p.name == name).map(PopulationIx)
    }
    pub fn authenticator(&self, name: &str) -> Option<AuthenticatorIx> {
        find(&self.authenticators, |a| a.name == name).map(AuthenticatorIx)
    }
    pub fn channel(&self, name: &str) -> Option<ChannelIx> {
        find(&self.channels, |c| c.name == name).map(ChannelIx)
    }
    pub fn approver(&self, name: &str) -> Option<ApproverIx> {
        find(&self.approvers, |a| a.name == name).map(ApproverIx)
    }
}

impl Model {
    /// Every place that a finding may be at, as a path of names.
    pub fn places(&self) -> Vec<String> {
        let mut places = Vec::new();
        places.extend(self.authenticators.iter().map(|a| format!("authenticator.{}", a.name)));
        places.extend(self.channels.iter().map(|c| format!("channel.{}", c.name)));
        places.extend(self.approvers.iter().map(|a| format!("approver.{}", a.name)));
        for population in &self.populations {
            let at = format!("population.{}", population.name);
            places.extend(["enrol", "login", "bind", "offboard"].map(|door| format!("{at}.{door}")));
            places.extend(population.recover.iter().map(|r| format!("{at}.recover.{}", r.name)));
            places.push(at);
        }
        places.extend(self.apps.iter().map(|app| format!("app.{}", app.name)));
        places
    }
}

impl Requirement {
    /// Every term in it, in the order in which they are written.
    pub fn terms(&self) -> Box<dyn Iterator<Item = &Term> + '_> {
        match self {
            Requirement::Term(term) => Box::new(std::iter::once(term)),
            Requirement::All(members) | Requirement::Any(members) => {
                Box::new(members.iter().flat_map(Requirement::terms))
            }
            Requirement::AtLeast(_, terms) => Box::new(terms.iter()),
        }
    }
}

impl Date {
    /// Days since 1 January 1970, in the Gregorian calendar; for differences between dates.
    pub fn days(self) -> i64 {
        // The year begins in March here, so that the leap day is its last.
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let year = if month <= 2 { year - 1 } else { year };
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(self.day) - 1;
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        year * 365 + leap_days + day_of_year - 719_468
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn find<T>(table: &[T], is: impl Fn(&T) -> bool) -> Option<u16> {
    table.iter().position(is).and_then(|at| u16::try_from(at).ok())
}
