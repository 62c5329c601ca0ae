//! Binding one factor or address in the case that this browser holds: the page, and one file per kind.
//!
//! Owns the forms and what is slow (hashing, verifying). Whether it may be bound here and now is `lifecycle::bind`'s.

mod address;
mod codes;
mod passkey;
mod password;
mod totp;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use lifecycle::case::{Case, DoorName};
use lifecycle::{Account, bind};
use policy::FactorKind;
use policy::model::{Bindable, ChannelIx, Model};
use serde::Deserialize;

pub(crate) use codes::kept;
pub(crate) use passkey::options;

use super::binding::supposing;
use super::{mine, told};
use crate::app::App;
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::bind::{BindPage, Setup};
use crate::page::{self, Nav, links};
use crate::wording;

/// What a form sends: which of it depends on what is bound.
#[derive(Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    label: String,
    #[serde(default)]
    credential: String,
    #[serde(default)]
    password: String,
    code: Option<String>,
    address: Option<String>,
}

/// What a name in the address stands for.
#[derive(Clone, Copy)]
enum Target {
    Authenticator(FactorKind),
    Channel(ChannelIx),
}

fn target(model: &Model, name: &str) -> Result<Target, Error> {
    let authenticator = model.authenticator(name).map(|ix| Target::Authenticator(model[ix].kind));
    authenticator.or_else(|| model.channel(name).map(Target::Channel)).ok_or(Error::NotFound)
}

/// The open case with its account, as far as pages need it.
struct Open {
    case: Case,
    account: Account,
}

/// Reads the case, and whether that may be bound in it now.
async fn open(app: &App, ctx: &Ctx, name: &str) -> Result<Result<Open, Response>, Error> {
    let (case, Some(account)) = mine(app, ctx).await? else {
        // As at a door that is not open yet: a name that nobody has is told from no other.
        return Ok(Err(told(Err(lifecycle::Refusal::CaseNotOpen))));
    };
    let model = app.policy().model();
    let session = ctx.person.as_ref().map(|caller| &caller.session);
    let at = bind::At { case: &case, account: &account, session, policy: app.policy() };
    let refusal = match target(model, name)? {
        Target::Authenticator(..) => supposing(app.now(), |env| bind::may_bind(at, name, env)).err(),
        Target::Channel(ix) => {
            let binds = case.bound_door(model).map(|door| door.binds.as_slice()).unwrap_or_default();
            let is_possible = case.is_open(app.now()) && binds.contains(&Bindable::Channel(ix));
            (!is_possible).then_some(lifecycle::Refusal::NotAtThisDoor)
        }
    };
    Ok(match refusal {
        None => Ok(Open { case, account }),
        Some(refusal) => Err(told(Err(refusal))),
    })
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    /// Another address than the one that a code went to.
    other: Option<String>,
}

/// GET `/case/bind/{name}`.
pub(crate) async fn page(
    ctx: Ctx,
    State(app): State<App>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Answered {
    let open = match open(&app, &ctx, &name).await? {
        Ok(open) => open,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let setup = match target(app.policy().model(), &name)? {
        Target::Authenticator(FactorKind::Password) => password::setup(&app, &open, &name),
        Target::Authenticator(FactorKind::Totp) => totp::setup(&app, &open, &name).await?,
        Target::Authenticator(FactorKind::Passkey) => {
            Setup::Passkey { options: links::case_bind_options(&name), label: passkey::label(&ctx) }
        }
        Target::Authenticator(FactorKind::SecurityKey) => {
            Setup::SecurityKey { options: links::case_bind_options(&name), label: "Security key".to_owned() }
        }
        Target::Authenticator(FactorKind::RecoveryCodes) => codes::setup(&open, &name),
        Target::Authenticator(..) => return Err(Error::NotFound),
        Target::Channel(ix) => address::setup(&app, &open, ix, asked.other.is_some()).await?,
    };
    Ok(show(&ctx, &app, &open, &name, setup, Vec::new()))
}

/// POST `/case/bind/{name}`.
pub(crate) async fn bind(
    ctx: Ctx,
    State(app): State<App>,
    Path(name): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Answered {
    let open = match open(&app, &ctx, &name).await? {
        Ok(open) => open,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match target(app.policy().model(), &name)? {
        Target::Authenticator(FactorKind::Password) => {
            password::bind(&ctx, &app, open, name, fields.password).await
        }
        Target::Authenticator(FactorKind::Totp) => {
            totp::bind(&ctx, &app, &open, name, fields.code.unwrap_or_default(), fields.label).await
        }
        Target::Authenticator(kind @ (FactorKind::Passkey | FactorKind::SecurityKey)) => {
            let answer = passkey::Answer { kind, credential: fields.credential, label: fields.label };
            passkey::bind(&ctx, &app, &open, name, answer).await
        }
        Target::Authenticator(FactorKind::RecoveryCodes) => codes::bind(&ctx, &app, open, name).await,
        Target::Authenticator(..) => Err(Error::NotFound),
        Target::Channel(ix) => match (fields.code, fields.address) {
            (Some(code), _) => address::confirm(&ctx, &app, &open, (ix, name), code).await,
            (None, address) => address::begin(&ctx, &app, &open, (ix, name), address).await,
        },
    }
}

/// The page.
fn show(ctx: &Ctx, app: &App, open: &Open, name: &str, setup: Setup, errors: Vec<String>) -> Response {
    let model = app.policy().model();
    let title = match &setup {
        Setup::Passkey { .. } => "Add a passkey".to_owned(),
        Setup::SecurityKey { .. } => "Add a security key".to_owned(),
        Setup::Password { .. } => "Choose a password".to_owned(),
        Setup::Totp { .. } => "Add an authenticator app".to_owned(),
        Setup::Codes { .. } => "Make recovery codes".to_owned(),
        Setup::Address { .. } => format!("Set your {}", wording::within(name)),
        Setup::AddressCode { .. } => format!("Confirm your {}", wording::within(name)),
    };
    // Where a policy has two of a kind, their own names tell them apart.
    let kind = model.authenticator(name).map(|ix| model[ix].kind);
    let of_its_kind = model.authenticators.iter().filter(|other| Some(other.kind) == kind).count();
    let title = match of_its_kind {
        0 | 1 => title,
        _ => format!("{title}: {}", wording::authenticator_named(model, name)),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = BindPage {
        frame: ctx.frame(app, Nav::Plain),
        reference: open.case.reference.clone(),
        title,
        action: links::case_bind(name),
        setup,
        errors,
    };
    page::html(status, &page)
}

/// Does something of that name count already, to be replaced by the new one?
fn replaces(open: &Open, name: &str) -> bool {
    open.case.door == DoorName::Bind && open.account.active(name).next().is_some()
}
