//! What a door asks, as steps told to the person who is about to take them.

use policy::model::{Proofing, Requirement, Term};
use policy::{FactorKind, Model, runtime};

use super::{authenticator, capital, listed, people, small, within};

/// Each piece as a step: `Enter one of your recovery codes`. A door with alternatives is one step that names them.
pub(crate) fn steps(model: &Model, require: &Requirement) -> Vec<String> {
    let paths: Vec<Vec<String>> = runtime::alternatives(require)
        .iter()
        .map(|path| {
            path.iter().filter(|term| !matches!(term, Term::Invite(_))).map(|t| step(model, t)).collect()
        })
        .filter(|path: &Vec<String>| !path.is_empty())
        .collect();
    match paths.as_slice() {
        [only] => only.clone(),
        [] => Vec::new(),
        many => {
            let ways: Vec<String> = many
                .iter()
                .map(|path| listed(&path.iter().map(|step| small(step)).collect::<Vec<_>>(), "and"))
                .collect();
            vec![capital(&ways.join(", or "))]
        }
    }
}

fn step(model: &Model, term: &Term) -> String {
    match *term {
        Term::Authenticator(ix) => match model[ix].kind {
            FactorKind::Password => "Enter your password".to_owned(),
            FactorKind::RecoveryCodes => "Enter one of your recovery codes".to_owned(),
            FactorKind::Totp | FactorKind::Hotp => {
                format!("Enter a code from your {}", authenticator(model, &model[ix]).to_lowercase())
            }
            _ => format!("Use your {}", authenticator(model, &model[ix]).to_lowercase()),
        },
        Term::Issued(ix) => format!("Enter a code that we send to your {}", within(&model[ix].name)),
        Term::Invite(ix) => format!("Open the invitation sent to your {}", within(&model[ix].name)),
        Term::Approval(ix, count) => {
            let who = yours(&people(model, ix, count));
            let agree = if count == 1 { "agrees" } else { "agree" };
            format!("{} {agree}", capital(&who))
        }
        Term::Proofing(Proofing::InPerson) => "Show who you are in person".to_owned(),
        Term::Proofing(Proofing::Video) => "Show who you are in a video call".to_owned(),
        Term::Proofing(Proofing::Document) => "Show who you are with your documents".to_owned(),
        Term::Session { aal, within: None } => format!("Be signed in at {aal}"),
        Term::Session { aal, within: Some(limit) } => {
            format!("Have signed in at {aal} within the last {}", super::span(limit))
        }
    }
}

/// Words about a member, told to that member.
pub(crate) fn yours(text: &str) -> String {
    text.replace("the member's", "your")
}
