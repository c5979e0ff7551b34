//! Replay handles: how a restore finds whom an entry is about, for one epoch at most.
//!
//! A ledger entry names nobody, and its tag opens only to those who hold the person's trace
//! key. After a restore the acts since the last key backup have to be done again, so each
//! entry about one person also carries that person's id, sealed under a key that dies with
//! the epoch.

use std::fmt;

use model::{EntryId, SubjectId};

use crate::bytes::{Reader, length_prefixed};
use crate::key::Key;
use crate::primitives::{NONCE_BYTES, TAG_BYTES, gcm_open, gcm_seal, hkdf_sha256, random};
use crate::sealed::SealError;

/// AES-256-GCM with a random 96-bit nonce and a 128-bit tag (NIST SP 800-38D).
const AES_256_GCM: u8 = 1;

const LABEL: &[u8] = b"steward/replay/v1";
const HEADER_BYTES: usize = 1 + 4 + NONCE_BYTES;
const SUBJECT_BYTES: usize = 16;

/// The key of one epoch's replay handles:
/// `HKDF-SHA-256(epoch key, no salt, length-prefixed("steward/replay/v1"))`, zeroed on drop.
pub(crate) struct ReplayKey {
    epoch: u32,
    key: Key,
}

impl ReplayKey {
    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8,160 bytes; 32 are asked for")]
    pub(crate) fn derive(epoch: u32, epoch_key: &Key) -> Self {
        let mut key = Key::zeroed();
        hkdf_sha256(&[], epoch_key.expose(), &length_prefixed(&[LABEL]), key.bytes_mut())
            .expect("a replay key is 32 bytes");
        Self { epoch, key }
    }

    #[cfg(test)]
    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }

    /// Seals whom the entry is about, with a fresh random nonce.
    pub(crate) fn seal(&self, entry: EntryId, subject: SubjectId) -> Vec<u8> {
        self.seal_with_nonce(random(), entry, subject)
    }

    #[expect(clippy::expect_used, reason = "an id of 16 bytes is far below 64 GiB")]
    pub(crate) fn seal_with_nonce(
        &self,
        nonce: [u8; NONCE_BYTES],
        entry: EntryId,
        subject: SubjectId,
    ) -> Vec<u8> {
        let mut handle = Vec::with_capacity(HEADER_BYTES + SUBJECT_BYTES + TAG_BYTES);
        handle.push(AES_256_GCM);
        handle.extend_from_slice(&self.epoch.to_be_bytes());
        handle.extend_from_slice(&nonce);
        handle.extend_from_slice(subject.as_bytes());
        gcm_seal(self.key.expose(), nonce, &self.associated(entry), &mut handle, HEADER_BYTES)
            .expect("short enough");
        handle
    }

    /// Opens a handle of this epoch.
    ///
    /// # Errors
    /// [`SealError::NotAuthentic`] when it was changed, or moved from another entry or epoch.
    pub(crate) fn open(&self, entry: EntryId, handle: &[u8]) -> Result<SubjectId, SealError> {
        let mut reader = Reader::new(handle);
        reader.array::<{ HEADER_BYTES - NONCE_BYTES }>().ok_or(SealError::NotAuthentic)?;
        let nonce = reader.array().ok_or(SealError::NotAuthentic)?;
        let opened = gcm_open(self.key.expose(), nonce, &self.associated(entry), reader.rest())
            .ok_or(SealError::NotAuthentic)?;
        let subject = opened.as_slice().try_into().map_err(|_| SealError::NotAuthentic)?;
        Ok(SubjectId::from_bytes(subject))
    }

    /// The algorithm is bound by the label.
    fn associated(&self, entry: EntryId) -> Vec<u8> {
        length_prefixed(&[LABEL, entry.to_string().as_bytes(), &self.epoch.to_be_bytes()])
    }
}

/// The epoch that a handle names, read without opening it.
///
/// # Errors
/// [`SealError::UnknownAlgorithm`], or [`SealError::NotAuthentic`] when it is cut.
pub(crate) fn handle_epoch(handle: &[u8]) -> Result<u32, SealError> {
    let mut reader = Reader::new(handle);
    match reader.byte().ok_or(SealError::NotAuthentic)? {
        AES_256_GCM => reader.u32().ok_or(SealError::NotAuthentic),
        _ => Err(SealError::UnknownAlgorithm),
    }
}

impl fmt::Debug for ReplayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹replay key›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::{EpochKey, KeyRing};
    use crate::record::RecordPart;
    use proptest::prelude::*;

    fn entry(number: u8) -> EntryId {
        EntryId::from_bytes([number; 16])
    }

    fn ada() -> SubjectId {
        SubjectId::from_bytes([1; 16])
    }

    fn epoch(number: u32, key: u8) -> EpochKey {
        EpochKey::new(number, Key::from_bytes(&[key; 32]))
    }

    /// The keys of a controller in epoch 2, with epoch 1 behind it, if it is not over.
    fn ring(earlier: Option<EpochKey>) -> KeyRing {
        let other = || Key::from_bytes(&[0; 32]);
        KeyRing::new(epoch(2, 9), earlier.into_iter().collect(), other(), other(), other())
    }

    fn handle(epoch: u32, about: EntryId) -> Vec<u8> {
        ReplayKey::derive(epoch, &Key::from_bytes(&[7; 32])).seal(about, ada())
    }

    #[test]
    fn the_handle_of_an_entry_opens_to_its_person_as_long_as_the_epoch_lasts() {
        let during = ring(Some(epoch(1, 7)));
        let keys = during.create(ada(), RecordPart::Person, []).unwrap();
        let now = keys.replay_handle(entry(4));
        assert_eq!(during.open_replay(entry(4), &now), Ok(ada()));
        let before = handle(1, entry(4));
        assert_eq!(during.open_replay(entry(4), &before), Ok(ada()));
        let after = ring(None);
        assert_eq!(after.open_replay(entry(4), &now), Ok(ada()));
        assert_eq!(after.open_replay(entry(4), &before), Err(SealError::UnknownEpoch));
    }

    #[test]
    fn keys_read_from_the_store_write_handles_of_the_epoch_they_hang_on() {
        let ring = ring(Some(epoch(1, 7)));
        let body = ring.create(ada(), RecordPart::Person, []).unwrap().wrap(&epoch(1, 7)).body;
        let keys = ring.open(ada(), RecordPart::Person, &body).unwrap();
        let handle = keys.replay_handle(entry(4));
        assert_eq!(handle_epoch(&handle), Ok(1));
        assert_eq!(ring.open_replay(entry(4), &handle), Ok(ada()));
    }

    #[test]
    fn an_erased_person_s_keys_still_name_them_to_the_entry_of_the_erasure() {
        let ring = ring(None);
        let mut keys = ring.create(ada(), RecordPart::Person, []).unwrap();
        keys.end_all_but(&[]);
        assert_eq!(ring.open_replay(entry(4), &keys.replay_handle(entry(4))), Ok(ada()));
    }

    #[test]
    fn an_unknown_algorithm_is_told_apart_from_tampering() {
        let mut bytes = handle(1, entry(4));
        bytes[0] = 2;
        let ring = ring(Some(epoch(1, 7)));
        assert_eq!(ring.open_replay(entry(4), &bytes), Err(SealError::UnknownAlgorithm));
        assert_eq!(ring.open_replay(entry(4), &[]), Err(SealError::NotAuthentic));
    }

    #[test]
    fn a_replay_key_shows_nothing_in_debug_output() {
        assert_eq!(format!("{:?}", ReplayKey::derive(1, &Key::from_bytes(&[7; 32]))), "‹replay key›");
    }

    proptest! {
        #[test]
        fn a_handle_moved_to_another_entry_or_epoch_never_opens(
            number in 3u8..6, other_epoch in 1u32..4, same_key in any::<bool>(),
        ) {
            let mut bytes = handle(1, entry(4));
            bytes.splice(1..5, other_epoch.to_be_bytes());
            let key = if same_key || other_epoch == 1 { 7 } else { 8 };
            let opened = ReplayKey::derive(other_epoch, &Key::from_bytes(&[key; 32])).open(entry(number), &bytes);
            let here = number == 4 && other_epoch == 1;
            prop_assert_eq!(opened, if here { Ok(ada()) } else { Err(SealError::NotAuthentic) });
        }

        #[test]
        fn two_handles_of_one_person_share_nothing_behind_the_epoch(same_entry in any::<bool>()) {
            let (one, two) = (handle(1, entry(4)), handle(1, entry(if same_entry { 4 } else { 5 })));
            prop_assert_eq!(one.len(), HEADER_BYTES + SUBJECT_BYTES + TAG_BYTES);
            prop_assert_eq!(one.get(..5), two.get(..5));
            let shared = one.iter().zip(&two).skip(5).filter(|(one, two)| one == two).count();
            // 44 random bytes; eight in the same place would be chance once in 10^12.
            prop_assert!(shared < 8, "{} bytes", shared);
        }

        #[test]
        fn every_flipped_bit_of_a_handle_is_noticed(bit in 0usize..49 * 8) {
            let mut bytes = handle(1, entry(4));
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(ring(Some(epoch(1, 7))).open_replay(entry(4), &bytes).is_err());
        }

        #[test]
        fn arbitrary_bytes_are_no_handle_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(ring(None).open_replay(entry(4), &bytes).is_err());
            let framed = [&[1, 0, 0, 0, 2][..], &bytes].concat();
            prop_assert!(ring(None).open_replay(entry(4), &framed).is_err());
        }
    }
}
