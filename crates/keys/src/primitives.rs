//! The few primitives everything here is made of: AES-256-GCM, HMAC-SHA-256,
//! HKDF-SHA-256, SHA-256 and random bytes, all by `aws-lc-rs`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{constant_time, digest, hkdf, hmac, rand};
use zeroize::Zeroizing;

use crate::key::KEY_BYTES;

pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;

/// SHA-256 of `data` (FIPS 180-4): for hashes of texts and fingerprints of requests.
/// Not for identifiers, which anyone could guess and hash; see [`crate::KeyRing::blind_index`].
#[must_use]
pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut hash = [0u8; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    hash
}

/// HMAC-SHA-256 of `data` under `key` (RFC 2104).
#[must_use]
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut tag = [0u8; 32];
    tag.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data).as_ref());
    tag
}

/// Compares two byte strings in a time that depends on their lengths only.
#[must_use]
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// Random bytes from the library's generator, which the operating system seeds.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    fill_random(&mut bytes);
    bytes
}

/// The same into a place of the caller's, so that a secret leaves no copy on the stack.
///
/// # Panics
/// Never in practice: a machine without randomness can keep no secret, so the process
/// stops rather than go on with guessable keys.
#[expect(clippy::expect_used, reason = "without randomness nothing here is safe")]
pub(crate) fn fill_random(bytes: &mut [u8]) {
    rand::fill(bytes).expect("the generator gives random bytes");
}

/// HKDF-SHA-256 (RFC 5869); `None` when more than 255 hashes are asked for.
pub(crate) fn hkdf_sha256(salt: &[u8], key: &[u8], info: &[u8], out: &mut [u8]) -> Option<()> {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(key)
        .expand(&[info], Length(out.len()))
        .and_then(|material| material.fill(out))
        .ok()
}

/// Seals what stands in `buffer` from `start` on, in place, and appends the tag.
/// `None` only beyond the cipher's limit of 64 GiB.
pub(crate) fn gcm_seal(
    key: &[u8; KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
    associated: &[u8],
    buffer: &mut Vec<u8>,
    start: usize,
) -> Option<()> {
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag =
        cipher.seal_in_place_separate_tag(nonce, Aad::from(associated), buffer.get_mut(start..)?).ok()?;
    buffer.extend_from_slice(tag.as_ref());
    Some(())
}

/// Opens ciphertext and tag; `None` when they are not authentic under this key and data.
pub(crate) fn gcm_open(
    key: &[u8; KEY_BYTES],
    nonce: &[u8; NONCE_BYTES],
    associated: &[u8],
    ciphertext_and_tag: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let mut opened = Zeroizing::new(ciphertext_and_tag.to_vec());
    let length = cipher.open_in_place(nonce, Aad::from(associated), &mut opened).ok()?.len();
    opened.truncate(length);
    Some(opened)
}
