//! Golden files: our formats, byte for byte. A difference is a change of format and
//! needs a new version of it; `UPDATE_GOLDEN=1` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::disclosure::About;
use ledger::{Disclosure, Note, Opening, Proof, Set, canonical};
use serde_json::json;

use crate::support::{MemoryLog, entry, signer};

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn compare(name: &str, bytes: &[u8]) {
    let path = folder().join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, bytes).unwrap();
    }
    let golden = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert!(golden == bytes, "{name} is no longer what it was");
}

/// Person number `n`: id and trace key.
fn person(n: u8) -> (String, [u8; 32]) {
    (format!("sub_{n:026}"), [n; 32])
}

const SET_ID: &str = "set_00000000000000000000000001";
const ENTRY_ID: &str = "ent_00000000000000000000000001";

fn set() -> Set {
    let leaf = |n| {
        let (id, key) = person(n);
        Opening::of(&key, SET_ID).tag(&id)
    };
    Set::new((0..5).map(leaf).collect()).unwrap()
}

/// Five plain entries, one with a tag, one with a set.
fn log() -> MemoryLog {
    let mut log = MemoryLog::grown(5, 5);
    let (id, key) = person(1);
    let tag = Opening::of(&key, ENTRY_ID).tag(&id);
    let one = json!({"id": ENTRY_ID, "tag": tag.to_string()});
    let many = json!({"set": {"count": set().count(), "id": SET_ID, "root": set().root().to_string()}});
    let entries = [one, many].map(|value| canonical::encode_entry(&value).unwrap());
    log.append(&entries);
    log.publish();
    log
}

fn proof(index: u64, about: Option<About>) -> Proof {
    let log = log();
    let bundle = &log.files["tile/entries/000.p/7"];
    let entries = ledger::tile::decode_bundle(bundle, 7).unwrap();
    let disclosure = Disclosure { entry: entries[index as usize].to_vec(), about };
    let checkpoint = Note::parse(&log.files["checkpoint"]).unwrap();
    Proof::make(checkpoint, index, Some(&disclosure), &log.read()).unwrap()
}

#[test]
fn the_verifier_key_is_as_it_was() {
    compare("verifier-key", signer().verifier().to_string().as_bytes());
}

#[test]
fn the_checkpoint_is_as_it_was() {
    compare("checkpoint", &log().files["checkpoint"]);
}

#[test]
fn tiles_and_bundles_are_as_they_were() {
    let log = log();
    compare("bundle", &log.files["tile/entries/000.p/7"]);
    compare("tile", &log.files["tile/0/000.p/7"]);
    let large = MemoryLog::grown(600, 600);
    compare("upper-tile", &large.files["tile/1/000.p/2"]);
}

#[test]
fn the_canonical_entry_is_as_it_was() {
    let value = json!({"z": [1, -2, null, true], "a": "ü\n\u{1}\"", "\u{fb33}": {}, "😀": []});
    compare("canonical.json", &canonical::encode_entry(&value).unwrap());
    compare("entry.json", &entry(1));
}

#[test]
fn the_set_file_is_as_it_was() {
    compare("set", &set().to_bytes());
}

#[test]
fn the_proofs_are_as_they_were_and_still_verify() {
    let (id, key) = person(1);
    let one = proof(5, Some(About::Tag(Opening::of(&key, ENTRY_ID))));
    compare("one.tlog-proof", one.to_string().as_bytes());
    let member = set().prove(Opening::of(&key, SET_ID), &id).unwrap();
    let many = proof(6, Some(About::Set(member)));
    compare("member.tlog-proof", many.to_string().as_bytes());
    for proof in [one, many] {
        proof.verify_disclosed(signer().verifier()).unwrap();
    }
}
