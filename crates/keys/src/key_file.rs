//! The bytes of one key file.

use zeroize::Zeroizing;

use crate::bytes::{Reader, length_prefixed, push_short_text};
use crate::key::{COMMITMENT_BYTES, KEY_BYTES, Key};
use crate::primitives::{NONCE_BYTES, TAG_BYTES, gcm_open, gcm_seal};

/// How every key file begins; also the format's version.
pub(crate) const MAGIC: &[u8; 15] = b"steward-key/v1\n";

/// The longest key file; more is not read.
pub(crate) const FILE_BYTES_MAX: u64 = 256;

const INNER_BYTES: usize = KEY_BYTES + COMMITMENT_BYTES;

/// What the key in a file is for. The purpose stands in the file and in the associated
/// data, so that a file under another file's name is noticed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum KeyPurpose {
    Root,
    Epoch(u32),
    Index,
    Tombstone,
    LogSigning,
}

/// What is wrong with a key file, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileFault {
    /// It does not begin as a key file does.
    #[error("is no Steward key file of a known format; put the right file back from a keeper's copy")]
    Foreign,
    /// It holds a key for something else.
    #[error("holds a key for another purpose; files of the key folder were swapped or renamed")]
    OtherPurpose,
    /// It is cut short or changed.
    #[error("is damaged; put it back from a keeper's copy")]
    Damaged,
    /// It was wrapped under another root key.
    #[error("was wrapped under another root key; name the root key that this key folder was made with")]
    OtherRoot,
}

impl KeyPurpose {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Epoch(_) => "epoch",
            Self::Index => "index",
            Self::Tombstone => "tombstone",
            Self::LogSigning => "log-signing",
        }
    }

    /// The epoch's number; 0 for keys that have none.
    const fn number(self) -> u32 {
        match self {
            Self::Epoch(number) => number,
            _ => 0,
        }
    }

    pub(crate) fn file_name(self) -> String {
        match self {
            Self::Epoch(number) => format!("epoch-{number:06}.key"),
            _ => format!("{}.key", self.code()),
        }
    }

    fn header(self) -> Vec<u8> {
        let mut header = MAGIC.to_vec();
        push_short_text(&mut header, self.code());
        header.extend_from_slice(&self.number().to_be_bytes());
        header
    }

    fn associated(self) -> Vec<u8> {
        length_prefixed(&[b"steward/key-file/v1", self.code().as_bytes(), &self.number().to_be_bytes()])
    }
}

/// `header ‖ key 32 ‖ commitment 16`: the one file that holds its key in the clear.
pub(crate) fn encode_root(root: &Key) -> Zeroizing<Vec<u8>> {
    let header = KeyPurpose::Root.header();
    let mut file = Zeroizing::new(Vec::with_capacity(header.len() + INNER_BYTES));
    file.extend_from_slice(&header);
    push_committed(&mut file, root);
    file
}

pub(crate) fn decode_root(file: &[u8]) -> Result<Key, KeyFileFault> {
    parse_committed(body(KeyPurpose::Root, file)?)
}

/// `header ‖ commitment of the root key 16 ‖ nonce 12 ‖ ciphertext 48 ‖ tag 16`, the
/// plaintext being the key and its commitment.
pub(crate) fn encode_wrapped(
    purpose: KeyPurpose,
    root: &Key,
    nonce: [u8; NONCE_BYTES],
    key: &Key,
) -> Zeroizing<Vec<u8>> {
    let header = purpose.header();
    let start = header.len() + COMMITMENT_BYTES + NONCE_BYTES;
    let mut file = Zeroizing::new(Vec::with_capacity(start + INNER_BYTES + TAG_BYTES));
    file.extend_from_slice(&header);
    file.extend_from_slice(&root.commitment());
    file.extend_from_slice(&nonce);
    push_committed(&mut file, key);
    seal_inner(root, nonce, purpose, &mut file, start);
    file
}

pub(crate) fn decode_wrapped(purpose: KeyPurpose, root: &Key, file: &[u8]) -> Result<Key, KeyFileFault> {
    let mut reader = Reader::new(body(purpose, file)?);
    let wrapped_under = reader.array::<COMMITMENT_BYTES>().ok_or(KeyFileFault::Damaged)?;
    if *wrapped_under != root.commitment() {
        return Err(KeyFileFault::OtherRoot);
    }
    let nonce = reader.array().ok_or(KeyFileFault::Damaged)?;
    let inner = gcm_open(root.expose(), nonce, &purpose.associated(), reader.rest());
    parse_committed(&inner.ok_or(KeyFileFault::Damaged)?)
}

#[expect(clippy::expect_used, reason = "48 bytes are far below the cipher's limit")]
fn seal_inner(root: &Key, nonce: [u8; NONCE_BYTES], purpose: KeyPurpose, file: &mut Vec<u8>, start: usize) {
    gcm_seal(root.expose(), nonce, &purpose.associated(), file, start).expect("short enough");
}

fn body(purpose: KeyPurpose, file: &[u8]) -> Result<&[u8], KeyFileFault> {
    let mut reader = Reader::new(file);
    if reader.array() != Some(MAGIC) {
        return Err(KeyFileFault::Foreign);
    }
    let code = reader.short_text().ok_or(KeyFileFault::Damaged)?;
    let number = reader.u32().ok_or(KeyFileFault::Damaged)?;
    if code != purpose.code() || number != purpose.number() {
        return Err(KeyFileFault::OtherPurpose);
    }
    Ok(reader.rest())
}

fn push_committed(out: &mut Vec<u8>, key: &Key) {
    out.extend_from_slice(key.expose());
    out.extend_from_slice(&key.commitment());
}

fn parse_committed(inner: &[u8]) -> Result<Key, KeyFileFault> {
    let mut reader = Reader::new(inner);
    let key = reader.array().ok_or(KeyFileFault::Damaged)?;
    let commitment = reader.array().ok_or(KeyFileFault::Damaged)?;
    let key = Key::committed(key, commitment).ok_or(KeyFileFault::Damaged)?;
    if reader.is_empty() { Ok(key) } else { Err(KeyFileFault::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn root() -> Key {
        Key::from_bytes(&[1; KEY_BYTES])
    }

    fn index_file() -> Zeroizing<Vec<u8>> {
        encode_wrapped(KeyPurpose::Index, &root(), [3; NONCE_BYTES], &Key::from_bytes(&[2; KEY_BYTES]))
    }

    fn fault(purpose: KeyPurpose, file: &[u8]) -> KeyFileFault {
        decode_wrapped(purpose, &root(), file).expect_err("a refusal")
    }

    #[test]
    fn a_key_file_gives_its_key_again() {
        let key = decode_wrapped(KeyPurpose::Index, &root(), &index_file()).expect("the key");
        assert_eq!(key.expose(), &[2; KEY_BYTES]);
        assert_eq!(decode_root(&encode_root(&root())).expect("the root").expose(), &[1; KEY_BYTES]);
    }

    #[test]
    fn the_key_of_a_wrapped_file_does_not_stand_in_it() {
        assert!(!index_file().windows(8).any(|window| window == [2; 8]));
    }

    #[test]
    fn a_file_under_anothers_name_is_refused() {
        assert_eq!(fault(KeyPurpose::Tombstone, &index_file()), KeyFileFault::OtherPurpose);
        let epoch = encode_wrapped(KeyPurpose::Epoch(1), &root(), [3; NONCE_BYTES], &Key::random());
        assert_eq!(fault(KeyPurpose::Epoch(2), &epoch), KeyFileFault::OtherPurpose);
        assert_eq!(decode_root(&index_file()).expect_err("no root"), KeyFileFault::OtherPurpose);
    }

    #[test]
    fn a_purpose_written_over_does_not_pass_for_another() {
        // `index` and `epoch` have the same length, so only the associated data tells.
        let mut file = index_file().to_vec();
        file.splice(16..21, *b"epoch");
        assert_eq!(fault(KeyPurpose::Epoch(0), &file), KeyFileFault::Damaged);
    }

    #[test]
    fn another_root_key_is_told_from_damage() {
        let other = decode_wrapped(KeyPurpose::Index, &Key::random(), &index_file());
        assert_eq!(other.expect_err("a refusal"), KeyFileFault::OtherRoot);
    }

    #[test]
    fn every_cut_longer_or_changed_file_is_refused() {
        for file in [index_file(), encode_root(&root())] {
            let refused = |bytes: &[u8]| {
                decode_root(bytes).is_err() && decode_wrapped(KeyPurpose::Index, &root(), bytes).is_err()
            };
            assert!((0..file.len()).all(|length| refused(&file[..length])));
            assert!(refused(&[&file[..], &[0]].concat()));
            for bit in 0..file.len() * 8 {
                let mut flipped = file.to_vec();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(refused(&flipped), "bit {bit}");
            }
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_no_key_file_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            prop_assert!(decode_root(&bytes).is_err());
            let framed = [&KeyPurpose::Index.header()[..], &bytes].concat();
            prop_assert!(decode_wrapped(KeyPurpose::Index, &root(), &framed).is_err());
        }
    }
}
