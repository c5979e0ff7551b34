//! `steward keys`: the keys of a controller, their epochs and keepers.

use anyhow::bail;
use app::Controller;
use app::epochs::{self, EpochStatus, Progress, Rewrapped, Status};
use clap::Subcommand;
use keys::KeyFolder;
use ledger::SignerKey;
use model::Actor;
use serde_json::json;

use super::failure::{Ended, usage};
use super::output::Out;
use super::session::{Opened, Session};
use crate::config::StoreKind;

/// Epochs of the past that are shown to people.
const PAST_SHOWN: usize = 5;

/// The keys of a controller
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make new keys, in the key folder of the configuration
    ///
    /// Keys are never written over. The first start of a new store makes them too; this
    /// command is for making them beforehand, on another medium say. Keep a copy of the root
    /// key in a safe place, and never in a backup of the data.
    ///
    /// Example: steward keys init --controller main
    Init,
    /// Say whether the keys open, which log they sign, where each epoch stands and what it waits for
    ///
    /// Ends with 1 while an epoch is late: then people who were erased can still be read in old
    /// copies, although the day that they were promised has passed.
    ///
    /// Example: steward keys status
    Status,
    /// Open the next epoch now, wrap all keys anew under it, and destroy the old epoch's key
    ///
    /// A running server does this by itself every `epoch_days` days. Nobody waits meanwhile, and
    /// what is cut off is continued. From its end on, nobody who was erased before it can be read
    /// in any copy of the data, wherever it lies.
    ///
    /// Example: steward keys rotate
    Rotate,
    /// Go on with what earlier epochs wait for: wrap keys anew, close, destroy
    ///
    /// Example: steward keys re-wrap
    ReWrap,
    /// Make the folder of a keeper one, and give it the keys
    ///
    /// A keeper holds a second copy of every key but the root key, on another machine or medium.
    /// Its folder bears a mark, so that a mount point without its medium is not taken for it.
    ///
    /// Example: steward keys keeper safe
    Keeper {
        /// Its name in the configuration
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// `steward keys init`.
pub(crate) fn init(session: &Session) -> anyhow::Result<Ended> {
    let config = session.config()?;
    let block = session.block(&config)?;
    let path = config.keys_of(block);
    let ring = KeyFolder::at(&path).init()?;
    let signer = SignerKey::from_seed(block.origin.as_str(), ring.log_seed())?;
    let (epoch, log_key) = (ring.current_epoch().number(), signer.verifier().to_string());
    let out = session.out;
    out.json(&json!({ "folder": path, "exist": true, "epoch": epoch, "log_key": log_key }));
    out.say(format!("Made new keys in {}: copy the root key to a safe place.", path.display()));
    out.facts([("epoch", &epoch.to_string()), ("log key", &log_key)]);
    Ok(Ended::Done)
}

impl KeysCommand {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let config = session.config()?;
        let block = session.block(&config)?;
        let path = config.keys_of(block);
        let is_new = block.store == StoreKind::Sqlite && !config.data_of(block).join("steward.db").exists();
        if is_new {
            // Looking must not make a store.
            return without_store(session, &KeyFolder::at(&path), &self);
        }
        let opened = session.open().await?;
        let ended = match self {
            Self::Init => Ok(Ended::Usage),
            Self::Status => status(out, &opened).await,
            Self::Rotate => rotate(out, opened.controller()).await,
            Self::ReWrap => finish(out, opened.controller()).await,
            Self::Keeper { name } => keeper(out, opened.controller(), &name).await,
        };
        opened.close().await?;
        ended
    }
}

/// What can be said of keys that no store uses yet.
fn without_store(session: &Session, folder: &KeyFolder, asked: &KeysCommand) -> anyhow::Result<Ended> {
    let (out, config) = (session.out, session.config()?);
    let block = session.block(&config)?;
    let path = config.keys_of(block);
    if !matches!(asked, KeysCommand::Status) {
        bail!("there is no store yet whose keys these would be: start with `steward apply`");
    }
    if !folder.exists() {
        out.json(&json!({ "folder": path, "exist": false }));
        out.say(format!("No keys in {} yet.", path.display()));
        return Ok(Ended::Refused);
    }
    let ring = folder.open()?;
    let log_key = SignerKey::from_seed(block.origin.as_str(), ring.log_seed())?.verifier().to_string();
    let epoch = ring.current_epoch().number();
    out.json(&json!({ "folder": path, "exist": true, "epoch": epoch, "log_key": log_key }));
    out.say(format!("The keys in {} open; no store uses them yet.", path.display()));
    out.facts([("epoch", &epoch.to_string()), ("log key", &log_key)]);
    Ok(Ended::Done)
}

async fn status(out: Out, opened: &Opened) -> anyhow::Result<Ended> {
    let controller = opened.controller();
    let status = epochs::status(controller).await?;
    let log_key = controller.core().signer.verifier().to_string();
    out.json(&json!({ "exist": true, "epoch": status.current, "log_key": log_key, "epochs": status }));
    out.say(format!("The keys open. Everything is written under epoch {}.", status.current));
    out.facts([("log key", &log_key), ("next epoch", &status.next.to_string())]);
    show(out, &status);
    Ok(if status.is_late { Ended::Refused } else { Ended::Done })
}

async fn rotate(out: Out, controller: &Controller) -> anyhow::Result<Ended> {
    let number = epochs::open_next(controller, &Actor::Operator).await?;
    out.say(format!("Epoch {number} is open: new keys hang on it."));
    finish(out, controller).await
}

async fn finish(out: Out, controller: &Controller) -> anyhow::Result<Ended> {
    let bar = out.bar("re-wrapping", Some(0));
    let mut moving = |step: Progress| {
        bar.set_length(step.total);
        bar.set_position(step.done);
    };
    let finished = epochs::finish(controller, &Actor::Operator, &mut moving).await;
    bar.finish_and_clear();
    let Rewrapped { moved, damaged } = finished?;
    let status = epochs::status(controller).await?;
    out.json(&json!({ "moved": moved, "damaged": damaged, "epochs": status }));
    out.say(format!("{moved} key records wrapped anew."));
    if damaged > 0 {
        out.say(format!("{damaged} key records are damaged and stay; their epoch stays open with them."));
    }
    show(out, &status);
    Ok(if damaged > 0 { Ended::Refused } else { Ended::Done })
}

async fn keeper(out: Out, controller: &Controller, name: &str) -> anyhow::Result<Ended> {
    let place = controller.key_place();
    let keepers = place.as_ref().map(|place| place.keepers.as_slice()).unwrap_or_default();
    let Some(keeper) = keepers.iter().find(|keeper| keeper.name() == name).cloned() else {
        return Err(usage(
            format!("the configuration names no keeper `{name}`"),
            "a block `[[controllers.keepers]]` with its name and folder",
        ));
    };
    let (marked, log_key) = (keeper.clone(), controller.core().signer.verifier().to_string());
    tokio::task::spawn_blocking(move || marked.mark(&log_key)).await??;
    out.say(format!("{} keeps the keys from now on.", keeper.folder().display()));
    finish(out, controller).await
}

fn show(out: Out, status: &Status) {
    let over = status.epochs.iter().filter(|epoch| epoch.over.is_some()).count();
    let shown = status.epochs.iter().skip(over.saturating_sub(PAST_SHOWN));
    out.table(["epoch", "state", "keys", "opened", "over", "waits for"], shown.map(row));
    for keeper in &status.keepers {
        match &keeper.trouble {
            None => out.say(format!("keeper `{}` is here", keeper.name)),
            Some(why) => out.say(why),
        }
    }
    if status.keepers.is_empty() {
        out.say("No keeper: the key folder is the only place of these keys.");
    }
    if status.is_late {
        out.say("Late: people who were erased can still be read in old copies.");
    }
}

fn row(epoch: &EpochStatus) -> [String; 6] {
    let waiting: Vec<_> = epoch.waiting.iter().map(ToString::to_string).collect();
    let late = if epoch.is_late { " (late)" } else { "" };
    [
        epoch.number.to_string(),
        format!("{}{late}", epoch.state.code()),
        epoch.keys.to_string(),
        epoch.opened.to_string(),
        epoch.over.map(|over| over.to_string()).unwrap_or_default(),
        waiting.join(", "),
    ]
}
