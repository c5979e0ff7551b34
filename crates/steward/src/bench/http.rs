//! Decisions over HTTP, beside a bare handler of the same server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::routing::post as on_post;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::dice::Dice;
use super::load::{self, Requests};
use super::report::{Figure, Target, median};
use super::{Context, decision};
use crate::background::Background;
use crate::http::{self, Server};

const NAME: &str = "http";
/// Connections, each with one request under way.
const CONNECTIONS: usize = 64;
/// Different requests of one connection.
const REQUESTS: usize = 500;
/// How long each kind is sent in one round.
const TIME: Duration = Duration::from_secs(3);
/// Rounds, each kind in turn.
const ROUNDS: usize = 3;
/// Questions of one batch.
const BATCH: usize = 1_000;

pub(super) fn measure(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    bench.runtime.block_on(run(bench))
}

async fn run(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    let (_, secret) = bench.world.api_key().await?;
    let key = secret.expose();
    let server = Server::new(Arc::clone(&bench.world.installation), &bench.world.config);
    let served = Served::start(http::router(server), bench).await?;
    let bare = Router::new().route("/v1/decisions", on_post(async |_: Bytes| ANSWER));
    let bare = Served::start(bare, bench).await?;
    let background = Background::start(&bench.world.installation).await?;
    let (mut plain, mut dry, mut strict, mut recorded, mut batch, mut dry_batch) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let mut dice = Dice::new(round as u64);
        let mut of = |mode: Mode| requests(bench, key, mode, &mut dice);
        plain.push(load::drive(bare.address, of(Mode::Dry)?, TIME).await?);
        dry.push(load::drive(served.address, of(Mode::Dry)?, TIME).await?);
        strict.push(load::drive(served.address, of(Mode::Strict)?, TIME).await?);
        recorded.push(load::drive(served.address, of(Mode::Recorded)?, TIME).await?);
        let scale = |per_second: f64| per_second * BATCH as f64;
        batch.push(scale(load::drive(served.address, batches(bench, key, false, &mut dice)?, TIME).await?));
        dry_batch
            .push(scale(load::drive(served.address, batches(bench, key, true, &mut dice)?, TIME).await?));
    }
    served.stop().await;
    bare.stop().await;
    background.stop().await;
    let bare = median(plain);
    let beside = |figure: Figure| figure.beside("a bare handler of the same server", bare);
    let new = |what: &str, value: Vec<f64>| Figure::new(NAME, what, median(value), "/s");
    Ok(vec![
        beside(new("dry-run decisions, 64 connections", dry)).target(Target::RatioAtLeast(0.6)),
        beside(new("the same, from the primary store (strict)", strict)),
        beside(new("recorded, durable decisions", recorded)).target(Target::RatioAtLeast(0.3)),
        new("batch decisions, dry run, 1,000 a request", dry_batch).target(Target::AtLeast(300_000.0)),
        new("batch decisions, recorded and durable", batch),
    ])
}

/// As long as the answer to a decision.
const ANSWER: &str = r#"{"answer":"denied","entry":null,"findings":[{"code":"consent-missing","stage":"standing","rule":"GDPR 6(1)(a)","text":"The person has not agreed."}]}"#;

#[derive(Clone, Copy)]
enum Mode {
    Dry,
    Strict,
    Recorded,
}

/// The requests of every connection, each about somebody drawn uniformly.
fn requests(bench: &Context, key: &str, mode: Mode, dice: &mut Dice) -> anyhow::Result<Vec<Requests>> {
    let mut one = || {
        let mut body = item(bench, dice)?;
        let fields = body.as_object_mut().context("an object")?;
        match mode {
            Mode::Dry => drop(fields.insert("dry_run".to_owned(), json!(true))),
            Mode::Strict => {
                fields.insert("dry_run".to_owned(), json!(true));
                fields.insert("strict".to_owned(), json!(true));
            }
            Mode::Recorded => {}
        }
        Ok(load::post("/v1/decisions", key, &body.to_string()))
    };
    (0..CONNECTIONS).map(|_| (0..REQUESTS).map(|_| one()).collect()).collect()
}

/// Four connections with batches about one question each.
fn batches(bench: &Context, key: &str, dry_run: bool, dice: &mut Dice) -> anyhow::Result<Vec<Requests>> {
    let mut one = || {
        let question = item(bench, dice)?;
        let items = (0..BATCH).map(|_| {
            let mut item = question.clone();
            if let Some(fields) = item.as_object_mut() {
                fields.insert("subject".to_owned(), json!({ "id": bench.people.pick(dice)? }));
            }
            anyhow::Ok(item)
        });
        let items = items.collect::<anyhow::Result<Vec<_>>>()?;
        Ok(load::post("/v1/decisions", key, &json!({ "items": items, "dry_run": dry_run }).to_string()))
    };
    (0..4).map(|_| (0..8).map(|_| one()).collect()).collect()
}

fn item(bench: &Context, dice: &mut Dice) -> anyhow::Result<serde_json::Value> {
    let what = decision::what(dice)?;
    let mut body = json!({
        "subject": { "id": bench.people.pick(dice)? },
        "purpose": what.purpose,
        "categories": what.categories,
        "action": what.action.code(),
    });
    if let (Some(channel), Some(fields)) = (what.channel, body.as_object_mut()) {
        fields.insert("channel".to_owned(), json!(channel.code()));
    }
    Ok(body)
}

/// A server that runs until it is stopped.
struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    async fn start(router: Router, bench: &Context) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let limits = bench.world.config.limits;
        let task = tokio::spawn(async move {
            http::serve(listener, router, limits, async {
                let _ = stopped.await;
            })
            .await;
        });
        Ok(Self { address, stop, task })
    }

    async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
