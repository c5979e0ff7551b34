//! The configuration file. `config.default.toml` is its documentation and its defaults.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use app::epochs::EPOCH_DAYS;
use model::{ControllerName, Secret};
use serde::Deserialize;
use store::{DbConfig, SslMode, Tls};

mod keeper;
mod mail;
mod nearest;

pub use keeper::KeeperConfig;
pub use mail::{MailConfig, Security};

/// The commented defaults: `steward config` prints them, a test holds them against the code.
pub const DEFAULT_TEXT: &str = include_str!("config.default.toml");

/// Everything that an operator may set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// The data folder.
    pub data: PathBuf,
    /// The key folder, outside every backup.
    pub keys: PathBuf,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: BTreeSet<IpAddr>,
    /// What is printed.
    pub log: Log,
    /// How many threads there are.
    pub threads: Threads,
    /// Limits that keep one caller from taking everything.
    pub limits: Limits,
    /// The hosted controllers, one at least.
    pub controllers: Vec<ControllerConfig>,
}

/// What is printed, and how.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// A filter of `tracing-subscriber`.
    pub filter: String,
    /// For whom.
    pub format: LogFormat,
}

/// For whom log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, one object per line.
    Json,
}

/// How many threads there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Threads {
    /// Threads of one store.
    pub store: usize,
    /// Threads that serve HTTP; 0: one per processor.
    pub http: usize,
}

/// Limits that keep one caller from taking everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections at one time.
    pub connections: usize,
    /// The largest body of a request.
    pub body_bytes: usize,
    /// The most items of one batch.
    pub batch_items: usize,
    /// The most rows of one page.
    pub page_items: usize,
    /// Requests per second of one API key.
    pub requests_per_second: u32,
    /// Requests of one API key that may come at once.
    pub requests_burst: u32,
    /// Look-ups of one API key in a minute.
    pub lookups_per_minute: u32,
    /// Requests of one client in a minute that may come without a key in force.
    pub failures_per_minute: u32,
    /// Tries of one client to sign in, in a minute.
    pub attempts_per_minute: u32,
    /// Choices of visitors from one client in a minute.
    pub choices_per_minute: u32,
    /// How long a client may take for its headers.
    pub header_seconds: u64,
    /// How long a client may take for its body.
    pub body_seconds: u64,
    /// How long an answer may take.
    pub answer_seconds: u64,
    /// How long a stopping server waits for what it has begun.
    pub drain_seconds: u64,
}

/// One hosted controller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControllerConfig {
    /// Its name; folders are called after it.
    pub name: ControllerName,
    /// Which engine keeps its store.
    #[serde(default)]
    pub store: StoreKind,
    /// The schema of its tables (PostgreSQL).
    pub schema: Option<String>,
    /// The file that holds the database's address (PostgreSQL).
    pub dsn_file: Option<PathBuf>,
    /// The variable that holds the database's address (PostgreSQL).
    pub dsn_env: Option<String>,
    /// Whether TLS is spoken with the database, before what its address says (PostgreSQL).
    pub sslmode: Option<SslMode>,
    /// Certificates that are believed of the database in place of the system's (PostgreSQL).
    pub ca_file: Option<PathBuf>,
    /// The name of its log in checkpoints.
    pub origin: String,
    /// Names by which requests reach it.
    #[serde(default)]
    pub hosts: BTreeSet<String>,
    /// The folder of its manifest.
    #[serde(default = "default_manifest")]
    pub manifest: PathBuf,
    /// The server for its letters; none: nobody can be sent a code.
    pub mail: Option<MailConfig>,
    /// How many days an epoch of its keys lasts.
    #[serde(default = "default_epoch_days")]
    pub epoch_days: u16,
    /// Who holds a second copy of its keys.
    #[serde(default)]
    pub keepers: Vec<KeeperConfig>,
}

/// Which engine keeps a store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreKind {
    /// A SQLite file in the data folder.
    #[default]
    Sqlite,
    /// A schema of a PostgreSQL database.
    Postgres,
}

/// Why a configuration is refused. Each text says what to mend.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {kind}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// The text is no configuration.
    #[error("{}{message}", .line.map(|line| format!("line {line}: ")).unwrap_or_default())]
    Malformed {
        /// Counted from 1, where it is known.
        line: Option<usize>,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A file holds something that is refused.
    #[error("`{}`: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is refused.
        source: Box<ConfigError>,
    },
    /// The parts contradict each other.
    #[error("{0}")]
    Contradiction(String),
}

impl Config {
    /// Reads a configuration file; paths in it count from its folder.
    ///
    /// # Errors
    /// When the file cannot be read or is no valid configuration.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), kind: error.kind() })?;
        let mut config = Self::parse(&text)
            .map_err(|source| ConfigError::File { path: path.to_owned(), source: Box::new(source) })?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    /// Reads the text of a configuration; paths stay as they are.
    ///
    /// # Errors
    /// When it is no valid configuration.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map(|before| before.matches('\n').count() + 1);
            ConfigError::Malformed { line, message: nearest::suggest(error.message()) }
        })?;
        config.check()?;
        Ok(config)
    }

    /// The block of a controller; without a name the only one.
    ///
    /// # Errors
    /// When there is none of that name, or a name is needed.
    pub fn controller(&self, name: Option<&str>) -> Result<&ControllerConfig, ConfigError> {
        let names = || {
            let names: Vec<_> = self.controllers.iter().map(|block| block.name.as_str()).collect();
            names.join("`, `")
        };
        match (name, self.controllers.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => {
                Err(ConfigError::Contradiction(format!("name one of the controllers: `{}`", names())))
            }
            (Some(name), blocks) => {
                blocks.iter().find(|block| block.name.as_str() == name).ok_or_else(|| {
                    ConfigError::Contradiction(format!(
                        "no controller is called `{name}`; there are `{}`",
                        names()
                    ))
                })
            }
        }
    }

    /// Where the files of a controller lie: its SQLite store and its ledger.
    #[must_use]
    pub fn data_of(&self, controller: &ControllerConfig) -> PathBuf {
        self.data.join(controller.name.as_str())
    }

    /// Where the keys of a controller lie.
    #[must_use]
    pub fn keys_of(&self, controller: &ControllerConfig) -> PathBuf {
        self.keys.join(controller.name.as_str())
    }

    /// How to open the store of a controller; reads the secret that it needs.
    ///
    /// # Errors
    /// When the database's address cannot be read.
    pub fn store_of(&self, controller: &ControllerConfig) -> Result<DbConfig, ConfigError> {
        match controller.store {
            StoreKind::Sqlite => Ok(DbConfig::Sqlite {
                path: self.data_of(controller).join("steward.db"),
                readers: self.threads.store,
            }),
            StoreKind::Postgres => Ok(DbConfig::Postgres {
                dsn: controller.dsn()?.expose().clone(),
                schema: controller.schema.clone().unwrap_or_else(|| "steward".to_owned()),
                threads: self.threads.store,
                tls: Tls { mode: controller.sslmode, ca_file: controller.ca_file.clone() },
            }),
        }
    }

    fn resolve(&mut self, folder: &Path) {
        for path in [&mut self.data, &mut self.keys] {
            *path = folder.join(&*path);
        }
        for controller in &mut self.controllers {
            controller.manifest = folder.join(&controller.manifest);
            for path in [&mut controller.dsn_file, &mut controller.ca_file].into_iter().flatten() {
                *path = folder.join(&*path);
            }
            if let Some(mail) = &mut controller.mail {
                mail.resolve(folder);
            }
            controller.keepers.iter_mut().for_each(|keeper| keeper.resolve(folder));
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |message: String| Err(ConfigError::Contradiction(message));
        if self.controllers.is_empty() {
            return refuse("there is no controller: add a `[[controllers]]` block".to_owned());
        }
        let (mut names, mut origins, mut hosts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for controller in &self.controllers {
            let name = &controller.name;
            if !names.insert(name.as_str()) {
                return refuse(format!("two controllers are called `{name}`"));
            }
            if !origins.insert(controller.origin.as_str()) {
                return refuse(format!("two controllers have the log `{}`", controller.origin));
            }
            if let Some(host) = controller.hosts.iter().find(|host| !hosts.insert(host.as_str())) {
                return refuse(format!("two controllers have the host `{host}`"));
            }
            controller.check_store().map_err(ConfigError::Contradiction)?;
            if let Some(why) = controller.mail.as_ref().and_then(|mail| mail.check().err()) {
                return refuse(format!("controller `{name}`, mail: {why}"));
            }
            if let Err(why) = keeper::check(controller, &self.keys_of(controller), &self.data) {
                return refuse(format!("controller `{name}`: {why}"));
            }
        }
        let limits = &self.limits;
        let zero = limits.connections == 0
            || limits.body_bytes == 0
            || limits.batch_items == 0
            || limits.page_items == 0
            || limits.requests_per_second == 0
            || limits.requests_burst == 0
            || limits.lookups_per_minute == 0
            || limits.failures_per_minute == 0
            || limits.attempts_per_minute == 0
            || limits.choices_per_minute == 0;
        if zero { refuse("a limit of 0 would let nothing through".to_owned()) } else { Ok(()) }
    }
}

impl ControllerConfig {
    /// The database's address.
    fn dsn(&self) -> Result<Secret<String>, ConfigError> {
        match (&self.dsn_file, &self.dsn_env) {
            (Some(path), _) => fs::read_to_string(path)
                .map(|text| Secret::new(text.trim().to_owned()))
                .map_err(|error| ConfigError::Unreadable { path: path.clone(), kind: error.kind() }),
            (None, Some(name)) => std::env::var(name)
                .map(Secret::new)
                .map_err(|_| ConfigError::Contradiction(format!("the variable `{name}` is not set"))),
            (None, None) => Err(ConfigError::Contradiction("there is no `dsn_file`".to_owned())),
        }
    }

    fn check_store(&self) -> Result<(), String> {
        let name = &self.name;
        let (file, env) = (self.dsn_file.is_some(), self.dsn_env.is_some());
        let tls = self.sslmode.is_some() || self.ca_file.is_some();
        match self.store {
            StoreKind::Postgres if file == env => {
                Err(format!("controller `{name}`: `postgres` needs either `dsn_file` or `dsn_env`"))
            }
            StoreKind::Sqlite if file || env || tls || self.schema.is_some() => Err(format!(
                "controller `{name}`: `schema`, `dsn_…`, `sslmode` and `ca_file` go with `store = \"postgres\"`"
            )),
            StoreKind::Postgres if self.sslmode == Some(SslMode::Disable) && self.ca_file.is_some() => {
                Err(format!(
                    "controller `{name}`: without TLS (`sslmode`) there is nothing to believe (`ca_file`)"
                ))
            }
            StoreKind::Postgres | StoreKind::Sqlite => Ok(()),
        }
    }
}

fn default_manifest() -> PathBuf {
    "manifest".into()
}

const fn default_epoch_days() -> u16 {
    EPOCH_DAYS
}

impl Default for Config {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "the text is a constant that follows the rule for names")]
        let name = ControllerName::new("main").expect("a name");
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7300)),
            data: "data".into(),
            keys: "keys".into(),
            trusted_proxies: BTreeSet::new(),
            log: Log::default(),
            threads: Threads::default(),
            limits: Limits::default(),
            controllers: vec![ControllerConfig {
                name,
                store: StoreKind::Sqlite,
                schema: None,
                dsn_file: None,
                dsn_env: None,
                sslmode: None,
                ca_file: None,
                origin: "localhost/main".to_owned(),
                hosts: BTreeSet::new(),
                manifest: default_manifest(),
                mail: None,
                epoch_days: EPOCH_DAYS,
                keepers: Vec::new(),
            }],
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

impl Default for Threads {
    fn default() -> Self {
        Self { store: 4, http: 0 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            body_bytes: 8 << 20,
            batch_items: 10_000,
            page_items: 1000,
            requests_per_second: 200,
            requests_burst: 400,
            lookups_per_minute: 60,
            failures_per_minute: 60,
            attempts_per_minute: 60,
            choices_per_minute: 60,
            header_seconds: 10,
            body_seconds: 30,
            answer_seconds: 60,
            drain_seconds: 30,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MORE: &str = "\n[[controllers]]\nname = \"shop\"\norigin = \"shop.example/log\"\n";

    #[test]
    fn the_commented_defaults_say_what_the_program_does_without_a_file() {
        assert_eq!(Config::parse(DEFAULT_TEXT).expect("the defaults"), Config::default());
        assert_eq!(Config::parse("").expect("nothing is set"), Config::default());
    }

    #[test]
    fn an_unknown_key_stops_the_start_with_the_nearest_known_one_and_its_line() {
        let told = |text: &str| Config::parse(text).expect_err("refused").to_string();
        let listen = told("data = \"d\"\nlissten = \"127.0.0.1:1\"\n");
        assert_eq!(listen, "line 2: unknown key `lissten`, did you mean `listen`?");
        let limit = told("[limits]\nbody_byte = 1\n");
        assert!(limit.contains("did you mean `body_bytes`"), "{limit}");
        let controller = told(&format!("{MORE}dsnfile = \"x\""));
        assert!(controller.contains("did you mean `dsn_file`"), "{controller}");
        let far = told("zzz = 1");
        assert!(far.contains("known are `listen`, `data`"), "{far}");
    }

    #[test]
    fn paths_count_from_the_folder_of_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("steward.toml");
        fs::write(&file, "data = \"d\"\nkeys = \"/k\"\n").expect("written");
        let config = Config::load(&file).expect("a configuration");
        assert_eq!(config.data, folder.path().join("d"));
        assert_eq!(config.keys, Path::new("/k"));
        assert_eq!(config.controllers[0].manifest, folder.path().join("manifest"));
    }

    #[test]
    fn a_secret_comes_from_a_file_and_never_prints() {
        let folder = tempfile::tempdir().expect("a folder");
        let dsn = folder.path().join("dsn");
        fs::write(&dsn, "postgres://canary-password@db/shop\n").expect("written");
        let text = format!("{MORE}store = \"postgres\"\ndsn_file = {:?}\nschema = \"shop\"\n", dsn);
        let config = Config::parse(&text).expect("a configuration");
        assert!(!format!("{config:?}").contains("canary"), "{config:?}");
        let DbConfig::Postgres { dsn, schema, .. } =
            config.store_of(&config.controllers[0]).expect("an address")
        else {
            panic!("PostgreSQL was asked for")
        };
        assert_eq!((dsn.as_str(), schema.as_str()), ("postgres://canary-password@db/shop", "shop"));
    }

    #[test]
    fn controllers_that_would_share_something_are_refused() {
        for (text, why) in [
            (format!("{MORE}{MORE}"), "two controllers are called"),
            (format!("{MORE}{}", MORE.replace("\"shop\"", "\"other\"")), "have the log"),
            (
                format!(
                    "{MORE}hosts = [\"a\"]\n{}hosts = [\"a\"]",
                    MORE.replace("\"shop\"", "\"other\"").replace("/log", "/two")
                ),
                "have the host",
            ),
            ("controllers = []".to_owned(), "no controller"),
            (format!("{MORE}store = \"postgres\""), "dsn_file"),
            (format!("{MORE}dsn_env = \"X\""), "go with"),
            (format!("{MORE}ca_file = \"ca.pem\""), "go with"),
            (
                format!(
                    "{MORE}store = \"postgres\"\ndsn_env = \"X\"\nsslmode = \"disable\"\nca_file = \"c\""
                ),
                "nothing to believe",
            ),
            (format!("{MORE}store = \"postgres\"\ndsn_env = \"X\"\nsslmode = \"prefer\""), "verify-full"),
            (
                format!(
                    "{MORE}[controllers.mail]\nsender = \"a@b.example\"\nhost = \"mail.example\"\nsecurity = \"plain\""
                ),
                "this machine only",
            ),
            (
                format!("{MORE}[controllers.mail]\nsender = \"a@b.example\"\nhost = \"::1\"\nuser = \"u\""),
                "go together",
            ),
            ("[limits]\npage_items = 0".to_owned(), "limit of 0"),
            (format!("{MORE}epoch_days = 0"), "1 to 365"),
            (format!("{MORE}[[controllers.keepers]]\nname = \"A b\"\nfolder = \"/k\""), "small letters"),
            (format!("{MORE}[[controllers.keepers]]\nname = \"a\"\nfolder = \"keys/a\""), "another place"),
            (
                format!(
                    "{MORE}[[controllers.keepers]]\nname = \"a\"\nfolder = \"/k\"\n[[controllers.keepers]]\nname = \"a\"\nfolder = \"/l\""
                ),
                "two keepers",
            ),
        ] {
            let error = Config::parse(&text).expect_err(&text).to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
