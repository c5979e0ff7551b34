//! Golden files: fixed inputs and the exact bytes that `docs/formats/keys.md` promises.
//! They were computed by another program (`tests/golden/make.mjs`, Node's own crypto), so
//! that a mistake shared by writer and reader shows. A golden file is never changed: a
//! new format gets a new version and a new file.

use std::collections::BTreeMap;

use model::{EntryId, IdentifierKind, LifetimeName, Personal, PurposeName, Secret, SubjectId};

use crate::key::Key;
use crate::key_file::{KeyPurpose, decode_root, decode_wrapped, encode_root, encode_wrapped};
use crate::keyring::{EpochKey, KeyRing};
use crate::record::{PersonKeys, RecordPart};
use crate::replay::ReplayKey;
use crate::sealed::Place;
use crate::subkey::{FieldClass, Subkey};
use crate::token::api_key_hash;

struct Golden(BTreeMap<String, String>);

impl Golden {
    fn read(name: &str) -> Self {
        let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("the golden file");
        let lines =
            text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
        Self(lines.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    fn text(&self, key: &str) -> &str {
        self.0.get(key).unwrap_or_else(|| panic!("`{key}` is missing"))
    }

    fn hex(&self, key: &str) -> Vec<u8> {
        from_hex(self.text(key))
    }

    fn array<const N: usize>(&self, key: &str) -> [u8; N] {
        self.hex(key).try_into().expect("the right length")
    }

    fn key(&self, key: &str) -> Key {
        Key::from_bytes(&self.array(key))
    }

    fn number<T: std::str::FromStr>(&self, key: &str) -> T {
        self.text(key).parse().ok().expect("a number")
    }

    fn subject(&self) -> SubjectId {
        self.text("subject").parse().expect("a subject id")
    }
}

pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit");
    text.as_bytes().chunks(2).map(|pair| (digit(pair[0]) * 16 + digit(pair[1])) as u8).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests look at the values they made up")]
fn a_sealed_value_has_the_documented_bytes() {
    let golden = Golden::read("sealed-value-v1.txt");
    let class = FieldClass { room: "vault", name: "value" };
    let subkey = Subkey::derive(
        &golden.key("key"),
        golden.subject(),
        golden.text("lifetime"),
        golden.number("version"),
        class,
    );
    assert_eq!(hex(subkey.key().expose()), golden.text("subkey"));
    let place =
        Place { table: golden.number("table"), column: golden.number("column"), value: golden.text("value") };
    let plaintext = golden.text("plaintext");
    let sealed = subkey.seal_with_nonce(golden.array("nonce"), place, plaintext.as_bytes()).expect("sealed");
    assert_eq!(hex(sealed.as_bytes()), golden.text("sealed"));
    let opened = subkey.open_text(place, &golden.hex("sealed")).expect("opened");
    assert_eq!(opened.expose(), plaintext);
    let purpose = PurposeName::new(golden.text("token-purpose")).expect("a name");
    assert_eq!(subkey.token(&purpose, &opened), golden.text("token"));
}

#[test]
fn a_key_record_has_the_documented_bytes() {
    let golden = Golden::read("key-record-v1.txt");
    let epoch = EpochKey::new(golden.number("epoch"), golden.key("epoch-key"));
    let keys = PersonKeys::open(&epoch, golden.subject(), RecordPart::Person, &golden.hex("body"))
        .expect("a key record");
    assert_eq!(hex(keys.trace_key().expect("a trace key").expose()), golden.text("trace-key"));
    assert_eq!(hex(&golden.key("trace-key").commitment()), golden.text("trace-commitment"));
    let names: Vec<_> = keys.lifetimes().collect();
    assert_eq!(names, [LifetimeName::new("account").expect("a name")]);
    let again = keys.wrap_with_nonce(&epoch, golden.array("nonce"));
    assert_eq!(hex(&again.body), golden.text("body"));
}

#[test]
fn a_replay_handle_has_the_documented_bytes() {
    let golden = Golden::read("replay-handle-v1.txt");
    let (number, entry) = (golden.number("epoch"), golden.number::<EntryId>("entry"));
    let replay = ReplayKey::derive(number, &golden.key("epoch-key"));
    assert_eq!(hex(replay.key().expose()), golden.text("replay-key"));
    let handle = replay.seal_with_nonce(golden.array("nonce"), entry, golden.subject());
    assert_eq!(hex(&handle), golden.text("handle"));
    assert_eq!(replay.open(entry, &golden.hex("handle")), Ok(golden.subject()));
}

#[test]
fn identifiers_have_the_documented_hashes() {
    let golden = Golden::read("identifier-hash-v1.txt");
    let other = || Key::from_bytes(&[0; 32]);
    let ring = KeyRing::new(
        EpochKey::new(1, other()),
        Vec::new(),
        golden.key("index-key"),
        golden.key("tombstone-key"),
        other(),
    );
    let kind: IdentifierKind = golden.text("kind").parse().expect("a kind");
    let normal = Personal::new(golden.text("identifier").to_owned());
    let version = golden.number("normal-form-version");
    assert_eq!(hex(&ring.blind_index(&kind, version, &normal)), golden.text("blind-index"));
    assert_eq!(hex(&ring.tombstone(&kind, version, &normal)), golden.text("tombstone"));
    let secret = Secret::new(golden.text("api-key").to_owned());
    assert_eq!(hex(&api_key_hash(&secret)), golden.text("api-key-hash"));
}

#[test]
fn key_files_have_the_documented_bytes() {
    let golden = Golden::read("key-file-v1.txt");
    let (root, nonce) = (golden.key("root-key"), golden.array("nonce"));
    assert_eq!(hex(&encode_root(&root)), golden.text("root.key"));
    assert_eq!(decode_root(&golden.hex("root.key")).expect("the root").expose(), root.expose());
    for purpose in [KeyPurpose::Epoch(1), KeyPurpose::Index, KeyPurpose::Tombstone, KeyPurpose::LogSigning] {
        let key = golden.key(purpose.code());
        let name = purpose.file_name();
        assert_eq!(hex(&encode_wrapped(purpose, &root, nonce, &key)), golden.text(&name), "{name}");
        let opened = decode_wrapped(purpose, &root, &golden.hex(&name)).expect("a key");
        assert_eq!(opened.expose(), key.expose(), "{name}");
    }
}
