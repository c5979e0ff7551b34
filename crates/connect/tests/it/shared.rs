//! What the tests of this crate share: the data folder, PostgreSQL, and reading to the end.

use std::fs;
use std::path::{Path, PathBuf};

use connect::{Row, Rows};

/// A folder of the shared test data, or `None` after saying that the test is skipped.
pub(crate) fn data(folder: &str) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sibling = || here.ancestors().map(|folder| folder.join("shared")).find(|folder| folder.is_dir());
    let shared = std::env::var_os("STEWARD_SHARED").map(PathBuf::from).or_else(sibling);
    let found = shared.map(|shared| shared.join("data").join(folder)).filter(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("SKIPPED: no shared test data (`{folder}`); STEWARD_SHARED names its folder");
    }
    found
}

/// The connection string of the test PostgreSQL, or `None` after saying so.
pub(crate) fn postgres() -> Option<String> {
    let found = std::env::var("STEWARD_TEST_PG").ok().filter(|login| !login.is_empty());
    if found.is_none() {
        eprintln!("SKIPPED: no PostgreSQL; STEWARD_TEST_PG is its connection string (script/test sets it)");
    }
    found
}

/// A file of the data folder as text, without byte order mark.
pub(crate) fn script(path: &Path) -> String {
    fs::read_to_string(path).unwrap().trim_start_matches('\u{feff}').to_owned()
}

/// Every row; fails at the first that does not come.
pub(crate) fn all(rows: Rows) -> Vec<Row> {
    rows.map(|row| row.unwrap()).collect()
}

/// A row's values as text, `∅` where there is none.
pub(crate) fn texts(row: &Row) -> Vec<&str> {
    row.values().iter().map(|value| value.as_ref().map_or("∅", |value| value.expose().as_str())).collect()
}
