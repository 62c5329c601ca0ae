//! The product under a walk: a whole server on a port of its own, with the shipped example policy, its mail shown on a
//! page, and a clock that the walk moves.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lifecycle::directory::{self, NewMember};
use lifecycle::enrol::{self, Authority};
use server::app::{App, Clock, Peer};
use server::config::{Config, Console};
use server::page::links;
use server::start;
use server::store::driver::Database;
use tokio::sync::oneshot;

use crate::database::TestDatabase;

/// A server that ends with this value.
pub(crate) struct Product {
    /// What browsers see.
    origin: String,
    app: App,
    clock: Arc<AtomicI64>,
    _stop: oneshot::Sender<()>,
    folder: PathBuf,
}

impl Product {
    /// Serves `examples/company.toml` from this database. Its clock stands still until it is moved.
    pub(crate) async fn start(database: &TestDatabase) -> Product {
        let listener = start::listen(([127, 0, 0, 1], 0).into()).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let origin = format!("http://localhost:{}", address.port());
        let folder = std::env::temp_dir().join(format!("postern-walk-{}", address.port()));
        let config = Config {
            listen: address,
            origin: origin.clone(),
            policy: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/company.toml"),
            data: folder.clone(),
            database: match &database.database {
                Database::Postgres(url) => Some(url.clone()),
                Database::Sqlite(_) => None,
            },
            master_key: None,
            metrics: None,
            behind_proxy: false,
            console: Console {
                administrators: vec!["admins".to_owned()],
                agents: vec!["helpdesk".to_owned(), "admins".to_owned()],
                auditors: Vec::new(),
            },
            smtp: None,
            sms: None,
        };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("the system's clock is past 1970")
            .as_micros();
        let clock = Arc::new(AtomicI64::new(i64::try_from(now).expect("the year is below 290000")));
        let moved = Clock::Fixed(Arc::clone(&clock));
        let source = start::read_policy(&config.policy).expect("the example policy can be read");
        let running = start::running(source, &moved).map_err(|found| found.1.diagnostics);
        let running = running.expect("the example policy is free of errors");
        let app = tokio::task::spawn_blocking(move || start::app(config, running, moved, true)).await;
        let app = app.expect("starting does not panic").expect("the server starts");
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = start::serve(app.clone(), listener, async move { _ = stopped.await });
        tokio::spawn(async move { serving.await.expect("the server serves until it is stopped") });
        Product { origin, app, clock, _stop: stop, folder }
    }

    /// The link that the server's terminal prints for the very first administrator.
    pub(crate) async fn first_administrator(&self, name: &str, mailbox: String) -> String {
        let new = NewMember {
            name: name.to_owned(),
            groups: vec!["domain-admins".to_owned()],
            addresses: vec![("own-mail".to_owned(), mailbox)],
            ..NewMember::default()
        };
        let terminal = Peer::terminal();
        let added = self.app.decide(None, &terminal, move |view, env| {
            Ok(directory::add(new.clone(), false, Authority::Terminal, view.policy(), env))
        });
        let account =
            added.await.expect("the database answers").expect("a fresh database has no such member");
        let whose = account.clone();
        let ticket = self.app.decide(Some(&account), &terminal, move |view, env| {
            let account = view.account(whose.as_str())?.expect("it was added a moment ago");
            Ok(enrol::bootstrap(&account, view.policy(), env))
        });
        let ticket = ticket.await.expect("the database answers").expect("nobody is enrolled yet");
        format!("{}{}", self.origin, links::enrol(ticket.expose()))
    }

    /// The address of a page.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.fetch_add(i64::try_from(time.as_micros()).expect("a walk takes days, not ages"), Relaxed);
    }

    /// The code that an authenticator app shows for this secret now: RFC 6238, SHA-1, six digits.
    pub(crate) fn totp(&self, secret: &str) -> String {
        let secret: String = secret.chars().filter(char::is_ascii_alphanumeric).collect();
        let seed = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).expect("the page shows base32");
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &seed);
        let step = self.clock.load(Relaxed) / 1_000_000 / 30;
        let mac = aws_lc_rs::hmac::sign(&key, &step.to_be_bytes());
        let mac = mac.as_ref();
        let offset = usize::from(mac[19] & 0x0f);
        let word = u32::from_be_bytes([mac[offset], mac[offset + 1], mac[offset + 2], mac[offset + 3]]);
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} stays behind: {error}", self.folder.display());
        }
    }
}
