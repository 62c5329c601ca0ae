//! GET `/console/audit`: the log, newest first, each event as a sentence beside its canonical bytes.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use lifecycle::What;
use lifecycle::id::AccountId;
use serde::Deserialize;

use super::activity::{self, Filter, REFUSED};
use super::look;
use super::names::Names;
use crate::app::App;
use crate::http::{Answered, Ctx};
use crate::page::{Paging, console, html, links};
use crate::store::accounts;

/// How many events one page shows.
const SHOWN: usize = 50;

/// The filter; `before` is the number of the event from which to look back.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    member: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    before: String,
}

/// GET.
pub(crate) async fn list(ctx: Ctx, State(app): State<App>, Query(asked): Query<Asked>) -> Answered {
    let Asked { member, kind, before } = asked;
    let before: Option<u64> = before.parse().ok();
    let page = look(&app, &ctx, move |view, _, frame| {
        let name = member.trim().to_lowercase();
        let account = match name.as_str() {
            "" => None,
            // An unknown name has no events: an id that nobody has finds none.
            name => Some(accounts::id_of(view.tx, name)?.unwrap_or(AccountId(String::new()))),
        };
        let filter = Filter { account, kind: kind.clone(), ..Filter::default() };
        let (entries, next) = activity::events(view, &filter, before.unwrap_or(u64::MAX), SHOWN)?;
        let events = activity::audit(view, &mut Names::default(), &entries)?;
        let checkpoint = activity::checkpoint(view)?;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("member", &member)
            .append_pair("kind", &kind)
            .finish();
        let shown = match (events.first(), events.last()) {
            (Some(first), Some(last)) if before.is_some() || next.is_some() => {
                format!("events {} to {}", last.seq, first.seq)
            }
            _ if next.is_some() => "nothing so far".to_owned(),
            _ => String::new(),
        };
        let paging = Paging {
            shown,
            previous: before.map(|_| format!("{}?{query}", links::CONSOLE_AUDIT)),
            next: next.map(|next| format!("{}?{query}&before={next}", links::CONSOLE_AUDIT)),
        };
        Ok(console::Audit { frame, member, kind, kinds: kinds(), events, paging, checkpoint })
    });
    Ok(html(StatusCode::OK, &page.await?))
}

/// What the log can be searched for. Everything refused comes first: that is what an auditor looks for.
fn kinds() -> Vec<String> {
    let all = [
        What::SignedIn,
        What::SessionEnded,
        What::CaseOpened,
        What::CaseJoined,
        What::CaseDenied,
        What::CaseStopped,
        What::ChangeFinished,
        What::EvidenceAttempted,
        What::EvidenceProved,
        What::ApprovalGiven,
        What::DoorWaiting,
        What::DoorOpened,
        What::EnrolmentFinished,
        What::FactorsReplaced,
        What::AuthenticatorBound,
        What::AuthenticatorDisabled,
        What::AuthenticatorLost,
        What::AuthenticatorRemoved,
        What::AuthenticatorRenamed,
        What::AuthenticatorTakenBack,
        What::AddressBound,
        What::AddressCodeSent,
        What::AddressConfirmed,
        What::AddressDisabled,
        What::CodeSent,
        What::TicketIssued,
        What::TicketRedeemed,
        What::TicketRevoked,
        What::MemberAdded,
        What::MemberChanged,
        What::MemberOffboarded,
        What::NoticeRetried,
        What::PolicyApplied,
        What::ServerStarted,
        What::KeysRotated,
    ];
    std::iter::once(REFUSED.to_owned()).chain(all.into_iter().map(What::name)).collect()
}
