//! A disk as a power cut may leave it.
//!
//! Whatever was fsynced is there. Of the rest anything may be: of a file's later writes none,
//! all, the first few, or some of them, the last one torn at a sector; of a folder's new names
//! and removals likewise. A file's fsync does not bring its name to the disk; its folder's does.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::load::Random;
use crate::trace::Event;

/// The unit that a disk writes whole.
const SECTOR_BYTES: u64 = 512;

type Node = usize;

#[derive(Debug, Clone)]
enum Change {
    Write { offset: u64, bytes: Vec<u8> },
    Cut(u64),
}

#[derive(Debug, Clone)]
enum Naming {
    Add(PathBuf, Node),
    Remove(PathBuf),
    Move(PathBuf, PathBuf, Node),
}

#[derive(Debug, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<(usize, Change)>,
    /// A folder has no bytes.
    is_folder: bool,
}

#[derive(Debug, Default)]
struct Folder {
    durable: BTreeMap<PathBuf, Node>,
    pending: Vec<(usize, Naming)>,
}

/// What is on its way to the disk, and what is there.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    files: Vec<File>,
    /// By path as the process sees it.
    names: HashMap<PathBuf, Node>,
    folders: HashMap<PathBuf, Folder>,
    /// Writes that were dropped or torn in the last disk that was built.
    pub(crate) lost: u64,
}

impl Disk {
    /// A folder with these files, all on disk.
    pub(crate) fn of_files(root: &Path, files: &[&str]) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            files: Vec::new(),
            names: HashMap::new(),
            folders: HashMap::from([(root.to_owned(), Folder::default())]),
            lost: 0,
        };
        for path in files.iter().map(|file| root.join(file)) {
            let node = disk.node();
            disk.files[node].durable = std::fs::read(&path).expect("a file");
            disk.folders.entry(root.to_owned()).or_default().durable.insert(path.clone(), node);
            disk.names.insert(path, node);
        }
        disk
    }

    fn node(&mut self) -> Node {
        self.files.push(File::default());
        self.files.len() - 1
    }

    /// Whether the disk is asked to keep this: what lies elsewhere it is not, and SQLite's
    /// shared memory is no part of a database that is closed.
    fn keeps(&self, path: &Path) -> bool {
        path.starts_with(&self.root) && !path.to_string_lossy().ends_with("-shm")
    }

    fn name(&mut self, at: usize, path: &Path, naming: Naming) {
        let parent = path.parent().expect("a folder").to_owned();
        self.folders.entry(parent).or_default().pending.push((at, naming));
    }

    /// Takes in what happened next, as the event number `at`.
    pub(crate) fn apply(&mut self, at: usize, event: &Event) {
        match event {
            Event::Opened { path, create, truncate } if self.keeps(path) => {
                if *create && !self.names.contains_key(path) {
                    let node = self.node();
                    self.names.insert(path.clone(), node);
                    self.name(at, path, Naming::Add(path.clone(), node));
                } else if *truncate && let Some(node) = self.names.get(path) {
                    self.files[*node].pending.push((at, Change::Cut(0)));
                }
            }
            Event::Written { path, offset, bytes } if self.keeps(path) => {
                let node =
                    *self.names.get(path).unwrap_or_else(|| panic!("no such file: {}", path.display()));
                self.files[node].pending.push((at, Change::Write { offset: *offset, bytes: bytes.clone() }));
            }
            Event::Cut { path, size } if self.keeps(path) => {
                let node =
                    *self.names.get(path).unwrap_or_else(|| panic!("no such file: {}", path.display()));
                self.files[node].pending.push((at, Change::Cut(*size)));
            }
            Event::Synced { path, since } if self.keeps(path) => self.sync(path, *since),
            Event::Renamed { from, to } if self.keeps(to) => {
                let node = self.names.remove(from).expect("a name");
                self.names.insert(to.clone(), node);
                self.name(at, to, Naming::Move(from.clone(), to.clone(), node));
            }
            Event::Linked { from, to } if self.keeps(to) => {
                let node = *self.names.get(from).unwrap_or_else(|| panic!("no {} at {at}", from.display()));
                self.names.insert(to.clone(), node);
                self.name(at, to, Naming::Add(to.clone(), node));
            }
            Event::Removed { path } if self.keeps(path) => {
                self.names.remove(path);
                self.name(at, path, Naming::Remove(path.clone()));
            }
            Event::Folder { path } if self.keeps(path) && !self.names.contains_key(path) => {
                let node = self.node();
                self.files[node].is_folder = true;
                self.names.insert(path.clone(), node);
                self.folders.entry(path.clone()).or_default();
                self.name(at, path, Naming::Add(path.clone(), node));
            }
            _ => {}
        }
    }

    fn sync(&mut self, path: &Path, since: usize) {
        if let Some(folder) = self.folders.get_mut(path) {
            let (synced, later) = folder.pending.drain(..).partition(|(at, _)| *at < since);
            folder.pending = later;
            let synced: Vec<(usize, Naming)> = synced;
            synced.iter().for_each(|(_, naming)| rename(&mut folder.durable, naming));
            return;
        }
        let file = &mut self.files[self.names[path]];
        let (synced, later) = file.pending.drain(..).partition(|(at, _)| *at < since);
        file.pending = later;
        let synced: Vec<(usize, Change)> = synced;
        synced.iter().for_each(|(_, change)| write(&mut file.durable, change, None));
    }

    /// Builds the disk as a power cut now may leave it, in an empty folder.
    pub(crate) fn cut(&mut self, random: &mut Random, target: &Path) {
        self.lost = 0;
        let mut waiting = vec![self.root.clone()];
        let mut written: HashMap<Node, Vec<u8>> = HashMap::new();
        while let Some(folder) = waiting.pop() {
            let Some(state) = self.folders.get(&folder) else { continue };
            let mut names = state.durable.clone();
            let (kept, lost) = choose(random, state.pending.len());
            self.lost += lost;
            kept.iter().for_each(|place| rename(&mut names, &state.pending[*place].1));
            for (path, node) in names {
                let there = target.join(path.strip_prefix(&self.root).expect("below the root"));
                if self.files[node].is_folder {
                    make_folder(&there);
                    waiting.push(path);
                    continue;
                }
                let bytes = written.entry(node).or_insert_with(|| {
                    let (bytes, lost) = self.files[node].cut(random);
                    self.lost += lost;
                    bytes
                });
                make_file(&there, bytes);
            }
        }
    }
}

impl File {
    /// The bytes that a power cut may leave, and how many changes were lost.
    fn cut(&self, random: &mut Random) -> (Vec<u8>, u64) {
        let mut bytes = self.durable.clone();
        let (kept, mut lost) = choose(random, self.pending.len());
        for (place, index) in kept.iter().enumerate() {
            let change = &self.pending[*index].1;
            // The last one may be torn.
            let torn = match change {
                Change::Write { bytes, .. } if place + 1 == kept.len() && random.below(2) == 0 => {
                    lost += 1;
                    Some(random.below(bytes.len() as u64 / SECTOR_BYTES + 1) * SECTOR_BYTES)
                }
                _ => None,
            };
            write(&mut bytes, change, torn);
        }
        (bytes, lost)
    }
}

/// Which of so many pending changes reached the disk, and how many did not.
fn choose(random: &mut Random, count: usize) -> (Vec<usize>, u64) {
    let kept: Vec<usize> = match random.below(4) {
        0 => Vec::new(),
        1 => (0..count).collect(),
        2 => (0..random.below(count as u64 + 1) as usize).collect(),
        _ => (0..count).filter(|_| random.below(2) == 0).collect(),
    };
    let lost = (count - kept.len()) as u64;
    (kept, lost)
}

fn rename(names: &mut BTreeMap<PathBuf, Node>, naming: &Naming) {
    match naming {
        Naming::Add(path, node) => drop(names.insert(path.clone(), *node)),
        Naming::Remove(path) => drop(names.remove(path)),
        Naming::Move(from, to, node) => {
            names.remove(from);
            names.insert(to.clone(), *node);
        }
    }
}

fn write(file: &mut Vec<u8>, change: &Change, torn: Option<u64>) {
    match change {
        Change::Cut(size) => file.resize(*size as usize, 0),
        Change::Write { offset, bytes } => {
            let bytes = &bytes[..torn.map_or(bytes.len(), |size| bytes.len().min(size as usize))];
            let (start, end) = (*offset as usize, *offset as usize + bytes.len());
            if file.len() < end {
                file.resize(end, 0);
            }
            file[start..end].copy_from_slice(bytes);
        }
    }
}

fn make_folder(path: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).recursive(true).create(path).expect("a folder");
}

fn make_file(path: &Path, bytes: &[u8]) {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .expect("a file");
    file.write_all(bytes).expect("written");
}
