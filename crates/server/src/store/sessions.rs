//! Sessions. The cookie names its session and holds a secret, of which storage knows the hash only.

use lifecycle::id::{AccountId, Hash, SessionId, Time};
use lifecycle::session::{Claim, Session};
use policy::Aal;

use super::accounts::json;
use super::driver::{Row, Tx};
use crate::fault::Fault;

/// The live session that a browser claims to hold, if it does.
pub fn claimed(tx: &mut Tx<'_>, claim: &Claim, now: Time) -> Result<Option<Session>, Fault> {
    let Some((session, hash)) = live(tx, claim.id.as_str(), now)? else { return Ok(None) };
    Ok((hash == claim.hash).then_some(session))
}

/// A live session by its id.
pub fn load(tx: &mut Tx<'_>, id: &str, now: Time) -> Result<Option<Session>, Fault> {
    Ok(live(tx, id, now)?.map(|(session, _)| session))
}

fn live(tx: &mut Tx<'_>, id: &str, now: Time) -> Result<Option<(Session, Hash)>, Fault> {
    let sql = "SELECT id, account, aal, phishing_resistant, used, authenticated_at, last_seen_at, idle_expires_at, \
               expires_at, peer, agent, hash FROM session WHERE id = $1 AND ended_at IS NULL AND expires_at > $2 \
               AND idle_expires_at > $2";
    let row = tx.query_one_opt(sql, &[id.into(), now.0.into()])?;
    row.map(|row| Ok((whole(&row)?, Hash(row.array(11)?)))).transpose()
}

/// Every live session of an account, newest first.
pub fn of(tx: &mut Tx<'_>, account: &AccountId, now: Time) -> Result<Vec<Session>, Fault> {
    let sql = "SELECT id, account, aal, phishing_resistant, used, authenticated_at, last_seen_at, idle_expires_at, \
               expires_at, peer, agent FROM session WHERE account = $1 AND ended_at IS NULL AND expires_at > $2 \
               AND idle_expires_at > $2 ORDER BY created_at DESC";
    tx.query(sql, &[account.as_str().into(), now.0.into()])?.iter().map(whole).collect()
}

/// How many sessions live.
pub fn count(tx: &mut Tx<'_>, now: Time) -> Result<i64, Fault> {
    let sql =
        "SELECT count(*) FROM session WHERE ended_at IS NULL AND expires_at > $1 AND idle_expires_at > $1";
    tx.query_one(sql, &[now.0.into()])?.int(0)
}

fn whole(row: &Row) -> Result<Session, Fault> {
    let bad = |why: String| Fault::broken("reading a session").because(why);
    let level = u8::try_from(row.int(2)?).map_err(|e| bad(e.to_string()))?;
    Ok(Session {
        id: SessionId(row.text(0)?),
        account: AccountId(row.text(1)?),
        aal: Aal::try_from(level).map_err(bad)?,
        phishing_resistant: row.int(3)? != 0,
        used: serde_json::from_str(&row.text(4)?).map_err(|e| bad(e.to_string()))?,
        authenticated_at: Time(row.int(5)?),
        last_seen_at: Time(row.int(6)?),
        idle_expires_at: Time(row.int(7)?),
        expires_at: Time(row.int(8)?),
        peer: row.text(9)?,
        agent: row.text(10)?,
    })
}

pub(super) fn start(tx: &mut Tx<'_>, session: &Session, hash: &Hash) -> Result<(), Fault> {
    tx.send(
        "INSERT INTO session (id, hash, account, aal, phishing_resistant, used, authenticated_at, created_at, \
         last_seen_at, idle_expires_at, expires_at, peer, agent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11, $12)",
        &[
            session.id.as_str().into(),
            (&hash.0).into(),
            session.account.as_str().into(),
            i64::from(u8::from(session.aal)).into(),
            i64::from(session.phishing_resistant).into(),
            json(&session.used)?.into(),
            session.authenticated_at.0.into(),
            session.last_seen_at.0.into(),
            session.idle_expires_at.0.into(),
            session.expires_at.0.into(),
            session.peer.as_str().into(),
            session.agent.as_str().into(),
        ],
    )
}

/// Upkeep, at most once a minute: moves the idle limit of a session in use.
pub fn seen(tx: &mut Tx<'_>, session: &Session) -> Result<u64, Fault> {
    let sql = "UPDATE session SET last_seen_at = $2, idle_expires_at = $3 WHERE id = $1 AND ended_at IS NULL";
    tx.execute(
        sql,
        &[session.id.as_str().into(), session.last_seen_at.0.into(), session.idle_expires_at.0.into()],
    )
}

pub(super) fn end(tx: &mut Tx<'_>, session: &SessionId, at: Time) -> Result<(), Fault> {
    let sql = "UPDATE session SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    tx.send(sql, &[session.as_str().into(), at.0.into()])
}

pub(super) fn end_all(
    tx: &mut Tx<'_>,
    account: &AccountId,
    except: Option<&SessionId>,
    at: Time,
) -> Result<(), Fault> {
    let sql = "UPDATE session SET ended_at = $2 WHERE account = $1 AND ended_at IS NULL AND id <> $3";
    let except = except.map(SessionId::as_str).unwrap_or_default();
    tx.send(sql, &[account.as_str().into(), at.0.into(), except.into()])
}

/// Upkeep: forgets sessions whose time was over before a moment, the oldest first and at most `most`. Says how many. That
/// they were stays in the log.
pub fn forget(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<u64, Fault> {
    let sql = "DELETE FROM session WHERE id IN \
               (SELECT id FROM session WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    tx.execute(sql, &[before.0.into(), most.into()])
}
