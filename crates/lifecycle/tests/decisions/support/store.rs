//! A storage that is a few lists: it does what it is told, and insists that what is spent was there to spend.

use std::time::Duration;

use lifecycle::case::CaseState;
use lifecycle::change::{Change, Ticket};
use lifecycle::factor::FactorData;
use lifecycle::id::{AuthenticatorId, ChallengeId, Hash};
use lifecycle::notice::{Message, Notice};
use lifecycle::prove::IssuedCode;
use lifecycle::{
    Account, AccountId, Address, Authenticator, AuthenticatorState, Case, CaseId, Decision, Env, Fact,
    Session, Time,
};
use policy::Policy;
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

use super::{Kit, soft_key};

pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) now: Time,
    pub(crate) webauthn: Webauthn,
    pub(crate) accounts: Vec<Account>,
    pub(crate) cases: Vec<Case>,
    /// Those that were joined by a browser.
    pub(crate) held: Vec<CaseId>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) tickets: Vec<(Hash, Ticket)>,
    /// The latest code of a case and channel; none once it is spent.
    pub(crate) codes: Vec<(CaseId, String, Option<IssuedCode>)>,
    /// Ceremonies under way, each good once.
    pub(crate) challenges: Vec<(ChallengeId, CaseId, Vec<u8>)>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) facts: Vec<Fact>,
    /// Every secret that was ever readable: none may be found in a fact.
    pub(crate) secrets: Vec<String>,
    /// What people carry, by account name.
    pub(crate) kits: Vec<(String, Kit)>,
    chance: Chance,
}

/// Chance that is the same in every run: splitmix64.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl World {
    pub(crate) fn new(policy: Policy) -> World {
        let origin = Url::parse(soft_key::ORIGIN).expect("the origin is a URL");
        let webauthn = WebauthnBuilder::new(soft_key::RP, &origin).and_then(WebauthnBuilder::build);
        World {
            policy,
            // 20 November 2026, noon.
            now: Time(1_795_176_000_000_000),
            webauthn: webauthn.expect("the relying party is well formed"),
            accounts: Vec::new(),
            cases: Vec::new(),
            held: Vec::new(),
            sessions: Vec::new(),
            tickets: Vec::new(),
            codes: Vec::new(),
            challenges: Vec::new(),
            notices: Vec::new(),
            facts: Vec::new(),
            secrets: Vec::new(),
            kits: Vec::new(),
            chance: Chance(1),
        }
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now = self.now.plus(time);
    }

    /// Makes a decision and does what it says.
    pub(crate) fn decide<T>(
        &mut self,
        decide: impl FnOnce(&World, &Policy, &mut Env<'_>) -> Decision<T>,
    ) -> T {
        let mut draws = Chance(self.chance.next());
        let mut random = |buffer: &mut [u8]| {
            for byte in buffer {
                *byte = draws.next().to_be_bytes()[0];
            }
        };
        let mut env = Env { now: self.now, random: &mut random, code_key: &[7; 32] };
        let decision = decide(self, &self.policy, &mut env);
        assert!(decision.facts.iter().next().is_some(), "a decision without a fact");
        self.facts.extend(decision.facts.iter().cloned());
        for change in decision.changes {
            self.apply(change);
        }
        decision.reply
    }

    fn apply(&mut self, change: Change) {
        use Change as C;
        let now = self.now;
        match change {
            C::CreateAccount(account) => {
                assert!(self.accounts.iter().all(|a| a.name != account.name), "a name was given twice");
                self.accounts.push(*account);
            }
            C::UpdateAccount { account, display_name, groups, manager } => {
                let account = self.of(&account);
                (account.display_name, account.groups, account.manager) = (display_name, groups, manager);
            }
            C::SetEnrolled { account, at } => self.of(&account).enrolled_at = Some(at),
            C::SetOffboarded { account, at } => self.of(&account).offboarded_at = Some(at),
            C::SetAddress { account, channel, address, confirmed_at, at } => {
                let account = self.of(&account);
                account.addresses.retain(|a| a.channel != channel);
                account.addresses.push(Address {
                    channel,
                    address,
                    confirmed_at,
                    changed_at: at,
                    failures: 0,
                    locked_until: None,
                });
            }
            C::ConfirmAddress { account, channel, at } => {
                self.address(&account, &channel).confirmed_at = Some(at);
            }
            C::AddressAttempts { account, channel, failures, locked_until } => {
                let address = self.address(&account, &channel);
                (address.failures, address.locked_until) = (failures, locked_until);
            }
            C::IssueTicket { ticket, hash } => self.tickets.push((hash, ticket)),
            C::SpendTicket { ticket, at } => {
                let ticket = self.tickets.iter_mut().map(|(_, t)| t).find(|t| t.id == ticket);
                let ticket = ticket.filter(|t| t.used_at.is_none() && t.revoked_at.is_none());
                ticket.expect("a ticket is spent once").used_at = Some(at);
            }
            C::RevokeTickets { account, at } => {
                let open = |t: &&mut Ticket| t.account == account && t.used_at.is_none();
                for ticket in self.tickets.iter_mut().map(|(_, t)| t).filter(open) {
                    ticket.revoked_at = Some(at);
                }
            }
            C::OpenCase { case, holder } => {
                self.held.extend(holder.map(|_| case.id.clone()));
                self.cases.push(*case);
            }
            C::HoldCase { case, check_code, .. } => {
                assert!(!self.held.contains(&case), "a case was joined twice");
                self.held.push(case.clone());
                self.stored(&case).check_code = check_code;
            }
            C::SetCase { case } => {
                let stored = self.stored(&case.id);
                assert!(!matches!(stored.state, CaseState::Closed(_)), "a closed case stays closed");
                stored.account = case.account;
                stored.population = case.population;
                stored.state = case.state;
                stored.expires_at = case.expires_at;
                stored.ready_at = case.ready_at;
            }
            C::AddEvidence { case, piece } => {
                let evidence = &mut self.stored(&case).evidence;
                evidence.retain(|old| old.kind() != piece.kind() || old.by() != piece.by());
                evidence.push(piece);
            }
            C::WithdrawEvidence { by } => {
                let open = |case: &&mut Case| !matches!(case.state, CaseState::Closed(_));
                for case in self.cases.iter_mut().filter(open) {
                    case.evidence.retain(|piece| piece.by() != Some(&by));
                }
            }
            C::CloseCases { account, except, outcome, .. } => {
                for case in &mut self.cases {
                    let open = !matches!(case.state, CaseState::Closed(_));
                    if open && case.account.as_ref() == Some(&account) && Some(&case.id) != except.as_ref() {
                        case.state = CaseState::Closed(outcome);
                    }
                }
            }
            C::IssueCode { case, channel, hash, expires_at, .. } => {
                self.codes.retain(|(c, ch, _)| (c, ch) != (&case, &channel));
                self.codes.push((case, channel, Some(IssuedCode { hash, expires_at })));
            }
            C::SpendCode { case, channel, .. } => {
                let code = self.codes.iter_mut().find(|(c, ch, _)| (c, ch) == (&case, &channel));
                code.and_then(|(_, _, code)| code.take()).expect("a code is spent once");
            }
            C::OpenChallenge { id, case, state, .. } => {
                self.challenges.retain(|(known, ..)| *known != id);
                self.challenges.push((id, case, state));
            }
            C::SpendChallenge { id, .. } => {
                let at = self.challenges.iter().position(|(c, ..)| *c == id);
                self.challenges.remove(at.expect("a ceremony is spent once"));
            }
            C::AddAuthenticator { account, authenticator } => {
                self.of(&account).authenticators.push(*authenticator);
            }
            C::AuthenticatorUsed { id, last_step, at } => {
                let used = self.bound(&id);
                assert!(used.last_step < last_step, "a step was used twice");
                assert_eq!(used.state, AuthenticatorState::Active, "only what is active is used");
                (used.last_step, used.last_used_at) = (last_step, Some(at));
                (used.failures, used.locked_until) = (0, None);
            }
            C::AuthenticatorFailed { id, failures, locked_until, disable } => {
                let failed = self.bound(&id);
                (failed.failures, failed.locked_until) = (failures, locked_until);
                if disable {
                    failed.state = AuthenticatorState::Disabled;
                }
            }
            C::DisableAuthenticator { id } => self.bound(&id).state = AuthenticatorState::Disabled,
            C::SetFactorData { id, data } => self.bound(&id).data = *data,
            C::SpendRecoveryCode { id, hash, .. } => {
                let FactorData::RecoveryCodes(codes) = &mut self.bound(&id).data else {
                    panic!("a recovery code of something else was spent")
                };
                let before = codes.unspent.len();
                *codes = codes.without(&hash);
                assert_eq!(codes.unspent.len() + 1, before, "a recovery code is spent once");
            }
            C::RenameAuthenticator { id, label } => self.bound(&id).label = label,
            C::RevokeAuthenticator { id, .. } => {
                self.bound(&id);
                for account in &mut self.accounts {
                    account.authenticators.retain(|a| a.id != id);
                }
            }
            C::RevokeAllAuthenticators { account, .. } => self.of(&account).authenticators.clear(),
            C::ActivateStaged { account, case, .. } => {
                let account = self.of(&account);
                for staged in &mut account.authenticators {
                    if staged.state == AuthenticatorState::Staged(case.clone()) {
                        staged.state = AuthenticatorState::Active;
                    }
                }
                account.authenticators.retain(|a| !matches!(a.state, AuthenticatorState::Staged(_)));
            }
            C::StartSession { session, .. } => self.sessions.push(*session),
            C::EndSession { session, .. } => self.sessions.retain(|s| s.id != session),
            C::EndSessions { account, except, .. } => {
                self.sessions.retain(|s| s.account != account || Some(&s.id) == except.as_ref());
            }
            C::Notify(notice) => {
                assert_eq!(notice.at, now);
                match &notice.message {
                    Message::Invitation { ticket, .. } => self.secrets.push(ticket.expose().to_owned()),
                    Message::Code { code, .. } => self.secrets.push(code.expose().to_owned()),
                    Message::DoorWaiting { stop, .. } => self.secrets.push(stop.expose().to_owned()),
                    Message::Changed { .. } => {}
                }
                self.notices.push(notice);
            }
            // Delivery is the server's: here every notice has arrived.
            C::RetryNotice { .. } => {}
        }
    }

    fn of(&mut self, id: &AccountId) -> &mut Account {
        self.accounts.iter_mut().find(|a| a.id == *id).expect("the account exists")
    }

    fn address(&mut self, account: &AccountId, channel: &str) -> &mut Address {
        let address = self.of(account).addresses.iter_mut().find(|a| a.channel == channel);
        address.expect("the address exists")
    }

    fn stored(&mut self, id: &CaseId) -> &mut Case {
        self.cases.iter_mut().find(|c| c.id == *id).expect("the case exists")
    }

    pub(crate) fn bound(&mut self, id: &AuthenticatorId) -> &mut Authenticator {
        let all = self.accounts.iter_mut().flat_map(|a| &mut a.authenticators);
        all.into_iter().find(|a| a.id == *id).expect("the authenticator exists")
    }

    pub(crate) fn case(&self, id: &CaseId) -> Case {
        self.cases.iter().find(|c| c.id == *id).expect("the case exists").clone()
    }

    pub(crate) fn account(&self, name: &str) -> Account {
        self.accounts.iter().find(|a| a.name == name).expect("the account exists").clone()
    }

    /// The account of a case, as the rim would load it.
    pub(crate) fn owner(&self, case: &Case) -> Option<Account> {
        self.accounts.iter().find(|a| case.account.as_ref() == Some(&a.id)).cloned()
    }
}
