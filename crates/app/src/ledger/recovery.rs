//! Taking over a log: finding out where it stands, whatever ended before.

use ledger::{Checkpoint, LogCheck, Tail, TiledTree, VerifierKey, read_entry};
use store::sequence::{self, Head};
use store::{Db, DbError};

use super::LedgerError;
use super::check::compare_with;
use super::entry::EntryFacts;
use super::folder::{LogFolder, Published, open_checkpoint};
use super::publisher::grow;
use super::sequencer::STORED;

/// Entries replayed in one transaction.
const REPLAY_ENTRIES: u64 = 256;

/// Raises the fencing number, brings store and files together, and gives the head with the
/// right edge of the files at its checkpoint. Blocks.
pub(super) fn take_over(db: &Db, log: &LogFolder, key: &VerifierKey) -> Result<(Head, Tail), LedgerError> {
    let name = key.name().to_owned();
    let mut head =
        db.write_blocking::<_, DbError, _>("ledger take over", move |tx| sequence::take_over(tx, &name))?;
    let published = log.published(key)?;
    let stored = stored_checkpoint(&head, key)?;
    if let Some(published) = &published {
        let ahead = stored.as_ref().is_none_or(|stored| stored.size < published.checkpoint.size);
        if ahead && published.checkpoint.size > 0 {
            head = replay(db, log, key, head, stored, published)?;
        }
    }
    let checkpoint = stored_checkpoint(&head, key)?;
    let tail = load_tail(db, log, checkpoint.as_ref())?;
    if let (Some(published), Some(checkpoint)) = (published, checkpoint) {
        must_contain(log, &checkpoint, &published.checkpoint)?;
    }
    Ok((head, tail))
}

fn stored_checkpoint(head: &Head, key: &VerifierKey) -> Result<Option<Checkpoint>, LedgerError> {
    if head.checkpoint_size == 0 {
        return Ok(None);
    }
    Ok(Some(open_checkpoint(head.checkpoint.as_bytes(), key, STORED)?.checkpoint))
}

/// The right edge at a checkpoint. Files that are missing or damaged are made again from the
/// store, if its entries have the root that was signed.
fn load_tail(db: &Db, log: &LogFolder, checkpoint: Option<&Checkpoint>) -> Result<Tail, LedgerError> {
    let Some(checkpoint) = checkpoint else { return Ok(Tail::empty()) };
    let damage = match Tail::load(checkpoint.size, &|path| log.read(path)) {
        Ok(tail) if tail.root() == checkpoint.root => return Ok(tail),
        Ok(_) => "its last tiles do not have the root that was signed".to_owned(),
        Err(error) => error.to_string(),
    };
    tracing::warn!(damage, size = checkpoint.size, "the log's files are made again from the store");
    let tail = grow(db, Tail::empty(), checkpoint.size, &mut |_| Ok(()))?;
    if tail.root() != checkpoint.root {
        return Err(LedgerError::Root { size: checkpoint.size });
    }
    grow(db, Tail::empty(), checkpoint.size, &mut |file| log.mend_tile(file))
}

/// The published checkpoint must be one that the log has grown from.
fn must_contain(log: &LogFolder, head: &Checkpoint, published: &Checkpoint) -> Result<(), LedgerError> {
    if published.size > head.size {
        return Err(LedgerError::Forked { published: published.size, stored: head.size });
    }
    let root = TiledTree::new(published.size, &|path| log.read(path)).root()?;
    if root == published.root {
        return Ok(());
    }
    Err(LedgerError::Forked { published: published.size, stored: head.size })
}

/// Reads the entries that the store lacks back from the published log, after the whole of it
/// was verified and compared with the entries that the store has.
fn replay(
    db: &Db,
    log: &LogFolder,
    key: &VerifierKey,
    head: Head,
    stored: Option<Checkpoint>,
    published: &Published,
) -> Result<Head, LedgerError> {
    let (have, size) = (u64::try_from(head.size)?, published.checkpoint.size);
    let read = |path: &str| log.read(path);
    let known: Vec<Checkpoint> = stored.into_iter().collect();
    let check = LogCheck { read: &read, key, known: &known };
    compare_with(db, have.min(size), |visit| check.run_at(&published.checkpoint, visit, &mut |_| {}))
        .map_err(|source| LedgerError::Behind {
            published: size,
            stored: have,
            source: Box::new(source),
        })??;
    tracing::warn!(published = size, stored = have, "entries are read back from the published log");
    let mut at = head.clone();
    for from in (have..size).step_by(usize::try_from(REPLAY_ENTRIES)?) {
        at.size = replay_page(db, log, key.name(), &at, from..size.min(from + REPLAY_ENTRIES), size)?;
    }
    let (name, fence, old_size) = (key.name().to_owned(), head.fence, head.checkpoint_size);
    at.checkpoint_size = i64::try_from(size)?;
    at.checkpoint = published.note.to_string();
    let (new_size, text) = (at.checkpoint_size, at.checkpoint.clone());
    let done = db.write_blocking::<_, DbError, _>("ledger checkpoint", move |tx| {
        sequence::store_checkpoint(tx, &name, fence, old_size, new_size, &text)
    })?;
    if done { Ok(at) } else { Err(LedgerError::Fenced) }
}

/// Replays some entries and moves the head behind them; answers its new size.
fn replay_page(
    db: &Db,
    log: &LogFolder,
    name: &str,
    head: &Head,
    range: std::ops::Range<u64>,
    size: u64,
) -> Result<i64, LedgerError> {
    let mut entries = Vec::new();
    for index in range {
        let bytes = read_entry(index, size, &|path| log.read(path)).map_err(ledger::tail::TailError::File)?;
        let bytes = bytes.ok_or(LedgerError::Gap { index })?;
        let facts = EntryFacts::read(&bytes).ok_or(LedgerError::UnknownEntry { index })?;
        entries.push((index, facts.row(&bytes, i64::try_from(index)?), facts.set_row()));
    }
    let (name, size, fence) = (name.to_owned(), head.size, head.fence);
    let count = i64::try_from(entries.len())?;
    db.write_blocking("ledger replay", move |tx| {
        for (index, entry, set) in &entries {
            if !sequence::replay_entry(tx, entry)? {
                return Err(LedgerError::Differs { index: *index });
            }
            if let Some(set) = set {
                sequence::replay_set(tx, set)?;
            }
        }
        match sequence::replay_head(tx, &name, size, fence, count)? {
            true => Ok(size + count),
            false => Err(LedgerError::Fenced),
        }
    })
}
