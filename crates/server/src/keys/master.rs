//! The master key and where it comes from: a file of ours, a systemd credential, or the environment.
//!
//! It wraps data keys and does nothing else. Losing it loses every sealed secret, so a missing file is never
//! replaced once a database depends on it.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;
use data_encoding::{BASE64, HEXLOWER};
use zeroize::Zeroizing;

use super::aead::{self, Secret};
use crate::fault::Fault;

/// The environment variable that holds the key in base64.
pub const VARIABLE: &str = "POSTERN_MASTER_KEY";
/// The name of the systemd credential that holds the key in base64.
pub const CREDENTIAL: &str = "postern-master-key";

/// The key that wraps the data keys.
#[derive(Clone)]
pub struct MasterKey(pub(super) Secret);

impl MasterKey {
    /// A fresh key.
    pub fn generate() -> Result<Self, Fault> {
        aead::random().map(Self).ok_or_else(|| Fault::broken("making a master key").because("no randomness"))
    }

    /// Reads base64 of 32 bytes; `whence` names the place for the error.
    pub fn parse(text: &str, whence: &str) -> Result<Self, Fault> {
        let bytes = BASE64.decode(text.trim().as_bytes()).map(Zeroizing::new).ok();
        let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok()).map(Zeroizing::new);
        key.map(Self).ok_or_else(|| {
            Fault::broken(format!("reading the master key from {whence}"))
                .because("it is not 32 bytes in base64")
                .help("restore it from its backup; a new one is made by `head -c 32 /dev/urandom | base64`")
        })
    }

    /// Base64, for a file or the environment.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64.encode(self.0.as_slice()))
    }

    /// What the database remembers of the key, to tell a wrong key from damaged data. Says nothing about it.
    pub(super) fn check_value(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice());
        HEXLOWER.encode(hmac::sign(&key, b"postern: which master key is this").as_ref())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// Where the master key comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file that systemd made for this unit.
    Credential(PathBuf),
    /// A file of ours, made at the first start.
    File(PathBuf),
    /// The environment.
    Given(MasterKey),
}

impl Source {
    /// Chooses: the environment variable, else the systemd credential, else the file.
    pub fn find(environment: impl Fn(&str) -> Option<OsString>, file: PathBuf) -> Result<Self, Fault> {
        if let Some(text) = environment(VARIABLE) {
            let text = Zeroizing::new(text.to_string_lossy().into_owned());
            return MasterKey::parse(&text, VARIABLE).map(Self::Given);
        }
        let credential =
            environment("CREDENTIALS_DIRECTORY").map(|folder| Path::new(&folder).join(CREDENTIAL));
        Ok(match credential {
            Some(path) if path.exists() => Self::Credential(path),
            _ => Self::File(file),
        })
    }

    /// Reads the key; none when it would be in a file of ours that does not exist.
    pub(crate) fn read(&self) -> Result<Option<MasterKey>, Fault> {
        match self {
            Self::Given(key) => Ok(Some(key.clone())),
            // systemd guards its credentials by itself, and their mode may show the mask of an access list.
            Self::Credential(path) => read(path).map(Some),
            Self::File(path) => match fs::metadata(path) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Ok(found) if found.permissions().mode() & 0o077 != 0 => {
                    Err(Fault::broken(format!("reading the master key from `{}`", path.display()))
                        .because("others than its owner may read it")
                        .help("run `chmod 600` on it, and rotate the key if somebody may have read it"))
                }
                _ => read(path).map(Some),
            },
        }
    }

    /// Makes a key where there is none: in a file of ours only, durable before it is used. When another process
    /// was faster, its key is the one.
    pub(super) fn create(&self) -> Result<Option<MasterKey>, Fault> {
        if let Self::File(path) = self {
            write_new(path, &MasterKey::generate()?)?;
        }
        self.read()
    }

    /// Finishes a rotation that was interrupted between the database and the file: looks for the staged key
    /// that belongs to this check value and puts it in place.
    pub(super) fn recover(&self, check_value: &str) -> Result<Option<MasterKey>, Fault> {
        let Self::File(path) = self else { return Ok(None) };
        let staged = staged_path(path, check_value);
        if !staged.exists() {
            return Ok(None);
        }
        let key = read(&staged)?;
        promote(path, &key)?;
        Ok(Some(key))
    }
}

/// First half of replacing the file's key: writes the new one beside it, so that it is durable before the
/// database depends on it.
pub fn stage(path: &Path, new: &MasterKey) -> Result<(), Fault> {
    write_new(&staged_path(path, &new.check_value()), new)
}

/// Second half, after the database was committed: the staged key takes the place of the old one.
pub fn promote(path: &Path, new: &MasterKey) -> Result<(), Fault> {
    let staged = staged_path(path, &new.check_value());
    let doing = || format!("replacing the master key in `{}`", path.display());
    let renamed = fs::rename(&staged, path).and_then(|()| sync_folder(path));
    renamed.map_err(|error| {
        Fault::gone(doing()).because(error).help(format!("rename `{}` to it by hand", staged.display()))
    })
}

/// Each new key has a place of its own, so that two rotations at once cannot overwrite each other's.
fn staged_path(path: &Path, check_value: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".new-{}", check_value.get(..16).unwrap_or(check_value)));
    name.into()
}

fn read(path: &Path) -> Result<MasterKey, Fault> {
    let whence = format!("`{}`", path.display());
    let text = fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
        Fault::broken(format!("reading the master key from {whence}"))
            .because(error)
            .help("it must exist and be readable for the user that runs postern")
    })?;
    MasterKey::parse(&text, &whence)
}

/// Writes a key into a file that does not exist yet; an existing one is left alone.
fn write_new(path: &Path, key: &MasterKey) -> Result<(), Fault> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(key.to_text().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        sync_folder(path)
    };
    match write() {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(Fault::gone(format!("writing a master key to `{}`", path.display()))
                .because(error)
                .help("check that its directory exists and is writable"))
        }
        _ => Ok(()),
    }
}

/// A new name is durable only when its directory is.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn the_environment_comes_first_and_the_file_last() {
        let file = || PathBuf::from("/var/lib/postern/master-key");
        let given = |name: &str| (name == VARIABLE).then(|| TEXT.into());
        assert!(matches!(Source::find(given, file()), Ok(Source::Given(_))));
        let nowhere = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| "/nonexistent".into());
        assert!(matches!(Source::find(nowhere, file()), Ok(Source::File(_))));
    }

    #[test]
    fn a_key_is_32_bytes_in_base64() {
        assert_eq!(MasterKey::parse(&format!("{TEXT}\n"), "x").unwrap().to_text().as_str(), TEXT);
        for wrong in ["", "secret", &TEXT[4..]] {
            let fault = MasterKey::parse(wrong, VARIABLE).unwrap_err();
            assert!(
                fault.to_string().starts_with("reading the master key from POSTERN_MASTER_KEY"),
                "{fault}"
            );
        }
    }

    #[test]
    fn a_key_never_shows_in_debug_output() {
        let key = MasterKey::parse(TEXT, "x").unwrap();
        assert_eq!(format!("{key:?}"), "MasterKey(..)");
    }
}
