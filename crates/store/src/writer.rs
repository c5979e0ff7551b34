//! SQLite's writing thread: group commit.
//!
//! A durable commit costs an fsync, so the closures that wait share one. Each
//! runs in a savepoint of its own; all are answered after the commit, failures
//! too, since a failure may rest on what a neighbour wrote.

use std::time::{Duration, Instant};

use crate::job::{Access, Attempt, Job};
use crate::queue::{Lane, Queue};
use crate::retry::{Engine, run_alone};
use crate::sqlite::Sqlite;
use crate::stats::Counters;

/// Closures in a group at most.
const GROUP_MAX: usize = 256;
/// A group takes no further closure after this time, so that the first need
/// not wait long for its commit …
const GROUP_WAIT: Duration = Duration::from_millis(2);
/// … or after as long as the last commit took, where that is longer: whoever waits then
/// would wait for this commit and for one of their own. At most so long.
const GROUP_WAIT_MAX: Duration = Duration::from_millis(25);

/// Serves the queue until it is closed.
pub(crate) fn serve(mut engine: Sqlite, queue: &Queue, counters: &Counters) {
    let mut wait = GROUP_WAIT;
    while let Some((job, lane)) = queue.take() {
        match lane {
            Lane::Long => run_alone(&mut engine, job, counters),
            Lane::Short => wait = run_group(&mut engine, job, queue, counters, wait),
        }
        queue.done(lane);
    }
}

/// The closures of a group, by what is left to do.
#[derive(Default)]
struct Group {
    /// Ran, with an outcome that holds once the group is committed.
    settled: Vec<Box<dyn Job>>,
    /// Have to run again, each in a transaction of its own.
    alone: Vec<Box<dyn Job>>,
    /// How many of the settled ones wrote something that is to be kept.
    kept: u64,
    /// For how long it takes further closures.
    wait: Duration,
}

/// Runs a group that takes closures for as long as `wait`; answers how long the next may.
fn run_group(
    engine: &mut Sqlite,
    first: Box<dyn Job>,
    queue: &Queue,
    counters: &Counters,
    mut wait: Duration,
) -> Duration {
    let mut group = Group { wait, ..Group::default() };
    if engine.begin(Access::Write).is_err() {
        engine.rollback();
        group.alone.push(first);
    } else if group.fill(engine, first, queue) && group.commit(engine, &mut wait) {
        counters.groups.add(1);
        counters.grouped.add(group.settled.len() as u64);
        counters.writes.add(group.kept);
        counters.rollbacks.add(group.settled.len() as u64 - group.kept);
    } else {
        engine.rollback();
        // In their old order: those who ran before come first again.
        group.settled.append(&mut group.alone);
        group.alone = std::mem::take(&mut group.settled);
    }
    counters.retries.add(group.alone.len() as u64);
    for job in &group.settled {
        counters.watch.tell(job.changes());
    }
    for job in group.settled {
        job.answer();
    }
    for job in group.alone {
        run_alone(engine, job, counters);
    }
    wait
}

impl Group {
    /// Runs `first` and whoever else waits. False when the connection has left
    /// the transaction, so that nothing of the group can be committed.
    fn fill(&mut self, engine: &mut Sqlite, first: Box<dyn Job>, queue: &Queue) -> bool {
        let started = now();
        let mut next = Some(first);
        while let Some(job) = next {
            if job.is_abandoned() {
                self.settled.push(job);
            } else if !self.run(engine, job) {
                return false;
            }
            let full = self.settled.len() + self.alone.len() >= GROUP_MAX;
            next = match full || started.elapsed() >= self.wait {
                true => None,
                false => queue.take_short(),
            };
        }
        true
    }

    /// Commits what was settled; false when it cannot be. `wait` becomes as long as that took.
    fn commit(&self, engine: &mut Sqlite, wait: &mut Duration) -> bool {
        self.settled.iter().for_each(|job| fault::point_of(job.name(), "before-commit"));
        let began = now();
        let is_committed = engine.commit().is_ok();
        *wait = began.elapsed().clamp(GROUP_WAIT, GROUP_WAIT_MAX);
        self.settled.iter().for_each(|job| fault::point_of(job.name(), "after-commit"));
        is_committed
    }

    /// Runs one closure in its savepoint. False as for [`Group::fill`].
    fn run(&mut self, engine: &mut Sqlite, mut job: Box<dyn Job>) -> bool {
        let attempt = match (engine.control("SAVEPOINT closure"), engine.conn()) {
            (Ok(()), Ok(conn)) => job.attempt(conn),
            (Err(error), _) | (_, Err(error)) => Attempt::Again(error),
        };
        let undo = !matches!(attempt, Attempt::Keep);
        match attempt {
            Attempt::Keep => self.kept += 1,
            Attempt::Undo => {}
            Attempt::Again(_) => {
                self.alone.push(job);
                return close_savepoint(engine, undo);
            }
        }
        self.settled.push(job);
        close_savepoint(engine, undo)
    }
}

/// Ends the savepoint; false when the connection has left its transaction.
fn close_savepoint(engine: &Sqlite, undo: bool) -> bool {
    let undone = !undo || engine.control("ROLLBACK TO closure").is_ok();
    undone && engine.control("RELEASE closure").is_ok() && engine.in_transaction()
}

#[expect(
    clippy::disallowed_methods,
    reason = "measures how long a group has been open and its commit took; no decision about data rests on it"
)]
fn now() -> Instant {
    Instant::now()
}
