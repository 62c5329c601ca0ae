//! The data keys in memory: sealing, opening, authentication codes, the signing key; and the changes of keys.
//!
//! Several processes share the keys of one database. A key that another process added is found when something
//! sealed by it must be opened, or at the next [`Keyring::reload`].

use std::fmt;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::aead::{self, Secret};
use super::{MasterKey, Purpose, Source};
use crate::audit::note::Signer;
use crate::fault::Fault;
use crate::store::driver::{Conn, Database, Tx};
use crate::store::keys::{self as table, WrappedKey};

/// The first byte of everything sealed, so that another format can come later.
const FORMAT: u8 = 1;
/// The setting that tells which master key wraps the data keys.
const CHECK: &str = "master_key_check";

/// The name of a data key, in front of everything that it sealed.
type KeyId = [u8; 8];

/// All data keys of a database, ready for use.
pub struct Keyring {
    database: Database,
    source: Source,
    keys: RwLock<Vec<DataKey>>,
    reloaded: Mutex<Option<Instant>>,
}

/// What loading found, for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// The keys that were there.
    Existing,
    /// An empty database: the data keys are new. If the master key is in a file of ours, that is new too, and
    /// the operator must be told to back it up.
    New,
}

#[derive(Clone)]
struct DataKey {
    id: KeyId,
    purpose: Purpose,
    secret: Secret,
    is_retired: bool,
}

impl Keyring {
    /// Reads the master key and the data keys; makes them at the first start. Blocks.
    pub fn load(database: &Database, source: Source, now: i64) -> Result<(Self, Loaded), Fault> {
        let (keys, loaded) = Conn::open(database)?.write(|tx| {
            // Two processes that start on an empty database must not both make keys.
            tx.lock_setup()?;
            match table::setting(tx, CHECK)? {
                Some(check) => Ok((unwrap_all(tx, &existing_master(&source, &check)?)?, Loaded::Existing)),
                None => Ok((create_all(tx, &source, now)?, Loaded::New)),
            }
        })?;
        let keyring =
            Self { database: database.clone(), source, keys: RwLock::new(keys), reloaded: Mutex::default() };
        Ok((keyring, loaded))
    }

    /// Seals a secret. `context` binds it to its place (the id of its row): moved elsewhere it does not open.
    pub fn seal(&self, purpose: Purpose, context: &str, plaintext: &[u8]) -> Result<Vec<u8>, Fault> {
        let (id, secret) = self.current(purpose)?;
        let sealed = aead::seal(&secret, &bound(purpose, context), plaintext);
        let sealed = sealed.ok_or_else(|| Fault::broken(format!("sealing a {} secret", purpose.name())))?;
        Ok([&[FORMAT][..], &id, &sealed].concat())
    }

    /// Opens what was sealed for the same purpose and context.
    pub fn open(&self, purpose: Purpose, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let fault =
            |why: &'static str| Fault::broken(format!("opening a {} secret", purpose.name())).because(why);
        let (id, rest) = match sealed {
            [FORMAT, rest @ ..] => rest.split_first_chunk::<8>().ok_or_else(|| fault("it is cut off"))?,
            _ => return Err(fault("its format is unknown")),
        };
        let secret = self.secret(purpose, id)?;
        aead::open(&secret, &bound(purpose, context), rest)
            .ok_or_else(|| fault("it was changed, or belongs to another row"))
    }

    /// An authentication code under the oldest key of the purpose, so that it stays the same for the same data.
    pub fn authenticate(&self, purpose: Purpose, data: &[u8]) -> Result<[u8; 32], Fault> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let oldest = keys.iter().find(|key| key.purpose == purpose).ok_or_else(|| missing(purpose))?;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, oldest.secret.as_slice()), data);
        let mut code = [0; 32];
        code.copy_from_slice(tag.as_ref());
        Ok(code)
    }

    /// The signer of the audit log of this origin.
    pub fn signer(&self, origin: &str) -> Result<Signer, Fault> {
        Signer::from_seed(origin, &self.current(Purpose::Log)?.1)
    }

    /// The key for new things of a purpose, and its name.
    pub(crate) fn current(&self, purpose: Purpose) -> Result<(KeyId, Secret), Fault> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let newest = keys.iter().rev().find(|key| key.purpose == purpose && !key.is_retired);
        newest.map(|key| (key.id, key.secret.clone())).ok_or_else(|| missing(purpose))
    }

    /// The key of this name, even if retired. A name that we do not know may be another process's new key.
    pub(crate) fn secret(&self, purpose: Purpose, id: &[u8]) -> Result<Secret, Fault> {
        if let Some(secret) = self.known(purpose, id) {
            return Ok(secret);
        }
        self.reload_soon()?;
        self.known(purpose, id).ok_or_else(|| {
            Fault::broken(format!("finding the {} key `{}`", purpose.name(), HEXLOWER.encode(id)))
                .because("the database holds no such key")
                .help("restore the table of keys together with the rest of the database")
        })
    }

    fn known(&self, purpose: Purpose, id: &[u8]) -> Option<Secret> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|key| key.purpose == purpose && key.id == id).map(|key| key.secret.clone())
    }

    /// Reads the keys again: call it now and then, so that new keys of other processes are used. Blocks.
    pub fn reload(&self) -> Result<(), Fault> {
        let keys = Conn::open(&self.database)?.read(|tx| {
            let check = table::setting(tx, CHECK)?.unwrap_or_default();
            unwrap_all(tx, &existing_master(&self.source, &check)?)
        })?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Reloads at most once a second, however much damaged data there is; on a thread of its own, because the
    /// caller may be inside async code.
    fn reload_soon(&self) -> Result<(), Fault> {
        let mut reloaded = self.reloaded.lock().unwrap_or_else(PoisonError::into_inner);
        if reloaded.is_some_and(|at| at.elapsed() < Duration::from_secs(1)) {
            return Ok(());
        }
        *reloaded = Some(Instant::now());
        let panicked = |_| Err(Fault::broken("reading the keys again").because("it panicked"));
        std::thread::scope(|scope| scope.spawn(|| self.reload()).join().unwrap_or_else(panicked))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("source", &self.source).finish_non_exhaustive()
    }
}

/// Wraps every data key with a new master key. Run it in a transaction together with its audit event; a master
/// key in a file is staged before ([`super::master::stage`]) and promoted after.
pub fn rotate(tx: &mut Tx<'_>, old: &MasterKey, new: &MasterKey) -> Result<usize, Fault> {
    tx.lock_setup()?;
    if table::setting(tx, CHECK)?.as_deref() != Some(&old.check_value()) {
        return Err(wrong_master_key());
    }
    let keys = table::data_keys(tx)?;
    for key in &keys {
        let secret = unwrap(key, old)?;
        table::rewrap_data_key(tx, &key.id, wrap(&key.id, &key.purpose, &secret, new)?)?;
    }
    table::set(tx, CHECK, &new.check_value())?;
    Ok(keys.len())
}

/// Adds a data key for new things of a purpose and retires the older ones. Run it in a transaction together
/// with its audit event; running servers use the key after their next [`Keyring::reload`].
pub fn renew(tx: &mut Tx<'_>, master: &MasterKey, purpose: Purpose, now: i64) -> Result<(), Fault> {
    if !purpose.is_renewable() {
        return Err(
            Fault::broken(format!("renewing the {} key", purpose.name())).because("it must never change")
        );
    }
    tx.lock_setup()?;
    if table::setting(tx, CHECK)?.as_deref() != Some(&master.check_value()) {
        return Err(wrong_master_key());
    }
    table::retire_data_keys(tx, purpose.name(), now)?;
    create(tx, master, purpose, now).map(drop)
}

fn existing_master(source: &Source, check: &str) -> Result<MasterKey, Fault> {
    match source.read()? {
        Some(master) if master.check_value() == check => Ok(master),
        found => match (source.recover(check)?, found) {
            (Some(master), _) if master.check_value() == check => Ok(master),
            (_, Some(_)) => Err(wrong_master_key()),
            (_, None) => Err(Fault::broken(format!("reading the master key from {}", place(source)))
                .because("the file does not exist, and this database was set up with it")
                .help("restore it from its backup: without it no sealed secret can be opened")),
        },
    }
}

fn wrong_master_key() -> Fault {
    Fault::broken("unwrapping the data keys")
        .because("the master key is not the one that this database was set up with")
        .help("restore the right master key, or the database that belongs to this one")
}

fn place(source: &Source) -> String {
    match source {
        Source::Credential(path) | Source::File(path) => format!("`{}`", path.display()),
        Source::Given(_) => super::master::VARIABLE.to_owned(),
    }
}

fn create_all(tx: &mut Tx<'_>, source: &Source, now: i64) -> Result<Vec<DataKey>, Fault> {
    let master = match source.read()? {
        Some(master) => master,
        None => source
            .create()?
            .ok_or_else(|| Fault::broken("making a master key").because("it is gone again"))?,
    };
    table::set(tx, CHECK, &master.check_value())?;
    Purpose::ALL.iter().map(|purpose| create(tx, &master, *purpose, now)).collect()
}

fn create(tx: &mut Tx<'_>, master: &MasterKey, purpose: Purpose, now: i64) -> Result<DataKey, Fault> {
    let no_randomness =
        || Fault::broken(format!("making the {} key", purpose.name())).because("no randomness");
    let secret = aead::random().ok_or_else(no_randomness)?;
    let mut id = KeyId::default();
    aws_lc_rs::rand::fill(&mut id).map_err(|_| no_randomness())?;
    let name = HEXLOWER.encode(&id);
    let wrapped = wrap(&name, purpose.name(), &secret, master)?;
    let row =
        WrappedKey { id: name, purpose: purpose.name().into(), wrapped, created_at: now, retired_at: None };
    table::add_data_key(tx, row)?;
    Ok(DataKey { id, purpose, secret, is_retired: false })
}

fn unwrap_all(tx: &mut Tx<'_>, master: &MasterKey) -> Result<Vec<DataKey>, Fault> {
    let mut keys = Vec::new();
    for row in table::data_keys(tx)? {
        // A purpose that we do not know belongs to a newer program that runs beside us.
        let Some(purpose) = Purpose::ALL.into_iter().find(|purpose| purpose.name() == row.purpose) else {
            continue;
        };
        let id = HEXLOWER.decode(row.id.as_bytes()).ok().and_then(|id| id.try_into().ok());
        let id = id.ok_or_else(|| damaged(&row.id))?;
        keys.push(DataKey {
            id,
            purpose,
            secret: unwrap(&row, master)?,
            is_retired: row.retired_at.is_some(),
        });
    }
    Ok(keys)
}

fn wrap(id: &str, purpose: &str, secret: &Secret, master: &MasterKey) -> Result<Vec<u8>, Fault> {
    let context = format!("data key {id} {purpose}");
    let wrapped = aead::seal(&master.0, context.as_bytes(), secret.as_slice());
    wrapped.ok_or_else(|| Fault::broken(format!("wrapping the data key `{id}`")))
}

fn unwrap(row: &WrappedKey, master: &MasterKey) -> Result<Secret, Fault> {
    let context = format!("data key {} {}", row.id, row.purpose);
    let secret = aead::open(&master.0, context.as_bytes(), &row.wrapped);
    let secret = secret.and_then(|secret| <[u8; 32]>::try_from(secret.as_slice()).ok());
    secret.map(Zeroizing::new).ok_or_else(|| damaged(&row.id))
}

fn damaged(id: &str) -> Fault {
    Fault::broken(format!("unwrapping the data key `{id}`"))
        .because("the master key is right, so the row was changed")
        .help("restore the table of keys from a backup")
}

fn missing(purpose: Purpose) -> Fault {
    Fault::broken(format!("looking for the {} key", purpose.name()))
        .because("the database holds none")
        .help("restore the table of keys from a backup")
}

/// What a sealed secret is bound to: neither the purpose nor the place can be exchanged.
fn bound(purpose: Purpose, context: &str) -> Vec<u8> {
    format!("{} {context}", purpose.name()).into_bytes()
}
