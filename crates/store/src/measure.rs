//! The plain baselines of `steward bench`: the same rows in the same tables, written by
//! statements of 500 rows with nothing sealed, decided or checked.

use model::{EntryId, EventId, RecordId, SubjectId, Timestamp, ValueId};

use crate::{DbError, ReadTx, RowsSql, Sql, ToValue, Tx, Value, rows_sql, sql};

/// Rows of one statement.
const ROWS: usize = 500;

/// What one consent event leaves, with texts as long as the product's.
#[derive(Debug)]
pub struct PlainEvent {
    /// Whose; no person twice in one call.
    pub subject: SubjectId,
    /// The event.
    pub event: EventId,
    /// Its entry.
    pub entry: EntryId,
    /// When.
    pub recorded: Timestamp,
    /// The purpose that it is about.
    pub purpose: String,
    /// The entry's body.
    pub body: Vec<u8>,
    /// The standing's body.
    pub standing: String,
}

/// One profile value in the clear.
#[derive(Debug)]
pub struct PlainValue {
    /// Whose.
    pub subject: SubjectId,
    /// Its id.
    pub id: ValueId,
    /// What kind of data it is.
    pub category: String,
    /// The field that holds it.
    pub field: String,
    /// The lifetime that it belongs to.
    pub lifetime: &'static str,
    /// When.
    pub recorded: Timestamp,
    /// The value.
    pub value: Vec<u8>,
}

/// One record in the clear.
#[derive(Debug)]
pub struct PlainRecord {
    /// Whose.
    pub subject: SubjectId,
    /// Its id, which also stands for the key of its source row.
    pub id: RecordId,
    /// When.
    pub recorded: Timestamp,
    /// The row.
    pub body: Vec<u8>,
}

static NONE: Option<String> = None;
static NEVER: Option<i64> = None;
static FINGERPRINT: [u8; 32] = [7; 32];

const SUBJECTS: RowsSql = rows_sql!(
    "INSERT INTO subject (subject_id, version, clock_us, state, created_us) VALUES {rows} \
     ON CONFLICT (subject_id) DO UPDATE SET version = subject.version + 1, clock_us = excluded.clock_us",
    Text,
    Int,
    Int,
    Text,
    Int
);
const EVENTS: RowsSql = rows_sql!(
    "INSERT INTO consent_event (subject_id, event_id, kind, purpose, channel, recipient, detail, \
     occurred_us, recorded_us, origin, grade, entry_id) VALUES {rows}",
    Text,
    Text,
    Text,
    Text,
    Text,
    Text,
    Text,
    Int,
    Int,
    Text,
    Text,
    Text
);
const EVIDENCE: RowsSql = rows_sql!(
    "INSERT INTO evidence (subject_id, evidence_id, kind, recorded_us, entry_id) VALUES {rows}",
    Text,
    Text,
    Text,
    Int,
    Text
);
const STANDINGS: RowsSql = rows_sql!(
    "INSERT INTO standing (subject_id, version, suppressed, body) VALUES {rows} \
     ON CONFLICT (subject_id) DO UPDATE SET version = excluded.version, \
     suppressed = excluded.suppressed, body = excluded.body",
    Text,
    Int,
    Text,
    Text
);
const ENTRIES: RowsSql = rows_sql!(
    "INSERT INTO ledger_entry (entry_id, recorded_us, kind, actor, purpose, answer, body) VALUES {rows}",
    Text,
    Int,
    Text,
    Text,
    Text,
    Text,
    Bytes
);
const TIMELINE: RowsSql = rows_sql!(
    "INSERT INTO timeline (subject_id, entry_id, recorded_us, set_id) VALUES {rows}",
    Text,
    Text,
    Int,
    Text
);
const VALUES: RowsSql = rows_sql!(
    "INSERT INTO profile_value (subject_id, value_id, category, field, lifetime, source, system, \
     recorded_us, ended_us, source_fingerprint, sealed) VALUES {rows}",
    Text,
    Text,
    Text,
    Text,
    Text,
    Text,
    Text,
    Int,
    Int,
    Bytes,
    Bytes
);
const RECORDS: RowsSql = rows_sql!(
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
const OF_PERSON: Sql =
    sql!("SELECT field, sealed FROM profile_value WHERE subject_id = $1 AND ended_us IS NULL");

/// Writes the rows of consent events: the persons' rows, events, evidence, standings, entries
/// and timelines.
pub fn write_events(tx: &mut Tx<'_>, events: &[PlainEvent]) -> Result<(), DbError> {
    events.iter().for_each(|event| tx.touch(&event.subject));
    rows(tx, &SUBJECTS, events, |it| vec![&it.subject, &1_i64, &it.recorded, &"active", &it.recorded])?;
    rows(tx, &EVENTS, events, |it| {
        vec![
            &it.subject,
            &it.event,
            &"given",
            &it.purpose,
            &NONE,
            &NONE,
            &NONE,
            &it.recorded,
            &it.recorded,
            &"portal",
            &"asserted",
            &it.entry,
        ]
    })?;
    rows(tx, &EVIDENCE, events, |it| vec![&it.subject, &it.event, &"consent", &it.recorded, &it.entry])?;
    rows(tx, &STANDINGS, events, |it| vec![&it.subject, &1_i64, &"", &it.standing])?;
    write_entries(tx, events)?;
    rows(tx, &TIMELINE, events, |it| vec![&it.subject, &it.entry, &it.recorded, &NONE])
}

/// Writes the entries of consent events alone, which wait for the sequencer.
pub fn write_entries(tx: &mut Tx<'_>, events: &[PlainEvent]) -> Result<(), DbError> {
    rows(tx, &ENTRIES, events, |it| {
        vec![&it.entry, &it.recorded, &"consent", &"service:bench", &it.purpose, &NONE, &it.body]
    })
}

/// Writes profile values in the clear.
pub fn write_values(tx: &mut Tx<'_>, values: &[PlainValue]) -> Result<(), DbError> {
    rows(tx, &VALUES, values, |it| {
        vec![
            &it.subject,
            &it.id,
            &it.category,
            &it.field,
            &it.lifetime,
            &"person",
            &"plain",
            &it.recorded,
            &NEVER,
            &FINGERPRINT,
            &it.value,
        ]
    })
}

/// Writes records in the clear.
pub fn write_records(tx: &mut Tx<'_>, records: &[PlainRecord]) -> Result<(), DbError> {
    let keys: Vec<[u8; 16]> = records.iter().map(|it| *it.id.as_bytes()).collect();
    let records: Vec<(&PlainRecord, &[u8; 16])> = records.iter().zip(&keys).collect();
    rows(tx, &RECORDS, &records, |(it, key)| {
        vec![
            &it.subject,
            &it.id,
            &"order-line",
            *key,
            &"commercial.orders",
            &"orders",
            &"observed",
            &"plain",
            &it.recorded,
            &FINGERPRINT,
            &it.body,
        ]
    })
}

/// A person's values as they stand.
pub fn read_values(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Vec<(String, Vec<u8>)>, DbError> {
    tx.query(&OF_PERSON, &[subject])
}

/// Runs a statement over all items, 500 rows at a time.
fn rows<T>(
    tx: &mut Tx<'_>,
    sql: &RowsSql,
    items: &[T],
    row: impl for<'i> Fn(&'i T) -> Vec<&'i dyn ToValue>,
) -> Result<(), DbError> {
    let mut text = sql.text_for(ROWS);
    for chunk in items.chunks(ROWS) {
        if chunk.len() < ROWS {
            text = sql.text_for(chunk.len());
        }
        let params: Vec<Value<'_>> = chunk.iter().flat_map(&row).map(ToValue::to_value).collect();
        tx.run(&text, &params)?;
    }
    Ok(())
}
