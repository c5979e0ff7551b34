//! Opening an epoch, and making sure at the start that store and keys agree.

use std::sync::Arc;

use keys::{EpochKey, KeyRing};
use model::{Actor, Timestamp};
use store::key_epoch::{self, EpochRow};
use store::{Tx, key_epoch::PastEpoch};

use super::{blocking, destroy, place, policy_version, record};
use crate::controller::Controller;
use crate::error::AppError;

/// How the key folder is named among the places that hold a copy.
pub(super) const FOLDER: &str = "folder";

/// Opens the next epoch: from now on everything is wrapped under a new key, which every keeper
/// that is here has taken. Says its number.
///
/// The key is on disk before the store knows of the epoch, and the store before anything is
/// wrapped under it; a process that dies in between finishes at its next start.
///
/// # Errors
/// `keys-wait` when the root key or the key folder is away; `epoch-raced` when another node
/// opened an epoch of that number under another key.
pub async fn open_next(controller: &Controller, actor: &Actor) -> Result<u32, AppError> {
    let place = place(controller)?;
    let _turn = place.turn.lock().await;
    let core = controller.core();
    let number = core.keys.current_epoch().number().saturating_add(1);
    let folder = place.folder.clone();
    let made = blocking(move || folder.make_epoch(number)).await?;
    let key = Arc::new(made.map_err(|error| AppError::conflict("keys-wait", error.to_string()))?);
    fault::point("epochs.after-key");
    let (opened, now) = (row(&key, controller.now()), controller.now());
    let (actor, version) = (actor.clone(), policy_version(controller));
    let is_ours = controller
        .db
        .write("epochs.open", move |tx| {
            if key_epoch::open(tx, &opened)? {
                key_epoch::expect_copy(tx, opened.epoch, FOLDER)?;
                key_epoch::taken(tx, opened.epoch, FOLDER, now)?;
                record(tx, (&actor, version), ("epoch-opened", opened.epoch), now)?;
                return Ok::<_, AppError>(true);
            }
            let stored = key_epoch::all(tx)?.into_iter().find(|row| row.epoch == opened.epoch);
            Ok(stored.is_some_and(|stored| stored.commitment == opened.commitment))
        })
        .await?;
    if !is_ours {
        return Err(AppError::conflict(
            "epoch-raced",
            format!("another node opened epoch {number} under another key: give all nodes one key folder"),
        ));
    }
    fault::point("epochs.after-row");
    core.keys.add_epoch(key);
    destroy::supply(controller, &place).await?;
    Ok(number)
}

/// What the store and the keys in memory have to do to agree.
pub(crate) struct Settled {
    /// Epochs that are closed: their keys wait for destruction and are used no more.
    pub(crate) forget: Vec<u32>,
}

/// Holds the keys against the store: every epoch of the store has the key that it was opened
/// with, an opening that was cut off is finished, and what is closed is used no more.
///
/// # Errors
/// `epoch-key-missing` and `epoch-key-differs`, naming the epoch and what to do.
pub(crate) fn settle(tx: &mut Tx<'_>, ring: &KeyRing, now: Timestamp) -> Result<Settled, AppError> {
    let (stored, past) = (key_epoch::all(tx)?, key_epoch::past(tx)?);
    for row in &stored {
        let number = number_of(row.epoch)?;
        let Some(key) = ring.find_epoch(number) else {
            return Err(AppError::conflict(
                "epoch-key-missing",
                format!(
                    "people's keys hang on epoch {number}, whose key is not in the key folder: put it back from a keeper's copy"
                ),
            ));
        };
        if key.commitment().as_slice() != row.commitment {
            return Err(AppError::conflict(
                "epoch-key-differs",
                format!(
                    "the key of epoch {number} in the key folder is not the one that this store was opened with"
                ),
            ));
        }
    }
    let known = highest(&stored, &past);
    let mut forget = Vec::new();
    for number in ring.epochs() {
        let epoch = i64::from(number);
        if stored.iter().any(|row| row.epoch == epoch) {
            continue;
        }
        let Some(key) = ring.epoch(number).filter(|_| epoch > known) else {
            forget.push(number);
            continue;
        };
        key_epoch::open(tx, &row(&key, now))?;
        key_epoch::expect_copy(tx, epoch, FOLDER)?;
        key_epoch::taken(tx, epoch, FOLDER, now)?;
        if known > 0 {
            record(tx, (&super::job(), 0), ("epoch-opened", epoch), now)?;
        }
    }
    Ok(Settled { forget })
}

fn row(key: &EpochKey, opened: Timestamp) -> EpochRow {
    EpochRow { epoch: i64::from(key.number()), opened, commitment: key.commitment().to_vec() }
}

fn highest(stored: &[EpochRow], past: &[PastEpoch]) -> i64 {
    let numbers = stored.iter().map(|row| row.epoch).chain(past.iter().map(|row| row.epoch));
    numbers.max().unwrap_or_default()
}

/// An epoch's number as keys know it.
pub(super) fn number_of(epoch: i64) -> Result<u32, AppError> {
    u32::try_from(epoch).map_err(|_| AppError::Internal("the number of an epoch"))
}
