//! Authelia: its configuration, of this version and of older ones.
//!
//! Owns what its settings become. What a resource asks for is read in `access`, and how people come by their factors
//! in `doors`; durations and renamed keys are read in `settings`.

mod access;
mod doors;
mod settings;

use super::draft::{Draft, Said};
use super::need::Need;
use super::node::{Doubt, Node};
use super::text::plain;
use super::{Imported, Refusal, yaml};
use crate::factor::FactorKind;
use crate::model::{Bindable, PopulationIx, Term};
use access::Level;
use doors::Doors;
use settings::{KNOWN, OF_AUTHELIA, OF_DUO};

const NO: Doubt = Doubt { absent: false, unclear: true };

/// The configuration as a policy.
pub(super) fn import(text: &str) -> Result<Imported, Refusal> {
    let mut draft = Draft::new();
    let value = yaml::read(text, &mut draft.notes)?;
    let config = Node::root(&value);
    if !config.is_map() || !config.keys().any(|key| OF_AUTHELIA.contains(&key)) {
        return Err(Refusal(format!(
            "the file is YAML, but no configuration of Authelia: it has none of {}",
            OF_AUTHELIA.map(|key| format!("`{key}`")).join(", ")
        )));
    }
    for key in config.keys().filter(|key| !KNOWN.contains(key)) {
        draft.notes.push(key, "is no setting that is known here, and counts as no defence");
    }
    let mut import = Import { config, draft };
    import.organization();
    let factors = import.factors();
    let access = access::read(&import.config, &mut import.draft.notes);
    let doors = Doors::read(&mut import);
    let one = Need::any([Need::Piece(factors.password), factors.passkey.clone()]);
    let two = Need::any([
        Need::all([Need::Piece(factors.password), factors.second.clone()]),
        factors.alone.clone(),
    ]);
    let from = [factors.from_one.clone(), factors.from_two.clone()];
    // Authelia asks for a level by resource, not by person. In a policy that is one population for each level.
    let mut populations = Vec::new();
    let asked = |level: Level| access.apps.iter().any(|app| app.level == level);
    if asked(Level::Two) {
        let why = "everybody, at what access_control and identity_providers.oidc guard by `two_factor`";
        let whose = doors.population(&mut import, &factors, "two-factor", two.clone(), [why, &from[1]]);
        doors.elevation(&mut import, &factors, whose);
        populations.push((Level::Two, whose));
        if doors.asks_for_the_old() {
            let why = "accounts without a second factor: nobody asks them for one when they set one up";
            let whose = doors.population(&mut import, &factors, "not-yet-set-up", two, [why, &from[1]]);
            doors.first(&mut import, &factors, whose);
            populations.push((Level::Two, whose));
        }
    }
    if asked(Level::One) || !asked(Level::Two) {
        let why = "the same people, at what is guarded by `one_factor`: a password opens it";
        let whose = doors.population(&mut import, &factors, "one-factor", one, [why, &from[0]]);
        populations.push((Level::One, whose));
    }
    doors.administration(&mut import, &factors, &populations);
    import.apps(access, &populations);
    Ok(import.finish())
}

/// A configuration on its way.
struct Import<'a> {
    config: Node<'a>,
    draft: Draft,
}

/// What people prove themselves with.
struct Factors {
    password: Term,
    /// Any one of the second factors that are switched on.
    second: Need<Term>,
    /// A passkey in the place of user name and password; still one factor.
    passkey: Need<Term>,
    /// A passkey that counts as two.
    alone: Need<Term>,
    /// What can be set up after sign-in.
    bindable: Vec<Bindable>,
    /// What a password alone sets up, in the middle of a sign-in.
    self_enrolled: Option<Term>,
    /// Recovery codes, which sign in in the place of a second factor.
    codes: Option<Term>,
    from_one: String,
    from_two: String,
}

impl Import<'_> {
    fn organization(&mut self) {
        let (config, notes) = (&self.config, &mut self.draft.notes);
        let cookie = config.path(&["session", "cookies"]).and_then(|all| all.items().into_iter().next());
        let domain = cookie.and_then(|cookie| cookie.text_of("domain", notes));
        let old = config.path(&["session", "domain"]).and_then(|domain| domain.text(notes));
        let issuer = config.path(&["totp", "issuer"]).and_then(|issuer| issuer.text(notes));
        let sender = config.path(&["notifier", "smtp", "sender"]).and_then(|sender| sender.text(notes));
        let domains = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let name = Said::first(
            [
                (issuer, "totp.issuer"),
                (domains(&domain), "session.cookies[0].domain"),
                (domains(&old), "session.domain"),
            ],
            "unknown",
        );
        let domain = Said::first(
            [(domain, "session.cookies[0].domain"), (old, "session.domain, as before 4.38")],
            "unknown.invalid",
        );
        let support = Said::first([(sender, "notifier.smtp.sender")], "unknown");
        self.draft.organization(name, domain, support);
    }

    fn factors(&mut self) -> Factors {
        let password = self.draft.authenticator("password", FactorKind::Password, "authentication_backend");
        let password = Term::Authenticator(password);
        let mut second = Vec::new();
        let mut from = vec!["authentication_backend"];
        if !self.flag(&["totp", "disable"]) {
            second.push(self.draft.authenticator("totp", FactorKind::Totp, "totp"));
            from.push("totp");
        }
        let mut web_authn = Vec::new();
        let key = "webauthn";
        if !self.flag(&["webauthn", "disable"]) {
            // A credential may be synced unless that is forbidden, and need not ask for a PIN unless it is told to.
            let verified = self
                .config
                .path(&["webauthn", "selection_criteria", "user_verification"])
                .or_else(|| self.config.path(&["webauthn", "user_verification"]))
                .and_then(|word| word.text(&mut self.draft.notes))
                .is_some_and(|word| word == "required");
            let unsynced = self.config.path(&["webauthn", "filtering"]).is_some_and(|filter| {
                let doubt = Doubt { absent: false, unclear: false };
                filter.flag("prohibit_backup_eligibility", doubt, &mut self.draft.notes)
            });
            let asks = "webauthn.selection_criteria.user_verification";
            if !unsynced {
                web_authn.push(self.draft.authenticator("webauthn", FactorKind::Passkey, key));
            } else if verified {
                let from = "webauthn.filtering.prohibit_backup_eligibility: never synced";
                web_authn.push(self.draft.authenticator("webauthn", FactorKind::SecurityKey, from));
            }
            if !verified {
                web_authn.push(self.draft.unverified_key("webauthn-without-pin", asks));
            }
            from.push(key);
        }
        second.extend(&web_authn);
        let duo = self
            .config
            .get("duo_api")
            .filter(|duo| duo.get("hostname").is_some() || duo.get("integration_key").is_some());
        for key in duo.iter().flat_map(Node::keys).filter(|key| !OF_DUO.contains(key)) {
            self.draft.notes.push(
                &format!("duo_api.{}", plain(key)),
                "is no setting that is known here, and counts as no defence",
            );
        }
        let mut self_enrolled = None;
        if duo.is_some() && !self.flag(&["duo_api", "disable"]) {
            let why = "duo_api: a prompt to approve, no number to type";
            let duo = self.draft.authenticator("duo", FactorKind::Push, why);
            second.push(duo);
            from.push("duo_api");
            self_enrolled =
                self.flag(&["duo_api", "enable_self_enrollment"]).then_some(Term::Authenticator(duo));
        }
        let bindable = second.iter().map(|name| Bindable::Authenticator(*name)).collect();
        let terms = |names: &[_]| {
            Need::any(names.iter().map(|name| Need::Piece(Term::Authenticator(*name))).collect::<Vec<_>>())
        };
        let passkeys = self.flag(&["webauthn", "enable_passkey_login"]) && !web_authn.is_empty();
        let counts_two = passkeys && self.flag(&["webauthn", "experimental_enable_passkey_uv_two_factors"]);
        // Only credentials that asked for a PIN count as two.
        let alone = if counts_two { terms(&web_authn[..1]) } else { Need::Never };
        let codes = self.config.get("recovery_codes").is_some() && !self.flag(&["recovery_codes", "disable"]);
        let codes = codes.then(|| {
            Term::Authenticator(self.draft.authenticator(
                "recovery-codes",
                FactorKind::RecoveryCodes,
                "recovery_codes",
            ))
        });
        let from_one =
            if passkeys { "password; webauthn.enable_passkey_login" } else { "password" }.to_owned();
        if counts_two {
            from.push("webauthn.experimental_enable_passkey_uv_two_factors");
        }
        if second.is_empty() {
            self.draft
                .notes
                .push("totp, webauthn, duo_api", "are all switched off: nobody can pass `two_factor`");
        }
        Factors {
            password,
            second: terms(&second),
            passkey: if passkeys { terms(&web_authn) } else { Need::Never },
            alone,
            bindable,
            self_enrolled,
            codes,
            from_one,
            from_two: from.join(", "),
        }
    }

    /// A switch that weakens when it is on; unclear counts as on, and absent as off.
    fn flag(&mut self, path: &[&str]) -> bool {
        let Some((key, above)) = path.split_last() else { return false };
        let doubt = if *key == "disable" { Doubt { absent: false, unclear: false } } else { NO };
        let node = self.config.path(above);
        node.is_some_and(|node| node.flag(key, doubt, &mut self.draft.notes))
    }

    fn apps(&mut self, access: access::Access, populations: &[(Level, PopulationIx)]) {
        for app in access.apps {
            let whose = populations
                .iter()
                .filter(|(level, _)| *level == app.level)
                .map(|(_, whose)| *whose)
                .collect();
            self.draft.app(&app.name, whose, app.level.aal(), &app.from);
        }
    }

    fn finish(self) -> Imported {
        let header = vec![
            "What this configuration of Authelia does today, written by `postern import authelia`.".to_owned(),
            String::new(),
            "The comment beside a line names the setting that it comes from. The file does not show what environment \
             variables and other files add to it, how mailboxes are protected, or who can reach the server and its \
             database with `authelia storage user`; none of that counts as a defence here."
                .to_owned(),
        ];
        self.draft.finish(header)
    }
}
