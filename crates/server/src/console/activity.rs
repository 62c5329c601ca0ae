//! Events of the log as pages list them: read, filtered, told in sentences.

use data_encoding::BASE64;
use lifecycle::id::{AccountId, CaseId, Time};
use lifecycle::{Fact, What};

use super::names::Names;
use crate::app::View;
use crate::audit::entry::Entry;
use crate::fault::Fault;
use crate::page::Tone;
use crate::page::account::Activity;
use crate::page::console::{AuditEvent, Checkpoint};
use crate::store::log;
use crate::wording;
use crate::wording::event;

/// How many events are looked at in search of those that a filter lets through.
const MOST_LOOKED_AT: u64 = 10_000;
/// How many are read at a time meanwhile.
const TOGETHER: u64 = 500;

/// Which events.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// Of one account.
    pub(super) account: Option<AccountId>,
    /// Of one kind; `refused` is whatever was refused.
    pub(super) kind: String,
    /// Of one case.
    pub(super) case: Option<CaseId>,
    /// Without the steps of which a sign-in tells by itself.
    pub(super) is_brief: bool,
}

/// The kind that stands for every refusal.
pub(super) const REFUSED: &str = "refused";

impl Filter {
    fn lets_through(&self, fact: Option<&Fact>) -> bool {
        if self.is_brief && fact.is_some_and(event::leads_to_sign_in) {
            return false;
        }
        let kind = match self.kind.as_str() {
            "" => true,
            REFUSED => fact.is_some_and(|fact| fact.refused.is_some()),
            wanted => fact.is_some_and(|fact| fact.what.name() == wanted),
        };
        kind && self.case.as_ref().is_none_or(|case| fact.and_then(|f| f.case.as_ref()) == Some(case))
    }
}

/// Events before `before`, newest first, at most `limit`; and from where to look on, if there may be more.
pub(super) fn events(
    view: &mut View<'_, '_>,
    filter: &Filter,
    before: u64,
    limit: usize,
) -> Result<(Vec<Entry>, Option<u64>), Fault> {
    let (mut found, mut before, mut looked) = (Vec::new(), before, 0);
    let account = filter.account.as_ref().map(AccountId::as_str);
    while looked < MOST_LOOKED_AT {
        let entries = log::entries_before(view.tx, before, account, TOGETHER)?;
        let is_last = (entries.len() as u64) < TOGETHER;
        looked += entries.len() as u64;
        for entry in entries {
            before = entry.seq;
            if filter.lets_through(event::fact(&entry.event.body).as_ref()) {
                if found.len() == limit {
                    return Ok((found, Some(before + 1)));
                }
                found.push(entry);
            }
        }
        if is_last {
            return Ok((found, None));
        }
    }
    Ok((found, Some(before)))
}

/// An event as one sentence.
fn sentence(view: &mut View<'_, '_>, names: &mut Names, entry: &Entry) -> Result<(String, Tone), Fault> {
    let Some(fact) = event::fact(&entry.event.body) else {
        return Ok(("An event that this version does not know.".to_owned(), Tone::Plain));
    };
    let who = names.actor(view, &fact.actor)?;
    let whom = match &fact.account {
        Some(id) => names.of(view, id)?,
        None => "somebody not yet known".to_owned(),
    };
    Ok(event::sentence(view.policy().model(), &fact, &who, &whom))
}

/// Events for the audit page.
pub(super) fn audit(
    view: &mut View<'_, '_>,
    names: &mut Names,
    entries: &[Entry],
) -> Result<Vec<AuditEvent>, Fault> {
    let mut events = Vec::with_capacity(entries.len());
    for entry in entries {
        let (text, tone) = sentence(view, names, entry)?;
        let kind = event::fact(&entry.event.body).map_or(String::new(), |fact| fact.what.name());
        events.push(AuditEvent {
            seq: entry.seq,
            at: wording::when(Time(entry.event.at), view.now),
            text,
            tone,
            kind,
            json: String::from_utf8_lossy(&entry.event.body).into_owned(),
            leaf: BASE64.encode(&entry.leaf),
        });
    }
    Ok(events)
}

/// Events for a history.
pub(super) fn history(
    view: &mut View<'_, '_>,
    names: &mut Names,
    entries: &[Entry],
) -> Result<Vec<Activity>, Fault> {
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let (text, tone) = sentence(view, names, entry)?;
        rows.push(Activity { at: wording::when(Time(entry.event.at), view.now), text, tone });
    }
    Ok(rows)
}

/// The newest signed tree head, with the key that verifies it.
pub(super) fn checkpoint(view: &mut View<'_, '_>) -> Result<Option<Checkpoint>, Fault> {
    let Some(note) = log::latest_checkpoint(view.tx)? else { return Ok(None) };
    let head = log::head(view.tx)?;
    let newest = log::entries_before(view.tx, head.size, None, 1)?;
    let signer = view.keys.signer(&crate::start::origin(view.running))?;
    Ok(newest.first().map(|entry| Checkpoint {
        size: head.size,
        at: wording::when(Time(entry.event.at), view.now),
        root: BASE64.encode(&head.frontier.root()),
        key: signer.verifier().to_string(),
        note,
    }))
}

/// The newest of the last events that is of this kind.
pub(super) fn newest(view: &mut View<'_, '_>, what: What) -> Result<Option<Time>, Fault> {
    let filter = Filter { kind: what.name(), ..Filter::default() };
    let (found, _) = events(view, &filter, u64::MAX, 1)?;
    Ok(found.first().map(|entry| Time(entry.event.at)))
}
