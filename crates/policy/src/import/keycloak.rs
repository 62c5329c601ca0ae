//! Keycloak: one realm, as `kc.sh export` or the administration console writes it.
//!
//! Owns what a realm's settings become. Flows are read (`flows`), some of them open the front door (`bound`), their
//! steps are one table (`steps`), and how they are passed follows Keycloak's own rules (`passing`).

mod admins;
mod bound;
mod doors;
mod flows;
mod passing;
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
use doors::Doors;
use flows::Flows;
use passing::{First, Holder, Walk};
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

    /// People differ by what they hold and by the roles that flows ask about. Gives the populations of the realm.
    fn populations(&mut self) -> Vec<PopulationIx> {
        let all = Holder::of_all();
        let full = self.login(&all);
        let bare = self.login(&Holder::default());
        let newcomer = Holder::newcomer();
        let open = self.login(&newcomer);
        let doors = Doors::read(self);
        let held = "accounts that hold a second factor";
        let mut weakest = if bare == full {
            // Nothing depends on what somebody holds.
            doors.population(self, "members", &all, &full, "everybody in the realm")
        } else if bare != Need::Never {
            let why = "accounts without a second factor: nothing makes them set one up";
            let bare = doors.population(self, "without-second-factor", &Holder::default(), &bare, why);
            doors.population(self, "with-second-factor", &all, &full, held);
            bare
        } else {
            doors.population(self, "members", &all, &full, held)
        };
        if open != Need::Never && open != bare {
            let why = "accounts that have not set up their second factor: whoever signs in first does";
            weakest = doors.population(self, "not-yet-set-up", &newcomer, &open, why);
        }
        // Administrators are accounts of the realm, so any of these may be one; the strong are not asked.
        let mut theirs = vec![weakest];
        let odd = self.holders_of_one(&doors, &full);
        if bare == Need::Never && open == Need::Never {
            theirs.extend(odd);
        }
        theirs.extend(self.holders_of_roles(&doors));
        let everybody: Vec<PopulationIx> =
            (0..).zip(&self.draft.model.populations).map(|(index, _)| PopulationIx(index)).collect();
        doors.administrators(self, &theirs, &everybody);
        everybody
    }

    /// Holders of one factor that some flow overlooks.
    fn holders_of_one(&mut self, doors: &Doors, full: &Need<Piece>) -> Vec<PopulationIx> {
        let mut made = Vec::new();
        let only = [
            (Holder::of_otp_only(), "with-one-time-codes-only", Piece::Otp),
            (Holder::of_web_authn_only(), "with-webauthn-only", Piece::WebAuthn),
            (Holder::of_passkey_only(), "with-passkeys-only", Piece::Passwordless),
        ];
        for (holder, name, held) in only {
            let missing = [Piece::Otp, Piece::WebAuthn, Piece::Passwordless];
            let missing: Vec<Piece> = missing.into_iter().filter(|piece| *piece != held).collect();
            if !full.mentions(&held) || !missing.iter().any(|piece| full.mentions(piece)) {
                continue;
            }
            let need = self.login(&holder);
            // Holding less is no difference where it only takes a choice away: every profile is judged anyway.
            let choice = full.replace(&mut |piece| {
                if missing.contains(piece) { Need::Never } else { Need::Piece(piece.clone()) }
            });
            if need != Need::Never && need != choice {
                let why = "accounts that hold no other second factor: some flow does not ask them for theirs";
                made.push(doors.population(self, name, &holder, &need, why));
            }
        }
        made
    }

    /// Holders of the roles that the conditions of flows ask about; gives those of each role that sign in by least.
    fn holders_of_roles(&mut self, doors: &Doors) -> Vec<PopulationIx> {
        let kinds = [
            (Holder::of_all(), "", "holders"),
            (Holder::default(), "-without-second-factor", "holders without a second factor"),
            (Holder::newcomer(), "-not-yet-set-up", "holders who have not set up their second factor"),
        ];
        let usual: Vec<Need<Piece>> = kinds.iter().map(|(holder, ..)| self.login(holder)).collect();
        let mut weakest = Vec::new();
        for role in self.flows.roles().to_vec() {
            let holders = kinds.clone().map(|(holder, name, who)| {
                let holder = Holder { role: Some(role.clone()), ..holder };
                (self.login(&holder), holder, name, who)
            });
            if holders.iter().zip(&usual).all(|((need, ..), usual)| need == usual) {
                continue;
            }
            let mut written: Vec<Need<Piece>> = Vec::new();
            for (need, holder, name, who) in holders {
                // Those who hold everything are always shown; the others where they sign in otherwise.
                if written.contains(&need) || (need == Need::Never && !written.is_empty()) {
                    continue;
                }
                let taken: Vec<String> =
                    self.draft.model.populations.iter().map(|p| p.name.clone()).collect();
                let name = super::draft::well_formed(&format!("role-{role}{name}"), "role", &taken);
                let why =
                    format!("{who} of role `{}`, which a condition of the flow asks about", plain(&role));
                let whose = doors.population(self, &name, &holder, &need, &why);
                // The last is asked for least.
                if !written.is_empty() {
                    weakest.pop();
                }
                weakest.push(whose);
                written.push(need);
            }
        }
        weakest
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
            let after = after.map_or(Need::Nothing, |flow| self.walk(holder, First::Password, &flow));
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
