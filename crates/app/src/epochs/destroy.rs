//! Closing epochs on which no key hangs, and destroying their keys in every place.

use std::sync::Arc;
use std::time::Duration;

use keys::{Keeper, KeeperError};
use model::Actor;
use store::key_epoch::{self, CopyRow, EpochRow, PastEpoch};

use super::open::{FOLDER, number_of};
use super::status::Waiting;
use super::{KeyPlace, blocking, policy_version, record};
use crate::controller::Controller;
use crate::error::AppError;

/// How keepers are named among the places that hold a copy.
const KEEPER: &str = "keeper:";
/// How long a keeper may take to answer.
const KEEPER_SECONDS: Duration = Duration::from_secs(30);
/// How long after the next one was opened an epoch stays open where other nodes write to the
/// store too: they follow within a second, and no transaction of theirs lasts longer.
const NODES_SECONDS: i64 = 60;

/// What is known of all epochs.
pub(super) struct Known {
    pub(super) epochs: Vec<EpochRow>,
    pub(super) past: Vec<PastEpoch>,
    pub(super) copies: Vec<CopyRow>,
}

impl Known {
    pub(super) async fn read(controller: &Controller) -> Result<Self, AppError> {
        let read = controller.db.read("epochs.known", |tx| {
            let (epochs, past) = (key_epoch::all(tx)?, key_epoch::past(tx)?);
            Ok::<_, AppError>(Self { epochs, past, copies: key_epoch::copies(tx)? })
        });
        read.await
    }

    /// The copies of one epoch that are not known to be destroyed.
    fn living(&self, epoch: i64) -> impl Iterator<Item = &CopyRow> {
        self.copies.iter().filter(move |copy| copy.epoch == epoch && copy.destroyed.is_none())
    }

    /// Whether a place has confirmed its copy of an epoch's key.
    fn has_taken(&self, epoch: i64, place: &str) -> bool {
        self.copies.iter().any(|copy| copy.epoch == epoch && copy.place == place && copy.taken.is_some())
    }

    /// What must happen before the keys of closed epochs may be destroyed: the current epoch's
    /// key lies with every keeper, and its key backups were read back.
    pub(super) fn before_destroying(&self, place: &KeyPlace) -> Vec<Waiting> {
        let Some(current) = self.epochs.last() else { return Vec::new() };
        let lacking = place.keepers.iter().filter(|keeper| !self.has_taken(current.epoch, &place_of(keeper)));
        let mut waiting: Vec<_> =
            lacking.map(|keeper| Waiting::KeeperTakes { keeper: keeper.name().to_owned() }).collect();
        let number = u32::try_from(current.epoch).unwrap_or(u32::MAX);
        let missing = place.backups.as_ref().map(|backups| backups.missing(number)).unwrap_or_default();
        waiting.extend(missing.into_iter().map(|destination| Waiting::KeyBackup { destination }));
        waiting
    }

    /// Whose confirmation of destruction is still open for a closed epoch.
    pub(super) fn unconfirmed(&self, epoch: i64) -> Vec<Waiting> {
        let open = self.living(epoch).map(|copy| match copy.place.strip_prefix(KEEPER) {
            Some(keeper) => Waiting::KeeperDestroys { keeper: keeper.to_owned() },
            None => Waiting::FolderDestroys,
        });
        open.collect()
    }
}

/// Closes every earlier epoch on which no key hangs any more, and forgets its key.
pub(super) async fn close(controller: &Controller, actor: &Actor) -> Result<(), AppError> {
    let known = Known::read(controller).await?;
    let Some((current, earlier)) = known.epochs.split_last() else { return Ok(()) };
    let now = controller.now();
    if !controller.db.is_ours_alone() && now < current.opened.plus_seconds(NODES_SECONDS) {
        return Ok(());
    }
    for epoch in earlier {
        let (row, actor, version) = (epoch.clone(), actor.clone(), policy_version(controller));
        let closed = controller
            .db
            .write("epochs.close", move |tx| {
                if !key_epoch::close(tx, &row, now)? {
                    return Ok::<_, AppError>(false);
                }
                record(tx, (&actor, version), ("epoch-closed", row.epoch), now).map(|()| true)
            })
            .await?;
        if closed {
            fault::point("epochs.after-close");
            controller.core().keys.forget_epoch(number_of(epoch.epoch)?);
        }
    }
    Ok(())
}

/// Gives every keeper that is here the keys of the epochs that are not closed.
pub(super) async fn supply(controller: &Controller, place: &Arc<KeyPlace>) -> Result<(), AppError> {
    let known = Known::read(controller).await?;
    for keeper in &place.keepers {
        let name = place_of(keeper);
        for epoch in known.epochs.iter().filter(|epoch| !known.has_taken(epoch.epoch, &name)) {
            // Whoever may hold a copy is on the list before they do.
            let (number, listed) = (epoch.epoch, name.clone());
            controller
                .db
                .write("epochs.expect", move |tx| key_epoch::expect_copy(tx, number, &listed))
                .await?;
            let (folder, epoch) = (place.folder.clone(), number_of(number)?);
            let took = ask(controller, keeper, move |keeper, key| keeper.take(key, &folder, epoch)).await?;
            if let Err(why) = took {
                tracing::warn!(keeper = keeper.name(), "{why}");
                break;
            }
            fault::point("epochs.after-keeper");
            let (now, listed) = (controller.now(), name.clone());
            controller.db.write("epochs.taken", move |tx| key_epoch::taken(tx, number, &listed, now)).await?;
        }
    }
    Ok(())
}

/// Destroys the keys of closed epochs in every place, as far as each confirms it.
pub(super) async fn destroy(
    controller: &Controller,
    place: &Arc<KeyPlace>,
    actor: &Actor,
) -> Result<(), AppError> {
    let known = Known::read(controller).await?;
    if !known.before_destroying(place).is_empty() {
        return Ok(());
    }
    for past in known.past.iter().filter(|past| past.over.is_none()) {
        let mut is_over = true;
        for copy in known.living(past.epoch) {
            if let Err(why) = destroy_copy(controller, place, copy).await? {
                tracing::warn!(epoch = past.epoch, place = copy.place, "{why}");
                is_over = false;
                continue;
            }
            fault::point("epochs.after-destroying");
            let (epoch, name, now) = (copy.epoch, copy.place.clone(), controller.now());
            controller
                .db
                .write("epochs.destroyed", move |tx| key_epoch::destroyed(tx, epoch, &name, now))
                .await?;
        }
        if is_over {
            end(controller, past.epoch, actor).await?;
        }
    }
    Ok(())
}

/// Notes that an epoch is over: nobody holds its key any more.
async fn end(controller: &Controller, epoch: i64, actor: &Actor) -> Result<(), AppError> {
    let (actor, version, now) = (actor.clone(), policy_version(controller), controller.now());
    let ended = controller.db.write("epochs.end", move |tx| {
        if key_epoch::end(tx, epoch, now)? {
            record(tx, (&actor, version), ("epoch-over", epoch), now)?;
        }
        Ok::<_, AppError>(())
    });
    ended.await
}

/// Destroys one copy; the inner error says why it may still be there.
async fn destroy_copy(
    controller: &Controller,
    place: &Arc<KeyPlace>,
    copy: &CopyRow,
) -> Result<Result<(), String>, AppError> {
    let number = number_of(copy.epoch)?;
    let Some(name) = copy.place.strip_prefix(KEEPER) else {
        debug_assert_eq!(copy.place, FOLDER);
        let folder = place.folder.clone();
        let destroyed = blocking(move || folder.destroy_epoch(number)).await?;
        return Ok(destroyed.map_err(|error| error.to_string()));
    };
    let Some(keeper) = place.keepers.iter().find(|keeper| keeper.name() == name) else {
        return Ok(Err(format!(
            "the keeper `{name}` holds a copy but is not in the configuration any more: put it back until it has confirmed"
        )));
    };
    ask(controller, keeper, move |keeper, key| keeper.destroy(key, number)).await
}

/// Asks a keeper for something, for a limited time; the inner error says why it was not done.
pub(super) async fn ask(
    controller: &Controller,
    keeper: &Keeper,
    what: impl FnOnce(&Keeper, &str) -> Result<(), KeeperError> + Send + 'static,
) -> Result<Result<(), String>, AppError> {
    let (asked, key) = (keeper.clone(), controller.core().signer.verifier().to_string());
    let answer = tokio::time::timeout(KEEPER_SECONDS, blocking(move || what(&asked, &key))).await;
    Ok(match answer {
        Err(_) => Err(format!("the keeper `{}` does not answer", keeper.name())),
        Ok(answered) => answered?.map_err(|error| error.to_string()),
    })
}

fn place_of(keeper: &Keeper) -> String {
    format!("{KEEPER}{}", keeper.name())
}
