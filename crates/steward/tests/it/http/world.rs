//! A server on a test database, with the sample shop's manifest and keys for its services.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::JoinHandle;

use app::services::{self, Scopes};
use connect::mail::{MailSecurity, MailServer, Mailer};
use connect::mailbox::MailboxServer;
use model::manifest::Manifest;
use model::{Action, Actor, ControllerName, PurposeName, ServiceName, SystemClock};
use serde_json::Value;
use steward::background::Background;
use steward::config::Config;
use steward::http::{self, Server};
use steward::installation::{Hosted, Installation, Parts};
use store::MIGRATIONS;
use testkit::TestDb;
use tokio::sync::oneshot;

use super::client::{Reply, send};

/// A running server.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    /// The first controller's keys.
    pub(crate) keys: Keys,
    /// The keys of every controller.
    pub(crate) all_keys: Vec<Keys>,
    /// The first controller itself.
    pub(crate) controller: app::Controller,
    /// Where letters to customers arrive.
    pub(crate) mailbox: MailboxServer,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// API keys of one controller.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// The web shop: every action, every purpose of its own, and `rights`.
    pub(crate) storefront: String,
    /// The mail program.
    pub(crate) mailer: String,
    /// The web shop without any scope.
    pub(crate) bare: String,
    /// An auditor.
    pub(crate) auditor: String,
}

/// What the server prints, at every level.
pub(crate) static LOG: LazyLock<Arc<Mutex<Vec<u8>>>> = LazyLock::new(|| {
    let log: Arc<Mutex<Vec<u8>>> = Arc::default();
    let writer = Printed(Arc::clone(&log));
    let lines = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone());
    lines.init();
    log
});

#[derive(Clone)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs `body` against a server on each engine.
pub(crate) fn on_both(body: impl Fn(&World)) {
    TestDb::each(MIGRATIONS, |db| body(&World::open(&[("rosewood", db)], |_| {})));
}

impl World {
    /// A server of these controllers, each on its own database.
    pub(crate) fn open(databases: &[(&str, &TestDb)], adjust: impl FnOnce(&mut Config)) -> Self {
        LazyLock::force(&LOG);
        let mut config = Config::default();
        config.limits.requests_per_second = 100_000;
        config.limits.requests_burst = 100_000;
        config.limits.failures_per_minute = 100_000;
        config.limits.attempts_per_minute = 100_000;
        config.limits.choices_per_minute = 100_000;
        adjust(&mut config);
        let parts: Vec<Parts> = databases.iter().map(|(name, db)| parts(name, db)).collect();
        let (tell, told) = mpsc::channel();
        let mailbox = MailboxServer::start(0).expect("a mailbox");
        let post = mailbox.address().port();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let (mut hosted, mut keys) = (Vec::new(), Vec::new());
                for part in parts {
                    let mut opened = Hosted::open(part, Arc::new(SystemClock)).await.expect("it opens");
                    opened.controller = opened.controller.with_mailer(mailer(post));
                    keys.push(Keys::make(&opened).await);
                    hosted.push(opened);
                }
                let controller = hosted[0].controller.clone();
                let installation = Arc::new(Installation::of(hosted));
                let background = Background::start(&installation).await.expect("the log is taken over");
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
                let address = listener.local_addr().expect("an address");
                tell.send((address, keys, controller)).expect("the test waits");
                let router = http::router(Server::new(installation, &config));
                http::serve(listener, router, config.limits, async { drop(stopped.await) }).await;
                background.stop().await;
            });
        });
        let (address, all_keys, controller): (SocketAddr, Vec<Keys>, _) =
            told.recv().expect("the server starts");
        let keys = all_keys[0].clone();
        Self { address, keys, all_keys, controller, mailbox, stop: Some(stop), thread: Some(thread) }
    }

    /// Sends a JSON body with a key.
    pub(crate) fn post(&self, key: &str, path: &str, body: &Value) -> Reply {
        self.call("POST", key, path, body.to_string().as_bytes(), &[])
    }

    /// Fetches with a key.
    pub(crate) fn get(&self, key: &str, path: &str) -> Reply {
        self.call("GET", key, path, b"", &[])
    }

    /// Sends a request with a key and further headers.
    pub(crate) fn call(
        &self,
        method: &str,
        key: &str,
        path: &str,
        body: &[u8],
        more: &[(&str, &str)],
    ) -> Reply {
        let bearer = format!("Bearer {key}");
        let mut headers = vec![("Content-Type", "application/json")];
        if !key.is_empty() {
            headers.push(("Authorization", &bearer));
        }
        headers.extend_from_slice(more);
        send(self.address, method, path, &headers, body)
    }

    /// Stops the server and waits until it has ended in peace.
    pub(crate) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server ends without a panic");
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

/// Hands letters to the mailbox on this port.
fn mailer(port: u16) -> Mailer {
    let server = MailServer {
        host: "127.0.0.1".to_owned(),
        port,
        security: MailSecurity::Plain,
        login: None,
        sender: "Rosewood <privacy@rosewood.example>".to_owned(),
    };
    Mailer::new(server).expect("a mailer")
}

/// Where the parts of a controller on a test database lie.
pub(crate) fn parts(name: &str, db: &TestDb) -> Parts {
    Parts {
        name: ControllerName::new(name).expect("a name"),
        store: db.config().clone(),
        keys: db.folder().join("keys"),
        epoch_days: 30,
        keepers: Vec::new(),
        ledger: db.folder().join("ledger"),
        origin: format!("test.example/{name}"),
        hosts: BTreeSet::from([format!("{name}.localhost")]),
    }
}

impl Keys {
    /// Applies the sample manifest and makes the keys.
    async fn make(hosted: &Hosted) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop/manifest");
        let loaded = Manifest::load(Path::new(folder)).expect("the sample manifest loads");
        app::manifest::apply(&hosted.controller, &loaded, Actor::Operator).await.expect("it is applied");
        let shop =
            ["order-fulfilment", "service-messages", "accounting", "newsletter", "analytics", "rights"];
        Self {
            storefront: key(hosted, Some("storefront"), Action::ALL, &shop, true).await,
            mailer: key(hosted, Some("mailer"), Action::ALL, &["newsletter", "service-messages"], false)
                .await,
            bare: key(hosted, Some("storefront"), &[], &[], false).await,
            auditor: key(hosted, None, &[], &[], false).await,
        }
    }
}

async fn key(
    hosted: &Hosted,
    service: Option<&str>,
    actions: &[Action],
    purposes: &[&str],
    look_up: bool,
) -> String {
    let scopes = Scopes {
        service: service.map(|name| ServiceName::new(name).expect("a name")),
        actions: actions.iter().copied().collect(),
        purposes: purposes.iter().map(|name| PurposeName::new(name).expect("a name")).collect(),
        look_up,
        audit: service.is_none(),
    };
    let made = services::create(&hosted.controller, scopes, "test".to_owned(), None, Actor::Operator).await;
    made.expect("a key").1.expose().clone()
}
