//! Other identity providers, through which an account is entered once it is linked to one.
//!
//! Owns their grouping: providers with the same flows are one authenticator, because a realm export says nothing of
//! how any of them knows its people.

use super::super::node::{Doubt, Node, Notes};
use super::super::text::plain;

/// Providers that are linked and passed by the same flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) aliases: Vec<String>,
    /// By which an account that is there already is linked.
    pub(super) first_login: String,
    /// What is asked after each sign-in at the provider, if anything is.
    pub(super) post_login: Option<String>,
}

/// The enabled providers of a realm, and whether there are more that cannot be told apart.
pub(super) fn groups(realm: &Node<'_>, notes: &mut Notes) -> (Vec<Group>, bool) {
    let usual =
        realm.text_of("firstBrokerLoginFlow", notes).unwrap_or_else(|| "first broker login".to_owned());
    let mut groups: Vec<Group> = Vec::new();
    for provider in realm.list("identityProviders") {
        let alias = provider.text_of("alias", notes).unwrap_or_else(|| "unnamed".to_owned());
        if !provider.flag("enabled", Doubt { absent: true, unclear: true }, notes) {
            continue;
        }
        if provider.flag("linkOnly", Doubt { absent: false, unclear: false }, notes) {
            continue;
        }
        let flow =
            |key: &str, notes: &mut Notes| provider.text_of(key, notes).filter(|alias| !alias.is_empty());
        let first_login = flow("firstBrokerLoginFlowAlias", notes).unwrap_or_else(|| usual.clone());
        let post_login = flow("postBrokerLoginFlowAlias", notes);
        let same = |group: &&mut Group| group.first_login == first_login && group.post_login == post_login;
        match groups.iter_mut().find(same) {
            Some(group) => group.aliases.push(alias),
            None => groups.push(Group { aliases: vec![alias], first_login, post_login }),
        }
    }
    let too_many = groups.len() > MOST_GROUPS;
    if too_many {
        notes.push(
            "identityProviders",
            "are linked by more different flows than can be told apart, and count as no defence",
        );
        groups.truncate(MOST_GROUPS);
    }
    (groups, too_many)
}

/// Each group doubles what a member may hold.
const MOST_GROUPS: usize = 3;

impl Group {
    /// The name of its authenticator.
    pub(super) fn name(&self, index: usize) -> String {
        match (self.aliases.as_slice(), index) {
            ([alias], _) => format!("provider-{alias}"),
            (_, 0) => "providers".to_owned(),
            (_, index) => format!("providers-{}", index + 1),
        }
    }

    /// Its providers, for a comment.
    pub(super) fn listed(&self) -> String {
        const MOST: usize = 6;
        let mut names: Vec<String> = self.aliases.iter().take(MOST).map(|alias| plain(alias)).collect();
        if self.aliases.len() > MOST {
            names.push(format!("{} more", self.aliases.len() - MOST));
        }
        names.join(", ")
    }
}
