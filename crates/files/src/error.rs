//! What can go wrong with a file, always with the path and the kind.

use std::io;

/// Why a file could not be read or written.
///
/// The paths shown are the ones the caller gave, below the folder; contents are
/// never shown.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The path cannot name a file in a folder.
    #[error("`{path}` is no path inside the folder: {fault}")]
    Path {
        /// The path as it was given.
        path: String,
        /// What is wrong with it.
        fault: PathFault,
    },
    /// The file already exists with other bytes.
    #[error("`{path}` already exists with other bytes")]
    Exists {
        /// The path as it was given.
        path: String,
    },
    /// A compare-and-swap found other bytes than expected; nothing was written.
    #[error("`{path}` was changed by someone else")]
    Changed {
        /// The path as it was given.
        path: String,
    },
    /// The file is larger than a file of ours can be.
    #[error("`{path}` has {size_bytes} bytes, more than the {max_bytes} allowed")]
    TooLarge {
        /// The path as it was given.
        path: String,
        /// Its size.
        size_bytes: u64,
        /// The most that is read, [`crate::FILE_BYTES_MAX`].
        max_bytes: u64,
    },
    /// A listing found more files than it returns.
    #[error("`{path}` holds more than {max} files")]
    TooMany {
        /// The folder that was listed.
        path: String,
        /// The most that is listed, [`crate::LIST_FILES_MAX`].
        max: usize,
    },
    /// The operating system refused: no space, no right, a broken disk.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The path as it was given.
        path: String,
        /// The operating system's answer.
        source: io::Error,
    },
}

impl FilesError {
    /// The kind of the failure in the standard library's words, for callers
    /// that treat, say, a full disk apart.
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Path { .. } => io::ErrorKind::InvalidInput,
            Self::Exists { .. } => io::ErrorKind::AlreadyExists,
            Self::Changed { .. } => io::ErrorKind::ResourceBusy,
            Self::TooLarge { .. } | Self::TooMany { .. } => io::ErrorKind::FileTooLarge,
            Self::Io { source, .. } => source.kind(),
        }
    }

    pub(crate) fn io(action: &'static str, path: &str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

/// Lets `folder.get(path)?` stand in a reader that returns [`io::Result`].
impl From<FilesError> for io::Error {
    fn from(error: FilesError) -> Self {
        io::Error::new(error.kind(), error)
    }
}

/// What is wrong with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// Nothing, or more than [`crate::PATH_BYTES_MAX`] bytes.
    #[error("it must have between 1 and {} bytes", crate::PATH_BYTES_MAX)]
    Length,
    /// An empty part: the path is absolute, ends in `/` or has `//`.
    #[error("it has an empty part, or is absolute")]
    EmptyPart,
    /// A part that starts with a dot: `.`, `..`, or a hidden file.
    #[error("a part starts with a dot")]
    Dot,
    /// A character outside ASCII letters, digits, `.`, `_`, `-` and `+`.
    #[error("only letters, digits and `.`, `_`, `-`, `+` may stand in a part")]
    Character,
    /// A symbolic link on the way, which could lead out of the folder.
    #[error("a symbolic link stands on the way")]
    SymbolicLink,
}
