//! The bodies of the fuzz targets (fuzz/README.md) as property tests on the stable
//! compiler: arbitrary bytes, and texts near to what each parser takes.

#[path = "../../../../fuzz/src/parsers.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets see it from another crate")]
mod parsers;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

/// Texts that some parser accepts, to be damaged.
const SEEDS: &[&str] = &[
    "a,b\r\n\"x, \"\"y\"\"\",2\r\n",
    "controller:\n  name: Shop\npurposes:\n  newsletter:\n    kind: marketing\n",
    r#"{"a":[1,"ü",null],"b":{"c":true}}"#,
    "example.org/log\n1\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n\n— example.org/log AAAAAAAA\n",
    "example.org/log+01234567+AWZm",
    "c2sp.org/tlog-proof@v1\nindex 0\n\nexample.org/log\n1\n",
    "tile/entries/x001/234.p/5",
    "sub_0123456789abcdefghjkmnpqrs",
    r#"{"items":[{"subject":{"identifier":{"kind":"email","value":"a@b.example"}},"purpose":"newsletter","action":"send","channel":"email","held_since":"2026-01-01T00:00:00Z"}],"strict":true,"request":"r-1"}"#,
    r#"{"subject":{"id":"sub_00000000000000000000000000"},"create":true,"events":[{"kind":"given","purpose":"newsletter","origin":"banner","shown":{"text_sha256":"00","locale":"en"},"occurred":"2026-01-01T00:00:00Z"}]}"#,
    r#"{"system":"chinook","table":"Customer","fields":{"CustomerId":1,"Email":"a@b.example"},"identifiers":[]}"#,
    r#"{"kind":"access","by":{"actor":"staff","account":"a-1","role":"support","reason":{"code":"customer-asked","ticket":"T-1"}}}"#,
    "2026-11-24T15:00:00.123456Z",
];

fn damaged(seed: &str, edits: &[(prop::sample::Index, u8, u8)]) -> Vec<u8> {
    let mut bytes = seed.as_bytes().to_vec();
    for (position, byte, kind) in edits {
        let position = position.index(bytes.len() + 1);
        match kind {
            0 if position < bytes.len() => bytes[position] = *byte,
            1 if position < bytes.len() => drop(bytes.remove(position)),
            2 => bytes.extend_from_within(position..),
            _ => bytes.insert(position, *byte),
        }
    }
    bytes
}

proptest! {
    #[test]
    fn arbitrary_bytes_stop_no_parser(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for (_, parser) in parsers::ALL {
            parser(&bytes);
        }
    }

    #[test]
    fn damaged_texts_stop_no_parser(
        seed in prop::sample::select(SEEDS),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 0..6),
    ) {
        for (_, parser) in parsers::ALL {
            parser(&damaged(seed, &edits));
        }
    }
}

#[test]
fn every_parser_has_its_fuzz_target_and_every_target_its_parser() {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for (name, _) in parsers::ALL {
        let target = fs::read_to_string(folder.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("parsers::{name}(bytes)")), "{name}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
    }
    assert_eq!(fs::read_dir(folder.join("fuzz_targets")).unwrap().count(), parsers::ALL.len());
}
