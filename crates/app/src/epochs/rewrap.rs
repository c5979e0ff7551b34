//! Re-wrapping: every key record that hangs on an earlier epoch is wrapped under the current one.
//!
//! INVARIANT(rewrap-updates): a record is replaced only if it is still, byte for byte, the one
//! that was read, and nothing is ever inserted. So a key that somebody destroys meanwhile stays
//! destroyed, and a change that somebody makes meanwhile stays made. Nobody's row is taken:
//! readers and writers do not notice.

use std::collections::BTreeSet;

use keys::{RecordError, RecordPart};
use model::SubjectId;
use store::key_epoch::{self, Hanging, Moved};
use store::key_record::KeyPart;

use super::blocking;
use crate::controller::{Controller, Core};
use crate::error::AppError;

/// Records that are read at once.
const PAGE_RECORDS: usize = 16_384;
/// Records that one transaction writes: few, so that nobody waits long for the one before theirs.
const CHUNK_RECORDS: usize = 256;
/// Damaged records after which re-wrapping stops: the store or the keys are not what they were.
const DAMAGED_MAX: usize = 1_000;

/// How far re-wrapping is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Records wrapped anew so far.
    pub done: u64,
    /// Records that hung on earlier epochs at the beginning.
    pub total: u64,
}

/// What re-wrapping came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Rewrapped {
    /// Records wrapped anew.
    pub moved: u64,
    /// Records that are not authentic: they stay where they are, and their epoch with them.
    pub damaged: u64,
}

/// Wraps every record anew that hangs on an earlier epoch. What was done before a crash is done;
/// calling it again goes on.
///
/// # Errors
/// When the store fails.
pub async fn rewrap(
    controller: &Controller,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Rewrapped, AppError> {
    let current = i64::from(controller.core().keys.current_epoch().number());
    let earlier: Vec<(i64, i64)> = controller.db.read_long("epochs.count", key_epoch::keys).await?;
    let earlier: Vec<_> = earlier.into_iter().filter(|(epoch, _)| *epoch < current).collect();
    let total = earlier.iter().map(|(_, keys)| u64::try_from(*keys).unwrap_or_default()).sum();
    let mut so_far = Rewrapped::default();
    on_progress(Progress { done: 0, total });
    for (epoch, _) in earlier {
        let mut damaged = Damaged::new();
        while damaged.len() < DAMAGED_MAX {
            let limit = i64::try_from(PAGE_RECORDS + damaged.len()).unwrap_or(i64::MAX);
            let page = controller
                .db
                .read_long("epochs.page", move |tx| key_epoch::hanging(tx, epoch, limit))
                .await?;
            let mut page: Vec<Hanging> =
                page.into_iter().filter(|record| !damaged.contains(&key(record))).collect();
            if page.is_empty() {
                break;
            }
            while !page.is_empty() {
                let rest = page.split_off(CHUNK_RECORDS.min(page.len()));
                so_far.moved += chunk(controller, std::mem::replace(&mut page, rest), &mut damaged).await?;
                on_progress(Progress { done: so_far.moved, total: total.max(so_far.moved) });
            }
        }
        if !damaged.is_empty() {
            tracing::error!(
                epoch,
                damaged = damaged.len(),
                "key records do not open and keep their epoch open"
            );
        }
        so_far.damaged += damaged.len() as u64;
    }
    Ok(so_far)
}

/// Records that do not open, by person and part.
type Damaged = BTreeSet<(SubjectId, &'static str)>;

fn key(record: &Hanging) -> (SubjectId, &'static str) {
    (record.subject, part_of(record).code())
}

fn part_of(record: &Hanging) -> RecordPart {
    match record.part {
        KeyPart::Person => RecordPart::Person,
        KeyPart::Evidence => RecordPart::Evidence,
    }
}

/// Wraps some records anew and stores them; says how many took their place.
async fn chunk(
    controller: &Controller,
    records: Vec<Hanging>,
    damaged: &mut Damaged,
) -> Result<u64, AppError> {
    let core = controller.core();
    let (moved, bad) = blocking(move || wrap(&core, records)).await?;
    damaged.extend(bad);
    if moved.is_empty() {
        return Ok(0);
    }
    let done =
        controller.db.write_long("epochs.rewrap", move |tx| key_epoch::move_records(tx, &moved)).await?;
    fault::point("epochs.amid-rewrap");
    Ok(done)
}

fn wrap(core: &Core, records: Vec<Hanging>) -> (Vec<Moved>, Damaged) {
    let (mut moved, mut bad) = (Vec::with_capacity(records.len()), Damaged::new());
    for from in records {
        match core.keys.rewrap(from.subject, part_of(&from), &from.body) {
            Ok(Some(wrapped)) => {
                moved.push(Moved { from, epoch: i64::from(wrapped.epoch), body: wrapped.body })
            }
            // Its column names another epoch than its bytes: somebody wrote to the store.
            Ok(None)
            | Err(RecordError::UnknownFormat | RecordError::UnknownEpoch(_) | RecordError::NotAuthentic) => {
                bad.insert(key(&from));
            }
            Err(_) => {
                bad.insert(key(&from));
            }
        }
    }
    (moved, bad)
}
