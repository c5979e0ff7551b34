//! Tests over whole manifests.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod examples;
mod lints;
mod loading;

use std::path::Path;

use model::manifest::{Loaded, Manifest, Problem};

/// Writes files into a new folder.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// Loads a manifest; the problems come as text, with the folder's own path taken out.
fn load(root: &Path, folder: &str) -> Result<Loaded, String> {
    let shown =
        |problem: &Problem| format!("{}\n", problem.to_string().replace(&format!("{}/", root.display()), ""));
    Manifest::load(&root.join(folder)).map_err(|problems| problems.iter().map(shown).collect())
}
