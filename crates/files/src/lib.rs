//! A folder of files that survives a power cut: whole-file writes that are
//! atomic and durable before they return, and a compare-and-swap.
//!
//! The crate never knows what a file means. An S3-compatible store can take the
//! place of [`Folder`] later: nothing here promises more than such a store can.

mod error;
mod folder;
mod path;

pub use error::{FilesError, PathFault};
pub use folder::{FILE_BYTES_MAX, Folder, LIST_FILES_MAX};
pub use path::PATH_BYTES_MAX;
