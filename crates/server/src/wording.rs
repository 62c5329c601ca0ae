//! The policy's names in a person's words: doors, terms, factors, channels, people, addresses.
//!
//! Owns the words that the member's pages and the console share, so that one thing has one name everywhere. Does
//! not own whole pages (`page`) nor the messages that are sent (`notify`).

pub(crate) mod case;
pub(crate) mod event;
mod people;
pub(crate) mod step;

use std::time::Duration;

use lifecycle::case::{Case, DoorName, Outcome};
use lifecycle::evidence::{Proof, proofing_name};
use lifecycle::{Actor, Session, Time};
use policy::model::{Authenticator, Channel, ChannelKind, Model, PopulationIx, Proofing, Term};
use policy::{Aal, FactorKind};

pub(crate) use people::{in_role, people};

use crate::page::bind::AddressKind;
use crate::page::case::OfferKind;
use crate::page::{DoorKind, Tone, When};

/// A moment as pages show it, as seen from `now`.
pub(crate) fn when(moment: Time, now: Time) -> When {
    let stamp = |time: Time| jiff::Timestamp::from_microsecond(time.0).unwrap_or_default();
    When::seen_from(stamp(moment), stamp(now))
}

/// A span in its largest whole unit: `24 hours`, `10 minutes`.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        s if s >= 172_800 && s % 86_400 == 0 => (s / 86_400, "day"),
        s if s >= 3600 && s % 3600 == 0 => (s / 3600, "hour"),
        s if s >= 60 && s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A policy's own name as people read it: `own-mail` is `Own mail`.
pub(crate) fn plain(name: &str) -> String {
    capital(&within(name))
}

/// The beginning of a sentence: with a capital first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Words that follow others: with a small first letter.
pub(crate) fn small(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
}

/// The same within a sentence: `own mail`.
pub(crate) fn within(name: &str) -> String {
    name.replace(['-', '_'], " ")
}

/// A kind of authenticator.
pub(crate) fn kind(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::Password => "Password",
        FactorKind::Totp => "Authenticator app",
        FactorKind::Hotp => "One-time code token",
        FactorKind::Passkey => "Passkey",
        FactorKind::SecurityKey => "Security key",
        FactorKind::ClientCertificate => "Smart card",
        FactorKind::Sms => "Code by text message",
        FactorKind::Voice => "Code by telephone",
        FactorKind::Push => "Confirmation on the phone",
        FactorKind::RecoveryCodes => "Recovery code",
    }
}

/// The picture and blurb that a kind is offered with.
pub(crate) fn offer(kind: FactorKind) -> OfferKind {
    match kind {
        FactorKind::Password => OfferKind::Password,
        FactorKind::Passkey => OfferKind::Passkey,
        FactorKind::SecurityKey | FactorKind::ClientCertificate => OfferKind::SecurityKey,
        FactorKind::RecoveryCodes => OfferKind::RecoveryCodes,
        FactorKind::Totp | FactorKind::Hotp | FactorKind::Sms | FactorKind::Voice | FactorKind::Push => {
            OfferKind::Totp
        }
    }
}

/// An authenticator of the policy: by its kind, or by its own name where the policy has several of the kind.
pub(crate) fn authenticator(model: &Model, wanted: &Authenticator) -> String {
    let is_only = model.authenticators.iter().filter(|a| a.kind == wanted.kind).count() == 1;
    if is_only { kind(wanted.kind).to_owned() } else { plain(&wanted.name) }
}

/// The same by its policy name; a name that the policy no longer has is shown as it is.
pub(crate) fn authenticator_named(model: &Model, name: &str) -> String {
    model.authenticator(name).map_or_else(|| plain(name), |ix| authenticator(model, &model[ix]))
}

/// Why an authenticator signs in no more.
pub(crate) fn switched_off(authenticator: &lifecycle::Authenticator) -> String {
    match authenticator.failures {
        lifecycle::throttle::LIMIT.. => format!("switched off after {} failures", authenticator.failures),
        _ => "reported lost or stolen".to_owned(),
    }
}

/// A channel of the policy.
pub(crate) fn channel(channel: &Channel) -> String {
    plain(&channel.name)
}

/// How an address of a channel is typed.
pub(crate) fn address_kind(kind: ChannelKind) -> AddressKind {
    match kind {
        ChannelKind::Email => AddressKind::Mail,
        ChannelKind::Sms | ChannelKind::Voice => AddressKind::Phone,
        ChannelKind::Post => AddressKind::Post,
    }
}

/// An address that its owner recognises and nobody else reads: `a•••@example.org`, `+44 ••• 46`.
pub(crate) fn masked(address: &str) -> String {
    let head = |text: &str, count: usize| text.chars().take(count).collect::<String>();
    match address.rsplit_once('@') {
        Some((user, host)) => format!("{}•••@{host}", head(user, 1)),
        None if address.starts_with('+') => {
            // The last two digits tell one's own numbers apart; the country says the rest.
            let digits: Vec<char> = address.chars().filter(char::is_ascii_digit).collect();
            let tail: String = digits[digits.len().saturating_sub(2)..].iter().collect();
            format!("{} ••• {tail}", head(address, 3))
        }
        None => format!("{}•••", head(address, 3)),
    }
}

/// A door.
pub(crate) fn door(door: &DoorName) -> String {
    match door {
        DoorName::Enrol => "Enrolment".to_owned(),
        DoorName::Login => "Sign-in".to_owned(),
        DoorName::Bind => "Change of sign-in methods".to_owned(),
        DoorName::Recover(name) => format!("Recovery: {}", within(name)),
    }
}

/// A recover door in a member's words: by what it asks, since its name is the policy's. Where two ask alike, the name
/// tells them apart.
pub(crate) fn way_back(model: &Model, population: PopulationIx, name: &str) -> String {
    let words = |recover: &policy::model::Recover| {
        let by_others = |term: &Term| matches!(term, Term::Approval(..) | Term::Proofing(_));
        let paths = policy::runtime::alternatives(&recover.door.require);
        let some = |path: &Vec<Term>| path.iter().any(by_others);
        match (paths.iter().any(some), paths.iter().all(some)) {
            (false, _) => "by yourself",
            (true, true) if paths.iter().all(|path| !path.iter().all(by_others)) => {
                "with what you kept and help from others"
            }
            (true, true) => "with help from others",
            (true, false) => "by yourself or with help from others",
        }
    };
    let all = &model[population].recover;
    let Some(wanted) = all.iter().find(|recover| recover.name == name) else { return within(name) };
    let alike = all.iter().filter(|other| words(other) == words(wanted)).count();
    if alike == 1 { words(wanted).to_owned() } else { format!("{} ({})", words(wanted), within(name)) }
}

/// A case as its owner calls it.
pub(crate) fn own_case(model: &Model, case: &Case) -> String {
    match (&case.door, case.population(model)) {
        (DoorName::Recover(name), Some(population)) => {
            format!("Getting back in {}", way_back(model, population, name))
        }
        (other, _) => door(other),
    }
}

/// Which link of the chain a door is.
pub(crate) fn door_kind(door: &DoorName) -> DoorKind {
    match door {
        DoorName::Enrol => DoorKind::Enrol,
        DoorName::Login => DoorKind::Login,
        DoorName::Bind => DoorKind::Bind,
        DoorName::Recover(_) => DoorKind::Recover,
    }
}

/// A method of identity proofing.
pub(crate) fn proofing(method: Proofing) -> &'static str {
    match method {
        Proofing::InPerson => "Identity checked in person",
        Proofing::Video => "Identity checked by video",
        Proofing::Document => "Identity checked by documents",
    }
}

/// One term of a requirement.
pub(crate) fn term(model: &Model, term: &Term) -> String {
    match *term {
        Term::Authenticator(ix) => authenticator(model, &model[ix]),
        Term::Issued(ix) => format!("Code sent to {}", within(&model[ix].name)),
        Term::Invite(ix) => format!("Invitation sent to {}", within(&model[ix].name)),
        Term::Approval(ix, count) => format!("Approval by {}", people(model, ix, count)),
        Term::Proofing(method) => proofing(method).to_owned(),
        Term::Session { aal, within: None } => format!("Signed in at {aal}"),
        Term::Session { aal, within: Some(limit) } => {
            format!("Signed in at {aal} within the last {}", span(limit))
        }
    }
}

/// What was shown, as a term of the policy reads.
pub(crate) fn proof(model: &Model, proof: &Proof) -> String {
    match proof {
        Proof::Authenticator { name, .. } => authenticator_named(model, name),
        Proof::Issued { channel } => format!("Code sent to {}", within(channel)),
        Proof::Invite { channel } => format!("Invitation sent to {}", within(channel)),
        Proof::Bootstrap => "Ticket from the server's own terminal".to_owned(),
        Proof::Approval { role, .. } => match model.approver(role) {
            Some(ix) => format!("Approval by {}", people(model, ix, 1)),
            None => format!("Approval by {}", within(role)),
        },
        Proof::Proofing { method, .. } => {
            let all = [Proofing::InPerson, Proofing::Video, Proofing::Document];
            let known = all.into_iter().find(|known| proofing_name(*known) == method);
            known.map_or_else(|| format!("Identity checked: {method}"), |known| proofing(known).to_owned())
        }
        Proof::NewAddress { channel, .. } => format!("New address confirmed: {}", within(channel)),
        Proof::Session { aal, .. } => format!("Signed in at AAL{aal}"),
    }
}

/// How a case ended.
pub(crate) fn outcome(outcome: Outcome) -> (&'static str, Tone) {
    match outcome {
        Outcome::Done => ("Done", Tone::Good),
        Outcome::Stopped => ("Stopped", Tone::Warn),
        Outcome::Denied => ("Denied", Tone::Bad),
        Outcome::Expired => ("Lapsed", Tone::Plain),
        Outcome::Overtaken => ("Overtaken by another", Tone::Plain),
    }
}

/// Who acted, where it is nobody with an account.
pub(crate) fn actor(actor: &Actor) -> &'static str {
    match actor {
        Actor::Holder => "somebody who was not signed in",
        Actor::Person(_) => "a member",
        Actor::NoticeLink => "somebody with the link of a notice",
        Actor::Terminal => "the server's own terminal",
        Actor::Server => "the server",
    }
}

/// What a session or a sign-in is worth: `AAL2, phishing-resistant`.
pub(crate) fn assurance(aal: Aal, is_phishing_resistant: bool) -> String {
    if is_phishing_resistant { format!("{aal}, phishing-resistant") } else { aal.to_string() }
}

/// What a session was opened with: `passkey`, `password and authenticator app`.
pub(crate) fn used(model: &Model, session: &Session) -> String {
    let names: Vec<String> =
        session.used.iter().map(|name| authenticator_named(model, name).to_lowercase()).collect();
    listed(&names, "and")
}

/// `a, b and c`.
pub(crate) fn listed(items: &[String], joint: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {joint} {last}", most.join(", ")),
    }
}

/// A browser by its own account: `Firefox on Linux`.
pub(crate) fn device(agent: &str) -> String {
    let first = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    // The order matters: browsers name those whose pages they imitate.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_recognised_by_its_owner_and_read_by_nobody_else() {
        assert_eq!(masked("alice@example.org"), "a•••@example.org");
        assert_eq!(masked("+442079460046"), "+44 ••• 46");
        assert_eq!(masked("1 High Street"), "1 H•••");
        assert_eq!(masked(""), "•••");
    }

    #[test]
    fn spans_are_told_in_their_largest_whole_unit() {
        let told = |seconds| span(Duration::from_secs(seconds));
        assert_eq!(
            [60, 61, 3600, 86_400, 259_200, 1].map(told),
            ["1 minute", "61 seconds", "1 hour", "24 hours", "3 days", "1 second"]
        );
    }

    #[test]
    fn a_browser_is_told_by_the_most_particular_name_it_gives() {
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36 Edg/129.0";
        assert_eq!(device(edge), "Edge on Windows");
        assert_eq!(
            device("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"),
            "Firefox on Linux"
        );
        assert_eq!(device("curl/8"), "Unknown browser");
    }
}
