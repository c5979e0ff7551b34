//! What gives entries their place in the log: the head, the numbering, the signed
//! checkpoint, and the questions by which the log is checked.
//!
//! INVARIANT(never-forked): the head moves by compare-and-swap on its size and on a
//! fencing number that every sequencer raises when it takes over. A sequencer that
//! was overtaken changes nothing any more.

use ledger::HASH_BYTES;
use model::{EntryId, SetId, Timestamp};

use crate::ledger::EntryRow;
use crate::{DbError, FromRow, ReadTx, Row, Sql, Tx, sql};

/// Entries that one numbering round places at most.
pub const ROUND_ENTRIES_MAX: i64 = 4_096;

/// How far a log is numbered and which checkpoint is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Numbered entries.
    pub size: i64,
    /// The fencing number of the sequencer that took over last.
    pub fence: i64,
    /// The size of the signed checkpoint; 0 before the first.
    pub checkpoint_size: i64,
    /// The signed checkpoint, to the byte; empty before the first.
    pub checkpoint: String,
}

impl FromRow for Head {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            size: row.get(0)?,
            fence: row.get(1)?,
            checkpoint_size: row.get(2)?,
            checkpoint: row.get(3)?,
        })
    }
}

/// A set as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRow {
    /// The set.
    pub id: SetId,
    /// The entry that names it.
    pub entry: EntryId,
    /// When it was written.
    pub recorded: Timestamp,
    /// How many members it was written with.
    pub member_count: i64,
    /// The RFC 6962 root over its leaves.
    pub root: [u8; HASH_BYTES],
    /// Whether its file is written.
    pub published: bool,
}

impl FromRow for SetRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            entry: row.get(1)?,
            recorded: row.get(2)?,
            member_count: row.get(3)?,
            root: row.get(4)?,
            published: row.get(5)?,
        })
    }
}

const INIT: Sql = sql!(
    "INSERT INTO ledger_head (log, size, fence, checkpoint_size, checkpoint) VALUES ($1, 0, 0, 0, '') \
     ON CONFLICT (log) DO NOTHING"
);
const HEAD: Sql = sql!("SELECT size, fence, checkpoint_size, checkpoint FROM ledger_head WHERE log = $1");
const TAKE_OVER: Sql = sql!(
    "UPDATE ledger_head SET fence = fence + 1 WHERE log = $1 \
     RETURNING size, fence, checkpoint_size, checkpoint"
);
const HOLD: Sql = sql!("UPDATE ledger_head SET fence = fence WHERE log = $1 AND size = $2 AND fence = $3");
const NUMBER: Sql = sql!(
    "UPDATE ledger_entry SET log_index = $1 + numbered.place FROM (\
         SELECT entry_id, ROW_NUMBER() OVER (ORDER BY recorded_us, entry_id) - 1 AS place FROM (\
             SELECT entry_id, recorded_us FROM ledger_entry WHERE log_index IS NULL \
             ORDER BY recorded_us, entry_id LIMIT $2) AS oldest) AS numbered \
     WHERE ledger_entry.entry_id = numbered.entry_id"
);
const GROW: Sql = sql!("UPDATE ledger_head SET size = size + $1 WHERE log = $2");
const UNNUMBERED: Sql = sql!("SELECT EXISTS (SELECT 1 FROM ledger_entry WHERE log_index IS NULL)");
const ROWS: Sql = sql!(
    "SELECT entry_id, recorded_us, kind, actor, purpose, answer, body, log_index FROM ledger_entry \
     WHERE log_index IS NOT NULL AND log_index >= $1 AND log_index < $2 ORDER BY log_index"
);
const CHECKPOINT: Sql = sql!(
    "UPDATE ledger_head SET checkpoint_size = $1, checkpoint = $2 \
     WHERE log = $3 AND fence = $4 AND checkpoint_size = $5 AND size >= $1"
);
const UNPUBLISHED: Sql = sql!(
    "SELECT set_id, entry_id, recorded_us, member_count, root, published FROM ledger_set \
     WHERE NOT published AND (recorded_us, set_id) > ($1, $2) ORDER BY recorded_us, set_id LIMIT $3"
);
const SET: Sql = sql!(
    "SELECT set_id, entry_id, recorded_us, member_count, root, published FROM ledger_set WHERE set_id = $1"
);
const CHUNKS: Sql = sql!("SELECT leaves FROM ledger_set_chunk WHERE set_id = $1 ORDER BY chunk");
const PUBLISHED: Sql = sql!("UPDATE ledger_set SET published = TRUE WHERE set_id = $1");
const DROP_CHUNKS: Sql = sql!("DELETE FROM ledger_set_chunk WHERE set_id = $1");
const REPLAY: Sql = sql!(
    "INSERT INTO ledger_entry (entry_id, recorded_us, kind, actor, purpose, answer, body, log_index) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
     ON CONFLICT (entry_id) DO UPDATE SET log_index = excluded.log_index \
     WHERE ledger_entry.log_index IS NULL AND ledger_entry.body = excluded.body"
);
const REPLAY_SET: Sql = sql!(
    "INSERT INTO ledger_set (set_id, entry_id, recorded_us, member_count, root, published) \
     VALUES ($1, $2, $3, $4, $5, TRUE) ON CONFLICT (set_id) DO NOTHING"
);
const COUNT_FROM: Sql =
    sql!("SELECT COUNT(*) FROM ledger_entry WHERE log_index IS NOT NULL AND log_index >= $1");
const COUNT_UNNUMBERED: Sql = sql!("SELECT COUNT(*) FROM ledger_entry WHERE log_index IS NULL");
const LOST_ENTRY: Sql = sql!(
    "SELECT t.entry_id FROM timeline t LEFT JOIN ledger_entry e ON e.entry_id = t.entry_id \
     WHERE e.entry_id IS NULL LIMIT 1"
);
const LOST_SET: Sql = sql!(
    "SELECT s.set_id FROM ledger_set s LEFT JOIN ledger_entry e ON e.entry_id = s.entry_id \
     WHERE e.entry_id IS NULL LIMIT 1"
);
const STRAY_MEMBER: Sql = sql!(
    "SELECT t.entry_id FROM timeline t LEFT JOIN ledger_set s ON s.set_id = t.set_id \
     WHERE t.set_id IS NOT NULL AND (s.set_id IS NULL OR s.entry_id <> t.entry_id) LIMIT 1"
);
const MEMBER_COUNT: Sql = sql!("SELECT COUNT(*) FROM timeline WHERE set_id = $1");

/// The head of a log, if it ever had a sequencer.
pub fn head(tx: &mut ReadTx<'_>, log: &str) -> Result<Option<Head>, DbError> {
    tx.query_opt(&HEAD, &[&log])
}

/// Makes the head if there is none, and raises its fencing number: whoever was
/// sequencer before is from now on refused.
pub fn take_over(tx: &mut Tx<'_>, log: &str) -> Result<Head, DbError> {
    tx.execute(&INIT, &[&log])?;
    tx.query_one(&TAKE_OVER, &[&log])
}

/// Whether entries wait for their place.
pub fn any_unnumbered(tx: &mut ReadTx<'_>) -> Result<bool, DbError> {
    Ok(tx.query_one::<(bool,)>(&UNNUMBERED, &[])?.0)
}

/// Gives the oldest entries without a place the next ones, at most
/// [`ROUND_ENTRIES_MAX`], and answers how many. `None`: the head is no longer as the
/// caller knew it, and nothing was changed.
pub fn number(tx: &mut Tx<'_>, log: &str, size: i64, fence: i64) -> Result<Option<i64>, DbError> {
    // Holds the head's row until the commit, so that two rounds never overlap.
    if tx.execute(&HOLD, &[&log, &size, &fence])? == 0 {
        return Ok(None);
    }
    let numbered = tx.execute(&NUMBER, &[&size, &ROUND_ENTRIES_MAX])?;
    let numbered = i64::try_from(numbered).unwrap_or(i64::MAX);
    tx.execute(&GROW, &[&numbered, &log])?;
    Ok(Some(numbered))
}

/// The entries with places from `from` up to but not including `until`, in order.
/// The caller bounds the range.
pub fn rows(tx: &mut ReadTx<'_>, from: i64, until: i64) -> Result<Vec<EntryRow>, DbError> {
    tx.query(&ROWS, &[&from, &until])
}

/// Stores a signed checkpoint of `size` entries, if the last one had `old_size` and no
/// other sequencer took over. Answers whether it did.
pub fn store_checkpoint(
    tx: &mut Tx<'_>,
    log: &str,
    fence: i64,
    old_size: i64,
    size: i64,
    checkpoint: &str,
) -> Result<bool, DbError> {
    Ok(tx.execute(&CHECKPOINT, &[&size, &checkpoint, &log, &fence, &old_size])? == 1)
}

/// Up to `limit` sets whose file is not written yet, oldest first, after `after`.
pub fn unpublished_sets(
    tx: &mut ReadTx<'_>,
    after: Option<(Timestamp, SetId)>,
    limit: i64,
) -> Result<Vec<SetRow>, DbError> {
    let (time, id) = after.map_or_else(
        || (Timestamp::from_micros(i64::MIN), String::new()),
        |(time, id)| (time, id.to_string()),
    );
    tx.query(&UNPUBLISHED, &[&time, &id, &limit])
}

/// A set by its id.
pub fn set(tx: &mut ReadTx<'_>, id: &SetId) -> Result<Option<SetRow>, DbError> {
    tx.query_opt(&SET, &[id])
}

/// The leaves of a set whose file is not written yet, one behind the other.
pub fn set_leaves(tx: &mut ReadTx<'_>, id: &SetId) -> Result<Vec<u8>, DbError> {
    let mut leaves = Vec::new();
    tx.query_each(&CHUNKS, &[id], |row| {
        leaves.extend_from_slice(row.get::<&[u8]>(0)?);
        Ok::<(), DbError>(())
    })?;
    Ok(leaves)
}

/// Notes that a set's file is written, and lets go of its leaves.
pub fn mark_published(tx: &mut Tx<'_>, id: &SetId) -> Result<(), DbError> {
    tx.execute(&PUBLISHED, &[id])?;
    tx.execute(&DROP_CHUNKS, &[id]).map(|_| ())
}

/// Brings an entry of the log back into the store: a row that is missing is written
/// anew, one that had no place yet gets it. Answers `false`, without a change, when
/// the store holds another entry under this id.
pub fn replay_entry(tx: &mut Tx<'_>, entry: &EntryRow) -> Result<bool, DbError> {
    let changed = tx.execute(
        &REPLAY,
        &[
            &entry.id,
            &entry.recorded,
            &entry.kind,
            &entry.actor,
            &entry.purpose,
            &entry.answer,
            &entry.body,
            &entry.log_index,
        ],
    )?;
    Ok(changed == 1)
}

/// Brings a set whose file is written back into the store. Who its members were is
/// not in the log, so their timeline does not come back.
pub fn replay_set(tx: &mut Tx<'_>, set: &SetRow) -> Result<(), DbError> {
    let row = [&set.id as &dyn crate::ToValue, &set.entry, &set.recorded, &set.member_count, &set.root];
    tx.execute(&REPLAY_SET, &row).map(|_| ())
}

/// Moves the head by `entries` that were replayed, if it is as the caller knew it.
pub fn replay_head(tx: &mut Tx<'_>, log: &str, size: i64, fence: i64, entries: i64) -> Result<bool, DbError> {
    if tx.execute(&HOLD, &[&log, &size, &fence])? == 0 {
        return Ok(false);
    }
    Ok(tx.execute(&GROW, &[&entries, &log])? == 1)
}

/// How many entries have a place at or behind `from`.
pub fn count_from(tx: &mut ReadTx<'_>, from: i64) -> Result<i64, DbError> {
    Ok(tx.query_one::<(i64,)>(&COUNT_FROM, &[&from])?.0)
}

/// How many entries wait for their place.
pub fn count_unnumbered(tx: &mut ReadTx<'_>) -> Result<i64, DbError> {
    Ok(tx.query_one::<(i64,)>(&COUNT_UNNUMBERED, &[])?.0)
}

/// An entry that a timeline names and that is not there.
pub fn lost_entry(tx: &mut ReadTx<'_>) -> Result<Option<EntryId>, DbError> {
    Ok(tx.query_opt::<(EntryId,)>(&LOST_ENTRY, &[])?.map(|(id,)| id))
}

/// A set whose entry is not there.
pub fn lost_set(tx: &mut ReadTx<'_>) -> Result<Option<SetId>, DbError> {
    Ok(tx.query_opt::<(SetId,)>(&LOST_SET, &[])?.map(|(id,)| id))
}

/// An entry whose timeline names a set that is not that entry's.
pub fn stray_member(tx: &mut ReadTx<'_>) -> Result<Option<EntryId>, DbError> {
    Ok(tx.query_opt::<(EntryId,)>(&STRAY_MEMBER, &[])?.map(|(id,)| id))
}

/// How many people a set still names; erased ones are gone.
pub fn member_count(tx: &mut ReadTx<'_>, set: &SetId) -> Result<i64, DbError> {
    Ok(tx.query_one::<(i64,)>(&MEMBER_COUNT, &[set])?.0)
}
