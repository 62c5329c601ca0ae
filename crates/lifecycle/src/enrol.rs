//! First enrolment: tickets, and opening the enrol door with one.
//!
//! Owns who may invite and what a ticket is worth: once, until it expires, and nothing for an account that already
//! has an authenticator. The link itself goes to the member's channel only; whoever invites never sees it.

use policy::Policy;
use policy::model::{ChannelIx, Term};
use policy::runtime;

use crate::account::Account;
use crate::case::{self, Case, DoorName, Opened};
use crate::change::{Change, Ticket};
use crate::evidence::{Piece, Proof};
use crate::fact::{Actor, Fact, What};
use crate::id::{Secret, TicketId};
use crate::notice::{Message, Notice};
use crate::refusal::Refusal;
use crate::session::Caller;
use crate::{Answer, Decision, Env, Facts, refuse};

/// On whose authority something is asked in the console or on the terminal.
#[derive(Clone, Copy, Debug)]
pub enum Authority<'a> {
    /// A signed-in person with their roles.
    Person(&'a Caller),
    /// Somebody with a terminal on the server: acts like an agent, opens nothing by that.
    Terminal,
}

impl Authority<'_> {
    /// As an actor of the log.
    pub fn actor(self) -> Actor {
        match self {
            Authority::Person(caller) => caller.actor(),
            Authority::Terminal => Actor::Terminal,
        }
    }

    /// At least AAL2 and one of the roles that act on members.
    pub(crate) fn permits_agent(self, env: &Env<'_>) -> Result<(), Refusal> {
        self.permits(env, |roles| roles.agent || roles.administrator)
    }

    /// At least AAL2 and administrator.
    pub(crate) fn permits_administrator(self, env: &Env<'_>) -> Result<(), Refusal> {
        self.permits(env, |roles| roles.administrator)
    }

    fn permits(self, env: &Env<'_>, has: impl Fn(&crate::session::Roles) -> bool) -> Result<(), Refusal> {
        match self {
            Authority::Person(caller) if !has(&caller.roles) || !caller.is_live(env.now) => {
                Err(Refusal::NotAuthorized)
            }
            Authority::Person(caller) if caller.session.aal < policy::Aal::Two => {
                Err(Refusal::TooWeak { needed: policy::Aal::Two })
            }
            Authority::Person(_) | Authority::Terminal => Ok(()),
        }
    }
}

/// The channels over which the account's enrol door takes invitations.
pub fn invitable(account: &Account, policy: &Policy) -> Vec<ChannelIx> {
    let model = policy.model();
    let door = account.population(policy).and_then(|p| model[p].enrol.as_ref());
    let mut channels = Vec::new();
    for term in door.map(|e| runtime::alternatives(&e.door.require)).unwrap_or_default().into_iter().flatten()
    {
        if let Term::Invite(ix) = term
            && !channels.contains(&ix)
        {
            channels.push(ix);
        }
    }
    channels
}

/// Invites: the link goes to the member's own address on one of the channels that the door names.
pub fn invite(
    account: &Account,
    authority: Authority<'_>,
    policy: &Policy,
    env: &mut Env<'_>,
) -> Answer<Secret> {
    let model = policy.model();
    let fact = Fact::about(What::TicketIssued, authority.actor(), Some(&account.id));
    if let Err(refusal) = authority.permits_agent(env) {
        return refuse(refusal, fact);
    }
    if let Err(refusal) = can_be_invited(account) {
        return refuse(refusal, fact);
    }
    let reach = invitable(account, policy)
        .into_iter()
        .find_map(|ix| account.address(&model[ix].name).map(|address| (ix, address)));
    let Some((channel, address)) = reach else { return refuse(Refusal::NoAddress, fact) };
    let (ticket, secret) = ticket(account, Some(model[channel].name.clone()), authority, policy, env);
    let message = Message::Invitation { ticket: secret.clone(), expires_at: ticket.expires_at };
    let notice = Notice::plain(account, model, channel, &address.address, message, env);
    Decision {
        changes: vec![
            // A new invitation takes the place of the old one.
            Change::RevokeTickets { account: account.id.clone(), at: env.now },
            Change::IssueTicket { hash: secret.hash(), ticket: ticket.clone() },
            Change::Notify(notice),
        ],
        facts: Facts::one(fact.with("channel", &model[channel].name).until(ticket.expires_at)),
        reply: Ok(secret),
    }
}

/// The ticket of the very first administrator, printed once on the server's terminal. The caller guarantees
/// that no administrator is enrolled, inside the same transaction.
pub fn bootstrap(account: &Account, policy: &Policy, env: &mut Env<'_>) -> Answer<Secret> {
    let fact = Fact::about(What::TicketIssued, Actor::Terminal, Some(&account.id)).with("bootstrap", "yes");
    if let Err(refusal) = can_be_invited(account) {
        return refuse(refusal, fact);
    }
    let (ticket, secret) = ticket(account, None, Authority::Terminal, policy, env);
    Decision {
        changes: vec![
            Change::RevokeTickets { account: account.id.clone(), at: env.now },
            Change::IssueTicket { hash: secret.hash(), ticket: ticket.clone() },
        ],
        facts: Facts::one(fact.until(ticket.expires_at)),
        reply: Ok(secret),
    }
}

fn can_be_invited(account: &Account) -> Result<(), Refusal> {
    if !account.is_present() {
        Err(Refusal::Offboarded)
    } else if account.has_authenticator() {
        Err(Refusal::AlreadyEnrolled)
    } else {
        Ok(())
    }
}

fn ticket(
    account: &Account,
    channel: Option<String>,
    authority: Authority<'_>,
    policy: &Policy,
    env: &mut Env<'_>,
) -> (Ticket, Secret) {
    let model = policy.model();
    let lives = account
        .population(policy)
        .and_then(|p| model[p].enrol.as_ref())
        .map_or(std::time::Duration::from_hours(24), |e| e.expires);
    let secret = Secret::token(env);
    let issued_by = match authority {
        Authority::Person(caller) => caller.account.name.clone(),
        Authority::Terminal => "terminal".to_owned(),
    };
    let ticket = Ticket {
        id: TicketId::fresh(env),
        account: account.id.clone(),
        channel,
        issued_by,
        created_at: env.now,
        expires_at: env.now.plus(lives),
        used_at: None,
        revoked_at: None,
    };
    (ticket, secret)
}

/// Takes every open invitation of an account back.
pub fn revoke_tickets(account: &Account, authority: Authority<'_>, env: &mut Env<'_>) -> Answer<()> {
    let fact = Fact::about(What::TicketRevoked, authority.actor(), Some(&account.id));
    if let Err(refusal) = authority.permits_agent(env) {
        return refuse(refusal, fact);
    }
    Decision {
        reply: Ok(()),
        changes: vec![Change::RevokeTickets { account: account.id.clone(), at: env.now }],
        facts: Facts::one(fact),
    }
}

/// Redeems a ticket: opens an enrol case whose first evidence it is. One answer for everything that is wrong.
pub fn redeem(ticket: Option<(&Ticket, &Account)>, policy: &Policy, env: &mut Env<'_>) -> Answer<Opened> {
    let fact = Fact::about(What::TicketRedeemed, Actor::Holder, ticket.map(|(_, account)| &account.id));
    let good = ticket.filter(|(t, account)| {
        t.used_at.is_none()
            && t.revoked_at.is_none()
            && env.now < t.expires_at
            && can_be_invited(account).is_ok()
    });
    let Some((ticket, account)) = good else { return refuse(Refusal::NotRecognised, fact) };
    let model = policy.model();
    let Some(population) = account.population(policy).filter(|p| model[*p].enrol.is_some()) else {
        return refuse(Refusal::NoDoor, fact);
    };
    let (mut opened, change) =
        Case::open(policy, Some(account), &model[population].name, DoorName::Enrol, Actor::Holder, true, env);
    // A second enrolment of the same account cannot run beside this one.
    let mut changes = vec![
        Change::SpendTicket { ticket: ticket.id.clone(), at: env.now },
        Change::CloseCases {
            account: account.id.clone(),
            except: None,
            outcome: case::Outcome::Overtaken,
            at: env.now,
        },
        change,
    ];
    let proof = match &ticket.channel {
        Some(channel) => {
            changes.push(Change::ConfirmAddress {
                account: account.id.clone(),
                channel: channel.clone(),
                at: env.now,
            });
            Proof::Invite { channel: channel.clone() }
        }
        None => Proof::Bootstrap,
    };
    let mut rest = vec![Fact::of_case(What::CaseOpened, Actor::Holder, &opened.case)];
    case::add(&mut opened.case, account, model, Piece::new(proof, env.now), env, &mut changes, &mut rest);
    Decision { reply: Ok(opened), changes, facts: Facts::first(fact, rest) }
}
