//! Memory per standing, and how soon after a start decisions are answered from memory.
//!
//! Measured in a process of its own, whose memory held nothing before.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use app::access::{Mode, decide_one};
use serde::{Deserialize, Serialize};

use super::Context;
use super::report::{Figure, Target};
use super::world::World;

const NAME: &str = "memory";
/// How long the loading may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a fresh process saw.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Start {
    /// From opening the store to the first answer from memory.
    seconds: f64,
    /// The difference of the resident size that the loading made.
    bytes: f64,
}

pub(super) fn measure(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    let Some(start) = bench.start else { return Ok(Vec::new()) };
    let people = bench.people.len();
    Ok(vec![
        Figure::new(
            NAME,
            format!("resident memory per standing, {people} people"),
            start.bytes / people as f64,
            "bytes",
        )
        .target(Target::AtMost(150.0)),
        Figure::new(NAME, "from start to decisions from memory about anybody", start.seconds, "s")
            .target(Target::AtMost(5.0)),
    ])
}

/// Starts this program anew on the folder, whose store nobody has open: once for the time, once
/// for the memory.
pub(super) fn start(folder: &Path) -> anyhow::Result<Start> {
    let seen = |warm: &[&str]| -> anyhow::Result<Start> {
        let program = std::env::current_exe().context("this program has no path")?;
        let output = Command::new(program).args(["bench", "--resident"]).arg(folder).args(warm).output()?;
        ensure!(output.status.success(), "the process that starts anew failed");
        Ok(serde_json::from_slice(&output.stdout)?)
    };
    Ok(Start { bytes: seen(&["--warm"])?.bytes, ..seen(&[])? })
}

/// What the fresh process does: opens the store, loads everybody, answers. With `warm` it has
/// answered from the store before, so that the store's own caches are full already.
#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
pub(super) async fn load(folder: &Path, warm: bool) -> anyhow::Result<Start> {
    let began = Instant::now();
    let world = World::reopen(folder).await?;
    if warm {
        read_everybody(&world).await?;
    }
    let before = resident()?;
    let controller = world.controller().clone();
    let loading = {
        let controller = controller.clone();
        tokio::spawn(async move { app::memory::run(&controller, std::future::pending()).await })
    };
    while !controller.knows_everybody() {
        if loading.is_finished() || began.elapsed() > PATIENCE {
            bail!("the standings were not loaded");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let somebody = controller.db.read("bench.somebody", |tx| store::identity::page(tx, None, 1)).await?;
    let somebody = *somebody.first().context("there are no people")?;
    let (question, asker) = super::decision::question(somebody, &mut super::dice::Dice::new(1))?;
    decide_one(&controller, question, asker, Mode { strict: false, dry_run: true }).await?;
    let seconds = began.elapsed().as_secs_f64();
    Ok(Start { seconds, bytes: resident()? - before })
}

/// Reads everybody once with every reading thread.
async fn read_everybody(world: &World) -> anyhow::Result<()> {
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..world.config.threads.store {
        let controller = world.controller().clone();
        running.spawn(async move {
            let mut after = None;
            loop {
                let read = controller
                    .db
                    .read("bench.warm", move |tx| store::consent::standings_page(tx, after.as_ref(), 1_000))
                    .await?;
                let Some((last, ..)) = read.last() else { return Ok::<_, store::DbError>(()) };
                after = Some(*last);
            }
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

/// Bytes of this process in memory, shared pages of files left out.
fn resident() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")).context("no RssAnon")?;
    Ok(kibibytes.trim().parse::<f64>()? * 1024.0)
}
