//! Who can come to what by which means: the policy as a finite set of monotone rules.
//!
//! Owns the translation of the model into facts and rules, each rule one line of section 4 of the design. Only
//! what the goals depend on is ever built. Does not own how minimal sets are found (`solve`).

use std::collections::{BTreeMap, BTreeSet};

use super::Truncated;
use super::alternatives::{Alternative, Alternatives, app_accepts};
use super::capability::CapabilityKind;
use super::fallen::Falling;
use super::family::Variable;
use super::layout::{DoorName, Layout, Who, doors};
use super::quick::Map;
use super::solve::{Problem, Rule};
use super::ways::{self, Way};
use crate::assurance::Assurance;
use crate::factor::Aal;
use crate::model::{
    ApproverIx, AuthenticatorIx, Bindable, ChannelIx, Door, Model, Population, PopulationIx, Requirement,
    Term,
};
use crate::runtime;

/// Something that may come true for the attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    /// A capability is spent, or a circumstance is given.
    Given(Variable),
    /// The evidence of this authenticator is shown in the name of the person.
    Passes(Who, AuthenticatorIx),
    /// It is the person's own authenticator that shows it.
    Overcomes(Who, AuthenticatorIx),
    /// One of these doors opens.
    OneOpens(Who, Doors),
    /// What is sent to the channel is read.
    Controls(Who, ChannelIx),
    /// The code or ticket that is sent to the channel is shown.
    Answers(Who, ChannelIx),
    /// Somebody of the role agrees.
    Agrees(u16),
    /// That many of the role's people from the given one on agree, somebody perhaps left out.
    Agree { role: ApproverIx, without: Option<u16>, from: u16, people: u16 },
    /// The door opens, and what it binds is bound.
    Opens(Who, DoorName),
    /// The owner does not stop the door during its waiting time.
    Unstopped(Who, DoorName),
    /// Login opens by that alternative.
    SignsIn(Who, u16),
    /// A session of at least that level.
    Session(Who, Aal),
    /// Any session at all.
    SignedIn(Who),
    /// A session that the application (an index into [`Model::apps`]) accepts.
    Enters(u16, PopulationIx),
    /// A part of an expression.
    Part(u32),
}

/// A set of doors of one chain: a bit each, in the order of the chain.
pub(super) type Doors = u64;

#[derive(PartialEq)]
pub(super) struct Graph {
    pub(super) facts: Vec<Fact>,
    pub(super) rules: Vec<Rule>,
    numbers: Map<Fact, u32>,
    /// The rules that conclude each fact.
    pub(super) concluding: Vec<Vec<u32>>,
}

const MOST_RULES: usize = 200_000;

/// What the attacker is to reach, and the account as far as it differs from what the policy allows.
pub(super) struct Question<'m> {
    pub(super) model: &'m Model,
    pub(super) layout: &'m Layout,
    pub(super) alternatives: &'m Alternatives<'m>,
    /// The channels that the member really has; `None`: all that the policy names.
    pub(super) channels: Option<&'m [ChannelIx]>,
    /// What the attacker has from the beginning.
    pub(super) fallen: &'m [Falling],
    /// The members' own doors stay shut, but for login.
    pub(super) login_alone: bool,
}

impl Question<'_> {
    /// All rules on which the goals depend; not more than a share of the limit.
    pub(super) fn graph(&self, goals: &[Fact], share: usize) -> Result<Graph, Truncated> {
        let mut graph = Graph { facts: vec![], rules: vec![], numbers: Map::default(), concluding: vec![] };
        for goal in goals {
            graph.number(*goal);
        }
        let mut at = 0;
        while let Some(fact) = graph.facts.get(at) {
            self.conclude(*fact, &mut graph)?;
            if graph.rules.len() > MOST_RULES / share {
                return Err(Truncated);
            }
            at += 1;
        }
        Ok(graph)
    }

    /// Writes down every rule that concludes the fact.
    fn conclude(&self, fact: Fact, graph: &mut Graph) -> Result<(), Truncated> {
        if let Some(given) = self.given(fact) {
            graph.rule(fact, &given);
        }
        match fact {
            Fact::Given(_) | Fact::Part(_) => {}
            Fact::Passes(who, authenticator) => {
                graph.rule(fact, &[Fact::Overcomes(who, authenticator)]);
                self.by_binding(Bindable::Authenticator(authenticator), who, fact, graph);
            }
            Fact::Overcomes(who, authenticator) => {
                let held = match who {
                    Who::Member(_) => Some(Fact::Given(self.layout.held(authenticator))),
                    // An approver is taken to hold everything that the chain allows.
                    Who::Approver(_) => None,
                };
                for way in ways::to_pass(&self.model[authenticator]) {
                    self.by(way, who, held, fact, graph);
                }
            }
            Fact::OneOpens(who, wanted) => {
                for (index, (name, _)) in doors(self.population_of(who)).enumerate() {
                    if wanted >> index & 1 == 1 {
                        graph.rule(fact, &[Fact::Opens(who, name)]);
                    }
                }
            }
            Fact::Controls(who, channel) => {
                match &self.model[channel] {
                    // Where nothing is sent there is nothing to read, until an address is put there.
                    _ if !self.reaches(who, channel) => {}
                    channel if channel.behind_login => graph.rule(fact, &[Fact::SignedIn(who)]),
                    channel => {
                        for way in ways::to_control(channel) {
                            self.by(way, who, None, fact, graph);
                        }
                    }
                }
                self.by_binding(Bindable::Channel(channel), who, fact, graph);
            }
            Fact::Answers(who, channel) => {
                if self.reaches(who, channel) {
                    self.by(vec![(CapabilityKind::Phish, None)], who, None, fact, graph);
                }
                graph.rule(fact, &[Fact::Controls(who, channel)]);
            }
            Fact::Agrees(person) => {
                let who = Who::Approver(person);
                self.by(vec![(CapabilityKind::Deceive, None)], who, None, fact, graph);
                let role = self.layout.role_of(person);
                graph.rule(fact, &[Fact::Session(who, self.model[role.approver].aal)]);
            }
            Fact::Agree { role, without, from, people } => self.agree(role, without, from, people, graph),
            Fact::Opens(Who::Member(_), _) if self.login_alone => {}
            Fact::Opens(who, name) => {
                if let Some(door) = self.door(who, name) {
                    let mut body = vec![self.requirement(&door.require, who, graph)];
                    if let Who::Member(_) = who {
                        body.extend(name.variable().map(|variable| graph.number(Fact::Given(variable))));
                    }
                    if door.time_to_object().is_some() {
                        body.push(graph.number(Fact::Unstopped(who, name)));
                    }
                    graph.conclude(fact, body);
                }
            }
            Fact::Unstopped(who, name) => {
                if let Some(door) = self.door(who, name) {
                    let notices = door.notify.iter().filter(|channel| self.reaches(who, **channel));
                    let things: BTreeSet<&str> = notices
                        .clone()
                        .map(|channel| ways::thing_of_channel(&self.model[*channel]))
                        .collect();
                    let all: Vec<Fact> = notices.map(|channel| Fact::Controls(who, *channel)).collect();
                    self.by(vec![(stealth(door, things.len()), None)], who, None, fact, graph);
                    graph.rule(fact, &all);
                }
            }
            Fact::SignsIn(who, index) => {
                let alternative = &self.alternatives_of(who)?[usize::from(index)];
                self.by_showing(&alternative.authenticators, who, fact, graph);
                // Malware has the sessions that its owner has; only who holds everything asked has one.
                if let Some(malware) = self.layout.power(who, CapabilityKind::Malware, None) {
                    let mut body = vec![Fact::Given(malware)];
                    if let Who::Member(_) = who {
                        body.extend(
                            alternative.authenticators.iter().map(|a| Fact::Given(self.layout.held(*a))),
                        );
                    }
                    graph.rule(fact, &body);
                }
            }
            Fact::Session(who, aal) => {
                self.by_signing_in(who, fact, graph, |assurance| assurance.is_some_and(|a| a.aal >= aal))?;
            }
            Fact::SignedIn(who) => self.by_signing_in(who, fact, graph, |_| true)?,
            Fact::Enters(app, population) => {
                let app = &self.model.apps[usize::from(app)];
                self.by_signing_in(Who::Member(population), fact, graph, |assurance| {
                    assurance.is_some_and(|a| app_accepts(app, a))
                })?;
            }
        }
        Ok(())
    }

    /// What makes a fact true that follows from what has fallen: at most that the member holds the authenticator.
    fn given(&self, fact: Fact) -> Option<Vec<Fact>> {
        let fallen = || self.fallen.iter();
        match fact {
            Fact::Given(variable) => self.layout.is_given(variable, self.fallen).then(Vec::new),
            Fact::Overcomes(who, authenticator) => {
                let falls = fallen().any(|falling| falling.gives_authenticator(self.model, authenticator));
                falls.then(|| match who {
                    Who::Member(_) => vec![Fact::Given(self.layout.held(authenticator))],
                    Who::Approver(_) => vec![],
                })
            }
            Fact::Controls(who, channel) => {
                let falls =
                    self.reaches(who, channel) && fallen().any(|falling| falling.gives_channel(channel));
                falls.then(Vec::new)
            }
            Fact::Agrees(person) => self.layout.has_fallen(person).then(Vec::new),
            _ => None,
        }
    }

    fn by_signing_in(
        &self,
        who: Who,
        fact: Fact,
        graph: &mut Graph,
        enough: impl Fn(Option<Assurance>) -> bool,
    ) -> Result<(), Truncated> {
        for (index, alternative) in (0..).zip(self.alternatives_of(who)?) {
            if enough(alternative.assurance) {
                graph.rule(fact, &[Fact::SignsIn(who, index)]);
            }
        }
        Ok(())
    }

    /// A rule for one way against the person, unless the assumed attacker lacks part of it.
    fn by(&self, way: Way<'_>, who: Who, also: Option<Fact>, fact: Fact, graph: &mut Graph) {
        let powers: Option<Vec<Fact>> = way
            .into_iter()
            .map(|(kind, object)| self.layout.power(who, kind, object).map(Fact::Given))
            .collect();
        if let Some(mut body) = powers {
            body.extend(also);
            graph.rule(fact, &body);
        }
    }

    /// An opened door binds what the attacker brings.
    fn by_binding(&self, bound: Bindable, who: Who, fact: Fact, graph: &mut Graph) {
        let doors = self.doors_that_bind(bound, who);
        if doors != 0 {
            graph.rule(fact, &[Fact::OneOpens(who, doors)]);
        }
    }

    /// All these authenticators are passed. "Each is passed" would say the same, but a door that binds several
    /// would be multiplied with itself; so what the doors have in common is taken out first:
    /// (a or D) and (b or D or E) is D or (a and (b or E)).
    fn by_showing(&self, authenticators: &[AuthenticatorIx], who: Who, fact: Fact, graph: &mut Graph) {
        let binding = |a: &AuthenticatorIx| self.doors_that_bind(Bindable::Authenticator(*a), who);
        let common = authenticators.iter().map(binding).fold(Doors::MAX, |common, doors| common & doors);
        if common != 0 {
            graph.rule(fact, &[Fact::OneOpens(who, common)]);
        }
        let mut others: BTreeMap<Doors, Vec<u32>> = BTreeMap::new();
        for authenticator in authenticators {
            let own = graph.number(Fact::Overcomes(who, *authenticator));
            others.entry(binding(authenticator) & !common).or_default().push(own);
        }
        let mut body = others.remove(&0).unwrap_or_default();
        for (doors, own) in others {
            let opened = graph.number(Fact::OneOpens(who, doors));
            body.push(graph.part(vec![own, vec![opened]]));
        }
        graph.conclude(fact, body);
    }

    fn doors_that_bind(&self, bound: Bindable, who: Who) -> Doors {
        // An approver has an account already, so its enrolment is closed.
        let open = |name| name != DoorName::Enrol || matches!(who, Who::Member(_));
        let doors = doors(self.population_of(who)).enumerate();
        let binding = doors.filter(|(_, (name, door))| open(*name) && door.binds.contains(&bound));
        binding.fold(0, |all, (index, _)| all | 1 << index)
    }

    /// Person by person: this one agrees and one fewer of those after, or this one is not needed.
    fn agree(&self, role: ApproverIx, without: Option<u16>, from: u16, people: u16, graph: &mut Graph) {
        let fact = Fact::Agree { role, without, from, people };
        let Some(place) = self.layout.role(role) else { return };
        if people == 0 {
            graph.rule(fact, &[]);
        } else if from < place.first + place.people {
            let others = Fact::Agree { role, without, from: from + 1, people };
            graph.rule(fact, &[others]);
            if without != Some(from) {
                let fewer = Fact::Agree { role, without, from: from + 1, people: people - 1 };
                graph.rule(fact, &[Fact::Agrees(from), fewer]);
            }
        }
    }

    fn requirement(&self, requirement: &Requirement, who: Who, graph: &mut Graph) -> u32 {
        match requirement {
            Requirement::Term(term) => self.term(*term, who, graph),
            Requirement::All(parts) => {
                let body = parts.iter().map(|part| self.requirement(part, who, graph)).collect();
                graph.part(vec![body])
            }
            Requirement::Any(parts) => {
                let bodies = parts.iter().map(|part| vec![self.requirement(part, who, graph)]).collect();
                graph.part(bodies)
            }
            Requirement::AtLeast(count, terms) => {
                // reached[n]: n of the terms seen so far are shown.
                let mut reached = vec![graph.part(vec![vec![]])];
                reached.resize_with(usize::from(*count) + 1, || graph.part(vec![]));
                for term in runtime::distinct(terms) {
                    let shown = self.term(term, who, graph);
                    for n in (1..reached.len()).rev() {
                        let more = vec![reached[n - 1], shown];
                        reached[n] = graph.part(vec![vec![reached[n]], more]);
                    }
                }
                reached[usize::from(*count)]
            }
        }
    }

    fn term(&self, term: Term, who: Who, graph: &mut Graph) -> u32 {
        let fact = match term {
            Term::Authenticator(authenticator) => Fact::Passes(who, authenticator),
            Term::Issued(channel) | Term::Invite(channel) => Fact::Answers(who, channel),
            Term::Approval(role, people) => {
                let from = self.layout.role(role).map_or(0, |role| role.first);
                // Nobody approves at a door of their own.
                let without = if let Who::Approver(person) = who { Some(person) } else { None };
                Fact::Agree { role, without, from, people }
            }
            Term::Proofing(method) => match self.layout.power(who, ways::to_be_proofed(method), None) {
                Some(power) => Fact::Given(power),
                None => return graph.part(vec![]),
            },
            // How fresh it must be is no obstacle to somebody who has just signed in.
            Term::Session { aal, .. } => Fact::Session(who, aal),
        };
        graph.number(fact)
    }

    fn reaches(&self, who: Who, channel: ChannelIx) -> bool {
        match (who, self.channels) {
            (Who::Member(_), Some(channels)) => channels.contains(&channel),
            _ => true,
        }
    }

    fn population_ix(&self, who: Who) -> PopulationIx {
        match who {
            Who::Member(population) => population,
            Who::Approver(person) => self.model[self.layout.role_of(person).approver].population,
        }
    }

    fn population_of(&self, who: Who) -> &Population {
        &self.model[self.population_ix(who)]
    }

    fn alternatives_of(&self, who: Who) -> Result<&[Alternative], Truncated> {
        self.alternatives.of(self.population_ix(who))
    }

    fn door(&self, who: Who, name: DoorName) -> Option<&Door> {
        name.door(self.population_of(who))
    }
}

/// To be missed for a waiting time is one thing; for three days, by messages to two things, another. Two messages to one phone,
/// or to one mailbox under two names, are missed together.
fn stealth(door: &Door, things: usize) -> CapabilityKind {
    let days = door.wait.is_some_and(|wait| wait >= std::time::Duration::from_hours(72));
    if days && things >= 2 { CapabilityKind::UnnoticedForDays } else { CapabilityKind::Unnoticed }
}

impl Graph {
    /// The number of a fact, which is new if nobody asked before.
    pub(super) fn number(&mut self, fact: Fact) -> u32 {
        *self.numbers.entry(fact).or_insert_with(|| {
            self.facts.push(fact);
            self.concluding.push(vec![]);
            // In range: the number of rules is bounded, and each asks for few facts.
            u32::try_from(self.facts.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// What is to be solved: for every fact the variables that bring it about.
    pub(super) fn problem(&self) -> Problem<'_> {
        let given = self.facts.iter().zip(&self.concluding).map(|(fact, by)| match fact {
            // What has fallen is concluded by a rule, and costs nothing.
            Fact::Given(variable) if by.is_empty() => Some(*variable),
            _ => None,
        });
        Problem { given: given.collect(), rules: &self.rules, concluding: &self.concluding }
    }

    pub(super) fn known(&self, fact: Fact) -> Option<u32> {
        self.numbers.get(&fact).copied()
    }

    /// The numbers of all facts of a sort.
    pub(super) fn known_where(&self, wanted: impl Fn(Fact) -> bool) -> impl Iterator<Item = u32> {
        (0..).zip(&self.facts).filter(move |(_, fact)| wanted(**fact)).map(|(number, _)| number)
    }

    /// The variables from this one on that matter for anything.
    pub(super) fn deeds(&self, first: Variable) -> impl Iterator<Item = Variable> {
        self.facts.iter().filter_map(move |fact| match fact {
            Fact::Given(variable) if *variable >= first => Some(*variable),
            _ => None,
        })
    }

    /// What a rule concludes.
    pub(super) fn concluded(&self, rule: u32) -> Fact {
        self.facts[self.rules[rule as usize].head as usize]
    }

    fn rule(&mut self, head: Fact, body: &[Fact]) {
        let body = body.iter().map(|fact| self.number(*fact)).collect();
        self.conclude(head, body);
    }

    fn conclude(&mut self, head: Fact, body: Vec<u32>) {
        let head = self.number(head);
        self.concluding[head as usize].push(u32::try_from(self.rules.len()).unwrap_or(u32::MAX));
        self.rules.push(Rule { head, body });
    }

    /// A fact without a name that any of the bodies concludes.
    fn part(&mut self, bodies: Vec<Vec<u32>>) -> u32 {
        let fact = Fact::Part(u32::try_from(self.facts.len()).unwrap_or(u32::MAX));
        let number = self.number(fact);
        for body in bodies {
            self.conclude(fact, body);
        }
        number
    }
}
