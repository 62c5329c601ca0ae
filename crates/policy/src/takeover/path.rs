//! One attack, told step by step.
//!
//! Owns how a set of capabilities leads to the goal: which rules fire, in which order, and how that is said in
//! plain words. Does not own which sets there are (`solve`).

use std::collections::BTreeSet;

use super::alternatives::Alternatives;
use super::capability::Person;
use super::fallen::Falling;
use super::family::Variable;
use super::graph::{Fact, Graph, Question};
use super::layout::{Layout, Who, doors};
use super::{DoorName, Goal, ProfileReading, Takeover, Truncated, profile};
use crate::model::{AuthenticatorIx, Bindable, ChannelIx, Model, PopulationIx};

/// The attack as numbered steps in plain words would have it, without the numbers.
pub fn steps(
    model: &Model,
    population: PopulationIx,
    profile: &ProfileReading,
    goal: Goal,
    takeover: &Takeover,
) -> Vec<String> {
    let given = &profile.circumstances;
    let (lived, channels) = (given.lived(model), given.channels());
    let account = Account { population, holds: &given.holds, channels: channels.as_deref(), fallen: &[] };
    derived(&lived, account, goal.fact(population), takeover, in_words).unwrap_or_default()
}

/// The same for an attack on an application, an index into [`Model::apps`].
pub fn steps_into_app(model: &Model, app: u16, population: PopulationIx, takeover: &Takeover) -> Vec<String> {
    let holds = [profile::everything(model, population), profile::recovery_codes(model)].concat();
    let goal = Goal::App(app).fact(population);
    let account = Account { population, holds: &holds, channels: None, fallen: &[] };
    derived(model, account, goal, takeover, in_words).unwrap_or_default()
}

/// The same for any goal, once something has fallen.
pub(super) fn steps_towards(
    model: &Model,
    account: Account<'_>,
    goal: Fact,
    takeover: &Takeover,
) -> Vec<String> {
    derived(model, account, goal, takeover, in_words).unwrap_or_default()
}

/// The account that an attack is told of, and what the attacker has from the beginning.
#[derive(Clone, Copy)]
pub(super) struct Account<'a> {
    pub(super) population: PopulationIx,
    pub(super) holds: &'a [AuthenticatorIx],
    pub(super) channels: Option<&'a [ChannelIx]>,
    pub(super) fallen: &'a [Falling],
}

fn in_words(telling: &Telling<'_>) -> Vec<String> {
    telling.steps()
}

/// Derives the goal from what the attacker holds, and hands the derivation to whoever tells it.
pub(super) fn derived<T>(
    model: &Model,
    account: Account<'_>,
    goal: Fact,
    takeover: &Takeover,
    tell: impl FnOnce(&Telling<'_>) -> T,
) -> Result<T, Truncated> {
    let ground = Ground::of(model, account.channels, account.fallen, &[goal])?;
    Ok(ground.derived(account, goal, takeover, tell))
}

/// The rules from which attacks are derived, for as many attacks as are to be told.
pub(crate) struct Ground<'m> {
    model: &'m Model,
    layout: Layout,
    alternatives: Alternatives<'m>,
    graph: Graph,
}

impl<'m> Ground<'m> {
    /// For attacks on the accounts of every population, as the policy has them.
    pub(crate) fn everywhere(model: &'m Model) -> Result<Self, Truncated> {
        let all = (0..).map(PopulationIx).take(model.populations.len());
        let goals: Vec<Fact> = all.map(|population| Goal::Account.fact(population)).collect();
        Ground::of(model, None, &[], &goals)
    }

    fn of(
        model: &'m Model,
        channels: Option<&[ChannelIx]>,
        fallen: &[Falling],
        goals: &[Fact],
    ) -> Result<Self, Truncated> {
        let layout = Layout::of(model, fallen)?;
        let alternatives = Alternatives::new(model);
        let (asked, named) = (&layout, &alternatives);
        let question =
            Question { model, layout: asked, alternatives: named, channels, fallen, login_alone: false };
        let graph = question.graph(goals, 1)?;
        Ok(Ground { model, layout, alternatives, graph })
    }

    /// An attack on an account of members who hold what the profile says, step by step.
    pub(crate) fn steps(
        &self,
        population: PopulationIx,
        profile: &ProfileReading,
        takeover: &Takeover,
    ) -> Vec<String> {
        let account =
            Account { population, holds: &profile.circumstances.holds, channels: None, fallen: &[] };
        self.derived(account, Goal::Account.fact(population), takeover, in_words)
    }

    fn derived<T>(
        &self,
        Account { population, holds, .. }: Account<'_>,
        goal: Fact,
        takeover: &Takeover,
        tell: impl FnOnce(&Telling<'_>) -> T,
    ) -> T {
        let Ground { model, layout, alternatives, graph } = self;
        let enrolling = takeover.doors.contains(&DoorName::Enrol);
        let mut given = layout.circumstances(&takeover.doors, if enrolling { &[] } else { holds });
        given.extend(takeover.capabilities.iter().filter_map(|capability| {
            let who = match &capability.person {
                Person::Member => Who::Member(population),
                Person::Approver { role, number, .. } => Who::Approver(layout.role(*role)?.person(*number)),
            };
            layout.power(who, capability.kind, capability.object.as_deref())
        }));
        let rules = Chaining::towards(graph, goal).derivation(&given);
        tell(&Telling { model, layout, alternatives, graph, rules: &rules })
    }
}

/// Forward chaining over the rules on which one goal depends.
pub(super) struct Chaining<'g> {
    graph: &'g Graph,
    goal: u32,
    /// The rules that matter, and for each fact those that have it in their body.
    rules: Vec<u32>,
    waiting: Vec<Vec<u32>>,
    /// The facts that are given by a variable, by variable.
    given: Vec<(Variable, u32)>,
}

impl<'g> Chaining<'g> {
    pub(super) fn towards(graph: &'g Graph, goal: Fact) -> Self {
        let goal = graph.known(goal).unwrap_or_default();
        let (mut rules, mut given) = (vec![], vec![]);
        let mut waiting = vec![vec![]; graph.facts.len()];
        let (mut seen, mut stack) = (vec![false; graph.facts.len()], vec![goal]);
        seen[goal as usize] = true;
        while let Some(fact) = stack.pop() {
            if let Fact::Given(variable) = graph.facts[fact as usize] {
                given.push((variable, fact));
            }
            for rule in &graph.concluding[fact as usize] {
                rules.push(*rule);
                for cause in &graph.rules[*rule as usize].body {
                    waiting[*cause as usize].push(*rule);
                    if !std::mem::replace(&mut seen[*cause as usize], true) {
                        stack.push(*cause);
                    }
                }
            }
        }
        given.sort_unstable();
        Chaining { graph, goal, rules, waiting, given }
    }

    /// The rules that lead from what is given to the goal, causes before consequences. Breadth first, so that a
    /// short way is found where there are several. Empty when the goal is out of reach.
    pub(super) fn derivation(&self, given: &[Variable]) -> Vec<u32> {
        const NOT_YET: u32 = u32::MAX;
        const GIVEN: u32 = u32::MAX - 1;
        let mut lacking: Vec<usize> = self.graph.rules.iter().map(|rule| rule.body.len()).collect();
        let mut because = vec![NOT_YET; self.graph.facts.len()];
        let mut queue = std::collections::VecDeque::new();
        for variable in given {
            if let Ok(index) = self.given.binary_search_by_key(variable, |(variable, _)| *variable) {
                let (_, fact) = self.given[index];
                because[fact as usize] = GIVEN;
                queue.push_back(fact);
            }
        }
        for rule in self.rules.iter().filter(|rule| lacking[**rule as usize] == 0) {
            let head = self.graph.rules[*rule as usize].head;
            if because[head as usize] == NOT_YET {
                because[head as usize] = *rule;
                queue.push_back(head);
            }
        }
        while let Some(fact) = queue.pop_front() {
            for rule in &self.waiting[fact as usize] {
                lacking[*rule as usize] -= 1;
                let head = self.graph.rules[*rule as usize].head;
                if lacking[*rule as usize] == 0 && because[head as usize] == NOT_YET {
                    because[head as usize] = *rule;
                    queue.push_back(head);
                }
            }
        }
        let mut ordered = vec![];
        let mut seen = BTreeSet::new();
        let mut stack = vec![(self.goal, false)];
        while let Some((fact, causes_done)) = stack.pop() {
            let rule = because[fact as usize];
            if rule >= GIVEN {
                continue;
            }
            if causes_done {
                ordered.push(rule);
            } else if seen.insert(fact) {
                stack.push((fact, true));
                stack.extend(self.graph.rules[rule as usize].body.iter().rev().map(|cause| (*cause, false)));
            }
        }
        ordered
    }
}

/// A derivation put into words.
pub(super) struct Telling<'a> {
    model: &'a Model,
    pub(super) layout: &'a Layout,
    alternatives: &'a Alternatives<'a>,
    pub(super) graph: &'a Graph,
    /// Causes before consequences.
    pub(super) rules: &'a [u32],
}

impl Telling<'_> {
    fn steps(&self) -> Vec<String> {
        // One step for each deed, with all that it yields; one for each door.
        let mut steps: Vec<(String, Vec<String>)> = vec![];
        for rule in self.rules {
            let rule = &self.graph.rules[*rule as usize];
            let head = self.graph.facts[rule.head as usize];
            let deeds: Vec<String> = (rule.body.iter())
                .filter_map(|fact| match self.graph.facts[*fact as usize] {
                    Fact::Given(v) if v >= self.layout.first_power() => Some(self.deed(v)),
                    _ => None,
                })
                .collect();
            if !deeds.is_empty() {
                let deed = deeds.join(" and ");
                let index = steps.iter().position(|(known, _)| *known == deed).unwrap_or_else(|| {
                    steps.push((deed, vec![]));
                    steps.len() - 1
                });
                let gains = &mut steps[index].1;
                gains.extend(self.gain(head));
                gains.dedup();
            }
            match head {
                Fact::Opens(who, name) => steps.push((self.opening(who, name), self.bound_by(who, name))),
                Fact::SignsIn(who, index) if deeds.is_empty() => {
                    steps.push((self.signing_in(who, index), vec![]));
                }
                Fact::Agrees(person) if deeds.is_empty() => {
                    steps.push((format!("approve as {}", self.layout.approver(person)), vec![]));
                }
                // Nothing was done for these: they had fallen.
                Fact::Overcomes(who, authenticator) if deeds.is_empty() => {
                    let name = &self.model[authenticator].name;
                    steps.push((format!("have {name} of {}", self.whom(who)), vec![]));
                }
                Fact::Controls(who, channel) if rule.body.is_empty() => {
                    let name = &self.model[channel].name;
                    steps.push((format!("read what is sent to {name} of {}", self.whom(who)), vec![]));
                }
                _ => {}
            }
        }
        let told = |(deed, gains): (String, Vec<String>)| match gains.as_slice() {
            [] => deed,
            gains => format!("{deed}: {}", listed(gains)),
        };
        steps.into_iter().map(told).collect()
    }

    fn deed(&self, variable: Variable) -> String {
        self.layout.capability(variable).in_words()
    }

    /// What a deed yields, said of the attacker.
    fn gain(&self, fact: Fact) -> Option<String> {
        Some(match fact {
            Fact::Overcomes(_, authenticator) => format!("yields {}", self.model[authenticator].name),
            Fact::Controls(_, channel) => format!("reads {}", self.model[channel].name),
            Fact::Answers(_, channel) => format!("yields the code sent to {}", self.model[channel].name),
            Fact::Agrees(person) => format!("{} approves", self.layout.approver(person)),
            Fact::Unstopped(..) => "nobody stops the door".into(),
            Fact::SignsIn(..) => "uses a session of theirs".into(),
            _ => return None,
        })
    }

    fn opening(&self, who: Who, name: DoorName) -> String {
        let door = name.written(&self.model[self.population(who)]);
        match who {
            Who::Member(_) => format!("open {door}"),
            Who::Approver(person) => format!("open {door} of {}", self.layout.approver(person)),
        }
    }

    /// What the attacker binds at a door and needs afterwards.
    fn bound_by(&self, who: Who, name: DoorName) -> Vec<String> {
        let heads = || self.rules.iter().map(|rule| self.graph.concluded(*rule));
        let Some((_, door)) = doors(&self.model[self.population(who)]).find(|(door, _)| *door == name) else {
            return vec![];
        };
        let shown = |authenticator: AuthenticatorIx| {
            heads().any(|head| match head {
                Fact::Passes(whose, passed) => whose == who && passed == authenticator,
                Fact::SignsIn(whose, index) => {
                    whose == who && self.alternative(who, index).contains(&authenticator)
                }
                _ => false,
            })
        };
        let happens = |fact: Fact| heads().any(|head| head == fact);
        (door.binds.iter())
            .filter_map(|bound| match bound {
                Bindable::Authenticator(a) if shown(*a) && !happens(Fact::Overcomes(who, *a)) => {
                    Some(format!("binds {} of the attacker", self.model[*a].name))
                }
                Bindable::Channel(c) if happens(Fact::Controls(who, *c)) => {
                    Some(format!("puts an address of the attacker in place of {}", self.model[*c].name))
                }
                _ => None,
            })
            .collect()
    }

    fn signing_in(&self, who: Who, index: u16) -> String {
        let whose = match who {
            Who::Member(_) => String::new(),
            Who::Approver(person) => format!(" as {}", self.layout.approver(person)),
        };
        let names: Vec<String> =
            self.alternative(who, index).iter().map(|a| self.model[*a].name.clone()).collect();
        format!("sign in{whose} with {}", listed(&names))
    }

    fn whom(&self, who: Who) -> String {
        match who {
            Who::Member(_) => "the member".to_owned(),
            Who::Approver(person) => self.layout.approver(person).to_string(),
        }
    }

    fn alternative(&self, who: Who, index: u16) -> &[AuthenticatorIx] {
        // The graph was built from them, so they are known.
        let alternatives = self.alternatives.of(self.population(who)).unwrap_or_default();
        alternatives.get(usize::from(index)).map_or(&[], |way| &way.authenticators)
    }

    fn population(&self, who: Who) -> PopulationIx {
        match who {
            Who::Member(population) => population,
            Who::Approver(person) => self.model[self.layout.role_of(person).approver].population,
        }
    }
}

fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
