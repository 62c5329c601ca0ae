//! Setting a password: SP 800-63B-4 section 3.1.1.2 says which ones are acceptable.

use lifecycle::What;
use lifecycle::factor::password::Stored;
use policy::model::Term;
use policy::runtime;
use zeroize::Zeroizing;

use super::{Open, replaces, show};
use crate::app::App;
use crate::case::{decide, told};
use crate::http::{Answered, Ctx};
use crate::page::bind::Setup;
use crate::password::acceptable;

/// The page's form.
pub(super) fn setup(app: &App, open: &Open, name: &str) -> Setup {
    Setup::Password {
        name: open.account.name.clone(),
        least: if stands_alone(app, open, name) { 15 } else { 8 },
        replaces: replaces(open, name),
    }
}

/// Does some way to sign in ask for this password and nothing else? It must be longer then.
fn stands_alone(app: &App, open: &Open, name: &str) -> bool {
    let model = app.policy().model();
    let (Some(population), Some(ix)) = (open.case.population(model), model.authenticator(name)) else {
        return true;
    };
    runtime::alternatives(&model[population].login.require)
        .iter()
        .any(|path| path.as_slice() == [Term::Authenticator(ix)])
}

/// Checks it, hashes it, binds it.
pub(super) async fn bind(ctx: &Ctx, app: &App, open: Open, name: String, password: String) -> Answered {
    let password = Zeroizing::new(password);
    let organization = &app.policy().model().organization;
    let context = [
        open.account.name.as_str(),
        open.account.display_name.as_str(),
        organization.name.as_str(),
        organization.domain.as_str(),
    ];
    if let Err(why) = acceptable(&password, &context, stands_alone(app, &open, &name)) {
        let setup = setup(app, &open, &name);
        return Ok(show(ctx, app, &open, &name, setup, vec![format!("Choose another one: {why}.")]));
    }
    let phc = app.passwords().hash(password).await?;
    let bound = decide(app, ctx, What::AuthenticatorBound, move |view, at, env| {
        Ok(lifecycle::bind::password(at.binding(view), &name, Stored { phc: phc.clone() }, env))
    });
    Ok(told(bound.await?.map(|_| "Your password is set.")))
}
