//! Power loss: what a write has handed to the disk when it returns. Killing a
//! process would not show it, so the system calls are read from a trace.

use std::path::Path;
use std::process::Command;

use files::Folder;

const PLACE: &str = "STEWARD_FILES_PLACE";

/// The traced half: run by the test below in a process of its own.
#[test]
fn the_traced_process_writes() {
    let Some(place) = std::env::var_os(PLACE) else { return };
    let folder = Folder::open(place).unwrap();
    folder.put_atomic("one/put", b"x").unwrap();
    folder.put_new("two/new", b"x").unwrap();
    folder.replace_if("three/swapped", None, b"x").unwrap();
    folder.put_new("two/new", b"x").unwrap();
    folder.remove("one/put").unwrap();
}

#[test]
fn bytes_names_and_folders_are_on_disk_before_a_write_returns() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().canonicalize().unwrap();
    let Some(calls) = trace(&root) else {
        eprintln!("SKIPPED: strace is missing or may not trace here");
        return;
    };
    let root = root.display();
    let mut trace = Trace { calls: &calls, at: 0 };

    // A new folder, the bytes, the name, and the folder it stands in.
    trace.then("mkdir", &[&format!("{root}/one\"")]);
    trace.then("fsync", &[&format!("<{root}>")]);
    trace.then("fsync", &[&format!("<{root}/one/.tmp-")]);
    trace.then("rename", &[".tmp-", "/one/put\""]);
    trace.then("fsync", &[&format!("<{root}/one>")]);

    trace.then("mkdir", &[&format!("{root}/two\"")]);
    trace.then("fsync", &[&format!("<{root}>")]);
    trace.then("fsync", &[&format!("<{root}/two/.tmp-")]);
    trace.then("link", &[".tmp-", "/two/new\""]);
    trace.then("fsync", &[&format!("<{root}/two>")]);

    trace.then("flock", &["/.lock>"]);
    trace.then("fsync", &[&format!("<{root}/three/.tmp-")]);
    trace.then("rename", &[".tmp-", "/three/swapped\""]);
    trace.then("fsync", &[&format!("<{root}/three>")]);

    // The same bytes again: whoever wrote them may have crashed before its fsync.
    trace.then("fsync", &[&format!("<{root}/two/new>")]);
    trace.then("fsync", &[&format!("<{root}/two>")]);

    trace.then("unlink", &["/one/put\""]);
    trace.then("fsync", &[&format!("<{root}/one>")]);
}

/// The system calls of the traced half, one a line.
fn trace(place: &Path) -> Option<Vec<String>> {
    let out = tempfile::NamedTempFile::new().unwrap();
    let status = Command::new("strace")
        .args(["-f", "-y", "-o"])
        .arg(out.path())
        .args(["-e", "trace=mkdir,mkdirat,fsync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,flock"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "durable::the_traced_process_writes"])
        .env(PLACE, place)
        .output()
        .ok()?
        .status;
    let text = std::fs::read_to_string(out.path()).unwrap();
    status.success().then(|| text.lines().map(str::to_owned).collect())
}

struct Trace<'t> {
    calls: &'t [String],
    at: usize,
}

impl Trace<'_> {
    /// Finds the next call of this name with these words, behind the one before.
    fn then(&mut self, name: &str, words: &[&str]) {
        let rest = &self.calls[self.at..];
        let matches = |call: &String| {
            let called = call.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
            called.starts_with(name) && words.iter().all(|word| call.contains(word))
        };
        let Some(found) = rest.iter().position(matches) else {
            panic!("no {name} {words:?} in\n{}", rest.join("\n"))
        };
        self.at += found + 1;
    }
}
