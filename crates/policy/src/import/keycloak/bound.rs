//! Which flows somebody signs in by: the browser's, and those that clients bring.

use super::super::node::{Doubt, Node, Notes};
use super::super::text::plain;
use super::flows::Flows;
use super::{NO, YES};

/// Flows beside the browser's that somebody may sign in by.
const MOST_FLOWS: usize = 16;

/// The flows that somebody signs in by.
pub(super) struct Bound {
    pub(super) browser: String,
    /// Flows of single clients, and of clients without a browser, each with the setting that binds it.
    pub(super) others: Vec<(String, String)>,
    /// A client is bound to a flow that the export does not hold, or to one too many.
    pub(super) lost: bool,
    /// A passkey may be given to the form that asks for the password.
    pub(super) passkeys: bool,
}

impl Bound {
    pub(super) fn read(realm: &Node<'_>, flows: &Flows, notes: &mut Notes) -> Self {
        let mut named =
            |key: &str, usual: &str| realm.text_of(key, notes).unwrap_or_else(|| usual.to_owned());
        let browser = named("browserFlow", "browser");
        let grant = named("directGrantFlow", "direct grant");
        let docker = named("dockerAuthenticationFlow", "docker auth");
        let passkeys = realm.flag("webAuthnPolicyPasswordlessPasskeysEnabled", NO, notes);
        let (mut others, mut lost): (Vec<(String, String)>, bool) = (Vec::new(), false);
        let mut add = |flow: &str, from: String| {
            if others.len() <= MOST_FLOWS && !others.iter().any(|(known, _)| known == flow) {
                others.push((flow.to_owned(), from));
            }
        };
        if realm.get("clients").is_none() {
            let why = "are not in the export: direct grants count as allowed for some client";
            notes.push("clients", why);
            add(&grant, format!("directGrantFlow `{}`", plain(&grant)));
        }
        for client in realm.list("clients") {
            if !client.flag("enabled", YES, notes)
                || client.flag("bearerOnly", Doubt { absent: false, unclear: false }, notes)
            {
                continue;
            }
            let id = plain(&client.text_of("clientId", notes).unwrap_or_default());
            if client.flag("directAccessGrantsEnabled", NO, notes) {
                add(&grant, format!("directGrantFlow `{}`, allowed to client `{id}`", plain(&grant)));
            }
            let attribute = client.get("attributes");
            if attribute.is_some_and(|all| all.flag("saml.allow.ecp.flow", NO, notes)) {
                add("saml ecp", format!("saml.allow.ecp.flow of client `{id}`"));
            }
            if client.text_of("protocol", notes).as_deref() == Some("docker-v2") {
                add(&docker, format!("dockerAuthenticationFlow `{}`, for client `{id}`", plain(&docker)));
            }
            for key in ["browser", "direct_grant"] {
                let Some(over) = client.path(&["authenticationFlowBindingOverrides", key]) else { continue };
                let Some(flow) = over.text(notes).filter(|id| !id.is_empty()) else { continue };
                if let Some(alias) = flows.by_id(&flow) {
                    add(alias, format!("flow `{}`, which client `{id}` overrides", plain(alias)));
                } else {
                    let why = "names a flow that the export does not hold: it counts as no defence";
                    notes.push(&over.at, why);
                    lost = true;
                }
            }
        }
        if others.len() > MOST_FLOWS {
            notes.push("clients", "are bound to more flows than can be walked, and count as no defence");
            others.truncate(MOST_FLOWS);
            lost = true;
        }
        Bound { browser, others, lost, passkeys }
    }
}
