//! A case: one attempt at one door, and the evidence so far.
//!
//! Owns the life of a case, and when it may pass its door. What happens next is `step`'s. Does not own how evidence
//! is verified (`prove`) nor what opening a door does (`finish`, `sign_in`).

mod step;

pub use step::{Need, Standing, Step};

use std::time::Duration;

use policy::model::{ChannelIx, Door, PopulationIx, Requirement};
use policy::{Model, Policy, runtime};
use serde::{Deserialize, Serialize};

use crate::Env;
use crate::account::{self, Account};
use crate::change::Change;
use crate::evidence::{self, Piece, Proof};
use crate::fact::{Actor, Fact, What};
use crate::id::{AccountId, CaseId, Hash, Secret, Time};
use crate::notice::{Message, Notice};
use crate::refusal::Refusal;

/// Which door of the chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoorName {
    /// First enrolment.
    Enrol,
    /// Signing in.
    Login,
    /// Adding or replacing while signed in.
    Bind,
    /// A named recovery.
    Recover(String),
}

impl std::fmt::Display for DoorName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DoorName::Enrol => f.write_str("enrol"),
            DoorName::Login => f.write_str("login"),
            DoorName::Bind => f.write_str("bind"),
            DoorName::Recover(name) => write!(f, "recover.{name}"),
        }
    }
}

impl std::str::FromStr for DoorName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "enrol" => Ok(DoorName::Enrol),
            "login" => Ok(DoorName::Login),
            "bind" => Ok(DoorName::Bind),
            other => other
                .strip_prefix("recover.")
                .map(|name| DoorName::Recover(name.to_owned()))
                .ok_or_else(|| format!("`{other}` is no door")),
        }
    }
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The door did what it is for.
    Done,
    /// The owner stopped it.
    Stopped,
    /// Somebody who had to agree said no.
    Denied,
    /// Time ran out.
    Expired,
    /// The account was recovered or off-boarded by another case.
    Overtaken,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseState {
    /// Evidence is being shown, in any order.
    Collecting,
    /// The requirement is satisfied; the door opens at this moment unless the owner stops it.
    Waiting(Time),
    /// The door is open for binding until this moment. The holder has no session and no AAL.
    Open(Time),
    /// Over.
    Closed(Outcome),
}

/// One attempt at one door of one account.
#[derive(Clone, Debug)]
pub struct Case {
    /// Opaque.
    pub id: CaseId,
    /// What people say on the telephone: an identifier, not a secret.
    pub reference: String,
    /// Whose door. None: the name given at login or recovery is unknown, and nothing will ever satisfy it.
    pub account: Option<AccountId>,
    /// The population whose chain the door belongs to.
    pub population: String,
    /// The door.
    pub door: DoorName,
    /// Where it stands.
    pub state: CaseState,
    /// Who opened it.
    pub opened_by: Actor,
    /// What the holder's page shows and an approver asks for, so that both mean the same case.
    pub check_code: Option<String>,
    /// When.
    pub opened_at: Time,
    /// When it ends by itself.
    pub expires_at: Time,
    /// When the evidence was complete.
    pub ready_at: Option<Time>,
    /// What was verified so far.
    pub evidence: Vec<Piece>,
    /// The policy under which it was opened.
    pub policy_digest: String,
}

/// How long a login may take.
pub const LOGIN_TIME: Duration = Duration::from_mins(10);
/// How long an enrolment may stay unfinished: approvals by people take a day or two.
pub const ENROL_TIME: Duration = Duration::from_hours(72);
/// How long recovery evidence may be collected.
pub const RECOVER_TIME: Duration = Duration::from_hours(72);
/// How long a satisfied recovery may stay unused after its waiting time.
pub const READY_TIME: Duration = Duration::from_hours(48);
/// How long a binding session lives once open (63B-4 4.1.2.2 allows binding codes as long).
pub const BIND_TIME: Duration = Duration::from_mins(10);
/// The same for first enrolment, where a person meets every step for the first time.
pub const ENROL_BIND_TIME: Duration = Duration::from_mins(30);

/// A new case for somebody who holds a browser: its token goes into the case cookie.
pub struct Opened {
    /// The case.
    pub case: Case,
    /// The holder's cookie, when a browser opened it.
    pub token: Option<Secret>,
}

impl Case {
    /// A case as it is opened. `held`: a browser holds it from the start.
    pub(crate) fn open(
        policy: &Policy,
        account: Option<&Account>,
        population: &str,
        door: DoorName,
        opened_by: Actor,
        held: bool,
        env: &mut Env<'_>,
    ) -> (Opened, Change) {
        let time = match door {
            DoorName::Login | DoorName::Bind => LOGIN_TIME,
            DoorName::Enrol => ENROL_TIME,
            DoorName::Recover(_) => RECOVER_TIME,
        };
        let token = held.then(|| Secret::token(env));
        let case = Case {
            id: CaseId::fresh(env),
            reference: reference(env),
            account: account.map(|a| a.id.clone()),
            population: population.to_owned(),
            door,
            state: CaseState::Collecting,
            opened_by,
            check_code: held.then(|| check_code(env)),
            opened_at: env.now,
            expires_at: env.now.plus(time),
            ready_at: None,
            evidence: Vec::new(),
            policy_digest: policy.digest().to_owned(),
        };
        let change =
            Change::OpenCase { case: Box::new(case.clone()), holder: token.as_ref().map(Secret::hash) };
        (Opened { case, token }, change)
    }

    /// The population's index in the policy that runs now; `None` if the policy no longer has it.
    pub fn population(&self, model: &Model) -> Option<PopulationIx> {
        model.population(&self.population)
    }

    /// The requirement of its door in the policy that runs now.
    pub fn requirement<'m>(&self, model: &'m Model) -> Option<&'m Requirement> {
        let population = self.population(model)?;
        match self.door {
            DoorName::Login => Some(&model[population].login.require),
            _ => self.bound_door(model).map(|d| &d.require),
        }
    }

    /// Its door, unless it is login.
    pub fn bound_door<'m>(&self, model: &'m Model) -> Option<&'m Door> {
        account::door(model, self.population(model)?, &self.door)
    }

    /// Is it this account's, and does the chain that it belongs to still rule the account?
    pub(crate) fn is_of(&self, account: &Account, policy: &Policy) -> bool {
        let ruling = account.population(policy).map(|p| policy.model()[p].name.as_str());
        self.account.as_ref() == Some(&account.id) && account.is_present() && ruling == Some(&self.population)
    }

    /// The case with only the evidence that still counts.
    pub(crate) fn current(&self, account: &Account) -> Case {
        let mut case = self.clone();
        case.evidence.retain(|piece| piece.counts(account));
        case
    }

    /// May its holder go through the door at this moment? By the policy that runs now and what still counts: the
    /// door may ask for more, or for a longer wait, than when the case was complete.
    pub(crate) fn may_pass(&self, account: &Account, policy: &Policy, now: Time) -> bool {
        self.ended(now).is_none()
            && self.opens_at(policy.model()).is_some_and(|at| at <= now)
            && self.still_opens(account, policy)
    }

    /// The same, the moment apart: would what still counts open the door that rules the account now?
    fn still_opens(&self, account: &Account, policy: &Policy) -> bool {
        self.is_of(account, policy) && self.current(account).is_satisfied(policy.model())
    }

    /// When the waiting time that the policy asks now is over; `None` while the evidence was never complete.
    fn opens_at(&self, model: &Model) -> Option<Time> {
        let ready = self.ready_at?;
        Some(self.bound_door(model)?.wait.map_or(ready, |wait| ready.plus(wait)))
    }

    pub(crate) fn waits_unheard(&self, model: &Model, account: &Account) -> bool {
        self.bound_door(model).is_some_and(|door| waits_unheard(door, model, account))
    }

    /// Is the door's requirement satisfied by what was verified? The runtime reading of the analysed tree.
    pub fn is_satisfied(&self, model: &Model) -> bool {
        if matches!(self.door, DoorName::Enrol)
            && self.evidence.iter().any(|p| matches!(p.proof, Proof::Bootstrap))
        {
            return true;
        }
        self.requirement(model).is_some_and(|requirement| {
            runtime::is_satisfied(requirement, &mut |term| evidence::shows(model, &self.evidence, term))
        })
    }

    /// Is it over at this moment, whatever the stored state says?
    pub fn ended(&self, now: Time) -> Option<Outcome> {
        match self.state {
            CaseState::Closed(outcome) => Some(outcome),
            _ if now >= self.expires_at => Some(Outcome::Expired),
            _ => None,
        }
    }

    /// May evidence still be added?
    pub fn is_collecting(&self, now: Time) -> bool {
        self.state == CaseState::Collecting && self.ended(now).is_none()
    }

    /// Is the door open for binding now?
    pub fn is_open(&self, now: Time) -> bool {
        self.ended(now).is_none() && matches!(self.state, CaseState::Open(until) if now < until)
    }
}

/// Would the door's waiting time begin with notices that reach nobody? The analysis counts on one that reaches the
/// member, who could stop it: without one the wait is worth nothing, and the door stays shut.
pub fn waits_unheard(door: &Door, model: &Model, account: &Account) -> bool {
    let reaches = |channel: &ChannelIx| account.address(&model[*channel].name).is_some();
    door.wait.is_some() && !door.notify.is_empty() && !door.notify.iter().any(reaches)
}

/// What adding a piece led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// More is needed.
    More,
    /// The login requirement is satisfied.
    LoginSatisfied,
    /// Complete; the door opens then unless it is stopped.
    Waiting(Time),
    /// Open for binding until then.
    Open(Time),
}

/// Adds a verified piece and moves the case on if its requirement is now satisfied. `case` holds what still counts.
pub(crate) fn add(
    case: &mut Case,
    account: &Account,
    model: &Model,
    piece: Piece,
    env: &mut Env<'_>,
    changes: &mut Vec<Change>,
    facts: &mut Vec<Fact>,
) -> Settled {
    // Whoever gives the last piece is who completes it: the holder, or one of those whom they asked.
    let by = piece.by().map_or(Actor::Holder, |id| Actor::Person(id.clone()));
    changes.push(Change::AddEvidence { case: case.id.clone(), piece: piece.clone() });
    case.evidence.retain(|old| !piece.repeats(old));
    case.evidence.push(piece);
    if case.state != CaseState::Collecting || !case.is_satisfied(model) {
        return Settled::More;
    }
    if case.waits_unheard(model, account) {
        let fact = Fact::of_case(What::DoorWaiting, by, case).refused(&Refusal::NoAddress);
        facts.push(fact);
        return Settled::More;
    }
    case.ready_at = Some(env.now);
    let Some(door) = case.bound_door(model) else { return Settled::LoginSatisfied };
    let settled = if let Some(wait) = door.wait {
        let until = env.now.plus(wait);
        case.state = CaseState::Waiting(until);
        case.expires_at = until.plus(READY_TIME);
        facts.push(Fact::of_case(What::DoorWaiting, by, case).until(until));
        notify_waiting(case, account, door, model, until, env, changes);
        Settled::Waiting(until)
    } else {
        let until = open_until(case, env.now);
        case.state = CaseState::Open(until);
        case.expires_at = case.expires_at.max(until);
        facts.push(Fact::of_case(What::DoorOpened, by, case).until(until));
        Settled::Open(until)
    };
    changes.push(Change::SetCase { case: Box::new(case.clone()) });
    settled
}

pub(crate) fn open_until(case: &Case, now: Time) -> Time {
    now.plus(if case.door == DoorName::Enrol { ENROL_BIND_TIME } else { BIND_TIME })
}

fn notify_waiting(
    case: &Case,
    account: &Account,
    door: &Door,
    model: &Model,
    until: Time,
    env: &mut Env<'_>,
    changes: &mut Vec<Change>,
) {
    for channel in &door.notify {
        if let Some(address) = account.address(&model[*channel].name) {
            let stop = Secret::token(env);
            let stop_hash = Some(stop.hash());
            let message = Message::DoorWaiting { door: case.door.to_string(), until, stop };
            changes.push(Change::Notify(Notice::new(
                account, case, model, *channel, address, message, stop_hash, env,
            )));
        }
    }
}

/// Eight characters without look-alikes: 40 bits, used with the member's name (63B-4 4.1.2.2).
fn reference(env: &mut Env<'_>) -> String {
    Secret::grouped(env, 5).expose().to_uppercase()
}

/// Six digits in pairs: enough that nobody hits another's case by chance; it is no secret that opens anything.
pub(crate) fn check_code(env: &mut Env<'_>) -> String {
    let digits = Secret::digits(env, 6);
    let d = digits.expose();
    format!("{} {} {}", &d[0..2], &d[2..4], &d[4..6])
}

/// Gives a case that an agent opened to the browser that names it.
pub(crate) fn hold(case: &mut Case, env: &mut Env<'_>) -> (Secret, Change) {
    let token = Secret::token(env);
    case.check_code = Some(check_code(env));
    let change =
        Change::HoldCase { case: case.id.clone(), holder: token.hash(), check_code: case.check_code.clone() };
    (token, change)
}

/// The stored form of a presented case cookie.
pub fn holder_hash(token: &str) -> Hash {
    Secret::from_text(token).hash()
}
