//! Reporting an authenticator lost. One click, no fresh sign-in: see `lifecycle::lost`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use lifecycle::id::AuthenticatorId;
use lifecycle::{AuthenticatorState, Refusal, What, lost};
use policy::FactorKind;

use super::authenticators::own;
use super::{decide, told};
use crate::app::App;
use crate::http::{Answered, Ctx, Error};
use crate::page::account::Confirm;
use crate::page::{self, Link, Nav, links};

/// GET `/account/authenticators/{id}/lost`.
pub(crate) async fn page(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let found = own(&ctx, &id)?;
    if found.state != AuthenticatorState::Active {
        return Err(Error::NotFound);
    }
    let title = crate::case::titled(app.policy().model(), &found);
    // Nobody loses a password; somebody else may know it.
    let (how, what, back) = if found.kind == FactorKind::Password {
        ("stolen", "It stops signing in at once. You set another one afterwards.", "Nobody else knows it")
    } else {
        (
            "lost",
            "It stops signing in at once, and finding it again does not bring it back.",
            "I still have it",
        )
    };
    let page = Confirm {
        frame: ctx.frame(&app, Nav::Account),
        title: format!("Report {title} {how}?"),
        consequences: vec![
            what.to_owned(),
            "Every other session of your account ends; this one stays.".to_owned(),
            "If you have no other way to sign in, you get back in by recovering your account.".to_owned(),
        ],
        action: links::authenticator_lost(&id),
        button: format!("Report it {how}"),
        back: Link::new(links::ACCOUNT, back),
        typed: None,
        reason: false,
        error: None,
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// POST.
pub(crate) async fn report(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    own(&ctx, &id)?;
    let reported = decide(&app, &ctx, What::AuthenticatorLost, move |view, caller, env| {
        Ok(lost::report(caller, &AuthenticatorId(id.clone()), view.policy(), env))
    });
    match reported.await? {
        Err(Refusal::NotRecognised) => Err(Error::NotFound),
        outcome => Ok(told(
            outcome
                .map(|()| "It signs in no more, and every other session is ended. Add another in its place."),
        )),
    }
}
