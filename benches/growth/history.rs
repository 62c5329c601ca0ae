//! What has happened to a company: events, sign-ins, sessions, recoveries and notices, in proportion to its members.
//!
//! Written past the committer, in one transaction, as the server would have written it over weeks.

use lifecycle::{AccountId, Actor, Fact, Secret, Time, What};
use serde_json::json;
use server::app::App;
use server::audit::checkpoint::Checkpoint;
use server::audit::entry::Event;
use server::fault::Fault;
use server::start::origin;
use server::store::driver::{Conn, Tx};
use server::store::log;

use crate::Anything;

/// Events for each member.
pub(crate) const EVENTS: usize = 10;
/// The cookie of somebody who may see the whole console.
pub(crate) const COOKIE: &str = "a session of an administrator for the console";

/// How many events one commit holds: as many as under load.
const TOGETHER: usize = 30;
/// One event of so many is about the member who has the longest history.
const BUSY: usize = 10;
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A moment after everything that was written.
pub(crate) fn tomorrow() -> Time {
    Time(i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_micros()).unwrap_or(0) + DAY)
}

/// Writes it; the ids of the members. The first is the administrator, the second has the longest history.
pub(crate) fn write(app: &App) -> Result<Vec<String>, Anything> {
    let mut conn = Conn::open(&app.config().database())?;
    let now = app.now().0;
    Ok(conn.write(|tx| {
        let mut ids = vec![];
        tx.each("SELECT id FROM account ORDER BY length(name), name", &[], |row| {
            ids.push(row.text(0)?);
            Ok(())
        })?;
        events(tx, app, &ids, now)?;
        for (number, id) in ids.iter().enumerate() {
            let owner = if number.is_multiple_of(BUSY) { &ids[1] } else { id };
            session(tx, owner, &format!("{number}"), now - DAY, Some(now - DAY / 2), 1)?;
            if number.is_multiple_of(10) {
                session(tx, id, &format!("{number} now"), now, None, 1)?;
                recovery(tx, id, &ids[0], number, now - 7 * DAY, true)?;
            }
            if number % 1000 == 1 {
                recovery(tx, id, &ids[0], number, now - MINUTE, false)?;
            }
            sign_in(tx, owner, number, now)?;
            notice(tx, owner, number, now)?;
        }
        session(tx, &ids[0], COOKIE, now, None, 2)?;
        Ok(ids)
    })?)
}

/// The log: three events for each sign-in, a checkpoint for each commit.
fn events(tx: &mut Tx<'_>, app: &App, ids: &[String], now: i64) -> Result<(), Fault> {
    let signer = app.keys().signer(&origin(app.running()))?;
    let mut frontier = log::head(tx)?.frontier;
    let all = ids.len() * EVENTS;
    let step = 30 * DAY / i64::try_from(all).unwrap_or(i64::MAX);
    let mut at = now - 30 * DAY;
    let mut note = String::new();
    for number in 0..all {
        let account = if number.is_multiple_of(BUSY) { &ids[1] } else { &ids[number % ids.len()] };
        let what = [What::CaseOpened, What::EvidenceProved, What::SignedIn][number % 3];
        let event = Event { at, account: Some(account.clone()), body: body(what, account, number, app) };
        let (seq, leaf) = (signed(frontier.size()), event.leaf());
        tx.execute(
            "INSERT INTO event (seq, at, account, body, leaf) VALUES ($1, $2, $3, $4, $5)",
            &[seq.into(), event.at.into(), event.account.into(), event.body.into(), (&leaf).into()],
        )?;
        frontier.push(leaf);
        if number.is_multiple_of(TOGETHER) || number + 1 == all {
            note = Checkpoint { size: frontier.size(), root: frontier.root() }.sign(&signer);
            tx.execute(
                "INSERT INTO checkpoint (size, at, text) VALUES ($1, $2, $3)",
                &[signed(frontier.size()).into(), at.into(), note.as_str().into()],
            )?;
        }
        at += step;
    }
    tx.execute(
        "UPDATE log_head SET size = $1, frontier = $2, checkpoint = $3 WHERE id = 1",
        &[signed(frontier.size()).into(), frontier.to_bytes().into(), note.into()],
    )?;
    Ok(())
}

/// A fact as the server logs it.
fn body(what: What, account: &str, number: usize, app: &App) -> Vec<u8> {
    let fact = Fact {
        door: Some("staff.login".to_owned()),
        case: Some(lifecycle::id::CaseId(format!("case-{:08}", number / 3))),
        evidence: vec!["totp".to_owned()],
        ..Fact::about(what, Actor::Holder, Some(&AccountId(account.to_owned())))
    };
    let mut body = json!(fact);
    body["peer"] = json!("127.0.0.1");
    body["policy"] = json!(app.policy().digest());
    body.to_string().into_bytes()
}

fn session(
    tx: &mut Tx<'_>,
    account: &str,
    secret: &str,
    at: i64,
    ended: Option<i64>,
    aal: i64,
) -> Result<(), Fault> {
    let hash = Secret::from_text(secret).hash();
    tx.execute(
        "INSERT INTO session (id, hash, account, aal, phishing_resistant, used, authenticated_at, created_at, \
         last_seen_at, idle_expires_at, expires_at, ended_at, peer, agent) \
         VALUES ($1, $2, $3, $4, 0, '[\"totp\"]', $5, $5, $5, $6, $6, $7, '127.0.0.1', 'benchmark')",
        &[
            format!("session-{secret}").into(),
            (&hash.0).into(),
            account.into(),
            aal.into(),
            at.into(),
            (at + DAY).into(),
            ended.into(),
        ],
    )?;
    Ok(())
}

/// A case at the recover door: long over, or waiting for an approval that the first member may give.
fn recovery(
    tx: &mut Tx<'_>,
    account: &str,
    agent: &str,
    number: usize,
    at: i64,
    is_over: bool,
) -> Result<(), Fault> {
    let id = format!("recovery-{is_over}-{number:08}");
    let state = if is_over { "{\"closed\":\"done\"}" } else { "\"collecting\"" };
    case(tx, &id, account, "recover.desk", state, [at, at + DAY], is_over.then_some(at + MINUTE))?;
    let piece = json!({ "proof": { "proofing": { "method": "in-person", "by": agent } }, "at": at });
    tx.execute(
        "INSERT INTO evidence (id, access_case, term, by_account, at, data) VALUES ($1, $1, 'proofing', $2, $3, $4)",
        &[id.as_str().into(), agent.into(), at.into(), piece.to_string().into()],
    )?;
    Ok(())
}

/// Today's sign-in of a member; one of a hundred was left alone before it was over.
fn sign_in(tx: &mut Tx<'_>, account: &str, number: usize, now: i64) -> Result<(), Fault> {
    let id = format!("sign-in-{number:08}");
    let is_over = !number.is_multiple_of(100);
    let state = if is_over { "{\"closed\":\"done\"}" } else { "\"collecting\"" };
    case(tx, &id, account, "login", state, [now, now + 10 * MINUTE], is_over.then_some(now))
}

fn case(
    tx: &mut Tx<'_>,
    id: &str,
    account: &str,
    door: &str,
    state: &str,
    [opened_at, expires_at]: [i64; 2],
    closed_at: Option<i64>,
) -> Result<(), Fault> {
    let holder = Secret::from_text(id).hash();
    tx.execute(
        "INSERT INTO access_case (id, reference, account, population, door, state, opened_by, holder_hash, check_code, \
         opened_at, expires_at, closed_at, outcome, policy_digest) \
         VALUES ($1, $1, $2, 'staff', $3, $4, '\"holder\"', $5, 'AB12', $6, $7, $8, $9, '')",
        &[
            id.into(),
            account.into(),
            door.into(),
            state.into(),
            (&holder.0).into(),
            opened_at.into(),
            expires_at.into(),
            closed_at.into(),
            closed_at.map(|_| "\"done\"").into(),
        ],
    )?;
    Ok(())
}

/// A notice that was sent.
fn notice(tx: &mut Tx<'_>, account: &str, number: usize, now: i64) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO notice (id, account, channel, channel_kind, address, subject, body_sealed, created_at, next_try_at, \
         attempts, sent_at) VALUES ($1, $2, 'own-mail', 'email', 'm@bench.example', 'A code', $3, $4, $4, 1, $4)",
        &[
            format!("notice-{number:08}").into(),
            account.into(),
            Vec::new().into(),
            (now - DAY + signed(number as u64)).into(),
        ],
    )?;
    Ok(())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
