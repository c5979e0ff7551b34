//! The 256-bit key.

use std::fmt;

use zeroize::Zeroizing;

use crate::bytes::length_prefixed;
use crate::primitives::{constant_time_eq, fill_random, hmac_sha256};

/// The length of a key in bytes.
pub const KEY_BYTES: usize = 32;

/// The length of a key commitment in bytes.
pub const COMMITMENT_BYTES: usize = 16;

/// A random 256-bit key. It lies on the heap, so that moving it leaves no copy behind,
/// is zeroed on drop, and neither prints nor clones.
pub struct Key(Box<Zeroizing<[u8; KEY_BYTES]>>);

impl Key {
    /// A new random key.
    #[must_use]
    pub fn random() -> Self {
        let mut key = Self::zeroed();
        fill_random(key.bytes_mut());
        key
    }

    /// The key with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        let mut key = Self::zeroed();
        key.0.copy_from_slice(bytes);
        key
    }

    /// The bytes, for the operation that needs them.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Sixteen bytes that bind to this key and tell nothing about it:
    /// `HMAC-SHA-256(key, length-prefixed("steward/key-commitment/v1"))`, cut.
    ///
    /// AES-GCM does not commit to its key: a ciphertext can be made that opens under two
    /// keys (Albertini et al., "How to Abuse and Fix Authenticated Encryption Without Key
    /// Commitment", 2022). The commitment beside every wrapped key closes that.
    #[must_use]
    pub fn commitment(&self) -> [u8; COMMITMENT_BYTES] {
        let mut commitment = [0u8; COMMITMENT_BYTES];
        let tag = hmac_sha256(self.expose(), &length_prefixed(&[b"steward/key-commitment/v1"]));
        commitment.iter_mut().zip(tag).for_each(|(to, from)| *to = from);
        commitment
    }

    /// The key with these bytes if it is the one the commitment was made for, compared in
    /// constant time.
    pub(crate) fn committed(bytes: &[u8; KEY_BYTES], commitment: &[u8; COMMITMENT_BYTES]) -> Option<Self> {
        let key = Self::from_bytes(bytes);
        constant_time_eq(&key.commitment(), commitment).then_some(key)
    }

    pub(crate) fn zeroed() -> Self {
        Self(Box::new(Zeroizing::new([0; KEY_BYTES])))
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; KEY_BYTES] {
        &mut self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹key›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_shows_in_debug_output() {
        let key = Key::from_bytes(&[0x41; KEY_BYTES]);
        assert_eq!(format!("{key:?} {:?}", Some(&key)), "‹key› Some(‹key›)");
    }

    #[test]
    fn two_random_keys_differ_and_only_the_right_one_fits_its_commitment() {
        let (one, two) = (Key::random(), Key::random());
        assert_ne!(one.expose(), two.expose());
        assert!(Key::committed(one.expose(), &one.commitment()).is_some());
        assert!(Key::committed(two.expose(), &one.commitment()).is_none());
    }
}
