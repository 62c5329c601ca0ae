//! Notices: their words, and delivering them from the outbox.
//!
//! Messages are plain text: what says "this was not me" must not depend on a mail program's taste for HTML.

pub mod deliver;

use jiff::Timestamp;
use lifecycle::Time;
use lifecycle::notice::{Message, Notice, Told};
use policy::Model;
use policy::model::ChannelKind;

use crate::app::App;
use crate::page::links;
use crate::wording;

/// Subject and body of a notice.
pub fn words(notice: &Notice, app: &App) -> (String, String) {
    let organization = &app.policy().model().organization;
    let (name, support) = (&organization.name, &organization.support);
    let at = |path: String| format!("{}{path}", app.config().origin.trim_end_matches('/'));
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
        Message::Changed { door, what } => {
            let model = app.policy().model();
            let lines: Vec<String> = what.iter().map(|told| format!("  - {}", change(model, told))).collect();
            (
                format!("{name}: {}", changed_subject(what)),
                format!(
                    "On your account at {name}:\n{}\n\n{} If this was not you, tell {support} at once.",
                    lines.join("\n"),
                    occasion(door),
                ),
            )
        }
    };
    match notice.kind {
        ChannelKind::Sms | ChannelKind::Voice => (subject, short(&notice.message, app)),
        ChannelKind::Email | ChannelKind::Post => (subject, body),
    }
}

/// The same as one line of whole sentences, for a text message: it has no subject, so each says who sends it.
fn short(message: &Message, app: &App) -> String {
    let organization = &app.policy().model().organization;
    let (name, support) = (&organization.name, &organization.support);
    let at = |path: String| format!("{}{path}", app.config().origin.trim_end_matches('/'));
    match message {
        Message::Invitation { ticket, expires_at } => format!(
            "{name}: set up how you sign in, by {}: {} It works once. Not expected? Ignore it or tell {support}.",
            moment(*expires_at),
            at(links::enrol(ticket.expose())),
        ),
        Message::Code { code, purpose, expires_at } => format!(
            "{name}: {} is your code to {}. Valid until {}. Nobody at {name} will ever ask you for it.",
            code.expose(),
            purpose_words(purpose),
            moment(*expires_at),
        ),
        Message::DoorWaiting { door, until, stop } => format!(
            "{name}: somebody has asked to {} and can set new ways to sign in from {}. Not you? Stop it now: {} If \
             it was you, do nothing.",
            purpose_words(door),
            moment(*until),
            at(links::stop(stop.expose())),
        ),
        Message::Changed { door, what } => {
            let model = app.policy().model();
            let changes: Vec<String> = what.iter().map(|told| format!("{}.", change(model, told))).collect();
            format!("{name}: {} {} Not you? Tell {support} at once.", changes.join(" "), occasion(door))
        }
    }
}

fn changed_subject(what: &[Told]) -> &'static str {
    if what.iter().all(|told| matches!(told, Told::SignedOut { .. })) {
        "you were signed out"
    } else {
        "how you sign in was changed"
    }
}

/// One change, as the member would say it: `The authenticator app “Phone” signs in no more.`
fn change(model: &Model, told: &Told) -> String {
    let thing = |name: &str, label: &str| {
        let title = wording::small(&wording::authenticator_named(model, name));
        let title = if title == "recovery code" { "recovery codes".to_owned() } else { title };
        // A label that nobody chose is the policy's name again.
        if label == name { title } else { format!("{title} “{label}”") }
    };
    match told {
        Told::Added { name, label } => format!("New: {}", thing(name, label)),
        Told::Removed { name, label } => format!("No longer valid: {}", thing(name, label)),
        Told::Lost { name, label } => {
            format!(
                "Reported lost and no longer valid: {}. You were signed out elsewhere",
                thing(name, label)
            )
        }
        Told::SwitchedOff { name, label } => {
            format!("Switched off, because somebody failed with it too often: {}", thing(name, label))
        }
        Told::AddressSwitchedOff { channel } => {
            format!(
                "No longer used for codes, because too many were wrong: your {}",
                wording::within(channel)
            )
        }
        Told::AddressChanged { channel } => format!("Changed: your {}", wording::within(channel)),
        Told::SignedOut { everywhere: true } => "You were signed out on every device".to_owned(),
        Told::SignedOut { everywhere: false } => "You were signed out on one device".to_owned(),
    }
}

/// What somebody did for it to happen.
fn occasion(door: &str) -> &'static str {
    match door {
        "enrol" => "Your account was set up.",
        "bind" => "It was done on your account page, by somebody signed in as you.",
        "lost" => "It was reported on your account page, by somebody signed in as you.",
        "failures" => {
            "None of these attempts counted. Bind it again on your account page, or recover your account."
        }
        "console" => "It was done by somebody who looks after accounts. You can sign in again.",
        _ => "Your account was recovered.",
    }
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
