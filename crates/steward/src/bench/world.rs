//! Where the bench works: a folder of its own with keys, log and a shop, gone at the end.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use app::{Controller, memory};
use model::manifest::Manifest;
use model::{
    Action, Actor, ApiKeyId, ControllerName, EntryId, PurposeName, Secret, ServiceName, SystemClock,
};

use super::shop;
use crate::config::{Config, ControllerConfig};
use crate::installation::{Hosted, Installation};

/// The sample shop and its agency, beside which the bench's own manifest lies.
const FILES: [(&str, &str); 5] = [
    ("agency/manifest/base.yaml", include_str!("../../../../examples/agency/manifest/base.yaml")),
    ("shop/manifest/purposes.yaml", include_str!("../../../../examples/shop/manifest/purposes.yaml")),
    ("shop/manifest/recipients.yaml", include_str!("../../../../examples/shop/manifest/recipients.yaml")),
    ("shop/manifest/shop.yaml", include_str!("../../../../examples/shop/manifest/shop.yaml")),
    ("shop/manifest/systems.yaml", include_str!("../../../../examples/shop/manifest/systems.yaml")),
];

/// The folder, deleted at the end.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes a new folder below `parent`, with the manifests and a configuration in it.
    pub(super) fn make(parent: Option<&Path>) -> anyhow::Result<Self> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        let folder = parent.join(format!("steward-bench-{}", EntryId::random()));
        let made = fs::DirBuilder::new().mode(0o700).recursive(true).create(&folder);
        made.with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
        let folder = Self(folder.canonicalize()?);
        for (path, text) in FILES {
            folder.write(path, text)?;
        }
        folder.write("bench/manifest/bench.yaml", &shop::manifest())?;
        folder.write(
            "steward.toml",
            "listen = \"127.0.0.1:0\"\n\n[limits]\nrequests_per_second = 1000000\nrequests_burst = 1000000\n\n\
             [[controllers]]\nname = \"rosewood\"\norigin = \"localhost/rosewood-bench\"\n\
             manifest = \"bench/manifest\"\n",
        )?;
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn write(&self, path: &str, text: &str) -> anyhow::Result<()> {
        let path = self.0.join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.with_context(|| format!("cannot write `{}`", path.display()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The shop, opened.
pub(super) struct World {
    pub(super) config: Config,
    pub(super) installation: Arc<Installation>,
    pub(super) hosted: Arc<Hosted>,
}

impl World {
    /// Opens a shop again whose manifest is in force.
    pub(super) async fn reopen(folder: &Path) -> anyhow::Result<Self> {
        Self::of(Config::load(&folder.join("steward.toml"))?).await
    }

    async fn of(config: Config) -> anyhow::Result<Self> {
        let installation = Arc::new(Installation::open(&config, Arc::new(SystemClock)).await?);
        let hosted = installation.hosted.first().cloned().context("the controller did not open")?;
        Ok(Self { config, installation, hosted })
    }

    /// Loads everybody into memory, and keeps them fresh from here on. False: this store is
    /// written by others too, and nothing is kept.
    pub(super) async fn remember(&self) -> bool {
        let controller = self.controller().clone();
        let running = tokio::spawn(async move { memory::run(&controller, std::future::pending()).await });
        while !self.controller().knows_everybody() {
            if running.is_finished() {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        true
    }

    /// Opens the shop in the folder, with its manifest in force; `store` replaces its SQLite file.
    pub(super) async fn open(folder: &Folder, store: Option<ControllerConfig>) -> anyhow::Result<Self> {
        let mut config = Config::load(&folder.path().join("steward.toml"))?;
        if let (Some(store), Some(block)) = (store, config.controllers.first_mut()) {
            *block = ControllerConfig {
                name: ControllerName::new("rosewood")?,
                origin: block.origin.clone(),
                manifest: block.manifest.clone(),
                ..store
            };
        }
        let world = Self::of(config).await?;
        let loaded = Manifest::load(&folder.path().join("bench/manifest")).map_err(|problems| {
            anyhow!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })?;
        app::manifest::apply(world.controller(), &loaded, Actor::Operator).await?;
        Ok(world)
    }

    pub(super) fn controller(&self) -> &Controller {
        &self.hosted.controller
    }

    /// A key of the service that the bench asks as, for all of its purposes.
    pub(super) async fn api_key(&self) -> anyhow::Result<(ApiKeyId, Secret<String>)> {
        use Action::{Collect, Read, Send, Share, Use};
        let purposes = (1..=shop::PURPOSES).map(|number| PurposeName::new(&shop::purpose(number)));
        let scopes = app::services::Scopes {
            service: Some(ServiceName::new(shop::SERVICE)?),
            actions: [Collect, Read, Send, Share, Use].into_iter().collect(),
            purposes: purposes.collect::<Result<_, _>>()?,
            look_up: true,
            audit: false,
        };
        Ok(app::services::create(self.controller(), scopes, "bench".to_owned(), None, Actor::Operator)
            .await?)
    }
}
