//! Appending to a log: from entries to the files that must be written.

use crate::hash::Hash;
use crate::source::{FileError, Read, read_entries, read_hashes};
use crate::tile::{self, TILE_WIDTH, TileError, TileFile, TileKind, TilePath, encode_hashes};
use crate::tree::{empty_root, leaf_hash, root};

/// Levels of tiles that a tree of fewer than 2⁶⁴ entries has.
const LEVELS: usize = 8;

/// The right edge of a log: its partial tiles and its partial bundle. It is all
/// that is needed to append and to know the root, at most some 65 KiB of hashes
/// and one bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tail {
    size: u64,
    /// The hashes of the partial tile of each level, fewer than 256.
    levels: [Vec<Hash>; LEVELS],
    /// The bytes of the partial bundle.
    bundle: Vec<u8>,
}

/// What appending comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The log's new right edge.
    pub tail: Tail,
    /// The files to write before a checkpoint of the new size is signed.
    pub files: Vec<TileFile>,
}

/// Why a log cannot be continued.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// A file of its right edge is missing or damaged.
    #[error(transparent)]
    File(#[from] FileError),
    /// An entry does not fit.
    #[error(transparent)]
    Entry(#[from] TileError),
    /// The last bundle and the last tile of level 0 contradict each other.
    #[error("entry {index} does not hash to its place in the last tile")]
    Disagree {
        /// The index in the log.
        index: u64,
    },
}

impl Tail {
    /// The right edge of a log without entries.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads the right edge of a log of `size` entries from its files. Whoever has
    /// a checkpoint of this size compares its root with [`Tail::root`].
    pub fn load(size: u64, read: Read<'_>) -> Result<Self, TailError> {
        let mut tail = Self { size, ..Self::default() };
        let mut leaves = Vec::new();
        for path in TilePath::partial_at(size) {
            match path.kind() {
                TileKind::Entries => {
                    for entry in read_entries(read, path)? {
                        tile::encode_entry(&mut tail.bundle, &entry)?;
                        leaves.push(leaf_hash(&entry));
                    }
                }
                TileKind::Hashes { level } => {
                    if let Some(hashes) = tail.levels.get_mut(usize::from(level)) {
                        *hashes = read_hashes(read, path)?;
                    }
                }
            }
        }
        let [lowest, ..] = &tail.levels;
        match lowest.iter().zip(&leaves).position(|(a, b)| a != b) {
            None => Ok(tail),
            Some(position) => {
                Err(TailError::Disagree { index: size - lowest.len() as u64 + position as u64 })
            }
        }
    }

    /// The number of entries in the log.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the log's tree.
    pub fn root(&self) -> Hash {
        let mut below = None;
        for hashes in &self.levels {
            // What is not yet a full tile is the rightmost child of its level.
            let children: Vec<Hash> = hashes.iter().copied().chain(below).collect();
            if !children.is_empty() {
                below = Some(root(&children));
            }
        }
        below.unwrap_or_else(empty_root)
    }

    /// Appends entries and gives the files this makes: every bundle and tile that
    /// became full, and the partial ones at the new size. The same tail and entries
    /// give the same files, so that a step can be repeated after a crash. `self`
    /// stays as it was until the caller has written them.
    ///
    /// Errors: [`TailError::Entry`] for an entry above
    /// [`tile::BUNDLE_ENTRY_BYTES_MAX`].
    pub fn append(&self, entries: &[impl AsRef<[u8]>]) -> Result<Appended, TailError> {
        let mut tail = self.clone();
        let mut files = Vec::new();
        for entry in entries {
            tail.push(entry.as_ref(), &mut files)?;
        }
        files.extend(tail.partial_files(self.size));
        Ok(Appended { tail, files })
    }

    /// Appends one entry; tiles that become full leave the tail for `full`.
    pub(crate) fn push(&mut self, entry: &[u8], full: &mut Vec<TileFile>) -> Result<(), TileError> {
        tile::encode_entry(&mut self.bundle, entry)?;
        let mut index = self.size / u64::from(TILE_WIDTH);
        let mut hash = leaf_hash(entry);
        self.size += 1;
        for (level, hashes) in (0..).zip(&mut self.levels) {
            hashes.push(hash);
            if hashes.len() < usize::from(TILE_WIDTH) {
                break;
            }
            if level == 0 {
                full.push(TileFile {
                    path: TilePath::full_of(TileKind::Entries, index),
                    bytes: std::mem::take(&mut self.bundle),
                });
            }
            full.push(TileFile {
                path: TilePath::full_of(TileKind::Hashes { level }, index),
                bytes: encode_hashes(hashes),
            });
            hash = root(hashes);
            hashes.clear();
            index /= u64::from(TILE_WIDTH);
        }
        Ok(())
    }

    /// The partial tiles and bundle that a log of `old_size` did not have yet.
    pub(crate) fn partial_files(&self, old_size: u64) -> impl Iterator<Item = TileFile> {
        TilePath::partial_at(self.size)
            .filter(move |path| TilePath::at_size(path.kind(), path.index(), old_size) != Some(*path))
            .map(|path| TileFile {
                path,
                bytes: match path.kind() {
                    TileKind::Entries => self.bundle.clone(),
                    TileKind::Hashes { level } => self
                        .levels
                        .get(usize::from(level))
                        .map_or_else(Vec::new, |hashes| encode_hashes(hashes)),
                },
            })
    }
}
