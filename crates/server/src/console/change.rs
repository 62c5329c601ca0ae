//! The directory: adding a member, and changing what is known of one.
//!
//! Groups decide the population and so the doors; addresses are set here only until the member enrols.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use lifecycle::directory::{self, NewMember};
use lifecycle::enrol::Authority;
use lifecycle::id::AccountId;
use lifecycle::{Account, Refusal, What};
use policy::Model;
use serde::Deserialize;

use super::acts::about;
use super::{decide, look, told};
use crate::app::App;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::console::{AddMember, AddressField, ChangeMember};
use crate::page::{Tone, html, links};
use crate::store::accounts;
use crate::wording;

/// GET: an empty form.
pub(crate) async fn new(ctx: Ctx, State(app): State<App>) -> Answered {
    form(&app, &ctx, BTreeMap::new(), Vec::new()).await
}

/// The form, filled with what was typed.
async fn form(
    app: &App,
    ctx: &Ctx,
    typed: BTreeMap<String, String>,
    errors: Vec<(String, String)>,
) -> Answered {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let page = look(app, ctx, move |view, _, frame| {
        let model = view.policy().model();
        let value = |field: &str| typed.get(field).cloned().unwrap_or_default();
        Ok(AddMember {
            frame,
            login: value("login"),
            name: value("name"),
            groups: value("groups"),
            known_groups: known_groups(model),
            manager: value("manager"),
            addresses: address_fields(model, &value),
            errors,
        })
    });
    Ok(html(status, &page.await?))
}

fn known_groups(model: &Model) -> Vec<String> {
    let mut groups: Vec<String> = model.populations.iter().flat_map(|p| p.groups.clone()).collect();
    groups.sort();
    groups.dedup();
    groups
}

fn address_fields(model: &Model, value: &dyn Fn(&str) -> String) -> Vec<AddressField> {
    let field = |channel: &policy::model::Channel| AddressField {
        channel: channel.name.clone(),
        title: wording::channel(channel),
        kind: wording::address_kind(channel.kind),
        value: value(&format!("address.{}", channel.name)),
    };
    model.channels.iter().map(field).collect()
}

/// Groups as people separate them.
fn groups_of(text: &str) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    for group in text.split([',', ';', ' ', '\t']).map(str::trim).filter(|group| !group.is_empty()) {
        if !groups.iter().any(|known| known == group) {
            groups.push(group.to_owned());
        }
    }
    groups
}

/// The account of a manager's sign-in name; nothing typed is nobody.
async fn manager(app: &App, typed: &str) -> Result<Result<Option<AccountId>, String>, Error> {
    let name = typed.trim().to_lowercase();
    if name.is_empty() {
        return Ok(Ok(None));
    }
    // Accounts are never deleted, so a name that is found stays found.
    let found = app.read(move |view| accounts::id_of(view.tx, &name)).await?;
    Ok(found.map(Some).ok_or_else(|| "Nobody signs in with that name.".to_owned()))
}

/// POST: adds a member. Nothing opens by that.
pub(crate) async fn add(
    ctx: Ctx,
    State(app): State<App>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Answered {
    let typed: BTreeMap<String, String> = fields.into_iter().collect();
    let value = |field: &str| typed.get(field).map_or("", |text| text.trim());
    let manager = match manager(&app, value("manager")).await? {
        Ok(manager) => manager,
        Err(why) => return form(&app, &ctx, typed, vec![("manager".to_owned(), why)]).await,
    };
    let addresses = typed
        .iter()
        .filter_map(|(field, address)| Some((field.strip_prefix("address.")?, address.trim())))
        .filter(|(_, address)| !address.is_empty())
        .map(|(channel, address)| (channel.to_owned(), address.to_owned()))
        .collect();
    let new = NewMember {
        name: value("login").to_owned(),
        display_name: value("name").to_owned(),
        groups: groups_of(value("groups")),
        manager,
        addresses,
    };
    let outcome = decide(&app, &ctx, What::MemberAdded, None, move |view, caller, env| {
        let taken = view.named(&new.name)?.is_some();
        Ok(directory::add(new.clone(), taken, Authority::Person(caller), view.policy(), env))
    });
    match outcome.await? {
        Ok(id) => {
            let text = "Added. No door is open yet: invite them.";
            Ok(go(&links::console_member(id.as_str()), Some((Tone::Good, text))))
        }
        Err(refusal) => {
            let field = if refusal == Refusal::NameTaken { "login" } else { "" };
            form(&app, &ctx, typed, vec![(field.to_owned(), refusal.to_string())]).await
        }
    }
}

/// GET: what is known, to be changed.
pub(crate) async fn show(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let page = look(&app, &ctx, move |view, _, frame| {
        let Some(account) = view.account(&id)?.filter(Account::is_present) else { return Ok(None) };
        let manager = match &account.manager {
            Some(id) => view.account(id.as_str())?.map_or(String::new(), |manager| manager.name),
            None => String::new(),
        };
        let model = view.policy().model();
        // From the first authenticator on, an address changes through a door only (63B-4 4.2.1.2).
        let addresses = if account.has_authenticator() {
            Vec::new()
        } else {
            let known = |field: &str| {
                let channel = field.strip_prefix("address.").unwrap_or_default();
                account.address(channel).map_or(String::new(), |address| address.address.clone())
            };
            address_fields(model, &known)
        };
        Ok(Some(ChangeMember {
            frame,
            id: account.id.0,
            login: account.name,
            name: account.display_name,
            groups: account.groups.join(", "),
            known_groups: known_groups(model),
            manager,
            addresses,
        }))
    });
    Ok(html(StatusCode::OK, &page.await?.ok_or(Error::NotFound)?))
}

/// What is known of a member.
#[derive(Deserialize)]
pub(crate) struct Known {
    name: String,
    #[serde(default)]
    groups: String,
    #[serde(default)]
    manager: String,
}

/// POST: changes names, groups or manager.
pub(crate) async fn change(
    ctx: Ctx,
    State(app): State<App>,
    Path(id): Path<String>,
    Posted(known): Posted<Known>,
) -> Answered {
    let manager = match manager(&app, &known.manager).await? {
        Ok(manager) => manager,
        Err(why) => return Ok(go(&links::console_change(&id), Some((Tone::Bad, &why)))),
    };
    let groups = groups_of(&known.groups);
    let outcome = about(&app, &ctx, What::MemberChanged, &id, move |account, caller, _, env| {
        let name = if known.name.trim().is_empty() { &account.display_name } else { &known.name };
        directory::change(account, name, groups.clone(), manager.clone(), Authority::Person(caller), env)
    });
    Ok(changed(&id, outcome.await?, "Changed."))
}

/// One address of somebody who has not enrolled.
#[derive(Deserialize)]
pub(crate) struct NewAddress {
    channel: String,
    address: String,
}

/// POST: sets an address before enrolment.
pub(crate) async fn address(
    ctx: Ctx,
    State(app): State<App>,
    Path(id): Path<String>,
    Posted(new): Posted<NewAddress>,
) -> Answered {
    let outcome = about(&app, &ctx, What::MemberChanged, &id, move |account, caller, policy, env| {
        directory::set_address(account, &new.channel, &new.address, Authority::Person(caller), policy, env)
    });
    Ok(changed(&id, outcome.await?, "The address is set. Invitations on their way went to the old one."))
}

fn changed(id: &str, outcome: Result<(), Refusal>, done: &str) -> Response {
    match outcome {
        Ok(()) => told(&links::console_member(id), Ok(done)),
        Err(refusal) => told(&links::console_change(id), Err(refusal)),
    }
}
