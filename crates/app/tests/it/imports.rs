//! Imports: every row is accounted for, a second run changes nothing, and nobody else's rows move.

mod bad_input;
mod many;
mod people;
mod real;
mod runs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use app::identity::{Found, look_up};
use app::imports::{ImportError, ImportRequest, Rejection, Report, run};
use connect::Source;
use model::{Actor, Identifier, IdentifierKind, Personal, SubjectId, SystemName};
use testkit::TestDb;

use crate::support::World;

/// A request of the operator for the table's own purpose.
fn request(system: &str, table: &str, source: Source) -> ImportRequest {
    ImportRequest {
        system: SystemName::new(system).expect("a name"),
        table: table.to_owned(),
        source,
        actor: Actor::Operator,
        purpose: None,
        dropped: BTreeSet::new(),
        rejects: None,
        on_progress: None,
    }
}

fn csv(file: impl Into<PathBuf>) -> Source {
    Source::Csv { file: file.into() }
}

/// A CSV file of the test's own, as the customers of the record shop.
fn customers(db: &TestDb, text: impl AsRef<[u8]>) -> ImportRequest {
    let file = db.folder().join("customers.csv");
    std::fs::write(&file, text).expect("a file");
    request("chinook", "Customer", csv(file))
}

async fn import(world: &World, request: ImportRequest) -> Report {
    run(&world.controller, request).await.expect("the source is taken in")
}

async fn refused(world: &World, request: ImportRequest) -> ImportError {
    run(&world.controller, request).await.expect_err("the source is refused")
}

/// What became of the rows: read, imported, unchanged, skipped, rejected.
fn counts(report: &Report) -> [u64; 5] {
    let tally = &report.tally;
    assert!(tally.balances());
    let skipped = tally.skipped.values().sum();
    let rejected = tally.rejected.values().sum();
    [tally.read, tally.imported, tally.unchanged, skipped, rejected]
}

fn rejected(report: &Report) -> Vec<(Rejection, u64)> {
    report.tally.rejected.clone().into_iter().collect()
}

/// Imports and answers the rejects file beside the report.
async fn with_rejects(world: &World, request: ImportRequest) -> (Report, String) {
    let file = Rejects::default();
    let report = import(world, ImportRequest { rejects: Some(Box::new(file.clone())), ..request }).await;
    (report, file.text())
}

/// A rejects file in memory.
#[derive(Clone, Default)]
struct Rejects(Arc<Mutex<Vec<u8>>>);

impl Rejects {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("a lock").clone()).expect("text")
    }
}

impl std::io::Write for Rejects {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Whom an identifier leads to.
async fn who(world: &World, kind: &str, value: &str) -> Option<SubjectId> {
    let kind: IdentifierKind = kind.parse().expect("a kind");
    let identifier = Identifier { kind, value: Personal::new(value.to_owned()) };
    match look_up(&world.controller, identifier).await.expect("a look") {
        Found::Person(id) => Some(id),
        Found::Nobody => None,
    }
}

/// How many rows of a table are about each person, over the whole database.
fn rows_of(db: &TestDb, table: &str) -> BTreeMap<String, usize> {
    let prefix = format!("{table}|");
    testkit::dump::people(db)
        .into_iter()
        .map(|(subject, rows)| (subject, rows.iter().filter(|row| row.starts_with(&prefix)).count()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// How many rows a table has over all people.
fn total(db: &TestDb, table: &str) -> usize {
    rows_of(db, table).values().sum()
}
