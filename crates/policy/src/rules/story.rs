//! Attacks that no reading derives, told in the words of one door: what is obtained, and what follows.

use crate::factor::FactorType;
use crate::model::{Bindable, Door, Model, Proofing, Term};
use crate::syntax::suggest;

/// What somebody else does to show these pieces of evidence, a step for each.
pub(super) fn obtaining(model: &Model, evidence: &[Term]) -> Vec<String> {
    evidence.iter().map(|term| obtain(model, term)).collect()
}

fn obtain(model: &Model, term: &Term) -> String {
    match term {
        Term::Authenticator(name) => {
            let authenticator = &model[*name];
            match authenticator.kind.properties().factor {
                FactorType::Know => format!("learn `{}` of the member", authenticator.name),
                FactorType::RecoveryOnly => format!("get hold of `{}` of the member", authenticator.name),
                _ => format!("pass for the holder of `{}`", authenticator.name),
            }
        }
        Term::Issued(channel) => format!("read the code that is sent to `{}`", model[*channel].name),
        Term::Invite(channel) => format!("read the invitation that is sent to `{}`", model[*channel].name),
        Term::Approval(role, 1) => format!("deceive, bribe or be one `{}`", model[*role].name),
        Term::Approval(role, people) => format!("deceive or bribe {people} of `{}`", model[*role].name),
        Term::Proofing(Proofing::InPerson) => {
            "pass for the member before whoever proofs people in person, or be that agent".to_owned()
        }
        Term::Proofing(Proofing::Video) => {
            "pass for the member in a call with whoever proofs people, or be that agent".to_owned()
        }
        Term::Proofing(Proofing::Document) => {
            "hand in the member's document, real or forged, or be the agent who reads it".to_owned()
        }
        Term::Session { .. } => "get into a session that the member left open".to_owned(),
    }
}

/// What whoever opened a door does next.
pub(super) fn after(model: &Model, door: &Door) -> String {
    let names: Vec<&str> = (door.binds.iter())
        .map(|bound| match bound {
            Bindable::Authenticator(name) => model[*name].name.as_str(),
            Bindable::Channel(name) => model[*name].name.as_str(),
        })
        .collect();
    format!("bind {} of one's own, and be the member from then on", suggest::either(&names))
}
