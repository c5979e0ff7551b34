//! Every statement of the store is prepared on both engines, over the real schema.

use std::collections::HashSet;

use postgres::types::Type;
use postgres::{Client, NoTls};
use store::{DbConfig, Kind, Migration, columns};
use testkit::{Engine, TestDb};

use crate::lint::{Statement, migrations, statements};

/// The schema's own history.
fn history() -> &'static [Migration] {
    let steps = migrations().into_iter().zip(1..).map(|(sql, number)| Migration {
        number,
        name: "as in its file",
        sql: String::leak(sql),
    });
    Vec::leak(steps.collect())
}

#[test]
fn every_statement_is_understood_by_sqlite() {
    let Some(db) = TestDb::open(Engine::Sqlite, history()) else { return };
    let conn = sqlite(&db);
    let refused: Vec<String> = statements()
        .iter()
        .filter_map(|it| conn.prepare(&it.text).err().map(|error| told(it, &error.to_string())))
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_statement_is_understood_by_postgresql_and_answers_types_we_read() {
    let Some(db) = TestDb::open(Engine::Postgres, history()) else { return };
    let DbConfig::Postgres { dsn, schema, .. } = db.config() else { panic!("this is PostgreSQL") };
    let mut client = Client::connect(dsn, NoTls).unwrap();
    client.batch_execute(&format!("SET search_path = {schema}")).unwrap();
    let refused: Vec<String> = statements()
        .iter()
        .filter_map(|it| {
            let types: Vec<Type> = it.kinds.iter().flatten().map(|kind| sql_type(*kind)).collect();
            match client.prepare_typed(&it.text, &types) {
                Ok(statement) => statement
                    .columns()
                    .iter()
                    .find(|column| !READ.contains(column.type_()))
                    .map(|column| told(it, &format!("column {} is {}", column.name(), column.type_()))),
                Err(error) => Some(told(it, error.as_db_error().map_or("", |it| it.message()))),
            }
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn the_schema_uses_only_the_four_column_types() {
    TestDb::each(history(), |db| {
        let other: Vec<_> = db
            .read_blocking("columns", columns)
            .unwrap()
            .into_iter()
            .filter(|column| !["TEXT", "BIGINT", "BOOLEAN", "BYTEA"].contains(&column.kind.as_str()))
            .collect();
        assert_eq!(other, []);
    });
}

/// SQLite sorts NULL first and PostgreSQL last, unless the statement says.
#[test]
fn a_column_that_may_be_null_is_sorted_by_with_nulls_first_or_last() {
    let Some(db) = TestDb::open(Engine::Sqlite, history()) else { return };
    let conn = sqlite(&db);
    let mut nullable: HashSet<(String, String)> = HashSet::new();
    let mut rows = conn
        .prepare(
            "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
             WHERE t.type = 'table' AND c.\"notnull\" = 0",
        )
        .unwrap();
    let found = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    nullable.extend(found.map(Result::unwrap));
    let unsaid: Vec<String> = statements()
        .iter()
        .filter(|it| {
            sort_columns(&it.text).any(|column| {
                let known = it.text.contains(&format!("{column} IS NOT NULL"));
                let tables = it.text.split(|c: char| !c.is_alphanumeric() && c != '_');
                !known
                    && tables.into_iter().any(|table| nullable.contains(&(table.to_owned(), column.clone())))
            })
        })
        .map(|it| told(it, "ORDER BY without NULLS FIRST or NULLS LAST"))
        .collect();
    assert!(unsaid.is_empty(), "{}", unsaid.join("\n"));
}

/// The plain columns that a text sorts by without saying where NULL goes.
fn sort_columns(text: &str) -> impl Iterator<Item = String> {
    text.split("ORDER BY ").skip(1).flat_map(|rest| {
        let end = rest.find([')', ';']).unwrap_or(rest.len());
        let list = rest[..end].split(" LIMIT ").next().unwrap_or_default();
        let unsaid = list.split(',').filter(|item| !item.contains("NULLS"));
        unsaid.filter_map(|item| {
            let name = item.split_whitespace().next()?;
            Some(name.rsplit('.').next().unwrap_or(name).to_owned())
        })
    })
}

const READ: [Type; 6] = [Type::TEXT, Type::VARCHAR, Type::INT8, Type::INT4, Type::BOOL, Type::BYTEA];

fn sql_type(kind: Kind) -> Type {
    match kind {
        Kind::Text => Type::TEXT,
        Kind::Int => Type::INT8,
        Kind::Bool => Type::BOOL,
        Kind::Bytes => Type::BYTEA,
    }
}

fn sqlite(db: &TestDb) -> rusqlite::Connection {
    let DbConfig::Sqlite { path, .. } = db.config() else { panic!("this is SQLite") };
    rusqlite::Connection::open(path).unwrap()
}

fn told(statement: &Statement, why: &str) -> String {
    format!("{}: {why}\n  {}", statement.file, statement.text)
}
