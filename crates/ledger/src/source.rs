//! Reading the files of a log, wherever they lie.

use std::io;

use crate::hash::Hash;
use crate::tile::{TILE_WIDTH, TileError, TileKind, TilePath, decode_bundle, decode_hashes};

/// Reads a file of a log by its path below the log's folder; `None` when there is
/// no such file. It is handed in, because this crate does no IO.
pub type Read<'r> = &'r dyn Fn(&str) -> io::Result<Option<Vec<u8>>>;

/// Where the signed head of a log lies.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// Why a file of a log is of no use.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such file, nor the full tile that could stand in for it.
    #[error("`{path}` is missing")]
    Missing {
        /// Below the log's folder.
        path: String,
    },
    /// It could not be read.
    #[error("`{path}` cannot be read: {source}")]
    Unreadable {
        /// Below the log's folder.
        path: String,
        /// What the reader said.
        source: io::Error,
    },
    /// Its contents are not those of a tile.
    #[error("`{path}` is damaged: {fault}")]
    Damaged {
        /// The tile or bundle.
        path: TilePath,
        /// What is wrong with it.
        fault: TileError,
    },
}

/// All bytes of a file that must exist.
pub(crate) fn read_file(read: Read<'_>, path: &str) -> Result<Vec<u8>, FileError> {
    optional(read, path)?.ok_or_else(|| FileError::Missing { path: path.to_owned() })
}

/// The hashes of a tile.
pub(crate) fn read_hashes(read: Read<'_>, path: TilePath) -> Result<Vec<Hash>, FileError> {
    let (found, bytes) = read_tile(read, path)?;
    let mut hashes = decode_hashes(&bytes, found.width()).map_err(damaged(found))?;
    hashes.truncate(usize::from(path.width()));
    Ok(hashes)
}

/// The bytes of one entry of a log of `size` entries, or `None` beyond its end.
/// Its hash is not checked: a proof does that.
pub fn read_entry(index: u64, size: u64, read: Read<'_>) -> Result<Option<Vec<u8>>, FileError> {
    let width = u64::from(TILE_WIDTH);
    match TilePath::at_size(TileKind::Entries, index / width, size) {
        Some(bundle) => {
            let mut entries = read_entries(read, bundle)?.into_iter();
            Ok(entries.nth((index % width) as usize))
        }
        None => Ok(None),
    }
}

/// The entries of a bundle.
pub(crate) fn read_entries(read: Read<'_>, path: TilePath) -> Result<Vec<Vec<u8>>, FileError> {
    let (found, bytes) = read_tile(read, path)?;
    let entries = decode_bundle(&bytes, found.width()).map_err(damaged(found))?;
    let wanted = entries.into_iter().take(usize::from(path.width()));
    Ok(wanted.map(<[u8]>::to_vec).collect())
}

/// A tile, or the full one that has taken the place of a partial one.
fn read_tile(read: Read<'_>, path: TilePath) -> Result<(TilePath, Vec<u8>), FileError> {
    if let Some(bytes) = optional(read, &path.to_string())? {
        return Ok((path, bytes));
    }
    match optional(read, &path.full().to_string())? {
        Some(bytes) => Ok((path.full(), bytes)),
        None => Err(FileError::Missing { path: path.to_string() }),
    }
}

fn optional(read: Read<'_>, path: &str) -> Result<Option<Vec<u8>>, FileError> {
    read(path).map_err(|source| FileError::Unreadable { path: path.to_owned(), source })
}

fn damaged(path: TilePath) -> impl FnOnce(TileError) -> FileError {
    move |fault| FileError::Damaged { path, fault }
}
