//! `steward serve`: opens everything, serves, and ends in peace.

use std::io::IsTerminal;
use std::sync::Arc;

use anyhow::Context;
use model::{Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::background::Background;
use crate::cli::OperatorTask;
use crate::config::{Config, Log, LogFormat};
use crate::http::{self, Server};
use crate::installation::Installation;

/// Serves the controllers of a configuration until SIGTERM or SIGINT.
///
/// # Errors
/// When something does not open; each text says what to mend.
pub fn run(config: &Config) -> anyhow::Result<()> {
    start_log(&config.log)?;
    crate::hardening::harden();
    runtime(config.threads.http)?.block_on(serve(config, Arc::new(SystemClock), stopped()))
}

/// Serves until `stop` resolves.
///
/// # Errors
/// When something does not open.
pub async fn serve(
    config: &Config,
    clock: Arc<dyn Clock>,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let installation = Arc::new(Installation::open(config, clock).await?);
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let router = http::router(Server::new(Arc::clone(&installation), config));
    let background = Background::start(&installation).await?;
    let operators = OperatorTask::start(config, &installation);
    tracing::info!(address = %listener.local_addr()?, "serving");
    http::serve(listener, router, config.limits, stop).await;
    operators.stop(config.limits.drain_seconds).await;
    background.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// The async runtime; 0 threads: one per processor.
///
/// # Errors
/// When the system refuses its threads.
pub fn runtime(threads: usize) -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if threads > 0 {
        builder.worker_threads(threads);
    }
    builder.enable_all().build().context("the async runtime does not start")
}

/// Starts printing log lines to the standard error.
///
/// # Errors
/// When the filter cannot be read.
pub fn start_log(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter).context("`log.filter` cannot be read")?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    }
    .map_err(|_| anyhow::anyhow!("the log was started before"))
}

/// Resolves at the first SIGTERM or SIGINT.
async fn stopped() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be heard: end the process with SIGKILL");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: no new connections");
}
