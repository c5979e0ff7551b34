//! Follow-up work: written in the transaction that causes it, taken under a lease.

use model::{JobId, Timestamp};

use crate::{DbError, FromRow, Row, Sql, Tx, sql};

/// One job under its lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// The job.
    pub id: JobId,
    /// What is to be done, as a code.
    pub kind: String,
    /// Its arguments as JSON.
    pub body: String,
    /// How often it was begun, this time included.
    pub attempts: i64,
    /// The fencing number of this lease.
    pub fence: i64,
}

impl FromRow for JobRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            body: row.get(2)?,
            attempts: row.get(3)?,
            fence: row.get(4)?,
        })
    }
}

const ADD: Sql = sql!(
    "INSERT INTO job (job_id, kind, body, due_us, attempts, lease_until_us, fence) \
     VALUES ($1, $2, $3, $4, 0, 0, 0)"
);
const ENSURE: Sql = sql!(
    "INSERT INTO job (job_id, kind, body, due_us, attempts, lease_until_us, fence) \
     VALUES ($1, $2, $3, $4, 0, 0, 0) ON CONFLICT (job_id) DO NOTHING"
);
const GO_ON: Sql = sql!(
    "UPDATE job SET body = $3, due_us = $4, attempts = 0, lease_until_us = 0 WHERE job_id = $1 AND fence = $2"
);
const TAKE: Sql = sql!(
    "UPDATE job SET attempts = attempts + 1, fence = fence + 1, lease_until_us = $2 \
     WHERE job_id = (SELECT job_id FROM job WHERE due_us <= $1 AND lease_until_us <= $1 \
     ORDER BY due_us, job_id LIMIT 1) AND lease_until_us <= $1 \
     RETURNING job_id, kind, body, attempts, fence"
);
const FINISH: Sql = sql!("DELETE FROM job WHERE job_id = $1 AND fence = $2");
const POSTPONE: Sql = sql!("UPDATE job SET due_us = $3, lease_until_us = 0 WHERE job_id = $1 AND fence = $2");

/// Adds a job that is due at `due`.
pub fn add(tx: &mut Tx<'_>, id: &JobId, kind: &str, body: &str, due: Timestamp) -> Result<(), DbError> {
    tx.execute(&ADD, &[id, &kind, &body, &due]).map(|_| ())
}

/// Adds a job that is due at `due`, unless it is there already.
pub fn ensure(tx: &mut Tx<'_>, id: &JobId, kind: &str, body: &str, due: Timestamp) -> Result<(), DbError> {
    tx.execute(&ENSURE, &[id, &kind, &body, &due]).map(|_| ())
}

/// Gives a job back with how far it came, to be gone on with at `due`. `false`: the lease was
/// lost, somebody else does it.
pub fn go_on(tx: &mut Tx<'_>, id: &JobId, fence: i64, body: &str, due: Timestamp) -> Result<bool, DbError> {
    tx.execute(&GO_ON, &[id, &fence, &body, &due]).map(|rows| rows > 0)
}

/// Takes the job that is due longest, under a lease until `lease_until`.
pub fn take(tx: &mut Tx<'_>, now: Timestamp, lease_until: Timestamp) -> Result<Option<JobRow>, DbError> {
    tx.query_opt(&TAKE, &[&now, &lease_until])
}

/// Ends a job. `false`: the lease was lost, somebody else does it.
pub fn finish(tx: &mut Tx<'_>, id: &JobId, fence: i64) -> Result<bool, DbError> {
    tx.execute(&FINISH, &[id, &fence]).map(|rows| rows > 0)
}

/// Gives a job back, to be tried again at `due`.
pub fn postpone(tx: &mut Tx<'_>, id: &JobId, fence: i64, due: Timestamp) -> Result<bool, DbError> {
    tx.execute(&POSTPONE, &[id, &fence, &due]).map(|rows| rows > 0)
}
