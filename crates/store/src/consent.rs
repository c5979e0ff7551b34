//! Consent events as codes, their sealed evidence, and the fold kept beside them.

use model::{EntryId, EventId, PurposeName, SubjectId, Timestamp, VisitorId};

use crate::{DbError, FromRow, ReadTx, Row, RowsSql, Sql, Tx, rows_sql, sql};

/// One consent event as codes; `facts` is its JSON (`model::EventFacts`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// The event.
    pub id: EventId,
    /// Its kind as a code.
    pub kind: String,
    /// The purpose it is about, where it is about one.
    pub purpose: Option<PurposeName>,
    /// When it happened, as claimed.
    pub occurred: Timestamp,
    /// When we recorded it, on the person's own clock.
    pub recorded: Timestamp,
    /// The facts as JSON.
    pub facts: String,
    /// The ledger entry that records it.
    pub entry: EntryId,
}

impl FromRow for EventRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            purpose: row.get(2)?,
            occurred: row.get(3)?,
            recorded: row.get(4)?,
            facts: row.get(5)?,
            entry: row.get(6)?,
        })
    }
}

const ADD: RowsSql = rows_sql!(
    "INSERT INTO consent_event (subject_id, event_id, kind, purpose, occurred_us, recorded_us, facts, entry_id) \
     VALUES {rows}",
    Text,
    Text,
    Text,
    Text,
    Int,
    Int,
    Text,
    Text
);
const ALL: Sql = sql!(
    "SELECT event_id, kind, purpose, occurred_us, recorded_us, facts, entry_id FROM consent_event \
     WHERE subject_id = $1 ORDER BY recorded_us, event_id"
);
const FIND: Sql = sql!(
    "SELECT event_id, kind, purpose, occurred_us, recorded_us, facts, entry_id FROM consent_event \
     WHERE subject_id = $1 AND event_id = $2"
);
const DELETE: Sql = sql!("DELETE FROM consent_event WHERE subject_id = $1");
const ADD_EVIDENCE: RowsSql = rows_sql!(
    "INSERT INTO evidence (subject_id, evidence_id, kind, recorded_us, sealed) VALUES {rows}",
    Text,
    Text,
    Text,
    Int,
    Bytes
);
const FIND_EVIDENCE: Sql =
    sql!("SELECT sealed FROM evidence WHERE subject_id = $1 AND evidence_id = $2 AND kind = $3");
const PUT_STANDING: Sql = sql!(
    "INSERT INTO standing (subject_id, version, body) VALUES ($1, $2, $3) \
     ON CONFLICT (subject_id) DO UPDATE SET version = excluded.version, body = excluded.body"
);
const FIND_STANDING: Sql = sql!("SELECT body FROM standing WHERE subject_id = $1");
const DELETE_STANDING: Sql = sql!("DELETE FROM standing WHERE subject_id = $1");
const PAGE: Sql = sql!(
    "SELECT subject.subject_id, subject.version, standing.body FROM subject \
     LEFT JOIN standing ON standing.subject_id = subject.subject_id \
     WHERE subject.subject_id > $1 AND subject.state = 'active' ORDER BY subject.subject_id LIMIT $2"
);

/// Appends events of one person.
pub fn add_events(tx: &mut Tx<'_>, subject: &SubjectId, events: &[EventRow]) -> Result<(), DbError> {
    let rows: Vec<[&dyn crate::ToValue; 8]> = events
        .iter()
        .map(|event| {
            [
                subject as &dyn crate::ToValue,
                &event.id,
                &event.kind,
                &event.purpose,
                &event.occurred,
                &event.recorded,
                &event.facts,
                &event.entry,
            ]
        })
        .collect();
    let rows: Vec<&[&dyn crate::ToValue]> = rows.iter().map(|row| row.as_slice()).collect();
    tx.execute_rows(&ADD, &rows).map(|_| ())
}

/// Every event of a person, oldest first.
pub fn events(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Vec<EventRow>, DbError> {
    tx.query(&ALL, &[subject])
}

/// One event of a person.
pub fn event(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
    event: &EventId,
) -> Result<Option<EventRow>, DbError> {
    tx.query_opt(&FIND, &[subject, event])
}

/// Deletes a person's events (the sweep after erasure; their evidence stays sealed).
pub fn delete_events(tx: &mut Tx<'_>, subject: &SubjectId) -> Result<u64, DbError> {
    tx.execute(&DELETE, &[subject])
}

/// One piece of evidence: its id, its kind as a code, when, and the sealed bytes.
pub type EvidenceRow<'a> = (&'a str, &'a str, Timestamp, &'a [u8]);

/// Appends sealed evidence of one person.
pub fn add_evidence(
    tx: &mut Tx<'_>,
    subject: &SubjectId,
    evidence: &[EvidenceRow<'_>],
) -> Result<(), DbError> {
    let rows: Vec<[&dyn crate::ToValue; 5]> = evidence
        .iter()
        .map(|(id, kind, recorded, sealed)| {
            [subject as &dyn crate::ToValue, id, kind, recorded, sealed]
        })
        .collect();
    let rows: Vec<&[&dyn crate::ToValue]> = rows.iter().map(|row| row.as_slice()).collect();
    tx.execute_rows(&ADD_EVIDENCE, &rows).map(|_| ())
}

/// One piece of sealed evidence.
pub fn evidence(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
    id: &str,
    kind: &str,
) -> Result<Option<Vec<u8>>, DbError> {
    Ok(tx.query_opt::<(Vec<u8>,)>(&FIND_EVIDENCE, &[subject, &id, &kind])?.map(|(sealed,)| sealed))
}

/// Keeps the fold of a person's events, at the person's version.
pub fn put_standing(
    tx: &mut Tx<'_>,
    subject: &SubjectId,
    version: i64,
    body: &str,
) -> Result<(), DbError> {
    tx.execute(&PUT_STANDING, &[subject, &version, &body]).map(|_| ())
}

/// The kept fold of a person's events as JSON.
pub fn standing(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Option<String>, DbError> {
    Ok(tx.query_opt::<(String,)>(&FIND_STANDING, &[subject])?.map(|(body,)| body))
}

/// Deletes the kept fold (erasure).
pub fn delete_standing(tx: &mut Tx<'_>, subject: &SubjectId) -> Result<(), DbError> {
    tx.execute(&DELETE_STANDING, &[subject]).map(|_| ())
}

/// Up to `limit` living people after `after` with version and standing, in the order of their ids.
pub fn standings_page(
    tx: &mut ReadTx<'_>,
    after: Option<&SubjectId>,
    limit: i64,
) -> Result<Vec<(SubjectId, i64, Option<String>)>, DbError> {
    let after = after.map(ToString::to_string).unwrap_or_default();
    tx.query(&PAGE, &[&after, &limit])
}

const ADD_VISITOR: Sql = sql!(
    "INSERT INTO visitor_choice (visitor_id, event_id, recorded_us, until_us, body, entry_id) \
     VALUES ($1, $2, $3, $4, $5, $6)"
);
const VISITOR: Sql = sql!(
    "SELECT event_id, body FROM visitor_choice WHERE visitor_id = $1 AND until_us > $2 \
     ORDER BY recorded_us, event_id"
);
const DELETE_VISITOR: Sql = sql!("DELETE FROM visitor_choice WHERE visitor_id = $1");
const EXPIRE_VISITORS: Sql = sql!("DELETE FROM visitor_choice WHERE until_us <= $1");

/// Keeps one choice of a browser without a known person until `until`.
pub fn add_visitor_choice(
    tx: &mut Tx<'_>,
    visitor: &VisitorId,
    event: &EventId,
    times: (Timestamp, Timestamp),
    body: &str,
    entry: &EntryId,
) -> Result<(), DbError> {
    tx.execute(&ADD_VISITOR, &[visitor, event, &times.0, &times.1, &body, entry]).map(|_| ())
}

/// The living choices of a browser, oldest first, as JSON.
pub fn visitor_choices(
    tx: &mut ReadTx<'_>,
    visitor: &VisitorId,
    now: Timestamp,
) -> Result<Vec<(EventId, String)>, DbError> {
    tx.query(&VISITOR, &[visitor, &now])
}

/// Deletes what is kept about a browser (it joined a person, or asked for it).
pub fn delete_visitor(tx: &mut Tx<'_>, visitor: &VisitorId) -> Result<u64, DbError> {
    tx.execute(&DELETE_VISITOR, &[visitor])
}

/// Deletes the choices of browsers whose cookie has expired.
pub fn expire_visitors(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, DbError> {
    tx.execute(&EXPIRE_VISITORS, &[&now])
}
