//! Runs of imports, with their counts. A run that was killed stays `running`; its whole
//! chunks are there, and a second run of the same source goes on from them.

use model::{ImportId, SystemName, Timestamp};

use crate::{DbError, FromRow, FromValue, ReadTx, Row, Sql, Tx, Value, sql};

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// It reads, or it was killed.
    Running,
    /// It read its source to the end.
    Done,
    /// It ended before the end of its source.
    Stopped,
}

impl ImportState {
    const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }
}

impl<'a> FromValue<'a> for ImportState {
    fn from_value(value: Option<Value<'a>>) -> Option<Self> {
        match String::from_value(value)?.as_str() {
            "running" => Some(Self::Running),
            "done" => Some(Self::Done),
            "stopped" => Some(Self::Stopped),
            _ => None,
        }
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRun {
    /// Its id, which its ledger entries name as their request.
    pub id: ImportId,
    /// The system of the manifest.
    pub system: SystemName,
    /// The table of that system.
    pub table: String,
    /// How far it has come.
    pub state: ImportState,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What became of the rows, as JSON.
    pub counts: String,
}

impl FromRow for ImportRun {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            system: row.get(1)?,
            table: row.get(2)?,
            state: row.get(3)?,
            started: row.get(4)?,
            ended: row.get(5)?,
            counts: row.get(6)?,
        })
    }
}

const START: Sql = sql!(
    "INSERT INTO import_run (import_id, system, source_table, state, started_us, counts) \
     VALUES ($1, $2, $3, 'running', $4, $5)"
);
const PUT_COUNTS: Sql = sql!("UPDATE import_run SET counts = $2 WHERE import_id = $1");
const END: Sql = sql!("UPDATE import_run SET state = $2, ended_us = $3 WHERE import_id = $1");
const FIND: Sql = sql!(
    "SELECT import_id, system, source_table, state, started_us, ended_us, counts FROM import_run \
     WHERE import_id = $1"
);
const NEWEST: Sql = sql!(
    "SELECT import_id, system, source_table, state, started_us, ended_us, counts FROM import_run \
     ORDER BY started_us DESC, import_id DESC LIMIT $1"
);

/// Records that a run begins.
pub fn start(
    tx: &mut Tx<'_>,
    id: &ImportId,
    system: &SystemName,
    table: &str,
    now: Timestamp,
    counts: &str,
) -> Result<(), DbError> {
    tx.execute(&START, &[id, system, &table, &now, &counts]).map(|_| ())
}

/// Keeps the counts of a run, in the transaction of the chunk that changed them.
pub fn put_counts(tx: &mut Tx<'_>, id: &ImportId, counts: &str) -> Result<(), DbError> {
    tx.execute(&PUT_COUNTS, &[id, &counts]).map(|_| ())
}

/// Records that a run ended.
pub fn end(tx: &mut Tx<'_>, id: &ImportId, state: ImportState, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&END, &[id, &state.code(), &now]).map(|_| ())
}

/// One run by its id.
pub fn find(tx: &mut ReadTx<'_>, id: &ImportId) -> Result<Option<ImportRun>, DbError> {
    tx.query_opt(&FIND, &[id])
}

/// The newest runs, newest first.
pub fn newest(tx: &mut ReadTx<'_>, limit: i64) -> Result<Vec<ImportRun>, DbError> {
    tx.query(&NEWEST, &[&limit])
}
