//! Where every epoch stands, and what it waits for.

use std::collections::BTreeMap;

use model::Timestamp;
use serde::Serialize;
use store::key_epoch::{self, EpochRow, PastEpoch};

use super::destroy::{Known, ask};
use super::open::number_of;
use super::{KeyPlace, LATE_DAYS, place};
use crate::controller::Controller;
use crate::error::AppError;

/// All epochs of a controller, and its keepers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The number of the epoch under which everything is written.
    pub current: u32,
    /// When the next one is due.
    pub next: Timestamp,
    /// Every epoch, by number.
    pub epochs: Vec<EpochStatus>,
    /// The keepers of the configuration.
    pub keepers: Vec<KeeperStatus>,
    /// Whether an epoch should have been followed or be over by now.
    pub is_late: bool,
}

/// One epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EpochStatus {
    /// Its number.
    pub number: u32,
    /// How far it is.
    pub state: EpochState,
    /// Key records that hang on it.
    pub keys: u64,
    /// When it was opened.
    pub opened: Timestamp,
    /// When the last key had left it.
    pub closed: Option<Timestamp>,
    /// When the last copy of its key was destroyed.
    pub over: Option<Timestamp>,
    /// What it waits for.
    pub waiting: Vec<Waiting>,
    /// Whether it should be over, or followed, by now.
    pub is_late: bool,
}

/// How far an epoch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EpochState {
    /// Everything is written under it.
    Current,
    /// Keys still hang on it, or it was not closed yet.
    Leaving,
    /// No key hangs on it, and its own key is not destroyed everywhere.
    Closed,
    /// Its key is destroyed: nothing wrapped under it ever opens again.
    Over,
}

/// What an epoch waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "for")]
pub enum Waiting {
    /// Keys hang on it: `steward keys re-wrap`.
    Keys {
        /// How many.
        count: u64,
    },
    /// It is closed by the next turn: other nodes may still follow.
    Turn,
    /// A keeper has not taken the current epoch's key.
    KeeperTakes {
        /// Its name.
        keeper: String,
    },
    /// No key backup under the current epoch was read back from a destination.
    KeyBackup {
        /// Its name.
        destination: String,
    },
    /// A keeper has not confirmed that its copy is destroyed.
    KeeperDestroys {
        /// Its name.
        keeper: String,
    },
    /// The key folder's own copy is not destroyed yet.
    FolderDestroys,
}

/// One keeper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeeperStatus {
    /// Its name.
    pub name: String,
    /// Why it does not answer; none: it is here.
    pub trouble: Option<String>,
}

impl EpochState {
    /// Whether nothing is left to be done about it now.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Current | Self::Over)
    }

    /// The word for people and machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Leaving => "leaving",
            Self::Closed => "closed",
            Self::Over => "over",
        }
    }
}

impl std::fmt::Display for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Keys { count } => write!(f, "{count} keys to be re-wrapped"),
            Self::Turn => write!(f, "the next turn, which closes it"),
            Self::KeeperTakes { keeper } => write!(f, "keeper `{keeper}` to take the current key"),
            Self::KeyBackup { destination } => write!(f, "a key backup read back from `{destination}`"),
            Self::KeeperDestroys { keeper } => write!(f, "keeper `{keeper}` to confirm destruction"),
            Self::FolderDestroys => write!(f, "the key folder's own copy to be destroyed"),
        }
    }
}

impl Status {
    /// What is waited for, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let unsettled = self.epochs.iter().filter(|epoch| !epoch.waiting.is_empty());
        let words: Vec<_> = unsettled
            .map(|epoch| {
                let waiting: Vec<_> = epoch.waiting.iter().map(ToString::to_string).collect();
                format!("epoch {}: {}", epoch.number, waiting.join(", "))
            })
            .collect();
        words.join("; ")
    }
}

/// Where every epoch stands.
///
/// # Errors
/// When the store fails.
pub async fn status(controller: &Controller) -> Result<Status, AppError> {
    let place = place(controller)?;
    let known = Known::read(controller).await?;
    let keys = controller.db.read_long("epochs.count", key_epoch::keys).await?;
    let keys: BTreeMap<i64, u64> =
        keys.into_iter().map(|(epoch, count)| (epoch, u64::try_from(count).unwrap_or_default())).collect();
    let mut keepers = Vec::new();
    for keeper in &place.keepers {
        let here = ask(controller, keeper, |keeper, key| keeper.check(key)).await?;
        keepers.push(KeeperStatus { name: keeper.name().to_owned(), trouble: here.err() });
    }
    build(&known, &keys, &place, keepers, controller.now())
}

fn build(
    known: &Known,
    keys: &BTreeMap<i64, u64>,
    place: &KeyPlace,
    keepers: Vec<KeeperStatus>,
    now: Timestamp,
) -> Result<Status, AppError> {
    let current = known.epochs.last().ok_or(AppError::Internal("the store has no epoch"))?;
    let next = current.opened.plus_days(i64::from(place.epoch_days));
    let mut epochs = Vec::new();
    for past in &known.past {
        epochs.push(of_past(known, past, place)?);
    }
    for epoch in &known.epochs {
        let count = keys.get(&epoch.epoch).copied().unwrap_or_default();
        epochs.push(of_open(epoch, count, epoch.epoch == current.epoch)?);
    }
    epochs.sort_by_key(|epoch| epoch.number);
    // An epoch should be over soon after its successor was opened.
    let followed: Vec<Timestamp> = epochs.iter().skip(1).map(|epoch| epoch.opened).collect();
    for (epoch, followed) in epochs.iter_mut().zip(followed) {
        epoch.is_late = !epoch.state.is_settled() && followed.plus_days(LATE_DAYS) < now;
    }
    if let Some(last) = epochs.last_mut() {
        last.is_late = next.plus_days(LATE_DAYS) < now;
    }
    let is_late = epochs.iter().any(|epoch| epoch.is_late);
    Ok(Status { current: number_of(current.epoch)?, next, epochs, keepers, is_late })
}

fn of_past(known: &Known, past: &PastEpoch, place: &KeyPlace) -> Result<EpochStatus, AppError> {
    let (state, waiting) = match past.over {
        Some(_) => (EpochState::Over, Vec::new()),
        None => {
            let mut waiting = known.before_destroying(place);
            waiting.extend(known.unconfirmed(past.epoch));
            (EpochState::Closed, waiting)
        }
    };
    Ok(EpochStatus {
        number: number_of(past.epoch)?,
        state,
        keys: 0,
        opened: past.opened,
        closed: Some(past.closed),
        over: past.over,
        waiting,
        is_late: false,
    })
}

fn of_open(epoch: &EpochRow, keys: u64, is_current: bool) -> Result<EpochStatus, AppError> {
    let (state, waiting) = match (is_current, keys) {
        (true, _) => (EpochState::Current, Vec::new()),
        (false, 0) => (EpochState::Leaving, vec![Waiting::Turn]),
        (false, count) => (EpochState::Leaving, vec![Waiting::Keys { count }]),
    };
    let number = number_of(epoch.epoch)?;
    let opened = epoch.opened;
    Ok(EpochStatus { number, state, keys, opened, closed: None, over: None, waiting, is_late: false })
}
