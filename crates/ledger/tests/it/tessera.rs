//! A log made by another program (Tessera), and the examples of the specifications.

use std::fs;

use ledger::tile::{TileKind, decode_bundle, decode_hashes};
use ledger::tree::{leaf_hash, root, verify_consistency};
use ledger::{Checkpoint, LogCheck, Note, Proof, Tail, TilePath, TiledTree, VerifierKey};
use serde_json::Value;

use crate::support::{read_folder, shared_tlog};

fn key_of(folder: &std::path::Path) -> VerifierKey {
    let text = fs::read_to_string(folder.join("log.vkey")).unwrap();
    text.trim_end().parse().unwrap()
}

#[test]
fn all_its_checkpoints_verify_and_their_tiles_and_entries_give_their_roots() {
    let Some(folder) = shared_tlog() else { return };
    let key = key_of(&folder);
    let read = read_folder(folder.join("log"));
    let mut checkpoints = Vec::new();
    for size in 0..=15 {
        let bytes = fs::read(folder.join(format!("log/checkpoint.{size}"))).unwrap();
        let checkpoint = Checkpoint::open(&bytes, &key).unwrap();
        assert_eq!(checkpoint.size, size);
        assert_eq!(Note::parse(&bytes).unwrap().to_string().into_bytes(), bytes);

        let mut seen = 0;
        let check = LogCheck { read: &read, key: &key, known: &checkpoints };
        let mut visit = |_, _: &[u8]| {
            seen += 1;
            Ok(())
        };
        check.run_at(&checkpoint, &mut visit, &mut |_| {}).unwrap();
        assert_eq!(seen, size);
        assert_eq!(TiledTree::new(size, &read).root().unwrap(), checkpoint.root);
        checkpoints.push(checkpoint);
    }
    // `checkpoint` itself is the newest.
    let check = LogCheck { read: &read, key: &key, known: &checkpoints };
    let newest = check.run(&mut |_, _| Ok(()), &mut |_| {}).unwrap();
    assert_eq!(newest, checkpoints[15]);
}

#[test]
fn we_write_every_one_of_its_files_to_the_byte() {
    let Some(folder) = shared_tlog() else { return };
    let log = folder.join("log");
    let newest = fs::read(log.join("tile/entries/000.p/15")).unwrap();
    let entries = decode_bundle(&newest, 15).unwrap();
    assert_eq!(entries[..3], [&b"one"[..], b"two", b"three"]);
    let mut tail = Tail::empty();
    for (position, entry) in entries.iter().enumerate() {
        let appended = tail.append(&[entry]).unwrap();
        assert_eq!(appended.files.len(), 2);
        for file in &appended.files {
            assert_eq!(fs::read(log.join(file.path.to_string())).unwrap(), file.bytes);
            assert_eq!(usize::from(file.path.width()), position + 1);
        }
        tail = appended.tail;
        assert_eq!(Tail::load(tail.size(), &read_folder(log.clone())).unwrap(), tail);
    }
}

#[test]
fn every_entry_is_proved_in_every_tree_and_every_tree_in_every_later_one() {
    let Some(folder) = shared_tlog() else { return };
    let key = key_of(&folder);
    let read = read_folder(folder.join("log"));
    let tile = fs::read(folder.join("log/tile/0/000.p/15")).unwrap();
    let leaves = decode_hashes(&tile, 15).unwrap();
    let bundle = fs::read(folder.join("log/tile/entries/000.p/15")).unwrap();
    let entries = decode_bundle(&bundle, 15).unwrap();
    for size in 1..=15u64 {
        let bytes = fs::read(folder.join(format!("log/checkpoint.{size}"))).unwrap();
        let note = Note::parse(&bytes).unwrap();
        for index in 0..size {
            let proof = Proof::make(note.clone(), index, None, &read).unwrap();
            proof.verify(entries[index as usize], &key).unwrap();
            assert_eq!(leaf_hash(entries[index as usize]), leaves[index as usize]);
        }
        let whole = root(&leaves[..size as usize]);
        for old in 1..=size {
            let path = TiledTree::new(size, &read).prove_consistency(old).unwrap();
            let old_root = root(&leaves[..old as usize]);
            verify_consistency(old, size, &old_root, &whole, &path).unwrap();
        }
    }
}

#[test]
fn the_examples_of_the_specifications_come_out() {
    let Some(folder) = shared_tlog() else { return };
    let text = fs::read_to_string(folder.join("spec-examples.json")).unwrap();
    let examples: Value = serde_json::from_str(&text).unwrap();

    let paths = examples["index_path"].as_array().unwrap();
    assert_eq!(paths.len(), 9);
    for example in paths {
        let expected = format!("tile/0/{}", example["path"].as_str().unwrap());
        let parsed: TilePath = expected.parse().unwrap();
        assert_eq!(parsed.index(), example["index"].as_u64().unwrap());
        assert_eq!(parsed.to_string(), expected);
        assert!(parsed.is_full());
    }

    let layouts = examples["tile_layout"].as_array().unwrap();
    assert_eq!(layouts.len(), 2);
    for layout in layouts {
        check_layout(layout);
    }
    assert_eq!(examples["full_tile_bytes"], 256 * ledger::HASH_BYTES);
    assert_eq!(examples["max_entry_bytes"], ledger::tile::BUNDLE_ENTRY_BYTES_MAX);

    let key: VerifierKey = examples["note"]["vkey"].as_str().unwrap().parse().unwrap();
    let signed = examples["note"]["signed_note"].as_str().unwrap();
    let note = Note::parse(signed.as_bytes()).unwrap();
    assert_eq!(note.verify(std::slice::from_ref(&key)).unwrap(), [&key]);
    assert_eq!(note.to_string(), signed);
}

fn check_layout(layout: &Value) {
    let size = layout["tree_size"].as_u64().unwrap();
    for level in layout["levels"].as_array().unwrap() {
        let kind = TileKind::Hashes { level: level["level"].as_u64().unwrap() as u8 };
        let tiles: Vec<_> = (0..).map_while(|n| TilePath::at_size(kind, n, size)).collect();
        let full = tiles.iter().filter(|tile| tile.is_full()).count();
        assert_eq!(full as u64, level["full_tiles"].as_u64().unwrap());
        let partial = tiles.iter().find(|tile| !tile.is_full());
        let width = partial.map_or(0, TilePath::width);
        assert_eq!(u64::from(width), level["partial_width"].as_u64().unwrap());
    }
    let mut partial: Vec<String> = TilePath::partial_at(size).map(|path| path.to_string()).collect();
    let bundle = layout["partial_entry_bundle_path"].as_str();
    if let Some(bundle) = bundle {
        assert_eq!(partial.remove(0), bundle);
    }
    let expected: Vec<_> = layout["partial_tile_paths"].as_array().unwrap().iter().collect();
    assert_eq!(partial.len(), expected.len());
    assert!(partial.iter().zip(expected).all(|(a, b)| b == a));
}
