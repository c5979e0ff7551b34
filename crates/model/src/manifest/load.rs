//! Reading a manifest: folders of YAML files, laid over each other, then into types.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_path_to_error::Segment;

use super::builtin::builtin;
use super::problem::{Place, Problem, did_you_mean};
use super::yaml::{self, Entry, Node, Value};
use super::{Controller, MANIFEST_FORMAT, Manifest};

/// The largest file of a manifest, in bytes.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// The most files in one folder of a manifest.
pub const FILES_MAX: usize = 64;

/// How many folders may extend each other.
pub const EXTENDS_MAX: usize = 8;

/// The sections of a manifest.
const SECTIONS: [&str; 12] = [
    "manifest",
    "extends",
    "controller",
    "sites",
    "lifetimes",
    "categories",
    "purposes",
    "recipients",
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
        find(&self.tree, path.iter().copied()).1
    }

    /// The position of a text in a list; 0 when it is not there.
    pub(super) fn position(&self, path: &[&str], item: &str) -> usize {
        match &find(&self.tree, path.iter().copied()).0.value {
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
        let mut read = Sections { tree: &tree, problems: &mut problems };
        let (sites, lifetimes, categories) = (read.of("sites"), read.of("lifetimes"), read.of("categories"));
        let (purposes, recipients, systems) =
            (read.of("purposes"), read.of("recipients"), read.of("systems"));
        let (channels, services, roles) = (read.of("channels"), read.of("services"), read.of("roles"));
        match (format, controller) {
            (Some(manifest), Some(controller)) if problems.is_empty() => {
                let manifest = Manifest {
                    manifest,
                    controller,
                    sites,
                    lifetimes,
                    categories,
                    purposes,
                    recipients,
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

/// Reads a folder and lays it over the folder it extends.
fn read_with_bases(folder: &Path, above: &mut Vec<PathBuf>) -> Result<Node, Vec<Problem>> {
    let whole = Place::whole(folder.display().to_string());
    let real = folder.canonicalize().map_err(|_| vec![Problem::new(&whole, "there is no such folder")])?;
    if above.contains(&real) {
        return Err(vec![Problem::new(&whole, "the folder extends itself, directly or through others")]);
    }
    if above.len() >= EXTENDS_MAX {
        return Err(vec![Problem::new(&whole, format!("more than {EXTENDS_MAX} folders extend each other"))]);
    }
    above.push(real);
    let mut tree = read_folder(folder)?;
    let Some(base) = take(&mut tree, "extends") else { return Ok(tree) };
    let Value::Text(relative) = &base.node.value else {
        return Err(vec![Problem::new(&base.node.place, "`extends` is the path of one folder")]);
    };
    let path = folder.join(relative);
    if Path::new(relative).is_absolute() || !path.is_dir() {
        return Err(vec![
            Problem::new(&base.node.place, format!("`{relative}` is no folder beside this one"))
                .mend("give the path of a folder relative to this one, such as `../base`"),
        ]);
    }
    let base = read_with_bases(&path, above)?;
    Ok(lay_over(base, tree))
}

/// Reads all files of one folder, in the order of their names, as one tree.
fn read_folder(folder: &Path) -> Result<Node, Vec<Problem>> {
    let whole = Place::whole(folder.display().to_string());
    let unreadable = |_| vec![Problem::new(&whole, "the folder cannot be read")];
    let mut paths = Vec::new();
    for entry in folder.read_dir().map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            paths.push(path);
        }
        if paths.len() > FILES_MAX {
            return Err(vec![Problem::new(&whole, format!("a manifest has {FILES_MAX} files at most"))]);
        }
    }
    paths.sort();
    let (mut nodes, mut problems) = (Vec::new(), Vec::new());
    for path in &paths {
        match read_file(path) {
            Ok(node) => nodes.extend(node),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if nodes.is_empty() {
        return Err(vec![
            Problem::new(&whole, "there is no manifest here: no `*.yaml` file that says anything")
                .mend("`steward init` writes one to start from"),
        ]);
    }
    join(&whole, nodes)
}

fn read_file(path: &Path) -> Result<Option<Node>, Problem> {
    let file: Arc<str> = path.display().to_string().into();
    let whole = Place::whole(Arc::clone(&file));
    let unreadable = |_| Problem::new(&whole, "the file cannot be read");
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).map_err(unreadable)?;
    opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(too_large(&whole));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let place = Place { file: Arc::clone(&file), line, column: 1 };
        Problem::new(&place, "this line is not UTF-8 text").mend("save the file with the encoding UTF-8")
    })?;
    yaml::parse(&file, &text)
}

fn too_large(whole: &Place) -> Problem {
    Problem::new(whole, "the file is larger than 1 MiB").mend("spread the sections over several files")
}

/// Joins the files of one folder: sections are united, no key stands twice.
fn join(whole: &Place, files: Vec<Node>) -> Result<Node, Vec<Problem>> {
    let (mut sections, mut problems): (Vec<Entry>, _) = (Vec::new(), Vec::new());
    for file in files {
        let Value::Map(entries) = file.value else {
            problems.push(
                Problem::new(&file.place, "a file of a manifest is a mapping of sections")
                    .mend(format!("begin with one of `{}`", SECTIONS.join("`, `"))),
            );
            continue;
        };
        for entry in entries {
            match sections.iter_mut().find(|section| section.key == entry.key) {
                None => sections.push(entry),
                Some(section) => unite(section, entry, &mut problems),
            }
        }
    }
    let tree = Node { place: whole.clone(), value: Value::Map(sections) };
    if problems.is_empty() { Ok(tree) } else { Err(problems) }
}

fn unite(section: &mut Entry, more: Entry, problems: &mut Vec<Problem>) {
    let twice = |first: &Entry, second: &Entry| {
        Problem::new(&second.place, format!("`{}` is declared a second time", second.key))
            .mend(format!("the first is at {}", first.place))
    };
    if !matches!((&section.node.value, &more.node.value), (Value::Map(_), Value::Map(_))) {
        problems.push(twice(section, &more));
        return;
    }
    let (Value::Map(entries), Value::Map(others)) = (&mut section.node.value, more.node.value) else {
        return;
    };
    for other in others {
        match entries.iter().find(|entry| entry.key == other.key) {
            Some(first) => problems.push(twice(first, &other)),
            None => entries.push(other),
        }
    }
}

/// Lays one tree over another: mappings are merged key by key, an empty value takes
/// the key away, everything else replaces.
fn lay_over(base: Node, over: Node) -> Node {
    let Node { place, value: Value::Map(over) } = over else { return over };
    let Value::Map(mut entries) = base.value else { return Node { place, value: Value::Map(over) } };
    for entry in over {
        let position = entries.iter().position(|known| known.key == entry.key);
        match position {
            Some(position) if entry.node.value == Value::Null => {
                entries.remove(position);
            }
            Some(position) => {
                let below = entries.remove(position);
                let node = lay_over(below.node, entry.node);
                entries.push(Entry { key: entry.key, place: entry.place, node });
            }
            None => entries.push(entry),
        }
    }
    Node { place, value: Value::Map(entries) }
}

fn take(tree: &mut Node, key: &str) -> Option<Entry> {
    let Value::Map(entries) = &mut tree.value else { return None };
    let position = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(position))
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

fn key<K: serde::de::DeserializeOwned>(entry: &Entry, problems: &mut Vec<Problem>) -> Option<K> {
    serde_json::from_value(entry.key.clone().into())
        .map_err(|error| {
            let (text, mend) = in_words(&error.to_string());
            problems.push(Problem {
                place: entry.place.clone(),
                text: format!("`{}`: {text}", entry.key),
                mend,
            });
        })
        .ok()
}

/// Turns a tree into a type; an error becomes a problem at the place it speaks of.
fn typed<T: serde::de::DeserializeOwned>(node: &Node, problems: &mut Vec<Problem>) -> Option<T> {
    serde_path_to_error::deserialize::<_, T>(node.to_json())
        .map_err(|error| {
            let mut path: Vec<String> = error.path().iter().filter_map(segment).collect();
            let (text, mend) = in_words(&error.inner().to_string());
            // An unknown key is told of the mapping around it; the reader wants the key itself.
            if let Some(key) = first_quoted(&text).filter(|_| text.starts_with("unknown key"))
                && path.last().is_none_or(|last| last != key)
            {
                path.push(key.to_owned());
            }
            let (found, place) = find(node, path.iter().map(String::as_str));
            let cut = found.value == Value::Null && path.last().is_some_and(|key| key.contains(' '));
            let two_kinds =
                path.last().is_some_and(|key| key == "kind") && matches!(found.value, Value::List(_));
            let mend = match (cut, two_kinds) {
                (true, _) => Some(COMMA.to_owned()),
                (_, true) => Some(ONE_KIND.to_owned()),
                _ => mend,
            };
            problems.push(Problem { place, text, mend });
        })
        .ok()
}

/// What to say when a key is the rest of a sentence.
const COMMA: &str = "a comma inside `{ … }` begins a new key: put the whole text into quotes";

/// What to say when a purpose has several kinds.
const ONE_KIND: &str = "one switch stands for one purpose: declare a purpose for each kind";

fn segment(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    }
}

/// Follows a path as far as it leads; the node there, and the place of its key.
fn find<'n, 'p>(node: &'n Node, path: impl IntoIterator<Item = &'p str>) -> (&'n Node, Place) {
    let (mut node, mut place) = (node, node.place.clone());
    for step in path {
        match &node.value {
            Value::Map(_) => {
                let Some(entry) = node.entry(step) else { break };
                (node, place) = (&entry.node, entry.place.clone());
            }
            Value::List(items) => {
                let Some(item) = step.parse::<usize>().ok().and_then(|position| items.get(position)) else {
                    break;
                };
                (node, place) = (item, item.place.clone());
            }
            _ => break,
        }
    }
    (node, place)
}

/// Serde's message, and what to do about it.
fn in_words(message: &str) -> (String, Option<String>) {
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let mut names = message.split('`').skip(1).step_by(2);
        let wrong = names.next().unwrap_or_default();
        let known: Vec<&str> = names.collect();
        let thing = if message.starts_with("unknown field") { "key" } else { "value" };
        let mend = did_you_mean(wrong, known.iter().copied())
            .or_else(|| Some(format!("there are `{}`", known.join("`, `"))));
        return (format!("unknown {thing} `{wrong}`"), mend);
    }
    if let Some(name) = message.strip_prefix("missing field ").and_then(first_quoted) {
        return (format!("`{name}` is missing"), Some(format!("add `{name}:`")));
    }
    match message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected ")) {
        Some((found, expected)) => wrong_type(found, expected),
        None => (message.to_owned(), None),
    }
}

/// Serde's names for the types of JSON, as a writer of YAML would say them.
fn wrong_type(found: &str, expected: &str) -> (String, Option<String>) {
    let text = match found.split(' ').next().unwrap_or(found) {
        "null" => "there is no value here".to_owned(),
        "sequence" => "a list stands here".to_owned(),
        "map" => "a mapping stands here".to_owned(),
        _ => format!("{found} stands here").replace("string ", "the text "),
    };
    let mend = match expected {
        "a string" => "write a text; a number is put into quotes".to_owned(),
        "a sequence" => "write a list such as `[one, two]`".to_owned(),
        "a map" => "write a mapping such as `{ key: value }`".to_owned(),
        "string or map" => "write one word".to_owned(),
        _ => format!("expected {}", expected.replace("struct ", "the keys of a ")),
    };
    (text, Some(mend))
}

fn first_quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}
