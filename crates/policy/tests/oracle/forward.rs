//! Brute force: on a small policy every set of capabilities is tried, by forward chaining written here without a
//! look at the engine, and the minimal ones must be exactly what `analyse` lists, in the same order.

use std::collections::BTreeSet;

use policy::assurance::{self, Assurance};
use policy::factor::FactorKind as K;
use policy::model::{
    AuthenticatorIx, Bindable, ChannelIx, ChannelKind, Door, Model, Population, PopulationIx, Proofing,
    Protection, Requirement, Term,
};
use policy::takeover::{self, DoorName, Entry, Falling, Takeover, Whom};

use crate::common::{self, Dice};

/// A person: the population, and the role and number of an approver.
type Person = (PopulationIx, Option<(usize, u16)>);
/// A capability: its name, the person, and the thing or channel.
type Deed = (&'static str, usize, String);

pub(crate) struct World<'m> {
    model: &'m Model,
    people: Vec<Person>,
    holds: Vec<AuthenticatorIx>,
    open: Vec<DoorName>,
    pub(crate) deeds: Vec<Deed>,
    /// The ways to sign in of each person.
    logins: Vec<Vec<Vec<AuthenticatorIx>>>,
    /// What the attacker has from the beginning.
    pub(crate) fallen: Vec<Falling>,
    /// The application that is to be entered, instead of the account.
    pub(crate) app: Option<usize>,
}

/// What a set of deeds has brought so far, person by person.
#[derive(Clone, PartialEq, Default)]
struct State {
    bound: BTreeSet<(usize, Bindable)>,
    sessions: BTreeSet<(usize, Vec<AuthenticatorIx>)>,
}

impl World<'_> {
    pub(crate) fn new(
        model: &Model,
        population: PopulationIx,
        holds: Vec<AuthenticatorIx>,
        open: Vec<DoorName>,
    ) -> World<'_> {
        let mut people: Vec<Person> = vec![(population, None)];
        for (role, approver) in model.approvers.iter().enumerate() {
            let asked = doors(model).map(|door| most_asked(&door.require, role)).max().unwrap_or(0);
            people.extend((1..=asked + u16::from(asked > 0)).map(|n| (approver.population, Some((role, n)))));
        }
        let mut world =
            World { model, people, holds, open, deeds: vec![], logins: vec![], fallen: vec![], app: None };
        let login = |(population, _): &Person| written(&model[*population].login.require);
        world.logins = world.people.iter().map(login).collect();
        world.deeds = world.every_deed();
        world
    }

    /// Every deed that some evidence in the chains of the people asks for, but those that the policy ignores.
    fn every_deed(&self) -> Vec<Deed> {
        let mut deeds = BTreeSet::new();
        for (who, (population, place)) in self.people.iter().enumerate() {
            let population = &self.model[*population];
            let mut asked = terms(&population.login.require);
            let mut add = |names: &[&'static str], what: &str| {
                deeds.extend(names.iter().map(|name| (*name, who, what.to_owned())));
            };
            for door in doors_of(population) {
                asked.extend(terms(&door.require));
                asked.extend(door.notify.iter().map(|c| Term::Issued(*c)));
                if door.wait.is_some() {
                    add(&["unnoticed", "unnoticed-for-days"], "");
                }
            }
            if place.is_some() {
                add(&["deceive"], "");
            }
            add(&["malware"], "");
            for term in asked {
                match term {
                    Term::Authenticator(a) => {
                        let a = &self.model[a];
                        let thing = a.on.as_ref().unwrap_or(&a.name);
                        match a.kind {
                            K::Password => add(&["leak", "phish"], ""),
                            K::Passkey => add(&["sync-account"], ""),
                            K::SecurityKey | K::ClientCertificate => {}
                            K::Sms | K::Voice => add(&["phish", "sim-swap"], ""),
                            K::Totp | K::Push | K::Hotp | K::RecoveryCodes => add(&["phish"], ""),
                        }
                        match a.kind {
                            K::Password => {}
                            K::Hotp | K::Sms | K::Voice | K::RecoveryCodes => add(&["steal"], thing),
                            _ => add(&["steal", "unlock"], thing),
                        }
                    }
                    Term::Issued(c) | Term::Invite(c) => {
                        let c = &self.model[c];
                        add(&["phish"], "");
                        match c.kind {
                            ChannelKind::Email => {
                                add(&["leak"], "");
                                add(&["mailbox"], &c.name);
                            }
                            ChannelKind::Sms | ChannelKind::Voice => {
                                add(&["sim-swap"], "");
                                add(&["steal"], c.on.as_ref().unwrap_or(&c.name));
                            }
                            ChannelKind::Post => add(&["intercept-post"], ""),
                        }
                    }
                    Term::Proofing(_) => add(&["forge", "deepfake"], ""),
                    Term::Approval(..) | Term::Session { .. } => {}
                }
            }
        }
        let attacker = &self.model.attacker;
        deeds.retain(|(name, ..)| {
            !attacker.ignore.iter().any(|i| i == name) && (*name != "malware" || attacker.endpoint)
        });
        deeds.into_iter().collect()
    }

    /// Do these deeds, and what follows from them, give a session of the member?
    fn taken(&self, set: u32) -> bool {
        let mut state = State::default();
        loop {
            let before = state.clone();
            for who in 0..self.people.len() {
                let population = &self.model[self.people[who].0];
                for names in &self.logins[who] {
                    let malware =
                        self.does(set, "malware", who, "") && names.iter().all(|a| self.held(who, *a));
                    if malware || names.iter().all(|a| self.shows(set, &state, who, Term::Authenticator(*a)))
                    {
                        state.sessions.insert((who, names.clone()));
                    }
                }
                let enrol = population.enrol.iter().map(|e| (DoorName::Enrol, &e.door));
                let bind = population.bind.iter().map(|d| (DoorName::Bind, d));
                let recover = (0..).zip(&population.recover).map(|(i, r)| (DoorName::Recover(i), &r.door));
                for (name, door) in enrol.chain(bind).chain(recover) {
                    let open = if who == 0 { self.open.contains(&name) } else { name != DoorName::Enrol };
                    if open
                        && self.meets(set, &state, who, &door.require)
                        && self.unstopped(set, &state, who, door)
                    {
                        state.bound.extend(door.binds.iter().map(|b| (who, *b)));
                    }
                }
            }
            if state == before {
                return match self.app.map(|app| &self.model.apps[app]) {
                    None => state.sessions.iter().any(|(who, _)| *who == 0),
                    Some(app) => self.session(&state, 0, |a| {
                        a.aal >= app.aal && (a.phishing_resistant || !app.phishing_resistant)
                    }),
                };
            }
        }
    }

    fn does(&self, set: u32, name: &str, who: usize, what: &str) -> bool {
        self.fell_to(name, who, what)
            || self
                .deeds
                .iter()
                .enumerate()
                .any(|(i, d)| set >> i & 1 == 1 && d.0 == name && d.1 == who && d.2 == what)
    }

    /// Can this be done to that person from the beginning?
    fn fell_to(&self, name: &str, who: usize, what: &str) -> bool {
        let role = self.people[who].1.map(|(role, _)| role);
        self.fallen.iter().any(|falling| match falling {
            Falling::Capability { kind, object, whom } => {
                let is_meant = match whom {
                    Whom::Everybody => true,
                    Whom::Member => role.is_none(),
                    Whom::Role(meant) => role == Some(usize::from(meant.0)),
                };
                is_meant && kind.name() == name && object.as_deref().unwrap_or_default() == what
            }
            _ => false,
        })
    }

    /// Has this approver fallen? Those with the lowest numbers have.
    fn has_fallen(&self, who: usize) -> bool {
        self.people[who].1.is_some_and(|(role, number)| {
            let of_role = |f: &&Falling| matches!(f, Falling::Person(r) if usize::from(r.0) == role);
            usize::from(number) <= self.fallen.iter().filter(of_role).count()
        })
    }

    fn held(&self, who: usize, a: AuthenticatorIx) -> bool {
        who > 0 || self.holds.contains(&a)
    }

    fn meets(&self, set: u32, state: &State, who: usize, requirement: &Requirement) -> bool {
        match requirement {
            Requirement::Term(term) => self.shows(set, state, who, *term),
            Requirement::All(parts) => parts.iter().all(|part| self.meets(set, state, who, part)),
            Requirement::Any(parts) => parts.iter().any(|part| self.meets(set, state, who, part)),
            Requirement::AtLeast(n, terms) => {
                let terms: BTreeSet<Term> = terms.iter().copied().collect();
                terms.iter().filter(|term| self.shows(set, state, who, **term)).count() >= usize::from(*n)
            }
        }
    }

    fn session(&self, state: &State, who: usize, enough: impl Fn(Assurance) -> bool) -> bool {
        state
            .sessions
            .iter()
            .any(|(w, names)| *w == who && assurance::of_names(self.model, names).is_some_and(&enough))
    }

    fn shows(&self, set: u32, state: &State, who: usize, term: Term) -> bool {
        let does = |name: &str, what: &str| self.does(set, name, who, what);
        match term {
            Term::Authenticator(ix) => {
                let a = &self.model[ix];
                let thing = a.on.as_ref().unwrap_or(&a.name).as_str();
                let unlocked = does("steal", thing) && does("unlock", thing);
                let passed = match a.kind {
                    K::Password => does("leak", "") || does("phish", ""),
                    K::Totp | K::Push => does("phish", "") || unlocked,
                    K::Hotp | K::RecoveryCodes => does("phish", "") || does("steal", thing),
                    K::Sms | K::Voice => does("phish", "") || does("sim-swap", "") || does("steal", thing),
                    K::Passkey => does("sync-account", "") || unlocked,
                    K::SecurityKey | K::ClientCertificate if a.user_verification => unlocked,
                    K::SecurityKey | K::ClientCertificate => does("steal", thing),
                };
                let fell = self.fallen.iter().any(|falling| match falling {
                    Falling::Authenticator(fallen) => *fallen == ix,
                    Falling::Kind(kind) => a.kind == *kind,
                    _ => false,
                });
                (passed || fell) && self.held(who, ix)
                    || state.bound.contains(&(who, Bindable::Authenticator(ix)))
            }
            Term::Issued(c) | Term::Invite(c) => does("phish", "") || self.controls(set, state, who, c),
            Term::Approval(role, n) => {
                let aal = self.model[role].aal;
                let agrees = |p: &usize| {
                    let of_role = self.people[*p].1.is_some_and(|(r, _)| r == usize::from(role.0));
                    let taken = self.session(state, *p, |a| a.aal >= aal);
                    of_role
                        && *p != who
                        && (self.has_fallen(*p) || self.does(set, "deceive", *p, "") || taken)
                };
                (0..self.people.len()).filter(agrees).count() >= usize::from(n)
            }
            Term::Proofing(Proofing::InPerson) => does("forge", ""),
            Term::Proofing(_) => does("deepfake", ""),
            Term::Session { aal, .. } => self.session(state, who, |a| a.aal >= aal),
        }
    }

    fn controls(&self, set: u32, state: &State, who: usize, channel: ChannelIx) -> bool {
        let c = &self.model[channel];
        let does = |name: &str, what: &str| self.does(set, name, who, what);
        let thing = c.on.as_ref().unwrap_or(&c.name);
        let controlled = match (c.kind, c.protected) {
            _ if c.behind_login => state.sessions.iter().any(|(w, _)| *w == who),
            (ChannelKind::Email, Protection::Password) => {
                does("leak", "") || does("phish", "") || does("mailbox", &c.name)
            }
            (ChannelKind::Email, Protection::Mfa) => does("phish", "") || does("mailbox", &c.name),
            (ChannelKind::Email, Protection::PhishingResistant) => does("mailbox", &c.name),
            (ChannelKind::Sms | ChannelKind::Voice, _) => does("sim-swap", "") || does("steal", thing),
            (ChannelKind::Post, _) => does("intercept-post", ""),
        };
        let fell = self.fallen.contains(&Falling::Channel(channel));
        controlled || fell || state.bound.contains(&(who, Bindable::Channel(channel)))
    }

    fn unstopped(&self, set: u32, state: &State, who: usize, door: &Door) -> bool {
        // Half a day at least, and somebody who is told: nothing else holds anybody up.
        let Some(wait) = door.wait.filter(|wait| wait.as_secs() >= 12 * 3600 && !door.notify.is_empty())
        else {
            return true;
        };
        // Messages to one phone are missed together.
        let thing = |c: &ChannelIx| {
            let channel = &self.model[*c];
            channel.on.clone().unwrap_or_else(|| channel.name.clone())
        };
        let things: BTreeSet<String> = door.notify.iter().map(thing).collect();
        let days = wait.as_secs() >= 72 * 3600 && things.len() >= 2;
        let stealth = if days { "unnoticed-for-days" } else { "unnoticed" };
        self.does(set, stealth, who, "") || door.notify.iter().all(|c| self.controls(set, state, who, *c))
    }

    /// All minimal sets, smallest first.
    pub(crate) fn minimal(&self) -> Vec<u32> {
        let mut masks: Vec<u32> = (0..1 << self.deeds.len()).collect();
        masks.sort_by_key(|mask| mask.count_ones());
        let mut minimal: Vec<u32> = vec![];
        for mask in masks {
            if !minimal.iter().any(|m| m & mask == *m) && self.taken(mask) {
                minimal.push(mask);
            }
        }
        minimal
    }

    /// The set as reports write it: of all numberings of the people, the one that sorts first.
    pub(crate) fn written(&self, set: u32) -> Vec<String> {
        let name = |person: usize, numbering: &[u16]| match self.people[person].1 {
            None => "member".to_owned(),
            Some((role, _)) => format!("{}#{}", self.model.approvers[role].name, numbering[person]),
        };
        // Who has fallen keeps their number: they are like nobody else.
        let keeps = |numbering: &Vec<u16>| {
            (0..self.people.len())
                .all(|who| !self.has_fallen(who) || self.people[who].1.map(|p| p.1) == Some(numbering[who]))
        };
        let lists = self.numberings().into_iter().filter(keeps).map(|numbering| {
            let done = self.deeds.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1);
            let mut list: Vec<String> = done
                .map(|(_, (deed, who, what))| match what.as_str() {
                    "" => format!("{deed}({})", name(*who, &numbering)),
                    what => format!("{deed}({},{what})", name(*who, &numbering)),
                })
                .collect();
            list.sort();
            list
        });
        lists.min().unwrap_or_default()
    }

    /// Every way to give the people of each role their numbers.
    fn numberings(&self) -> Vec<Vec<u16>> {
        let mut all: Vec<Vec<u16>> = vec![vec![]];
        for (_, place) in &self.people {
            let most = self.people.iter().filter(|(_, p)| p.map(|p| p.0) == place.map(|p| p.0)).count();
            let longer = all.iter().flat_map(|numbers| {
                (1..=u16::try_from(most).expect("few people")).filter_map(move |n| {
                    let taken = (0..numbers.len()).any(|other| {
                        self.people[other].1.map(|p| p.0) == place.map(|p| p.0) && numbers[other] == n
                    });
                    (!taken).then(|| [numbers.as_slice(), &[n]].concat())
                })
            });
            all = longer.collect();
        }
        all
    }
}

/// The doors of a chain, besides login.
fn doors_of(population: &Population) -> impl Iterator<Item = &Door> {
    let enrol = population.enrol.iter().map(|enrol| &enrol.door);
    enrol.chain(&population.bind).chain(population.recover.iter().map(|recover| &recover.door))
}

/// The doors of all populations, besides login.
fn doors(model: &Model) -> impl Iterator<Item = &Door> {
    model.populations.iter().flat_map(doors_of)
}

fn terms(requirement: &Requirement) -> Vec<Term> {
    match requirement {
        Requirement::Term(term) => vec![*term],
        Requirement::All(parts) | Requirement::Any(parts) => parts.iter().flat_map(terms).collect(),
        Requirement::AtLeast(_, terms) => terms.clone(),
    }
}

/// Every alternative of a login as it is written, without any simplification.
fn written(requirement: &Requirement) -> Vec<Vec<AuthenticatorIx>> {
    let one = |term: &Term| match term {
        Term::Authenticator(a) => vec![*a],
        other => panic!("{other:?} at a login"),
    };
    let join = |left: Vec<Vec<AuthenticatorIx>>, right: Vec<Vec<AuthenticatorIx>>| {
        left.iter().flat_map(|l| right.iter().map(move |r| [l.as_slice(), r].concat())).collect()
    };
    match requirement {
        Requirement::Term(term) => vec![one(term)],
        Requirement::All(parts) => parts.iter().map(written).fold(vec![vec![]], join),
        Requirement::Any(parts) => parts.iter().flat_map(written).collect(),
        Requirement::AtLeast(count, terms) => {
            let terms: BTreeSet<Term> = terms.iter().copied().collect();
            let terms: Vec<Term> = terms.into_iter().collect();
            let subsets = (0..1_u32 << terms.len()).filter(|set| set.count_ones() == u32::from(*count));
            let chosen = |set: u32| (0..terms.len()).filter(move |i| set >> i & 1 == 1);
            subsets.map(|set| chosen(set).flat_map(|i| one(&terms[i])).collect()).collect()
        }
    }
}

fn most_asked(requirement: &Requirement, role: usize) -> u16 {
    terms(requirement).into_iter().fold(0, |most, term| match term {
        Term::Approval(r, n) if usize::from(r.0) == role => most.max(n),
        _ => most,
    })
}

pub(crate) fn listed(takeovers: &[Takeover]) -> Vec<Vec<String>> {
    takeovers.iter().map(|t| t.capabilities.iter().map(ToString::to_string).collect()).collect()
}

/// Every set of deeds is tried, so there cannot be many.
pub(crate) const MOST_DEEDS: usize = 10;

/// Compares one reading of one profile of a random policy, all chosen by the dice; panics where they differ.
pub(crate) fn compare(mut dice: Dice) {
    let mut model = common::random_model(&mut dice);
    let population = PopulationIx(dice.below(model.populations.len()));
    while World::new(&model, population, vec![], vec![]).deeds.len() > MOST_DEEDS {
        common::ignore_more(&mut model, &mut dice);
    }
    let analysis = takeover::analyse(&model);
    let reading = &analysis.populations[usize::from(population.0)];
    assert!(!analysis.truncated, "so small a policy is never too large: {model:#?}");
    let profile = &reading.profiles[usize::from(dice.below(reading.profiles.len()))];
    let codes = (0..).zip(&model.authenticators).filter(|(_, a)| a.kind == K::RecoveryCodes);
    let mut holds: Vec<_> =
        profile.holds.iter().copied().chain(codes.map(|(i, _)| AuthenticatorIx(i))).collect();
    let all: Vec<DoorName> = profile.doors.iter().map(|d| d.name).filter(|n| *n != DoorName::Enrol).collect();
    let entry = profile.entries.first().filter(|_| dice.below(2) == 0);
    let app = entry.map(|entry| usize::from(entry.apps[0]));
    let (open, engine) = match (dice.below(4), entry) {
        (0, Some(entry)) => (vec![], &entry.login),
        (1, Some(entry)) => (all, &entry.any),
        (_, Some(Entry { doors, any, .. })) => match doors.get(usize::from(dice.below(doors.len().max(1)))) {
            Some((door, ways, _)) => (vec![*door], ways),
            None => (all, any),
        },
        (0, None) => (vec![], &profile.login),
        (1 | 2, None) => (all, &profile.any),
        _ if profile.doors.is_empty() => (all, &profile.any),
        _ => {
            let door = &profile.doors[usize::from(dice.below(profile.doors.len()))];
            if door.name == DoorName::Enrol {
                holds.clear();
            }
            (vec![door.name], &door.takeovers)
        }
    };
    let world = World { app, ..World::new(&model, population, holds.clone(), open) };
    let expected: BTreeSet<Vec<String>> = world.minimal().into_iter().map(|set| world.written(set)).collect();
    assert_eq!(listed(engine), expected.into_iter().collect::<Vec<_>>(), "{model:#?}");
    // New is what does not open login by itself.
    let login = World { app, ..World::new(&model, population, profile.circumstances().to_vec(), vec![]) };
    let alone: BTreeSet<Vec<String>> = login.minimal().into_iter().map(|set| world.written(set)).collect();
    for takeover in engine {
        let set: BTreeSet<String> = takeover.capabilities.iter().map(ToString::to_string).collect();
        let opens_login = alone.iter().any(|login| login.iter().all(|deed| set.contains(deed)));
        assert_eq!(takeover.new, !opens_login, "{set:?} of {model:#?}");
    }
}
