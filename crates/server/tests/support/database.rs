//! Fresh databases for tests: an SQLite file and a PostgreSQL database, each of its own.
//!
//! The PostgreSQL server is the one that `POSTERN_TEST_POSTGRES` names (the URL of a superuser), or else one
//! that this process starts. Neither is a failure, never a skip.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use server::store::driver::{Conn, Database};
use server::store::migrate::migrate;

/// A database that goes away with this value.
pub(crate) struct TestDatabase {
    pub(crate) database: Database,
    cleanup: Cleanup,
}

enum Cleanup {
    Directory(PathBuf),
    Database(String),
}

impl TestDatabase {
    /// An empty SQLite file.
    pub(crate) fn sqlite() -> Self {
        let directory = std::env::temp_dir().join(unique());
        std::fs::create_dir(&directory).expect("the temporary directory is writable");
        Self {
            database: Database::Sqlite(directory.join("postern.db")),
            cleanup: Cleanup::Directory(directory),
        }
    }

    /// An empty PostgreSQL database.
    pub(crate) fn postgres() -> Self {
        let name = unique();
        superuser(&format!("CREATE DATABASE {name} TEMPLATE template0"));
        let mut url = url::Url::parse(server_url()).expect("POSTERN_TEST_POSTGRES is a URL");
        url.set_path(&name);
        Self { database: Database::Postgres(url.into()), cleanup: Cleanup::Database(name) }
    }

    /// The same with all tables.
    pub(crate) fn migrated(self) -> Self {
        let mut conn = Conn::open(&self.database).expect("a test's database opens");
        migrate(&mut conn).expect("an empty database takes the migrations");
        self
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.cleanup {
            Cleanup::Directory(directory) => drop(std::fs::remove_dir_all(directory)),
            Cleanup::Database(name) => superuser(&format!("DROP DATABASE {name} WITH (FORCE)")),
        }
    }
}

/// Runs a test's body on both databases, each empty but for its tables.
pub(crate) fn on_both(body: impl Fn(&TestDatabase)) {
    body(&TestDatabase::sqlite().migrated());
    body(&TestDatabase::postgres().migrated());
}

/// Runs SQL as the server's superuser; on a thread of its own, because the caller may be inside async code.
fn superuser(sql: &str) {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut client =
                postgres::Client::connect(server_url(), postgres::NoTls).expect("the server answers");
            client.batch_execute(sql).expect("the superuser's SQL runs");
        });
    });
}

/// A name that no other test, of this or another process, uses.
fn unique() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("postern_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

fn server_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| std::env::var("POSTERN_TEST_POSTGRES").unwrap_or_else(|_| start_server()))
}

/// Starts a PostgreSQL server that lives as long as this process: its shell waits for the end of its input,
/// which comes however this process ends, then stops the server and removes its files.
fn start_server() -> String {
    static SERVER: OnceLock<Child> = OnceLock::new();
    let mut shell = Command::new("sh");
    shell.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut shell = shell.spawn().expect("there is a shell");
    let stdout = shell.stdout.take().expect("the output is piped");
    let mut socket = String::new();
    BufReader::new(stdout).read_line(&mut socket).expect("the script speaks UTF-8");
    assert!(
        !socket.is_empty(),
        "no PostgreSQL server: install it or set POSTERN_TEST_POSTGRES to a superuser's URL"
    );
    SERVER.set(shell).expect("only one thread starts the server");
    format!("postgres://postern@{}/postgres", socket.trim_end().replace('/', "%2F"))
}

/// Durability is off: no test here pulls the plug of the machine. The socket is in a directory of mode 0700, so
/// nobody else can connect.
const SCRIPT: &str = r#"
trap '' INT TERM
bin=$(dirname "$(command -v pg_ctl || ls -d /usr/lib/postgresql/*/bin/pg_ctl | sort -V | tail -n 1)")
user=$(id -un postgres 2>/dev/null || echo nobody)
cd /
# PostgreSQL refuses to run as root.
unprivileged() { if [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi }
directory=$(unprivileged mktemp -d "${TMPDIR:-/tmp}/postern-test.XXXXXXXX") || exit 1
unprivileged "$bin/initdb" -D "$directory/data" -U postern --auth trust --encoding UTF8 --locale C --no-sync \
    > "$directory.log" 2>&1 &&
unprivileged "$bin/pg_ctl" start -w -s -D "$directory/data" -l "$directory/log" \
    -o "-c listen_addresses= -c unix_socket_directories=$directory -c max_connections=300 -c fsync=off" \
    > /dev/null 2>&1 && echo "$directory" && read -r _
unprivileged "$bin/pg_ctl" stop -m immediate -s -D "$directory/data" > /dev/null 2>&1
rm -rf "$directory" "$directory.log"
"#;
