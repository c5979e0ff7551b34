//! Sources to import from: the shared data folder, and databases loaded from its scripts.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use postgres::{Client, NoTls};

use crate::database::postgres_dsn;

/// A folder of the shared test data, or `None` after saying that the test is skipped.
/// `STEWARD_SHARED` names the folder that holds `data`; else a sibling `shared` of the
/// repository, or of any folder above it, is taken.
#[expect(clippy::print_stdout, reason = "script/test counts skipped tests by this line")]
#[must_use]
pub fn shared_data(folder: &str) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sibling = || here.ancestors().map(|folder| folder.join("shared")).find(|folder| folder.is_dir());
    let shared = std::env::var_os("STEWARD_SHARED").map(PathBuf::from).or_else(sibling);
    let found = shared.map(|shared| shared.join("data").join(folder)).filter(|folder| folder.is_dir());
    if found.is_none() {
        println!("SKIPPED: no shared test data (`{folder}`); STEWARD_SHARED names its folder");
    }
    found
}

/// Makes a SQLite file from a script.
///
/// # Panics
/// When the script does not run.
pub fn sqlite_from_script(script: &Path, file: &Path) {
    let sql = fs::read_to_string(script).expect("a script");
    let connection = rusqlite::Connection::open(file).expect("a new file");
    let sql = format!("BEGIN; {}; COMMIT;", sql.trim_start_matches('\u{feff}'));
    connection.execute_batch(&sql).expect("the script runs");
}

/// A schema of its own in the tests' PostgreSQL, gone when this is dropped.
pub struct PostgresSource {
    /// The connection string.
    pub dsn: String,
    /// The schema.
    pub schema: String,
}

impl PostgresSource {
    /// Loads a script, without what only psql understands and what makes databases;
    /// `None` when PostgreSQL is left out.
    ///
    /// # Panics
    /// When the script does not run.
    #[must_use]
    pub fn from_script(script: &Path) -> Option<Self> {
        let dsn = postgres_dsn()?;
        let schema = format!("source_{:016x}", getrandom::u64().expect("randomness"));
        let source = Self { dsn, schema };
        let sql = fs::read_to_string(script).expect("a script");
        let ours = |line: &&str| !line.starts_with("\\c") && !line.contains(" DATABASE ");
        let sql: String = sql.lines().filter(ours).flat_map(|line| [line, "\n"]).collect();
        let schema = &source.schema;
        source.run(format!("CREATE SCHEMA {schema}; SET search_path = {schema}; BEGIN; {sql} COMMIT;"));
        Some(source)
    }

    /// Runs statements in a session of their own, on a thread: the client must not run
    /// inside an async runtime.
    fn run(&self, sql: String) {
        let dsn = self.dsn.clone();
        let run = move || Client::connect(&dsn, NoTls)?.batch_execute(&sql);
        thread::spawn(run).join().expect("a thread").expect("the statements run");
    }
}

impl Drop for PostgresSource {
    fn drop(&mut self) {
        self.run(format!("DROP SCHEMA {} CASCADE", self.schema));
    }
}
