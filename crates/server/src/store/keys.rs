//! The tables of wrapped data keys and of settings. What a key is, and how it is wrapped, is `keys`' affair.

use super::driver::{Row, Tx};
use crate::fault::Fault;

/// A data key as the database holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// A name for it; part of everything it sealed.
    pub id: String,
    /// What it is for.
    pub purpose: String,
    /// The key itself, sealed by the master key.
    pub wrapped: Vec<u8>,
    /// Since when it exists.
    pub created_at: i64,
    /// Since when it only opens.
    pub retired_at: Option<i64>,
}

/// All data keys, oldest first.
pub fn data_keys(tx: &mut Tx<'_>) -> Result<Vec<WrappedKey>, Fault> {
    let sql = "SELECT id, purpose, wrapped, created_at, retired_at FROM sealed_key ORDER BY created_at, id";
    let key = |row: &Row| {
        Ok(WrappedKey {
            id: row.text(0)?,
            purpose: row.text(1)?,
            wrapped: row.bytes(2)?,
            created_at: row.int(3)?,
            retired_at: row.int_opt(4)?,
        })
    };
    tx.query(sql, &[])?.iter().map(key).collect()
}

/// Adds a data key.
pub(crate) fn add_data_key(tx: &mut Tx<'_>, key: WrappedKey) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO sealed_key (id, purpose, wrapped, created_at, retired_at) VALUES ($1, $2, $3, $4, $5)",
        &[
            key.id.into(),
            key.purpose.into(),
            key.wrapped.into(),
            key.created_at.into(),
            key.retired_at.into(),
        ],
    )?;
    Ok(())
}

/// Puts another wrapping around a data key.
pub(crate) fn rewrap_data_key(tx: &mut Tx<'_>, id: &str, wrapped: Vec<u8>) -> Result<(), Fault> {
    tx.execute("UPDATE sealed_key SET wrapped = $2 WHERE id = $1", &[id.into(), wrapped.into()])?;
    Ok(())
}

/// Retires the keys of a purpose: they open what they sealed and seal nothing more.
pub(crate) fn retire_data_keys(tx: &mut Tx<'_>, purpose: &str, at: i64) -> Result<(), Fault> {
    let sql = "UPDATE sealed_key SET retired_at = $2 WHERE purpose = $1 AND retired_at IS NULL";
    tx.execute(sql, &[purpose.into(), at.into()])?;
    Ok(())
}

/// A setting that the database itself must remember.
pub fn setting(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>, Fault> {
    let row = tx.query_one_opt("SELECT value FROM setting WHERE name = $1", &[name.into()])?;
    row.map(|row| row.text(0)).transpose()
}

/// Remembers a setting.
pub fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
        &[name.into(), value.into()],
    )?;
    Ok(())
}
