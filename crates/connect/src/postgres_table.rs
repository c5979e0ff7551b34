//! A table or view of a PostgreSQL database, read in one read-only transaction.

use std::time::Duration;

use dial::{Line, LineError, Tls};
use fallible_iterator::FallibleIterator;
use model::Secret;
use postgres::{Client, IsolationLevel};

use crate::feed::{Feed, Outlet, quoted};
use crate::row::{self, Break, FIELD_BYTES_MAX, Reason};
use crate::source::{Progress, Reader, SourceError, Table};

const CONNECT: Duration = Duration::from_secs(10);

/// Text forms that do not depend on the server's settings.
const SETTINGS: &str = "SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; SET timezone = 'UTC';
    SET extra_float_digits = 1; SET statement_timeout = 0; SET default_transaction_read_only = on;";

/// An opened table, no row read yet.
pub(crate) struct PostgresTable {
    line: Line,
    client: Client,
    name: String,
    /// Columns of type bytea, by position.
    binary: Vec<bool>,
    /// The order that makes row numbers mean the same on a second run.
    order: String,
}

pub(crate) fn open(login: &Secret<String>, table: &str) -> Result<Table, SourceError> {
    let mut line = Line::new(login.expose(), &Tls::default()).map_err(|error| match error {
        LineError::Address => SourceError::Login,
        other => SourceError::Tls(other),
    })?;
    line.config().connect_timeout(CONNECT).application_name("steward import");
    let mut client = line.connect().map_err(|error| broken(&error))?;
    client.batch_execute(SETTINGS).map_err(|error| broken(&error))?;
    describe(line, client, table).map_err(|error| SourceError::Unreadable(broken(&error)))?
}

/// Finds the table, its columns, its primary key and about how many rows it has.
fn describe(
    line: Line,
    mut client: Client,
    table: &str,
) -> Result<Result<Table, SourceError>, postgres::Error> {
    let name: Vec<String> = table.splitn(2, '.').map(quoted).collect();
    let name = name.join(".");
    let found = client.query_opt(
        "SELECT oid, reltuples::bigint FROM pg_catalog.pg_class
         WHERE oid = to_regclass($1) AND relkind IN ('r', 'p', 'v', 'm', 'f')",
        &[&name],
    )?;
    let Some(found) = found else { return Ok(Err(SourceError::NoTable(table.to_owned()))) };
    let (oid, rows): (u32, i64) = (found.try_get(0)?, found.try_get(1)?);

    let (mut columns, mut binary) = (Vec::new(), Vec::new());
    let attributes = client.query(
        "SELECT attname::text, atttypid = 'bytea'::regtype FROM pg_catalog.pg_attribute
         WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        &[&oid],
    )?;
    for attribute in attributes {
        columns.push(attribute.try_get(0)?);
        binary.push(attribute.try_get(1)?);
    }

    let key = client.query(
        "SELECT a.attname::text FROM pg_catalog.pg_index i
         CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
         JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE i.indrelid = $1 AND i.indisprimary ORDER BY k.place",
        &[&oid],
    )?;
    let key: Vec<String> =
        key.iter().map(|row| row.try_get(0).map(quoted_owned)).collect::<Result<_, _>>()?;
    let order = if key.is_empty() { String::new() } else { format!(" ORDER BY {}", key.join(", ")) };

    let progress = Progress::new(u64::try_from(rows).ok().filter(|rows| *rows > 0));
    let table = PostgresTable { line, client, name, binary, order };
    Ok(Ok(Table { columns, reader: Reader::Postgres(Box::new(table)), progress }))
}

fn quoted_owned(name: String) -> String {
    quoted(&name)
}

impl PostgresTable {
    pub(crate) fn rows(
        mut self,
        columns: &[String],
        wanted: &[usize],
        progress: Progress,
    ) -> Result<Feed, SourceError> {
        let mut fields = Vec::with_capacity(wanted.len());
        for index in wanted {
            let name = columns.get(*index).map(String::as_str).unwrap_or_default();
            if self.binary.get(*index).copied().unwrap_or(true) {
                return Err(SourceError::Binary(name.to_owned()));
            }
            // One character more than allowed is enough to see that a value is too long.
            fields.push(format!("left({}::text, {})", quoted(name), FIELD_BYTES_MAX + 1));
        }
        let sql = format!("SELECT {} FROM {}{}", fields.join(", "), self.name, self.order);
        let positions: Vec<usize> = wanted.iter().map(|index| index + 1).collect();
        Feed::start(progress, move |outlet| {
            stream(&self.line, &mut self.client, &sql, &positions, outlet).map_err(|error| broken(&error))
        })
    }
}

fn stream(
    line: &Line,
    client: &mut Client,
    sql: &str,
    positions: &[usize],
    outlet: &mut Outlet,
) -> Result<(), postgres::Error> {
    let cancel = client.cancel_token();
    let transaction = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let mut transaction = transaction.read_only(true).start()?;
    let mut rows = transaction.query_raw(sql, std::iter::empty::<&str>())?;
    while let Some(row) = rows.next()? {
        let values = positions.iter().enumerate().map(|(index, column)| value(&row, index, *column));
        if outlet.send(values.collect()).is_err() {
            // Else the server would still send the whole table before the connection closes.
            return line.cancel(&cancel);
        }
    }
    Ok(())
}

fn value(row: &postgres::Row, index: usize, column: usize) -> Result<Option<String>, Reason> {
    match row.try_get::<_, Option<&str>>(index) {
        Ok(None) => Ok(None),
        Ok(Some(text)) => row::text(text.as_bytes(), column).map(Some),
        Err(_) => Err(Reason::Encoding { column, byte: 1 }),
    }
}

/// PostgreSQL's code; its text may quote a value.
fn broken(error: &postgres::Error) -> Break {
    if dial::is_handshake(error) {
        return Break::Postgres("tls".to_owned());
    }
    Break::Postgres(error.code().map_or_else(|| "connection".to_owned(), |code| code.code().to_owned()))
}
