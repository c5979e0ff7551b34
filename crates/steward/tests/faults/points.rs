//! Every point at which the executable can be made to die, and which load leads there.

use std::collections::BTreeSet;
use std::path::Path;

use self::Way::{Import, Rotate, Serve};

/// What brings a process to a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Requests to a server.
    Serve,
    /// `steward import`.
    Import,
    /// `steward keys rotate`, with a keeper.
    Rotate,
}

/// A point: its name, what leads there, and up to which pass it makes sense to wait.
pub(crate) type Point = (&'static str, Way, u64);

/// Every point of the acts.
pub(crate) const POINTS: &[Point] = &[
    ("consent.after-entry", Serve, 9),
    ("consent.after-event", Serve, 9),
    ("consent.after-standing", Serve, 9),
    ("consent.record/before-commit", Serve, 9),
    ("consent.record/after-commit", Serve, 9),
    ("ask.after-permit", Serve, 9),
    ("ask.after-denial", Serve, 3),
    ("ask.after-set", Serve, 3),
    ("access.decide_one/before-commit", Serve, 9),
    ("access.decide_one/after-commit", Serve, 9),
    ("access.audience/before-commit", Serve, 3),
    ("access.audience/after-commit", Serve, 3),
    ("vault.collect/before-commit", Serve, 9),
    ("vault.collect/after-commit", Serve, 9),
    ("vault.correct/before-commit", Serve, 3),
    ("vault.correct/after-commit", Serve, 3),
    ("erase.after-identifiers", Serve, 3),
    ("erase.after-keys", Serve, 3),
    ("erase.before-reading-back", Serve, 3),
    ("retention.erase/before-commit", Serve, 3),
    ("retention.erase/after-commit", Serve, 3),
    ("erase.amid-sweep", Serve, 2),
    ("retention.sweep/before-commit", Serve, 2),
    ("retention.sweep/after-commit", Serve, 2),
    ("jobs.take/after-commit", Serve, 2),
    ("jobs.finish/before-commit", Serve, 2),
    ("sequence.after-numbering", Serve, 4),
    ("sequence.after-set-file", Serve, 3),
    ("sequence.after-files", Serve, 2),
    ("sequence.after-signing", Serve, 2),
    ("sequence.after-publishing", Serve, 2),
    ("ledger number/before-commit", Serve, 4),
    ("ledger number/after-commit", Serve, 4),
    ("ledger checkpoint/before-commit", Serve, 2),
    ("ledger checkpoint/after-commit", Serve, 2),
    ("ledger set written/before-commit", Serve, 3),
    ("tile/written", Serve, 4),
    ("tile/synced", Serve, 4),
    ("tile/named", Serve, 4),
    ("tile/durable", Serve, 4),
    ("set/written", Serve, 3),
    ("set/synced", Serve, 3),
    ("set/named", Serve, 3),
    ("checkpoint/written", Serve, 2),
    ("checkpoint/synced", Serve, 2),
    ("checkpoint/named", Serve, 2),
    ("checkpoint/durable", Serve, 2),
    ("import.after-people", Import, 1),
    ("import.after-rows", Import, 3),
    ("import.after-claims", Import, 3),
    ("import.between-chunks", Import, 3),
    ("import.before-end", Import, 1),
    ("imports.chunk/before-commit", Import, 3),
    ("imports.chunk/after-commit", Import, 3),
    ("imports.end/before-commit", Import, 1),
    ("epochs.after-key", Rotate, 1),
    ("epochs.open/before-commit", Rotate, 1),
    ("epochs.open/after-commit", Rotate, 1),
    ("epochs.after-row", Rotate, 1),
    ("epochs.after-keeper", Rotate, 1),
    ("epochs.taken/before-commit", Rotate, 1),
    ("epochs.rewrap/before-commit", Rotate, 3),
    ("epochs.rewrap/after-commit", Rotate, 3),
    ("epochs.amid-rewrap", Rotate, 3),
    ("epochs.close/before-commit", Rotate, 1),
    ("epochs.close/after-commit", Rotate, 1),
    ("epochs.after-close", Rotate, 1),
    ("epochs.after-destroying", Rotate, 2),
    ("epochs.destroyed/before-commit", Rotate, 2),
    ("epochs.end/before-commit", Rotate, 1),
    ("epochs.end/after-commit", Rotate, 1),
];

#[test]
fn every_point_in_the_code_is_on_the_list_and_every_listed_one_is_in_the_code() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeSet::new();
    for file in sources(&crates) {
        let text = std::fs::read_to_string(&file).expect("readable");
        let names = text.split("fault::point(\"").skip(1).filter_map(|rest| rest.split('"').next());
        found.extend(names.map(str::to_owned));
    }
    // `whose/moment` is made where transactions and files pass; these names have no slash.
    let listed: BTreeSet<String> =
        POINTS.iter().map(|(name, ..)| (*name).to_owned()).filter(|name| !name.contains('/')).collect();
    assert_eq!(found, listed);
    assert!(fault::is_compiled_in(), "the tests run on a build in which points exist");
}

fn sources(crates: &Path) -> Vec<std::path::PathBuf> {
    let mut waiting: Vec<_> = std::fs::read_dir(crates)
        .expect("the crates")
        .filter_map(|entry| Some(entry.ok()?.path().join("src")))
        .filter(|path| path.is_dir() && !path.ends_with("fault/src"))
        .collect();
    let mut files = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                waiting.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                files.push(entry);
            }
        }
    }
    files
}
