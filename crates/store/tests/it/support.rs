//! The small schema that the suite works on.

use store::{Db, DbError, Migration, Sql, Tx, sql};

/// Tables with every column type, and constraints of every sort.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "tables of the conformance suite",
    sql: "CREATE TABLE item (
            id TEXT PRIMARY KEY,
            number BIGINT,
            flag BOOLEAN,
            body BYTEA,
            note TEXT
          );
          CREATE TABLE counter (name TEXT PRIMARY KEY, total BIGINT NOT NULL CHECK (total >= 0));
          CREATE TABLE part (
            item_id TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
            position BIGINT NOT NULL,
            weight BIGINT NOT NULL,
            PRIMARY KEY (item_id, position)
          );
          CREATE UNIQUE INDEX item_note ON item (note) WHERE flag;",
}];

pub(crate) const ADD_ITEM: Sql =
    sql!("INSERT INTO item (id, number, flag, body, note) VALUES ($1, $2, $3, $4, $5)");
pub(crate) const ADD_NUMBER: Sql = sql!("INSERT INTO item (id, number) VALUES ($1, $2)");
pub(crate) const NUMBERS: Sql = sql!("SELECT id, number FROM item ORDER BY id");
pub(crate) const ADD_PART: Sql = sql!("INSERT INTO part (item_id, position, weight) VALUES ($1, $2, $3)");
pub(crate) const ADD_COUNTER: Sql = sql!("INSERT INTO counter (name, total) VALUES ($1, $2)");
pub(crate) const COUNT: Sql = sql!("UPDATE counter SET total = total + 1 WHERE name = $1");
pub(crate) const TOTAL: Sql = sql!("SELECT total FROM counter WHERE name = $1");

/// Runs a writing transaction that must succeed.
pub(crate) fn write<T: Send + 'static>(
    db: &Db,
    work: impl for<'c> Fn(&mut Tx<'c>) -> Result<T, DbError> + Send + 'static,
) -> T {
    db.write_blocking("set-up", work).unwrap_or_else(|error| panic!("{error}"))
}

/// Adds an item with a number.
pub(crate) fn add_number(db: &Db, id: &str, number: i64) {
    let id = id.to_owned();
    write(db, move |tx| tx.execute(&ADD_NUMBER, &[&id, &number]));
}

/// All ids and numbers of `item`.
pub(crate) fn numbers(db: &Db) -> Vec<(String, Option<i64>)> {
    let read = db.read_blocking("numbers", |tx| tx.query(&NUMBERS, &[]));
    read.unwrap_or_else(|error: DbError| panic!("{error}"))
}

/// The value of a counter.
pub(crate) fn total(db: &Db, name: &'static str) -> i64 {
    let read = db.read_blocking("total", move |tx| tx.query_one::<(i64,)>(&TOTAL, &[&name]));
    read.unwrap_or_else(|error: DbError| panic!("{error}")).0
}
