//! The outbox: notices written by decisions, delivered by a job.
//!
//! A body may hold a code or a link, so it is sealed, and emptied once it was sent.

use lifecycle::account::Address;
use lifecycle::id::{AccountId, CaseId, NoticeId, Time};
use lifecycle::notice::Notice;
use policy::model::ChannelKind;

use super::driver::{Row, Tx};
use crate::fault::Fault;
use crate::keys::{Keyring, Purpose};

/// A notice as delivery and the console see it.
#[derive(Clone, Debug)]
pub struct Stored {
    pub id: String,
    pub account: AccountId,
    pub channel: String,
    pub kind: ChannelKind,
    pub address: String,
    pub subject: String,
    pub created_at: Time,
    pub next_try_at: Time,
    pub attempts: i64,
    pub sent_at: Option<Time>,
    pub failed_at: Option<Time>,
    pub last_error: Option<String>,
}

/// Which notices a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Pending,
    Sent,
    Failed,
}

pub(super) fn write(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    notice: &Notice,
    subject: &str,
    body: &str,
) -> Result<(), Fault> {
    let sealed = keys.seal(Purpose::Notice, notice.id.as_str(), body.as_bytes())?;
    tx.send(
        "INSERT INTO notice (id, account, access_case, channel, channel_kind, address, subject, body_sealed, created_at, \
         next_try_at, attempts, stop_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 0, $10)",
        &[
            notice.id.as_str().into(),
            notice.account.as_str().into(),
            notice.case.as_ref().map(CaseId::as_str).into(),
            notice.channel.as_str().into(),
            kind_name(notice.kind).into(),
            notice.address.as_str().into(),
            subject.into(),
            sealed.into(),
            notice.at.0.into(),
            notice.stop.as_ref().map(|h| &h.0[..]).into(),
        ],
    )
}

/// Notices that are due now, oldest first.
pub fn due(tx: &mut Tx<'_>, now: Time, limit: i64) -> Result<Vec<Stored>, Fault> {
    let sql = "SELECT id, account, channel, channel_kind, address, subject, created_at, next_try_at, attempts, sent_at, \
               failed_at, last_error FROM notice WHERE sent_at IS NULL AND failed_at IS NULL AND next_try_at <= $1 \
               ORDER BY next_try_at LIMIT $2";
    tx.query(sql, &[now.0.into(), limit.into()])?.iter().map(whole).collect()
}

/// Notices of one state, newest first.
pub fn list(tx: &mut Tx<'_>, which: Which, limit: i64) -> Result<Vec<Stored>, Fault> {
    let sql = match which {
        Which::Pending => {
            "SELECT id, account, channel, channel_kind, address, subject, created_at, next_try_at, attempts, sent_at, \
             failed_at, last_error FROM notice WHERE sent_at IS NULL AND failed_at IS NULL ORDER BY created_at DESC LIMIT $1"
        }
        Which::Sent => {
            "SELECT id, account, channel, channel_kind, address, subject, created_at, next_try_at, attempts, sent_at, \
             failed_at, last_error FROM notice WHERE sent_at IS NOT NULL ORDER BY sent_at DESC LIMIT $1"
        }
        Which::Failed => {
            "SELECT id, account, channel, channel_kind, address, subject, created_at, next_try_at, attempts, sent_at, \
             failed_at, last_error FROM notice WHERE failed_at IS NOT NULL ORDER BY failed_at DESC LIMIT $1"
        }
    };
    tx.query(sql, &[limit.into()])?.iter().map(whole).collect()
}

/// (pending, failed) notices.
pub fn totals(tx: &mut Tx<'_>) -> Result<(i64, i64), Fault> {
    let sql = "SELECT (SELECT count(*) FROM notice WHERE sent_at IS NULL AND failed_at IS NULL), \
               (SELECT count(*) FROM notice WHERE failed_at IS NOT NULL)";
    let row = tx.query_one(sql, &[])?;
    Ok((row.int(0)?, row.int(1)?))
}

/// How many notices were written for one channel of an account since a moment.
pub fn count_since(tx: &mut Tx<'_>, account: &AccountId, channel: &str, since: Time) -> Result<i64, Fault> {
    let sql = "SELECT count(*) FROM notice WHERE account = $1 AND channel = $2 AND created_at > $3";
    tx.query_one(sql, &[account.as_str().into(), channel.into(), since.0.into()])?.int(0)
}

/// Was another address told, in this case, at the moment at which this one took its place?
pub fn has_heard(tx: &mut Tx<'_>, case: &CaseId, new: &Address) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM notice WHERE access_case = $1 AND channel = $2 AND created_at = $3 AND address <> $4 LIMIT 1";
    let values = [
        case.as_str().into(),
        new.channel.as_str().into(),
        new.changed_at.0.into(),
        new.address.as_str().into(),
    ];
    Ok(tx.query_one_opt(sql, &values)?.is_some())
}

/// What a notice says; empty once it was sent.
pub fn body(tx: &mut Tx<'_>, keys: &Keyring, id: &str) -> Result<zeroize::Zeroizing<String>, Fault> {
    let row = tx.query_one("SELECT body_sealed FROM notice WHERE id = $1", &[id.into()])?;
    let sealed = row.bytes(0)?;
    if sealed.is_empty() {
        return Ok(zeroize::Zeroizing::default());
    }
    let plain = keys.open(Purpose::Notice, id, &sealed)?;
    let text = String::from_utf8(plain.to_vec());
    text.map(zeroize::Zeroizing::new).map_err(|error| Fault::broken("reading a notice").because(error))
}

/// Takes a notice for delivery: nobody else tries it before `until`. No row: somebody else has it.
pub fn claim(tx: &mut Tx<'_>, notice: &Stored, until: Time) -> Result<bool, Fault> {
    let sql = "UPDATE notice SET next_try_at = $2, attempts = attempts + 1 WHERE id = $1 AND attempts = $3 \
               AND sent_at IS NULL AND failed_at IS NULL";
    Ok(tx.execute(sql, &[notice.id.as_str().into(), until.0.into(), notice.attempts.into()])? == 1)
}

/// It was sent; its body is forgotten unless it is kept to be read (demo mode).
pub fn sent(tx: &mut Tx<'_>, id: &str, at: Time, keep: bool) -> Result<(), Fault> {
    tx.send("UPDATE notice SET sent_at = $2, last_error = NULL WHERE id = $1", &[id.into(), at.0.into()])?;
    if !keep {
        tx.send("UPDATE notice SET body_sealed = $2 WHERE id = $1", &[id.into(), Vec::new().into()])?;
    }
    Ok(())
}

/// It was not sent: tried again later, or given up.
pub fn not_sent(tx: &mut Tx<'_>, id: &str, error: &str, again: Option<Time>, now: Time) -> Result<(), Fault> {
    let failed_at = again.is_none().then_some(now.0);
    tx.send(
        "UPDATE notice SET last_error = $2, failed_at = $3, next_try_at = $4 WHERE id = $1",
        &[id.into(), error.into(), failed_at.into(), again.unwrap_or(now).0.into()],
    )
}

/// Whom a notice concerns that was given up.
pub fn given_up(tx: &mut Tx<'_>, id: &NoticeId) -> Result<Option<AccountId>, Fault> {
    let sql = "SELECT account FROM notice WHERE id = $1 AND failed_at IS NOT NULL";
    tx.query_one_opt(sql, &[id.as_str().into()])?.map(|row| row.text(0).map(AccountId)).transpose()
}

/// Puts a failed notice back into the queue.
pub(super) fn retry(tx: &mut Tx<'_>, id: &NoticeId, now: Time) -> Result<(), Fault> {
    let sql = "UPDATE notice SET failed_at = NULL, attempts = 0, next_try_at = $2 WHERE id = $1 AND failed_at IS NOT NULL";
    tx.send(sql, &[id.as_str().into(), now.0.into()])
}

fn whole(row: &Row) -> Result<Stored, Fault> {
    Ok(Stored {
        id: row.text(0)?,
        account: AccountId(row.text(1)?),
        channel: row.text(2)?,
        kind: kind_of(&row.text(3)?)?,
        address: row.text(4)?,
        subject: row.text(5)?,
        created_at: Time(row.int(6)?),
        next_try_at: Time(row.int(7)?),
        attempts: row.int(8)?,
        sent_at: row.int_opt(9)?.map(Time),
        failed_at: row.int_opt(10)?.map(Time),
        last_error: row.text_opt(11)?,
    })
}

fn kind_name(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Email => "email",
        ChannelKind::Sms => "sms",
        ChannelKind::Voice => "voice",
        ChannelKind::Post => "post",
    }
}

fn kind_of(name: &str) -> Result<ChannelKind, Fault> {
    match name {
        "email" => Ok(ChannelKind::Email),
        "sms" => Ok(ChannelKind::Sms),
        "voice" => Ok(ChannelKind::Voice),
        "post" => Ok(ChannelKind::Post),
        other => Err(Fault::broken("reading a notice").because(format!("unknown channel kind `{other}`"))),
    }
}
