//! Questions to the live schema itself: which columns there are, and whether
//! SQLite, which checks no types, holds what its columns say.

use crate::error::DbError;
use crate::sql::Sql;
use crate::tx::{Conn, ReadTx};

/// A column of the live schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    /// The table's name.
    pub table: String,
    /// The column's name.
    pub column: String,
    /// The declared type in capitals: TEXT, BIGINT, BOOLEAN, BYTEA.
    pub kind: String,
}

/// SQLite's and PostgreSQL's catalogues differ: this is the only question asked
/// in two texts. They are made without `sql!`, which promises one text for both.
const COLUMNS_SQLITE: Sql = Sql::new(
    "SELECT t.name, c.name, UPPER(c.type) FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
     WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*' ORDER BY t.name, c.name",
);
const COLUMNS_POSTGRES: Sql = Sql::new(
    "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), UPPER(CAST(data_type AS TEXT)) \
     FROM information_schema.columns WHERE table_schema = CURRENT_SCHEMA ORDER BY table_name, column_name",
);

/// All columns of all tables, `schema_version` included, in order of their names.
pub fn columns(tx: &mut ReadTx<'_>) -> Result<Vec<Column>, DbError> {
    let catalogue = match tx.conn() {
        Conn::Sqlite(_) => COLUMNS_SQLITE,
        Conn::Postgres(_) => COLUMNS_POSTGRES,
    };
    tx.query_map(&catalogue, &[], |row| {
        Ok(Column { table: row.get(0)?, column: row.get(1)?, kind: row.get(2)? })
    })
}

/// Every SQLite column that holds values of another type than it declares, with
/// their number; PostgreSQL checks types itself and answers none.
pub fn mistyped(tx: &mut ReadTx<'_>) -> Result<Vec<(Column, i64)>, DbError> {
    if matches!(tx.conn(), Conn::Postgres(_)) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for column in columns(tx)? {
        let Column { table, column: name, kind } = &column;
        let wrong = match kind.as_str() {
            "TEXT" => format!("typeof({name}) <> 'text'"),
            "BIGINT" => format!("typeof({name}) <> 'integer'"),
            "BYTEA" => format!("typeof({name}) <> 'blob'"),
            "BOOLEAN" => format!("(typeof({name}) <> 'integer' OR {name} NOT IN (0, 1))"),
            _ => "TRUE".to_owned(),
        };
        let text = format!("SELECT COUNT(*) FROM {table} WHERE {name} IS NOT NULL AND {wrong}");
        let mut count = 0;
        tx.each::<DbError>(&text, &[], |row| {
            count = row.get(0)?;
            Ok(())
        })?;
        if count > 0 {
            found.push((column, count));
        }
    }
    Ok(found)
}
