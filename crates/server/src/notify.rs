//! Notices: their words, and delivering them from the outbox.
//!
//! Messages are plain text: what says "this was not me" must not depend on a mail program's taste for HTML.

pub mod deliver;

use jiff::Timestamp;
use lifecycle::Time;
use lifecycle::notice::{Message, Notice};
use policy::model::ChannelKind;

use crate::app::App;
use crate::page::links;

/// Subject and body of a notice. A text message has no subject and says the least.
pub fn words(notice: &Notice, app: &App) -> (String, String) {
    let organization = &app.policy().model().organization;
    let (name, support) = (&organization.name, &organization.support);
    let at = |path: String| format!("{}{path}", app.config().origin.trim_end_matches('/'));
    let is_short = matches!(notice.kind, ChannelKind::Sms | ChannelKind::Voice);
    let (subject, body) = match &notice.message {
        Message::Invitation { ticket, expires_at } => (
            format!("{name}: set up how you sign in"),
            format!(
                "You have been invited to set up how you sign in at {name}.\n\nOpen this link by {}:\n{}\n\n\
                 It works once. If you did not expect it, ignore it or tell {support}.",
                moment(*expires_at),
                at(links::enrol(ticket.expose())),
            ),
        ),
        Message::Code { code, purpose, expires_at } => (
            format!("{name}: your code"),
            format!(
                "{} is your code to {}. Valid until {}. Nobody at {name} will ever ask you for it.",
                code.expose(),
                purpose_words(purpose),
                moment(*expires_at),
            ),
        ),
        Message::DoorWaiting { door, until, stop } => (
            format!("{name}: somebody is recovering your account"),
            format!(
                "Somebody has asked to {} and will be able to set new ways to sign in from {}.\n\n\
                 If this was not you, stop it now:\n{}\n\nIf it was you, do nothing. Questions: {support}.",
                purpose_words(door),
                moment(*until),
                at(links::stop(stop.expose())),
            ),
        ),
        Message::Changed { door, what } => (
            format!("{name}: how you sign in was changed"),
            format!(
                "On your account at {name}:\n{}\n\nDone through: {}. If this was not you, tell {support} at once.",
                what.iter().map(|w| format!("  - {w}")).collect::<Vec<_>>().join("\n"),
                purpose_words(door),
            ),
        ),
    };
    if is_short { (subject, body.split_whitespace().collect::<Vec<_>>().join(" ")) } else { (subject, body) }
}

fn purpose_words(purpose: &str) -> &'static str {
    match purpose {
        "login" => "sign in",
        "enrol" => "set up your account",
        "bind" => "change how you sign in",
        "address" => "confirm your new address",
        _ => "recover your account",
    }
}

fn moment(at: Time) -> String {
    Timestamp::from_microsecond(at.0).map(|t| crate::page::When::at(t).text).unwrap_or_default()
}
