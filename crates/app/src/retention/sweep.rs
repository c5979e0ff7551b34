//! Deleting the rows that an erasure left behind, unreadable already, in small steps.

use model::{LifetimeName, SubjectId};
use serde::{Deserialize, Serialize};
use store::{DbError, Tx, identity, ledger, retention, vault};

use crate::controller::Controller;
use crate::error::AppError;

/// The kind of the job.
pub(crate) const SWEEP: &str = "sweep";

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
