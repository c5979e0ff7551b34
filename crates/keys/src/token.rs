//! Random tokens and the hash under which an API key is kept.

use model::Secret;
use zeroize::Zeroizing;

use crate::bytes::length_prefixed;
use crate::primitives::{fill_random, sha256};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new secret token: 256 random bits as 52 characters of Crockford's base 32, for API
/// keys, confirmation links and anything else that must not be guessed.
#[must_use]
pub fn random_token() -> Secret<String> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    fill_random(&mut *bytes);
    Secret::new(base32(bytes.iter()))
}

/// The hash under which an API key is stored and looked up:
/// `SHA-256(length-prefixed("steward/api-key/v1", secret))`.
///
/// A plain hash is enough because the secret has 256 random bits ([`random_token`]): there
/// is nothing to guess, so nothing has to be slow.
#[must_use]
pub fn api_key_hash(secret: &Secret<String>) -> [u8; 32] {
    let input = Zeroizing::new(length_prefixed(&[b"steward/api-key/v1", secret.expose().as_bytes()]));
    sha256(&input)
}

/// Crockford's base 32 in lower case, most significant bit first, the last character
/// filled up with zero bits.
pub(crate) fn base32<'a>(bytes: impl Iterator<Item = &'a u8>) -> String {
    let mut text = String::with_capacity(52);
    let (mut held, mut bits) = (0u32, 0u32);
    let mut push = |digit: u32| {
        let at = usize::try_from(digit & 31).unwrap_or_default();
        text.push(char::from(ALPHABET.get(at).copied().unwrap_or(b'0')));
    };
    for byte in bytes {
        held = ((held & 31) << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(held >> bits);
        }
    }
    if bits > 0 {
        push(held << (5 - bits));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_32_reads_the_bits_from_the_front() {
        assert_eq!(base32([0u8, 0, 0, 0, 0].iter()), "00000000");
        assert_eq!(base32([0xffu8, 0xff, 0xff, 0xff, 0xff].iter()), "zzzzzzzz");
        // The quintets of 0x00 0x44 0x32 0x14 0xc7 are 0 1 2 3 4 5 6 7.
        assert_eq!(base32([0x00u8, 0x44, 0x32, 0x14, 0xc7].iter()), "01234567");
        assert_eq!(base32([0b1000_0100u8].iter()), "gg");
    }

    #[test]
    fn two_tokens_differ_and_are_long_enough() {
        let (one, two) = (random_token(), random_token());
        assert_eq!(one.expose().len(), 52);
        assert_ne!(one.expose(), two.expose());
        assert_ne!(api_key_hash(&one), api_key_hash(&two));
        assert_eq!(api_key_hash(&one), api_key_hash(&Secret::new(one.expose().clone())));
    }
}
