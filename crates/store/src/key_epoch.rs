//! Epochs: under which key people's keys are wrapped, and where copies of that key may lie.
//!
//! INVARIANT(epoch-closed): an epoch is closed by deleting its row, and the database refuses
//! while one key record hangs on it.

use model::{SubjectId, Timestamp};

use crate::key_record::KeyPart;
use crate::{DbError, FromRow, ReadTx, Row, RowsSql, Sql, ToValue, Tx, rows_sql, sql};

/// An epoch under which key records may hang.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochRow {
    /// Its number, from 1.
    pub epoch: i64,
    /// When it was opened.
    pub opened: Timestamp,
    /// The commitment of its key, 16 bytes.
    pub commitment: Vec<u8>,
}

/// An epoch that was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastEpoch {
    /// Its number.
    pub epoch: i64,
    /// When it was opened.
    pub opened: Timestamp,
    /// When the last key had left it.
    pub closed: Timestamp,
    /// When every copy of its key was confirmed to be destroyed.
    pub over: Option<Timestamp>,
}

/// A place that may hold a copy of an epoch's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRow {
    /// The epoch's number.
    pub epoch: i64,
    /// `folder` or `keeper:<name>`.
    pub place: String,
    /// When it had taken the copy and given the same bytes back; none: it may hold one or not.
    pub taken: Option<Timestamp>,
    /// When it confirmed that the copy is destroyed.
    pub destroyed: Option<Timestamp>,
}

/// A key record that is to be wrapped anew.
#[derive(Debug)]
pub struct Hanging {
    /// Whose.
    pub subject: SubjectId,
    /// Which part.
    pub part: KeyPart,
    /// The record as stored.
    pub body: Vec<u8>,
}

/// A key record wrapped anew.
#[derive(Debug)]
pub struct Moved {
    /// Whose, which part, and as it was stored.
    pub from: Hanging,
    /// The epoch it now hangs on.
    pub epoch: i64,
    /// The record to store.
    pub body: Vec<u8>,
}

impl FromRow for EpochRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self { epoch: row.get(0)?, opened: row.get(1)?, commitment: row.get(2)? })
    }
}

impl FromRow for PastEpoch {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self { epoch: row.get(0)?, opened: row.get(1)?, closed: row.get(2)?, over: row.get(3)? })
    }
}

impl FromRow for CopyRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self { epoch: row.get(0)?, place: row.get(1)?, taken: row.get(2)?, destroyed: row.get(3)? })
    }
}

impl FromRow for Hanging {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        let part: String = row.get(1)?;
        Ok(Self { subject: row.get(0)?, part: KeyPart::of(&part), body: row.get(2)? })
    }
}

const OPEN: Sql = sql!(
    "INSERT INTO key_epoch (epoch, opened_us, commitment) VALUES ($1, $2, $3) ON CONFLICT (epoch) DO NOTHING"
);
const ALL: Sql = sql!("SELECT epoch, opened_us, commitment FROM key_epoch ORDER BY epoch");
const PAST: Sql = sql!("SELECT epoch, opened_us, closed_us, over_us FROM key_epoch_past ORDER BY epoch");
const KEYS: Sql =
    sql!("SELECT epoch, CAST(COUNT(*) AS BIGINT) FROM key_record GROUP BY epoch ORDER BY epoch");
// Without an order on purpose: each engine reads in the order in which the rows lie, so that
// neighbours are written together.
const HANGING: Sql = sql!("SELECT subject_id, part, body FROM key_record WHERE epoch = $1 LIMIT $2");
const ANY: Sql = sql!("SELECT part FROM key_record WHERE epoch = $1 LIMIT 1");
const MOVE: RowsSql = rows_sql!(
    "UPDATE key_record SET epoch = moved.column4, body = moved.column5 FROM (VALUES {rows}) AS moved \
     WHERE subject_id = moved.column1 AND part = moved.column2 AND body = moved.column3",
    Text,
    Text,
    Bytes,
    Int,
    Bytes
);
const CLOSE: Sql = sql!("DELETE FROM key_epoch WHERE epoch = $1");
const ADD_PAST: Sql = sql!(
    "INSERT INTO key_epoch_past (epoch, opened_us, closed_us) VALUES ($1, $2, $3) ON CONFLICT (epoch) DO NOTHING"
);
const END: Sql = sql!("UPDATE key_epoch_past SET over_us = $2 WHERE epoch = $1 AND over_us IS NULL");
const COPIES: Sql = sql!("SELECT epoch, place, taken_us, destroyed_us FROM key_copy ORDER BY epoch, place");
const EXPECT_COPY: Sql =
    sql!("INSERT INTO key_copy (epoch, place) VALUES ($1, $2) ON CONFLICT (epoch, place) DO NOTHING");
const TAKEN: Sql =
    sql!("UPDATE key_copy SET taken_us = $3 WHERE epoch = $1 AND place = $2 AND taken_us IS NULL");
const DESTROYED: Sql =
    sql!("UPDATE key_copy SET destroyed_us = $3 WHERE epoch = $1 AND place = $2 AND destroyed_us IS NULL");

/// Opens an epoch. `false`: it was open already, perhaps under another key.
pub fn open(tx: &mut Tx<'_>, row: &EpochRow) -> Result<bool, DbError> {
    tx.execute(&OPEN, &[&row.epoch, &row.opened, &row.commitment]).map(|rows| rows > 0)
}

/// The epochs that are not closed, by number.
pub fn all(tx: &mut ReadTx<'_>) -> Result<Vec<EpochRow>, DbError> {
    tx.query(&ALL, &[])
}

/// The epochs that were closed, by number.
pub fn past(tx: &mut ReadTx<'_>) -> Result<Vec<PastEpoch>, DbError> {
    tx.query(&PAST, &[])
}

/// How many key records hang on each epoch; an epoch without any is left out. It reads every
/// row of an index, so it belongs to long reads.
pub fn keys(tx: &mut ReadTx<'_>) -> Result<Vec<(i64, i64)>, DbError> {
    tx.query(&KEYS, &[])
}

/// Up to `limit` key records that hang on an epoch.
pub fn hanging(tx: &mut ReadTx<'_>, epoch: i64, limit: i64) -> Result<Vec<Hanging>, DbError> {
    tx.query(&HANGING, &[&epoch, &limit])
}

/// Puts records wrapped anew in the place of those they were made from, and says how many. It
/// never inserts, and leaves alone what anybody has changed or destroyed since it was read.
pub fn move_records(tx: &mut Tx<'_>, records: &[Moved]) -> Result<u64, DbError> {
    let parts: Vec<&'static str> = records.iter().map(|record| record.from.part.code()).collect();
    let rows: Vec<[&dyn ToValue; 5]> = records
        .iter()
        .zip(&parts)
        .map(|(record, part)| {
            let from = &record.from;
            [&from.subject as &dyn ToValue, part, &from.body, &record.epoch, &record.body]
        })
        .collect();
    tx.execute_rows(&MOVE, &rows)
}

/// Closes an epoch on which no key hangs. `false`: one does, or it was closed before.
pub fn close(tx: &mut Tx<'_>, epoch: &EpochRow, now: Timestamp) -> Result<bool, DbError> {
    if tx.query_opt::<(String,)>(&ANY, &[&epoch.epoch])?.is_some() {
        return Ok(false);
    }
    if tx.execute(&CLOSE, &[&epoch.epoch])? == 0 {
        return Ok(false);
    }
    tx.execute(&ADD_PAST, &[&epoch.epoch, &epoch.opened, &now]).map(|_| true)
}

/// Notes that a closed epoch is over. `false`: it was noted before.
pub fn end(tx: &mut Tx<'_>, epoch: i64, now: Timestamp) -> Result<bool, DbError> {
    tx.execute(&END, &[&epoch, &now]).map(|rows| rows > 0)
}

/// Every place that holds or held a copy of an epoch's key.
pub fn copies(tx: &mut ReadTx<'_>) -> Result<Vec<CopyRow>, DbError> {
    tx.query(&COPIES, &[])
}

/// Notes that a place is about to be given a copy.
pub fn expect_copy(tx: &mut Tx<'_>, epoch: i64, place: &str) -> Result<(), DbError> {
    tx.execute(&EXPECT_COPY, &[&epoch, &place]).map(|_| ())
}

/// Notes that a place has taken its copy.
pub fn taken(tx: &mut Tx<'_>, epoch: i64, place: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&TAKEN, &[&epoch, &place, &now]).map(|_| ())
}

/// Notes that a place has confirmed the destruction of its copy.
pub fn destroyed(tx: &mut Tx<'_>, epoch: i64, place: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&DESTROYED, &[&epoch, &place, &now]).map(|_| ())
}
