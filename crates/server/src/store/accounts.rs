//! Accounts, their addresses and authenticators: reading whole, changing by parts.
//!
//! Factor data is sealed at rest and bound to its row, so that neither reading nor swapping rows helps a thief of
//! the database. Recovery codes are rows of their own, so that spending one hits exactly one unspent row.

use lifecycle::account::{Account, Address, Authenticator, AuthenticatorState};
use lifecycle::factor::{FactorData, recovery_codes};
use lifecycle::id::{AccountId, AuthenticatorId, CaseId, Hash, Time};
use policy::FactorKind;

use super::driver::{Row, Tx};
use crate::fault::Fault;
use crate::keys::{Keyring, Purpose};

/// One account with everything bound to it.
pub fn load(tx: &mut Tx<'_>, keys: &Keyring, id: &str) -> Result<Option<Account>, Fault> {
    let sql = "SELECT id, name, display_name, groups, manager, created_at, enrolled_at, offboarded_at, channel, address, \
               confirmed_at, changed_at, failures, locked_until FROM account LEFT JOIN address ON account = id \
               WHERE id = $1";
    let rows = tx.query(sql, &[id.into()])?;
    whole(tx, keys, &rows.iter().collect::<Vec<_>>(), 0)
}

/// The same by login name.
pub fn load_named(tx: &mut Tx<'_>, keys: &Keyring, name: &str) -> Result<Option<Account>, Fault> {
    let sql = "SELECT id, name, display_name, groups, manager, created_at, enrolled_at, offboarded_at, channel, address, \
               confirmed_at, changed_at, failures, locked_until FROM account LEFT JOIN address ON account = id \
               WHERE name = $1";
    let rows = tx.query(sql, &[name.into()])?;
    whole(tx, keys, &rows.iter().collect::<Vec<_>>(), 0)
}

/// The id that a login name belongs to.
pub fn id_of(tx: &mut Tx<'_>, name: &str) -> Result<Option<AccountId>, Fault> {
    let row = tx.query_one_opt("SELECT id FROM account WHERE name = $1", &[name.into()])?;
    row.map(|row| row.text(0).map(AccountId)).transpose()
}

/// How people call an account, for pages that name others.
pub fn display_name(tx: &mut Tx<'_>, id: &str) -> Result<String, Fault> {
    let row = tx.query_one_opt("SELECT display_name FROM account WHERE id = $1", &[id.into()])?;
    row.map_or(Ok("somebody unknown".to_owned()), |row| row.text(0))
}

/// An account without what is bound to it: for lists.
pub fn listed(tx: &mut Tx<'_>, search: &str, offset: i64, limit: i64) -> Result<Vec<Account>, Fault> {
    let like = format!("%{}%", search.to_lowercase().replace(['%', '_'], ""));
    let sql = "SELECT id, name, display_name, groups, manager, created_at, enrolled_at, offboarded_at FROM account \
               WHERE name LIKE $1 OR lower(display_name) LIKE $1 ORDER BY name LIMIT $2 OFFSET $3";
    tx.query(sql, &[like.into(), limit.into(), offset.into()])?.iter().map(bare).collect()
}

/// How many accounts match a search.
pub fn count(tx: &mut Tx<'_>, search: &str) -> Result<i64, Fault> {
    let like = format!("%{}%", search.to_lowercase().replace(['%', '_'], ""));
    let sql = "SELECT count(*) FROM account WHERE name LIKE $1 OR lower(display_name) LIKE $1";
    tx.query_one(sql, &[like.into()])?.int(0)
}

/// (all, enrolled and still here, off-boarded) accounts. Reads the table once from beginning to end. Counting by its indexes
/// reads one entry for each account as well; with half a million it took two thirds of the time on PostgreSQL, and three times as
/// long on SQLite, which looks up the row behind each entry of a partial index.
pub fn totals(tx: &mut Tx<'_>) -> Result<(i64, i64, i64), Fault> {
    let sql = "SELECT count(*), count(CASE WHEN offboarded_at IS NULL THEN enrolled_at END), count(offboarded_at) FROM account";
    let row = tx.query_one(sql, &[])?;
    Ok((row.int(0)?, row.int(1)?, row.int(2)?))
}

/// Is anybody of one of these groups enrolled and present? Decides whether a first administrator may be made.
pub fn any_enrolled_in(tx: &mut Tx<'_>, groups: &[String]) -> Result<bool, Fault> {
    // LIKE finds the few that may be meant without reading the list of everybody; it takes too many at worst.
    let sql = "SELECT groups FROM account WHERE enrolled_at IS NOT NULL AND offboarded_at IS NULL AND groups LIKE $1";
    for group in groups {
        for row in tx.query(sql, &[format!("%{}%", json(group)?).into()])? {
            if strings(&row.text(0)?)?.contains(group) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Who of these groups is enrolled and present, so many at most.
pub fn enrolled_in(tx: &mut Tx<'_>, groups: &[String], most: i64) -> Result<Vec<AccountId>, Fault> {
    let sql = "SELECT id, groups FROM account \
               WHERE enrolled_at IS NOT NULL AND offboarded_at IS NULL AND groups LIKE $1 LIMIT $2";
    let mut found = Vec::new();
    for group in groups {
        for row in tx.query(sql, &[format!("%{}%", json(group)?).into(), most.into()])? {
            let id = AccountId(row.text(0)?);
            if strings(&row.text(1)?)?.contains(group) && !found.contains(&id) {
                found.push(id);
            }
        }
    }
    Ok(found)
}

pub(super) fn bare(row: &Row) -> Result<Account, Fault> {
    bare_at(row, 0)
}

/// `at`: the column where the account begins.
fn bare_at(row: &Row, at: usize) -> Result<Account, Fault> {
    Ok(Account {
        id: AccountId(row.text(at)?),
        name: row.text(at + 1)?,
        display_name: row.text(at + 2)?,
        groups: strings(row.str(at + 3)?)?,
        manager: row.text_opt(at + 4)?.map(AccountId),
        created_at: Time(row.int(at + 5)?),
        enrolled_at: row.int_opt(at + 6)?.map(Time),
        offboarded_at: row.int_opt(at + 7)?.map(Time),
        addresses: Vec::new(),
        authenticators: Vec::new(),
    })
}

/// The account of a query that joins its addresses: a row for each, in which the account begins at column `at` and the
/// address eight columns later.
pub(super) fn whole(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    rows: &[&Row],
    at: usize,
) -> Result<Option<Account>, Fault> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut account = bare_at(first, at)?;
    let at = at + 8;
    for row in rows {
        let Some(channel) = row.text_opt(at)? else { continue };
        account.addresses.push(Address {
            channel,
            address: row.text(at + 1)?,
            confirmed_at: row.int_opt(at + 2)?.map(Time),
            changed_at: Time(row.int(at + 3)?),
            failures: count_of(row.int(at + 4)?),
            locked_until: row.int_opt(at + 5)?.map(Time),
        });
    }
    account.addresses.sort_by(|a, b| a.channel.cmp(&b.channel));
    let sql = "SELECT id, name, kind, label, state, staged_by, bound_at, bound_by, last_used_at, failures, \
               locked_until, last_step, sealed FROM authenticator \
               WHERE account = $1 AND state <> 'revoked'";
    for row in tx.query(sql, &[account.id.as_str().into()])? {
        account.authenticators.push(authenticator(tx, keys, &row)?);
    }
    account.authenticators.sort_by(|a, b| (a.bound_at, &a.id).cmp(&(b.bound_at, &b.id)));
    Ok(Some(account))
}

fn authenticator(tx: &mut Tx<'_>, keys: &Keyring, row: &Row) -> Result<Authenticator, Fault> {
    let id = AuthenticatorId(row.text(0)?);
    let kind = row.text(2)?;
    let kind = FactorKind::from_name(&kind).ok_or_else(|| damaged(&id, format!("unknown kind `{kind}`")))?;
    let opened = keys.open(Purpose::Factor, id.as_str(), &row.bytes(12)?)?;
    let mut data: FactorData =
        serde_json::from_slice(&opened).map_err(|error| damaged(&id, error.to_string()))?;
    if let FactorData::RecoveryCodes(codes) = &mut data {
        *codes = recovery_code_rows(tx, &id)?;
    }
    let state = match (row.text(4)?.as_str(), row.text_opt(5)?) {
        ("active", _) => AuthenticatorState::Active,
        ("disabled", _) => AuthenticatorState::Disabled,
        ("staged", Some(case)) => AuthenticatorState::Staged(CaseId(case)),
        (other, _) => return Err(damaged(&id, format!("unknown state `{other}`"))),
    };
    Ok(Authenticator {
        kind,
        data,
        state,
        name: row.text(1)?,
        label: row.text(3)?,
        bound_at: Time(row.int(6)?),
        bound_by: row.text(7)?,
        last_used_at: row.int_opt(8)?.map(Time),
        failures: count_of(row.int(9)?),
        locked_until: row.int_opt(10)?.map(Time),
        last_step: row.int(11)?,
        id,
    })
}

fn recovery_code_rows(tx: &mut Tx<'_>, id: &AuthenticatorId) -> Result<recovery_codes::Stored, Fault> {
    let mut codes = recovery_codes::Stored::default();
    let sql = "SELECT hash, spent_at FROM recovery_code WHERE authenticator = $1";
    for row in tx.query(sql, &[id.as_str().into()])? {
        match row.int_opt(1)? {
            None => codes.unspent.push(row.array(0)?),
            Some(_) => codes.spent += 1,
        }
    }
    Ok(codes)
}

pub(super) fn create(tx: &mut Tx<'_>, account: &Account) -> Result<(), Fault> {
    tx.send(
        "INSERT INTO account (id, name, display_name, groups, manager, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            account.id.as_str().into(),
            account.name.as_str().into(),
            account.display_name.as_str().into(),
            json(&account.groups)?.into(),
            account.manager.as_ref().map(AccountId::as_str).into(),
            account.created_at.0.into(),
        ],
    )?;
    for address in &account.addresses {
        set_address(
            tx,
            &account.id,
            &address.channel,
            &address.address,
            address.confirmed_at,
            address.changed_at,
        )?;
    }
    Ok(())
}

pub(super) fn update(
    tx: &mut Tx<'_>,
    account: &AccountId,
    display_name: &str,
    groups: &[String],
    manager: Option<&AccountId>,
) -> Result<(), Fault> {
    tx.one(
        "changing an account",
        "UPDATE account SET display_name = $2, groups = $3, manager = $4 WHERE id = $1",
        &[
            account.as_str().into(),
            display_name.into(),
            json(&groups)?.into(),
            manager.map(AccountId::as_str).into(),
        ],
    )
}

pub(super) fn set_enrolled(tx: &mut Tx<'_>, account: &AccountId, at: Time) -> Result<(), Fault> {
    tx.one(
        "enrolling",
        "UPDATE account SET enrolled_at = $2 WHERE id = $1",
        &[account.as_str().into(), at.0.into()],
    )
}

pub(super) fn set_offboarded(tx: &mut Tx<'_>, account: &AccountId, at: Time) -> Result<(), Fault> {
    let sql = "UPDATE account SET offboarded_at = $2 WHERE id = $1 AND offboarded_at IS NULL";
    tx.one("off-boarding", sql, &[account.as_str().into(), at.0.into()])
}

pub(super) fn set_address(
    tx: &mut Tx<'_>,
    account: &AccountId,
    channel: &str,
    address: &str,
    confirmed_at: Option<Time>,
    at: Time,
) -> Result<(), Fault> {
    tx.send(
        "INSERT INTO address (account, channel, address, confirmed_at, changed_at, failures) \
         VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (account, channel) DO UPDATE \
         SET address = $3, confirmed_at = $4, changed_at = $5, failures = 0, locked_until = NULL",
        &[
            account.as_str().into(),
            channel.into(),
            address.into(),
            confirmed_at.map(|t| t.0).into(),
            at.0.into(),
        ],
    )
}

pub(super) fn confirm_address(
    tx: &mut Tx<'_>,
    account: &AccountId,
    channel: &str,
    at: Time,
) -> Result<(), Fault> {
    let sql = "UPDATE address SET confirmed_at = $3 WHERE account = $1 AND channel = $2";
    tx.one("confirming an address", sql, &[account.as_str().into(), channel.into(), at.0.into()])
}

pub(super) fn address_attempts(
    tx: &mut Tx<'_>,
    account: &AccountId,
    channel: &str,
    failures: u32,
    locked_until: Option<Time>,
) -> Result<(), Fault> {
    tx.one(
        "counting attempts",
        "UPDATE address SET failures = $3, locked_until = $4 WHERE account = $1 AND channel = $2",
        &[
            account.as_str().into(),
            channel.into(),
            i64::from(failures).into(),
            locked_until.map(|t| t.0).into(),
        ],
    )
}

pub(super) fn add_authenticator(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    account: &AccountId,
    new: &Authenticator,
) -> Result<(), Fault> {
    let (state, staged_by) = match &new.state {
        AuthenticatorState::Active => ("active", None),
        AuthenticatorState::Disabled => ("disabled", None),
        AuthenticatorState::Staged(case) => ("staged", Some(case.as_str())),
    };
    tx.send(
        "INSERT INTO authenticator (id, account, name, kind, label, state, staged_by, bound_at, bound_by, failures, \
         last_step, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11)",
        &[
            new.id.as_str().into(),
            account.as_str().into(),
            new.name.as_str().into(),
            new.kind.name().into(),
            new.label.as_str().into(),
            state.into(),
            staged_by.into(),
            new.bound_at.0.into(),
            new.bound_by.as_str().into(),
            new.last_step.into(),
            seal(keys, &new.id, &new.data)?.into(),
        ],
    )?;
    if let FactorData::RecoveryCodes(codes) = &new.data {
        for hash in &codes.unspent {
            let sql = "INSERT INTO recovery_code (authenticator, hash) VALUES ($1, $2)";
            tx.send(sql, &[new.id.as_str().into(), hash.into()])?;
        }
    }
    Ok(())
}

/// The sealed form. Recovery codes are rows of their own: only an empty set is sealed for them.
fn seal(keys: &Keyring, id: &AuthenticatorId, data: &FactorData) -> Result<Vec<u8>, Fault> {
    let plain = match data {
        FactorData::RecoveryCodes(_) => {
            serde_json::to_vec(&FactorData::RecoveryCodes(recovery_codes::Stored::default()))
        }
        other => serde_json::to_vec(other),
    };
    let plain =
        zeroize::Zeroizing::new(plain.map_err(|error| Fault::broken("writing factor data").because(error))?);
    keys.seal(Purpose::Factor, id.as_str(), &plain)
}

pub(super) fn set_factor_data(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    id: &AuthenticatorId,
    data: &FactorData,
) -> Result<(), Fault> {
    let sealed = seal(keys, id, data)?;
    tx.one(
        "updating a factor",
        "UPDATE authenticator SET sealed = $2 WHERE id = $1",
        &[id.as_str().into(), sealed.into()],
    )
}

/// The step must be later than the stored one: a code is accepted once.
pub(super) fn used(tx: &mut Tx<'_>, id: &AuthenticatorId, last_step: i64, at: Time) -> Result<(), Fault> {
    tx.one(
        "spending a step",
        "UPDATE authenticator SET last_step = $2, last_used_at = $3, failures = 0, locked_until = NULL \
         WHERE id = $1 AND state = 'active' AND last_step < $2",
        &[id.as_str().into(), last_step.into(), at.0.into()],
    )
}

pub(super) fn failed(
    tx: &mut Tx<'_>,
    id: &AuthenticatorId,
    failures: u32,
    locked_until: Option<Time>,
    disable: bool,
) -> Result<(), Fault> {
    let state = if disable { "disabled" } else { "active" };
    tx.one("counting a failure", 
        "UPDATE authenticator SET failures = $2, locked_until = $3, state = $4 WHERE id = $1 AND state = 'active'",
        &[id.as_str().into(), i64::from(failures).into(), locked_until.map(|t| t.0).into(), state.into()],
    )
}

pub(super) fn disable(tx: &mut Tx<'_>, id: &AuthenticatorId) -> Result<(), Fault> {
    let sql = "UPDATE authenticator SET state = 'disabled' WHERE id = $1 AND state = 'active'";
    tx.one("switching off", sql, &[id.as_str().into()])
}

pub(super) fn spend_recovery_code(
    tx: &mut Tx<'_>,
    id: &AuthenticatorId,
    hash: &Hash,
    at: Time,
) -> Result<(), Fault> {
    let sql =
        "UPDATE recovery_code SET spent_at = $3 WHERE authenticator = $1 AND hash = $2 AND spent_at IS NULL";
    tx.one("spending a recovery code", sql, &[id.as_str().into(), (&hash.0).into(), at.0.into()])
}

pub(super) fn rename(tx: &mut Tx<'_>, id: &AuthenticatorId, label: &str) -> Result<(), Fault> {
    tx.one(
        "renaming",
        "UPDATE authenticator SET label = $2 WHERE id = $1",
        &[id.as_str().into(), label.into()],
    )
}

/// Revoking destroys the secret too: what is not there cannot leak (63B-4 4.5).
pub(super) fn revoke(tx: &mut Tx<'_>, id: &AuthenticatorId) -> Result<(), Fault> {
    tx.send("DELETE FROM recovery_code WHERE authenticator = $1", &[id.as_str().into()])?;
    let sql = "UPDATE authenticator SET state = 'revoked', staged_by = NULL, sealed = $2 WHERE id = $1 AND state <> 'revoked'";
    tx.one("revoking", sql, &[id.as_str().into(), Vec::new().into()])
}

pub(super) fn revoke_all(tx: &mut Tx<'_>, account: &AccountId) -> Result<(), Fault> {
    let sql =
        "DELETE FROM recovery_code WHERE authenticator IN (SELECT id FROM authenticator WHERE account = $1)";
    tx.send(sql, &[account.as_str().into()])?;
    let sql = "UPDATE authenticator SET state = 'revoked', staged_by = NULL, sealed = $2 WHERE account = $1";
    tx.send(sql, &[account.as_str().into(), Vec::new().into()])
}

/// What a finished case staged becomes active; what other cases staged is thrown away.
pub(super) fn activate_staged(tx: &mut Tx<'_>, account: &AccountId, case: &CaseId) -> Result<(), Fault> {
    let sql = "UPDATE authenticator SET state = 'active', staged_by = NULL WHERE account = $1 AND staged_by = $2 AND state = 'staged'";
    tx.send(sql, &[account.as_str().into(), case.as_str().into()])?;
    let sql = "UPDATE authenticator SET state = 'revoked', staged_by = NULL, sealed = $2 WHERE account = $1 AND state = 'staged'";
    tx.send(sql, &[account.as_str().into(), Vec::new().into()])
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::broken("writing JSON for storage").because(error))
}

pub(crate) fn strings(text: &str) -> Result<Vec<String>, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::broken("reading a list from storage").because(error))
}

fn count_of(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}

fn damaged(id: &AuthenticatorId, why: String) -> Fault {
    Fault::broken(format!("reading authenticator {id}")).because(why)
}
