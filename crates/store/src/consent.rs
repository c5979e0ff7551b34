//! Consent events as codes, their sealed evidence, and the fold kept beside them.

use gate::Permit;
use model::{
    Act, EntryId, EventColumns, EventFacts, EventId, EventKind, Grade, Origin, SubjectId, Timestamp,
    VisitorId,
};

use crate::ledger::EntryRow;
use crate::vault::require_people;
use crate::{DbError, FromRow, ReadTx, Row, RowsSql, Sql, ToValue, Tx, rows_sql, sql};

/// One consent event as codes, and the entry that records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// What the standing is folded from.
    pub facts: EventFacts,
    /// The ledger entry.
    pub entry: EntryId,
}

impl FromRow for EventRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        let kind = EventKind::from_code(&row.get::<String>(1)?).ok_or(DbError::Column { column: 1 })?;
        let columns = EventColumns {
            purpose: row.get(2)?,
            channel: row.get(3)?,
            recipient: row.get(4)?,
            detail: row.get(5)?,
        };
        let facts = EventFacts {
            id: row.get(0)?,
            act: Act::from_columns(kind, columns).map_err(|_| DbError::Column { column: 5 })?,
            occurred: row.get(6)?,
            recorded: row.get(7)?,
            origin: Origin::from_code(&row.get::<String>(8)?).ok_or(DbError::Column { column: 8 })?,
            grade: Grade::from_code(&row.get::<String>(9)?).ok_or(DbError::Column { column: 9 })?,
        };
        Ok(Self { facts, entry: row.get(10)? })
    }
}

const ADD: RowsSql = rows_sql!(
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
const ALL: Sql = sql!(
    "SELECT event_id, kind, purpose, channel, recipient, detail, occurred_us, recorded_us, origin, grade, \
     entry_id FROM consent_event \
     WHERE subject_id = $1 ORDER BY recorded_us, event_id"
);
const FIND: Sql = sql!(
    "SELECT event_id, kind, purpose, channel, recipient, detail, occurred_us, recorded_us, origin, grade, \
     entry_id FROM consent_event \
     WHERE subject_id = $1 AND event_id = $2"
);
const DELETE: Sql = sql!("DELETE FROM consent_event WHERE subject_id = $1");
const ADD_EVIDENCE: Sql = sql!(
    "INSERT INTO evidence (subject_id, evidence_id, kind, recorded_us, entry_id) VALUES ($1, $2, $3, $4, $5)"
);
const EVIDENCE: Sql = sql!(
    "SELECT e.entry_id, e.recorded_us, e.kind, e.actor, e.purpose, e.answer, e.body, e.log_index \
     FROM evidence v JOIN ledger_entry e ON e.entry_id = v.entry_id \
     WHERE v.subject_id = $1 AND v.evidence_id = $2"
);
const PUT_STANDING: Sql = sql!(
    "INSERT INTO standing (subject_id, version, suppressed, body) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (subject_id) DO UPDATE SET version = excluded.version, \
     suppressed = excluded.suppressed, body = excluded.body"
);
const FIND_STANDING: Sql = sql!("SELECT suppressed, body FROM standing WHERE subject_id = $1");
const DELETE_STANDING: Sql = sql!("DELETE FROM standing WHERE subject_id = $1");
const PAGE: Sql = sql!(
    "SELECT subject.subject_id, subject.version, standing.suppressed, standing.body FROM subject \
     LEFT JOIN standing ON standing.subject_id = subject.subject_id \
     WHERE subject.subject_id > $1 AND subject.state = 'active' ORDER BY subject.subject_id LIMIT $2"
);

/// Appends events of one person.
pub fn add_events(tx: &mut Tx<'_>, subject: &SubjectId, events: &[EventRow]) -> Result<(), DbError> {
    for event in events {
        let facts = &event.facts;
        let columns = facts.act.columns();
        tx.execute_rows(
            &ADD,
            &[&[
                subject as &dyn ToValue,
                &facts.id,
                &facts.act.kind().code(),
                &columns.purpose,
                &columns.channel,
                &columns.recipient,
                &columns.detail,
                &facts.occurred,
                &facts.recorded,
                &facts.origin.code(),
                &facts.grade.code(),
                &event.entry,
            ]],
        )?;
    }
    Ok(())
}

/// Every event of a person, oldest first.
pub fn events(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Vec<EventRow>, DbError> {
    tx.query(&ALL, &[subject])
}

/// One event of a person.
pub fn event(tx: &mut ReadTx<'_>, subject: &SubjectId, event: &EventId) -> Result<Option<EventRow>, DbError> {
    tx.query_opt(&FIND, &[subject, event])
}

/// Deletes a person's events (the sweep after erasure; their evidence stays sealed).
pub fn delete_events(tx: &mut Tx<'_>, subject: &SubjectId) -> Result<u64, DbError> {
    tx.execute(&DELETE, &[subject])
}

/// Notes that an entry carries evidence about a person, under the evidence's own id.
pub fn add_evidence(
    tx: &mut Tx<'_>,
    subject: &SubjectId,
    evidence_id: &str,
    kind: &str,
    recorded: Timestamp,
    entry: &EntryId,
) -> Result<(), DbError> {
    tx.execute(&ADD_EVIDENCE, &[subject, &evidence_id, &kind, &recorded, entry]).map(|_| ())
}

/// The entry that carries a piece of evidence, sealed under the evidence lifetime.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers the person.
pub fn evidence<'c>(
    tx: &mut ReadTx<'c>,
    permit: &Permit<'c>,
    subject: &SubjectId,
    evidence_id: &str,
) -> Result<Option<EntryRow>, DbError> {
    require_people(tx, permit, std::iter::once(subject))?;
    tx.query_opt(&EVIDENCE, &[subject, &evidence_id])
}

/// The kept fold of a person's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingRow {
    /// Codes of the channels that suppressions close, joined by blanks.
    pub suppressed: String,
    /// `gate::Standing` as JSON.
    pub body: String,
}

/// Keeps the fold of a person's events, at the person's version.
pub fn put_standing(
    tx: &mut Tx<'_>,
    subject: &SubjectId,
    version: i64,
    standing: &StandingRow,
) -> Result<(), DbError> {
    tx.touch(subject);
    tx.execute(&PUT_STANDING, &[subject, &version, &standing.suppressed, &standing.body]).map(|_| ())
}

/// The kept fold of a person's events.
pub fn standing(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Option<StandingRow>, DbError> {
    Ok(tx
        .query_opt::<(String, String)>(&FIND_STANDING, &[subject])?
        .map(|(suppressed, body)| StandingRow { suppressed, body }))
}

const FIND_STANDINGS: RowsSql =
    rows_sql!("SELECT subject_id, suppressed, body FROM standing WHERE subject_id IN (VALUES {rows})", Text);

/// The kept folds of many people; whoever has none is left out.
pub fn standings(
    tx: &mut ReadTx<'_>,
    subjects: &[SubjectId],
) -> Result<Vec<(SubjectId, StandingRow)>, DbError> {
    let rows: Vec<[&dyn ToValue; 1]> = subjects.iter().map(|subject| [subject as &dyn ToValue]).collect();
    let found = tx.query_rows::<(SubjectId, String, String)>(&FIND_STANDINGS, &rows)?;
    Ok(found
        .into_iter()
        .map(|(subject, suppressed, body)| (subject, StandingRow { suppressed, body }))
        .collect())
}

const PUT_STANDINGS: RowsSql = rows_sql!(
    "INSERT INTO standing (subject_id, version, suppressed, body) VALUES {rows} \
     ON CONFLICT (subject_id) DO UPDATE SET version = excluded.version, \
     suppressed = excluded.suppressed, body = excluded.body",
    Text,
    Int,
    Text,
    Text
);

/// Keeps the folds of many people, each at the person's version.
pub fn put_standings(tx: &mut Tx<'_>, standings: &[(SubjectId, i64, StandingRow)]) -> Result<(), DbError> {
    let rows: Vec<[&dyn ToValue; 4]> = standings
        .iter()
        .map(|(subject, version, row)| [subject as &dyn ToValue, version, &row.suppressed, &row.body])
        .collect();
    standings.iter().for_each(|(subject, ..)| tx.touch(subject));
    tx.execute_rows(&PUT_STANDINGS, &rows).map(|_| ())
}

/// Deletes the kept fold (erasure).
pub fn delete_standing(tx: &mut Tx<'_>, subject: &SubjectId) -> Result<(), DbError> {
    tx.touch(subject);
    tx.execute(&DELETE_STANDING, &[subject]).map(|_| ())
}

/// Up to `limit` living people after `after` with version and standing, in the order of their ids.
pub fn standings_page(
    tx: &mut ReadTx<'_>,
    after: Option<&SubjectId>,
    limit: i64,
) -> Result<Vec<(SubjectId, i64, Option<StandingRow>)>, DbError> {
    let after = after.map(ToString::to_string).unwrap_or_default();
    tx.query_map(&PAGE, &[&after, &limit], |row| {
        let (suppressed, body): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
        let standing = suppressed.zip(body).map(|(suppressed, body)| StandingRow { suppressed, body });
        Ok((row.get(0)?, row.get(1)?, standing))
    })
}

const ADD_VISITOR: Sql = sql!(
    "INSERT INTO visitor_choice (visitor_id, event_id, recorded_us, until_us, body, entry_id) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (visitor_id, recorded_us) DO NOTHING"
);
const LAST_OF_VISITOR: Sql =
    sql!("SELECT recorded_us FROM visitor_choice WHERE visitor_id = $1 ORDER BY recorded_us DESC LIMIT 1");
const VISITOR: Sql = sql!(
    "SELECT event_id, body FROM visitor_choice WHERE visitor_id = $1 AND until_us > $2 ORDER BY recorded_us"
);
const DELETE_VISITOR: Sql =
    sql!("DELETE FROM visitor_choice WHERE visitor_id = $1 RETURNING event_id, until_us, body");
const EXPIRE_VISITORS: Sql = sql!("DELETE FROM visitor_choice WHERE until_us <= $1");

/// When the last choice of a browser was recorded, whether or not it is over; none: nothing
/// is kept about it.
pub fn last_visitor_choice(tx: &mut ReadTx<'_>, visitor: &VisitorId) -> Result<Option<Timestamp>, DbError> {
    Ok(tx.query_opt::<(Timestamp,)>(&LAST_OF_VISITOR, &[visitor])?.map(|(recorded,)| recorded))
}

/// Keeps one choice of a browser without a known person: `times` are when it was recorded and
/// until when it is kept. `false`: another choice of the same moment was first.
///
/// INVARIANT(one-order-per-visitor): no two choices of a browser have the same moment, so that
/// whoever records them after the last one ([`last_visitor_choice`]) knows the last word.
pub fn add_visitor_choice(
    tx: &mut Tx<'_>,
    visitor: &VisitorId,
    event: &EventId,
    times: (Timestamp, Timestamp),
    body: &str,
    entry: &EntryId,
) -> Result<bool, DbError> {
    tx.execute(&ADD_VISITOR, &[visitor, event, &times.0, &times.1, &body, entry]).map(|rows| rows > 0)
}

/// The living choices of a browser, oldest first, as JSON.
pub fn visitor_choices(
    tx: &mut ReadTx<'_>,
    visitor: &VisitorId,
    now: Timestamp,
) -> Result<Vec<(EventId, String)>, DbError> {
    tx.query(&VISITOR, &[visitor, &now])
}

/// Deletes what is kept about a browser (it joined a person, or asked for it), and gives back
/// what it deleted, in no order: event, until when it was kept, JSON. What another
/// transaction adds meanwhile is neither deleted nor given back.
pub fn delete_visitor(
    tx: &mut Tx<'_>,
    visitor: &VisitorId,
) -> Result<Vec<(EventId, Timestamp, String)>, DbError> {
    tx.query(&DELETE_VISITOR, &[visitor])
}

/// Deletes the choices of browsers whose cookie has expired.
pub fn expire_visitors(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, DbError> {
    tx.execute(&EXPIRE_VISITORS, &[&now])
}
