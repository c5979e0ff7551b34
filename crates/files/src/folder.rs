//! A folder on disk.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::FilesError;
use crate::path::{check, inside};

/// The largest file that [`Folder::get`] reads, in bytes (4 GiB).
pub const FILE_BYTES_MAX: u64 = 4 << 30;

/// The most files that [`Folder::list`] returns.
pub const LIST_FILES_MAX: usize = 1_000_000;

/// Taken while a compare-and-swap looks and writes.
const LOCK_NAME: &str = ".lock";

/// How often another temporary name is tried when one is taken by a leftover.
const TEMPORARY_NAMES_MAX: u32 = 1_000;

/// A folder whose files are written whole and read whole.
///
/// Paths are relative, with `/` between their parts; parts consist of ASCII
/// letters, digits, `.`, `_`, `-` and `+` and do not start with a dot.
/// Folders on the way are made as needed. When a write returns, the bytes and
/// the name are on disk: the file, then its folder, have been fsynced. A reader
/// sees the old file or the new one, never a part. A crash may leave a hidden
/// temporary file behind, which nothing reads.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Opens a folder that exists.
    ///
    /// Errors: [`FilesError::Io`] when it is missing or is no folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, FilesError> {
        let path = path.as_ref();
        let shown = path.display().to_string();
        let root = fs::canonicalize(path).map_err(FilesError::io("open", &shown))?;
        fs::read_dir(&root).map_err(FilesError::io("open", &shown))?;
        Ok(Self { root })
    }

    /// Opens a folder, making it and the folders above it when they are missing.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, FilesError> {
        let path = path.as_ref();
        make_folders(path, &path.display().to_string())?;
        Self::open(path)
    }

    /// Where the folder lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a file, replacing what was there.
    pub fn put_atomic(&self, path: &str, bytes: &[u8]) -> Result<(), FilesError> {
        let target = inside(&self.root, path)?;
        let parent = self.parent(&target, path)?;
        let temporary = Temporary::write(&parent, path, bytes)?;
        fs::rename(&temporary.path, &target).map_err(FilesError::io("write", path))?;
        temporary.renamed();
        fault::point_of(kind(path), "named");
        sync_folder(&parent, path)?;
        fault::point_of(kind(path), "durable");
        Ok(())
    }

    /// Writes a file that never changes again. Writing the same bytes once more
    /// is fine, so that a step repeated after a crash succeeds.
    ///
    /// Errors: [`FilesError::Exists`] when it exists with other bytes.
    pub fn put_new(&self, path: &str, bytes: &[u8]) -> Result<(), FilesError> {
        let target = inside(&self.root, path)?;
        let parent = self.parent(&target, path)?;
        if !self.exists(path)? {
            let temporary = Temporary::write(&parent, path, bytes)?;
            // A hard link, unlike a rename, fails when the name is taken.
            match fs::hard_link(&temporary.path, &target) {
                Ok(()) => {
                    drop(temporary);
                    fault::point_of(kind(path), "named");
                    sync_folder(&parent, path)?;
                    fault::point_of(kind(path), "durable");
                    return Ok(());
                }
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(FilesError::io("write", path)(e)),
            }
        }
        if self.get(path)?.as_deref() != Some(bytes) {
            return Err(FilesError::Exists { path: path.to_owned() });
        }
        // Whoever wrote it may have crashed before its name was on disk.
        let file = File::open(&target).map_err(FilesError::io("open", path))?;
        file.sync_all().map_err(FilesError::io("sync", path))?;
        sync_folder(&parent, path)
    }

    /// Writes `new` if the file now holds exactly `expected` (`None`: if there is
    /// no file). Two callers that swap the same file, in one process or two, never
    /// both succeed; [`Folder::put_atomic`] does not take part in this.
    ///
    /// Errors: [`FilesError::Changed`] when it holds something else.
    pub fn replace_if(&self, path: &str, expected: Option<&[u8]>, new: &[u8]) -> Result<(), FilesError> {
        inside(&self.root, path)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.root.join(LOCK_NAME))
            .map_err(FilesError::io("lock", path))?;
        // Held until `lock` is dropped.
        lock.lock().map_err(FilesError::io("lock", path))?;
        if self.get(path)?.as_deref() != expected {
            return Err(FilesError::Changed { path: path.to_owned() });
        }
        self.put_atomic(path, new)
    }

    /// The bytes of a file, or `None` when there is none.
    ///
    /// Errors: [`FilesError::TooLarge`] above [`FILE_BYTES_MAX`].
    pub fn get(&self, path: &str) -> Result<Option<Vec<u8>>, FilesError> {
        let target = inside(&self.root, path)?;
        let size_bytes = match fs::metadata(&target) {
            Ok(found) => found.len(),
            Err(e) if is_missing(&e) => return Ok(None),
            Err(e) => return Err(FilesError::io("read", path)(e)),
        };
        if size_bytes > FILE_BYTES_MAX {
            return Err(FilesError::TooLarge {
                path: path.to_owned(),
                size_bytes,
                max_bytes: FILE_BYTES_MAX,
            });
        }
        match fs::read(&target) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if is_missing(&e) => Ok(None),
            Err(e) => Err(FilesError::io("read", path)(e)),
        }
    }

    /// Whether there is a file under this path.
    pub fn exists(&self, path: &str) -> Result<bool, FilesError> {
        match fs::metadata(inside(&self.root, path)?) {
            Ok(found) => Ok(found.is_file()),
            Err(e) if is_missing(&e) => Ok(false),
            Err(e) => Err(FilesError::io("look at", path)(e)),
        }
    }

    /// The paths of all files below `below` (`""`: of the whole folder), sorted.
    /// Names that this crate would not write are left out.
    ///
    /// Errors: [`FilesError::TooMany`] above [`LIST_FILES_MAX`].
    pub fn list(&self, below: &str) -> Result<Vec<String>, FilesError> {
        let mut found = Vec::new();
        let mut waiting = vec![below.to_owned()];
        while let Some(folder) = waiting.pop() {
            let full = if folder.is_empty() { self.root.clone() } else { inside(&self.root, &folder)? };
            let entries = match fs::read_dir(full) {
                Ok(entries) => entries,
                Err(e) if is_missing(&e) => continue,
                Err(e) => return Err(FilesError::io("list", &folder)(e)),
            };
            for entry in entries {
                let entry = entry.map_err(FilesError::io("list", &folder))?;
                let kind = entry.file_type().map_err(FilesError::io("list", &folder))?;
                let Some(path) = join(&folder, entry.file_name().to_str()) else {
                    continue;
                };
                if kind.is_dir() {
                    waiting.push(path);
                } else if kind.is_file() {
                    found.push(path);
                }
            }
            if found.len() + waiting.len() > LIST_FILES_MAX {
                return Err(FilesError::TooMany { path: below.to_owned(), max: LIST_FILES_MAX });
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Removes a file. It is fine if there is none.
    pub fn remove(&self, path: &str) -> Result<(), FilesError> {
        let target = inside(&self.root, path)?;
        match fs::remove_file(&target) {
            Ok(()) => {}
            Err(e) if is_missing(&e) => return Ok(()),
            Err(e) => return Err(FilesError::io("remove", path)(e)),
        }
        sync_folder(target.parent().unwrap_or(&self.root), path)
    }

    /// The folder a file lies in, made if it is missing.
    fn parent(&self, target: &Path, path: &str) -> Result<PathBuf, FilesError> {
        let parent = target.parent().unwrap_or(&self.root);
        make_folders(parent, path)?;
        Ok(parent.to_owned())
    }
}

/// A temporary file beside its target, removed unless it was renamed.
struct Temporary {
    path: PathBuf,
    keep: bool,
}

impl Temporary {
    /// Writes and fsyncs a temporary file in `parent`.
    fn write(parent: &Path, shown: &str, bytes: &[u8]) -> Result<Self, FilesError> {
        let (path, mut file) = Self::make(parent, shown)?;
        let temporary = Self { path, keep: false };
        fill(&mut file, shown, bytes)?;
        Ok(temporary)
    }

    fn make(parent: &Path, shown: &str) -> Result<(PathBuf, File), FilesError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut tries = 0;
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!(".tmp-{}-{number}", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((path, file)),
                Err(e) if e.kind() == ErrorKind::AlreadyExists && tries < TEMPORARY_NAMES_MAX => {
                    tries += 1;
                }
                Err(e) => return Err(FilesError::io("write", shown)(e)),
            }
        }
    }

    fn renamed(mut self) {
        self.keep = true;
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.keep {
            // A leftover is hidden and harmless; the first error is what matters.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes all bytes and waits until they are on disk.
fn fill(file: &mut File, shown: &str, bytes: &[u8]) -> Result<(), FilesError> {
    file.write_all(bytes).map_err(FilesError::io("write", shown))?;
    fault::point_of(kind(shown), "written");
    if kind(shown) != "tile" || fault::is_kept(fault::Promise::TileSynced) {
        file.sync_all().map_err(FilesError::io("sync", shown))?;
    }
    fault::point_of(kind(shown), "synced");
    Ok(())
}

/// What a file is, by the first part of its path: names the points of its way to the disk.
fn kind(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// Makes a folder and those above it, fsyncing the folder each one appears in.
fn make_folders(folder: &Path, shown: &str) -> Result<(), FilesError> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folders(above, shown)?;
    }
    match fs::create_dir(folder) {
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        Err(e) => return Err(FilesError::io("make the folder of", shown)(e)),
    }
    match folder.parent() {
        Some(above) if !above.as_os_str().is_empty() => sync_folder(above, shown),
        _ => sync_folder(Path::new("."), shown),
    }
}

/// Waits until the names in a folder are on disk.
fn sync_folder(folder: &Path, shown: &str) -> Result<(), FilesError> {
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(FilesError::io("sync the folder of", shown))
}

fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn join(folder: &str, name: Option<&str>) -> Option<String> {
    let name = name.filter(|name| check(name).is_ok())?;
    Some(match folder {
        "" => name.to_owned(),
        _ => format!("{folder}/{name}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_reported_with_path_and_kind() {
        // Linux answers every write to this device with "no space left".
        let Ok(mut full) = OpenOptions::new().write(true).open("/dev/full") else {
            eprintln!("SKIPPED: this system has no /dev/full");
            return;
        };
        let error = fill(&mut full, "tile/0/000", b"bytes").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert!(error.to_string().contains("cannot write `tile/0/000`"));
    }
}
