//! The sequencer: the steps that put entries into the log, and the task that runs them.

use std::sync::Arc;
use std::time::Duration;

use ledger::{Checkpoint, Note, SignerKey, Tail, TilePath};
use model::{Clock, Timestamp};
use store::sequence::{self, Head, ROUND_ENTRIES_MAX};
use store::{Db, DbError};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::folder::{LogFolder, open_checkpoint};
use super::{LedgerError, publisher, recovery};

/// Where the store's checkpoint stands, for messages.
pub(super) const STORED: &str = "the store's head";

/// The longest pause between two rounds.
const PAUSE_MAX: Duration = Duration::from_millis(250);
/// The shortest, so that a burst of writers shares rounds.
const PAUSE_MIN: Duration = Duration::from_millis(25);
/// The longest pause after failures that repeat.
const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// Seconds from one checkpoint to the next.
const CHECKPOINT_SECONDS: i64 = 1;

/// Gives the entries of one controller their places and publishes its log.
///
/// All methods block, so they do not belong on a thread of the async runtime; [`run`] is
/// the async face. Each step is public, because a crash may lie between any two of them.
pub struct Sequencer {
    pub(super) db: Db,
    pub(super) log: LogFolder,
    pub(super) signer: Arc<SignerKey>,
    pub(super) clock: Arc<dyn Clock>,
    /// The head as this sequencer last saw it.
    pub(super) head: Head,
    /// The right edge of the files as they are written.
    pub(super) tail: Tail,
    /// Tiles that became full, and how large the log was, before the next checkpoint.
    pub(super) filled: Vec<TilePath>,
    pub(super) signed: Option<Timestamp>,
}

/// What a round came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Entries that got their place.
    pub numbered: u64,
    /// Whether more of them may wait.
    pub more: bool,
    /// The size of the checkpoint that was published, if one was due.
    pub published: Option<u64>,
}

impl Sequencer {
    /// Takes over a log: raises the fencing number, mends what a crash left behind, and reads
    /// entries back that the published log has and the store has not.
    ///
    /// # Errors
    /// When the files and the store contradict each other ([`LedgerError::Forked`],
    /// [`LedgerError::Differs`], [`LedgerError::Root`]), when the log is ahead of the store and
    /// cannot be read back ([`LedgerError::Behind`]), or when store or files fail.
    pub fn take_over(
        db: Db,
        log: LogFolder,
        signer: Arc<SignerKey>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LedgerError> {
        let (head, tail) = recovery::take_over(&db, &log, signer.verifier())?;
        let sequencer = Self { db, log, signer, clock, head, tail, filled: Vec::new(), signed: None };
        sequencer.publish()?;
        Ok(sequencer)
    }

    /// One round: numbers, writes sets, and when a checkpoint is due writes bundles and tiles,
    /// signs, stores and publishes it.
    ///
    /// # Errors
    /// [`LedgerError::Fenced`] when another sequencer took over; else when store or files fail,
    /// and the round may be repeated.
    pub fn round(&mut self) -> Result<Round, LedgerError> {
        self.run_round(false)
    }

    /// A round whose checkpoint is due whatever the time: the last one before a stop.
    ///
    /// # Errors
    /// As [`Sequencer::round`].
    pub fn flush(&mut self) -> Result<Round, LedgerError> {
        while self.run_round(true)?.more {}
        self.run_round(true)
    }

    fn run_round(&mut self, at_once: bool) -> Result<Round, LedgerError> {
        let numbered = self.number()?;
        fault::point("sequence.after-numbering");
        let sets = self.write_sets();
        let mut published = None;
        let grown = self.head.size > self.head.checkpoint_size;
        if grown && (at_once || self.is_due()) {
            self.write_files()?;
            fault::point("sequence.after-files");
            self.sign()?;
            fault::point("sequence.after-signing");
            self.publish()?;
            fault::point("sequence.after-publishing");
            self.tidy()?;
            published = Some(self.tail.size());
        }
        sets?;
        let more = numbered >= u64::try_from(ROUND_ENTRIES_MAX)?;
        Ok(Round { numbered, more, published })
    }

    /// Step 1: gives waiting entries the next places, and answers how many.
    ///
    /// # Errors
    /// [`LedgerError::Fenced`], or when the store fails.
    pub fn number(&mut self) -> Result<u64, LedgerError> {
        let (log, fence) = (self.name(), self.head.fence);
        let (head, waiting) = self.db.read_blocking::<_, DbError, _>("ledger head", move |tx| {
            Ok((sequence::head(tx, &log)?, sequence::any_unnumbered(tx)?))
        })?;
        // What a round that failed half way did is in the head already.
        self.head = head.filter(|head| head.fence == fence).ok_or(LedgerError::Fenced)?;
        if !waiting {
            return Ok(0);
        }
        let (log, size) = (self.name(), self.head.size);
        let numbered = self.db.write_blocking::<_, DbError, _>("ledger number", move |tx| {
            sequence::number(tx, &log, size, fence)
        })?;
        let numbered = numbered.ok_or(LedgerError::Fenced)?;
        self.head.size += numbered;
        Ok(u64::try_from(numbered)?)
    }

    /// Step 2a: writes the files of sets that have none.
    ///
    /// # Errors
    /// [`LedgerError::Set`] for a set that is not what its entry names, after the others are
    /// written; or when store or files fail.
    pub fn write_sets(&self) -> Result<(), LedgerError> {
        publisher::write_sets(&self.db, &self.log)
    }

    /// Step 2b: writes the bundles and tiles of everything numbered.
    ///
    /// # Errors
    /// When store or files fail, or a file exists with other bytes.
    pub fn write_files(&mut self) -> Result<(), LedgerError> {
        let size = u64::try_from(self.head.size)?;
        let mut filled = Vec::new();
        let tail = publisher::grow(&self.db, self.tail.clone(), size, &mut |file| {
            filled.extend(Some(file.path).filter(TilePath::is_full));
            self.log.put_tile(file)
        })?;
        self.tail = tail;
        self.filled.append(&mut filled);
        Ok(())
    }

    /// Step 3a: signs the checkpoint of what is written and stores it in the head.
    ///
    /// # Errors
    /// [`LedgerError::Fenced`], or when the store fails.
    pub fn sign(&mut self) -> Result<(), LedgerError> {
        let checkpoint = Checkpoint::new(self.name(), self.tail.size(), self.tail.root());
        let size = i64::try_from(self.tail.size())?;
        if size == self.head.checkpoint_size {
            return Ok(());
        }
        let signed = checkpoint.sign(&self.signer);
        let text = signed.map_err(|source| LedgerError::Checkpoint { place: STORED, source })?.to_string();
        let (log, fence, old_size) = (self.name(), self.head.fence, self.head.checkpoint_size);
        let stored = text.clone();
        let done = self.db.write_blocking::<_, DbError, _>("ledger checkpoint", move |tx| {
            sequence::store_checkpoint(tx, &log, fence, old_size, size, &stored)
        })?;
        if !done {
            return Err(LedgerError::Fenced);
        }
        self.head.checkpoint_size = size;
        self.head.checkpoint = text;
        self.signed = Some(self.clock.now());
        Ok(())
    }

    /// Step 3b: publishes the head's checkpoint.
    ///
    /// # Errors
    /// When the files fail.
    pub fn publish(&self) -> Result<(), LedgerError> {
        match self.stored()? {
            Some((note, size)) => self.log.publish(&note, size, self.signer.verifier()),
            None => Ok(()),
        }
    }

    /// Removes the partial tiles behind full ones that a published checkpoint covers.
    fn tidy(&mut self) -> Result<(), LedgerError> {
        for full in std::mem::take(&mut self.filled) {
            self.log.drop_partials(full)?;
        }
        Ok(())
    }

    fn stored(&self) -> Result<Option<(Note, u64)>, LedgerError> {
        if self.head.checkpoint_size == 0 {
            return Ok(None);
        }
        let opened = open_checkpoint(self.head.checkpoint.as_bytes(), self.signer.verifier(), STORED)?;
        Ok(Some((opened.note, opened.checkpoint.size)))
    }

    fn is_due(&self) -> bool {
        let now = self.clock.now();
        self.signed.is_none_or(|signed| now < signed || signed.plus_seconds(CHECKPOINT_SECONDS) <= now)
    }

    /// The log's origin, which is also the key's name and the head's.
    fn name(&self) -> String {
        self.signer.verifier().name().to_owned()
    }
}

/// Runs rounds until `shutdown` is ready, at the latest every 250 ms and soon after `nudge`
/// is notified; at the end everything acknowledged is published. Failures are logged and
/// tried again, more slowly each time.
///
/// # Errors
/// [`LedgerError::Fenced`] when another sequencer took over: this one has stopped. At the
/// end, what kept the last round from its checkpoint.
pub async fn run(
    mut sequencer: Sequencer,
    nudge: Arc<Notify>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), LedgerError> {
    let mut shutdown = std::pin::pin!(shutdown);
    let mut backoff = PAUSE_MAX;
    loop {
        let (back, outcome) = on_thread(sequencer, Sequencer::round).await?;
        sequencer = back;
        let pause = match outcome {
            Ok(round) => {
                backoff = PAUSE_MAX;
                if round.more { Duration::ZERO } else { PAUSE_MAX }
            }
            Err(LedgerError::Fenced) => return Err(LedgerError::Fenced),
            Err(error) => {
                tracing::error!(error = %Chain(&error), pause_ms = backoff.as_millis(), "the log does not advance");
                let pause = backoff;
                backoff = (backoff * 2).min(BACKOFF_MAX);
                pause
            }
        };
        let rest = async {
            sleep(PAUSE_MIN.min(pause)).await;
            // Either way it is time for a round.
            let _ = timeout(pause.saturating_sub(PAUSE_MIN), nudge.notified()).await;
        };
        tokio::select! {
            () = &mut shutdown => break,
            () = rest => {}
        }
    }
    on_thread(sequencer, Sequencer::flush).await?.1.map(|_| ())
}

async fn on_thread(
    mut sequencer: Sequencer,
    step: fn(&mut Sequencer) -> Result<Round, LedgerError>,
) -> Result<(Sequencer, Result<Round, LedgerError>), LedgerError> {
    let done = tokio::task::spawn_blocking(move || {
        let outcome = step(&mut sequencer);
        (sequencer, outcome)
    });
    done.await.map_err(|_| LedgerError::Interrupted)
}

/// An error with its sources, which hold no personal data: codes, paths and indices.
struct Chain<'e>(&'e dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(source) = next {
            write!(f, ": {source}")?;
            next = source.source();
        }
        Ok(())
    }
}
