//! The operator's socket. A data folder has one owner: a command that finds a server running on
//! it sends its words through a Unix socket in that folder, and the server runs the command on
//! what it has open. Who may open the socket may read the folder: the same user, nobody else.

use std::fs::{DirBuilder, Permissions};
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::beside::{self, Beside, Said};
use super::failure::{self, Ended};
use super::output::Out;
use super::session::Session;
use super::{Arguments, Command, run_async};
use crate::config::Config;
use crate::installation::Installation;

/// The folder of the socket within the data folder; only its owner may enter it.
const FOLDER: &str = "operator";
/// The socket in it.
const SOCKET: &str = "socket";
/// The longest request, and the longest input of a command, in bytes.
const REQUEST_BYTES_MAX: u64 = 256 << 10;
/// Commands at once.
const COMMANDS_MAX: usize = 8;
/// How long a command may take to say what it wants.
const REQUEST_SECONDS: Duration = Duration::from_secs(10);

/// A command as it was called.
#[derive(Serialize, Deserialize)]
struct Called {
    words: Vec<String>,
    folder: PathBuf,
    input: Option<String>,
}

/// Commands beside a running server, until it stops. Without a socket they are refused meanwhile.
pub(crate) struct OperatorTask {
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl OperatorTask {
    /// Opens the socket and begins to run commands.
    pub(crate) fn start(config: &Config, installation: &Arc<Installation>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = match Operators::open(config, installation) {
            Ok(operators) => Some(tokio::spawn(operators.serve(stopped))),
            Err(error) => {
                tracing::warn!("commands on this data folder are refused meanwhile: {error:#}");
                None
            }
        };
        Self { stop, task }
    }

    /// Takes no more commands, and waits a while for those that have begun.
    pub(crate) async fn stop(self, drain_seconds: u64) {
        self.stop.send_replace(true);
        if let Some(task) = self.task
            && tokio::time::timeout(Duration::from_secs(drain_seconds), task).await.is_err()
        {
            tracing::warn!("some commands did not end in time and were cut off");
        }
    }
}

/// The socket of a data folder, listening.
struct Operators {
    listener: UnixListener,
    config: Config,
    installation: Arc<Installation>,
}

impl Operators {
    /// Opens the socket. The data folder is ours, so a socket that lies there is a dead one's.
    ///
    /// # Errors
    /// When the socket cannot be made; its path has about 100 bytes at most.
    fn open(config: &Config, installation: &Arc<Installation>) -> anyhow::Result<Self> {
        let folder = config.data.join(FOLDER);
        let place = folder.join(SOCKET);
        let failed = || format!("cannot make the operator's socket `{}`", place.display());
        if !folder.is_dir() {
            DirBuilder::new().mode(0o700).create(&folder).with_context(failed)?;
        }
        std::fs::set_permissions(&folder, Permissions::from_mode(0o700)).with_context(failed)?;
        if place.exists() {
            std::fs::remove_file(&place).with_context(failed)?;
        }
        let listener = UnixListener::bind(&place).with_context(failed)?;
        std::fs::set_permissions(&place, Permissions::from_mode(0o600)).with_context(failed)?;
        Ok(Self { listener, config: config.clone(), installation: Arc::clone(installation) })
    }

    /// Runs commands until told to stop, and those that have begun to their end.
    async fn serve(self, mut stop: watch::Receiver<bool>) {
        let mut commands = JoinSet::new();
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                Some(_) = commands.join_next(), if !commands.is_empty() => {}
                accepted = self.listener.accept(), if commands.len() < COMMANDS_MAX => {
                    if let Ok((stream, _)) = accepted {
                        let (config, installation) = (self.config.clone(), Arc::clone(&self.installation));
                        commands.spawn(answer(stream, config, installation));
                    }
                }
            }
        }
        drop(std::fs::remove_file(self.config.data.join(FOLDER).join(SOCKET)));
        while commands.join_next().await.is_some() {}
    }
}

/// Runs one command and sends what it says.
async fn answer(stream: UnixStream, config: Config, installation: Arc<Installation>) {
    let (reading, mut writing) = stream.into_split();
    let mut line = String::new();
    let mut reading = BufReader::new(reading.take(REQUEST_BYTES_MAX));
    let read = tokio::time::timeout(REQUEST_SECONDS, reading.read_line(&mut line)).await;
    let Ok(called) = serde_json::from_str::<Called>(&line) else { return };
    if !matches!(read, Ok(Ok(_))) {
        return;
    }
    let (said, mut to_say) = mpsc::unbounded_channel();
    let caller =
        Arc::new(Beside { said: said.clone(), folder: called.folder, input: Mutex::new(called.input) });
    let command = tokio::spawn(beside::of(caller, run_called(called.words, config, installation)));
    let ended = tokio::spawn(async move {
        let ended = command.await.unwrap_or(Ended::Fault);
        drop(said.send(Said::Ended(ended as u8)));
    });
    // A caller that goes away does not end a command that has begun.
    while let Some(said) = to_say.recv().await {
        let Ok(mut line) = serde_json::to_string(&said) else { break };
        line.push('\n');
        if writing.write_all(line.as_bytes()).await.is_err() || matches!(said, Said::Ended(_)) {
            break;
        }
    }
    drop(ended.await);
}

async fn run_called(words: Vec<String>, config: Config, installation: Arc<Installation>) -> Ended {
    let words = std::iter::once("steward".to_owned()).chain(words);
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => {
            beside::say(Said::Remark(error.to_string()));
            return Ended::Usage;
        }
    };
    let out = Out::new(arguments.json);
    let session = Session::within(config, installation, arguments.controller, out);
    match run_async(arguments.command, &session).await {
        Ok(ended) => ended,
        Err(error) => failure::report(&out, &error),
    }
}

/// Has the server of the data folder run this command, if one runs there.
pub(super) fn forward(session: &Session, command: &Command) -> anyhow::Result<Option<Ended>> {
    if !command.opens_the_store() {
        return Ok(None);
    }
    let place = session.config()?.data.join(FOLDER).join(SOCKET);
    if !place.exists() {
        return Ok(None);
    }
    crate::serve::runtime(1)?.block_on(ask_server(&place))
}

async fn ask_server(place: &Path) -> anyhow::Result<Option<Ended>> {
    // A server that died left its socket; then the folder is free.
    let Ok(mut stream) = UnixStream::connect(place).await else { return Ok(None) };
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let called = Called { folder: std::env::current_dir()?, input: input(&words)?, words };
    let line = serde_json::to_string(&called)? + "\n";
    stream.write_all(line.as_bytes()).await?;
    let mut lines = BufReader::new(stream).lines();
    let out = Out::new(false);
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line)? {
            Said::Answer(line) => out.print(line),
            Said::Remark(line) => out.remark(line),
            Said::Ended(code) => return Ok(Some(Ended::from_code(code))),
        }
    }
    anyhow::bail!("the server went away before the command ended; look what became of it")
}

/// The standard input, where the command reads an identifier from it.
fn input(words: &[String]) -> anyhow::Result<Option<String>> {
    let has = |name: &str| words.iter().any(|word| word == name || word.starts_with(&format!("{name}=")));
    if !has("--identifier") || has("--identifier-file") {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(REQUEST_BYTES_MAX / 4).read_to_end(&mut bytes)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
