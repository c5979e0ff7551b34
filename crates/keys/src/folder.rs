//! The key folder: the root key and everything wrapped under it, one small file each.
//!
//! No backup may read this folder: an epoch key that lies in a backup cannot be destroyed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::key::Key;
use crate::key_file::{
    FILE_BYTES_MAX, KeyFileFault, KeyPurpose, decode_root, decode_wrapped, encode_root, encode_wrapped,
};
use crate::keyring::{EpochKey, KeyRing};
use crate::primitives::random;

/// The permissions of the folder: its owner's alone.
const FOLDER_MODE: u32 = 0o700;
/// The permissions of each file: its owner's alone.
const FILE_MODE: u32 = 0o600;
/// More live epochs than this are a mistake (one lasts 30 days by default).
const EPOCHS_MAX: usize = 1_000;

/// Why a key folder cannot be made or opened. Names files and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Keys are never written over.
    #[error("`{}` is there already and keys are never written over; choose another place", .0.display())]
    AlreadyThere(PathBuf),
    /// A file or the folder is not there.
    #[error("`{}` is missing; put it back from a keeper's copy, or make new keys for a new store with `steward init`", .0.display())]
    Missing(PathBuf),
    /// Others than the owner may read or write it.
    #[error("`{}` is open to others (mode {mode:04o}); run `chmod {wanted:o} '{}'`", .path.display(), .path.display())]
    LoosePermissions {
        /// The file or folder.
        path: PathBuf,
        /// Its permissions now.
        mode: u32,
        /// What they have to be.
        wanted: u32,
    },
    /// The contents of a file are not what its name promises.
    #[error("`{}` {fault}", .path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: KeyFileFault,
    },
    /// More epochs than the program handles.
    #[error("`{}` holds more than {EPOCHS_MAX} epoch keys; old ones should have been destroyed", .0.display())]
    TooManyEpochs(PathBuf),
    /// The operating system refused.
    #[error("`{}`: {kind}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
}

/// The place where a controller's keys lie.
#[derive(Debug, Clone)]
pub struct KeyFolder {
    folder: PathBuf,
    root: PathBuf,
}

impl KeyFolder {
    /// A key folder that also holds its root key, as `root.key`.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let root = folder.join(KeyPurpose::Root.file_name());
        Self { folder, root }
    }

    /// The same with the root key in a file elsewhere, on another medium say.
    #[must_use]
    pub fn with_root_at(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = root.into();
        self
    }

    /// Makes new random keys and writes them durably; the first epoch is number 1.
    ///
    /// Missing folders are made. After a crash in between, what was written is useless and
    /// can be deleted: nothing can have been sealed under it yet.
    ///
    /// # Errors
    /// [`FolderError::AlreadyThere`] when there is any key file, [`FolderError::LoosePermissions`]
    /// when the folder is open to others, or [`FolderError::Io`].
    pub fn init(&self) -> Result<KeyRing, FolderError> {
        make_folder(&self.folder)?;
        if let Some(root_folder) = self.root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            make_folder(root_folder)?;
        }
        check_mode(&self.folder, FOLDER_MODE)?;
        let taken = list(&self.folder)?.into_iter().find(|path| path.extension() == Some("key".as_ref()));
        if let Some(path) = taken.or_else(|| self.root.exists().then(|| self.root.clone())) {
            return Err(FolderError::AlreadyThere(path));
        }
        let (root, ring) = (Key::random(), KeyRing::generate());
        write_file(&self.root, &encode_root(&root))?;
        let epoch = ring.current_epoch();
        for (purpose, key) in [
            (KeyPurpose::Index, ring.index_key()),
            (KeyPurpose::Tombstone, ring.tombstone_key()),
            (KeyPurpose::LogSigning, ring.log_signing_key()),
            (KeyPurpose::Epoch(epoch.number()), epoch.key()),
        ] {
            write_file(&self.path(purpose), &encode_wrapped(purpose, &root, random(), key))?;
        }
        Ok(ring)
    }

    /// Opens every key in the folder; the root key is forgotten at once.
    ///
    /// # Errors
    /// [`FolderError`], naming the file and what to do about it.
    pub fn open(&self) -> Result<KeyRing, FolderError> {
        check_mode(&self.folder, FOLDER_MODE)?;
        let root = decode_root(&read_file(&self.root)?).map_err(|fault| self.root_fault(fault))?;
        let mut epochs = Vec::new();
        for number in self.epoch_numbers()? {
            epochs.push(EpochKey::new(number, self.read(KeyPurpose::Epoch(number), &root)?));
        }
        let current = epochs.pop().ok_or_else(|| FolderError::Missing(self.path(KeyPurpose::Epoch(1))))?;
        let ring = KeyRing::new(
            current,
            epochs,
            self.read(KeyPurpose::Index, &root)?,
            self.read(KeyPurpose::Tombstone, &root)?,
            self.read(KeyPurpose::LogSigning, &root)?,
        );
        Ok(ring.opened_from(self.clone()))
    }

    /// The key of this epoch, if it is in the folder.
    ///
    /// # Errors
    /// [`FolderError`], as for [`KeyFolder::open`].
    pub fn epoch(&self, number: u32) -> Result<Option<EpochKey>, FolderError> {
        let purpose = KeyPurpose::Epoch(number);
        if !self.path(purpose).exists() {
            return Ok(None);
        }
        let root = decode_root(&read_file(&self.root)?).map_err(|fault| self.root_fault(fault))?;
        Ok(Some(EpochKey::new(number, self.read(purpose, &root)?)))
    }

    /// Makes a new random key for this epoch, durably; where there is one already, made by a
    /// rotation that was cut off or by another node, that one.
    ///
    /// # Errors
    /// [`FolderError`]: without the root key no epoch is opened.
    pub fn make_epoch(&self, number: u32) -> Result<EpochKey, FolderError> {
        check_mode(&self.folder, FOLDER_MODE)?;
        if let Some(made) = self.epoch(number)? {
            return Ok(made);
        }
        let root = decode_root(&read_file(&self.root)?).map_err(|fault| self.root_fault(fault))?;
        let (purpose, key) = (KeyPurpose::Epoch(number), Key::random());
        let made = write_once(&self.path(purpose), &encode_wrapped(purpose, &root, random(), &key))?;
        // Somebody was quicker: theirs is the key of this epoch.
        if made { Ok(EpochKey::new(number, key)) } else { self.make_epoch(number) }
    }

    /// Destroys the key of an epoch in this folder, with everything that a crash left of it, and
    /// looks whether it is gone. Where it is gone already, that is enough.
    ///
    /// The bytes are overwritten before they lose their name. A medium that writes elsewhere
    /// (flash) may keep them nevertheless; they are wrapped under the root key.
    ///
    /// # Errors
    /// [`FolderError::Io`]: it may still be there.
    pub fn destroy_epoch(&self, number: u32) -> Result<(), FolderError> {
        destroy_epoch(&self.folder, number)
    }

    /// Whether there is any key of this folder yet.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path(KeyPurpose::Index).exists() || self.root.exists()
    }

    /// The bytes of a key file, for a keeper's copy.
    pub(crate) fn file(&self, purpose: KeyPurpose) -> Result<Zeroizing<Vec<u8>>, FolderError> {
        read_file(&self.path(purpose))
    }

    fn path(&self, purpose: KeyPurpose) -> PathBuf {
        self.folder.join(purpose.file_name())
    }

    fn root_fault(&self, fault: KeyFileFault) -> FolderError {
        FolderError::Fault { path: self.root.clone(), fault }
    }

    fn read(&self, purpose: KeyPurpose, root: &Key) -> Result<Key, FolderError> {
        let path = self.path(purpose);
        let file = read_file(&path)?;
        decode_wrapped(purpose, root, &file).map_err(|fault| FolderError::Fault { path, fault })
    }

    /// The numbers of the epochs whose key is in this folder, in rising order.
    ///
    /// # Errors
    /// [`FolderError`] when the folder does not read or holds a file with a wrong name.
    pub fn epoch_numbers(&self) -> Result<Vec<u32>, FolderError> {
        let mut numbers = Vec::new();
        for path in list(&self.folder)? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(digits) = name.strip_prefix("epoch-").and_then(|rest| rest.strip_suffix(".key")) else {
                continue;
            };
            match digits.parse() {
                Ok(number) if KeyPurpose::Epoch(number).file_name() == name => numbers.push(number),
                _ => return Err(FolderError::Fault { path, fault: KeyFileFault::Foreign }),
            }
        }
        if numbers.len() > EPOCHS_MAX {
            return Err(FolderError::TooManyEpochs(self.folder.clone()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}

fn io_error(path: &Path, error: &io::Error) -> FolderError {
    match error.kind() {
        io::ErrorKind::NotFound => FolderError::Missing(path.to_owned()),
        kind => FolderError::Io { path: path.to_owned(), kind },
    }
}

/// Makes a folder that is not there yet and those above it, each durably and for its owner
/// alone: keys that are gone with the power would take everything sealed under them along.
fn make_folder(folder: &Path) -> Result<(), FolderError> {
    if folder.as_os_str().is_empty() || folder.exists() {
        return Ok(());
    }
    folder.parent().map_or(Ok(()), make_folder)?;
    match DirBuilder::new().mode(FOLDER_MODE).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made.map_err(|error| io_error(folder, &error))?,
    }
    folder.parent().map_or(Ok(()), sync_folder)
}

fn check_mode(path: &Path, wanted: u32) -> Result<(), FolderError> {
    let metadata = fs::metadata(path).map_err(|error| io_error(path, &error))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(FolderError::LoosePermissions { path: path.to_owned(), mode, wanted });
    }
    Ok(())
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(|error| io_error(folder, &error))
}

/// Reads a key file that only its owner may read, at most [`FILE_BYTES_MAX`] and one byte.
fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, FolderError> {
    check_mode(path, FILE_MODE)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * usize::try_from(FILE_BYTES_MAX).unwrap_or(256)));
    File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(|error| io_error(path, &error))?;
    Ok(bytes)
}

/// Writes a new file so that after a crash it is there whole or not at all: a file beside
/// it, synced, renamed, the folder synced.
fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    let beside = path.with_extension("new");
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(FILE_MODE)
        .open(&beside)
        .and_then(|mut file| {
            file.set_permissions(fs::Permissions::from_mode(FILE_MODE))?;
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| io_error(path, &error))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// The same for a file that may be there already: then it stays, and the answer is `false`.
fn write_once(path: &Path, bytes: &[u8]) -> Result<bool, FolderError> {
    let mark: [u8; 8] = random();
    let beside = path.with_extension(format!("{:016x}.new", u64::from_be_bytes(mark)));
    write_file(&beside, bytes)?;
    let named = fs::hard_link(&beside, path);
    fs::remove_file(&beside).map_err(|error| io_error(&beside, &error))?;
    match named {
        Ok(()) => path.parent().map_or(Ok(()), sync_folder).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(io_error(path, &error)),
    }
}

/// Overwrites and removes every file of an epoch in a folder, durably.
pub(crate) fn destroy_epoch(folder: &Path, number: u32) -> Result<(), FolderError> {
    let whole = KeyPurpose::Epoch(number).file_name();
    let of_epoch = whole.trim_end_matches("key").to_owned();
    let is_of_epoch = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&of_epoch))
    };
    for path in list(folder)?.into_iter().filter(is_of_epoch) {
        // First it loses its name, so that nothing half destroyed is ever taken for a key.
        let doomed = path.with_extension("destroyed");
        fs::rename(&path, &doomed).map_err(|error| io_error(&path, &error))?;
        sync_folder(folder)?;
        let overwritten = fs::set_permissions(&doomed, fs::Permissions::from_mode(FILE_MODE))
            .and_then(|()| OpenOptions::new().write(true).open(&doomed))
            .and_then(|mut file| {
                let length = usize::try_from(file.metadata()?.len()).unwrap_or_default();
                file.write_all(&vec![0; length])?;
                file.sync_all()
            });
        let removed = overwritten.and_then(|()| fs::remove_file(&doomed));
        removed.map_err(|error| io_error(&doomed, &error))?;
    }
    sync_folder(folder)?;
    match list(folder)?.into_iter().find(is_of_epoch) {
        None => Ok(()),
        Some(path) => Err(FolderError::Io { path, kind: io::ErrorKind::Other }),
    }
}

pub(crate) fn sync_folder(folder: &Path) -> Result<(), FolderError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| io_error(folder, &error))
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
