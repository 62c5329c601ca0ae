//! Going through a door: opening it after its waiting time, and finishing enrolment and recovery.
//!
//! Owns what takes effect, all at once: staged factors become active and staged addresses the account's, those that the door replaces are revoked,
//! every session ends, other cases and invitations of the account are over, everybody in `notify` is told.

use policy::model::Bindable;
use policy::{FactorKind, Model, Policy};

use crate::account::{Account, AuthenticatorState};
use crate::bind::{self, opens_login, tell};
use crate::case::{self, Case, CaseState, DoorName, Outcome, Step};
use crate::change::Change;
use crate::fact::{Actor, Fact, What};
use crate::notice::Told;
use crate::refusal::Refusal;
use crate::{Answer, Decision, Env, Facts, refuse};

/// The holder goes on after the waiting time, or comes back after the ten minutes ran out.
pub fn proceed(case: &Case, account: &Account, policy: &Policy, env: &mut Env<'_>) -> Answer<()> {
    let model = policy.model();
    let fact = Fact::of_case(What::DoorOpened, Actor::Holder, case);
    let step = case.next_step(model, Some(account), env.now);
    // A moment is promised only to whom the door would open then.
    if let Step::Wait(until) = step
        && case.is_of(account, policy)
        && case.current(account).is_satisfied(model)
    {
        return refuse(Refusal::Waits(until), fact);
    }
    let ready = step == Step::Proceed && case.may_pass(account, policy, env.now);
    // The bind door measured its session when it was opened; reopening it would make the session younger.
    if !ready || case.door == DoorName::Bind && !matches!(case.state, CaseState::Waiting(_)) {
        return refuse(Refusal::CaseNotOpen, fact);
    }
    let mut case = case.clone();
    let until = case::open_until(&case, env.now).min(case.expires_at);
    case.state = CaseState::Open(until);
    Decision {
        reply: Ok(()),
        changes: vec![Change::SetCase { case: Box::new(case) }],
        facts: Facts::one(fact.until(until)),
    }
}

/// Ends a change of factors, each of which took effect when it was made: nothing follows.
pub fn change(case: &Case, account: &Account, env: &mut Env<'_>) -> Answer<()> {
    let fact = Fact::of_case(What::ChangeFinished, Actor::Person(account.id.clone()), case);
    let is_own = case.account.as_ref() == Some(&account.id);
    if case.door != DoorName::Bind || !is_own || !case.is_open(env.now) {
        return refuse(Refusal::CaseNotOpen, fact);
    }
    let mut done = case.clone();
    done.state = CaseState::Closed(Outcome::Done);
    Decision {
        reply: Ok(()),
        changes: vec![Change::SetCase { case: Box::new(done) }],
        facts: Facts::one(fact),
    }
}

/// Finishes enrolment or recovery. `kept`: the person says that the recovery codes are kept.
pub fn finish(case: &Case, account: &Account, policy: &Policy, kept: bool, env: &mut Env<'_>) -> Answer<()> {
    let model = policy.model();
    let what = if case.door == DoorName::Enrol { What::EnrolmentFinished } else { What::FactorsReplaced };
    let fact = Fact::of_case(what, Actor::Holder, case);
    let (Some(population), Some(door)) = (case.population(model), case.bound_door(model)) else {
        return refuse(Refusal::CaseNotOpen, fact);
    };
    let open = case.is_open(env.now) && case.may_pass(account, policy, env.now);
    if !open || case.door == DoorName::Bind {
        return refuse(Refusal::CaseNotOpen, fact);
    }
    if case.door == DoorName::Enrol && account.has_authenticator() {
        return refuse(Refusal::AlreadyEnrolled, fact);
    }
    let at = bind::At { case, account, session: None, policy };
    let (staged, refused): (Vec<_>, Vec<_>) = account
        .authenticators
        .iter()
        .filter(|a| a.state == AuthenticatorState::Staged(case.id.clone()))
        // The policy may have changed since it was staged: what is enforced is what runs now.
        .partition(|a| bind::may_bind(at, &a.name, env).is_ok_and(|ix| model[ix].kind == a.kind));
    let replaced = |name: &str| {
        door.binds.iter().any(|b| matches!(b, Bindable::Authenticator(ix) if model[*ix].name == name))
    };
    let after = |ix: policy::model::AuthenticatorIx| {
        let name = &model[ix].name;
        staged.iter().any(|a| a.name == *name) || !replaced(name) && account.active(name).next().is_some()
    };
    if !opens_login(model, population, after) {
        return refuse(Refusal::LoginNotPossible, fact);
    }
    let codes_staged = staged.iter().any(|a| a.kind == FactorKind::RecoveryCodes);
    if (are_codes_due(case, model) || codes_staged) && !(codes_staged && kept) {
        return refuse(Refusal::CodesNotKept, fact);
    }
    let mut changes = Vec::new();
    let mut told = Vec::new();
    for old in &account.authenticators {
        if matches!(old.state, AuthenticatorState::Active | AuthenticatorState::Disabled)
            && replaced(&old.name)
        {
            changes.push(Change::RevokeAuthenticator { id: old.id.clone(), at: env.now });
            told.push(Told::removed(old));
        }
    }
    changes.extend(refused.iter().map(|a| Change::RevokeAuthenticator { id: a.id.clone(), at: env.now }));
    told.extend(staged.iter().map(|new| Told::added(new)));
    changes.push(Change::ActivateStaged { account: account.id.clone(), case: case.id.clone(), at: env.now });
    if account.enrolled_at.is_none() {
        changes.push(Change::SetEnrolled { account: account.id.clone(), at: env.now });
    }
    changes.push(Change::EndSessions { account: account.id.clone(), except: None, at: env.now });
    changes.push(Change::RevokeTickets { account: account.id.clone(), at: env.now });
    changes.push(Change::CloseCases {
        account: account.id.clone(),
        except: Some(case.id.clone()),
        outcome: Outcome::Overtaken,
        at: env.now,
    });
    let mut rest = Vec::new();
    for new in bind::staged_addresses(case) {
        if !new.is_allowed(at, env) {
            // The policy may have changed since it was staged, as with authenticators.
            let lost = Fact::of_case(What::AddressBound, Actor::Holder, case).with("channel", new.channel);
            rest.push(lost.refused(&Refusal::NotAtThisDoor));
            continue;
        }
        new.take_effect(case, account, policy, env, &mut changes);
        told.push(new.told());
        rest.push(Fact::of_case(What::AddressBound, Actor::Holder, case).with("channel", new.channel));
    }
    let mut done = case.clone();
    done.state = CaseState::Closed(Outcome::Done);
    changes.push(Change::SetCase { case: Box::new(done) });
    let words: Vec<String> = told.iter().map(Told::to_string).collect();
    let fact = fact.with("changed", words.join("; "));
    tell(case, account, policy, &told, env, &mut changes);
    Decision { reply: Ok(()), changes, facts: Facts::first(fact, rest) }
}

/// Does this door close only once recovery codes are made? The first door does, where it binds them.
pub fn are_codes_due(case: &Case, model: &Model) -> bool {
    let is_codes = |b: &Bindable| matches!(b, Bindable::Authenticator(ix) if model[*ix].kind == FactorKind::RecoveryCodes);
    case.door == DoorName::Enrol && case.bound_door(model).is_some_and(|door| door.binds.iter().any(is_codes))
}
