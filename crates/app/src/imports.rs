//! Taking in whole files and tables, by the manifest's mapping.
//!
//! A source is read in its order, in chunks of [`CHUNK_ROWS`] rows; each chunk is one
//! transaction with one question to the gate, whose entry names everybody of the chunk.
//! A run that is killed leaves whole chunks, and a second run of the same source finds them
//! unchanged and goes on. Every row is accounted for:
//! read = imported + unchanged + skipped + rejected.

mod chunk;
mod columns;
mod outlets;
mod people;
mod reader;
mod rows;
mod tally;

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use connect::{Break, Source, SourceError};
use model::{Actor, ImportId, PurposeName, SubjectId, SystemName};
use store::imports::ImportState;

use crate::controller::Controller;
use crate::error::AppError;
use crate::vault::mapping::Mapping;
use chunk::{Chunk, Context};
use columns::Columns;
use outlets::Outlets;
use reader::{End, Reader};
pub use tally::{Reject, Rejection, Skip, Tally};

/// Rows of the source in one transaction at most.
pub const CHUNK_ROWS: usize = 1_000;
/// Different keys or people that one run remembers at most, about 40 bytes each: a longer
/// source has to be split.
pub const KEYS_MAX: usize = 4_000_000;
/// How often a chunk is tried again when another writer claimed one of its identifiers.
const RACES_MAX: usize = 5;
/// Chunks read ahead of the one that is written.
const READ_AHEAD: usize = 1;

/// A source to be taken in.
pub struct ImportRequest {
    /// The system of the manifest that it comes from.
    pub system: SystemName,
    /// The table of that system whose mapping its rows follow.
    pub table: String,
    /// Where the rows are.
    pub source: Source,
    /// Who imports.
    pub actor: Actor,
    /// For which purpose; none: the one that the manifest names for the table.
    pub purpose: Option<PurposeName>,
    /// Columns that the manifest does not declare and that are to be left out. Any other
    /// undeclared column refuses the source.
    pub dropped: BTreeSet<String>,
    /// Takes `line,reason,detail` of every rejected row as CSV, never the row.
    pub rejects: Option<RejectsFile>,
    /// Is called after every chunk.
    pub on_progress: Option<OnProgress>,
}

/// Where rejects go.
pub type RejectsFile = Box<dyn Write + Send>;
/// What is called after every chunk.
pub type OnProgress = Box<dyn FnMut(&Progress) + Send>;

/// How far a run has come.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Bytes of the file as it lies on disk, or rows of the table, read so far.
    pub done: u64,
    /// How many there are, where known (an estimate for PostgreSQL).
    pub total: Option<u64>,
    /// What became of the rows so far.
    pub tally: Tally,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// The run; its ledger entries name it as their request.
    pub import: ImportId,
    /// What became of the rows.
    #[serde(flatten)]
    pub tally: Tally,
    /// Columns of the source that were left out as asked.
    pub dropped: Vec<String>,
    /// Columns that the manifest declares and the source does not have.
    pub missing: Vec<String>,
}

/// Why a run did not reach the end of its source. Chunks written before stay.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The manifest, the gate or the store.
    #[error(transparent)]
    App(#[from] AppError),
    /// The source cannot be opened.
    #[error("the source cannot be used: {0}")]
    Source(#[from] SourceError),
    /// Columns that the manifest does not declare.
    #[error(
        "the manifest does not declare the column(s) `{}`: give each a category, `ignore` it with a \
         reason, or name it as dropped", .0.join("`, `")
    )]
    Undeclared(Vec<String>),
    /// Not one column is declared: most likely there is no header, and what stands in its
    /// place is not repeated.
    #[error("none of the columns is declared in the manifest: is the header line missing?")]
    NoColumns,
    /// Columns without which no row says whom it is about, or which row it is.
    #[error("the source has no column `{}`, which the manifest needs to tell rows and people apart", .0.join("`, `"))]
    Missing(Vec<String>),
    /// The source broke off.
    #[error("line {line}: {reason}; the rows before it were taken in")]
    Broken {
        /// Where, as rejects count lines.
        line: u64,
        /// How.
        reason: Break,
    },
    /// More different keys than [`KEYS_MAX`].
    #[error("the source has more than {KEYS_MAX} different keys or people: split it")]
    TooManyKeys,
    /// The rejects file cannot be written.
    #[error("the rejects file cannot be written: {0}")]
    Rejects(std::io::ErrorKind),
    /// A new manifest came into force meanwhile.
    #[error("the manifest changed during the import: run it again")]
    ManifestChanged,
}

/// Takes a source in. Reads and writes on threads made for blocking.
///
/// # Errors
/// As [`ImportError`]; the run is then kept as stopped, with its counts so far.
pub async fn run(controller: &Controller, request: ImportRequest) -> Result<Report, ImportError> {
    let controller = controller.clone();
    let ran = tokio::task::spawn_blocking(move || run_blocking(&controller, request)).await;
    ran.unwrap_or(Err(ImportError::App(AppError::Internal("an import panicked"))))
}

/// Like [`run`] for threads outside the async runtime.
///
/// # Errors
/// As [`run`].
pub fn run_blocking(controller: &Controller, request: ImportRequest) -> Result<Report, ImportError> {
    let in_force = controller.in_force()?;
    let mapping = Mapping::compile(&in_force.manifest, &request.system, &request.table)?;
    let purpose = request.purpose.or_else(|| mapping.purpose.clone()).ok_or_else(|| {
        AppError::invalid("purpose", "neither the request nor the manifest's table names a purpose")
    })?;
    let table = request.source.open()?;
    let columns = Columns::choose(&mapping, table.columns(), &request.dropped)?;
    let names: Vec<&str> = columns.wanted.iter().map(String::as_str).collect();
    let rows = table.rows(&names)?;
    let import = ImportId::ordered(controller.now());
    let context = Arc::new(Context {
        core: controller.core(),
        in_force,
        mapping,
        import,
        actor: request.actor,
        purpose,
    });
    let run = Run { controller, context, seen: Arc::default(), tally: Tally::default() };
    let mut outlets = Outlets::new(request.rejects, request.on_progress)?;
    let chunks = Reader::start(controller, &run.context, columns.wanted, rows)?;
    let tally = run.through(&chunks, &mut outlets)?;
    Ok(Report { import, tally, dropped: columns.dropped, missing: columns.missing })
}

/// One run on its way through its source.
struct Run<'a> {
    controller: &'a Controller,
    context: Arc<Context>,
    /// People whose profile row this run has seen; their later rows may not contradict it.
    seen: Arc<Mutex<BTreeSet<SubjectId>>>,
    tally: Tally,
}

impl Run<'_> {
    fn through(mut self, chunks: &Receiver<Chunk>, outlets: &mut Outlets) -> Result<Tally, ImportError> {
        self.start()?;
        let ended = self.each(chunks, outlets);
        let state = if ended.is_ok() { ImportState::Done } else { ImportState::Stopped };
        let (id, now) = (self.context.import, self.controller.now());
        fault::point("import.before-end");
        let closed = self
            .controller
            .db
            .write_blocking("imports.end", move |tx| store::imports::end(tx, &id, state, now));
        ended?;
        closed.map_err(AppError::from)?;
        Ok(self.tally)
    }

    fn start(&self) -> Result<(), AppError> {
        let (context, now) = (Arc::clone(&self.context), self.controller.now());
        let counts = self.tally.to_json()?;
        Ok(self.controller.db.write_blocking("imports.start", move |tx| {
            let (system, table) = (&context.mapping.system, &context.mapping.table);
            store::imports::start(tx, &context.import, system, table, now, &counts)
        })?)
    }

    /// Writes chunk after chunk, up to the one that says how the source ended.
    fn each(&mut self, chunks: &Receiver<Chunk>, outlets: &mut Outlets) -> Result<(), ImportError> {
        loop {
            let mut chunk =
                chunks.recv().map_err(|_| AppError::Internal("the thread that reads the source died"))?;
            let end = chunk.end.take();
            let progress = (chunk.done, chunk.total);
            let mut rejects = std::mem::take(&mut chunk.rejects);
            rejects.extend(self.write(chunk)?);
            fault::point("import.between-chunks");
            rejects.sort_by_key(|reject| reject.line);
            outlets.tell(&rejects, progress, &self.tally)?;
            match end {
                None => {}
                Some(End::Whole) => return Ok(()),
                Some(End::Broken { line, reason }) => return Err(ImportError::Broken { line, reason }),
                Some(End::TooManyKeys) => return Err(ImportError::TooManyKeys),
            }
        }
    }

    /// Writes one chunk and answers the rows that the transaction rejected.
    fn write(&mut self, chunk: Chunk) -> Result<Vec<Reject>, ImportError> {
        let in_force = self.controller.in_force()?;
        if in_force.policy.version() != self.context.in_force.policy.version() {
            return Err(ImportError::ManifestChanged);
        }
        let chunk = Arc::new(chunk);
        for _ in 0..RACES_MAX {
            let (context, chunk, seen) =
                (Arc::clone(&self.context), Arc::clone(&chunk), Arc::clone(&self.seen));
            let before = self.tally.clone();
            let now = self.controller.now();
            let written = self.controller.db.write_long_blocking("imports.chunk", move |tx| {
                let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                let written = chunk::write(tx, &context, &chunk, &seen, now)?;
                let mut tally = before.clone();
                tally.add(&written.tally);
                if !tally.balances() {
                    return Err(AppError::Internal("an import lost count of its rows"));
                }
                store::imports::put_counts(tx, &context.import, &tally.to_json()?)?;
                Ok((written, tally))
            });
            match written {
                Ok((written, tally)) => {
                    self.tally = tally;
                    let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.extend(written.profiles);
                    let is_full = seen.len() > KEYS_MAX;
                    return if is_full { Err(ImportError::TooManyKeys) } else { Ok(written.rejects) };
                }
                Err(AppError::Conflict { code: crate::identity::RACED, .. }) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(AppError::Busy.into())
    }
}

/// The queue between the thread that reads and the one that writes.
fn queue() -> (std::sync::mpsc::SyncSender<Chunk>, Receiver<Chunk>) {
    sync_channel(READ_AHEAD)
}
