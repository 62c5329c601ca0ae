//! What each resource asks for: `access_control`, and the clients of `identity_providers.oidc`.
//!
//! Owns the order of rules. A rule may ask who comes, from where and for what; the weakest answer that any visitor
//! can get is what defends the resource.

use std::collections::{BTreeMap, HashSet};

use super::super::node::{Node, Notes};
use super::super::text::plain;
use crate::factor::Aal;

/// What a resource asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Level {
    One,
    Two,
}

impl Level {
    pub(super) fn aal(self) -> Aal {
        match self {
            Level::One => Aal::One,
            Level::Two => Aal::Two,
        }
    }
}

/// Something that is guarded.
#[derive(Debug)]
pub(super) struct Guarded {
    pub(super) name: String,
    pub(super) level: Level,
    pub(super) from: String,
}

/// Everything that is guarded.
#[derive(Debug, Default)]
pub(super) struct Access {
    pub(super) apps: Vec<Guarded>,
    /// Each name once at each level.
    known: HashSet<(String, Level)>,
}

/// Domains for which an earlier rule leaves no visitor to a later one.
#[derive(Default)]
struct Settled {
    exact: HashSet<String>,
    /// What `*` stands before.
    ends: HashSet<String>,
}

impl Settled {
    fn add(&mut self, domain: String) {
        if let Some(end) = domain.strip_prefix('*').filter(|end| end.starts_with('.')) {
            self.ends.insert(end.to_owned());
        }
        self.exact.insert(domain);
    }

    /// Is everything settled that a domain, as rules write it, stands for?
    fn covers(&self, domain: &str) -> bool {
        let mut ends = domain.match_indices('.').map(|(at, _)| domain.get(at..).unwrap_or_default());
        self.exact.contains(domain) || ends.any(|end| self.ends.contains(end))
    }
}

/// The word of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Deny,
    Bypass,
    Guard(Level),
}

/// More apps than anybody reads in one policy.
const MOST_APPS: usize = 100;

/// Criteria by which a rule holds for some visitors only.
const CRITERIA: [&str; 5] = ["subject", "networks", "methods", "resources", "query"];
const OF_A_RULE: [&str; 3] = ["domain", "domain_regex", "policy"];

pub(super) fn read(config: &Node<'_>, notes: &mut Notes) -> Access {
    let mut access = Access::default();
    if let Some(control) = config.get("access_control") {
        rules(&control, &mut access, notes);
    } else {
        notes.push("access_control", "is not in the file: nothing is known of what it guards");
    }
    if let Some(oidc) = config.path(&["identity_providers", "oidc"]) {
        clients(&oidc, &mut access, notes);
    }
    if access.apps.len() > MOST_APPS {
        let more = access.apps.len() - MOST_APPS;
        notes.push("access_control", format!("guards {more} more than the {MOST_APPS} that are written"));
        // The weakest are the ones that count.
        access.apps.sort_by_key(|app| app.level);
        access.apps.truncate(MOST_APPS);
    }
    access
}

fn rules(control: &Node<'_>, access: &mut Access, notes: &mut Notes) {
    for key in control.keys() {
        if !["default_policy", "networks", "rules"].contains(&key) {
            notes.push(
                &format!("access_control.{}", plain(key)),
                "is no setting that is known here, and counts as no defence",
            );
        }
    }
    let mut settled = Settled::default();
    for rule in control.list("rules") {
        if !rule.is_map() {
            notes.push(&rule.at, "is no rule, and counts as no defence");
            continue;
        }
        let known = |key: &&str| OF_A_RULE.contains(key) || CRITERIA.contains(key);
        let unknown: Vec<&str> = rule.keys().filter(|key| !known(key)).collect();
        for key in &unknown {
            notes.push(
                &format!("{}.{}", rule.at, plain(key)),
                "is no criterion that is known here: it counts as met, and as leaving others to later rules",
            );
        }
        let written = |key: &str| rule.get(key).map_or(0, |domains| domains.leaves());
        let all = written("domain") + written("domain_regex");
        let mut domains = rule.get("domain").map_or_else(Vec::new, |domains| domains.texts(notes));
        let exact = domains.len();
        domains.extend(rule.get("domain_regex").map_or_else(Vec::new, |domains| domains.texts(notes)));
        let unread = domains.is_empty() || domains.len() < all;
        let word = rule.get("policy").map_or(Word::Guard(Level::One), |policy| word(&policy, notes));
        let criteria: Vec<&str> = CRITERIA.into_iter().filter(|key| rule.get(key).is_some()).collect();
        for (index, domain) in domains.into_iter().enumerate() {
            if settled.covers(&domain) {
                continue;
            }
            guard(access, &domain, word, &rule.at, &criteria, notes);
            if index < exact && criteria.is_empty() && unknown.is_empty() {
                settled.add(domain);
            }
        }
        if unread {
            notes.push(&rule.at, "guards a domain that is not understood: it may be any of the others");
            guard(access, "unknown domain", word, &rule.at, &criteria, notes);
        }
    }
    let default = control.get("default_policy");
    let at =
        default.as_ref().map_or_else(|| "access_control.default_policy".to_owned(), |node| node.at.clone());
    let word = default.map_or(Word::Deny, |policy| word(&policy, notes));
    guard(access, "every other domain", word, &at, &[], notes);
}

fn guard(access: &mut Access, domain: &str, word: Word, at: &str, criteria: &[&str], notes: &mut Notes) {
    let some =
        if criteria.is_empty() { String::new() } else { format!(", where {} hold", criteria.join(", ")) };
    match word {
        Word::Deny => {}
        Word::Bypass => {
            notes.push(at, format!("lets everybody in without signing in: {}{some}", plain(domain)));
        }
        Word::Guard(level) => add(access, domain, level, format!("{at}: {}{some}", plain(domain))),
    }
}

fn add(access: &mut Access, name: &str, level: Level, from: String) {
    if access.known.insert((name.to_owned(), level)) {
        access.apps.push(Guarded { name: name.to_owned(), level, from });
    }
}

fn word(policy: &Node<'_>, notes: &mut Notes) -> Word {
    match policy.text(notes).as_deref() {
        Some("deny") => Word::Deny,
        Some("bypass") => Word::Bypass,
        Some("two_factor") => Word::Guard(Level::Two),
        Some("one_factor") | None => Word::Guard(Level::One),
        Some(other) => {
            let why = format!("`{}` is no policy that is known here, and counts as one_factor", plain(other));
            notes.push(&policy.at, why);
            Word::Guard(Level::One)
        }
    }
}

/// OIDC clients: `authorization_policy` names a level, or a policy of its own.
fn clients(oidc: &Node<'_>, access: &mut Access, notes: &mut Notes) {
    let mut own: BTreeMap<String, (Option<Level>, String)> = BTreeMap::new();
    if let Some(policies) = oidc.get("authorization_policies") {
        for name in policies.keys() {
            let Some(policy) = policies.get(name) else { continue };
            let mut words =
                vec![policy.get("default_policy").map_or(Word::Guard(Level::Two), |p| word(&p, notes))];
            let rules = policy.list("rules");
            words.extend(
                rules
                    .iter()
                    .map(|rule| rule.get("policy").map_or(Word::Guard(Level::Two), |p| word(&p, notes))),
            );
            let levels = words.iter().filter_map(|word| match word {
                Word::Guard(level) => Some(*level),
                Word::Bypass => Some(Level::One),
                Word::Deny => None,
            });
            own.insert(name.to_owned(), (levels.min(), policy.at.clone()));
        }
    }
    for client in oidc.list("clients") {
        // Before 4.38 it was `id`.
        let id = client.text_of("client_id", notes).or_else(|| client.text_of("id", notes));
        let id = id.unwrap_or_else(|| "unnamed".to_owned());
        let grants = client.get("grant_types").map_or_else(Vec::new, |grants| grants.texts(notes));
        if !grants.is_empty() && grants.iter().all(|grant| grant == "client_credentials") {
            // No person signs in to it.
            continue;
        }
        let policy = client.get("authorization_policy");
        let named = policy.as_ref().and_then(|policy| policy.text(notes));
        let (level, from) = match (&policy, named.as_deref()) {
            (None, _) => {
                (Some(Level::Two), format!("{}.authorization_policy, two_factor when not set", client.at))
            }
            (Some(node), Some(name)) if own.contains_key(name) => {
                let (level, at) = own.get(name).cloned().unwrap_or_default();
                (level, format!("{}: the weakest that {at} gives", node.at))
            }
            (Some(node), _) => match word(node, notes) {
                Word::Guard(level) => (Some(level), node.at.clone()),
                Word::Bypass => (Some(Level::One), node.at.clone()),
                Word::Deny => (None, node.at.clone()),
            },
        };
        if let Some(level) = level {
            add(access, &id, level, format!("{from} (client `{}`)", plain(&id)));
        }
    }
}
