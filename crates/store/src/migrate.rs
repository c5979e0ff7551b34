//! The schema's history: one list, one text for both engines.

use crate::error::{DbError, OpenError};
use crate::job::Access;
use crate::retry::Engine;
use crate::sql;
use crate::sql::Sql;
use crate::tx::Tx;

/// One step of the schema. Steps that were released are never changed.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Counted from 1 without gaps.
    pub number: i64,
    /// A short name in words, kept in the database.
    pub name: &'static str,
    /// The statements, in the four column types that both engines share.
    pub sql: &'static str,
}

const CREATE: &str =
    "CREATE TABLE IF NOT EXISTS schema_version (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)";
const DONE: Sql = sql!("SELECT number, name FROM schema_version ORDER BY number");
const TAKE: Sql =
    sql!("INSERT INTO schema_version (number, name) VALUES ($1, $2) ON CONFLICT (number) DO NOTHING");

/// Brings the schema to the newest version of `known`, each step in a
/// transaction of its own. Two nodes that start together wait for each other
/// at the step's row.
pub(crate) fn migrate(engine: &mut impl Engine, known: &[Migration]) -> Result<(), OpenError> {
    // Two nodes that both create the table can collide once in PostgreSQL's catalogue.
    if in_transaction(engine, |tx| tx.batch(CREATE)).is_err() {
        in_transaction(engine, |tx| tx.batch(CREATE))?;
    }
    let done: Vec<(i64, String)> = in_transaction(engine, |tx| tx.query(&DONE, &[]))?;
    check(&done, known)?;
    for step in known.iter().skip(done.len()) {
        in_transaction(engine, |tx| apply(tx, step)).map_err(|source| OpenError::Migration {
            number: step.number,
            name: step.name,
            source,
        })?;
        tracing::info!(number = step.number, name = step.name, "schema migrated");
    }
    Ok(())
}

fn apply(tx: &mut Tx<'_>, step: &Migration) -> Result<(), DbError> {
    match tx.execute(&TAKE, &[&step.number, &step.name])? {
        0 => Ok(()),
        _ => tx.batch(step.sql),
    }
}

/// What was done must be the beginning of what is known.
fn check(done: &[(i64, String)], known: &[Migration]) -> Result<(), OpenError> {
    for (index, (number, name)) in done.iter().enumerate() {
        match known.get(index) {
            Some(step) if step.number == *number && step.name == name => {}
            Some(step) => {
                return Err(OpenError::OtherSchema {
                    number: *number,
                    found: name.clone(),
                    known: step.name.to_owned(),
                });
            }
            None => {
                return Err(OpenError::NewerSchema {
                    found: done.last().map_or(0, |last| last.0),
                    known: known.last().map_or(0, |last| last.number),
                });
            }
        }
    }
    Ok(())
}

fn in_transaction<T>(
    engine: &mut impl Engine,
    work: impl Fn(&mut Tx<'_>) -> Result<T, DbError>,
) -> Result<T, DbError> {
    engine.begin(Access::Write)?;
    let outcome = engine.conn().and_then(|conn| work(&mut Tx::new(conn)));
    match outcome {
        Ok(value) => engine.commit().map(|()| value),
        Err(error) => {
            engine.rollback();
            Err(error)
        }
    }
}
