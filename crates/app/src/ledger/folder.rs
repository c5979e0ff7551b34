//! The folder of one controller's log: `checkpoint`, `tile/…`, `tile/entries/…`, `set/…`.

use std::io;
use std::path::Path;

use files::{FilesError, Folder};
use ledger::tile::TileKind;
use ledger::{CHECKPOINT_PATH, Checkpoint, Note, Set, TileFile, TilePath, VerifierKey};
use model::SetId;

use super::LedgerError;

/// How often publishing looks again when someone else publishes at the same moment.
const PUBLISH_TRIES_MAX: u32 = 16;

/// The files of one log. Clones share the folder.
#[derive(Debug, Clone)]
pub struct LogFolder {
    folder: Folder,
}

/// A file as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it never changes, so that caches may keep it for good.
    pub immutable: bool,
    /// Whether only those with the auditor's right may read it.
    pub auditors_only: bool,
}

/// The checkpoint that the world sees.
#[derive(Debug, Clone)]
pub struct Published {
    /// The note as it was signed.
    pub note: Note,
    /// What it says.
    pub checkpoint: Checkpoint,
}

impl LogFolder {
    /// Opens the folder, making it when it is missing.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        Ok(Self { folder: Folder::create(path)? })
    }

    /// Opens a folder that exists, for reading alone.
    ///
    /// # Errors
    /// When it is missing or no folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        Ok(Self { folder: Folder::open(path)? })
    }

    /// Reads a file by its path in the log, as the functions of the `ledger` crate ask for it.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.folder.get(path)?)
    }

    /// The published checkpoint; `None` before the first.
    ///
    /// # Errors
    /// [`LedgerError::Checkpoint`] when it is malformed or not signed by `key`.
    pub fn published(&self, key: &VerifierKey) -> Result<Option<Published>, LedgerError> {
        let Some(bytes) = self.folder.get(CHECKPOINT_PATH)? else { return Ok(None) };
        open_checkpoint(&bytes, key, CHECKPOINT_PATH).map(Some)
    }

    /// A set by its id; `None` when its file is not written.
    ///
    /// # Errors
    /// [`LedgerError::Set`] when the file is damaged.
    pub fn set(&self, id: &SetId) -> Result<Option<Set>, LedgerError> {
        let Some(bytes) = self.folder.get(&set_path(id))? else { return Ok(None) };
        let set = Set::from_bytes(&bytes);
        set.map(Some).map_err(|source| LedgerError::Set { id: *id, source: Some(source) })
    }

    /// What stands under a path that was asked for from outside; `None` for anything that is
    /// no file of a log. The caller refuses `auditors_only` files to everybody else, as if
    /// they did not exist.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn public_file(&self, path: &str) -> Result<Option<PublicFile>, LedgerError> {
        let (immutable, auditors_only) = if path == CHECKPOINT_PATH {
            (false, false)
        } else if let Ok(tile) = path.parse::<TilePath>() {
            (true, tile.kind() == TileKind::Entries)
        } else if path.strip_prefix("set/").is_some_and(|id| id.parse::<SetId>().is_ok()) {
            (true, true)
        } else {
            return Ok(None);
        };
        let bytes = self.folder.get(path)?;
        Ok(bytes.map(|bytes| PublicFile { bytes, immutable, auditors_only }))
    }

    /// Writes a tile or bundle, whose bytes never change.
    pub(super) fn put_tile(&self, file: &TileFile) -> Result<(), LedgerError> {
        Ok(self.folder.put_new(&file.path.to_string(), &file.bytes)?)
    }

    /// Writes a tile or bundle anew where it is missing or damaged.
    pub(super) fn mend_tile(&self, file: &TileFile) -> Result<(), LedgerError> {
        let path = file.path.to_string();
        if self.folder.get(&path)?.as_deref() != Some(&file.bytes) {
            self.folder.put_atomic(&path, &file.bytes)?;
        }
        Ok(())
    }

    /// Removes the partial tiles that a full one has replaced. A partial tile that is asked
    /// for afterwards is the beginning of the full one.
    pub(super) fn drop_partials(&self, full: TilePath) -> Result<(), LedgerError> {
        for partial in self.folder.list(&format!("{full}.p"))? {
            self.folder.remove(&partial)?;
        }
        Ok(())
    }

    /// Writes the file of a set.
    pub(super) fn put_set(&self, id: &SetId, set: &Set) -> Result<(), LedgerError> {
        Ok(self.folder.put_new(&set_path(id), &set.to_bytes())?)
    }

    /// Publishes a checkpoint, unless a larger one is published.
    ///
    /// INVARIANT(published-grows): what the world sees never shrinks, even when a sequencer
    /// that was overtaken wakes up here.
    pub(super) fn publish(&self, note: &Note, size: u64, key: &VerifierKey) -> Result<(), LedgerError> {
        let bytes = note.to_string().into_bytes();
        let mut tries = 0;
        loop {
            let old = self.folder.get(CHECKPOINT_PATH)?;
            if let Some(old) = &old
                && (*old == bytes || open_checkpoint(old, key, CHECKPOINT_PATH)?.checkpoint.size >= size)
            {
                return Ok(());
            }
            tries += 1;
            match self.folder.replace_if(CHECKPOINT_PATH, old.as_deref(), &bytes) {
                Err(FilesError::Changed { .. }) if tries < PUBLISH_TRIES_MAX => {}
                done => return Ok(done?),
            }
        }
    }
}

/// Where the file of a set lies.
pub(super) fn set_path(id: &SetId) -> String {
    format!("set/{id}")
}

/// Reads and verifies a checkpoint that stands in `place`.
pub(super) fn open_checkpoint(
    bytes: &[u8],
    key: &VerifierKey,
    place: &'static str,
) -> Result<Published, LedgerError> {
    let open = || {
        let note = Note::parse(bytes)?;
        let checkpoint = Checkpoint::open_note(&note, key)?;
        Ok(Published { note, checkpoint })
    };
    open().map_err(|source| LedgerError::Checkpoint { place, source })
}
