//! A place to run the command in: a folder with a configuration, which goes away with the test, and servers that are
//! ended by their own process id.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc;
use std::time::Duration;

use policy::Source;
use server::app::{App, Clock};
use server::config::Config;
use server::start;
use server::store::driver::Database;

use crate::database::TestDatabase;

/// The policy of every place, unless a test puts another one there.
pub(crate) const COMPANY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/company.toml");

/// No command takes so long, however busy the machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A folder with `postern-server.toml`.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    /// Kept for as long as the place is there.
    _database: Option<TestDatabase>,
}

impl Place {
    /// A server on an SQLite file.
    pub(crate) fn sqlite() -> Place {
        Place::new(None)
    }

    /// A server on a PostgreSQL database of its own.
    pub(crate) fn postgres() -> Place {
        Place::new(Some(TestDatabase::postgres()))
    }

    fn new(database: Option<TestDatabase>) -> Place {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("postern-place-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).expect("the temporary folder is writable");
        let port = free_port();
        let url = database.as_ref().map(|database| match &database.database {
            Database::Postgres(url) => format!("database = \"{url}\"\n"),
            Database::Sqlite(_) => String::new(),
        });
        let place = Place { folder, port, _database: database };
        place.write(
            "postern-server.toml",
            &format!(
                "listen = \"127.0.0.1:{port}\"\norigin = \"http://localhost:{port}\"\npolicy = \"{COMPANY}\"\n\
                 data = \"data\"\n{}\n[console]\nadministrators = [\"admins\"]\nagents = [\"helpdesk\"]\n",
                url.unwrap_or_default()
            ),
        );
        place
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Puts a file there.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the folder is writable");
    }

    /// Puts a file there that only its owner reads.
    pub(crate) fn write_secret(&self, name: &str, text: &str, mode: u32) {
        self.write(name, text);
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.path(name), mode).expect("its owner may change the mode");
    }

    /// Changes the configuration.
    pub(crate) fn configure(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path("postern-server.toml")).expect("it was written here");
        assert!(text.contains(from), "the configuration has no `{from}`:\n{text}");
        self.write("postern-server.toml", &text.replacen(from, to, 1));
    }

    /// The command, to be run there.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        for name in ["POSTERN_CONFIG", "POSTERN_LOG", "POSTERN_MASTER_KEY", "CREDENTIALS_DIRECTORY"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(&mut self.command(arguments))
    }

    /// Starts a server and returns when it takes requests.
    pub(crate) fn serve(&self) -> Serving {
        self.serve_with(|command| command)
    }

    /// The same with something else about the process.
    pub(crate) fn serve_with(&self, change: impl FnOnce(&mut Command) -> &mut Command) -> Serving {
        let mut command = self.command(&["serve"]);
        change(&mut command).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the command was built");
        let mut said = BufReader::new(process.stderr.take().expect("its output was asked for"));
        let mut all = String::new();
        // The line comes after the socket listens.
        while !all.contains("serving origin=") {
            let mut line = String::new();
            let length = said.read_line(&mut line).expect("logs are text");
            all.push_str(&line);
            assert!(length > 0, "the server ended instead of serving; it said:\n{all}");
        }
        let logs = std::thread::spawn(move || rest(&mut said, all));
        Serving { process, logs: Some(logs) }
    }

    /// The application of the place in this process, for looking and seeding. Blocks.
    pub(crate) fn app(&self) -> App {
        let config = Config::read(&self.path("postern-server.toml")).expect("the configuration is right");
        let source: Source = start::read_policy(&config.policy).expect("the policy can be read");
        let running = start::running(source, &Clock::System).map_err(|found| found.1.diagnostics);
        start::app(config, running.expect("the policy has no errors"), Clock::System, false)
            .expect("the application starts")
    }
}

/// Somebody must go on listening, or a chatty server would stop at a full pipe.
fn rest(said: &mut BufReader<ChildStderr>, mut all: String) -> String {
    let mut bytes = Vec::new();
    // What comes after a broken pipe is nobody's.
    let _ = said.read_to_end(&mut bytes);
    all.push_str(&String::from_utf8_lossy(&bytes));
    all
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} stays behind: {error}", self.folder.display());
        }
    }
}

/// A port of loopback that nobody used a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    listener.local_addr().expect("a listener has an address").port()
}

/// A server that is killed with this value, if nothing ended it before.
pub(crate) struct Serving {
    process: Child,
    logs: Option<std::thread::JoinHandle<String>>,
}

impl Serving {
    /// Asks it to stop, as systemd does; what it said, if it ended well.
    pub(crate) fn stop(mut self) -> String {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().expect("there is `kill`");
        assert!(told.success(), "process {id} can be told to stop");
        let status = self.process.wait().expect("it is our child");
        let said = self.said();
        assert!(status.success(), "the server ended with {status}:\n{said}");
        said
    }

    /// Ends it at once, as the kernel does when memory runs out; what it said.
    pub(crate) fn kill(mut self) -> String {
        self.process.kill().expect("it is our child");
        self.process.wait().expect("it is our child");
        self.said()
    }

    fn said(&mut self) -> String {
        let logs = self.logs.take().map(std::thread::JoinHandle::join);
        logs.and_then(Result::ok).unwrap_or_default()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Stopped and killed servers are waited for already: neither call does anything to them.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    /// Runs a command to its end. None may panic, whatever is asked of it.
    pub(crate) fn of(command: &mut Command) -> Outcome {
        let output = ended(command);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints text");
        let outcome =
            Outcome { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        for sign in ["panicked", "backtrace", "RUST_BACKTRACE"] {
            assert!(!outcome.err.contains(sign), "no command panics:\n{}", outcome.err);
        }
        outcome
    }

    /// It did what was asked; what it printed.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, Some(0), "it is done:\n{}{}", self.out, self.err);
        self.out
    }

    /// It could not run: exit code 2, and one line on standard error that holds all of these words.
    #[track_caller]
    pub(crate) fn cannot_run(self, words: &[&str]) {
        assert_eq!(self.code, Some(2), "it cannot run:\n{}{}", self.out, self.err);
        assert_eq!(self.out, "", "nothing is printed beside the reason");
        assert_eq!(self.err.lines().count(), 1, "one line says why:\n{}", self.err);
        assert!(self.err.starts_with("error: "), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "the line says `{word}`: {}", self.err);
        }
    }
}

/// What a command printed until its end. One that goes on, as a server does that should have refused to start, is
/// ended and fails the test.
fn ended(command: &mut Command) -> Output {
    let process =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command was built");
    let id = process.id().to_string();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || tell.send(process.wait_with_output()));
    if let Ok(output) = told.recv_timeout(PATIENCE) {
        return output.expect("it is our child");
    }
    let killed = Command::new("kill").args(["-KILL", &id]).status().expect("there is `kill`");
    assert!(killed.success(), "process {id} can be ended");
    let output = told.recv().expect("it has ended").expect("it is our child");
    panic!("{command:?} went on and on; it said:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Is it there?
pub(crate) fn exists(path: &Path) -> bool {
    path.try_exists().expect("the folder can be read")
}
