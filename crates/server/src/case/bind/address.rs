//! Setting an address: a code goes to the new one, and comes back.

use lifecycle::bind::{self, SentAddress};
use lifecycle::{DoorName, Refusal, What};
use policy::model::ChannelIx;

use super::{Open, show};
use crate::app::App;
use crate::case::prove::{HOUR, hour_ago};
use crate::case::{decide, refuse, told};
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error};
use crate::page::bind::Setup;
use crate::page::{Tone, links};
use crate::store::cases::{self, Challenge};
use crate::store::notices;
use crate::wording;

/// So many messages go out for one channel of an account in an hour before no code is sent to yet another address:
/// a member must not be able to flood somebody else's, nor to guess at codes for as long as the door is open.
const HOURLY: i64 = 20;

/// As `lifecycle::bind::address` remembers it.
fn purpose(channel: &str) -> String {
    format!("address:{channel}")
}

fn read(state: &[u8]) -> Result<SentAddress, Fault> {
    serde_json::from_slice(state)
        .map_err(|error| Fault::broken("reading an address that is being set").because(error))
}

async fn pending(app: &App, open: &Open, channel: &str) -> Result<Option<Challenge>, Fault> {
    let (case, wanted) = (open.case.id.clone(), purpose(channel));
    app.read(move |view| cases::challenge(view.tx, view.keys, &case, &wanted, view.now)).await
}

/// The page's form: the code, where one was sent and no other address is wanted.
pub(super) async fn setup(app: &App, open: &Open, ix: ChannelIx, other: bool) -> Result<Setup, Error> {
    let channel = &app.policy().model()[ix];
    let sent = pending(app, open, &channel.name).await?;
    if let Some(sent) = sent.filter(|_| !other) {
        return Ok(Setup::AddressCode {
            to: read(&sent.state)?.pending.address,
            digits: 8,
            expires: wording::when(sent.expires_at, app.now()),
            again: Some(links::case_bind(&channel.name)),
        });
    }
    Ok(fresh(app, open, ix, String::new()))
}

/// The form for another address, with what was typed.
fn fresh(app: &App, open: &Open, ix: ChannelIx, value: String) -> Setup {
    let channel = &app.policy().model()[ix];
    let now = open.account.address(&channel.name).map(|address| wording::masked(&address.address));
    Setup::Address { kind: wording::address_kind(channel.kind), value, now }
}

/// Sends a code to the new address; without one, again to where the last one went.
pub(super) async fn begin(
    ctx: &Ctx,
    app: &App,
    open: &Open,
    (ix, channel): (ChannelIx, String),
    address: Option<String>,
) -> Answered {
    let page = links::case_bind(&channel);
    let address = match address {
        Some(address) => address,
        None => match pending(app, open, &channel).await? {
            Some(sent) => read(&sent.state)?.pending.address,
            None => return Ok(go(&page, None)),
        },
    };
    let (name, typed) = (channel.clone(), address.clone());
    let sent = decide(app, ctx, What::AddressCodeSent, move |view, at, env| {
        let lately = notices::count_since(view.tx, &at.account.id, &channel, hour_ago(env.now))?;
        if lately >= HOURLY {
            let fact = at.fact(What::AddressCodeSent).with("channel", &channel);
            return Ok(refuse(Refusal::Throttled(env.now.plus(HOUR)), fact));
        }
        Ok(bind::address(at.binding(view), &channel, &address, env))
    });
    Ok(match sent.await? {
        Ok(_) => go(&page, Some((Tone::Good, "A code is on its way."))),
        Err(Refusal::NotAcceptable(why)) => {
            let setup = fresh(app, open, ix, typed);
            show(ctx, app, open, &name, setup, vec![why])
        }
        Err(refusal) => told(Err(refusal)),
    })
}

/// The code that came back.
pub(super) async fn confirm(
    ctx: &Ctx,
    app: &App,
    open: &Open,
    (ix, channel): (ChannelIx, String),
    code: String,
) -> Answered {
    let name = channel.clone();
    let bound = decide(app, ctx, What::AddressBound, move |view, at, env| {
        let found = cases::challenge(view.tx, view.keys, &at.case.id, &purpose(&channel), env.now)?;
        let Some(found) = found else {
            return Ok(refuse(Refusal::Disabled, at.fact(What::AddressBound).with("channel", &channel)));
        };
        let sent = read(&found.state)?;
        let at = at.binding(view);
        Ok(bind::retype_address(at, sent, &code, &found.id, found.expires_at, env))
    });
    let error = match bound.await? {
        Ok(()) if open.case.door == DoorName::Bind => {
            return Ok(told(Ok("The new address is confirmed and in force.")));
        }
        Ok(()) => return Ok(told(Ok("The new address is confirmed. It counts as soon as you finish."))),
        Err(Refusal::NotRecognised) => "That code did not match. Check it and type it again.".to_owned(),
        Err(Refusal::Throttled(until)) => {
            let wait = until.since(app.now()).as_secs().div_ceil(5).saturating_mul(5);
            format!("Too many wrong codes. Wait {wait} seconds, then type it again.")
        }
        Err(Refusal::Disabled) => {
            "That code is worth nothing any more: it was used, has run out, or was wrong \
                                   too often. Have a new one sent."
                .to_owned()
        }
        Err(refusal) => return Ok(told(Err(refusal))),
    };
    let setup = setup(app, open, ix, false).await?;
    Ok(show(ctx, app, open, &name, setup, vec![error]))
}
