//! The proof file: all that a person needs, offline.

use ledger::canonical;
use ledger::disclosure::{About, DisclosureError};
use ledger::proof::ProofError;
use ledger::{Checkpoint, Disclosure, Note, Opening, Proof, Set, SignerKey};
use serde_json::json;

use crate::support::{MemoryLog, entry, signer};

const SUBJECT: &str = "sub_00000000000000000000000001";
const TRACE_KEY: [u8; 32] = [3; 32];

/// A log of 300 entries, the last about one person and the one before about a set.
fn log() -> (MemoryLog, Vec<u8>, Vec<u8>, Set) {
    let mut log = MemoryLog::grown(298, 298);
    let leaf = |n: u8| Opening::of(&[n; 32], "set_1").tag(SUBJECT);
    let set = Set::new((0..10).map(leaf).collect()).unwrap();
    let many = json!({"set": set.root().to_string(), "count": set.count()});
    let many = canonical::encode_entry(&many).unwrap();
    let tag = Opening::of(&TRACE_KEY, "ent_1").tag(SUBJECT);
    let one = canonical::encode_entry(&json!({"tag": tag.to_string()})).unwrap();
    log.append(&[many.clone(), one.clone()]);
    log.publish();
    (log, one, many, set)
}

fn head(log: &MemoryLog) -> Note {
    Note::parse(&log.files["checkpoint"]).unwrap()
}

#[test]
fn a_person_can_check_offline_that_an_entry_is_about_them() {
    let (log, one, _, _) = log();
    let opening = Opening::of(&TRACE_KEY, "ent_1");
    let disclosure = Disclosure { entry: one, about: Some(About::Tag(opening)) };
    let proof = Proof::make(head(&log), 299, Some(&disclosure), &log.read()).unwrap();
    let file = proof.to_string();

    // From here on only the file, the key and the person's own id are known.
    let read = Proof::parse(file.as_bytes()).unwrap();
    let (checkpoint, told) = read.verify_disclosed(signer().verifier()).unwrap();
    assert_eq!(checkpoint, log.checkpoint());
    let entry = canonical::parse_entry(&told.entry).unwrap();
    let Some(About::Tag(opening)) = told.about else { panic!("the opening is missing") };
    assert_eq!(entry["tag"], opening.tag(SUBJECT).to_string());
    assert_ne!(entry["tag"], opening.tag("sub_2").to_string());
}

#[test]
fn a_person_can_check_offline_that_a_set_names_them() {
    let (log, _, many, set) = log();
    let member = set.prove(Opening::of(&[4; 32], "set_1"), SUBJECT).unwrap();
    let disclosure = Disclosure { entry: many, about: Some(About::Set(member)) };
    let proof = Proof::make(head(&log), 298, Some(&disclosure), &log.read()).unwrap();
    let read = Proof::parse(proof.to_string().as_bytes()).unwrap();
    let (_, told) = read.verify_disclosed(signer().verifier()).unwrap();
    let entry = canonical::parse_entry(&told.entry).unwrap();
    let root = entry["set"].as_str().unwrap().parse().unwrap();
    let count = entry["count"].as_u64().unwrap();
    let Some(About::Set(member)) = told.about else { panic!("the member's proof is missing") };
    member.verify(SUBJECT, &root, count).unwrap();
    assert!(member.verify("sub_2", &root, count).is_err());
}

#[test]
fn every_entry_of_a_log_has_a_proof_that_holds_for_it_alone() {
    let log = MemoryLog::grown(270, 100);
    for index in 0..270 {
        let proof = Proof::make(head(&log), index, None, &log.read()).unwrap();
        let read = Proof::parse(proof.to_string().as_bytes()).unwrap();
        assert_eq!(read, proof);
        read.verify(&entry(index), signer().verifier()).unwrap();
        let other = read.verify(&entry(index + 1), signer().verifier());
        assert!(matches!(other, Err(ProofError::Tree(_))));
    }
    let beyond = Proof::make(head(&log), 270, None, &log.read());
    assert!(matches!(beyond, Err(ProofError::Tiles(_))));
}

#[test]
fn a_proof_under_another_key_or_with_a_changed_checkpoint_is_refused() {
    let log = MemoryLog::grown(5, 5);
    let proof = Proof::make(head(&log), 2, None, &log.read()).unwrap();
    let stranger = SignerKey::from_seed(signer().verifier().name(), &[1; 32]).unwrap();
    assert!(proof.verify(&entry(2), stranger.verifier()).is_err());

    let forged = Checkpoint::new("ledger.example/shop", 6, log.tail.root());
    let mut changed = proof.clone();
    changed.checkpoint = forged.sign(&stranger).unwrap();
    assert!(changed.verify(&entry(2), signer().verifier()).is_err());
    let text = proof.to_string().replace("\n5\n", "\n6\n");
    let changed = Proof::parse(text.as_bytes()).unwrap();
    assert!(changed.verify(&entry(2), signer().verifier()).is_err());
}

#[test]
fn a_proof_without_an_entry_says_so() {
    let log = MemoryLog::grown(5, 5);
    let mut proof = Proof::make(head(&log), 2, None, &log.read()).unwrap();
    let key = signer();
    let none = proof.verify_disclosed(key.verifier());
    assert!(matches!(none, Err(ProofError::NoEntry)));
    proof.extra = Some(b"not ours".to_vec());
    let foreign = proof.verify_disclosed(key.verifier());
    assert!(matches!(foreign, Err(ProofError::Disclosure(_))));
    // The entry of another index, smuggled in.
    let other = Disclosure { entry: entry(3), about: None };
    proof.extra = Some(other.to_bytes().unwrap());
    let smuggled = proof.verify_disclosed(key.verifier());
    assert!(matches!(smuggled, Err(ProofError::Tree(_))));
}

#[test]
fn malformed_proof_files_are_refused_with_their_line() {
    let log = MemoryLog::grown(5, 5);
    let good = Proof::make(head(&log), 0, None, &log.read()).unwrap().to_string();
    let hash = log.tail.root();
    let many = format!("{hash}\n").repeat(65);
    for (bad, line) in [
        (String::new(), 1),
        (good.replace("@v1", "@v2"), 1),
        (good.replace("index 0", "extra !!!\nindex 0"), 2),
        (good.replace("index 0", "extra AAAA"), 3),
        (good.replace("index 0", "index 00"), 2),
        (good.replace("index 0", "index -1"), 2),
        (good.replace("index 0", "index"), 2),
        (good.replace("index 0\n", "index 0\nAAAA\n"), 3),
        (good.replace("index 0\n", &format!("index 0\n{many}")), 67),
        ("c2sp.org/tlog-proof@v1\nindex 0\n".to_owned(), 3),
    ] {
        match Proof::parse(bad.as_bytes()) {
            Err(ProofError::Line { line: found }) => assert_eq!(found, line, "{bad}"),
            other => panic!("{bad}: {other:?}"),
        }
    }
    let cut = good.split_once("\n\n").unwrap().0.to_owned() + "\n\n";
    assert!(matches!(Proof::parse(cut.as_bytes()), Err(ProofError::Note(_))));
}

#[test]
fn disclosures_of_another_shape_are_refused() {
    for bad in [
        r#"{"entry":"{}"}"#,
        r#"{"entry":"{}","version":2}"#,
        r#"{"entry":"{}","more":1,"version":1}"#,
        r#"{"entry":"{}","opening":"AAAA","version":1}"#,
        r#"{"entry":{},"version":1}"#,
        r#"{"entry":"{}","opening":null,"version":1}"#,
        "[]",
    ] {
        assert_eq!(Disclosure::from_bytes(bad.as_bytes()), Err(DisclosureError::Shape), "{bad}");
    }
    let spaced = Disclosure::from_bytes(br#"{"entry":"{}", "version":1}"#);
    assert!(matches!(spaced, Err(DisclosureError::Canonical(_))));
    for entry in [vec![b'x'; 16_385], vec![0xff]] {
        let disclosure = Disclosure { entry, about: None };
        assert_eq!(disclosure.to_bytes(), Err(DisclosureError::Entry));
    }
}
