//! Everybody at once: who is present, what is bound to them and where they are reached, each table read once from
//! its beginning to its end.
//!
//! Looking accounts up one by one would take an index and a page of the file for each. Nothing sealed is read.

use super::driver::Tx;
use crate::fault::Fault;

/// How many rows the other functions of this module will show.
pub fn rows(tx: &mut Tx<'_>) -> Result<u64, Fault> {
    let sql = "SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM authenticator) + \
               (SELECT count(*) FROM address)";
    Ok(u64::try_from(tx.query_one(sql, &[])?.int(0)?).unwrap_or_default())
}

/// Shows id and groups (as JSON) of every account that is present.
pub fn accounts(
    tx: &mut Tx<'_>,
    mut visit: impl FnMut(&str, &str) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let sql = "SELECT id, groups FROM account WHERE offboarded_at IS NULL";
    tx.each(sql, &[], |row| visit(row.str(0)?, row.str(1)?))
}

/// Shows id and login name of every account that is present.
pub fn names(tx: &mut Tx<'_>, mut visit: impl FnMut(&str, &str) -> Result<(), Fault>) -> Result<(), Fault> {
    let sql = "SELECT id, name FROM account WHERE offboarded_at IS NULL ORDER BY name";
    tx.each(sql, &[], |row| visit(row.str(0)?, row.str(1)?))
}

/// Id, login name and groups (as JSON) of the account of that name, if it is present.
pub fn named(tx: &mut Tx<'_>, name: &str) -> Result<Option<(String, String, String)>, Fault> {
    let sql = "SELECT id, name, groups FROM account WHERE name = $1 AND offboarded_at IS NULL";
    let row = tx.query_one_opt(sql, &[name.into()])?;
    row.map(|row| Ok((row.text(0)?, row.text(1)?, row.text(2)?))).transpose()
}

/// A few login names that begin so.
pub fn beginning(tx: &mut Tx<'_>, beginning: &str, most: i64) -> Result<Vec<String>, Fault> {
    let like = format!("{}%", beginning.replace(['%', '_'], ""));
    let sql = "SELECT name FROM account WHERE name LIKE $1 AND offboarded_at IS NULL ORDER BY name LIMIT $2";
    tx.query(sql, &[like.into(), most.into()])?.iter().map(|row| row.text(0)).collect()
}

/// The policy names of what works for one account.
pub fn authenticators_of(tx: &mut Tx<'_>, account: &str) -> Result<Vec<String>, Fault> {
    let sql = "SELECT name FROM authenticator WHERE account = $1 AND state = 'active'";
    tx.query(sql, &[account.into()])?.iter().map(|row| row.text(0)).collect()
}

/// Channel and address where one account is reached.
pub fn addresses_of(tx: &mut Tx<'_>, account: &str) -> Result<Vec<(String, String)>, Fault> {
    let sql = "SELECT channel, address FROM address WHERE account = $1 AND confirmed_at IS NOT NULL";
    tx.query(sql, &[account.into()])?.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}

/// Shows account and policy name of every authenticator that works.
pub fn authenticators(
    tx: &mut Tx<'_>,
    mut visit: impl FnMut(&str, &str) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let sql = "SELECT account, name FROM authenticator WHERE state = 'active'";
    tx.each(sql, &[], |row| visit(row.str(0)?, row.str(1)?))
}

/// Shows account, channel and address of every address that was confirmed: a code goes to no other.
pub fn addresses(
    tx: &mut Tx<'_>,
    mut visit: impl FnMut(&str, &str, &str) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let sql = "SELECT account, channel, address FROM address WHERE confirmed_at IS NOT NULL";
    tx.each(sql, &[], |row| visit(row.str(0)?, row.str(1)?, row.str(2)?))
}
