//! SQLite: opening, statements, errors.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};

use crate::error::{ConstraintKind, DbError, OpenError};
use crate::job::Access;
use crate::retry::Engine;
use crate::tx::{Conn, EachRow};
use crate::value::{Row, RowOf, Value};

/// How long a statement waits for a lock that another process holds.
const BUSY_WAIT: Duration = Duration::from_secs(1);
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 512;

/// What each thread keeps of the file, in KiB. The writing thread keeps no more: after a page was
/// split, SQLite looks through all it keeps at the next commit (`pcache1Truncate`).
const CACHE_KIB: u32 = 16_384;
/// Pages of the write-ahead log after which the writing thread carries them over into the file.
/// One group commit of 256 events writes about 2,000; carried over after each 1,000, as is the
/// default, every commit would write its pages twice and wait for two more fsyncs. As many as
/// `journal_size_limit` keeps.
const LOG_PAGES: u32 = 16_384;

/// A connection of one database thread.
pub(crate) struct Sqlite {
    conn: Connection,
}

impl Sqlite {
    /// Opens the file, creating it if it is missing, and checks the settings
    /// that the promises rest on. A connection for [`Access::Read`] cannot write.
    pub(crate) fn open(path: &Path, access: Access) -> Result<Self, OpenError> {
        private_file(path)?;
        let conn = Connection::open(path).map_err(cannot_open)?;
        conn.busy_timeout(BUSY_WAIT).map_err(cannot_open)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        // A misspelt "name" must not become a text, nor a bug write the file's own tables.
        for (switch, on) in [
            (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            // Plans rest on the text alone: else a statement beside a partial index is prepared
            // anew with every value that is bound.
            (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
        ] {
            conn.set_db_config(switch, on).map_err(cannot_open)?;
        }
        // `secure_delete` overwrites what is erased; temporary tables, which may
        // hold personal values, stay in memory.
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
             PRAGMA journal_size_limit = 67108864;",
        )
        .map_err(cannot_open)?;
        conn.execute_batch(&format!(
            "PRAGMA cache_size = -{CACHE_KIB}; PRAGMA wal_autocheckpoint = {LOG_PAGES};"
        ))
        .map_err(cannot_open)?;
        let synchronous = if fault::is_kept(fault::Promise::SqliteSynchronous) { "2" } else { "0" };
        if synchronous == "0" {
            conn.execute_batch("PRAGMA synchronous = OFF").map_err(cannot_open)?;
        }
        if access == Access::Read {
            conn.execute_batch("PRAGMA query_only = ON").map_err(cannot_open)?;
        }
        for (name, wanted) in [
            ("journal_mode", "wal"),
            ("synchronous", synchronous),
            ("foreign_keys", "1"),
            ("secure_delete", "1"),
        ] {
            let found = pragma(&conn, name).map_err(cannot_open)?;
            if found != wanted {
                return Err(OpenError::Setting { name, found, wanted });
            }
        }
        Ok(Self { conn })
    }

    /// Whether a transaction is open; some errors end it behind our back.
    pub(crate) fn in_transaction(&self) -> bool {
        !self.conn.is_autocommit()
    }

    /// Runs one of the statements that open and close transactions and savepoints.
    pub(crate) fn control(&self, text: &'static str) -> Result<(), DbError> {
        execute(&self.conn, text, &[]).map(drop)
    }
}

impl Engine for Sqlite {
    fn begin(&mut self, access: Access) -> Result<(), DbError> {
        self.control(match access {
            Access::Read => "BEGIN DEFERRED",
            Access::Write => "BEGIN IMMEDIATE",
        })
    }

    fn conn(&mut self) -> Result<Conn<'_>, DbError> {
        Ok(Conn::Sqlite(&self.conn))
    }

    fn commit(&mut self) -> Result<(), DbError> {
        self.control("COMMIT")
    }

    fn rollback(&mut self) {
        if self.in_transaction() {
            // A failed ROLLBACK leaves the transaction; the next BEGIN reports it.
            drop(self.control("ROLLBACK"));
        }
    }
}

/// Makes a new file readable by its owner only; SQLite gives the files beside it
/// (`-wal`, `-shm`) the same permissions.
fn private_file(path: &Path) -> Result<(), OpenError> {
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path);
    opened.map(drop).map_err(|_| OpenError::Connect { code: "io".into() })
}

/// Where a database lies, made absolute so that a later change of folder is harmless.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, OpenError> {
    std::path::absolute(path).map_err(|_| OpenError::Connect { code: "io".into() })
}

/// Runs a statement and answers the number of changed rows.
pub(crate) fn execute(conn: &Connection, text: &str, params: &[Value<'_>]) -> Result<u64, DbError> {
    let mut statement = conn.prepare_cached(text).map_err(|e| failed(&e, text))?;
    bind(&mut statement, text, params)?;
    let changed = statement.raw_execute().map_err(|e| failed(&e, text))?;
    Ok(changed as u64)
}

/// Runs a statement and calls `step` with every row.
pub(crate) fn each(
    conn: &Connection,
    text: &str,
    params: &[Value<'_>],
    step: &mut EachRow<'_>,
) -> Result<(), DbError> {
    let mut statement = conn.prepare_cached(text).map_err(|e| failed(&e, text))?;
    bind(&mut statement, text, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|e| failed(&e, text))? {
        if step(&Row(RowOf::Sqlite(row))).is_break() {
            break;
        }
    }
    Ok(())
}

/// Runs several statements without values.
pub(crate) fn batch(conn: &Connection, text: &str) -> Result<(), DbError> {
    conn.execute_batch(text).map_err(|e| failed(&e, text))
}

/// Reads one column of a row.
pub(crate) fn column<'r>(row: &'r rusqlite::Row<'_>, column: usize) -> Result<Option<Value<'r>>, DbError> {
    let wrong = |_| DbError::Column { column };
    Ok(match row.get_ref(column).map_err(|_| DbError::Column { column })? {
        ValueRef::Null => None,
        ValueRef::Integer(it) => Some(Value::Int(it)),
        ValueRef::Text(it) => Some(Value::Text(str::from_utf8(it).map_err(wrong)?.into())),
        ValueRef::Blob(it) => Some(Value::Bytes(it)),
        ValueRef::Real(_) => return Err(DbError::Column { column }),
    })
}

/// Binds by name. SQLite numbers `$n` by first appearance, so that binding by
/// position would silently swap the values of a statement that names `$2` first.
fn bind(statement: &mut rusqlite::Statement<'_>, text: &str, params: &[Value<'_>]) -> Result<(), DbError> {
    let wanted = statement.parameter_count();
    let mismatch = DbError::Parameters { wanted, given: params.len() };
    if wanted != params.len() {
        return Err(mismatch);
    }
    if numbered_in_order(text, wanted) {
        for (index, value) in (1..).zip(params) {
            statement.raw_bind_parameter(index, value).map_err(|e| failed(&e, text))?;
        }
        return Ok(());
    }
    for index in 1..=wanted {
        let number = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|number| number.parse::<usize>().ok());
        let value = number.and_then(|number| params.get(number.checked_sub(1)?));
        let Some(value) = value else {
            return Err(mismatch);
        };
        statement.raw_bind_parameter(index, value).map_err(|e| failed(&e, text))?;
    }
    Ok(())
}

/// Whether a statement names `$1` to `$n` once each and in this order, as multi-row
/// statements do: then names and positions agree. Asking SQLite for each name walks a
/// list, which took a third of the time of a statement with thousands of values.
fn numbered_in_order(text: &str, wanted: usize) -> bool {
    let mut found = 0;
    let in_order = text.split('$').skip(1).all(|rest| {
        found += 1;
        let digits = rest.bytes().take_while(u8::is_ascii_digit);
        digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0')) == found
    });
    in_order && found == wanted
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null(_) => ValueRef::Null,
            Self::Text(it) => ValueRef::Text(it.as_bytes()),
            Self::Int(it) => ValueRef::Integer(*it),
            Self::Bool(it) => ValueRef::Integer(i64::from(*it)),
            Self::Bytes(it) => ValueRef::Blob(it),
        }))
    }
}

/// Writes the whole write-ahead log into the file and cuts it to nothing; false when a
/// reader or writer kept it busy. It waits for neither: while it waited for a reader, nobody
/// could write.
pub(crate) fn empty_log(path: &Path) -> Result<bool, DbError> {
    const EMPTY: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
    let conn = Connection::open(path).map_err(|error| failed(&error, EMPTY))?;
    conn.busy_timeout(Duration::ZERO).map_err(|error| failed(&error, EMPTY))?;
    match conn.query_row(EMPTY, [], |row| row.get::<_, i64>(0)).map_err(|error| failed(&error, EMPTY)) {
        Ok(busy) => Ok(busy == 0),
        Err(DbError::Contention) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads a pragma as text, whatever its type.
fn pragma(conn: &Connection, name: &str) -> rusqlite::Result<String> {
    conn.pragma_query_value(None, name, |row| {
        Ok(match row.get_ref(0)? {
            ValueRef::Integer(it) => it.to_string(),
            ValueRef::Text(it) => String::from_utf8_lossy(it).to_lowercase(),
            _ => String::new(),
        })
    })
}

fn cannot_open(error: rusqlite::Error) -> OpenError {
    OpenError::Connect { code: code(&error).to_string() }
}

/// The extended result code, or 1 (SQLITE_ERROR) for errors of the driver's own.
fn code(error: &rusqlite::Error) -> i32 {
    error.sqlite_error().map_or(rusqlite::ffi::SQLITE_ERROR, |it| it.extended_code)
}

/// Turns SQLite's error into ours by its code. The message is read only for the
/// names of columns and checks, which come from the schema.
fn failed(error: &rusqlite::Error, text: &str) -> DbError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DbError::Contention,
        Some(ErrorCode::ReadOnly) => DbError::ReadOnly,
        Some(ErrorCode::ConstraintViolation) => {
            DbError::Constraint { kind: constraint_kind(code(error)), name: constraint_name(error) }
        }
        _ => DbError::failed(code(error).to_string(), text),
    }
}

fn constraint_kind(extended_code: i32) -> ConstraintKind {
    use rusqlite::ffi;
    match extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            ConstraintKind::Unique
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ConstraintKind::ForeignKey,
        ffi::SQLITE_CONSTRAINT_CHECK => ConstraintKind::Check,
        ffi::SQLITE_CONSTRAINT_NOTNULL => ConstraintKind::NotNull,
        _ => ConstraintKind::Other,
    }
}

/// `UNIQUE constraint failed: a.b, a.c` → `a.b, a.c`; anything that does not
/// look like names of the schema is left out.
fn constraint_name(error: &rusqlite::Error) -> String {
    let rusqlite::Error::SqliteFailure(_, Some(message)) = error else {
        return String::new();
    };
    let names = message.rsplit_once("constraint failed: ").map(|it| it.1);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_., ".contains(c);
    names.filter(|names| names.chars().all(plain)).unwrap_or_default().to_owned()
}
