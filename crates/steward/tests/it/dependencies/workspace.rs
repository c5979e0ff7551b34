//! The workspace as `cargo metadata` and the files on disk show it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Every package that `Cargo.lock` can bring in, on every platform.
pub(super) struct Workspace {
    root: PathBuf,
    packages: Vec<Package>,
    /// The root `Cargo.toml`.
    pub(super) manifest: toml::Value,
}

pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: String,
    /// Where cargo took it from; empty for ours.
    pub(super) source: String,
    pub(super) dependencies: Vec<Dependency>,
    folder: PathBuf,
}

pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) dev: bool,
    pub(super) ours: bool,
}

/// A Rust file of ours.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl Workspace {
    /// Asks cargo. Not `--offline`: a fresh clone has not fetched the crates that only
    /// other platforms compile, and cargo must read their manifests, too.
    pub(super) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(&root)
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
        let packages = list(&metadata["packages"]).map(Package::from).collect();
        let manifest = read_toml(&root.join("Cargo.toml"));
        Self { root, packages, manifest }
    }

    pub(super) fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.source.is_empty())
    }

    pub(super) fn foreign(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !package.source.is_empty())
    }

    /// The foreign crates of the root `Cargo.toml`, and any that a crate of ours adds past it.
    pub(super) fn declared_dependencies(&self) -> BTreeSet<String> {
        let table = self.manifest["workspace"]["dependencies"].as_table().expect("a table");
        let root =
            table.iter().filter(|(_, value)| value.get("path").is_none()).map(|(name, _)| name.clone());
        let crates = self
            .ours()
            .flat_map(|package| &package.dependencies)
            .filter(|dependency| !dependency.ours)
            .map(|dependency| dependency.name.clone());
        root.chain(crates).collect()
    }

    /// The rows of the table in docs/dependencies.md: crate, reason.
    pub(super) fn documented_dependencies(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.root.join("docs/dependencies.md")).expect("docs/dependencies.md");
        text.lines()
            .filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|')?.split_once('|'))
            .map(|(name, reason)| (name.trim().to_owned(), reason.trim().to_owned()))
            .filter(|(name, _)| name != "crate" && !name.starts_with('-'))
            .collect()
    }
}

impl From<&Value> for Package {
    fn from(package: &Value) -> Self {
        let dependencies = list(&package["dependencies"]).map(|dependency| Dependency {
            name: text(&dependency["name"]),
            dev: dependency["kind"] == "dev",
            ours: dependency["source"].is_null(),
        });
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        Self {
            name: text(&package["name"]),
            version: text(&package["version"]),
            licence: text(&package["license"]),
            source: text(&package["source"]),
            dependencies: dependencies.collect(),
            folder: manifest.parent().expect("a manifest lies in a folder").to_owned(),
        }
    }
}

impl Package {
    /// The part of the version within which cargo unifies: `1`, `0.3`, `0.0.7`.
    pub(super) fn compatible_version(&self) -> String {
        let parts: Vec<&str> = self.version.split(['.', '+', '-']).collect();
        let significant = parts.iter().take(3).position(|part| *part != "0").unwrap_or(2);
        parts[..=significant].join(".")
    }

    pub(super) fn manifest(&self) -> toml::Value {
        read_toml(&self.folder.join("Cargo.toml"))
    }

    /// Every Rust file of the crate, tests included.
    pub(super) fn sources(&self) -> Vec<Source> {
        let mut sources = Vec::new();
        for folder in ["src", "tests", "benches", "examples"] {
            collect(&self.folder.join(folder), &mut sources);
        }
        sources
    }

    /// Lines under `src`.
    pub(super) fn source_lines(&self) -> usize {
        let mut sources = Vec::new();
        collect(&self.folder.join("src"), &mut sources);
        sources.iter().map(Source::lines).sum()
    }
}

impl Source {
    pub(super) fn lines(&self) -> usize {
        self.text.lines().count()
    }
}

/// Whether Rust text names the crate, as a whole word.
pub(super) fn names(text: &str, package: &str) -> bool {
    let name = package.replace('-', "_");
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

fn collect(folder: &Path, sources: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a Rust file is UTF-8");
            sources.push(Source { path, text });
        }
    }
}

fn read_toml(path: &Path) -> toml::Value {
    toml::from_str(&fs::read_to_string(path).expect("a manifest")).expect("TOML")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
