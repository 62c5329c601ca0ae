//! Cases, their evidence, the codes and ceremonies that belong to them, and tickets.

use lifecycle::account::Account;
use lifecycle::case::{Case, CaseState, DoorName, Outcome};
use lifecycle::change::Ticket;
use lifecycle::evidence::Piece;
use lifecycle::fact::Actor;
use lifecycle::id::{AccountId, CaseId, ChallengeId, Hash, TicketId, Time};
use lifecycle::prove::IssuedCode;

use super::accounts::{self, json};
use super::driver::{Row, Tx};
use crate::fault::Fault;
use crate::keys::{Keyring, Purpose};

/// The case that a browser holds, by the hash of its cookie, with its account: one statement, because every attempt
/// reads both.
pub fn held(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    holder: &Hash,
) -> Result<Option<(Case, Option<Account>)>, Fault> {
    /// Where these begin among the columns.
    const DATA: usize = 12;
    const ACCOUNT: usize = 13;
    const CHANNEL: usize = 21;
    let sql = "SELECT c.id, reference, c.account, population, door, state, opened_by, check_code, opened_at, expires_at, \
               ready_at, policy_digest, data, a.id, name, display_name, groups, manager, created_at, enrolled_at, \
               offboarded_at, channel, address, confirmed_at, changed_at, failures, locked_until \
               FROM access_case c LEFT JOIN evidence e ON e.access_case = c.id \
               LEFT JOIN account a ON a.id = c.account LEFT JOIN address d ON d.account = a.id \
               WHERE holder_hash = $1";
    let rows = tx.query(sql, &[(&holder.0).into()])?;
    let Some(first) = rows.first() else { return Ok(None) };
    // Each piece of evidence stands beside each address: one of them is read through beside the first of the other.
    let (mut pieces, mut addresses) = (Vec::new(), Vec::new());
    for row in &rows {
        if row.str_opt(CHANNEL)? == first.str_opt(CHANNEL)? {
            pieces.push(row);
        }
        if row.str_opt(DATA)? == first.str_opt(DATA)? {
            addresses.push(row);
        }
    }
    let Some(case) = one(&pieces)? else { return Ok(None) };
    let account = match case.account {
        Some(_) => accounts::whole(tx, keys, &addresses, ACCOUNT)?,
        None => None,
    };
    Ok(Some((case, account)))
}

/// Whose the case is that a browser holds: what must be locked before the case is believed.
pub fn account_of_holder(tx: &mut Tx<'_>, holder: &Hash) -> Result<Option<AccountId>, Fault> {
    let sql = "SELECT account FROM access_case WHERE holder_hash = $1";
    let row = tx.query_one_opt(sql, &[(&holder.0).into()])?;
    Ok(row.map(|row| row.text_opt(0)).transpose()?.flatten().map(AccountId))
}

/// By its id.
pub fn load(tx: &mut Tx<'_>, id: &str) -> Result<Option<Case>, Fault> {
    let sql = "SELECT c.id, reference, account, population, door, state, opened_by, check_code, opened_at, expires_at, \
               ready_at, policy_digest, data FROM access_case c LEFT JOIN evidence e ON e.access_case = c.id \
               WHERE c.id = $1";
    let rows = tx.query(sql, &[id.into()])?;
    one(&rows.iter().collect::<Vec<_>>())
}

/// What people call a case, as it is stored, however they typed it.
pub fn as_stored(reference: &str) -> String {
    reference.trim().to_uppercase()
}

/// By what people call it, and whether a browser holds it.
pub fn by_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Option<(Case, bool)>, Fault> {
    let sql = "SELECT c.id, reference, account, population, door, state, opened_by, check_code, opened_at, expires_at, \
               ready_at, policy_digest, data, holder_hash FROM access_case c \
               LEFT JOIN evidence e ON e.access_case = c.id WHERE reference = $1";
    let rows = tx.query(sql, &[as_stored(reference).into()])?;
    let is_held = rows.first().map(|row| row.bytes_opt(13)).transpose()?.flatten().is_some();
    Ok(one(&rows.iter().collect::<Vec<_>>())?.map(|case| (case, is_held)))
}

/// The case that a notice's link stops, with the notice's account.
pub fn stoppable(tx: &mut Tx<'_>, stop: &Hash) -> Result<Option<Case>, Fault> {
    let row = tx.query_one_opt("SELECT access_case FROM notice WHERE stop_hash = $1", &[(&stop.0).into()])?;
    match row.map(|row| row.text_opt(0)).transpose()?.flatten() {
        Some(id) => load(tx, &id),
        None => Ok(None),
    }
}

/// Cases that are not over, of one account or of all, newest first. Sign-ins are left out: they last minutes.
pub fn open(tx: &mut Tx<'_>, account: Option<&AccountId>, now: Time, limit: i64) -> Result<Vec<Case>, Fault> {
    let sql = "SELECT id, reference, account, population, door, state, opened_by, check_code, opened_at, expires_at, \
               ready_at, policy_digest FROM access_case WHERE closed_at IS NULL AND expires_at > $1 \
               AND door <> 'login' AND account IS NOT NULL AND ($2 = '' OR account = $2) \
               ORDER BY opened_at DESC LIMIT $3";
    let account = account.map(AccountId::as_str).unwrap_or_default();
    let rows = tx.query(sql, &[now.0.into(), account.into(), limit.into()])?;
    rows.iter().map(|row| whole(tx, row)).collect()
}

/// Has somebody taken up an invitation of this account, and not finished?
pub fn is_enrolling(tx: &mut Tx<'_>, account: &AccountId, now: Time) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM access_case WHERE account = $1 AND door = 'enrol' AND closed_at IS NULL \
               AND expires_at > $2 LIMIT 1";
    Ok(tx.query_one_opt(sql, &[account.as_str().into(), now.0.into()])?.is_some())
}

/// One page of the cases that are not over, newest first.
pub fn open_page(tx: &mut Tx<'_>, now: Time, offset: i64, limit: i64) -> Result<Vec<Case>, Fault> {
    let sql = "SELECT id, reference, account, population, door, state, opened_by, check_code, opened_at, expires_at, \
               ready_at, policy_digest FROM access_case WHERE closed_at IS NULL AND expires_at > $1 \
               AND door <> 'login' AND account IS NOT NULL ORDER BY opened_at DESC, id LIMIT $2 OFFSET $3";
    let rows = tx.query(sql, &[now.0.into(), limit.into(), offset.into()])?;
    rows.iter().map(|row| whole(tx, row)).collect()
}

/// The same of those that a browser holds and that still collect evidence: what other people can be asked about.
pub fn held_page(tx: &mut Tx<'_>, now: Time, offset: i64, limit: i64) -> Result<Vec<Case>, Fault> {
    let sql = "SELECT id, reference, account, population, door, state, opened_by, check_code, opened_at, expires_at, \
               ready_at, policy_digest FROM access_case WHERE closed_at IS NULL AND expires_at > $1 \
               AND door <> 'login' AND account IS NOT NULL AND check_code IS NOT NULL AND state = $2 \
               ORDER BY opened_at DESC, id LIMIT $3 OFFSET $4";
    let collecting = json(&CaseState::Collecting)?;
    let rows = tx.query(sql, &[now.0.into(), collecting.into(), limit.into(), offset.into()])?;
    rows.iter().map(|row| whole(tx, row)).collect()
}

/// How many cases are not over.
pub fn count_open(tx: &mut Tx<'_>, now: Time) -> Result<i64, Fault> {
    let sql = "SELECT count(*) FROM access_case WHERE closed_at IS NULL AND expires_at > $1 AND door <> 'login' \
               AND account IS NOT NULL";
    tx.query_one(sql, &[now.0.into()])?.int(0)
}

/// Cases that are over, newest first. Sign-ins are left out.
pub fn ended(tx: &mut Tx<'_>, now: Time, offset: i64, limit: i64) -> Result<Vec<Case>, Fault> {
    let sql = "SELECT id, reference, account, population, door, state, opened_by, check_code, opened_at, expires_at, \
               ready_at, policy_digest FROM access_case WHERE (closed_at IS NOT NULL OR expires_at <= $1) \
               AND door <> 'login' AND account IS NOT NULL ORDER BY opened_at DESC LIMIT $2 OFFSET $3";
    let rows = tx.query(sql, &[now.0.into(), limit.into(), offset.into()])?;
    rows.iter().map(|row| whole(tx, row)).collect()
}

/// The latest cases of one account whatever became of them, sign-ins left out.
pub fn history(tx: &mut Tx<'_>, account: &AccountId, limit: i64) -> Result<Vec<Case>, Fault> {
    let sql = "SELECT id, reference, account, population, door, state, opened_by, check_code, opened_at, expires_at, \
               ready_at, policy_digest FROM access_case WHERE account = $1 AND door <> 'login' \
               ORDER BY opened_at DESC LIMIT $2";
    let rows = tx.query(sql, &[account.as_str().into(), limit.into()])?;
    rows.iter().map(|row| whole(tx, row)).collect()
}

/// The one case of a query that joins its evidence: a row for each piece.
fn one(rows: &[&Row]) -> Result<Option<Case>, Fault> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut case = bare(first)?;
    for row in rows {
        case.evidence.extend(row.text_opt(12)?.map(|data| piece(&case.id, &data)).transpose()?);
    }
    case.evidence.sort_by_cached_key(|piece| (piece.at(), piece.kind(), piece.by().cloned()));
    Ok(Some(case))
}

fn whole(tx: &mut Tx<'_>, row: &Row) -> Result<Case, Fault> {
    let mut case = bare(row)?;
    let sql = "SELECT data FROM evidence WHERE access_case = $1 ORDER BY at, id";
    for row in tx.query(sql, &[case.id.as_str().into()])? {
        case.evidence.push(piece(&case.id, &row.text(0)?)?);
    }
    Ok(case)
}

fn piece(case: &CaseId, data: &str) -> Result<Piece, Fault> {
    serde_json::from_str(data)
        .map_err(|error| Fault::broken(format!("reading the evidence of case {case}")).because(error))
}

/// Without its evidence.
fn bare(row: &Row) -> Result<Case, Fault> {
    let id = CaseId(row.text(0)?);
    let bad =
        |what: &str, why: String| Fault::broken(format!("reading the {what} of case {id}")).because(why);
    let door: DoorName = row.text(4)?.parse().map_err(|why| bad("door", why))?;
    let state: CaseState = serde_json::from_str(&row.text(5)?).map_err(|e| bad("state", e.to_string()))?;
    let opened_by: Actor = serde_json::from_str(&row.text(6)?).map_err(|e| bad("opener", e.to_string()))?;
    Ok(Case {
        reference: row.text(1)?,
        account: row.text_opt(2)?.map(AccountId),
        population: row.text(3)?,
        door,
        state,
        opened_by,
        check_code: row.text_opt(7)?,
        opened_at: Time(row.int(8)?),
        expires_at: Time(row.int(9)?),
        ready_at: row.int_opt(10)?.map(Time),
        evidence: Vec::new(),
        policy_digest: row.text(11)?,
        id,
    })
}

pub(super) fn create(tx: &mut Tx<'_>, case: &Case, holder: Option<&Hash>) -> Result<(), Fault> {
    tx.send(
        "INSERT INTO access_case (id, reference, account, population, door, state, opened_by, holder_hash, check_code, \
         opened_at, expires_at, ready_at, policy_digest) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            case.id.as_str().into(),
            case.reference.as_str().into(),
            case.account.as_ref().map(AccountId::as_str).into(),
            case.population.as_str().into(),
            case.door.to_string().into(),
            json(&case.state)?.into(),
            json(&case.opened_by)?.into(),
            holder.map(|h| &h.0[..]).into(),
            case.check_code.as_deref().into(),
            case.opened_at.0.into(),
            case.expires_at.0.into(),
            case.ready_at.map(|t| t.0).into(),
            case.policy_digest.as_str().into(),
        ],
    )
}

/// A case is held once: by the browser that opened it, or by the first that joins.
pub(super) fn hold(
    tx: &mut Tx<'_>,
    case: &CaseId,
    holder: &Hash,
    check_code: Option<&str>,
) -> Result<(), Fault> {
    let sql =
        "UPDATE access_case SET holder_hash = $2, check_code = $3 WHERE id = $1 AND holder_hash IS NULL";
    tx.one("joining a case", sql, &[case.as_str().into(), (&holder.0).into(), check_code.into()])
}

/// A closed case stays closed.
pub(super) fn set(tx: &mut Tx<'_>, case: &Case, at: Time) -> Result<(), Fault> {
    if let CaseState::Closed(outcome) = case.state {
        return close(tx, &case.id, outcome, at);
    }
    tx.one(
        "moving a case on",
        "UPDATE access_case SET account = $2, population = $3, state = $4, expires_at = $5, ready_at = $6 \
         WHERE id = $1 AND closed_at IS NULL",
        &[
            case.id.as_str().into(),
            case.account.as_ref().map(AccountId::as_str).into(),
            case.population.as_str().into(),
            json(&case.state)?.into(),
            case.expires_at.0.into(),
            case.ready_at.map(|t| t.0).into(),
        ],
    )
}

/// Names no column but those that closing is about: SQLite writes every index anew whose columns are named.
fn close(tx: &mut Tx<'_>, case: &CaseId, outcome: Outcome, at: Time) -> Result<(), Fault> {
    let sql =
        "UPDATE access_case SET state = $2, closed_at = $3, outcome = $4 WHERE id = $1 AND closed_at IS NULL";
    let state = json(&CaseState::Closed(outcome))?;
    tx.one(
        "moving a case on",
        sql,
        &[case.as_str().into(), state.into(), at.0.into(), json(&outcome)?.into()],
    )
}

pub(super) fn close_all(
    tx: &mut Tx<'_>,
    account: &AccountId,
    except: Option<&CaseId>,
    outcome: Outcome,
    at: Time,
) -> Result<(), Fault> {
    tx.send(
        "UPDATE access_case SET state = $2, closed_at = $3, outcome = $4 \
         WHERE account = $1 AND closed_at IS NULL AND id <> $5",
        &[
            account.as_str().into(),
            json(&CaseState::Closed(outcome))?.into(),
            at.0.into(),
            json(&outcome)?.into(),
            except.map(CaseId::as_str).unwrap_or_default().into(),
        ],
    )
}

/// The same evidence shown again replaces itself: it counts once.
pub(super) fn add_evidence(tx: &mut Tx<'_>, case: &CaseId, piece: &Piece) -> Result<(), Fault> {
    let (term, by) = (piece.kind(), piece.by().map(AccountId::as_str).unwrap_or_default());
    tx.send(
        "INSERT INTO evidence (id, access_case, term, by_account, at, data) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (access_case, term, by_account) DO UPDATE SET at = $5, data = $6",
        &[
            format!("{case}/{term}/{by}").into(),
            case.as_str().into(),
            term.as_str().into(),
            by.into(),
            piece.at().0.into(),
            json(piece)?.into(),
        ],
    )
}

/// What somebody gave to cases that are not over counts no more. That they gave it stays in the log.
pub(super) fn withdraw_evidence(tx: &mut Tx<'_>, by: &AccountId) -> Result<(), Fault> {
    let sql = "DELETE FROM evidence WHERE by_account = $1 \
               AND access_case IN \
               (SELECT id FROM access_case WHERE closed_at IS NULL AND door <> 'login' AND account IS NOT NULL)";
    tx.send(sql, &[by.as_str().into()])
}

/// The unspent code that was last sent for a case over a channel.
pub fn issued_code(tx: &mut Tx<'_>, case: &CaseId, channel: &str) -> Result<Option<IssuedCode>, Fault> {
    let sql = "SELECT hash, expires_at FROM issued_code WHERE access_case = $1 AND channel = $2 AND used_at IS NULL";
    let row = tx.query_one_opt(sql, &[case.as_str().into(), channel.into()])?;
    row.map(|row| Ok(IssuedCode { hash: Hash(row.array(0)?), expires_at: Time(row.int(1)?) })).transpose()
}

pub(super) fn issue_code(
    tx: &mut Tx<'_>,
    case: &CaseId,
    channel: &str,
    hash: &Hash,
    at: Time,
    expires_at: Time,
) -> Result<(), Fault> {
    tx.send(
        "INSERT INTO issued_code (access_case, channel, hash, sent_at, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (access_case, channel) DO UPDATE SET hash = $3, sent_at = $4, expires_at = $5, used_at = NULL",
        &[case.as_str().into(), channel.into(), (&hash.0).into(), at.0.into(), expires_at.0.into()],
    )
}

pub(super) fn spend_code(tx: &mut Tx<'_>, case: &CaseId, channel: &str, at: Time) -> Result<(), Fault> {
    let sql =
        "UPDATE issued_code SET used_at = $3 WHERE access_case = $1 AND channel = $2 AND used_at IS NULL";
    tx.one("spending a code", sql, &[case.as_str().into(), channel.into(), at.0.into()])
}

/// A ceremony that is not spent: its purpose, case and opened state.
pub struct Challenge {
    /// Its id: what spends it.
    pub id: ChallengeId,
    /// Its case.
    pub case: CaseId,
    /// What it is for.
    pub purpose: String,
    /// What must be remembered.
    pub state: zeroize::Zeroizing<Vec<u8>>,
    /// Worth nothing from then on.
    pub expires_at: Time,
}

/// The latest live ceremony of a case for a purpose.
pub fn challenge(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    case: &CaseId,
    purpose: &str,
    now: Time,
) -> Result<Option<Challenge>, Fault> {
    let Some(row) = live(tx, case, purpose, now)? else { return Ok(None) };
    let id = ChallengeId(row.text(0)?);
    let state = keys.open(Purpose::Challenge, id.as_str(), &row.bytes(1)?)?;
    let expires_at = Time(row.int(2)?);
    Ok(Some(Challenge { id, case: case.clone(), purpose: purpose.to_owned(), state, expires_at }))
}

/// The same by its id only: is what was looked at before still the one that counts?
pub fn live_challenge(
    tx: &mut Tx<'_>,
    case: &CaseId,
    purpose: &str,
    now: Time,
) -> Result<Option<ChallengeId>, Fault> {
    live(tx, case, purpose, now)?.map(|row| row.text(0).map(ChallengeId)).transpose()
}

fn live(tx: &mut Tx<'_>, case: &CaseId, purpose: &str, now: Time) -> Result<Option<Row>, Fault> {
    let sql = "SELECT id, state, expires_at FROM challenge WHERE access_case = $1 AND purpose = $2 AND used_at IS NULL \
               AND expires_at > $3 ORDER BY expires_at DESC, id LIMIT 1";
    tx.query_one_opt(sql, &[case.as_str().into(), purpose.into(), now.0.into()])
}

/// Opens a ceremony; earlier ones of the same case and purpose are worth nothing from then on.
pub fn open_challenge(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    id: &ChallengeId,
    case: &CaseId,
    purpose: &str,
    state: &[u8],
    expires_at: Time,
) -> Result<(), Fault> {
    let sql = "DELETE FROM challenge WHERE access_case = $1 AND purpose = $2";
    tx.send(sql, &[case.as_str().into(), purpose.into()])?;
    let sealed = keys.seal(Purpose::Challenge, id.as_str(), state)?;
    tx.send(
        "INSERT INTO challenge (id, access_case, purpose, state, expires_at) VALUES ($1, $2, $3, $4, $5)",
        &[id.as_str().into(), case.as_str().into(), purpose.into(), sealed.into(), expires_at.0.into()],
    )
}

/// A ceremony is good once. Its state is destroyed with it.
pub fn spend_challenge(tx: &mut Tx<'_>, id: &ChallengeId, at: Time) -> Result<(), Fault> {
    let sql = "UPDATE challenge SET used_at = $2, state = $3 WHERE id = $1 AND used_at IS NULL";
    tx.one("spending a ceremony", sql, &[id.as_str().into(), at.0.into(), Vec::new().into()])
}

/// A ticket by the hash of its link.
pub fn ticket(tx: &mut Tx<'_>, hash: &Hash) -> Result<Option<Ticket>, Fault> {
    let sql = "SELECT id, account, channel, created_by, created_at, expires_at, used_at, revoked_at FROM ticket WHERE hash = $1";
    tx.query_one_opt(sql, &[(&hash.0).into()])?.as_ref().map(ticket_of).transpose()
}

/// The invitation of an account that can still be used.
pub fn open_ticket(tx: &mut Tx<'_>, account: &AccountId, now: Time) -> Result<Option<Ticket>, Fault> {
    let sql = "SELECT id, account, channel, created_by, created_at, expires_at, used_at, revoked_at FROM ticket \
               WHERE account = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2 \
               ORDER BY created_at DESC LIMIT 1";
    tx.query_one_opt(sql, &[account.as_str().into(), now.0.into()])?.as_ref().map(ticket_of).transpose()
}

fn ticket_of(row: &Row) -> Result<Ticket, Fault> {
    Ok(Ticket {
        id: TicketId(row.text(0)?),
        account: AccountId(row.text(1)?),
        channel: row.text_opt(2)?,
        issued_by: row.text(3)?,
        created_at: Time(row.int(4)?),
        expires_at: Time(row.int(5)?),
        used_at: row.int_opt(6)?.map(Time),
        revoked_at: row.int_opt(7)?.map(Time),
    })
}

pub(super) fn issue_ticket(tx: &mut Tx<'_>, ticket: &Ticket, hash: &Hash) -> Result<(), Fault> {
    tx.send(
        "INSERT INTO ticket (id, hash, account, channel, created_by, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            ticket.id.as_str().into(),
            (&hash.0).into(),
            ticket.account.as_str().into(),
            ticket.channel.as_deref().into(),
            ticket.issued_by.as_str().into(),
            ticket.created_at.0.into(),
            ticket.expires_at.0.into(),
        ],
    )
}

pub(super) fn spend_ticket(tx: &mut Tx<'_>, ticket: &TicketId, at: Time) -> Result<(), Fault> {
    let sql = "UPDATE ticket SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL";
    tx.one("spending a ticket", sql, &[ticket.as_str().into(), at.0.into()])
}

pub(super) fn revoke_tickets(tx: &mut Tx<'_>, account: &AccountId, at: Time) -> Result<(), Fault> {
    let sql =
        "UPDATE ticket SET revoked_at = $2 WHERE account = $1 AND used_at IS NULL AND revoked_at IS NULL";
    tx.send(sql, &[account.as_str().into(), at.0.into()])
}

/// Upkeep: forgets sign-ins and ceremonies that ended before a moment, the oldest first and at most `most` of each. Says how
/// many those were. A sign-in takes with it what was shown, begun and sent in it; what happened stays in the log.
pub fn forget(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<u64, Fault> {
    let oldest = [before.0.into(), most.into()];
    let ceremonies = tx.execute(
        "DELETE FROM challenge WHERE id IN \
         (SELECT id FROM challenge WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        &oldest,
    )?;
    let sql =
        "SELECT id FROM access_case WHERE door = 'login' AND expires_at < $1 ORDER BY expires_at LIMIT $2";
    let cases = tx.query(sql, &oldest)?;
    for case in &cases {
        let id = [case.str(0)?.into()];
        tx.execute("DELETE FROM evidence WHERE access_case = $1", &id)?;
        tx.execute("DELETE FROM challenge WHERE access_case = $1", &id)?;
        tx.execute("DELETE FROM issued_code WHERE access_case = $1", &id)?;
        // What was sent is remembered longer than what it was sent for.
        tx.execute("UPDATE notice SET access_case = NULL WHERE access_case = $1", &id)?;
        tx.execute("DELETE FROM access_case WHERE id = $1", &id)?;
    }
    Ok(ceremonies + cases.len() as u64)
}
