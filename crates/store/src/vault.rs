//! Sealed profile values and records. The functions that hand out or write sealed data take
//! the [`Permit`] that was recorded in the same transaction: whoever has none cannot ask, and
//! what it does not cover is not read ([`DbError::NotPermitted`], which ends the transaction).
//!
//! A permit is of no use in another transaction than the one that recorded it:
//! ```compile_fail
//! fn elsewhere<'a, 'b>(
//!     tx: &mut store::ReadTx<'a>,
//!     permit: &gate::Permit<'b>,
//!     whose: &model::SubjectId,
//! ) {
//!     let _ = store::vault::values(tx, permit, whose);
//! }
//! ```
//! and in its own it is:
//! ```
//! fn here<'a>(tx: &mut store::ReadTx<'a>, permit: &gate::Permit<'a>, whose: &model::SubjectId) {
//!     let _ = store::vault::values(tx, permit, whose);
//! }
//! ```

use std::collections::BTreeSet;

use gate::Permit;
use model::{CategoryName, LifetimeName, RecordId, RecordKind, SubjectId, SystemName, Timestamp, ValueId};

use crate::{DbError, FromRow, ReadTx, Row, RowsSql, Sql, ToValue, Tx, rows_sql, sql};

/// One profile value, sealed.
#[derive(Debug, Clone)]
pub struct ValueRow {
    /// Its id, named in its associated data.
    pub id: ValueId,
    /// What kind of data it is.
    pub category: CategoryName,
    /// The declared field that holds it.
    pub field: String,
    /// The lifetime whose key seals it.
    pub lifetime: LifetimeName,
    /// Where it came from, as a code.
    pub source: String,
    /// The system that gave it.
    pub system: SystemName,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// When a correction or the end of its ground ended it.
    pub ended: Option<Timestamp>,
    /// Keyed hash, under the person's key, of the plain value that the system last gave: tells
    /// what the system changed, also after a correction gave the row another value.
    pub source_fingerprint: [u8; 32],
    /// The sealed value.
    pub sealed: Vec<u8>,
}

impl FromRow for ValueRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            category: row.get(1)?,
            field: row.get(2)?,
            lifetime: row.get(3)?,
            source: row.get(4)?,
            system: row.get(5)?,
            recorded: row.get(6)?,
            ended: row.get(7)?,
            source_fingerprint: row.get(8)?,
            sealed: row.get(9)?,
        })
    }
}

const ADD_VALUES: RowsSql = rows_sql!(
    "INSERT INTO profile_value (subject_id, value_id, category, field, lifetime, source, system, \
     recorded_us, source_fingerprint, sealed) VALUES {rows}",
    Text,
    Text,
    Text,
    Text,
    Text,
    Text,
    Text,
    Int,
    Bytes,
    Bytes
);
const CURRENT: Sql = sql!(
    "SELECT value_id, category, field, lifetime, source, system, recorded_us, ended_us, \
     source_fingerprint, sealed \
     FROM profile_value WHERE subject_id = $1 AND ended_us IS NULL ORDER BY category, field"
);
const HISTORY: Sql = sql!(
    "SELECT value_id, category, field, lifetime, source, system, recorded_us, ended_us, \
     source_fingerprint, sealed \
     FROM profile_value WHERE subject_id = $1 ORDER BY category, field, recorded_us, value_id"
);
const FINGERPRINTS: RowsSql = rows_sql!(
    "SELECT subject_id, value_id, category, field, source_fingerprint FROM profile_value \
     WHERE (subject_id, system) IN (VALUES {rows}) AND ended_us IS NULL",
    Text,
    Text
);
const END: RowsSql = rows_sql!(
    "UPDATE profile_value SET ended_us = ended.column3 FROM (VALUES {rows}) AS ended \
     WHERE subject_id = ended.column1 AND value_id = ended.column2 AND ended_us IS NULL",
    Text,
    Text,
    Int
);
const COUNT_BY_LIFETIME: Sql = sql!(
    "SELECT lifetime, CAST(COUNT(*) AS BIGINT) FROM profile_value WHERE subject_id = $1 \
     GROUP BY lifetime ORDER BY lifetime"
);

/// Ends the transaction unless the permit covers what is asked for.
pub(crate) fn require(tx: &mut ReadTx<'_>, is_covered: bool) -> Result<(), DbError> {
    if is_covered { Ok(()) } else { Err(tx.fail(DbError::NotPermitted)) }
}

/// Ends the transaction unless the permit covers all of these people.
pub(crate) fn require_people<'s>(
    tx: &mut ReadTx<'_>,
    permit: &Permit<'_>,
    mut people: impl Iterator<Item = &'s SubjectId>,
) -> Result<(), DbError> {
    let is_covered = people.all(|subject| permit.covers_person(subject));
    require(tx, is_covered)
}

/// Adds sealed values, each with the person it is about.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers the person and category of each.
pub fn add_values<'c>(
    tx: &mut Tx<'c>,
    permit: &Permit<'c>,
    values: &[(SubjectId, ValueRow)],
) -> Result<(), DbError> {
    require(tx, values.iter().all(|(subject, value)| permit.covers(subject, &value.category)))?;
    let rows: Vec<[&dyn ToValue; 10]> = values
        .iter()
        .map(|(subject, value)| {
            [
                subject as &dyn ToValue,
                &value.id,
                &value.category,
                &value.field,
                &value.lifetime,
                &value.source,
                &value.system,
                &value.recorded,
                &value.source_fingerprint,
                &value.sealed,
            ]
        })
        .collect();
    tx.execute_rows(&ADD_VALUES, &rows).map(|_| ())
}

/// The person's current values of the categories that the permit covers, sealed.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers the person.
pub fn values<'c>(
    tx: &mut ReadTx<'c>,
    permit: &Permit<'c>,
    subject: &SubjectId,
) -> Result<Vec<ValueRow>, DbError> {
    covered_values(tx, permit, subject, &CURRENT)
}

/// The same with the values that corrections ended.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers the person.
pub fn history<'c>(
    tx: &mut ReadTx<'c>,
    permit: &Permit<'c>,
    subject: &SubjectId,
) -> Result<Vec<ValueRow>, DbError> {
    covered_values(tx, permit, subject, &HISTORY)
}

fn covered_values(
    tx: &mut ReadTx<'_>,
    permit: &Permit<'_>,
    subject: &SubjectId,
    sql: &Sql,
) -> Result<Vec<ValueRow>, DbError> {
    require(tx, permit.covers_person(subject))?;
    let mut rows: Vec<ValueRow> = tx.query(sql, &[subject])?;
    rows.retain(|row| permit.covers(subject, &row.category));
    Ok(rows)
}

/// A value already held: whose, its id, category, field and keyed hash.
pub type KnownValue = (SubjectId, ValueId, CategoryName, String, [u8; 32]);

/// Ids and keyed hashes of people's current values from one system, of the categories that the
/// permit covers: enough to tell what changed.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers all of these people.
pub fn fingerprints<'c>(
    tx: &mut ReadTx<'c>,
    permit: &Permit<'c>,
    subjects: impl IntoIterator<Item = SubjectId>,
    system: &SystemName,
) -> Result<Vec<KnownValue>, DbError> {
    let subjects: Vec<SubjectId> = subjects.into_iter().collect();
    require_people(tx, permit, subjects.iter())?;
    let rows: Vec<[&dyn ToValue; 2]> =
        subjects.iter().map(|subject| [subject as &dyn ToValue, system]).collect();
    let mut known: Vec<KnownValue> = tx.query_rows(&FINGERPRINTS, &rows)?;
    known.retain(|(subject, _, category, ..)| permit.covers(subject, category));
    Ok(known)
}

const CATEGORY: Sql =
    sql!("SELECT category FROM profile_value WHERE subject_id = $1 AND value_id = $2 AND ended_us IS NULL");

/// The category of a current value: what a question to the gate needs to name.
pub fn category_of(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
    value: &ValueId,
) -> Result<Option<CategoryName>, DbError> {
    Ok(tx.query_opt::<(CategoryName,)>(&CATEGORY, &[subject, value])?.map(|(category,)| category))
}

const CATEGORIES: Sql = sql!("SELECT DISTINCT category FROM profile_value WHERE subject_id = $1");
const RECORD_CATEGORIES: Sql = sql!("SELECT DISTINCT categories FROM record WHERE subject_id = $1");

/// Every category of which a person has values or records, ended ones too: what a question
/// about all of it needs to name.
pub fn categories(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<BTreeSet<CategoryName>, DbError> {
    let mut held = value_categories(tx, subject)?;
    held.append(&mut record_categories(tx, subject)?);
    Ok(held)
}

/// Every category of which a person has values, ended ones too.
pub fn value_categories(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<BTreeSet<CategoryName>, DbError> {
    let names = tx.query::<(CategoryName,)>(&CATEGORIES, &[subject])?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

/// Every category of which a person has records.
pub fn record_categories(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
) -> Result<BTreeSet<CategoryName>, DbError> {
    let mut held = BTreeSet::new();
    for (names,) in tx.query::<(String,)>(&RECORD_CATEGORIES, &[subject])? {
        held.extend(names.split(' ').filter_map(|name| CategoryName::new(name).ok()));
    }
    Ok(held)
}

const CATEGORIES_OF: Sql =
    sql!("SELECT DISTINCT category FROM profile_value WHERE subject_id = $1 AND lifetime = $2");
const RECORD_CATEGORIES_OF: Sql =
    sql!("SELECT DISTINCT categories FROM record WHERE subject_id = $1 AND lifetime = $2");

/// Every category of which a person has values or records under one lifetime.
pub fn categories_of_lifetime(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
    lifetime: &LifetimeName,
) -> Result<BTreeSet<CategoryName>, DbError> {
    let values = tx.query::<(CategoryName,)>(&CATEGORIES_OF, &[subject, lifetime])?;
    let mut held: BTreeSet<CategoryName> = values.into_iter().map(|(name,)| name).collect();
    for (names,) in tx.query::<(String,)>(&RECORD_CATEGORIES_OF, &[subject, lifetime])? {
        held.extend(names.split(' ').filter_map(|name| CategoryName::new(name).ok()));
    }
    Ok(held)
}

/// Ends values, because newer ones take their places. Answers how many had not ended already.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers all of these people.
pub fn end_values<'c>(
    tx: &mut Tx<'c>,
    permit: &Permit<'c>,
    values: &[(SubjectId, ValueId)],
    now: Timestamp,
) -> Result<u64, DbError> {
    require_people(tx, permit, values.iter().map(|(subject, _)| subject))?;
    let rows: Vec<[&dyn ToValue; 3]> =
        values.iter().map(|(subject, value)| [subject as &dyn ToValue, value, &now]).collect();
    tx.execute_rows(&END, &rows)
}

/// How many values and records each lifetime of a person holds (plans, summaries).
pub fn count_by_lifetime(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
) -> Result<Vec<(LifetimeName, i64)>, DbError> {
    let mut counts: std::collections::BTreeMap<LifetimeName, i64> =
        tx.query::<(LifetimeName, i64)>(&COUNT_BY_LIFETIME, &[subject])?.into_iter().collect();
    for (lifetime, count) in tx.query::<(LifetimeName, i64)>(&COUNT_RECORDS_BY_LIFETIME, &[subject])? {
        *counts.entry(lifetime).or_default() += count;
    }
    Ok(counts.into_iter().collect())
}

/// One record (order, invoice, event): one sealed row per source row.
#[derive(Debug, Clone)]
pub struct RecordRow {
    /// Its id, named in its associated data.
    pub id: RecordId,
    /// What it is a record of.
    pub kind: RecordKind,
    /// Keyed hash of the source row's key under the person's key.
    pub source_key: [u8; 32],
    /// The categories it holds, joined by blanks.
    pub categories: String,
    /// The lifetime whose key seals it.
    pub lifetime: LifetimeName,
    /// Where it came from, as a code.
    pub source: String,
    /// The system that gave it.
    pub system: SystemName,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// Keyed hash of the plain row under the person's key.
    pub fingerprint: [u8; 32],
    /// The sealed row (canonical JSON).
    pub sealed: Vec<u8>,
}

impl FromRow for RecordRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            source_key: row.get(2)?,
            categories: row.get(3)?,
            lifetime: row.get(4)?,
            source: row.get(5)?,
            system: row.get(6)?,
            recorded: row.get(7)?,
            fingerprint: row.get(8)?,
            sealed: row.get(9)?,
        })
    }
}

const PUT_RECORDS: RowsSql = rows_sql!(
    "INSERT INTO record (subject_id, record_id, kind, source_key, categories, lifetime, source, system, \
     recorded_us, fingerprint, sealed) VALUES {rows}",
    Text,
    Text,
    Text,
    Bytes,
    Text,
    Text,
    Text,
    Text,
    Int,
    Bytes,
    Bytes
);
const FIND_RECORDS: RowsSql = rows_sql!(
    "SELECT subject_id, kind, source_key, record_id, fingerprint FROM record \
     WHERE (subject_id, kind, source_key) IN (VALUES {rows})",
    Text,
    Text,
    Bytes
);
const RECORDS: Sql = sql!(
    "SELECT record_id, kind, source_key, categories, lifetime, source, system, recorded_us, fingerprint, \
     sealed FROM record WHERE subject_id = $1 AND record_id > $2 ORDER BY record_id LIMIT $3"
);
const DELETE_RECORDS: RowsSql =
    rows_sql!("DELETE FROM record WHERE (subject_id, record_id) IN (VALUES {rows})", Text, Text);
const COUNT_RECORDS_BY_LIFETIME: Sql = sql!(
    "SELECT lifetime, CAST(COUNT(*) AS BIGINT) FROM record WHERE subject_id = $1 \
     GROUP BY lifetime ORDER BY lifetime"
);

impl RecordRow {
    /// The categories it holds. What is no category's name stands for none that is covered.
    fn categories(&self) -> impl Iterator<Item = Option<CategoryName>> + '_ {
        self.categories.split(' ').map(|name| CategoryName::new(name).ok())
    }

    /// Whether the permit covers everything it holds.
    fn is_covered(&self, permit: &Permit<'_>, subject: &SubjectId) -> bool {
        self.categories().all(|name| name.is_some_and(|name| permit.covers(subject, &name)))
    }

    /// Whether the permit covers something of what it holds.
    fn is_covered_in_part(&self, permit: &Permit<'_>, subject: &SubjectId) -> bool {
        self.categories().any(|name| name.is_some_and(|name| permit.covers(subject, &name)))
    }
}

/// Adds sealed records, each with the person it is about.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers the person and every category of each.
pub fn add_records<'c>(
    tx: &mut Tx<'c>,
    permit: &Permit<'c>,
    records: &[(SubjectId, RecordRow)],
) -> Result<(), DbError> {
    require(tx, records.iter().all(|(subject, record)| record.is_covered(permit, subject)))?;
    let rows: Vec<[&dyn ToValue; 11]> = records
        .iter()
        .map(|(subject, record)| {
            [
                subject as &dyn ToValue,
                &record.id,
                &record.kind,
                &record.source_key,
                &record.categories,
                &record.lifetime,
                &record.source,
                &record.system,
                &record.recorded,
                &record.fingerprint,
                &record.sealed,
            ]
        })
        .collect();
    tx.execute_rows(&PUT_RECORDS, &rows).map(|_| ())
}

/// A record already held: whose, which kind, source key, id, keyed hash of its content.
pub type KnownRecord = (SubjectId, RecordKind, [u8; 32], RecordId, [u8; 32]);

/// Which of these source rows are held already.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers all of these people.
pub fn known_records<'c>(
    tx: &mut ReadTx<'c>,
    permit: &Permit<'c>,
    wanted: &[(SubjectId, RecordKind, [u8; 32])],
) -> Result<Vec<KnownRecord>, DbError> {
    require_people(tx, permit, wanted.iter().map(|(subject, ..)| subject))?;
    let rows: Vec<[&dyn ToValue; 3]> =
        wanted.iter().map(|(subject, kind, key)| [subject as &dyn ToValue, kind, key]).collect();
    tx.query_rows(&FIND_RECORDS, &rows)
}

/// Deletes records, because newer versions of their source rows take their places.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers all of these people.
pub fn delete_records<'c>(
    tx: &mut Tx<'c>,
    permit: &Permit<'c>,
    records: &[(SubjectId, RecordId)],
) -> Result<(), DbError> {
    require_people(tx, permit, records.iter().map(|(subject, _)| subject))?;
    let rows: Vec<[&dyn ToValue; 2]> =
        records.iter().map(|(subject, record)| [subject as &dyn ToValue, record]).collect();
    tx.execute_rows(&DELETE_RECORDS, &rows).map(|_| ())
}

/// The next records of a person after `after`, sealed: those that hold something of a category
/// which the permit covers. Reads pages of `limit` rows until one holds any; none: there are no
/// more.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers the person.
pub fn records<'c>(
    tx: &mut ReadTx<'c>,
    permit: &Permit<'c>,
    subject: &SubjectId,
    after: Option<&RecordId>,
    limit: i64,
) -> Result<Vec<RecordRow>, DbError> {
    require(tx, permit.covers_person(subject))?;
    let mut after = after.map(ToString::to_string).unwrap_or_default();
    loop {
        let mut page: Vec<RecordRow> = tx.query(&RECORDS, &[subject, &after, &limit])?;
        let Some(last) = page.last() else { return Ok(page) };
        after = last.id.to_string();
        page.retain(|row| row.is_covered_in_part(permit, subject));
        if !page.is_empty() {
            return Ok(page);
        }
    }
}

const RECORDS_BEFORE: Sql = sql!(
    "SELECT record_id, kind, source_key, categories, lifetime, source, system, recorded_us, fingerprint, \
     sealed FROM record WHERE subject_id = $1 AND record_id < $2 ORDER BY record_id DESC LIMIT $3"
);
/// Behind every id.
const BEHIND_ALL: &str = "~";

/// Up to `limit` records of a person, sealed, the newest first: those taken in before one, or the
/// newest of all, of which the permit covers something.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers the person.
pub fn records_before<'c>(
    tx: &mut ReadTx<'c>,
    permit: &Permit<'c>,
    subject: &SubjectId,
    before: Option<&RecordId>,
    limit: i64,
) -> Result<Vec<RecordRow>, DbError> {
    require(tx, permit.covers_person(subject))?;
    let before = before.map_or_else(|| BEHIND_ALL.to_owned(), ToString::to_string);
    let mut page: Vec<RecordRow> = tx.query(&RECORDS_BEFORE, &[subject, &before, &limit])?;
    page.retain(|row| row.is_covered_in_part(permit, subject));
    Ok(page)
}

const COUNT_BY_KIND: Sql = sql!(
    "SELECT kind, CAST(COUNT(*) AS BIGINT) FROM record WHERE subject_id = $1 GROUP BY kind ORDER BY kind"
);

/// How many records of each kind a person has.
pub fn count_by_kind(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Vec<(RecordKind, i64)>, DbError> {
    tx.query(&COUNT_BY_KIND, &[subject])
}

const SWEEP_VALUES: Sql = sql!(
    "DELETE FROM profile_value WHERE subject_id = $1 AND value_id IN \
     (SELECT value_id FROM profile_value WHERE subject_id = $1 ORDER BY value_id LIMIT $2)"
);
const SWEEP_RECORDS: Sql = sql!(
    "DELETE FROM record WHERE subject_id = $1 AND record_id IN \
     (SELECT record_id FROM record WHERE subject_id = $1 ORDER BY record_id LIMIT $2)"
);

/// Deletes up to `limit` values and as many records of an erased person, whose keys are
/// gone already. Answers how many rows went; 0 means nothing is left.
pub fn sweep(tx: &mut Tx<'_>, subject: &SubjectId, limit: i64) -> Result<u64, DbError> {
    let values = tx.execute(&SWEEP_VALUES, &[subject, &limit])?;
    Ok(values + tx.execute(&SWEEP_RECORDS, &[subject, &limit])?)
}
