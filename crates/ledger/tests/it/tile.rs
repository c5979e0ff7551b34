//! Tiles: names, contents, and the files that appending makes.

use std::collections::BTreeSet;

use ledger::Tail;
use ledger::tail::TailError;
use ledger::tile::{
    TileError, TileKind, TilePath, decode_bundle, decode_hashes, encode_entry, encode_hashes,
};
use ledger::tree::{leaf_hash, root};
use proptest::prelude::*;

use crate::support::{MemoryLog, entry};

#[test]
fn only_the_one_name_of_a_tile_is_read() {
    for good in
        ["tile/0/000", "tile/63/x001/x234/067", "tile/entries/255.p/1", "tile/8/x072/x057/x594/x037/x927/935"]
    {
        assert_eq!(good.parse::<TilePath>().unwrap().to_string(), good);
    }
    for bad in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/0/x000/000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1.p/1",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../000",
        "tile/data/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x018/x446/x744/x073/x709/x551/615",
    ] {
        assert_eq!(bad.parse::<TilePath>(), Err(TileError::Path), "{bad}");
    }
}

#[test]
fn a_bundle_is_read_only_if_it_holds_exactly_its_entries() {
    let mut bundle = Vec::new();
    for text in ["one", "", "three"] {
        encode_entry(&mut bundle, text.as_bytes()).unwrap();
    }
    assert_eq!(bundle, b"\0\x03one\0\0\0\x05three");
    assert_eq!(decode_bundle(&bundle, 3).unwrap(), [&b"one"[..], b"", b"three"]);
    assert_eq!(decode_bundle(&bundle, 4), Err(TileError::Cut { position: 3 }));
    assert_eq!(decode_bundle(&bundle, 2), Err(TileError::Surplus { surplus_bytes: 7 }));
    let cut = &bundle[..bundle.len() - 1];
    assert_eq!(decode_bundle(cut, 3), Err(TileError::Cut { position: 2 }));
    assert_eq!(decode_bundle(b"\0", 1), Err(TileError::Cut { position: 0 }));
}

#[test]
fn an_entry_longer_than_the_format_carries_is_refused_and_nothing_is_appended() {
    let longest = vec![b'x'; 65_535];
    let tail = Tail::empty().append(&[&longest]).unwrap().tail;
    assert_eq!(tail.root(), leaf_hash(&longest));
    let error = tail.append(&[vec![b'x'; 65_536]]).unwrap_err();
    assert!(matches!(error, TailError::Entry(TileError::EntryTooLarge { size_bytes: 65_536 })));
    assert_eq!(tail.size(), 1);
}

#[test]
fn a_tile_has_exactly_as_many_bytes_as_its_width_asks_for() {
    let hashes = [leaf_hash(b"a"), leaf_hash(b"b")];
    let bytes = encode_hashes(&hashes);
    assert_eq!(decode_hashes(&bytes, 2).unwrap(), hashes);
    for (bytes, width) in [(&bytes[..63], 2), (&bytes[..], 1), (&bytes[..], 256)] {
        assert!(matches!(decode_hashes(bytes, width), Err(TileError::Size { .. })));
    }
}

#[test]
fn appending_writes_full_tiles_and_the_partial_ones_of_the_new_size() {
    let log = MemoryLog::grown(250, 250);
    let entries: Vec<_> = (250..520).map(entry).collect();
    let appended = log.tail.append(&entries).unwrap();
    let paths: Vec<String> = appended.files.iter().map(|f| f.path.to_string()).collect();
    assert_eq!(
        paths,
        [
            "tile/entries/000",
            "tile/0/000",
            "tile/entries/001",
            "tile/0/001",
            "tile/entries/002.p/8",
            "tile/0/002.p/8",
            "tile/1/000.p/2",
        ]
    );
}

#[test]
fn the_step_after_a_crash_gives_the_same_bytes() {
    let mut log = MemoryLog::grown(700, 123);
    let entries: Vec<_> = (700..1_000).map(entry).collect();
    let first = log.tail.append(&entries).unwrap();
    assert_eq!(log.tail.append(&entries).unwrap(), first);
    // Half of the files were written when the power went; the tail is read again.
    for file in first.files.iter().take(first.files.len() / 2) {
        log.files.insert(file.path.to_string(), file.bytes.clone());
    }
    let tail = Tail::load(700, &log.read()).unwrap();
    assert_eq!(tail, log.tail);
    assert_eq!(tail.append(&entries).unwrap(), first);
}

#[test]
fn the_tail_is_also_read_from_full_tiles_that_have_replaced_partial_ones() {
    let small = MemoryLog::grown(300, 300);
    let mut large = MemoryLog::grown(600, 600);
    large.files.retain(|path, _| !path.contains(".p/"));
    // Level 1 is still partial at 600 entries; its tile for 300 was never full.
    let kept = small.files["tile/1/000.p/1"].clone();
    large.files.insert("tile/1/000.p/1".to_owned(), kept);
    assert_eq!(Tail::load(300, &large.read()).unwrap(), small.tail);
}

#[test]
fn a_tail_whose_files_contradict_each_other_is_refused() {
    let mut log = MemoryLog::grown(300, 300);
    let bundle = log.files.get_mut("tile/entries/001.p/44").unwrap();
    *bundle.last_mut().unwrap() ^= 1;
    let error = Tail::load(300, &log.read()).unwrap_err();
    assert!(matches!(error, TailError::Disagree { index: 299 }), "{error}");
    log.files.remove("tile/entries/001.p/44");
    let error = Tail::load(300, &log.read()).unwrap_err();
    assert_eq!(error.to_string(), "`tile/entries/001.p/44` is missing");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_log_has_the_same_full_tiles_and_root_however_it_was_appended(
        size in 0u64..1_500, step in 1u64..600,
    ) {
        let (one, many) = (MemoryLog::grown(size, size.max(1)), MemoryLog::grown(size, step));
        prop_assert_eq!(&one.tail, &many.tail);
        let leaves: Vec<_> = (0..size).map(|index| leaf_hash(&entry(index))).collect();
        prop_assert_eq!(one.tail.root(), root(&leaves));
        prop_assert_eq!(&Tail::load(size, &many.read()).unwrap(), &one.tail);
        for (path, bytes) in &one.files {
            prop_assert_eq!(many.files.get(path), Some(bytes), "{}", path);
        }
        // Every tile a tree of this size has is there.
        let mut expected = BTreeSet::new();
        for kind in [
            TileKind::Entries,
            TileKind::Hashes { level: 0 },
            TileKind::Hashes { level: 1 },
            TileKind::Hashes { level: 2 },
        ] {
            expected.extend((0..10).filter_map(|n| TilePath::at_size(kind, n, size)));
        }
        for path in expected {
            prop_assert!(one.files.contains_key(&path.to_string()), "{}", path);
        }
    }
}
