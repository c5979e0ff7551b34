//! Tiles and entry bundles: their names and their contents (c2sp.org/tlog-tiles).

use std::fmt;
use std::str::FromStr;

use crate::encoding::from_decimal;
use crate::hash::{HASH_BYTES, Hash};

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// The longest entry the bundle format can carry, in bytes.
pub const BUNDLE_ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// The highest level of a tile.
pub const LEVEL_MAX: u8 = 63;

/// The longest path of a tile, in bytes.
const PATH_BYTES_MAX: usize = 64;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// The entries themselves.
    Entries,
    /// Hashes: of entries at level 0, of full tiles of the level below otherwise.
    Hashes {
        /// 0 to [`LEVEL_MAX`].
        level: u8,
    },
}

/// The name of a tile: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    width: u16,
}

/// A tile or bundle to be written, whose bytes never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileFile {
    /// Where it is written.
    pub path: TilePath,
    /// All of its bytes.
    pub bytes: Vec<u8>,
}

/// Why a name or the contents of a tile are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not the one way to write the name of a tile.
    #[error("not the path of a tile")]
    Path,
    /// A tile with another number of bytes than its width asks for.
    #[error("{found} bytes instead of {expected}")]
    Size {
        /// The bytes in the tile.
        found: usize,
        /// 32 for each hash.
        expected: usize,
    },
    /// A bundle that ends within an entry or before its last one.
    #[error("the bundle ends within entry {position}")]
    Cut {
        /// Counted from 0 within the bundle.
        position: u16,
    },
    /// A bundle that goes on behind its last entry.
    #[error("{surplus_bytes} bytes stand behind the last entry of the bundle")]
    Surplus {
        /// How many.
        surplus_bytes: usize,
    },
    /// An entry longer than [`BUNDLE_ENTRY_BYTES_MAX`].
    #[error("an entry of {size_bytes} bytes does not fit into a bundle")]
    EntryTooLarge {
        /// Its length.
        size_bytes: usize,
    },
}

impl TilePath {
    /// The tile as it stands in a tree of `size` entries: full, partial, or `None`
    /// where the tree has not grown that far.
    pub fn at_size(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(8 * u32::from(kind.level())).unwrap_or(0);
        let start = index.checked_mul(u64::from(TILE_WIDTH))?;
        let left = hashes.checked_sub(start)?.min(u64::from(TILE_WIDTH));
        let width = u16::try_from(left).ok().filter(|width| *width > 0)?;
        Some(Self { kind, index, width })
    }

    /// The partial tiles of a tree of `size` entries, the bundle first, then from
    /// the lowest level up. They must exist while a checkpoint of this size does.
    pub fn partial_at(size: u64) -> impl Iterator<Item = Self> {
        let hashes = (0..8).map(|level| TileKind::Hashes { level });
        [TileKind::Entries].into_iter().chain(hashes).filter_map(move |kind| {
            let last = (size >> (8 * u32::from(kind.level()))) / u64::from(TILE_WIDTH);
            Self::at_size(kind, last, size)
        })
    }

    /// The full tile `index` of its kind.
    pub(crate) fn full_of(kind: TileKind, index: u64) -> Self {
        Self { kind, index, width: TILE_WIDTH }
    }

    /// What the tile holds.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Counted from 0 within its level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The number of hashes or entries: 1 to [`TILE_WIDTH`].
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether the tile is full.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The same tile when it will be full.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }
}

impl TileKind {
    /// The level; bundles stand beside the tiles of level 0.
    pub fn level(&self) -> u8 {
        match self {
            Self::Entries => 0,
            Self::Hashes { level } => *level,
        }
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => write!(f, "tile/entries/")?,
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
        }
        let digits = self.index.to_string();
        let groups = digits.len().div_ceil(3);
        let padded = format!("{digits:0>width$}", width = groups * 3);
        for (position, c) in padded.chars().enumerate() {
            if position % 3 == 0 {
                let last = position / 3 + 1 == groups;
                f.write_str(if position == 0 { "" } else { "/" })?;
                f.write_str(if last { "" } else { "x" })?;
            }
            write!(f, "{c}")?;
        }
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for TilePath {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let parsed = parse_path(text).ok_or(TileError::Path)?;
        // One tile has one name: no needless zeroes, no `x000`.
        if parsed.to_string() == text { Ok(parsed) } else { Err(TileError::Path) }
    }
}

/// Reads a path generously; the caller compares it with the one way to write it.
fn parse_path(text: &str) -> Option<TilePath> {
    if text.len() > PATH_BYTES_MAX {
        return None;
    }
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes {
            level: u8::try_from(from_decimal(level)?).ok().filter(|level| *level <= LEVEL_MAX)?,
        },
    };
    let (index, width) = match rest.split_once(".p/") {
        None => (rest, TILE_WIDTH),
        Some((index, width)) => {
            (index, u16::try_from(from_decimal(width)?).ok().filter(|width| (1..TILE_WIDTH).contains(width))?)
        }
    };
    let digits: String = index.chars().filter(char::is_ascii_digit).collect();
    let index = digits.parse().ok()?;
    // Beyond this no tree of 2⁶⁴ entries reaches.
    (index <= u64::MAX / u64::from(TILE_WIDTH)).then_some(TilePath { kind, index, width })
}

/// The bytes of a tile: its hashes, one behind the other.
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// The hashes of a tile of exactly this width.
pub fn decode_hashes(bytes: &[u8], width: u16) -> Result<Vec<Hash>, TileError> {
    let expected = usize::from(width) * HASH_BYTES;
    if bytes.len() != expected {
        return Err(TileError::Size { found: bytes.len(), expected });
    }
    let (hashes, _) = bytes.as_chunks::<HASH_BYTES>();
    Ok(hashes.iter().copied().map(Hash::from_bytes).collect())
}

/// Appends an entry to the bytes of a bundle: its length in two bytes, big-endian,
/// and its bytes.
pub fn encode_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), TileError> {
    let size_bytes = entry.len();
    let length = u16::try_from(size_bytes).map_err(|_| TileError::EntryTooLarge { size_bytes })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle of exactly this width.
pub fn decode_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut entries = Vec::with_capacity(usize::from(width));
    let mut rest = bytes;
    for position in 0..width {
        let (entry, behind) = split_entry(rest).ok_or(TileError::Cut { position })?;
        entries.push(entry);
        rest = behind;
    }
    match rest.len() {
        0 => Ok(entries),
        surplus_bytes => Err(TileError::Surplus { surplus_bytes }),
    }
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
