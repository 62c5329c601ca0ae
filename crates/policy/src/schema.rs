//! The JSON Schema of a policy (2020-12): completion and explanation in editors.
//!
//! Owns no rule: what the schema cannot say (names that must exist, expressions) is left to `check`. The words that a
//! key accepts come from the tables that the resolver reads.

use serde_json::{Value, json};

use crate::diagnostic::Level;
use crate::factor::TABLE;
use crate::resolve::words;
use crate::rules::Rule;

/// A whole number and a unit; `check` also sees to it that it is neither nothing nor beyond ten years.
const DURATION: &str = "^[0-9]+[smhd]$";
/// What a name looks like.
const NAME: &str = "^[A-Za-z][A-Za-z0-9_-]{0,63}$";

/// The schema as a JSON document.
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Postern policy",
        "description": "Which evidence opens which door of an account, for each population of people.",
        "type": "object",
        "additionalProperties": false,
        "required": ["version", "organization", "population"],
        "properties": {
            "version": { "const": 1, "description": "The version of the language." },
            "organization": organization(),
            "authenticator": named("What members prove themselves with.", &authenticator()),
            "channel": named("Ways to reach a member.", &channel()),
            "approver": named("People who may approve.", &approver()),
            "population": named("Who, how much is at stake, and the doors of their accounts.", &population()),
            "app": named("Applications behind single sign-on.", &app()),
            "exception": {
                "type": "array",
                "description": "Known gaps, each owned and dated. Past `expires` a gap is an error again.",
                "items": exception(),
            },
            "attacker": attacker(),
            "assurance": assurance(),
        },
    })
}

fn organization() -> Value {
    object(
        "Whose policy this is.",
        &["name", "domain", "support"],
        &json!({
            "name": text("The name that members see."),
            "domain": text("The domain of the sign-in pages; passkeys are bound to it."),
            "support": text("Where a member asks for help: a mail address, a telephone number or a web page."),
        }),
    )
}

fn authenticator() -> Value {
    let kinds = TABLE.iter().map(|row| row.name);
    object(
        "One authenticator.",
        &["kind"],
        &json!({
            "kind": word("What it is.", kinds),
            "on": text("The thing that is stolen, or lost, with it, such as `phone`."),
            "attestation": word("security-key only: must it prove its model?", ["required", "none"]),
            "user_verification": word("security-key only: does it ask for a PIN or a biometric?", ["required", "none"]),
        }),
    )
}

fn channel() -> Value {
    object(
        "One channel.",
        &["kind"],
        &json!({
            "kind": word("What it is.", words::CHANNEL_KINDS.map(|(word, _)| word)),
            "protected": word("email only: what stands in front of the mailbox (default password).", words::PROTECTIONS.map(|(word, _)| word)),
            "behind": word("email only: readable only after signing in here, so useless for recovery.", ["login"]),
            "on": text("The thing that is stolen, or lost, with it, such as `phone`."),
        }),
    )
}

fn approver() -> Value {
    object(
        "A role of people who may approve, each in a session of their own, never for themselves.",
        &["population"],
        &json!({
            "population": name("The population whose members may approve."),
            "of": word("Only the member's own manager, from the directory.", ["member"]),
            "aal": level("What an approver's own session must show (default 2)."),
        }),
    )
}

fn population() -> Value {
    object(
        "One population and its control chain: enrol, login, bind, recover, offboard.",
        &["login"],
        &json!({
            "groups": list("The groups of the directory whose members belong to it (default: the one of its own name).", &text("A group.")),
            "risk": word("`high`: every other door must be strictly stronger than login.", words::RISKS.map(|(word, _)| word)),
            "proofing": word("How members were identified: SP 800-63A-4 (default none).", words::PROOFED.map(|(word, _)| word)),
            "enrol": door("The first door: open only while an account has no authenticator.", &json!({
                "expires": duration("How long a ticket lives (default 72h)."),
            })),
            "login": object("Signing in.", &["require"], &json!({
                "require": expression("Authenticators only, such as `passkey or (password and totp)`."),
                "session": object("How long a session lasts.", &[], &json!({
                    "idle": duration("Without any activity (default 1h)."),
                    "max": duration("In all (default 12h)."),
                })),
            })),
            "bind": door("Adding or replacing a factor while signed in; always needs a session.", &json!({})),
            "recover": named("Ways back for those who cannot sign in.", &door("One way back.", &json!({}))),
            "offboard": object("The last door.", &["within"], &json!({
                "within": duration("How soon sessions, factors, tickets, codes and tokens all end."),
            })),
        }),
    )
}

fn door(description: &str, more: &Value) -> Value {
    let mut properties = json!({
        "require": expression("What opens the door, such as `codes and issued(own-mail)`."),
        "binds": list(
            "What may be bound once it has opened: authenticators, and channels too, for a change of address is a binding.",
            &name("An authenticator or a channel."),
        ),
        "wait": duration("How long after the evidence is complete it takes effect; until then the owner may stop it."),
        "notify": list("Channels on which the owner is told.", &name("A channel.")),
    });
    if let (Some(properties), Some(more)) = (properties.as_object_mut(), more.as_object()) {
        properties.extend(more.clone());
    }
    object(description, &["require", "binds"], &properties)
}

fn app() -> Value {
    object(
        "One application.",
        &["for"],
        &json!({
            "for": list("The populations that use it.", &name("A population.")),
            "aal": level("The least assurance level it accepts (default 1)."),
            "phishing_resistant": { "type": "boolean", "description": "Does it demand a phishing-resistant session?" },
            "max_age": duration("The greatest age of the session it accepts."),
            "sensitivity": word("How much harm a stranger could do in it.", ["normal", "high"]),
        }),
    )
}

fn exception() -> Value {
    let rules = Rule::ALL.iter().filter(|rule| rule.excusable()).map(|rule| rule.name());
    object(
        "One known gap.",
        &["rule", "at", "owner", "expires", "reason"],
        &json!({
            "rule": word("The rule whose finding is accepted.", rules),
            "at": text("The place of the finding, such as `population.staff.recover.self-service`."),
            "owner": text("Who answers for it."),
            "expires": { "type": "string", "format": "date", "description": "The last day; at most 90 days ahead." },
            "reason": text("Why it is accepted, and what will end it."),
        }),
    )
}

fn attacker() -> Value {
    object(
        "What this organization assumes of attackers.",
        &[],
        &json!({
            "ignore": list("Capabilities that are left out.", &word("A capability.", words::capabilities())),
            "rank": {
                "type": "object",
                "description": "Capabilities moved to another rank: 1 automated, 2 lured, 3 targeted, 4 close.",
                "propertyNames": { "enum": words::capabilities() },
                "additionalProperties": { "type": "integer", "minimum": 1, "maximum": 4 },
            },
            "endpoint": { "type": "boolean", "description": "Count malware on the member's own device, too." },
        }),
    )
}

fn assurance() -> Value {
    let rules: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    let levels = [Level::Error, Level::Warning, Level::Note].map(Level::name);
    json!({
        "type": "object",
        "description": "Rules whose findings are raised to a level. Nothing is ever lowered here.",
        "propertyNames": { "enum": rules },
        "additionalProperties": { "enum": levels },
    })
}

fn object(description: &str, required: &[&str], properties: &Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn named(description: &str, each: &Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "propertyNames": { "pattern": NAME },
        "additionalProperties": each,
    })
}

fn list(description: &str, each: &Value) -> Value {
    json!({ "type": "array", "description": description, "items": each })
}

fn word<'a>(description: &str, words: impl IntoIterator<Item = &'a str>) -> Value {
    json!({ "enum": words.into_iter().collect::<Vec<_>>(), "description": description })
}

fn level(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 3, "description": description })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "description": description })
}

fn name(description: &str) -> Value {
    json!({ "type": "string", "pattern": NAME, "description": description })
}

fn duration(description: &str) -> Value {
    json!({ "type": "string", "pattern": DURATION, "description": description, "examples": ["30s", "10m", "24h", "7d"] })
}

fn expression(description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "description": description })
}
