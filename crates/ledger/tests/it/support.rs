//! A log in memory, and the folder of shared test data.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use ledger::tile::TileFile;
use ledger::{CHECKPOINT_PATH, Checkpoint, SignerKey, Tail};

pub(crate) const ORIGIN: &str = "ledger.example/shop";

/// A key that every test and golden file shares.
pub(crate) fn signer() -> SignerKey {
    SignerKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

/// Entry number `index` of the test logs, as canonical JSON.
pub(crate) fn entry(index: u64) -> Vec<u8> {
    format!(r#"{{"kind":"test","number":{index}}}"#).into_bytes()
}

/// The files of a log.
#[derive(Clone, Default)]
pub(crate) struct MemoryLog {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) tail: Tail,
}

impl MemoryLog {
    /// A log of `size` entries, appended in steps of `step`.
    pub(crate) fn grown(size: u64, step: u64) -> Self {
        let mut log = Self::default();
        while log.tail.size() < size {
            let end = (log.tail.size() + step).min(size);
            let entries: Vec<_> = (log.tail.size()..end).map(entry).collect();
            log.append(&entries);
        }
        log.publish();
        log
    }

    pub(crate) fn append(&mut self, entries: &[Vec<u8>]) {
        let appended = self.tail.append(entries).unwrap();
        self.write(&appended.files);
        self.tail = appended.tail;
    }

    fn write(&mut self, files: &[TileFile]) {
        for file in files {
            let before = self.files.insert(file.path.to_string(), file.bytes.clone());
            assert!(before.is_none_or(|before| before == file.bytes), "{} changed", file.path);
        }
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(ORIGIN, self.tail.size(), self.tail.root())
    }

    pub(crate) fn publish(&mut self) {
        let note = self.checkpoint().sign(&signer()).unwrap();
        self.files.insert(CHECKPOINT_PATH.to_owned(), note.to_string().into_bytes());
    }

    pub(crate) fn read(&self) -> impl Fn(&str) -> io::Result<Option<Vec<u8>>> {
        |path| Ok(self.files.get(path).cloned())
    }
}

/// Reads from a folder on disk.
pub(crate) fn read_folder(folder: PathBuf) -> impl Fn(&str) -> io::Result<Option<Vec<u8>>> {
    move |path| match std::fs::read(folder.join(path)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// `shared/data/tlog`: below `STEWARD_SHARED`, or in a folder `shared` beside this
/// repository or further up. `None`, and a loud word, when it is not there.
pub(crate) fn shared_tlog() -> Option<PathBuf> {
    let named = std::env::var_os("STEWARD_SHARED").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = named
        .into_iter()
        .chain(above.map(|folder| folder.join("shared")))
        .map(|shared| shared.join("data/tlog"))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("SKIPPED: no shared/data/tlog here; set STEWARD_SHARED to the shared folder");
    }
    found
}
