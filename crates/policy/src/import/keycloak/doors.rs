//! The doors of an account besides login: set-up, change, reset, linking, administrators, the end.
//!
//! Owns which settings of a realm open them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::draft::Plan;
use super::super::need::Need;
use super::super::node::Doubt;
use super::super::text::plain;
use super::admins;
use super::holder::Holder;
use super::passing::{First, Sets, Walk};
use super::settings::{changes_mail, seconds, session, token};
use super::steps::Piece;
use super::{Import, NO, YES};
use crate::factor::{Aal, FactorKind};
use crate::model::{ApproverIx, Bindable, ChannelIx, PopulationIx, SessionLimits, Term};

/// The settings that hold for everybody.
pub(super) struct Doors {
    session: SessionLimits,
    session_from: String,
    /// How long an administrator's mail is good for; none: the realm sends no mail.
    invitation: Option<(Duration, String)>,
    /// What a session may set up, with the required action that does it.
    actions: Vec<(Piece, &'static str)>,
    /// A session may change the mail address.
    changes_mail: bool,
    /// The owner is told by mail of what is changed.
    tells: bool,
    ends: (Duration, String),
}

/// What a session may set up, and the settings that say so.
#[derive(Clone)]
struct SetUp {
    binds: Vec<Bindable>,
    from: String,
}

/// Why `notify` names the mailbox.
const TOLD: &str = "eventsListeners holds `email`";

/// The required actions by which a session sets something up.
const ACTIONS: [(Piece, &str); 5] = [
    (Piece::Password, "UPDATE_PASSWORD"),
    (Piece::Otp, "CONFIGURE_TOTP"),
    (Piece::WebAuthn, "webauthn-register"),
    (Piece::Passwordless, "webauthn-register-passwordless"),
    (Piece::RecoveryCode, "CONFIGURE_RECOVERY_AUTHN_CODES"),
];

/// Required actions that set nothing up by which somebody could sign in.
const HARMLESS: [&str; 12] = [
    "VERIFY_EMAIL",
    "VERIFY_PROFILE",
    "UPDATE_PROFILE",
    "UPDATE_EMAIL",
    "TERMS_AND_CONDITIONS",
    "terms_and_conditions",
    "delete_account",
    "delete_credential",
    "update_user_locale",
    "idp_link",
    "UPDATE_USER_LOCALE",
    "link-account",
];

impl Doors {
    pub(super) fn read(import: &mut Import<'_>) -> Doors {
        let (realm, notes) = (&import.realm, &mut import.draft.notes);
        let (session, session_from) = session(realm, notes);
        let sends_mail = realm.get("smtpServer").is_none_or(|mail| mail.keys().next().is_some());
        if !sends_mail {
            notes.push("smtpServer", "is empty: no mail is sent, so nothing opens by mail");
        }
        let key = "actionTokenGeneratedByAdminLifespan";
        let invitation = seconds(realm.lifespan(key, notes), 43_200);
        let listed = realm.list("requiredActions");
        let mut enabled = BTreeSet::new();
        for action in &listed {
            let Some(alias) = action.text_of("alias", notes) else { continue };
            if !action.flag("enabled", YES, notes) {
                continue;
            }
            if !HARMLESS.contains(&alias.as_str()) && !ACTIONS.iter().any(|(_, known)| *known == alias) {
                notes.push(
                    &action.at,
                    format!("`{}` is no action that is known here, and counts as no defence", plain(&alias)),
                );
            }
            enabled.insert(alias);
        }
        let actions = ACTIONS.into_iter().filter(|(_, alias)| listed.is_empty() || enabled.contains(*alias));
        let tells = realm
            .list("eventsListeners")
            .iter()
            .any(|name| name.text(notes).is_some_and(|name| name == "email"));
        let (ends, ends_from) = token(realm, session.max, notes);
        Doors {
            session,
            session_from,
            invitation: sends_mail.then(|| (invitation, key.to_owned())),
            actions: actions.collect(),
            changes_mail: changes_mail(realm, notes),
            tells,
            ends: (
                ends,
                format!(
                    "{ends_from}: a disabled account gets no new token, and the old one is good until then"
                ),
            ),
        }
    }

    /// People who sign in alike, and all their doors.
    pub(super) fn population(
        &self,
        import: &mut Import<'_>,
        name: &str,
        holder: &Holder,
        login: &Need<Piece>,
        why: &str,
    ) -> PopulationIx {
        if login.mentions(&Piece::Mail) {
            let why = "sends a mail to sign in by; a mail is no factor, so it counts as no defence";
            import.draft.notes.push(&format!("authenticationFlows.{}", import.bound.browser), why);
        }
        let without_mail = login.replace(&mut |piece| {
            if *piece == Piece::Mail { Need::Unproved } else { Need::Piece(piece.clone()) }
        });
        let require = import.terms(&without_mail);
        let group = if holder.roles.is_empty() { name.to_owned() } else { holder.roles.join(" and ") };
        let mut from = vec![format!("browserFlow `{}`", plain(&import.bound.browser))];
        from.extend(import.bound.others.iter().map(|(_, from)| from.clone()));
        if !import.providers.is_empty() {
            from.push("identityProviders".to_owned());
        }
        if import.bound.passkeys {
            from.push("webAuthnPolicyPasswordlessPasskeysEnabled".to_owned());
        }
        let from = [why.to_owned(), from.join("; "), self.session_from.clone()];
        let whose = import.draft.population(name, vec![plain(&group)], require, self.session, from);
        let bound = self.set_up(import, login, holder);
        self.enrol(import, whose, &bound);
        self.bind(import, whose, &bound);
        self.reset(import, whose, holder, &bound);
        self.linking(import, whose, holder);
        self.codes(import, whose, holder, &bound);
        let (within, from) = self.ends.clone();
        import.draft.offboard(whose, within, from);
        whose
    }

    /// What a session may set up, of all that would open something.
    fn set_up(&self, import: &mut Import<'_>, login: &Need<Piece>, holder: &Holder) -> SetUp {
        let (mut binds, mut actions) = (Vec::new(), Vec::new());
        for (piece, action) in &self.actions {
            let codes = *piece == Piece::RecoveryCode && by_codes(import, holder).is_some();
            // Those who hold no second factor may set one up.
            let second = matches!(piece, Piece::Otp | Piece::WebAuthn | Piece::Passwordless)
                && asked_of_others(import, piece);
            if login.mentions(piece) || codes || second {
                let names = import.authenticators(piece);
                binds.extend(names.into_iter().map(Bindable::Authenticator));
                actions.push(*action);
            }
        }
        SetUp { binds, from: format!("requiredActions {}", actions.join(", ")) }
    }

    fn enrol(&self, import: &mut Import<'_>, whose: PopulationIx, bound: &SetUp) {
        let Some((expires, from)) = self.invitation.clone() else { return };
        let mail = import.mailbox();
        let plan = Plan {
            require: Need::Piece(Term::Invite(mail)),
            binds: bound.binds.clone(),
            notify: Vec::new(),
            from: [
                "an administrator's mail that asks for actions".to_owned(),
                bound.from.clone(),
                String::new(),
            ],
        };
        import.draft.enrol(whose, plan, expires, from);
    }

    fn bind(&self, import: &mut Import<'_>, whose: PopulationIx, bound: &SetUp) {
        let SetUp { mut binds, mut from } = bound.clone();
        if self.changes_mail && (self.invitation.is_some() || self.tells) {
            binds.push(Bindable::Channel(import.mailbox()));
            from.push_str("; the user profile lets its owner change the address");
        }
        if !import.providers.is_empty() {
            from.push_str("; the account console links identityProviders");
        }
        for index in 0..import.providers.len() {
            let names = import.authenticators(&Piece::Provider(index));
            binds.extend(names.into_iter().map(Bindable::Authenticator));
        }
        let plan = Plan {
            require: Need::Piece(Term::Session { aal: Aal::One, within: None }),
            binds,
            notify: self.notify(import),
            from: [
                "the account console and required actions: any session will do".to_owned(),
                from,
                TOLD.to_owned(),
            ],
        };
        import.draft.bind(whose, plan);
    }

    /// `resetPasswordAllowed`: the flow for those who forgot their password.
    fn reset(&self, import: &mut Import<'_>, whose: PopulationIx, holder: &Holder, bound: &SetUp) {
        let notes = &mut import.draft.notes;
        if !import.realm.flag("resetPasswordAllowed", NO, notes) {
            return;
        }
        let flow = import
            .realm
            .text_of("resetCredentialsFlow", notes)
            .unwrap_or_else(|| "reset credentials".to_owned());
        let mut walk = Walk::new(&import.flows, holder, First::Password, notes);
        let need = walk.flow(&flow);
        let sets = walk.sets;
        let need = self.where_mail_is_sent(&need);
        let mut binds = Vec::new();
        for (what, piece) in [(Sets::Password, Piece::Password), (Sets::Otp, Piece::Otp)] {
            if sets.contains(&what) {
                binds.extend(import.authenticators(&piece).into_iter().map(Bindable::Authenticator));
            }
        }
        let signs_in = !import.flows.forces_login(&flow);
        if signs_in {
            binds.extend_from_slice(&bound.binds);
        }
        let (notes, key) = (&mut import.draft.notes, "actionTokenGeneratedByUserLifespan");
        let attributes = import.realm.get("attributes");
        let own = attributes.and_then(|all| all.lifespan(&format!("{key}.reset-credentials"), notes));
        let usual = import.realm.lifespan(key, notes);
        let life = crate::mend::written::duration(seconds(own.or(usual), 300));
        let mut what = Vec::new();
        if sets.contains(&Sets::Otp) {
            what.push("reset-otp binds a new one-time code and never asks for the old one");
        }
        if signs_in {
            what.push("who comes back by the link is signed in, and may set up what a session may");
        }
        let require = import.terms(&need);
        let plan = Plan {
            require,
            binds,
            notify: self.notify(import),
            from: [
                format!(
                    "resetPasswordAllowed, resetCredentialsFlow `{}`; the link is good for {life} \
                     (actionTokenGeneratedByUserLifespan)",
                    plain(&flow)
                ),
                if what.is_empty() { "what the flow sets anew".to_owned() } else { what.join("; ") },
                TOLD.to_owned(),
            ],
        };
        import.draft.recover(whose, "reset-credentials", plan);
    }

    /// First broker login: an account that is there already is linked to one at another provider.
    fn linking(&self, import: &mut Import<'_>, whose: PopulationIx, holder: &Holder) {
        for index in 0..import.providers.len() {
            let group = import.providers[index].clone();
            let need = import.walk(holder, First::Password, &group.first_login);
            let require = import.terms(&self.where_mail_is_sent(&need));
            let names = import.authenticators(&Piece::Provider(index));
            let plan = Plan {
                require,
                binds: names.into_iter().map(Bindable::Authenticator).collect(),
                notify: self.notify(import),
                from: [
                    format!("firstBrokerLoginFlow `{}`", plain(&group.first_login)),
                    format!("links the account to one at {}", group.listed()),
                    TOLD.to_owned(),
                ],
            };
            let name = if index == 0 {
                "first-broker-login".to_owned()
            } else {
                format!("first-broker-login-{}", index + 1)
            };
            import.draft.recover(whose, &name, plan);
        }
    }

    /// Recovery codes stand in flows where a second factor does. In a policy they recover an account.
    fn codes(&self, import: &mut Import<'_>, whose: PopulationIx, holder: &Holder, bound: &SetUp) {
        let Some(need) = by_codes(import, holder) else { return };
        let require = import.terms(&need);
        let plan = Plan {
            require,
            binds: bound.binds.clone(),
            notify: self.notify(import),
            from: [
                "auth-recovery-authn-code-form in place of the second factor".to_owned(),
                "who signs in with a recovery code may set up what a session may".to_owned(),
                TOLD.to_owned(),
            ],
        };
        import.draft.recover(whose, "recovery-codes", plan);
    }

    /// Without mail to send, the step that sends one is passed by no one.
    fn where_mail_is_sent(&self, need: &Need<Piece>) -> Need<Piece> {
        need.replace(&mut |piece| match piece {
            Piece::Mail if self.invitation.is_none() => Need::Never,
            other => Need::Piece(other.clone()),
        })
    }

    /// Administrators set a password, take a second factor away, or enter in the name of somebody. Any of `theirs`
    /// may be one.
    pub(super) fn administrators(
        &self,
        import: &mut Import<'_>,
        theirs: &[PopulationIx],
        everybody: &[PopulationIx],
    ) {
        let carriers = admins::carriers(&import.realm, &mut import.draft.notes);
        if import.realm.flag(
            "adminPermissionsEnabled",
            Doubt { absent: false, unclear: true },
            &mut import.draft.notes,
        ) {
            import.draft.notes.push(
                "adminPermissionsEnabled",
                "fine-grained permissions of administrators are not read: more people may reset others than are named here",
            );
        }
        let mut approvers: Vec<(ApproverIx, PopulationIx)> = Vec::new();
        for whose in theirs.iter().copied() {
            let model = &import.draft.model;
            let require = &model[whose].login.require;
            if approvers.iter().any(|(_, known)| model[*known].login.require == *require) {
                continue;
            }
            let name = match approvers.len() {
                0 => "administrator".to_owned(),
                more => format!("administrator-{}", more + 1),
            };
            let from = [
                &format!("{carriers}. Their accounts are accounts of the realm, with no more asked of them"),
                "the administration console takes any session",
            ];
            approvers.push((import.draft.approver(&name, whose, from), whose));
        }
        approvers.extend(admins::masters(import));
        for whose in everybody.iter().copied() {
            let mut binds: Vec<Bindable> =
                import.draft.model[whose].bind.iter().flat_map(|door| door.binds.clone()).collect();
            if binds.is_empty() {
                let password =
                    import.draft.authenticator("password", FactorKind::Password, "an administrator sets it");
                binds.push(Bindable::Authenticator(password));
            }
            let plan = Plan {
                require: Need::any(approvers.iter().map(|(role, _)| Need::Piece(Term::Approval(*role, 1)))),
                binds,
                notify: self.notify(import),
                from: [
                    "an administrator sets a password, removes a second factor, or impersonates".to_owned(),
                    "everything: an account without a second factor sets up a new one".to_owned(),
                    TOLD.to_owned(),
                ],
            };
            import.draft.recover(whose, "administrator", plan);
        }
    }

    fn notify(&self, import: &mut Import<'_>) -> Vec<ChannelIx> {
        if self.tells { vec![import.mailbox()] } else { Vec::new() }
    }
}

/// Is this second factor asked of anybody?
fn asked_of_others(import: &mut Import<'_>, piece: &Piece) -> bool {
    import.login(&Holder::of_all()).mentions(piece)
}

/// What it takes to sign in with a recovery code, if any flow takes one.
fn by_codes(import: &mut Import<'_>, holder: &Holder) -> Option<Need<Piece>> {
    let holder = holder.with_codes_only()?;
    let mut ways = import.ways(&holder);
    ways.retain(|way| way.mentions(&Piece::RecoveryCode));
    Some(Need::any(ways)).filter(|need| *need != Need::Never)
}
