//! Setting an address: a code goes to the new one, and comes back.

use lifecycle::bind::{self, PendingAddress};
use lifecycle::{Refusal, What};
use policy::model::ChannelIx;

use super::Open;
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

fn read(state: &[u8]) -> Result<PendingAddress, Fault> {
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
            to: read(&sent.state)?.address,
            digits: 8,
            expires: wording::when(sent.expires_at, app.now()),
            again: Some(links::case_bind(&channel.name)),
        });
    }
    let now = open.account.address(&channel.name).map(|address| wording::masked(&address.address));
    Ok(Setup::Address { kind: wording::address_kind(channel.kind), value: String::new(), now })
}

/// Sends a code to the new address; without one, again to where the last one went.
pub(super) async fn begin(
    ctx: &Ctx,
    app: &App,
    open: &Open,
    channel: String,
    address: Option<String>,
) -> Answered {
    let page = links::case_bind(&channel);
    let address = match address {
        Some(address) => address,
        None => match pending(app, open, &channel).await? {
            Some(sent) => read(&sent.state)?.address,
            None => return Ok(go(&page, None)),
        },
    };
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
        Err(Refusal::NotAcceptable(why)) => go(&page, Some((Tone::Bad, &why))),
        Err(refusal) => told(Err(refusal)),
    })
}

/// The code that came back.
pub(super) async fn confirm(ctx: &Ctx, app: &App, channel: String, code: String) -> Answered {
    let page = links::case_bind(&channel);
    let bound = decide(app, ctx, What::AddressBound, move |view, at, env| {
        let sent = cases::challenge(view.tx, view.keys, &at.case.id, &purpose(&channel), env.now)?;
        let Some(sent) = sent else {
            return Ok(refuse(Refusal::NotRecognised, at.fact(What::AddressBound)));
        };
        let address = read(&sent.state)?;
        Ok(bind::confirm_address(at.binding(view), &address, &code, &sent.id, env))
    });
    Ok(match bound.await? {
        Ok(()) => told(Ok("The new address is confirmed and in force.")),
        Err(Refusal::NotRecognised) => {
            go(&page, Some((Tone::Bad, "That code did not match. Have a new one sent and try again.")))
        }
        Err(refusal) => told(Err(refusal)),
    })
}
