//! `steward demo`: a shop with a thousand customers and their past months, and the main job walked through over
//! real HTTP, each step said in words with the request that repeats it.

mod client;
mod history;
mod keys;
mod logins;
mod place;
mod shop;
mod walk;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use connect::mailbox::MailboxServer;
use model::{ControllerName, SystemClock};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use self::keys::Keys;
use self::logins::Logins;
use self::place::Place;
use self::walk::Walk;
use crate::background::Background;
use crate::cli::{Ended, OperatorTask, Out};
use crate::config::{Config, ControllerConfig};
use crate::http::{self, Server};
use crate::installation::Installation;

/// Where the storefront listens.
const SHOP_LISTEN: &str = "127.0.0.1:8601";
/// Where the demo listens when nobody says otherwise.
const LISTEN: &str = "127.0.0.1:8600";

/// Show the main job on a sample shop, then serve it
///
/// Makes a shop with 1,000 customers and their past eight months in a temporary folder,
/// starts the API, and walks from declaring to proving over real HTTP: what was asked, what was answered, and the curl
/// that repeats it. Then it serves until Ctrl-C, and the folder is gone. With a --config
/// that names an empty PostgreSQL schema, that one is used in place of a SQLite file.
///
/// Example: steward demo --keep /tmp/rosewood
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep everything in this new folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Where to listen; without it 127.0.0.1:8600, or a free port when that is taken
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Make other customers: the same number makes the same ones
    #[arg(long, value_name = "NUMBER", default_value_t = 2026)]
    seed: u64,
    /// End after the walk: with 0 when every step went as expected, else with 1
    #[arg(long)]
    once: bool,
}

impl Demo {
    /// Runs the demo; `store` is a configured controller whose store it uses in place of a
    /// SQLite file of its own.
    ///
    /// # Errors
    /// When something does not open.
    pub(crate) async fn run(self, store: Option<ControllerConfig>, out: Out) -> anyhow::Result<Ended> {
        let place = Place::make(self.keep.clone())?;
        let listener = listen(self.listen).await?;
        let address = listener.local_addr()?;
        // Port 0: a free one. Nothing that it takes ever leaves this machine.
        let mailbox = Arc::new(MailboxServer::start(0).context("the mail server did not start")?);
        let config = configuration(&place, address, mailbox.address(), store)?;
        let installation = Arc::new(Installation::open(&config, Arc::new(SystemClock)).await?);
        let hosted = installation.hosted.first().cloned().context("the controller did not open")?;
        let manifests = place.manifests()?;
        let lived = history::live(&hosted.controller, &manifests, place.folder(), self.seed).await?;
        let background = Background::start(&installation).await?;
        // Commands on the demo's folder work while it serves, as they do beside `serve`.
        let operators = OperatorTask::start(&config, &installation);

        let mut walk = Walk::new(out, address);
        let [_, present] = &manifests;
        walk.declare(&hosted.controller, present).await?;
        let keys = Keys::create(&hosted.controller).await?;
        walk.introduce(&hosted, &keys, &lived, &place);
        let logins = Logins::create(&hosted.controller).await?;
        let served = serve(&config, &installation, listener);
        let storefront = bind(SHOP_LISTEN, self.listen.is_some()).await?;
        let shop_address = storefront.local_addr()?;
        let shop = shop::serve(storefront, shop::Shop { steward: address, mailbox, logins: logins.clone() });
        walk.main_job(&keys).await;
        walk.verify(&hosted).await;
        let failed = walk.failed();
        out.json(&json!({
            "address": address.to_string(),
            "shop": shop_address.to_string(),
            "staff": logins.to_json(),
            "keys": { "shop": keys.storefront.expose(), "auditor": keys.auditor.expose() },
            "steps": walk.steps(),
            "failed": failed,
        }));
        if self.once {
            served.stop().await?;
        } else {
            let base = format!("http://{address}");
            out.say("\nServing until Ctrl-C:");
            out.facts([
                ("shop", &format!("http://{shop_address}")),
                ("portal", &format!("{base}/portal")),
                ("console", &format!("{base}/console")),
                ("mail page", &format!("http://{shop_address}/mail")),
                ("API", &format!("{base}/v1/openapi.json")),
                ("commands", &format!("steward --config {} ledger verify", place.config().display())),
            ]);
            out.say(format!(
                "Portal: sign in as {} or {}; the code arrives on the mail page.\n\
                 Console: the logins stand on the mail page, with their second factor's present code.",
                history::NAMED[0],
                history::NAMED[1]
            ));
            let _ = tokio::signal::ctrl_c().await;
            served.stop().await?;
        }
        operators.stop(config.limits.drain_seconds).await;
        shop.abort();
        background.stop().await;
        if self.keep.is_some() {
            out.say(format!(
                "Everything is kept: steward --config {} ledger verify",
                place.config().display()
            ));
        }
        if failed > 0 {
            out.remark(format!("{failed} steps did not go as expected"));
            return Ok(Ended::Refused);
        }
        Ok(Ended::Done)
    }
}

/// A server that runs in the background.
struct Served {
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    async fn stop(self) -> anyhow::Result<()> {
        let _ = self.stop.send(());
        self.task.await.context("the server ended badly")
    }
}

fn serve(config: &Config, installation: &Arc<Installation>, listener: TcpListener) -> Served {
    let (stop, stopped) = oneshot::channel::<()>();
    let router = http::router(Server::new(Arc::clone(installation), config));
    let limits = config.limits;
    let task = tokio::spawn(async move {
        http::serve(listener, router, limits, async {
            let _ = stopped.await;
        })
        .await;
    });
    Served { stop, task }
}

async fn listen(wanted: Option<SocketAddr>) -> anyhow::Result<TcpListener> {
    if let Some(address) = wanted {
        return TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"));
    }
    bind(LISTEN, false).await
}

/// Listens at an address, or on a free port where it is taken or wanted so.
async fn bind(address: &str, anywhere: bool) -> anyhow::Result<TcpListener> {
    let bound = if anywhere { None } else { TcpListener::bind(address).await.ok() };
    match bound {
        Some(listener) => Ok(listener),
        None => TcpListener::bind("127.0.0.1:0").await.context("cannot listen on any port"),
    }
}

fn configuration(
    place: &Place,
    listen: SocketAddr,
    mail: SocketAddr,
    store: Option<ControllerConfig>,
) -> anyhow::Result<Config> {
    let mut config = Config::load(&place.write_config(listen, mail)?)?;
    if let (Some(store), Some(block)) = (store, config.controllers.first_mut()) {
        *block = ControllerConfig {
            name: ControllerName::new("rosewood")?,
            origin: block.origin.clone(),
            manifest: block.manifest.clone(),
            mail: block.mail.clone(),
            ..store
        };
    }
    Ok(config)
}
