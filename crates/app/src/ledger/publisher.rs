//! The log's files, made from the rows of the store: a pure function of them.

use std::collections::BTreeMap;

use ledger::{HASH_BYTES, Hash, Set, Tail, TileFile, TilePath};
use model::{SetId, Timestamp};
use store::ledger::EntryRow;
use store::sequence::{self, SetRow};
use store::{Db, DbError};

use super::LedgerError;
use super::folder::LogFolder;

/// Entries read at once: at most 16 MiB.
const PAGE_ENTRIES: u64 = 1_024;

/// Sets read at once; their leaves come one set at a time.
const PAGE_SETS: i64 = 64;

/// What is called with each file that a growing log makes.
pub(super) type Write<'w> = &'w mut dyn FnMut(&TileFile) -> Result<(), LedgerError>;

/// Appends stored entries up to `size` and hands over every bundle and tile that becomes
/// full, and at last the partial ones at `size`. Blocks.
pub(super) fn grow(db: &Db, mut tail: Tail, size: u64, write: Write<'_>) -> Result<Tail, LedgerError> {
    let mut partial: BTreeMap<TilePath, TileFile> = BTreeMap::new();
    while tail.size() < size {
        let rows = page(db, tail.size(), size)?;
        let bodies: Vec<Vec<u8>> = rows.into_iter().map(|row| row.body).collect();
        let step = tail.append(&bodies)?;
        tail = step.tail;
        for file in step.files {
            if file.path.is_full() {
                write(&file)?;
            } else {
                partial.insert(file.path, file);
            }
        }
    }
    for path in TilePath::partial_at(size) {
        if let Some(file) = partial.get(&path) {
            write(file)?;
        }
    }
    Ok(tail)
}

/// The entries from `from` on, below `size` and at most a page of them, without a gap. Blocks.
pub(super) fn page(db: &Db, from: u64, size: u64) -> Result<Vec<EntryRow>, LedgerError> {
    let until = size.min(from.saturating_add(PAGE_ENTRIES));
    let (first, end) = (i64::try_from(from)?, i64::try_from(until)?);
    let rows: Vec<EntryRow> = db
        .read_blocking("ledger page", move |tx| sequence::rows(tx, first, end).map_err(LedgerError::Store))?;
    match (first..end)
        .zip(rows.iter().map(Some).chain(std::iter::repeat(None)))
        .find(|(index, row)| row.is_none_or(|row| row.log_index != Some(*index)))
    {
        Some((index, _)) => Err(LedgerError::Gap { index: u64::try_from(index)? }),
        None => Ok(rows),
    }
}

/// Writes the file of every set that has none yet. A set that is not what its entry names
/// stays unwritten and is told after the others are done. Blocks.
pub(super) fn write_sets(db: &Db, log: &LogFolder) -> Result<(), LedgerError> {
    let mut after: Option<(Timestamp, SetId)> = None;
    let mut fault = None;
    loop {
        let rows: Vec<SetRow> = db.read_blocking("ledger sets", move |tx| {
            sequence::unpublished_sets(tx, after, PAGE_SETS).map_err(LedgerError::Store)
        })?;
        let Some(last) = rows.last() else { break };
        after = Some((last.recorded, last.id));
        for row in &rows {
            match write_set(db, log, row) {
                Err(told @ LedgerError::Set { .. }) => fault = Some(told),
                other => other?,
            }
        }
    }
    fault.map_or(Ok(()), Err)
}

fn write_set(db: &Db, log: &LogFolder, row: &SetRow) -> Result<(), LedgerError> {
    let id = row.id;
    let leaves = db.read_blocking::<_, DbError, _>("ledger set", move |tx| sequence::set_leaves(tx, &id))?;
    let (leaves, rest) = leaves.as_chunks::<HASH_BYTES>();
    let set = Set::new(leaves.iter().copied().map(Hash::from_bytes).collect())
        .map_err(|source| LedgerError::Set { id, source: Some(source) })?;
    let as_named = u64::try_from(row.member_count) == Ok(set.count()) && set.root().as_bytes() == &row.root;
    if !rest.is_empty() || !as_named {
        return Err(LedgerError::Set { id, source: None });
    }
    log.put_set(&id, &set)?;
    fault::point("sequence.after-set-file");
    db.write_blocking::<_, DbError, _>("ledger set written", move |tx| sequence::mark_published(tx, &id))?;
    Ok(())
}
