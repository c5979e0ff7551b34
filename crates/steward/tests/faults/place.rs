//! An installation in a folder of its own, and the real executable working on it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use store::{DbConfig, MIGRATIONS};
use testkit::{Engine, TestDb};

use crate::client::{Reply, call};
use crate::power::Wrap;

/// How long a server may take until it listens.
const START_SECONDS_MAX: u64 = 60;

/// A folder with configuration, data and keys. On PostgreSQL the tables lie in a schema of
/// its own.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    pub(crate) engine: Engine,
    /// Keeps the schema until the end.
    _db: Option<TestDb>,
    pub(crate) keys: Keys,
    /// Records what commands do, where that is wanted.
    pub(crate) wrap: Option<Wrap>,
}

/// API keys of the sample shop's programs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    /// The storefront, which also acts for customers.
    pub(crate) shop: String,
    /// The mail program.
    pub(crate) mailer: String,
}

impl Place {
    /// Configures an installation, applies the sample manifest and makes a key; `None` when
    /// PostgreSQL is left out.
    pub(crate) fn new(engine: Engine) -> Option<Self> {
        Self::within(engine, None)
    }

    /// The same in a folder below `parent`.
    pub(crate) fn within(engine: Engine, parent: Option<&Path>) -> Option<Self> {
        let mut place = Self::bare(engine, parent)?;
        place.set_up();
        Some(place)
    }

    /// Only the configuration.
    pub(crate) fn bare(engine: Engine, parent: Option<&Path>) -> Option<Self> {
        let folder = match parent {
            Some(parent) => tempfile::tempdir_in(parent),
            None => tempfile::tempdir(),
        };
        let folder = folder.expect("a folder");
        let db = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(TestDb::open(engine, MIGRATIONS)?),
        };
        let store = match db.as_ref().map(|db| db.config()) {
            Some(DbConfig::Postgres { schema, dsn, .. }) => on_postgres(folder.path(), dsn, schema),
            _ => "store = \"sqlite\"\n".to_owned(),
        };
        Some(Self::configured(folder, engine, db, &store))
    }

    /// An installation on a PostgreSQL of the test's own.
    pub(crate) fn on(dsn: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = on_postgres(folder.path(), dsn, "faults");
        let mut place = Self::configured(folder, Engine::Postgres, None, &store);
        place.set_up();
        place
    }

    fn configured(folder: tempfile::TempDir, engine: Engine, db: Option<TestDb>, store: &str) -> Self {
        let config = format!(
            "listen = \"127.0.0.1:0\"\n[limits]\nrequests_per_second = 100000\nrequests_burst = 100000\n\
             lookups_per_minute = 1000000\ndrain_seconds = 5\n[[controllers]]\nname = \"main\"\n\
             origin = \"faults.example/main\"\n{store}"
        );
        std::fs::write(folder.path().join("steward.toml"), config).expect("written");
        Self { folder, engine, _db: db, keys: Keys::default(), wrap: None }
    }

    /// Applies the sample manifest and makes the programs' keys, by the commands themselves.
    pub(crate) fn set_up(&mut self) {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop/manifest");
        self.done(&["apply", manifest, "--yes"]);
        let mut create =
            vec!["api-key", "create", "--service", "storefront", "--label", "faults", "--look-up"];
        for action in model::Action::ALL {
            create.extend(["--action", action.code()]);
        }
        for purpose in ["order-fulfilment", "service-messages", "accounting", "newsletter", "rights"] {
            create.extend(["--purpose", purpose]);
        }
        let key = |made: Value| made["key"].as_str().expect("a key").to_owned();
        self.keys.shop = key(self.done(&create));
        self.keys.mailer = key(self.done(&["api-key", "create", "--service", "mailer", "--label", "faults"]));
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A command on this installation.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.wrap.as_ref().map_or_else(|| Command::new(executable()), Wrap::command);
        command.args(arguments).current_dir(self.path());
        command.env_remove("STEWARD_CONFIG").env_remove(fault::POINT);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the executable runs")
    }

    /// Runs a command that must be done, and gives its answer.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[&["--json"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", words(&output));
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// The whole log recomputed and compared with the store, by the command.
    #[track_caller]
    pub(crate) fn verify(&self) -> Value {
        self.done(&["ledger", "verify"])
    }

    /// Starts `steward serve` and waits until it listens; the status when it ended before.
    pub(crate) fn serve(&self, environment: &[(&str, &str)]) -> Result<Server, Ended> {
        Server::start(self.command(&["serve"]).envs(environment.iter().copied()))
    }
}

/// The lines of a configuration that name a schema of a PostgreSQL.
fn on_postgres(folder: &Path, dsn: &str, schema: &str) -> String {
    std::fs::write(folder.join("dsn"), dsn).expect("written");
    format!("store = \"postgres\"\nschema = \"{schema}\"\ndsn_file = \"dsn\"\n")
}

/// The executable under test: the one that was built with the tests, or a copy of it.
pub(crate) fn executable() -> std::ffi::OsString {
    std::env::var_os("STEWARD_TEST_EXECUTABLE").unwrap_or_else(|| env!("CARGO_BIN_EXE_steward").into())
}

/// What a command said.
pub(crate) fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A server that ended before it listened.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) said: String,
}

/// A running `steward serve`.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    lines: mpsc::Receiver<String>,
    said: String,
}

impl Server {
    /// Starts the command and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Self, Ended> {
        let mut child = command.stdout(Stdio::null()).spawn().expect("the executable runs");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    break;
                }
            }
        });
        let mut said = String::new();
        loop {
            match lines.recv_timeout(Duration::from_secs(START_SECONDS_MAX)) {
                Ok(line) => {
                    let address = line.split("address=").nth(1).and_then(|rest| {
                        rest.split(' ').next().and_then(|address| address.trim().parse().ok())
                    });
                    said.push_str(&line);
                    said.push('\n');
                    if let Some(address) = address {
                        return Ok(Self { child, address, lines, said });
                    }
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    drop(child.wait());
                    return Err(Ended { said });
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    drop(child.kill());
                    panic!("the server does not start:\n{said}");
                }
            }
        }
    }

    /// One request of the storefront; `None` when the server died first.
    pub(crate) fn call(&self, key: &str, method: &str, path: &str, body: &Value) -> Option<Reply> {
        call(self.address, key, method, path, None, body)
    }

    /// A GET that must be answered.
    #[track_caller]
    pub(crate) fn get(&self, key: &str, path: &str) -> Reply {
        self.call(key, "GET", path, &json!(null)).expect("the server lives")
    }

    /// A POST that must be answered.
    #[track_caller]
    pub(crate) fn post(&self, key: &str, path: &str, body: &Value) -> Reply {
        self.call(key, "POST", path, body).expect("the server lives")
    }

    /// Waits for the end of the process and gives what it said; `None` when it still lives.
    #[expect(clippy::disallowed_methods, reason = "waits for another process in real time")]
    pub(crate) fn wait(&mut self, at_most: Duration) -> Option<(ExitStatus, String)> {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                break status;
            }
            if started.elapsed() > at_most {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        Some((status, self.heard()))
    }

    /// What the process has said so far.
    pub(crate) fn heard(&mut self) -> String {
        // The reading thread ends with the pipe.
        while let Ok(line) = self.lines.recv_timeout(Duration::from_millis(200)) {
            self.said.push_str(&line);
            self.said.push('\n');
        }
        self.said.clone()
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) -> String {
        drop(self.child.kill());
        drop(self.child.wait());
        self.heard()
    }

    /// SIGTERM, and the end in peace.
    #[track_caller]
    pub(crate) fn stop(mut self) -> String {
        signal(&self.child, "TERM");
        let (status, said) = self.wait(Duration::from_secs(60)).expect("the server stops when it is told");
        assert!(status.success(), "{status}: {said}");
        said
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that fails leaves no server behind.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Sends a signal by the system's own command, which needs no unsafe code of ours.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    assert!(sent.expect("`kill` runs").success());
}
