//! A whole log checked: a sound one passes, and every harm is named.

use std::collections::BTreeSet;

use ledger::tree::root;
use ledger::verify::{Broken, Progress};
use ledger::{Checkpoint, FileError, Hash, LogCheck, SignerKey};

use crate::support::{MemoryLog, ORIGIN, entry, signer};

fn check(log: &MemoryLog, known: &[Checkpoint]) -> Result<Checkpoint, Broken> {
    LogCheck { read: &log.read(), key: signer().verifier(), known }.run(&mut |_, _| Ok(()), &mut |_| {})
}

#[test]
fn a_sound_log_shows_every_entry_once_and_in_order() {
    for size in [0, 1, 255, 256, 257, 512, 1_000] {
        let log = MemoryLog::grown(size, 77);
        let (mut seen, mut progress) = (Vec::new(), Vec::new());
        let checkpoint = LogCheck { read: &log.read(), key: signer().verifier(), known: &[] }
            .run(
                &mut |index, bytes| {
                    seen.push((index, bytes.to_vec()));
                    Ok(())
                },
                &mut |step| progress.push(step),
            )
            .unwrap();
        assert_eq!(checkpoint, log.checkpoint());
        let expected: Vec<_> = (0..size).map(|index| (index, entry(index))).collect();
        assert_eq!(seen, expected);
        let last = progress.last().copied();
        let whole = Progress { entries_done: size, entries_total: size };
        assert_eq!(last, (size > 0).then_some(whole));
    }
}

#[test]
fn any_single_entry_can_be_read_from_the_bundles() {
    let log = MemoryLog::grown(300, 300);
    for index in [0, 255, 256, 299] {
        let found = ledger::read_entry(index, 300, &log.read()).unwrap();
        assert_eq!(found, Some(entry(index)));
    }
    assert_eq!(ledger::read_entry(300, 300, &log.read()).unwrap(), None);
    assert_eq!(ledger::read_entry(u64::MAX, 300, &log.read()).unwrap(), None);
}

#[test]
fn a_changed_byte_in_any_file_is_noticed() {
    let log = MemoryLog::grown(270, 270);
    for (path, bytes) in &log.files {
        // Every byte of the small files, about a hundred of each large one.
        for position in (0..bytes.len()).step_by(bytes.len().div_ceil(150)) {
            let mut harmed = log.clone();
            harmed.files.get_mut(path).unwrap()[position] ^= 0x20;
            assert!(check(&harmed, &[]).is_err(), "byte {position} of {path}");
        }
    }
}

#[test]
fn every_file_is_needed() {
    let log = MemoryLog::grown(70_000, 70_000);
    let paths: BTreeSet<_> = log.files.keys().cloned().collect();
    assert_eq!(paths.len(), 274 + 274 + 2 + 1 + 1);
    for path in paths.iter().step_by(37).chain(["tile/2/000.p/1", "checkpoint"].map(String::from).iter()) {
        let mut harmed = log.clone();
        harmed.files.remove(path);
        match check(&harmed, &[]) {
            Err(Broken::File(FileError::Missing { path: named })) => assert_eq!(&named, path),
            other => panic!("{path}: {other:?}"),
        }
    }
}

#[test]
fn a_changed_entry_is_named_by_its_index_and_files() {
    let mut log = MemoryLog::grown(600, 600);
    let bundle = log.files.get_mut("tile/entries/001").unwrap();
    let position = bundle.windows(3).position(|three| three == b"300").unwrap();
    bundle[position] = b'4';
    let broken = check(&log, &[]).unwrap_err();
    assert!(matches!(broken, Broken::Entry { index: 300, .. }));
    assert_eq!(
        broken.to_string(),
        "entry 300 in `tile/entries/001` does not hash to its place in `tile/0/001`"
    );
}

#[test]
fn a_changed_upper_tile_is_named_with_what_it_covers() {
    let mut log = MemoryLog::grown(1_000, 1_000);
    log.files.get_mut("tile/1/000.p/3").unwrap()[70] ^= 1;
    let broken = check(&log, &[]).unwrap_err();
    assert_eq!(
        broken.to_string(),
        "hash 2 of `tile/1/000.p/3`, over the entries from 512 on, is not that of the tile below it"
    );
}

#[test]
fn an_entry_and_all_its_hashes_changed_together_are_noticed_by_the_signed_root() {
    let sound = MemoryLog::grown(400, 400);
    let mut forged = MemoryLog::default();
    let mut entries: Vec<_> = (0..400).map(entry).collect();
    entries[10] = b"forged".to_vec();
    forged.append(&entries);
    let checkpoint = sound.files["checkpoint"].clone();
    forged.files.insert("checkpoint".to_owned(), checkpoint);
    assert!(matches!(check(&forged, &[]), Err(Broken::Root { size: 400 })));
}

#[test]
fn a_log_signed_anew_by_its_own_key_is_noticed_by_a_checkpoint_seen_before() {
    let seen = [7, 256, 300].map(|size| {
        let leaves: Vec<Hash> = (0..size).map(|n| ledger::tree::leaf_hash(&entry(n))).collect();
        Checkpoint::new(ORIGIN, size, root(&leaves))
    });
    let mut forged = MemoryLog::default();
    let mut entries: Vec<_> = (0..400).map(entry).collect();
    check(&MemoryLog::grown(400, 400), &seen).unwrap();
    entries[10] = b"forged".to_vec();
    forged.append(&entries);
    forged.publish();
    check(&forged, &[]).unwrap();
    check(&forged, &seen[..1]).unwrap();
    assert!(matches!(check(&forged, &seen), Err(Broken::Rewritten { size: 256 })));
    let shorter = MemoryLog::grown(299, 299);
    assert!(matches!(check(&shorter, &seen), Err(Broken::Shortened { size: 299, known_size: 300 })));
}

#[test]
fn a_checkpoint_of_a_stranger_is_refused() {
    let mut log = MemoryLog::grown(5, 5);
    let stranger = SignerKey::from_seed(ORIGIN, &[1; 32]).unwrap();
    let note = log.checkpoint().sign(&stranger).unwrap();
    log.files.insert("checkpoint".to_owned(), note.to_string().into_bytes());
    assert!(matches!(check(&log, &[]), Err(Broken::Checkpoint(_))));
}

#[test]
fn partial_files_may_be_gone_once_the_full_ones_exist() {
    let mut log = MemoryLog::grown(300, 300);
    let entries: Vec<_> = (300..600).map(entry).collect();
    let small = log.checkpoint();
    log.append(&entries);
    log.files.remove("tile/entries/001.p/44");
    log.files.remove("tile/0/001.p/44");
    let key = signer();
    let read = log.read();
    let run = LogCheck { read: &read, key: key.verifier(), known: &[] };
    run.run_at(&small, &mut |_, _| Ok(()), &mut |_| {}).unwrap();
}

#[test]
fn a_visitor_that_refuses_an_entry_stops_the_check_there() {
    let log = MemoryLog::grown(600, 600);
    let mut seen = 0;
    let broken = LogCheck { read: &log.read(), key: signer().verifier(), known: &[] }
        .run(
            &mut |index, _| {
                seen += 1;
                if index == 300 { Err("unknown kind".to_owned()) } else { Ok(()) }
            },
            &mut |_| {},
        )
        .unwrap_err();
    assert_eq!(broken.to_string(), "entry 300: unknown kind");
    assert_eq!(seen, 301);
}

#[test]
fn an_unreadable_file_is_named_with_what_the_reader_said() {
    let log = MemoryLog::grown(300, 300);
    let read = |path: &str| match path {
        "tile/0/000" => Err(std::io::Error::other("input/output error")),
        _ => Ok(log.files.get(path).cloned()),
    };
    let key = signer();
    let broken = LogCheck { read: &read, key: key.verifier(), known: &[] }
        .run(&mut |_, _| Ok(()), &mut |_| {})
        .unwrap_err();
    assert_eq!(broken.to_string(), "`tile/0/000` cannot be read: input/output error");
}
