//! Random tokens and the hash under which an API key is kept.

use model::Secret;
use zeroize::Zeroizing;

use crate::bytes::length_prefixed;
use crate::primitives::{fill_random, hmac_sha256, sha256};

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

/// The hash under which a session is stored and looked up:
/// `SHA-256(length-prefixed("steward/session/v1", token))`; plain for the reason that
/// [`api_key_hash`] gives.
#[must_use]
pub fn session_hash(token: &Secret<String>) -> [u8; 32] {
    let input = Zeroizing::new(length_prefixed(&[b"steward/session/v1", token.expose().as_bytes()]));
    sha256(&input)
}

/// What a form of a session carries, so that only a page of ours can send it:
/// `HMAC-SHA-256(token, length-prefixed("steward/form/v1"))`, 52 characters.
#[must_use]
pub fn form_token(session: &Secret<String>) -> Secret<String> {
    let tag = hmac_sha256(session.expose().as_bytes(), &length_prefixed(&[b"steward/form/v1"]));
    Secret::new(base32(tag.iter()))
}

/// A code of `length` decimal digits, each drawn alike, for people to type.
#[must_use]
pub fn random_digits(length: usize) -> Secret<String> {
    let mut digits = String::with_capacity(length);
    let mut byte = Zeroizing::new([0u8; 1]);
    while digits.len() < length {
        fill_random(&mut *byte);
        // 250 is the greatest multiple of ten in a byte: what lies above would favour 0 to 5.
        let [drawn] = *byte;
        if drawn < 250 {
            digits.push(char::from(b'0' + drawn % 10));
        }
    }
    Secret::new(digits)
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
    fn a_code_has_its_length_and_every_digit_comes() {
        let drawn: String = (0..200).map(|_| random_digits(8).expose().clone()).collect();
        assert_eq!(drawn.len(), 1_600);
        for digit in '0'..='9' {
            let count = drawn.matches(digit).count();
            assert!((80..=240).contains(&count), "{digit}: {count}");
        }
    }

    #[test]
    fn a_form_token_says_nothing_of_the_session_and_is_its_own() {
        let (one, two) = (random_token(), random_token());
        assert_ne!(form_token(&one).expose(), one.expose());
        assert_ne!(form_token(&one).expose(), form_token(&two).expose());
        assert_ne!(session_hash(&one), api_key_hash(&one));
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
