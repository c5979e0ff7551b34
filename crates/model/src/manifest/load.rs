//! Reading a manifest: its files as one tree, the tree into types.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::builtin::builtin;
use super::files::{FILE_BYTES_MAX, join, read_with_bases, too_large};
use super::problem::{Place, Problem, did_you_mean};
use super::typed::{key, typed};
use super::yaml::{self, Node, Value};
use super::{Controller, Law, MANIFEST_FORMAT, Manifest};

/// The sections of a manifest.
pub(super) const SECTIONS: [&str; 14] = [
    "manifest",
    "extends",
    "controller",
    "law",
    "sites",
    "lifetimes",
    "categories",
    "purposes",
    "recipients",
    "identifiers",
    "systems",
    "channels",
    "services",
    "roles",
];

/// A manifest as it was read, with the places of everything in it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What the files declare, without the built-in part.
    pub manifest: Manifest,
    tree: Node,
}

impl Manifest {
    /// Reads the `*.yaml` and `*.yml` files of a folder and of the folders it extends.
    ///
    /// # Errors
    /// All problems that were found; each names file, line, column and the mend.
    pub fn load(folder: &Path) -> Result<Loaded, Vec<Problem>> {
        let tree = read_with_bases(folder, &mut Vec::new())?;
        Loaded::from_tree(tree)
    }

    /// Reads a manifest of one text, called `file` in messages. It extends nothing.
    ///
    /// # Errors
    /// All problems that were found.
    pub fn from_text(file: &str, text: &str) -> Result<Loaded, Vec<Problem>> {
        let file: Arc<str> = file.into();
        let whole = Place::whole(Arc::clone(&file));
        if text.len() as u64 > FILE_BYTES_MAX {
            return Err(vec![too_large(&whole)]);
        }
        let node = yaml::parse(&file, text).map_err(|problem| vec![problem])?;
        let Some(node) = node else {
            return Err(vec![Problem::new(&whole, "the file is empty")]);
        };
        let tree = join(&whole, vec![node])?;
        if let Some(extends) = tree.entry("extends") {
            return Err(vec![Problem::new(&extends.place, "a manifest of one text extends nothing")]);
        }
        Loaded::from_tree(tree)
    }
}

impl Loaded {
    /// What is in force: what the files declare and the built-in part.
    #[must_use]
    pub fn resolved(&self) -> Manifest {
        let builtin = builtin();
        let mut manifest = self.manifest.clone();
        manifest.lifetimes.extend(builtin.lifetimes.clone());
        for (name, purpose) in &builtin.purposes {
            let mut purpose = purpose.clone();
            purpose.categories = manifest.categories.keys().cloned().collect();
            manifest.purposes.insert(name.clone(), purpose);
        }
        manifest
    }

    /// Where this path of keys and list positions stands; the nearest thing around it
    /// when it is absent.
    pub(super) fn place(&self, path: &[&str]) -> Place {
        self.tree.find(path.iter().copied()).1
    }

    /// The position of a text in a list; 0 when it is not there.
    pub(super) fn position(&self, path: &[&str], item: &str) -> usize {
        match &self.tree.find(path.iter().copied()).0.value {
            Value::List(items) => {
                items.iter().position(|node| node.value == Value::Text(item.to_owned())).unwrap_or_default()
            }
            _ => 0,
        }
    }

    fn from_tree(tree: Node) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        refuse_unknown_sections(&tree, &mut problems);
        refuse_builtin_names(&tree, &mut problems);
        let format = version(&tree, &mut problems);
        let controller = match tree.entry("controller") {
            Some(entry) => typed::<Controller>(&entry.node, &mut problems),
            None => {
                problems.push(Problem::new(&tree.place, "the manifest names no controller").mend(
                    "add a section `controller` with name, address, country, contact, languages, serves",
                ));
                None
            }
        };
        let law = tree.entry("law").map(|entry| typed::<Law>(&entry.node, &mut problems));
        let law = law.unwrap_or_else(|| Some(Law::default()));
        let mut read = Sections { tree: &tree, problems: &mut problems };
        let (sites, lifetimes, categories) = (read.of("sites"), read.of("lifetimes"), read.of("categories"));
        let (purposes, recipients, systems) =
            (read.of("purposes"), read.of("recipients"), read.of("systems"));
        let identifiers = read.of("identifiers");
        let (channels, services, roles) = (read.of("channels"), read.of("services"), read.of("roles"));
        match (format, controller, law) {
            (Some(manifest), Some(controller), Some(law)) if problems.is_empty() => {
                let manifest = Manifest {
                    manifest,
                    controller,
                    law,
                    sites,
                    lifetimes,
                    categories,
                    purposes,
                    recipients,
                    identifiers,
                    systems,
                    channels,
                    services,
                    roles,
                };
                Ok(Self { manifest, tree })
            }
            _ => {
                problems.sort_by(|a, b| a.place.cmp(&b.place));
                Err(problems)
            }
        }
    }
}

fn refuse_unknown_sections(tree: &Node, problems: &mut Vec<Problem>) {
    for entry in tree.entries().iter().filter(|entry| !SECTIONS.contains(&entry.key.as_str())) {
        let problem = Problem::new(&entry.place, format!("a manifest has no section `{}`", entry.key));
        problems.push(match did_you_mean(&entry.key, SECTIONS) {
            Some(mend) => problem.mend(mend),
            None => problem,
        });
    }
}

/// What Steward itself does is fixed: a manifest can neither change nor widen it.
fn refuse_builtin_names(tree: &Node, problems: &mut Vec<Problem>) {
    let lifetimes: BTreeSet<&str> = builtin().lifetimes.keys().map(|name| name.as_str()).collect();
    let purposes: BTreeSet<&str> = builtin().purposes.keys().map(|name| name.as_str()).collect();
    for (section, names) in [("lifetimes", lifetimes), ("purposes", purposes)] {
        let declared = tree.entry(section).map(|section| section.node.entries()).unwrap_or_default();
        for entry in declared.iter().filter(|entry| names.contains(entry.key.as_str())) {
            problems.push(
                Problem::new(&entry.place, format!("`{}` is built in and cannot be changed", entry.key))
                    .mend("choose another name"),
            );
        }
    }
}

fn version(tree: &Node, problems: &mut Vec<Problem>) -> Option<u32> {
    let Some(entry) = tree.entry("manifest") else {
        problems.push(
            Problem::new(&tree.place, "the manifest does not say which format it has")
                .mend(format!("add the line `manifest: {MANIFEST_FORMAT}`")),
        );
        return None;
    };
    let format = typed::<u32>(&entry.node, problems)?;
    if format != MANIFEST_FORMAT {
        problems.push(
            Problem::new(&entry.node.place, format!("the format {format} is not known"))
                .mend(format!("this program reads `manifest: {MANIFEST_FORMAT}`")),
        );
    }
    (format == MANIFEST_FORMAT).then_some(format)
}

struct Sections<'t> {
    tree: &'t Node,
    problems: &'t mut Vec<Problem>,
}

impl Sections<'_> {
    /// Reads every entry of a section by itself, so that one error does not hide the next.
    fn of<K, V>(&mut self, section: &str) -> BTreeMap<K, V>
    where
        K: serde::de::DeserializeOwned + Ord,
        V: serde::de::DeserializeOwned,
    {
        let mut read = BTreeMap::new();
        let Some(entry) = self.tree.entry(section) else { return read };
        match &entry.node.value {
            Value::Map(entries) => {
                for entry in entries {
                    let key = key::<K>(entry, self.problems);
                    let value = typed::<V>(&entry.node, self.problems);
                    read.extend(key.zip(value));
                }
            }
            Value::Null => {}
            _ => self.problems.push(Problem::new(
                &entry.node.place,
                format!("`{section}` is a mapping from names to entries"),
            )),
        }
        read
    }
}
