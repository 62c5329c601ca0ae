//! Off-boarding: one act, one transaction, nothing left that opens: neither their own account nor, by their word,
//! somebody else's.

use crate::account::Account;
use crate::case::Outcome;
use crate::change::Change;
use crate::enrol::Authority;
use crate::fact::{Fact, What};
use crate::refusal::Refusal;
use crate::{Answer, Decision, Env, Facts, refuse};

/// Ends sessions, factors, codes, tickets and open cases of an account (63B-4 4.5), and takes back what its owner gave
/// to other people's.
pub fn offboard(account: &Account, authority: Authority<'_>, reason: &str, env: &mut Env<'_>) -> Answer<()> {
    let fact =
        Fact::about(What::MemberOffboarded, authority.actor(), Some(&account.id)).with("reason", reason);
    if let Err(refusal) = authority.permits_administrator(env) {
        return refuse(refusal, fact);
    }
    if !account.is_present() {
        return refuse(Refusal::Offboarded, fact);
    }
    if authority.actor() == crate::Actor::Person(account.id.clone()) {
        return refuse(Refusal::SamePerson, fact);
    }
    let id = &account.id;
    Decision {
        reply: Ok(()),
        changes: vec![
            Change::EndSessions { account: id.clone(), except: None, at: env.now },
            Change::RevokeAllAuthenticators { account: id.clone(), at: env.now },
            Change::RevokeTickets { account: id.clone(), at: env.now },
            Change::CloseCases {
                account: id.clone(),
                except: None,
                outcome: Outcome::Overtaken,
                at: env.now,
            },
            // Whoever was found out must not go on opening doors with what they approved while nobody knew.
            Change::WithdrawEvidence { by: id.clone() },
            Change::SetOffboarded { account: id.clone(), at: env.now },
        ],
        facts: Facts::one(fact),
    }
}
