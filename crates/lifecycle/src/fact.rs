//! Every fact that the audit log records: a closed list.
//!
//! Owns the shape of a fact: who, whom, which door, which case, which kinds of evidence, with what outcome.
//! The server adds the policy digest and the peer address when it commits. A fact never holds a secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::id::{AccountId, CaseId, Time};
use crate::refusal::Refusal;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each name is the fact")]
pub enum What {
    AddressBound,
    AddressCodeSent,
    AddressConfirmed,
    AddressDisabled,
    ApprovalGiven,
    AuthenticatorBound,
    AuthenticatorDisabled,
    AuthenticatorLost,
    AuthenticatorRemoved,
    AuthenticatorRenamed,
    AuthenticatorTakenBack,
    CaseDenied,
    CaseJoined,
    CaseOpened,
    CaseStopped,
    ChangeFinished,
    CodeSent,
    DoorOpened,
    DoorWaiting,
    EnrolmentFinished,
    EvidenceAttempted,
    EvidenceProved,
    FactorsReplaced,
    KeysRotated,
    MemberAdded,
    MemberChanged,
    MemberOffboarded,
    NoticeRetried,
    PolicyApplied,
    ServerStarted,
    SessionEnded,
    SignedIn,
    TicketIssued,
    TicketRedeemed,
    TicketRevoked,
}

impl What {
    /// The stable word of the log.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// Whoever holds the case's browser: not known to be the member.
    Holder,
    /// A signed-in person: the member, an approver, an agent.
    Person(AccountId),
    /// Whoever followed a link in a notice.
    NoticeLink,
    /// Somebody with a terminal on the server.
    Terminal,
    /// The server itself.
    Server,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What happened, or was tried.
    pub what: What,
    /// Who acted.
    pub actor: Actor,
    /// Whose account; `None` for an unknown name.
    pub account: Option<AccountId>,
    /// The door, with its population: `staff.recover.assisted`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub door: Option<String>,
    /// The case.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case: Option<CaseId>,
    /// The kinds of evidence in the case so far.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub evidence: Vec<String>,
    /// `None`: it was done. Otherwise the stable code of the refusal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refused: Option<String>,
    /// Further particulars, by stable names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub with: BTreeMap<String, String>,
}

impl Fact {
    /// A fact about one account, outside any case.
    pub fn about(what: What, actor: Actor, account: Option<&AccountId>) -> Fact {
        Fact {
            what,
            actor,
            account: account.cloned(),
            door: None,
            case: None,
            evidence: Vec::new(),
            refused: None,
            with: BTreeMap::new(),
        }
    }

    /// A fact of a case.
    pub fn of_case(what: What, actor: Actor, case: &Case) -> Fact {
        Fact {
            door: Some(format!("{}.{}", case.population, case.door)),
            case: Some(case.id.clone()),
            evidence: case.evidence.iter().map(crate::evidence::Piece::kind).collect(),
            ..Fact::about(what, actor, case.account.as_ref())
        }
    }

    /// The same, refused.
    #[must_use]
    pub fn refused(mut self, refusal: &Refusal) -> Fact {
        self.refused = Some(refusal.code().to_owned());
        self
    }

    /// With one more particular.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Fact {
        self.with.insert(name.to_owned(), value.into());
        self
    }

    /// With the moment until which something holds, in microseconds.
    #[must_use]
    pub fn until(self, at: Time) -> Fact {
        self.with("until", at.0.to_string())
    }
}

/// One or more facts; never none.
#[derive(Clone, Debug)]
pub struct Facts(Vec<Fact>);

impl Facts {
    /// One fact.
    pub fn one(fact: Fact) -> Facts {
        Facts(vec![fact])
    }

    /// `first`, then the rest.
    pub fn first(first: Fact, rest: Vec<Fact>) -> Facts {
        let mut facts = vec![first];
        facts.extend(rest);
        Facts(facts)
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.0.iter()
    }
}
