//! What this process hosts: the data folder, and each controller with its store, keys and log.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail, ensure};
use app::Controller;
use app::epochs::KeyPlace;
use connect::mail::Mailer;
use files::Folder;
use keys::{Keeper, KeyFolder, KeyRing};
use ledger::SignerKey;
use model::{Clock, ControllerName};
use store::{Db, DbConfig, FolderLock, MIGRATIONS, manifest};

use crate::config::{Config, ControllerConfig, KeeperConfig};

/// The setting by which a store knows its keys: the verifier key of its log, which is public.
const LOG_KEY: &str = "log_key";

/// One controller of this installation.
pub struct Hosted {
    /// Its name.
    pub name: ControllerName,
    /// Its store, keys and policy.
    pub controller: Controller,
    /// The folder of its log's files.
    pub ledger: PathBuf,
    /// Names by which requests reach it.
    pub hosts: BTreeSet<String>,
    log_alive: AtomicBool,
}

/// Everything that this process hosts. The data folder is taken while this lives.
pub struct Installation {
    /// The controllers, in the order of the configuration.
    pub hosted: Vec<Arc<Hosted>>,
    _lock: Option<FolderLock>,
}

/// Where the parts of one controller lie.
pub struct Parts {
    /// Its name.
    pub name: ControllerName,
    /// Its store.
    pub store: DbConfig,
    /// Its key folder.
    pub keys: PathBuf,
    /// How many days an epoch of its keys lasts.
    pub epoch_days: u16,
    /// Who holds a second copy of its keys.
    pub keepers: Vec<Keeper>,
    /// The folder of its log's files.
    pub ledger: PathBuf,
    /// The name of its log.
    pub origin: String,
    /// Names by which requests reach it.
    pub hosts: BTreeSet<String>,
}

impl Installation {
    /// Takes the data folder and opens every controller in it.
    ///
    /// # Errors
    /// When another process has the folder, or a store, key folder or manifest does not open.
    pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        // Durably: a folder that goes with the power takes what is acknowledged in it along.
        Folder::create(&config.data)
            .with_context(|| format!("cannot make the data folder `{}`", config.data.display()))?;
        let lock = FolderLock::take(&config.data)?;
        let mut hosted = Vec::new();
        for block in &config.controllers {
            let parts = Parts::of(config, block)?;
            let opened = Hosted::open(parts, Arc::clone(&clock)).await;
            let mut opened = opened.with_context(|| format!("controller `{}`", block.name))?;
            if let Some(mail) = &block.mail {
                let mailer = Mailer::new(mail.server()?);
                let mailer = mailer.with_context(|| format!("controller `{}`, mail", block.name))?;
                opened.controller = opened.controller.with_mailer(mailer);
            }
            hosted.push(Arc::new(opened));
        }
        Ok(Self { hosted, _lock: Some(lock) })
    }

    /// Hosts controllers that are open already, as tests do.
    #[must_use]
    pub fn of(hosted: Vec<Hosted>) -> Self {
        Self { hosted: hosted.into_iter().map(Arc::new).collect(), _lock: None }
    }

    /// The controller of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<Hosted>> {
        self.hosted.iter().find(|hosted| hosted.name.as_str() == name)
    }

    /// The controller that a request means: by name, else by host, else the only one.
    #[must_use]
    pub fn meant(&self, name: Option<&str>, host: Option<&str>) -> Option<&Arc<Hosted>> {
        if let Some(name) = name {
            return self.named(name);
        }
        let host = host.map(without_port);
        let by_host = |hosted: &&Arc<Hosted>| host.is_some_and(|host| hosted.hosts.contains(host));
        match self.hosted.as_slice() {
            [only] => Some(only),
            several => several.iter().find(by_host),
        }
    }
}

impl Hosted {
    /// Opens a controller. A store that was never opened before is given new keys.
    ///
    /// # Errors
    /// When a part of it does not open, or the keys belong to another store.
    pub async fn open(parts: Parts, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        if let DbConfig::Sqlite { path, .. } = &parts.store
            && let Some(folder) = path.parent()
        {
            Folder::create(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
        }
        Folder::create(&parts.ledger).with_context(|| format!("cannot make `{}`", parts.ledger.display()))?;
        let db = Db::open(&parts.store, MIGRATIONS)?;
        let keys = open_keys(&db, &parts.keys, &parts.origin).await?;
        let controller = Controller::open(parts.name.clone(), db, keys, &parts.origin, clock).await?;
        let mut place = KeyPlace::new(KeyFolder::at(&parts.keys));
        (place.epoch_days, place.keepers) = (parts.epoch_days, parts.keepers);
        let controller = controller.with_key_place(place);
        Ok(Self {
            name: parts.name,
            controller,
            ledger: parts.ledger,
            hosts: parts.hosts,
            log_alive: AtomicBool::new(false),
        })
    }

    /// Whether entries are given their places in the log.
    #[must_use]
    pub fn is_log_alive(&self) -> bool {
        self.log_alive.load(Ordering::Relaxed)
    }

    /// Notes whether entries are given their places in the log.
    pub fn set_log_alive(&self, alive: bool) {
        self.log_alive.store(alive, Ordering::Relaxed);
    }
}

impl Parts {
    /// Where the configuration puts the parts of a controller.
    ///
    /// # Errors
    /// When the address of its database cannot be read.
    pub fn of(config: &Config, block: &ControllerConfig) -> anyhow::Result<Self> {
        Ok(Self {
            name: block.name.clone(),
            store: config.store_of(block)?,
            keys: config.keys_of(block),
            epoch_days: block.epoch_days,
            keepers: block.keepers.iter().map(KeeperConfig::keeper).collect(),
            ledger: config.data_of(block).join("ledger"),
            origin: block.origin.clone(),
            hosts: block.hosts.clone(),
        })
    }
}

/// The keys of a store. A store and its keys are bound together at the first opening, so that
/// nothing is ever sealed under keys that belong elsewhere.
async fn open_keys(db: &Db, folder: &Path, origin: &str) -> anyhow::Result<KeyRing> {
    let bound = db.read("open keys", |tx| manifest::setting(tx, LOG_KEY)).await?;
    let place = KeyFolder::at(folder);
    let keys = match (&bound, place.exists()) {
        (_, true) => place.open()?,
        (None, false) => {
            tracing::info!(folder = %folder.display(), "made new keys: copy this folder to a keeper");
            place.init()?
        }
        (Some(_), false) => bail!(
            "the store has data but `{}` has no keys: put them back from a keeper's copy",
            folder.display()
        ),
    };
    let Ok(signer) = SignerKey::from_seed(origin, keys.log_seed()) else {
        bail!("`{origin}` cannot name a log: use a name like `shop.example/log`, without spaces or `+`")
    };
    let own = signer.verifier().to_string();
    match bound {
        Some(bound) => ensure!(
            bound == own,
            "the store belongs to the log key `{bound}`, but `origin` and the key folder make `{own}`"
        ),
        None => db.write("bind keys", move |tx| manifest::set_once(tx, LOG_KEY, &own)).await?,
    }
    Ok(keys)
}

/// The host of a `Host` header, without its port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}
