//! Evidence: what was verified in a case.
//!
//! A [`Piece`] is made in this crate only, by the functions that verify (`prove`, `approve`, `enrol`), or read
//! back from storage. Functions that open doors take pieces by value: forgetting to verify does not compile.

use std::time::Duration;

use policy::assurance::{self, Assurance, Shown};
use policy::factor::Aal;
use policy::model::{AuthenticatorIx, Proofing, Requirement, Term};
use policy::{FactorKind, Model, runtime};
use serde::{Deserialize, Serialize};

use crate::account::{Account, AuthenticatorState};
use crate::id::{AccountId, AuthenticatorId, Time};

/// One verified piece of evidence.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Piece {
    pub(crate) proof: Proof,
    pub(crate) at: Time,
}

/// What was shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Control of a bound authenticator, with what was really used.
    Authenticator {
        /// Which one.
        id: AuthenticatorId,
        /// Its name in the policy.
        name: String,
        /// Its kind, by the policy's word.
        kind: String,
        /// The activation factor was used (WebAuthn UV).
        user_verified: bool,
        /// The key can be synced (WebAuthn BE).
        exportable: bool,
        /// The model was attested.
        attested: bool,
    },
    /// A code sent to a channel.
    Issued {
        /// The channel's name.
        channel: String,
    },
    /// An enrolment ticket delivered to a channel.
    Invite {
        /// The channel's name.
        channel: String,
    },
    /// The ticket printed on the server's own terminal for the first administrator.
    Bootstrap,
    /// One person agreed.
    Approval {
        /// The approver role's name.
        role: String,
        /// Who.
        by: AccountId,
    },
    /// Identity proofing, recorded by an agent.
    Proofing {
        /// How.
        method: String,
        /// Who recorded it.
        by: AccountId,
    },
    /// A new address that its code came back from: staged, like an authenticator that is bound here, until the door is
    /// finished. It satisfies nothing.
    NewAddress {
        /// The channel's name.
        channel: String,
        /// The address.
        address: String,
    },
    /// A live session at the moment the case was opened.
    Session {
        /// What it had reached.
        aal: u8,
        /// Seconds since it was authenticated, at that moment.
        age_seconds: u64,
    },
}

impl Piece {
    pub(crate) fn new(proof: Proof, at: Time) -> Self {
        Piece { proof, at }
    }

    /// What was shown.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// When it was verified.
    pub fn at(&self) -> Time {
        self.at
    }

    /// Who gave it, where that is somebody else than the member.
    pub fn by(&self) -> Option<&AccountId> {
        match &self.proof {
            Proof::Approval { by, .. } | Proof::Proofing { by, .. } => Some(by),
            _ => None,
        }
    }

    /// Does it still count? What an authenticator proved counts while that authenticator is in use, and what came over
    /// a channel while the address is the one it came to: who replaces what was stolen takes the thief's evidence too.
    pub(crate) fn counts(&self, account: &Account) -> bool {
        let since = |channel: &str| account.address(channel).is_some_and(|a| a.changed_at <= self.at);
        match &self.proof {
            Proof::Authenticator { id, .. } => {
                account.authenticators.iter().any(|a| a.id == *id && a.state == AuthenticatorState::Active)
            }
            Proof::Issued { channel } | Proof::Invite { channel } => since(channel),
            Proof::Bootstrap
            | Proof::Approval { .. }
            | Proof::Proofing { .. }
            | Proof::NewAddress { .. }
            | Proof::Session { .. } => true,
        }
    }

    /// Is this the same evidence from the same person? It then takes the other's place.
    pub(crate) fn repeats(&self, other: &Piece) -> bool {
        self.kind() == other.kind() && self.by() == other.by()
    }

    /// Is it of that authenticator, as the policy has it now? A name that another kind has taken over is another.
    fn is_of(&self, model: &Model, ix: AuthenticatorIx) -> bool {
        matches!(&self.proof, Proof::Authenticator { name, kind, .. }
            if *name == model[ix].name && *kind == model[ix].kind.name())
    }

    /// The kind of evidence in one word and its name: what the audit log keeps.
    pub fn kind(&self) -> String {
        match &self.proof {
            Proof::Authenticator { name, .. } => name.clone(),
            Proof::Issued { channel } => format!("issued({channel})"),
            Proof::Invite { channel } => format!("invite({channel})"),
            Proof::Bootstrap => "bootstrap-ticket".to_owned(),
            Proof::Approval { role, .. } => format!("approval({role})"),
            Proof::Proofing { method, .. } => format!("proofing({method})"),
            Proof::NewAddress { channel, .. } => format!("address({channel})"),
            Proof::Session { aal, .. } => format!("session(aal{aal})"),
        }
    }
}

/// Does the evidence satisfy one term of the policy?
pub fn shows(model: &Model, evidence: &[Piece], term: &Term) -> bool {
    match *term {
        Term::Authenticator(ix) => evidence.iter().any(|p| p.is_of(model, ix)),
        Term::Issued(ix) => evidence
            .iter()
            .any(|p| matches!(&p.proof, Proof::Issued { channel } if *channel == model[ix].name)),
        Term::Invite(ix) => evidence
            .iter()
            .any(|p| matches!(&p.proof, Proof::Invite { channel } if *channel == model[ix].name)),
        Term::Approval(ix, n) => approvals(evidence, &model[ix].name) >= usize::from(n),
        Term::Proofing(method) => evidence
            .iter()
            .any(|p| matches!(&p.proof, Proof::Proofing { method: m, .. } if m == proofing_name(method))),
        Term::Session { aal, within } => evidence.iter().any(|p| {
            matches!(p.proof, Proof::Session { aal: reached, age_seconds }
                if reached >= u8::from(aal) && within.is_none_or(|w| Duration::from_secs(age_seconds) <= w))
        }),
    }
}

/// How many distinct people approved in a role. A person counts once in a case (`approve` sees to it).
pub fn approvals(evidence: &[Piece], wanted: &str) -> usize {
    evidence.iter().filter(|p| matches!(&p.proof, Proof::Approval { role, .. } if role == wanted)).count()
}

/// The policy's word for a method of proofing.
pub fn proofing_name(method: Proofing) -> &'static str {
    match method {
        Proofing::InPerson => "in-person",
        Proofing::Video => "video",
        Proofing::Document => "document",
    }
}

/// What was really used, for the assurance reading: never taken from the policy (63B-4 section 2).
pub fn shown(evidence: &[Piece]) -> Vec<Shown> {
    evidence
        .iter()
        .filter_map(|p| match &p.proof {
            Proof::Authenticator { kind, user_verified, exportable, attested, .. } => Some(Shown {
                kind: FactorKind::from_name(kind)?,
                user_verified: *user_verified,
                exportable: *exportable,
                attested: *attested,
            }),
            _ => None,
        })
        .collect()
}

/// What a sign-in is worth: the best alternative that the evidence completes, as it was really shown (63B-4 section 2)
/// and no more than the policy declares, because that is what the analysis counted on.
pub(crate) fn reached(model: &Model, login: &Requirement, evidence: &[Piece]) -> Option<Assurance> {
    let complete = |path: &Vec<Term>| path.iter().all(|term| shows(model, evidence, term));
    let worth = |path: Vec<Term>| {
        let names: Vec<AuthenticatorIx> = path.into_iter().filter_map(authenticator).collect();
        let used: Vec<Piece> =
            evidence.iter().filter(|p| names.iter().any(|ix| p.is_of(model, *ix))).cloned().collect();
        Some(assurance::of(&shown(&used))?.at_most(assurance::of_names(model, &names)?))
    };
    runtime::alternatives(login).into_iter().filter(complete).filter_map(worth).max()
}

/// The authenticator that a term names.
pub(crate) fn authenticator(term: Term) -> Option<AuthenticatorIx> {
    match term {
        Term::Authenticator(ix) => Some(ix),
        _ => None,
    }
}

/// The level of a session piece, for display.
pub fn session_level(aal: u8) -> Option<Aal> {
    Aal::try_from(aal).ok()
}
