//! PostgreSQL goes away under load and comes back: nobody gets a wrong answer, nothing is left half done, and the
//! server needs nobody to work again.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use lifecycle::{Secret, What};
use server::app::App;
use server::store::log;

use crate::browser::Browser;
use crate::place::Place;

/// A PostgreSQL cluster of its own, which the test may stop.
struct Cluster {
    folder: PathBuf,
}

impl Cluster {
    fn start() -> Cluster {
        let folder = script("mktemp -d \"${TMPDIR:-/tmp}/postern-outage.XXXXXXXX\"", "");
        let cluster = Cluster { folder: PathBuf::from(folder.trim()) };
        cluster.run("\"$bin/initdb\" -D data -U postern --auth trust --encoding UTF8 --locale C --no-sync >initdb.log");
        cluster.come_back();
        cluster
    }

    fn url(&self) -> String {
        format!("postgres://postern@{}/postgres", self.folder.display().to_string().replace('/', "%2F"))
    }

    /// As when its machine loses power: no session is told.
    fn go_away(&self) {
        // It may be stopped already: that is what the test does to it.
        self.run("\"$bin/pg_ctl\" stop -m immediate -s -D data");
    }

    fn come_back(&self) {
        self.run(
            "\"$bin/pg_ctl\" start -w -s -D data -l log \
             -o \"-c listen_addresses= -c unix_socket_directories=$PWD -c fsync=off\" >/dev/null",
        );
    }

    fn run(&self, line: &str) {
        script(line, &self.folder.display().to_string());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.run("\"$bin/pg_ctl\" stop -m immediate -s -D data || true");
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} stays behind: {error}", self.folder.display());
        }
    }
}

/// Runs a line of shell in a folder, as a user that PostgreSQL accepts: it refuses to run as root.
fn script(line: &str, folder: &str) -> String {
    const AS_WHOM: &str = r#"
        cd "${2:-/}" || exit 1
        bin=$(dirname "$(command -v pg_ctl || ls -d /usr/lib/postgresql/*/bin/pg_ctl | sort -V | tail -n 1)")
        export bin
        if [ "$(id -u)" = 0 ]; then
            exec runuser -u "$(id -un postgres 2>/dev/null || echo nobody)" -- sh -c "$1"
        fi
        exec sh -c "$1""#;
    let mut shell = Command::new("sh");
    shell.args(["-c", AS_WHOM, "sh", line, folder]).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = shell.output().expect("there is a shell");
    assert!(output.status.success(), "`{line}` in `{folder}` ends well; ./check installs PostgreSQL");
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn a_database_that_goes_away_is_told_and_one_that_comes_back_is_used() {
    let cluster = Cluster::start();
    let place = Place::sqlite();
    place.configure("\n[console]", &format!("database = \"{}\"\n\n[console]", cluster.url()));
    let serving = place.serve();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");

    let mut opened = runtime.block_on(async {
        let first = Browser::new(place.port);
        let connections: Vec<_> = (0..16).map(|_| tokio::spawn(until_told(first.another()))).collect();
        let cluster = &cluster;
        tokio::task::block_in_place(|| cluster.go_away());
        let mut opened = Vec::new();
        for connection in connections {
            opened.extend(connection.await.expect("no answer is a surprise"));
        }
        opened
    });
    let mut browser = Browser::new(place.port);
    let incident = runtime.block_on(async {
        let healthy = browser.another().get("/healthz").await.expect("the server answers");
        assert_eq!((healthy.status, healthy.body.as_str()), (200, "ok\n"), "the process lives");
        let ready = browser.another().get("/readyz").await.expect("the server answers");
        assert_eq!((ready.status, ready.body.as_str()), (503, "not ready\n"));
        let answer = browser.post("/sign-in", &[("name", "sam")]).await.expect("the server answers");
        assert_eq!(answer.status, 503, "{}", answer.body);
        incident_of(&answer.body)
    });

    cluster.come_back();
    runtime.block_on(async {
        let ready = browser.another().get("/readyz").await.expect("the server answers");
        assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
        // More than there are connections to the database, so that each is made again.
        for _ in 0..16 {
            let mut browser = browser.another();
            let answer = browser.post("/sign-in", &[("name", "sam")]).await.expect("the server answers");
            assert_eq!(answer.status, 303, "{}", answer.body);
            opened.push(secret_of(&browser));
        }
    });
    assert!(place.run(&["audit", "verify"]).done().starts_with("all "));
    let said = serving.stop();
    let line = said.lines().find(|line| line.contains(&incident));
    let line = line.unwrap_or_else(|| panic!("the log has the incident {incident}:\n{said}"));
    assert!(line.contains("check that the PostgreSQL server runs"), "{line}");
    let app = place.app();
    runtime.block_on(is_whole(&app, opened));
    app.committer().shut_down();
}

/// Opens cases until the answer is that the server cannot; the secrets of those that were answered.
async fn until_told(first: Browser) -> Vec<String> {
    let mut opened = Vec::new();
    loop {
        let mut browser = first.another();
        let answer = browser.post("/sign-in", &[("name", "sam")]).await.expect("the server answers");
        match answer.status {
            303 => opened.push(secret_of(&browser)),
            503 => {
                incident_of(&answer.body);
                return opened;
            }
            other => panic!("{other}: {}", answer.body),
        }
    }
}

fn secret_of(browser: &Browser) -> String {
    let cookie = browser.cookie("__Host-postern-sign-in").expect("an opened case is given to the browser");
    cookie.split('.').next().unwrap_or_default().to_owned()
}

/// The number that the page tells, for the operator to look up.
fn incident_of(page: &str) -> String {
    let incident = page.split("Incident <code class=\"ref\">").nth(1).and_then(|rest| rest.split('<').next());
    let incident = incident.unwrap_or_else(|| panic!("the page tells an incident:\n{page}"));
    assert!(incident.len() == 16 && incident.bytes().all(|byte| byte.is_ascii_hexdigit()), "{incident}");
    incident.to_owned()
}

/// What was answered is there, and there is no case without its event nor an event without its case.
async fn is_whole(app: &App, opened: Vec<String>) {
    for secret in opened {
        let holder = Secret::from_text(&secret).hash();
        let held = app.read(move |view| view.held(&holder)).await.expect("the database can be read");
        assert!(held.is_some(), "a case that was answered is in the database");
    }
    let (cases, entries) = app
        .read(|view| {
            let cases = view.tx.query_one("SELECT count(*) FROM access_case", &[])?.int(0)?;
            Ok((cases, log::entries(view.tx, 0, 1_000_000)?))
        })
        .await
        .expect("the database can be read");
    let fact = |body: &[u8]| serde_json::from_slice::<lifecycle::Fact>(body).expect("an event holds a fact");
    let events = entries.iter().filter(|entry| fact(&entry.event.body).what == What::CaseOpened).count();
    assert_eq!(usize::try_from(cases), Ok(events));
}
