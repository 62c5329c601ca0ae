//! GET `/sign-in/case`: what may be shown now.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use lifecycle::case::{Case, DoorName, Need, Standing, Step};
use lifecycle::{Account, Time};
use policy::model::{AuthenticatorIx, Term};
use policy::{FactorKind, Model, Policy};

use super::attempt::{Attempt, forget};
use crate::app::App;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error};
use crate::page::ask::{Ask, AskKind, Tried, blame};
use crate::page::sign_in::SignInChoices;
use crate::page::{self, Nav, Tone, links};
use crate::wording;

/// GET.
pub(crate) async fn page(
    ctx: Ctx,
    State(app): State<App>,
    attempt: Attempt,
    Query(Tried { tried }): Query<Tried>,
) -> Answered {
    let holder = attempt.holder.clone();
    let held = app.read(move |view| view.held(&holder)).await?;
    let (case, account) = held.filter(|(case, _)| case.door == DoorName::Login).ok_or(Error::NoCase)?;
    let model = app.policy().model();
    let Some(paths) = paths(&case, account.as_ref(), app.policy(), app.now()) else {
        let mut response = go(links::SIGN_IN, Some((Tone::Plain, "That took too long. Start again.")));
        forget(&mut response);
        return Ok(response);
    };
    let proved = case.evidence.iter().map(|piece| wording::proof(model, piece.proof())).collect();
    let mut frame = ctx.frame(&app, Nav::Plain);
    let mut choices = choices(&paths, model, &attempt.name);
    blame(choices.iter_mut(), &links::sign_in_prove(&tried), &mut frame);
    if let [only] = &mut choices[..] {
        only.focus = true;
    }
    let page = SignInChoices { frame, choices, name: attempt.name, proved, error: None };
    Ok(page::html(StatusCode::OK, &page))
}

/// The paths that can still be completed; `None` once the attempt is over.
fn paths(case: &Case, account: Option<&Account>, policy: &Policy, now: Time) -> Option<Vec<Vec<Need>>> {
    let of = |account| match case.next_step(policy, account, now) {
        Step::Prove(mut paths) => {
            paths
                .retain(|path| path.iter().all(|n| matches!(n.standing, Standing::Proved | Standing::Yours)));
            Some(paths)
        }
        _ => None,
    };
    match of(account)? {
        // An account that cannot sign in at all looks like a name that nobody has.
        paths if paths.is_empty() => of(None),
        paths => Some(paths),
    }
}

/// Each choice once, those of the furthest path first.
fn choices(paths: &[Vec<Need>], model: &Model, name: &str) -> Vec<Ask> {
    let proved = |path: &&Vec<Need>| path.iter().filter(|n| n.standing == Standing::Proved).count();
    let mut paths: Vec<&Vec<Need>> = paths.iter().collect();
    paths.sort_by_key(|path| std::cmp::Reverse(proved(path)));
    let mut seen = Vec::new();
    for need in paths.iter().copied().flatten() {
        if let (Term::Authenticator(ix), Standing::Yours) = (need.term, need.standing)
            && !seen.contains(&ix)
            && !waits_for_password(&paths, model, ix)
        {
            seen.push(ix);
        }
    }
    seen.into_iter().filter_map(|ix| ask(model, ix, name)).collect()
}

/// A one-time code is looked at only after the password, so it is asked for only then.
fn waits_for_password(paths: &[&Vec<Need>], model: &Model, ix: AuthenticatorIx) -> bool {
    let is_open_password = |need: &Need| {
        matches!(need.term, Term::Authenticator(other) if model[other].kind == FactorKind::Password)
            && need.standing != Standing::Proved
    };
    model[ix].kind == FactorKind::Totp
        && paths
            .iter()
            .filter(|path| path.iter().any(|need| need.term == Term::Authenticator(ix)))
            .all(|path| path.iter().any(is_open_password))
}

fn ask(model: &Model, ix: AuthenticatorIx, name: &str) -> Option<Ask> {
    let authenticator = &model[ix];
    let options = links::sign_in_options(&authenticator.name);
    let kind = match authenticator.kind {
        FactorKind::Passkey => AskKind::Passkey { options },
        FactorKind::SecurityKey => AskKind::SecurityKey { options },
        FactorKind::Password => AskKind::Password { name: name.to_owned() },
        FactorKind::Totp => AskKind::Totp,
        FactorKind::RecoveryCodes => AskKind::RecoveryCode,
        FactorKind::Hotp
        | FactorKind::ClientCertificate
        | FactorKind::Sms
        | FactorKind::Voice
        | FactorKind::Push => return None,
    };
    Some(Ask {
        title: wording::authenticator(model, authenticator),
        action: links::sign_in_prove(&authenticator.name),
        kind,
        error: None,
        focus: false,
    })
}
