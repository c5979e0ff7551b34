//! What the database threads have done, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::changes::Watch;
use crate::job::Access;

/// Counts since the database was opened, and the lengths of the queues now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Writing transactions that were committed.
    pub writes: u64,
    /// Reading transactions that were done.
    pub reads: u64,
    /// Transactions that were rolled back because their closure failed.
    pub rollbacks: u64,
    /// Runs that were repeated because something passing stood in the way.
    pub retries: u64,
    /// Transactions refused because the queue was full.
    pub refused: u64,
    /// Group commits (SQLite only); `grouped / groups` is the mean size.
    pub groups: u64,
    /// Transactions that were committed in groups.
    pub grouped: u64,
    /// Transactions that now wait for a writing thread.
    pub writes_waiting: u64,
    /// Transactions that now wait for a reading thread; on PostgreSQL the
    /// threads are the same and this is 0.
    pub reads_waiting: u64,
}

/// One counter.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

/// What the database threads report: the counters behind [`Stats`], and what they changed.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) watch: Watch,
    pub(crate) writes: Counter,
    pub(crate) reads: Counter,
    pub(crate) rollbacks: Counter,
    pub(crate) retries: Counter,
    pub(crate) refused: Counter,
    pub(crate) groups: Counter,
    pub(crate) grouped: Counter,
}

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn committed(&self, access: Access) {
        match access {
            Access::Read => self.reads.add(1),
            Access::Write => self.writes.add(1),
        }
    }

    /// The counts, with empty queues.
    pub(crate) fn read(&self) -> Stats {
        Stats {
            writes: self.writes.read(),
            reads: self.reads.read(),
            rollbacks: self.rollbacks.read(),
            retries: self.retries.read(),
            refused: self.refused.read(),
            groups: self.groups.read(),
            grouped: self.grouped.read(),
            writes_waiting: 0,
            reads_waiting: 0,
        }
    }
}
