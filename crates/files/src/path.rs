//! Paths below a folder: relative, portable, unable to lead out.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{FilesError, PathFault};

/// The longest path below a folder, in bytes.
pub const PATH_BYTES_MAX: usize = 512;

/// The operating system's path for `path` below `root`.
///
/// INVARIANT(files-stay-inside): every part is made of harmless characters and
/// does not start with a dot, and no part that exists is a symbolic link.
pub(crate) fn inside(root: &Path, path: &str) -> Result<PathBuf, FilesError> {
    check(path).map_err(|fault| refused(path, fault))?;
    let mut full = root.to_owned();
    for part in path.split('/') {
        full.push(part);
        match fs::symlink_metadata(&full) {
            Ok(found) if found.is_symlink() => return Err(refused(path, PathFault::SymbolicLink)),
            Ok(_) => {}
            // What is missing, or below a plain file, cannot lead anywhere.
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(e) => return Err(FilesError::io("look at", path)(e)),
        }
    }
    Ok(full)
}

/// Checks the words of a path, without looking at the disk.
pub(crate) fn check(path: &str) -> Result<(), PathFault> {
    if path.is_empty() || path.len() > PATH_BYTES_MAX {
        return Err(PathFault::Length);
    }
    path.split('/').try_for_each(check_part)
}

fn check_part(part: &str) -> Result<(), PathFault> {
    if part.is_empty() {
        return Err(PathFault::EmptyPart);
    }
    if part.starts_with('.') {
        return Err(PathFault::Dot);
    }
    let harmless = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+');
    if !part.bytes().all(harmless) {
        return Err(PathFault::Character);
    }
    Ok(())
}

fn refused(path: &str, fault: PathFault) -> FilesError {
    FilesError::Path { path: path.to_owned(), fault }
}
