//! Applying the changes of a decision: one arm each, all in the decision's own transaction.
//!
//! A change that spends something must hit exactly one unspent row; otherwise the decision is undone and made
//! again from current state, which then refuses ([`Tx::one`]). A single use never rests on the decision alone.

use lifecycle::change::Change;
use lifecycle::id::Time;
use lifecycle::notice::Notice;

use super::driver::Tx;
use super::{accounts, cases, notices, sessions};
use crate::fault::Fault;
use crate::keys::Keyring;

/// What applying needs beside the transaction.
pub struct Applier<'a> {
    /// Seals what is secret.
    pub keys: &'a Keyring,
    /// The moment of the decision.
    pub now: Time,
    /// Puts a notice into words: subject and body.
    pub words: &'a dyn Fn(&Notice) -> (String, String),
    /// Where the request came from, and with what: kept with a new session.
    pub peer: &'a str,
    /// The browser's name for itself.
    pub agent: &'a str,
}

impl Applier<'_> {
    /// Applies all changes, in order.
    pub fn apply(&self, tx: &mut Tx<'_>, changes: &[Change]) -> Result<(), Fault> {
        changes.iter().try_for_each(|change| self.one(tx, change))
    }

    fn one(&self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Fault> {
        use Change as C;
        match change {
            C::CreateAccount(account) => accounts::create(tx, account),
            C::UpdateAccount { account, display_name, groups, manager } => {
                accounts::update(tx, account, display_name, groups, manager.as_ref())
            }
            C::SetEnrolled { account, at } => accounts::set_enrolled(tx, account, *at),
            C::SetOffboarded { account, at } => accounts::set_offboarded(tx, account, *at),
            C::SetAddress { account, channel, address, confirmed_at, at } => {
                accounts::set_address(tx, account, channel, address, *confirmed_at, *at)
            }
            C::ConfirmAddress { account, channel, at } => {
                accounts::confirm_address(tx, account, channel, *at)
            }
            C::AddressAttempts { account, channel, failures, locked_until } => {
                accounts::address_attempts(tx, account, channel, *failures, *locked_until)
            }
            C::IssueTicket { ticket, hash } => cases::issue_ticket(tx, ticket, hash),
            C::SpendTicket { ticket, at } => cases::spend_ticket(tx, ticket, *at),
            C::RevokeTickets { account, at } => cases::revoke_tickets(tx, account, *at),
            C::OpenCase { case, holder } => cases::create(tx, case, holder.as_ref()),
            C::HoldCase { case, holder, check_code } => cases::hold(tx, case, holder, check_code.as_deref()),
            C::SetCase { case } => cases::set(tx, case, self.now),
            C::AddEvidence { case, piece } => cases::add_evidence(tx, case, piece),
            C::WithdrawEvidence { by } => cases::withdraw_evidence(tx, by),
            C::CloseCases { account, except, outcome, at } => {
                cases::close_all(tx, account, except.as_ref(), *outcome, *at)
            }
            C::IssueCode { case, channel, hash, at, expires_at } => {
                cases::issue_code(tx, case, channel, hash, *at, *expires_at)
            }
            C::SpendCode { case, channel, at } => cases::spend_code(tx, case, channel, *at),
            C::OpenChallenge { id, case, purpose, state, expires_at } => {
                cases::open_challenge(tx, self.keys, id, case, purpose, state, *expires_at)
            }
            C::SpendChallenge { id, at } => cases::spend_challenge(tx, id, *at),
            C::AddAuthenticator { account, authenticator } => {
                accounts::add_authenticator(tx, self.keys, account, authenticator)
            }
            C::AuthenticatorUsed { id, last_step, at } => accounts::used(tx, id, *last_step, *at),
            C::AuthenticatorFailed { id, failures, locked_until, disable } => {
                accounts::failed(tx, id, *failures, *locked_until, *disable)
            }
            C::DisableAuthenticator { id } => accounts::disable(tx, id),
            C::SetFactorData { id, data } => accounts::set_factor_data(tx, self.keys, id, data),
            C::SpendRecoveryCode { id, hash, at } => accounts::spend_recovery_code(tx, id, hash, *at),
            C::RenameAuthenticator { id, label } => accounts::rename(tx, id, label),
            C::RevokeAuthenticator { id, .. } => accounts::revoke(tx, id),
            C::RevokeAllAuthenticators { account, .. } => accounts::revoke_all(tx, account),
            C::ActivateStaged { account, case, .. } => accounts::activate_staged(tx, account, case),
            C::StartSession { session, hash } => {
                let mut session = session.as_ref().clone();
                self.peer.clone_into(&mut session.peer);
                self.agent.clone_into(&mut session.agent);
                sessions::start(tx, &session, hash)
            }
            // Ending what has ended already is no mistake: two tabs may sign out.
            C::EndSession { session, at } => sessions::end(tx, session, *at),
            C::EndSessions { account, except, at } => sessions::end_all(tx, account, except.as_ref(), *at),
            C::Notify(notice) => {
                let (subject, body) = (self.words)(notice);
                notices::write(tx, self.keys, notice, &subject, &body)
            }
            // What was tried again meanwhile needs no second push.
            C::RetryNotice { id, at } => notices::retry(tx, id, *at),
        }
    }
}
