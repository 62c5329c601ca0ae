//! Single settings of a realm: how long a session lasts, and whose the mail address is to change.

use std::time::Duration;

use super::super::node::{Doubt, Node, Notes};
use super::super::text::plain;
use super::{NO, YES};
use crate::model::SessionLimits;

/// The longest that any session lasts: with `rememberMe` its own limits count where they are longer.
pub(super) fn session(realm: &Node<'_>, notes: &mut Notes) -> (SessionLimits, String) {
    let mut limit = |key: &str, usual: u64| seconds(realm.lifespan(key, notes), usual);
    let none = Duration::ZERO;
    let (mut idle, mut max) = (limit("ssoSessionIdleTimeout", 1_800), limit("ssoSessionMaxLifespan", 36_000));
    let number = |key: &str, notes: &mut Notes| realm.lifespan(key, notes).filter(|n| *n > 0);
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
    if let Some(why) = gives_offline_tokens(realm, notes) {
        // Its limit is no limit unless it is switched on.
        let limited =
            realm.flag("offlineSessionMaxLifespanEnabled", Doubt { absent: false, unclear: false }, notes);
        let offline = number("offlineSessionMaxLifespan", notes).filter(|_| limited);
        let usual = if limited { 5_184_000 } else { u64::MAX };
        max = max.max(seconds(offline, usual));
        idle = idle.max(seconds(number("offlineSessionIdleTimeout", notes), 2_592_000));
        from.push_str("; ");
        from.push_str(why);
        from.push_str(", so offlineSessionIdleTimeout, offlineSessionMaxLifespan");
    }
    (SessionLimits { idle: idle.min(max), max }, from)
}

/// Is a token that outlives the session given, unasked or to whichever application asks? Then why.
fn gives_offline_tokens(realm: &Node<'_>, notes: &mut Notes) -> Option<&'static str> {
    let clients = realm.list("clients");
    let mut lists = |of_realm: &str, of_client: &str| {
        let all = realm.list(of_realm).into_iter().chain(clients.iter().flat_map(|one| one.list(of_client)));
        all.into_iter().any(|scope| scope.text(notes).is_none_or(|scope| scope == "offline_access"))
    };
    if lists("defaultDefaultClientScopes", "defaultClientScopes") {
        return Some("offline_access is a default scope");
    }
    if lists("defaultOptionalClientScopes", "optionalClientScopes") {
        return Some("offline_access is an optional scope, which any of its applications may ask for");
    }
    let is_silent = realm.get("defaultOptionalClientScopes").is_none();
    is_silent.then_some("defaultOptionalClientScopes is not there, and as built in it holds offline_access")
}

/// How long a token goes on that was given just before its account was disabled: the longest of any client. One whose
/// lifespan is negative goes on as long as the session.
pub(super) fn token(realm: &Node<'_>, session: Duration, notes: &mut Notes) -> (Duration, String) {
    let key = "accessTokenLifespan";
    let lasts = |number: Option<i64>, usual: u64| match number {
        Some(number) if number < 0 => session,
        number => seconds(number, usual),
    };
    let (mut longest, mut from) = (lasts(realm.lifespan(key, notes), 300), key.to_owned());
    for client in realm.list("clients") {
        if !client.flag("enabled", YES, notes) {
            continue;
        }
        let id = plain(&client.text_of("clientId", notes).unwrap_or_default());
        let own = client.get("attributes").and_then(|all| all.lifespan("access.token.lifespan", notes));
        if let Some(own) = own.filter(|own| *own != 0).map(|own| lasts(Some(own), 1))
            && own > longest
        {
            (longest, from) = (own, format!("access.token.lifespan of client `{id}`"));
        }
        let key = "accessTokenLifespanForImplicitFlow";
        if client.flag("implicitFlowEnabled", NO, notes) {
            let implicit = lasts(realm.lifespan(key, notes), 900);
            if implicit > longest {
                (longest, from) = (implicit, format!("{key}, for client `{id}`"));
            }
        }
    }
    (longest, from)
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
