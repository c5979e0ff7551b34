//! Epochs: every so many days all living keys are wrapped under a new epoch key, and the old
//! one is destroyed in every place that holds it. From then on whoever was erased meanwhile is
//! unreadable in every copy that was ever made.
//!
//! Each step is an act of its own that can be cut off and done again: open the next epoch,
//! re-wrap, close the old ones, destroy their keys. Readers and writers never wait for any.

mod destroy;
mod open;
mod rewrap;
mod status;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use keys::{Keeper, KeyFolder};
use model::{Actor, Entry, EntryId, EntryKind, Timestamp};
use store::Tx;
use tokio::sync::Mutex;

use crate::controller::Controller;
use crate::error::AppError;
use crate::recorder::Recorder;
use gate::Record as _;

pub use open::open_next;
pub(crate) use open::settle;
pub use rewrap::{Progress, Rewrapped, rewrap};
pub use status::{EpochState, EpochStatus, KeeperStatus, Status, Waiting, status};

/// How long an epoch lasts where nothing else is said, in days.
pub const EPOCH_DAYS: u16 = 30;
/// After how many days an old epoch that is not over, or a current one that should have been
/// followed, is late: whoever was erased is promised a day.
pub const LATE_DAYS: i64 = 3;

/// Where backups of keys go: an epoch's key is destroyed only when a backup under its successor
/// has been read back from every destination.
pub trait KeyBackups: Send + Sync {
    /// The names of the destinations from which no key backup under this epoch, or a later one,
    /// has been read back yet. With no destination there is nothing to wait for.
    fn missing(&self, epoch: u32) -> Vec<String>;
}

/// Where a controller's keys lie, and how long its epochs last.
pub struct KeyPlace {
    /// The key folder.
    pub folder: KeyFolder,
    /// Who holds a second copy.
    pub keepers: Vec<Keeper>,
    /// How long an epoch lasts, in days.
    pub epoch_days: u16,
    /// The destinations of key backups; none: there is no destination.
    pub backups: Option<Arc<dyn KeyBackups>>,
    /// Held by whoever opens, closes or destroys in this process.
    turn: Mutex<()>,
    seen: Seen,
}

/// What the last look came to, for metrics.
#[derive(Default)]
struct Seen {
    is_late: AtomicBool,
    waiting: AtomicU32,
}

impl KeyPlace {
    /// A key folder without keepers and backups, whose epochs last [`EPOCH_DAYS`].
    #[must_use]
    pub fn new(folder: KeyFolder) -> Self {
        let (turn, seen) = (Mutex::default(), Seen::default());
        Self { folder, keepers: Vec::new(), epoch_days: EPOCH_DAYS, backups: None, turn, seen }
    }

    /// Whether an epoch was late when it was last looked at.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.seen.is_late.load(Ordering::Relaxed)
    }

    /// How many epochs were not over yet, beside the current one, when it was last looked at.
    #[must_use]
    pub fn epochs_waiting(&self) -> u32 {
        self.seen.waiting.load(Ordering::Relaxed)
    }
}

/// Does what is due: opens the next epoch when the current one has lasted its days, and takes
/// every step that old ones wait for. What cannot be done now is told in the answer, and is
/// done by a later turn.
///
/// # Errors
/// When the store fails.
pub async fn turn(controller: &Controller) -> Result<Status, AppError> {
    let place = place(controller)?;
    let job = job();
    let before = status(controller).await?;
    if before.next <= controller.now()
        && let Err(error) = open_next(controller, &job).await
    {
        tracing::warn!(%error, "the next epoch cannot be opened now and is tried again");
    }
    finish(controller, &job, &mut |_| {}).await?;
    let after = status(controller).await?;
    let waiting = after.epochs.iter().filter(|epoch| !epoch.state.is_settled()).count();
    place.seen.waiting.store(u32::try_from(waiting).unwrap_or(u32::MAX), Ordering::Relaxed);
    place.seen.is_late.store(after.is_late, Ordering::Relaxed);
    if after.is_late {
        tracing::error!(
            waiting = %after.words(),
            "an epoch is late: people who were erased can still be read in old copies; see `steward keys status`"
        );
    }
    Ok(after)
}

/// Takes every step that old epochs wait for, as far as it can be taken now: re-wraps, closes
/// and destroys, and gives keepers what they lack.
///
/// # Errors
/// When the store fails.
pub async fn finish(
    controller: &Controller,
    actor: &Actor,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Rewrapped, AppError> {
    let place = place(controller)?;
    let _turn = place.turn.lock().await;
    let rewrapped = rewrap(controller, on_progress).await?;
    destroy::close(controller, actor).await?;
    destroy::supply(controller, &place).await?;
    destroy::destroy(controller, &place, actor).await?;
    Ok(rewrapped)
}

/// Where the controller's keys lie.
fn place(controller: &Controller) -> Result<Arc<KeyPlace>, AppError> {
    let lacking =
        || AppError::conflict("no-key-folder", "the keys are in memory only: epochs need a key folder");
    controller.key_place().ok_or_else(lacking)
}

/// The actor of what nobody asked for.
fn job() -> Actor {
    Actor::Job("epochs".to_owned())
}

/// Records a step of an epoch, which `request` names: `epoch-opened:2`.
fn record(
    tx: &mut Tx<'_>,
    (actor, version): (&Actor, u32),
    (step, epoch): (&str, i64),
    now: Timestamp,
) -> Result<(), AppError> {
    let mut entry = Entry::new(EntryId::random(), EntryKind::Operation, now, actor.clone(), version);
    entry.request = Some(format!("{step}:{epoch}"));
    Recorder::about_nobody(tx).record(&entry).map(|_| ())
}

/// The version of the manifest in force, for entries; 0 before the first.
fn policy_version(controller: &Controller) -> u32 {
    controller.in_force().map_or(0, |in_force| in_force.policy.version())
}

/// Runs what may block, such as a file of a medium that is being woken.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| AppError::Internal("work on the keys ended early"))
}
