//! GET `/console/cases`: cases that are open, or that have ended; and the rows of every list of cases.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use lifecycle::Case;
use serde::Deserialize;

use super::look;
use super::names::Names;
use crate::app::{App, View};
use crate::fault::Fault;
use crate::http::{Answered, Ctx};
use crate::page::account::CaseRow;
use crate::page::{self, Paging, console, links};
use crate::store::cases;
use crate::{page::html, wording};

/// How many cases one page shows.
const SHOWN: usize = 50;

/// The filter.
#[derive(Deserialize)]
pub(crate) struct Filter {
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: String,
}

/// GET.
pub(crate) async fn list(ctx: Ctx, State(app): State<App>, Query(filter): Query<Filter>) -> Answered {
    let open = filter.state != "closed";
    let page: usize = filter.page.parse().unwrap_or(1).clamp(1, 100_000);
    let page = look(&app, &ctx, move |view, _, frame| {
        let skip = (page - 1) * SHOWN;
        let of = if open { cases::open_page } else { cases::ended };
        let mut found = of(view.tx, view.now, signed(skip), signed(SHOWN + 1))?;
        let more = found.len() > SHOWN;
        found.truncate(SHOWN);
        let rows = rows(view, &mut Names::default(), &found)?;
        let state = if open { "open" } else { "closed" };
        let at = |page: usize| format!("{}?state={state}&page={page}", links::CONSOLE_CASES);
        let paging = paging(page, SHOWN, rows.len(), more, at);
        Ok(console::Cases { frame, open, rows, paging })
    });
    Ok(html(StatusCode::OK, &page.await?))
}

/// A number for a statement; lists are never that long.
pub(super) fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Where one page of `size` stands, `count` things being shown on it.
pub(super) fn paging(
    page: usize,
    size: usize,
    count: usize,
    more: bool,
    at: impl Fn(usize) -> String,
) -> Paging {
    if page == 1 && !more {
        return page::Paging::default();
    }
    let first = (page - 1) * size;
    Paging {
        shown: if count == 0 { "none".to_owned() } else { format!("{} to {}", first + 1, first + count) },
        previous: (page > 1).then(|| at(page - 1)),
        next: more.then(|| at(page + 1)),
    }
}

/// Cases as rows of a list, for the console.
pub(super) fn rows(
    view: &mut View<'_, '_>,
    names: &mut Names,
    cases: &[Case],
) -> Result<Vec<CaseRow>, Fault> {
    let mut rows = Vec::with_capacity(cases.len());
    for case in cases {
        let account = match &case.account {
            Some(id) => view.account(id.as_str())?,
            None => None,
        };
        let (state, tone) = wording::case::state(view.policy(), case, account.as_ref(), view.now);
        rows.push(CaseRow {
            reference: case.reference.clone(),
            title: wording::door(&case.door),
            member: account.map_or("an unknown name".to_owned(), |account| account.display_name),
            state,
            tone,
            opened: wording::when(case.opened_at, view.now),
            opened_by: names.actor(view, &case.opened_by)?,
            // In the console a case is stopped on its own page, with a reason.
            stop: None,
        });
    }
    Ok(rows)
}
