//! What other people give to a case: approvals, proofing, and a no.
//!
//! Owns who may give what: never the member, never whoever opened the case, nobody twice, each in a session of
//! their own that shows what the role demands. The check code ties the approver's case to the holder's page, so
//! that a stranger's case cannot be slipped under a genuine request.

use policy::model::{ApproverIx, Proofing, Term};
use policy::runtime;
use policy::{Aal, Policy};
use subtle::ConstantTimeEq;

use crate::account::Account;
use crate::case::{self, Case, CaseState, Outcome};
use crate::change::Change;
use crate::evidence::{Piece, Proof, proofing_name};
use crate::fact::{Actor, Fact, What};
use crate::id::AccountId;
use crate::refusal::Refusal;
use crate::session::Caller;
use crate::{Answer, Decision, Env, Facts, case::Settled, refuse};

/// Does this person hold the role for this account?
pub fn holds_role(caller: &Caller, role: ApproverIx, account: &Account, policy: &Policy) -> bool {
    let model = policy.model();
    let role = &model[role];
    caller.account.belongs_to(model, role.population)
        && (!role.manager_of_member || account.manager.as_ref() == Some(&caller.account.id))
}

/// May this person approve the case at all? Neither member nor requester, and only once.
pub fn is_third_person(case: &Case, person: &AccountId) -> bool {
    let own = case.account.as_ref() == Some(person);
    let requester = matches!(&case.opened_by, Actor::Person(by) if by == person);
    let twice = case.evidence.iter().any(|p| matches!(p.proof(), Proof::Approval { by, .. } if by == person));
    !(own || requester || twice)
}

fn third_person(case: &Case, caller: &Caller) -> Result<(), Refusal> {
    if is_third_person(case, &caller.account.id) { Ok(()) } else { Err(Refusal::SamePerson) }
}

/// The role in which this person could approve the case now, if any.
pub fn role_for(case: &Case, caller: &Caller, account: &Account, policy: &Policy) -> Option<ApproverIx> {
    third_person(case, caller).ok()?;
    let model = policy.model();
    let held = case.roles_wanted(model).into_iter().filter(|role| holds_role(caller, *role, account, policy));
    // There is one manager: who is that and something else too agrees as the manager, or nobody could.
    held.min_by_key(|role| !model[*role].manager_of_member)
}

fn checked(case: &Case, presented: &str) -> Result<(), Refusal> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let shown = case.check_code.as_deref().map(digits).ok_or(Refusal::CheckCode)?;
    let equal: bool = shown.as_bytes().ct_eq(digits(presented).as_bytes()).into();
    if equal { Ok(()) } else { Err(Refusal::CheckCode) }
}

/// Somebody else at a case: the case, its account, and who acts.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The case.
    pub case: &'a Case,
    /// Its account.
    pub account: &'a Account,
    /// Who acts.
    pub caller: &'a Caller,
    /// The policy that runs.
    pub policy: &'a Policy,
}

/// One person agrees. `check_code` is what the member read out from their own page.
pub fn approve(at: At<'_>, check_code: &str, reason: &str, env: &mut Env<'_>) -> Answer<Settled> {
    let At { case, account, caller, policy } = at;
    let fact = Fact::of_case(What::ApprovalGiven, caller.actor(), case).with("reason", reason);
    let role = match permitted(case, account, caller, policy, env) {
        Ok(role) => role,
        Err(refusal) => return refuse(refusal, fact),
    };
    if let Err(refusal) = checked(case, check_code) {
        return refuse(refusal, fact);
    }
    let name = policy.model()[role].name.clone();
    let piece = Piece::new(Proof::Approval { role: name.clone(), by: caller.account.id.clone() }, env.now);
    give(case, account, policy, piece, fact.with("role", name), env)
}

fn permitted(
    case: &Case,
    account: &Account,
    caller: &Caller,
    policy: &Policy,
    env: &Env<'_>,
) -> Result<ApproverIx, Refusal> {
    if !caller.is_live(env.now) {
        return Err(Refusal::NotAuthorized);
    }
    if !case.is_collecting(env.now) || !case.is_of(account, policy) {
        return Err(Refusal::CaseNotOpen);
    }
    third_person(case, caller)?;
    let role = role_for(case, caller, account, policy).ok_or(Refusal::NotAuthorized)?;
    let needed = policy.model()[role].aal;
    if caller.session.aal < needed {
        return Err(Refusal::TooWeak { needed });
    }
    Ok(role)
}

/// An agent records that they proofed the member's identity.
pub fn proof_identity(
    at: At<'_>,
    method: Proofing,
    check_code: &str,
    record: &str,
    env: &mut Env<'_>,
) -> Answer<Settled> {
    let At { case, account, caller, policy } = at;
    let method_name = proofing_name(method);
    let fact = Fact::of_case(What::EvidenceProved, caller.actor(), case)
        .with("proved", format!("proofing({method_name})"))
        .with("record", record);
    let asked = case
        .requirement(policy.model())
        .map(runtime::alternatives)
        .is_some_and(|paths| paths.iter().any(|p| p.contains(&Term::Proofing(method))));
    let refusal = if !caller.roles.agent || !caller.is_live(env.now) {
        Some(Refusal::NotAuthorized)
    } else if caller.session.aal < Aal::Two {
        Some(Refusal::TooWeak { needed: Aal::Two })
    } else if !case.is_collecting(env.now) || !case.is_of(account, policy) {
        Some(Refusal::CaseNotOpen)
    } else if !asked {
        Some(Refusal::NotAtThisDoor)
    } else if case.account.as_ref() == Some(&caller.account.id) {
        Some(Refusal::SamePerson)
    } else if record.trim().is_empty() {
        Some(Refusal::NotAcceptable("Say what you saw: the evidence and how you compared it.".to_owned()))
    } else {
        checked(case, check_code).err()
    };
    if let Some(refusal) = refusal {
        return refuse(refusal, fact);
    }
    let by = caller.account.id.clone();
    let piece = Piece::new(Proof::Proofing { method: method_name.to_owned(), by }, env.now);
    give(case, account, policy, piece, fact, env)
}

fn give(
    case: &Case,
    account: &Account,
    policy: &Policy,
    piece: Piece,
    fact: Fact,
    env: &mut Env<'_>,
) -> Answer<Settled> {
    let mut case = case.current(account);
    let (mut changes, mut rest) = (Vec::new(), Vec::new());
    let settled = case::add(&mut case, account, policy.model(), piece, env, &mut changes, &mut rest);
    Decision { reply: Ok(settled), changes, facts: Facts::first(fact, rest) }
}

/// Somebody who could have agreed says no, or an agent ends a case: it is over.
pub fn deny(at: At<'_>, reason: &str, env: &mut Env<'_>) -> Answer<()> {
    let At { case, account, caller, policy } = at;
    let fact = Fact::of_case(What::CaseDenied, caller.actor(), case).with("reason", reason);
    if !caller.is_live(env.now) || case.account.as_ref() != Some(&account.id) {
        return refuse(Refusal::NotAuthorized, fact);
    }
    // A no ends what the member waits for: it takes a session as strong as the yes would.
    match denial_takes(case, account, caller, policy) {
        None => return refuse(Refusal::NotAuthorized, fact),
        Some(needed) if caller.session.aal < needed => return refuse(Refusal::TooWeak { needed }, fact),
        Some(_) => {}
    }
    close(case, Outcome::Denied, fact, env)
}

/// The weakest session in which this person may say no, if they may at all.
fn denial_takes(case: &Case, account: &Account, caller: &Caller, policy: &Policy) -> Option<Aal> {
    let model = policy.model();
    let works_on_cases = caller.roles.agent || caller.roles.administrator;
    let held = case.roles_wanted(model).into_iter().filter(|role| holds_role(caller, *role, account, policy));
    held.map(|role| model[role].aal).chain(works_on_cases.then_some(Aal::Two)).min()
}

/// The owner stops a case: from a notice's link, or signed in.
pub fn stop(case: &Case, actor: &Actor, env: &mut Env<'_>) -> Answer<()> {
    let fact = Fact::of_case(What::CaseStopped, actor.clone(), case);
    if let Actor::Person(id) = actor
        && case.account.as_ref() != Some(id)
    {
        return refuse(Refusal::NotAuthorized, fact);
    }
    close(case, Outcome::Stopped, fact, env)
}

fn close(case: &Case, outcome: Outcome, fact: Fact, env: &mut Env<'_>) -> Answer<()> {
    if case.ended(env.now).is_some() {
        return refuse(Refusal::CaseNotOpen, fact);
    }
    let mut case = case.clone();
    case.state = CaseState::Closed(outcome);
    Decision {
        reply: Ok(()),
        changes: vec![Change::SetCase { case: Box::new(case) }],
        facts: Facts::one(fact),
    }
}
