//! The authentication flows of a realm: those of the export, and the built-in ones that it leaves out.
//!
//! Owns their shape and both spellings of it. Does not own what their steps mean (`steps`) nor how they are passed
//! (`passing`).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::super::node::{Doubt, Node, Notes};

/// One line of a flow.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) mode: Mode,
    pub(super) does: Does,
    /// The settings of the authenticator.
    pub(super) config: Settings,
    pub(super) at: String,
}

/// The settings of one authenticator, as far as they are understood.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// None: the key is there, and what it says is not understood.
    keys: BTreeMap<String, Option<String>>,
    /// They stand somewhere else than in the export, so each of them may say anything.
    lost: bool,
}

/// What a setting says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says<'a> {
    Nothing,
    This(&'a str),
    Unclear,
}

impl Settings {
    pub(super) fn says(&self, key: &str) -> Says<'_> {
        match self.keys.get(key) {
            _ if self.lost => Says::Unclear,
            None => Says::Nothing,
            Some(None) => Says::Unclear,
            Some(Some(text)) => Says::This(text),
        }
    }

    /// A switch that is off when it is not set; none: it is not understood.
    pub(super) fn is_on(&self, key: &str) -> Option<bool> {
        match self.says(key) {
            Says::Nothing => Some(false),
            Says::This(text) => Some(text.eq_ignore_ascii_case("true")),
            Says::Unclear => None,
        }
    }
}

/// What a line of a flow asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Required,
    Alternative,
    Conditional,
    /// Before version 8: required of those who have it.
    Optional,
    Disabled,
    /// A word that is none of these.
    Unclear,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Authenticator(String),
    Flow(String),
}

/// Every flow that can be looked up.
#[derive(Debug)]
pub(super) struct Flows {
    exported: BTreeMap<String, Vec<Step>>,
    /// By which clients refer to them.
    ids: BTreeMap<String, String>,
    /// The first number of the version, if the export says it.
    version: Option<u32>,
    /// The roles that conditions ask about, each once, as far as they are told apart.
    roles: Vec<String>,
}

/// Each role is some populations of its own.
const MOST_ROLES: usize = 6;

impl Flows {
    pub(super) fn read(realm: &Node<'_>, notes: &mut Notes) -> Self {
        let version = realm.text_of("keycloakVersion", notes);
        let version = version.and_then(|text| text.split('.').next().and_then(|first| first.parse().ok()));
        let configs = configs(realm, notes);
        let mut flows = Flows { exported: BTreeMap::new(), ids: BTreeMap::new(), version, roles: Vec::new() };
        for flow in realm.list("authenticationFlows") {
            let Some(alias) = flow.text_of("alias", notes) else { continue };
            let steps = steps(&flow, &alias, &configs, notes);
            flows.ids.extend(flow.text_of("id", notes).map(|id| (id, alias.clone())));
            flows.exported.insert(alias, steps);
        }
        flows.roles = flows.roles_asked_about();
        let all = flows.roles.len();
        if all > MOST_ROLES {
            let why = "of them are shown, and what is asked because of others counts as no defence";
            notes.push("authenticationFlows", format!("ask about {all} roles; {MOST_ROLES} {why}"));
            flows.roles.truncate(MOST_ROLES);
        }
        flows
    }

    /// Of a version before 8, which walked its flows otherwise. An export that does not say its version is as old if it
    /// has optional steps: version 8 made an end of them.
    pub(super) fn are_of_old(&self) -> bool {
        let is_optional = |step: &Step| step.mode == Mode::Optional;
        match self.version {
            Some(version) => version < 8,
            None => self.exported.values().flatten().any(is_optional),
        }
    }

    /// The flow of that name: the export's own, else the built-in one of the export's version.
    pub(super) fn named(&self, alias: &str) -> Option<Cow<'_, [Step]>> {
        if let Some(steps) = self.exported.get(alias) {
            return Some(Cow::Borrowed(steps));
        }
        let stock = if self.are_of_old() { &STOCK_BEFORE_8 } else { &STOCK };
        let (_, lines) = stock.iter().find(|(name, _)| *name == alias)?;
        Some(Cow::Owned(lines.iter().map(|line| built_in(alias, line)).collect()))
    }

    /// The roles that conditions ask about, as far as they are told apart.
    pub(super) fn roles(&self) -> &[String] {
        &self.roles
    }

    fn roles_asked_about(&self) -> Vec<String> {
        let steps = self.exported.values().flatten().filter(|step| step.mode != Mode::Disabled);
        let role = |step: &'_ Step| match step.config.says("condUserRole") {
            Says::This(role) => Some(role.to_owned()),
            Says::Nothing | Says::Unclear => None,
        };
        let roles: BTreeSet<String> = steps.filter_map(role).collect();
        roles.into_iter().collect()
    }

    /// Does the link in the mail of this flow end at the log-in page, and not in a session?
    pub(super) fn forces_login(&self, alias: &str) -> bool {
        let Some(steps) = self.named(alias) else { return false };
        let mail = |step: &&Step| step.does == Does::Authenticator("reset-credential-email".to_owned());
        // `only-federated` leaves the usual account signed in.
        steps.iter().find(mail).is_some_and(|step| step.config.says("force-login") == Says::This("true"))
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&str> {
        self.ids.get(id).map(String::as_str)
    }
}

type Configs = BTreeMap<String, Settings>;

fn configs(realm: &Node<'_>, notes: &mut Notes) -> Configs {
    let mut configs = Configs::new();
    for config in realm.list("authenticatorConfig") {
        let Some(alias) = config.text_of("alias", notes) else { continue };
        let settings = config.get("config");
        let lost = settings.as_ref().is_some_and(|settings| !settings.is_map());
        let keys = settings.iter().flat_map(|settings| {
            let keys = settings.keys().filter(|key| settings.get(key).is_some());
            keys.map(|key| (key.to_owned(), settings.text_of(key, notes))).collect::<Vec<_>>()
        });
        let keys = keys.collect();
        // Two of one name: which of them counts is not in the export.
        let lost = lost || configs.contains_key(&alias);
        configs.insert(alias, Settings { keys, lost });
    }
    configs
}

fn steps(flow: &Node<'_>, alias: &str, configs: &Configs, notes: &mut Notes) -> Vec<Step> {
    let at = format!("authenticationFlows.{alias}");
    let mut steps = Vec::new();
    for step in flow.list("authenticationExecutions") {
        let authenticator = step.text_of("authenticator", notes);
        let sub_flow = step.text_of("flowAlias", notes);
        // Up to some versions the field was exported as `autheticatorFlow`, and some write both.
        let no = Doubt { absent: false, unclear: false };
        let says_flow = ["authenticatorFlow", "autheticatorFlow"].iter().any(|key| step.flag(key, no, notes));
        let does = match (sub_flow, authenticator) {
            (Some(alias), None) => Does::Flow(alias),
            (Some(alias), Some(_)) if says_flow => Does::Flow(alias),
            (_, Some(authenticator)) => Does::Authenticator(authenticator),
            (None, None) => {
                notes.push(
                    &at,
                    "has a step that is neither an authenticator nor a flow, and counts as no defence",
                );
                Does::Authenticator(String::new())
            }
        };
        let name = match &does {
            Does::Authenticator(name) | Does::Flow(name) => name,
        };
        let at = format!("{at}.{name}");
        let mode = step.text_of("requirement", notes).unwrap_or_default();
        let mode = mode_of(&mode).unwrap_or_else(|| {
            notes.push(&at, "has a requirement that is not understood, and counts as no defence");
            Mode::Unclear
        });
        let config = step.get("authenticatorConfig").map_or_else(Settings::default, |config| {
            let alias = config.text(notes).filter(|alias| !alias.is_empty());
            alias.and_then(|alias| configs.get(&alias).cloned()).unwrap_or_else(|| {
                notes.push(&at, "has settings that the export does not hold, and they count as no defence");
                Settings { lost: true, ..Settings::default() }
            })
        });
        steps.push(Step { mode, does, config, at });
    }
    steps
}

fn mode_of(word: &str) -> Option<Mode> {
    match word {
        "REQUIRED" => Some(Mode::Required),
        "ALTERNATIVE" => Some(Mode::Alternative),
        "CONDITIONAL" => Some(Mode::Conditional),
        "OPTIONAL" => Some(Mode::Optional),
        "DISABLED" => Some(Mode::Disabled),
        _ => None,
    }
}

/// A line of a built-in flow: an authenticator, or `> ` and a flow.
type Line = (Mode, &'static str);
type Stock = [(&'static str, &'static [Line])];

fn built_in(alias: &str, (mode, what): &Line) -> Step {
    let at = format!("{alias} (built in).{}", what.trim_start_matches("> "));
    let does = match what.strip_prefix("> ") {
        Some(flow) => Does::Flow(flow.to_owned()),
        None => Does::Authenticator((*what).to_owned()),
    };
    // The one built-in condition with a setting: one-time codes are not asked of those who came by a passkey.
    let config = match *what {
        "conditional-credential" => {
            [("credentials".to_owned(), Some("webauthn-passwordless".to_owned()))].into()
        }
        _ => BTreeMap::new(),
    };
    let config = Settings { keys: config, lost: false };
    Step { mode: *mode, does, config, at }
}

use Mode::{Alternative as ALT, Conditional as COND, Optional as OPT, Required as REQ};

/// From version 8 on. What later versions added to these flows is disabled in them, or changes no answer.
static STOCK: &Stock = &[
    ("browser", &[(ALT, "auth-cookie"), (ALT, "identity-provider-redirector"), (ALT, "> forms")]),
    ("forms", &[(REQ, "auth-username-password-form"), (COND, "> Browser - Conditional OTP")]),
    (
        "Browser - Conditional OTP",
        &[(REQ, "conditional-user-configured"), (REQ, "conditional-credential"), (REQ, "auth-otp-form")],
    ),
    (
        "direct grant",
        &[
            (REQ, "direct-grant-validate-username"),
            (REQ, "direct-grant-validate-password"),
            (COND, "> Direct Grant - Conditional OTP"),
        ],
    ),
    (
        "Direct Grant - Conditional OTP",
        &[(REQ, "conditional-user-configured"), (REQ, "direct-grant-validate-otp")],
    ),
    (
        "reset credentials",
        &[
            (REQ, "reset-credentials-choose-user"),
            (REQ, "reset-credential-email"),
            (REQ, "reset-password"),
            (COND, "> Reset - Conditional OTP"),
        ],
    ),
    ("Reset - Conditional OTP", &[(REQ, "conditional-user-configured"), (REQ, "reset-otp")]),
    ("first broker login", &[(REQ, "idp-review-profile"), (REQ, "> User creation or linking")]),
    ("User creation or linking", &[(ALT, "idp-create-user-if-unique"), (ALT, "> Handle Existing Account")]),
    ("Handle Existing Account", &[(REQ, "idp-confirm-link"), (REQ, "> Account verification options")]),
    (
        "Account verification options",
        &[(ALT, "idp-email-verification"), (ALT, "> Verify Existing Account by Re-authentication")],
    ),
    (
        "Verify Existing Account by Re-authentication",
        &[(REQ, "idp-username-password-form"), (COND, "> First broker login - Conditional OTP")],
    ),
    ("First broker login - Conditional OTP", &[(REQ, "conditional-user-configured"), (REQ, "auth-otp-form")]),
    ("saml ecp", &[(REQ, "http-basic-authenticator")]),
    ("docker auth", &[(REQ, "docker-http-basic-authenticator")]),
];

/// Before version 8 there were no conditional flows: a second factor was optional.
static STOCK_BEFORE_8: &Stock = &[
    ("browser", &[(ALT, "auth-cookie"), (ALT, "identity-provider-redirector"), (ALT, "> forms")]),
    ("forms", &[(REQ, "auth-username-password-form"), (OPT, "auth-otp-form")]),
    (
        "direct grant",
        &[
            (REQ, "direct-grant-validate-username"),
            (REQ, "direct-grant-validate-password"),
            (OPT, "direct-grant-validate-otp"),
        ],
    ),
    (
        "reset credentials",
        &[
            (REQ, "reset-credentials-choose-user"),
            (REQ, "reset-credential-email"),
            (REQ, "reset-password"),
            (OPT, "reset-otp"),
        ],
    ),
    (
        "first broker login",
        &[
            (REQ, "idp-review-profile"),
            (ALT, "idp-create-user-if-unique"),
            (ALT, "> Handle Existing Account"),
        ],
    ),
    (
        "Handle Existing Account",
        &[
            (REQ, "idp-confirm-link"),
            (ALT, "idp-email-verification"),
            (ALT, "> Verify Existing Account by Re-authentication"),
        ],
    ),
    (
        "Verify Existing Account by Re-authentication",
        &[(REQ, "idp-username-password-form"), (OPT, "auth-otp-form")],
    ),
    ("saml ecp", &[(REQ, "http-basic-authenticator")]),
    ("docker auth", &[(REQ, "docker-http-basic-authenticator")]),
];
