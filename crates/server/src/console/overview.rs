//! GET `/console`: how things stand.

use axum::extract::State;
use axum::http::StatusCode;

use super::activity::{self, Filter};
use super::approvals::waiting;
use super::cases::{rows, signed};
use super::look;
use super::names::Names;
use super::readings::{Checked, checked};
use crate::app::App;
use crate::http::{Answered, Ctx};
use crate::page::console::{Figure, Overview, Verdict};
use crate::page::{Tone, html, links};
use crate::store::{accounts, cases, notices, sessions};

/// How many cases and events are shown.
const SHOWN: usize = 8;

/// GET.
pub(crate) async fn show(ctx: Ctx, State(app): State<App>) -> Answered {
    let checked = checked(&app).await?;
    let page = look(&app, &ctx, move |view, caller, frame| {
        let (all, enrolled, offboarded) = accounts::totals(view.tx)?;
        let open = cases::open_page(view.tx, view.now, 0, signed(SHOWN))?;
        let all_open = cases::count_open(view.tx, view.now)?;
        let live = sessions::count(view.tx, view.now)?;
        let (pending, failing) = notices::totals(view.tx)?;
        let mine = waiting(view, caller)?;
        let mut names = Names::default();
        let cases = rows(view, &mut names, &open)?;
        let brief = Filter { is_brief: true, ..Filter::default() };
        let (newest, _) = activity::events(view, &brief, u64::MAX, SHOWN)?;
        let recent = activity::audit(view, &mut names, &newest)?;
        let figure = |value: String, label: &str, href: &str, tone| Figure {
            value,
            label: label.to_owned(),
            href: href.to_owned(),
            tone,
        };
        let warn = |count: bool| if count { Tone::Warn } else { Tone::Plain };
        let enrolled_href = format!("{}?state=enrolled", links::CONSOLE_MEMBERS);
        let figures = vec![
            figure((all - offboarded).to_string(), "members", links::CONSOLE_MEMBERS, Tone::Plain),
            figure(enrolled.to_string(), "have enrolled", &enrolled_href, Tone::Good),
            figure(all_open.to_string(), "open cases", links::CONSOLE_CASES, Tone::Plain),
            figure(mine.to_string(), "wait for you", links::CONSOLE_APPROVALS, warn(mine > 0)),
            figure(live.to_string(), "live sessions", links::CONSOLE_MEMBERS, Tone::Plain),
            figure(pending.to_string(), "notices on their way", links::CONSOLE_NOTICES, Tone::Plain),
        ];
        Ok(Overview {
            frame,
            figures,
            cases,
            failing: usize::try_from(failing).unwrap_or_default(),
            verdict: checked.worst(),
            policy: sentence(&checked),
            digest: view.policy().digest().trim_start_matches("sha256:").chars().take(8).collect(),
            checkpoint: activity::checkpoint(view)?,
            recent,
        })
    });
    Ok(html(StatusCode::OK, &page.await?))
}

/// `4 populations, none weaker than its sign-in; 1 dated exception.`
fn sentence(checked: &Checked) -> String {
    let counted = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let all = checked.verdicts();
    let weaker = all.iter().filter(|verdict| **verdict == Verdict::Weaker).count();
    let judged = match weaker {
        0 => "none weaker than its sign-in".to_owned(),
        some => format!("{some} weaker than sign-in, by an exception"),
    };
    let exceptions = match checked.exceptions() {
        0 => String::new(),
        some => format!("; {}", counted(some, "dated exception")),
    };
    format!("{}, {judged}{exceptions}.", counted(all.len(), "population"))
}
