//! An event of the audit log as one sentence.
//!
//! Owns the words only: the record itself is the log's canonical bytes, which the audit page shows beside them.

use lifecycle::case::DoorName;
use lifecycle::{Fact, What};
use policy::Model;

use crate::page::Tone;

/// What its owner calls the account that a fact concerns.
pub(crate) const YOURS: &str = "your account";

/// Reads the canonical bytes of an event. What is not a fact of ours is shown as it stands, never dropped.
pub(crate) fn fact(body: &[u8]) -> Option<Fact> {
    serde_json::from_slice(body).ok()
}

/// One sentence about a fact. `who` acted and `whom` it concerns, as the reader calls them.
pub(crate) fn sentence(model: &Model, fact: &Fact, who: &str, whom: &str) -> (String, Tone) {
    let Told { done, to_do, tone } = told(model, fact, who, whom);
    match &fact.refused {
        None => (super::capital(&done.replace("{who}", who)), tone),
        Some(code) => (
            super::capital(&format!("{who} tried to {to_do}, and was refused: {}.", super::within(code))),
            Tone::Bad,
        ),
    }
}

/// A deed in its two forms.
struct Told {
    /// `{who} invited Alice.`
    done: String,
    /// `invite Alice`, for what was refused.
    to_do: String,
    tone: Tone,
}

fn told(model: &Model, fact: &Fact, who: &str, whom: &str) -> Told {
    let tell = |done: String, to_do: String, tone| Told { done, to_do, tone };
    let acted = |past: &str, to_do: &str, rest: &str, tone| {
        tell(format!("{{who}} {past} {rest}."), format!("{to_do} {rest}"), tone)
    };
    let with = |name: &str| fact.with.get(name).map_or("", String::as_str);
    let method = |name: &str| super::authenticator_named(model, with(name)).to_lowercase();
    let door = if whom == YOURS { door_to_its_owner(fact) } else { door(fact) };
    let to_channel = format!("to {} of {whom}", super::within(with("channel")));
    match fact.what {
        What::AddressBound => {
            acted("set", "set", &format!("{} of {whom}", super::within(with("channel"))), Tone::Warn)
        }
        What::AddressCodeSent => {
            acted("had a code sent", "have a code sent", &format!("{to_channel}, to confirm it"), Tone::Plain)
        }
        What::AddressConfirmed => acted(
            "confirmed",
            "confirm",
            &format!(
                "a new {} for {whom}, which counts once the case is finished",
                super::small(&super::plain(with("channel")))
            ),
            Tone::Plain,
        ),
        What::AddressDisabled => tell(
            format!(
                "The {} of {whom} was switched off after too many failures.",
                super::within(with("channel"))
            ),
            format!("switch off the {} of {whom}", super::within(with("channel"))),
            Tone::Bad,
        ),
        What::ApprovalGiven => acted("approved", "approve", &format!("the {door} of {whom}"), Tone::Warn),
        What::AuthenticatorBound => {
            acted("added", "add", &format!("{} to the account of {whom}", a(&method("name"))), Tone::Good)
        }
        What::AuthenticatorDisabled => tell(
            format!("The {} of {whom} was switched off after too many failures.", method("name")),
            format!("switch off the {} of {whom}", method("name")),
            Tone::Bad,
        ),
        What::AuthenticatorLost => {
            acted("reported", "report", &format!("the {} of {whom} lost", method("name")), Tone::Warn)
        }
        What::AuthenticatorTakenBack => acted(
            "took back",
            "take back",
            &format!("{} before it counted for {whom}", a(&method("name"))),
            Tone::Plain,
        ),
        What::AuthenticatorRemoved => {
            acted("removed", "remove", &format!("a sign-in method of {whom}"), Tone::Warn)
        }
        What::AuthenticatorRenamed => {
            acted("renamed", "rename", &format!("a sign-in method of {whom}"), Tone::Plain)
        }
        What::CaseDenied => acted("denied", "deny", &format!("the {door} of {whom}"), Tone::Warn),
        What::CaseJoined => {
            acted("took up", "take up", &format!("the {door} that was opened for {whom}"), Tone::Plain)
        }
        What::CaseOpened => {
            let tone = if door == "sign-in" { Tone::Plain } else { Tone::Warn };
            acted("began", "begin", &format!("the {door} of {whom}"), tone)
        }
        What::CaseStopped => acted("stopped", "stop", &format!("the {door} of {whom}"), Tone::Warn),
        What::ChangeFinished => acted("finished", "finish", &format!("the {door} of {whom}"), Tone::Plain),
        What::CodeSent => acted("had a code sent", "have a code sent", &to_channel, Tone::Plain),
        What::DoorOpened => {
            tell(format!("The {door} of {whom} opened."), format!("open the {door} of {whom}"), Tone::Warn)
        }
        What::DoorWaiting => tell(
            format!("The {door} of {whom} is complete and waits, so that it can be stopped."),
            format!("complete the {door} of {whom}"),
            Tone::Warn,
        ),
        What::EnrolmentFinished => tell(
            format!("Enrolment of {whom} was finished."),
            format!("finish the enrolment of {whom}"),
            Tone::Good,
        ),
        What::EvidenceAttempted => acted("tried", "show", &shown(model, with("tried"), whom), Tone::Plain),
        What::EvidenceProved => match with("proved").strip_prefix("proofing(") {
            Some(how) => {
                let check =
                    format!("an identity check for {whom}: {}", super::within(how.trim_end_matches(')')));
                acted("recorded", "record", &check, Tone::Plain)
            }
            None => acted("showed", "show", &shown(model, with("proved"), whom), Tone::Plain),
        },
        What::FactorsReplaced => tell(
            format!("The sign-in methods of {whom} were replaced by {door}."),
            format!("replace the sign-in methods of {whom}"),
            Tone::Warn,
        ),
        What::KeysRotated => acted("changed", "change", "the keys that seal what is stored", Tone::Plain),
        What::MemberAdded => acted("added", "add", &format!("{whom} as a member"), Tone::Good),
        What::MemberChanged => acted("changed", "change", &format!("what is known of {whom}"), Tone::Plain),
        What::MemberOffboarded => acted(
            "off-boarded",
            "off-board",
            &format!("{whom}: nothing opens the account any more"),
            Tone::Warn,
        ),
        What::NoticeRetried => {
            acted("tried", "try", &format!("again to send a notice for {whom}"), Tone::Plain)
        }
        What::PolicyApplied => tell(policy_applied(fact), "put a policy into force".to_owned(), Tone::Warn),
        What::ServerStarted => {
            tell("The server started.".to_owned(), "start the server".to_owned(), Tone::Plain)
        }
        What::SessionEnded if with("which") == "others" => {
            acted("ended", "end", &format!("the other sessions of {whom}"), Tone::Plain)
        }
        What::SessionEnded if with("which") == "all" => {
            acted("ended", "end", &format!("every session of {whom}"), Tone::Warn)
        }
        What::SessionEnded => acted("ended", "end", &format!("a session of {whom}"), Tone::Plain),
        What::SignedIn => {
            let strong = if with("phishing-resistant") == "yes" { ", phishing-resistant" } else { "" };
            // Members know what they used; what it is worth is for those who look after the policy.
            let worth = if who == "you" { String::new() } else { format!(" (AAL{}{strong})", with("aal")) };
            tell(format!("{{who}} signed in{worth}."), format!("sign in as {whom}"), Tone::Good)
        }
        What::TicketIssued => acted("invited", "invite", whom, Tone::Good),
        What::TicketRedeemed => acted("opened", "open", &format!("the invitation of {whom}"), Tone::Plain),
        What::TicketRevoked => {
            acted("took back", "take back", &format!("the invitation of {whom}"), Tone::Plain)
        }
    }
}

/// Which policy came into force instead of which, by whom, why, and what it does to people.
fn policy_applied(fact: &Fact) -> String {
    let with = |name: &str| fact.with.get(name).map(String::as_str);
    let short = |digest: &str| digest.trim_start_matches("sha256:").chars().take(8).collect::<String>();
    let which = with("digest").map_or_else(String::new, |digest| format!(" {}", short(digest)));
    let Some(before) = with("instead-of") else { return format!("The first policy{which} came into force.") };
    let by = with("user").unwrap_or("somebody");
    let count = |name: &str| with(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let effects: Vec<String> = [
        ("weakens", "weakened in places"),
        ("locked-out", "members locked out"),
        ("lose-sign-in", "members who must add something to sign in"),
        ("easier", "accounts easier to take over"),
    ]
    .into_iter()
    .filter(|(name, _)| count(name) > 0)
    .map(|(name, what)| format!("{what}: {}", count(name)))
    .collect();
    let effects = if effects.is_empty() {
        "Nothing is weakened, and nobody is locked out".to_owned()
    } else {
        super::capital(&effects.join("; "))
    };
    let why = with("reason").map_or_else(String::new, |reason| format!(" Reason: {reason}."));
    format!(
        "On the server, {by} put the policy{which} into force instead of {}. {effects}.{why}",
        short(before)
    )
}

/// The same without the policy's own name for it.
fn door_to_its_owner(fact: &Fact) -> String {
    let door = door(fact);
    door.split_once(" (").map_or(door.clone(), |(kind, _)| kind.to_owned())
}

/// The door of a fact in lower case, for the middle of a sentence.
fn door(fact: &Fact) -> String {
    let written = match &fact.door {
        // With its population before it.
        Some(path) => path.split_once('.').map_or(path.as_str(), |(_, door)| door),
        None => fact.with.get("door").map_or("", String::as_str),
    };
    match written.parse::<DoorName>() {
        Ok(DoorName::Recover(name)) => format!("recovery ({})", super::within(&name)),
        Ok(door) => super::door(&door).to_lowercase(),
        Err(_) => "case".to_owned(),
    }
}

/// A kind of evidence as the log writes it, in words: `issued(own-mail)`.
fn shown(model: &Model, written: &str, whom: &str) -> String {
    match written.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
        None => format!("the {} of {whom}", super::authenticator_named(model, written).to_lowercase()),
        Some(("issued", channel)) => format!("the code sent to {} of {whom}", super::within(channel)),
        Some(_) => format!("{written} for {whom}"),
    }
}

/// With the article that the word takes: `an authenticator app`. Recovery codes come as a sheet.
fn a(thing: &str) -> String {
    if thing == "recovery code" {
        return format!("{thing}s");
    }
    let article = if thing.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {thing}")
}

/// Is it a step on the way to signing in, which tells an owner no more than the sign-in that it led to?
pub(crate) fn leads_to_sign_in(fact: &Fact) -> bool {
    matches!(fact.what, What::CaseOpened | What::EvidenceProved | What::DoorOpened)
        && fact.refused.is_none()
        && door(fact) == super::door(&DoorName::Login).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lifecycle::{AccountId, Actor, Refusal};

    fn model() -> Model {
        let text = include_str!("../../../../examples/company.toml");
        let today = policy::model::Date { year: 2026, month: 11, day: 22 };
        policy::check(&policy::Source::single("company.toml", text), today)
            .model
            .expect("the example is sound")
    }

    fn about(what: What) -> Fact {
        Fact::about(what, Actor::Holder, Some(&AccountId("a1".to_owned())))
    }

    #[test]
    fn what_was_done_and_what_was_refused_read_differently() {
        let model = model();
        let opened = Fact { door: Some("staff.recover.what-you-kept".to_owned()), ..about(What::CaseOpened) };
        let said = |fact: &Fact| sentence(&model, fact, "somebody", "Alice").0;
        assert_eq!(said(&opened), "Somebody began the recovery (what you kept) of Alice.");
        let refused = about(What::EvidenceAttempted).with("tried", "totp").refused(&Refusal::NotRecognised);
        assert_eq!(
            said(&refused),
            "Somebody tried to show the authenticator app of Alice, and was refused: not recognised."
        );
        let sent = about(What::EvidenceProved).with("proved", "issued(own-mail)");
        assert_eq!(said(&sent), "Somebody showed the code sent to own mail of Alice.");
    }

    #[test]
    fn members_read_that_they_signed_in_and_the_console_what_it_was_worth() {
        let model = model();
        let fact = about(What::SignedIn).with("aal", "2");
        let said = |who: &str| sentence(&model, &fact, who, "your account").0;
        assert_eq!([said("you"), said("Hana")], ["You signed in.", "Hana signed in (AAL2)."]);
    }

    #[test]
    fn only_what_led_to_a_sign_in_is_told_by_the_sign_in() {
        let on_the_way = |door: &str| {
            let fact = about(What::EvidenceProved).with("proved", "password");
            Fact { door: Some(format!("staff.{door}")), ..fact }
        };
        assert!(leads_to_sign_in(&on_the_way("login")));
        assert!(!leads_to_sign_in(&on_the_way("recover.what-you-kept")));
        assert!(!leads_to_sign_in(&on_the_way("login").refused(&Refusal::NotRecognised)));
    }

    #[test]
    fn a_change_of_policy_says_which_by_whom_and_what_it_does() {
        let model = model();
        let fact = Fact::about(What::PolicyApplied, Actor::Terminal, None)
            .with("digest", "sha256:0123456789ab")
            .with("instead-of", "sha256:ba9876543210")
            .with("user", "root")
            .with("locked-out", "2")
            .with("reason", "new phones");
        let said = sentence(&model, &fact, "the server's own terminal", "nobody").0;
        assert_eq!(
            said,
            "On the server, root put the policy 01234567 into force instead of ba987654. Members locked out: 2. Reason: new phones."
        );
    }

    #[test]
    fn a_sentence_has_an_end_and_no_gap() {
        let model = model();
        for what in [What::DoorOpened, What::MemberOffboarded, What::SignedIn, What::TicketIssued] {
            let (text, _) = sentence(&model, &about(what), "Hana", "Alice");
            assert!(text.ends_with('.') && !text.contains('{'), "{text}");
        }
    }

    #[test]
    fn a_fact_reads_back_from_the_bytes_of_the_log() {
        let body = br#"{"account":"a1","actor":{"person":"a2"},"peer":"::1","policy":"sha256:00","what":"ticket-issued"}"#;
        let fact = fact(body).expect("it is a fact");
        assert_eq!((fact.what, fact.actor), (What::TicketIssued, Actor::Person(AccountId("a2".to_owned()))));
    }
}
