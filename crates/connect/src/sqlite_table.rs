//! A table or view of an SQLite file, opened for reading only.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::feed::{Feed, Outlet, quoted};
use crate::row::{self, Break, Reason};
use crate::source::{Progress, Reader, SourceError, Table};

/// How long to wait for another program that holds the file.
const BUSY: Duration = Duration::from_secs(10);

/// An opened table, no row read yet.
pub(crate) struct SqliteTable {
    connection: Connection,
    name: String,
    /// The order that makes row numbers mean the same on a second run.
    order: String,
}

pub(crate) fn open(file: &Path, name: &str) -> Result<Table, SourceError> {
    std::fs::File::open(file).map_err(|error| SourceError::Open(error.kind()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(|error| broken(&error))?;
    describe(connection, name).map_err(|error| SourceError::Unreadable(broken(&error)))?
}

/// Finds the table, its columns and its number of rows.
fn describe(connection: Connection, name: &str) -> rusqlite::Result<Result<Table, SourceError>> {
    connection.busy_timeout(BUSY)?;
    // A stranger's file may define functions' calls in views and columns.
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;")?;

    let find = "SELECT name, type = 'table' AND wr = 0 FROM pragma_table_list
                WHERE schema = 'main' AND name = ?1 COLLATE NOCASE";
    let found = connection.query_row(find, [name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((table, has_rowid)): Option<(String, bool)> = found else {
        return Ok(Err(SourceError::NoTable(name.to_owned())));
    };
    let name = quoted(&table);
    let statement = connection.prepare(&format!("SELECT * FROM {name} LIMIT 0"))?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    drop(statement);
    let count: i64 = connection.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0))?;

    let taken = |alias: &&str| columns.iter().any(|column| column.eq_ignore_ascii_case(alias));
    let alias = ["rowid", "_rowid_", "oid"].into_iter().find(|alias| has_rowid && !taken(alias));
    let order = alias.map(|alias| format!(" ORDER BY {alias}")).unwrap_or_default();
    let reader = Reader::Sqlite(SqliteTable { connection, name, order });
    Ok(Ok(Table { columns, reader, progress: Progress::new(u64::try_from(count).ok()) }))
}

impl SqliteTable {
    pub(crate) fn rows(
        self,
        columns: &[String],
        wanted: Vec<usize>,
        progress: Progress,
    ) -> Result<Feed, SourceError> {
        let names: Vec<String> =
            wanted.iter().filter_map(|index| columns.get(*index)).map(|name| quoted(name)).collect();
        let sql = format!("SELECT {} FROM {}{}", select(&names), self.name, self.order);
        Feed::start(progress, move |outlet| {
            stream(&self.connection, &sql, &wanted, outlet).map_err(|error| broken(&error))
        })
    }
}

/// The select list; a table without wanted columns still has rows.
fn select(names: &[String]) -> String {
    if names.is_empty() { "1".to_owned() } else { names.join(", ") }
}

fn stream(connection: &Connection, sql: &str, wanted: &[usize], outlet: &mut Outlet) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(wanted.len());
        for (index, column) in wanted.iter().enumerate() {
            values.push(value(row.get_ref(index)?, column + 1));
        }
        if outlet.send(values.into_iter().collect()).is_err() {
            break;
        }
    }
    Ok(())
}

/// A value as text: numbers as exact decimals (`0.99`, never `9.9e-1`).
fn value(value: ValueRef<'_>, column: usize) -> Result<Option<String>, Reason> {
    match value {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number.to_string())),
        ValueRef::Real(number) if number.is_finite() => Ok(Some(number.to_string())),
        ValueRef::Real(_) => Err(Reason::NotFinite { column }),
        ValueRef::Text(bytes) => row::text(bytes, column).map(Some),
        ValueRef::Blob(_) => Err(Reason::Binary { column }),
    }
}

/// SQLite's code; its text may quote a value.
fn broken(error: &rusqlite::Error) -> Break {
    Break::Sqlite(error.sqlite_error().map_or(rusqlite::ffi::SQLITE_ERROR, |error| error.extended_code))
}
