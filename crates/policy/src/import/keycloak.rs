//! Keycloak: one realm, as `kc.sh export` or the administration console writes it.
//!
//! Owns what a realm's settings become. Flows are read (`flows`), some of them open the front door (`bound`), their
//! steps are one table (`steps`), and how they are passed follows Keycloak's own rules (`passing`).

mod admins;
mod bound;
mod doors;
mod flows;
mod holder;
mod passing;
mod people;
mod providers;
mod settings;
mod steps;

use serde_json::Value;

use super::draft::{Draft, Said};
use super::need::Need;
use super::node::{Doubt, Node};
use super::text::plain;
use super::{Imported, Refusal};
use crate::factor::FactorKind;
use crate::model::{AuthenticatorIx, ChannelIx, PopulationIx, Term};
use bound::Bound;
use flows::Flows;
use holder::Holder;
use passing::{First, Walk};
use providers::Group;
use steps::Piece;

const YES: Doubt = Doubt { absent: true, unclear: true };
const NO: Doubt = Doubt { absent: false, unclear: true };

/// The realm of an export as a policy.
pub(super) fn import(text: &str) -> Result<Imported, Refusal> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Refusal(format!(
            "the file is not JSON (line {line}, column {column}): give a realm export of Keycloak, with its placeholders filled in"
        ))
    })?;
    let value = one_realm(&value)?;
    let realm = Node::root(value);
    is_realm(&realm)?;
    let mut draft = Draft::new();
    let flows = Flows::read(&realm, &mut draft.notes);
    let (providers, more_providers) = providers::groups(&realm, &mut draft.notes);
    let bound = Bound::read(&realm, &flows, &mut draft.notes);
    let mut import = Import { realm, draft, flows, providers, more_providers, bound };
    import.organization();
    let everybody = import.populations();
    import.apps(&everybody);
    Ok(import.finish())
}

/// A realm in the making.
struct Import<'a> {
    realm: Node<'a>,
    draft: Draft,
    flows: Flows,
    providers: Vec<Group>,
    /// There are providers that could not be told apart.
    more_providers: bool,
    bound: Bound,
}

/// The only realm of a file: full exports of old versions are lists of them.
fn one_realm(value: &Value) -> Result<&Value, Refusal> {
    let Value::Array(realms) = value else { return Ok(value) };
    match realms.as_slice() {
        [one] => Ok(one),
        [] => Err(Refusal("the file is an empty list: give a realm export of Keycloak".to_owned())),
        several => {
            let name = |realm: &Value| realm.get("realm").and_then(Value::as_str).map(plain);
            let names: Option<Vec<String>> = several.iter().take(6).map(name).collect();
            Err(Refusal(match names {
                Some(names) => format!(
                    "the file holds {} realms ({}): export one of them with `--realm NAME`",
                    several.len(),
                    names.join(", ")
                ),
                None => "the file is a list, but not of realms: give a realm export of Keycloak".to_owned(),
            }))
        }
    }
}

/// Settings of which a realm export has at least one.
const OF_A_REALM: [&str; 9] = [
    "authenticationFlows",
    "browserFlow",
    "keycloakVersion",
    "requiredActions",
    "roles",
    "clients",
    "enabled",
    "accessTokenLifespan",
    "resetPasswordAllowed",
];

fn is_realm(realm: &Node<'_>) -> Result<(), Refusal> {
    let refuse = |why: &str| Err(Refusal(format!("the file is JSON, but {why}")));
    if !realm.is_map() || realm.get("realm").is_none() {
        return refuse("no realm export of Keycloak: it has no `realm`");
    }
    if OF_A_REALM.iter().any(|key| realm.get(key).is_some()) {
        return Ok(());
    }
    if realm.get("users").is_some() {
        return refuse(
            "only the users of a realm: give the file that holds the realm itself, NAME-realm.json",
        );
    }
    refuse("no realm export of Keycloak: it names a realm and holds none of its settings")
}

impl Import<'_> {
    fn organization(&mut self) {
        let (realm, notes) = (&self.realm, &mut self.draft.notes);
        let mail = realm.get("smtpServer");
        let mut of_mail = |key: &str| mail.as_ref().and_then(|mail| mail.text_of(key, notes));
        let (reply, from) = (of_mail("replyTo"), of_mail("from"));
        let front = realm.path(&["attributes", "frontendUrl"]).and_then(|url| url.text(notes));
        let front = front.and_then(|url| Some(url.split_once("://")?.1.split(['/', ':']).next()?.to_owned()));
        let mut text = |key: &str| realm.text_of(key, notes);
        let key_domain = text("webAuthnPolicyRpId");
        let of_from =
            from.as_deref().and_then(|from| from.rsplit_once('@')).map(|(_, domain)| domain.to_owned());
        let name = Said::first([(text("displayName"), "displayName"), (text("realm"), "realm")], "unknown");
        let domain = Said::first(
            [
                (key_domain, "webAuthnPolicyRpId"),
                (front, "attributes.frontendUrl"),
                (of_from, "the domain of smtpServer.from"),
            ],
            "unknown.invalid",
        );
        let support = Said::first([(reply, "smtpServer.replyTo"), (from, "smtpServer.from")], "unknown");
        self.draft.organization(name, domain, support);
    }

    /// What it takes this person to sign in, by any flow that is open.
    fn login(&mut self, holder: &Holder) -> Need<Piece> {
        let mut ways = self.ways(holder);
        if self.bound.lost || self.more_providers {
            ways.push(Need::Unproved);
        }
        Need::any(ways)
    }

    /// What each flow that is open asks of this person.
    fn ways(&mut self, holder: &Holder) -> Vec<Need<Piece>> {
        let browser = self.bound.browser.clone();
        let mut ways = vec![self.walk(holder, First::Password, &browser)];
        if self.bound.passkeys {
            ways.push(self.walk(holder, First::Passkey, &browser));
        }
        let others: Vec<String> = self.bound.others.iter().map(|(flow, _)| flow.clone()).collect();
        ways.extend(others.iter().map(|flow| self.walk(holder, First::Password, flow)).collect::<Vec<_>>());
        for index in 0..self.providers.len() {
            let after = self.providers[index].post_login.clone();
            let after = after.map_or(Need::Nothing, |flow| self.walk(holder, First::Provider, &flow));
            ways.push(Need::all([Need::Piece(Piece::Provider(index)), after]));
        }
        ways
    }

    fn walk(&mut self, holder: &Holder, first: First, flow: &str) -> Need<Piece> {
        Walk::new(&self.flows, holder, first, &mut self.draft.notes).flow(flow)
    }

    /// The words of the policy for what a flow asks for.
    fn terms(&mut self, need: &Need<Piece>) -> Need<Term> {
        need.replace(&mut |piece| match piece {
            Piece::Mail => Need::Piece(Term::Issued(self.mailbox())),
            other => {
                let names = self.authenticators(other);
                Need::any(names.into_iter().map(|name| Need::Piece(Term::Authenticator(name))))
            }
        })
    }

    fn mailbox(&mut self) -> ChannelIx {
        self.draft.mailbox("the e-mail address of the account")
    }

    /// The authenticators that a piece stands for. A WebAuthn credential may be synced, and unless the policy insists
    /// it need not ask for a PIN: that is two kinds of the language, and an attacker takes the weaker.
    fn authenticators(&mut self, piece: &Piece) -> Vec<AuthenticatorIx> {
        let (realm, draft) = (&self.realm, &mut self.draft);
        let insists = |key: &str, draft: &mut Draft| {
            realm.text_of(key, &mut draft.notes).is_some_and(|word| word == "required")
        };
        match piece {
            Piece::Mail => Vec::new(),
            Piece::Password => {
                vec![draft.authenticator(
                    "password",
                    FactorKind::Password,
                    "auth-username-password-form and its like",
                )]
            }
            Piece::Otp => {
                let counts =
                    realm.text_of("otpPolicyType", &mut draft.notes).is_some_and(|kind| kind == "hotp");
                let kind = if counts { FactorKind::Hotp } else { FactorKind::Totp };
                vec![draft.authenticator("one-time-code", kind, "otpPolicyType")]
            }
            Piece::WebAuthn => {
                let key = "webAuthnPolicyUserVerificationRequirement";
                let verified = insists(key, draft);
                let mut names = vec![draft.authenticator("webauthn", FactorKind::Passkey, key)];
                if !verified {
                    names.push(draft.unverified_key("webauthn-without-pin", key));
                }
                names
            }
            Piece::Passwordless => {
                let key = "webAuthnPolicyPasswordlessUserVerificationRequirement";
                let verified = insists(key, draft);
                let mut names = vec![draft.authenticator("passkey", FactorKind::Passkey, key)];
                if !verified {
                    names.push(draft.unverified_key("passkey-without-pin", key));
                }
                names
            }
            Piece::RecoveryCode => vec![draft.authenticator(
                "recovery-codes",
                FactorKind::RecoveryCodes,
                "auth-recovery-authn-code-form",
            )],
            // It can be copied, and nothing makes it ask for a PIN. The language knows no such key.
            Piece::Certificate => vec![draft.authenticator(
                "certificate",
                FactorKind::Totp,
                "auth-x509-client-username-form: a key that may lie in a file, so no better than a secret that can be copied",
            )],
            Piece::Provider(index) => {
                let Some(group) = self.providers.get(*index) else { return Vec::new() };
                let listed = group.listed();
                let taken: Vec<String> = Vec::new();
                let name = super::draft::well_formed(&group.name(*index), "provider", &taken);
                let from = format!(
                    "identityProviders {listed}: how they know their people is not in the export, so no better than a password"
                );
                vec![draft.authenticator(&name, FactorKind::Password, &from)]
            }
        }
    }

    fn apps(&mut self, everybody: &[PopulationIx]) {
        const MOST: usize = 60;
        /// What comes with every realm, for its own administration.
        const BUILT_IN: [&str; 6] = [
            "account",
            "account-console",
            "admin-cli",
            "broker",
            "realm-management",
            "security-admin-console",
        ];
        for client in self.realm.list("clients") {
            let notes = &mut self.draft.notes;
            let signs_in = client.flag("standardFlowEnabled", YES, notes)
                || client.flag("implicitFlowEnabled", NO, notes)
                || client.flag("directAccessGrantsEnabled", NO, notes);
            let open = client.flag("enabled", YES, notes)
                && !client.flag("bearerOnly", Doubt { absent: false, unclear: false }, notes);
            let Some(id) = client.text_of("clientId", notes) else { continue };
            if !signs_in || !open || BUILT_IN.contains(&id.as_str()) {
                continue;
            }
            if self.draft.model.apps.len() == MOST {
                notes.push("clients", format!("are more than {MOST}; the others are left out"));
                break;
            }
            let from = format!("clients `{}`: Keycloak asks for no level of assurance", plain(&id));
            self.draft.app(&id, everybody.to_vec(), crate::Aal::One, &from);
        }
    }

    fn finish(self) -> Imported {
        let mut notes = super::node::Notes::default();
        let mut text = |key: &str| self.realm.text_of(key, &mut notes).map(|text| plain(&text));
        let name = text("realm").unwrap_or_default();
        let version =
            text("keycloakVersion").unwrap_or_else(|| "of a version that it does not name".to_owned());
        let header = vec![
            format!("What realm `{name}` of Keycloak ({version}) does today, written by `postern import keycloak`."),
            String::new(),
            "The comment beside a line names the setting that it comes from. A realm export does not show how mailboxes \
             and other providers are protected, what extensions do, or who can reach the server and its database; \
             none of that counts as a defence here."
                .to_owned(),
        ];
        self.draft.finish(header)
    }
}
