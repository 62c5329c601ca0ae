//! The directory: adding a member, and changing what is known of one.
//!
//! Groups decide the population and so the doors; addresses are set here only until the member enrols.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use lifecycle::directory::{self, NewMember};
use lifecycle::enrol::Authority;
use lifecycle::id::AccountId;
use lifecycle::{Account, Refusal, What};
use policy::{Model, Policy};
use serde::Deserialize;

use super::acts::about;
use super::member::where_invited;
use super::{decide, look, told};
use crate::app::{App, View};
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::console::{AddMember, AddressField, ChangeMember};
use crate::page::{Tone, html, links};
use crate::store::accounts;
use crate::wording;

/// GET: an empty form.
pub(crate) async fn new(ctx: Ctx, State(app): State<App>) -> Answered {
    form(&app, &ctx, Typed::new(), Vec::new()).await
}

/// The form, filled with what was typed.
async fn form(app: &App, ctx: &Ctx, typed: Typed, errors: Vec<Mistake>) -> Answered {
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

/// What was typed into a form, by field.
type Typed = BTreeMap<String, String>;
/// A field and what is wrong with it.
type Mistake = (String, String);

fn value<'t>(typed: &'t Typed, field: &str) -> &'t str {
    typed.get(field).map_or("", |text| text.trim())
}

/// The addresses among the fields, by channel.
fn addresses_of(typed: &Typed) -> Vec<(String, String)> {
    let address = |(field, address): (&String, &String)| {
        Some((field.strip_prefix("address.")?.to_owned(), address.trim().to_owned()))
    };
    typed.iter().filter_map(address).filter(|(_, address)| !address.is_empty()).collect()
}

/// The account of a manager's sign-in name; nothing typed is nobody.
async fn manager(app: &App, typed: &Typed) -> Result<Result<Option<AccountId>, Mistake>, Error> {
    let name = value(typed, "manager").to_lowercase();
    if name.is_empty() {
        return Ok(Ok(None));
    }
    // Accounts are never deleted, so a name that is found stays found.
    let found = app.read(move |view| accounts::id_of(view.tx, &name)).await?;
    Ok(found.map(Some).ok_or_else(|| ("manager".to_owned(), "Nobody signs in with that name.".to_owned())))
}

/// What the directory would refuse, each at its own field. It decides once more from current state.
fn mistakes(typed: &Typed, already: &[String], policy: &Policy) -> Vec<Mistake> {
    let mut checks = vec![
        ("name".to_owned(), directory::acceptable_full_name(value(typed, "name")).map(drop)),
        (
            "groups".to_owned(),
            directory::acceptable_groups(&groups_of(value(typed, "groups")), already, policy),
        ),
    ];
    for (channel, address) in addresses_of(typed) {
        if let Some(ix) = policy.model().channel(&channel) {
            let kind = policy.model()[ix].kind;
            let check = directory::acceptable_address(kind, &address).map(drop);
            checks.push((format!("address.{channel}"), check));
        }
    }
    checks.into_iter().filter_map(|(field, check)| Some((field, check.err()?))).collect()
}

/// POST: adds a member. Nothing opens by that.
pub(crate) async fn add(
    ctx: Ctx,
    State(app): State<App>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Answered {
    let typed: Typed = fields.into_iter().collect();
    let mut errors = mistakes(&typed, &[], app.policy());
    let login = value(&typed, "login").to_owned();
    let wanted = login.clone();
    let is_taken = app.read(move |view| Ok(view.named(&wanted)?.is_some())).await?;
    let name = directory::acceptable_login(&login).map(drop);
    if let Err(why) = name.and_then(|()| if is_taken { Err(Refusal::NameTaken.to_string()) } else { Ok(()) })
    {
        errors.push(("login".to_owned(), why));
    }
    let manager = manager(&app, &typed).await?.unwrap_or_else(|mistake| {
        errors.push(mistake);
        None
    });
    if !errors.is_empty() {
        return form(&app, &ctx, typed, errors).await;
    }
    let new = NewMember {
        name: login,
        display_name: value(&typed, "name").to_owned(),
        groups: groups_of(value(&typed, "groups")),
        manager,
        addresses: addresses_of(&typed),
    };
    let outcome = decide(&app, &ctx, What::MemberAdded, None, move |view, caller, env| {
        let taken = view.named(&new.name)?.is_some();
        Ok(directory::add(new.clone(), taken, Authority::Person(caller), view.policy(), env))
    });
    match outcome.await? {
        Ok(id) => {
            let to = links::console_member(id.as_str());
            let next = app.read(move |view| view.account(id.as_str()).map(|found| added(view, found)));
            Ok(go(&to, Some(next.await?)))
        }
        Err(refusal) => {
            let field = if refusal == Refusal::NameTaken { "login" } else { "" };
            form(&app, &ctx, typed, vec![(field.to_owned(), refusal.to_string())]).await
        }
    }
}

/// What to do next with somebody who was added: an invitation needs a door and an address.
fn added(view: &View<'_, '_>, account: Option<Account>) -> (Tone, &'static str) {
    match account {
        Some(account) if where_invited(view, &account).is_some() => {
            (Tone::Good, "Added. No door is open yet: invite them.")
        }
        Some(account) if account.population(view.policy()).is_none() => {
            (Tone::Warn, "Added. They cannot be invited yet: give them a group that the policy has.")
        }
        _ => (
            Tone::Warn,
            "Added. They cannot be invited yet: set an address that the policy sends invitations to.",
        ),
    }
}

/// GET: what is known, to be changed.
pub(crate) async fn show(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    if ctx.caller()?.account.id.as_str() == id {
        return Ok(told(&links::console_member(&id), Err(Refusal::SamePerson)));
    }
    known(&app, &ctx, id, Typed::new(), Vec::new()).await
}

/// What is known, with what was typed in its place.
async fn known(app: &App, ctx: &Ctx, id: String, typed: Typed, errors: Vec<Mistake>) -> Answered {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let page = look(app, ctx, move |view, _, frame| {
        let Some(account) = view.account(&id)?.filter(Account::is_present) else { return Ok(None) };
        let manager = match &account.manager {
            Some(id) => view.account(id.as_str())?.map_or(String::new(), |manager| manager.name),
            None => String::new(),
        };
        let model = view.policy().model();
        let or = |field: &str, known: String| typed.get(field).cloned().unwrap_or(known);
        // From the first authenticator on, an address changes through a door only (63B-4 4.2.1.2).
        let addresses = if account.has_authenticator() {
            Vec::new()
        } else {
            let known = |field: &str| {
                let channel = field.strip_prefix("address.").unwrap_or_default();
                or(field, account.address(channel).map_or(String::new(), |known| known.address.clone()))
            };
            address_fields(model, &known)
        };
        Ok(Some(ChangeMember {
            frame,
            id: account.id.0,
            login: account.name,
            whose: account.display_name.clone(),
            name: or("name", account.display_name),
            groups: or("groups", account.groups.join(", ")),
            known_groups: known_groups(model),
            manager: or("manager", manager),
            addresses,
            errors,
        }))
    });
    Ok(html(status, &page.await?.ok_or(Error::NotFound)?))
}

/// POST: changes names, groups or manager.
pub(crate) async fn change(
    ctx: Ctx,
    State(app): State<App>,
    Path(id): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Answered {
    let typed: Typed = fields.into_iter().collect();
    let read = id.clone();
    let account = app.read(move |view| view.account(&read)).await?.ok_or(Error::NotFound)?;
    let mut errors = mistakes(&typed, &account.groups, app.policy());
    let manager = manager(&app, &typed).await?.unwrap_or_else(|mistake| {
        errors.push(mistake);
        None
    });
    if !errors.is_empty() {
        return known(&app, &ctx, id, typed, errors).await;
    }
    let (name, groups) = (value(&typed, "name").to_owned(), groups_of(value(&typed, "groups")));
    let outcome = about(&app, &ctx, What::MemberChanged, &id, move |account, caller, policy, env| {
        let name = if name.is_empty() { &account.display_name } else { &name };
        let by = Authority::Person(caller);
        directory::change(account, name, groups.clone(), manager.clone(), by, policy, env)
    });
    let outcome = outcome.await?;
    changed(&app, &ctx, id, typed, outcome, ("", "Changed.")).await
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
    let field = format!("address.{}", new.channel);
    let typed = Typed::from([(field.clone(), new.address.clone())]);
    let outcome = about(&app, &ctx, What::MemberChanged, &id, move |account, caller, policy, env| {
        directory::set_address(account, &new.channel, &new.address, Authority::Person(caller), policy, env)
    });
    let done = "The address is set. Invitations on their way went to the old one.";
    let outcome = outcome.await?;
    changed(&app, &ctx, id, typed, outcome, (&field, done)).await
}

/// To the member, or back to the form with what was typed and, at this field, why not.
async fn changed(
    app: &App,
    ctx: &Ctx,
    id: String,
    typed: Typed,
    outcome: Result<(), Refusal>,
    (field, done): (&str, &str),
) -> Answered {
    match outcome {
        Ok(()) => Ok(told(&links::console_member(&id), Ok(done))),
        Err(Refusal::NotAcceptable(why)) => known(app, ctx, id, typed, vec![(field.to_owned(), why)]).await,
        Err(refusal) => Ok(told(&links::console_change(&id), Err(refusal))),
    }
}
