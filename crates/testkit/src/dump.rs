//! Everything that a database holds about people, row by row, to compare before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use postgres::{Client, NoTls};
use rusqlite::types::ValueRef;
use store::DbConfig;

use crate::TestDb;

/// The rows of every table that has a `subject_id`, as text, by that id.
pub type People = BTreeMap<String, BTreeSet<String>>;

/// Reads every row about a person, past the store.
///
/// # Panics
/// When the database cannot be read.
#[must_use]
pub fn people(db: &TestDb) -> People {
    match db.config().clone() {
        DbConfig::Sqlite { path, .. } => of_sqlite(&path),
        DbConfig::Postgres { dsn, schema, .. } => {
            thread::spawn(move || of_postgres(&dsn, &schema)).join().expect("the tables are read")
        }
    }
}

fn of_sqlite(path: &std::path::Path) -> People {
    let conn = rusqlite::Connection::open(path).expect("the database opens");
    let mut tables = conn
        .prepare(
            "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
             ON c.name = 'subject_id' WHERE m.type = 'table' ORDER BY m.name",
        )
        .expect("the schema is read");
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("names").map(|name| name.expect("a name")).collect();
    let mut people = People::new();
    for table in tables {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table}")).expect("a table");
        let subject = statement.column_index("subject_id").expect("a column");
        let columns = statement.column_count();
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let mut text = table.clone();
            for column in 0..columns {
                match row.get_ref(column).expect("a value") {
                    ValueRef::Text(it) => text.push_str(&format!("|{}", String::from_utf8_lossy(it))),
                    other => text.push_str(&format!("|{other:?}")),
                }
            }
            people.entry(row.get(subject).expect("an id")).or_default().insert(text);
        }
    }
    people
}

fn of_postgres(dsn: &str, schema: &str) -> People {
    let mut client = Client::connect(dsn, NoTls).expect("the database opens");
    client.batch_execute(&format!("SET search_path = \"{schema}\"")).expect("a schema");
    let tables = client
        .query(
            "SELECT table_name::text FROM information_schema.columns \
             WHERE table_schema = $1 AND column_name = 'subject_id'",
            &[&schema],
        )
        .expect("the schema is read");
    let mut people = People::new();
    for table in tables {
        let table: String = table.get(0);
        let rows = client.query(&format!("SELECT subject_id, {table}::text FROM {table}"), &[]);
        for row in rows.expect("rows") {
            let text: String = row.get(1);
            people.entry(row.get(0)).or_default().insert(format!("{table}|{text}"));
        }
    }
    people
}
