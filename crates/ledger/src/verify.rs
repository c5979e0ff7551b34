//! A whole log recomputed from its files alone.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::note::VerifierKey;
use crate::source::{CHECKPOINT_PATH, FileError, Read, read_entries, read_file, read_hashes};
use crate::tail::Tail;
use crate::tile::{TILE_WIDTH, TileError, TileFile, TileKind, TilePath, decode_hashes};

/// Called with the index and bytes of each entry, in order, after its hash has
/// been found in its place. An error stops the check; its text holds nothing
/// personal.
pub type Visit<'v> = &'v mut dyn FnMut(u64, &[u8]) -> Result<(), String>;

/// A check of a log: every entry against its hash, every tile against the tiles
/// below it, all of it against the signed checkpoint. It reads one bundle at a
/// time and needs no more memory for a long log than for a short one.
pub struct LogCheck<'a> {
    /// Reads the log's files.
    pub read: Read<'a>,
    /// The key of the log.
    pub key: &'a VerifierKey,
    /// Checkpoints of this log seen elsewhere (by a witness, in a proof, in a copy),
    /// whose signatures were verified. The log must have grown from each of them.
    pub known: &'a [Checkpoint],
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Entries checked so far.
    pub entries_done: u64,
    /// All entries of the log.
    pub entries_total: u64,
}

/// The first thing in a log that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A file is missing, unreadable or damaged.
    #[error(transparent)]
    File(#[from] FileError),
    /// The checkpoint is malformed or not signed by the log's key.
    #[error("`{CHECKPOINT_PATH}`: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// An entry and its hash contradict each other: one of the two was changed.
    #[error("entry {index} in `{bundle}` does not hash to its place in `{tile}`")]
    Entry {
        /// The index in the log.
        index: u64,
        /// Where the entry stands.
        bundle: TilePath,
        /// Where its hash stands.
        tile: TilePath,
    },
    /// A hash of an upper tile is not that of the tile below it.
    #[error(
        "hash {position} of `{tile}`, over the entries from {first_entry} on, is not that of the tile below it"
    )]
    Tile {
        /// The upper tile.
        tile: TilePath,
        /// Counted from 0 within the tile.
        position: u16,
        /// The first entry the hash covers.
        first_entry: u64,
    },
    /// Entries and tiles agree, but their root is not the one that was signed.
    #[error("the root of the {size} entries is not the one that was signed in `{CHECKPOINT_PATH}`")]
    Root {
        /// The size of the log.
        size: u64,
    },
    /// The log is not the one that a known checkpoint was signed for.
    #[error("the first {size} entries are not those of a checkpoint seen before")]
    Rewritten {
        /// The size of the known checkpoint.
        size: u64,
    },
    /// The log has lost entries.
    #[error("the log has {size} entries, but a checkpoint seen before had {known_size}")]
    Shortened {
        /// The size of the log.
        size: u64,
        /// The size of the known checkpoint.
        known_size: u64,
    },
    /// The caller found fault with an entry.
    #[error("entry {index}: {reason}")]
    Refused {
        /// The index in the log.
        index: u64,
        /// What the visitor said.
        reason: String,
    },
}

impl LogCheck<'_> {
    /// Checks the log under its own `checkpoint` file, which it gives back.
    pub fn run(&self, visit: Visit<'_>, progress: &mut dyn FnMut(Progress)) -> Result<Checkpoint, Broken> {
        let bytes = read_file(self.read, CHECKPOINT_PATH)?;
        let checkpoint = Checkpoint::open(&bytes, self.key)?;
        self.run_at(&checkpoint, visit, progress)?;
        Ok(checkpoint)
    }

    /// Checks the log as it stood at a checkpoint that [`Checkpoint::open`] gave.
    pub fn run_at(
        &self,
        checkpoint: &Checkpoint,
        visit: Visit<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Broken> {
        let size = checkpoint.size;
        if let Some(known) = self.known.iter().find(|known| known.size > size) {
            return Err(Broken::Shortened { size, known_size: known.size });
        }
        let mut tail = Tail::empty();
        let mut number = 0;
        while let Some(bundle) = TilePath::at_size(TileKind::Entries, number, size) {
            let first = tail.size();
            let entries = read_entries(self.read, bundle)?;
            let mut files = Vec::new();
            for entry in &entries {
                tail.push(entry, &mut files).map_err(damaged(bundle))?;
                self.compare_known(&tail)?;
            }
            if tail.size() == size {
                files.extend(tail.partial_files(0));
            }
            for file in &files {
                self.compare_tile(file, bundle)?;
            }
            for (index, entry) in (first..).zip(&entries) {
                visit(index, entry).map_err(|reason| Broken::Refused { index, reason })?;
            }
            progress(Progress { entries_done: tail.size(), entries_total: size });
            number += 1;
        }
        if tail.root() != checkpoint.root {
            return Err(Broken::Root { size });
        }
        Ok(())
    }

    fn compare_known(&self, tail: &Tail) -> Result<(), Broken> {
        let size = tail.size();
        let same_size = |known: &&Checkpoint| known.size == size;
        for known in self.known.iter().filter(same_size) {
            if tail.root() != known.root {
                return Err(Broken::Rewritten { size });
            }
        }
        Ok(())
    }

    /// Compares a tile as it must be with the file as it is.
    fn compare_tile(&self, file: &TileFile, bundle: TilePath) -> Result<(), Broken> {
        let tile = file.path;
        let TileKind::Hashes { level } = tile.kind() else {
            // The entries themselves are what everything is computed from.
            return Ok(());
        };
        let expected = decode_hashes(&file.bytes, tile.width()).map_err(damaged(tile))?;
        let found = read_hashes(self.read, tile)?;
        let differs = (0..).zip(expected.iter().zip(&found)).find(|(_, (a, b))| a != b);
        let Some((position, _)) = differs else {
            return Ok(());
        };
        let number = tile.index() * u64::from(TILE_WIDTH) + u64::from(position);
        Err(match level {
            0 => Broken::Entry { index: number, bundle, tile },
            _ => Broken::Tile { tile, position, first_entry: number << (8 * u32::from(level)) },
        })
    }
}

fn damaged(path: TilePath) -> impl FnOnce(TileError) -> Broken {
    move |fault| FileError::Damaged { path, fault }.into()
}
