//! One attack as a drawing needs it: what follows from what, door by door.
//!
//! Owns which facts of a derivation are worth a place in a picture of the member's chain. Does not own how the
//! derivation is found or told in words (`path`) nor where anything is drawn (`render`).

use std::collections::HashMap;

use super::capability::Capability;
use super::graph::Fact;
use super::layout::{DoorName, Who};
use super::path::{Account, Telling, derived};
use super::{Goal, ProfileReading, Takeover};
use crate::model::{ApproverIx, AuthenticatorIx, ChannelIx, Model, PopulationIx};

/// Something on the way to the account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// What the attacker does.
    Deed(Capability),
    /// An authenticator is passed.
    Authenticator(AuthenticatorIx),
    /// What is sent to the channel is read.
    Channel(ChannelIx),
    /// The code or ticket that was sent to the channel is shown.
    Code(ChannelIx),
    /// Somebody of the role approves.
    Approval(ApproverIx),
    /// The owner does not stop the door in its waiting time.
    Unstopped(DoorName),
    /// The door opens; login too.
    Door(DoorName),
}

/// `to` follows from `from`, together with whatever else leads to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    pub from: Point,
    pub to: Point,
}

/// The attack as links between points, causes before consequences. What happens in the accounts of approvers is
/// left out: their approval follows from the deeds against them.
pub fn trail(
    model: &Model,
    population: PopulationIx,
    profile: &ProfileReading,
    goal: Goal,
    takeover: &Takeover,
) -> Vec<Link> {
    let given = &profile.circumstances;
    let (lived, channels) = (given.lived(model), given.channels());
    let account = Account { population, holds: &given.holds, channels: channels.as_deref(), fallen: &[] };
    derived(&lived, account, goal.fact(population), takeover, links).unwrap_or_default()
}

fn links(telling: &Telling<'_>) -> Vec<Link> {
    let mut shown: HashMap<u32, Vec<Point>> = HashMap::new();
    let mut links: Vec<Link> = vec![];
    for rule in telling.rules {
        let rule = &telling.graph.rules[*rule as usize];
        let mut causes: Vec<Point> = vec![];
        for fact in &rule.body {
            let known = shown.get(fact).cloned().unwrap_or_else(|| given(telling, *fact));
            causes.extend(known.into_iter().filter(|point| !causes.contains(point)).collect::<Vec<_>>());
        }
        let points = match point(telling, telling.graph.facts[rule.head as usize]) {
            Some(point) => {
                for from in causes.into_iter().filter(|from| *from != point) {
                    let link = Link { from, to: point.clone() };
                    if !links.contains(&link) {
                        links.push(link);
                    }
                }
                vec![point]
            }
            // What has no place of its own hands on what led to it.
            None => causes,
        };
        shown.insert(rule.head, points);
    }
    links
}

fn given(telling: &Telling<'_>, fact: u32) -> Vec<Point> {
    match telling.graph.facts[fact as usize] {
        Fact::Given(variable) if variable >= telling.layout.first_power() => {
            vec![Point::Deed(telling.layout.capability(variable))]
        }
        _ => vec![],
    }
}

fn point(telling: &Telling<'_>, fact: Fact) -> Option<Point> {
    Some(match fact {
        Fact::Passes(Who::Member(_), authenticator) | Fact::Overcomes(Who::Member(_), authenticator) => {
            Point::Authenticator(authenticator)
        }
        Fact::Controls(Who::Member(_), channel) => Point::Channel(channel),
        Fact::Answers(Who::Member(_), channel) => Point::Code(channel),
        Fact::Agrees(person) => Point::Approval(telling.layout.role_of(person).approver),
        Fact::Unstopped(Who::Member(_), door) => Point::Unstopped(door),
        Fact::Opens(Who::Member(_), door) => Point::Door(door),
        Fact::SignsIn(Who::Member(_), _) => Point::Door(DoorName::Login),
        _ => return None,
    })
}
