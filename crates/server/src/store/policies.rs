//! The policies that were ever in force, and which one is.
//!
//! Owns their tables. What may be installed, and who hears of it, is `install`'s affair.

use lifecycle::Time;
use policy::{Source, SourceFile};
use serde::{Deserialize, Serialize};

use super::driver::Tx;
use crate::fault::{Fault, Kind};

/// One file as it is stored.
#[derive(Serialize, Deserialize)]
struct File {
    name: String,
    text: String,
}

/// The digest of the policy in force; none before the first.
pub fn digest(tx: &mut Tx<'_>) -> Result<Option<String>, Fault> {
    let digest = tx.query_one("SELECT policy FROM log_head WHERE id = 1", &[])?.text(0)?;
    Ok(Some(digest).filter(|digest| !digest.is_empty()))
}

/// The text of the policy in force; none before the first. A text that does not have its digest is a fault.
pub fn in_force(tx: &mut Tx<'_>) -> Result<Option<Source>, Fault> {
    let Some(digest) = digest(tx)? else { return Ok(None) };
    let damaged = || Fault::broken(format!("reading the policy in force, {digest}"));
    let row = tx.query_one_opt("SELECT source FROM policy WHERE digest = $1", &[digest.as_str().into()])?;
    let Some(row) = row else { return Err(damaged().because("its text is not in the database")) };
    let files: Vec<File> = serde_json::from_str(&row.text(0)?).map_err(|error| damaged().because(error))?;
    let files = files.into_iter().map(|File { name, text }| SourceFile { name, text });
    let source = Source { files: files.collect() };
    if source.digest() != digest {
        return Err(damaged().because("somebody changed its text in the database").help(
            "restore a backup: without the policy in force nothing can be compared with it or take its place",
        ));
    }
    Ok(Some(source))
}

/// Puts a policy into force in place of another one (`None`: the first ever). A conflict if another one is in force.
pub fn install(tx: &mut Tx<'_>, instead_of: Option<&str>, source: &Source, at: Time) -> Result<(), Fault> {
    let digest = source.digest();
    let doing = || format!("installing the policy {digest}");
    // Where somebody's file lay says nothing to others.
    let name = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let files: Vec<File> =
        (source.files.iter()).map(|file| File { name: name(&file.name), text: file.text.clone() }).collect();
    let files = serde_json::to_string(&files).map_err(|error| Fault::broken(doing()).because(error))?;
    tx.execute(
        "INSERT INTO policy (digest, source, installed_at) VALUES ($1, $2, $3) \
         ON CONFLICT (digest) DO UPDATE SET source = $2",
        &[digest.as_str().into(), files.into(), at.0.into()],
    )?;
    let replaced = tx.execute(
        "UPDATE log_head SET policy = $1 WHERE id = 1 AND policy = $2",
        &[digest.as_str().into(), instead_of.unwrap_or_default().into()],
    )?;
    match replaced {
        1 => Ok(()),
        _ => Err(Fault::new(Kind::Conflict, doing())
            .because("another policy came into force meanwhile")
            .help("compare again, then apply again")),
    }
}
