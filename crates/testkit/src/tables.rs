//! Every row of a test's database as text, past all of our own code: for tests that ask
//! what an act changed and what it left.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use postgres::{Client, NoTls, SimpleQueryMessage};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use store::DbConfig;

use crate::TestDb;

/// Tables with their rows, each row as one line of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dump(pub BTreeMap<String, BTreeSet<String>>);

impl Dump {
    /// The rows of one table; none when there is no such table.
    #[must_use]
    pub fn table(&self, name: &str) -> BTreeSet<String> {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// The rows that stand here and not in `other`, each behind its table.
    #[must_use]
    pub fn without(&self, other: &Self) -> Vec<(String, String)> {
        self.0
            .iter()
            .flat_map(|(table, rows)| rows.iter().map(move |row| (table, row)))
            .filter(|(table, row)| !other.0.get(*table).is_some_and(|known| known.contains(*row)))
            .map(|(table, row)| (table.clone(), row.clone()))
            .collect()
    }

    /// The tables with a row that holds this text, and how many rows do.
    #[must_use]
    pub fn holding(&self, text: &str) -> BTreeMap<String, usize> {
        self.0
            .iter()
            .map(|(table, rows)| (table.clone(), rows.iter().filter(|row| row.contains(text)).count()))
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

impl TestDb {
    /// Every row of every table, read over a connection of its own.
    ///
    /// # Panics
    /// When the database cannot be read.
    #[must_use]
    pub fn dump(&self) -> Dump {
        self.beside(|config| match config {
            DbConfig::Sqlite { path, .. } => dump_sqlite(&Connection::open(path).expect("the file opens")),
            DbConfig::Postgres { dsn, schema, .. } => dump_postgres(&mut connect(dsn, schema), schema),
        })
    }

    /// Runs `work` on a thread of its own: the PostgreSQL client refuses async runtimes.
    fn beside<T: Send + 'static>(&self, work: impl FnOnce(&DbConfig) -> T + Send + 'static) -> T {
        let config = self.config().clone();
        thread::spawn(move || work(&config)).join().expect("the database can be asked")
    }
}

fn connect(dsn: &str, schema: &str) -> Client {
    let mut client = Client::connect(dsn, NoTls).expect("the server answers");
    client.batch_execute(&format!("SET search_path TO {schema}")).expect("the schema is there");
    client
}

fn dump_sqlite(conn: &Connection) -> Dump {
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = conn.prepare(names).expect("a statement");
    let tables: Vec<String> =
        statement.query_map([], |row| row.get(0)).expect("names").map(|name| name.expect("a name")).collect();
    Dump(tables.into_iter().map(|table| (table.clone(), rows_sqlite(conn, &table))).collect())
}

fn rows_sqlite(conn: &Connection, table: &str) -> BTreeSet<String> {
    let mut statement = conn.prepare(&format!("SELECT * FROM {table}")).expect("a statement");
    let columns = statement.column_count();
    let mut rows = statement.query([]).expect("rows");
    let mut lines = BTreeSet::new();
    while let Some(row) = rows.next().expect("a row") {
        let values = (0..columns).map(|column| match row.get_ref(column).expect("a column") {
            ValueRef::Null => "-".to_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        });
        lines.insert(values.collect::<Vec<_>>().join("|"));
    }
    lines
}

fn dump_postgres(client: &mut Client, schema: &str) -> Dump {
    let names = format!("SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'");
    let tables = texts(client, &names);
    Dump(
        tables
            .into_iter()
            .map(|table| {
                let rows = texts(client, &format!("SELECT CAST(t.* AS TEXT) FROM {table} AS t"));
                (table, rows.into_iter().collect())
            })
            .collect(),
    )
}

fn texts(client: &mut Client, query: &str) -> Vec<String> {
    let messages = client.simple_query(query).expect("an answer");
    messages
        .into_iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .collect()
}
