//! The whole log recomputed from its files alone, and compared with the store.

use std::collections::VecDeque;
use std::time::Duration;

use ledger::verify::{Broken, Progress, Visit};
use ledger::{Checkpoint, LogCheck, VerifierKey};
use model::{EntryId, SetId};
use store::ledger::EntryRow;
use store::{Db, DbError, sequence};

use super::LedgerError;
use super::entry::{EntryFacts, NamedSet};
use super::folder::{LogFolder, open_checkpoint};
use super::sequencer::STORED;

/// Rows read at once, as many as a bundle has: at most 4 MiB.
const PAGE_ENTRIES: i64 = 256;

/// How often and how long to wait for a running sequencer that has stored a checkpoint
/// and is about to publish it.
const PUBLISH_WAITS_MAX: u32 = 20;
const PUBLISH_WAIT: Duration = Duration::from_millis(100);

/// What a check that found nothing wrong has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The checkpoint under which all entries were recomputed: the published one, or the
    /// store's where a process died before publishing it ([`verify_alone`]).
    pub checkpoint: Checkpoint,
    /// The size of the published checkpoint.
    pub published: u64,
    /// Sets whose files were compared with their entries.
    pub sets: u64,
    /// What the store has beyond it; `None` when the files were checked alone.
    pub store: Option<StoreReport>,
}

/// What the store has beyond the published checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreReport {
    /// Entries with a place that the next checkpoint will cover.
    pub unpublished: u64,
    /// Entries that wait for their place.
    pub unnumbered: u64,
}

/// The first thing that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// In the files.
    #[error(transparent)]
    Log(#[from] Broken),
    /// Files or store cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The bytes of an entry are not an entry of a version that this program knows.
    #[error("entry {index} of the log is of an unknown form")]
    UnknownEntry {
        /// The index in the log.
        index: u64,
    },
    /// The store has no entry at this place.
    #[error("entry {index} of the log is missing in the store")]
    MissingRow {
        /// The index in the log.
        index: u64,
    },
    /// The store has another entry at this place.
    #[error("entry {index} of the log has other bytes in the store")]
    ChangedRow {
        /// The index in the log.
        index: u64,
    },
    /// The columns of a stored entry say something else than its bytes.
    #[error("the columns of entry {index} in the store do not say what the entry says")]
    ChangedColumns {
        /// The index in the log.
        index: u64,
    },
    /// A set does not hold.
    #[error("the set `{id}` of entry {index}: {what}")]
    Set {
        /// The index of the entry in the log.
        index: u64,
        /// The set.
        id: SetId,
        /// What does not hold.
        what: SetFault,
    },
    /// The store has no head for this log.
    #[error("the store knows no log of this name")]
    NoHead,
    /// The store's head lies before or beside the published checkpoint.
    #[error("the store's head of {stored} entries does not lead to the published checkpoint of {published}")]
    Head {
        /// The size of the published checkpoint.
        published: u64,
        /// What the store's head says.
        stored: u64,
    },
    /// The store's checkpoint was never published.
    #[error("the store's checkpoint of {stored} entries is not published; `checkpoint` has {published}")]
    Unpublished {
        /// The size of the published checkpoint.
        published: u64,
        /// The size of the store's checkpoint.
        stored: u64,
    },
    /// The places behind the checkpoint are not filled one by one up to the head.
    #[error("the store has {found} numbered entries behind entry {from}, and its head says {expected}")]
    Beyond {
        /// The first index behind the checkpoint.
        from: u64,
        /// How many there are.
        found: i64,
        /// How many there must be.
        expected: i64,
    },
    /// A timeline names an entry that the store does not have.
    #[error("a timeline names the entry `{0}`, which the store does not have")]
    LostEntry(EntryId),
    /// A set names an entry that the store does not have.
    #[error("the set `{0}` belongs to an entry that the store does not have")]
    LostSet(SetId),
    /// A timeline names an entry together with a set of another entry.
    #[error("a timeline names the entry `{0}` under a set that is not its own")]
    StrayMember(EntryId),
}

/// What does not hold about a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetFault {
    /// There is no file.
    #[error("its file is missing")]
    Missing,
    /// The file is no set file.
    #[error("its file is damaged")]
    Damaged,
    /// Root or count of the file are not those of the entry.
    #[error("its file is not the set that the entry names")]
    OtherFile,
    /// The store has no such set, or another root, count or entry for it.
    #[error("the store does not have it as the entry names it")]
    OtherRow,
    /// More people have the entry in their timeline than the set has members.
    #[error("more people have it in their timeline than it has members")]
    TooManyMembers,
}

/// Recomputes a log from its files, and with a store compares every row with the log's entry,
/// the head, the timelines and the sets. Reads one bundle and one page of rows at a time, and
/// sets one by one. Blocks, so it does not belong on a thread of the async runtime; a running
/// server is no hindrance.
///
/// # Errors
/// The first thing that does not hold, by index or file.
pub fn verify(
    log: &LogFolder,
    key: &VerifierKey,
    store: Option<&Db>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, Fault> {
    let head = store.map(|db| head_of(db, key)).transpose()?;
    let checkpoint = published_since(log, key, head.as_ref().map_or(0, |head| head.checkpoint_size))?;
    if let Some(head) = &head {
        compare_head(head, &checkpoint, key)?;
    }
    run(log, key, store, (checkpoint, &[]), progress)
}

/// Like [`verify`] for the one process that owns the log, so that nobody is about to publish.
/// A process that died between signing and publishing leaves a checkpoint in the store alone:
/// the log is then checked under that one, and must contain the published one. The next
/// sequencer publishes it.
///
/// # Errors
/// As [`verify`], but for [`Fault::Unpublished`].
pub fn verify_alone(
    log: &LogFolder,
    key: &VerifierKey,
    db: &Db,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, Fault> {
    let head = head_of(db, key)?;
    let published = log.published(key)?.map(|published| published.checkpoint);
    let found = published.as_ref().map_or(0, |checkpoint| checkpoint.size);
    if found >= u64::try_from(head.checkpoint_size).map_err(LedgerError::from)? {
        return verify(log, key, Some(db), progress);
    }
    let signed = open_checkpoint(head.checkpoint.as_bytes(), key, STORED)?.checkpoint;
    compare_head(&head, &signed, key)?;
    let known: Vec<Checkpoint> = published.into_iter().filter(|checkpoint| checkpoint.size > 0).collect();
    run(log, key, Some(db), (signed, &known), progress).map(|report| Report { published: found, ..report })
}

/// Checks the log at a checkpoint, which must have grown from the known ones.
fn run(
    log: &LogFolder,
    key: &VerifierKey,
    store: Option<&Db>,
    (checkpoint, known): (Checkpoint, &[Checkpoint]),
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, Fault> {
    let mut check = EntryCheck { log, rows: store.map(Rows::new), sets: 0, fault: None };
    let read = |path: &str| log.read(path);
    let ran = LogCheck { read: &read, key, known }.run_at(
        &checkpoint,
        &mut |index, bytes| check.visit(index, bytes),
        progress,
    );
    if let Some(fault) = check.fault {
        return Err(fault);
    }
    ran?;
    let sets = check.sets;
    let store = store.map(|db| rest_of(db, key, checkpoint.size)).transpose()?;
    Ok(Report { published: checkpoint.size, checkpoint, sets, store })
}

/// Runs a check of a log's files whose visitor compares the first `size` entries with the
/// store's. The outer error is the files', the inner one the store's.
pub(super) fn compare_with(
    db: &Db,
    size: u64,
    run: impl FnOnce(Visit<'_>) -> Result<(), Broken>,
) -> Result<Result<(), LedgerError>, Broken> {
    let mut rows = Rows::new(db);
    let mut fault = None;
    let ran = run(&mut |index, bytes| {
        if index >= size {
            return Ok(());
        }
        let found = match rows.at(index) {
            Ok(Some(row)) if row.body == bytes => return Ok(()),
            Ok(Some(_)) => LedgerError::Differs { index },
            Ok(None) => LedgerError::Gap { index },
            Err(error) => error,
        };
        stop(&mut fault, found)
    });
    match fault {
        Some(fault) => Ok(Err(fault)),
        None => ran.map(Ok),
    }
}

/// Keeps the fault with its type; the text that ends the check is never shown.
fn stop<F>(kept: &mut Option<F>, fault: F) -> Result<(), String> {
    *kept = Some(fault);
    Err(String::new())
}

fn head_of(db: &Db, key: &VerifierKey) -> Result<sequence::Head, Fault> {
    let name = key.name().to_owned();
    let head = db.read_blocking::<_, DbError, _>("ledger head", move |tx| sequence::head(tx, &name))?;
    head.ok_or(Fault::NoHead)
}

/// The published checkpoint, of at least `size` entries: a running sequencer publishes a
/// moment after it has stored.
fn published_since(log: &LogFolder, key: &VerifierKey, size: i64) -> Result<Checkpoint, Fault> {
    let size = u64::try_from(size).map_err(LedgerError::from)?;
    let mut waits = 0;
    loop {
        let published = log.published(key)?.map(|published| published.checkpoint);
        let found = published.as_ref().map_or(0, |checkpoint| checkpoint.size);
        match published {
            Some(checkpoint) if found >= size => return Ok(checkpoint),
            None if size == 0 => {
                return Ok(Checkpoint::new(key.name(), 0, ledger::tree::empty_root()));
            }
            _ if waits == PUBLISH_WAITS_MAX => {
                return Err(Fault::Unpublished { published: found, stored: size });
            }
            _ => {
                waits += 1;
                std::thread::sleep(PUBLISH_WAIT);
            }
        }
    }
}

/// The store's own checkpoint must hold, and the published one may only be as far as the
/// store is numbered.
fn compare_head(head: &sequence::Head, published: &Checkpoint, key: &VerifierKey) -> Result<(), Fault> {
    let stored = u64::try_from(head.checkpoint_size).map_err(LedgerError::from)?;
    if stored > 0 {
        let signed = open_checkpoint(head.checkpoint.as_bytes(), key, STORED)?.checkpoint;
        let same = signed.size != published.size || signed == *published;
        if signed.size != stored || !same {
            return Err(Fault::Head { published: published.size, stored });
        }
    }
    Ok(())
}

/// What lies behind the checkpoint, and what the whole store must keep.
fn rest_of(db: &Db, key: &VerifierKey, size: u64) -> Result<StoreReport, Fault> {
    let from = i64::try_from(size).map_err(LedgerError::from)?;
    let name = key.name().to_owned();
    db.read_blocking("ledger check", move |tx| {
        let head = sequence::head(tx, &name)?.ok_or(Fault::NoHead)?;
        let (found, expected) = (sequence::count_from(tx, from)?, head.size - from);
        if found != expected {
            return Err(Fault::Beyond { from: size, found, expected });
        }
        if let Some(entry) = sequence::lost_entry(tx)? {
            return Err(Fault::LostEntry(entry));
        }
        if let Some(set) = sequence::lost_set(tx)? {
            return Err(Fault::LostSet(set));
        }
        if let Some(entry) = sequence::stray_member(tx)? {
            return Err(Fault::StrayMember(entry));
        }
        let unnumbered = sequence::count_unnumbered(tx)?;
        Ok(StoreReport {
            unpublished: u64::try_from(found).map_err(LedgerError::from)?,
            unnumbered: u64::try_from(unnumbered).map_err(LedgerError::from)?,
        })
    })
}

impl From<DbError> for Fault {
    fn from(error: DbError) -> Self {
        Self::Ledger(error.into())
    }
}

/// Looks at one entry after the other.
struct EntryCheck<'a> {
    log: &'a LogFolder,
    rows: Option<Rows<'a>>,
    sets: u64,
    fault: Option<Fault>,
}

impl EntryCheck<'_> {
    fn visit(&mut self, index: u64, bytes: &[u8]) -> Result<(), String> {
        match self.check(index, bytes) {
            Ok(()) => Ok(()),
            Err(fault) => stop(&mut self.fault, fault),
        }
    }

    fn check(&mut self, index: u64, bytes: &[u8]) -> Result<(), Fault> {
        let facts = EntryFacts::read(bytes).ok_or(Fault::UnknownEntry { index })?;
        if let Some(rows) = &mut self.rows {
            let row = rows.at(index)?.ok_or(Fault::MissingRow { index })?;
            if row.body != bytes {
                return Err(Fault::ChangedRow { index });
            }
            if !facts.agrees(&row) {
                return Err(Fault::ChangedColumns { index });
            }
        }
        if let Some(named) = facts.set() {
            let fault = |what| Fault::Set { index, id: named.id, what };
            self.check_set_file(&named)?.map_or(Ok(()), |what| Err(fault(what)))?;
            self.check_set_row(&named, &facts)?.map_or(Ok(()), |what| Err(fault(what)))?;
            self.sets += 1;
        }
        Ok(())
    }

    fn check_set_file(&self, named: &NamedSet) -> Result<Option<SetFault>, LedgerError> {
        let set = match self.log.set(&named.id) {
            Ok(Some(set)) => set,
            Ok(None) => return Ok(Some(SetFault::Missing)),
            Err(LedgerError::Set { .. }) => return Ok(Some(SetFault::Damaged)),
            Err(other) => return Err(other),
        };
        let same = set.count() == named.count && set.root() == named.root;
        Ok((!same).then_some(SetFault::OtherFile))
    }

    fn check_set_row(&self, named: &NamedSet, facts: &EntryFacts) -> Result<Option<SetFault>, LedgerError> {
        let Some(rows) = &self.rows else { return Ok(None) };
        let id = named.id;
        let (row, members) = rows.db.read_blocking::<_, DbError, _>("ledger set", move |tx| {
            Ok((sequence::set(tx, &id)?, sequence::member_count(tx, &id)?))
        })?;
        let expected = facts.set_row();
        let same = row.zip(expected).is_some_and(|(row, expected)| {
            row.entry == expected.entry
                && row.root == expected.root
                && row.member_count == expected.member_count
        });
        Ok(if !same {
            Some(SetFault::OtherRow)
        } else if u64::try_from(members)? > named.count {
            Some(SetFault::TooManyMembers)
        } else {
            None
        })
    }
}

/// Stored entries by their place, asked for in rising order.
struct Rows<'a> {
    db: &'a Db,
    page: VecDeque<EntryRow>,
    /// Places below this were asked of the store.
    loaded: i64,
}

impl<'a> Rows<'a> {
    fn new(db: &'a Db) -> Self {
        Self { db, page: VecDeque::new(), loaded: 0 }
    }

    /// The entry at this place, if the store has one.
    fn at(&mut self, index: u64) -> Result<Option<EntryRow>, LedgerError> {
        let index = i64::try_from(index)?;
        if index >= self.loaded {
            let until = index.saturating_add(PAGE_ENTRIES);
            let rows = self
                .db
                .read_blocking::<_, DbError, _>("ledger page", move |tx| sequence::rows(tx, index, until))?;
            self.page = rows.into();
            self.loaded = until;
        }
        while self.page.front().is_some_and(|row| row.log_index < Some(index)) {
            self.page.pop_front();
        }
        let here = self.page.front().is_some_and(|row| row.log_index == Some(index));
        Ok(if here { self.page.pop_front() } else { None })
    }
}
