//! What outlives erasure: keyed hashes that must not be contacted, and of those who were erased.

use gate::Permit;
use model::{CategoryName, IdentifierKind, LifetimeName, SubjectId, Timestamp};

use crate::vault::require_people;
use crate::{DbError, FromRow, ReadTx, Row, RowsSql, Sql, ToValue, Tx, rows_sql, sql};

const SUPPRESS: Sql = sql!(
    "INSERT INTO suppression (hash, scope, kind, recorded_us) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (hash, scope) DO UPDATE SET recorded_us = excluded.recorded_us, lifted_us = NULL"
);
const LIFT_SUPPRESSION: Sql =
    sql!("UPDATE suppression SET lifted_us = $3 WHERE hash = $1 AND scope = $2 AND lifted_us IS NULL");
const SUPPRESSED: RowsSql = rows_sql!(
    "SELECT hash, scope FROM suppression WHERE lifted_us IS NULL AND hash IN (VALUES {rows})",
    Bytes
);
const ENTOMB: Sql = sql!(
    "INSERT INTO tombstone (hash, kind, erased_us, keep_until_us) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (hash) DO UPDATE SET erased_us = excluded.erased_us, \
     keep_until_us = excluded.keep_until_us, lifted_us = NULL"
);
const TOMBSTONES: RowsSql = rows_sql!(
    "SELECT hash, keep_until_us FROM tombstone WHERE lifted_us IS NULL AND hash IN (VALUES {rows})",
    Bytes
);
const LIFT_TOMBSTONE: Sql = sql!("UPDATE tombstone SET lifted_us = $2 WHERE hash = $1 AND lifted_us IS NULL");

/// Keeps an identifier from being contacted (`scope`: `all` or a channel's code).
pub fn suppress(
    tx: &mut Tx<'_>,
    hash: &[u8; 32],
    scope: &str,
    kind: &IdentifierKind,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(&SUPPRESS, &[hash, &scope, kind, &now]).map(|_| ())
}

/// Lifts a suppression by the person's own new act. `false`: there was none.
pub fn lift_suppression(
    tx: &mut Tx<'_>,
    hash: &[u8; 32],
    scope: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    tx.execute(&LIFT_SUPPRESSION, &[hash, &scope, &now]).map(|rows| rows > 0)
}

/// The living suppressions among these hashes, with their scopes.
pub fn suppressed(tx: &mut ReadTx<'_>, hashes: &[[u8; 32]]) -> Result<Vec<([u8; 32], String)>, DbError> {
    let rows: Vec<[&dyn ToValue; 1]> = hashes.iter().map(|hash| [hash as &dyn ToValue]).collect();
    let rows: Vec<&[&dyn ToValue]> = rows.iter().map(|row| row.as_slice()).collect();
    tx.query_rows(&SUPPRESSED, &rows)
}

/// Keeps the hash of an erased person's identifier, so that no import brings them back unnoticed.
pub fn entomb(
    tx: &mut Tx<'_>,
    hash: &[u8; 32],
    kind: &IdentifierKind,
    erased: Timestamp,
    keep_until: Timestamp,
) -> Result<(), DbError> {
    tx.execute(&ENTOMB, &[hash, kind, &erased, &keep_until]).map(|_| ())
}

/// Which of these hashes belong to somebody erased, with the day each is kept until.
pub fn tombstones(tx: &mut ReadTx<'_>, hashes: &[[u8; 32]]) -> Result<Vec<([u8; 32], Timestamp)>, DbError> {
    let rows: Vec<[&dyn ToValue; 1]> = hashes.iter().map(|hash| [hash as &dyn ToValue]).collect();
    let rows: Vec<&[&dyn ToValue]> = rows.iter().map(|row| row.as_slice()).collect();
    tx.query_rows(&TOMBSTONES, &rows)
}

/// Lifts a tombstone by the person's own new act. `false`: there was none.
pub fn lift_tombstone(tx: &mut Tx<'_>, hash: &[u8; 32], now: Timestamp) -> Result<bool, DbError> {
    tx.execute(&LIFT_TOMBSTONE, &[hash, &now]).map(|rows| rows > 0)
}

const HOLDS_VALUE_OF_LIFETIME: Sql = sql!("SELECT value_id FROM profile_value WHERE lifetime = $1 LIMIT 1");
const HOLDS_RECORD_OF_LIFETIME: Sql = sql!("SELECT record_id FROM record WHERE lifetime = $1 LIMIT 1");
const HOLDS_VALUE_OF_CATEGORY: Sql = sql!("SELECT value_id FROM profile_value WHERE category = $1 LIMIT 1");

/// Whether anybody's value or record lies under this lifetime. It may read every row, so
/// it belongs to long reads.
pub fn holds_lifetime(tx: &mut ReadTx<'_>, lifetime: &LifetimeName) -> Result<bool, DbError> {
    let value = tx.query_opt::<(String,)>(&HOLDS_VALUE_OF_LIFETIME, &[lifetime])?;
    Ok(value.is_some() || tx.query_opt::<(String,)>(&HOLDS_RECORD_OF_LIFETIME, &[lifetime])?.is_some())
}

/// Whether anybody's value is of this category. It may read every row, so it belongs to
/// long reads.
pub fn holds_category(tx: &mut ReadTx<'_>, category: &CategoryName) -> Result<bool, DbError> {
    Ok(tx.query_opt::<(String,)>(&HOLDS_VALUE_OF_CATEGORY, &[category])?.is_some())
}

const NEWEST_VALUE: Sql = sql!(
    "SELECT recorded_us FROM profile_value WHERE subject_id = $1 AND lifetime = $2 \
     ORDER BY value_id DESC LIMIT 1"
);
const NEWEST_RECORD: Sql = sql!(
    "SELECT recorded_us FROM record WHERE subject_id = $1 AND lifetime = $2 ORDER BY record_id DESC LIMIT 1"
);
// Legal duties have an index of their own, so that an erasure finds the newest row of one
// whatever else is held. Its condition stands here word by word.
const NEWEST_DUTY_VALUE: Sql = sql!(
    "SELECT recorded_us FROM profile_value WHERE subject_id = $1 AND lifetime = $2 \
     AND lifetime >= 'duty' AND lifetime < 'duty/' ORDER BY value_id DESC LIMIT 1"
);
const NEWEST_DUTY_RECORD: Sql = sql!(
    "SELECT recorded_us FROM record WHERE subject_id = $1 AND lifetime = $2 \
     AND lifetime >= 'duty' AND lifetime < 'duty/' ORDER BY record_id DESC LIMIT 1"
);
const COUNT_EVENTS: Sql = sql!("SELECT CAST(COUNT(*) AS BIGINT) FROM consent_event WHERE subject_id = $1");
const COUNT_ENTRIES: Sql = sql!("SELECT CAST(COUNT(*) AS BIGINT) FROM timeline WHERE subject_id = $1");
const COUNT_EVIDENCE: Sql = sql!("SELECT CAST(COUNT(*) AS BIGINT) FROM evidence WHERE subject_id = $1");

/// When the newest value or record of a person's lifetime was recorded; none: it holds nothing.
pub fn newest(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
    lifetime: &LifetimeName,
) -> Result<Option<Timestamp>, DbError> {
    let name = lifetime.as_str();
    let (values, records) = match name == "duty" || name.starts_with("duty.") {
        true => (&NEWEST_DUTY_VALUE, &NEWEST_DUTY_RECORD),
        false => (&NEWEST_VALUE, &NEWEST_RECORD),
    };
    let value = tx.query_opt::<(Timestamp,)>(values, &[subject, lifetime])?;
    let record = tx.query_opt::<(Timestamp,)>(records, &[subject, lifetime])?;
    Ok(value.max(record).map(|(newest,)| newest))
}

/// How many rows beside values and records are kept about one identity of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traces {
    /// Consent events, as codes.
    pub events: i64,
    /// Entries of the ledger that name the person.
    pub entries: i64,
    /// Pieces of evidence.
    pub evidence: i64,
}

/// Counts what is kept about one identity beside values and records.
pub fn traces(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Traces, DbError> {
    let (events,) = tx.query_one(&COUNT_EVENTS, &[subject])?;
    let (entries,) = tx.query_one(&COUNT_ENTRIES, &[subject])?;
    let (evidence,) = tx.query_one(&COUNT_EVIDENCE, &[subject])?;
    Ok(Traces { events, entries, evidence })
}

const SWEEP_EVENTS: Sql = sql!(
    "DELETE FROM consent_event WHERE subject_id = $1 AND event_id IN \
     (SELECT event_id FROM consent_event WHERE subject_id = $1 ORDER BY event_id LIMIT $2)"
);
const SWEEP_VALUES_OF: Sql = sql!(
    "DELETE FROM profile_value WHERE subject_id = $1 AND value_id IN \
     (SELECT value_id FROM profile_value WHERE subject_id = $1 AND lifetime = $2 ORDER BY value_id LIMIT $3)"
);
const SWEEP_RECORDS_OF: Sql = sql!(
    "DELETE FROM record WHERE subject_id = $1 AND record_id IN \
     (SELECT record_id FROM record WHERE subject_id = $1 AND lifetime = $2 ORDER BY record_id LIMIT $3)"
);
const LAST_VALUE: Sql =
    sql!("SELECT value_id FROM profile_value WHERE subject_id = $1 ORDER BY value_id DESC LIMIT 1");
const LAST_RECORD: Sql =
    sql!("SELECT record_id FROM record WHERE subject_id = $1 ORDER BY record_id DESC LIMIT 1");
const VALUES_OF: Sql = sql!(
    "SELECT value_id, SUBSTR(sealed, 1, 3) FROM profile_value WHERE subject_id = $1 AND lifetime = $2 \
     AND value_id > $3 AND value_id <= $4 ORDER BY value_id LIMIT $5"
);
const RECORDS_OF: Sql = sql!(
    "SELECT record_id, SUBSTR(sealed, 1, 3) FROM record WHERE subject_id = $1 AND lifetime = $2 \
     AND record_id > $3 AND record_id <= $4 ORDER BY record_id LIMIT $5"
);
const DELETE_VALUES: RowsSql =
    rows_sql!("DELETE FROM profile_value WHERE (subject_id, value_id) IN (VALUES {rows})", Text, Text);
const DELETE_RECORDS: RowsSql =
    rows_sql!("DELETE FROM record WHERE (subject_id, record_id) IN (VALUES {rows})", Text, Text);
const DELETE_EVIDENCE: Sql = sql!("DELETE FROM evidence WHERE subject_id = $1");

/// Deletes up to `limit` consent events of an erased person.
pub fn sweep_events(tx: &mut Tx<'_>, subject: &SubjectId, limit: i64) -> Result<u64, DbError> {
    tx.execute(&SWEEP_EVENTS, &[subject, &limit])
}

/// Deletes up to `limit` values and as many records of a lifetime whose key is gone already.
pub fn sweep_lifetime(
    tx: &mut Tx<'_>,
    subject: &SubjectId,
    lifetime: &LifetimeName,
    limit: i64,
) -> Result<u64, DbError> {
    let values = tx.execute(&SWEEP_VALUES_OF, &[subject, lifetime, &limit])?;
    Ok(values + tx.execute(&SWEEP_RECORDS_OF, &[subject, lifetime, &limit])?)
}

const LIVING: Sql = sql!(
    "SELECT subject_id FROM subject WHERE state = 'active' AND subject_id > $1 ORDER BY subject_id LIMIT $2"
);
const SPANS_OF_VALUES: Sql = sql!(
    "SELECT lifetime, MIN(recorded_us), MAX(recorded_us) FROM profile_value WHERE subject_id = $1 \
     GROUP BY lifetime ORDER BY lifetime"
);
const SPANS_OF_RECORDS: Sql = sql!(
    "SELECT lifetime, MIN(recorded_us), MAX(recorded_us) FROM record WHERE subject_id = $1 \
     GROUP BY lifetime ORDER BY lifetime"
);
const LAST_EVENT: Sql = sql!("SELECT MAX(recorded_us) FROM consent_event WHERE subject_id = $1");
const VALUES_BEFORE: Sql = sql!(
    "DELETE FROM profile_value WHERE subject_id = $1 AND value_id IN (SELECT value_id FROM profile_value \
     WHERE subject_id = $1 AND lifetime = $2 AND recorded_us < $3 ORDER BY value_id LIMIT $4)"
);
const RECORDS_BEFORE: Sql = sql!(
    "DELETE FROM record WHERE subject_id = $1 AND record_id IN (SELECT record_id FROM record \
     WHERE subject_id = $1 AND lifetime = $2 AND recorded_us < $3 ORDER BY record_id LIMIT $4)"
);

/// When the values and records of one lifetime of a person were recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The lifetime.
    pub lifetime: LifetimeName,
    /// When the first of them was.
    pub oldest: Timestamp,
    /// When the last of them was.
    pub newest: Timestamp,
}

impl FromRow for Span {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self { lifetime: row.get(0)?, oldest: row.get(1)?, newest: row.get(2)? })
    }
}

/// Up to `limit` living people after `after`, by their leading ids.
pub fn living(tx: &mut ReadTx<'_>, after: Option<&SubjectId>, limit: i64) -> Result<Vec<SubjectId>, DbError> {
    let after = after.map(ToString::to_string).unwrap_or_default();
    let page: Vec<(SubjectId,)> = tx.query(&LIVING, &[&after, &limit])?;
    Ok(page.into_iter().map(|(id,)| id).collect())
}

/// What an identity holds by lifetime: values first, then records.
pub fn spans(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Vec<Span>, DbError> {
    let mut spans: Vec<Span> = tx.query(&SPANS_OF_VALUES, &[subject])?;
    spans.extend(tx.query::<Span>(&SPANS_OF_RECORDS, &[subject])?);
    Ok(spans)
}

/// When the last consent event of an identity was recorded.
pub fn last_event(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Option<Timestamp>, DbError> {
    Ok(tx.query_one::<(Option<Timestamp>,)>(&LAST_EVENT, &[subject])?.0)
}

/// What a chunk deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// How many rows.
    pub rows: u64,
    /// Whether there may be more.
    pub is_full: bool,
}

/// Deletes up to `limit` values and as many records of a lifetime that were recorded before a moment.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers the person.
pub fn delete_before<'c>(
    tx: &mut Tx<'c>,
    permit: &Permit<'c>,
    (subject, lifetime): (&SubjectId, &LifetimeName),
    before: Timestamp,
    limit: i64,
) -> Result<Deleted, DbError> {
    require_people(tx, permit, std::iter::once(subject))?;
    let values = tx.execute(&VALUES_BEFORE, &[subject, lifetime, &before, &limit])?;
    let records = tx.execute(&RECORDS_BEFORE, &[subject, lifetime, &before, &limit])?;
    let full = u64::try_from(limit).unwrap_or(u64::MAX);
    Ok(Deleted { rows: values + records, is_full: values >= full || records >= full })
}

/// Values or records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Profile values.
    Values,
    /// Records.
    Records,
}

/// The id of the last value or record of a person, of whatever lifetime: every row that is there
/// has this id or a smaller one.
pub fn last_row(tx: &mut ReadTx<'_>, rows: Rows, subject: &SubjectId) -> Result<Option<String>, DbError> {
    let sql = match rows {
        Rows::Values => &LAST_VALUE,
        Rows::Records => &LAST_RECORD,
    };
    Ok(tx.query_opt::<(String,)>(sql, &[subject])?.map(|(id,)| id))
}

/// Up to `limit` rows of a person's lifetime after `after` and up to `last`, in the order of
/// their ids, each with the first bytes of its sealed value: they name the key version.
pub fn rows_of_lifetime(
    tx: &mut ReadTx<'_>,
    rows: Rows,
    (subject, lifetime): (&SubjectId, &LifetimeName),
    (after, last): (&str, &str),
    limit: i64,
) -> Result<Vec<(String, Vec<u8>)>, DbError> {
    let sql = match rows {
        Rows::Values => &VALUES_OF,
        Rows::Records => &RECORDS_OF,
    };
    tx.query(sql, &[subject, lifetime, &after, &last, &limit])
}

/// Deletes rows whose key is gone.
pub fn delete_rows(
    tx: &mut Tx<'_>,
    rows: Rows,
    subject: &SubjectId,
    ids: &[&String],
) -> Result<u64, DbError> {
    let values: Vec<[&dyn ToValue; 2]> = ids.iter().map(|id| [subject as &dyn ToValue, *id]).collect();
    let sql = match rows {
        Rows::Values => &DELETE_VALUES,
        Rows::Records => &DELETE_RECORDS,
    };
    tx.execute_rows(sql, &values)
}

/// Forgets which entries carry evidence about a person, whose evidence key is gone.
pub fn delete_evidence(tx: &mut Tx<'_>, subject: &SubjectId) -> Result<u64, DbError> {
    tx.execute(&DELETE_EVIDENCE, &[subject])
}

const FORGET_TOMBSTONES: Sql = sql!("DELETE FROM tombstone WHERE keep_until_us <= $1");
const FORGET_SUPPRESSIONS: Sql = sql!("DELETE FROM suppression WHERE recorded_us < $1");

/// Deletes the tombstones whose day has come.
pub fn forget_tombstones(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, DbError> {
    tx.execute(&FORGET_TOMBSTONES, &[&now])
}

/// Deletes the suppressions written before `before`, when their term is over.
pub fn forget_suppressions(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    tx.execute(&FORGET_SUPPRESSIONS, &[&before])
}
