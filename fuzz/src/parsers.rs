//! One function per parser of outside bytes: whatever the bytes are, it must not
//! panic, and what it accepts must mean one thing only. The fuzz targets call these
//! functions, and so do the property tests in `crates/steward/tests/it/hostile_bytes.rs`.

use std::io::Cursor;
use std::sync::OnceLock;

use keys::{FieldClass, KeyRing, PersonKeys, Place, RecordPart, record_epoch};
use ledger::tile::{decode_bundle, decode_hashes, encode_entry, encode_hashes};
use ledger::{Checkpoint, Disclosure, Note, Proof, Set, TilePath, VerifierKey, canonical};
use model::manifest::Manifest;
use model::{LifetimeName, SubjectId, Timestamp};
use steward::http::bodies::READERS;

/// A parser's fuzz target: any bytes, no panic.
pub type Target = fn(&[u8]);

/// Every parser by its name.
pub const ALL: &[(&str, Target)] = &[
    ("api_bodies", api_bodies),
    ("csv_source", csv_source),
    ("manifest_yaml", manifest_yaml),
    ("canonical_json", canonical_json),
    ("ledger_note", ledger_note),
    ("ledger_proof", ledger_proof),
    ("ledger_set", ledger_set),
    ("ledger_tile", ledger_tile),
    ("key_record", key_record),
    ("sealed_value", sealed_value),
    ("model_text", model_text),
];

/// Bodies of the API: each operation reads the bytes or refuses them, and where every text and
/// number in them is told apart from what we say ourselves, no refusal holds one.
pub fn api_bodies(bytes: &[u8]) {
    for (_, read) in READERS {
        drop(read(bytes));
    }
    // A key may be told, as the name of a field that is not known.
    let text = String::from_utf8_lossy(bytes);
    if text.contains("canary") || text.contains("7315") {
        return;
    }
    let Ok(mut document) = serde_json::from_slice(bytes) else { return };
    mark(&mut document);
    for (operation, read) in READERS {
        if let Err(told) = read(document.to_string().as_bytes()) {
            assert!(!told.contains("canary") && !told.contains("7315"), "{operation}: {told}");
        }
    }
}

/// Puts a canary in the place of every value.
fn mark(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = "canary, expected a canary".to_owned(),
        serde_json::Value::Number(number) => *number = 7315.into(),
        serde_json::Value::Array(items) => items.iter_mut().for_each(mark),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(mark),
        serde_json::Value::Null | serde_json::Value::Bool(_) => {}
    }
}

/// CSV, plain or gzipped: the stream ends, and lines never go backwards.
pub fn csv_source(bytes: &[u8]) {
    let Ok(table) = connect::csv_table(Cursor::new(bytes.to_vec()), None) else { return };
    let columns = table.columns().len();
    let mut last = 0;
    for row in table.all_rows().expect("every column is there") {
        let line = match row {
            Ok(row) => {
                assert_eq!(row.values().len(), columns);
                row.line()
            }
            Err(connect::RowError::Rejected { line, .. } | connect::RowError::Broken { line, .. }) => line,
        };
        assert!(line >= last);
        last = line;
    }
}

/// A manifest: it loads, or every problem names its place.
pub fn manifest_yaml(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Err(problems) = Manifest::from_text("fuzz.yaml", text) {
        assert!(!problems.is_empty());
    }
}

/// Canonical JSON: what is accepted is written back the same.
pub fn canonical_json(bytes: &[u8]) {
    if let Ok(value) = canonical::parse_entry(bytes) {
        assert_eq!(canonical::encode_entry(&value).expect("it was an entry"), bytes);
    }
}

/// Signed notes, checkpoints and verifier keys: what is accepted is written back the same.
pub fn ledger_note(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        if let Ok(checkpoint) = note.text().parse::<Checkpoint>() {
            assert_eq!(checkpoint.to_string(), note.text());
        }
    }
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
}

/// Proofs and what they disclose: what is accepted is written back the same.
pub fn ledger_proof(bytes: &[u8]) {
    if let Ok(proof) = Proof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes);
    }
    if let Ok(disclosure) = Disclosure::from_bytes(bytes) {
        assert_eq!(disclosure.to_bytes().expect("it was a disclosure"), bytes);
    }
}

/// Set files.
pub fn ledger_set(bytes: &[u8]) {
    let _ = Set::from_bytes(bytes);
}

/// Tiles, bundles and their paths; the first byte is the width.
pub fn ledger_tile(bytes: &[u8]) {
    if let Ok(path) = String::from_utf8_lossy(bytes).parse::<TilePath>() {
        assert_eq!(path.to_string().as_bytes(), bytes);
    }
    let Some((width, bytes)) = bytes.split_first() else { return };
    let width = u16::from(*width);
    if let Ok(hashes) = decode_hashes(bytes, width) {
        assert_eq!(encode_hashes(&hashes), bytes);
    }
    if let Ok(entries) = decode_bundle(bytes, width) {
        let mut again = Vec::new();
        for entry in entries {
            encode_entry(&mut again, entry).expect("it was an entry");
        }
        assert_eq!(again, bytes);
    }
}

/// Key records: nothing but what this ring wrapped opens.
pub fn key_record(bytes: &[u8]) {
    let keys = Keys::get();
    let _ = record_epoch(bytes);
    for part in [RecordPart::Person, RecordPart::Evidence] {
        assert!(keys.ring.open(keys.subject, part, bytes).is_err());
    }
}

/// Sealed values: nothing but what this key sealed opens.
pub fn sealed_value(bytes: &[u8]) {
    let keys = Keys::get();
    let class = FieldClass { room: "vault", name: "profile" };
    let subkey = keys.person.subkey(&keys.lifetime, class).expect("the lifetime has a key");
    assert!(subkey.open(Place { table: 1, column: 1, value: "val_1" }, bytes).is_err());
}

/// Ids and times as text: what is accepted means the same when written and read again.
pub fn model_text(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(id) = text.parse::<SubjectId>() {
        assert_eq!(id.to_string().parse(), Ok(id));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        assert_eq!(time.to_string().parse(), Ok(time));
    }
}

/// Keys that nothing outside this process can have used.
struct Keys {
    ring: KeyRing,
    subject: SubjectId,
    person: PersonKeys,
    lifetime: LifetimeName,
}

impl Keys {
    fn get() -> &'static Self {
        static KEYS: OnceLock<Keys> = OnceLock::new();
        KEYS.get_or_init(|| {
            let subject = SubjectId::random();
            let lifetime: LifetimeName = "account".parse().expect("a name");
            let ring = KeyRing::generate();
            let epoch = ring.current_epoch();
            let person =
                PersonKeys::create(&epoch, subject, RecordPart::Person, [&lifetime]).expect("new keys");
            Self { ring, subject, person, lifetime }
        })
    }
}
