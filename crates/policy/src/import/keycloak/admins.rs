//! Who can reset others: the administrative roles, and who or what carries them.
//!
//! Owns the list of roles by which somebody can let themselves, or somebody else, into another's account.

use std::collections::{BTreeMap, BTreeSet};

use super::super::need::Need;
use super::super::node::{Node, Notes};
use super::super::text::plain;
use super::Import;
use super::settings::seconds;
use crate::model::{ApproverIx, PopulationIx, SessionLimits};

/// Roles of the client `realm-management`, or of `NAME-realm` in the master realm.
const ROLES: [&str; 5] =
    ["manage-users", "impersonation", "manage-realm", "manage-identity-providers", "realm-admin"];
/// Realm roles of the master realm.
const MASTER_ROLES: [&str; 2] = ["admin", "create-realm"];

/// Carriers are named in one comment, so no more than are read.
const MOST_NAMED: usize = 8;

/// The roles and groups through which these powers are given, as far as the export shows them.
pub(super) fn carriers(realm: &Node<'_>, notes: &mut Notes) -> String {
    let mut all: BTreeSet<(Option<String>, String)> = BTreeSet::new();
    let master = realm.text_of("realm", notes).is_some_and(|name| name == "master");
    let roles = roles(realm, notes);
    let is_power = |client: Option<&str>, role: &str| match client {
        Some(client) => (client == "realm-management" || client.ends_with("-realm")) && ROLES.contains(&role),
        None => master && MASTER_ROLES.contains(&role),
    };
    // Roles may hold roles: whoever has the outer one has the powers of the inner.
    let mut holders: BTreeMap<&RoleName, Vec<&RoleName>> = BTreeMap::new();
    for (role, holds) in &roles {
        for inner in holds {
            holders.entry(inner).or_default().push(role);
        }
    }
    let is_role_of_power = |role: &RoleName| is_power(role.0.as_deref(), &role.1);
    let mut open: Vec<&RoleName> = holders.keys().copied().filter(|inner| is_role_of_power(inner)).collect();
    while let Some(inner) = open.pop() {
        let outer = holders.remove(inner).unwrap_or_default();
        let new = outer.into_iter().filter(|role| !is_role_of_power(role));
        open.extend(new.filter(|role| all.insert((*role).clone())));
    }
    let gives = |node: &Node<'_>, notes: &mut Notes| {
        given(node, notes).iter().any(|role| is_power(role.0.as_deref(), &role.1) || all.contains(role))
    };
    let mut named: Vec<String> = all.iter().map(|role| format!("role {}", plain(&role.1))).collect();
    let mut groups = realm.list("groups");
    while let Some(group) = groups.pop() {
        if gives(&group, notes) {
            let name = group.text_of("name", notes).unwrap_or_default();
            named.push(format!("group {}", plain(&name)));
        }
        groups.extend(group.list("subGroups"));
    }
    let users = realm.list("users");
    let users = users.iter().filter(|user| gives(user, notes)).count();
    if users > 0 {
        named.push(format!("{users} user{} directly", if users == 1 { "" } else { "s" }));
    }
    let more = named.len().saturating_sub(MOST_NAMED);
    named.truncate(MOST_NAMED);
    if more > 0 {
        named.push(format!("{more} more"));
    }
    let powers = if master { [&ROLES[..], &MASTER_ROLES].concat() } else { ROLES.to_vec() };
    let through = if named.is_empty() { String::new() } else { format!("; given by {}", named.join(", ")) };
    format!("realm-management roles {}{through}", powers.join(", "))
}

/// A role of a client, or of the realm.
type RoleName = (Option<String>, String);

/// Every role with the roles that it holds.
fn roles(realm: &Node<'_>, notes: &mut Notes) -> BTreeMap<RoleName, Vec<RoleName>> {
    let mut roles = BTreeMap::new();
    let mut add = |client: Option<&str>, role: &Node<'_>, notes: &mut Notes| {
        let Some(name) = role.text_of("name", notes) else { return };
        let mut holds = Vec::new();
        if let Some(composites) = role.get("composites") {
            let inner = composites.list("realm");
            holds.extend(inner.iter().filter_map(|name| Some((None, name.text(notes)?))));
            holds.extend(by_client(&composites, "client", notes));
        }
        roles.insert((client.map(str::to_owned), name), holds);
    };
    let Some(all) = realm.get("roles") else { return roles };
    for role in all.list("realm") {
        add(None, &role, notes);
    }
    if let Some(clients) = all.get("client") {
        for client in clients.keys() {
            for role in clients.list(client) {
                add(Some(client), &role, notes);
            }
        }
    }
    roles
}

/// The roles that a user or a group is given directly.
fn given(node: &Node<'_>, notes: &mut Notes) -> Vec<RoleName> {
    let of_realm = node.list("realmRoles");
    let mut given: Vec<RoleName> =
        of_realm.iter().filter_map(|name| Some((None, name.text(notes)?))).collect();
    given.extend(by_client(node, "clientRoles", notes));
    given
}

fn by_client(node: &Node<'_>, key: &str, notes: &mut Notes) -> Vec<RoleName> {
    let Some(clients) = node.get(key) else { return Vec::new() };
    let mut all = Vec::new();
    for client in clients.keys() {
        let roles = clients.list(client);
        all.extend(roles.iter().filter_map(|name| Some((Some(client.to_owned()), name.text(notes)?))));
    }
    all
}

/// Administrators of realm `master` reach every other realm, and how they sign in is in no export but its own.
pub(super) fn masters(import: &mut Import<'_>) -> Option<(ApproverIx, PopulationIx)> {
    const MASTER: &str = "administrators-of-master";
    let draft = &mut import.draft;
    if import.realm.text_of("realm", &mut draft.notes).is_some_and(|name| name == "master") {
        return None;
    }
    draft.notes.push(
        "realm",
        "is not `master`, whose administrators can reset anybody here: how they sign in is not in this export, and \
         counts as no defence",
    );
    let ever = seconds(Some(i64::MAX), 1);
    let from = ["accounts of realm `master`", "not in this export", "not in this export, so the longest"];
    let whose = draft.population(
        MASTER,
        vec![MASTER.to_owned()],
        Need::Unproved,
        SessionLimits { idle: ever, max: ever },
        from.map(str::to_owned),
    );
    let from = ["administrators of realm `master`, who reach every realm", "any session will do"];
    Some((draft.approver("master-administrator", whose, from), whose))
}
