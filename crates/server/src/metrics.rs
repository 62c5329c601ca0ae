//! Figures for Prometheus, on an address of their own, and the two health questions.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::app::App;
use crate::fault::Fault;
use crate::store::{accounts, log, notices, sessions};

/// The router of the metrics address.
pub fn router(app: App) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(app)
}

/// GET `/healthz`: the process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// GET `/readyz`: the database answers too.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    match app.read(|view| log::head(view.tx).map(drop)).await {
        Ok(()) => "ready\n".into_response(),
        Err(fault) => {
            tracing::warn!(incident = fault.incident(), "not ready: {fault}");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
        }
    }
}

async fn metrics(State(app): State<App>) -> Response {
    match collect(&app).await {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(fault) => {
            tracing::warn!(incident = fault.incident(), "collecting metrics: {fault}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn collect(app: &App) -> Result<String, Fault> {
    let (members, waiting, live, size) = app
        .read(|view| {
            let members = accounts::totals(view.tx)?;
            let waiting = notices::totals(view.tx)?;
            let live = sessions::count(view.tx, view.now)?;
            Ok((members, waiting, live, log::head(view.tx)?.size))
        })
        .await?;
    let counts = app.committer().counts();
    let mut registry = Registry::with_prefix("postern");
    let mut counter =
        |name: &str, help: &str, value: u64| registry.register(name, help, ConstCounter::new(value));
    counter("decisions", "Decisions committed", counts.attempts);
    counter("commits", "Durable commits", counts.commits);
    counter("decisions_retried", "Decisions made again because their batch failed", counts.retried);
    counter("faults", "Decisions that ended in a fault", counts.faults);
    let turned_away = app.strangers().turned_away();
    let (recoveries, nothing, refusals) = (turned_away.recoveries, turned_away.nothing, turned_away.refusals);
    counter("recoveries_turned_away", "Recoveries not begun: too many from one address", recoveries);
    counter("acts_about_nothing_turned_away", "Invented cases and links, left out of the log", nothing);
    counter("refusals_turned_away", "Acts in a case that was refused too often", refusals);
    let mut gauge =
        |name: &str, help: &str, value: i64| registry.register(name, help, ConstGauge::new(value));
    gauge("decisions_waiting", "Decisions that wait for a commit", signed(counts.waiting));
    gauge("largest_batch", "Decisions of the largest commit", signed(counts.largest_batch));
    gauge("audit_events", "Events in the audit log", signed(size));
    gauge("members", "Members known", members.0);
    gauge("members_enrolled", "Members who finished enrolment", members.1);
    gauge("members_offboarded", "Members who left", members.2);
    gauge("sessions", "Live sessions", live);
    gauge("notices_pending", "Notices to be sent", waiting.0);
    gauge("notices_failed", "Notices given up", waiting.1);
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|error| Fault::broken("writing metrics").because(error))?;
    Ok(text)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
