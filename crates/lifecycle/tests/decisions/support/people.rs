//! What people do: each step of a chain in one line, through the functions that the rim calls.

use std::time::Duration;

use lifecycle::case::{self, Settled, Step};
use lifecycle::enrol::{self, Authority};
use lifecycle::factor::{passkey, password, totp};
use lifecycle::id::{AuthenticatorId, ChallengeId, Secret};
use lifecycle::notice::Message;
use lifecycle::prove::{self, Proved};
use lifecycle::session::{Caller, Roles};
use lifecycle::{
    AccountId, AuthenticatorState, Case, CaseId, Refusal, Session, Time, approve, bind, directory, finish,
    recover, sign_in,
};
use policy::FactorKind;
use policy::model::Proofing;

use super::{SoftKey, World};

/// What somebody carries. The secrets are the person's own; the world only sees them used.
#[derive(Default)]
pub(crate) struct Kit {
    pub(crate) password: Option<String>,
    pub(crate) totp: Option<totp::Stored>,
    pub(crate) key: Option<SoftKey>,
    pub(crate) codes: Vec<String>,
}

/// The slow hash of a password, made fast: what matters here is which hash was compared.
fn phc(text: &str) -> String {
    format!("$test${}", Secret::from_text(text).hash().0.map(|b| format!("{b:02x}")).concat())
}

/// The code that an app shows at a moment.
pub(crate) fn totp_code(seed: &totp::Stored, at: Time) -> String {
    let key = data_encoding::BASE32_NOPAD.decode(seed.base32().as_bytes()).expect("a seed is base 32");
    totp::hotp(&key, at.seconds().div_euclid(30).cast_unsigned(), 6)
}

impl World {
    pub(crate) fn kit(&mut self, name: &str) -> &mut Kit {
        if !self.kits.iter().any(|(n, _)| n == name) {
            self.kits.push((name.to_owned(), Kit::default()));
        }
        self.kits.iter_mut().find(|(n, _)| n == name).map(|(_, kit)| kit).expect("it was just made")
    }

    /// Adds somebody with an address on every channel of the policy.
    pub(crate) fn add(&mut self, name: &str, group: &str, manager: Option<&str>) -> AccountId {
        let manager = manager.map(|m| self.account(m).id);
        let addresses = self.policy.model().channels.iter().map(|c| {
            let digits: u32 = name.bytes().map(u32::from).sum();
            let address = match c.kind {
                policy::model::ChannelKind::Email => format!("{name}@{}.example.com", c.name),
                policy::model::ChannelKind::Post => format!("1 Test Street, {name}"),
                _ => format!("+44207946{digits:04}"),
            };
            (c.name.clone(), address)
        });
        let new = directory::NewMember {
            name: name.to_owned(),
            display_name: name.to_owned(),
            groups: vec![group.to_owned()],
            manager,
            addresses: addresses.collect(),
        };
        self.decide(|_, policy, env| directory::add(new, false, Authority::Terminal, policy, env))
            .expect("a member is added")
    }

    /// Enrols somebody by a bootstrap ticket, which stands for the door's evidence, and hands them what they bound.
    pub(crate) fn enrolled(&mut self, name: &str, group: &str, names: &[&str]) {
        self.add(name, group, None);
        self.enrol(name, names);
    }

    pub(crate) fn enrol(&mut self, name: &str, names: &[&str]) {
        let account = self.account(name);
        let ticket = self.decide(|_, policy, env| enrol::bootstrap(&account, policy, env));
        let case = self.redeem(ticket.expect("a ticket is printed").expose()).expect("the ticket is good");
        for factor in names {
            self.stage(&case, factor).expect("the enrol door binds it");
        }
        self.finish(&case, true).expect("enrolment can be finished");
    }

    /// Confirms an address as an invitation to it would have done.
    pub(crate) fn confirm(&mut self, name: &str, channel: &str) {
        let (now, account) = (self.now, self.account(name).id);
        let account = self.accounts.iter_mut().find(|a| a.id == account).expect("the account exists");
        let address = account.addresses.iter_mut().find(|a| a.channel == channel);
        address.expect("the address exists").confirmed_at = Some(now);
    }

    // Sessions.

    /// Somebody acting in their latest session, with the roles that their groups give.
    pub(crate) fn caller(&self, name: &str) -> Caller {
        let account = self.account(name);
        let session = self.sessions.iter().rev().find(|s| s.account == account.id);
        let has = |group: &str| account.groups.iter().any(|g| g == group);
        let administrator = has("admins") || has("domain-admins") || has("tier-zero");
        let roles = Roles { administrator, agent: administrator || has("helpdesk"), auditor: false };
        Caller { session: session.expect("they are signed in").clone(), account, roles }
    }

    pub(crate) fn is_signed_in(&self, name: &str) -> bool {
        let id = self.account(name).id;
        self.sessions.iter().any(|s| s.account == id)
    }

    /// Signs somebody in with these authenticators, in this order.
    pub(crate) fn sign_in(&mut self, name: &str, names: &[&str]) -> Result<Session, Refusal> {
        let case = self.begin(name);
        let mut last = Err(Refusal::NotYet);
        for factor in names {
            last = self.show_authenticator(&case, name, factor);
        }
        last.map(|proved| proved.session.expect("the last one completes the login").0)
    }

    pub(crate) fn begin(&mut self, name: &str) -> CaseId {
        let account = self.accounts.iter().find(|a| a.name == name).cloned();
        let opened = self.decide(|_, policy, env| sign_in::begin(account.as_ref(), policy, "staff", env));
        self.keep(opened)
    }

    fn keep(&mut self, opened: case::Opened) -> CaseId {
        self.secrets.extend(opened.token.iter().map(|t| t.expose().to_owned()));
        opened.case.id
    }

    // Evidence.

    pub(crate) fn password(&mut self, id: &CaseId, typed: &str) -> Result<Proved, Refusal> {
        let (case, account) = self.with_owner(id);
        let stored = prove::password_to_compare(&case, account.as_ref(), &self.policy).unwrap_or("decoy");
        let compared = password::Compared::new(stored, stored == phc(typed));
        self.proved(|_, policy, env| prove::password(&case, account.as_ref(), policy, &compared, env))
    }

    pub(crate) fn totp(&mut self, id: &CaseId, typed: &str) -> Result<Proved, Refusal> {
        let (case, account) = self.with_owner(id);
        self.proved(|_, policy, env| prove::totp(&case, account.as_ref(), policy, typed, env))
    }

    pub(crate) fn recovery_code(&mut self, id: &CaseId, typed: &str) -> Result<Proved, Refusal> {
        let (case, account) = self.with_owner(id);
        self.proved(|_, policy, env| prove::recovery_code(&case, account.as_ref(), policy, typed, env))
    }

    pub(crate) fn passkey(&mut self, id: &CaseId, key: &mut SoftKey) -> Result<Proved, Refusal> {
        let (case, account) = self.with_owner(id);
        let owner = account.as_ref().expect("somebody is named");
        let ceremony = passkey::begin(&self.webauthn, owner)?;
        let answer = key.assert(&ceremony.options);
        let verified = passkey::verify(&self.webauthn, &ceremony.state, &answer, owner);
        self.proved(|_, policy, env| prove::passkey(&case, account.as_ref(), policy, verified, env))
    }

    /// Conditional UI: the browser offers the key before a name is typed.
    pub(crate) fn passkey_first(&mut self, id: &CaseId, name: &str) -> Result<Proved, Refusal> {
        let (case, owner) = (self.case(id), self.account(name));
        let ceremony = passkey::begin_discoverable(&self.webauthn)?;
        let mut key = self.kit(name).key.take().expect("they carry a key");
        let answer = key.assert(&ceremony.options);
        self.kit(name).key = Some(key);
        assert_eq!(passkey::claimed_account(&self.webauthn, &answer).as_deref(), Some(owner.id.as_str()));
        let verified = passkey::verify(&self.webauthn, &ceremony.state, &answer, &owner);
        self.proved(|_, policy, env| prove::passkey(&case, Some(&owner), policy, verified, env))
    }

    /// Shows an authenticator of the policy out of somebody's kit.
    pub(crate) fn show_authenticator(
        &mut self,
        case: &CaseId,
        name: &str,
        factor: &str,
    ) -> Result<Proved, Refusal> {
        let ix = self.policy.model().authenticator(factor).expect("the policy has it");
        match self.policy.model()[ix].kind {
            FactorKind::Password => {
                let typed = self.kit(name).password.clone().ok_or(Refusal::NotRecognised)?;
                self.password(case, &typed)
            }
            FactorKind::Totp => {
                let seed = self.kit(name).totp.clone().ok_or(Refusal::NotRecognised)?;
                // A step is good once: the person waits for the next code.
                self.pass(Duration::from_secs(30));
                let code = totp_code(&seed, self.now);
                self.totp(case, &code)
            }
            FactorKind::Passkey | FactorKind::SecurityKey => {
                let mut key = self.kit(name).key.take().ok_or(Refusal::NotRecognised)?;
                let answer = self.passkey(case, &mut key);
                self.kit(name).key = Some(key);
                answer
            }
            FactorKind::RecoveryCodes => {
                let code = self.kit(name).codes.pop().ok_or(Refusal::NotRecognised)?;
                self.recovery_code(case, &code)
            }
            other => Err(Refusal::NotServed(other.name().to_owned())),
        }
    }

    pub(crate) fn send_code(&mut self, id: &CaseId, channel: &str) -> Result<String, Refusal> {
        let (case, account) = self.with_owner(id);
        self.decide(|_, policy, env| prove::send_code(&case, account.as_ref(), policy, channel, env))?;
        Ok(self.last_code())
    }

    /// The code in the last message.
    pub(crate) fn last_code(&self) -> String {
        match self.notices.last().map(|n| &n.message) {
            Some(Message::Code { code, .. }) => code.expose().to_owned(),
            other => panic!("the last message is no code: {other:?}"),
        }
    }

    pub(crate) fn type_code(&mut self, id: &CaseId, channel: &str, typed: &str) -> Result<Proved, Refusal> {
        let (case, account) = self.with_owner(id);
        let issued = self.codes.iter().find(|(c, ch, _)| c == id && ch == channel);
        let issued = issued.and_then(|(_, _, code)| code.clone());
        self.proved(|_, policy, env| {
            prove::issued_code(&case, account.as_ref(), policy, channel, issued.as_ref(), typed, env)
        })
    }

    fn proved(
        &mut self,
        decide: impl FnOnce(&World, &policy::Policy, &mut lifecycle::Env<'_>) -> lifecycle::Answer<Proved>,
    ) -> Result<Proved, Refusal> {
        let proved = self.decide(decide)?;
        self.secrets.extend(proved.session.iter().map(|(_, token)| token.expose().to_owned()));
        Ok(proved)
    }

    pub(crate) fn with_owner(&self, id: &CaseId) -> (Case, Option<lifecycle::Account>) {
        let case = self.case(id);
        let account = self.owner(&case);
        (case, account)
    }

    // Other people.

    pub(crate) fn approve(&mut self, id: &CaseId, who: &str) -> Result<Settled, Refusal> {
        let check_code = self.case(id).check_code.unwrap_or_default();
        self.approve_with(id, who, &check_code)
    }

    pub(crate) fn approve_with(&mut self, id: &CaseId, who: &str, code: &str) -> Result<Settled, Refusal> {
        let (case, account) = self.with_owner(id);
        let (account, caller) = (account.expect("somebody is named"), self.caller(who));
        self.decide(|_, policy, env| {
            let at = approve::At { case: &case, account: &account, caller: &caller, policy };
            approve::approve(at, code, "known voice", env)
        })
    }

    pub(crate) fn proof(&mut self, id: &CaseId, who: &str, method: Proofing) -> Result<Settled, Refusal> {
        let (case, account) = self.with_owner(id);
        let (account, caller) = (account.expect("somebody is named"), self.caller(who));
        let code = case.check_code.clone().unwrap_or_default();
        self.decide(|_, policy, env| {
            let at = approve::At { case: &case, account: &account, caller: &caller, policy };
            approve::proof_identity(at, method, &code, "identity card, compared with the face", env)
        })
    }

    // Doors.

    /// Invites, and reads the link out of the mail.
    pub(crate) fn invite(&mut self, name: &str) -> String {
        let account = self.account(name);
        self.decide(|_, policy, env| enrol::invite(&account, Authority::Terminal, policy, env))
            .expect("the member is invited");
        match self.notices.last().map(|n| &n.message) {
            Some(Message::Invitation { ticket, .. }) => ticket.expose().to_owned(),
            other => panic!("the last message is no invitation: {other:?}"),
        }
    }

    pub(crate) fn redeem(&mut self, token: &str) -> Result<CaseId, Refusal> {
        let hash = Secret::from_text(token).hash();
        let ticket = self.tickets.iter().find(|(h, _)| *h == hash).map(|(_, t)| t.clone());
        let account = ticket.as_ref().and_then(|t| self.accounts.iter().find(|a| a.id == t.account).cloned());
        let opened =
            self.decide(|_, policy, env| enrol::redeem(ticket.as_ref().zip(account.as_ref()), policy, env))?;
        Ok(self.keep(opened))
    }

    pub(crate) fn recover(&mut self, name: &str, door: &str) -> Result<CaseId, Refusal> {
        let account = self.accounts.iter().find(|a| a.name == name).cloned();
        let opened =
            self.decide(|_, policy, env| recover::open(account.as_ref(), policy, door, "staff", env))?;
        Ok(self.keep(opened))
    }

    pub(crate) fn proceed(&mut self, id: &CaseId) -> Result<(), Refusal> {
        let (case, account) = self.with_owner(id);
        let account = account.expect("somebody is named");
        self.decide(|_, policy, env| finish::proceed(&case, &account, policy, env))
    }

    pub(crate) fn finish(&mut self, id: &CaseId, kept: bool) -> Result<(), Refusal> {
        let (case, account) = self.with_owner(id);
        let account = account.expect("somebody is named");
        self.decide(|_, policy, env| finish::finish(&case, &account, policy, kept, env))
    }

    pub(crate) fn open_bind(&mut self, name: &str) -> Result<CaseId, Refusal> {
        let caller = self.caller(name);
        let (opened, _) = self.decide(|_, policy, env| bind::open(&caller, policy, env))?;
        Ok(self.keep(opened))
    }

    pub(crate) fn next_step(&self, id: &CaseId) -> Step {
        let (case, account) = self.with_owner(id);
        case.next_step(&self.policy, account.as_ref(), self.now)
    }

    // Binding.

    /// Binds a fresh authenticator of this name in an open case; its owner carries it from then on.
    pub(crate) fn stage(&mut self, id: &CaseId, factor: &str) -> Result<AuthenticatorId, Refusal> {
        let (case, account) = self.with_owner(id);
        let account = account.expect("somebody is named");
        let session = self.sessions.iter().rev().find(|s| s.account == account.id).cloned();
        let ix = self.policy.model().authenticator(factor).expect("the policy has it");
        let kind = self.policy.model()[ix].kind;
        let fresh = self.secrets.len();
        let ceremony = ChallengeId(format!("ceremony-{fresh}-{}", self.facts.len()));
        self.challenges.push((ceremony.clone(), id.clone(), Vec::new()));
        macro_rules! at {
            ($policy:expr) => {
                bind::At { case: &case, account: &account, session: session.as_ref(), policy: $policy }
            };
        }
        match kind {
            FactorKind::Password => {
                let text = format!("correct horse {fresh}");
                let stored = password::Stored { phc: phc(&text) };
                let id = self.decide(|_, policy, env| bind::password(at!(policy), factor, stored, env))?;
                self.secrets.push(text.clone());
                self.kit(&account.name).password = Some(text);
                Ok(id)
            }
            FactorKind::Totp => {
                let seed = totp::Stored::from_seed(&Secret::from_text(&fresh.to_string()).hash().0[..20]);
                // The next code, so that it is not the one that a replaced app has just spent.
                let code = totp_code(&seed, self.now);
                let pending = bind::PendingTotp { name: factor.to_owned(), seed: seed.clone() };
                let id =
                    self.decide(|_, policy, env| bind::totp(at!(policy), &pending, &code, &ceremony, env))?;
                self.secrets.push(seed.base32().to_string());
                self.kit(&account.name).totp = Some(seed);
                Ok(id)
            }
            FactorKind::Passkey | FactorKind::SecurityKey => {
                let mut key = SoftKey::new(self.facts.len() as u64);
                key.synced = kind == FactorKind::Passkey;
                let begun = passkey::begin_binding(&self.webauthn, &account, kind)?;
                let answer = key.register(&begun.options);
                let stored = passkey::finish_binding(&self.webauthn, &begun.state, &answer, kind)?;
                let id = self.decide(|_, policy, env| {
                    bind::passkey(at!(policy), factor, "", stored, &ceremony, env)
                })?;
                self.kit(&account.name).key = Some(key);
                Ok(id)
            }
            FactorKind::RecoveryCodes => {
                let codes = self.decide(|_, policy, env| bind::codes(at!(policy), factor, env))?;
                let codes: Vec<String> = codes.iter().map(|c| c.expose().to_owned()).collect();
                self.secrets.extend(codes.iter().cloned());
                self.kit(&account.name).codes = codes;
                Ok(self.account(&account.name).authenticators.last().expect("it was just bound").id.clone())
            }
            other => self
                .decide(|_, policy, env| bind::codes(at!(policy), factor, env))
                .map(|_| panic!("{} was bound", other.name())),
        }
    }

    /// Starts to change an address, and reads the code that went to the new one.
    pub(crate) fn new_address(
        &mut self,
        id: &CaseId,
        channel: &str,
        address: &str,
    ) -> Result<(ChallengeId, String), Refusal> {
        let (case, account) = self.with_owner(id);
        let account = account.expect("somebody is named");
        let session = self.sessions.iter().rev().find(|s| s.account == account.id).cloned();
        let ceremony = self.decide(|_, policy, env| {
            let at = bind::At { case: &case, account: &account, session: session.as_ref(), policy };
            bind::address(at, channel, address, env)
        })?;
        Ok((ceremony, self.last_code()))
    }

    /// Whose name this is signs in with a passkey and changes an address at the bind door.
    pub(crate) fn move_to(&mut self, name: &str, channel: &str, address: &str) {
        self.sign_in(name, &["passkey"]).expect("it is a login");
        let door = self.open_bind(name).expect("the session is fresh");
        let (ceremony, typed) = self.new_address(&door, channel, address).expect("the door binds it");
        self.confirm_address(&door, &ceremony, &typed).expect("it is read there");
    }

    pub(crate) fn confirm_address(
        &mut self,
        id: &CaseId,
        ceremony: &ChallengeId,
        typed: &str,
    ) -> Result<(), Refusal> {
        let (case, account) = self.with_owner(id);
        let account = account.expect("somebody is named");
        let session = self.sessions.iter().rev().find(|s| s.account == account.id).cloned();
        let state = self.challenges.iter().find(|(c, ..)| c == ceremony).map(|(_, _, state)| state.clone());
        let Some(state) = state else { return Err(Refusal::Disabled) };
        let sent: bind::SentAddress = serde_json::from_slice(&state).expect("it was stored so");
        self.decide(|_, policy, env| {
            let at = bind::At { case: &case, account: &account, session: session.as_ref(), policy };
            bind::retype_address(at, sent, typed, ceremony, case.expires_at, env)
        })
    }

    pub(crate) fn remove(&mut self, id: &CaseId, what: &AuthenticatorId) -> Result<(), Refusal> {
        let (case, account) = self.with_owner(id);
        let account = account.expect("somebody is named");
        let session = self.sessions.iter().rev().find(|s| s.account == account.id).cloned();
        self.decide(|_, policy, env| {
            let at = bind::At { case: &case, account: &account, session: session.as_ref(), policy };
            bind::remove(at, what, env)
        })
    }

    /// The active authenticator of that name.
    pub(crate) fn active(&self, name: &str, factor: &str) -> Option<AuthenticatorId> {
        self.account(name).active(factor).next().map(|a| a.id.clone())
    }

    pub(crate) fn states(&self, name: &str, factor: &str) -> Vec<AuthenticatorState> {
        let of = |a: &lifecycle::Authenticator| (a.name == factor).then(|| a.state.clone());
        self.account(name).authenticators.iter().filter_map(of).collect()
    }
}
