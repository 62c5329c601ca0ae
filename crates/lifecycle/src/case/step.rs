//! What happens next in a case: the one dispatcher that every page returns to.
//!
//! Owns what is still missing and who could bring it. Does not own the case itself nor what a page says.

use policy::model::{ApproverIx, Term};
use policy::{Model, Policy, runtime};

use super::{Case, CaseState, DoorName, Outcome};
use crate::account::Account;
use crate::id::Time;
use crate::{evidence, factor};

/// What happens next in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Show more evidence: one of these paths must become complete.
    Prove(Vec<Vec<Need>>),
    /// Complete, but its waiting time cannot begin: no notice would reach the member.
    Unheard,
    /// Complete; opens then, as far as anybody can know now.
    Wait(Time),
    /// It was complete, and the door would not open for it any more: of these paths one would have to be complete again.
    /// Nothing can be shown here any more, so that takes another case. All may be shown, and the door wait for longer now
    /// than the case lasts, or be another population's.
    Short(Vec<Vec<Need>>),
    /// The waiting time is over: the holder may go on.
    Proceed,
    /// Bind, until then.
    Bind(Time),
    /// Over.
    Closed(Outcome),
}

/// One term of a path, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What the policy asks.
    pub term: Term,
    /// How far it is.
    pub standing: Standing,
}

/// How far one term is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Shown.
    Proved,
    /// The holder can show it now.
    Yours,
    /// Other people must act; so many have.
    Others {
        /// How many agreed.
        have: usize,
    },
    /// This account cannot show it: not bound, disabled, or no confirmed address.
    Impossible,
}

impl Case {
    /// The one dispatcher: what happens next. `account` is `None` for an unknown name, whose page looks alike.
    pub fn next_step(&self, policy: &Policy, account: Option<&Account>, now: Time) -> Step {
        if let Some(outcome) = self.ended(now) {
            return Step::Closed(outcome);
        }
        let model = policy.model();
        match self.state {
            CaseState::Closed(outcome) => Step::Closed(outcome),
            CaseState::Collecting => {
                let case = account.map_or_else(|| self.clone(), |account| self.current(account));
                let is_unheard = account.is_some_and(|account| case.waits_unheard(model, account));
                if is_unheard && case.is_satisfied(model) {
                    Step::Unheard
                } else {
                    Step::Prove(case.paths(model, account))
                }
            }
            CaseState::Waiting(until) => match self.will_open(policy, account) {
                Ok(at) if now < at.max(until) => Step::Wait(at.max(until)),
                Ok(_) => Step::Proceed,
                Err(short) => short,
            },
            CaseState::Open(until) => match self.will_open(policy, account) {
                Ok(at) if now < at => Step::Wait(at),
                Ok(_) if now < until => Step::Bind(until),
                // Its session was measured when it was opened: nobody goes on with it later.
                Ok(_) if self.door == DoorName::Bind => Step::Closed(Outcome::Expired),
                Ok(_) => Step::Proceed,
                Err(short) => short,
            },
        }
    }

    /// When the door opens for what was complete once, if it still would before the case lapses. By the policy that runs now,
    /// which may ask for more, or for a longer wait, than when the evidence was complete.
    fn will_open(&self, policy: &Policy, account: Option<&Account>) -> Result<Time, Step> {
        let model = policy.model();
        let opens_at = self.opens_at(model).filter(|at| *at < self.expires_at);
        match (opens_at, account) {
            (Some(at), Some(account)) if self.still_opens(account, policy) => Ok(at),
            _ => {
                let case = account.map_or_else(|| self.clone(), |account| self.current(account));
                Err(Step::Short(case.paths(model, account)))
            }
        }
    }

    fn paths(&self, model: &Model, account: Option<&Account>) -> Vec<Vec<Need>> {
        let Some(requirement) = self.requirement(model) else { return Vec::new() };
        let mut paths: Vec<Vec<Need>> = runtime::alternatives(requirement)
            .into_iter()
            .map(|terms| {
                terms
                    .into_iter()
                    .map(|term| Need { standing: self.standing(model, account, &term), term })
                    .collect()
            })
            .collect();
        // Only what this account can do, unless it can do nothing at all.
        if paths.iter().any(|p: &Vec<Need>| p.iter().all(|n| n.standing != Standing::Impossible)) {
            paths.retain(|p| p.iter().all(|n| n.standing != Standing::Impossible));
        }
        paths
    }

    fn standing(&self, model: &Model, account: Option<&Account>, term: &Term) -> Standing {
        if evidence::shows(model, &self.evidence, term) {
            return Standing::Proved;
        }
        let can = |yes: bool| if yes { Standing::Yours } else { Standing::Impossible };
        match *term {
            // An unknown name looks like an account that holds everything that can be held here.
            Term::Authenticator(ix) => can(factor::is_served(model[ix].kind)
                && account.is_none_or(|a| a.active(&model[ix].name).next().is_some())),
            Term::Issued(ix) => can(account.is_none_or(|a| a.confirmed(&model[ix].name).is_some())),
            Term::Invite(_) => Standing::Impossible,
            Term::Approval(ix, _) => {
                Standing::Others { have: evidence::approvals(&self.evidence, &model[ix].name) }
            }
            Term::Proofing(_) => Standing::Others { have: 0 },
            Term::Session { .. } => Standing::Yours,
        }
    }

    /// The approver roles that this case still waits for.
    pub fn roles_wanted(&self, model: &Model) -> Vec<ApproverIx> {
        let Some(requirement) = self.requirement(model) else { return Vec::new() };
        let mut roles = Vec::new();
        for path in runtime::alternatives(requirement) {
            for term in path {
                if let Term::Approval(ix, _) = term
                    && !evidence::shows(model, &self.evidence, &term)
                    && !roles.contains(&ix)
                {
                    roles.push(ix);
                }
            }
        }
        roles
    }
}
