//! The room of the log: it gives entries their place, writes the log's files, checks
//! them, and makes proofs.
//!
//! The store assigns, the files follow (`docs/formats/ledger.md`): a round of the
//! [`Sequencer`] numbers what waits, writes sets, bundles and tiles, signs a checkpoint
//! at most once a second, stores it and publishes it. Every step repeats with the same
//! bytes after a crash.
//!
//! | module | what it is for |
//! |---|---|
//! | [`folder`] | the log's files, and which of them the world may see |
//! | [`sequencer`] | the steps of a round, and the task that runs them |
//! | [`publisher`] | files made from stored rows |
//! | [`recovery`] | taking over: what a crash or an older store left behind |
//! | [`check`] | the whole log against its files and the store |
//! | [`proof`] | `.tlog-proof` files |

pub mod check;
mod entry;
pub mod folder;
pub mod proof;
mod publisher;
mod recovery;
pub mod sequencer;

use std::num::TryFromIntError;

use files::FilesError;
use ledger::checkpoint::CheckpointError;
use ledger::proof::ProofError;
use ledger::set::SetError;
use ledger::tail::TailError;
use ledger::tiled::TiledError;
use ledger::verify::Broken;
use model::SetId;
use store::DbError;

pub use check::{Fault, Report, verify, verify_alone};
#[cfg(test)]
pub(crate) use entry::EntryFacts;
pub use folder::{LogFolder, PublicFile};
pub use proof::{OpenedEntry, is_about, open_entry, prove, prove_opened};
pub use sequencer::{Sequencer, run};

/// Why the log could not be continued, read or proved.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another sequencer took over. This one must stop.
    #[error("another sequencer has taken over this log")]
    Fenced,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] DbError),
    /// A file could not be written or read.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The right edge of the log is missing or damaged, and the store does not have its entries.
    #[error(transparent)]
    Tail(#[from] TailError),
    /// A tile is missing or damaged.
    #[error(transparent)]
    Tiles(#[from] TiledError),
    /// A checkpoint is malformed or not signed by the log's key.
    #[error("`{place}`: {source}")]
    Checkpoint {
        /// Where it stands: `checkpoint`, or the store's head.
        place: &'static str,
        /// What is wrong with it.
        source: CheckpointError,
    },
    /// The published checkpoint contradicts the store's: two histories were signed.
    #[error("the published checkpoint of {published} entries contradicts the store's of {stored}")]
    Forked {
        /// The size of the published checkpoint.
        published: u64,
        /// The size of the store's checkpoint.
        stored: u64,
    },
    /// The published log is longer than the store, and its files do not bear it out.
    #[error(
        "the published log has {published} entries and the store {stored}; \
         they cannot be read back, because {source}"
    )]
    Behind {
        /// The size of the published checkpoint.
        published: u64,
        /// The entries that the store has.
        stored: u64,
        /// What stands in the way.
        source: Box<Broken>,
    },
    /// The store and the log have different entries at one place.
    #[error("the store's entry {index} is not the log's")]
    Differs {
        /// The index in the log.
        index: u64,
    },
    /// The stored entries do not lead to the root that was signed.
    #[error("the store's first {size} entries do not have the root that was signed")]
    Root {
        /// How many entries.
        size: u64,
    },
    /// A numbered entry is missing in the store.
    #[error("the store has no entry {index}")]
    Gap {
        /// The index in the log.
        index: u64,
    },
    /// The bytes of an entry are not an entry of a version that this program knows.
    #[error("entry {index} is of an unknown form")]
    UnknownEntry {
        /// The index in the log.
        index: u64,
    },
    /// The stored leaves of a set are not those that its entry names, or its file is damaged.
    #[error("the set `{id}` is not the one that its entry names")]
    Set {
        /// The set.
        id: SetId,
        /// What is wrong with its leaves, when they are no set at all.
        source: Option<SetError>,
    },
    /// The entry is written, but no checkpoint covers it yet. One follows within a second or two.
    #[error("no checkpoint covers this entry yet")]
    NotYet,
    /// The proof could not be made.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A number beyond what the store can hold.
    #[error("the log is larger than the store can count")]
    TooLarge(#[from] TryFromIntError),
    /// The background thread of a round ended.
    #[error("a round of the sequencer was interrupted")]
    Interrupted,
}
