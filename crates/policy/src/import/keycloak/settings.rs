//! Single settings of a realm: how long a session lasts, and whose the mail address is to change.

use std::time::Duration;

use super::super::node::{Node, Notes};
use super::NO;
use crate::model::SessionLimits;

/// The longest that any session lasts: with `rememberMe` its own limits count where they are longer.
pub(super) fn session(realm: &Node<'_>, notes: &mut Notes) -> (SessionLimits, String) {
    let mut limit = |key: &str, usual: u64| seconds(realm.number(key, notes), usual);
    let none = Duration::ZERO;
    let (mut idle, mut max) = (limit("ssoSessionIdleTimeout", 1_800), limit("ssoSessionMaxLifespan", 36_000));
    let number = |key: &str, notes: &mut Notes| realm.number(key, notes).filter(|n| *n > 0);
    let (long_idle, long_max) =
        (number("ssoSessionIdleTimeoutRememberMe", notes), number("ssoSessionMaxLifespanRememberMe", notes));
    let mut from = "ssoSessionIdleTimeout, ssoSessionMaxLifespan".to_owned();
    if realm.flag("rememberMe", NO, notes) {
        let longer = (
            idle.max(long_idle.map_or(none, |n| seconds(Some(n), 1))),
            max.max(long_max.map_or(none, |n| seconds(Some(n), 1))),
        );
        if longer != (idle, max) {
            (idle, max) = longer;
            "rememberMe with ssoSessionIdleTimeoutRememberMe, ssoSessionMaxLifespanRememberMe"
                .clone_into(&mut from);
        }
    }
    if realm.get("offlineSessionIdleTimeout").is_some() {
        from.push_str("; offline tokens outlive it");
    }
    (SessionLimits { idle: idle.min(max), max }, from)
}

/// Seconds as a policy takes them: at least one, at most ten years.
pub(super) fn seconds(number: Option<i64>, usual: u64) -> Duration {
    const TEN_YEARS: u64 = 3650 * 86_400;
    let number = number.and_then(|number| u64::try_from(number).ok()).filter(|number| *number > 0);
    Duration::from_secs(number.unwrap_or(usual).min(TEN_YEARS))
}

/// May a member change the mail address of the account? The user profile says so, in JSON within the JSON.
pub(super) fn changes_mail(realm: &Node<'_>, notes: &mut Notes) -> bool {
    let profiles = realm.path(&["components", "org.keycloak.userprofile.UserProfileProvider"]);
    let Some(profile) = profiles.and_then(|all| all.items().into_iter().next()) else { return true };
    let Some(text) = profile.path(&["config", "kc.user.profile.config"]) else { return true };
    let Some(text) = text.items().first().and_then(|text| text.text(notes)) else { return true };
    let Ok(profile) = serde_json::from_str(&text) else {
        notes.push(
            &profile.at,
            "holds a user profile that is no JSON: the mail address counts as the member's to change",
        );
        return true;
    };
    let profile = Node::root(&profile);
    let attributes = profile.list("attributes");
    let mail = attributes
        .iter()
        .find(|attribute| attribute.text_of("name", notes).is_some_and(|name| name == "email"));
    let Some(edit) = mail.and_then(|mail| mail.path(&["permissions", "edit"])) else { return true };
    edit.texts(notes).iter().any(|who| who == "user")
}
