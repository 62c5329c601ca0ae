//! What every check may look at, and the few things that several of them say.

use std::cell::OnceCell;

use crate::model::{AuthenticatorIx, Date, Door, Model, Population, PopulationIx, Span, Term};
use crate::syntax::suggest;
use crate::takeover::{
    self, Analysis, DoorName, Goal, Ground, PopulationReading, ProfileReading, Takeover, Truncated,
};

/// What a check judges.
pub(crate) struct Context<'a> {
    pub(crate) model: &'a Model,
    pub(crate) analysis: &'a Analysis,
    pub(crate) today: Date,
    /// A change of this population is on trial: it alone is judged, and no attack is told.
    pub(crate) trial: Option<PopulationIx>,
    ground: OnceCell<Result<Ground<'a>, Truncated>>,
}

/// A population and what the readings say about it.
pub(super) struct Judged<'a> {
    pub(super) index: PopulationIx,
    pub(super) population: &'a Population,
    pub(super) reading: &'a PopulationReading,
}

/// Ways to open one door that a rule looks at one by one.
pub(super) const MOST_WAYS: usize = 4096;

impl<'a> Context<'a> {
    pub(crate) fn new(model: &'a Model, analysis: &'a Analysis, today: Date) -> Self {
        Context { model, analysis, today, trial: None, ground: OnceCell::new() }
    }

    pub(super) fn judged(&self) -> impl Iterator<Item = Judged<'a>> + use<'a> {
        let readings = self.analysis.populations.iter();
        let populations = (0..).map(PopulationIx).zip(&self.model.populations);
        let trial = self.trial;
        populations
            .zip(readings)
            .map(|((index, population), reading)| Judged { index, population, reading })
            .filter(move |judged| trial.is_none_or(|trial| trial == judged.index))
    }

    /// The attack, told step by step.
    pub(super) fn steps(
        &self,
        judged: &Judged<'_>,
        profile: &ProfileReading,
        goal: Goal,
        way: &Takeover,
    ) -> Vec<String> {
        if self.trial.is_some() {
            return vec![];
        }
        // One ground for all attacks on accounts: a large policy has hundreds of findings.
        match self.ground.get_or_init(|| Ground::everywhere(self.model)) {
            Ok(ground) if goal == Goal::Account => ground.steps(judged.index, profile, way),
            _ => takeover::steps(self.model, judged.index, profile, goal, way),
        }
    }
}

impl Judged<'_> {
    /// The doors besides login, in the order of the chain.
    pub(super) fn doors(&self) -> impl Iterator<Item = DoorName> + use<> {
        let enrol = self.population.enrol.iter().map(|_| DoorName::Enrol);
        let bind = self.population.bind.iter().map(|_| DoorName::Bind);
        let recover = (0..).zip(&self.population.recover).map(|(index, _)| DoorName::Recover(index));
        enrol.chain(bind).chain(recover).collect::<Vec<_>>().into_iter()
    }

    /// Where the requirement of a door stands.
    pub(super) fn require_span(&self, name: DoorName) -> Span {
        if name == DoorName::Login {
            return self.population.login.require_span;
        }
        self.door(name).map_or(self.population.span, |door| door.require_span)
    }

    /// The door of that name; login is none of these.
    pub(super) fn door(&self, name: DoorName) -> Option<&Door> {
        name.door(self.population)
    }
}

/// "only `passkey`; or `password` and `totp`".
pub(crate) fn holding(model: &Model, profiles: &[&ProfileReading]) -> String {
    let mut smallest: Vec<&&ProfileReading> = profiles.iter().collect();
    smallest.sort_by_key(|profile| profile.holds.len());
    let more = profiles.len().saturating_sub(MOST_HOLDINGS);
    if more > 1 {
        smallest.truncate(MOST_HOLDINGS);
    } else {
        smallest = profiles.iter().collect();
    }
    let each = smallest.iter().map(|profile| match profile.holds.as_slice() {
        [] => "nothing".to_owned(),
        [only] => format!("only {}", names(model, &[*only])),
        several => names(model, several),
    });
    let mut each: Vec<String> = each.collect();
    if more > 1 {
        each.push(format!("{more} other selections"));
    }
    each.join("; or ")
}

/// As many as are read.
const MOST_HOLDINGS: usize = 4;

/// The place of a door, such as `population.staff.recover.assisted`.
pub(super) fn door_path(population: &Population, door: &str) -> String {
    format!("population.{}.{door}", population.name)
}

/// The authenticators of one way to sign in.
pub(super) fn authenticators(way: &[Term]) -> Vec<AuthenticatorIx> {
    let authenticator = |term: &Term| if let Term::Authenticator(name) = term { Some(*name) } else { None };
    way.iter().filter_map(authenticator).collect()
}

/// "`password` and `totp`".
pub(super) fn names(model: &Model, authenticators: &[AuthenticatorIx]) -> String {
    let names: Vec<&str> = authenticators.iter().map(|name| model[*name].name.as_str()).collect();
    suggest::list(&names)
}

/// "phish(member) and steal(member,paper)".
pub(crate) fn capabilities(way: &Takeover) -> String {
    let all: Vec<String> = way.capabilities.iter().map(ToString::to_string).collect();
    if all.is_empty() { "nothing at all".to_owned() } else { all.join(" and ") }
}
