//! What a command works with: the configuration, and the controller it means.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::Controller;
use app::ledger::{LogFolder, Sequencer};
use ledger::SignerKey;
use model::SystemClock;

use super::output::Out;
use crate::config::{Config, ControllerConfig, StoreKind};
use crate::installation::{Hosted, Installation};

/// The file that is looked for where none is named.
const CONFIG_FILE: &str = "steward.toml";
/// How many folders above this one may hold it.
const FOLDERS_ABOVE_MAX: usize = 16;

/// What every command is given.
pub(crate) struct Session {
    config: Option<PathBuf>,
    is_given: bool,
    /// What the server has open in which the command runs.
    within: Option<(Config, Arc<Installation>)>,
    controller: Option<String>,
    /// Where answers go.
    pub(crate) out: Out,
}

/// A controller, opened. The data folder is taken while this lives.
pub(crate) struct Opened {
    /// The controller with its places.
    pub(crate) hosted: Arc<Hosted>,
    /// Whether this process alone writes the log, so that it may publish what it wrote.
    publishes: bool,
    _installation: Arc<Installation>,
}

impl Session {
    pub(crate) fn new(config: Option<&Path>, controller: Option<String>, out: Out) -> Self {
        let is_given = config.is_some();
        let config = config.map(Path::to_owned).or_else(nearest_config);
        Self { config, is_given, within: None, controller, out }
    }

    /// The session of a command that runs within a server.
    pub(crate) const fn within(
        config: Config,
        installation: Arc<Installation>,
        controller: Option<String>,
        out: Out,
    ) -> Self {
        Self { config: None, is_given: false, within: Some((config, installation)), controller, out }
    }

    /// The configuration.
    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        if let Some((config, _)) = &self.within {
            return Ok(config.clone());
        }
        Ok(self.config.as_deref().map(Config::load).transpose()?.unwrap_or_default())
    }

    /// The block of the controller that is meant.
    pub(crate) fn block<'c>(&self, config: &'c Config) -> anyhow::Result<&'c ControllerConfig> {
        Ok(config.controller(self.controller.as_deref())?)
    }

    /// The controller's block, where a configuration was named on purpose.
    pub(crate) fn given_store(&self) -> anyhow::Result<Option<ControllerConfig>> {
        if !self.is_given {
            return Ok(None);
        }
        let config = self.config()?;
        Ok(Some(self.block(&config)?.clone()))
    }

    /// Takes the data folder and opens the controller that is meant.
    pub(crate) async fn open(&self) -> anyhow::Result<Opened> {
        let config = self.config()?;
        let block = self.block(&config)?;
        let installation = match &self.within {
            Some((_, installation)) => Arc::clone(installation),
            None => Arc::new(Installation::open(&config, Arc::new(SystemClock)).await?),
        };
        let hosted = installation.named(block.name.as_str()).cloned();
        let hosted = hosted.ok_or_else(|| anyhow::anyhow!("the controller did not open"))?;
        // The server publishes what is written in it.
        let publishes = self.within.is_none() && block.store == StoreKind::Sqlite;
        Ok(Opened { hosted, publishes, _installation: installation })
    }
}

impl Opened {
    /// Whether this process alone writes the log: nobody else is about to publish.
    pub(crate) const fn owns_log(&self) -> bool {
        self.publishes
    }

    pub(crate) fn controller(&self) -> &Controller {
        &self.hosted.controller
    }

    /// Ends the command's work: gives its entries their places in the log and publishes them.
    /// On PostgreSQL a running server may be doing that, and nobody takes the log from it.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        if !self.publishes {
            return Ok(());
        }
        let controller = self.hosted.controller.clone();
        let folder = self.hosted.ledger.clone();
        tokio::task::spawn_blocking(move || {
            let core = controller.core();
            let name = core.signer.verifier().name().to_owned();
            let signer = SignerKey::from_seed(name, core.keys.log_seed())?;
            let log = LogFolder::create(folder)?;
            Sequencer::take_over(controller.db.clone(), log, Arc::new(signer), controller.clock())?
                .flush()?;
            Ok(())
        })
        .await?
    }
}

/// The configuration in this folder, or in the nearest one above it.
fn nearest_config() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .take(FOLDERS_ABOVE_MAX)
        .map(|folder| folder.join(CONFIG_FILE))
        .find(|file| file.is_file())
}
