//! One owner per data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use thiserror::Error;

/// The folder's lock, held while this value lives; the system lets go of it
/// when the process ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

/// Why a folder was not taken.
#[derive(Debug, Error)]
pub enum FolderLockError {
    /// Another process owns the folder.
    #[error("the data folder `{0}` is in use by another process")]
    Taken(String),
    /// The lock file cannot be opened or locked.
    #[error("cannot lock the data folder `{folder}`: {kind}")]
    Io {
        /// The folder.
        folder: String,
        /// What the system says.
        kind: io::ErrorKind,
    },
}

impl FolderLock {
    /// Takes `folder` by the file `data.lock` in it, or says who cannot have it.
    pub fn take(folder: &Path) -> Result<Self, FolderLockError> {
        let name = folder.display().to_string();
        let failed = |folder: String, kind| FolderLockError::Io { folder, kind };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("data.lock"))
            .map_err(|error| failed(name.clone(), error.kind()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(FolderLockError::Taken(name)),
            Err(TryLockError::Error(error)) => Err(failed(name, error.kind())),
        }
    }
}
