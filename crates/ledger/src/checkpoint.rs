//! The head of a log: how many entries it has and what their root is
//! (c2sp.org/tlog-checkpoint).

use std::fmt;
use std::str::FromStr;

use crate::encoding::from_decimal;
use crate::hash::Hash;
use crate::note::{Note, NoteError, SignerKey, VerifierKey};
use crate::tree::empty_root;

/// The text of a checkpoint: `origin`, size and root, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log, which is also the name of its key.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// Further lines, which we never write: nobody can audit them.
    pub extensions: Vec<String>,
}

/// Why a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it is malformed, or not signed by the key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A line is missing or malformed.
    #[error("line {line} of the checkpoint is missing or malformed")]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// It is the checkpoint of another log.
    #[error("the checkpoint is of the log `{found}`, not `{expected}`")]
    Origin {
        /// The origin it names.
        found: String,
        /// The name of the key it was opened with.
        expected: String,
    },
}

impl Checkpoint {
    /// A checkpoint of ours, without extension lines.
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Self {
        Self { origin: origin.into(), size, root, extensions: Vec::new() }
    }

    /// Reads a signed checkpoint and verifies that the log `key` belongs to has
    /// signed it: the origin must be the name of the key.
    pub fn open(bytes: &[u8], key: &VerifierKey) -> Result<Self, CheckpointError> {
        Self::open_note(&Note::parse(bytes)?, key)
    }

    /// As [`Checkpoint::open`], from a note that has been read already.
    pub fn open_note(note: &Note, key: &VerifierKey) -> Result<Self, CheckpointError> {
        note.verify(std::slice::from_ref(key))?;
        let checkpoint: Self = note.text().parse()?;
        if checkpoint.origin != key.name() {
            return Err(CheckpointError::Origin {
                found: checkpoint.origin,
                expected: key.name().to_owned(),
            });
        }
        Ok(checkpoint)
    }

    /// Signs the checkpoint. A log must never sign two that contradict each other:
    /// this is for the caller to ensure.
    ///
    /// Errors: [`CheckpointError::Line`] if it could not be read back,
    /// [`CheckpointError::Origin`] if the key has another name.
    pub fn sign(&self, key: &SignerKey) -> Result<Note, CheckpointError> {
        let text = self.to_string();
        text.parse::<Self>()?;
        if self.origin != key.verifier().name() {
            return Err(CheckpointError::Origin {
                found: self.origin.clone(),
                expected: key.verifier().name().to_owned(),
            });
        }
        let mut note = Note::new(text)?;
        note.sign(key)?;
        Ok(note)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').unwrap_or_default().split('\n');
        let mut line = |line: usize| {
            let found = lines.next().filter(|found| !found.is_empty());
            found.ok_or(CheckpointError::Line { line })
        };
        let origin = line(1)?.to_owned();
        let size = from_decimal(line(2)?).ok_or(CheckpointError::Line { line: 2 })?;
        let root = line(3)?.parse().map_err(|_| CheckpointError::Line { line: 3 })?;
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::Line { line: 3 });
        }
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        match extensions.iter().position(String::is_empty) {
            Some(position) => Err(CheckpointError::Line { line: position + 4 }),
            None => Ok(Self { origin, size, root, extensions }),
        }
    }
}
