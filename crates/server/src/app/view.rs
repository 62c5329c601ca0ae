//! What a read or a decision sees.
//!
//! Owns which questions are asked of the state inside a transaction, and that whoever decides locks first. Does not own
//! the SQL (`store`) nor what follows (`lifecycle`).

use lifecycle::id::Hash;
use lifecycle::session::{Caller, Claim, Roles};
use lifecycle::{Account, AccountId, Case, Session, Time};
use policy::Policy;

use super::Running;
use crate::config::Console;
use crate::fault::Fault;
use crate::keys::Keyring;
use crate::store::driver::{Lock, Tx};
use crate::store::{accounts, cases, sessions};

/// What a read or a decision may look at: current state, inside its transaction.
pub struct View<'a, 't> {
    /// The transaction.
    pub tx: &'a mut Tx<'t>,
    /// Opens what is sealed.
    pub keys: &'a Keyring,
    /// The policy that runs.
    pub running: &'a Running,
    /// The moment.
    pub now: Time,
}

impl View<'_, '_> {
    /// The policy that runs.
    pub fn policy(&self) -> &Policy {
        &self.running.policy
    }

    /// Locks an account for the rest of the transaction: what is read afterwards is current. Says whether what
    /// was read before may not be.
    pub fn lock(&mut self, account: &AccountId) -> Result<bool, Fault> {
        self.tx.lock([Lock::from(account)])
    }

    /// One account.
    pub fn account(&mut self, id: &str) -> Result<Option<Account>, Fault> {
        accounts::load(self.tx, self.keys, id)
    }

    /// One account by login name, as somebody typed it.
    pub fn named(&mut self, name: &str) -> Result<Option<Account>, Fault> {
        accounts::load_named(self.tx, self.keys, &lifecycle::directory::login_name(name))
    }

    /// The case that a browser holds, with its account.
    pub fn held(&mut self, holder: &Hash) -> Result<Option<(Case, Option<Account>)>, Fault> {
        cases::held(self.tx, self.keys, holder)
    }

    /// The same inside a decision: the account is locked before anything is believed.
    pub fn held_locked(&mut self, holder: &Hash) -> Result<Option<(Case, Option<Account>)>, Fault> {
        let held = self.held(holder)?;
        match held.as_ref().and_then(|(case, _)| case.account.clone()) {
            Some(account) if self.lock(&account)? => self.held(holder),
            _ => Ok(held),
        }
    }

    /// A case by what people call it, locked, with its account.
    pub fn referred_locked(
        &mut self,
        reference: &str,
    ) -> Result<Option<(Case, Option<Account>, bool)>, Fault> {
        let mut found = cases::by_reference(self.tx, reference)?;
        if let Some(account) = found.as_ref().and_then(|(case, _)| case.account.clone())
            && self.lock(&account)?
        {
            found = cases::by_reference(self.tx, reference)?;
        }
        let Some((case, is_held)) = found else { return Ok(None) };
        let (case, account) = self.with_account(case)?;
        Ok(Some((case, account, is_held)))
    }

    /// A case together with its account.
    pub fn with_account(&mut self, case: Case) -> Result<(Case, Option<Account>), Fault> {
        let account = match &case.account {
            Some(id) => self.account(id.as_str())?,
            None => None,
        };
        Ok((case, account))
    }

    /// The person behind a session cookie, as things stand now.
    pub fn caller(&mut self, claim: &Claim, console: &Console) -> Result<Option<Caller>, Fault> {
        let Some(session) = sessions::claimed(self.tx, claim, self.now)? else { return Ok(None) };
        self.caller_of(session, console)
    }

    /// The same inside a decision: whoever was signed in when the request came may not be any more.
    pub fn caller_again(&mut self, caller: &Caller, console: &Console) -> Result<Option<Caller>, Fault> {
        let Some(session) = sessions::load(self.tx, caller.session.id.as_str(), self.now)? else {
            return Ok(None);
        };
        self.caller_of(session, console)
    }

    /// The sessions of an account that the policy in force lets live, newest first.
    pub fn sessions(&mut self, account: &Account) -> Result<Vec<Session>, Fault> {
        let found = sessions::of(self.tx, &account.id, self.now)?;
        Ok(found.into_iter().filter_map(|session| self.bounded(session, account)).collect())
    }

    /// A session within the limits of the policy in force, which may be stricter than those that it began under; none:
    /// it has ended by them.
    fn bounded(&self, session: Session, account: &Account) -> Option<Session> {
        let population = account.population(self.policy())?;
        let session = session.under(self.policy().model()[population].login.session);
        session.is_live(self.now).then_some(session)
    }

    fn caller_of(&mut self, session: Session, console: &Console) -> Result<Option<Caller>, Fault> {
        let Some(account) = self.account(session.account.as_str())? else { return Ok(None) };
        let Some(session) = self.bounded(session, &account).filter(|_| account.is_present()) else {
            return Ok(None);
        };
        let model = self.policy().model();
        let plays = |populations: &[String]| {
            populations
                .iter()
                .filter_map(|name| model.population(name))
                .any(|population| account.belongs_to(model, population))
        };
        let roles = Roles {
            administrator: plays(&console.administrators),
            agent: plays(&console.agents),
            auditor: plays(&console.auditors),
        };
        Ok(Some(Caller { account, session, roles }))
    }
}
