//! The files of a manifest as one tree: folders read, joined, and laid over each other.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::load::SECTIONS;
use super::problem::{Place, Problem};
use super::yaml::{self, Entry, Node, Value};

/// The largest file of a manifest, in bytes.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// The most files in one folder of a manifest.
pub const FILES_MAX: usize = 64;

/// How many folders may extend each other.
pub const EXTENDS_MAX: usize = 8;

/// Reads a folder and lays it over the folder it extends.
pub(super) fn read_with_bases(folder: &Path, above: &mut Vec<PathBuf>) -> Result<Node, Vec<Problem>> {
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

pub(super) fn too_large(whole: &Place) -> Problem {
    Problem::new(whole, "the file is larger than 1 MiB").mend("spread the sections over several files")
}

/// Joins the files of one folder: sections are united, no key stands twice.
pub(super) fn join(whole: &Place, files: Vec<Node>) -> Result<Node, Vec<Problem>> {
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
