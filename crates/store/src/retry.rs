//! One transaction on its own, run again while something passing stands in its way.

use std::time::Duration;

use crate::error::DbError;
use crate::job::{Access, Attempt, Job};
use crate::stats::Counters;
use crate::tx::Conn;

/// How often a transaction is run at most while others stand in its way.
const ATTEMPTS_MAX: u32 = 12;
/// How often a transaction is begun at most while the server is away: each
/// attempt may have to wait for a connection.
const CONNECTS_MAX: u32 = 3;
/// The longest pause between two attempts, in microseconds.
const PAUSE_US_MAX: u64 = 200_000;

/// A connection that can hold one transaction; SQLite and PostgreSQL.
pub(crate) trait Engine {
    fn begin(&mut self, access: Access) -> Result<(), DbError>;
    fn conn(&mut self) -> Result<Conn<'_>, DbError>;
    fn commit(&mut self) -> Result<(), DbError>;
    fn rollback(&mut self);
}

/// Runs a job in a transaction of its own until it is settled, then answers.
pub(crate) fn run_alone(engine: &mut impl Engine, mut job: Box<dyn Job>, counters: &Counters) {
    if !job.is_abandoned() {
        settle(engine, job.as_mut(), counters);
    }
    job.answer();
}

fn settle(engine: &mut impl Engine, job: &mut dyn Job, counters: &Counters) {
    for attempt in 1..=ATTEMPTS_MAX {
        let Err(error) = once(engine, job, counters) else {
            return;
        };
        let attempts_max = match error {
            DbError::Contention => ATTEMPTS_MAX,
            DbError::Unreachable { .. } => CONNECTS_MAX,
            _ => 1,
        };
        if attempt >= attempts_max {
            return job.fail(error);
        }
        counters.retries.add(1);
        tracing::debug!(transaction = job.name(), attempt, %error, "a transaction runs again");
        std::thread::sleep(pause(attempt));
    }
}

/// One transaction. `Err` means that the job has no outcome of its own yet.
fn once(engine: &mut impl Engine, job: &mut dyn Job, counters: &Counters) -> Result<(), DbError> {
    let access = job.access();
    if let Err(error) = engine.begin(access) {
        engine.rollback();
        return Err(error);
    }
    match job.attempt(engine.conn()?) {
        Attempt::Keep => {
            fault::point_of(job.name(), "before-commit");
            let committed = engine.commit();
            // Also when nobody knows what became of the commit.
            counters.watch.tell(job.changes());
            committed.inspect_err(|_| engine.rollback())?;
            fault::point_of(job.name(), "after-commit");
            counters.committed(access);
            Ok(())
        }
        Attempt::Undo => {
            engine.rollback();
            counters.rollbacks.add(1);
            Ok(())
        }
        Attempt::Again(error) => {
            engine.rollback();
            Err(error)
        }
    }
}

/// A random pause that doubles its range with every attempt, so that two
/// transactions that met once do not meet again.
fn pause(attempt: u32) -> Duration {
    let range_us = (500_u64 << attempt.min(16)).min(PAUSE_US_MAX);
    let random = getrandom::u64().unwrap_or(range_us / 2);
    Duration::from_micros(random % range_us)
}
