//! Sealed values: AES-256-GCM under a subkey, bound to the one place they belong to.

use std::fmt;

use model::Personal;

use crate::bytes::{Reader, length_prefixed};
use crate::primitives::{NONCE_BYTES, TAG_BYTES, gcm_open, gcm_seal, random};
use crate::subkey::Subkey;

/// AES-256-GCM with a random 96-bit nonce and a 128-bit tag (NIST SP 800-38D).
const AES_256_GCM: u8 = 1;

/// How many bytes of a sealed value name its algorithm and key version.
pub const SEALED_HEAD_BYTES: usize = 1 + 2;

const HEADER_BYTES: usize = 1 + 2 + NONCE_BYTES;

/// Where a sealed value lies. Table and column are the numbers of the column inventory,
/// which are never used twice, so that renaming never makes data unreadable.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table's number.
    pub table: u16,
    /// The column's number within it.
    pub column: u16,
    /// The id of the value or row itself, with its prefix (`val_…`, `rec_…`, `evt_…`, `ent_…`).
    pub value: &'a str,
}

/// A sealed value as it is stored: `algorithm u8 ‖ key version u16 ‖ nonce 12 ‖ ciphertext ‖ tag 16`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// Why a value could not be sealed or opened. Says the kind only, never a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Changed, moved from another place or person, sealed under another key, or cut.
    #[error("the sealed value is not authentic here")]
    NotAuthentic,
    /// Sealed by an algorithm that this build does not know.
    #[error("the sealed value names an unknown algorithm")]
    UnknownAlgorithm,
    /// Sealed under another version of the lifetime's key, which may be destroyed.
    #[error("the sealed value belongs to another version of its key")]
    WrongKeyVersion,
    /// The key folder has no key for the epoch of a replay handle: it is over, or the folder
    /// is an old copy.
    #[error("the sealed value hangs on an epoch whose key is not in the key folder")]
    UnknownEpoch,
    /// Opened, but no text where one was expected.
    #[error("the sealed value is no text")]
    NotText,
    /// More than the cipher can seal at once (64 GiB).
    #[error("the value is too long to be sealed")]
    TooLong,
}

/// The version of the lifetime's key under which a stored value was sealed; its first
/// [`SEALED_HEAD_BYTES`] are enough. None: it is no sealed value.
pub(crate) fn sealed_version(sealed: &[u8]) -> Option<u16> {
    let mut reader = Reader::new(sealed);
    (reader.byte()? == AES_256_GCM).then(|| reader.u16()).flatten()
}

impl Sealed {
    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes to store, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "‹sealed, {} bytes›", self.0.len())
    }
}

impl Subkey {
    /// Seals a value for one place, under a fresh random nonce.
    ///
    /// # Errors
    /// [`SealError::TooLong`] only.
    #[expect(clippy::disallowed_methods, reason = "sealing is one of the three places that may look")]
    pub fn seal<T: AsRef<[u8]>>(&self, place: Place<'_>, value: &Personal<T>) -> Result<Sealed, SealError> {
        self.seal_with_nonce(random(), place, value.expose().as_ref())
    }

    /// Opens a value sealed under this subkey for this place.
    ///
    /// # Errors
    /// [`SealError::NotAuthentic`], [`SealError::UnknownAlgorithm`] or [`SealError::WrongKeyVersion`].
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Personal<Vec<u8>>, SealError> {
        self.open_bytes(place, sealed).map(Personal::new)
    }

    /// Opens a value that is text.
    ///
    /// # Errors
    /// As [`Subkey::open`], and [`SealError::NotText`] when it is not UTF-8.
    pub fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<Personal<String>, SealError> {
        let bytes = self.open_bytes(place, sealed)?;
        String::from_utf8(bytes).map(Personal::new).map_err(|_| SealError::NotText)
    }

    pub(crate) fn seal_with_nonce(
        &self,
        nonce: [u8; NONCE_BYTES],
        place: Place<'_>,
        value: &[u8],
    ) -> Result<Sealed, SealError> {
        let mut sealed = Vec::with_capacity(HEADER_BYTES + value.len() + TAG_BYTES);
        sealed.push(AES_256_GCM);
        sealed.extend_from_slice(&self.version().to_be_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(value);
        gcm_seal(self.key().expose(), nonce, &self.associated(place), &mut sealed, HEADER_BYTES)
            .ok_or(SealError::TooLong)?;
        Ok(Sealed(sealed))
    }

    fn open_bytes(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut reader = Reader::new(sealed);
        if reader.byte().ok_or(SealError::NotAuthentic)? != AES_256_GCM {
            return Err(SealError::UnknownAlgorithm);
        }
        if reader.u16().ok_or(SealError::NotAuthentic)? != self.version() {
            return Err(SealError::WrongKeyVersion);
        }
        let nonce = reader.array().ok_or(SealError::NotAuthentic)?;
        let mut opened = gcm_open(self.key().expose(), nonce, &self.associated(place), reader.rest())
            .ok_or(SealError::NotAuthentic)?;
        Ok(std::mem::take(&mut *opened))
    }

    /// The algorithm is bound by the label, the key version by the subkey's derivation.
    fn associated(&self, place: Place<'_>) -> Vec<u8> {
        length_prefixed(&[
            b"steward/value/v1",
            &place.table.to_be_bytes(),
            &place.column.to_be_bytes(),
            self.subject().to_string().as_bytes(),
            place.value.as_bytes(),
            self.lifetime().as_bytes(),
        ])
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests look at the values they made up")]
mod tests {
    use super::*;
    use crate::key::Key;
    use crate::subkey::FieldClass;
    use model::SubjectId;
    use proptest::prelude::*;

    const CLASS: FieldClass = FieldClass { room: "vault", name: "value" };
    const PLACE: Place<'static> = Place { table: 3, column: 7, value: "val_1" };

    fn subkey(person: u8, lifetime: &str, version: u16) -> Subkey {
        Subkey::derive(
            &Key::from_bytes(&[9; 32]),
            SubjectId::from_bytes([person; 16]),
            lifetime,
            version,
            CLASS,
        )
    }

    fn sealed(value: &[u8]) -> Vec<u8> {
        subkey(1, "account", 1).seal(PLACE, &Personal::new(value)).unwrap().into_bytes()
    }

    #[test]
    fn sealing_the_same_value_twice_shows_no_likeness() {
        let (one, two) = (sealed(b"Ada"), sealed(b"Ada"));
        assert_ne!(one.get(15..), two.get(15..));
    }

    #[test]
    fn an_unknown_algorithm_and_another_key_version_are_told_apart_from_tampering() {
        let key = subkey(1, "account", 1);
        let mut bytes = sealed(b"Ada");
        bytes[0] = 2;
        assert_eq!(key.open(PLACE, &bytes).unwrap_err(), SealError::UnknownAlgorithm);
        let newer = subkey(1, "account", 2);
        assert_eq!(newer.open(PLACE, &sealed(b"Ada")).unwrap_err(), SealError::WrongKeyVersion);
        assert_eq!(key.open(PLACE, &[]).unwrap_err(), SealError::NotAuthentic);
        assert_eq!(key.open_text(PLACE, &sealed(b"\xff")).unwrap_err(), SealError::NotText);
    }

    #[test]
    fn no_error_and_no_debug_output_shows_a_value() {
        let key = subkey(1, "account", 1);
        let value = key.seal(PLACE, &Personal::new("canary")).unwrap();
        assert_eq!(format!("{value:?} {key:?}"), "‹sealed, 37 bytes› ‹subkey›");
        for error in [SealError::NotAuthentic, SealError::NotText, SealError::WrongKeyVersion] {
            assert!(!error.to_string().contains("canary"));
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_again(value in proptest::collection::vec(any::<u8>(), 0..300)) {
            let opened = subkey(1, "account", 1).open(PLACE, &sealed(&value)).unwrap();
            prop_assert_eq!(opened.expose(), &value);
        }

        #[test]
        fn a_sealed_value_moved_elsewhere_does_not_open(
            table in 1u16..6, column in 5u16..9, value in "val_[0-3]", person in 0u8..3,
            lifetime in "account|orders|", version in 0u16..3,
        ) {
            let here = table == 3 && column == 7 && value == "val_1"
                && person == 1 && lifetime == "account" && version == 1;
            let place = Place { table, column, value: &value };
            let opened = subkey(person, &lifetime, version).open(place, &sealed(b"Ada"));
            prop_assert_eq!(opened.is_ok(), here);
        }

        #[test]
        fn a_version_number_written_over_does_not_open_under_the_other_version(version in 2u16..900) {
            let mut bytes = sealed(b"Ada");
            bytes.splice(1..3, version.to_be_bytes());
            let error = subkey(1, "account", version).open(PLACE, &bytes).unwrap_err();
            prop_assert_eq!(error, SealError::NotAuthentic);
        }

        #[test]
        fn every_flipped_bit_is_noticed(value in proptest::collection::vec(any::<u8>(), 0..40)) {
            let bytes = sealed(&value);
            for bit in 0..bytes.len() * 8 {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                prop_assert!(subkey(1, "account", 1).open(PLACE, &flipped).is_err(), "bit {}", bit);
            }
        }

        #[test]
        fn arbitrary_bytes_neither_open_nor_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(subkey(1, "account", 1).open(PLACE, &bytes).is_err());
        }

        #[test]
        fn a_cut_value_does_not_open(keep in 0usize..18) {
            prop_assert!(subkey(1, "account", 1).open(PLACE, &sealed(b"Ada")[..keep]).is_err());
        }
    }
}
