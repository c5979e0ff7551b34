//! Keepers: folders on another machine or medium that hold a second copy of the keys.
//!
//! A keeper has every key file but the root key, so whoever steals a keeper alone opens
//! nothing. It bears a mark: an empty mount point looks like an empty keeper, and would confirm
//! that a key is gone which lies on the medium in a drawer.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::folder::{FolderError, KeyFolder, destroy_epoch, sync_folder};
use crate::key_file::{FILE_BYTES_MAX, KeyPurpose};

/// The file by which a keeper is known.
const MARK: &str = "steward-keeper.txt";
/// How the mark begins; also the format's version.
const MAGIC: &str = "steward-keeper/v1";
/// The longest mark that is read.
const MARK_BYTES_MAX: u64 = 1_024;

/// A folder that holds a second copy of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeper {
    name: String,
    folder: PathBuf,
}

/// Why a keeper did not do its part. It is asked again later.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    /// The folder, or its mark, is not there: the medium or machine is away.
    #[error("the keeper `{name}` is away: `{}` bears no mark; connect it, or make it one with `steward keys keeper {name}`", .folder.display())]
    Away {
        /// The keeper's name.
        name: String,
        /// Its folder.
        folder: PathBuf,
    },
    /// The mark names another store's keys.
    #[error("the keeper `{0}` keeps the keys of another store; give each store a folder of its own")]
    Foreign(String),
    /// It holds another key in the place of ours.
    #[error("the keeper `{name}` holds another file as `{file}`; keys are never written over")]
    Differs {
        /// The keeper's name.
        name: String,
        /// The file.
        file: String,
    },
    /// What was to be copied or destroyed did not read or write.
    #[error("the keeper `{name}`: {source}")]
    Folder {
        /// The keeper's name.
        name: String,
        /// What failed.
        source: FolderError,
    },
}

impl Keeper {
    /// The keeper of this name at this folder.
    #[must_use]
    pub fn new(name: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), folder: folder.into() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder a keeper of the store with this log key (its verifier key, which is
    /// public). A keeper of the same store stays as it is.
    ///
    /// # Errors
    /// [`KeeperError::Foreign`] for another store's, or [`KeeperError::Folder`].
    pub fn mark(&self, log_key: &str) -> Result<(), KeeperError> {
        match self.check(log_key) {
            Err(KeeperError::Away { .. }) => {}
            checked => return checked,
        }
        let path = self.folder.join(MARK);
        self.write(&path, format!("{MAGIC}\n{log_key}\n").as_bytes())
    }

    /// Whether the keeper is here, and keeps the keys of the store with this log key.
    ///
    /// # Errors
    /// [`KeeperError::Away`], [`KeeperError::Foreign`] or [`KeeperError::Folder`].
    pub fn check(&self, log_key: &str) -> Result<(), KeeperError> {
        let path = self.folder.join(MARK);
        let mark = match read(&path, MARK_BYTES_MAX) {
            Ok(mark) => mark,
            Err(error) if is_away(&error) => {
                return Err(KeeperError::Away { name: self.name.clone(), folder: self.folder.clone() });
            }
            Err(error) => return Err(self.io(&path, &error)),
        };
        if mark == format!("{MAGIC}\n{log_key}\n").as_bytes() {
            Ok(())
        } else {
            Err(KeeperError::Foreign(self.name.clone()))
        }
    }

    /// Takes a copy of an epoch's key and of the store's own keys, each read back from the
    /// keeper. What it holds already stays.
    ///
    /// # Errors
    /// As [`Keeper::check`]; [`KeeperError::Differs`] where it holds another key of that name.
    pub fn take(&self, log_key: &str, from: &KeyFolder, epoch: u32) -> Result<(), KeeperError> {
        self.check(log_key)?;
        for purpose in
            [KeyPurpose::Index, KeyPurpose::Tombstone, KeyPurpose::LogSigning, KeyPurpose::Epoch(epoch)]
        {
            let bytes = from.file(purpose).map_err(|source| self.failed(source))?;
            let file = purpose.file_name();
            let path = self.folder.join(&file);
            if !path.exists() {
                self.write(&path, &bytes)?;
            }
            let held = read(&path, FILE_BYTES_MAX + 1).map_err(|error| self.io(&path, &error))?;
            if held != **bytes {
                return Err(KeeperError::Differs { name: self.name.clone(), file });
            }
        }
        Ok(())
    }

    /// Destroys the keeper's copy of an epoch's key, and confirms that it is gone.
    ///
    /// # Errors
    /// As [`Keeper::check`]: a keeper that is away confirms nothing.
    pub fn destroy(&self, log_key: &str, epoch: u32) -> Result<(), KeeperError> {
        self.check(log_key)?;
        destroy_epoch(&self.folder, epoch).map_err(|source| self.failed(source))?;
        // The medium may have been taken out meanwhile.
        self.check(log_key)
    }

    /// Writes a file whole or not at all. A medium without permissions (FAT) is no obstacle.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), KeeperError> {
        let beside = path.with_extension("new");
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)
            .and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&beside, path));
        written.map_err(|error| self.io(path, &error))?;
        sync_folder(&self.folder).map_err(|source| self.failed(source))
    }

    fn failed(&self, source: FolderError) -> KeeperError {
        KeeperError::Folder { name: self.name.clone(), source }
    }

    fn io(&self, path: &Path, error: &io::Error) -> KeeperError {
        self.failed(FolderError::Io { path: path.to_owned(), kind: error.kind() })
    }
}

/// What a mount point without its medium, or a machine that is switched off, answers.
fn is_away(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionReset, HostUnreachable, NetworkUnreachable, NotADirectory, NotConnected, NotFound,
        StaleNetworkFileHandle, TimedOut,
    };
    matches!(
        error.kind(),
        NotFound
            | NotADirectory
            | TimedOut
            | NotConnected
            | ConnectionReset
            | HostUnreachable
            | NetworkUnreachable
            | StaleNetworkFileHandle
    )
}

fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "shop.example/log+00000001+key";

    struct Place {
        _base: tempfile::TempDir,
        keys: KeyFolder,
        keeper: Keeper,
    }

    fn place() -> Place {
        let base = tempfile::tempdir().unwrap();
        let keys = KeyFolder::at(base.path().join("keys"));
        keys.init().unwrap();
        fs::create_dir(base.path().join("stick")).unwrap();
        let keeper = Keeper::new("stick", base.path().join("stick"));
        Place { _base: base, keys, keeper }
    }

    fn names(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_keeper_takes_every_key_but_the_root_and_gives_up_an_epoch_when_told() {
        let place = place();
        place.keeper.mark(OURS).unwrap();
        place.keeper.mark(OURS).unwrap();
        place.keeper.take(OURS, &place.keys, 1).unwrap();
        place.keeper.take(OURS, &place.keys, 1).unwrap();
        let all = ["epoch-000001.key", "index.key", "log-signing.key", "steward-keeper.txt", "tombstone.key"];
        assert_eq!(names(place.keeper.folder()), all);
        place.keeper.destroy(OURS, 1).unwrap();
        place.keeper.destroy(OURS, 1).unwrap();
        assert_eq!(names(place.keeper.folder()), all[1..]);
    }

    #[test]
    fn an_empty_mount_point_takes_nothing_and_confirms_nothing() {
        let place = place();
        for outcome in [place.keeper.take(OURS, &place.keys, 1), place.keeper.destroy(OURS, 1)] {
            assert!(matches!(outcome, Err(KeeperError::Away { .. })), "{outcome:?}");
        }
        assert!(names(place.keeper.folder()).is_empty());
    }

    #[test]
    fn another_stores_keeper_and_another_key_are_left_alone() {
        let place = place();
        place.keeper.mark("other.example/log+00000002+key").unwrap();
        assert!(matches!(place.keeper.mark(OURS), Err(KeeperError::Foreign(_))));
        assert!(matches!(place.keeper.destroy(OURS, 1), Err(KeeperError::Foreign(_))));
        fs::remove_file(place.keeper.folder().join(MARK)).unwrap();
        place.keeper.mark(OURS).unwrap();
        fs::write(place.keeper.folder().join("epoch-000001.key"), b"another").unwrap();
        let refused = place.keeper.take(OURS, &place.keys, 1);
        assert!(matches!(&refused, Err(KeeperError::Differs { file, .. }) if file == "epoch-000001.key"));
        assert_eq!(fs::read(place.keeper.folder().join("epoch-000001.key")).unwrap(), b"another");
    }

    #[test]
    fn keys_put_back_from_a_keeper_open_with_the_root_key() {
        let place = place();
        place.keeper.mark(OURS).unwrap();
        place.keeper.take(OURS, &place.keys, 1).unwrap();
        let before = place.keys.open().unwrap();
        let folder = place.keeper.folder().parent().unwrap().join("keys");
        for file in names(place.keeper.folder()).iter().filter(|name| name.ends_with(".key")) {
            fs::copy(place.keeper.folder().join(file), folder.join(file)).unwrap();
        }
        assert_eq!(place.keys.open().unwrap().log_seed(), before.log_seed());
    }
}
