//! Every door of every shipped example, walked: it opens for each minimal set of evidence, and for none that lacks one
//! piece. What this server cannot verify is never satisfied, and what it cannot bind is never bound.

use std::time::Duration;

use lifecycle::case::{CaseState, Standing, Step};
use lifecycle::factor::{FactorData, recovery_codes};
use lifecycle::{AuthenticatorState, CaseId, Refusal, Session};
use policy::model::{AuthenticatorIx, Bindable, ChannelIx, PopulationIx, Term};
use policy::{Aal, Model, Policy, runtime};

use super::support::{World, bank, company};

/// Which door of a population is walked.
#[derive(Clone, Debug)]
enum Door {
    Enrol,
    Login,
    Bind,
    Recover(String),
}

/// Every door of a policy, with every minimal set of evidence that opens it.
fn doors(policy: &Policy) -> Vec<(PopulationIx, Door, Vec<Term>)> {
    let model = policy.model();
    let mut doors = Vec::new();
    for (n, population) in (0..).zip(&model.populations) {
        let ix = PopulationIx(n);
        let mut add = |door: Door, require: &policy::model::Requirement| {
            doors.extend(runtime::alternatives(require).into_iter().map(|set| (ix, door.clone(), set)));
        };
        population.enrol.iter().for_each(|e| add(Door::Enrol, &e.door.require));
        add(Door::Login, &population.login.require);
        population.bind.iter().for_each(|b| add(Door::Bind, &b.require));
        population.recover.iter().for_each(|r| add(Door::Recover(r.name.clone()), &r.door.require));
    }
    doors
}

/// Does this server run it, so that somebody can hold it?
fn is_served(model: &Model, ix: AuthenticatorIx) -> bool {
    lifecycle::factor::is_served(model[ix].kind) && !model[ix].attested
}

/// The alternatives of a login that this server can satisfy.
fn logins(model: &Model, population: PopulationIx) -> Vec<Vec<AuthenticatorIx>> {
    let name = |term: Term| match term {
        Term::Authenticator(ix) => ix,
        other => panic!("a login takes authenticators only: {other:?}"),
    };
    let sets = runtime::alternatives(&model[population].login.require);
    let sets = sets.into_iter().map(|set| set.into_iter().map(name).collect::<Vec<_>>());
    sets.filter(|set| set.iter().all(|ix| is_served(model, *ix))).collect()
}

/// Everybody whom a walk needs, in a world of their own.
struct Walk {
    world: World,
    population: PopulationIx,
    /// Whose door it is.
    member: &'static str,
}

impl Walk {
    /// `enrolled`: the member holds everything that the population's doors bind.
    fn new(policy: &Policy, population: PopulationIx, enrolled: bool) -> Walk {
        let mut walk = Walk { world: World::new(policy.clone()), population, member: "member" };
        let model = policy.model();
        for (n, role) in model.approvers.iter().enumerate() {
            for i in 0..if role.manager_of_member { 1 } else { 3 } {
                walk.colleague(&format!("role-{n}-{i}"), role.population, role.aal);
            }
        }
        let agents = model.populations.iter().position(|p| p.name == "admins").expect("somebody administers");
        let agents = PopulationIx(u16::try_from(agents).expect("there are few"));
        walk.colleague("agent", agents, Aal::Two);
        let manager = model.approvers.iter().position(|r| r.manager_of_member).map(|n| format!("role-{n}-0"));
        walk.world.add(walk.member, &model[population].groups[0], manager.as_deref());
        for channel in &model.channels {
            walk.world.confirm(walk.member, &channel.name);
        }
        if enrolled {
            walk.hold_everything(model);
        }
        walk
    }

    /// Somebody in a session of that level. How they got it is not what is walked here.
    fn colleague(&mut self, name: &str, population: PopulationIx, aal: Aal) {
        let group = self.world.policy.model()[population].groups[0].clone();
        let account = self.world.add(name, &group, None);
        let now = self.world.now;
        self.world.sessions.push(Session {
            id: lifecycle::id::SessionId(name.to_owned()),
            account,
            aal,
            phishing_resistant: true,
            used: Vec::new(),
            authenticated_at: now,
            last_seen_at: now,
            idle_expires_at: now.plus(Duration::from_hours(1)),
            expires_at: now.plus(Duration::from_hours(1)),
            peer: String::new(),
            agent: String::new(),
        });
    }

    /// Enrols with a login and, where the door binds them, everything else; binds the rest at the bind door.
    fn hold_everything(&mut self, model: &Model) {
        let door = &model[self.population].enrol.as_ref().expect("it has an enrol door").door;
        let names: Vec<&str> = door
            .binds
            .iter()
            .filter_map(|b| match b {
                Bindable::Authenticator(ix) if is_served(model, *ix) => Some(model[*ix].name.as_str()),
                _ => None,
            })
            .collect();
        if logins(model, self.population).is_empty() {
            // Nobody can enrol here; somebody who did elsewhere may still want to recover.
            let id = self.world.account(self.member).id;
            let strange = lifecycle::Authenticator {
                id: lifecycle::id::AuthenticatorId("elsewhere".to_owned()),
                name: model.authenticators[0].name.clone(),
                kind: model.authenticators[0].kind,
                label: String::new(),
                state: AuthenticatorState::Active,
                bound_at: self.world.now,
                bound_by: "enrol".to_owned(),
                last_used_at: None,
                failures: 0,
                locked_until: None,
                last_step: 0,
                data: FactorData::RecoveryCodes(recovery_codes::Stored::default()),
            };
            let account = self.world.accounts.iter_mut().find(|a| a.id == id).expect("they exist");
            account.authenticators.push(strange);
        } else {
            self.world.enrol(self.member, &names);
        }
    }

    fn open(&mut self, door: &Door) -> Result<CaseId, Refusal> {
        match door {
            Door::Login => Ok(self.world.begin(self.member)),
            Door::Recover(name) => self.world.recover(self.member, name),
            Door::Bind => self.world.open_bind(self.member),
            Door::Enrol => {
                let token = self.world.invite(self.member);
                self.world.redeem(&token)
            }
        }
    }

    /// Shows one term; says whether it could be shown at all.
    fn show(&mut self, case: &CaseId, term: &Term) -> bool {
        let model = self.world.policy.model().clone();
        let channel = |ix: ChannelIx| model[ix].name.clone();
        match *term {
            Term::Authenticator(ix) => {
                self.world.show_authenticator(case, self.member, &model[ix].name).is_ok()
            }
            Term::Issued(ix) => {
                let sent = self.world.send_code(case, &channel(ix)).expect("the address is confirmed");
                self.world.type_code(case, &channel(ix), &sent).is_ok()
            }
            Term::Approval(role, people) => (0..people).all(|i| {
                let who = format!("role-{}-{i}", role.0);
                self.world.approve(case, &who).is_ok()
            }),
            Term::Proofing(method) => self.world.proof(case, "agent", method).is_ok(),
            // Shown by opening the case: the ticket, the session.
            Term::Invite(_) | Term::Session { .. } => true,
        }
    }

    /// Is the door's requirement met, as its next step says?
    fn is_through(&self, case: &CaseId) -> bool {
        match self.world.next_step(case) {
            Step::Wait(_) | Step::Bind(_) | Step::Proceed => true,
            Step::Closed(outcome) => outcome == lifecycle::case::Outcome::Done,
            Step::Prove(_) | Step::Unheard | Step::Short(_) => false,
        }
    }
}

/// Passwords before one-time codes: the order in which a page asks.
fn in_order(model: &Model, set: &[Term]) -> Vec<Term> {
    let mut set = set.to_vec();
    let is_code =
        |t: &Term| matches!(t, Term::Authenticator(ix) if model[*ix].kind == policy::FactorKind::Totp);
    set.sort_by_key(is_code);
    set
}

/// Can every term of the set be shown on this server?
fn can_be_shown(model: &Model, population: PopulationIx, set: &[Term]) -> bool {
    set.iter().all(|term| match term {
        Term::Authenticator(ix) => is_served(model, *ix),
        Term::Session { .. } => !logins(model, population).is_empty(),
        _ => true,
    })
}

fn check_every_door(policy: &Policy) -> (usize, usize) {
    let model = policy.model();
    let (mut opened, mut shut) = (0, 0);
    for (population, door, set) in doors(policy) {
        let what = format!("{} {door:?} with {set:?}", model[population].name);
        if !can_be_shown(model, population, &set) {
            check_shut(policy, population, &door, &set, &what);
            shut += 1;
            continue;
        }
        check_opens(policy, population, &door, &set, &what);
        for missing in 0..set.len() {
            check_lacking(policy, population, &door, &set, missing, &what);
        }
        opened += 1;
    }
    (opened, shut)
}

fn ready(policy: &Policy, population: PopulationIx, door: &Door) -> Walk {
    let mut walk = Walk::new(policy, population, !matches!(door, Door::Enrol));
    if matches!(door, Door::Bind) {
        let model = policy.model();
        let names: Vec<String> =
            logins(model, population)[0].iter().map(|ix| model[*ix].name.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        walk.world.sign_in(walk.member, &names).expect("it is a login");
    }
    walk
}

/// With all of the set: through the door, and to its end.
fn check_opens(policy: &Policy, population: PopulationIx, door: &Door, set: &[Term], what: &str) {
    let model = policy.model();
    let mut walk = ready(policy, population, door);
    let case = walk.open(door).unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"));
    for term in in_order(model, set) {
        assert!(walk.show(&case, &term), "{what}: {term:?} cannot be shown");
    }
    assert!(walk.is_through(&case), "{what}: it does not open: {:?}", walk.world.next_step(&case));
    if matches!(door, Door::Login) {
        assert!(walk.world.is_signed_in(walk.member), "{what}");
        return;
    }
    if let Step::Wait(until) = walk.world.next_step(&case) {
        walk.world.now = until;
        walk.world.proceed(&case).unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"));
    }
    if logins(model, population).is_empty() {
        check_binds_nothing(&mut walk, &case, what);
        return;
    }
    let binds = walk.world.case(&case).bound_door(model).expect("it is no login").binds.clone();
    for bindable in binds {
        let Bindable::Authenticator(ix) = bindable else { continue };
        let staged = walk.world.stage(&case, &model[ix].name);
        assert_eq!(staged.is_ok(), is_served(model, ix), "{what}: {} {staged:?}", model[ix].name);
    }
    if !matches!(door, Door::Bind) {
        walk.world.finish(&case, true).unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"));
    }
    walk.world.pass(Duration::from_mins(1));
    let names: Vec<String> = logins(model, population)[0].iter().map(|ix| model[*ix].name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    walk.world.sign_in(walk.member, &names).unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"));
}

/// Where this server runs nothing that the login takes, an open door binds nothing and leads nowhere.
fn check_binds_nothing(walk: &mut Walk, case: &CaseId, what: &str) {
    let model = walk.world.policy.model().clone();
    for bindable in &walk.world.case(case).bound_door(&model).expect("it is no login").binds.clone() {
        if let Bindable::Authenticator(ix) = bindable {
            let staged = walk.world.stage(case, &model[*ix].name);
            assert!(matches!(staged, Err(Refusal::NotServed(_))), "{what}: {staged:?}");
        }
    }
    assert_eq!(walk.world.finish(case, true), Err(Refusal::LoginNotPossible), "{what}");
}

/// Without one piece: the door stays shut and what is behind it refuses.
fn check_lacking(
    policy: &Policy,
    population: PopulationIx,
    door: &Door,
    set: &[Term],
    missing: usize,
    what: &str,
) {
    let model = policy.model();
    // A ticket or a session is what opens the case at all; their own tests say what happens without.
    if matches!(set[missing], Term::Invite(_) | Term::Session { .. }) {
        return;
    }
    let what = format!("{what} without {:?}", set[missing]);
    let mut walk = ready(policy, population, door);
    let case = walk.open(door).unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"));
    let rest: Vec<Term> = set.iter().enumerate().filter(|(n, _)| *n != missing).map(|(_, t)| *t).collect();
    for term in in_order(model, &rest) {
        // A code that comes after the password which is missing cannot even be tried.
        let later =
            matches!(set[missing], Term::Authenticator(ix) if model[ix].kind == policy::FactorKind::Password);
        assert!(walk.show(&case, &term) || later, "{what}: {term:?} cannot be shown");
    }
    if let Term::Approval(role, people) = set[missing]
        && people > 1
    {
        // All but one of the people is not enough either.
        assert!(walk.show(&case, &Term::Approval(role, people - 1)), "{what}");
    }
    assert_eq!(walk.world.case(&case).state, CaseState::Collecting, "{what}");
    assert!(!walk.is_through(&case), "{what}");
    assert_eq!(walk.world.proceed(&case), Err(Refusal::CaseNotOpen), "{what}");
    assert_eq!(walk.world.finish(&case, true), Err(Refusal::CaseNotOpen), "{what}");
    let first = model.authenticators[0].name.clone();
    assert!(walk.world.stage(&case, &first).is_err(), "{what}");
    assert!(!walk.world.is_signed_in(walk.member) || matches!(door, Door::Bind), "{what}");
}

/// A door that asks for what this server does not run cannot be passed that way.
fn check_shut(policy: &Policy, population: PopulationIx, door: &Door, set: &[Term], what: &str) {
    let model = policy.model();
    let mut walk = Walk::new(policy, population, !matches!(door, Door::Enrol));
    if matches!(door, Door::Bind) {
        // Without a login there is no session to open it with.
        assert!(logins(model, population).is_empty(), "{what}");
        assert!(!walk.world.is_signed_in(walk.member), "{what}");
        return;
    }
    let case = walk.open(door).unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"));
    for term in in_order(model, set) {
        if let Term::Authenticator(ix) = term
            && !is_served(model, ix)
        {
            assert!(!walk.show(&case, &term), "{what}");
        }
    }
    assert!(!walk.is_through(&case), "{what}");
    let Step::Prove(paths) = walk.world.next_step(&case) else { panic!("{what}: it is not open") };
    let unserved = |t: &Term| matches!(t, Term::Authenticator(ix) if !is_served(model, *ix));
    for need in paths.iter().flatten().filter(|need| unserved(&need.term)) {
        // An attested key that was bound elsewhere is still this account's, and proves nothing here.
        assert!(need.standing != Standing::Proved, "{what}");
    }
}

#[test]
fn every_door_of_the_company_opens_for_each_minimal_set_and_for_nothing_less() {
    let (opened, shut) = check_every_door(&company());
    assert!(opened >= 20, "{opened} were walked");
    assert_eq!(shut, 0, "the demonstration's own policy can be walked everywhere");
}

#[test]
fn the_banks_hardware_is_beyond_this_server_so_its_logins_stay_shut() {
    let (opened, shut) = check_every_door(&bank());
    assert!(opened >= 8, "{opened} were walked");
    assert!(shut >= 8, "{shut} are shut");
}
