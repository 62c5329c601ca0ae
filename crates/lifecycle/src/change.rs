//! Every change that storage can be asked to make: a closed list.
//!
//! Owns nothing but the list. Storage applies all changes of a decision in one transaction with its facts, or
//! none. A change that spends something (a ticket, a code, a step) must hit exactly one unspent row.

use crate::account::{Account, Authenticator};
use crate::case::{Case, Outcome};
use crate::evidence::Piece;
use crate::factor::FactorData;
use crate::id::{AccountId, AuthenticatorId, CaseId, ChallengeId, Hash, NoticeId, SessionId, TicketId, Time};
use crate::notice::Notice;
use crate::session::Session;

/// An invitation: opens the enrol door of one account once.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Opaque.
    pub id: TicketId,
    /// Whose enrol door.
    pub account: AccountId,
    /// The channel it was delivered to; `None`: printed on the server's terminal for the first administrator.
    pub channel: Option<String>,
    /// Who issued it, for people.
    pub issued_by: String,
    /// When.
    pub created_at: Time,
    /// Worth nothing from then on.
    pub expires_at: Time,
    /// Spent.
    pub used_at: Option<Time>,
    /// Taken back.
    pub revoked_at: Option<Time>,
}

/// One change.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names of a closed list of changes say what their fields are")]
pub enum Change {
    CreateAccount(Box<Account>),
    UpdateAccount {
        account: AccountId,
        display_name: String,
        groups: Vec<String>,
        manager: Option<AccountId>,
    },
    SetEnrolled {
        account: AccountId,
        at: Time,
    },
    SetOffboarded {
        account: AccountId,
        at: Time,
    },
    SetAddress {
        account: AccountId,
        channel: String,
        address: String,
        confirmed_at: Option<Time>,
        at: Time,
    },
    ConfirmAddress {
        account: AccountId,
        channel: String,
        at: Time,
    },
    AddressAttempts {
        account: AccountId,
        channel: String,
        failures: u32,
        locked_until: Option<Time>,
    },
    IssueTicket {
        ticket: Ticket,
        hash: Hash,
    },
    SpendTicket {
        ticket: TicketId,
        at: Time,
    },
    RevokeTickets {
        account: AccountId,
        at: Time,
    },
    OpenCase {
        case: Box<Case>,
        holder: Option<Hash>,
    },
    HoldCase {
        case: CaseId,
        holder: Hash,
        check_code: Option<String>,
    },
    /// State, deadlines and (for discoverable passkeys) the account of a case.
    SetCase {
        case: Box<Case>,
    },
    /// Takes the place of the same kind of evidence from the same person.
    AddEvidence {
        case: CaseId,
        piece: Piece,
    },
    /// What this person gave to other people's cases that are not over: their approvals and their word on who somebody is.
    WithdrawEvidence {
        by: AccountId,
    },
    CloseCases {
        account: AccountId,
        except: Option<CaseId>,
        outcome: Outcome,
        at: Time,
    },
    IssueCode {
        case: CaseId,
        channel: String,
        hash: Hash,
        at: Time,
        expires_at: Time,
    },
    SpendCode {
        case: CaseId,
        channel: String,
        at: Time,
    },
    OpenChallenge {
        id: ChallengeId,
        case: CaseId,
        purpose: String,
        state: Vec<u8>,
        expires_at: Time,
    },
    SpendChallenge {
        id: ChallengeId,
        at: Time,
    },
    AddAuthenticator {
        account: AccountId,
        authenticator: Box<Authenticator>,
    },
    /// The old value of `last_step` must be lower: a step is accepted once.
    AuthenticatorUsed {
        id: AuthenticatorId,
        last_step: i64,
        at: Time,
    },
    AuthenticatorFailed {
        id: AuthenticatorId,
        failures: u32,
        locked_until: Option<Time>,
        disable: bool,
    },
    /// It signs in no more, and is still there to be seen.
    DisableAuthenticator {
        id: AuthenticatorId,
    },
    SetFactorData {
        id: AuthenticatorId,
        data: Box<FactorData>,
    },
    SpendRecoveryCode {
        id: AuthenticatorId,
        hash: Hash,
        at: Time,
    },
    RenameAuthenticator {
        id: AuthenticatorId,
        label: String,
    },
    RevokeAuthenticator {
        id: AuthenticatorId,
        at: Time,
    },
    RevokeAllAuthenticators {
        account: AccountId,
        at: Time,
    },
    ActivateStaged {
        account: AccountId,
        case: CaseId,
        at: Time,
    },
    StartSession {
        session: Box<Session>,
        hash: Hash,
    },
    EndSession {
        session: SessionId,
        at: Time,
    },
    EndSessions {
        account: AccountId,
        except: Option<SessionId>,
        at: Time,
    },
    Notify(Notice),
    /// A notice that was given up is tried again.
    RetryNotice {
        id: NoticeId,
        at: Time,
    },
}
