//! What a folder promises, tried on a real disk.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails should fail its test"
)]

mod durable;

use std::fs;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering};

use files::{FilesError, Folder, PathFault};

fn folder() -> (tempfile::TempDir, Folder) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path()).unwrap();
    (place, folder)
}

#[test]
fn a_file_comes_back_as_it_was_put_and_a_later_put_replaces_it() {
    let (_place, folder) = folder();
    assert_eq!(folder.get("tile/0/000").unwrap(), None);
    assert!(!folder.exists("tile/0/000").unwrap());
    folder.put_atomic("tile/0/000", b"old").unwrap();
    folder.put_atomic("tile/0/000", b"new").unwrap();
    assert_eq!(folder.get("tile/0/000").unwrap().unwrap(), b"new");
    assert!(folder.exists("tile/0/000").unwrap());
}

#[test]
fn a_new_file_may_be_repeated_with_the_same_bytes_but_never_changed() {
    let (_place, folder) = folder();
    folder.put_new("tile/x001/000.p/7", b"seven").unwrap();
    folder.put_new("tile/x001/000.p/7", b"seven").unwrap();
    let error = folder.put_new("tile/x001/000.p/7", b"other").unwrap_err();
    assert!(matches!(error, FilesError::Exists { .. }), "{error}");
    assert_eq!(error.to_string(), "`tile/x001/000.p/7` already exists with other bytes");
    assert_eq!(folder.get("tile/x001/000.p/7").unwrap().unwrap(), b"seven");
}

#[test]
fn a_swap_succeeds_only_on_the_bytes_it_expects() {
    let (_place, folder) = folder();
    folder.replace_if("checkpoint", None, b"1").unwrap();
    let again = folder.replace_if("checkpoint", None, b"2").unwrap_err();
    assert!(matches!(again, FilesError::Changed { .. }));
    folder.replace_if("checkpoint", Some(b"1"), b"2").unwrap();
    let stale = folder.replace_if("checkpoint", Some(b"1"), b"3").unwrap_err();
    assert!(matches!(stale, FilesError::Changed { .. }));
    assert_eq!(folder.get("checkpoint").unwrap().unwrap(), b"2");
}

#[test]
fn of_many_swappers_at_once_exactly_one_wins_each_step() {
    let (_place, folder) = folder();
    folder.put_atomic("head", b"0").unwrap();
    let wins = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for name in 1..=8u8 {
            let (folder, wins) = (&folder, &wins);
            scope.spawn(move || {
                // Each one works on a handle of its own, as a second process would.
                let own = Folder::open(folder.root()).unwrap();
                match own.replace_if("head", Some(b"0"), &[name]) {
                    Ok(()) => wins.fetch_add(1, Ordering::Relaxed),
                    Err(FilesError::Changed { .. }) => 0,
                    Err(other) => panic!("{other}"),
                };
            });
        }
    });
    assert_eq!(wins.load(Ordering::Relaxed), 1);
}

#[test]
fn of_many_writers_of_one_new_file_the_first_keeps_it() {
    let (_place, folder) = folder();
    let wins = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for name in 1..=8u8 {
            let (folder, wins) = (&folder, &wins);
            scope.spawn(move || {
                if folder.put_new("set/one", &[name]).is_ok() {
                    wins.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(wins.load(Ordering::Relaxed), 1);
    assert_eq!(folder.list("").unwrap(), ["set/one"]);
}

#[test]
fn a_listing_is_sorted_and_shows_no_temporary_or_lock_files() {
    let (place, folder) = folder();
    folder.replace_if("checkpoint", None, b"c").unwrap();
    folder.put_new("tile/0/000.p/2", b"b").unwrap();
    folder.put_new("tile/0/000.p/1", b"a").unwrap();
    fs::write(place.path().join("tile/.tmp-1-1"), b"left by a crash").unwrap();
    assert_eq!(folder.list("").unwrap(), ["checkpoint", "tile/0/000.p/1", "tile/0/000.p/2"]);
    assert_eq!(folder.list("tile/0").unwrap(), ["tile/0/000.p/1", "tile/0/000.p/2"]);
    assert!(folder.list("nothing/here").unwrap().is_empty());
}

#[test]
fn removing_is_repeatable() {
    let (_place, folder) = folder();
    folder.put_new("a/b", b"x").unwrap();
    folder.remove("a/b").unwrap();
    folder.remove("a/b").unwrap();
    assert_eq!(folder.get("a/b").unwrap(), None);
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let (_place, folder) = folder();
    let long = "a".repeat(513);
    for (path, expected) in [
        ("", PathFault::Length),
        (long.as_str(), PathFault::Length),
        ("/etc/passwd", PathFault::EmptyPart),
        ("a//b", PathFault::EmptyPart),
        ("a/", PathFault::EmptyPart),
        ("..", PathFault::Dot),
        ("a/../../b", PathFault::Dot),
        ("./a", PathFault::Dot),
        (".lock", PathFault::Dot),
        ("a\\b", PathFault::Character),
        ("a b", PathFault::Character),
        ("a\0b", PathFault::Character),
        ("C:x", PathFault::Character),
    ] {
        let tries = [
            folder.put_atomic(path, b"x").unwrap_err(),
            folder.put_new(path, b"x").unwrap_err(),
            folder.replace_if(path, None, b"x").unwrap_err(),
            folder.get(path).unwrap_err(),
            folder.exists(path).unwrap_err(),
            folder.remove(path).unwrap_err(),
        ];
        for error in tries {
            let FilesError::Path { fault, .. } = error else { panic!("{path:?}: {error}") };
            assert_eq!(fault, expected, "{path:?}");
        }
    }
    assert!(folder.list("").unwrap().is_empty());
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_not_followed() {
    let (place, folder) = folder();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), b"secret").unwrap();
    std::os::unix::fs::symlink(outside.path(), place.path().join("way")).unwrap();
    for error in [
        folder.get("way/secret").unwrap_err(),
        folder.put_atomic("way/new", b"x").unwrap_err(),
        folder.remove("way/secret").unwrap_err(),
    ] {
        assert!(matches!(error, FilesError::Path { fault: PathFault::SymbolicLink, .. }), "{error}");
    }
    assert!(!outside.path().join("new").exists());
    assert!(folder.list("").unwrap().is_empty());
}

#[test]
fn a_missing_folder_is_not_opened_but_can_be_created() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a/b");
    let error = Folder::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    Folder::create(&path).unwrap().put_new("c", b"x").unwrap();
    assert_eq!(fs::read(path.join("c")).unwrap(), b"x");
}

#[test]
fn a_folder_that_cannot_be_written_says_so_and_stays_as_it_was() {
    // The kernel's own read-only tree refuses even the superuser.
    let Ok(folder) = Folder::open("/sys/kernel") else {
        eprintln!("SKIPPED: this system has no /sys/kernel");
        return;
    };
    let error = folder.put_atomic("steward-test", b"x").unwrap_err();
    assert!(matches!(error, FilesError::Io { .. }), "{error}");
    assert!(matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem), "{error}");
    assert!(error.to_string().contains("steward-test"), "{error}");
}

#[test]
fn a_file_where_a_folder_is_needed_is_an_error_with_its_path() {
    let (_place, folder) = folder();
    folder.put_new("a", b"x").unwrap();
    let error = folder.put_new("a/b", b"y").unwrap_err();
    assert!(error.to_string().contains("`a/b`"), "{error}");
    assert_eq!(folder.get("a/b").unwrap(), None);
    assert_eq!(folder.get("a").unwrap().unwrap(), b"x");
}

#[test]
fn a_failed_write_leaves_no_temporary_file() {
    let (place, folder) = folder();
    fs::create_dir(place.path().join("taken")).unwrap();
    // A file cannot be renamed onto a folder.
    folder.put_atomic("taken", b"x").unwrap_err();
    let names: Vec<_> = fs::read_dir(place.path()).unwrap().collect();
    assert_eq!(names.len(), 1);
}
