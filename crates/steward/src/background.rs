//! What runs beside the requests: each controller's sequencer and worker.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use app::ledger::{LogFolder, Sequencer, sequencer};
use app::tally::census;
use app::{epochs, jobs, memory};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::installation::{Hosted, Installation};

/// How often a node looks for a manifest that another one applied.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// How often epochs are looked at.
const TURN_EVERY: Duration = Duration::from_secs(600);

/// How long a census that failed rests.
const CENSUS_AGAIN: Duration = Duration::from_secs(60);

/// The tasks of an installation, until they are stopped.
pub struct Background {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Background {
    /// Takes over every log and starts the tasks.
    ///
    /// # Errors
    /// When a log contradicts its store, or cannot be read.
    pub async fn start(installation: &Installation) -> anyhow::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for hosted in &installation.hosted {
            let sequencer =
                take_over(hosted).await.with_context(|| format!("controller `{}`", hosted.name))?;
            tracing::info!(
                controller = %hosted.name,
                verifier_key = %hosted.controller.core().signer.verifier(),
                "the log is continued"
            );
            tasks.spawn(sequence(Arc::clone(hosted), sequencer, stopped.clone()));
            tasks.spawn(work(Arc::clone(hosted), stopped.clone()));
            tasks.spawn(follow(Arc::clone(hosted), stopped.clone()));
            tasks.spawn(remember(Arc::clone(hosted), stopped.clone()));
            tasks.spawn(turn_epochs(Arc::clone(hosted), stopped.clone()));
            tasks.spawn(take_census(Arc::clone(hosted), stopped.clone()));
        }
        Ok(Self { stop, tasks })
    }

    /// Stops every task; when this returns, the last checkpoints are published.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if ended.is_err() {
                tracing::error!("a background task panicked");
            }
        }
    }
}

async fn take_over(hosted: &Arc<Hosted>) -> anyhow::Result<Sequencer> {
    let hosted = Arc::clone(hosted);
    let taken = tokio::task::spawn_blocking(move || {
        let core = hosted.controller.core();
        let log = LogFolder::create(&hosted.ledger)?;
        Sequencer::take_over(
            hosted.controller.db.clone(),
            log,
            Arc::clone(&core.signer),
            hosted.controller.clock(),
        )
    });
    Ok(taken.await.context("taking over the log panicked")??)
}

/// Numbers and publishes entries. While this runs the log is alive.
async fn sequence(hosted: Arc<Hosted>, sequencer: Sequencer, stopped: watch::Receiver<bool>) {
    hosted.set_log_alive(true);
    let ended = sequencer::run(sequencer, Arc::new(Notify::new()), until(stopped)).await;
    hosted.set_log_alive(false);
    if let Err(error) = ended {
        tracing::error!(controller = %hosted.name, %error, "the log stands still");
    }
}

async fn work(hosted: Arc<Hosted>, stopped: watch::Receiver<bool>) {
    jobs::run(&hosted.controller, until(stopped)).await;
}

/// Loads everybody's standing and follows what is written.
async fn remember(hosted: Arc<Hosted>, stopped: watch::Receiver<bool>) {
    memory::run(&hosted.controller, until(stopped)).await;
}

/// Opens epochs when they are due, and takes every step that old ones wait for.
async fn turn_epochs(hosted: Arc<Hosted>, stopped: watch::Receiver<bool>) {
    let stopped = until(stopped);
    tokio::pin!(stopped);
    loop {
        // What was cut off is done again, so a turn may end with the server.
        tokio::select! {
            () = &mut stopped => return,
            turned = epochs::turn(&hosted.controller) => if let Err(error) = turned {
                tracing::warn!(controller = %hosted.name, %error, "an epoch's turn failed and is tried again");
            }
        }
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(TURN_EVERY) => {}
        }
    }
}

/// Counts what is held for the console, again and again, so that nobody waits for it there.
async fn take_census(hosted: Arc<Hosted>, stopped: watch::Receiver<bool>) {
    let stopped = until(stopped);
    tokio::pin!(stopped);
    loop {
        let counted = tokio::select! {
            () = &mut stopped => return,
            counted = census::refresh(&hosted.controller) => counted,
        };
        let rest = match counted {
            Ok(seconds) => Duration::from_secs(u64::try_from(seconds).unwrap_or(1)),
            Err(error) => {
                tracing::warn!(controller = %hosted.name, %error, "what is held could not be counted");
                CENSUS_AGAIN
            }
        };
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

async fn follow(hosted: Arc<Hosted>, stopped: watch::Receiver<bool>) {
    let stopped = until(stopped);
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(FOLLOW_EVERY) => {}
        }
        if let Err(error) = hosted.controller.reload().await {
            tracing::warn!(controller = %hosted.name, %error, "the manifest could not be looked for");
        }
    }
}

/// Resolves when the tasks are told to stop, or nobody is there to tell them.
async fn until(mut stopped: watch::Receiver<bool>) {
    drop(stopped.wait_for(|stopped| *stopped).await);
}
