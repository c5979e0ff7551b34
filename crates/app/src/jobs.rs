//! The background worker: takes due jobs under a lease, runs them, and tries again later
//! what failed.
//!
//! A job is written in the transaction that causes it. Whoever takes it holds it by a
//! fencing number; a worker that dies loses the lease, and the next one begins again, so
//! every job can be run twice.

use std::future::Future;
use std::time::Duration;

use model::Timestamp;
use model::manifest::builtin;
use store::jobs::{self, JobRow};
use store::{access, consent, retention, services};

use crate::controller::Controller;
use crate::error::AppError;
use crate::idempotency::ANSWERS_KEPT_HOURS;
use crate::login::{self, LOGIN_CODE, LoginCode, REQUESTS_KEPT_HOURS};
use crate::retention::living::{self, RETENTION, Round};
use crate::retention::sweep::{self, LIFETIME_SWEEP, LifetimeSweep, SWEEP, Sweep};
use crate::retention::terms::{self, DUTY_END, DutyEnd, EVIDENCE_END, EvidenceEnd};
use crate::tally;

/// How long a worker holds a job.
pub const LEASE_SECONDS: i64 = 60;
/// The longest wait before a job that failed is tried again.
pub const BACKOFF_SECONDS_MAX: i64 = 3_600;
/// Jobs that one call of [`run_due`] runs at most.
pub const JOBS_PER_TURN: usize = 1_000;
/// How long an audience is kept after its pages ended.
const AUDIENCES_KEPT_DAYS: i64 = 30;
/// How often the worker looks for jobs.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Looks between two turns of upkeep.
const LOOKS_PER_UPKEEP: u32 = 60;

/// How often one upkeep tries to empty the store's log while it is busy …
const EMPTY_TRIES: u32 = 10;
/// … and after how long again.
const EMPTY_AGAIN: Duration = Duration::from_millis(20);

/// Whether a job is done.
enum Turn {
    /// It is, and its row is gone.
    Done,
    /// Its work is done; its row has to go.
    Finish,
    /// There is more to do at once.
    GoOn,
}

/// Runs until `shutdown` resolves: due jobs and the tally of the log every second, upkeep every
/// minute. A job that
/// has begun its transaction ends it.
pub async fn run(controller: &Controller, shutdown: impl Future<Output = ()>) {
    let mut looks = 0_u32;
    tokio::pin!(shutdown);
    loop {
        if let Err(error) = run_due(controller).await {
            tracing::warn!(%error, "the worker could not look for jobs");
        }
        if let Err(error) = tally::count(controller).await {
            tracing::warn!(%error, "the log's entries could not be counted");
        }
        if looks.is_multiple_of(LOOKS_PER_UPKEEP)
            && let Err(error) = upkeep(controller).await
        {
            tracing::warn!(%error, "upkeep failed and is tried again");
        }
        looks = looks.wrapping_add(1);
        tokio::select! {
            () = &mut shutdown => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Runs the jobs that are due now and says how many turns it took. A job that fails is put
/// off, twice as long each time.
///
/// # Errors
/// When the store fails.
pub async fn run_due(controller: &Controller) -> Result<usize, AppError> {
    let mut turns = 0;
    while turns < JOBS_PER_TURN {
        let now = controller.now();
        let lease_until = now.plus_seconds(LEASE_SECONDS);
        let job = controller.db.write("jobs.take", move |tx| jobs::take(tx, now, lease_until)).await?;
        let Some(job) = job else { break };
        turns += 1;
        let (id, fence) = (job.id, job.fence);
        match run_one(controller, job.clone()).await {
            Ok(Turn::Done) => {}
            Ok(Turn::Finish) => {
                controller.db.write("jobs.finish", move |tx| jobs::finish(tx, &id, fence)).await?;
            }
            Ok(Turn::GoOn) => put_off(controller, &job, now).await?,
            Err(error) => {
                tracing::warn!(job = %id, kind = %job.kind, attempts = job.attempts, %error, "a job failed");
                put_off(controller, &job, now.plus_seconds(backoff_seconds(job.attempts))).await?;
            }
        }
    }
    Ok(turns)
}

/// Deletes what has expired: sessions and requests for login codes, choices of visitors whose cookie is over, answers kept for
/// repeated writes, audiences whose pages ended, tombstones and suppressions after their term;
/// then what SQLite's write-ahead log still holds of those who were erased.
///
/// # Errors
/// When the store fails.
pub async fn upkeep(controller: &Controller) -> Result<(), AppError> {
    let now = controller.now();
    let suppressions_days = holding_days("suppressions")?;
    controller
        .db
        .write_long("jobs.upkeep", move |tx| {
            consent::expire_visitors(tx, now)?;
            services::forget_answers(tx, now.plus_seconds(-3_600 * ANSWERS_KEPT_HOURS))?;
            store::login::forget(tx, now.plus_seconds(-3_600 * REQUESTS_KEPT_HOURS))?;
            store::sessions::forget(tx, now)?;
            store::staff::forget(tx, now)?;
            access::forget_audiences(tx, now.plus_days(-AUDIENCES_KEPT_DAYS))?;
            living::ensure(tx, now)?;
            retention::forget_tombstones(tx, now)?;
            retention::forget_suppressions(tx, now.plus_days(-suppressions_days))?;
            Ok::<_, AppError>(())
        })
        .await?;
    // The log holds what was erased since it was last emptied. A busy one is tried again in a
    // gap between two writers, and at the next upkeep where a reader stands in the way.
    for _ in 0..EMPTY_TRIES {
        let db = controller.db.clone();
        let emptied = tokio::task::spawn_blocking(move || db.empty_log()).await;
        if emptied.map_err(|_| AppError::Internal("emptying the store's log ended early"))?? {
            break;
        }
        tokio::time::sleep(EMPTY_AGAIN).await;
    }
    Ok(())
}

/// How long Steward keeps something for its own work, in days.
fn holding_days(name: &str) -> Result<i64, AppError> {
    let holding = builtin().holdings.get(name);
    let days = holding.map(|holding| holding.retention.keep.days_at_most());
    days.ok_or(AppError::Internal("a built-in holding is not declared"))
}

async fn run_one(controller: &Controller, job: JobRow) -> Result<Turn, AppError> {
    match job.kind.as_str() {
        SWEEP => {
            let work: Sweep = read(&job)?;
            Ok(if sweep::sweep(controller, &work).await? { Turn::Finish } else { Turn::GoOn })
        }
        LIFETIME_SWEEP => {
            let work: LifetimeSweep = read(&job)?;
            Ok(if sweep::sweep_lifetimes(controller, &work).await? { Turn::Finish } else { Turn::GoOn })
        }
        RETENTION => {
            let round: Round = read(&job)?;
            living::run(controller, job, round).await.map(|()| Turn::Done)
        }
        EVIDENCE_END => {
            let work: EvidenceEnd = read(&job)?;
            terms::end_evidence(controller, job, work).await.map(|()| Turn::Done)
        }
        DUTY_END => {
            let work: DutyEnd = read(&job)?;
            terms::end_duties(controller, job, work).await.map(|()| Turn::Done)
        }
        LOGIN_CODE => {
            let work: LoginCode = read(&job)?;
            login::send(controller, job, work).await.map(|()| Turn::Done)
        }
        _ => Err(AppError::Internal("a job of a kind that this version does not know")),
    }
}

async fn put_off(controller: &Controller, job: &JobRow, due: Timestamp) -> Result<(), AppError> {
    let (id, fence) = (job.id, job.fence);
    controller.db.write("jobs.put_off", move |tx| jobs::postpone(tx, &id, fence, due)).await?;
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(job: &JobRow) -> Result<T, AppError> {
    serde_json::from_str(&job.body).map_err(|_| AppError::Internal("a job does not read"))
}

/// 2 seconds after the first failure, then twice as long each time, up to an hour.
fn backoff_seconds(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 12)).unwrap_or(12);
    2_i64.saturating_pow(doublings).min(BACKOFF_SECONDS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_keeps_failing_is_tried_ever_more_rarely_but_never_given_up() {
        assert_eq!(backoff_seconds(1), 2);
        assert_eq!(backoff_seconds(2), 4);
        assert!((1..40).all(|attempts| backoff_seconds(attempts) <= backoff_seconds(attempts + 1)));
        assert_eq!(backoff_seconds(i64::MAX), BACKOFF_SECONDS_MAX);
    }
}
