//! Proofs and roots made from the tiles of a log.

use std::collections::HashMap;

use crate::hash::Hash;
use crate::source::{FileError, Read, read_hashes};
use crate::tile::{TILE_WIDTH, TileKind, TilePath};
use crate::tree::{Node, TreeError, consistency_from, empty_root, inclusion_from, range_from, root};

/// Tiles kept in memory; one proof touches at most 16.
const TILES_KEPT_MAX: usize = 256;

/// Heights between two levels of tiles.
const TILE_HEIGHT: u32 = TILE_WIDTH.trailing_zeros();

/// The tree of a log at one size, read from its tiles as far as needed.
pub struct TiledTree<'r> {
    size: u64,
    read: Read<'r>,
    tiles: HashMap<TilePath, Vec<Hash>>,
}

/// Why a proof could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TiledError {
    /// A tile is missing or damaged.
    #[error(transparent)]
    File(#[from] FileError),
    /// What is to be proved lies beyond the tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl<'r> TiledTree<'r> {
    /// The tree of the first `size` entries. The caller takes the size from a
    /// checkpoint it trusts.
    pub fn new(size: u64, read: Read<'r>) -> Self {
        Self { size, read, tiles: HashMap::new() }
    }

    /// The number of entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root as the tiles have it.
    pub fn root(&mut self) -> Result<Hash, TiledError> {
        match self.size {
            0 => Ok(empty_root()),
            size => range_from(0, size, &mut |node| self.node(node)),
        }
    }

    /// Proves that an entry lies in the tree, as [`crate::tree::prove_inclusion`].
    pub fn prove_inclusion(&mut self, index: u64) -> Result<Vec<Hash>, TiledError> {
        inclusion_from(index, self.size, &mut |node| self.node(node))
    }

    /// Proves that the tree only grew since it had `old_size` entries, as
    /// [`crate::tree::prove_consistency`].
    pub fn prove_consistency(&mut self, old_size: u64) -> Result<Vec<Hash>, TiledError> {
        consistency_from(old_size, self.size, &mut |node| self.node(node))
    }

    /// The hash of a complete subtree: of some neighbours within one tile.
    fn node(&mut self, node: Node) -> Result<Hash, TiledError> {
        let beyond = TreeError::Beyond { index: node.index, size: self.size };
        let within = node.height % TILE_HEIGHT;
        let level = u8::try_from(node.height / TILE_HEIGHT).map_err(|_| beyond)?;
        let first = node.index << within;
        let index = first / u64::from(TILE_WIDTH);
        let path = TilePath::at_size(TileKind::Hashes { level }, index, self.size).ok_or(beyond)?;
        let start = (first % u64::from(TILE_WIDTH)) as usize;
        let hashes = self.tile(path)?;
        let covered = hashes.get(start..start + (1 << within)).ok_or(beyond)?;
        Ok(root(covered))
    }

    fn tile(&mut self, path: TilePath) -> Result<&[Hash], FileError> {
        if self.tiles.len() >= TILES_KEPT_MAX {
            self.tiles.clear();
        }
        match self.tiles.entry(path) {
            std::collections::hash_map::Entry::Occupied(kept) => Ok(kept.into_mut()),
            std::collections::hash_map::Entry::Vacant(free) => Ok(free.insert(read_hashes(self.read, path)?)),
        }
    }
}
