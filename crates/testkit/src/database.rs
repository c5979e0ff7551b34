//! A database per test: a SQLite file in a folder of its own, and a schema of
//! its own on the PostgreSQL that `STEWARD_TEST_PG` names.

use std::ops::Deref;
use std::thread;

use postgres::{Client, NoTls};
use store::{Db, DbConfig, Migration, Tls};
use tempfile::TempDir;

/// Names the PostgreSQL of the tests (`script/postgres start` prints it), or
/// `skip` to leave PostgreSQL out.
const POSTGRES: &str = "STEWARD_TEST_PG";
/// Threads of a test's database.
const THREADS: usize = 4;

/// The two engines that every test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A SQLite file.
    Sqlite,
    /// A PostgreSQL schema.
    Postgres,
}

/// An open database that is gone with everything in it when this is dropped.
pub struct TestDb {
    db: Option<Db>,
    config: DbConfig,
    engine: Engine,
    folder: TempDir,
}

impl TestDb {
    /// Runs `body` on each engine with an empty database at the newest of `migrations`.
    ///
    /// # Panics
    /// When a database cannot be opened, above all when `STEWARD_TEST_PG` is
    /// not set: a suite that silently leaves an engine out proves nothing.
    pub fn each(migrations: &'static [Migration], body: impl Fn(&TestDb)) {
        for db in Self::on_both(migrations) {
            body(&db);
        }
    }

    /// Like [`TestDb::each`] for an async body, on a runtime of its own with two threads.
    ///
    /// # Panics
    /// As [`TestDb::each`].
    pub fn each_async(migrations: &'static [Migration], body: impl AsyncFn(&TestDb)) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("an async runtime starts");
        for db in Self::on_both(migrations) {
            runtime.block_on(body(&db));
        }
    }

    /// A database on one engine; `None` for PostgreSQL when it is left out.
    ///
    /// # Panics
    /// As [`TestDb::each`].
    #[must_use]
    pub fn open(engine: Engine, migrations: &'static [Migration]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder under /tmp");
        let config = match engine {
            Engine::Sqlite => DbConfig::Sqlite { path: folder.path().join("steward.db"), readers: THREADS },
            Engine::Postgres => DbConfig::Postgres {
                dsn: postgres_dsn()?,
                schema: format!("test_{:016x}", getrandom::u64().expect("randomness")),
                threads: THREADS,
                tls: Tls::default(),
            },
        };
        let db = Db::open(&config, migrations)
            .unwrap_or_else(|error| panic!("the test database on {engine:?} does not open: {error}"));
        Some(Self { db: Some(db), config, engine, folder })
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Where the database lies, to open it a second time.
    #[must_use]
    pub fn config(&self) -> &DbConfig {
        &self.config
    }

    /// A folder that is removed with the database.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Closes the database and opens it again, as a restart does.
    ///
    /// # Panics
    /// When it does not open again.
    pub fn reopen(&mut self, migrations: &'static [Migration]) {
        self.db = None;
        self.db = Some(Db::open(&self.config, migrations).expect("the database opens again"));
    }

    /// Runs statements past the store, as a tamperer with access to the database does.
    /// Bytes are written `X'…'` on both engines.
    ///
    /// # Panics
    /// When the database refuses them.
    pub fn tamper(&self, statements: &str) {
        match &self.config {
            DbConfig::Sqlite { path, .. } => rusqlite::Connection::open(path)
                .and_then(|conn| conn.execute_batch(statements))
                .expect("the statements run"),
            DbConfig::Postgres { dsn, schema, .. } => {
                let text = format!("SET search_path = {schema}; {statements}").replace("X'", "'\\x");
                let dsn = dsn.clone();
                let done = thread::spawn(move || Client::connect(&dsn, NoTls)?.batch_execute(&text));
                done.join().expect("the thread ends").expect("the statements run");
            }
        }
    }

    fn on_both(migrations: &'static [Migration]) -> impl Iterator<Item = TestDb> {
        [Engine::Sqlite, Engine::Postgres]
            .into_iter()
            .filter_map(move |engine| Self::open(engine, migrations))
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        self.db.as_ref().expect("the database is open")
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        self.db = None;
        if let DbConfig::Postgres { dsn, schema, .. } = &self.config {
            let (dsn, schema) = (dsn.clone(), schema.clone());
            // A thread of its own: the client must not run inside an async runtime.
            let dropped = thread::spawn(move || {
                let mut client = Client::connect(&dsn, NoTls)?;
                client.batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))
            });
            drop(dropped.join());
        }
    }
}

/// The DSN of the tests' PostgreSQL; `None` when it is left out on purpose.
pub(crate) fn postgres_dsn() -> Option<String> {
    match std::env::var(POSTGRES) {
        Ok(value) if value == "skip" => {
            skipped();
            None
        }
        Ok(dsn) if !dsn.is_empty() => Some(dsn),
        _ => panic!(
            "{POSTGRES} is not set: run `export {POSTGRES}=$(script/postgres start)`, or set it to `skip`"
        ),
    }
}

/// The line that `script/test` counts.
#[expect(clippy::print_stdout, reason = "script/test counts skipped tests by this line")]
fn skipped() {
    println!("SKIPPED: PostgreSQL is left out ({POSTGRES}=skip)");
}
