//! Random walks: whatever people and attackers do in whatever order, some things never happen.
//!
//! A ledger beside the world writes down what was really shown. Doors are judged by the ledger, not by what the
//! decisions made of it.

use std::collections::BTreeMap;
use std::time::Duration;

use lifecycle::case::{CaseState, DoorName, Standing, Step};
use lifecycle::enrol::Authority;
use lifecycle::id::AuthenticatorId;
use lifecycle::{Actor, AuthenticatorState, CaseId, Time, approve, directory, offboard, session};
use policy::model::{Bindable, Proofing, Requirement, Term};
use policy::{Aal, FactorKind};
use proptest::prelude::*;

use super::support::{World, base};

const PEOPLE: [(&str, &str, &[&str]); 7] = [
    ("ann", "staff", &["passkey", "password", "totp", "codes"]),
    ("bob", "staff", &["password", "totp", "codes"]),
    ("gus", "guests", &["password", "codes"]),
    ("hal", "helpdesk", &["passkey"]),
    ("hope", "helpdesk", &["passkey"]),
    ("ada", "admins", &["passkey"]),
    // Not enrolled.
    ("new", "staff", &[]),
];
const COLLEAGUES: [&str; 3] = ["hal", "hope", "ada"];

/// What was shown in a case, by whom where that matters, and when.
type Ledger = BTreeMap<CaseId, Vec<(Term, String, Time)>>;

struct Walk {
    world: World,
    ledger: Ledger,
    tokens: Vec<String>,
    signed_in: usize,
    enrolled: usize,
    recovered: usize,
}

impl Walk {
    fn new() -> Walk {
        let mut world = World::new(base());
        for (name, group, names) in PEOPLE {
            world.add(name, group, Some("ann").filter(|_| name == "new"));
            if !names.is_empty() {
                world.enrol(name, names);
            }
            world.confirm(name, "own-mail");
        }
        for name in COLLEAGUES {
            world.sign_in(name, &["passkey"]).expect("it is a login");
        }
        Walk { world, ledger: Ledger::new(), tokens: Vec::new(), signed_in: 0, enrolled: 0, recovered: 0 }
    }

    fn write(&mut self, case: &CaseId, term: Term, who: &str) {
        let at = self.world.now;
        self.ledger.entry(case.clone()).or_default().push((term, who.to_owned(), at));
    }

    /// The moment at which the ledger met the requirement of a case's door, if it did.
    fn met_at(&self, case: &CaseId) -> Option<Time> {
        let (case, shown) = (self.world.case(case), self.ledger.get(case)?);
        let model = self.world.policy.model();
        let require = case.requirement(model)?;
        (1..=shown.len()).find(|n| met(require, &shown[..*n])).map(|n| shown[n - 1].2)
    }

    /// One step of the walk.
    fn step(&mut self, (act, who, what): (u8, u8, u8)) {
        let name = PEOPLE[usize::from(who) % PEOPLE.len()].0;
        let named = self.world.cases.iter().rev().filter(|c| c.account.is_some());
        let recent: Vec<CaseId> = named.take(5).map(|c| c.id.clone()).collect();
        let case = recent.get(usize::from(what) % recent.len().max(1)).cloned();
        match (act % 24, case) {
            (0, _) => self.world.pass(Duration::from_secs([1, 60, 700, 4000, 90_000][usize::from(what) % 5])),
            (1, _) => drop(self.world.begin(name)),
            (2, _) => self.open_recovery(name, what),
            (3, _) if self.world.is_signed_in(name) => self.open_bind(name),
            (4, _) => self.invite(name),
            (5, _) => self.sign_in(name),
            (6, Some(case)) => self.guess(&case, what),
            (7, Some(case)) => self.disturb(&case, name, what),
            (8, Some(case)) => self.show(&case, name, what),
            (9, Some(case)) => self.give(&case, name, what),
            (10, _) if what > 250 => self.leave(name),
            (11, _) => self.end_sessions(name),
            (12, Some(case)) => drop(self.world.proceed(&case)),
            (13, Some(case)) => drop(self.finish(&case)),
            (14.., _) => self.go_on(what),
            _ => {}
        }
    }

    fn open_recovery(&mut self, name: &str, what: u8) {
        let door = ["self-service", "assisted", "codes"][usize::from(what) % 3];
        let _ = self.world.recover(name, door);
    }

    fn open_bind(&mut self, name: &str) {
        let session = self.world.caller(name).session;
        if let Ok(case) = self.world.open_bind(name) {
            let age = self.world.now.since(session.authenticated_at);
            self.write(&case, Term::Session { aal: session.aal, within: Some(age) }, name);
        }
    }

    fn invite(&mut self, name: &str) {
        let account = self.world.account(name);
        if account.is_present() && !account.has_authenticator() {
            let token = self.world.invite(name);
            self.tokens.push(token);
        }
        if let Some(token) = self.tokens.last().cloned()
            && let Ok(case) = self.world.redeem(&token)
        {
            let channel = self.world.policy.model().channel("own-mail").expect("the policy has it");
            let channel = self
                .world
                .tickets
                .iter()
                .rev()
                .find(|(_, t)| t.used_at == Some(self.world.now))
                .and_then(|(_, t)| t.channel.clone())
                .and_then(|c| self.world.policy.model().channel(&c))
                .unwrap_or(channel);
            self.write(&case, Term::Invite(channel), name);
        }
    }

    fn sign_in(&mut self, name: &str) {
        let case = self.world.begin(name);
        for _ in 0..2 {
            self.advance(&case, 0);
        }
    }

    /// What an attacker types who knows nothing.
    fn guess(&mut self, case: &CaseId, what: u8) {
        let answered = match what % 4 {
            0 => self.world.password(case, "a guess").is_ok(),
            1 => self.world.totp(case, "abcdef").is_ok(),
            2 => self.world.recovery_code(case, "aaaa-aaaa-aaaa-aaaa").is_ok(),
            _ => self.world.type_code(case, "own-mail", "a guess").is_ok(),
        };
        assert!(!answered, "a guess was right");
    }

    /// Somebody interferes, signed in or not.
    fn disturb(&mut self, id: &CaseId, name: &str, what: u8) {
        let (case, account) = self.world.with_owner(id);
        if what.is_multiple_of(8) {
            let actor = Actor::Person(self.world.account(name).id);
            let _ = self.world.decide(|_, _, env| approve::stop(&case, &actor, env));
        } else if what.is_multiple_of(7) && self.world.is_signed_in(name) {
            let caller = self.world.caller(name);
            if let Some(account) = account {
                let _ = self.world.decide(|_, policy, env| {
                    let at = approve::At { case: &case, account: &account, caller: &caller, policy };
                    approve::deny(at, "", env)
                });
            }
        } else if what.is_multiple_of(5) {
            // An administrator moves somebody to another population and, another time, back.
            let account = self.world.account(name);
            let home = PEOPLE.iter().find(|p| p.0 == name).expect("they are known").1;
            let group = if account.groups == [home] { "guests" } else { home };
            let _ = self.world.decide(|_, policy, env| {
                let groups = vec![group.to_owned()];
                directory::change(
                    &account,
                    name,
                    groups,
                    account.manager.clone(),
                    Authority::Terminal,
                    policy,
                    env,
                )
            });
        } else if what.is_multiple_of(3)
            && let Some(id) = account.as_ref().and_then(|a| a.authenticators.first()).map(|a| a.id.clone())
        {
            let _ = self.world.remove(&case.id, &id);
        } else if account.is_some()
            && let Ok((ceremony, typed)) = self.world.new_address(id, "own-mail", "new@example.net")
        {
            self.world.pass(Duration::from_secs(1));
            let _ = self.world.confirm_address(id, &ceremony, &typed);
        }
    }

    /// Somebody shows what they carry, in their own case or another's.
    fn show(&mut self, case: &CaseId, name: &str, what: u8) {
        if self.world.case(case).account.is_none() {
            return;
        }
        let ix = usize::from(what) % self.world.policy.model().authenticators.len();
        let factor = self.world.policy.model().authenticators[ix].name.clone();
        self.authenticator(case, name, &factor);
    }

    fn authenticator(&mut self, case: &CaseId, name: &str, factor: &str) {
        if self.world.show_authenticator(case, name, factor).is_ok() {
            let owner = self.world.owner(&self.world.case(case)).expect("somebody is named");
            assert_eq!(owner.name, name, "what one person carries opened another's case");
            let ix = self.world.policy.model().authenticator(factor).expect("the policy has it");
            self.write(case, Term::Authenticator(ix), name);
        }
    }

    /// Somebody who is signed in approves, or records proofing.
    fn give(&mut self, case: &CaseId, name: &str, what: u8) {
        if self.world.case(case).account.is_none() || !self.world.is_signed_in(name) {
            return;
        }
        let method = [Proofing::Video, Proofing::InPerson][usize::from(what) / 2 % 2];
        if what.is_multiple_of(2) {
            if self.world.proof(case, name, method).is_ok() {
                self.write(case, Term::Proofing(method), name);
            }
        } else if self.world.approve(case, name).is_ok() {
            let role =
                self.world.facts.iter().rev().find_map(|f| f.with.get("role")).expect("it is recorded");
            let role = self.world.policy.model().approver(role).expect("the policy has it");
            self.write(case, Term::Approval(role, 1), name);
        }
    }

    fn leave(&mut self, name: &str) {
        let account = self.world.account(name);
        let _ = self.world.decide(|_, _, env| offboard::offboard(&account, Authority::Terminal, "", env));
    }

    fn end_sessions(&mut self, name: &str) {
        // Agents stay on duty, or nothing would ever be approved.
        if self.world.is_signed_in(name) && !COLLEAGUES.contains(&name) {
            let caller = self.world.caller(name);
            self.world.decide(|_, _, env| session::end_others(&caller, env));
            let _ = self.world.decide(|_, _, env| session::end(&caller, &caller.session, env));
        }
        for name in COLLEAGUES {
            if self.world.account(name).is_present() {
                let _ = self.world.sign_in(name, &["passkey"]);
            }
        }
    }

    fn finish(&mut self, case: &CaseId) -> bool {
        self.world.case(case).account.is_some() && self.world.finish(case, true).is_ok()
    }

    /// Somebody goes on with a case that is not over: it is what most people do most of the time.
    fn go_on(&mut self, what: u8) {
        let lasts = |c: &&lifecycle::Case| {
            c.account.is_some() && c.door != DoorName::Login && c.ended(self.world.now).is_none()
        };
        let open: Vec<CaseId> = self.world.cases.iter().rev().filter(lasts).map(|c| c.id.clone()).collect();
        if let Some(case) = open.get(usize::from(what) % open.len().clamp(1, 3)).cloned() {
            self.advance(&case, what);
        }
    }

    /// Does what the case waits for, as its owner would.
    fn advance(&mut self, id: &CaseId, what: u8) {
        let (case, account) = self.world.with_owner(id);
        let Some(account) = account else { return };
        match self.world.next_step(id) {
            Step::Prove(paths) => {
                let path = paths.get(usize::from(what) % paths.len().max(1)).cloned().unwrap_or_default();
                let Some(need) = path
                    .into_iter()
                    .find(|n| matches!(n.standing, Standing::Yours | Standing::Others { .. }))
                else {
                    return;
                };
                match need.term {
                    Term::Authenticator(ix) => {
                        let factor = self.world.policy.model()[ix].name.clone();
                        self.authenticator(id, &account.name, &factor);
                    }
                    Term::Issued(ix) => {
                        let channel = self.world.policy.model()[ix].name.clone();
                        if let Ok(sent) = self.world.send_code(id, &channel)
                            && self.world.type_code(id, &channel, &sent).is_ok()
                        {
                            self.write(id, Term::Issued(ix), &account.name);
                        }
                    }
                    Term::Approval(..) => {
                        for name in ["hal", "hope", "ada", "ann"] {
                            self.give(id, name, 1);
                        }
                    }
                    Term::Proofing(method) => {
                        let method = if method == Proofing::Video { 0 } else { 2 };
                        self.give(id, "hal", method);
                    }
                    Term::Invite(_) | Term::Session { .. } => {}
                }
            }
            Step::Wait(until) => {
                self.world.now = until;
                assert_eq!(self.world.next_step(id), Step::Proceed, "the moment that was promised");
            }
            Step::Proceed => {
                self.world.proceed(id).expect("who is told to go on can go on");
                assert!(matches!(self.world.next_step(id), Step::Bind(_)), "the door is open");
            }
            Step::Bind(_) => {
                if case.door == DoorName::Bind || !self.finish(id) {
                    let door = case.bound_door(self.world.policy.model()).expect("it is no login");
                    let bindable = door.binds[usize::from(what) % door.binds.len()];
                    if let Bindable::Authenticator(ix) = bindable {
                        let factor = self.world.policy.model()[ix].name.clone();
                        let _ = self.world.stage(id, &factor);
                    }
                }
            }
            Step::Closed(_) | Step::Unheard | Step::Short(_) => {}
        }
    }

    /// Takes the step and holds what came of it against the ledger.
    fn checked_step(&mut self, act: (u8, u8, u8)) {
        let (sessions, working) = (self.sessions(), self.working());
        let done: Vec<CaseId> = self.done();
        self.step(act);
        for (session, _) in self.sessions().iter().filter(|(id, _)| !sessions.contains_key(*id)) {
            self.check_session(session);
        }
        let finished: Vec<CaseId> = self.done().into_iter().filter(|c| !done.contains(c)).collect();
        for (id, name) in self.working().iter().filter(|(id, _)| !working.contains_key(*id)) {
            self.check_bound(id, name, &finished);
        }
        self.check_gone();
    }

    fn sessions(&self) -> BTreeMap<String, String> {
        self.world.sessions.iter().map(|s| (s.id.0.clone(), s.account.0.clone())).collect()
    }

    /// What proves something now.
    fn working(&self) -> BTreeMap<AuthenticatorId, String> {
        let all = self.world.accounts.iter().flat_map(|a| a.authenticators.iter().map(|f| (f, &a.name)));
        all.filter(|(f, _)| f.state == AuthenticatorState::Active)
            .map(|(f, name)| (f.id.clone(), name.clone()))
            .collect()
    }

    fn done(&self) -> Vec<CaseId> {
        let is_done = |c: &&lifecycle::Case| c.state == CaseState::Closed(lifecycle::case::Outcome::Done);
        self.world.cases.iter().filter(is_done).map(|c| c.id.clone()).collect()
    }

    /// A session comes from a login that the ledger met, and with authenticators that are in use.
    fn check_session(&mut self, id: &str) {
        let session = self.world.sessions.iter().find(|s| s.id.0 == id).expect("it is there").clone();
        let account = self.world.accounts.iter().find(|a| a.id == session.account).expect("it is there");
        assert!(account.is_present());
        for used in &session.used {
            let fresh = |a: &lifecycle::Authenticator| {
                a.last_used_at.is_some_and(|at| self.world.now.since(at) < Duration::from_mins(10))
            };
            assert!(account.active(used).any(fresh), "{used} of {} is not in use", account.name);
        }
        let model = self.world.policy.model();
        let population = account.population(&self.world.policy).expect("they have a door");
        let names: Vec<(Term, String, Time)> = session
            .used
            .iter()
            .map(|n| (Term::Authenticator(model.authenticator(n).expect("named")), n.clone(), self.world.now))
            .collect();
        assert!(met(&model[population].login.require, &names), "{:?} is no login", session.used);
        let kinds: Vec<FactorKind> =
            session.used.iter().map(|n| model[model.authenticator(n).expect("named")].kind).collect();
        assert_eq!(session.aal == Aal::Two, kinds != [FactorKind::Password], "{kinds:?} is {}", session.aal);
        assert!(!session.phishing_resistant || kinds.contains(&FactorKind::Passkey), "{kinds:?}");
        self.signed_in += 1;
    }

    /// What works was bound at a door that the ledger met: at the bind door at once, elsewhere when it was finished.
    fn check_bound(&mut self, id: &AuthenticatorId, name: &str, finished: &[CaseId]) {
        let account = self.world.account(name);
        let bound = account.authenticators.iter().find(|a| a.id == *id).expect("it is there");
        let model = self.world.policy.model();
        let owns = |c: &lifecycle::Case| c.account.as_ref() == Some(&account.id);
        let opener = if bound.bound_by == "bind" {
            self.world.cases.iter().find(|c| {
                owns(c)
                    && c.door == DoorName::Bind
                    && matches!(c.state, CaseState::Open(until) if self.world.now < until)
                    && self.met_at(&c.id).is_some()
            })
        } else {
            self.world
                .cases
                .iter()
                .find(|c| owns(c) && finished.contains(&c.id) && c.door.to_string() == bound.bound_by)
        };
        let opener = opener.unwrap_or_else(|| panic!("{} of {name} came from nowhere", bound.name));
        let met_at = self.met_at(&opener.id).unwrap_or_else(|| panic!("{} was not met", opener.door));
        let door = opener.bound_door(model).expect("it is no login");
        let waited = self.world.now.since(met_at);
        assert!(door.wait.is_none_or(|wait| waited >= wait), "{} opened after {waited:?}", opener.door);
        let ix = model.authenticator(&bound.name).expect("the policy has it");
        assert!(
            door.binds.contains(&Bindable::Authenticator(ix)),
            "{} does not bind {}",
            opener.door,
            bound.name
        );
        match opener.door {
            DoorName::Enrol => self.enrolled += 1,
            DoorName::Recover(_) => self.recovered += 1,
            DoorName::Bind | DoorName::Login => {}
        }
    }

    /// Whoever left has nothing; whoever is enrolled still has a way in, if only a disabled one.
    fn check_gone(&self) {
        for account in &self.world.accounts {
            let sessions = self.world.sessions.iter().filter(|s| s.account == account.id).count();
            let open = |c: &&lifecycle::Case| !matches!(c.state, CaseState::Closed(_));
            let cases = self
                .world
                .cases
                .iter()
                .filter(open)
                .filter(|c| c.account.as_ref() == Some(&account.id))
                .count();
            if account.is_present() {
                assert!(account.enrolled_at.is_none() || account.has_authenticator(), "{}", account.name);
            } else {
                assert_eq!((sessions, cases, account.authenticators.len()), (0, 0, 0), "{}", account.name);
            }
        }
    }

    /// No fact holds anything that was ever secret.
    fn check_facts(&self) {
        let log = serde_json::to_string(&self.world.facts).expect("facts are written as JSON");
        let words: std::collections::BTreeSet<&str> =
            log.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        for secret in &self.world.secrets {
            // A short number may stand inside a longer one by chance.
            let is_number = secret.bytes().all(|b| b.is_ascii_digit());
            let found =
                if is_number { words.contains(secret.as_str()) } else { log.contains(secret.as_str()) };
            assert!(!found, "a fact holds `{secret}`");
        }
    }
}

/// Does what was shown meet the requirement? Written apart from the code that is tested.
fn met(require: &Requirement, shown: &[(Term, String, Time)]) -> bool {
    let has = |term: &Term| match *term {
        Term::Approval(role, people) => {
            let mut names: Vec<&str> = shown
                .iter()
                .filter(|(t, ..)| matches!(t, Term::Approval(r, _) if *r == role))
                .map(|(_, who, _)| who.as_str())
                .collect();
            names.sort_unstable();
            names.dedup();
            names.len() >= usize::from(people)
        }
        Term::Session { aal, within } => shown.iter().any(|(t, ..)| {
            matches!(t, Term::Session { aal: a, within: Some(age) }
                if *a >= aal && within.is_none_or(|w| age.as_secs() <= w.as_secs()))
        }),
        other => shown.iter().any(|(t, ..)| *t == other),
    };
    match require {
        Requirement::Term(term) => has(term),
        Requirement::All(parts) => parts.iter().all(|p| met(p, shown)),
        Requirement::Any(parts) => parts.iter().any(|p| met(p, shown)),
        Requirement::AtLeast(n, terms) => terms.iter().filter(|t| has(t)).count() >= usize::from(*n),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_opens_that_was_not_earned_and_no_secret_is_written_down(
        acts in prop::collection::vec(any::<(u8, u8, u8)>(), 1..150)
    ) {
        let mut walk = Walk::new();
        for act in acts {
            walk.checked_step(act);
        }
        walk.check_facts();
    }
}

#[test]
fn the_walks_get_through_doors_and_not_only_past_them() {
    let mut chance = super::support::Chance(2026);
    let (mut signed_in, mut enrolled, mut recovered) = (0, 0, 0);
    for _ in 0..12 {
        let mut walk = Walk::new();
        for _ in 0..150 {
            let [act, who, what, ..] = chance.next().to_be_bytes();
            walk.checked_step((act, who, what));
        }
        walk.check_facts();
        signed_in += walk.signed_in;
        enrolled += walk.enrolled;
        recovered += walk.recovered;
    }
    assert!(signed_in > 20 && enrolled > 2 && recovered > 5, "{signed_in}, {enrolled}, {recovered}");
}
