//! The ledger's tables: entries, sets, the timeline, the sequencer's head.

use model::{EntryId, SetId, SubjectId, Timestamp};

use crate::{DbError, FromRow, ReadTx, Row, RowsSql, Sql, ToValue, Tx, rows_sql, sql};

/// One entry as it is stored: the canonical bytes, and what queries filter on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// The entry.
    pub id: EntryId,
    /// When it was written.
    pub recorded: Timestamp,
    /// What it records, as a code.
    pub kind: String,
    /// Who asked or acted.
    pub actor: String,
    /// The purpose, where there is one.
    pub purpose: Option<String>,
    /// `granted`, `denied` or `observed`, where it records a decision.
    pub answer: Option<String>,
    /// The canonical JSON that the log commits to.
    pub body: Vec<u8>,
    /// Its place in the log, once the sequencer gave it one.
    pub log_index: Option<i64>,
}

impl FromRow for EntryRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            recorded: row.get(1)?,
            kind: row.get(2)?,
            actor: row.get(3)?,
            purpose: row.get(4)?,
            answer: row.get(5)?,
            body: row.get(6)?,
            log_index: row.get(7)?,
        })
    }
}

const ADD: Sql = sql!(
    "INSERT INTO ledger_entry (entry_id, recorded_us, kind, actor, purpose, answer, body) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)"
);
const FIND: Sql = sql!(
    "SELECT entry_id, recorded_us, kind, actor, purpose, answer, body, log_index FROM ledger_entry \
     WHERE entry_id = $1"
);
const ADD_TIMELINE: RowsSql = rows_sql!(
    "INSERT INTO timeline (subject_id, entry_id, recorded_us, set_id) VALUES {rows}",
    Text,
    Text,
    Int,
    Text
);
const TIMELINE: Sql = sql!(
    "SELECT e.entry_id, e.recorded_us, e.kind, e.actor, e.purpose, e.answer, e.body, e.log_index \
     FROM timeline t JOIN ledger_entry e ON e.entry_id = t.entry_id \
     WHERE t.subject_id = $1 AND (t.recorded_us, t.entry_id) < ($2, $3) \
     ORDER BY t.recorded_us DESC, t.entry_id DESC LIMIT $4"
);
const SET_OF: Sql = sql!("SELECT set_id FROM timeline WHERE subject_id = $1 AND entry_id = $2");
const SWEEP_TIMELINE: Sql = sql!(
    "DELETE FROM timeline WHERE subject_id = $1 AND entry_id IN \
     (SELECT entry_id FROM timeline WHERE subject_id = $1 ORDER BY recorded_us, entry_id LIMIT $2)"
);
const ADD_SET: Sql = sql!(
    "INSERT INTO ledger_set (set_id, entry_id, recorded_us, member_count, root, published) \
     VALUES ($1, $2, $3, $4, $5, FALSE)"
);
const ADD_CHUNK: Sql = sql!("INSERT INTO ledger_set_chunk (set_id, chunk, leaves) VALUES ($1, $2, $3)");
const MEMBERS: Sql = sql!(
    "SELECT subject_id FROM timeline WHERE set_id = $1 AND subject_id > $2 ORDER BY subject_id LIMIT $3"
);

/// Leaves of a set in one row.
pub const SET_CHUNK_LEAVES: usize = 4_096;

/// Writes one entry. It is in the log as soon as the transaction is durable, and
/// gets its place from the sequencer.
pub fn add(tx: &mut Tx<'_>, entry: &EntryRow) -> Result<(), DbError> {
    tx.execute(
        &ADD,
        &[&entry.id, &entry.recorded, &entry.kind, &entry.actor, &entry.purpose, &entry.answer, &entry.body],
    )
    .map(|_| ())
}

/// One entry by its id.
pub fn find(tx: &mut ReadTx<'_>, id: &EntryId) -> Result<Option<EntryRow>, DbError> {
    tx.query_opt(&FIND, &[id])
}

/// Notes whom an entry is about: one person, or the members of its set.
pub fn add_timeline(
    tx: &mut Tx<'_>,
    entry: &EntryId,
    recorded: Timestamp,
    set: Option<&SetId>,
    subjects: &[SubjectId],
) -> Result<(), DbError> {
    let set = set.copied();
    let rows: Vec<[&dyn ToValue; 4]> =
        subjects.iter().map(|subject| [subject as &dyn ToValue, entry, &recorded, &set]).collect();
    let rows: Vec<&[&dyn ToValue]> = rows.iter().map(|row| row.as_slice()).collect();
    tx.execute_rows(&ADD_TIMELINE, &rows).map(|_| ())
}

/// A person's entries before `before` (time and id), newest first.
pub fn timeline(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
    before: Option<(Timestamp, EntryId)>,
    limit: i64,
) -> Result<Vec<EntryRow>, DbError> {
    let (time, id) = before.map_or_else(
        || (Timestamp::from_micros(i64::MAX), String::new()),
        |(time, id)| (time, id.to_string()),
    );
    tx.query(&TIMELINE, &[subject, &time, &id, &limit])
}

/// The set by which an entry names this person, when it is not theirs alone. `None`: it does not name them.
pub fn set_of(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
    entry: &EntryId,
) -> Result<Option<Option<SetId>>, DbError> {
    Ok(tx.query_opt::<(Option<SetId>,)>(&SET_OF, &[subject, entry])?.map(|(set,)| set))
}

/// Deletes up to `limit` timeline rows of an erased person.
pub fn sweep_timeline(tx: &mut Tx<'_>, subject: &SubjectId, limit: i64) -> Result<u64, DbError> {
    tx.execute(&SWEEP_TIMELINE, &[subject, &limit])
}

/// Writes the set of an entry: its root, and its leaves until their file is written.
pub fn add_set(
    tx: &mut Tx<'_>,
    set: &SetId,
    entry: &EntryId,
    recorded: Timestamp,
    root: &[u8; 32],
    leaves: &[[u8; 32]],
) -> Result<(), DbError> {
    let count = i64::try_from(leaves.len()).unwrap_or(i64::MAX);
    tx.execute(&ADD_SET, &[set, entry, &recorded, &count, root])?;
    for (number, chunk) in leaves.chunks(SET_CHUNK_LEAVES).enumerate() {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        tx.execute(&ADD_CHUNK, &[set, &number, &chunk.concat()])?;
    }
    Ok(())
}

/// Up to `limit` members of a set after `after`, in the order of their ids.
pub fn members(
    tx: &mut ReadTx<'_>,
    set: &SetId,
    after: Option<&SubjectId>,
    limit: i64,
) -> Result<Vec<SubjectId>, DbError> {
    let after = after.map(ToString::to_string).unwrap_or_default();
    Ok(tx.query::<(SubjectId,)>(&MEMBERS, &[set, &after, &limit])?.into_iter().map(|(id,)| id).collect())
}
