//! Adding an authenticator app: a seed is shown, and counts once the app shows a right code.

use lifecycle::bind::{self, PendingTotp};
use lifecycle::factor::totp;
use lifecycle::{Change, Refusal, What};

use super::{Open, show};
use crate::app::App;
use crate::case::{ceremony, decide, refuse, told};
use crate::fault::Fault;
use crate::http::{Answered, Ctx, Error};
use crate::page::bind::Setup;
use crate::store::cases;

fn purpose(name: &str) -> String {
    format!("totp:{name}")
}

fn read(state: &[u8]) -> Result<PendingTotp, Fault> {
    serde_json::from_slice(state)
        .map_err(|error| Fault::broken("reading a seed that is being set up").because(error))
}

/// The page's form. Whoever reloads the page keeps the seed that the app may have taken already.
pub(super) async fn setup(app: &App, open: &Open, name: &str) -> Result<Setup, Error> {
    let (case, wanted) = (open.case.id.clone(), purpose(name));
    let found = app.read(move |view| cases::challenge(view.tx, view.keys, &case, &wanted, view.now)).await?;
    let seed = if let Some(pending) = found {
        read(&pending.state)?.seed
    } else {
        let seed = totp::Stored::fresh(&mut |bytes| App::random(bytes));
        let pending = PendingTotp { name: name.to_owned(), seed: seed.clone() };
        let state = serde_json::to_vec(&pending)
            .map_err(|error| Fault::broken("keeping a seed that is being set up").because(error))?;
        let until = bind::ceremony_expires(&open.case, app.now());
        ceremony::remember(app, &open.case, &purpose(name), state, until).await?;
        seed
    };
    let issuer = &app.policy().model().organization.name;
    Ok(Setup::Totp {
        uri: seed.uri(issuer, &open.account.name).to_string(),
        secret: seed.base32().to_string(),
        label: "Authenticator app".to_owned(),
    })
}

/// The code that the app shows.
pub(super) async fn bind(
    ctx: &Ctx,
    app: &App,
    open: &Open,
    name: String,
    code: String,
    label: String,
) -> Answered {
    let wanted = name.clone();
    let (case, label) = (open.case.id.clone(), bind::plain(&label));
    let bound = decide(app, ctx, What::AuthenticatorBound, move |view, at, env| {
        // Only the case that the page was made for: another tab may have opened another one since.
        let pending = cases::challenge(view.tx, view.keys, &case, &purpose(&name), env.now)?;
        let Some(pending) = pending.filter(|_| at.case.id == case) else {
            return Ok(refuse(Refusal::CaseNotOpen, at.fact(What::AuthenticatorBound)));
        };
        let seed = read(&pending.state)?;
        let mut decision = bind::totp(at.binding(view), &seed, &code, &pending.id, env);
        for change in &mut decision.changes {
            if let Change::AddAuthenticator { authenticator, .. } = change
                && !label.is_empty()
            {
                authenticator.label.clone_from(&label);
            }
        }
        Ok(decision)
    });
    Ok(match bound.await? {
        Ok(_) => told(Ok("Your authenticator app is added.")),
        Err(Refusal::NotRecognised) => {
            let error = "That code did not match. Codes change every 30 seconds; enter the one shown now.";
            let setup = setup(app, open, &wanted).await?;
            show(ctx, app, open, &wanted, setup, vec![error.to_owned()])
        }
        Err(refusal) => told(Err(refusal)),
    })
}
