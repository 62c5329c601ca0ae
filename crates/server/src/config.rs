//! The operator's manual as a type: what `postern-server.toml` may say.
//!
//! Owns reading and checking the file. Every key is documented here; the reference page is generated from these
//! words. Secrets (master key, SMTP password) may come from files instead of the configuration.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::fault::Fault;
use crate::store::driver::Database;

/// The whole configuration. Relative paths are taken from the configuration file's own folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen: an address and port.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// What browsers see: scheme, host and port, `https://login.example.com`. Passkeys are bound to its host.
    pub origin: String,
    /// The policy of the first start: a file or a folder of `*.toml`, free of errors. From then on the policy in force
    /// is in the database, and `postern apply` changes it.
    pub policy: PathBuf,
    /// A folder for the SQLite database and the master key. Made with mode 0700 if missing.
    #[serde(default = "default_data")]
    pub data: PathBuf,
    /// `postgres://...` instead of SQLite. Several servers may share it.
    #[serde(default)]
    pub database: Option<String>,
    /// The file that holds the master key; `master.key` in the data folder unless said otherwise.
    #[serde(default)]
    pub master_key: Option<PathBuf>,
    /// Where Prometheus finds the metrics: another address and port, not for the public. None: not at all.
    #[serde(default)]
    pub metrics: Option<SocketAddr>,
    /// Take the client's address from the last entry of `X-Forwarded-For`: only behind a proxy of your own.
    #[serde(default)]
    pub behind_proxy: bool,
    /// Who may use the console.
    pub console: Console,
    /// How mail leaves.
    #[serde(default)]
    pub smtp: Option<Smtp>,
    /// How text messages leave.
    #[serde(default)]
    pub sms: Option<Sms>,
}

/// Populations of the policy, by the part they play in the console. Each needs a session of AAL2 or more.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Console {
    /// Add, change, invite and off-board members.
    pub administrators: Vec<String>,
    /// Open recovery cases, record proofing, invite.
    #[serde(default)]
    pub agents: Vec<String>,
    /// Read everything, change nothing.
    #[serde(default)]
    pub auditors: Vec<String>,
}

/// A mail server that takes messages from this one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Its host name.
    pub host: String,
    /// Its port: 465 for `tls`, 587 for `starttls`, 25 for `none` unless said otherwise.
    #[serde(default)]
    pub port: Option<u16>,
    /// `starttls`, `tls`, or `none` for a relay on this machine.
    #[serde(default)]
    pub security: Security,
    /// The sender's address.
    pub from: String,
    /// For a server that asks who we are.
    #[serde(default)]
    pub user: Option<String>,
    /// A file whose first line is the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not: only for a relay on this machine.
    None,
    /// Plain first, then TLS; never without.
    #[default]
    Starttls,
    /// TLS from the start.
    Tls,
}

/// A gateway that sends text messages: one POST of `{"to": "+44...", "text": "..."}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// Where to.
    pub url: String,
    /// A file whose first line is sent as `Authorization: Bearer`.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_data() -> PathBuf {
    PathBuf::from("postern-data")
}

impl Config {
    /// Reads a configuration file.
    pub fn read(path: &Path) -> Result<Config, Fault> {
        let doing = || format!("reading the configuration `{}`", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| {
            Fault::broken(doing()).because(error).help("give the right path with `--config`")
        })?;
        let mut config: Config = toml::from_str(&text).map_err(|error| {
            Fault::broken(doing())
                .because(error.to_string().replace('\n', " "))
                .help("see docs/reference/configuration.md")
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for relative in [Some(&mut config.policy), Some(&mut config.data), config.master_key.as_mut()]
            .into_iter()
            .flatten()
            .chain(config.smtp.as_mut().and_then(|s| s.password_file.as_mut()))
            .chain(config.sms.as_mut().and_then(|s| s.token_file.as_mut()))
        {
            *relative = folder.join(&*relative);
        }
        config.parsed_origin()?;
        Ok(config)
    }

    /// The origin as a URL: `https`, or `http` for localhost only, because browsers keep secure cookies and
    /// passkeys from anything else.
    pub fn parsed_origin(&self) -> Result<url::Url, Fault> {
        let doing = || format!("reading the origin `{}`", self.origin);
        let origin = url::Url::parse(&self.origin).map_err(|error| {
            Fault::broken(doing()).because(error).help("write it like `https://login.example.com`")
        })?;
        let local = origin.host_str() == Some("localhost");
        let plain = origin.path() == "/" && origin.query().is_none() && origin.username().is_empty();
        if !plain || !(origin.scheme() == "https" || origin.scheme() == "http" && local) {
            return Err(Fault::broken(doing())
                .because("it must be `https://` and a host, or `http://localhost` for trying things out")
                .help("write it like `https://login.example.com`"));
        }
        Ok(origin)
    }

    /// The database to open.
    pub fn database(&self) -> Database {
        match &self.database {
            Some(url) => Database::Postgres(url.clone()),
            None => Database::Sqlite(self.data.join("postern.sqlite")),
        }
    }

    /// The file of the master key.
    pub fn master_key_file(&self) -> PathBuf {
        self.master_key.clone().unwrap_or_else(|| self.data.join("master.key"))
    }
}
