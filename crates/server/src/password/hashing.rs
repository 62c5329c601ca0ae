//! Hashing on a bounded pool: argon2id (m = 19 MiB, t = 2, p = 1) with a pepper from the keyring.
//!
//! A hash takes some 30 ms of one core. So many run at once as there are cores, a few more wait, and the rest is
//! told to come back, so that a flood of passwords cannot starve what needs none.

use std::sync::Arc;

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{Error, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, KeyId, Params, ParamsBuilder, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::normalized;
use crate::fault::Fault;
use crate::keys::{Keyring, Purpose};

/// KiB of memory, passes and lanes: the second choice of OWASP, above what SP 800-63B-4 3.1.1.2 asks for.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// How many may wait for each one that runs: about a second of waiting.
const WAITING: usize = 32;

/// Hashes and verifies passwords. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    keyring: Arc<Keyring>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    /// The hash of no password, checked in place of a hash that does not exist: equal time for unknown names.
    decoy: Arc<str>,
}

impl Passwords {
    /// A pool for as many hashes at once as there are cores.
    pub fn new(keyring: Arc<Keyring>) -> Result<Self, Fault> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let decoy = decoy(&keyring)?.into();
        let (running, admitted) = (Semaphore::new(cores), Semaphore::new(cores * (1 + WAITING)));
        Ok(Self { keyring, running: Arc::new(running), admitted: Arc::new(admitted), decoy })
    }

    /// The hash to store: a PHC string that also names its pepper.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, Fault> {
        let keyring = Arc::clone(&self.keyring);
        self.run(move || hash(&keyring, &password)).await
    }

    /// Whether the password belongs to the stored hash. Without a hash the answer is no, after the same work.
    pub async fn verify(&self, password: Zeroizing<String>, stored: Option<String>) -> Result<bool, Fault> {
        let (keyring, decoy) = (Arc::clone(&self.keyring), Arc::clone(&self.decoy));
        self.run(move || match stored {
            Some(stored) => verify(&keyring, &password, &stored),
            None => verify(&keyring, &password, &decoy).map(|_| false),
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let doing = "hashing a password";
        let admitted = Arc::clone(&self.admitted).try_acquire_owned();
        let admitted = admitted.map_err(|_| Fault::overloaded(doing).because("too many wait already"))?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|error| Fault::broken(doing).because(error))?;
        // The permits move along: whoever stops waiting does not stop the work, and must not make room early.
        let hashing = tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop((running, admitted));
            outcome
        });
        hashing.await.map_err(|error| Fault::broken(doing).because(error))?
    }
}

fn hash(keyring: &Keyring, password: &str) -> Result<String, Fault> {
    let (id, pepper) = keyring.current(Purpose::Pepper)?;
    let hash = argon2(pepper.as_slice(), &id)
        .and_then(|argon2| argon2.hash_password(normalized(password).as_bytes()));
    hash.map(|hash| hash.to_string()).map_err(|error| Fault::broken("hashing a password").because(error))
}

fn verify(keyring: &Keyring, password: &str, stored: &str) -> Result<bool, Fault> {
    let damaged = |error: Error| {
        Fault::broken("verifying a password")
            .because(error)
            .help("the stored hash is damaged: let a new one be set")
    };
    let parsed = PasswordHash::new(stored).map_err(|error| damaged(error.into()))?;
    let params = Params::try_from(&parsed).map_err(damaged)?;
    let pepper = keyring.secret(Purpose::Pepper, params.keyid())?;
    let argon2 = argon2(pepper.as_slice(), params.keyid()).map_err(damaged)?;
    match argon2.verify_password(normalized(password).as_bytes(), &parsed) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(damaged(error)),
    }
}

fn argon2<'a>(pepper: &'a [u8], pepper_id: &[u8]) -> Result<Argon2<'a>, Error> {
    Ok(Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params(pepper_id)?)?)
}

fn params(pepper_id: &[u8]) -> Result<Params, Error> {
    let (memory, passes, lanes) = COST;
    let mut params = ParamsBuilder::new();
    params.m_cost(memory).t_cost(passes).p_cost(lanes).keyid(KeyId::new(pepper_id)?);
    Ok(params.build()?)
}

/// A hash that no password has: its output is random instead of computed.
fn decoy(keyring: &Keyring) -> Result<String, Fault> {
    let fault = |error: Error| Fault::broken("making the decoy hash").because(error);
    let (id, _) = keyring.current(Purpose::Pepper)?;
    let mut random = [0; 48];
    aws_lc_rs::rand::fill(&mut random)
        .map_err(|_| Fault::broken("making the decoy hash").because("no randomness"))?;
    let make = || -> Result<String, Error> {
        let decoy = PasswordHash {
            algorithm: Ident::new("argon2id")?,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params(&id)?)?,
            salt: Some(Salt::new(&random[..16])?),
            hash: Some(Output::new(&random[16..])?),
        };
        Ok(decoy.to_string())
    };
    make().map_err(fault)
}
