//! The stage at which the door is open: what may be bound, what was, and what finishing does.

use lifecycle::case::{Case, DoorName};
use lifecycle::{Account, AuthenticatorState, Change, Env, Refusal, Session, Time, bind, finish};
use policy::model::{Bindable, Term};
use policy::{FactorKind, Model, runtime};

use super::acts::codes_kept;
use crate::app::View;
use crate::fault::Fault;
use crate::page::case::{Binding, Bound, Offer, OfferKind};
use crate::page::links;
use crate::wording;

/// Asks `lifecycle` what it would decide, without chance and without keeping anything of the answer.
pub(super) fn supposing<T>(now: Time, ask: impl FnOnce(&mut Env<'_>) -> T) -> T {
    ask(&mut Env { now, random: &mut |_| (), code_key: &[0; 32] })
}

/// The stage.
pub(super) fn binding(
    view: &mut View<'_, '_>,
    case: &Case,
    account: &Account,
    session: Option<&Session>,
    until: Time,
) -> Result<Binding, Fault> {
    let kept = codes_kept(view, case, account)?;
    let policy = view.policy();
    let at_once = case.door == DoorName::Bind;
    let (missing, replaces) = if at_once {
        (None, Vec::new())
    } else {
        let decision = supposing(view.now, |env| finish::finish(case, account, policy, kept, env));
        let revoked = decision.changes.iter().filter_map(|change| match change {
            Change::RevokeAuthenticator { id, .. } => account.authenticators.iter().find(|a| a.id == *id),
            _ => None,
        });
        let mut replaces: Vec<String> = revoked.map(|old| titled(policy.model(), old)).collect();
        let moved = decision.changes.iter().filter_map(|change| match change {
            Change::SetAddress { channel, .. } => account.address(channel),
            _ => None,
        });
        replaces.extend(moved.map(|old| address_titled(policy.model(), &old.channel, &old.address)));
        (decision.reply.err().map(|refusal| missing(policy.model(), case, &refusal)), replaces)
    };
    let at = bind::At { case, account, session, policy };
    Ok(Binding {
        until: wording::when(until, view.now),
        offers: offers(at, view.now),
        bound: account
            .authenticators
            .iter()
            .filter(|a| match &a.state {
                AuthenticatorState::Staged(by) => *by == case.id,
                AuthenticatorState::Active => {
                    at_once && a.bound_at >= case.opened_at && a.bound_by == case.door.to_string()
                }
                AuthenticatorState::Disabled => false,
            })
            .map(|a| Bound {
                kind: wording::offer(a.kind),
                title: titled(policy.model(), a),
                take_back: (!at_once).then(|| links::case_take_back(a.id.as_str())),
            })
            .chain(bind::staged_addresses(case).iter().map(|new| Bound {
                kind: OfferKind::Address,
                title: address_titled(policy.model(), new.channel, new.address),
                take_back: None,
            }))
            .collect(),
        missing,
        replaces,
        ends_sessions: !at_once && case.door != DoorName::Enrol,
        at_once,
    })
}

/// `Mobile +4•••89`.
fn address_titled(model: &Model, channel: &str, address: &str) -> String {
    let title = model.channel(channel).map_or_else(String::new, |ix| wording::channel(&model[ix]));
    format!("{title} {}", wording::masked(address))
}

/// `Passkey “Phone”`; without the label where that is only the policy's name again.
pub(crate) fn titled(model: &Model, authenticator: &lifecycle::Authenticator) -> String {
    let title = wording::authenticator_named(model, &authenticator.name);
    if authenticator.label == authenticator.name {
        title
    } else {
        format!("{title} “{}”", authenticator.label)
    }
}

/// What this person may bind here and now, the strongest first.
fn offers(at: bind::At<'_>, now: Time) -> Vec<Offer> {
    let model = at.policy.model();
    let Some(door) = at.case.bound_door(model) else { return Vec::new() };
    let staged = AuthenticatorState::Staged(at.case.id.clone());
    let made = |a: &lifecycle::Authenticator| a.kind == FactorKind::RecoveryCodes && a.state == staged;
    let codes_due = finish::are_codes_due(at.case, model) && !at.account.authenticators.iter().any(made);
    let may = |name: &str| supposing(now, |env| bind::may_bind(at, name, env).is_ok());
    let mut offers: Vec<(u8, Offer)> = door
        .binds
        .iter()
        .filter_map(|bindable| match bindable {
            Bindable::Authenticator(ix) if may(&model[*ix].name) => {
                let declared = &model[*ix];
                let title = wording::authenticator(model, declared);
                let kind = wording::offer(declared.kind);
                let title = if kind == OfferKind::RecoveryCodes { format!("{title}s") } else { title };
                let name = declared.name.clone();
                let needed = kind == OfferKind::RecoveryCodes && codes_due;
                Some((rank(declared.kind), Offer { name, title, kind, best: false, needed }))
            }
            Bindable::Authenticator(_) => None,
            Bindable::Channel(ix) => {
                let (name, title) = (model[*ix].name.clone(), wording::channel(&model[*ix]));
                Some((9, Offer { name, title, kind: OfferKind::Address, best: false, needed: false }))
            }
        })
        .collect();
    offers.sort_by_key(|(rank, _)| *rank);
    if let Some((0 | 1, best)) = offers.first_mut() {
        best.best = true;
    }
    offers.into_iter().map(|(_, offer)| offer).collect()
}

/// What resists phishing first.
fn rank(kind: FactorKind) -> u8 {
    match kind {
        FactorKind::Passkey => 0,
        FactorKind::SecurityKey => 1,
        FactorKind::Password => 2,
        FactorKind::RecoveryCodes => 4,
        FactorKind::Totp
        | FactorKind::Hotp
        | FactorKind::ClientCertificate
        | FactorKind::Sms
        | FactorKind::Voice
        | FactorKind::Push => 3,
    }
}

/// Why finishing would be refused, as what to do about it.
fn missing(model: &Model, case: &Case, refusal: &Refusal) -> String {
    match refusal {
        Refusal::LoginNotPossible => {
            let Some(population) = case.population(model) else { return refusal.to_string() };
            let term = |term: &Term| match term {
                Term::Authenticator(ix) if lifecycle::factor::is_served(model[*ix].kind) => {
                    Some(wording::authenticator(model, &model[*ix]).to_lowercase())
                }
                _ => None,
            };
            let ways: Vec<String> = runtime::alternatives(&model[population].login.require)
                .iter()
                .filter_map(|path| path.iter().map(term).collect::<Option<Vec<String>>>())
                .map(|names| wording::listed(&names, "and"))
                .collect();
            let codes = if finish::are_codes_due(case, model) { ", and recovery codes as well" } else { "" };
            format!("To sign in you need: {}{codes}. Add what is missing.", ways.join(", or "))
        }
        Refusal::CodesNotKept => {
            "Make recovery codes and say that you have kept them. Codes that you have not kept can be made anew."
                .to_owned()
        }
        other => other.to_string(),
    }
}
