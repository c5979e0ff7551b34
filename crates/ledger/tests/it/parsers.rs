//! Whatever comes from outside: any bytes are answered, and what is accepted is
//! written back the same. (A panic fails the test.)

use ledger::disclosure::About;
use ledger::tile::{TileKind, decode_bundle, decode_hashes, encode_entry, encode_hashes};
use ledger::{
    Checkpoint, Disclosure, Hash, Note, Opening, Proof, Set, SetProof, Tail, TilePath, VerifierKey, canonical,
};
use proptest::prelude::*;

/// Bytes that look like the real thing more often than chance would have it.
fn almost(valid: String) -> impl Strategy<Value = Vec<u8>> {
    let size = valid.len();
    let edit = (0..size, any::<u8>(), 0..4u8);
    prop::collection::vec(edit, 0..4).prop_map(move |edits| {
        let mut bytes = valid.clone().into_bytes();
        for (position, byte, kind) in edits {
            let position = position.min(bytes.len());
            match kind {
                0 if position < bytes.len() => bytes[position] = byte,
                1 => bytes.insert(position, byte),
                2 if position < bytes.len() => drop(bytes.remove(position)),
                _ => bytes.truncate(position),
            }
        }
        bytes
    })
}

fn any_hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash::from_bytes)
}

fn golden(name: &str) -> String {
    let path = crate::golden::folder().join(name);
    std::fs::read_to_string(path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), width in 0u16..300) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = canonical::parse_entry(&bytes);
        let _ = Note::parse(&bytes);
        let _ = Proof::parse(&bytes);
        let _ = Set::from_bytes(&bytes);
        let _ = Disclosure::from_bytes(&bytes);
        let _ = decode_bundle(&bytes, width);
        let _ = decode_hashes(&bytes, width);
        let _ = text.parse::<Checkpoint>();
        let _ = text.parse::<VerifierKey>();
        let _ = text.parse::<TilePath>();
        let _ = text.parse::<Hash>();
        let _ = text.parse::<Opening>();
    }

    #[test]
    fn a_damaged_note_is_refused_or_written_back_the_same(bytes in almost(golden("checkpoint"))) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes);
            if let Ok(checkpoint) = note.text().parse::<Checkpoint>() {
                prop_assert_eq!(checkpoint.to_string(), note.text());
            }
        }
    }

    #[test]
    fn a_damaged_proof_is_refused_or_written_back_the_same(bytes in almost(golden("one.tlog-proof"))) {
        if let Ok(proof) = Proof::parse(&bytes) {
            prop_assert_eq!(proof.to_string().into_bytes(), bytes);
            if let Some(disclosure) = proof.extra.as_deref().and_then(|e| Disclosure::from_bytes(e).ok()) {
                prop_assert_eq!(Some(disclosure.to_bytes().unwrap()), proof.extra);
            }
        }
    }

    #[test]
    fn a_damaged_key_is_refused_or_written_back_the_same(bytes in almost(golden("verifier-key"))) {
        if let Ok(text) = String::from_utf8(bytes) && let Ok(key) = text.parse::<VerifierKey>() {
            prop_assert_eq!(key.to_string(), text);
        }
    }

    #[test]
    fn a_tile_path_that_is_read_is_written_back_the_same(
        text in "tile/(entries|[0-9]{1,2})/(x[0-9]{3}/){0,7}[0-9]{3}(\\.p/[0-9]{1,3})?",
    ) {
        if let Ok(path) = text.parse::<TilePath>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn a_tile_path_that_is_written_is_read_back_the_same(
        index in 0..=u64::MAX >> 8, level in 0u8..=7, size in any::<u64>(), entries in any::<bool>(),
    ) {
        let kind = if entries { TileKind::Entries } else { TileKind::Hashes { level } };
        let index = index >> (8 * u32::from(level));
        if let Some(path) = TilePath::at_size(kind, index, size) {
            prop_assert_eq!(path.to_string().parse::<TilePath>(), Ok(path));
        }
        let partial: Vec<_> = TilePath::partial_at(size).collect();
        prop_assert!(partial.iter().all(|path| !path.is_full()), "{:?}", partial);
    }

    #[test]
    fn any_bundle_reads_back_as_itself(
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..256),
    ) {
        let mut bytes = Vec::new();
        for entry in &entries {
            encode_entry(&mut bytes, entry).unwrap();
        }
        let width = entries.len() as u16;
        prop_assert_eq!(decode_bundle(&bytes, width).unwrap(), &entries[..]);
    }

    #[test]
    fn any_tile_reads_back_as_itself(hashes in prop::collection::vec(any_hash(), 0..=256)) {
        let width = hashes.len() as u16;
        prop_assert_eq!(decode_hashes(&encode_hashes(&hashes), width).unwrap(), hashes);
    }

    #[test]
    fn any_disclosure_reads_back_as_itself(
        value in crate::canonical::any_value(), key in any::<[u8; 32]>(), leaf in any_hash(), index in any::<u64>(),
        path in prop::collection::vec(any_hash(), 0..20), kind in 0..3u8,
    ) {
        let opening = Opening::of(&key, "set_1");
        let about = match kind {
            0 => None,
            1 => Some(About::Tag(opening)),
            _ => Some(About::Set(SetProof { opening, leaf, index, path })),
        };
        let disclosure = Disclosure { entry: canonical::encode(&value).unwrap(), about };
        let bytes = disclosure.to_bytes().unwrap();
        prop_assert_eq!(Disclosure::from_bytes(&bytes).unwrap(), disclosure);
    }

    #[test]
    fn a_tail_read_from_arbitrary_files_never_panics(
        size in 0u64..2_000, bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = Tail::load(size, &|_| Ok(Some(bytes.clone())));
    }
}
