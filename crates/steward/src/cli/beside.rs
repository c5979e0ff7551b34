//! What a command reads and prints when it runs inside a server, at the wish of a command line
//! beside it: its output goes there, its files lie where that was called.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// What a command says, in the order in which it says it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Said {
    /// A line of the answer.
    Answer(String),
    /// A remark beside it.
    Remark(String),
    /// How the command ended: its exit code. Nothing follows.
    Ended(u8),
}

/// Whoever called the command.
#[derive(Debug)]
pub(super) struct Beside {
    /// As long as the answers themselves, which commands make in memory.
    pub(super) said: mpsc::UnboundedSender<Said>,
    /// The folder in which it was called.
    pub(super) folder: PathBuf,
    /// What stood on its standard input.
    pub(super) input: Mutex<Option<String>>,
}

tokio::task_local! {
    static CALLER: Arc<Beside>;
}

/// Runs a command for a caller.
pub(super) async fn of<T>(caller: Arc<Beside>, command: impl Future<Output = T>) -> T {
    CALLER.scope(caller, command).await
}

/// Whether the command runs for a caller beside this process.
pub(super) fn is_beside() -> bool {
    CALLER.try_with(|_| ()).is_ok()
}

/// Says it to the caller; `false`: there is none.
pub(super) fn say(said: Said) -> bool {
    // A caller that went away ends the output, not the command.
    CALLER.try_with(|caller| drop(caller.said.send(said))).is_ok()
}

/// A path as the caller meant it.
pub(super) fn path(path: &Path) -> PathBuf {
    CALLER.try_with(|caller| caller.folder.join(path)).unwrap_or_else(|_| path.to_owned())
}

/// What stands on the caller's standard input; none: the process has its own.
pub(super) fn input() -> Option<String> {
    let taken = |caller: &Arc<Beside>| caller.input.lock().unwrap_or_else(PoisonError::into_inner).take();
    CALLER.try_with(taken).ok().map(Option::unwrap_or_default)
}
