//! GET `/console/notices`: what was sent to members and what could not be; POST tries again.
//!
//! Never the text: it may carry a code or a link.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use lifecycle::id::NoticeId;
use lifecycle::{What, notice};

use super::names::Names;
use super::{decide, look, told};
use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::{Answered, Ctx};
use crate::page::console::{NoticeRow, NoticeState, Notices};
use crate::page::{Paging, html, links};
use crate::store::notices::{self, Stored, Which};
use crate::wording;

/// How many notices of each state are shown.
const SHOWN: i64 = 100;

/// GET. Failing ones first.
pub(crate) async fn list(ctx: Ctx, State(app): State<App>) -> Answered {
    let page = look(&app, &ctx, |view, caller, frame| {
        let mut names = Names::default();
        let mut rows = Vec::new();
        for which in [Which::Failed, Which::Pending, Which::Sent] {
            for notice in notices::list(view.tx, which, SHOWN)? {
                rows.push(row(view, &mut names, notice)?);
            }
        }
        let may_retry = caller.roles.agent || caller.roles.administrator;
        Ok(Notices { frame, rows, paging: Paging::default(), may_retry })
    });
    Ok(html(StatusCode::OK, &page.await?))
}

fn row(view: &mut View<'_, '_>, names: &mut Names, notice: Stored) -> Result<NoticeRow, Fault> {
    let member = names.of(view, &notice.account)?;
    let at = |moment| wording::when(moment, view.now);
    let state = match (notice.sent_at, notice.last_error) {
        (Some(sent), _) => NoticeState::Sent { at: at(sent) },
        (None, None) => NoticeState::Pending,
        (None, Some(error)) => NoticeState::Failed {
            error,
            attempts: u32::try_from(notice.attempts).unwrap_or(u32::MAX),
            next: notice.failed_at.is_none().then(|| at(notice.next_try_at)),
        },
    };
    Ok(NoticeRow {
        id: notice.id,
        channel: wording::within(&notice.channel),
        to: wording::masked(&notice.address),
        about: format!("{} (for {member})", notice.subject),
        made: at(notice.created_at),
        state,
    })
}

/// POST: puts a notice that was given up back into the queue.
pub(crate) async fn retry(ctx: Ctx, State(app): State<App>, Path(id): Path<String>) -> Answered {
    let id = NoticeId(id);
    let answer = decide(&app, &ctx, What::NoticeRetried, None, move |view, caller, env| {
        let account = notices::given_up(view.tx, &id)?;
        Ok(notice::retry(&id, account.as_ref(), caller, env))
    });
    Ok(told(links::CONSOLE_NOTICES, answer.await?.map(|()| "It is sent again now.")))
}
