//! What is drawn of one chain: doors, evidence, things, deeds, and what leads to what.
//!
//! Owns the choice of nodes and edges, and which of them lie on the weakest way in. Does not own where they stand
//! (`place`) nor how they look (`svg`, `dot`).

use super::words::{self, duration, evidence, listed};
use crate::model::{ChannelKind, Door, Model, Population, PopulationIx, Requirement, Term};
use crate::runtime;
use crate::takeover::{
    Capability, CapabilityKind, DoorName, Link, NewWays, Person, Point, ProfileReading, Takeover, Verdict,
    least_effort, steps, trail,
};

/// One chain, as members meet it who hold the same authenticators.
pub(super) struct Picture {
    /// Whose it is.
    pub(super) population: String,
    /// "members who hold passkey and totp".
    pub(super) members: String,
    /// None: it was not computed.
    pub(super) verdict: Option<Verdict>,
    /// What login takes, and what the weakest way in takes.
    pub(super) login_effort: Option<u32>,
    pub(super) effort: Option<u32>,
    /// In the order in which a member meets them.
    pub(super) doors: Vec<DoorCard>,
    /// Deeds, then things, channels and people, then evidence: columns from left to right.
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// From a door that binds something to login, which is passed with it.
    pub(super) arcs: Vec<(usize, usize)>,
    /// The weakest way in, told.
    pub(super) steps: Vec<String>,
}

pub(super) struct DoorCard {
    pub(super) name: String,
    /// The requirement in the policy's words; empty for the last door.
    pub(super) requirement: String,
    /// Waiting time, notices; or what the last door does.
    pub(super) remark: String,
    /// What it costs, in words.
    pub(super) cost: String,
    pub(super) is_weaker: bool,
    /// How many ways open it: each is a port where the edges of its evidence meet.
    pub(super) ports: usize,
    /// The port that the weakest way takes.
    pub(super) taken: Option<usize>,
    pub(super) on_way: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Deeds,
    Things,
    Evidence,
}

pub(super) struct Node {
    pub(super) column: Column,
    what: What,
    pub(super) label: String,
    /// A second line in small letters, as long as it must be.
    pub(super) remark: String,
    /// Deeds only.
    pub(super) cost: String,
    pub(super) on_way: bool,
}

#[derive(Clone, PartialEq)]
enum What {
    Deed(Capability),
    Thing(String),
    Channel(crate::model::ChannelIx),
    People(crate::model::ApproverIx),
    Evidence(Term),
    Quiet(DoorName),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// An index into [`Picture::nodes`].
    Node(usize),
    /// A port of a door, both counted from 0.
    Port(usize, usize),
}

pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: End,
    pub(super) on_way: bool,
}

/// More ways than this into one door are drawn as one port: nobody could follow the lines.
const MOST_PORTS: usize = 6;

impl Picture {
    /// The doors alone, of a chain whose ways in were too many to list.
    pub(super) fn not_computed(model: &Model, index: PopulationIx) -> Picture {
        Picture::drawn(model, index, None)
    }

    pub(super) fn of(model: &Model, index: PopulationIx, reading: &ProfileReading) -> Picture {
        Picture::drawn(model, index, Some(reading))
    }

    fn drawn(model: &Model, index: PopulationIx, reading: Option<&ProfileReading>) -> Picture {
        let population = &model[index];
        let told = reading.map(ProfileReading::decisive);
        // Of equal ways, one round login says more than login itself.
        let weakest = told.and_then(|told| told.any.iter().min_by_key(|way| (way.effort, !way.new)));
        let way = reading.zip(told).zip(weakest);
        let links = way.map(|((reading, told), way)| trail(model, index, reading, told.goal, way));
        let held: Option<Vec<String>> =
            reading.map(|held| held.holds.iter().map(|name| model[*name].name.clone()).collect());
        // A picture of the way into an application says so: the account's own may be another.
        let apps = reading.and_then(ProfileReading::decisive_entry).map(|entry| {
            let names = entry.apps.iter().map(|app| model.apps[usize::from(*app)].name.clone());
            listed(&names.collect::<Vec<_>>())
        });
        let into = apps.map(|apps| format!(", into {apps}")).unwrap_or_default();
        let drawing = Drawing {
            model,
            population,
            reading,
            weakest,
            links: links.unwrap_or_default(),
            picture: Picture {
                population: population.name.clone(),
                members: match held {
                    None => "all members".into(),
                    Some(held) if held.is_empty() => "members who hold nothing".into(),
                    Some(held) => format!("members who hold {}{into}", listed(&held)),
                },
                verdict: reading.map(|reading| reading.verdict),
                login_effort: told.and_then(|told| least_effort(told.login)),
                effort: weakest.map(|way| way.effort),
                doors: vec![],
                nodes: vec![],
                edges: vec![],
                arcs: vec![],
                steps: way
                    .map(|((reading, told), way)| steps(model, index, reading, told.goal, way))
                    .unwrap_or_default(),
            },
        };
        drawing.finished()
    }

    /// What a reader who cannot see the picture is told.
    pub(super) fn description(&self) -> String {
        let doors: Vec<String> = self.doors.iter().map(DoorCard::spoken).collect();
        let steps: Vec<String> =
            self.steps.iter().zip(1..).map(|(step, number)| format!("{number}. {step}.")).collect();
        let way = match self.effort {
            None if self.verdict.is_none() => String::new(),
            None => "There is no way in.".to_owned(),
            Some(effort) => format!("The weakest way in costs an effort of {effort}: {}", steps.join(" ")),
        };
        format!("{} Doors in order: {} {way}", self.summary(), doors.join(" "))
    }

    /// The verdict in one sentence.
    pub(super) fn summary(&self) -> &'static str {
        match self.verdict {
            None => "The ways in are too many to list, and nothing is proved.",
            Some(Verdict::Contained) => "There is no way around signing in at all.",
            Some(Verdict::NotWeaker) => "No way around signing in is easier than signing in.",
            Some(Verdict::Weaker) => "A way around signing in is too easy.",
        }
    }

    /// The verdict as a word.
    pub(super) fn verdict_in_words(&self) -> String {
        self.verdict.map_or_else(|| "not computed".to_owned(), |verdict| verdict.name().replace('-', " "))
    }
}

impl DoorCard {
    fn spoken(&self) -> String {
        let parts = [&self.requirement, &self.remark, &self.cost];
        let parts: Vec<&str> =
            parts.iter().map(|part| part.as_str()).filter(|part| !part.is_empty()).collect();
        format!("{}: {}.", self.name, parts.join("; "))
    }
}

/// A picture being drawn.
struct Drawing<'a> {
    model: &'a Model,
    population: &'a Population,
    reading: Option<&'a ProfileReading>,
    weakest: Option<&'a Takeover>,
    links: Vec<Link>,
    picture: Picture,
}

impl Drawing<'_> {
    fn finished(mut self) -> Picture {
        if let Some(enrol) = &self.population.enrol {
            self.door(DoorName::Enrol, &enrol.door.require, Some(&enrol.door));
            if let Some(card) = self.picture.doors.last_mut() {
                card.remark = format!("tickets live {}", duration(enrol.expires));
            }
        }
        self.door(DoorName::Login, &self.population.login.require, None);
        if let Some(door) = &self.population.bind {
            self.door(DoorName::Bind, &door.require, Some(door));
        }
        for (index, recover) in (0..).zip(&self.population.recover) {
            self.door(DoorName::Recover(index), &recover.door.require, Some(&recover.door));
        }
        self.way();
        if let Some(offboard) = &self.population.offboard {
            self.picture.doors.push(DoorCard {
                name: "offboard".into(),
                requirement: String::new(),
                remark: format!("everything ends within {}", duration(offboard.within)),
                cost: String::new(),
                is_weaker: false,
                ports: 0,
                taken: None,
                on_way: false,
            });
        }
        self.picture
    }

    fn door(&mut self, name: DoorName, requirement: &Requirement, door: Option<&Door>) {
        let at = self.picture.doors.len();
        let ways = runtime::written_alternatives_within(requirement, MOST_PORTS)
            .unwrap_or_else(|| vec![runtime::distinct(&requirement.terms().copied().collect::<Vec<_>>())]);
        let on_way = self.weakest.is_some_and(|way| way.doors.contains(&name));
        let taken = ways.iter().position(|way| on_way && way.iter().all(|term| self.shows(*term, name)));
        for (port, way) in ways.iter().enumerate() {
            for term in way {
                let evidence = self.evidence(*term);
                self.edge(
                    evidence,
                    End::Port(at, port),
                    taken == Some(port) && self.shows_itself(*term, name),
                );
            }
            if let Some(wait) = door.and_then(Door::time_to_object) {
                let label = format!("no objection for {}", duration(wait));
                let quiet = self.node(Column::Evidence, What::Quiet(name), label, String::new());
                self.edge(quiet, End::Port(at, port), taken == Some(port));
            }
        }
        self.picture.doors.push(DoorCard {
            name: name.written(self.population),
            requirement: words::requirement(self.model, requirement),
            remark: door.map(|door| self.remark(door)).unwrap_or_default(),
            cost: self.cost(name),
            is_weaker: self.reading_of(name).is_some_and(|(_, verdict)| verdict == Verdict::Weaker),
            ports: ways.len(),
            taken,
            on_way,
        });
    }

    fn remark(&self, door: &Door) -> String {
        let told: Vec<String> = door.notify.iter().map(|channel| self.model[*channel].name.clone()).collect();
        let told = if told.is_empty() { "tells nobody".into() } else { format!("tells {}", listed(&told)) };
        door.wait.map_or_else(|| told.clone(), |wait| format!("waits {}, {told}", duration(wait)))
    }

    fn cost(&self, name: DoorName) -> String {
        let effort = |effort: Option<u32>| effort.map(|effort| format!("effort {effort}"));
        let Some(reading) = self.reading else { return "not computed".into() };
        if name == DoorName::Login {
            let login = reading.decisive().login;
            return effort(least_effort(login)).unwrap_or_else(|| "nobody gets in".into());
        }
        let Some((takeovers, verdict)) = self.reading_of(name) else { return String::new() };
        // Login is open beside the door; only what is new goes through it.
        match NewWays::among(takeovers, verdict, reading.up_to) {
            NewWays::Nothing => "no new way in".into(),
            effort => format!("effort {effort}"),
        }
    }

    /// The ways through the door to what the picture is about, and their verdict.
    fn reading_of(&self, name: DoorName) -> Option<(&[Takeover], Verdict)> {
        let reading = self.reading?;
        let into =
            reading.decisive_entry().and_then(|entry| entry.doors.iter().find(|(door, ..)| *door == name));
        match into {
            Some((_, takeovers, verdict)) => Some((takeovers, *verdict)),
            None => reading.door(name).map(|door| (door.takeovers.as_slice(), door.verdict)),
        }
    }

    /// Does the weakest way show this evidence at that door?
    fn shows(&self, term: Term, at: DoorName) -> bool {
        self.shows_itself(term, at) || matches!(term, Term::Authenticator(_)) && self.bound_before(at)
    }

    fn shows_itself(&self, term: Term, at: DoorName) -> bool {
        let linked = |point: &Point| match (point, term) {
            (Point::Authenticator(passed), Term::Authenticator(asked)) => *passed == asked,
            (Point::Code(passed), Term::Issued(asked) | Term::Invite(asked)) => *passed == asked,
            (Point::Approval(passed), Term::Approval(asked, _)) => *passed == asked,
            (Point::Deed(deed), Term::Proofing(_)) => {
                matches!(deed.kind, CapabilityKind::Forge | CapabilityKind::Deepfake)
            }
            (Point::Door(DoorName::Login), Term::Session { .. }) => true,
            _ => false,
        };
        self.links.iter().any(|link| link.to == Point::Door(at) && linked(&link.from))
    }

    fn bound_before(&self, at: DoorName) -> bool {
        let by_door = |link: &Link| matches!(link.from, Point::Door(door) if door != DoorName::Login);
        self.links.iter().any(|link| link.to == Point::Door(at) && by_door(link))
    }

    /// The evidence and the things on which it hangs.
    fn evidence(&mut self, term: Term) -> usize {
        let model = self.model;
        let remark = match term {
            Term::Authenticator(a) if model[a].name != model[a].kind.name() => {
                model[a].kind.name().to_owned()
            }
            _ => String::new(),
        };
        let index = self.node(Column::Evidence, What::Evidence(term), evidence(model, term), remark);
        match term {
            Term::Authenticator(authenticator) => {
                for thing in model[authenticator].on.iter().cloned() {
                    self.thing(thing, index);
                }
            }
            Term::Issued(at) | Term::Invite(at) => {
                let channel = &model[at];
                let node =
                    self.node(Column::Things, What::Channel(at), channel.name.clone(), kind(channel.kind));
                self.edge(node, End::Node(index), false);
                for thing in channel.on.iter().cloned() {
                    self.thing(thing, index);
                }
            }
            Term::Approval(role, _) => {
                let people = self.people(role);
                self.edge(people, End::Node(index), false);
            }
            Term::Proofing(_) | Term::Session { .. } => {}
        }
        index
    }

    fn thing(&mut self, name: String, evidence: usize) {
        let node = self.node(Column::Things, What::Thing(name.clone()), name, "thing".into());
        self.edge(node, End::Node(evidence), false);
    }

    fn people(&mut self, role: crate::model::ApproverIx) -> usize {
        let name = self.model[role].name.clone();
        self.node(Column::Things, What::People(role), name, "people".into())
    }

    /// The node of that thing, new or known.
    fn node(&mut self, column: Column, what: What, label: String, remark: String) -> usize {
        let nodes = &mut self.picture.nodes;
        nodes.iter().position(|node| node.what == what).unwrap_or_else(|| {
            nodes.push(Node { column, what, label, remark, cost: String::new(), on_way: false });
            nodes.len() - 1
        })
    }

    /// The edge, new or known; once on the way, always on the way.
    fn edge(&mut self, from: usize, to: End, on_way: bool) {
        let edges = &mut self.picture.edges;
        match edges.iter_mut().find(|edge| edge.from == from && edge.to == to) {
            Some(known) => known.on_way |= on_way,
            None => edges.push(Edge { from, to, on_way }),
        }
        if on_way {
            self.picture.nodes[from].on_way = true;
            if let End::Node(to) = to {
                self.picture.nodes[to].on_way = true;
            }
        }
    }

    /// The deeds of the weakest way, and what they lead to.
    fn way(&mut self) {
        for Link { from, to } in std::mem::take(&mut self.links) {
            match (&from, &to) {
                (Point::Door(binding), Point::Door(opened)) => {
                    let place = |door: &DoorName| {
                        let name = door.written(self.population);
                        self.picture.doors.iter().position(|card| card.name == name)
                    };
                    if let (Some(binding), Some(opened), true) =
                        (place(binding), place(opened), opened == &DoorName::Login)
                    {
                        self.picture.arcs.push((binding, opened));
                    }
                }
                (Point::Deed(deed), _) => self.deed(deed, &to),
                (Point::Channel(channel), Point::Code(_) | Point::Unstopped(_)) => {
                    let label = self.model[*channel].name.clone();
                    let remark = kind(self.model[*channel].kind);
                    let from = self.node(Column::Things, What::Channel(*channel), label, remark);
                    for end in self.ends(&to) {
                        self.edge(from, End::Node(end), true);
                    }
                }
                _ => {}
            }
        }
    }

    fn deed(&mut self, deed: &Capability, to: &Point) {
        let effort = deed.kind.rank(&self.model.attacker).map_or(0, |rank| 1 << (rank - 1));
        let label = deed.kind.name().to_owned();
        let node = self.node(Column::Deeds, What::Deed(deed.clone()), label, deed.in_words());
        self.picture.nodes[node].cost = format!("effort {effort}");
        let evidence = self.ends(to);
        // By way of what the deed is done to, where that has a place of its own.
        let through = match (&deed.person, &deed.object, to) {
            (Person::Approver { role, .. }, _, _) => Some(self.people(*role)),
            (Person::Member, Some(object), _) => {
                let is_it = |node: &Node| node.column == Column::Things && node.label == **object;
                self.picture.nodes.iter().position(is_it)
            }
            (Person::Member, None, Point::Channel(channel)) => {
                let is_it = |node: &Node| node.what == What::Channel(*channel);
                self.picture.nodes.iter().position(is_it)
            }
            _ => None,
        };
        match through {
            Some(through) => {
                self.edge(node, End::Node(through), true);
                evidence
                    .into_iter()
                    .filter(|end| *end != through)
                    .for_each(|end| self.edge(through, End::Node(end), true));
            }
            None => evidence.into_iter().for_each(|end| self.edge(node, End::Node(end), true)),
        }
    }

    /// The nodes that stand for a point.
    fn ends(&self, point: &Point) -> Vec<usize> {
        let is_it = |what: &What| match (point, what) {
            (Point::Authenticator(passed), What::Evidence(Term::Authenticator(shown))) => passed == shown,
            (Point::Channel(read), What::Channel(channel)) => read == channel,
            (Point::Code(read), What::Evidence(Term::Issued(channel) | Term::Invite(channel))) => {
                read == channel
            }
            (Point::Approval(role), What::Evidence(Term::Approval(asked, _))) => role == asked,
            (Point::Unstopped(door), What::Quiet(quiet)) => door == quiet,
            // Identity proofing is passed by the deed itself.
            (Point::Door(_), What::Evidence(Term::Proofing(_))) => true,
            _ => false,
        };
        let nodes = self.picture.nodes.iter().enumerate();
        // What no taken port uses is not on the way, even if the deed yields it as well.
        let used = |index: usize| {
            self.picture
                .edges
                .iter()
                .any(|edge| edge.from == index && edge.on_way && matches!(edge.to, End::Port(..)))
        };
        nodes
            .filter(|(index, node)| is_it(&node.what) && (node.column != Column::Evidence || used(*index)))
            .map(|(index, _)| index)
            .collect()
    }
}

fn kind(kind: ChannelKind) -> String {
    match kind {
        ChannelKind::Email => "mailbox",
        ChannelKind::Sms => "text messages",
        ChannelKind::Voice => "telephone",
        ChannelKind::Post => "letters",
    }
    .into()
}
