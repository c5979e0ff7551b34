//! Signed notes and checkpoints.

use ledger::checkpoint::CheckpointError;
use ledger::note::{NoteError, SIGNATURES_MAX};
use ledger::tree::empty_root;
use ledger::{Checkpoint, Hash, Note, SignerKey, VerifierKey};

use crate::support::{ORIGIN, signer};

fn signed(text: &str) -> Note {
    let mut note = Note::new(text).unwrap();
    note.sign(&signer()).unwrap();
    note
}

fn keys() -> [VerifierKey; 1] {
    [signer().verifier().clone()]
}

#[test]
fn a_note_reads_back_to_the_byte_and_verifies() {
    let note = signed("first\n\nlast, ü\n");
    let text = note.to_string();
    let again = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(again, note);
    assert_eq!(again.text(), "first\n\nlast, ü\n");
    assert_eq!(again.verify(&keys()).unwrap(), [&keys()[0]]);
}

#[test]
fn every_changed_bit_of_a_note_is_noticed() {
    let bytes = signed("text\n").to_string().into_bytes();
    for position in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[position] ^= 1 << bit;
            let accepted = Note::parse(&changed).is_ok_and(|note| note.verify(&keys()).is_ok());
            assert!(!accepted, "bit {bit} of byte {position}");
        }
    }
}

#[test]
fn signatures_of_unknown_keys_and_types_are_kept_and_ignored() {
    let mut note = signed("text\n");
    let stranger = SignerKey::from_seed("stranger.example", &[9; 32]).unwrap();
    note.sign(&stranger).unwrap();
    // A witness signature of type 0x04 is 8 bytes longer; its type is not visible.
    let line = format!("\u{2014} witness.example {}\n", "A".repeat(104));
    let text = note.to_string() + &line;
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.signatures().len(), 3);
    assert_eq!(note.to_string(), text);
    assert_eq!(note.verify(&keys()).unwrap().len(), 1);
    let other = SignerKey::from_seed("nobody.example", &[1; 32]).unwrap();
    assert_eq!(note.verify(&[other.verifier().clone()]), Err(NoteError::NoKnownKey));
    assert_eq!(note.verify(&[]), Err(NoteError::NoKnownKey));
}

#[test]
fn one_wrong_signature_of_a_known_key_refuses_the_whole_note() {
    let good = signed("text\n").to_string();
    let other = signed("other\n").to_string();
    let line = other.rsplit_once("\n\n").unwrap().1;
    let note = Note::parse(format!("{good}{line}").as_bytes()).unwrap();
    assert_eq!(note.verify(&keys()), Err(NoteError::WrongSignature { name: ORIGIN.to_owned() }));
}

#[test]
fn a_key_of_the_same_name_but_another_id_is_unknown() {
    let same_name = SignerKey::from_seed(ORIGIN, &[8; 32]).unwrap();
    assert_eq!(signed("text\n").verify(&[same_name.verifier().clone()]), Err(NoteError::NoKnownKey));
}

#[test]
fn at_least_16_signatures_are_accepted_and_not_endlessly_many() {
    let mut note = Note::new("text\n").unwrap();
    for number in 0..SIGNATURES_MAX {
        let key = SignerKey::from_seed(format!("key-{number}"), &[number as u8; 32]).unwrap();
        note.sign(&key).unwrap();
    }
    note.sign(&signer()).unwrap_err();
    let text = note.to_string();
    assert_eq!(Note::parse(text.as_bytes()).unwrap().signatures().len(), 64);
    let (_, line) = text.trim_end().rsplit_once('\n').unwrap();
    let over = format!("{text}{line}\n");
    assert_eq!(Note::parse(over.as_bytes()), Err(NoteError::TooLarge));
    let long = format!("{}\n\n{line}\n", "x".repeat(300_000));
    assert_eq!(Note::parse(long.as_bytes()), Err(NoteError::TooLarge));
}

#[test]
fn malformed_notes_are_refused() {
    let good = signed("text\n").to_string();
    let line = good.rsplit_once("\n\n").unwrap().1.to_owned();
    for bad in [
        String::new(),
        "text\n".to_owned(),
        "text\n\n".to_owned(),
        format!("text\n{line}"),
        good.trim_end().to_owned(),
        good.replace("text", "te\rxt"),
        good.replace("text", "te\txt"),
        good.replace('\u{2014}', "-"),
        good.replace(ORIGIN, "a b"),
        good.replace(ORIGIN, "a+b"),
        good.replace(ORIGIN, ""),
        good.replace('=', ""),
        format!("{good}\n"),
        "text\n\n\u{2014} name AAAAAA==\n".to_owned(),
    ] {
        assert!(Note::parse(bad.as_bytes()).is_err(), "{bad:?}");
    }
    for text in ["", "no end", "bell\u{7}\n"] {
        assert_eq!(Note::new(text), Err(NoteError::Text), "{text:?}");
    }
}

#[test]
fn a_verifier_key_is_read_only_if_its_id_is_its_own() {
    let text = signer().verifier().to_string();
    assert_eq!(text.parse::<VerifierKey>().unwrap(), *signer().verifier());
    let (name, rest) = text.split_once('+').unwrap();
    let (id, key) = rest.split_once('+').unwrap();
    for bad in [
        format!("{name}x+{id}+{key}"),
        format!("{name}+00000000+{key}"),
        format!("{name}+{}+{key}", id.to_uppercase()),
        format!("{name}+{id}+{}", key.split_at(40).0),
        format!("{name}+{id}+"),
        format!("{name}+{id}"),
        format!("+{id}+{key}"),
        String::new(),
    ] {
        assert!(bad.parse::<VerifierKey>().is_err(), "{bad}");
    }
    // Type 0x04, a witness key: known to the specification, not to us.
    let witness = format!("{name}+{id}+B{}", key.split_at(1).1);
    assert!(matches!(witness.parse::<VerifierKey>(), Err(NoteError::KeyType { .. })));
}

#[test]
fn a_signer_key_never_shows_itself() {
    assert_eq!(format!("{:?}", signer()), "SignerKey(ledger.example/shop)");
}

#[test]
fn a_checkpoint_opens_only_with_the_key_of_its_own_log() {
    let checkpoint = Checkpoint::new(ORIGIN, 3, Hash::of(b"root"));
    let note = checkpoint.sign(&signer()).unwrap();
    let bytes = note.to_string().into_bytes();
    assert_eq!(Checkpoint::open(&bytes, signer().verifier()).unwrap(), checkpoint);

    let other = SignerKey::from_seed("other.example", &[7; 32]).unwrap();
    assert!(matches!(checkpoint.sign(&other), Err(CheckpointError::Origin { .. })));
    let mut note = Note::new(checkpoint.to_string()).unwrap();
    note.sign(&other).unwrap();
    let bytes = note.to_string().into_bytes();
    assert!(matches!(Checkpoint::open(&bytes, other.verifier()), Err(CheckpointError::Origin { .. })));
    assert!(matches!(
        Checkpoint::open(&bytes, signer().verifier()),
        Err(CheckpointError::Note(NoteError::NoKnownKey))
    ));
}

#[test]
fn checkpoints_are_read_strictly() {
    let root = Hash::of(b"root");
    let good = format!("log.example\n20852163\n{root}\nextension\n");
    let checkpoint: Checkpoint = good.parse().unwrap();
    assert_eq!(checkpoint.extensions, ["extension"]);
    assert_eq!(checkpoint.to_string(), good);
    let empty = format!("log.example\n0\n{}\n", empty_root());
    assert!(empty.parse::<Checkpoint>().is_ok());
    for (bad, line) in [
        (String::new(), 1),
        (format!("\n1\n{root}\n"), 1),
        ("log.example\n".to_owned(), 2),
        (format!("log.example\n01\n{root}\n"), 2),
        (format!("log.example\n+1\n{root}\n"), 2),
        (format!("log.example\n-1\n{root}\n"), 2),
        (format!("log.example\n18446744073709551616\n{root}\n"), 2),
        (format!("log.example\n\n1\n{root}\n"), 2),
        ("log.example\n1\n".to_owned(), 3),
        ("log.example\n1\nAAAA\n".to_owned(), 3),
        (format!("log.example\n1\n{root} \n"), 3),
        (format!("log.example\n0\n{root}\n"), 3),
        (format!("log.example\n1\n{root}\n\n"), 4),
        (format!("log.example\n1\n{root}"), 1),
    ] {
        assert_eq!(bad.parse::<Checkpoint>(), Err(CheckpointError::Line { line }), "{bad:?}");
    }
    let named = Checkpoint::new("two\nlines", 1, root);
    assert!(named.sign(&signer()).is_err());
}
