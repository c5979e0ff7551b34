//! Deleting the rows that an erasure left behind, unreadable already, in small steps.

use model::{JobId, LifetimeName, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};
use store::key_record::KeyPart;
use store::retention::Rows;
use store::{DbError, ReadTx, Tx, identity, jobs, ledger, retention, vault};

use crate::controller::{Controller, Core};
use crate::error::AppError;
use crate::person::open_keys;

/// The kind of the job.
pub(crate) const SWEEP: &str = "sweep";

/// How long after the erasure it is swept a second time. Decisions about many people and
/// audiences take nobody's row, so on PostgreSQL one that began before an erasure may still
/// name the person after the first sweep.
pub const SWEEP_AGAIN_SECONDS: i64 = 15 * 60;

/// Rows of one table that one transaction deletes at most.
const CHUNK_ROWS: i64 = 1_000;

/// Transactions in one turn of the job at most; then others get theirs.
const CHUNKS_PER_TURN: usize = 50;

/// The identities whose rows go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sweep {
    pub(crate) identities: Vec<Swept>,
}

/// One identity whose rows go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Swept {
    pub(crate) subject: SubjectId,
    /// The lifetimes that ended; none: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lifetimes: Option<Vec<LifetimeName>>,
}

impl Sweep {
    pub(crate) fn to_json(&self) -> Result<String, AppError> {
        serde_json::to_string(self).map_err(|_| AppError::Internal("a job does not serialise"))
    }
}

/// Deletes rows for one turn. `false`: there is more to do.
///
/// Each step deletes what is still there, so a job that was killed goes on where it
/// stopped, and two workers do no harm.
pub(crate) async fn sweep(controller: &Controller, job: &Sweep) -> Result<bool, AppError> {
    let mut turns = CHUNKS_PER_TURN;
    for identity in &job.identities {
        loop {
            if turns == 0 {
                return Ok(false);
            }
            turns -= 1;
            let swept = identity.clone();
            let gone = controller.db.write_long("retention.sweep", move |tx| swept.chunk(tx)).await?;
            if gone == 0 {
                break;
            }
        }
    }
    Ok(true)
}

impl Swept {
    /// Deletes up to a chunk of each table.
    fn chunk(&self, tx: &mut Tx<'_>) -> Result<u64, DbError> {
        let subject = &self.subject;
        let mut gone = retention::sweep_events(tx, subject, CHUNK_ROWS)?;
        fault::point("erase.amid-sweep");
        gone += ledger::sweep_timeline(tx, subject, CHUNK_ROWS)?;
        gone += identity::delete_merges(tx, subject)?;
        match &self.lifetimes {
            None => gone += vault::sweep(tx, subject, CHUNK_ROWS)?,
            Some(lifetimes) => {
                for lifetime in lifetimes {
                    gone += retention::sweep_lifetime(tx, subject, lifetime, CHUNK_ROWS)?;
                }
            }
        }
        Ok(gone)
    }
}

/// The kind of the job that deletes the rows of lifetimes of living people.
pub(crate) const LIFETIME_SWEEP: &str = "lifetime-sweep";

/// Where rows lie whose lifetime ended while the person goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EndedRows {
    subject: SubjectId,
    lifetime: LifetimeName,
    /// The last value and the last record when the lifetime ended.
    last_value: Option<String>,
    last_record: Option<String>,
}

/// The lifetimes whose rows go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LifetimeSweep {
    ended: Vec<EndedRows>,
}

impl EndedRows {
    /// Where they lie, in the transaction that destroys the key.
    pub(crate) fn find(
        tx: &mut ReadTx<'_>,
        subject: SubjectId,
        lifetime: &LifetimeName,
    ) -> Result<Self, AppError> {
        let last_value = retention::last_row(tx, Rows::Values, &subject)?;
        let last_record = retention::last_row(tx, Rows::Records, &subject)?;
        Ok(Self { subject, lifetime: lifetime.clone(), last_value, last_record })
    }

    /// Deletes up to a chunk of rows after `after` whose key is gone; rows that were sealed since
    /// under a new key stay. Answers where to go on.
    ///
    /// The rows are looked at before the keys: whatever is seen was sealed under a key that the
    /// later look finds, unless that one ended too.
    fn chunk(&self, tx: &mut Tx<'_>, core: &Core, at: &At) -> Result<Option<At>, AppError> {
        let last = match at.rows {
            Rows::Values => self.last_value.as_deref(),
            Rows::Records => self.last_record.as_deref(),
        };
        let whose = (&self.subject, &self.lifetime);
        let span = (at.after.as_str(), last.unwrap_or_default());
        let seen = retention::rows_of_lifetime(tx, at.rows, whose, span, CHUNK_ROWS)?;
        let keys = open_keys(tx, core, self.subject, KeyPart::Person)?;
        let has_ended = |head: &[u8]| keys.as_ref().is_none_or(|keys| keys.has_ended(&self.lifetime, head));
        let gone: Vec<&String> = seen.iter().filter(|(_, head)| has_ended(head)).map(|(id, _)| id).collect();
        retention::delete_rows(tx, at.rows, &self.subject, &gone)?;
        Ok(match (seen.last(), at.rows) {
            (Some((id, _)), rows) => Some(At { rows, after: id.clone() }),
            (None, Rows::Values) => Some(At { rows: Rows::Records, after: String::new() }),
            (None, Rows::Records) => None,
        })
    }
}

/// How far a sweep is.
#[derive(Debug, Clone)]
struct At {
    rows: Rows,
    after: String,
}

/// Adds the job that deletes these rows, in the transaction that destroyed their keys.
pub(crate) fn add_sweep(
    tx: &mut Tx<'_>,
    job: &JobId,
    ended: Vec<EndedRows>,
    now: Timestamp,
) -> Result<(), AppError> {
    if ended.is_empty() {
        return Ok(());
    }
    let body = serde_json::to_string(&LifetimeSweep { ended })
        .map_err(|_| AppError::Internal("a job does not serialise"))?;
    Ok(jobs::add(tx, job, LIFETIME_SWEEP, &body, now)?)
}

/// Deletes rows of ended lifetimes for one turn. `false`: there is more to do. Like [`sweep`], it
/// can be killed and run twice.
pub(crate) async fn sweep_lifetimes(controller: &Controller, job: &LifetimeSweep) -> Result<bool, AppError> {
    let mut turns = CHUNKS_PER_TURN;
    for ended in &job.ended {
        let mut at = Some(At { rows: Rows::Values, after: String::new() });
        while let Some(here) = at {
            if turns == 0 {
                return Ok(false);
            }
            turns -= 1;
            let (ended, core) = (ended.clone(), controller.core());
            let work = move |tx: &mut Tx<'_>| ended.chunk(tx, &core, &here);
            at = controller.db.write_long("retention.sweep_lifetime", work).await?;
        }
    }
    Ok(true)
}
