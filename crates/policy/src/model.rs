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
    /// First byte.
    pub start: u32,
    /// First byte after it.
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
    /// Whose policy it is.
    pub organization: Organization,
    /// What members prove themselves with.
    pub authenticators: Vec<Authenticator>,
    /// Ways to reach a member.
    pub channels: Vec<Channel>,
    /// People who may approve.
    pub approvers: Vec<Approver>,
    /// Who, and the doors of their accounts.
    pub populations: Vec<Population>,
    /// Applications behind single sign-on.
    pub apps: Vec<App>,
    /// Known gaps.
    pub exceptions: Vec<Exception>,
    /// What is assumed of attackers.
    pub attacker: Attacker,
}

/// Whose policy it is.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Its name in the policy.
    pub name: String,
    /// The domain of the sign-in pages; passkeys are bound to it.
    pub domain: String,
    /// Where a member asks for help.
    pub support: String,
}

/// Something that members prove themselves with.
#[derive(Clone, Debug)]
pub struct Authenticator {
    /// Its name in the policy.
    pub name: String,
    /// What it is.
    pub kind: FactorKind,
    /// The thing that is stolen, or lost, with it. `None`: nothing but the authenticator itself.
    pub on: Option<String>,
    /// `security-key` only: must it prove its model?
    pub attested: bool,
    /// `passkey` always; `security-key` unless `user_verification = "none"`.
    pub user_verification: bool,
    /// Where it stands in the file.
    pub span: Span,
}

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// By mail.
    Email,
    /// By text message.
    Sms,
    /// By telephone call.
    Voice,
    /// By letter.
    Post,
}

/// What stands in front of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// A password alone.
    Password,
    /// Two factors.
    Mfa,
    /// Two factors that withstand phishing.
    PhishingResistant,
}

/// A way to reach a member.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name in the policy.
    pub name: String,
    /// How a message travels on it.
    pub kind: ChannelKind,
    /// Email only: how its mailbox is protected.
    pub protected: Protection,
    /// Email only: readable only after signing in here.
    pub behind_login: bool,
    /// The thing that is stolen, or lost, with it.
    pub on: Option<String>,
    /// Where it stands in the file.
    pub span: Span,
}

/// A role of people who may approve.
#[derive(Clone, Debug)]
pub struct Approver {
    /// Its name in the policy.
    pub name: String,
    /// Whose members they are.
    pub population: PopulationIx,
    /// `of = "member"`: only the member's own manager.
    pub manager_of_member: bool,
    /// What the approver's own session must show.
    pub aal: Aal,
    /// Where it stands in the file.
    pub span: Span,
}

/// Identity assurance level, SP 800-63A-4: how members were identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ial {
    /// Not at all.
    None,
    /// IAL1.
    One,
    /// IAL2.
    Two,
    /// IAL3.
    Three,
}

/// How much is at stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// Other doors must not be weaker than login.
    Normal,
    /// Other doors must be strictly stronger than login.
    High,
}

/// People of one kind and the control chain of their accounts.
#[derive(Clone, Debug)]
pub struct Population {
    /// Its name in the policy.
    pub name: String,
    /// The groups of the directory whose members belong to it; never empty.
    pub groups: Vec<String>,
    /// How much is at stake.
    pub risk: Risk,
    /// How its members were identified.
    pub proofing: Ial,
    /// The first door.
    pub enrol: Option<Enrol>,
    /// Signing in.
    pub login: Login,
    /// Adding or replacing a factor while signed in.
    pub bind: Option<Door>,
    /// Ways back for those who cannot sign in.
    pub recover: Vec<Recover>,
    /// The last door.
    pub offboard: Option<Offboard>,
    /// Where it stands in the file.
    pub span: Span,
}

/// The first door: open only while an account has no authenticator.
#[derive(Clone, Debug)]
pub struct Enrol {
    /// What opens it and what it binds.
    pub door: Door,
    /// How long a ticket lives.
    pub expires: Duration,
}

/// Signing in.
#[derive(Clone, Debug)]
pub struct Login {
    /// What opens it.
    pub require: Requirement,
    /// How long a session lasts.
    pub session: SessionLimits,
    /// Where it stands in the file.
    pub span: Span,
    /// Where its expression stands.
    pub require_span: Span,
}

/// How long a session lasts; `idle` is never longer than `max`.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// Without any activity.
    pub idle: Duration,
    /// In all.
    pub max: Duration,
}

/// One way back.
#[derive(Clone, Debug)]
pub struct Recover {
    /// Its name in the policy.
    pub name: String,
    /// What opens it and what it binds.
    pub door: Door,
}

/// What enrol, bind and recover doors have in common.
#[derive(Clone, Debug)]
pub struct Door {
    /// What opens it.
    pub require: Requirement,
    /// What may be bound once it has opened; never empty.
    pub binds: Vec<Bindable>,
    /// How long after the evidence is complete the door opens; the owner may stop it until then.
    pub wait: Option<Duration>,
    /// Where the owner is told.
    pub notify: Vec<ChannelIx>,
    /// Where it stands in the file.
    pub span: Span,
    /// Where its expression stands.
    pub require_span: Span,
}

impl Population {
    /// May one of its members ever hold this? Some door binds it; or there is no enrol door: then accounts come from
    /// elsewhere, and may hold anything.
    pub fn may_hold(&self, authenticator: AuthenticatorIx) -> bool {
        let binds = |door: &Door| door.binds.contains(&Bindable::Authenticator(authenticator));
        self.enrol.as_ref().is_none_or(|enrol| binds(&enrol.door))
            || self.bind.as_ref().is_some_and(binds)
            || self.recover.iter().any(|recover| binds(&recover.door))
    }
}

/// The shortest wait that counts: a night and the morning after. A shorter one may pass while its owner sleeps.
pub const LEAST_WAIT: Duration = Duration::from_hours(12);

impl Door {
    /// The time that its owner has to read a notice and object; `None`: too short a wait, or nobody is told.
    pub fn time_to_object(&self) -> Option<Duration> {
        self.wait.filter(|wait| *wait >= LEAST_WAIT && !self.notify.is_empty())
    }
}

/// What a door may bind. Changing an address is a binding too, so a channel may stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bindable {
    /// An authenticator.
    Authenticator(AuthenticatorIx),
    /// An address.
    Channel(ChannelIx),
}

/// The last door.
#[derive(Clone, Debug)]
pub struct Offboard {
    /// How soon everything ends.
    pub within: Duration,
    /// Where it stands in the file.
    pub span: Span,
}

/// The expression on a door. `All` and `Any` are never empty, and never hold themselves directly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// One piece of evidence.
    Term(Term),
    /// Every member.
    All(Vec<Requirement>),
    /// At least one member.
    Any(Vec<Requirement>),
    /// `any N of (...)`, with 1 <= N <= number of terms.
    AtLeast(u16, Vec<Term>),
}

/// One piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// An authenticator.
    Authenticator(AuthenticatorIx),
    /// A one-time code sent there.
    Issued(ChannelIx),
    /// An enrolment ticket delivered there.
    Invite(ChannelIx),
    /// That many distinct people of the role.
    Approval(ApproverIx, u16),
    /// Proof of identity, recorded by an agent.
    Proofing(Proofing),
    /// A live session of at least that level, and no older than that.
    Session {
        /// The least level.
        aal: Aal,
        /// The greatest age.
        within: Option<Duration>,
    },
}

/// How an identity is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proofing {
    /// Face to face, with papers.
    InPerson,
    /// On camera.
    Video,
    /// By a document sent in.
    Document,
}

/// An application behind single sign-on.
#[derive(Clone, Debug)]
pub struct App {
    /// Its name in the policy.
    pub name: String,
    /// Who uses it; never empty, in the order of the file.
    pub populations: Vec<PopulationIx>,
    /// The least level.
    pub aal: Aal,
    /// It demands a phishing-resistant session.
    pub phishing_resistant: bool,
    /// The greatest age of the session it accepts.
    pub max_age: Option<Duration>,
    /// A stranger could do much harm in it.
    pub high_sensitivity: bool,
    /// Where it stands in the file.
    pub span: Span,
}

/// A known gap: in force only while owned, explained, dated and not past.
#[derive(Clone, Debug)]
pub struct Exception {
    /// The rule whose finding is accepted.
    pub rule: String,
    /// The place of the finding.
    pub at: String,
    /// Why it is accepted; may be empty.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Where it stands in the file: its header.
    pub span: Span,
    /// Where it names the place.
    pub at_span: Span,
    /// Where its last day stands, if it has one.
    pub expires_span: Option<Span>,
}

/// A calendar day, as written in the policy. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Of the Gregorian calendar.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
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
    /// The population of this name.
    pub fn population(&self, name: &str) -> Option<PopulationIx> {
        find(&self.populations, |p| p.name == name).map(PopulationIx)
    }
    /// The authenticator of this name.
    pub fn authenticator(&self, name: &str) -> Option<AuthenticatorIx> {
        find(&self.authenticators, |a| a.name == name).map(AuthenticatorIx)
    }
    /// The channel of this name.
    pub fn channel(&self, name: &str) -> Option<ChannelIx> {
        find(&self.channels, |c| c.name == name).map(ChannelIx)
    }
    /// The approver of this name.
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
        for (index, population) in (0..).map(PopulationIx).zip(&self.populations) {
            let at = format!("population.{}", population.name);
            let mut here: Vec<String> =
                ["enrol", "login", "bind", "offboard"].iter().map(|door| format!("{at}.{door}")).collect();
            here.extend(population.recover.iter().map(|r| format!("{at}.recover.{}", r.name)));
            here.push(at);
            // What a door opens of an application is a place of its own.
            for app in self.apps.iter().filter(|app| app.populations.contains(&index)) {
                places.extend(here.iter().map(|door| format!("{door}.app.{}", app.name)));
            }
            places.extend(here);
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
