//! The `.tlog-proof` file: that an entry stands in a log, checked offline
//! (c2sp.org/tlog-proof).

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::disclosure::{Disclosure, DisclosureError};
use crate::encoding::{from_base64, from_decimal, to_base64};
use crate::hash::Hash;
use crate::note::{Note, NoteError, VerifierKey};
use crate::source::Read;
use crate::tiled::{TiledError, TiledTree};
use crate::tree::{TreeError, leaf_hash, verify_inclusion};

/// The first line of a proof file.
pub const PROOF_HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The largest proof file, in bytes (512 KiB).
pub const PROOF_BYTES_MAX: usize = 512 * 1024;

/// The most hashes on the way from a leaf to a root.
const PATH_HASHES_MAX: usize = 64;

/// A proof that an entry stands in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Data of our own that nobody has signed; see [`Disclosure`].
    pub extra: Option<Vec<u8>>,
    /// The index of the entry in the log.
    pub index: u64,
    /// The hashes from the leaf's sibling up to the root's child.
    pub path: Vec<Hash>,
    /// The signed checkpoint, with the signatures of witnesses if there are any.
    pub checkpoint: Note,
}

/// Why a proof is refused, or could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// Above [`PROOF_BYTES_MAX`].
    #[error("more than {PROOF_BYTES_MAX} bytes")]
    TooLarge,
    /// A line is missing or malformed.
    #[error("line {line} of the proof is missing or malformed")]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// The checkpoint in it is malformed.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The log's key has not signed its checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not the one that was proved.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// It carries no entry, or one in an unknown form.
    #[error(transparent)]
    Disclosure(#[from] DisclosureError),
    /// It carries nothing besides the proof.
    #[error("the proof carries no entry")]
    NoEntry,
    /// The log's tiles do not give the proof.
    #[error(transparent)]
    Tiles(#[from] TiledError),
}

impl Proof {
    /// Makes the proof of the entry at `index` from a log's tiles, under a signed
    /// checkpoint that covers it.
    pub fn make(
        checkpoint: Note,
        index: u64,
        disclosure: Option<&Disclosure>,
        read: Read<'_>,
    ) -> Result<Self, ProofError> {
        let head: Checkpoint = checkpoint.text().parse()?;
        let path = TiledTree::new(head.size, read).prove_inclusion(index)?;
        Ok(Self { extra: disclosure.map(Disclosure::to_bytes).transpose()?, index, path, checkpoint })
    }

    /// Reads a proof file. Nothing is verified yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(ProofError::TooLarge);
        }
        let text = str::from_utf8(bytes).map_err(|_| ProofError::Line { line: 1 })?;
        let mut lines = Lines { rest: text, line: 0 };
        lines
            .next()?
            .strip_prefix(PROOF_HEADER)
            .filter(|rest| rest.is_empty())
            .ok_or_else(|| lines.malformed())?;
        let mut line = lines.next()?;
        let mut extra = None;
        if let Some(encoded) = line.strip_prefix("extra ") {
            extra = Some(from_base64(encoded).ok_or_else(|| lines.malformed())?);
            line = lines.next()?;
        }
        let index = line.strip_prefix("index ").and_then(from_decimal);
        let index = index.ok_or_else(|| lines.malformed())?;
        let mut path = Vec::new();
        loop {
            let line = lines.next()?;
            if line.is_empty() {
                break;
            }
            let hash = line.parse().ok().filter(|_| path.len() < PATH_HASHES_MAX);
            path.push(hash.ok_or_else(|| lines.malformed())?);
        }
        Ok(Self { extra, index, path, checkpoint: Note::parse(lines.rest.as_bytes())? })
    }

    /// Checks that `entry` stands in the log that `key` belongs to, and gives the
    /// checkpoint that says so.
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<Checkpoint, ProofError> {
        let checkpoint = Checkpoint::open_note(&self.checkpoint, key)?;
        verify_inclusion(&leaf_hash(entry), self.index, checkpoint.size, &self.path, &checkpoint.root)?;
        Ok(checkpoint)
    }

    /// Checks that the entry this proof carries stands in the log, and gives both.
    /// Whom it is about is for the caller to check with [`Disclosure::about`],
    /// against the tag or set that the entry names.
    pub fn verify_disclosed(&self, key: &VerifierKey) -> Result<(Checkpoint, Disclosure), ProofError> {
        let extra = self.extra.as_deref().ok_or(ProofError::NoEntry)?;
        let disclosure = Disclosure::from_bytes(extra)?;
        let checkpoint = self.verify(&disclosure.entry, key)?;
        Ok((checkpoint, disclosure))
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{PROOF_HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The lines of a text, counted.
struct Lines<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> Lines<'t> {
    fn next(&mut self) -> Result<&'t str, ProofError> {
        self.line += 1;
        let (line, rest) = self.rest.split_once('\n').ok_or_else(|| self.malformed())?;
        self.rest = rest;
        Ok(line)
    }

    fn malformed(&self) -> ProofError {
        ProofError::Line { line: self.line }
    }
}
